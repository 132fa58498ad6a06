//! The figures of a run, each with its standard error.

use ndarray::Axis;
use toml_edit::{ArrayOfTables, DocumentMut, Item};
use twosided_form::Warnings;
use twosided_population::{ExpectedCosts, Observation};
use twosided_prob::{Estimate, Sample, SampleError, paired_difference};
use twosided_provider::Line;
use twosided_scenario::Scenario;
use twosided_sim::{Moments, Outcomes};
use twosided_units::Share;

use crate::{Expected, Period};

/// A figure of one contract's gain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RiskMeasure {
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

impl RiskMeasure {
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
    pub fn unit(self, period: Period) -> String {
        match self {
            Self::ProbabilityOfLoss | Self::ProbabilityOfGain => "probability".to_owned(),
            _ => period.say("USD {a year}"),
        }
    }

    /// The measure; what differs by rounding alone does not differ.
    pub(crate) fn of(self, gains: &Sample, margins: &Sample) -> Estimate {
        let largest =
            gains.sorted().iter().chain(margins.sorted()).fold(0.0, |largest: f64, gain| largest.max(gain.abs()));
        let estimate = self.exactly(gains, margins);
        let is_rounding = |figure: f64| figure.abs() < 1e-12 * largest;
        let is_probability = matches!(self, Self::ProbabilityOfLoss | Self::ProbabilityOfGain);
        if is_probability || estimate.standard_error == 0.0 || !is_rounding(estimate.standard_error) {
            return estimate;
        }
        let value = if is_rounding(estimate.value) { 0.0 } else { estimate.value };
        // An end that the sample is too small to tell stays open.
        let end = |end: f64| if end.is_finite() { value } else { end };
        let (lower, upper) = (end(estimate.lower), end(estimate.upper));
        Estimate { value, standard_error: 0.0, lower, upper, ..estimate }
    }

    fn exactly(self, gains: &Sample, margins: &Sample) -> Estimate {
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
    /// Keys of its kind's rules with a default that is unconfirmed.
    pub unconfirmed: Vec<&'static str>,
    /// Whether it is fee-for-service and nothing else: the zero line itself, by its terms.
    pub is_reference: bool,
    /// Its table of the scenario, as written.
    pub terms: String,
    /// Gains, trial by trial.
    pub trials: Vec<f64>,
    /// The gains, measured.
    pub gains: Sample,
    /// Figures in the order of [`RiskMeasure::ALL`].
    pub measures: Vec<Estimate>,
    /// Means of the lines that add up to the margin, in the order of [`Line::ALL`].
    pub lines: Vec<Estimate>,
    /// Year by year; empty for a horizon of one year.
    pub years: Vec<YearSummary>,
    /// Probability that cumulative gains are below zero at the end of some year.
    pub ever_behind: Estimate,
    /// Probability that the contract ends before the horizon does.
    pub ends_early: Estimate,
}

/// One contract in one year of the horizon.
#[derive(Clone, Debug)]
pub struct YearSummary {
    /// Gain of the year.
    pub gain: Estimate,
    /// Probability of a loss in the year.
    pub loss: Estimate,
    /// Gain since the start of the horizon, measured.
    pub cumulative: Sample,
    /// Share of trials in which the contract is in force.
    pub in_force: f64,
    /// Benchmark and expenditure, dollars a person-year, each with its standard error, where the contract compares them.
    pub compared: Option<[(f64, f64); 2]>,
}

impl ContractSummary {
    /// One figure.
    pub fn measure(&self, measure: RiskMeasure) -> Estimate {
        self.measures[measure as usize]
    }

