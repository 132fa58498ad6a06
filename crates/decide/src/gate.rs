//! Whether a contract keeps to a limit, as far as the trials decide it.

use std::fmt;

use twosided_prob::{Bounds, Caution, Design, Draws, Estimate, FEWEST_BEYOND, RiskMeasure, Sample, binomial_bounds};
use twosided_report::{Figure, Summary, figure_text};
use twosided_scenario::{Limit, Quantity};
use twosided_units::{Share, grouped};

use crate::{Check, Checks, NoEstimate, Trials, Verdict, estimate, estimate_of_summary};

/// What is known of a run.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// Its figures.
    pub summary: &'a Summary,
    /// Its trials with the names of the contracts in their order, where it has any.
    pub trials: Option<(Trials<'a>, &'a [&'a str])>,
}

/// A limit with what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The limit.
    pub limit: Limit,
    /// The quantity; of an exact figure, its bound stands where the error of a simulated one would.
    pub estimate: Estimate,
    /// Whether it is an exact figure.
    pub is_exact: bool,
    /// What it is at least and at most; each may be wrong with the probability that was asked for.
    pub bounds: Bounds,
    /// Whether the limit is kept.
    pub verdict: Verdict,
    /// Why the trials cannot decide, where that is not for want of more.
    pub caution: Option<Caution>,
    /// The trials behind it.
    pub trials: u64,
}

/// A quantity with its bounds.
struct Found {
    estimate: Estimate,
    bounds: Bounds,
    is_exact: bool,
    caution: Option<Caution>,
}

impl Found {
    fn exact(estimate: Estimate) -> Self {
        let bounds = Bounds { lower: estimate.lower, upper: estimate.upper };
        Self { estimate, bounds, is_exact: true, caution: None }
    }

    /// By its bounds alone: a caution of few trials is one of an error that has no part in them.
    fn counted(estimate: Estimate, bounds: Bounds) -> Self {
        let is_heavy = estimate.caution == Some(Caution::HeavyTail);
        Self { estimate, bounds, is_exact: false, caution: is_heavy.then_some(Caution::HeavyTail) }
    }

    /// By its error.
    fn by_error(measure: RiskMeasure, estimate: Estimate, error: f64) -> Self {
        let bounds =
            if measure == RiskMeasure::SdGain { estimate.bounds_by_ratio(error) } else { estimate.bounds(error) };
        Self { estimate, bounds, is_exact: false, caution: estimate.caution }
    }
}

/// Judges a limit. Either bound of the quantity may be wrong with a probability of `error`: the limit is kept where the bound on its
/// side is within it, broken where the other is beyond it, and else undecided.
///
/// # Errors
/// [`NoEstimate`] where the run does not have the quantity.
pub fn judge(limit: &Limit, evidence: &Evidence<'_>, error: f64) -> Result<Judged, NoEstimate> {
    let found = find(limit, evidence, error)?;
    let (comparison, limit_at) = (limit.require.comparison, limit.require.bound);
    let Bounds { lower, upper } = found.bounds;
    let (within, beyond) = if comparison.is_upper() { (upper, lower) } else { (lower, upper) };
    let holds = |end: f64| comparison.holds(end, limit_at, 0.0);
    let verdict = match found.caution {
        None if holds(within) => Verdict::Passed,
        None if !holds(beyond) => Verdict::Failed,
        _ => Verdict::Undecided,
    };
    let Found { estimate, bounds, is_exact, caution } = found;
    let trials = evidence.summary.provenance.trials;
    Ok(Judged { limit: limit.clone(), estimate, is_exact, bounds, verdict, caution, trials })
}

