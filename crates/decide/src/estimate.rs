//! A quantity of a contract, estimated from the trials of a run or taken from its summary.

use std::sync::Arc;

use ndarray::Axis;
use twosided_prob::{Design, Estimate, Margin, RiskMeasure, Sample, SampleError};
use twosided_provider::Line;
use twosided_report::{Figure, Summary};
use twosided_scenario::{Base, Event, Quantity, Subject, When};
use twosided_sim::{Keep, Outcomes, Tails};

/// The trials of a run.
#[derive(Clone, Copy, Debug)]
pub struct Trials<'a> {
    /// What every trial came to.
    pub outcomes: &'a Outcomes,
    /// How the trials were drawn, with weights by their controls.
    pub design: &'a Arc<Design>,
    /// Tail indices of the contracts' figures, by contract; none where they are not known.
    pub tails: &'a [Tails],
}

/// Why a quantity has no estimate.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum NoEstimate {
    /// The contract compares nothing with a benchmark.
    #[error("the contract compares no benchmark with expenditure, so neither the benchmark nor the cost is known")]
    NoBenchmark,
    /// What is needed was not kept.
    #[error("it needs the {what}, which the run did not keep (--outcomes {})", .keep.name())]
    NotKept {
        /// What is needed.
        what: &'static str,
        /// What keeps it.
        keep: Keep,
    },
    /// A year beyond the horizon.
    #[error("it is about year {year}; the horizon has {years}")]
    NoSuchYear {
        /// The year, counted from 1.
        year: u32,
        /// How many there are.
        years: usize,
    },
    /// A summary does not have it.
    #[error(
        "a summary alone has no trials, so that it has measures and no events; give the scenario or the report's folder"
    )]
    NeedsTrials,
    /// Of a difference a summary has the mean alone.
    #[error("of a difference a summary alone has the mean; give the scenario or the report's folder")]
    NeedsTrialsOfBoth,
    /// The summary has no such contract.
    #[error("the summary has no such contract")]
    NoSuchContract,
    /// A difference of costs or margins.
    #[error("a difference of two contracts is one of gains; it has no {0}")]
    NotOfDifference(&'static str),
    /// The outcomes cannot be measured.
    #[error(transparent)]
    Sample(#[from] SampleError),
}

impl Trials<'_> {
    /// Gains of a contract over the horizon, trial by trial; less those of another, where one is given.
    pub fn gains(&self, contract: usize, less: Option<usize>) -> Vec<f64> {
        let gains = self.outcomes.gains_of(contract).to_vec();
        match less {
            None => gains,
            Some(less) => differences(&gains, &self.outcomes.gains_of(less).to_vec()),
        }
    }

    /// The gains as a sample, by its design and with its tails.
    ///
    /// # Errors
    /// [`SampleError`].
    pub fn sample(&self, contract: usize, less: Option<usize>) -> Result<Sample, SampleError> {
        let sample = Sample::drawn_by(self.design, self.gains(contract, less))?;
        let tails = |contract: usize| self.tails.get(contract).copied().unwrap_or_default();
        let of = tails(contract);
        let (low, high) = less
            .map(tails)
            .map_or((of.losses, of.gains), |less| (of.losses.min(less.gains), of.gains.min(less.losses)));
        Ok(sample.with_tail_indices(low, high))
    }

    /// Whether an event happens, trial by trial. A year in which the contract is not in force has no cost and no benchmark, and no
    /// event that is about them.
    ///
    /// # Errors
    /// [`NoEstimate`].
    pub fn happens(&self, event: &Event, contract: usize, less: Option<usize>) -> Result<Vec<bool>, NoEstimate> {
        let outcomes = self.outcomes;
        let years = outcomes.years();
        let of_years = match event.when {
            When::Year(year) if year as usize > years => return Err(NoEstimate::NoSuchYear { year, years }),
            When::Year(year) => year as usize - 1..year as usize,
            When::Horizon | When::AnyYear => 0..years,
        };
        let subject = self.subject(event.subject, contract, less)?;
        let base = self.base(event.base, contract)?;
        let is_met = |figure: f64, base: f64| event.comparison.holds(figure, event.amount * base, base * event.amount);
        let of_trial = |trial: usize| {
            let of_year = |year: usize| Some((subject.of_trial(trial, year)?, base.of_trial(trial, year)?));
            let mut found = of_years.clone().filter_map(of_year);
            if event.when == When::AnyYear {
                return found.any(|(figure, base)| is_met(figure, base));
            }
            let sums = found.fold(None, |sums: Option<(f64, f64, f64)>, (figure, base)| {
                let (figures, bases, sizes) = sums.unwrap_or_default();
                Some((figures + figure, bases + base, sizes + figure.abs()))
            });
            sums.is_some_and(|(figure, sum, sizes)| {
                let base = if event.base == Base::Dollars { 1.0 } else { sum };
                // Amounts that cancel over the years leave nothing but their rounding.
                let figure = if figure.abs() <= ROUNDING * sizes { 0.0 } else { figure };
                is_met(figure, base)
            })
        };
        Ok((0..outcomes.trials()).map(of_trial).collect())
    }

    fn subject(&self, subject: Subject, contract: usize, less: Option<usize>) -> Result<Yearly, NoEstimate> {
        let outcomes = self.outcomes;
        let gains = |contract: usize| outcomes.yearly.index_axis(Axis(2), contract);
        let of_gains = |sign: f64| {
            let gains_less = less.map(gains);
            Yearly::of(outcomes, |trial, year| {
                let gain = gains(contract)[(trial, year)];
                let gain = gains_less.map_or(gain, |less| differences(&[gain], &[less[(trial, year)]])[0]);
                Some(0.0 + sign * gain)
            })
        };
        match subject {
            Subject::Gain => Ok(of_gains(1.0)),
            Subject::Loss => Ok(of_gains(-1.0)),
            Subject::Margin | Subject::Cost if less.is_some() => {
                Err(NoEstimate::NotOfDifference(if subject == Subject::Cost { "cost" } else { "margin" }))
            }
            Subject::Margin => {
                self.keeps("margin", Keep::Lines)?;
                let lines = outcomes.lines.index_axis(Axis(2), contract);
                Ok(Yearly::of(outcomes, |trial, year| Some(lines.index_axis(Axis(0), trial).row(year).sum())))
            }
            Subject::Cost => self.base(Base::Expenditure, contract),
        }
    }

    fn base(&self, base: Base, contract: usize) -> Result<Yearly, NoEstimate> {
        let outcomes = self.outcomes;
        match base {
            Base::Dollars => Ok(Yearly::of(outcomes, |_, _| Some(1.0))),
            Base::PersonYear => {
                self.keeps("person-years", Keep::Gains)?;
                Ok(Yearly::of(outcomes, |trial, year| Some(outcomes.person_years[(trial, year, contract)])))
            }
            Base::Fees => {
                self.keeps("fees", Keep::Lines)?;
                let fees = |trial, year| outcomes.lines[(trial, year, contract, Line::Fees as usize)];
                Ok(Yearly::of(outcomes, |trial, year| Some(fees(trial, year))))
            }
            Base::Benchmark | Base::Expenditure => {
                self.keeps("benchmark and expenditure", Keep::Gains)?;
                let against = outcomes.against.index_axis(Axis(2), contract);
                if against.iter().all(Option::is_none) {
                    return Err(NoEstimate::NoBenchmark);
                }
                Ok(Yearly::of(outcomes, |trial, year| {
                    let against = against[(trial, year)]?;
                    Some(if base == Base::Benchmark { against.benchmark.0 } else { against.expenditure.0 })
                }))
            }
        }
    }

    fn keeps(&self, what: &'static str, keep: Keep) -> Result<(), NoEstimate> {
        if self.outcomes.keep >= keep { Ok(()) } else { Err(NoEstimate::NotKept { what, keep }) }
    }
}

