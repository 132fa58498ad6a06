//! How a benchmark is built anew from what was spent.

use twosided_form::Section;
use twosided_units::{PerCapita, Share};

use crate::{carried::PastYear, read};

/// How a benchmark is built anew.
#[derive(Clone, Debug, PartialEq)]
pub struct Rebasing {
    /// Years of an agreement: the benchmark is rebased after each of them.
    pub every: u32,
    /// Weights of the base years, the last year before the rebasing last; fewer years weigh in proportion.
    pub weights: Vec<f64>,
    /// Part of the average savings of the base years that is given back.
    pub prior_savings: Share,
    /// Most that is given back, as a share of the benchmark.
    pub prior_savings_cap: Share,
}

impl Rebasing {
    pub(crate) fn read(section: Section<'_>) -> Option<Self> {
        section.require("every", "give the years of an agreement, as every = 5");
        let every = section.count("every", 1, 100, "every is a whole number of years from 1 to 100");
        let help = "weights are from 1 to 10 numbers of zero or more, the last year's last, as [0.1, 0.3, 0.6]";
        let weights = section.or("weights", vec![1.0, 1.0, 1.0], |section| section.numbers("weights", 0.0, 1e6, help));
        let weights = weights.filter(|weights| {
            let fine = (1..=10).contains(&weights.len()) && weights.iter().any(|weight| *weight > 0.0);
            if !fine {
                let message = format!("{} has no weight, or more than ten", section.path_of("weights"));
                section.wrong(&section.span_of("weights"), message, help);
            }
            fine
        });
        let prior_savings = read::share_or(&section, "prior_savings", Share::new(0.5).expect("a share"));
        let prior_savings_cap = read::share_or(&section, "prior_savings_cap", Share::new(0.05).expect("a share"));
        section.finish();
        Some(Self {
            every: every?.value as u32,
            weights: weights?,
            prior_savings: prior_savings?,
            prior_savings_cap: prior_savings_cap?,
        })
    }

    /// The rebased benchmark over what it would be without rebasing.
    ///
    /// ```text
    /// rebased = mean of base years (weight × expenditure × update since) + prior savings
    /// prior savings = min(share × max(0, mean of (benchmark - expenditure) × update since), cap × mean of base years)
    /// ```
    ///
    /// What was spent carries no error of the benchmarks of its year, so that updates since leave theirs out; the year's own error
    /// comes on top.
    pub(crate) fn level(&self, past: &[PastYear], update: f64) -> f64 {
        let years = past.iter().rev().zip(self.weights.iter().rev());
        let (mut weight, mut spent, mut saved, mut count) = (0.0, 0.0, 0.0, 0.0);
        for (year, &of_year) in years {
            let since = update / year.update;
            weight += of_year;
            spent += of_year * year.expenditure * since;
            saved += (year.settled_benchmark - year.expenditure) * since;
            count += 1.0;
        }
        let Some(last) = past.last().filter(|_| weight > 0.0) else { return 1.0 };
        let without = PerCapita(last.benchmark / last.update * update);
        let spent = spent / weight;
        // Nothing was spent, or there was no benchmark: nothing to rebase on.
        if spent <= 0.0 || without.0 <= 0.0 {
            return last.settled_benchmark / last.benchmark.max(f64::MIN_POSITIVE);
        }
        let given_back =
            (self.prior_savings.value() * (saved / count).max(0.0)).min(self.prior_savings_cap.value() * spent);
        (spent + given_back) / without.0
    }
}
