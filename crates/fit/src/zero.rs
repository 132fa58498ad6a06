//! The share of people who use none of a service in a year.

use crate::{
    error::{Figure, covariance, figures},
    search::least_between,
};

/// The share who have no cost in a full year, from rows that say whether there was cost, in what exposure, and whose. Of part
/// `e` of a year, `zero^e` have none: use begins at a constant rate.
///
/// Where all rows or none have cost, the error is that of the share `1 / (rows + 2)`.
///
/// # Source
/// Maximum likelihood on the complementary log-log scale, \[MN89\].
pub(crate) fn zero_mass(rows: &[(bool, f64, u32)]) -> Figure {
    let exposure: f64 = rows.iter().map(|row| row.1).sum();
    let users = rows.iter().filter(|row| row.0).count();
    if users == rows.len() || users == 0 {
        let least = 1.0 / (exposure + 2.0);
        let standard_error = (least * (1.0 - least) / exposure).sqrt();
        return Figure { value: if users == 0 { 1.0 } else { 0.0 }, standard_error };
    }
    let of_rows = |at: &[f64]| -> Vec<f64> {
        let rate = at[0].exp();
        let of = |&(used, exposure, _): &(bool, f64, u32)| {
            if used { (-(-rate * exposure).exp_m1()).ln() } else { -rate * exposure }
        };
        rows.iter().map(of).collect()
    };
    let found = [least_between(-16.0, 4.0, |log_rate| -of_rows(&[log_rate]).iter().sum::<f64>())];
    let persons: Vec<u32> = rows.iter().map(|row| row.2).collect();
    let zero = |at: &[f64]| vec![(-at[0].exp()).exp()];
    match covariance(&found, &vec![1.0; rows.len()], &persons, of_rows) {
        Some(spread) => figures(&found, &spread, zero)[0],
        None => Figure { value: zero(&found)[0], standard_error: (0.25 / exposure).sqrt() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_full_years_it_is_the_share_without_cost() {
        let rows: Vec<(bool, f64, u32)> = (0..400).map(|at| (at % 4 != 0, 1.0, at)).collect();
        let found = zero_mass(&rows);
        assert!((found.value - 0.25).abs() < 1e-7, "{found:?}");
        assert!((found.standard_error / (0.25 * 0.75 / 399.0_f64).sqrt() - 1.0).abs() < 1e-3, "{found:?}");
    }

    #[test]
    fn of_half_years_it_is_squared() {
        let rows: Vec<(bool, f64, u32)> = (0..400).map(|at| (at % 2 != 0, 0.5, at)).collect();
        assert!((zero_mass(&rows).value - 0.25).abs() < 1e-6);
        let all = zero_mass(&[(true, 1.0, 0), (true, 1.0, 1)]);
        assert!(all.value == 0.0 && all.standard_error > 0.0);
    }
}
