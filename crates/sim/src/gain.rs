//! The gain of a contract over fee-for-service alone, free of rounding.

use twosided_contracts::Settled;
use twosided_provider::Lines;
use twosided_units::Dollars;

/// A sum of dollars, or exactly zero where it is no more than the rounding of its terms.
pub(crate) fn without_rounding(sum: f64, amounts: f64) -> f64 {
    /// A few thousand times the rounding of one operation: less than a cent of ten billion dollars.
    const ROUNDING: f64 = 1e-12;
    if sum.abs() <= ROUNDING * amounts { 0.0 } else { sum }
}

/// The margin less that of the same year under fee-for-service alone; exactly zero where rounding alone makes the difference.
pub(crate) fn gain(settled: &Settled, lines: &Lines, reference: &Lines) -> Dollars {
    let of_books: f64 = lines.0.iter().chain(&reference.0).map(|line| line.abs()).sum();
    let compared =
        settled.settlement.against.map_or(0.0, |against| against.benchmark.0.abs() + against.expenditure.0.abs());
    Dollars(without_rounding(lines.margin_over(reference).0, of_books + compared))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcomes::running_sums;
    use twosided_contracts::Against;
    use twosided_provider::Line;

    #[test]
    fn row_2_5_a_gain_that_is_rounding_alone_is_neither_gain_nor_loss() {
        let lines = |fees: f64, capitation: f64| {
            let mut lines = Lines::default();
            lines.0[Line::Fees as usize] = fees;
            lines.0[Line::Capitation as usize] = capitation;
            lines
        };
        // 0.1 + 0.2 is not 0.3: of a million dollars it is 6e-11.
        let reference = lines(0.3e6, 0.0);
        let books = lines(0.1e6, 0.200_000_000_000_000_06e6);
        assert!(books.margin_over(&reference).0 != 0.0);
        assert_eq!(gain(&Settled::default(), &books, &reference), Dollars(0.0));
        // A cent is a gain.
        let cent = gain(&Settled::default(), &lines(0.1e6, 0.2e6 + 0.01), &reference);
        assert!((cent.0 - 0.01).abs() < 1e-9, "{cent:?}");
        // A provider without books of its own: the benchmark and what it is compared with are the amounts.
        let against = Against { benchmark: Dollars(12e6), expenditure: Dollars(12e6) };
        let mut settled = Settled::default();
        settled.settlement.against = Some(against);
        assert_eq!(gain(&settled, &lines(0.0, 6e-11), &Lines::default()), Dollars(0.0));
        assert_eq!(gain(&settled, &lines(0.0, 0.01), &Lines::default()), Dollars(0.01));
    }

    #[test]
    fn row_2_5_gains_that_cancel_over_the_years_leave_nothing() {
        // A third of the first year and two thirds of it, the latter with the rounding of one operation.
        let years = [0.3e6, -0.1e6, -200_000.000_000_000_06, 5.0];
        assert!(years[0] + years[1] + years[2] != 0.0);
        let sums: Vec<f64> = running_sums(years.iter()).collect();
        assert_eq!((sums[2], sums[3]), (0.0, 5.0));
    }
}
