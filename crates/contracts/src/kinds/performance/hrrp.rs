//! The Hospital Readmissions Reduction Program: excess readmissions cut every base operating payment of a fiscal year.

mod condition;
mod peer_median;
mod sampled;

pub use condition::{ConditionTerms, HrrpCondition, Readmissions};
pub use peer_median::PeerMedian;
pub use sampled::{SampledReadmissions, Window};

use twosided_form::{At, Key, Nested, Section, Table, keys};
use twosided_population::{Observation, ServiceScope};
use twosided_units::Share;

use condition::{ConditionKeys, read_conditions, read_suppressed};

use crate::{
    AGREED, Kind, Known, Lan, Listing, Rule, Settle, Settlement, Year, kinds::performance::inpatient_price,
    kinds::performance::inpatient_price::BASE_OPERATING_SHARE, read, rules::rules,
};

rules! {
    /// The numbers of a fiscal year.
    pub struct HrrpRules {
        /// Largest reduction.
        reduction_limit: Share {
            [] 2013 => Number(0.01), Regulation, "42 USC § 1395ww(q)(3)(C)";
            [] 2014 => Number(0.02), Regulation, "42 USC § 1395ww(q)(3)(C)";
            [] 2015 => Number(0.03), Regulation, "42 USC § 1395ww(q)(3)(C)";
        }
        /// Modifier that keeps the comparison by peer groups budget neutral.
        neutrality_modifier: f64 {
            [] 2013 => Number(1.0), Unconfirmed, "no peer groups before fiscal year 2019";
            [] 2019 => Number(1.0), Unconfirmed, "none seen: give the modifier of CMS's report";
            [] 2020 => Number(0.95760770567596), Published, "CMS mock Hospital-Specific Report, FY 2020";
            [] 2021 => Number(0.96133875481065), Published, "CMS mock Hospital-Specific Report, FY 2021";
            [] 2022 => Number(0.96370280258257), Published, "CMS mock Hospital-Specific Report, FY 2022";
            [] 2023 => Number(0.95583991392119), Published, "CMS mock Hospital-Specific Report, FY 2023";
            [] 2024 => Number(0.9630510589014), Published, "CMS mock Hospital-Specific Report, FY 2024";
            [] 2025 => Number(0.96524016588985), Published, "CMS mock Hospital-Specific Report, FY 2025";
            [] 2026 => Number(0.9627), Published, "CMS supplemental file, FY 2026, to four decimals";
        }
        /// Fewest eligible discharges with which a condition counts.
        minimum_discharges: f64 {
            [] 2013 => Number(25.0), Regulation, "CMS Hospital-Specific Report, note b";
        }
        /// Years of discharges from which a sampled ratio follows.
        window_years: f64 [1.0, 20.0] {
            [] 2013 => Number(3.0), Regulation, "CMS Hospital-Specific Reports: three years of discharges";
        }
        /// Years from the last of them to the fiscal year; 0 books the reduction with the care that causes it.
        lag_years: f64 [0.0, 20.0] {
            [] 2013 => Number(0.0), Design, "CMS's window ends a year and three months before";
        }
        /// Whether the payment factor is rounded to four decimals, as CMS publishes it.
        factor_rounded: bool {
            [] 2013 => Truth(true), Published, "CMS mock Hospital-Specific Reports, FY 2020 to FY 2025";
        }
        /// Whether pneumonia does not count.
        pneumonia_suppressed: bool {
            [] 2013 => Truth(false), Unconfirmed, "reports before fiscal year 2020 were not seen";
            [] 2020 => Truth(false), Regulation, "CMS Hospital-Specific Reports, FY 2020 to FY 2022";
            [] 2023 => Truth(true), Regulation, "CMS Hospital-Specific Report, FY 2023";
            [] 2024 => Truth(false), Regulation, "CMS Hospital-Specific Report, FY 2024";
        }
    }
}

