//! What wraps any contract: stop-loss, a withhold, a quality gate, a risk corridor.

use twosided_form::Section;
use twosided_population::{Observation, ServiceScope};
use twosided_units::{Dollars, Pmpm, Share};

use crate::{AGREED, AggregateStopLoss, Corridor, Known, OBSERVED, SO_FAR, Settlement, SpecificStopLoss, Year, read};

/// The covers around an arrangement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Covers {
    /// Stop-loss per member.
    pub specific: Option<SpecificStopLoss>,
    /// Stop-loss on the year, on what the specific cover leaves.
    pub aggregate: Option<AggregateStopLoss>,
    /// Paid out only as far as quality allows.
    pub quality_gate: Option<QualityGate>,
    /// Shares the year's result with the payer.
    pub corridor: Option<RiskCorridor>,
    /// Part of payments held back until it is earned.
    pub withhold: Option<Withhold>,
}

/// What a quality score leaves of a positive reconciliation. Losses are not touched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QualityGate {
    /// The year's score.
    pub score: Share,
    /// Score from which there is a payment.
    pub minimum: Share,
    /// Whether the payment is then in proportion to the score.
    pub scaled: bool,
}

/// A risk corridor around the contract's result: the provider keeps its share of each band.
#[derive(Clone, Debug, PartialEq)]
pub struct RiskCorridor {
    /// What bands are shares of.
    pub expected: Pmpm,
    /// The provider's share of gains.
    pub gains: Corridor,
    /// The provider's share of losses.
    pub losses: Corridor,
}

/// A part of capitation, or of the provider's own fees where there is none, that is held back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Withhold {
    /// The part.
    pub share: Share,
    /// How much of it is earned back.
    pub earned: Share,
}

/// What covers pay and cost in a year.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CoverPayments {
    /// Paid by stop-loss.
    pub recoveries: Dollars,
    /// Paid for stop-loss.
    pub premiums: Dollars,
}

impl Covers {
    /// Reads the covers around one contract.
    pub fn read(section: Section<'_>, known: &Known) -> Option<Self> {
        let specific = section
            .or("specific", None, |section| Some(Some(SpecificStopLoss::read(section.section("specific")?, known)?)));
        let aggregate = section
            .or("aggregate", None, |section| Some(Some(AggregateStopLoss::read(section.section("aggregate")?)?)));
        let quality_gate = section
            .or("quality_gate", None, |section| Some(Some(QualityGate::read(section.section("quality_gate")?)?)));
        let corridor =
            section.or("corridor", None, |section| Some(Some(RiskCorridor::read(section.section("corridor")?)?)));
        let withhold =
            section.or("withhold", None, |section| Some(Some(Withhold::read(section.section("withhold")?)?)));
        section.finish();
        Some(Self {
            specific: specific?,
            aggregate: aggregate?,
            quality_gate: quality_gate?,
            corridor: corridor?,
            withhold: withhold?,
        })
    }

    /// What the covers must see: the specific layer, then the total that the aggregate cover and the corridor count.
    pub(crate) fn observes(&self, services: &ServiceScope) -> Vec<Observation> {
        let specific = self.specific.as_ref().map(|specific| specific.layer(services.clone()));
        specific.into_iter().chain(self.counts_total().then(|| Observation::total(services.clone()))).collect()
    }

    /// How many figures they must see.
    pub(crate) fn figures(&self) -> usize {
        usize::from(self.specific.is_some()) + usize::from(self.counts_total())
    }

    fn counts_total(&self) -> bool {
        self.aggregate.is_some() || self.corridor.is_some()
    }

    /// Settles a year in this order: specific stop-loss, aggregate stop-loss, quality gate, corridor, withhold.
    pub(crate) fn settle(&self, year: &Year<'_>, settlement: &mut Settlement) -> CoverPayments {
        settlement.rule("a commercial term");
        let total = if self.counts_total() { year.figure(year.figures.len() - 1) } else { Dollars::ZERO };
        let mut recoveries = Dollars::ZERO;
        if let Some(specific) = &self.specific {
            let layer = settlement.dollars("claims in the specific layer", OBSERVED, year.figure(0));
            settlement.share("specific coinsurance", AGREED, specific.coinsurance.value());
            settlement.dollars("aggregating specific deductible", AGREED, specific.aggregating_deductible);
            recoveries += settlement.dollars(
                "specific stop-loss recovery",
                "max(0, {claims in the specific layer} × {specific coinsurance} - {aggregating specific deductible})",
                specific.recovery(layer),
            );
        }
        if let Some(aggregate) = &self.aggregate {
            settlement.dollars("claims", OBSERVED, total);
            settlement.dollars("specific recoveries", SO_FAR, recoveries);
            let net_claims = settlement.dollars(
                "claims net of specific recoveries",
                "{claims} - {specific recoveries}",
                total - recoveries,
            );
            settlement.number("member months of cover", OBSERVED, year.exposure.0);
            settlement.pmpm("expected claims", AGREED, aggregate.expected);
            settlement.number("attachment ratio", AGREED, aggregate.attachment_ratio);
            settlement.dollars(
                "aggregate attachment point",
                "{expected claims} × {member months of cover} × {attachment ratio}",
                aggregate.attachment_point(year.exposure),
            );
            settlement.share("aggregate coinsurance", AGREED, aggregate.coinsurance.value());
            let recovery = aggregate.recovery(net_claims, year.exposure);
            let how = match aggregate.limit {
                Some(limit) => {
                    settlement.dollars("aggregate limit", AGREED, limit);
                    "min({aggregate limit}, max(0, {claims net of specific recoveries} - {aggregate attachment point}) × {aggregate coinsurance})"
                }
                None => {
                    "max(0, {claims net of specific recoveries} - {aggregate attachment point}) × {aggregate coinsurance}"
                }
            };
            recoveries += settlement.dollars("aggregate stop-loss recovery", how, recovery);
        }
        let premiums =
            [self.specific.as_ref().map(|cover| cover.premium), self.aggregate.as_ref().map(|cover| cover.premium)];
        let premium = Pmpm(premiums.into_iter().flatten().map(|premium| premium.0).sum());
        let premiums = premium * year.exposure;
        if self.specific.is_some() || self.aggregate.is_some() {
            settlement.pmpm("stop-loss premium", AGREED, premium);
            settlement.number("member months insured", OBSERVED, year.exposure.0);
            settlement.dollars("stop-loss premiums", "{stop-loss premium} × {member months insured}", premiums);
        }
        if let Some(gate) = &self.quality_gate {
            gate.settle(settlement);
        }
        if let Some(corridor) = &self.corridor {
            let claims = if settlement.capitation > Dollars::ZERO { total } else { Dollars::ZERO };
            corridor.settle(year, claims, recoveries - premiums, settlement);
        }
        if let Some(withhold) = &self.withhold {
            withhold.settle(year, settlement);
        }
        CoverPayments { recoveries, premiums }
    }
}

