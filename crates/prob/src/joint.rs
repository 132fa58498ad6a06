//! Figures of several samples of the same trials: the errors of their sums, differences and ratios.
//!
//! Each figure is a mean, or a smooth function of means, so that its error is that of a mean: of the numbers by which each trial changes
//! the figure (its influence function). Two figures of the same trials vary together as these numbers do.

use std::fmt;

use twosided_units::Share;

use crate::{Caution, Design, Estimate, Sample, sample::FEW_IN_A_TAIL, special::student_upper_quantile};

/// Shares of the variances that are summed, below which the variance of the sum is rounding.
const ROUNDING_OF_VARIANCE: f64 = 1e-13;
/// Share of the largest trials, below which a sum of figures or its error is rounding.
const ROUNDING: f64 = 1e-12;

/// By what a trial changes a figure, times the number of trials.
#[derive(Clone, Copy, Debug)]
enum Influence {
    Nothing,
    Mean { mean: f64 },
    Sd { mean: f64, sd: f64 },
    Below { limit: f64, probability: f64 },
    Tail { threshold: f64, share: f64, value: f64 },
}

impl Influence {
    fn of(self, gain: f64) -> f64 {
        match self {
            Self::Mean { mean } => gain - mean,
            Self::Sd { mean, sd } if sd > 0.0 => 0.5 * ((gain - mean) * ((gain - mean) / sd) - sd),
            Self::Sd { .. } | Self::Nothing => 0.0,
            Self::Below { limit, probability } => f64::from(gain < limit) - probability,
            Self::Tail { threshold, share, value } => (threshold - gain).max(0.0) / share - threshold - value,
        }
    }
}

/// A figure of one sample of gains.
#[derive(Clone, Copy, Debug)]
pub struct JointFigure<'a> {
    trials: &'a [f64],
    value: f64,
    influence: Influence,
    /// Degrees of freedom of its error, as far as its own trials decide; not known where its error is not.
    freedom: Option<f64>,
    largest: f64,
    caution: Option<Caution>,
}

impl<'a> JointFigure<'a> {
    fn new(trials: &'a [f64], sample: &Sample, estimate: &Estimate, influence: Influence) -> Self {
        let sorted = sample.sorted();
        Self {
            trials,
            value: estimate.value,
            influence,
            freedom: estimate.standard_error.is_finite().then_some(f64::INFINITY),
            largest: sorted[0].abs().max(sorted[sorted.len() - 1].abs()),
            caution: estimate.caution,
        }
    }

    /// The mean of a sample, whose trials are given in their order.
    pub fn mean(trials: &'a [f64], sample: &Sample) -> Self {
        let estimate = sample.mean();
        Self::new(trials, sample, &estimate, Influence::Mean { mean: estimate.value })
    }

    /// The standard deviation of a sample.
    pub fn sd(trials: &'a [f64], sample: &Sample) -> Self {
        let estimate = sample.sd();
        Self::new(trials, sample, &estimate, Influence::Sd { mean: sample.mean().value, sd: estimate.value })
    }

    /// A figure whose influences are given, trial by trial, with the degrees of freedom of its error, where that is known.
    pub(crate) fn of_influences(influences: &'a [f64], value: f64, freedom: Option<f64>) -> Self {
        let largest = influences.iter().fold(value.abs(), |most, influence| most.max(influence.abs()));
        Self { trials: influences, value, influence: Influence::Mean { mean: 0.0 }, freedom, largest, caution: None }
    }

    /// The degrees of freedom of its error, as far as its own trials decide; none where its error is not known.
    pub(crate) fn freedom(&self) -> Option<f64> {
        self.freedom
    }

    /// The same figure with a caution.
    pub(crate) fn cautioned(self, caution: Option<Caution>) -> Self {
        Self { caution, ..self }
    }

    /// The figure of trials that differ by rounding alone, which is that value.
    #[must_use]
    pub fn certain(self, value: f64) -> Self {
        Self { value, influence: Influence::Nothing, freedom: Some(f64::INFINITY), caution: None, ..self }
    }

    /// The probability of a gain below zero. Its error is that of the trials: none where no trial, or every trial, is a loss.
    pub fn probability_of_loss(trials: &'a [f64], sample: &Sample) -> Self {
        let estimate = sample.probability(|gain| gain < 0.0);
        let figure = Self::new(trials, sample, &estimate, Influence::Below { limit: 0.0, probability: estimate.value });
        Self { largest: 1.0, ..figure }
    }

