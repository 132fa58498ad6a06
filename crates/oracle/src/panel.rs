//! The law of the sum over all people, given the factors.

use std::sync::Arc;

use crate::{
    NoExactLaw,
    complex::Complex,
    quadrature::normal_nodes,
    segment_law::SegmentLaw,
    series::{FREQUENCY, Series},
};

/// The law of the sum given the factors, and given the years lived where the gain depends on them as well.
pub(crate) struct Slice {
    /// Probability of the slice, and under a rule of half as many.
    pub(crate) weight: f64,
    pub(crate) coarse: f64,
    /// Years lived; none where they do not decide anything beside the sum.
    pub(crate) person_years: Option<f64>,
    pub(crate) series: Arc<Series>,
}

impl Slice {
    /// A sum that is always the same.
    pub(crate) fn certain(mean: f64) -> Self {
        Self { weight: 1.0, coarse: 1.0, person_years: None, series: Arc::new(Series::certain(mean)) }
    }
}

/// Frequencies at first, and at most.
pub(crate) const FEW: usize = 96;
/// Frequencies of the years lived, on either side of zero.
pub(crate) const FEW_OF_YEARS: i32 = 96;
const MOST: usize = 2_048;
/// A characteristic function below this adds nothing.
const NOTHING: f64 = 1e-13;
/// One above this at the last frequency is not that of a smooth law.
const ROUGH: f64 = 1e-3;
/// Distance of slices by years lived, in standard deviations.
const SLICE: f64 = 0.5;

/// Gathers the points of the grids of all segments, as fine as the spread of the sum needs at a factor of one.
pub(crate) fn gather(segments: &mut [SegmentLaw], factors: &[f64]) {
    let (_, sd) = moments(segments, factors);
    for (segment, factor) in segments.iter_mut().zip(factors) {
        segment.gather(sd / 400.0 / factor);
    }
}

/// Mean and standard deviation of the sum, by each segment's factor on its costs.
pub(crate) fn moments(segments: &[SegmentLaw], factors: &[f64]) -> (f64, f64) {
    let of = |(segment, &factor): (&SegmentLaw, &f64)| {
        let (mean, variance) = segment.moments(factor);
        (segment.members * mean, segment.members * variance)
    };
    let (mean, variance) =
        segments.iter().zip(factors).map(of).fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    (mean, variance.sqrt())
}

/// The law of the sum.
pub(crate) fn law_of_sum(segments: &[SegmentLaw], factors: &[f64]) -> Result<Slice, NoExactLaw> {
    let (mean, sd) = moments(segments, factors);
    let mut count = FEW;
    loop {
        let mut coefficients = vec![Complex::ONE; count];
        for (segment, &factor) in segments.iter().zip(factors) {
            let lives = segment.characteristic(factor, segment.moments(factor).0, sd, count);
            for (index, coefficient) in coefficients.iter_mut().enumerate() {
                let person = lives.iter().fold(Complex::ZERO, |sum, life| sum + life[index]);
                *coefficient = *coefficient * person.power(segment.members);
            }
        }
        let last = coefficients[count - 1].norm();
        if last < NOTHING || count >= MOST {
            if last > ROUGH {
                return Err(NoExactLaw::FewPeople);
            }
            return Ok(Slice {
                weight: 1.0,
                coarse: 1.0,
                person_years: None,
                series: Arc::new(Series { mean, sd, coefficients: trimmed(coefficients) }),
            });
        }
        count *= 2;
    }
}

/// The law of the sum in slices by the years that people live.
///
/// ```text
/// ψ(u; y) = ∫ φ(u, v) exp(-i v y) dv / 2π:   the weight of the years y is ψ(0; y), the sum's law given them ψ(u; y) / ψ(0; y)
/// ```
pub(crate) fn laws_by_person_years(segments: &[SegmentLaw], factors: &[f64]) -> Result<Vec<Slice>, NoExactLaw> {
    let (mean, sd) = moments(segments, factors);
    let (mut years, mut variance) = (0.0, 0.0);
    for segment in segments {
        let (mean, of_life) = segment.moments_of_life();
        years += segment.members * mean;
        variance += segment.members * of_life;
    }
    let sd_of_years = variance.sqrt();
    let (count, half) = (FEW, FEW_OF_YEARS);
    // `[frequency of the years][frequency of the sum]`
    let mut joint = vec![vec![Complex::ONE; count]; 2 * FEW_OF_YEARS as usize + 1];
    for (segment, &factor) in segments.iter().zip(factors) {
        let lives = segment.characteristic(factor, segment.moments(factor).0, sd, count);
        let center = segment.moments_of_life().0;
        for (second, row) in (-half..=half).zip(&mut joint) {
            let turn = |lived: f64| Complex::turn(FREQUENCY * f64::from(second) * (lived - center) / sd_of_years);
            let turns: Vec<Complex> = segment.lived().map(turn).collect();
            for (index, value) in row.iter_mut().enumerate() {
                let person =
                    lives.iter().zip(&turns).fold(Complex::ZERO, |sum, (life, &turn)| sum + life[index] * turn);
                *value = *value * person.power(segment.members);
            }
        }
    }
    if joint[0][0].norm() > 1e-6 || joint[FEW_OF_YEARS as usize][count - 1].norm() > 1e-6 {
        return Err(NoExactLaw::FewPeople);
    }
    let slices = normal_nodes(SLICE).into_iter().enumerate().map(|(index, node)| {
        let mut sums = vec![Complex::ZERO; count];
        for (second, row) in (-half..=half).zip(&joint) {
            let turn = Complex::turn(-FREQUENCY * f64::from(second) * node.at);
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += value * turn;
            }
        }
        let density = sums[0].re;
        let coefficients: Vec<Complex> = sums.iter().map(|sum| sum.scaled(1.0 / density)).collect();
        let coarse = if index % 2 == 0 { 2.0 * density } else { 0.0 };
        let person_years = Some(years + node.at * sd_of_years);
        Slice {
            weight: density,
            coarse,
            person_years,
            series: Arc::new(Series { mean, sd, coefficients: trimmed(coefficients) }),
        }
    });
    let mut slices: Vec<Slice> = slices.filter(|slice| slice.weight > 1e-11).collect();
    let [sum, coarse] =
        slices.iter().fold([0.0; 2], |[sum, coarse], slice| [sum + slice.weight, coarse + slice.coarse]);
    for slice in &mut slices {
        slice.weight /= sum;
        slice.coarse /= coarse;
    }
    Ok(slices)
}

/// The coefficients up to the last that adds something.
fn trimmed(mut coefficients: Vec<Complex>) -> Vec<Complex> {
    let last = coefficients.iter().rposition(|value| value.norm() >= NOTHING).unwrap_or(0);
    coefficients.truncate(last + 2);
    coefficients
}
