//! What the law says of one organization's next year, given its own.

use crate::{
    Innovation, OrganizationLaw, Parameter, Program, Target, Year,
    panel::{is_new_agreement, rate_of},
    state::{advanced, steps, without_results},
};

/// What one year of a history counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weight {
    /// The year.
    pub year: Year,
    /// The program's level in it.
    pub program: f64,
    /// Log ratio less that level.
    pub difference: f64,
    /// What of the difference is expected again.
    pub credibility: f64,
}

/// What is expected of a year, and how far it may be off.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// The year that is forecast.
    pub target: Target,
    /// The last year that is known.
    pub last: Year,
    /// The program's level in that year.
    pub last_program: f64,
    /// The organization's lasting level after that year, with its error.
    pub level: Parameter,
    /// The deviation of that year: what is neither level nor luck.
    pub deviation: Parameter,
    /// The claims noise of that year: its luck.
    pub luck: Parameter,
    /// Mean and standard deviation of the program's level in the target year.
    pub program: Parameter,
    /// Mean and standard deviation of what the organization differs by in the target year, claims noise aside.
    pub own: Parameter,
    /// Standard deviation of claims noise in the target year.
    pub claims: f64,
    /// Law of the surprise.
    pub innovation: Innovation,
    /// Of each year: savings rate, the program's level, the difference of the log ratio from it, and what that counts, its credibility.
    pub weights: Vec<Weight>,
    /// Correlation of the organization's part with that of the year after.
    pub persistence: f64,
    /// Whether the target year has a new agreement.
    pub is_rebased: bool,
}

impl Outlook {
    /// The outlook of an organization with these years, of which there is at least one; the program's levels reach over them.
    pub fn new(law: &OrganizationLaw, program: &Program, years: &[Year], target: Target) -> Self {
        let first_year = program.levels[0].year;
        let level_of = |year: u16| program.level(year).unwrap_or_else(|| program.later(year).0);
        let last = *years.last().expect("a history has a year");
        let step = steps(law, years, first_year, level_of).last().expect("a step for each year");
        let start = target.agreement_start.or(last.agreement_start);
        let state = advanced(law, &last, &step.after, target.year, target.people, start);
        let after = state.next(law, target.people, false);
        // Covariance with the year after: each part persists by itself.
        let with_next = law.persistence * (state.level_variance + state.covariance)
            + law.deviation.persistence * (state.deviation_variance + state.covariance);
        let variance = step.before.variance() + step.claims;
        let luck = luck(law, step.seen - step.before.mean(), variance, step.claims);
        let deviation = step.seen - step.after.level - luck.value;
        let (program_level, program_variance) = program.later(target.year);
        Self {
            target: Target { agreement_start: start, ..target },
            last,
            last_program: level_of(last.year),
            level: Parameter { value: step.after.level, error: step.after.level_variance.max(0.0).sqrt() },
            deviation: Parameter { value: deviation, error: step.after.deviation_variance.max(0.0).sqrt() },
            luck,
            program: Parameter { value: program_level, error: program_variance.sqrt() },
            own: Parameter { value: state.mean(), error: state.variance().max(0.0).sqrt() },
            claims: law.claims_variance(target.people, 1.0).sqrt(),
            innovation: law.innovation,
            weights: weights(law, years, first_year, target, start)
                .into_iter()
                .zip(years)
                .map(|(credibility, year)| {
                    let program = level_of(year.year);
                    Weight { year: *year, program, difference: year.log_ratio - program, credibility }
                })
                .collect(),
            persistence: with_next / (state.variance() * after.variance()).sqrt(),
            is_rebased: is_new_agreement(&last, start),
        }
    }

    /// Mean and standard deviation of what an organization differs by in a year, claims noise aside, where none of its results is known,
    /// but the years in which it was there and its agreements.
    pub fn without_results(law: &OrganizationLaw, first_year: u16, years: &[Year], target: Target) -> Parameter {
        let state = without_results(law, years, first_year, target);
        Parameter { value: state.mean(), error: state.variance().max(0.0).sqrt() }
    }