fn find(limit: &Limit, evidence: &Evidence<'_>, error: f64) -> Result<Found, NoEstimate> {
    let (quantity, less) = (&limit.require.quantity, limit.less.as_deref());
    let of_summary = estimate_of_summary(quantity, evidence.summary, &limit.contract, less);
    if let Ok(figure) = &of_summary {
        if figure.bound.is_some() {
            return Ok(Found::exact(figure.shown()));
        }
        // Under fee-for-service alone every gain is nothing by definition.
        let contract = evidence.summary.contract(&limit.contract);
        let is_reference = less.is_none() && contract.is_some_and(|contract| contract.is_reference);
        if is_reference && *quantity != Quantity::Measure(RiskMeasure::MeanMargin) {
            let value = figure.value;
            return Ok(Found::exact(Estimate { standard_error: 0.0, lower: value, upper: value, ..figure.estimate() }));
        }
    }
    let Some((trials, names)) = evidence.trials else {
        let Quantity::Measure(measure) = *quantity else { return Err(NoEstimate::NeedsTrials) };
        return of_summary.map(|figure| without_trials(measure, &figure, evidence.summary, error));
    };
    let index = |name: &str| names.iter().position(|known| *known == name).ok_or(NoEstimate::NoSuchContract);
    let (contract, less) = (index(&limit.contract)?, less.map(index).transpose()?);
    let measure = match quantity {
        Quantity::Probability(event) => {
            let happens = trials.happens(event, contract, less)?.into_iter().map(f64::from).collect();
            let happens = Sample::drawn_by(trials.design, happens)?;
            let is_one = |happens: f64| happens > 0.5;
            return Ok(Found::counted(happens.probability(is_one), happens.probability_bounds(is_one, error)));
        }
        Quantity::Measure(measure) => *measure,
    };
    let gains = || trials.sample(contract, less);
    // The figures of the summary know of tails that the trials alone do not show.
    let of_measure = match of_summary {
        Ok(figure) => figure.estimate(),
        Err(_) => estimate(quantity, &trials, contract, less)?,
    };
    let by_rank = |level: f64| Share::new(level).expect("levels are shares");
    Ok(match measure {
        RiskMeasure::ProbabilityOfLoss => {
            Found::counted(of_measure, gains()?.probability_bounds(|gain| gain < 0.0, error))
        }
        RiskMeasure::ProbabilityOfGain => {
            Found::counted(of_measure, gains()?.probability_bounds(|gain| gain > 0.0, error))
        }
        RiskMeasure::Quantile05 => Found::counted(of_measure, gains()?.quantile_bounds(by_rank(0.05), error)),
        RiskMeasure::Quantile50 => Found::counted(of_measure, gains()?.quantile_bounds(by_rank(0.5), error)),
        RiskMeasure::Quantile95 => Found::counted(of_measure, gains()?.quantile_bounds(by_rank(0.95), error)),
        RiskMeasure::ValueAtRisk95 => {
            Found::counted(of_measure, gains()?.quantile_bounds(by_rank(0.05), error).negated())
        }
        RiskMeasure::ValueAtRisk99 => {
            Found::counted(of_measure, gains()?.quantile_bounds(by_rank(0.01), error).negated())
        }
        RiskMeasure::MeanGain
        | RiskMeasure::SdGain
        | RiskMeasure::TailValueAtRisk95
        | RiskMeasure::TailValueAtRisk99
        | RiskMeasure::MeanMargin => {
            // Of a difference, each of the two may hide a heavy tail from the trials.
            let hides = |name: &str| {
                let contract = evidence.summary.contract(name);
                contract.is_some_and(|contract| contract.measure(measure).caution == Some(Caution::HeavyTail))
            };
            let is_heavy = limit.less.as_deref().is_some_and(|less| hides(less) || hides(&limit.contract));
            let caution = if is_heavy { Some(Caution::HeavyTail) } else { of_measure.caution };
            let bounds = match measure {
                RiskMeasure::MeanGain => gains()?.mean_bounds(error),
                RiskMeasure::SdGain => gains()?.sd_bounds(error),
                RiskMeasure::TailValueAtRisk95 => gains()?.tail_value_at_risk_bounds(by_rank(0.95), error),
                RiskMeasure::TailValueAtRisk99 => gains()?.tail_value_at_risk_bounds(by_rank(0.99), error),
                _ => of_measure.bounds(error),
            };
            Found { estimate: of_measure, bounds, is_exact: false, caution }
        }
    })
}

