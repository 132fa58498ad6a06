//! Stop-loss: what another carrier pays when claims run high, for a premium.

use twosided_form::{ByName, Holds, Key, Literal::Number, Range, Section, Unit, keys};
use twosided_population::{Attachment, Limit, Observation, ServiceScope};
use twosided_units::{Dollars, MemberMonths, Pmpm, Share};

use crate::{Known, read};

/// Specific stop-loss: pays a share of each member's annual claims above an attachment point.
#[derive(Clone, Debug, PartialEq)]
pub struct SpecificStopLoss {
    /// Annual claims of a member at which the cover starts, and segments with a higher one (lasers).
    pub attachment: Attachment,
    /// The share it pays, above zero.
    pub coinsurance: Share,
    /// The most it pays for one member.
    pub limit: Option<Dollars>,
    /// What the provider keeps of the year's recoveries before the cover pays (aggregating specific deductible).
    pub aggregating_deductible: Dollars,
    /// What it costs.
    pub premium: Pmpm,
}

/// Aggregate stop-loss: pays a share of the year's claims above a ratio of those expected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AggregateStopLoss {
    /// Claims expected, net of specific recoveries.
    pub expected: Pmpm,
    /// Ratio to expected claims at which the cover starts, as 1.1.
    pub attachment_ratio: f64,
    /// The share it pays.
    pub coinsurance: Share,
    /// The most it pays in a year.
    pub limit: Option<Dollars>,
    /// What it costs.
    pub premium: Pmpm,
}

impl SpecificStopLoss {
    /// The layer of each member's claims that the cover shares.
    pub fn layer(&self, services: ServiceScope) -> Observation {
        let limit = self.limit.map_or(Limit::Unlimited, |limit| Limit::Width(limit * (1.0 / self.coinsurance.value())));
        Observation::Layer { services, attachment: self.attachment.clone(), limit }
    }

    /// What the cover pays, given the layer's claims.
    ///
    /// ```text
    /// gross = sum over members of min(limit, coinsurance × max(0, claims - attachment point))
    /// net   = max(0, gross - aggregating deductible)
    /// ```
    pub fn recovery(&self, claims_in_layer: Dollars) -> Dollars {
        (claims_in_layer * self.coinsurance - self.aggregating_deductible).max(Dollars::ZERO)
    }
}

impl AggregateStopLoss {
    /// Claims of a year at which the cover starts.
    pub fn attachment_point(&self, exposure: MemberMonths) -> Dollars {
        self.expected * exposure * self.attachment_ratio
    }

    /// What the cover pays, given claims net of specific recoveries.
    ///
    /// ```text
    /// recovery = min(limit, coinsurance × max(0, net claims - ratio × expected))
    /// ```
    pub fn recovery(&self, net_claims: Dollars, exposure: MemberMonths) -> Dollars {
        let recovery = (net_claims - self.attachment_point(exposure)).max(Dollars::ZERO) * self.coinsurance;
        self.limit.map_or(recovery, |limit| recovery.min(limit))
    }
}

const COINSURANCE: Key<Share> = Key::new("coinsurance", Holds::Share(Range::above(0.0, 1.0)))
    .default(Number(1.0))
    .meaning("the share that the **cover** pays");
const PREMIUM: Key<Pmpm> = Key::quantity("premium_pmpm", Unit::PMPM, Range::of(0.0, 100_000.0))
    .default(Number(0.0))
    .meaning("what the cover costs");
const PER_MEMBER: Unit = Unit { symbol: "$ a member and year", words: "dollars a member and year" };

keys! {
    /// Stop-loss per member.
    pub(crate) struct SpecificKeys "covers.specific" {
        ATTACHMENT_POINT: Dollars = Key::quantity("attachment_point", PER_MEMBER, Range::of(1.0, 1e12))
            .required("250_000").meaning("the dollars a member at which the cover starts");
        LASERS: ByName<Dollars> = Key::by_name("lasers", "segment", &Holds::Number(Range::of(1.0, 1e12)))
            .unit(PER_MEMBER).absent("none", "{ dialysis = 500_000 }")
            .meaning("the attachment points of segments that have their own");
        COINSURANCE: Share = COINSURANCE;
        LIMIT: Dollars = Key::quantity("limit", PER_MEMBER, Range::of(1.0, 1e12)).absent("none", "2_000_000")
            .meaning("the most that it pays for one member");
        AGGREGATING_DEDUCTIBLE: Dollars =
            Key::quantity("aggregating_deductible", Unit::DOLLARS_A_YEAR, Range::of(0.0, 1e12)).default(Number(0.0))
                .meaning("the recoveries that the provider forgoes first");
        PREMIUM_PMPM: Pmpm = PREMIUM;
    }
}

keys! {
    /// Stop-loss on the year.
    pub(crate) struct AggregateKeys "covers.aggregate" {
        ATTACHMENT_RATIO: f64 = Key::number("attachment_ratio", Range::of(0.1, 10.0)).required("1.1")
            .meaning("the ratio to expected claims at which the cover starts: 110% is written 1.1");
        EXPECTED_PMPM: Pmpm = read::rate("expected_pmpm").required("850")
            .meaning("the claims expected, net of specific recoveries");
        COINSURANCE: Share = COINSURANCE;
        LIMIT: Dollars = Key::quantity("limit", Unit::DOLLARS_A_YEAR, Range::of(1.0, 1e12)).absent("none", "5_000_000")
            .meaning("the most that it pays");
        PREMIUM_PMPM: Pmpm = PREMIUM;
    }
}

impl SpecificStopLoss {
    /// Reads the cover.
    pub(crate) fn read(section: Section<'_>, known: &Known) -> Option<Self> {
        type Keys = SpecificKeys;
        let point = section.read(&Keys::ATTACHMENT_POINT);
        let lasers = section.optional_by_name(&Keys::LASERS, &known.segments);
        let coinsurance = section.read(&Keys::COINSURANCE);
        let limit = section.optional(&Keys::LIMIT);
        let aggregating_deductible = section.read(&Keys::AGGREGATING_DEDUCTIBLE);
        let premium = section.read(&Keys::PREMIUM_PMPM);
        section.finish();
        Some(Self {
            attachment: Attachment { point: point?, lasers: lasers? },
            coinsurance: coinsurance?,
            limit: limit?,
            aggregating_deductible: aggregating_deductible?,
            premium: premium?,
        })
    }
}

impl AggregateStopLoss {
    /// Reads the cover.
    pub(crate) fn read(section: Section<'_>) -> Option<Self> {
        type Keys = AggregateKeys;
        let attachment_ratio = section.read(&Keys::ATTACHMENT_RATIO);
        let expected = section.read(&Keys::EXPECTED_PMPM);
        let coinsurance = section.read(&Keys::COINSURANCE);
        let limit = section.optional(&Keys::LIMIT);
        let premium = section.read(&Keys::PREMIUM_PMPM);
        section.finish();
        Some(Self {
            expected: expected?,
            attachment_ratio: attachment_ratio?,
            coinsurance: coinsurance?,
            limit: limit?,
            premium: premium?,
        })
    }
}
