//! Claims noise by the person engine: how widely one person's truncated spending is spread.

use std::sync::LazyLock;

use crate::{
    PERSONS, SampledPersons,
    national::{self, National},
};

/// Of each enrollment type: coefficient of variation of a person's truncated spending in a year.
static TYPES: LazyLock<[f64; 4]> = LazyLock::new(|| {
    let national = National::get();
    let persons = SampledPersons { count: PERSONS, times: 1, seed: national::SEED };
    let sampled = national.sampled(persons);
    std::array::from_fn(|index| truncated_cv(&sampled[index], national.points[index]))
});

/// Coefficient of variation of one person's truncated spending, in an ACO whose enrollment types have these person-years and this
/// spending a person-year, in the order of `EnrollmentType::ALL`: times the root of its people, the claims noise of its mean.
pub fn claims_cv(types: [(f64, f64); 4]) -> f64 {
    cv_of(types.into_iter().zip(*TYPES).map(|((years, amount), cv)| (years, amount, cv)))
}

/// The same of types with these person-years, this spending, and this coefficient of variation.
pub(crate) fn cv_of(types: impl Iterator<Item = (f64, f64, f64)>) -> f64 {
    let (mut years, mut dollars, mut squares) = (0.0, 0.0, 0.0);
    for (of_type, amount, cv) in types {
        years += of_type;
        dollars += of_type * amount;
        squares += of_type * (cv * amount) * (cv * amount);
    }
    (squares * years).sqrt() / dollars
}

/// The same of the whole program, by its person-years and spending of 2022.
pub fn national_claims_cv() -> f64 {
    let years = National::get().person_years();
    claims_cv(std::array::from_fn(|index| (years[index], national::PER_CAPITA[index])))
}

/// Coefficient of variation of persons' spending, cut at a point.
pub(crate) fn truncated_cv(services: &[Vec<f32>], point: f64) -> f64 {
    let persons = services.first().map_or(0, Vec::len);
    let (mut sum, mut squares) = (0.0, 0.0);
    for person in 0..persons {
        let total: f64 = services.iter().map(|costs| f64::from(costs[person])).sum();
        let cut = total.min(point);
        sum += cut;
        squares += cut * cut;
    }
    let (count, mean) = (persons as f64, sum / persons as f64);
    (squares / count - mean * mean).max(0.0).sqrt() / mean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_noise_of_types_adds_in_squares() {
        // One type: its own. Its value is known from the population: near 1.8, below the 2.15 of minimum savings rates.
        let aged = claims_cv([(0.0, 80_000.0), (0.0, 11_000.0), (0.0, 17_000.0), (5_000.0, 10_000.0)]);
        assert!((1.7..2.0).contains(&aged), "{aged}");
        // ESRD is 1% of people and 8% of dollars: alone it adds (0.01 × (cv × 80,000)²) / (10,700)².
        let both = claims_cv([(50.0, 80_000.0), (0.0, 0.0), (0.0, 0.0), (4_950.0, 10_000.0)]);
        let esrd = claims_cv([(50.0, 80_000.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0)]);
        let expected = (0.01 * (esrd * 80_000.0).powi(2) + 0.99 * (aged * 10_000.0).powi(2)).sqrt() / 10_700.0;
        assert!((both / expected - 1.0).abs() < 1e-12);
    }

    #[test]
    fn spending_is_cut_before_it_is_spread() {
        let services = [vec![100.0, 300.0], vec![0.0, 500.0]];
        // 100 and 800, cut at 300: mean 200, sd 100.
        assert!((truncated_cv(&services, 300.0) - 0.5).abs() < 1e-12);
    }
}
