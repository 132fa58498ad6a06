//! A scenario's simulated figures beside its exact ones.

use twosided_oracle::{Exact, GainLaw, Measure, NoExactLaw, Node, Oracle};
use twosided_population::{Attachment, Limit, Observation, ServiceScope};
use twosided_prob::{Caution, Sample, SampleError, upper_score};
use twosided_scenario::Scenario;
use twosided_sim::{Control, Job, SimulateError, Simulated, simulate};
use twosided_units::grouped;

/// What came of a scenario that was computed and simulated.
#[derive(Clone, Debug)]
pub struct AgainstExact {
    /// What is observed of the year: mean and standard deviation of each total that has an exact law, a person-year.
    pub totals: Vec<Compared>,
    /// Each contract with its figures, or why it has none.
    pub contracts: Vec<(String, Result<Vec<Compared>, NoExactLaw>)>,
}

/// One figure, both ways.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// What it is.
    pub what: String,
    /// Whether it is a probability; else it is dollars.
    pub is_probability: bool,
    /// The exact figure.
    pub exact: Exact,
    /// The simulated figure.
    pub simulated: f64,
    /// Its standard error; infinite where a heavy tail leaves none.
    pub standard_error: f64,
    /// How far the simulated figure is off, in standard errors, what the exact one may be off by taken away; none where there is no
    /// standard error to compare with.
    pub off: Option<f64>,
    /// Why there is none.
    pub caution: Option<Caution>,
}

/// Why a scenario could not be verified.
#[derive(Debug, thiserror::Error)]
pub enum AgainstExactError {
    /// It could not be simulated.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    /// Its outcomes could not be measured.
    #[error(transparent)]
    Measure(#[from] SampleError),
}

/// The chance that a right program fails a document.
pub const FALSE_ALARM: f64 = 1e-3;

impl AgainstExact {
    /// All figures that are compared.
    pub fn figures(&self) -> impl Iterator<Item = &Compared> {
        self.totals.iter().chain(self.contracts.iter().filter_map(|(_, figures)| figures.as_ref().ok()).flatten())
    }

    /// Standard errors beyond which a figure disagrees, so that a right program fails one document in a thousand: Bonferroni's
    /// threshold for as many figures, two-sided.
    pub fn threshold(&self) -> f64 {
        let count = self.figures().filter(|figure| figure.off.is_some()).count().max(1) as f64;
        upper_score(0.5 * FALSE_ALARM / count)
    }

