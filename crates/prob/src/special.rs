//! The gamma function, and the probabilities of the normal, gamma, beta and Student's laws, defined for every shape.
//!
//! Each function ends after a bounded number of steps for any finite argument: a series below the mean, a continued fraction
//! above it, and for large shapes an expansion around the normal law, which the gamma law approaches.

use crate::elementary::{exp, ln};

/// `ln(2π) / 2`.
pub(crate) const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_8;

/// The score above which a standard normal lies with that probability; infinite at 0 and 1.
pub fn upper_score(probability: f64) -> f64 {
    if probability > 0.5 {
        return -upper_score(1.0 - probability);
    }
    if probability <= 0.0 {
        return f64::INFINITY;
    }
    // [AS64] 26.2.23, within 5e-4; then two steps of Halley, each of which leaves less than the cube of the error.
    let t = (-2.0 * libm::log(probability)).sqrt();
    let numerator = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let mut score = t - numerator / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    for _ in 0..2 {
        let density = libm::exp(-0.5 * score * score) / std::f64::consts::TAU.sqrt();
        let off = (upper_probability(score) - probability) / density;
        score += off / (1.0 - 0.5 * off * score);
    }
    score
}

/// The probability that a standard normal lies above a score.
pub fn upper_probability(score: f64) -> f64 {
    0.5 * libm::erfc(score * std::f64::consts::FRAC_1_SQRT_2)
}

/// Probability that a standard normal is at most `x`.
pub(crate) fn normal_cdf(x: f64) -> f64 {
    upper_probability(-x)
}

/// From this shape on, the expansion around the normal law takes over: exact to 1e-12.
const LARGE: f64 = 1e4;

/// More terms than a series or fraction of a shape below [`LARGE`] needs.
const MOST_TERMS: u32 = 20_000;

/// Natural logarithm of the gamma function of a number above zero: Stirling's series, from 12 up.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut product) = (x, 1.0);
    while x < 12.0 {
        product *= x;
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let mut series = 1.0 / 1_188.0 - square * (691.0 / 360_360.0);
    for coefficient in [1.0 / 1_680.0, 1.0 / 1_260.0, 1.0 / 360.0, 1.0 / 12.0] {
        series = coefficient - square * series;
    }
    (x - 0.5) * ln(x) - x + HALF_LN_TWO_PI + series / x - ln(product)
}

/// Probability that a gamma of that shape and scale one is at most `x`.
pub(crate) fn gamma_lower(shape: f64, x: f64) -> f64 {
    lower_and_upper(shape, x).0
}

/// Probability that a gamma of that shape and scale one is above `x`.
pub(crate) fn gamma_upper(shape: f64, x: f64) -> f64 {
    lower_and_upper(shape, x).1
}

fn lower_and_upper(shape: f64, x: f64) -> (f64, f64) {
    if x < f64::MIN_POSITIVE {
        return (0.0, 1.0);
    }
    if x > f64::MAX {
        return (1.0, 0.0);
    }
    if shape >= LARGE {
        return around_the_normal(shape, x);
    }
    let density = exp(shape * ln(x) - x - ln_gamma(shape + 1.0));
    if x < shape + 1.0 {
        let lower = (density * series(shape, x)).min(1.0);
        (lower, 1.0 - lower)
    } else {
        let upper = (density * shape * fraction(shape, x)).min(1.0);
        (1.0 - upper, upper)
    }
}

/// `1 + x / (a + 1) + x² / (a + 1)(a + 2) + …`
fn series(shape: f64, x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for index in 1..MOST_TERMS {
        term *= x / (shape + f64::from(index));
        sum += term;
        if term < 1e-17 * sum {
            break;
        }
    }
    sum
}