    /// Expected log ratio.
    pub fn mean(&self) -> f64 {
        self.program.value + self.own.value
    }

    /// Variance of the organization's part, claims noise included, and that of the program's level.
    pub fn variances(&self) -> (f64, f64) {
        (self.own.error * self.own.error + self.claims * self.claims, self.program.error * self.program.error)
    }

    /// Standard deviation of the log ratio.
    pub fn sd(&self) -> f64 {
        let (own, program) = self.variances();
        (own + program).sqrt()
    }

    /// Probability of a log ratio of at most this much.
    pub fn below(&self, log_ratio: f64) -> f64 {
        let (own, program) = self.variances();
        self.innovation.below(log_ratio - self.mean(), own, program)
    }

    /// The same where the program's level is known to be this.
    pub fn below_at(&self, log_ratio: f64, program: f64) -> f64 {
        let (own, _) = self.variances();
        self.innovation.below(log_ratio - program - self.own.value, own, 0.0)
    }

    /// Logarithm of the density at a log ratio where the program's level is known to be this.
    pub fn log_density_at(&self, log_ratio: f64, program: f64) -> f64 {
        let sd = self.variances().0.sqrt();
        self.innovation.log_density((log_ratio - program - self.own.value) / sd) - libm::log(sd)
    }

    /// The log ratio below which a probability lies.
    pub fn quantile(&self, probability: f64) -> f64 {
        let (own, program) = self.variances();
        self.mean() + self.innovation.quantile(probability, own, program)
    }

    /// The savings rate below which a probability lies.
    pub fn rate_quantile(&self, probability: f64) -> f64 {
        rate_of(self.quantile(probability))
    }

    /// The expected savings rate.
    pub fn expected_rate(&self) -> f64 {
        let points = 400;
        let at = |index: i32| self.rate_quantile((f64::from(index) + 0.5) / f64::from(points));
        (0..points).map(at).sum::<f64>() / f64::from(points)
    }
}

/// Claims noise in a surprise, which is a mixture of two normals of which each holds the same claims noise: the wilder a year seems,
/// the less of it is luck.
fn luck(law: &OrganizationLaw, surprise: f64, variance: f64, claims: f64) -> Parameter {
    let parts = law.innovation.parts().map(|(weight, sd)| {
        // An ordinary year has at least its claims noise.
        let own = (variance * sd * sd).max(claims);
        let likelihood = weight / own.sqrt() * libm::exp(-0.5 * surprise * surprise / own);
        let mean = claims / own * surprise;
        (likelihood, mean, claims * (1.0 - claims / own))
    });
    let all: f64 = parts.iter().map(|(likelihood, _, _)| likelihood).sum();
    // So far out that neither is likely, it is the wilder one.
    let weights = if all > 0.0 { parts.map(|(likelihood, _, _)| likelihood / all) } else { [0.0, 1.0] };
    let mean: f64 = weights.iter().zip(&parts).map(|(weight, (_, mean, _))| weight * mean).sum();
    let square: f64 = weights.iter().zip(&parts).map(|(weight, (_, mean, own))| weight * (own + mean * mean)).sum();
    Parameter { value: mean, error: (square - mean * mean).max(0.0).sqrt() }
}

/// What one more in the difference of each year adds to what is expected: the filter is linear in them.
fn weights(law: &OrganizationLaw, years: &[Year], first_year: u16, target: Target, start: Option<u16>) -> Vec<f64> {
    let mut plain = *law;
    plain.entrant = 0.0;
    plain.rebasing.shift = 0.0;
    let weight = |index: usize| {
        let of_one: Vec<Year> = years
            .iter()
            .enumerate()
            .map(|(other, year)| Year { log_ratio: f64::from(u8::from(other == index)), ..*year })
            .collect();
        let step = steps(&plain, &of_one, first_year, |_| 0.0).last().expect("a step for each year");
        let last = of_one.last().expect("a history has a year");
        advanced(&plain, last, &step.after, target.year, target.people, start).mean()
    };
    (0..years.len()).map(weight).collect()
}
