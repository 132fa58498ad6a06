//! How the trials of a sample were drawn, and what is known exactly of each: weights that use it, and errors that stay honest.

/// A figure of every trial whose mean is known exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlVariate {
    /// The figure, trial by trial.
    pub values: Vec<f64>,
    /// Its mean over all trials that there could be.
    pub mean: f64,
}

/// How trials were drawn, and weights of trials by which the sample means of controls are their known means.
///
/// One set of weights serves every measure of every figure. With `x` the controls of a trial, `x̄` their sample means, `μ` their known
/// means, and `S` the sums of squares and products of `x - x̄`:
///
/// ```text
/// w_i = 1 / n - (x̄ - μ)' S⁻¹ (x_i - x̄)
/// ```
///
/// The weighted mean of a figure is its sample mean less what its regression on the controls explains of their chance. Weights may be
/// below zero. The error is that of the regression's residuals `e`, summed over batches of trials that were drawn together, so that
/// what stratification evens out within a batch does not count:
///
/// ```text
/// variance = batches / freedom × Σ over batches of (Σ w_i e_i)²,   freedom = batches - 1 - controls / trials of a batch
/// ```
///
/// The coefficients are estimated on the same trials, which biases a mean by the order of `1 / n`, less than its error by the root of `n`.
///
/// # Source
/// \[HN98\] for the weights; \[GS02\] for control variates of quantiles and other smooth functions of means.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    trials: usize,
    batch: usize,
    /// Controls about their sample means, each of length one and orthogonal to the others.
    directions: Vec<Vec<f64>>,
    /// By how much the sample mean of each direction is above its known mean.
    offsets: Vec<f64>,
    weights: Vec<f64>,
}

/// A weighted mean of a figure of every trial.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WeightedMean {
    pub(crate) value: f64,
    pub(crate) standard_error: f64,
}

/// Trials for every control that is used: with fewer, their coefficients cost more than they bring.
const TRIALS_PER_CONTROL: usize = 20;

/// The part of a control that those before it must leave unexplained, as a length over its own: what is left of less is rounding.
const LEAST_LEFT: f64 = 1e-6;

impl Design {
    /// Trials that are each drawn for itself, of which nothing is known.
    pub fn independent(trials: usize) -> Self {
        Self::new(trials, 1, &[])
    }

    /// Trials that were drawn in batches, one after another, with controls in the order of their importance. A control that does not
    /// vary, that those before it explain, or for which there are fewer than 20 trials is left out.
    ///
    /// # Panics
    /// When a batch has no trial, or a control does not have a figure of every trial.
    pub fn new(trials: usize, batch: usize, controls: &[ControlVariate]) -> Self {
        assert!(batch > 0, "a batch has at least one trial");
        let mut design = Self {
            trials,
            batch,
            directions: Vec::new(),
            offsets: Vec::new(),
            weights: vec![1.0 / trials as f64; trials],
        };
        for control in controls.iter().take(trials / TRIALS_PER_CONTROL) {
            assert_eq!(control.values.len(), trials, "a control has a figure of every trial");
            design.add(control);
        }
        for (direction, offset) in design.directions.iter().zip(&design.offsets) {
            for (weight, along) in design.weights.iter_mut().zip(direction) {
                *weight -= offset * along;
            }
        }
        design
    }

    /// Adds what a control says beyond those before it.
    fn add(&mut self, control: &ControlVariate) {
        let mean = mean(&control.values);
        let mut offset = mean - control.mean;
        let mut left: Vec<f64> = control.values.iter().map(|value| value - mean).collect();
        let length = product(&left, &left).sqrt();
        let most = control.values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
        // What varies by the rounding of its figures alone does not vary.
        let root = (self.trials as f64).sqrt();
        if !(length.is_finite() && length > 1e-12 * most * root) {
            return;
        }
        for (direction, known) in self.directions.iter().zip(&self.offsets) {
            let explained = product(&left, direction);
            for (left, along) in left.iter_mut().zip(direction) {
                *left -= explained * along;
            }
            offset -= explained * known;
        }
        let remains = product(&left, &left).sqrt();
        if remains > LEAST_LEFT * length {
            for value in &mut left {
                *value /= remains;
            }
            self.directions.push(left);
            self.offsets.push(offset / remains);
        }
    }

