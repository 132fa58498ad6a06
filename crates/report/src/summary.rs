//! The figures of a run, each with its standard error: what `summary.json` holds.
//!
//! The types here are written and read as they stand; `docs/schemas/summary.schema.json` is generated from them.

mod attribution;
mod capital;
mod cash;
mod cover_choice;
mod expected;
mod figure;
mod forecast;
mod keyed;
mod measured;
mod owed;
mod people;
mod period;
mod pools;
mod population;
mod practice;
mod ranking;
mod relief;
mod return_on_risk;
mod sensitivity;
mod settled;
mod surplus;
mod trials;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twosided_prob::{Estimate, RiskMeasure};

use crate::Provenance;

pub use attribution::AttributedSegment;
pub use capital::{CapitalSummary, ContractCapital, Repayment, RiskBased};
pub use cash::{CashMonth, CashSummary};
pub use cover_choice::{CoverChoice, Settled};
pub use expected::{CoverPrice, Expected, ExpectedContract};
pub use figure::{Doubt, Figure, Interval, Mean, Method, Unit};
pub use forecast::{ForecastSummary, RateInterval};
pub use owed::Owed;
pub use people::{MeasureFigures, PeopleSummary, PeopleUnder};
pub use period::Period;
pub use pools::PooledLayer;
pub use population::PopulationFigure;
pub use practice::{
    HeldAlone, HeldFigures, Ledger, MarginFigures, PayerFigures, PracticeSummary, ProgramFigures, Revenue,
    RevenueFigures, TailFigures,
};
pub use ranking::{BestContract, BestContractFrom, DominatedContract, Ranking};
pub use relief::CoverRelief;
pub use return_on_risk::{NoReturn, RepaymentMechanism, ReturnOn, ReturnOnRisk};
pub use sensitivity::{MovedEnd, MovedKey, Sensitivity};
pub use settled::SettledBy;
pub use surplus::{ContractSurplus, SurplusPart, SurplusSummary};

/// The version of the form in which a summary is written. It rises when a key is renamed, removed, or means something else.
pub const SCHEMA_VERSION: u32 = 1;

/// All figures of a run that are not of single trials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Summary of a twosided run")]
pub struct Summary {
    /// Version of the form of this file.
    pub schema_version: u32,
    /// What was run, with what.
    pub provenance: Provenance,
    /// People in the population.
    pub people: u64,
    /// Contracts by name, in the order of the continuum, then of the scenario.
    #[serde(with = "keyed::by_name")]
    #[schemars(with = "std::collections::BTreeMap<String, ContractSummary>")]
    pub contracts: Vec<ContractSummary>,
    /// Every pair of contracts, the later on the continuum less the earlier.
    pub differences: Vec<Difference>,
    /// Which contracts are dominated, and which is best under which preference; absent where there are not two contracts, or none but
    /// fee-for-service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranking: Option<Ranking>,
    /// Contracts that are held at once, as one practice each; absent where there are none, or where lines are not kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub practice: Vec<PracticeSummary>,
    /// What each party of a contract has more than under fee-for-service alone; absent where lines are not kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ledgers: Vec<Ledger>,
    /// Results by group of people, and quality: all people first; absent where the population has neither measures nor groups, and where
    /// lines are not kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people_by_group: Vec<PeopleSummary>,
    /// The population in the first year, by segment and by service.
    pub population: Vec<PopulationFigure>,
    /// Segments whose people are assigned by whom they visit; absent where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attribution: Vec<AttributedSegment>,
    /// What pools of large segments leave unknown; absent where nothing is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pools: Vec<PooledLayer>,
    /// What contracts are expected to come to in the first year.
    pub expected: Expected,
    /// What stop-loss takes off bad years, in the order of the contracts; absent where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cover_relief: Vec<CoverRelief>,
    /// What the keys that the scenario varies move; absent where it varies none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<Sensitivity>,
    /// What contracts may ask of the provider; absent where the scenario has no `[capital]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capital: Option<CapitalSummary>,
    /// How settlements are divided within the provider; absent where the scenario has no `[surplus]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surplus: Option<SurplusSummary>,
    /// What was found of the year that is simulated; absent where the scenario has no `[forecast]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<ForecastSummary>,
    /// The past year whose spending is expected once more; absent where the scenario has no `[replay]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replayed_year: Option<u32>,
    /// What is likely to be meant otherwise, in the scenario and as it came out.
    pub warnings: Vec<Warning>,
    /// Blocks of the scenario that state figures, and where those come from.
    pub assumptions: Vec<Assumption>,
}