/// A measure of a summary: a probability by the count that it shows, and else by its interval.
fn without_trials(measure: RiskMeasure, figure: &Figure, summary: &Summary, error: f64) -> Found {
    let estimate = figure.estimate();
    if !measure.is_probability() {
        return Found::by_error(measure, estimate, error);
    }
    let trials = summary.provenance.trials as usize;
    let count = (estimate.value * trials as f64).round() as usize;
    let few = count.min(trials - count.min(trials)) < FEWEST_BEYOND;
    let bounds = if figure.method.is_none() || few {
        binomial_bounds(count.min(trials), trials, error)
    } else {
        let freedom = trials.div_ceil(Draws::Stratified.batch()) as f64 - 1.0;
        estimate.bounds_of_probability(error, freedom)
    };
    Found::counted(estimate, bounds)
}

impl Judged {
    /// Whether more trials may decide it.
    pub fn may_be_decided(&self) -> bool {
        self.verdict == Verdict::Undecided && !self.is_exact && self.caution != Some(Caution::HeavyTail)
    }

    /// The quantity with its error, as `$1.61M ± 0.02M`.
    pub fn figure(&self) -> String {
        figure_text(&self.estimate, self.limit.require.quantity.is_probability(), self.is_exact)
    }

    /// What is known of the quantity on the side that decides it: `at most 4.31%`, or both ends where neither does.
    pub fn known(&self) -> String {
        let Bounds { lower, upper } = self.bounds;
        let is_upper = self.limit.require.comparison.is_upper();
        let amount = |amount: f64| Amount { amount, is_probability: self.limit.require.quantity.is_probability() };
        let at_most = || format!("at most {}", amount(upper));
        let at_least = || format!("at least {}", amount(lower));
        match (self.verdict, self.caution) {
            (_, Some(caution)) => caution.reason().to_owned(),
            (Verdict::Passed, None) => {
                if is_upper {
                    at_most()
                } else {
                    at_least()
                }
            }
            (Verdict::Failed, None) => {
                if is_upper {
                    at_least()
                } else {
                    at_most()
                }
            }
            (Verdict::Undecided, None) => match (lower.is_finite(), upper.is_finite()) {
                (true, true) => format!("{} to {}", amount(lower), amount(upper)),
                (true, false) => at_least(),
                (false, true) => at_most(),
                (false, false) => "no bound".to_owned(),
            },
        }
    }

    /// One line that says what was found and how far it is known.
    fn reason(&self, confidence: Share) -> String {
        let trials = grouped(&self.trials.to_string());
        let sure = if self.is_exact {
            "exactly".to_owned()
        } else {
            format!("with {} confidence on either side", percent(confidence.value()))
        };
        format!("{} is {}: {} {sure}, from {trials} trials", self.limit.require.quantity, self.figure(), self.known())
    }
}

/// A bound, to more digits than a figure.
struct Amount {
    amount: f64,
    is_probability: bool,
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { amount, is_probability } = *self;
        if is_probability {
            // Three digits that are not zeros, and never fewer than two after the point.
            let decimals = if amount > 0.0 { (2.0 - (100.0 * amount).log10().floor()).clamp(2.0, 8.0) } else { 0.0 };
            return write!(f, "{:.*}%", decimals as usize, 100.0 * amount);
        }
        let sign = if amount.round() < 0.0 { "-" } else { "" };
        write!(f, "{sign}${}", grouped(&format!("{:.0}", amount.abs())))
    }
}

/// A confidence in percent: `99%`.
pub(crate) fn percent(share: f64) -> String {
    format!("{}%", (1e6 * share).round() / 1e4)
}

/// What was judged, as a CI job wants to hear of it.
pub fn checks_of_limits(title: String, file: Option<String>, judged: &[Judged], confidence: Share) -> Checks {
    let check = |judged: &Judged| Check {
        group: judged.limit.subject(),
        name: judged.limit.title(),
        verdict: judged.verdict,
        reason: judged.reason(confidence),
    };
    Checks { title, file, checks: judged.iter().map(check).collect() }
}

/// The design of trials whose controls were not kept: the batches alone, which even out chance as far as they do.
pub fn design_without_controls(trials: usize, variance_reduction: bool) -> Design {
    let draws = if variance_reduction { Draws::Stratified } else { Draws::Independent };
    Design::new(trials, draws.batch(), &[])
}

#[cfg(test)]
mod tests;
