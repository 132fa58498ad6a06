//! LEAD (2027 to 2036): population risk against a benchmark that is not rebased, with episode arrangements passed to
//! specialists.
//!
//! # Source
//! CMS's request for applications and methodology paper for 2027 as retold in the sources of `docs/contracts.md`. No
//! settlement has been published.

mod adjustment;
mod rules;
mod specialists;

pub use adjustment::BenchmarkAdjustment;
pub use rules::{LeadOption, LeadRules};
pub use specialists::SpecialistEpisodes;

use twosided_form::{Key, List, Nested, Section, Table, keys};
use twosided_population::{Observation, ServiceScope};
use twosided_units::{PerCapita, Share};

use crate::{
    AGREED, BenchmarkUse, Composite, Kind, Known, Lan, Listing, OBSERVED, Rule, Scored, Settle, Settlement, Year, read,
};

use super::{
    final_benchmark::{self, FinalBenchmark, SharedDifference, before_discount},
    risk_score::{self, BenchmarkScore, ScoreCaps},
};
use adjustment::BenchmarkAdjustmentKeys;

keys! {
    /// The terms of a LEAD ACO.
    pub(crate) struct LeadKeys "terms.lead" with [BenchmarkAdjustmentKeys::OWN, LeadRules::KEYS] {
        OPTION: LeadOption = Key::word("option").required("\"global_lower_spending\"")
            .ask("give it, as option = \"global_lower_spending\" or \"professional\"")
            .meaning("the option: part or all of savings and losses; all of them by whether the ACO spends less or more than the region");
        PERFORMANCE_YEAR: u16 =
            read::year("performance_year", (read::ANY_YEAR.0, Lead::LAST_YEAR), Lead::PERFORMANCE_YEAR)
                .meaning("the performance year, which picks the dated numbers and is 2036 at the latest")
                .more("The defaults of the dated numbers begin in 2027; those without a later default keep their last");
        BENCHMARK: Nested = read::BENCHMARK
            .more("It is before adjustment, add-on and discount, and at a risk score of 1 where `risk_score` is given");
        RISK_SCORE: Nested = risk_score::RISK_SCORE;
        QUALITY_SCORE: Share = final_benchmark::QUALITY_SCORE;
        GUARANTEE_FEE: Share = Key::share("guarantee_fee").absent("none", "0.01")
            .meaning("what the financial guarantee costs a year, as a share of its amount")
            .more("It is booked as administration");
        SPECIALISTS: List = specialists::SPECIALISTS;
    }
}

/// The terms of a LEAD ACO's performance year.
#[derive(Clone, Debug, PartialEq)]
pub struct Lead {
    /// Professional or Global, and of which spending group.
    pub option: LeadOption,
    /// Benchmark before discount and adjustment; at a risk score of one where a score is given.
    pub benchmark: PerCapita,
    /// What is added for efficiency against the region, or for prior savings.
    pub adjustment: BenchmarkAdjustment,
    /// The risk score of the benchmark.
    pub risk_score: Option<BenchmarkScore>,
    /// The numbers of the option.
    pub rules: LeadRules,
    /// Quality score: the part of the withhold that is earned back.
    pub quality_score: Share,
    /// What the financial guarantee costs a year, as a share of its amount.
    pub guarantee_fee: Option<Share>,
    /// Episode arrangements with specialists.
    pub specialists: Vec<SpecialistEpisodes>,
}

impl Lead {
    const PERFORMANCE_YEAR: u16 = 2027;
    const LAST_YEAR: u64 = 2036;
}

impl Kind for Lead {
    const KEY: &'static str = "lead";
    const KEYS: &'static Table = LeadKeys::TABLE;
    const SUMMARY: &'static str =
        "Medicare population risk against a benchmark without rebasing, with episodes passed to specialists";
    const LISTING: Listing = Listing {
        lan: "4A (Professional), 4B (Global)",
        settles_on: "expenditure; counts and expenditure of specialists' episodes",
        source: "LEAD model, CMS Innovation Center",
    };
    const BENCHMARK: BenchmarkUse = BenchmarkUse::Compared;
    const EXAMPLE: &'static str = "{ option = \"global_lower_spending\", benchmark = { per_capita = 12_000 }, quality_score = 0.9, regional_efficiency = { regional = 12_900, former_mssp = true }, specialists = [{ service = \"joint replacement\", target_price = 24_000, share_of_gains = 0.5, share_of_losses = 0.3 }] }";

    fn rules() -> Vec<&'static [Rule]> {
        vec![LeadRules::TABLE]
    }

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = LeadKeys;
        let option = section.read(&Keys::OPTION);
        let year = section.read(&Keys::PERFORMANCE_YEAR);
        let variant = option.unwrap_or(LeadOption::GlobalLowerSpending).name();
        let rules = LeadRules::read(section, year.unwrap_or(Self::PERFORMANCE_YEAR), variant);
        let benchmark = read::target_of(section, &Keys::BENCHMARK);
        let risk_score = section.optional_table(&Keys::RISK_SCORE, |section| BenchmarkScore::read(section, false, 0.0));
        let adjustment = BenchmarkAdjustment::read(section);
        let quality_score = read::unless_scored(section, &Keys::QUALITY_SCORE, known, Share::ONE);
        let guarantee_fee = section.optional(&Keys::GUARANTEE_FEE);
        let specialists = specialists::read(section, known);
        year?;
        Some(Self {
            option: option?,
            benchmark: benchmark?,
            adjustment: adjustment?,
            risk_score: risk_score?,
            rules: rules?,
            quality_score: quality_score?,
            guarantee_fee: guarantee_fee?,
            specialists: specialists?,
        })
    }
}