    /// The tail value at risk of the losses of a sample of gains. Where fewer than 50 trials are in the tail and none of them lies
    /// beyond the value at risk, nothing is known of its error, unless all trials are the same.
    ///
    /// # Source
    /// \[RU00\]: the tail value at risk is the least of the means of `c + max(0, loss - c) / (1 - level)`, at the value at risk.
    pub fn tail_value_at_risk(trials: &'a [f64], sample: &Sample, level: Share) -> Self {
        let estimate = sample.tail_value_at_risk(level);
        let value_at_risk = sample.value_at_risk(level).value;
        let share = level.complement().value();
        let influence = Influence::Tail { threshold: 0.0 - value_at_risk, share, value: estimate.value };
        let figure = Self::new(trials, sample, &estimate, influence);
        let sorted = sample.sorted();
        let is_certain = sorted[0] == sorted[sorted.len() - 1];
        let freedom = match sample.trials_beyond(value_at_risk) {
            0 if is_certain || share * sample.len() as f64 >= FEW_IN_A_TAIL as f64 => Some(f64::INFINITY),
            0 => None,
            beyond => Some(beyond as f64 - 1.0),
        };
        Self { freedom: figure.freedom.and(freedom), ..figure }
    }
}

/// One part of a sum: the index of a figure, and what it is multiplied by.
pub type Term = (usize, f64);

/// Figures of the same trials, with the errors that they share.
#[derive(Clone, Debug)]
pub struct JointFigures {
    values: Vec<f64>,
    /// Covariances of the figures' errors, row by row.
    covariances: Vec<f64>,
    freedoms: Vec<Option<f64>>,
    largest: Vec<f64>,
    cautions: Vec<Option<Caution>>,
}

/// A sum of figures with its error.
#[derive(Clone, Copy, Debug)]
struct Sum {
    value: f64,
    variance: f64,
    /// None where the error is not known.
    freedom: Option<f64>,
    caution: Option<Caution>,
}

/// Why a ratio is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRatio {
    /// The denominator is zero or less, beyond chance.
    NotPositive,
    /// Whether the denominator is above zero is within chance: its 95% interval touches zero.
    TouchesZero,
    /// The error of the denominator or of the numerator cannot be estimated.
    ErrorUnknown,
}

impl fmt::Display for NoRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotPositive => "the denominator is not above zero",
            Self::TouchesZero => "the 95% interval of the denominator touches zero",
            Self::ErrorUnknown => "the error cannot be estimated",
        })
    }
}

