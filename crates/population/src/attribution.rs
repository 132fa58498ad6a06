//! Attribution: who of the eligible people is assigned to the provider, by whom they visit.
//!
//! An eligible person makes a number of primary-care visits in a year, more or less with their frailty, and a part of them at the
//! provider, which is the person's own and lasts. Who visits the provider at least once, and more often than any rival, is assigned: in
//! the next year where assignment is prospective, and in the same year where it is retrospective. So the head count is random.

mod chances;
mod grid;
mod plurality;

use twosided_prob::{Frequency, ParameterError};

pub(crate) use chances::{Chances, by_frailty};
pub(crate) use grid::{Grid, above_by_frailty};

/// How people are assigned to the provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribution {
    /// People who are assigned to the provider or to others.
    pub eligible: u64,
    terms: AttributionTerms,
    chance: f64,
}

/// The law of visits, and of the provider's part in them.
///
/// # Source
/// 42 CFR § 425.402(b): a beneficiary is assigned to an ACO whose primary care physicians furnish more of their primary care, by allowed
/// charges, than those of any other ACO or other group. Visits stand for charges here.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributionTerms {
    /// Mean number of primary-care visits a person-year. Visits beyond [`MOST_VISITS`] do not count.
    pub visits: f64,
    /// Shape of the gamma by which people's mean visits differ; none for a Poisson.
    pub dispersion: Option<f64>,
    /// Mean share of a person's visits at the provider.
    pub share: f64,
    /// Standard deviation of that share between people, which is a beta.
    pub share_sd: f64,
    /// Equal rivals among whom the other visits are spread.
    pub rivals: u32,
    /// Correlation of the normal score of visits with the frailty score.
    pub frailty_loading: f64,
    /// Correlation of the normal score of a person's share with that of the year before.
    pub persistence: f64,
}

/// The most visits of a person that count.
pub const MOST_VISITS: u32 = 100;
/// The most rivals.
pub const MOST_RIVALS: u32 = 20;
/// Fewest people who may be expected: of fewer, a trial may have none.
const FEWEST: f64 = 30.0;
/// Greatest loading: a score that is frailty alone would be a step.
pub const MOST_LOADING: f64 = 0.99;

impl Attribution {
    /// Checks the law and finds how likely it is to be assigned.
    ///
    /// # Errors
    /// A parameter that is out of its range, a share that cannot vary so much, or fewer than 30 people who are expected to be assigned.
    pub fn new(eligible: u64, terms: AttributionTerms) -> Result<Self, ParameterError> {
        terms.check()?;
        let chance = Chances::new(&terms).chance();
        let attribution = Self { eligible, terms, chance };
        let expected = "at least 30 people are expected to be assigned, so that no trial is without people; use more \
                        eligible people, more visits or a larger share";
        if attribution.is_enough() {
            Ok(attribution)
        } else {
            Err(ParameterError { parameter: "eligible", value: eligible as f64, expected })
        }
    }

    /// The law.
    pub fn terms(&self) -> &AttributionTerms {
        &self.terms
    }

    /// The probability that an eligible person is assigned in a year.
    pub fn chance(&self) -> f64 {
        self.chance
    }

    /// Expected number of people who are assigned.
    pub fn people(&self) -> f64 {
        self.eligible as f64 * self.chance
    }

    /// Whether enough are expected that no trial is without people.
    pub(crate) fn is_enough(&self) -> bool {
        self.people() >= FEWEST
    }

    /// Standard deviation of that number from year to year: people are assigned independently of each other.
    pub fn people_sd(&self) -> f64 {
        (self.people() * (1.0 - self.chance)).sqrt()
    }

    /// The chance of each person, by frailty and share.
    pub(crate) fn chances(&self) -> Chances {
        Chances::new(&self.terms)
    }

    /// The same law for another number of expected people.
    pub(crate) fn resized(&mut self, from: u64, to: u64) {
        if from != to {
            self.eligible = ((self.eligible as f64 * to as f64 / from as f64).round() as u64).max(1);
        }
    }
}

impl AttributionTerms {
    /// The law of visits.
    pub(crate) fn frequency(&self) -> Frequency {
        match self.dispersion {
            Some(dispersion) => Frequency::NegativeBinomial { mean: self.visits, dispersion },
            None => Frequency::Poisson { mean: self.visits },
        }
    }

    fn check(&self) -> Result<(), ParameterError> {
        let refuse_unless = |valid: bool, parameter: &'static str, value: f64, expected: &'static str| {
            if valid { Ok(()) } else { Err(ParameterError { parameter, value, expected }) }
        };
        let Self { visits, share, share_sd, frailty_loading, persistence, .. } = *self;
        let expected = "visits are primary-care visits a person-year, from 0.05 to 50";
        refuse_unless((0.05..=50.0).contains(&visits), "visits", visits, expected)?;
        let dispersion = self.dispersion.unwrap_or(1.0);
        let expected = "dispersion is the shape of the gamma mixing law, from 0.1 to 1e6 (variance = mean + mean^2 / \
                        dispersion)";
        refuse_unless((0.1..=1e6).contains(&dispersion), "dispersion", dispersion, expected)?;
        let expected = "share is the mean share of a person's visits at the provider, a decimal above 0, up to 1";
        refuse_unless(share > 0.0 && share <= 1.0, "share", share, expected)?;
        let expected = "a share between 0 and 1 has a standard deviation from 0 to below sqrt(share × (1 - share)), \
                        and 0 where share is 1";
        let most = (share * (1.0 - share)).sqrt();
        refuse_unless(share_sd == 0.0 || (share_sd > 0.0 && share_sd < most), "share_sd", share_sd, expected)?;
        let expected = "rivals are other providers of primary care, from 1 to 20";
        refuse_unless((1..=MOST_RIVALS).contains(&self.rivals), "rivals", f64::from(self.rivals), expected)?;
        let expected = "a loading of visits is a correlation from -0.99 to 0.99";
        let valid = (-MOST_LOADING..=MOST_LOADING).contains(&frailty_loading);
        refuse_unless(valid, "frailty_loading", frailty_loading, expected)?;
        let expected = "a persistence is a correlation from 0 to 1";
        refuse_unless((0.0..=1.0).contains(&persistence), "persistence", persistence, expected)
    }
}

#[cfg(test)]
mod tests;
