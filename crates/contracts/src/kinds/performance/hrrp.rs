//! The Hospital Readmissions Reduction Program: excess readmissions cut every base operating payment of a fiscal year.

mod peer_median;
mod sampled;

pub use peer_median::PeerMedian;
pub use sampled::{SampledReadmissions, Window};

use twosided_form::{At, Key, Nested, Range, Section, Table, keys, shortened};
use twosided_population::{Observation, ServiceScope};
use twosided_units::Share;

use sampled::SampledKeys;

use crate::{
    AGREED, Kind, Known, Lan, Listing, OBSERVED, Rule, Settle, Settlement, Year, kinds::performance::inpatient_price,
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

keys! {
    /// The conditions and procedures of the program.
    pub(crate) struct ConditionKeys "terms.hrrp.conditions" {
        AMI: Nested = HrrpCondition::Ami.key().meaning("acute myocardial infarction");
        COPD: Nested = HrrpCondition::Copd.key().meaning("chronic obstructive pulmonary disease");
        HEART_FAILURE: Nested = HrrpCondition::HeartFailure.key().meaning("heart failure");
        PNEUMONIA: Nested = HrrpCondition::Pneumonia.key().meaning("pneumonia");
        CABG: Nested = HrrpCondition::Cabg.key().meaning("coronary artery bypass graft");
        THA_TKA: Nested = HrrpCondition::ThaTka.key().meaning("hip or knee replacement");
    }
}

keys! {
    /// What a hospital's readmissions for a condition came to.
    pub(crate) struct ReadmissionKeys "terms.hrrp.conditions.condition" {
        DISCHARGES: u64 = Key::whole("discharges", 0, 10_000_000).absent("required without `sampled`", "112").meaning("the eligible discharges");
        EXCESS_READMISSION_RATIO: f64 = Key::number("excess_readmission_ratio", Range::of(0.0, 100.0)).absent("required without `sampled`", "1.02")
            .meaning("the predicted over the expected readmission rate");
        SAMPLED: Nested = Key::table("sampled", SampledKeys::TABLE)
            .absent("the two are given", "{ stays = \"heart failure stays\", readmissions = \"heart failure readmissions\", expected_rate = 0.21 }")
            .meaning("readmissions of the sampled years, from which the two follow");
        PEER_MEDIAN: PeerMedian = Key::new("peer_median", PeerMedian::HOLDS).required("0.99")
            .meaning("the median of the ratio in the hospital's peer group")
            .more("With `sampled` it can be a law, `[mean, standard deviation]`, from which each year draws");
        PAYMENT_RATIO: Share = Key::share("payment_ratio").absent("required without `sampled`; with it, the expenditure on the stays over that on `services`", "0.05")
            .meaning("the condition's part of all base operating payments");
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

/// A condition or procedure of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HrrpCondition {
    /// Acute myocardial infarction.
    Ami,
    /// Chronic obstructive pulmonary disease.
    Copd,
    /// Heart failure.
    HeartFailure,
    /// Pneumonia.
    Pneumonia,
    /// Coronary artery bypass graft.
    Cabg,
    /// Hip or knee replacement.
    ThaTka,
}

impl HrrpCondition {
    /// All conditions with the names that scenario files use.
    pub const NAMES: [(&'static str, Self); 6] = [
        ("ami", Self::Ami),
        ("copd", Self::Copd),
        ("hf", Self::HeartFailure),
        ("pneumonia", Self::Pneumonia),
        ("cabg", Self::Cabg),
        ("tha_tka", Self::ThaTka),
    ];

    /// The name that scenario files use.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }

    /// Standard deviation between hospitals of the effect on the logit of the readmission rate.
    ///
    /// # Source
    /// Least squares of the ratios of CMS's hospital file of fiscal year 2024, given its readmissions; see `docs/readmissions.md`.
    pub const fn hospital_sd(self) -> f64 {
        match self {
            Self::Ami => 0.154,
            Self::Copd => 0.138,
            Self::HeartFailure => 0.137,
            Self::Pneumonia => 0.1325,
            Self::Cabg => 0.2,
            Self::ThaTka => 0.261,
        }
    }

    const fn key(self) -> Key<Nested> {
        Key::table(self.name(), ReadmissionKeys::TABLE).absent(
            "none",
            "{ discharges = 120, excess_readmission_ratio = 1.04, peer_median = 0.9955, payment_ratio = 0.06 }",
        )
    }
}

/// A condition, as the terms have it.
#[derive(Clone, Debug, PartialEq)]
pub enum ConditionTerms {
    /// What its readmissions came to is given.
    Given(Readmissions),
    /// It follows from the sampled years.
    Sampled {
        /// Where it follows from.
        readmissions: SampledReadmissions,
        /// Median of the ratio among the hospital's peers.
        peer_median: PeerMedian,
        /// The condition's part of all base operating payments; that of expenditure where it is not given.
        payment_ratio: Option<Share>,
    },
}

/// What a hospital's readmissions for a condition came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Readmissions {
    /// Eligible discharges.
    pub discharges: f64,
    /// Predicted over expected readmission rate.
    pub excess_readmission_ratio: f64,
    /// Median of the ratio among the hospital's peers.
    pub peer_median: f64,
    /// The condition's part of all base operating payments.
    pub payment_ratio: f64,
}

impl ConditionTerms {
    fn read(section: Section<'_>, known: &Known, condition: HrrpCondition) -> Option<Self> {
        type Keys = ReadmissionKeys;
        let is_sampled = section.has(Keys::SAMPLED.name);
        let peer_median = section.read(&Keys::PEER_MEDIAN);
        if is_sampled {
            for key in [Keys::DISCHARGES.name, Keys::EXCESS_READMISSION_RATIO.name] {
                if section.has(key) {
                    let message = format!("{} has both `sampled` and `{key}`", section.path);
                    section.wrong(
                        &section.span_of(key),
                        message,
                        "what is sampled has it from the years: leave it out",
                    );
                }
            }
            let read = |section| SampledReadmissions::read(section, known, condition.hospital_sd());
            let readmissions = section.table(&Keys::SAMPLED).and_then(read);
            let payment_ratio = section.optional(&Keys::PAYMENT_RATIO);
            section.finish();
            return Some(Self::Sampled {
                readmissions: readmissions?,
                peer_median: peer_median?,
                payment_ratio: payment_ratio?,
            });
        }
        let discharges = read::needed(&section, &Keys::DISCHARGES);
        let ratio = read::needed(&section, &Keys::EXCESS_READMISSION_RATIO);
        let payment_ratio = read::needed(&section, &Keys::PAYMENT_RATIO);
        if let Some(PeerMedian { sd, .. }) = peer_median
            && sd > 0.0
        {
            let message = format!("{} is a law, and the ratio is given", section.path_of(Keys::PEER_MEDIAN.name));
            let help = "give its value, or let the readmissions be sampled";
            section.wrong(&section.span_of(Keys::PEER_MEDIAN.name), message, help);
            return None;
        }
        section.finish();
        Some(Self::Given(Readmissions {
            discharges: discharges? as f64,
            excess_readmission_ratio: ratio?,
            peer_median: peer_median?.mean,
            payment_ratio: payment_ratio?.value(),
        }))
    }
}

impl Readmissions {
    /// What the condition adds to the reduction, before the modifier.
    fn contribution(&self) -> f64 {
        self.payment_ratio * (self.excess_readmission_ratio - self.peer_median).max(0.0)
    }

    fn record(&self, settlement: &mut Settlement, name: &str, is_sampled: bool) {
        let (ratio, share) = if is_sampled { (OF_WINDOW, OBSERVED) } else { (AGREED, AGREED) };
        settlement.number(format!("{name}: excess readmission ratio"), ratio, self.excess_readmission_ratio);
        settlement.number(format!("{name}: peer median"), AGREED, self.peer_median);
        settlement.share(format!("{name}: payment ratio"), share, self.payment_ratio);
        let how = format!(
            "{{{name}: payment ratio}} × max(0, {{{name}: excess readmission ratio}} - {{{name}: peer median}})"
        );
        settlement.share(format!("{name}: contribution"), how, self.contribution());
    }
}

/// How a sampled ratio follows.
const OF_WINDOW: &str = "predicted over expected readmissions of the window";

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
            let mut sampled: Vec<Window> = earlier.chain([of([own[0], own[1], own[2]])]).collect();
            sampled.truncate(sampled.len().saturating_sub(lag));
            let window = readmissions.window(sampled.into_iter(), window_years);
            let excess_readmission_ratio = readmissions.record(settlement, condition.name(), &window);
            let share = if total > 0.0 { own[3] / total } else { 0.0 };
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
        let suppressed = read_suppressed(section);
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

fn read_conditions(section: Section<'_>, known: &Known) -> Option<Vec<(HrrpCondition, ConditionTerms)>> {
    let read = HrrpCondition::NAMES.map(|(_, condition)| {
        let read = |section| ConditionTerms::read(section, known, condition);
        let readmissions = section.optional_table(&condition.key(), read)?;
        Some(readmissions.map(|readmissions| (condition, readmissions)))
    });
    section.finish();
    let conditions: Option<Vec<_>> = read.into_iter().collect();
    Some(conditions?.into_iter().flatten().collect())
}

fn read_suppressed(section: &Section<'_>) -> Option<Vec<HrrpCondition>> {
    let key = &HrrpKeys::SUPPRESSED;
    let conditions = section.optional(key)?.unwrap_or_default().into_iter().map(|name| {
        let found =
            HrrpCondition::NAMES.iter().find(|(known, _)| *known == name.value).map(|&(_, condition)| condition);
        if found.is_none() {
            let message = format!("{} has \"{}\"", section.path_of(key.name), shortened(&name.value, 60));
            let known = HrrpCondition::NAMES.iter().map(|&(name, _)| name);
            section.wrong(&name.span, message, section.findings.suggestions.help(&name.value, known, "write one of"));
        }
        found
    });
    let conditions: Vec<Option<HrrpCondition>> = conditions.collect();
    conditions.into_iter().collect()
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
