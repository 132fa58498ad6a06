//! Names of the population, which terms and covers may refer to.

use twosided_form::Names;
use twosided_population::Segment;

/// Names of the population that terms may refer to.
#[derive(Clone, Debug)]
pub struct Known {
    /// Services of the segments.
    pub services: Names,
    /// Which services follow which.
    pub follows: Follows,
    /// Segments.
    pub segments: Names,
    /// Payers.
    pub payers: Names,
    /// Quality measures.
    pub measures: Names,
    /// Those that people meet or not.
    pub counted_measures: Names,
    /// Those that take a mean.
    pub mean_measures: Names,
    /// Programs.
    pub programs: Names,
    /// Whether the contract that is read builds a composite, which takes the place of given scores.
    pub has_quality: bool,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            services: Names::new("no segment has the service"),
            follows: Follows::default(),
            segments: Names::new("there is no segment"),
            payers: Names::new("there is no payer"),
            measures: Names::new("the population has no measure"),
            counted_measures: Names::new("the population has no measure with a `rate`"),
            mean_measures: Names::new("the population has no measure with a `mean` or a `survey`"),
            programs: Names::new("there is no program"),
            has_quality: false,
        }
    }
}

impl Known {
    /// Any names, where there is no population.
    pub fn anything() -> Self {
        let any = Names::any;
        Self {
            services: any(),
            follows: Follows::default(),
            segments: any(),
            payers: any(),
            measures: any(),
            counted_measures: any(),
            mean_measures: any(),
            programs: any(),
            has_quality: false,
        }
    }
}

/// Which services of each segment follow which, as far as segments could be read.
#[derive(Clone, Debug, Default)]
pub struct Follows(Vec<FollowsOfSegment>);

/// Which services of a segment follow which.
#[derive(Clone, Debug)]
struct FollowsOfSegment {
    segment: String,
    /// Each service, with those that it follows, directly or not.
    services: Vec<(String, Vec<String>)>,
}

impl Follows {
    /// Adds the services of a segment.
    pub fn add(&mut self, segment: &Segment) {
        let services = segment.services.iter().map(|service| (service.name.clone(), segment.followed_by(service)));
        self.0.push(FollowsOfSegment { segment: segment.name.clone(), services: services.collect() });
    }

    /// The first segment that has a service and in which it does not follow another.
    pub(crate) fn breaks(&self, service: &str, other: &str) -> Option<&str> {
        let breaks = |segment: &&FollowsOfSegment| {
            let own = segment.services.iter().find(|(name, _)| name == service);
            own.is_some_and(|(_, followed)| !followed.iter().any(|name| name == other))
        };
        self.0.iter().find(breaks).map(|segment| segment.segment.as_str())
    }
}
