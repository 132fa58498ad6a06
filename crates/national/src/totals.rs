//! Sums over ACOs: of simulated years, trial by trial, and of the year as published.

use twosided_units::Dollars;

use crate::{AcoYears, Member};

/// Sums over some ACOs, trial by trial.
///
/// # Units
/// Dollars a year.
#[derive(Clone, Debug, PartialEq)]
pub struct Totals {
    /// Benchmarks.
    pub benchmark: Vec<f64>,
    /// Expenditure, truncated.
    pub expenditure: Vec<f64>,
    /// Shared savings that Medicare pays.
    pub paid: Vec<f64>,
    /// Shared losses that ACOs owe, as positive amounts.
    pub owed: Vec<f64>,
    /// ACOs that earn.
    pub earning: Vec<u32>,
    /// ACOs that owe.
    pub owing: Vec<u32>,
}

impl Totals {
    /// Adds ACOs up, in their order.
    pub fn of<'a>(trials: usize, acos: impl IntoIterator<Item = &'a AcoYears>) -> Self {
        let mut totals = Self {
            benchmark: vec![0.0; trials],
            expenditure: vec![0.0; trials],
            paid: vec![0.0; trials],
            owed: vec![0.0; trials],
            earning: vec![0; trials],
            owing: vec![0; trials],
        };
        for aco in acos {
            for trial in 0..trials {
                let gain = aco.gain[trial];
                totals.benchmark[trial] += aco.benchmark[trial];
                totals.expenditure[trial] += aco.expenditure[trial];
                totals.paid[trial] += gain.max(0.0);
                totals.owed[trial] += (-gain).max(0.0);
                totals.earning[trial] += u32::from(gain > 0.0);
                totals.owing[trial] += u32::from(gain < 0.0);
            }
        }
        totals
    }

    /// What Medicare pays less what it is owed.
    pub fn net_payments(&self) -> Vec<f64> {
        self.paid.iter().zip(&self.owed).map(|(paid, owed)| paid - owed).collect()
    }

    /// Benchmark less expenditure less net payments: what Medicare keeps, if the benchmark is what would have been spent.
    pub fn net_savings(&self) -> Vec<f64> {
        let gaps = self.benchmark.iter().zip(&self.expenditure).map(|(benchmark, expenditure)| benchmark - expenditure);
        gaps.zip(self.net_payments()).map(|(gap, paid)| gap - paid).collect()
    }
}

/// The year as CMS published it, summed over ACOs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Published {
    /// Benchmarks.
    pub benchmark: Dollars,
    /// Expenditure, truncated.
    pub expenditure: Dollars,
    /// Shared savings paid.
    pub paid: Dollars,
    /// Shared losses owed, as a positive amount.
    pub owed: Dollars,
    /// ACOs that earned.
    pub earning: u32,
    /// ACOs that owed.
    pub owing: u32,
    /// ACOs whose result is not in the file, which count as neither.
    pub unknown: u32,
}

impl Published {
    /// Adds ACOs up.
    pub fn of<'a>(members: impl IntoIterator<Item = &'a Member>) -> Self {
        let mut published = Self::default();
        for Member { aco, .. } in members {
            published.benchmark += aco.totals.benchmark;
            published.expenditure += aco.totals.expenditure;
            let Some(earned) = aco.earned else {
                published.unknown += 1;
                continue;
            };
            published.paid += earned.max(Dollars::ZERO);
            published.owed += (-earned).max(Dollars::ZERO);
            published.earning += u32::from(earned > Dollars::ZERO);
            published.owing += u32::from(earned < Dollars::ZERO);
        }
        published
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nation_of_two_acos_by_hand() {
        let aco = |gain: [f64; 3]| AcoYears {
            benchmark: vec![100.0; 3],
            expenditure: vec![90.0; 3],
            gain: gain.to_vec(),
            pool_error: Dollars::ZERO,
        };
        let totals = Totals::of(3, &[aco([5.0, -2.0, 0.0]), aco([3.0, 4.0, -1.0])]);
        assert_eq!((&totals.paid[..], &totals.owed[..]), (&[8.0, 4.0, 0.0][..], &[0.0, 2.0, 1.0][..]));
        assert_eq!((&totals.earning[..], &totals.owing[..]), (&[2, 1, 0][..], &[0, 1, 1][..]));
        assert_eq!(totals.net_payments(), [8.0, 2.0, -1.0]);
        // 200 less 180, less the payments.
        assert_eq!(totals.net_savings(), [12.0, 18.0, 21.0]);
    }
}
