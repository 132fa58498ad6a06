//! LEAD (2027 to 2036): population risk against a benchmark that is not rebased, with episode arrangements passed to
//! specialists.
//!
//! # Source
//! CMS's request for applications and methodology paper for 2027 as retold in the sources of `docs/contracts.md`. No
//! settlement has been published.

use std::cmp::Ordering;

use twosided_form::Section;
use twosided_population::{Observation, ServiceScope};
use twosided_units::{Dollars, PerCapita, Share};

use crate::{
    AGREED, BenchmarkScore, Corridor, Known, Lan, Listing, OBSERVED, Rule, Settle, Settlement, Year,
    kinds::population_risk::final_benchmark::{FinalBenchmark, ScoreCaps, SharedDifference, before_discount},
    read,
    rules::{read_year_of_model, rules},
    step::in_steps,
};

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

/// Options of LEAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadOption {
    /// Part of savings and losses.
    Professional,
    /// All of savings and losses, for ACOs that spend less than their region.
    GlobalLowerSpending,
    /// All of savings and losses, for ACOs that spend more than their region.
    GlobalHigherSpending,
}

/// What is added to a benchmark; never both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BenchmarkAdjustment {
    /// Nothing.
    None,
    /// Half of the difference from regional expenditure; the cap depends on whether the ACO comes from the Shared Savings
    /// Program.
    RegionalEfficiency {
        /// Regional expenditure, risk-adjusted.
        regional: PerCapita,
        /// Whether the ACO was in the Shared Savings Program.
        former_mssp: bool,
    },
    /// Half of savings in earlier years.
    PriorSavings(PerCapita),
}

/// Episodes of one kind that specialists answer for to the ACO.
#[derive(Clone, Debug, PartialEq)]
pub struct SpecialistEpisodes {
    /// The service that is the episode.
    pub service: String,
    /// Agreed price of an episode.
    pub target_price: Dollars,
    /// Specialists' share of what episodes cost less.
    pub share_of_gains: Share,
    /// Specialists' share of what they cost more.
    pub share_of_losses: Share,
}

const OPTIONS: [(&str, LeadOption); 3] = [
    ("professional", LeadOption::Professional),
    ("global_lower_spending", LeadOption::GlobalLowerSpending),
    ("global_higher_spending", LeadOption::GlobalHigherSpending),
];

rules! {
    /// The numbers of an option in a performance year.
    pub struct LeadRules {
        /// Cut from the benchmark.
        discount: Share {
            ["professional"] 2027 => Number(0.0), Secondary, "LEAD request for applications";
            ["global_lower_spending"] 2027 => Number(0.03), Secondary, "LEAD request for applications";
            ["global_higher_spending"] 2027 => Number(0.0175), Secondary, "LEAD request for applications";
            ["global_higher_spending"] 2028 => Number(0.02), Unconfirmed, "on the way to 3% in 2032 in even steps";
            ["global_higher_spending"] 2029 => Number(0.0225), Unconfirmed, "on the way to 3% in 2032 in even steps";
            ["global_higher_spending"] 2030 => Number(0.025), Unconfirmed, "on the way to 3% in 2032 in even steps";
            ["global_higher_spending"] 2031 => Number(0.0275), Unconfirmed, "on the way to 3% in 2032 in even steps";
            ["global_higher_spending"] 2032 => Number(0.03), Secondary, "LEAD request for applications";
        }
        /// Added to the benchmark before discount, as a share of it.
        add_on: Share {
            ["professional", "global_lower_spending"] 2027 => Number(0.0), Secondary, "LEAD request for applications";
            ["global_higher_spending"] 2027 => Number(0.015), Secondary, "LEAD request for applications";
        }
        /// Withheld from the benchmark and earned back by quality.
        quality_withhold: Share {
            [] 2027 => Number(0.03), Secondary, "LEAD request for applications";
        }
        /// Whether the withhold is a share of the benchmark after discount, not before.
        withhold_after_discount: bool {
            [] 2027 => Truth(true), Unconfirmed, "not stated";
        }
        /// The ACO's share of savings, by share of the final benchmark.
        gains: Corridor {
            ["global_lower_spending", "global_higher_spending"] 2027 => Bands(&[(0.15, 1.0), (0.35, 0.5), (0.50, 0.25), (f64::INFINITY, 0.1)]), Secondary, "LEAD methodology paper for 2027";
            ["professional"] 2027 => Bands(&[(0.10, 0.6), (0.15, 0.35), (0.20, 0.15), (f64::INFINITY, 0.05)]), Unconfirmed, "accounts differ: up to 60% (methodology paper, July 2026) or 50% (April 2026)";
        }
        /// The ACO's share of losses, by share of the final benchmark.
        losses: Corridor {
            ["global_lower_spending", "global_higher_spending"] 2027 => Bands(&[(0.15, 1.0), (0.35, 0.5), (0.50, 0.25), (f64::INFINITY, 0.1)]), Secondary, "LEAD methodology paper for 2027";
            ["professional"] 2027 => Bands(&[(0.10, 0.5), (0.15, 0.35), (0.20, 0.15), (f64::INFINITY, 0.05)]), Unconfirmed, "50% of the first band; the others as for savings";
        }
        /// Cut from shared savings.
        sequestration: Share {
            [] 2027 => Number(0.02), Unconfirmed, "as in ACO REACH";
        }
        /// Highest change of the normalized risk score from the third base year, up and down.
        risk_score_cap: Share {
            [] 2027 => Number(0.03), Secondary, "LEAD request for applications; 4% for high needs";
        }
        /// Part of the difference from the region, or of prior savings, that is added to the benchmark.
        adjustment_weight: Share {
            ["professional"] 2027 => Number(0.0), Secondary, "LEAD request for applications: Global, lower spending only";
            ["global_lower_spending"] 2027 => Number(0.5), Secondary, "LEAD request for applications";
            ["global_higher_spending"] 2027 => Number(0.0), Secondary, "LEAD request for applications: Global, lower spending only";
        }
        /// Highest efficiency adjustment of an ACO from the Shared Savings Program, as a share of the benchmark.
        efficiency_cap_former_mssp: Share {
            [] 2027 => Number(0.03), Secondary, "LEAD request for applications";
        }
        /// Highest efficiency adjustment of another ACO, as a share of the benchmark.
        efficiency_cap: Share {
            [] 2027 => Number(0.05), Secondary, "LEAD request for applications";
        }
        /// Financial guarantee, as a share of expenditure.
        guarantee: Share {
            [] 2027 => Number(0.04), Secondary, "LEAD request for applications: of the third base year's annualized expenditure, for which the year's stands here";
        }
    }
}

