//! Segments, services and the year's trend.

use std::collections::BTreeSet;

use twosided_prob::{Family, Frequency, ParameterError, Purpose, Severity, Stream, StreamKey};
use twosided_units::{Dollars, MemberMonths, PerCapita};

/// Everyone whose care is paid for under the contracts, and what moves all of their costs together.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    segments: Vec<Segment>,
    trend: Trend,
}

/// People alike enough to share their laws: an enrollment type, a risk tier.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Unique name.
    pub name: String,
    /// People, each enrolled for twelve months.
    pub members: u64,
    /// Mean risk score, where the scenario gives one.
    pub risk_score: Option<f64>,
    /// Annual cost at which contracts that truncate cut a person of this segment.
    pub truncation_point: Option<Dollars>,
    /// Services in the order of their names.
    pub services: Vec<Service>,
}

/// A kind of care.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Unique name within the segment.
    pub name: String,
    /// How much of it is used, and at what cost.
    pub utilization: Utilization,
}

/// The law of a person's year of one service.
#[derive(Clone, Debug, PartialEq)]
pub enum Utilization {
    /// A number of events, each with its cost.
    Events {
        /// Events per person-year.
        frequency: Frequency,
        /// Dollars per event.
        severity: Severity,
    },
    /// One amount for the year, or nothing.
    Annual {
        /// Probability of nothing.
        zero: f64,
        /// Dollars a year, of those who use the service.
        amount: Severity,
    },
}

impl Utilization {
    /// Expected cost before trend.
    pub fn mean(&self) -> PerCapita {
        match self {
            Self::Events { frequency, severity } => PerCapita(frequency.mean() * severity.mean()),
            Self::Annual { zero, amount } => PerCapita((1.0 - zero) * amount.mean()),
        }
    }
}

/// A factor that multiplies every cost of a year: lognormal, one draw a trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    mean: f64,
    /// Location and scale of the logarithm.
    location: f64,
    scale: f64,
}

impl Trend {
    /// No trend: every cost as drawn.
    pub const NONE: Self = Self { mean: 1.0, location: 0.0, scale: 0.0 };

    /// A lognormal factor by its mean and coefficient of variation; a cv of 0 is a fixed factor.
    ///
    /// # Errors
    /// A mean that is not above 0 and at most 10, or a cv that is not from 0 to 1.
    pub fn new(mean: f64, cv: f64) -> Result<Self, ParameterError> {
        if !(mean > 0.0 && mean <= 10.0) {
            let expected = "a trend's mean is a factor on cost, above 0 and at most 10 (1.04 is four percent up)";
            return Err(ParameterError { parameter: "mean", value: mean, expected });
        }
        if !(0.0..=1.0).contains(&cv) {
            let expected = "a trend's cv is a decimal from 0 to 1 (0.02 is two percent)";
            return Err(ParameterError { parameter: "cv", value: cv, expected });
        }
        if cv == 0.0 {
            return Ok(Self { mean, location: mean.ln(), scale: 0.0 });
        }
        match Family::lognormal(mean, cv)? {
            Family::Lognormal { location, scale } => Ok(Self { mean, location, scale }),
            Family::Gamma { .. } | Family::Weibull { .. } | Family::Pareto { .. } => {
                unreachable!("a lognormal was asked for")
            }
        }
    }

    /// Mean factor.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The factor of one trial: one normal from the stream of purpose `Trend`.
    pub fn factor(&self, seed: u64, trial: u64) -> f64 {
        let key = StreamKey { seed, purpose: Purpose::Trend, segment: 0, service: 0, trial };
        (self.location + self.scale * Stream::new(&key).normal()).exp()
    }
}

/// A population that cannot be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PopulationError {
    /// Nobody.
    #[error("a population has at least one segment")]
    NoSegments,
    /// Two segments of one name.
    #[error("segment name `{0}` is used twice")]
    DuplicateSegment(String),
    /// Two services of one name in a segment.
    #[error("service name `{service}` is used twice in segment `{segment}`")]
    DuplicateService {
        /// The segment.
        segment: String,
        /// The name.
        service: String,
    },
    /// A segment of nobody.
    #[error("segment `{0}` has no members")]
    NoMembers(String),
    /// A law that cannot be.
    #[error("segment `{segment}`, service `{service}`: {error}")]
    Law {
        /// The segment.
        segment: String,
        /// The service.
        service: String,
        /// What is wrong with it.
        error: ParameterError,
    },
}