impl JointFigures {
    /// Figures whose trials were drawn by a design.
    ///
    /// # Panics
    /// When the design is of another number of trials.
    pub fn new(design: &Design, figures: &[JointFigure<'_>]) -> Self {
        assert!(
            figures.iter().all(|figure| figure.trials.len() == design.trials()),
            "a design is of the figures' trials"
        );
        let columns: Vec<_> = figures
            .iter()
            .map(|figure| move |trial: usize| figure.influence.of(figure.trials[trial]) / unit(figure.largest))
            .collect();
        let mut covariances = design.covariances(&columns);
        let count = figures.len();
        for (index, covariance) in covariances.iter_mut().enumerate() {
            *covariance *= unit(figures[index / count].largest) * unit(figures[index % count].largest);
        }
        let of_design = design.freedom();
        Self {
            values: figures.iter().map(|figure| figure.value).collect(),
            covariances,
            freedoms: figures.iter().map(|figure| figure.freedom.map(|freedom| freedom.min(of_design))).collect(),
            largest: figures.iter().map(|figure| figure.largest).collect(),
            cautions: figures.iter().map(|figure| figure.caution).collect(),
        }
    }

    /// The figure of an index.
    pub fn value(&self, index: usize) -> f64 {
        self.values[index]
    }

    fn covariance(&self, one: &[Term], other: &[Term]) -> f64 {
        let count = self.values.len();
        let parts = one.iter().flat_map(|&(row, weight)| {
            other.iter().map(move |&(column, other)| weight * other * self.covariances[row * count + column])
        });
        parts.sum()
    }

    fn total(&self, terms: &[Term]) -> Sum {
        let value: f64 = terms.iter().map(|&(index, weight)| weight * self.values[index]).sum();
        let largest: f64 = terms.iter().map(|&(index, weight)| weight.abs() * self.largest[index]).sum();
        let value = if value.abs() <= ROUNDING * largest { 0.0 } else { value };
        let alone: f64 = terms.iter().map(|&term| self.covariance(&[term], &[term])).sum();
        let variance = self.covariance(terms, terms);
        let is_rounding = variance <= ROUNDING_OF_VARIANCE * alone || variance.sqrt() <= ROUNDING * largest;
        let variance = if is_rounding { 0.0 } else { variance };
        let used = || terms.iter().filter(|(_, weight)| *weight != 0.0);
        let freedoms = used().map(|&(index, _)| self.freedoms[index]);
        let freedom = freedoms.reduce(|one, other| Some(one?.min(other?))).flatten();
        let freedom = freedom.filter(|freedom| variance == 0.0 || *freedom >= 1.0);
        Sum { value, variance, freedom, caution: used().find_map(|&(index, _)| self.cautions[index]) }
    }

    /// A sum of figures, each times a number: the difference of the first two is that of `(0, 1.0)` and `(1, -1.0)`.
    pub fn sum(&self, terms: &[Term]) -> Estimate {
        let Sum { value, variance, freedom, caution } = self.total(terms);
        let Some(freedom) = freedom else { return unknown(value, caution) };
        let estimate = Estimate::student(value, variance.sqrt(), freedom);
        Estimate { caution: caution.filter(|_| variance > 0.0), ..estimate }
    }

    /// A ratio of two sums of figures; its error is by the delta method, its interval Fieller's.
    ///
    /// # Errors
    /// [`NoRatio`] where the denominator's 95% interval is not above zero, or an error is not known.
    ///
    /// # Source
    /// \[F54\] for the interval.
    pub fn ratio(&self, over: &[Term], under: &[Term]) -> Result<Estimate, NoRatio> {
        let (top, bottom) = (self.total(over), self.total(under));
        let Some(freedom) = top.freedom.zip(bottom.freedom).map(|(one, other)| one.min(other)) else {
            return Err(NoRatio::ErrorUnknown);
        };
        let reach = student_upper_quantile(freedom.max(1.0), 0.025);
        let half = reach * bottom.variance.sqrt();
        if bottom.value + half <= 0.0 {
            return Err(NoRatio::NotPositive);
        }
        if bottom.value - half <= 0.0 {
            return Err(NoRatio::TouchesZero);
        }
        let both = self.covariance(over, under);
        let value = top.value / bottom.value;
        let variance = (top.variance - 2.0 * value * both + value * value * bottom.variance).max(0.0);
        let standard_error = variance.sqrt() / bottom.value;
        // The part of the denominator's square that chance may make up.
        let chance = (half / bottom.value) * (half / bottom.value);
        let (shift, apart) = if bottom.variance > 0.0 {
            (chance * both / bottom.variance, top.variance - both * both / bottom.variance)
        } else {
            (0.0, 0.0)
        };
        let half = reach / bottom.value * (variance - chance * apart).max(0.0).sqrt();
        let end = |half: f64| (value - shift + half) / (1.0 - chance);
        let caution = top.caution.or(bottom.caution).filter(|_| standard_error > 0.0);
        Ok(Estimate { value, standard_error, lower: end(-half).min(value), upper: end(half).max(value), caution })
    }

    /// The weight at which the first sum less this many times the second is the most standard errors from zero; none where every weight
    /// is as clear as the others.
    pub(crate) fn clearest_weight(&self, one: &[Term], other: &[Term]) -> Option<f64> {
        let (first, second, both) = (self.total(one), self.total(other), self.covariance(one, other));
        let across = second.variance * first.value - both * second.value;
        let weight = (both * first.value - first.variance * second.value) / across;
        weight.is_finite().then_some(weight)
    }

    /// Whether a sum of figures is above zero beyond chance, where all sums of two figures, whatever they are multiplied by, are
    /// judged with that chance of one false verdict or more.
    ///
    /// # Source
    /// \[S53\]: the critical value is the root of twice that of Fisher's law with two degrees of freedom, which has a closed form.
    pub fn is_above_zero(&self, terms: &[Term], chance: f64) -> bool {
        let Sum { value, variance, freedom, .. } = self.total(terms);
        freedom.is_some_and(|freedom| value > critical(freedom, chance) * variance.sqrt())
    }
}

/// By how many standard errors all sums of two figures may be off, with that chance of more.
fn critical(freedom: f64, chance: f64) -> f64 {
    let of_normal = -2.0 * libm::log(chance);
    if freedom.is_finite() { (freedom * libm::expm1(of_normal / freedom)).sqrt() } else { of_normal.sqrt() }
}

/// What numbers are divided by so that their squares neither overflow nor vanish.
fn unit(largest: f64) -> f64 {
    if largest > 0.0 { largest } else { 1.0 }
}

/// A figure whose error cannot be estimated.
fn unknown(value: f64, caution: Option<Caution>) -> Estimate {
    let (lower, upper) = (f64::NEG_INFINITY, f64::INFINITY);
    Estimate { value, standard_error: f64::INFINITY, lower, upper, caution: caution.or(Some(Caution::FewTrials)) }
}

#[cfg(test)]
mod tests;
