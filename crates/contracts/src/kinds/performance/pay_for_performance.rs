//! Pay for performance: a bonus on top of fees, or a part of them that must be earned back, by a score of measures.

use twosided_form::{At, Key, List, Literal, Literal::Truth, Nested, Section, Table, Word, keys};
use twosided_population::{Observation, ServiceScope};
use twosided_units::{Dollars, PerCapita, Pmpm, Share};

use crate::{
    AGREED, Kind, Known, Lan, Listing, OBSERVED, Quality, Settle, Settlement, Year, quality, quality::MeasureKeys,
    read, read::BenchmarkKeys, rounding,
};

keys! {
    /// The terms of pay for performance.
    pub(crate) struct PayForPerformanceKeys "terms.pay_for_performance" {
        MODE: PoolMode = Key::word("mode").default(Literal::Word("bonus"))
            .meaning("whether the pool comes on top of fees or is held back from them");
        POOL_SHARE: Share = Key::share("pool_share").one_of("pool", "0.05").meaning("the pool as a share of own fees");
        POOL_PMPM: Pmpm = read::rate("pool_pmpm").one_of("pool", "3").meaning("the pool per member");
        MEASURES: List = Key::tables("measures", MeasureKeys::TABLE, quality::MOST_MEASURES)
            .required("[{ name = \"readmissions\", score = 0.12, threshold = 0.2, benchmark = 0.1 }]")
            .meaning("what is measured");
        MINIMUM_DENOMINATOR: f64 = quality::MINIMUM_DENOMINATOR;
        GATE_MET: bool =
            Key::truth("gate_met").default(Truth(true)).meaning("whether the gate to any payment is met");
        TARGET: Nested = Key::table("target", BenchmarkKeys::TABLE).absent("none", "{ per_capita = 10_500 }")
            .meaning("the total expenditure, of all services, above which nothing is paid");
        REPORTING_ONLY: bool = Key::truth("reporting_only").default(Truth(false))
            .meaning("whether payment is for reporting alone").more("It sets LAN 2B and changes no figure");
        SERVICES: Vec<At<String>> = read::SERVICES.meaning("the services whose fees count for the pool");
    }
}

impl Word for PoolMode {
    const WORDS: &'static [(&'static str, Self)] = &[("bonus", Self::Bonus), ("withhold", Self::Withhold)];
}

/// A pool of money that a composite of measures pays out.
#[derive(Clone, Debug, PartialEq)]
pub struct PayForPerformance {
    /// Whether the pool comes on top of fees or out of them.
    pub mode: PoolMode,
    /// How large the pool is.
    pub pool: Pool,
    /// How the composite is made.
    pub quality: Quality,
    /// Whether the gate to any payment is met.
    pub gate_met: bool,
    /// Expenditure above which nothing is paid.
    pub target: Option<PerCapita>,
    /// Whether payment is for reporting alone.
    pub reporting_only: bool,
    /// The services whose fees count for the pool.
    pub services: ServiceScope,
}

/// Where the pool comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolMode {
    /// It is paid on top of fees.
    Bonus,
    /// It is held back from fees.
    Withhold,
}

/// The size of the pool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pool {
    /// A share of the provider's own fees.
    OfFees(Share),
    /// Per member per month.
    Pmpm(Pmpm),
}

impl PayForPerformance {
    /// The weighted mean of the points; none where no measure counts.
    pub fn composite(&self, year: &Year<'_>) -> Option<f64> {
        self.quality.composite(self.measured(year))
    }

    /// What is counted for its measures, after the expenditure that a target is compared with.
    fn measured<'a>(&self, year: &Year<'a>) -> &'a [f64] {
        &year.figures[usize::from(self.target.is_some())..]
    }

    fn record_pool(&self, settlement: &mut Settlement, year: &Year<'_>) -> Dollars {
        match self.pool {
            Pool::OfFees(share) => {
                settlement.dollars("own fees", OBSERVED, year.own_fees);
                settlement.share("pool share", AGREED, share.value());
                settlement.dollars("pool", "{own fees} × {pool share}", year.own_fees * share)
            }
            Pool::Pmpm(rate) => {
                settlement.number("member months", OBSERVED, year.exposure.0);
                settlement.pmpm("pool rate", AGREED, rate);
                settlement.dollars("pool", "{pool rate} × {member months}", rate * year.exposure)
            }
        }
    }

    /// Whether anything is paid.
    fn opens(&self, settlement: &mut Settlement, year: &Year<'_>) -> bool {
        if !self.gate_met {
            settlement.remark("the gate is not met: nothing is paid");
            return false;
        }
        let Some(target) = self.target else { return true };
        settlement.per_capita("target per capita", AGREED, target);
        let years = year.exposure.person_years();
        settlement.number("person-years", OBSERVED, years.0);
        let target = settlement.dollars("target", "{target per capita} × {person-years}", target * years);
        let expenditure = settlement.dollars("expenditure", OBSERVED, year.figure(0));
        let within = rounding::reaches(target.0, expenditure.0, target.0);
        if !within {
            settlement.remark("expenditure is above the target: nothing is paid");
        }
        within
    }
}

