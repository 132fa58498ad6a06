//! What is known of an organization's level and deviation: their means and covariances, year by year (a Kalman filter).

use crate::{
    OrganizationLaw, Target, Year,
    panel::{is_entrant, is_new_agreement},
};

/// Level and deviation of an organization as far as they are known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct State {
    pub(crate) level: f64,
    pub(crate) deviation: f64,
    pub(crate) level_variance: f64,
    pub(crate) covariance: f64,
    pub(crate) deviation_variance: f64,
}

impl State {
    /// Before the first year of an organization that is known; one that is new to the program has a mean of its own.
    pub(crate) fn first(law: &OrganizationLaw, people: f64, is_entrant: bool) -> Self {
        Self {
            level: if is_entrant { law.entrant } else { 0.0 },
            deviation: 0.0,
            level_variance: law.level_variance(),
            covariance: 0.0,
            deviation_variance: law.deviation_variance(people),
        }
    }

    /// The next year, before it is seen.
    pub(crate) fn next(&self, law: &OrganizationLaw, people: f64, is_rebased: bool) -> Self {
        let faded = law.deviation.persistence;
        let (kept, shift, sd) = if is_rebased {
            (law.persistence * law.rebasing.kept, law.rebasing.shift, law.rebasing.sd)
        } else {
            (law.persistence, 0.0, 0.0)
        };
        Self {
            level: kept * self.level + shift,
            deviation: faded * self.deviation,
            level_variance: kept * kept * self.level_variance + law.renewal * law.renewal + sd * sd,
            covariance: kept * faded * self.covariance,
            deviation_variance: faded * faded * self.deviation_variance
                + (1.0 - faded * faded) * law.deviation_variance(people),
        }
    }

    /// Mean of level and deviation together.
    pub(crate) fn mean(&self) -> f64 {
        self.level + self.deviation
    }

    /// Variance of level and deviation together.
    pub(crate) fn variance(&self) -> f64 {
        self.level_variance + 2.0 * self.covariance + self.deviation_variance
    }

    /// After a year whose log ratio less the program's level was seen, with claims noise of this variance.
    pub(crate) fn after(&self, seen: f64, claims: f64) -> Self {
        let (surprise, variance) = (seen - self.mean(), self.variance() + claims);
        let of_level = self.level_variance + self.covariance;
        let of_deviation = self.deviation_variance + self.covariance;
        Self {
            level: self.level + of_level / variance * surprise,
            deviation: self.deviation + of_deviation / variance * surprise,
            level_variance: self.level_variance - of_level * of_level / variance,
            covariance: self.covariance - of_level * of_deviation / variance,
            deviation_variance: self.deviation_variance - of_deviation * of_deviation / variance,
        }
    }
}

/// One year of a history, as it was expected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    /// Before the year was seen.
    pub(crate) before: State,
    /// After it was seen.
    pub(crate) after: State,
    /// Log ratio less the program's level.
    pub(crate) seen: f64,
    /// Variance of claims noise.
    pub(crate) claims: f64,
}

/// Goes through the years of an organization, with the program's level of each year; the first year of all files has no entrants.
pub(crate) fn steps<'a>(
    law: &'a OrganizationLaw,
    years: &'a [Year],
    first_year: u16,
    level_of: impl Fn(u16) -> f64 + 'a,
) -> impl Iterator<Item = Step> + 'a {
    let mut last: Option<(Year, State)> = None;
    years.iter().map(move |year| {
        let before = match last {
            None => State::first(law, year.people, year.year > first_year && is_entrant(year)),
            Some((before, state)) => advanced(law, &before, &state, year.year, year.people, year.agreement_start),
        };
        let claims = law.claims_variance(year.people, year.part);
        let seen = year.log_ratio - level_of(year.year);
        let after = before.after(seen, claims);
        last = Some((*year, after));
        Step { before, after, seen, claims }
    })
}

/// The state of a later year where no result of the years before it is known: their agreements alone are.
pub(crate) fn without_results(law: &OrganizationLaw, years: &[Year], first_year: u16, target: Target) -> State {
    let Some((first, later)) = years.split_first() else { return State::first(law, target.people, true) };
    let mut state = State::first(law, first.people, first.year > first_year && is_entrant(first));
    let mut last = first;
    for year in later {
        state = advanced(law, last, &state, year.year, year.people, year.agreement_start);
        last = year;
    }
    advanced(law, last, &state, target.year, target.people, target.agreement_start)
}

/// The state of a later year before it is seen; a new agreement counts in its last year.
pub(crate) fn advanced(
    law: &OrganizationLaw,
    last: &Year,
    state: &State,
    year: u16,
    people: f64,
    agreement_start: Option<u16>,
) -> State {
    let is_rebased = is_new_agreement(last, agreement_start);
    let between = (last.year + 1..year).fold(*state, |state, _| state.next(law, people, false));
    between.next(law, people, is_rebased)
}
