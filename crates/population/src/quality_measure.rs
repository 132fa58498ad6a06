//! The measures that quality is counted by.

use std::collections::BTreeMap;

use twosided_units::Share;

use crate::Segment;

/// A quality measure of a population. Its score is a sum over a number of cases.
#[derive(Clone, Debug, PartialEq)]
pub struct QualityMeasure {
    /// Unique name.
    pub name: String,
    /// What is measured.
    pub measured: Measured,
}

/// What a quality measure measures.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// Of the people whom it concerns, those who meet it, or the sum of what is found of each.
    People(PeopleMeasure),
    /// Events of services over others, or over years lived. It draws nothing: they are those of the sampled year.
    Events {
        /// The services whose events are counted.
        of: Vec<String>,
        /// The service over whose events they are; years lived where absent.
        per: Option<String>,
        /// What the rate is multiplied by: 1,000 for a rate per 1,000 person-years.
        scale: f64,
    },
}

/// A measure of each person whom it concerns.
#[derive(Clone, Debug, PartialEq)]
pub struct PeopleMeasure {
    /// Who is measured.
    pub cases: Cases,
    /// What is found of a person.
    pub law: PersonLaw,
    /// Rates or means of segments that have their own.
    pub segments: BTreeMap<String, f64>,
    /// Correlation of a person's latent score with frailty: where it is negative, the frail meet the measure less, or have less.
    pub frailty_loading: f64,
    /// Change of the rate or the mean where social risk raises a segment's cost.
    pub social_risk_effect: f64,
    /// Standard deviation between years of the rate or the mean of all people, beside chance.
    pub sd_between_years: f64,
}

/// Whom a measure of people has as cases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cases {
    /// A share of people, of whom some are excluded, and of the others some are not reported.
    Share {
        /// Those whom it concerns.
        denominator: Share,
        /// The part of them that is excluded.
        excluded: Share,
        /// The part of the others that is reported.
        reported: Share,
    },
    /// So many who answer a survey, or everybody where there are fewer people.
    Respondents(u64),
}

/// What is found of a person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PersonLaw {
    /// Whether the measure is met.
    Met {
        /// The share of cases who meet it.
        rate: f64,
    },
    /// An amount.
    Amount {
        /// Its mean.
        mean: f64,
        /// Its standard deviation between people.
        sd: f64,
    },
}

impl QualityMeasure {
    /// People whom it concerns, and the share of them who meet it.
    pub fn met(name: &str, denominator: Share, rate: Share) -> Self {
        let people = PeopleMeasure {
            cases: Cases::Share { denominator, excluded: Share::ZERO, reported: Share::ONE },
            law: PersonLaw::Met { rate: rate.value() },
            segments: BTreeMap::new(),
            frailty_loading: 0.0,
            social_risk_effect: 0.0,
            sd_between_years: 0.0,
        };
        Self { name: name.to_owned(), measured: Measured::People(people) }
    }

    /// Whether frailty enters it.
    pub fn is_loaded(&self) -> bool {
        matches!(&self.measured, Measured::People(people) if people.frailty_loading != 0.0)
    }
}

impl PeopleMeasure {
    /// The rate or the mean of a segment.
    pub fn level_in(&self, segment: &Segment) -> f64 {
        let common = match self.law {
            PersonLaw::Met { rate } => rate,
            PersonLaw::Amount { mean, .. } => mean,
        };
        let own = segment.segment_name().find(&self.segments).copied().unwrap_or(common);
        let moved = if segment.social_risk.cost > 1.0 { own + self.social_risk_effect } else { own };
        match self.law {
            PersonLaw::Met { .. } => moved.clamp(0.0, 1.0),
            PersonLaw::Amount { .. } => moved,
        }
    }

    /// Whether people are alike but for chance, so that only their number counts.
    pub(crate) fn is_plain(&self) -> bool {
        let has_all = match self.cases {
            Cases::Share { excluded, reported, .. } => excluded == Share::ZERO && reported == Share::ONE,
            Cases::Respondents(_) => false,
        };
        has_all
            && matches!(self.law, PersonLaw::Met { .. })
            && self.frailty_loading == 0.0
            && self.sd_between_years == 0.0
    }
}
