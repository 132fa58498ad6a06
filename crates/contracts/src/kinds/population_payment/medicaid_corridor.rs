//! Medicaid capitation with a risk corridor: the state shares in a medical loss ratio far from its target.

use twosided_form::{At, Key, Nested, Range, Section, Table, Word, keys};
use twosided_population::{Observation, ServiceScope};
use twosided_units::{Dollars, MemberMonths, Pmpm, Share};

use super::medical_loss_ratio::MedicalLossRatioKeys;
use crate::{
    AGREED, Corridor, Kind, Known, Lan, Listing, MinimumMedicalLossRatio, OBSERVED, Payment, Rule, SO_FAR, Settle,
    Settlement, Year, read, rules::rules,
};

rules! {
    /// The numbers of a minimum medical loss ratio.
    pub struct MedicaidRules {
        /// Medical loss ratio below which the plan pays back.
        minimum_medical_loss_ratio: Share {
            [] 2017 => Number(0.85), Unconfirmed, "42 CFR § 438.8; states may set another";
        }
    }
}

keys! {
    /// The terms of a Medicaid capitation.
    pub(crate) struct MedicaidCorridorKeys "terms.medicaid_corridor" {
        PERFORMANCE_YEAR: u16 = read::year("performance_year", read::ANY_YEAR, MedicaidCorridor::PERFORMANCE_YEAR);
        PMPM: Pmpm = read::rate("pmpm").required("420").meaning("the capitation rate");
        TARGET_MEDICAL_LOSS_RATIO: f64 = Key::number("target_medical_loss_ratio", Range::of(0.01, 2.0)).required("0.88")
            .meaning("the ratio of claims to capitation that the rate is made for");
        CORRIDOR: Corridor = Corridor::key("corridor").required("[{ up_to = 0.02, share = 1 }, { share = 0 }]")
            .meaning("the parts kept of target less actual ratio, band by band as shares of capitation")
            .more("A gain or a loss alike; past the last end the state bears all");
        MINIMUM_RATIO: Nested = Key::table("minimum_ratio", MinimumRatioKeys::TABLE)
            .absent("none", "{ order = \"after_corridor\" }").meaning("a minimum medical loss ratio");
        SERVICES: Vec<At<String>> = read::SERVICES;
    }
}

keys! {
    /// A minimum medical loss ratio, and when it is settled.
    pub(crate) struct MinimumRatioKeys "terms.medicaid_corridor.minimum_ratio" with [
        MedicaidRules::KEYS,
        MedicalLossRatioKeys::OWN,
    ] {
        ORDER: RemittanceOrder = Key::word("order").required("\"after_corridor\"").meaning("which is settled first").more("States differ");
    }
}

impl Word for RemittanceOrder {
    const WORDS: &'static [(&'static str, Self)] =
        &[("before_corridor", Self::BeforeCorridor), ("after_corridor", Self::AfterCorridor)];
}

/// A capitated plan's or provider's contract with a state.
#[derive(Clone, Debug, PartialEq)]
pub struct MedicaidCorridor {
    /// The capitation rate.
    pub pmpm: Pmpm,
    /// Medical loss ratio that the rate is made for.
    pub target_medical_loss_ratio: f64,
    /// Which part is kept of target less actual ratio, band by band as shares of capitation.
    pub corridor: Corridor,
    /// A minimum ratio, and when it is settled.
    pub minimum_ratio: Option<(RemittanceOrder, MinimumMedicalLossRatio)>,
    /// The services at risk.
    pub services: ServiceScope,
}

/// When a minimum medical loss ratio is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemittanceOrder {
    /// Before the corridor, which then counts on what is left of the capitation.
    BeforeCorridor,
    /// After the corridor, whose payment is then part of the revenue.
    AfterCorridor,
}

impl MedicaidCorridor {
    const PERFORMANCE_YEAR: u16 = 2026;