impl Population {
    /// Checks that names are unique and every segment has members. Services are put in the order of their names, so that
    /// a person's total does not depend on the order of the file.
    ///
    /// # Errors
    /// [`PopulationError`].
    pub fn new(mut segments: Vec<Segment>, trend: Trend) -> Result<Self, PopulationError> {
        if segments.is_empty() {
            return Err(PopulationError::NoSegments);
        }
        let mut names = BTreeSet::new();
        for segment in &mut segments {
            if !names.insert(segment.name.clone()) {
                return Err(PopulationError::DuplicateSegment(segment.name.clone()));
            }
            if segment.members == 0 {
                return Err(PopulationError::NoMembers(segment.name.clone()));
            }
            segment.services.sort_by(|a, b| a.name.cmp(&b.name));
            if let Some(pair) = segment.services.windows(2).find(|pair| pair[0].name == pair[1].name) {
                let (segment, service) = (segment.name.clone(), pair[0].name.clone());
                return Err(PopulationError::DuplicateService { segment, service });
            }
        }
        Ok(Self { segments, trend })
    }

    /// Segments in the order of the file.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The year's trend.
    pub fn trend(&self) -> Trend {
        self.trend
    }

    /// People.
    pub fn members(&self) -> u64 {
        self.segments.iter().map(|segment| segment.members).sum()
    }

    /// Months enrolled.
    pub fn exposure(&self) -> MemberMonths {
        self.segments.iter().map(Segment::exposure).sum()
    }

    /// Names of all services, in order, each once.
    pub fn service_names(&self) -> BTreeSet<&str> {
        self.segments.iter().flat_map(|segment| &segment.services).map(|service| service.name.as_str()).collect()
    }
}

impl Segment {
    /// Months enrolled.
    pub fn exposure(&self) -> MemberMonths {
        MemberMonths(self.members as f64 * 12.0)
    }

    /// Expected cost before trend and truncation.
    pub fn mean(&self) -> PerCapita {
        PerCapita(self.services.iter().map(|service| service.utilization.mean().0).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(name: &str, members: u64) -> Segment {
        let amount = Severity::Family(Family::gamma(1_000.0, 1.0).expect("valid parameters"));
        let service = |name: &str| Service {
            name: name.to_owned(),
            utilization: Utilization::Annual { zero: 0.25, amount: amount.clone() },
        };
        let services = vec![service("professional"), service("inpatient")];
        Segment { name: name.to_owned(), members, risk_score: None, truncation_point: None, services }
    }

    #[test]
    fn means_add_over_services() {
        assert_eq!(segment("a", 1).mean(), PerCapita(1_500.0));
    }

    #[test]
    fn services_stand_in_the_order_of_their_names() {
        let population = Population::new(vec![segment("a", 1)], Trend::NONE).expect("valid");
        assert_eq!(population.segments()[0].services[0].name, "inpatient");
    }

    #[test]
    fn impossible_populations_are_refused() {
        assert_eq!(Population::new(vec![], Trend::NONE), Err(PopulationError::NoSegments));
        let twice = vec![segment("a", 1), segment("a", 2)];
        assert_eq!(Population::new(twice, Trend::NONE), Err(PopulationError::DuplicateSegment("a".into())));
        assert_eq!(Population::new(vec![segment("a", 0)], Trend::NONE), Err(PopulationError::NoMembers("a".into())));
        let mut doubled = segment("a", 1);
        doubled.services.push(doubled.services[0].clone());
        assert!(matches!(Population::new(vec![doubled], Trend::NONE), Err(PopulationError::DuplicateService { .. })));
        assert!(Trend::new(0.0, 0.1).is_err());
        assert!(Trend::new(1.0, 2.0).is_err());
    }

    #[test]
    fn trend_factors_have_their_mean_and_spread() {
        let trend = Trend::new(1.04, 0.02).expect("valid parameters");
        let factors: Vec<f64> = (0..100_000).map(|trial| trend.factor(1, trial)).collect();
        let n = factors.len() as f64;
        let mean = factors.iter().sum::<f64>() / n;
        let sd = (factors.iter().map(|f| (f - mean) * (f - mean)).sum::<f64>() / n).sqrt();
        assert!(((mean - 1.04) / (1.04 * 0.02 / n.sqrt())).abs() < 4.0, "mean {mean}");
        assert!(((sd / (1.04 * 0.02) - 1.0) * (2.0 * n).sqrt()).abs() < 4.0, "sd {sd}");
        assert_eq!(Trend::NONE.factor(1, 0), 1.0);
    }
}
