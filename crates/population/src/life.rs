//! How people fare from year to year: lasting frailty, deaths, and who comes and goes.

use twosided_prob::Severity;

use crate::Attribution;

/// How a segment's people fare from year to year.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Life {
    /// Correlation of a person's frailty score with that of the year before.
    pub persistence: f64,
    /// Who dies; none where absent.
    pub mortality: Option<Mortality>,
    /// Who leaves; none where absent.
    pub turnover: Option<Turnover>,
    /// Who is assigned by visits; all members where absent. With it nobody leaves otherwise, so that there is no turnover.
    pub attribution: Option<Attribution>,
}

/// Deaths within the year, each at a time spread evenly over it. The dead are replaced by new people a year later.
#[derive(Clone, Debug, PartialEq)]
pub struct Mortality {
    /// Probability of dying in a year.
    pub probability: f64,
    /// Correlation of the frailty score with the normal score of dying.
    pub frailty_loading: f64,
    /// What a death costs beyond the care of the months lived.
    pub end_of_life: Option<EndOfLife>,
}

/// The cost of a death.
#[derive(Clone, Debug, PartialEq)]
pub struct EndOfLife {
    /// Dollars a death.
    pub amount: Severity,
    /// The services that it is spent on, and their parts, which add to one.
    pub services: Vec<(String, f64)>,
}

/// People who leave during a year and are replaced by others with a frailty of their own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turnover {
    /// Share of people who leave in a year.
    pub rate: f64,
    /// Cost of those who joined, in their first year, over that of others like them.
    pub joiner_cost: f64,
    /// Cost of those who leave, in their last year, over that of others like them.
    pub leaver_cost: f64,
}

/// When the people who count for a year are determined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Assignment {
    /// Before it, by the visits of the year before: those who leave during the year still count, and are replaced in the next.
    #[default]
    Prospective,
    /// After it, by the visits of the year: those who leave during the year do not count, and their replacements do.
    Retrospective,
}