impl QualityGate {
    fn read(section: Section<'_>) -> Option<Self> {
        let score = read::share(&section, "score", "score = 0.82");
        let minimum = read::share_or(&section, "minimum", Share::ZERO);
        let scaled = section.or("scaled", false, |section| section.truth("scaled"));
        section.finish();
        Some(Self { score: score?, minimum: minimum?, scaled: scaled? })
    }

    fn settle(&self, settlement: &mut Settlement) {
        if settlement.reconciliation <= Dollars::ZERO {
            return;
        }
        let before = settlement.dollars("reconciliation before the quality gate", SO_FAR, settlement.reconciliation);
        let score = settlement.share("gate score", AGREED, self.score.value());
        let minimum = settlement.share("gate minimum", AGREED, self.minimum.value());
        settlement.reconciliation = if score < minimum {
            settlement.remark("the score is below the gate: nothing is paid");
            Dollars::ZERO
        } else if self.scaled {
            let how = "{reconciliation before the quality gate} × {gate score}";
            settlement.dollars("reconciliation after the quality gate", how, before * self.score)
        } else {
            before
        };
    }
}

impl RiskCorridor {
    fn read(section: Section<'_>) -> Option<Self> {
        let expected = read::pmpm(&section, "expected_pmpm", "expected_pmpm = 850");
        let side = |key: &'static str| {
            section
                .require(key, "give the provider's share by band, as [{ up_to = 0.02, share = 1.0 }, { share = 0.5 }]");
            Corridor::read_bands(&section, key)
        };
        let (gains, losses) = (side("gains"), side("losses"));
        section.finish();
        Some(Self { expected: expected?, gains: gains?, losses: losses? })
    }

    fn settle(&self, year: &Year<'_>, claims: Dollars, stop_loss: Dollars, settlement: &mut Settlement) {
        settlement.pmpm("corridor expected claims", AGREED, self.expected);
        settlement.number("member months in the corridor", OBSERVED, year.exposure.0);
        let how = "{corridor expected claims} × {member months in the corridor}";
        let expected = settlement.dollars("corridor base", how, self.expected * year.exposure);
        settlement.dollars("contract payments", SO_FAR, settlement.total());
        settlement.dollars("claims at risk", OBSERVED, claims);
        settlement.dollars("stop-loss net of premium", SO_FAR, stop_loss);
        let result = settlement.dollars(
            "result before the corridor",
            "{contract payments} - {claims at risk} + {stop-loss net of premium}",
            settlement.total() - claims + stop_loss,
        );
        let rate = settlement.share(
            "result as a share of the base",
            "{result before the corridor} / {corridor base}",
            result / expected,
        );
        let side = if rate > 0.0 { &self.gains } else { &self.losses };
        let how = if settlement.tells() { side.how("result as a share of the base") } else { String::new() };
        let kept = settlement.share("share of the base kept", how, side.kept(rate));
        let payment = settlement.dollars(
            "corridor payment",
            "{share of the base kept} × {corridor base} - {result before the corridor}",
            expected * kept - result,
        );
        settlement.reconciliation += payment;
    }
}

impl Withhold {
    fn read(section: Section<'_>) -> Option<Self> {
        let share = read::share(&section, "share", "share = 0.02");
        let earned = read::share(&section, "earned", "earned = 0.8");
        section.finish();
        Some(Self { share: share?, earned: earned? })
    }

    fn settle(&self, year: &Year<'_>, settlement: &mut Settlement) {
        let capitated = settlement.capitation != Dollars::ZERO;
        let base = if capitated { settlement.capitation } else { year.own_fees + settlement.fee_adjustment };
        settlement.dollars("payments subject to the withhold", SO_FAR, base);
        settlement.share("withhold", AGREED, self.share.value());
        settlement.share("earned back", AGREED, self.earned.value());
        let forfeited = settlement.dollars(
            "withhold forfeited",
            "{payments subject to the withhold} × {withhold} × (1 - {earned back})",
            base * self.share * self.earned.complement(),
        );
        if capitated {
            settlement.capitation += -forfeited;
        } else {
            settlement.fee_adjustment += -forfeited;
        }
    }
}
