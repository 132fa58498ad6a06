//! What is wrong with a population.

use twosided_prob::ParameterError;

/// An invalid population.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PopulationError {
    /// No segments.
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
    /// A segment without members.
    #[error("segment `{0}` has no members")]
    NoMembers(String),
    /// Two accounts of who comes and goes.
    #[error("segment `{0}` has both turnover and attribution")]
    TurnoverAndAttribution(String),
    /// So few people that a trial may have none.
    #[error("segment `{segment}` has {people:.1} people who are expected to be assigned; at least 30 are needed")]
    FewAssigned {
        /// The segment.
        segment: String,
        /// How many are expected.
        people: f64,
    },
    /// A service that follows one that is not there or has no events, or that follows itself.
    #[error("service `{service}` of segment `{segment}` follows `{after}`, which {reason}")]
    Follows {
        /// The segment.
        segment: String,
        /// The service.
        service: String,
        /// What it follows.
        after: String,
        /// The reason.
        reason: &'static str,
    },
    /// What follows is to depend on a cost in a way that it cannot.
    #[error("service `{service}` of segment `{segment}` has a severity_elasticity of {elasticity}; {expected}")]
    Elasticity {
        /// The segment.
        segment: String,
        /// The service.
        service: String,
        /// The elasticity.
        elasticity: f64,
        /// What would be right.
        expected: String,
    },
    /// An invalid law.
    #[error("segment `{segment}`, service `{service}`: {error}")]
    Law {
        /// The segment.
        segment: String,
        /// The service.
        service: String,
        /// The problem.
        error: ParameterError,
    },
}
