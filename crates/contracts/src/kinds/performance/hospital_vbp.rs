//! The Hospital Value-Based Purchasing Program: a percent of base operating payments that a score earns back.

use twosided_form::{At, Key, Range, Section, Table, keys};
use twosided_population::ServiceScope;
use twosided_units::{Dollars, Share};

use crate::{
    AGREED, Composite, Kind, Known, Lan, Listing, Rule, Scored, Settle, Settlement, Year,
    kinds::performance::inpatient_price, kinds::performance::inpatient_price::BASE_OPERATING_SHARE, read, rules::rules,
};

rules! {
    /// The numbers of a fiscal year.
    pub struct HospitalVbpRules {
        /// Part of base operating payments that is withheld.
        applicable_percent: Share {
            [] 2013 => Number(0.01), Regulation, "42 USC § 1395ww(o)(7)(C)";
            [] 2014 => Number(0.0125), Regulation, "42 USC § 1395ww(o)(7)(C)";
            [] 2015 => Number(0.015), Regulation, "42 USC § 1395ww(o)(7)(C)";
            [] 2016 => Number(0.0175), Regulation, "42 USC § 1395ww(o)(7)(C)";
            [] 2017 => Number(0.02), Regulation, "42 USC § 1395ww(o)(7)(C)";
        }
        /// Highest total performance score, which divides a hospital's own.
        score_divisor: f64 [1.0, 1e6] {
            [] 2013 => Number(100.0), Regulation, "42 CFR § 412.162(b)(3)";
            [] 2026 => Number(110.0), Unconfirmed, "42 CFR § 412.162(b)(3)(ii) as printed in 88 FR 59333; the FY 2026 rule may have restored 100";
        }
        /// Whether scores were awarded; without, all of the withhold is paid back.
        scores_awarded: bool {
            [] 2013 => Truth(true), Regulation, "42 CFR § 412.162";
            [] 2022 => Truth(false), Regulation, "42 CFR § 412.168";
            [] 2023 => Truth(false), Secondary, "CMS fact sheet on the FY 2023 inpatient rule";
            [] 2024 => Truth(true), Regulation, "42 CFR § 412.162";
        }
    }
}

keys! {
    /// The terms of the Hospital Value-Based Purchasing Program.
    pub(crate) struct HospitalVbpKeys "terms.hospital_vbp" with [HospitalVbpRules::KEYS] {
        FISCAL_YEAR: u16 = inpatient_price::fiscal_year(HospitalVbp::FISCAL_YEAR);
        TOTAL_PERFORMANCE_SCORE: f64 = Key::number("total_performance_score", Range::of(0.0, 1e6)).absent(UNLESS_COMPOSITE, "35")
            .meaning("the total performance score").more("At most `score_divisor`");
        SLOPE: f64 = Key::number("slope", Range::of(0.0, 1e6)).absent(UNLESS_NOT_SCORED, "2.6")
            .meaning("the slope of the exchange function, which CMS publishes each year");
        BASE_OPERATING_SHARE: Share = BASE_OPERATING_SHARE;
        SERVICES: Vec<At<String>> = read::NAMED_SERVICES.meaning("the inpatient services");
    }
}

const UNLESS_NOT_SCORED: &str = "required, but in a year without scores";

const UNLESS_COMPOSITE: &str = "required without `quality`, but in a year without scores";

/// The terms of a hospital in a fiscal year.
#[derive(Clone, Debug, PartialEq)]
pub struct HospitalVbp {
    /// The numbers of the fiscal year.
    pub rules: HospitalVbpRules,
    /// Total performance score.
    pub total_performance_score: f64,
    /// Slope of the exchange function, which CMS publishes each year; see [`neutral_slope`].
    pub slope: f64,
    /// The part of fees that is base operating payment: without teaching, disproportionate-share and outlier payments.
    pub base_operating_share: Share,
    /// The inpatient services.
    pub services: ServiceScope,
}

/// The slope with which hospitals together are paid what is withheld from them, by base operating payment and score; none
/// where no hospital has a score.
///
/// ```
/// use twosided_units::Dollars;
/// let hospitals = [(Dollars(1e6), 30.0), (Dollars(1e6), 50.0)];
/// assert_eq!(twosided_contracts::neutral_slope(&hospitals, 100.0), Some(2.5)); // 2 / (0.3 + 0.5)
/// ```
///
/// # Source
/// 42 USC § 1395ww(o)(7)(A).
pub fn neutral_slope(hospitals: &[(Dollars, f64)], score_divisor: f64) -> Option<f64> {
    let withheld: Dollars = hospitals.iter().map(|&(base, _)| base).sum();
    let earned: Dollars = hospitals.iter().map(|&(base, score)| base * (score / score_divisor)).sum();
    (score_divisor > 0.0 && earned > Dollars::ZERO).then(|| withheld / earned)
}

impl HospitalVbp {
    const FISCAL_YEAR: u16 = 2025;