    /// What the state pays, or takes if negative.
    ///
    /// ```text
    /// gain = revenue × (target - claims / revenue)
    /// kept = revenue × sum over bands of share × part of |target - actual| in band
    /// paid = kept - gain
    /// ```
    fn corridor(&self, settlement: &mut Settlement, revenue: Dollars, claims: Dollars) -> Dollars {
        if revenue <= Dollars::ZERO {
            settlement.remark("there is no revenue to share");
            return Dollars::ZERO;
        }
        settlement.share("target ratio", AGREED, self.target_medical_loss_ratio);
        let actual =
            settlement.share("actual ratio", "{expenditure at risk} / {revenue of the corridor}", claims / revenue);
        let difference = settlement.share(
            "target less actual",
            "{target ratio} - {actual ratio}",
            self.target_medical_loss_ratio - actual,
        );
        let gain = settlement.dollars("gain", "{revenue of the corridor} × {target less actual}", revenue * difference);
        let part = self.corridor.settle(settlement, "part kept", ("target less actual", difference));
        let kept = settlement.dollars("gain kept", "{revenue of the corridor} × {part kept}", revenue * part);
        settlement.dollars("paid by the state", "{gain kept} - {gain}", kept - gain)
    }

    fn remittance(
        settlement: &mut Settlement,
        terms: &MinimumMedicalLossRatio,
        revenue: (&'static str, Dollars),
        claims: Dollars,
        exposure: MemberMonths,
    ) -> Dollars {
        settlement.rule("42 CFR § 438.8");
        let remittance = terms.remittance(settlement, revenue, ("expenditure at risk", claims), exposure);
        settlement.rule("");
        remittance
    }
}

impl Kind for MedicaidCorridor {
    const KEY: &'static str = "medicaid_corridor";
    const KEYS: &'static Table = MedicaidCorridorKeys::TABLE;
    const SUMMARY: &'static str = "Medicaid capitation, with gains and losses shared with the state through a corridor";
    const LISTING: Listing = Listing {
        lan: "4A (some services), 4N (all); 4B by `lan` where quality counts",
        settles_on: "expenditure on its services, as a medical loss ratio",
        source: "a term of each state's contract",
    };
    const EXAMPLE: &'static str = "{ pmpm = 900, target_medical_loss_ratio = 0.88, corridor = [{ up_to = 0.02, share = 1 }, { up_to = 0.04, share = 0.5 }], minimum_ratio = { order = \"after_corridor\", quality_improvement_pmpm = 8, taxes_and_fees_pmpm = 20 } }";

    fn rules() -> Vec<&'static [Rule]> {
        vec![MedicaidRules::TABLE]
    }

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = MedicaidCorridorKeys;
        let year = section.read(&Keys::PERFORMANCE_YEAR);
        let pmpm = section.read(&Keys::PMPM);
        let target = section.read(&Keys::TARGET_MEDICAL_LOSS_RATIO);
        let corridor = section.read(&Keys::CORRIDOR);
        let minimum_ratio = section.optional_table(&Keys::MINIMUM_RATIO, |section| {
            let order = section.read(&MinimumRatioKeys::ORDER);
            let rules = MedicaidRules::read(&section, year.unwrap_or(Self::PERFORMANCE_YEAR), "");
            let terms = MinimumMedicalLossRatio::read(&section, rules.map(|rules| rules.minimum_medical_loss_ratio));
            section.finish();
            Some((order?, terms?))
        });
        let services = read::scope(section, &Keys::SERVICES, known);
        year?;
        Some(Self {
            pmpm: pmpm?,
            target_medical_loss_ratio: target?,
            corridor: corridor?,
            minimum_ratio: minimum_ratio?,
            services: services?,
        })
    }
}

impl Settle for MedicaidCorridor {
    fn lan(&self) -> Lan {
        Lan::of_capitation(&self.services)
    }