/// Amounts below this part of what they are made of are rounding.
const ROUNDING: f64 = 1e-12;

/// Differences, in which what is due to rounding is exactly nothing.
fn differences(of: &[f64], less: &[f64]) -> Vec<f64> {
    let most = of.iter().chain(less).fold(0.0, |most: f64, amount| most.max(amount.abs()));
    of.iter().zip(less).map(|(of, less)| if (of - less).abs() <= ROUNDING * most { 0.0 } else { of - less }).collect()
}

/// A figure of each year of each trial, where there is one.
struct Yearly {
    years: usize,
    figures: Vec<Option<f64>>,
}

impl Yearly {
    fn of(outcomes: &Outcomes, figure: impl Fn(usize, usize) -> Option<f64>) -> Self {
        let years = outcomes.years();
        let all = (0..outcomes.trials()).flat_map(|trial| (0..years).map(move |year| (trial, year)));
        Self { years, figures: all.map(|(trial, year)| figure(trial, year)).collect() }
    }

    fn of_trial(&self, trial: usize, year: usize) -> Option<f64> {
        self.figures[trial * self.years + year]
    }
}

/// The estimate of a quantity of a contract from trials, or of its gains less those of another: in dollars, or a probability.
///
/// # Errors
/// [`NoEstimate`].
pub fn estimate(
    quantity: &Quantity,
    trials: &Trials<'_>,
    contract: usize,
    less: Option<usize>,
) -> Result<Estimate, NoEstimate> {
    match quantity {
        Quantity::Measure(RiskMeasure::MeanMargin) if less.is_none() => {
            trials.keeps("lines of the margin", Keep::Lines)?;
            let tail = trials.tails.get(contract).map_or(f64::INFINITY, |tails| tails.margin);
            let margins = Sample::drawn_by(trials.design, trials.outcomes.margins_of(contract))?;
            let margin = Margin::of(&margins.with_tail_indices(tail, tail));
            Ok(RiskMeasure::MeanMargin.of(&trials.sample(contract, None)?, &margin))
        }
        Quantity::Measure(measure) => {
            // The difference of two margins is that of the gains.
            let gains = trials.sample(contract, less)?;
            let margin = Margin::of(&gains);
            Ok(measure.of(&gains, &margin))
        }
        Quantity::Probability(event) => {
            let happens = trials.happens(event, contract, less)?.into_iter().map(f64::from).collect();
            Ok(Sample::drawn_by(trials.design, happens)?.probability(|happens| happens > 0.5))
        }
    }
}

