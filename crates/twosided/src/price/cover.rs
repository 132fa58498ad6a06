//! A contract with a cover at one attachment point or another.

use twosided_contracts::{AggregateStopLoss, Arrangement, Band, Corridor, Covers, RiskCorridor, SpecificStopLoss};
use twosided_population::{Attachment, ServiceScope};
use twosided_provider::Line;
use twosided_report::PricedCover;
use twosided_sim::{KeptYear, Tails};
use twosided_units::{Dollars, Pmpm, Share, grouped};

use super::PriceError;

/// A contract whose cover is priced. Of the cover it has, all but the attachment point and the premium is kept.
pub(super) struct Priced {
    kind: PricedCover,
    contract: Arrangement,
}

impl Priced {
    pub(super) fn new(kind: PricedCover, contract: &Arrangement) -> Result<Self, PriceError> {
        if kind == PricedCover::AggregatingDeductible && contract.first().covers.specific.is_none() {
            return Err(PriceError::NoSpecific(contract.name.clone()));
        }
        Ok(Self { kind, contract: contract.clone() })
    }

    fn covers(&self) -> &Covers {
        &self.contract.first().covers
    }

    /// The services that terms and covers see.
    pub(super) fn services(&self) -> ServiceScope {
        self.contract.first().services()
    }

    /// Whether what the cover pays depends on what the terms come to.
    pub(super) fn depends_on_terms(&self) -> bool {
        self.kind == PricedCover::Corridor
    }

    /// The claims expected, as the contract states them for this cover; none where it does not.
    pub(super) fn expected(&self) -> Option<Pmpm> {
        match self.kind {
            PricedCover::Aggregate => self.covers().aggregate.map(|cover| cover.expected),
            PricedCover::Corridor => self.covers().corridor.as_ref().map(|cover| cover.expected),
            PricedCover::Specific | PricedCover::AggregatingDeductible => None,
        }
    }

    /// The part of a year's claims that another cover pays before this one: of the contract without this cover.
    pub(super) fn recovered_first(&self, uncovered: &KeptYear) -> f64 {
        if self.kind == PricedCover::Aggregate { uncovered.stop_loss.of_specific.0 } else { 0.0 }
    }

    /// The contract without the cover.
    pub(super) fn uncovered(&self) -> Arrangement {
        let mut contract = self.contract.clone();
        let covers = &mut contract.first_mut().covers;
        match self.kind {
            PricedCover::Specific | PricedCover::AggregatingDeductible => covers.specific = None,
            PricedCover::Aggregate => covers.aggregate = None,
            PricedCover::Corridor => covers.corridor = None,
        }
        contract
    }

    /// The contract without the cover, then with it at each point, without a premium.
    pub(super) fn beside_uncovered(&self, points: &[f64], expected: Pmpm) -> Result<Vec<Arrangement>, PriceError> {
        let covered = points.iter().map(|&point| self.at(point, expected));
        [Ok(self.uncovered())].into_iter().chain(covered).collect()
    }

    /// The contract with the cover at a point, without a premium.
    fn at(&self, point: f64, expected: Pmpm) -> Result<Arrangement, PriceError> {
        let mut contract = self.contract.clone();
        let covers = &mut contract.first_mut().covers;
        let premium = Pmpm(0.0);
        match self.kind {
            PricedCover::Specific => {
                let own = covers.specific.take();
                let lasers = own.as_ref().map(|own| own.attachment.lasers.clone()).unwrap_or_default();
                let attachment = Attachment { point: Dollars(point), lasers };
                covers.specific = Some(match own {
                    Some(own) => SpecificStopLoss { attachment, premium, ..own },
                    None => SpecificStopLoss {
                        attachment,
                        coinsurance: Share::ONE,
                        limit: None,
                        aggregating_deductible: Dollars::ZERO,
                        premium,
                    },
                });
            }
            PricedCover::AggregatingDeductible => {
                let own = covers.specific.take();
                covers.specific =
                    own.map(|own| SpecificStopLoss { aggregating_deductible: Dollars(point), premium, ..own });
            }
            PricedCover::Aggregate => {
                let of_contract = covers.aggregate;
                let plain = AggregateStopLoss {
                    expected,
                    attachment_ratio: point,
                    coinsurance: Share::ONE,
                    limit: None,
                    premium,
                };
                covers.aggregate = Some(AggregateStopLoss {
                    attachment_ratio: point,
                    premium,
                    expected,
                    ..of_contract.unwrap_or(plain)
                });
            }
            PricedCover::Corridor => {
                let own = covers.corridor.take();
                let whole = || Corridor::new(vec![Band { up_to: Some(point), share: Share::ONE }]);
                let losses = own.as_ref().map_or_else(whole, |own| own.losses.with_first_end(point));
                let losses = losses.map_err(|error| PriceError::Corridor {
                    contract: self.contract.name.clone(),
                    point,
                    error,
                })?;
                let gains = own.map_or_else(|| Corridor::flat(Share::ONE), |own| own.gains);
                covers.corridor = Some(RiskCorridor { expected, gains, losses });
            }
        }
        Ok(contract)
    }