    /// How many trials.
    pub fn trials(&self) -> usize {
        self.trials
    }

    /// Whether every trial is drawn for itself and has the same weight.
    pub fn is_independent(&self) -> bool {
        self.batch == 1 && self.directions.is_empty()
    }

    /// How many controls are in use.
    pub fn controls(&self) -> usize {
        self.directions.len()
    }

    /// By how many standard errors of independent trials the sample mean of each control in use, as far as those before it do not
    /// explain it, is above its known mean.
    pub fn off(&self) -> impl Iterator<Item = f64> {
        self.offsets.iter().map(|offset| offset * self.trials as f64)
    }

    /// The weights of the trials, which add up to one.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Degrees of freedom of an error: the batches, less one for the mean and the controls' part of a batch; not above zero where there
    /// are too few batches for an error.
    pub(crate) fn freedom(&self) -> f64 {
        self.batches() - 1.0 - self.directions.len() as f64 / self.batch as f64
    }

    fn batches(&self) -> f64 {
        self.trials.div_ceil(self.batch) as f64
    }

    /// Covariances of the errors of weighted means, row by row; each figure is given by its value in a trial. They are infinite where
    /// there are too few batches for an error.
    pub(crate) fn covariances(&self, figures: &[impl Fn(usize) -> f64]) -> Vec<f64> {
        let count = figures.len();
        let over_trials = |of: &dyn Fn(usize) -> f64| (0..self.trials).map(of).sum::<f64>();
        let means: Vec<f64> = figures.iter().map(|figure| over_trials(figure) / self.trials as f64).collect();
        // What the directions explain of each figure, one figure after another.
        let explained: Vec<f64> = figures
            .iter()
            .zip(&means)
            .flat_map(|(figure, mean)| {
                self.directions.iter().map(move |along| over_trials(&|trial| (figure(trial) - mean) * along[trial]))
            })
            .collect();
        let mut sums = vec![0.0; count];
        let mut covariances = vec![0.0; count * count];
        for start in (0..self.trials).step_by(self.batch) {
            sums.fill(0.0);
            for trial in start..(start + self.batch).min(self.trials) {
                for (index, (sum, figure)) in sums.iter_mut().zip(figures).enumerate() {
                    let explained = &explained[index * self.directions.len()..][..self.directions.len()];
                    let known: f64 =
                        explained.iter().zip(&self.directions).map(|(part, along)| part * along[trial]).sum();
                    *sum += self.weights[trial] * (figure(trial) - means[index] - known);
                }
            }
            for (row, of_row) in sums.iter().enumerate() {
                for (column, of_column) in sums[..=row].iter().enumerate() {
                    covariances[row * count + column] += of_row * of_column;
                }
            }
        }
        let freedom = self.freedom();
        let scale = if freedom > 0.0 { self.batches() / freedom } else { f64::INFINITY };
        for row in 0..count {
            for column in 0..=row {
                let covariance = covariances[row * count + column] * scale;
                covariances[row * count + column] = covariance;
                covariances[column * count + row] = covariance;
            }
        }
        covariances
    }

    /// The weighted mean of a figure of every trial; its error is infinite where there are too few batches for one.
    pub(crate) fn mean_of(&self, values: &[f64]) -> WeightedMean {
        let (value, residuals) = self.residuals(values);
        let squares: f64 = self.sums(&residuals).map(|sum| sum * sum).sum();
        let freedom = self.freedom();
        let standard_error = if freedom > 0.0 { (squares * self.batches() / freedom).sqrt() } else { f64::INFINITY };
        WeightedMean { value, standard_error }
    }

    /// What each batch of trials adds to the weighted mean of a figure, beyond what the controls explain.
    pub(crate) fn batch_sums(&self, values: &[f64]) -> Vec<f64> {
        self.sums(&self.residuals(values).1).collect()
    }