/// The figure of a quantity in a summary, which has measures alone, and of a difference the mean.
///
/// # Errors
/// [`NoEstimate`].
pub fn estimate_of_summary(
    quantity: &Quantity,
    summary: &Summary,
    contract: &str,
    less: Option<&str>,
) -> Result<Figure, NoEstimate> {
    let Quantity::Measure(measure) = *quantity else { return Err(NoEstimate::NeedsTrials) };
    let Some(less) = less else {
        let contract = summary.contract(contract).ok_or(NoEstimate::NoSuchContract)?;
        return Ok(contract.measures[measure as usize]);
    };
    if !matches!(measure, RiskMeasure::MeanGain | RiskMeasure::MeanMargin) {
        return Err(NoEstimate::NeedsTrialsOfBoth);
    }
    let found = summary.differences.iter().find_map(|difference| {
        let (one, other) = (difference.contract.as_str(), difference.less.as_str());
        if (one, other) == (contract, less) {
            return Some(difference.mean_gain);
        }
        ((one, other) == (less, contract)).then(|| difference.mean_gain.negated())
    });
    found.ok_or(NoEstimate::NoSuchContract)
}

#[cfg(test)]
mod tests {
    use twosided_contracts::Against;
    use twosided_units::Dollars;

    use super::*;