keys! {
    /// The terms of the Hospital Readmissions Reduction Program.
    pub(crate) struct HrrpKeys "terms.hrrp" with [HrrpRules::KEYS] {
        FISCAL_YEAR: u16 = inpatient_price::fiscal_year(Hrrp::FISCAL_YEAR);
        CONDITIONS: Nested = Key::table("conditions", ConditionKeys::TABLE)
            .required("{ hf = { discharges = 120, excess_readmission_ratio = 1.04, peer_median = 0.9955, payment_ratio = 0.06 } }")
            .ask("give at least one, as conditions = { hf = { discharges = 120, … } }")
            .meaning("the conditions that the hospital has discharges of");
        SUPPRESSED: Vec<At<String>> = Key::names("suppressed", "names of conditions").absent("none", "[\"ami\"]")
            .meaning("the conditions that do not count");
        BASE_OPERATING_SHARE: Share = BASE_OPERATING_SHARE;
        SERVICES: Vec<At<String>> = read::NAMED_SERVICES.meaning("the inpatient services");
    }
}

/// The terms of a hospital in a fiscal year.
#[derive(Clone, Debug, PartialEq)]
pub struct Hrrp {
    /// The numbers of the fiscal year.
    pub rules: HrrpRules,
    /// The conditions that it has discharges of, in the order of [`HrrpCondition::NAMES`].
    pub conditions: Vec<(HrrpCondition, ConditionTerms)>,
    /// Conditions that do not count.
    pub suppressed: Vec<HrrpCondition>,
    /// The part of fees that is base operating payment: without teaching, disproportionate-share and outlier payments.
    pub base_operating_share: Share,
    /// The inpatient services.
    pub services: ServiceScope,
}

impl Hrrp {
    const FISCAL_YEAR: u16 = 2025;

    /// What the conditions came to in a year, and what later years look back on, recorded.
    fn readmissions(&self, settlement: &mut Settlement, year: &Year<'_>) -> Vec<(HrrpCondition, Readmissions)> {
        let mut figures = year.figures;
        let total = if self.compares_expenditure() { figures.split_off_first().copied().unwrap_or(0.0) } else { 0.0 };
        let mut noted = Vec::new();
        let mut scores = year.scores.iter().copied();
        let window_years = self.rules.window_years.round() as usize;
        let lag = self.rules.lag_years.round() as usize;
        let conditions = self.conditions.iter().enumerate().map(|(index, (condition, terms))| {
            let (readmissions, peer_median, payment_ratio) = match terms {
                ConditionTerms::Given(given) => {
                    noted.push([0.0; 3]);
                    return (*condition, *given);
                }
                ConditionTerms::Sampled { readmissions, peer_median, payment_ratio } => {
                    (readmissions, peer_median, payment_ratio)
                }
            };
            let (own, others) = figures.split_at(4);
            figures = others;
            noted.push([own[0], own[1], own[2]]);
            let of = |[discharges, readmissions, expected]: [f64; 3]| Window { discharges, readmissions, expected };
            let earlier = year.earlier_notes.iter().map(|note| of([0, 1, 2].map(|figure| note[3 * index + figure])));
            let sampled = earlier.chain([of([own[0], own[1], own[2]])]);
            let window = readmissions.window(sampled, window_years, lag);
            let excess_readmission_ratio = readmissions.record(settlement, condition.name(), &window);
            let share = if total > 0.0 { (own[3] / total).min(1.0) } else { 0.0 };
            let found = Readmissions {
                discharges: window.discharges,
                excess_readmission_ratio,
                peer_median: peer_median.of(scores.next().unwrap_or(0.0)),
                payment_ratio: payment_ratio.map_or(share, Share::value),
            };
            (*condition, found)
        });
        let conditions = conditions.collect();
        if self.is_sampled() {
            settlement.noted = noted.concat();
        }
        conditions
    }

    /// Whether the readmissions of some condition follow from the sampled years.
    pub fn is_sampled(&self) -> bool {
        self.conditions.iter().any(|(_, terms)| matches!(terms, ConditionTerms::Sampled { .. }))
    }

    /// Whether some payment ratio is a share of the year's expenditure.
    fn compares_expenditure(&self) -> bool {
        let is_share = |terms: &ConditionTerms| matches!(terms, ConditionTerms::Sampled { payment_ratio: None, .. });
        self.conditions.iter().any(|(_, terms)| is_share(terms))
    }