    /// One figure as it is shown to a reader.
    pub fn shown(&self, measure: RiskMeasure) -> Estimate {
        self.certainly(self.measure(measure))
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
    /// What the laws, deaths, turnover, the trend and factors give exactly; none where correlated factors have a part in it of
    /// which the mean is not known.
    pub expected_per_capita: Option<f64>,
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
    /// The population in the first year, by segment and by service.
    pub population: Vec<PopulationFigure>,
    /// What contracts are expected to come to in the first year.
    pub expected: Expected,
    /// What is likely to be meant otherwise, in the scenario and as it came out.
    pub warnings: Warnings,
    /// What gains are of.
    pub period: Period,
}

impl Summary {
    /// Measures the outcomes.
    ///
    /// # Errors
    /// [`SampleError`] for fewer than two trials or an outcome that is not finite.
    pub fn new(scenario: &Scenario, outcomes: &Outcomes) -> Result<Self, SampleError> {
        let mut order: Vec<usize> = (0..scenario.contracts.len()).collect();
        order.sort_by_key(|&contract| scenario.contracts[contract].first().lan);
        let document: Option<DocumentMut> = scenario.text.parse().ok();
        let contracts = order
            .iter()
            .map(|&index| {
                let contract = &scenario.contracts[index];
                let trials = outcomes.gains_of(index).to_vec();
                let tails = outcomes.tails[index];
                let gains = Sample::new(trials.clone())?.with_tail_indices(tails.losses, tails.gains);
                let margins = Sample::new(outcomes.margins_of(index))?.with_tail_indices(tails.margin, tails.margin);
                let lines = Line::ALL.into_iter().zip(tails.lines).map(|(line, tail)| {
                    Ok::<_, SampleError>(
                        Sample::new(outcomes.line_of(index, line))?.with_tail_indices(tail, tail).mean(),
                    )
                });
                Ok(ContractSummary {
                    name: contract.name.clone(),
                    lan: contract.first().lan.code(),
                    kind: contract.first().terms.summary(),
                    unconfirmed: contract.first().terms.unconfirmed(),
                    is_reference: contract.is_fee_for_service_alone(),
                    terms: terms_as_written(document.as_ref(), index),
                    measures: RiskMeasure::ALL.into_iter().map(|measure| measure.of(&gains, &margins)).collect(),
                    lines: lines.collect::<Result<_, _>>()?,
                    years: years(outcomes, index)?,
                    ever_behind: ever_behind(outcomes, index)?,
                    ends_early: Sample::new(outcomes.in_force.column(index).mapv(f64::from).to_vec())?
                        .probability(|years| years < outcomes.years() as f64),
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
        let population = population(scenario, outcomes);
        let expected = Expected::new(scenario, outcomes);
        let mut warnings = scenario.warnings.clone();
        expected.note(&mut warnings);
        let period = Period { years: scenario.years };
        Ok(Self { contracts, differences, population, expected, warnings, period })
    }

    /// The unit of gains, as "dollars a year".
    pub fn unit(&self) -> String {
        self.period.say("dollars {a year}")
    }
}

fn years(outcomes: &Outcomes, contract: usize) -> Result<Vec<YearSummary>, SampleError> {
    let gains = outcomes.yearly.index_axis(Axis(2), contract);
    if outcomes.years() == 1 {
        return Ok(Vec::new());
    }
    let cumulative = outcomes.cumulative_of(contract);
    (0..outcomes.years())
        .map(|year| {
            let of_year = gains.column(year).to_vec();
            let tails = outcomes.tails[contract];
            let sample = Sample::new(of_year)?.with_tail_indices(tails.losses, tails.gains);
            let in_force = outcomes.in_force.column(contract).iter().filter(|&&years| years as usize > year).count();
            let [benchmark, expenditure] =
                [&outcomes.benchmarks, &outcomes.expenditures].map(|moments| moments[(year, contract)]);
            let figure = |moments: Moments| (moments.mean(), moments.standard_error());
            Ok(YearSummary {
                gain: sample.mean(),
                loss: sample.probability(|gain| gain < 0.0),
                cumulative: Sample::new(cumulative.iter().map(|years| years[year]).collect())?
                    .with_tail_indices(tails.losses, tails.gains),
                in_force: in_force as f64 / outcomes.trials() as f64,
                compared: (benchmark.count() >= 2.0).then(|| [figure(benchmark), figure(expenditure)]),
            })
        })
        .collect()
}

fn ever_behind(outcomes: &Outcomes, contract: usize) -> Result<Estimate, SampleError> {
    let lowest = outcomes.cumulative_of(contract).into_iter().map(|years| years.into_iter().fold(0.0, f64::min));
    Ok(Sample::new(lowest.collect())?.probability(|lowest| lowest < 0.0))
}

/// The lines of a contract in the scenario's text.
fn terms_as_written(document: Option<&DocumentMut>, index: usize) -> String {
    let contract = document.and_then(|document| match document.get("contracts")? {
        Item::ArrayOfTables(tables) => tables.get(index).map(|table| {
            // A table alone in its document prints as the file has it.
            let mut alone = DocumentMut::new();
            let mut contracts = ArrayOfTables::new();
            contracts.push(table.clone());
            alone.insert("contracts", Item::ArrayOfTables(contracts));
            alone.to_string()
        }),
        Item::Value(array) => array.as_array()?.get(index).map(ToString::to_string),
        Item::None | Item::Table(_) => None,
    });
    contract.unwrap_or_default().trim().to_owned()
}

/// Figures of every segment, every service, and every service of every segment, in the first year.
fn population(scenario: &Scenario, outcomes: &Outcomes) -> Vec<PopulationFigure> {
    let population = &scenario.population;
    let segments = population.segments();
    let moments =
        |observation: &Observation| outcomes.observation(observation).expect("every run observes all services");
    let total = moments(&Observation::total(twosided_population::ServiceScope::All));
    let lived = moments(&Observation::PersonYears);
    let mut figures = Vec::new();
    let mut add =
        |segment: &str, service: &str, lived: Moments, cost: Moments, count: Option<Moments>, expected: Option<f64>| {
            let person_years = lived.mean();
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
    let laws = population.expected_costs().ok();
    let of_one = |index: usize, service: Option<&str>| -> Option<(f64, f64)> {
        let ExpectedCosts { person_years, costs } = &laws.as_ref()?[index];
        let counted = segments[index].services.iter().zip(costs);
        let counted = counted.filter(|(known, _)| service.is_none_or(|service| known.name == service));
        Some((counted.map(|(_, cost)| *cost).sum::<Option<f64>>()?, *person_years))
    };
    let expected = |index: usize, service: Option<&str>| of_one(index, service).map(|(cost, years)| cost / years);
    let averaged = |service: Option<&str>| {
        let parts = segments.iter().enumerate().map(|(index, segment)| {
            of_one(index, service).map(|(cost, years)| (segment.members as f64 * cost, segment.members as f64 * years))
        });
        let parts: Option<Vec<(f64, f64)>> = parts.collect();
        let (cost, years) = parts?.into_iter().fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        Some(cost / years)
    };
    for (index, segment) in segments.iter().enumerate() {
        add(&segment.name, "all", lived.0[index], total.0[index], None, expected(index, None));
    }
    add("all", "all", lived.1, total.1, None, averaged(None));
    for service in population.service_names() {
        let cost = moments(&Observation::Expenditure { service: service.to_owned() });
        let count = moments(&Observation::Count { service: service.to_owned() });
        for (index, segment) in segments.iter().enumerate() {
            if segment.index(service).is_some() {
                let expected = expected(index, Some(service));
                add(&segment.name, service, lived.0[index], cost.0[index], Some(count.0[index]), expected);
            }
        }
        add("all", service, lived.1, cost.1, Some(count.1), averaged(Some(service)));
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_stand_where_their_number_says() {
        for (index, measure) in RiskMeasure::ALL.into_iter().enumerate() {
            assert_eq!(measure as usize, index);
        }
    }
}
