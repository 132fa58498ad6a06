//! How a benchmark is built anew from what was spent.

use twosided_form::{Key, Literal::Number, Range, Section, Status, keys};
use twosided_units::{PerCapita, Share};

use crate::carried::PastYear;

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

keys! {
    /// How a benchmark is rebased.
    pub(crate) struct RebasingKeys "agreement.rebasing" {
        EVERY: u32 = Key::whole("every", 1, 100).required("5")
            .meaning("the years of an agreement: after each of them the benchmark is rebased");
        WEIGHTS: Vec<f64> = Key::numbers("weights", Range::of(0.0, 1e6)).absent("`[1, 1, 1]`", "[0.1, 0.3, 0.6]")
            .meaning("the weights of the base years, the last year before rebasing last")
            .more("Years before the horizon are not known and weigh nothing. MSSP's first agreements weigh `[0.1, 0.3, 0.6]`, later ones equally");
        PRIOR_SAVINGS: Share = Key::share("prior_savings").default(Number(0.5))
            .meaning("the part of the base years' average savings that is given back")
            .more("How MSSP averages and prorates it is what to check").status(Status::Unconfirmed);
        PRIOR_SAVINGS_CAP: Share = Key::share("prior_savings_cap").default(Number(0.05))
            .meaning("the most that is given back, as a share of the base years' expenditure")
            .more("MSSP's is of national expenditure");
    }
}

impl Rebasing {
    pub(crate) fn read(section: Section<'_>) -> Option<Self> {
        type Keys = RebasingKeys;
        let every = section.read(&Keys::EVERY);
        let weights = section.optional(&Keys::WEIGHTS).map(|weights| weights.unwrap_or_else(|| vec![1.0, 1.0, 1.0]));
        let weights = weights.filter(|weights| {
            let fine = (1..=10).contains(&weights.len()) && weights.iter().any(|weight| *weight > 0.0);
            if !fine {
                let message = format!("{} has no weight, or more than ten", section.path_of(Keys::WEIGHTS.name));
                let help = "write from 1 to 10 numbers, not all zero, the last year's last, as [0.1, 0.3, 0.6]";
                section.wrong(&section.span_of(Keys::WEIGHTS.name), message, help);
            }
            fine
        });
        let prior_savings = section.read(&Keys::PRIOR_SAVINGS);
        let prior_savings_cap = section.read(&Keys::PRIOR_SAVINGS_CAP);
        section.finish();
        Some(Self {
            every: every?,
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