    /// Whether a condition counts.
    fn counts(&self, condition: HrrpCondition, readmissions: &Readmissions) -> bool {
        let suppressed = self.suppressed.contains(&condition)
            || (condition == HrrpCondition::Pneumonia && self.rules.pneumonia_suppressed);
        !suppressed && readmissions.discharges >= self.rules.minimum_discharges
    }

    /// ```text
    /// reduction = min(limit, modifier × sum over conditions of payment ratio × max(0, excess readmission ratio - median))
    /// factor    = 1 - reduction, to four decimals
    /// ```
    ///
    /// # Source
    /// 42 USC § 1395ww(q)(3); reproduces the factor of every mock report of CMS, fiscal years 2020 to 2025.
    pub fn payment_factor(&self, settlement: &mut Settlement, year: &Year<'_>) -> f64 {
        settlement.rule("42 USC § 1395ww(q)(3)");
        let conditions = self.readmissions(settlement, year);
        let counted =
            || conditions.iter().zip(&self.conditions).filter(|((condition, of), _)| self.counts(*condition, of));
        let sum = counted().map(|((_, readmissions), _)| readmissions.contribution()).sum();
        if settlement.records_steps() {
            let mut contributions = Vec::new();
            for ((condition, readmissions), (_, terms)) in counted() {
                readmissions.record(settlement, condition.name(), matches!(terms, ConditionTerms::Sampled { .. }));
                contributions.push(format!("{{{}: contribution}}", condition.name()));
            }
            if contributions.len() < self.conditions.len() {
                settlement.remark("conditions that are suppressed or have too few discharges do not count");
            }
            let how = if contributions.is_empty() { "0".to_owned() } else { contributions.join(" + ") };
            settlement.share("contributions", how, sum);
        }
        settlement.number("neutrality modifier", AGREED, self.rules.neutrality_modifier);
        settlement.share("reduction limit", AGREED, self.rules.reduction_limit.value());
        let reduction = settlement.share(
            "reduction",
            "min({reduction limit}, {neutrality modifier} × {contributions})",
            self.rules.reduction_limit.value().min(self.rules.neutrality_modifier * sum),
        );
        let factor = 1.0 - reduction;
        if self.rules.factor_rounded {
            settlement.number("payment factor", "round4(1 - {reduction})", (1e4 * factor).round() / 1e4)
        } else {
            settlement.number("payment factor", "1 - {reduction}", factor)
        }
    }
}

impl Kind for Hrrp {
    const KEY: &'static str = "hrrp";
    const KEYS: &'static Table = HrrpKeys::TABLE;
    const SUMMARY: &'static str = "Medicare fee-for-service, with inpatient prices cut for excess readmissions";
    const LISTING: Listing = Listing {
        lan: "2C",
        settles_on: "the hospital's own fees for its services, and given readmission ratios or sampled stays and readmissions",
        source: "42 USC § 1395ww(q)",
    };
    const EXAMPLE: &'static str = "{ fiscal_year = 2025, services = [\"inpatient\"], base_operating_share = 0.8, conditions = { hf = { discharges = 120, excess_readmission_ratio = 1.04, peer_median = 0.9955, payment_ratio = 0.06 }, pneumonia = { discharges = 32, excess_readmission_ratio = 1.0068, peer_median = 0.9912, payment_ratio = 0.0494 }, cabg = { discharges = 18, excess_readmission_ratio = 1.1, peer_median = 0.9943, payment_ratio = 0.02 } } }";

    fn rules() -> Vec<&'static [Rule]> {
        vec![HrrpRules::TABLE]
    }

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = HrrpKeys;
        let fiscal_year = section.read(&Keys::FISCAL_YEAR);
        let rules = HrrpRules::read(section, fiscal_year.unwrap_or(Self::FISCAL_YEAR), "");
        let conditions = section.table(&Keys::CONDITIONS).and_then(|section| read_conditions(section, known));
        let suppressed = read_suppressed(section, &Keys::SUPPRESSED);
        let base_operating_share = section.read(&Keys::BASE_OPERATING_SHARE);
        let services = read::scope(section, &Keys::SERVICES, known);
        fiscal_year?;
        Some(Self {
            rules: rules?,
            conditions: conditions?,
            suppressed: suppressed?,
            base_operating_share: base_operating_share?,
            services: services?,
        })
    }
}

