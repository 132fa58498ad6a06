//! The exact figures of a scenario, as a table and as files.

use comfy_table::{Cell, ContentArrangement, Table};
use serde::Serialize;
use twosided_files::{Kept, OutputFolder};
use twosided_form::{Cells, name_cell};
use twosided_oracle::{Exact, GainLaw, Measure, Oracle};
use twosided_scenario::Scenario;

use crate::{
    ReportError,
    provenance::{scenario_sha256, text_as_run},
    save,
    terminal::{STYLE, right},
    text::{exact_amount, exact_share},
};

/// The files of exact figures.
pub const EXACT_FILES: [&str; 3] = ["exact.json", "exact.csv", "run.toml"];

/// Columns of `exact.csv`.
const COLUMNS: [&str; 8] = ["scenario", "version", "contract", "measure", "unit", "value", "bound", "note"];

/// The exact figures of a scenario's contracts.
#[derive(Clone, Debug, Serialize)]
pub struct ExactReport {
    /// The scenario's name.
    pub scenario: String,
    /// Version of the program.
    pub version: String,
    /// Commit of the program.
    pub commit: String,
    /// Hash of the scenario as run.
    pub scenario_sha256: String,
    /// The contracts, in the order of the file.
    pub contracts: Vec<ExactContract>,
    /// The scenario as run.
    #[serde(skip)]
    text: String,
}

/// The exact figures of a contract's gain over fee-for-service alone.
#[derive(Clone, Debug, Serialize)]
pub struct ExactContract {
    /// The contract's name.
    pub name: String,
    /// Why there is no exact law; absent where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_exact_law: Option<String>,
    /// Its figures; none where there is no exact law.
    pub measures: Vec<ExactFigure>,
}

/// An exact figure.
#[derive(Clone, Debug, Serialize)]
pub struct ExactFigure {
    /// Its name in files.
    pub measure: String,
    /// `USD a year` or `probability`.
    pub unit: &'static str,
    /// The figure.
    pub value: f64,
    /// The estimated bound: how far it may be from the truth.
    pub bound: f64,
}

impl ExactReport {
    /// Computes the figures of every contract that has an exact law.
    ///
    /// # Errors
    /// [`ReportError::Scenario`] for a text that cannot be written back.
    pub fn new(scenario: &Scenario, version: &str, commit: &str) -> Result<Self, ReportError> {
        let job = scenario.job();
        let prepared = Oracle::new(&job).and_then(|oracle| Ok((oracle.nodes()?, oracle)));
        let contracts = match prepared {
            Ok((nodes, mut oracle)) => {
                let laws = scenario.contracts.iter().enumerate();
                laws.map(|(index, contract)| ExactContract::new(&contract.name, oracle.law(index, &nodes))).collect()
            }
            Err(reason) => {
                let names = scenario.contracts.iter().map(|contract| &contract.name);
                names.map(|name| ExactContract::new(name, Err(reason.clone()))).collect()
            }
        };
        Ok(Self {
            scenario: scenario.name.clone(),
            version: version.to_owned(),
            commit: commit.to_owned(),
            scenario_sha256: scenario_sha256(scenario)?,
            contracts,
            text: text_as_run(scenario)?,
        })
    }

    /// Whether a contract has an exact law.
    pub fn has_a_law(&self) -> bool {
        self.contracts.iter().any(|contract| contract.no_exact_law.is_none())
    }

    /// The figures as a table for a terminal of that width, in characters; below it, why contracts have none.
    pub fn table(&self, width: Option<u16>) -> String {
        const SHOWN: [Measure; 6] = [
            Measure::Mean,
            Measure::Sd,
            Measure::ProbabilityOfLoss,
            Measure::ValueAtRisk(0.95),
            Measure::ValueAtRisk(0.99),
            Measure::TailValueAtRisk(0.99),
        ];
        let mut table = Table::new();
        table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(width.unwrap_or(160).max(60));
        table.set_header(["Contract", "Mean gain", "SD", "P(loss)", "VaR 95%", "VaR 99%", "TVaR 99%"]);
        let mut reasons = String::new();
        for contract in &self.contracts {
            if let Some(reason) = &contract.no_exact_law {
                reasons.push_str(&format!("{} has no exact law: {reason}.\n", contract.name));
                continue;
            }
            let figure = |measure: Measure| {
                let key = measure.key();
                let figure = contract.measures.iter().find(|figure| figure.measure == key);
                right(figure.map_or(String::new(), ExactFigure::shown))
            };
            table.add_row([Cell::new(&contract.name)].into_iter().chain(SHOWN.map(figure)));
        }
        let table = if self.has_a_law() { format!("{table}\n") } else { String::new() };
        table + &reasons
    }

    /// Writes [`EXACT_FILES`].
    ///
    /// # Errors
    /// [`ReportError`] when a file cannot be written.
    pub fn write_into(&self, destination: &OutputFolder) -> Result<Vec<Kept>, ReportError> {
        let folder = destination.staging();
        let mut json = serde_json::to_vec_pretty(self)?;
        json.push(b'\n');
        for (name, bytes) in EXACT_FILES.into_iter().zip([json, self.csv()?, self.text.clone().into_bytes()]) {
            save(&folder, name, &bytes)?;
        }
        Ok(destination.complete()?)
    }

    /// One row a figure, and one for each contract without.
    fn csv(&self) -> Result<Vec<u8>, ReportError> {
        let mut out = Cells::new(Vec::new());
        out.row(COLUMNS)?;
        let scenario = name_cell(&self.scenario);
        for contract in &self.contracts {
            let name = name_cell(&contract.name);
            for ExactFigure { measure, unit, value, bound } in &contract.measures {
                out.row([
                    &*scenario,
                    &self.version,
                    &*name,
                    measure,
                    unit,
                    &value.to_string(),
                    &bound.to_string(),
                    "",
                ])?;
            }
            if let Some(reason) = &contract.no_exact_law {
                out.row([&*scenario, &self.version, &*name, "", "", "", "", &format!("no exact law: {reason}")])?;
            }
        }
        Ok(out.finish()?)
    }
}

impl ExactContract {
    fn new(name: &str, law: Result<GainLaw, twosided_oracle::NoExactLaw>) -> Self {
        let name = name.to_owned();
        match law {
            Ok(law) => {
                let figure = |measure: Measure| {
                    let Exact { value, bound } = measure.of_law(&law);
                    let unit = if measure.is_probability() { "probability" } else { "USD a year" };
                    ExactFigure { measure: measure.key(), unit, value, bound }
                };
                Self { name, no_exact_law: None, measures: Measure::ALL.map(figure).into() }
            }
            Err(reason) => Self { name, no_exact_law: Some(reason.to_string()), measures: Vec::new() },
        }
    }
}

impl ExactFigure {
    /// The figure and its bound, for a table.
    fn shown(&self) -> String {
        let Self { value, bound, .. } = *self;
        let (figure, error) =
            if self.unit == "probability" { exact_share(value, bound) } else { exact_amount(value, bound) };
        format!("{figure} {error}")
    }
}