    fn services(&self) -> ServiceScope {
        self.services.clone()
    }

    fn payment(&self) -> Payment {
        Payment::AtRisk(self.services.clone())
    }

    fn observes(&self) -> Vec<Observation> {
        vec![Observation::total(self.services.clone())]
    }

    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        let exposure = year.exposure;
        settlement.number("member months", OBSERVED, exposure.0);
        let rate = settlement.pmpm("capitation rate", AGREED, self.pmpm);
        let (name, rate) = settlement.rate_of_year(year, ("capitation rate", rate));
        let how = settlement.how(|| format!("{{{name}}} × {{member months}}"));
        let revenue = settlement.dollars("capitation", how, rate * exposure);
        settlement.capitation = revenue;
        let claims = settlement.dollars("expenditure at risk", OBSERVED, year.figure(0));
        settlement.given_up = claims;
        settlement.reconciliation = match &self.minimum_ratio {
            None => {
                settlement.dollars("revenue of the corridor", "{capitation}", revenue);
                self.corridor(&mut settlement, revenue, claims)
            }
            Some((RemittanceOrder::BeforeCorridor, terms)) => {
                let paid_back = Self::remittance(&mut settlement, terms, ("capitation", revenue), claims, exposure);
                settlement.dollars("paid back", SO_FAR, paid_back);
                let left =
                    settlement.dollars("revenue of the corridor", "{capitation} - {paid back}", revenue - paid_back);
                let paid = self.corridor(&mut settlement, left, claims);
                settlement.dollars("settled with the state", SO_FAR, paid - paid_back)
            }
            Some((RemittanceOrder::AfterCorridor, terms)) => {
                settlement.dollars("revenue of the corridor", "{capitation}", revenue);
                let paid = self.corridor(&mut settlement, revenue, claims);
                settlement.dollars("corridor payment", SO_FAR, paid);
                let after = settlement.dollars(
                    "revenue after the corridor",
                    "{capitation} + {corridor payment}",
                    revenue + paid,
                );
                let revenue = ("revenue after the corridor", after);
                let paid_back = Self::remittance(&mut settlement, terms, revenue, claims, exposure);
                settlement.dollars("settled with the state", SO_FAR, paid - paid_back)
            }
        };
        settlement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Band;

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    fn settled(order: Option<RemittanceOrder>, claims: f64) -> f64 {
        let bands = vec![Band { up_to: Some(0.02), share: Share::ONE }, Band { up_to: None, share: share(0.5) }];
        let terms =
            MinimumMedicalLossRatio { minimum: share(0.85), quality_improvement: Pmpm(0.0), taxes_and_fees: Pmpm(0.0) };
        let contract = MedicaidCorridor {
            pmpm: Pmpm(1_000.0),
            target_medical_loss_ratio: 0.88,
            corridor: Corridor::new(bands).expect("rising"),
            minimum_ratio: order.map(|order| (order, terms)),
            services: ServiceScope::All,
        };
        contract.settle(&Year::new(MemberMonths(1_000.0), 100, &[claims])).reconciliation.0
    }

    #[test]
    fn the_order_of_corridor_and_minimum_ratio_counts() {
        // 8 points of gain: 2 and half of 6 are kept.
        assert!((settled(None, 800_000.0) + 30_000.0).abs() < 1e-6);
        // The state's $30,000 leave $970,000, of which 85% is $824,500.
        assert!((settled(Some(RemittanceOrder::AfterCorridor), 800_000.0) + 54_500.0).abs() < 1e-6);
        // $50,000 are paid back; then $36,000 of gain on $950,000, of which $19,000 and half of the rest are kept.
        assert!((settled(Some(RemittanceOrder::BeforeCorridor), 800_000.0) + 58_500.0).abs() < 1e-6);
    }

    #[test]
    fn on_target_nothing_is_shared() {
        assert!(settled(None, 880_000.0).abs() < 1e-9);
    }
}
