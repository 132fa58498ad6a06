//! ACO REACH (in 2021 and 2022 named Global and Professional Direct Contracting): population risk against a benchmark,
//! with capitation of participants' claims.
//!
//! # Source
//! CMS's financial operating guides as retold in the sources of `docs/contracts.md`; corridors and sequestration reproduce
//! the published results of 2021 and 2022.

mod claims_capitation;
mod equity;
mod rules;
mod stop_loss;
#[cfg(test)]
mod tests;

pub use claims_capitation::ClaimsCapitation;
pub use equity::Equity;
pub use rules::{ReachRules, ReachScoreRules};
pub use stop_loss::ReachStopLoss;

use twosided_form::{
    Key, Literal,
    Literal::{Number, Truth},
    Nested, Range, Section, Table, Unit, Word, keys,
};
use twosided_population::{Observation, ServiceScope};
use twosided_units::{Dollars, PerCapita, Pmpm, Share};

use crate::{
    AGREED, BenchmarkUse, Composite, Kind, Known, Lan, Listing, OBSERVED, Rule, Scored, Settle, Settlement, Year, read,
};

use super::{
    final_benchmark::{self, FinalBenchmark, SharedDifference, before_discount},
    risk_score::{self, BenchmarkScore, ScoreCaps},
};
use claims_capitation::ClaimsCapitationKeys;
use equity::EquityKeys;
use stop_loss::ReachStopLossKeys;

keys! {
    /// The terms of a REACH ACO.
    pub(crate) struct ReachKeys "terms.reach" with [ReachRules::KEYS, ReachScoreRules::KEYS] {
        RISK_ARRANGEMENT: RiskArrangement = Key::word("risk_arrangement").required("\"global\"")
            .ask("give it, as risk_arrangement = \"global\" or \"professional\"")
            .meaning("the risk arrangement: how much risk is taken");
        PERFORMANCE_YEAR: u16 =
            read::year("performance_year", (read::ANY_YEAR.0, Reach::LAST_YEAR), Reach::PERFORMANCE_YEAR)
                .meaning("the performance year, which picks the dated numbers and is 2026 at the latest")
                .more("The defaults of the dated numbers begin in 2021");
        ACO_TYPE: AcoType = Key::word("aco_type").default(Literal::Word(AcoType::Standard.name()))
            .meaning("the type of ACO, which picks the limits of risk scores");
        BENCHMARK: Nested = read::BENCHMARK
            .more("It is before discount, and at a risk score of 1 where `risk_score` is given");
        RISK_SCORE: Nested = risk_score::RISK_SCORE;
        QUALITY_SCORE: Share = final_benchmark::QUALITY_SCORE;
        CONTINUOUS_IMPROVEMENT: bool = Key::truth("continuous_improvement").default(Truth(true))
            .meaning("whether the criteria of continuous improvement are met")
            .more("If not, `improvement_factor` of the earned part is left");
        EQUITY: Nested = Key::table("equity", EquityKeys::TABLE).absent("none", "{ top = 0.1, bottom_half = 0.4 }")
            .meaning("the months by decile of the equity score");
        STOP_LOSS: Nested = Key::table("stop_loss", ReachStopLossKeys::TABLE)
            .absent("none", "{ attachment_point = 150_000, payout_rate = 0.8 }")
            .meaning("CMS's own stop-loss, which moves cost");
        COMPLETION_FACTOR: f64 = Key::number("completion_factor", Range::of(1.0, 2.0)).default(Number(1.0))
            .meaning("the growth of cost that is still to be reported, as a factor");
        CAPITATION: Nested = Key::table("capitation", ClaimsCapitationKeys::TABLE).absent("none", "{ pmpm = 60 }")
            .meaning("the capitation of participants' claims");
        RETENTION_FORFEITED: bool = Key::truth("retention_forfeited").default(Truth(false))
            .meaning("whether `retention_withhold` of the benchmark before discount is lost by leaving after the first year");
        HIGH_PERFORMERS_PMPM: Pmpm = Key::quantity("high_performers_pmpm", Unit::PMPM, Range::of(0.0, 100_000.0))
            .default(Number(0.0)).meaning("what is paid from the high-performers pool");
    }
}

/// The terms of a REACH ACO's performance year.
#[derive(Clone, Debug, PartialEq)]
pub struct Reach {
    /// Professional or Global.
    pub arrangement: RiskArrangement,
    /// Benchmark before discount; at a risk score of one where a score is given.
    pub benchmark: PerCapita,
    /// The risk score of the benchmark.
    pub risk_score: Option<BenchmarkScore>,
    /// The numbers of the arrangement.
    pub rules: ReachRules,
    /// The numbers of the ACO type.
    pub score_rules: ReachScoreRules,
    /// Quality score: the part of the withhold that is earned back.
    pub quality_score: Share,
    /// Whether criteria of continuous improvement are met; if not, half as much is earned back.
    pub continuous_improvement: bool,
    /// Shares of beneficiary months by decile of the equity score.
    pub equity: Equity,
    /// CMS's stop-loss, if elected.
    pub stop_loss: Option<ReachStopLoss>,
    /// Growth of expenditure that is still to be reported.
    pub completion_factor: f64,
    /// Capitation of participants' claims.
    pub capitation: Option<ClaimsCapitation>,
    /// Whether the retention withhold is lost by leaving after the first year.
    pub retention_forfeited: bool,
    /// Paid from the high-performers pool.
    pub high_performers: Pmpm,
}

