//! The figures of a run, each with its standard error.

use toml_edit::{ArrayOfTables, DocumentMut, Item};
use twosided_contracts::{Covers, Terms};
use twosided_population::Observation;
use twosided_prob::{Estimate, Sample, SampleError, paired_difference};
use twosided_provider::Line;
use twosided_scenario::Scenario;
use twosided_sim::{Moments, Outcomes};
use twosided_units::{Pmpm, Share};

/// A figure of one contract's gain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Mean gain.
    MeanGain,
    /// Standard deviation of the gain.
    SdGain,
    /// Probability of a gain below zero.
    ProbabilityOfLoss,
    /// Probability of a gain above zero.
    ProbabilityOfGain,
    /// The gain of a 1-in-20 bad year.
    Quantile05,
    /// Median gain.
    Quantile50,
    /// The gain of a 1-in-20 good year.
    Quantile95,
    /// Value at risk of the loss, 95%.
    ValueAtRisk95,
    /// Tail value at risk of the loss, 95%.
    TailValueAtRisk95,
    /// Value at risk of the loss, 99%.
    ValueAtRisk99,
    /// Tail value at risk of the loss, 99%.
    TailValueAtRisk99,
    /// Mean margin: the gain and what fee-for-service alone would have left.
    MeanMargin,
}

impl Measure {
    /// All measures, in the order of the tables.
    pub const ALL: [Self; 12] = [
        Self::MeanGain,
        Self::SdGain,
        Self::ProbabilityOfLoss,
        Self::ProbabilityOfGain,
        Self::Quantile05,
        Self::Quantile50,
        Self::Quantile95,
        Self::ValueAtRisk95,
        Self::TailValueAtRisk95,
        Self::ValueAtRisk99,
        Self::TailValueAtRisk99,
        Self::MeanMargin,
    ];

    /// The measure's name in files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::MeanGain => "mean_gain",
            Self::SdGain => "sd_gain",
            Self::ProbabilityOfLoss => "probability_of_loss",
            Self::ProbabilityOfGain => "probability_of_gain",
            Self::Quantile05 => "gain_quantile_05",
            Self::Quantile50 => "gain_quantile_50",
            Self::Quantile95 => "gain_quantile_95",
            Self::ValueAtRisk95 => "var_95_of_loss",
            Self::TailValueAtRisk95 => "tvar_95_of_loss",
            Self::ValueAtRisk99 => "var_99_of_loss",
            Self::TailValueAtRisk99 => "tvar_99_of_loss",
            Self::MeanMargin => "mean_margin",
        }
    }

    /// The unit of the measure.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::ProbabilityOfLoss | Self::ProbabilityOfGain => "probability",
            _ => "USD a year",
        }
    }

    fn of(self, gains: &Sample, margins: &Sample) -> Estimate {
        let share = |value| Share::new(value).expect("levels are shares");
        match self {
            Self::MeanGain => gains.mean(),
            Self::SdGain => gains.sd(),
            Self::ProbabilityOfLoss => gains.probability(|gain| gain < 0.0),
            Self::ProbabilityOfGain => gains.probability(|gain| gain > 0.0),
            Self::Quantile05 => gains.quantile(share(0.05)),
            Self::Quantile50 => gains.quantile(share(0.5)),
            Self::Quantile95 => gains.quantile(share(0.95)),
            Self::ValueAtRisk95 => gains.value_at_risk(share(0.95)),
            Self::TailValueAtRisk95 => gains.tail_value_at_risk(share(0.95)),
            Self::ValueAtRisk99 => gains.value_at_risk(share(0.99)),
            Self::TailValueAtRisk99 => gains.tail_value_at_risk(share(0.99)),
            Self::MeanMargin => margins.mean(),
        }
    }
}

/// One contract's figures.
#[derive(Clone, Debug)]
pub struct ContractSummary {
    /// Its name.
    pub name: String,
    /// Category of the continuum, as `3B`.
    pub lan: &'static str,
    /// One line on its kind.
    pub kind: &'static str,
    /// Whether it is fee-for-service and nothing else: the zero line itself, by its terms.
    pub is_reference: bool,
    /// Its table of the scenario, as written.
    pub terms: String,
    /// Gains, trial by trial.
    pub trials: Vec<f64>,
    /// The gains, measured.
    pub gains: Sample,
    /// Figures in the order of [`Measure::ALL`].
    pub measures: Vec<Estimate>,
    /// Means of the lines that add up to the margin, in the order of [`Line::ALL`].
    pub lines: Vec<Estimate>,
}

impl ContractSummary {
    /// One figure.
    pub fn measure(&self, measure: Measure) -> Estimate {
        self.measures[measure as usize]
    }
}

/// Mean gain of one contract less that of another, on the same years.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Place of the contract.
    pub of: usize,
    /// Place of the contract that is taken off.
    pub less: usize,
    /// Mean of the difference, dollars a year.
    pub mean: Estimate,
}

/// A figure of the population, simulated and expected.
#[derive(Clone, Debug, PartialEq)]
pub struct PopulationFigure {
    /// The segment, or `all`.
    pub segment: String,
    /// The service, or `all`.
    pub service: String,
    /// People, each a person-year.
    pub person_years: f64,
    /// Dollars per person-year: mean over trials and its standard error.
    pub per_capita: (f64, f64),
    /// What the laws and the mean trend give exactly; for one segment and service, or for all services of a segment.
    pub expected_per_capita: f64,
    /// Events (users, of an annual amount) per 1,000 person-years, and the standard error, of one service.
    pub per_1000: Option<(f64, f64)>,
}

