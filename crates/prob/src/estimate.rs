//! A figure of a sample with its error.

use crate::{
    special::student_upper_quantile,
    tail::{FEWEST_TRIALS, INDEX_FOR_MEAN},
};

/// An estimate, its standard error, and its 95% confidence interval, all in the unit of the sample.
///
/// An error that cannot be estimated is infinite, and so is an end of the interval that the sample cannot determine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Standard deviation of the figure over repeated runs.
    pub standard_error: f64,
    /// Lower end of the 95% interval.
    pub lower: f64,
    /// Upper end of the 95% interval.
    pub upper: f64,
    /// Why the error or the interval is not to be relied on.
    pub caution: Option<Caution>,
}

/// Why an error or an interval is not what it is elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caution {
    /// The sample has a heavy tail: its largest trials, or ones that it lacks, decide the figure. The error is not known.
    HeavyTail,
    /// So few trials have a part in the figure that its error is rough, or its interval has an open end.
    FewTrials,
}

impl Caution {
    /// The reason, for a reader.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::HeavyTail => "heavy tail: the error cannot be estimated",
            Self::FewTrials => "too few trials: the error is rough",
        }
    }
}

impl Estimate {
    /// The mean of trials of which only the number, the mean and the standard deviation are known, and the tail index of the law
    /// behind them: infinite where all moments exist. That the trials themselves have a heavy tail is not seen.
    pub fn of_mean(trials: f64, mean: f64, sd: f64, tail_index: f64) -> Self {
        let standard_error = sd / trials.sqrt();
        let few = trials < FEWEST_TRIALS as f64 && standard_error > 0.0;
        let estimate = Self::student(mean, standard_error, trials - 1.0);
        let estimate = Self { caution: few.then_some(Caution::FewTrials), ..estimate };
        if tail_index <= INDEX_FOR_MEAN { estimate.without_error(false) } else { estimate }
    }

    /// A mean of normal numbers, whose error is itself estimated with these degrees of freedom.
    pub(crate) fn student(value: f64, standard_error: f64, degrees_of_freedom: f64) -> Self {
        let reach = || student_upper_quantile(degrees_of_freedom.max(1.0), 0.025);
        let half = if standard_error > 0.0 { reach() * standard_error } else { 0.0 };
        Self { value, standard_error, lower: value - half, upper: value + half, caution: None }
    }

    /// The same figure without an error, for a sample with a heavy tail; the largest trial that is missing would only raise
    /// a spread or a tail, so its lower end stays.
    pub(crate) fn without_error(self, keeps_lower: bool) -> Self {
        let lower = if keeps_lower { self.lower } else { f64::NEG_INFINITY };
        Self { standard_error: f64::INFINITY, lower, upper: f64::INFINITY, caution: Some(Caution::HeavyTail), ..self }
    }

    /// The same figure with the larger error of two, and an interval that holds both.
    pub(crate) fn at_least_as_wide_as(self, other: Self) -> Self {
        Self {
            standard_error: self.standard_error.max(other.standard_error),
            lower: self.lower.min(other.lower),
            upper: self.upper.max(other.upper),
            caution: self.caution.or(other.caution),
            ..self
        }
    }

    /// The mean of a tail beyond which no trial lies: it could only be larger, by nobody knows what.
    pub(crate) fn of_unsampled_tail(self) -> Self {
        Self { standard_error: f64::INFINITY, upper: f64::INFINITY, caution: Some(Caution::FewTrials), ..self }
    }

    /// Says that there are few trials where an end is open.
    pub(crate) fn with_open_ends(self) -> Self {
        let open = !(self.lower.is_finite() && self.upper.is_finite());
        Self { caution: self.caution.or(open.then_some(Caution::FewTrials)), ..self }
    }

    /// The same estimate with its sign turned: of a loss, from that of a gain.
    #[must_use]
    pub fn negated(self) -> Self {
        // Taken from zero, so that nothing becomes minus nothing.
        let (value, lower, upper) = (0.0 - self.value, 0.0 - self.upper, 0.0 - self.lower);
        Self { value, lower, upper, ..self }
    }
}