impl Settle for Hrrp {
    fn lan(&self) -> Lan {
        Lan::Performance
    }

    fn services(&self) -> ServiceScope {
        self.services.clone()
    }

    fn observes(&self) -> Vec<Observation> {
        let total = self.compares_expenditure().then(|| Observation::total(self.services.clone()));
        let sampled = self.conditions.iter().filter_map(|(_, terms)| match terms {
            ConditionTerms::Given(_) => None,
            ConditionTerms::Sampled { readmissions, .. } => Some(readmissions.observes()),
        });
        total.into_iter().chain(sampled.flatten()).collect()
    }

    fn draws(&self) -> usize {
        let has_law = |terms: &ConditionTerms| matches!(terms, ConditionTerms::Sampled { peer_median, .. } if peer_median.sd > 0.0);
        if self.conditions.iter().any(|(_, terms)| has_law(terms)) { self.conditions.len() } else { 0 }
    }

    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        let factor = self.payment_factor(&mut settlement, year);
        inpatient_price::change(&mut settlement, year, self.base_operating_share, factor);
        settlement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_units::{Dollars, MemberMonths};

    fn hospital(fiscal_year: u16, condition: HrrpCondition, discharges: u64, ratio: f64) -> Hrrp {
        let readmissions = Readmissions {
            discharges: discharges as f64,
            excess_readmission_ratio: ratio,
            peer_median: 1.0,
            payment_ratio: 0.1,
        };
        Hrrp {
            rules: HrrpRules {
                neutrality_modifier: 1.0,
                ..HrrpRules::of(fiscal_year, "").expect("a year of the table")
            },
            conditions: vec![(condition, ConditionTerms::Given(readmissions))],
            suppressed: Vec::new(),
            base_operating_share: Share::new(0.5).expect("a share"),
            services: ServiceScope::All,
        }
    }

    fn change(hospital: &Hrrp) -> f64 {
        hospital.settle(&Year::new(MemberMonths(0.0), 0, &[]).with_own_fees(Dollars(1e7))).fee_adjustment.0
    }

    #[test]
    fn the_median_and_the_case_minimum_are_met_exactly() {
        assert!((change(&hospital(2025, HrrpCondition::Ami, 25, 1.1)) + 50_000.0).abs() < 1e-3);
        assert_eq!(change(&hospital(2025, HrrpCondition::Ami, 24, 1.1)), 0.0);
        assert_eq!(change(&hospital(2025, HrrpCondition::Ami, 25, 1.0)), 0.0);
    }

    #[test]
    fn the_reduction_is_limited_by_year() {
        for (year, limit) in [(2013, 0.01), (2014, 0.02), (2015, 0.03), (2030, 0.03)] {
            assert!((change(&hospital(year, HrrpCondition::Copd, 100, 9.0)) + 5e6 * limit).abs() < 1e-3, "{year}");
        }
    }

    #[test]
    fn the_modifier_of_2026_is_that_of_the_supplemental_file() {
        let modifier = |year| HrrpRules::of(year, "").expect("a year of the table").neutrality_modifier;
        assert_eq!((modifier(2026), modifier(2025)), (0.9627, 0.96524016588985));
    }

    #[test]
    fn pneumonia_did_not_count_in_2023_and_others_can_be_suppressed() {
        assert_eq!(change(&hospital(2023, HrrpCondition::Pneumonia, 100, 2.0)), 0.0);
        let suppressed = vec![HrrpCondition::Ami];
        assert_eq!(change(&Hrrp { suppressed, ..hospital(2025, HrrpCondition::Ami, 100, 2.0) }), 0.0);
    }

    #[test]
    fn conditions_stand_where_their_name_says() {
        assert!(HrrpCondition::NAMES.iter().all(|(name, condition)| condition.name() == *name));
    }
}
