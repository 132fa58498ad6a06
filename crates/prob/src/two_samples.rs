//! Whether two samples of one law could differ as much as two samples do: tests that hold for every law, by counts and ranks.
//!
//! Each is exact for trials that are drawn for themselves, and errs to the safe side where figures recur: a difference is then found less
//! often than stated, and never more often.

use crate::special::{beta_lower, ln_gamma, student_upper};

/// The score whose normal tail lies beyond each end of a wide interval ([`crate::Sample::wide_interval`]).
pub const WIDE_SCORE: f64 = 3.6;

/// Terms that are smaller than this part of their sum are left out.
const NEGLIGIBLE: f64 = 1e-17;

/// Some of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountOf {
    /// How many have what is counted.
    pub some: u64,
    /// How many there are.
    pub all: u64,
}

/// The probability with which two independent samples of one law have counts that are this far apart, or further: Fisher's exact test, twice
/// its smaller tail.
///
/// # Source
/// \[F35\].
pub fn counts_apart(a: CountOf, b: CountOf) -> f64 {
    let law = Draw { marked: a.some + b.some, all: a.all + b.all, taken: a.all };
    (2.0 * law.at_most(a.some).min(law.at_least(a.some))).min(1.0)
}

/// The probability with which paired trials of one law are this one-sided, or more: of those in which only one of the two samples has what
/// is counted, how many each has. The exact test of McNemar, twice its smaller tail.
///
/// # Source
/// \[M47\].
pub fn pairs_apart(only_a: u64, only_b: u64) -> f64 {
    let (less, more) = (only_a.min(only_b) as f64, only_a.max(only_b) as f64);
    // P(Binomial(less + more, 1/2) <= less).
    if less == more { 1.0 } else { (2.0 * beta_lower(more, less + 1.0, 0.5)).min(1.0) }
}

/// The probability with which the order statistic of rank `low` of one of two independent samples of a law lies below that of rank `high` of
/// the other, or the other way about; ranks are counted from one.
pub fn ranks_apart((low, of_low): (u64, u64), (high, of_high): (u64, u64)) -> f64 {
    // The first `low + high - 1` of all trials then hold at least `low` of that sample.
    let law = Draw { marked: of_low, all: of_low + of_high, taken: low + high - 1 };
    (2.0 * law.at_least(low)).min(1.0)
}

/// The two-sided probability of Student's law.
pub fn student_apart(t: f64, degrees_of_freedom: f64) -> f64 {
    (2.0 * student_upper(degrees_of_freedom.max(1.0), t.abs())).min(1.0)
}

/// Drawing without replacement: how many of those drawn are marked.
struct Draw {
    marked: u64,
    all: u64,
    taken: u64,
}

impl Draw {
    fn ln_probability(&self, k: u64) -> f64 {
        let Self { marked, all, taken } = *self;
        ln_choose(marked, k) + ln_choose(all - marked, taken - k) - ln_choose(all, taken)
    }

    fn range(&self) -> (u64, u64) {
        (self.taken.saturating_sub(self.all - self.marked), self.taken.min(self.marked))
    }

    /// Probability of one more over that of `k`.
    fn ratio(&self, k: u64) -> f64 {
        let Self { marked, all, taken } = *self;
        let up = (marked - k) as f64 * (taken - k) as f64;
        up / ((k + 1) as f64 * ((all + k + 1) as f64 - (marked + taken) as f64))
    }

    fn at_least(&self, k: u64) -> f64 {
        let (least, most) = self.range();
        if k <= least {
            return 1.0;
        }
        let (mut term, mut sum) = (1.0, 0.0);
        for k in k..=most {
            sum += term;
            term *= if k < most { self.ratio(k) } else { 0.0 };
            if term < NEGLIGIBLE * sum {
                break;
            }
        }
        if k > most { 0.0 } else { (sum * libm::exp(self.ln_probability(k))).min(1.0) }
    }

    fn at_most(&self, k: u64) -> f64 {
        let (least, most) = self.range();
        if k >= most {
            return 1.0;
        }
        let (mut term, mut sum) = (1.0, 0.0);
        for k in (least..=k).rev() {
            sum += term;
            term *= if k > least { 1.0 / self.ratio(k - 1) } else { 0.0 };
            if term < NEGLIGIBLE * sum {
                break;
            }
        }
        if k < least { 0.0 } else { (sum * libm::exp(self.ln_probability(k))).min(1.0) }
    }
}

fn ln_choose(n: u64, k: u64) -> f64 {
    let ln_factorial = |n: u64| ln_gamma(n as f64 + 1.0);
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(some: u64, all: u64) -> CountOf {
        CountOf { some, all }
    }

    #[test]
    fn exact_tests_agree_with_sums_by_hand() {
        // The lady tasting tea: 4 of 4 and 0 of 4, of which one in 70 has all: twice that.
        assert!((counts_apart(count(4, 4), count(0, 4)) - 2.0 / 70.0).abs() < 1e-12);
        // 3 of 4 against 1 of 4: 17 in 70 have at least 3.
        assert!((counts_apart(count(3, 4), count(1, 4)) - 34.0 / 70.0).abs() < 1e-12);
        assert_eq!(counts_apart(count(0, 9), count(0, 12)), 1.0);
        assert!((counts_apart(count(2, 9), count(5, 12)) - counts_apart(count(5, 12), count(2, 9))).abs() < 1e-12);
        // 1 of 9 pairs: 10 of 512, twice.
        assert!((pairs_apart(1, 8) - 20.0 / 512.0).abs() < 1e-12);
        assert_eq!((pairs_apart(3, 3), pairs_apart(0, 0)), (1.0, 1.0));
        // The largest of 3 below the smallest of 2: one order in ten, twice.
        assert!((ranks_apart((3, 3), (1, 2)) - 0.2).abs() < 1e-12);
        // Two degrees of freedom: P(T > t) = (1 - t / √(2 + t²)) / 2.
        assert!((student_apart(-3.0, 2.0) - (1.0 - 3.0 / 11.0_f64.sqrt())).abs() < 1e-12);
    }

    #[test]
    fn large_counts_are_as_their_normal_law() {
        let (all, some, more) = (1_000_000, 50_000, 51_200);
        let exact = counts_apart(count(some, all), count(more, all));
        // Half a count less, for the step between two counts of each.
        let pooled = (some + more) as f64 / (2 * all) as f64;
        let score = ((more - some) as f64 - 1.0) / (2.0 * all as f64 * pooled * (1.0 - pooled)).sqrt();
        let normal = 2.0 * crate::upper_probability(score);
        assert!((exact / normal - 1.0).abs() < 0.01, "{exact} {normal}");
    }
}
