//! What wraps any contract: stop-loss, a withhold, a quality gate, a risk corridor.

#[cfg(test)]
mod tests;

use twosided_form::{
    Key,
    Literal::{Number, Truth},
    Nested, Section, keys,
};
use twosided_population::{Observation, ServiceScope};
use twosided_units::{Dollars, Pmpm, Share};

use crate::{
    AGREED, AggregateStopLoss, Corridor, Known, OBSERVED, SO_FAR, Settlement, SpecificStopLoss, Year, read, rounding,
    stop_loss::{AggregateKeys, SpecificKeys},
};

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

/// What a quality score leaves of a positive reconciliation. Losses are not touched, nor what only settles advances.
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
    /// The part of it that the specific cover pays; the aggregate one pays the rest.
    pub of_specific: Dollars,
    /// Paid for stop-loss.
    pub premiums: Dollars,
}

impl CoverPayments {
    /// The same in other dollars.
    #[must_use]
    pub(crate) fn scaled(self, by: f64) -> Self {
        let Self { recoveries, of_specific, premiums } = self;
        Self { recoveries: recoveries * by, of_specific: of_specific * by, premiums: premiums * by }
    }
}

keys! {
    /// What wraps the terms.
    pub(crate) struct CoverKeys "covers" {
        SPECIFIC: Nested = Key::table("specific", SpecificKeys::TABLE)
            .absent("none", "{ attachment_point = 250_000, premium_pmpm = 9 }").meaning("stop-loss per member");
        AGGREGATE: Nested = Key::table("aggregate", AggregateKeys::TABLE)
            .absent("none", "{ attachment_ratio = 1.1, expected_pmpm = 850 }").meaning("stop-loss on the year");
        QUALITY_GATE: Nested = Key::table("quality_gate", QualityGateKeys::TABLE)
            .absent("none", "{ score = 0.82, minimum = 0.4 }").meaning("what quality leaves of a positive reconciliation");
        CORRIDOR: Nested = Key::table("corridor", RiskCorridorKeys::TABLE)
            .absent("none", "{ expected_pmpm = 850, gains = [{ share = 0.5 }], losses = [{ share = 0.5 }] }")
            .meaning("a risk corridor around the result");
        WITHHOLD: Nested = Key::table("withhold", WithholdKeys::TABLE)
            .absent("none", "{ share = 0.02, earned = 0.8 }").meaning("the part of payments that is held back until earned");
    }
}

keys! {
    /// What quality leaves.
    pub(crate) struct QualityGateKeys "covers.quality_gate" {
        SCORE: Share = Key::share("score").absent(read::UNLESS_SCORED, "0.82").meaning("the year's score");
        MINIMUM: Share = Key::share("minimum").default(Number(0.0)).meaning("the score from which there is a payment");
        SCALED: bool =
            Key::truth("scaled").default(Truth(false)).meaning("whether the payment is then in proportion to the score");
    }
}

keys! {
    /// A risk corridor.
    pub(crate) struct RiskCorridorKeys "covers.corridor" {
        EXPECTED_PMPM: Pmpm = read::rate("expected_pmpm").required("850")
            .meaning("the expected claims: times member months, what bands are shares of");
        GAINS: Corridor = Corridor::key("gains").required("[{ up_to = 0.02, share = 1.0 }, { share = 0.5 }]")
            .meaning("the provider's share of gains, band by band");
        LOSSES: Corridor = Corridor::key("losses").required("[{ up_to = 0.02, share = 1.0 }, { share = 0.5 }]")
            .meaning("the provider's share of losses, band by band").more("Past the last end the payer bears all");
    }
}

keys! {
    /// A withhold.
    pub(crate) struct WithholdKeys "covers.withhold" {
        SHARE: Share = Key::share("share").required("0.02").meaning("the part that is held back");
        EARNED: Share = Key::share("earned").absent(read::UNLESS_SCORED, "0.8").meaning("how much of it is earned back");
    }
}

impl Covers {
    /// Reads the covers around a contract.
    pub fn read(section: Section<'_>, known: &Known) -> Option<Self> {
        type Keys = CoverKeys;
        let specific = section.optional_table(&Keys::SPECIFIC, |section| SpecificStopLoss::read(section, known));
        let aggregate = section.optional_table(&Keys::AGGREGATE, AggregateStopLoss::read);
        let quality_gate = section.optional_table(&Keys::QUALITY_GATE, |section| QualityGate::read(section, known));
        let corridor = section.optional_table(&Keys::CORRIDOR, RiskCorridor::read);
        let withhold = section.optional_table(&Keys::WITHHOLD, |section| Withhold::read(section, known));
        section.finish();
        Some(Self {
            specific: specific?,
            aggregate: aggregate?,
            quality_gate: quality_gate?,
            corridor: corridor?,
            withhold: withhold?,
        })
    }

    /// The same with a composite in place of the scores that they are given; none where they take none.
    pub(crate) fn scored(&self, composite: Share) -> Option<Self> {
        (self.quality_gate.is_some() || self.withhold.is_some()).then(|| Self {
            quality_gate: self.quality_gate.map(|gate| QualityGate { score: composite, ..gate }),
            withhold: self.withhold.map(|withhold| Withhold { earned: composite, ..withhold }),
            ..self.clone()
        })
    }

    /// What the covers must see: the specific layer, and the total that the aggregate cover counts.
    pub(crate) fn observes(&self, services: &ServiceScope) -> Vec<Observation> {
        let specific = self.specific.as_ref().map(|specific| specific.layer(services.clone()));
        let aggregate = self.aggregate.is_some().then(|| Observation::total(services.clone()));
        specific.into_iter().chain(aggregate).collect()
    }