/// All figures of a run. Contracts stand in the order of the continuum.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Contracts by category, then in the order of the file.
    pub contracts: Vec<ContractSummary>,
    /// Every pair of contracts, the later on the continuum less the earlier.
    pub differences: Vec<Difference>,
    /// The population, by segment and by service.
    pub population: Vec<PopulationFigure>,
}

impl Summary {
    /// Measures the outcomes.
    ///
    /// # Errors
    /// [`SampleError`] for fewer than two trials or an outcome that is not finite.
    pub fn new(scenario: &Scenario, outcomes: &Outcomes) -> Result<Self, SampleError> {
        let mut order: Vec<usize> = (0..scenario.contracts.len()).collect();
        order.sort_by_key(|&contract| scenario.contracts[contract].lan);
        let document: Option<DocumentMut> = scenario.text.parse().ok();
        let contracts = order
            .iter()
            .map(|&place| {
                let contract = &scenario.contracts[place];
                let trials = outcomes.gains_of(place).to_vec();
                let gains = Sample::new(trials.clone())?;
                let margins = Sample::new(outcomes.margins_of(place))?;
                let lines = Line::ALL
                    .into_iter()
                    .map(|line| Ok::<_, SampleError>(Sample::new(outcomes.line_of(place, line).to_vec())?.mean()));
                Ok(ContractSummary {
                    name: contract.name.clone(),
                    lan: contract.lan.code(),
                    kind: contract.terms.summary(),
                    is_reference: matches!(contract.terms, Terms::FeeForService(_))
                        && contract.covers == Covers::default()
                        && contract.administration == Pmpm::default(),
                    terms: terms_as_written(document.as_ref(), place),
                    measures: Measure::ALL.into_iter().map(|measure| measure.of(&gains, &margins)).collect(),
                    lines: lines.collect::<Result<_, _>>()?,
                    gains,
                    trials,
                })
            })
            .collect::<Result<Vec<ContractSummary>, SampleError>>()?;
        let differences = (0..contracts.len())
            .flat_map(|of| (0..of).map(move |less| (of, less)))
            .map(|(of, less)| {
                let mean = paired_difference(&contracts[of].trials, &contracts[less].trials);
                Difference { of, less, mean }
            })
            .collect();
        Ok(Self { contracts, differences, population: population(scenario, outcomes) })
    }
}

/// The lines of a contract in the scenario's text.
fn terms_as_written(document: Option<&DocumentMut>, place: usize) -> String {
    let contract = document.and_then(|document| match document.get("contracts")? {
        Item::ArrayOfTables(tables) => tables.get(place).map(|table| {
            // A table alone in its document prints as the file has it.
            let mut alone = DocumentMut::new();
            let mut contracts = ArrayOfTables::new();
            contracts.push(table.clone());
            alone.insert("contracts", Item::ArrayOfTables(contracts));
            alone.to_string()
        }),
        Item::Value(array) => array.as_array()?.get(place).map(ToString::to_string),
        Item::None | Item::Table(_) => None,
    });
    contract.unwrap_or_default().trim().to_owned()
}

/// Figures of every segment, every service, and every service of every segment.
fn population(scenario: &Scenario, outcomes: &Outcomes) -> Vec<PopulationFigure> {
    let segments = scenario.population.segments();
    let trend = scenario.population.trend().mean();
    let everyone = scenario.population.exposure().person_years().0;
    let moments =
        |observation: &Observation| outcomes.observation(observation).expect("every run observes all services");
    let total = moments(&Observation::total(twosided_population::ServiceScope::All));
    let mut figures = Vec::new();
    let mut add =
        |segment: &str, service: &str, person_years: f64, cost: Moments, count: Option<Moments>, expected: f64| {
            let per_person = |moments: Moments, scale: f64| {
                (moments.mean() / person_years * scale, moments.standard_error() / person_years * scale)
            };
            figures.push(PopulationFigure {
                segment: segment.to_owned(),
                service: service.to_owned(),
                person_years,
                per_capita: per_person(cost, 1.0),
                expected_per_capita: expected,
                per_1000: count.map(|count| per_person(count, 1_000.0)),
            });
        };
    let expected = |place: usize, service: &str| {
        let services = segments[place].services.iter().filter(|known| known.name == service);
        services.map(|known| known.utilization.mean().0 * trend).sum::<f64>()
    };
    let averaged = |of: &dyn Fn(usize) -> f64| {
        segments.iter().enumerate().map(|(place, segment)| segment.exposure().person_years().0 * of(place)).sum::<f64>()
            / everyone
    };
    for (place, segment) in segments.iter().enumerate() {
        let person_years = segment.exposure().person_years().0;
        add(&segment.name, "all", person_years, total.0[place], None, segment.mean().0 * trend);
    }
    add("all", "all", everyone, total.1, None, averaged(&|place| segments[place].mean().0 * trend));
    for service in scenario.population.service_names() {
        let cost = moments(&Observation::Expenditure { service: service.to_owned() });
        let count = moments(&Observation::Count { service: service.to_owned() });
        for (place, segment) in segments.iter().enumerate() {
            if segment.services.iter().any(|known| known.name == service) {
                let person_years = segment.exposure().person_years().0;
                let counted = Some(count.0[place]);
                add(&segment.name, service, person_years, cost.0[place], counted, expected(place, service));
            }
        }
        add("all", service, everyone, cost.1, Some(count.1), averaged(&|place| expected(place, service)));
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_stand_where_their_number_says() {
        for (place, measure) in Measure::ALL.into_iter().enumerate() {
            assert_eq!(measure as usize, place);
        }
    }
}