    /// The same contract with a premium. That of a corridor is paid beside it, since a corridor has none.
    pub(super) fn with_premium(&self, contract: &Arrangement, premium: Pmpm) -> Arrangement {
        let mut contract = contract.clone();
        let phase = contract.first_mut();
        match self.kind {
            PricedCover::Specific | PricedCover::AggregatingDeductible => {
                if let Some(cover) = &mut phase.covers.specific {
                    cover.premium = premium;
                }
            }
            PricedCover::Aggregate => {
                if let Some(cover) = &mut phase.covers.aggregate {
                    cover.premium = premium;
                }
            }
            PricedCover::Corridor => phase.administration = Pmpm(phase.administration.0 + premium.0),
        }
        contract
    }

    /// What the cover pays in a year.
    pub(super) fn ceded(&self, covered: &KeptYear, uncovered: &KeptYear) -> f64 {
        match self.kind {
            PricedCover::Specific | PricedCover::AggregatingDeductible => covered.stop_loss.of_specific.0,
            PricedCover::Aggregate => (covered.stop_loss.recoveries - covered.stop_loss.of_specific).0,
            PricedCover::Corridor => {
                let payment = (covered.reconciliation - uncovered.reconciliation).0;
                // Less than a cent is the rounding of the result that a corridor is computed on.
                if payment.abs() < 0.01 { 0.0 } else { payment }
            }
        }
    }

    /// The tail index of what the cover pays.
    pub(super) fn tail(&self, tails: &Tails) -> f64 {
        match self.kind {
            PricedCover::Specific | PricedCover::AggregatingDeductible => tails.of_specific,
            PricedCover::Aggregate => tails.of_aggregate,
            PricedCover::Corridor => tails.lines[Line::Reconciliation as usize],
        }
    }

    /// Where people's costs are covered from, at a point; none where the cover does not look at people.
    pub(super) fn attachment(&self, point: f64) -> Option<Attachment> {
        let own = self.covers().specific.as_ref();
        match self.kind {
            PricedCover::Specific => {
                let lasers = own.map(|own| own.attachment.lasers.clone()).unwrap_or_default();
                Some(Attachment { point: Dollars(point), lasers })
            }
            PricedCover::AggregatingDeductible => own.map(|own| own.attachment.clone()),
            PricedCover::Aggregate | PricedCover::Corridor => None,
        }
    }

    /// The kind of cover.
    pub(super) fn kind(&self) -> PricedCover {
        self.kind
    }

    /// What the covers are besides their points, in sentences.
    pub(super) fn assumptions(&self, expected: Pmpm) -> Vec<String> {
        let dollars = |amount: Dollars| format!("${}", grouped(&format!("{:.0}", amount.0)));
        let Covers { specific, aggregate, corridor, .. } = self.covers();
        let of_limit = |limit: Option<Dollars>| {
            limit.map_or("no limit".to_owned(), |limit| format!("a limit of {}", dollars(limit)))
        };
        let stated = |own: bool| if own { "as the contract states" } else { "since the contract states none" };
        let mut said = Vec::new();
        match self.kind {
            PricedCover::Specific | PricedCover::AggregatingDeductible => {
                let (coinsurance, limit, lasers) = specific
                    .as_ref()
                    .map_or((Share::ONE, None, 0), |own| (own.coinsurance, own.limit, own.attachment.lasers.len()));
                let lasers = if lasers == 0 { "no lasers" } else { "its lasers" };
                let besides = match (self.kind, specific) {
                    (PricedCover::AggregatingDeductible, Some(own)) => {
                        format!(", an attachment point of {}", dollars(own.attachment.point))
                    }
                    (_, Some(own)) if own.aggregating_deductible > Dollars::ZERO => {
                        format!(", an aggregating deductible of {}", dollars(own.aggregating_deductible))
                    }
                    _ => String::new(),
                };
                said.push(format!(
                    "Cover: it pays {:.0}%, with {}, {lasers}{besides}, {}.",
                    100.0 * coinsurance.value(),
                    of_limit(limit),
                    stated(specific.is_some())
                ));
            }
            PricedCover::Aggregate => {
                let (coinsurance, limit) = aggregate.map_or((Share::ONE, None), |own| (own.coinsurance, own.limit));
                said.push(format!(
                    "Cover: it pays {:.0}%, with {}, {}.",
                    100.0 * coinsurance.value(),
                    of_limit(limit),
                    stated(aggregate.is_some())
                ));
            }
            PricedCover::Corridor => said.push(if corridor.is_some() {
                "Cover: the contract's corridor, whose first band of losses ends at the point.".to_owned()
            } else {
                "Cover: the payer bears all losses beyond the point, and the provider keeps all gains.".to_owned()
            }),
        }
        if matches!(self.kind, PricedCover::Aggregate | PricedCover::Corridor) {
            let whose = match (self.expected(), self.kind) {
                (Some(_), _) => "as the contract states",
                (None, PricedCover::Aggregate) => {
                    "the simulated mean net of specific recoveries, since the contract states none"
                }
                (None, _) => "the simulated mean, since the contract states none",
            };
            said.push(format!("Expected claims: ${:.2} PMPM, {whose}.", expected.0));
        }
        said
    }
}