    /// The weighted mean of a figure of every trial, and what the controls do not explain of the figure.
    fn residuals(&self, values: &[f64]) -> (f64, Vec<f64>) {
        let mean = mean(values);
        let mut residuals: Vec<f64> = values.iter().map(|value| value - mean).collect();
        let mut value = mean;
        for (direction, offset) in self.directions.iter().zip(&self.offsets) {
            let explained = product(&residuals, direction);
            value -= offset * explained;
            for (residual, along) in residuals.iter_mut().zip(direction) {
                *residual -= explained * along;
            }
        }
        (value, residuals)
    }

    /// Weighted sums of the batches.
    fn sums<'a>(&'a self, residuals: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        let batches = residuals.chunks(self.batch).zip(self.weights.chunks(self.batch));
        batches.map(|(residuals, weights)| product(residuals, weights))
    }
}

fn mean(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let about = values.iter().sum::<f64>() / n;
    // What rounding left over.
    about + values.iter().map(|value| value - about).sum::<f64>() / n
}

fn product(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Squares of the fractional parts of an irrational step's multiples.
    fn numbers(n: usize, step: f64) -> Vec<f64> {
        (0..n).map(|index| (index as f64 * step).fract().powi(2)).collect()
    }

    #[test]
    fn weighted_means_of_controls_are_their_known_means() {
        let n = 500;
        let values = [numbers(n, 0.618_033_988_7), numbers(n, 0.414_213_562_4)];
        let controls = [
            ControlVariate { values: values[0].clone(), mean: 0.4 },
            ControlVariate { values: values[1].clone(), mean: 0.3 },
        ];
        let design = Design::new(n, 1, &controls);
        assert_eq!(design.controls(), 2);
        assert!((design.weights().iter().sum::<f64>() - 1.0).abs() < 1e-12);
        for control in &controls {
            let by_weights = product(design.weights(), &control.values);
            assert!((by_weights - control.mean).abs() < 1e-12, "{by_weights}");
            let mean = design.mean_of(&control.values);
            assert!((mean.value - control.mean).abs() < 1e-12 && mean.standard_error < 1e-12, "{mean:?}");
        }
        // Any sum of them too, and its weighted mean is that of the weights.
        let figure: Vec<f64> = values[0].iter().zip(&values[1]).map(|(a, b)| 3.0 * a - b + a * b).collect();
        let mean = design.mean_of(&figure);
        assert!((mean.value - product(design.weights(), &figure)).abs() < 1e-12);
    }

    #[test]
    fn what_earlier_controls_explain_is_left_out() {
        let n = 400;
        let first = numbers(n, 0.618_033_988_7);
        let same: Vec<f64> = first.iter().map(|value| 5.0 - 2e6 * value).collect();
        let of = |values: Vec<f64>| ControlVariate { values, mean: 0.5 };
        let design = Design::new(n, 1, &[of(first.clone()), of(same), of(vec![7.0; n])]);
        assert_eq!(design, Design::new(n, 1, &[of(first)]));
    }

    #[test]
    fn two_controls_need_forty_trials() {
        let of = |n: usize, step: f64| ControlVariate { values: numbers(n, step), mean: 0.3 };
        let used = |n: usize| Design::new(n, 1, &[of(n, 0.618_033_988_7), of(n, 0.414_213_562_4)]).controls();
        assert_eq!([used(19), used(20), used(39), used(40)], [0, 1, 1, 2]);
    }

    #[test]
    fn an_error_by_batches_is_that_of_their_means() {
        // Batches of two, means 1, 4 and 7: standard deviation 3, over the root of three.
        let design = Design::new(6, 2, &[]);
        let mean = design.mean_of(&[0.0, 2.0, 3.0, 5.0, 7.0, 7.0]);
        assert!((mean.value - 4.0).abs() < 1e-15);
        assert!((mean.standard_error - 3.0_f64.sqrt()).abs() < 1e-12, "{mean:?}");
        assert_eq!(Design::new(2, 2, &[]).mean_of(&[0.0, 1.0]).standard_error, f64::INFINITY);
    }
}