/// One contract's figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContractSummary {
    /// Its name.
    #[serde(skip)]
    pub name: String,
    /// Category of the HCP-LAN continuum, as `3B`.
    pub lan: String,
    /// One line on its kind.
    pub kind: String,
    /// Keys of its kind's rules with a default that is unconfirmed.
    pub unconfirmed: Vec<String>,
    /// Where the quality scores that enter it are from; absent where none enters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_score: Option<ScoreFrom>,
    /// Whether it is fee-for-service and nothing else: the zero line itself, by its terms.
    pub is_reference: bool,
    /// Its table of the scenario, as written.
    pub terms: String,
    /// What is measured of its gain over the horizon.
    #[serde(with = "keyed::by_measure")]
    #[schemars(schema_with = "keyed::by_measure::schema")]
    pub measures: Vec<Figure>,
    /// Mean gain for the risk taken; absent of fee-for-service alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_on_risk: Option<ReturnOnRisk>,
    /// What may be owed to the payer; absent of fee-for-service alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owed: Option<Owed>,
    /// The margin; absent where lines are not kept, and where the provider has neither fees nor costs of its own: its margin is its gain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<MarginFigures>,
    /// Means of the lines that add up to the margin over the horizon.
    #[serde(with = "keyed::by_line")]
    #[schemars(schema_with = "keyed::by_line::schema")]
    pub mean_lines: Vec<Figure>,
    /// Cash, month by month; absent without a `[cash]` block, and where lines are not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cash: Option<CashSummary>,
    /// Year by year.
    pub years: Vec<YearSummary>,
    /// Probability that cumulative gains are below zero at the end of some year.
    pub probability_ever_behind: Figure,
    /// Probability that the contract ends before the horizon does.
    pub probability_of_early_end: Figure,
}

/// Where a contract's quality scores are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScoreFrom {
    /// The scenario gives them, the same in every trial.
    Given,
    /// They follow from measures of the sampled year.
    Sampled,
}

/// One contract in one year of the horizon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct YearSummary {
    /// The year, counted from 1.
    pub year: u32,
    /// Mean gain of the year.
    pub mean_gain: Figure,
    /// Probability of a loss in the year.
    pub probability_of_loss: Figure,
    /// Mean gain since the start of the horizon.
    pub cumulative_mean_gain: Figure,
    /// 5% quantile of the gain since the start of the horizon.
    pub cumulative_gain_quantile_05: Figure,
    /// 95% quantile of the gain since the start of the horizon.
    pub cumulative_gain_quantile_95: Figure,
    /// Share of trials in which the contract is in force.
    pub in_force: f64,
    /// Mean benchmark over the trials in which the contract is in force; absent where it compares none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<Mean>,
    /// Mean of the expenditure that the benchmark is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expenditure: Option<Mean>,
}

/// Mean gain of one contract less that of another, on the same years.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// The contract.
    pub contract: String,
    /// The contract that is subtracted.
    pub less: String,
    /// Mean of the difference, by paired trials.
    pub mean_gain: Figure,
}

/// A value that is allowed, and likely to be meant otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    /// What the value is.
    pub message: String,
    /// Why it is doubted.
    pub reason: String,
}

/// A block of the scenario that states figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Assumption {
    /// Its path, as `population.segments[1]`.
    pub path: String,
    /// Where its figures come from; absent where the scenario gives no source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl Summary {
    /// What gains are of.
    pub fn period(&self) -> Period {
        Period { years: self.provenance.years }
    }

    /// The unit of gains in a sentence, as "dollars a year".
    pub fn unit(&self) -> String {
        self.period().say("dollars {a year}")
    }

    /// The contract of that name.
    pub fn contract(&self, name: &str) -> Option<&ContractSummary> {
        self.contracts.iter().find(|contract| contract.name == name)
    }

    /// The JSON Schema of a saved summary.
    pub fn schema() -> schemars::Schema {
        schemars::schema_for!(Self)
    }
}

impl ContractSummary {
    /// One figure.
    pub fn measure(&self, measure: RiskMeasure) -> Estimate {
        self.measures[measure as usize].estimate()
    }

    /// One figure as it is shown to a reader: the estimated bound of an exact one stands where the error of a simulated one would.
    pub fn shown(&self, measure: RiskMeasure) -> Estimate {
        self.certainly(self.measures[measure as usize].shown())
    }

    /// Whether the gain is the same in every trial, rounding aside.
    pub fn is_certain(&self) -> bool {
        self.measure(RiskMeasure::SdGain).value == 0.0
    }

    /// A figure of the gain without an error, where the gain is the same in every trial.
    pub fn certainly(&self, figure: Estimate) -> Estimate {
        if !self.is_certain() {
            return figure;
        }
        let Estimate { value, .. } = figure;
        Estimate { value, standard_error: 0.0, lower: value, upper: value, caution: None }
    }
}