/// How much risk a REACH ACO takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RiskArrangement {
    /// Half of savings and losses, primary-care capitation.
    Professional,
    /// All of savings and losses, less a discount.
    Global,
}

impl RiskArrangement {
    const fn name(self) -> &'static str {
        match self {
            Self::Professional => "professional",
            Self::Global => "global",
        }
    }
}

impl Word for RiskArrangement {
    const WORDS: &'static [(&'static str, Self)] =
        &[(Self::Professional.name(), Self::Professional), (Self::Global.name(), Self::Global)];
}

/// Types of ACO.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AcoType {
    Standard,
    NewEntrant,
    HighNeeds,
}

impl AcoType {
    const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::NewEntrant => "new_entrant",
            Self::HighNeeds => "high_needs",
        }
    }
}

impl Word for AcoType {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::Standard.name(), Self::Standard),
        (Self::NewEntrant.name(), Self::NewEntrant),
        (Self::HighNeeds.name(), Self::HighNeeds),
    ];
}

impl Reach {
    const PERFORMANCE_YEAR: u16 = 2026;
    const LAST_YEAR: u64 = 2026;

    /// The part of the quality withhold that is earned back.
    fn earned(&self) -> Share {
        if self.continuous_improvement {
            return self.quality_score;
        }
        Share::new(self.quality_score.value() * self.rules.improvement_factor.value()).expect("a product of shares")
    }

    /// What counts as cost: expenditure with CMS's stop-loss and completion.
    fn cost(&self, settlement: &mut Settlement, year: &Year<'_>) -> Dollars {
        let expenditure = settlement.dollars("expenditure", OBSERVED, year.figure(0));
        let stop_loss = match &self.stop_loss {
            Some(cover) => cover.settle(settlement, year),
            None => settlement.dollars("net stop-loss", AGREED, Dollars::ZERO),
        };
        settlement.number("completion factor", AGREED, self.completion_factor);
        settlement.dollars(
            "cost",
            "({expenditure} + {net stop-loss}) × {completion factor}",
            (expenditure + stop_loss) * self.completion_factor,
        )
    }
}

impl Kind for Reach {
    const KEY: &'static str = "reach";
    const KEYS: &'static Table = ReachKeys::TABLE;
    const SUMMARY: &'static str =
        "Medicare population risk against a benchmark, through corridors, with capitation of participants' claims";
    const LISTING: Listing = Listing {
        lan: "4A (Professional), 4B (Global)",
        settles_on: "expenditure; with stop-loss, each beneficiary's above the attachment point",
        source: "ACO REACH model, CMS Innovation Center",
    };
    const BENCHMARK: BenchmarkUse = BenchmarkUse::Compared;
    const EXAMPLE: &'static str = "{ risk_arrangement = \"global\", benchmark = { per_capita = 12_000 }, quality_score = 0.9, stop_loss = { charge_pmpm = 8, attachment_point = 150_000, payout_rate = 0.8 }, equity = { top = 0.1, second = 0.05, bottom_half = 0.4 }, capitation = { pmpm = 60, enhanced_pmpm = 10, fee_reduction = 1.0 } }";

    fn rules() -> Vec<&'static [Rule]> {
        vec![ReachRules::TABLE, ReachScoreRules::TABLE]
    }

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = ReachKeys;
        let arrangement = section.read(&Keys::RISK_ARRANGEMENT);
        let year = section.read(&Keys::PERFORMANCE_YEAR);
        let year_or_default = year.unwrap_or(Self::PERFORMANCE_YEAR);
        let variant = arrangement.unwrap_or(RiskArrangement::Global).name();
        let rules = ReachRules::read(section, year_or_default, variant);
        let aco_type = section.read(&Keys::ACO_TYPE);
        let score_rules = ReachScoreRules::read(section, year_or_default, aco_type.unwrap_or(AcoType::Standard).name());
        let benchmark = read::target_of(section, &Keys::BENCHMARK);
        let risk_score = section.optional_table(&Keys::RISK_SCORE, |section| {
            let has_cap = score_rules.as_ref().is_none_or(|rules| rules.growth_cap_since_2019.is_some());
            let lowest_factor = score_rules.as_ref().map_or(0.0, |rules| 1.0 - rules.coding_intensity_limit.value());
            BenchmarkScore::read(section, has_cap, lowest_factor)
        });
        let quality_score = read::unless_scored(section, &Keys::QUALITY_SCORE, known, Share::ONE);
        let continuous_improvement = section.read(&Keys::CONTINUOUS_IMPROVEMENT);
        let equity = section.optional_table(&Keys::EQUITY, Equity::read);
        let stop_loss = section.optional_table(&Keys::STOP_LOSS, ReachStopLoss::read);
        let completion_factor = section.read(&Keys::COMPLETION_FACTOR);
        let capitation = section.optional_table(&Keys::CAPITATION, |section| ClaimsCapitation::read(section, known));
        let retention_forfeited = section.read(&Keys::RETENTION_FORFEITED);
        let high_performers = section.read(&Keys::HIGH_PERFORMERS_PMPM);
        year?;
        aco_type?;
        Some(Self {
            arrangement: arrangement?,
            benchmark: benchmark?,
            risk_score: risk_score?,
            rules: rules?,
            score_rules: score_rules?,
            quality_score: quality_score?,
            continuous_improvement: continuous_improvement?,
            equity: equity?.unwrap_or_default(),
            stop_loss: stop_loss?,
            completion_factor: completion_factor?,
            capitation: capitation?,
            retention_forfeited: retention_forfeited?,
            high_performers: high_performers?,
        })
    }
}