    /// The figures that disagree.
    pub fn failures(&self) -> impl Iterator<Item = &Compared> {
        let threshold = self.threshold();
        self.figures().filter(move |figure| figure.off.is_some_and(|off| off.abs() > threshold))
    }
}

/// Simulates the scenario, everybody drawn in every trial, and computes what has an exact law.
///
/// # Errors
/// [`AgainstExactError`].
pub fn against_exact(scenario: &Scenario, control: &Control) -> Result<AgainstExact, AgainstExactError> {
    let job = Job { pools: None, ..scenario.job() };
    let simulated = simulate(&job, None, control)?;
    let prepared = Oracle::new(&job).and_then(|oracle| Ok((oracle.nodes()?, oracle)));
    let (nodes, mut oracle) = match prepared {
        Ok(prepared) => prepared,
        Err(reason) => {
            let names = scenario.contracts.iter().map(|contract| contract.name.clone());
            let contracts = names.map(|name| (name, Err(reason.clone()))).collect();
            return Ok(AgainstExact { totals: Vec::new(), contracts });
        }
    };
    let mut contracts = Vec::new();
    for (index, contract) in scenario.contracts.iter().enumerate() {
        let figures = match oracle.law(index, &nodes) {
            Ok(law) => Ok(figures(&law, &Sample::new(simulated.outcomes.gains_of(index).to_vec())?)),
            Err(reason) => Err(reason),
        };
        contracts.push((contract.name.clone(), figures));
    }
    Ok(AgainstExact {
        totals: totals(&mut oracle, &nodes, &simulated, scenario.population.members() as f64),
        contracts,
    })
}

/// The figures of a contract's gain.
fn figures(law: &GainLaw, sample: &Sample) -> Vec<Compared> {
    let n = sample.len() as f64;
    let of = |measure: Measure| {
        let (exact, estimate) = (measure.of_law(law), measure.of_sample(sample));
        let figure = |standard_error, off| Compared {
            what: measure.title(),
            is_probability: measure.is_probability(),
            exact,
            simulated: estimate.value,
            standard_error,
            off,
            caution: estimate.caution.filter(|_| off.is_none()),
        };
        match measure {
            // The standard error of a share of trials is known from the exact probability.
            Measure::ProbabilityOfLoss | Measure::ProbabilityOfGain => {
                let error = (exact.value * (1.0 - exact.value) / n).max(0.0).sqrt();
                figure(error, in_errors(estimate.value, exact, error))
            }
            Measure::Quantile(level) => figure(estimate.standard_error, Some(rank_off(sample, exact, level))),
            Measure::ValueAtRisk(level) => {
                let of_gain = Exact { value: 0.0 - exact.value, ..exact };
                figure(estimate.standard_error, Some(0.0 - rank_off(sample, of_gain, 1.0 - level)))
            }
            Measure::Mean | Measure::Sd | Measure::TailValueAtRisk(_) => {
                let off = in_errors(estimate.value, exact, estimate.standard_error);
                figure(estimate.standard_error, off.filter(|_| estimate.caution.is_none()))
            }
        }
    };
    Measure::ALL.map(of).into()
}

/// How far a figure is off in standard errors, beyond the bound of the exact one.
fn in_errors(simulated: f64, exact: Exact, standard_error: f64) -> Option<f64> {
    if !standard_error.is_finite() {
        return None;
    }
    let off = simulated - exact.value;
    // What rounding alone makes is no difference.
    let beyond = (off.abs() - exact.bound - 1e-9 * exact.value.abs()).max(0.0);
    if beyond == 0.0 { Some(0.0) } else { Some(off.signum() * beyond / standard_error) }
}

/// How far the share of trials below the exact quantile is off its level, in standard errors: positive where the quantile of the sample is the
/// higher one. A quantile on a gain that has a probability of its own is met where the share below and the share up to it hold the level
/// between them.
fn rank_off(sample: &Sample, exact: Exact, level: f64) -> f64 {
    let n = sample.len() as f64;
    let within = exact.bound + 1e-9 * exact.value.abs();
    let share = |gain: f64| sample.sorted().partition_point(|&value| value < gain) as f64 / n;
    let (below, up_to) = (share(exact.value - within), share((exact.value + within).next_up()));
    let error = (level * (1.0 - level) / n).sqrt();
    if below > level {
        (level - below) / error
    } else if up_to < level {
        (level - up_to) / error
    } else {
        0.0
    }
}

/// The totals of the year that have an exact law.
fn totals(oracle: &mut Oracle<'_>, nodes: &[Node], simulated: &Simulated, people: f64) -> Vec<Compared> {
    let observations: Vec<Observation> =
        oracle.plan().observations().iter().filter(|observation| observation.is_dollars()).cloned().collect();
    let mut compared = Vec::new();
    for observation in &observations {
        let Ok(exact) = oracle.total(observation, nodes) else { continue };
        let Some((_, moments)) = simulated.observed.observation(observation) else { continue };
        let name = name_of(observation);
        // All costs of one service are observed under two names.
        if compared.iter().any(|figure: &Compared| figure.what.starts_with(&format!("{name}:"))) {
            continue;
        }
        // Grids are fine enough for a ten-thousandth of the spread.
        let bound = 1e-4 * exact.sd / people;
        let figure = |what: String, exact: f64, simulated: f64, standard_error: f64| {
            let exact = Exact { value: exact / people, bound };
            let (simulated, standard_error) = (simulated / people, standard_error / people);
            let off = in_errors(simulated, exact, standard_error);
            let caution = if off.is_none() { Some(Caution::HeavyTail) } else { None };
            Compared { what, is_probability: false, exact, simulated, standard_error, off, caution }
        };
        compared.push(figure(format!("{name}: mean"), exact.mean, moments.mean(), moments.standard_error()));
        let error = 0.5 * exact.sd * ((exact.kurtosis - 1.0) / (moments.count() - 1.0)).sqrt();
        compared.push(figure(format!("{name}: standard deviation"), exact.sd, moments.sd(), error));
    }
    compared
}

/// What a total is called.
fn name_of(observation: &Observation) -> String {
    let services = |scope: &ServiceScope| match scope {
        ServiceScope::All => String::new(),
        ServiceScope::Only(names) => format!(" for {}", names.join(", ")),
    };
    let dollars = |amount: f64| format!("${}", grouped(&format!("{amount:.0}")));
    match observation {
        Observation::Layer { services: scope, attachment, limit } => {
            let from = if *attachment == Attachment::ZERO {
                String::new()
            } else {
                format!(" above {}", dollars(attachment.point.0))
            };
            let to = match limit {
                Limit::Unlimited => String::new(),
                Limit::Amount(amount) => format!(" up to {}", dollars(amount.0)),
                Limit::Width(width) => format!(" for {} more", dollars(width.0)),
                Limit::TruncationPoint => " up to the truncation points".to_owned(),
            };
            format!("spending{}{from}{to}", services(scope))
        }
        Observation::Expenditure { service } | Observation::CappedExpenditure { service, .. } => {
            format!("spending for {service}")
        }
        Observation::Episodes { anchor, .. } => format!("spending on episodes of {anchor}"),
        _ => unreachable!("only totals of dollars are compared"),
    }
}