    /// ```text
    /// incentive percent = applicable percent × score / divisor × slope
    /// factor            = 1 + (incentive percent - applicable percent)
    /// ```
    ///
    /// # Source
    /// 42 CFR § 412.162(b)(3), (c).
    fn adjustment_factor(&self, settlement: &mut Settlement) -> f64 {
        settlement.rule("42 CFR § 412.162(b)(3), (c)");
        let percent = self.rules.applicable_percent.value();
        settlement.share("applicable percent", AGREED, percent);
        let incentive = if self.rules.scores_awarded {
            settlement.number("total performance score", AGREED, self.total_performance_score);
            settlement.number("score divisor", AGREED, self.rules.score_divisor);
            settlement.number("slope", AGREED, self.slope);
            settlement.share(
                "incentive percent",
                "{applicable percent} × {total performance score} / {score divisor} × {slope}",
                percent * self.total_performance_score / self.rules.score_divisor * self.slope,
            )
        } else {
            settlement.rule("42 CFR § 412.168");
            settlement.remark("no scores were awarded: all that was withheld is paid back");
            settlement.share("incentive percent", "{applicable percent}", percent)
        };
        settlement.number(
            "payment factor",
            "1 + ({incentive percent} - {applicable percent})",
            1.0 + (incentive - percent),
        )
    }
}

impl Kind for HospitalVbp {
    const KEY: &'static str = "hospital_vbp";
    const KEYS: &'static Table = HospitalVbpKeys::TABLE;
    const SUMMARY: &'static str = "Medicare fee-for-service, with a part of inpatient prices that a score earns back";
    const LISTING: Listing = Listing {
        lan: "2C",
        settles_on: "the hospital's own fees for its services, and a given score",
        source: "42 USC § 1395ww(o); 42 CFR § 412.160 to 412.168",
    };
    const EXAMPLE: &'static str = "{ fiscal_year = 2025, total_performance_score = 35, slope = 2.6, services = [\"inpatient\"], base_operating_share = 0.8 }";

    fn rules() -> Vec<&'static [Rule]> {
        vec![HospitalVbpRules::TABLE]
    }

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = HospitalVbpKeys;
        let fiscal_year = section.read(&Keys::FISCAL_YEAR);
        let rules = HospitalVbpRules::read(section, fiscal_year.unwrap_or(Self::FISCAL_YEAR), "");
        // In a year without scores there is none to give.
        let scored = rules.as_ref().is_none_or(|rules| rules.scores_awarded);
        let given = |key: &Key<f64>| {
            if !scored && !section.has(key.name) {
                return Some(0.0);
            }
            section.need(key);
            section.read(key)
        };
        let total_performance_score = if known.has_quality {
            read::unless_scored(section, &Keys::TOTAL_PERFORMANCE_SCORE, known, 0.0)
        } else {
            given(&Keys::TOTAL_PERFORMANCE_SCORE)
        };
        let slope = given(&Keys::SLOPE);
        let base_operating_share = section.read(&Keys::BASE_OPERATING_SHARE);
        let services = read::scope(section, &Keys::SERVICES, known);
        fiscal_year?;
        let (rules, score) = (rules?, total_performance_score?);
        read::ruled(section, Keys::TOTAL_PERFORMANCE_SCORE.name, score, 0.0, rules.score_divisor)?;
        Some(Self {
            rules,
            total_performance_score: score,
            slope: slope?,
            base_operating_share: base_operating_share?,
            services: services?,
        })
    }
}

impl Settle for HospitalVbp {
    fn lan(&self) -> Lan {
        Lan::Performance
    }

    fn services(&self) -> ServiceScope {
        self.services.clone()
    }

    fn scored(&self, composite: &Composite<'_>, _: &mut Settlement) -> Option<Scored> {
        let total_performance_score = self.rules.score_divisor * composite.value;
        let terms = Self { total_performance_score, ..self.clone() };
        let steps = &["total performance score"];
        Some(Scored { terms: Box::new(terms), steps, how: "{composite} × the divisor of scores" })
    }

    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        let factor = self.adjustment_factor(&mut settlement);
        inpatient_price::change(&mut settlement, year, self.base_operating_share, factor);
        settlement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_units::MemberMonths;

    fn change(fiscal_year: u16, total_performance_score: f64) -> f64 {
        let hospital = HospitalVbp {
            rules: HospitalVbpRules::of(fiscal_year, "").expect("a year of the table"),
            total_performance_score,
            slope: 2.0,
            base_operating_share: Share::new(0.5).expect("a share"),
            services: ServiceScope::All,
        };
        hospital.settle(&Year::new(MemberMonths(0.0), 0, &[]).with_own_fees(Dollars(2e6))).fee_adjustment.0
    }

    #[test]
    fn the_withhold_is_lost_earned_back_or_doubled() {
        for (score, net) in [(0.0, -20_000.0), (50.0, 0.0), (100.0, 20_000.0)] {
            assert!((change(2025, score) - net).abs() < 1e-6, "{score}");
        }
        assert!((change(2026, 55.0)).abs() < 1e-6, "110 is the most from 2026 on");
    }

    #[test]
    fn the_years_without_scores_pay_all_back() {
        assert_eq!([change(2022, 0.0), change(2023, 0.0)], [0.0, 0.0]);
        assert!(change(2021, 0.0) < 0.0 && change(2024, 0.0) < 0.0);
    }

    #[test]
    fn no_slope_makes_scores_of_nothing_neutral() {
        assert_eq!(neutral_slope(&[(Dollars(1e6), 0.0)], 100.0), None);
        assert_eq!(neutral_slope(&[], 100.0), None);
        assert_eq!(neutral_slope(&[(Dollars(1e6), 50.0)], 0.0), None);
    }
}