impl Settle for Reach {
    fn lan(&self) -> Lan {
        match self.arrangement {
            RiskArrangement::Professional => Lan::PartialPopulation,
            RiskArrangement::Global => Lan::Population,
        }
    }

    fn own_fees(&self) -> ServiceScope {
        self.capitation.as_ref().map_or(ServiceScope::All, |capitation| capitation.services.clone())
    }

    fn fees_given_up(&self) -> Option<(ServiceScope, Share)> {
        self.capitation.as_ref().map(|capitation| (capitation.services.clone(), capitation.fee_reduction))
    }

    fn observes(&self) -> Vec<Observation> {
        [Observation::total(ServiceScope::All)]
            .into_iter()
            .chain(self.stop_loss.as_ref().map(ReachStopLoss::layer))
            .collect()
    }

    fn scored(&self, composite: &Composite<'_>, _: &mut Settlement) -> Option<Scored> {
        let continuous_improvement = composite.improved.unwrap_or(self.continuous_improvement);
        let terms = Self { quality_score: composite.share(), continuous_improvement, ..self.clone() };
        Some(Scored {
            terms: Box::new(terms),
            steps: &["quality withhold earned"],
            how: "{composite}, and what continuous improvement leaves of it",
        })
    }

    /// ```text
    /// final benchmark = benchmark × (1 - discount) - forfeited quality withhold + equity adjustment
    /// shared          = corridor share of (final benchmark - cost), savings less sequestration
    /// ```
    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        settlement.rule("ACO REACH financial settlement");
        let caps = ScoreCaps {
            symmetric: self.score_rules.risk_score_cap,
            since_2019: self.score_rules.growth_cap_since_2019,
        };
        let score = self.risk_score.map(|score| (score, caps));
        let before_discount = before_discount(&mut settlement, year, (self.benchmark, AGREED), score);
        let equity = self.equity.settle(&self.rules, &mut settlement, year);
        let parts = FinalBenchmark {
            before_discount,
            discount: self.rules.discount,
            add_on: Share::ZERO,
            quality_withhold: self.rules.quality_withhold,
            earned: self.earned(),
            withhold_after_discount: self.rules.withhold_after_discount,
            equity: Some(equity),
        };
        let benchmark = parts.settle(&mut settlement);
        let cost = self.cost(&mut settlement, year);
        settlement.compare(benchmark, cost);
        let shared = difference(&self.rules).settle(&mut settlement, benchmark, cost);
        let capitation =
            self.capitation.as_ref().map_or(Dollars::ZERO, |capitation| capitation.settle(&mut settlement, year));
        let pool = settlement.dollars("from the high-performers pool", AGREED, self.high_performers * year.exposure);
        settlement.share("retention withhold", AGREED, self.rules.retention_withhold.value());
        let retention = if self.retention_forfeited {
            let forfeited = before_discount * self.rules.retention_withhold;
            settlement.dollars("retention forfeited", "{benchmark before discount} × {retention withhold}", forfeited)
        } else {
            settlement.dollars("retention forfeited", AGREED, Dollars::ZERO)
        };
        let how = if self.capitation.is_some() {
            "{after sequestration} + {capitation settled} + {from the high-performers pool} - {retention forfeited}"
        } else {
            "{after sequestration} + {from the high-performers pool} - {retention forfeited}"
        };
        settlement.reconciliation =
            settlement.dollars("total monies owed", how, shared + capitation + pool - retention);
        settlement
    }
}

impl Reach {
    /// Settles a year whose final benchmark and cost are known.
    pub fn settle_difference(rules: &ReachRules, settlement: &mut Settlement, benchmark: Dollars, cost: Dollars) {
        settlement.rule("ACO REACH financial settlement");
        settlement.dollars("final benchmark", OBSERVED, benchmark);
        settlement.dollars("cost", OBSERVED, cost);
        settlement.reconciliation = difference(rules).settle(settlement, benchmark, cost);
    }
}

/// Who bears what of the difference from the final benchmark.
fn difference(rules: &ReachRules) -> SharedDifference<'_> {
    SharedDifference {
        gains: &rules.corridor,
        losses: &rules.corridor,
        sequestration: rules.sequestration,
        sequesters_losses: rules.sequesters_losses,
    }
}