impl Lead {
    const PERFORMANCE_YEAR: u16 = 2027;
    const LAST_YEAR: u16 = 2036;

    fn adjusted(&self, settlement: &mut Settlement) -> (PerCapita, &'static str) {
        let weight = self.rules.adjustment_weight;
        match self.adjustment {
            BenchmarkAdjustment::None => (self.benchmark, AGREED),
            BenchmarkAdjustment::RegionalEfficiency { regional, former_mssp } => {
                let cap = if former_mssp { self.rules.efficiency_cap_former_mssp } else { self.rules.efficiency_cap };
                settlement.per_capita("benchmark before adjustment", AGREED, self.benchmark);
                settlement.per_capita("regional expenditure", AGREED, regional);
                settlement.share("adjustment weight", AGREED, weight.value());
                settlement.share("efficiency cap", AGREED, cap.value());
                let difference = (regional.0 - self.benchmark.0).max(0.0) * weight.value();
                let added = difference.min(self.benchmark.0 * cap.value());
                settlement.per_capita(
                    "regional efficiency adjustment",
                    "min({adjustment weight} × max(0, {regional expenditure} - {benchmark before adjustment}), {efficiency cap} × {benchmark before adjustment})",
                    PerCapita(added),
                );
                let how = "{benchmark before adjustment} + {regional efficiency adjustment}";
                (PerCapita(self.benchmark.0 + added), how)
            }
            BenchmarkAdjustment::PriorSavings(savings) => {
                settlement.per_capita("benchmark before adjustment", AGREED, self.benchmark);
                settlement.per_capita("prior savings", AGREED, savings);
                settlement.share("adjustment weight", AGREED, weight.value());
                let added = savings.0.max(0.0) * weight.value();
                let how = "max(0, {prior savings}) × {adjustment weight}";
                settlement.per_capita("prior-savings adjustment", how, PerCapita(added));
                (PerCapita(self.benchmark.0 + added), "{benchmark before adjustment} + {prior-savings adjustment}")
            }
        }
    }

    /// What specialists receive of their episodes' result, or pay for it.
    fn to_specialists(&self, settlement: &mut Settlement, year: &Year<'_>) -> Dollars {
        let mut total = Dollars::ZERO;
        let mut terms = Vec::new();
        for (index, arrangement) in self.specialists.iter().enumerate() {
            let (count, spent) = (year.count(1 + 2 * index), year.figure(2 + 2 * index));
            let result = arrangement.target_price * count - spent;
            let share = if result > Dollars::ZERO { arrangement.share_of_gains } else { arrangement.share_of_losses };
            if settlement.is_explained() {
                let name = in_steps(&arrangement.service);
                settlement.number(format!("{name}: episodes"), OBSERVED, count);
                settlement.dollars(format!("{name}: target price"), AGREED, arrangement.target_price);
                settlement.dollars(format!("{name}: expenditure"), OBSERVED, spent);
                let how = format!("{{{name}: target price}} × {{{name}: episodes}} - {{{name}: expenditure}}");
                settlement.dollars(format!("{name}: below target"), how, result);
                settlement.share(format!("{name}: specialists' share"), AGREED, share.value());
                let how = format!("{{{name}: below target}} × {{{name}: specialists' share}}");
                settlement.dollars(format!("{name}: to specialists"), how, result * share);
                terms.push(format!("{{{name}: to specialists}}"));
            }
            total += result * share;
        }
        if !self.specialists.is_empty() {
            settlement.dollars("to specialists", terms.join(" + "), total);
        }
        total
    }
}