/// The continued fraction of the upper part, by Lentz's method.
///
/// # Source
/// \[DLMF\] 8.9.2.
fn fraction(shape: f64, x: f64) -> f64 {
    const LEAST: f64 = 1e-290;
    let mut b = x + 1.0 - shape;
    let mut c = 1.0 / LEAST;
    let mut d = 1.0 / b;
    let mut value = d;
    for index in 1..MOST_TERMS {
        let index = f64::from(index);
        let a = index * (shape - index);
        b += 2.0;
        d = a * d + b;
        d = 1.0 / if d.abs() < LEAST { LEAST } else { d };
        c = b + a / c;
        c = if c.abs() < LEAST { LEAST } else { c };
        value *= c * d;
        if (c * d - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

/// The uniform expansion for large shapes: a normal, and what it is off by.
///
/// # Source
/// \[DLMF\] 8.12.3 and 8.12.10, the first terms of the first three coefficients.
fn around_the_normal(shape: f64, x: f64) -> (f64, f64) {
    let off = x / shape - 1.0;
    // Half of eta squared: off - ln(1 + off).
    let half_square = if off.abs() < 0.1 {
        let power = |sum: f64, k: u32| 1.0 / f64::from(k) - off * sum;
        off * off * (2..22).rev().fold(0.0, power)
    } else {
        off - ln(1.0 + off)
    };
    let exponent = shape * half_square;
    if exponent > 700.0 {
        return if off < 0.0 { (0.0, 1.0) } else { (1.0, 0.0) };
    }
    let eta = (2.0 * half_square).sqrt().copysign(off);
    let polynomial = |coefficients: &[f64]| coefficients.iter().rev().fold(0.0, |sum, c| c + eta * sum);
    let first = polynomial(&[
        -1.0 / 3.0,
        1.0 / 12.0,
        -2.0 / 135.0,
        1.0 / 864.0,
        1.0 / 2_835.0,
        -139.0 / 777_600.0,
        1.0 / 25_515.0,
    ]);
    let second = polynomial(&[-1.0 / 540.0, -1.0 / 288.0, 1.0 / 378.0, -77.0 / 77_760.0]);
    let third = polynomial(&[25.0 / 6_048.0, -139.0 / 51_840.0]);
    let rest = exp(-exponent) / (std::f64::consts::TAU * shape).sqrt() * (first + (second + third / shape) / shape);
    let score = eta * shape.sqrt();
    ((upper_probability(-score) - rest).clamp(0.0, 1.0), (upper_probability(score) + rest).clamp(0.0, 1.0))
}

/// Probability that a beta of those shapes is at most `x`.
pub(crate) fn beta_lower(a: f64, b: f64, x: f64) -> f64 {
    if x < f64::MIN_POSITIVE {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let density = exp(a * ln(x) + b * ln(1.0 - x) + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b));
    let value = if x < (a + 1.0) / (a + b + 2.0) {
        density * beta_fraction(a, b, x) / a
    } else {
        1.0 - density * beta_fraction(b, a, 1.0 - x) / b
    };
    value.clamp(0.0, 1.0)
}

/// The value of a beta of those shapes at a normal score: as likely to be exceeded as the score is.
pub fn beta_at_score(a: f64, b: f64, score: f64) -> f64 {
    if score > 0.0 {
        // From the nearer end, where digits are left.
        return 1.0 - beta_at_score(b, a, -score);
    }
    let probability = normal_cdf(score);
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..70 {
        let middle = 0.5 * (low + high);
        if beta_lower(a, b, middle) < probability { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// The continued fraction of the beta law, by Lentz's method.
///
/// # Source
/// \[DLMF\] 8.17.22.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const LEAST: f64 = 1e-290;
    let kept = |value: f64| if value.abs() < LEAST { LEAST } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / kept(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for index in 1..MOST_TERMS {
        let m = f64::from(index);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut step = 1.0;
        for term in [even, odd] {
            d = 1.0 / kept(1.0 + term * d);
            c = kept(1.0 + term / c);
            step = c * d;
            value *= step;
        }
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

/// From these degrees of freedom on, Student's t is a normal: their points differ by less than a millionth of themselves.
const MANY: f64 = 1e7;

/// Probability that a Student's t lies above a value from 0 up.
pub(crate) fn student_upper(freedom: f64, t: f64) -> f64 {
    if freedom >= MANY {
        return upper_probability(t);
    }
    0.5 * beta_lower(0.5 * freedom, 0.5, freedom / (freedom + t * t))
}

/// The value above which a Student's t lies with a probability below one half.
pub fn student_upper_quantile(freedom: f64, probability: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    if freedom >= MANY {
        return upper_score(probability);
    }
    while student_upper(freedom, high) > probability {
        high *= 2.0;
    }
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if student_upper(freedom, middle) > probability { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beta_and_student_probabilities_are_those_of_tables() {
        // I(2, 3; 0.4) = Σ over j from 2 of C(4, j) 0.4^j 0.6^(4 - j).
        assert!((beta_lower(2.0, 3.0, 0.4) - 0.5248).abs() < 1e-14);
        assert!((beta_lower(3.0, 2.0, 0.6) - 0.4752).abs() < 1e-14);
        // One degree of freedom is Cauchy's law; two have t = u √(2 / (1 - u²)), u = 1 - 2 p.
        assert!((student_upper(1.0, 1.0) - 0.25).abs() < 1e-14);
        assert!((student_upper_quantile(1.0, 0.025) / 12.706_204_736_174_7 - 1.0).abs() < 1e-12);
        assert!((student_upper_quantile(2.0, 0.025) / (0.95 * (2.0_f64 / 0.0975).sqrt()) - 1.0).abs() < 1e-12);
        assert!((student_upper_quantile(30.0, 0.025) / 2.042_272_456_301_238 - 1.0).abs() < 1e-12);
        assert!((student_upper_quantile(1e6, 0.025) / 1.959_966_357 - 1.0).abs() < 1e-8);
        assert!((student_upper_quantile(1e9, 0.025) / 1.959_963_985 - 1.0).abs() < 1e-8);
    }

    #[test]
    fn a_beta_is_read_at_a_score() {
        // Uniform: the probability itself; of shapes 2 and 1, its root.
        for score in [-3.0, -0.7, 0.0, 0.4, 2.5] {
            let probability = normal_cdf(score);
            assert!((beta_at_score(1.0, 1.0, score) - probability).abs() < 1e-14);
            assert!((beta_at_score(2.0, 1.0, score) - probability.sqrt()).abs() < 1e-14);
        }
        assert!((beta_at_score(0.3, 0.3, 0.0) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn the_gamma_function_agrees_with_statrs() {
        for x in [1e-12, 1e-4, 0.02, 0.5, 1.0, 1.5, 2.0, 7.3, 11.9, 12.0, 50.0, 1e3, 1e9] {
            let theirs = statrs::function::gamma::ln_gamma(x);
            assert!((ln_gamma(x) - theirs).abs() < 1e-12 * theirs.abs().max(1.0), "{x}: {} {theirs}", ln_gamma(x));
        }
        // Γ(1/2) = √π; Γ(6) = 120.
        assert!((ln_gamma(0.5) - 0.5 * std::f64::consts::PI.ln()).abs() < 1e-14);
        assert!((ln_gamma(6.0) - 120_f64.ln()).abs() < 1e-14);
    }

    #[test]
    fn gamma_probabilities_agree_with_statrs_where_it_is_exact() {
        for shape in [1e-3, 0.3, 1.0, 4.0, 30.0, 900.0, 9_999.0] {
            for deviations in [-3.0, -1.0, -0.1, 0.0, 0.5, 2.0, 6.0] {
                let x: f64 = shape + deviations * f64::sqrt(shape);
                if x <= 0.0 {
                    continue;
                }
                let theirs = statrs::function::gamma::gamma_ur(shape, x);
                assert!((gamma_upper(shape, x) - theirs).abs() < 1e-10, "{shape}, {x}");
                assert!((gamma_lower(shape, x) + gamma_upper(shape, x) - 1.0).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn the_expansion_meets_the_series_where_it_takes_over() {
        for deviations in [-7.0, -3.0, -0.5, 0.0, 0.2, 1.0, 4.0, 7.0] {
            let x = LARGE + deviations * LARGE.sqrt();
            let (lower, upper) = around_the_normal(LARGE, x);
            let density = exp(LARGE * ln(x) - x - ln_gamma(LARGE + 1.0));
            let (ours, theirs) = if x < LARGE + 1.0 {
                (lower, density * series(LARGE, x))
            } else {
                (upper, density * LARGE * fraction(LARGE, x))
            };
            // The density of the series is a difference of numbers near 1e5: its last bits are lost.
            assert!((ours / theirs - 1.0).abs() < 1e-7 && (ours - theirs).abs() < 1e-10, "{x}: {ours} {theirs}");
        }
    }

    #[test]
    fn every_argument_has_a_probability() {
        for shape in [1e-12, 1e-4, 1.0, 9_999.9, 1e4, 1e8, 1e12, 1e15] {
            for x in [0.0, 5e-324, 1e-300, 1e-9, 1.0, 1e4, 1e12, 1e300, f64::MAX, f64::INFINITY] {
                for probability in [gamma_lower(shape, x), gamma_upper(shape, x)] {
                    assert!((0.0..=1.0).contains(&probability), "{shape}, {x}: {probability}");
                }
            }
        }
    }
}