    /// Four trials of two years and two contracts: losses of 1 to 4 in the first year and of nothing in the second under the first, which
    /// compares a benchmark of 100 a year with an expenditure of 99 to 102; half of that under the other, which compares none.
    fn outcomes() -> Outcomes {
        let mut outcomes = Outcomes::zeros(Keep::Lines, 4, 2, 2);
        for trial in 0..4 {
            let loss = 1.0 + trial as f64;
            outcomes.yearly[(trial, 0, 0)] = -loss;
            outcomes.yearly[(trial, 0, 1)] = -0.5 * loss;
            outcomes.lines[(trial, 0, 0, Line::Fees as usize)] = 40.0;
            outcomes.lines[(trial, 0, 0, Line::Reconciliation as usize)] = -loss;
            for year in 0..2 {
                outcomes.person_years[(trial, year, 0)] = 2.0;
                let expenditure = Dollars(99.0 + trial as f64);
                outcomes.against[(trial, year, 0)] = Some(Against { benchmark: Dollars(100.0), expenditure });
            }
        }
        outcomes.summed()
    }

    fn estimate_of(text: &str, contract: usize, less: Option<usize>) -> Result<f64, NoEstimate> {
        let outcomes = outcomes();
        let design = Arc::new(Design::independent(4));
        let quantity = text.parse().expect("it is a quantity");
        estimate(&quantity, &Trials { outcomes: &outcomes, design: &design, tails: &[] }, contract, less)
            .map(|estimate| estimate.value)
    }

    #[test]
    fn events_of_four_trials_by_hand() {
        for (quantity, expected) in [
            ("P(loss > 2)", 0.5),
            ("P(loss >= 2)", 0.75),
            ("P(gain < -3.5)", 0.25),
            ("P(loss > 1% of benchmark)", 0.5), // of 200 over both years
            ("P(loss > 1% of benchmark in year 1)", 0.75),
            ("P(loss > 1% of benchmark in year 2)", 0.0),
            ("P(loss > 3% of benchmark in any year)", 0.25),
            ("P(cost > 100% of benchmark)", 0.5),
            ("P(cost <= 100% of benchmark in any year)", 0.5),
            ("P(cost > $50.2 per person-year)", 0.5),
            ("P(cost > 203)", 0.25),
            ("P(loss > $0.6 per person-year)", 0.5),
            ("P(loss >= 5% of fees)", 0.75),
            ("P(margin < 37.5)", 0.5),
            ("P(loss > 1% of expenditure)", 0.5),
            ("mean", -2.5),
            ("mean_margin", 37.5),
            ("P(loss)", 1.0),
            ("median", -2.0),
        ] {
            assert_eq!(estimate_of(quantity, 0, None), Ok(expected), "{quantity}");
        }
    }

    #[test]
    fn a_difference_is_taken_trial_by_trial() {
        assert_eq!(estimate_of("mean", 0, Some(1)), Ok(-1.25));
        assert_eq!(estimate_of("mean", 0, Some(0)), Ok(0.0));
        assert_eq!(estimate_of("P(loss >= 1.5)", 0, Some(1)), Ok(0.5));
        assert_eq!(estimate_of("P(gain >= 1 in year 1)", 1, Some(0)), Ok(0.75));
        assert_eq!(estimate_of("P(cost > 1)", 0, Some(1)), Err(NoEstimate::NotOfDifference("cost")));
    }

    #[test]
    fn what_a_run_does_not_have_is_refused_with_the_reason() {
        assert_eq!(estimate_of("P(cost > 1)", 1, None), Err(NoEstimate::NoBenchmark));
        assert_eq!(estimate_of("P(loss > 1% of benchmark)", 1, None), Err(NoEstimate::NoBenchmark));
        let refused = estimate_of("P(loss > 1 in year 3)", 0, None).expect_err("there are two years").to_string();
        assert_eq!(refused, "it is about year 3; the horizon has 2");
        let outcomes = Outcomes::zeros(Keep::None, 4, 1, 1);
        let design = Arc::new(Design::independent(4));
        let trials = Trials { outcomes: &outcomes, design: &design, tails: &[] };
        let refused = |text: &str| {
            let quantity = text.parse().expect("it is a quantity");
            estimate(&quantity, &trials, 0, None).expect_err("it is not kept").to_string()
        };
        assert_eq!(
            refused("P(cost > 1)"),
            "it needs the benchmark and expenditure, which the run did not keep (--outcomes gains)"
        );
        assert_eq!(
            refused("mean_margin"),
            "it needs the lines of the margin, which the run did not keep (--outcomes lines)"
        );
    }
}