impl Kind for PayForPerformance {
    const KEY: &'static str = "pay_for_performance";
    const KEYS: &'static Table = PayForPerformanceKeys::TABLE;
    const SUMMARY: &'static str = "fee-for-service, with a bonus or a withhold that a score of measures pays out";
    const LISTING: Listing = Listing {
        lan: "2C; 2B with `reporting_only`",
        settles_on: "the provider's own fees or member months, given or counted scores, and total expenditure with a `target`",
        source: "a commercial term",
    };
    const EXAMPLE: &'static str = "{ mode = \"withhold\", pool_share = 0.05, target = { per_capita = 10_500 }, measures = [{ name = \"blood pressure control\", score = 0.8, weight = 3, threshold = 0.5, benchmark = 0.9, previous_score = 0.7 }, { name = \"readmissions\", score = 0.12, threshold = 0.2, benchmark = 0.1, denominator = 240 }, { name = \"access\", score = 4.2, steps = [[3.5, 0.5], [4, 0.75], [4.5, 1]] }] }";

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = PayForPerformanceKeys;
        let mode = section.read(&Keys::MODE);
        let measures = quality::read_measures(section, &Keys::MEASURES, known);
        let minimum_denominator = section.read(&Keys::MINIMUM_DENOMINATOR);
        let gate_met = section.read(&Keys::GATE_MET);
        let has_target = section.has(Keys::TARGET.name);
        let target = if has_target { read::target_of(section, &Keys::TARGET).map(Some) } else { Some(None) };
        let reporting_only = section.read(&Keys::REPORTING_ONLY);
        let services = read::scope(section, &Keys::SERVICES, known);
        let pool = section.choose(
            "pool",
            &[
                (&Keys::POOL_SHARE, &|| section.read(&Keys::POOL_SHARE).map(Pool::OfFees)),
                (&Keys::POOL_PMPM, &|| section.read(&Keys::POOL_PMPM).map(Pool::Pmpm)),
            ],
        );
        Some(Self {
            mode: mode?,
            pool: pool?,
            quality: Quality::of(measures?, minimum_denominator?),
            gate_met: gate_met?,
            target: target?,
            reporting_only: reporting_only?,
            services: services?,
        })
    }
}

impl Settle for PayForPerformance {
    fn lan(&self) -> Lan {
        if self.reporting_only { Lan::Reporting } else { Lan::Performance }
    }

    fn services(&self) -> ServiceScope {
        self.services.clone()
    }

    fn observes(&self) -> Vec<Observation> {
        let total = self.target.iter().map(|_| Observation::total(ServiceScope::All));
        total.chain(self.quality.observes()).collect()
    }

    /// ```text
    /// composite = sum of weight × points / sum of weights
    /// payment   = gate ? pool × composite : 0
    /// withhold  : the pool was held back from fees
    /// ```
    ///
    /// Where no measure has cases enough, nothing is paid and nothing is held back.
    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        let Some(composite) = self.quality.record(&mut settlement, self.measured(year)) else {
            settlement.remark("no measure has cases enough: nothing is paid or held back");
            return settlement;
        };
        let pool = self.record_pool(&mut settlement, year);
        if self.mode == PoolMode::Withhold {
            settlement.fee_adjustment = settlement.dollars("held back", "-{pool}", -pool);
        }
        if self.opens(&mut settlement, year) {
            settlement.reconciliation = settlement.dollars("paid", "{pool} × {composite}", pool * composite);
        }
        settlement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Score, ScoredMeasure, ScoringScale};
    use twosided_units::MemberMonths;

    fn measure(name: &str, score: f64, denominator: Option<f64>) -> ScoredMeasure {
        ScoredMeasure {
            name: name.to_owned(),
            score: Score::Given(score),
            weight: 1.0,
            scale: ScoringScale::Linear { threshold: 0.5, benchmark: 0.9, previous_score: None },
            category: None,
            alternative: None,
            denominator,
        }
    }

    fn contract(measures: Vec<ScoredMeasure>) -> PayForPerformance {
        PayForPerformance {
            mode: PoolMode::Withhold,
            pool: Pool::OfFees(Share::new(0.05).expect("a share")),
            quality: Quality::of(measures, 30.0),
            gate_met: true,
            target: None,
            reporting_only: false,
            services: ServiceScope::All,
        }
    }

    fn net(contract: &PayForPerformance, figures: &[f64]) -> f64 {
        let year = Year::new(MemberMonths(12_000.0), 1_000, figures).with_own_fees(Dollars(1e6));
        contract.settle(&year).total().0
    }

    #[test]
    fn a_measure_with_too_few_cases_is_left_out() {
        let both = contract(vec![measure("a", 0.9, Some(30.0)), measure("b", 0.5, Some(29.0))]);
        assert_eq!(both.composite(&Year::new(MemberMonths(12.0), 1, &[])), Some(1.0));
        assert!(net(&both, &[]).abs() < 1e-9);
        let none = contract(vec![measure("a", 0.9, Some(0.0))]);
        assert_eq!(net(&none, &[]), 0.0);
    }

    #[test]
    fn what_is_counted_has_its_score_from_the_year() {
        let counted = ScoredMeasure { score: Score::Counted("A1c".into()), ..measure("a", 0.0, None) };
        let contract = contract(vec![counted]);
        assert_eq!(contract.observes().len(), 2);
        // 70 of 100: half of the way from 0.5 to 0.9; of 29, too few.
        assert!((net(&contract, &[100.0, 70.0]) + 25_000.0).abs() < 1e-9);
        assert_eq!(net(&contract, &[29.0, 29.0]), 0.0);
        let quality = Quality { minimum_denominator: 0.0, ..contract.quality.clone() };
        assert_eq!(net(&PayForPerformance { quality, ..contract }, &[0.0, 0.0]), 0.0);
    }

    #[test]
    fn expenditure_at_the_target_is_paid_and_above_it_is_not() {
        let gated = PayForPerformance { target: Some(PerCapita(1_000.0)), ..contract(vec![measure("a", 0.9, None)]) };
        assert!(net(&gated, &[1e6]).abs() < 1e-9);
        assert!((net(&gated, &[1e6 + 1.0]) + 50_000.0).abs() < 1e-9);
    }
}
