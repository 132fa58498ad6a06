//! Care management: a fee per member on top of fee-for-service, to pay for what no fee pays for.

use twosided_form::{At, Key, Literal::Number, Nested, Range, Section, Table, keys};
use twosided_population::ServiceScope;
use twosided_units::{Dollars, Pmpm, Share};

use crate::{AGREED, Composite, Kind, Known, Lan, Listing, OBSERVED, Scored, Settle, Settlement, Year, read, rounding};

keys! {
    /// The terms of care management.
    pub(crate) struct CareManagementKeys "terms.care_management" {
        PMPM: Pmpm = read::rate("pmpm").required("5").meaning("the fee for a member of average risk");
        RISK_MULTIPLIER: f64 = Key::number("risk_multiplier", Range::of(0.0, 100.0)).default(Number(1.0))
            .meaning("what the fee is multiplied by for the members' risk");
        CLAWBACK: Nested = Key::table("clawback", ClawbackKeys::TABLE)
            .absent("none: the fee is kept", "{ metric = 0.72, threshold = 0.65, keep_if_missed = 0.85 }")
            .meaning("when part of the fee is returned");
        FEE_REDUCTION: Share = Key::share("fee_reduction").default(Number(0.0))
            .meaning("the part of own fees that is given up for the fee");
        SERVICES: Vec<At<String>> = read::SERVICES.absent("all services; required with `fee_reduction`", "[\"primary care\"]")
            .meaning("the services of which fees are reduced");
    }
}

keys! {
    /// When part of a fee is returned.
    pub(crate) struct ClawbackKeys "terms.care_management.clawback" {
        METRIC: f64 = Key::number("metric", Range::of(-1e9, 1e9)).absent(read::UNLESS_SCORED, "0.72")
            .meaning("what the metric came to").more("More is better");
        THRESHOLD: f64 = Key::number("threshold", Range::of(-1e9, 1e9)).required("0.65")
            .meaning("what the metric must reach").more("At it the fee is kept");
        KEEP_IF_MISSED: Share = Key::share("keep_if_missed").required("0.85")
            .meaning("the part of the fee that is kept all the same");
    }
}

/// A fee per member per month, part of which is returned where a metric misses its threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct CareManagement {
    /// The fee for a member of average risk.
    pub pmpm: Pmpm,
    /// What the fee is multiplied by for the risk of the members.
    pub risk_multiplier: f64,
    /// When part of the fee is returned.
    pub clawback: Option<Clawback>,
    /// Part of the provider's own fees that is given up for the fee per member.
    pub fee_reduction: Share,
    /// The services whose fees are reduced.
    pub services: ServiceScope,
}

/// When part of a fee is returned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clawback {
    /// What the metric came to; more is better.
    pub metric: f64,
    /// What it must reach.
    pub threshold: f64,
    /// Part of the fee that the provider keeps all the same.
    pub keep_if_missed: Share,
}

impl Clawback {
    fn read(section: Section<'_>, known: &Known) -> Option<Self> {
        type Keys = ClawbackKeys;
        let metric = read::unless_scored(&section, &Keys::METRIC, known, 0.0);
        let threshold = section.read(&Keys::THRESHOLD);
        let keep_if_missed = section.read(&Keys::KEEP_IF_MISSED);
        section.finish();
        Some(Self { metric: metric?, threshold: threshold?, keep_if_missed: keep_if_missed? })
    }
}

impl Kind for CareManagement {
    const KEY: &'static str = "care_management";
    const KEYS: &'static Table = CareManagementKeys::TABLE;
    const SUMMARY: &'static str = "fee-for-service, with a care-management fee per member";
    const LISTING: Listing = Listing {
        lan: "2A",
        settles_on: "member months, and the provider's own fees where they are reduced",
        source: "a commercial term",
    };
    const EXAMPLE: &'static str =
        "{ pmpm = 5, risk_multiplier = 1.1, clawback = { metric = 0.62, threshold = 0.65, keep_if_missed = 0.85 } }";

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = CareManagementKeys;
        let pmpm = section.read(&Keys::PMPM);
        let risk_multiplier = section.read(&Keys::RISK_MULTIPLIER);
        let clawback = section.optional_table(&Keys::CLAWBACK, |section| Clawback::read(section, known));
        let fee_reduction = section.read(&Keys::FEE_REDUCTION);
        if section.has(Keys::FEE_REDUCTION.name) {
            section.need(&Keys::SERVICES);
        }
        let services = read::scope(section, &Keys::SERVICES, known);
        Some(Self {
            pmpm: pmpm?,
            risk_multiplier: risk_multiplier?,
            clawback: clawback?,
            fee_reduction: fee_reduction?,
            services: services?,
        })
    }
}

