//! How the use of one service changes with the use of another, or with quality: what care does to later care.

use crate::{Measured, PersonLaw, QualityMeasure, Segment, Variant, program::ProgramYear};

/// How the use of a service answers to a change elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct UseElasticity {
    /// The service whose use answers.
    pub of: String,
    /// What it answers to.
    pub to: Cause,
    /// How strongly.
    pub strength: Strength,
    /// Years until it does.
    pub lag: u32,
    /// The segments in which it does; all where absent.
    pub segments: Option<Vec<String>>,
}

/// What the use of a service answers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The use of another service.
    Service(String),
    /// The share of people who meet a quality measure.
    Measure(String),
}

/// How strongly the use of a service answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Strength {
    /// Use is multiplied by the relative change of the cause to this power.
    Elasticity(f64),
    /// Each event more of the cause takes the place of this many.
    Substitutes(f64),
}

/// An elasticity in a segment, made ready.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    of: String,
    cause: LinkCause,
    strength: Strength,
    lag: u32,
}

#[derive(Clone, Debug)]
enum LinkCause {
    Service(String),
    /// With the share who meet it without programs.
    Measure(String, f64),
}

impl Link {
    /// Those of a segment.
    pub(crate) fn of(elasticities: &[UseElasticity], measures: &[QualityMeasure], segment: &Segment) -> Vec<Self> {
        let counts = segment.expected_counts();
        let count = |service: &str| segment.index(service).map(|index| counts[index]);
        let acts = |link: &&UseElasticity| {
            link.segments.as_ref().is_none_or(|names| names.iter().any(|name| segment.segment_name().is(name)))
        };
        let links = elasticities.iter().filter(acts).filter_map(|link| {
            let cause = match &link.to {
                Cause::Service(service) => LinkCause::Service(service.clone()),
                Cause::Measure(name) => {
                    let measure = measures.iter().find(|measure| measure.name == *name)?;
                    match &measure.measured {
                        Measured::People(people) if matches!(people.law, PersonLaw::Met { .. }) => {
                            LinkCause::Measure(name.clone(), people.level_in(segment))
                        }
                        Measured::People(_) | Measured::Events { .. } => return None,
                    }
                }
            };
            let strength = match (link.strength, &cause) {
                (Strength::Substitutes(rate), LinkCause::Service(service)) => {
                    let own = count(&link.of).filter(|own| *own > 0.0)?;
                    Strength::Substitutes(rate * count(service)? / own)
                }
                (strength, _) => strength,
            };
            Some(Self { of: link.of.clone(), cause, strength, lag: link.lag })
        });
        links.collect()
    }
}

impl ProgramYear<'_> {
    /// Use of a service under a variant, over that of the reference year, with what it answers to; from 0 to 2. `services` are those of
    /// the segment, each with those that it follows.
    ///
    /// ```text
    /// use = own use × (use of the cause)^elasticity - substitution rate × events more of the cause / own events
    /// ```
    pub(crate) fn use_with(
        &self,
        variant: &Variant,
        (service, followed): (&str, &[String]),
        (links, services): (&[Link], &[(String, Vec<String>)]),
    ) -> f64 {
        let own = self.use_of(variant, service, followed);
        let answers = links.iter().filter(|link| link.of == service && link.lag <= self.year);
        let used = answers.fold(own, |used, link| {
            let then = ProgramYear { year: self.year - link.lag, ..*self };
            let cause = match &link.cause {
                LinkCause::Service(name) => {
                    let followed = services.iter().find(|(known, _)| known == name);
                    let followed = followed.map_or(&[][..], |(_, followed)| followed);
                    then.use_with(variant, (name, followed), (links, services))
                }
                LinkCause::Measure(_, level) if *level <= 0.0 => 1.0,
                LinkCause::Measure(name, level) => (level + (1.0 - level) * then.closed_of(variant, name)) / level,
            };
            match link.strength {
                Strength::Elasticity(_) if cause == 1.0 => used,
                Strength::Elasticity(elasticity) => used * libm::pow(cause, elasticity),
                Strength::Substitutes(rate) => used - rate * (cause - 1.0),
            }
        });
        used.clamp(0.0, crate::program::MOST_USE)
    }
}