impl Settle for Lead {
    fn lan(&self) -> Lan {
        match self.option {
            LeadOption::Professional => Lan::PartialPopulation,
            LeadOption::GlobalLowerSpending | LeadOption::GlobalHigherSpending => Lan::Population,
        }
    }

    fn observes(&self) -> Vec<Observation> {
        let total = [Observation::total(ServiceScope::All)];
        total.into_iter().chain(specialists::observes(&self.specialists)).collect()
    }

    fn scored(&self, composite: &Composite<'_>, _: &mut Settlement) -> Option<Scored> {
        let terms = Self { quality_score: composite.share(), ..self.clone() };
        Some(Scored { terms: Box::new(terms), steps: &["quality withhold earned"], how: "{composite}" })
    }

    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        settlement.rule("LEAD financial settlement");
        let per_capita = self.adjustment.settle(self.benchmark, &self.rules, &mut settlement);
        let caps = ScoreCaps { symmetric: self.rules.risk_score_cap, since_2019: None };
        let score = self.risk_score.map(|score| (score, caps));
        let parts = FinalBenchmark {
            before_discount: before_discount(&mut settlement, year, per_capita, score),
            discount: self.rules.discount,
            add_on: self.rules.add_on,
            quality_withhold: self.rules.quality_withhold,
            earned: self.quality_score,
            withhold_after_discount: self.rules.withhold_after_discount,
            equity: None,
        };
        let benchmark = parts.settle(&mut settlement);
        let cost = settlement.dollars("cost", OBSERVED, year.figure(0));
        settlement.compare(benchmark, cost);
        let difference = SharedDifference {
            gains: &self.rules.gains,
            losses: &self.rules.losses,
            sequestration: self.rules.sequestration,
            sequesters_losses: false,
        };
        let shared = difference.settle(&mut settlement, benchmark, cost);
        let passed_on = specialists::to_specialists(&self.specialists, &mut settlement, year);
        let how = if self.specialists.is_empty() {
            "{after sequestration}"
        } else {
            "{after sequestration} - {to specialists}"
        };
        settlement.reconciliation = settlement.dollars("total monies owed", how, shared - passed_on);
        if let Some(fee) = self.guarantee_fee {
            settlement.share("financial guarantee", AGREED, self.rules.guarantee.value());
            settlement.share("fee for the guarantee", AGREED, fee.value());
            settlement.administration = settlement.dollars(
                "cost of the guarantee",
                "{cost} × {financial guarantee} × {fee for the guarantee}",
                cost * self.rules.guarantee * fee,
            );
        }
        settlement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_units::{Dollars, MemberMonths};

    fn aco(option: LeadOption) -> Lead {
        Lead {
            option,
            benchmark: PerCapita(10_000.0),
            adjustment: BenchmarkAdjustment::None,
            risk_score: None,
            rules: LeadRules::of(2027, option.name()).expect("its year has rules"),
            quality_score: Share::ONE,
            guarantee_fee: None,
            specialists: Vec::new(),
        }
    }

    fn settled(aco: &Lead, figures: &[f64]) -> Settlement {
        aco.settle(&Year::new(MemberMonths(120_000.0), 10_000, figures))
    }

    #[test]
    fn a_loss_of_the_whole_benchmark_keeps_a_third() {
        let settlement = settled(&aco(LeadOption::GlobalLowerSpending), &[194e6]);
        // 97m after discount: 15 + 10 + 3.75 + 5 points of it.
        assert!((settlement.reconciliation.0 + 97e6 * 0.3375).abs() < 1e-6);
    }

    #[test]
    fn efficiency_raises_a_benchmark_up_to_its_cap() {
        let adjustment = BenchmarkAdjustment::RegionalEfficiency { regional: PerCapita(11_000.0), former_mssp: true };
        let with = |option| Lead { adjustment, ..aco(option) };
        let benchmark = |aco: &Lead| settled(aco, &[97e6]).step("final benchmark").expect("a step");
        assert!((benchmark(&with(LeadOption::GlobalLowerSpending)) - 103e6 * 0.97).abs() < 1e-6);
        assert!((benchmark(&with(LeadOption::Professional)) - 100e6).abs() < 1e-6);
    }

    #[test]
    fn specialists_share_what_their_episodes_save() {
        let share = |value| Share::new(value).expect("a share");
        let specialists = vec![SpecialistEpisodes {
            service: "joints".to_owned(),
            target_price: Dollars(25_000.0),
            share_of_gains: share(0.5),
            share_of_losses: share(0.2),
        }];
        let alone = settled(&aco(LeadOption::Professional), &[95e6]).reconciliation.0;
        let aco = Lead { specialists, ..aco(LeadOption::Professional) };
        let cheap = settled(&aco, &[95e6, 100.0, 2.4e6]).reconciliation.0;
        let dear = settled(&aco, &[95e6, 100.0, 2.6e6]).reconciliation.0;
        assert!((alone - cheap - 5e4).abs() < 1e-6);
        assert!((dear - alone - 2e4).abs() < 1e-6);
    }
}