impl Settle for CareManagement {
    fn lan(&self) -> Lan {
        Lan::Infrastructure
    }

    fn own_fees(&self) -> ServiceScope {
        self.services.clone()
    }

    fn fees_given_up(&self) -> Option<(ServiceScope, Share)> {
        Some((self.services.clone(), self.fee_reduction))
    }

    fn scored(&self, composite: &Composite<'_>, _: &mut Settlement) -> Option<Scored> {
        let clawback = Clawback { metric: composite.value, ..self.clawback? };
        let terms = Self { clawback: Some(clawback), ..self.clone() };
        Some(Scored { terms: Box::new(terms), steps: &["metric"], how: "{composite}" })
    }

    /// ```text
    /// fee            = rate × risk multiplier × member months, of which a missed metric leaves the part to keep
    /// fee adjustment = -own fees × reduction
    /// ```
    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        settlement.number("member months", OBSERVED, year.exposure.0);
        settlement.pmpm("care-management rate", AGREED, self.pmpm);
        settlement.number("risk multiplier", AGREED, self.risk_multiplier);
        let fee = settlement.dollars(
            "care-management fee",
            "{care-management rate} × {risk multiplier} × {member months}",
            Pmpm(self.pmpm.0 * self.risk_multiplier) * year.exposure,
        );
        settlement.care_management = match &self.clawback {
            Some(clawback) => clawback.settle(&mut settlement, fee),
            None => fee,
        };
        if self.fee_reduction != Share::ZERO {
            settlement.dollars("own fees", OBSERVED, year.own_fees);
            settlement.share("fee reduction", AGREED, self.fee_reduction.value());
            settlement.fee_adjustment = settlement.dollars(
                "change in own fees",
                "-{own fees} × {fee reduction}",
                -(year.own_fees * self.fee_reduction),
            );
        }
        settlement
    }
}

impl Clawback {
    /// What is left of a fee.
    fn settle(&self, settlement: &mut Settlement, fee: Dollars) -> Dollars {
        settlement.number("metric", AGREED, self.metric);
        settlement.number("threshold of the metric", AGREED, self.threshold);
        if rounding::reaches(self.metric, self.threshold, self.threshold) {
            settlement.remark("the metric reaches its threshold: the fee is kept");
            return fee;
        }
        settlement.remark("the metric misses its threshold: part of the fee is returned");
        settlement.share("part kept", AGREED, self.keep_if_missed.value());
        settlement.dollars("fee kept", "{care-management fee} × {part kept}", fee * self.keep_if_missed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_units::MemberMonths;

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    fn fee(metric: f64) -> f64 {
        let contract = CareManagement {
            pmpm: Pmpm(4.0),
            risk_multiplier: 1.25,
            clawback: Some(Clawback { metric, threshold: 0.5, keep_if_missed: share(0.85) }),
            fee_reduction: Share::ZERO,
            services: ServiceScope::All,
        };
        contract.settle(&Year::new(MemberMonths(11_400.0), 1_000, &[])).care_management.0
    }

    #[test]
    fn a_metric_at_its_threshold_keeps_the_fee() {
        assert!((fee(0.5) - 57_000.0).abs() < 1e-9);
        assert!((fee(0.499) - 48_450.0).abs() < 1e-9);
    }

    #[test]
    fn a_reduction_takes_part_of_the_own_fees() {
        let contract = CareManagement {
            pmpm: Pmpm(30.0),
            risk_multiplier: 1.0,
            clawback: None,
            fee_reduction: share(0.5),
            services: ServiceScope::only(vec!["visits".to_owned()]),
        };
        let year = Year::new(MemberMonths(12_000.0), 1_000, &[]).with_own_fees(Dollars(600_000.0));
        let settlement = contract.settle(&year);
        assert_eq!((settlement.care_management, settlement.fee_adjustment), (Dollars(360_000.0), Dollars(-300_000.0)));
    }
}