impl Settle for Lead {
    const KEY: &'static str = "lead";
    const SUMMARY: &'static str =
        "Medicare population risk against a benchmark without rebasing, with episodes passed to specialists";
    const ROW: Listing = Listing {
        lan: "4A (Professional), 4B (Global)",
        settles_on: "expenditure; counts and expenditure of specialists' episodes",
        source: "LEAD model, CMS Innovation Center",
    };
    const EXAMPLE: &'static str = "{ option = \"global_lower_spending\", benchmark = { per_capita = 12_000 }, quality_score = 0.9, regional_efficiency = { regional = 12_900, former_mssp = true }, specialists = [{ service = \"joint replacement\", target_price = 24_000, share_of_gains = 0.5, share_of_losses = 0.3 }] }";

    fn rules() -> Vec<&'static [Rule]> {
        vec![LeadRules::TABLE]
    }

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        section.require("option", "give it, as option = \"global_lower_spending\" or \"professional\"");
        let option = section.choice("option", &OPTIONS);
        let year = read_year_of_model(section, Self::PERFORMANCE_YEAR, Self::LAST_YEAR);
        let variant = option.unwrap_or(LeadOption::GlobalLowerSpending).name();
        let rules = LeadRules::read(section, year.unwrap_or(Self::PERFORMANCE_YEAR), variant);
        let benchmark = read::benchmark(section);
        let risk_score = BenchmarkScore::read(section, false);
        let adjustment = read_adjustment(section);
        let quality_score = read::share_or(section, "quality_score", Share::ONE);
        let guarantee_fee = section.or("guarantee_fee", None, |section| section.share("guarantee_fee").map(Some));
        let specialists = section.or("specialists", Vec::new(), |section| {
            let mut specialists =
                section.each("specialists", MOST_ARRANGEMENTS, |entry| SpecialistEpisodes::read(entry, known))?;
            // Sums over specialists do not depend on their order in the file.
            specialists.sort_by(SpecialistEpisodes::by_service);
            Some(specialists)
        });
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

    fn lan(&self) -> Lan {
        match self.option {
            LeadOption::Professional => Lan::PartialPopulation,
            LeadOption::GlobalLowerSpending | LeadOption::GlobalHigherSpending => Lan::Population,
        }
    }

    fn observes(&self) -> Vec<Observation> {
        let of_episodes = self.specialists.iter().flat_map(|arrangement| {
            let service = || arrangement.service.clone();
            [Observation::Count { service: service() }, Observation::Expenditure { service: service() }]
        });
        [Observation::total(ServiceScope::All)].into_iter().chain(of_episodes).collect()
    }

    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        settlement.rule("LEAD financial settlement");
        let per_capita = self.adjusted(&mut settlement);
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
        let passed_on = self.to_specialists(&mut settlement, year);
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

/// Most episode arrangements of one ACO.
const MOST_ARRANGEMENTS: usize = 50;

impl LeadOption {
    fn name(self) -> &'static str {
        OPTIONS[self as usize].0
    }
}

fn read_adjustment(section: &Section<'_>) -> Option<BenchmarkAdjustment> {
    if section.has("regional_efficiency") && section.has("prior_savings") {
        let message = format!("{} has both `regional_efficiency` and `prior_savings`", section.path);
        section.wrong(&section.span, message, "a benchmark is adjusted for one of them, never for both");
        return None;
    }
    if section.has("prior_savings") {
        let savings = read::number(section, "prior_savings", -100_000.0, 100_000.0, "prior_savings = 150")?;
        return Some(BenchmarkAdjustment::PriorSavings(PerCapita(savings)));
    }
    section.or("regional_efficiency", BenchmarkAdjustment::None, |section| {
        let section = section.section("regional_efficiency")?;
        let regional = read::number(&section, "regional", 1.0, 1e7, "regional = 12_900");
        let former_mssp = read::truth_or(&section, "former_mssp", false);
        section.finish();
        Some(BenchmarkAdjustment::RegionalEfficiency { regional: PerCapita(regional?), former_mssp: former_mssp? })
    })
}

impl SpecialistEpisodes {
    /// By service, and of one service by their terms.
    fn by_service(&self, other: &Self) -> Ordering {
        let terms = |of: &Self| [of.target_price.0, of.share_of_gains.value(), of.share_of_losses.value()];
        let by_terms = || terms(self).partial_cmp(&terms(other)).unwrap_or(Ordering::Equal);
        self.service.cmp(&other.service).then_with(by_terms)
    }

    fn read(section: Section<'_>, known: &Known) -> Option<Self> {
        let service = read::service(&section, "service", known);
        let target_price = read::number(&section, "target_price", 1.0, 1e9, "target_price = 24_000");
        let share_of_gains = read::share(&section, "share_of_gains", "share_of_gains = 0.5");
        let share_of_losses = read::share_or(&section, "share_of_losses", Share::ZERO);
        section.finish();
        Some(Self {
            service: service?,
            target_price: Dollars(target_price?),
            share_of_gains: share_of_gains?,
            share_of_losses: share_of_losses?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_units::MemberMonths;

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