    /// How many figures they must see.
    pub(crate) fn figures(&self) -> usize {
        usize::from(self.specific.is_some()) + usize::from(self.aggregate.is_some())
    }

    /// Whether there is stop-loss, per member or on the year.
    pub fn has_stop_loss(&self) -> bool {
        self.specific.is_some() || self.aggregate.is_some()
    }

    /// Settles a year in this order: specific stop-loss, aggregate stop-loss, quality gate, corridor, withhold.
    pub(crate) fn settle(&self, year: &Year<'_>, settlement: &mut Settlement) -> CoverPayments {
        settlement.rule("a commercial term");
        settlement.earned_before_covers = settlement.earned();
        let mut figures = year.figures.iter().copied().map(Dollars);
        let mut figure = || figures.next().expect("covers see one figure each");
        let mut recoveries = Dollars::ZERO;
        if let Some(specific) = &self.specific {
            let layer = settlement.dollars("claims in the specific layer", OBSERVED, figure());
            settlement.share("specific coinsurance", AGREED, specific.coinsurance.value());
            settlement.dollars("aggregating specific deductible", AGREED, specific.aggregating_deductible);
            recoveries += settlement.dollars(
                "specific stop-loss recovery",
                "max(0, {claims in the specific layer} × {specific coinsurance} - {aggregating specific deductible})",
                specific.recovery(layer),
            );
        }
        let of_specific = recoveries;
        if let Some(aggregate) = &self.aggregate {
            let total = settlement.dollars("claims", OBSERVED, figure());
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
            corridor.settle(year, recoveries - premiums, settlement);
        }
        if let Some(withhold) = &self.withhold {
            withhold.settle(year, settlement);
        }
        CoverPayments { recoveries, of_specific, premiums }
    }
}

impl QualityGate {
    fn read(section: Section<'_>, known: &Known) -> Option<Self> {
        type Keys = QualityGateKeys;
        let score = read::unless_scored(&section, &Keys::SCORE, known, Share::ZERO);
        let minimum = section.read(&Keys::MINIMUM);
        let scaled = section.read(&Keys::SCALED);
        section.finish();
        Some(Self { score: score?, minimum: minimum?, scaled: scaled? })
    }

    fn settle(&self, settlement: &mut Settlement) {
        let earned = settlement.earned();
        if earned <= Dollars::ZERO {
            return;
        }
        let before = settlement.dollars("earned before the quality gate", SO_FAR, earned);
        let score = settlement.share("gate score", AGREED, self.score.value());
        let minimum = settlement.share("gate minimum", AGREED, self.minimum.value());
        let after = if !rounding::reaches(score, minimum, minimum) {
            settlement.remark("the score is below the gate: nothing is paid");
            Dollars::ZERO
        } else if self.scaled {
            let how = "{earned before the quality gate} × {gate score}";
            settlement.dollars("earned after the quality gate", how, before * self.score)
        } else {
            before
        };
        settlement.reconciliation = after + settlement.advances_settled;
    }
}

impl RiskCorridor {
    fn read(section: Section<'_>) -> Option<Self> {
        type Keys = RiskCorridorKeys;
        let expected = section.read(&Keys::EXPECTED_PMPM);
        let (gains, losses) = (section.read(&Keys::GAINS), section.read(&Keys::LOSSES));
        section.finish();
        Some(Self { expected: expected?, gains: gains?, losses: losses? })
    }

    fn settle(&self, year: &Year<'_>, stop_loss: Dollars, settlement: &mut Settlement) {
        settlement.pmpm("corridor expected claims", AGREED, self.expected);
        settlement.number("member months in the corridor", OBSERVED, year.exposure.0);
        let how = "{corridor expected claims} × {member months in the corridor}";
        let expected = settlement.dollars("corridor base", how, self.expected * year.exposure);
        let payments = settlement.total() - settlement.advances;
        settlement.dollars("contract payments", SO_FAR, payments);
        settlement.dollars("given up for them", SO_FAR, settlement.given_up);
        settlement.dollars("stop-loss net of premium", SO_FAR, stop_loss);
        let result = settlement.dollars(
            "result before the corridor",
            "{contract payments} - {given up for them} + {stop-loss net of premium}",
            payments - settlement.given_up + stop_loss,
        );
        if expected <= Dollars::ZERO {
            settlement.remark("nobody was enrolled: the corridor has no base");
            return;
        }
        let rate = settlement.share(
            "result as a share of the base",
            "{result before the corridor} / {corridor base}",
            result / expected,
        );
        let side = if rate > 0.0 { &self.gains } else { &self.losses };
        let kept = side.settle(settlement, "share of the base kept", ("result as a share of the base", rate));
        let payment = settlement.dollars(
            "corridor payment",
            "{share of the base kept} × {corridor base} - {result before the corridor}",
            expected * kept - result,
        );
        settlement.reconciliation += payment;
        settlement.stop_loss_shared = stop_loss;
    }
}

impl Withhold {
    fn read(section: Section<'_>, known: &Known) -> Option<Self> {
        let share = section.read(&WithholdKeys::SHARE);
        let earned = read::unless_scored(&section, &WithholdKeys::EARNED, known, Share::ZERO);
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
        settlement.withheld += base * self.share * self.earned;
        if capitated {
            settlement.capitation += -forfeited;
        } else {
            settlement.fee_adjustment += -forfeited;
        }
    }
}
