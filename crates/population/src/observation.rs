//! What contracts need to see of a year, as plain data.

use std::collections::BTreeMap;

use twosided_units::Dollars;

use crate::SegmentName;

/// Which services count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServiceScope {
    /// Every service.
    All,
    /// Those named, in order, each once.
    Only(Vec<String>),
}

impl ServiceScope {
    /// The scope of a list of names, put in order.
    pub fn only(mut names: Vec<String>) -> Self {
        names.sort();
        names.dedup();
        Self::Only(names)
    }

    /// Whether a service counts.
    pub fn includes(&self, service: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|name| name == service),
        }
    }
}

/// Where a person's counted cost begins: one amount for all, but for segments that have their own (lasers).
#[derive(Clone, Debug, PartialEq)]
pub struct Attachment {
    /// The amount.
    pub point: Dollars,
    /// Segments with another one.
    pub lasers: BTreeMap<String, Dollars>,
}

impl Attachment {
    /// From the first dollar.
    pub const ZERO: Self = Self { point: Dollars::ZERO, lasers: BTreeMap::new() };

    /// The amount of a segment.
    pub fn of<'a>(&self, segment: impl Into<SegmentName<'a>>) -> Dollars {
        segment.into().find(&self.lasers).copied().unwrap_or(self.point)
    }

    /// Every amount changed alike.
    #[must_use]
    pub fn map(&self, change: impl Fn(&Dollars) -> Dollars) -> Self {
        let lasers = self.lasers.iter().map(|(segment, amount)| (segment.clone(), change(amount)));
        Self { point: change(&self.point), lasers: lasers.collect() }
    }

    /// The larger amount of the two in every segment.
    fn at_least(&self, other: &Self) -> Self {
        let of = |attachment: &Self, name: &String| attachment.lasers.get(name).copied().unwrap_or(attachment.point);
        let names = self.lasers.keys().chain(other.lasers.keys());
        let lasers = names.map(|name| (name.clone(), of(self, name).max(of(other, name))));
        Self { point: self.point.max(other.point), lasers: lasers.collect() }
    }
}

/// Where a person's counted cost ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// Nowhere.
    Unlimited,
    /// At an amount.
    Amount(Dollars),
    /// So much above the attachment point.
    Width(Dollars),
    /// At the segment's truncation point, if it has one.
    TruncationPoint,
}

/// The part of an observation that people's annual costs above an amount make up.
#[derive(Clone, Debug, PartialEq)]
pub enum PartAbove {
    /// None: it counts no dollars.
    Nothing,
    /// Another observation.
    Layer(Observation),
    /// It is not known by person.
    Unknown,
}

/// A figure of a year that a contract asks for, summed over the people of each segment.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// Dollars: of each person's annual cost, the part above the attachment point and up to `limit` (counted from zero).
    Layer {
        /// Whose cost.
        services: ServiceScope,
        /// Where the layer starts.
        attachment: Attachment,
        /// Where it ends.
        limit: Limit,
    },
    /// People whose annual cost is above the attachment point.
    PeopleAbove {
        /// Whose cost.
        services: ServiceScope,
        /// The amount that it is above.
        attachment: Attachment,
    },
    /// Dollars spent on one service.
    Expenditure {
        /// The service.
        service: String,
    },
    /// Dollars spent on one service, each event up to a limit; each user's year, where the service is an annual amount.
    CappedExpenditure {
        /// The service.
        service: String,
        /// The most that counts of one event.
        limit: Dollars,
    },
    /// Dollars spent on episodes, each up to a limit: every event of one service with the events of others that stem from it. What a
    /// death costs of these services counts as one episode more.
    Episodes {
        /// The service of which an event begins an episode.
        anchor: String,
        /// The services that count where they follow it, directly or not, in order, each once.
        following: Vec<String>,
        /// The most that counts of one episode.
        limit: Option<Dollars>,
    },
    /// Events of one service; users, where the service is an annual amount.
    Count {
        /// The service.
        service: String,
    },
    /// Events that are expected to follow those of one service, such as readmissions: for each event, the rate of its segment.
    Expected {
        /// The service.
        service: String,
        /// Expected events for each of its events.
        rate: f64,
        /// Rates of segments that have their own.
        segments: BTreeMap<String, f64>,
    },
    /// Years lived, summed over people.
    PersonYears,
    /// People, whether or not they live through the year: the members, or those who are assigned.
    People,
    /// Risk scores, summed over people. A segment without scores counts one each.
    RiskScore,
    /// People whom a quality measure concerns.
    Denominator {
        /// The measure.
        measure: String,
    },
    /// Of those, the ones who meet it.
    Numerator {
        /// The measure.
        measure: String,
    },
}

impl Observation {
    /// Whether it is a sum of dollars.
    pub fn is_dollars(&self) -> bool {
        match self {
            Self::Layer { .. } | Self::Expenditure { .. } | Self::CappedExpenditure { .. } | Self::Episodes { .. } => {
                true
            }
            Self::PeopleAbove { .. }
            | Self::Count { .. }
            | Self::Expected { .. }
            | Self::PersonYears
            | Self::People
            | Self::RiskScore
            | Self::Denominator { .. }
            | Self::Numerator { .. } => false,
        }
    }

    /// The scope of the annual costs that it looks at person by person; none where it does not.
    pub fn scope_of_people(&self) -> Option<&ServiceScope> {
        match self {
            Self::Layer { services, .. } | Self::PeopleAbove { services, .. } => Some(services),
            Self::Expenditure { .. }
            | Self::CappedExpenditure { .. }
            | Self::Episodes { .. }
            | Self::Count { .. }
            | Self::Expected { .. }
            | Self::PersonYears
            | Self::People
            | Self::RiskScore
            | Self::Denominator { .. }
            | Self::Numerator { .. } => None,
        }
    }

    /// What to observe in place of this where everything costs `factor` times as much: its total, times the factor if it is dollars, is
    /// then the total of this. None where a limit of the population stands in the way.
    ///
    /// ```text
    /// min(max(f × x - a, 0), w) = f × min(max(x - a / f, 0), w / f)
    /// ```
    #[must_use]
    pub fn before_growth(&self, factor: f64) -> Option<Self> {
        let less = |amount: &Dollars| *amount * (1.0 / factor);
        Some(match self {
            Self::Layer { services, attachment, limit } => Self::Layer {
                services: services.clone(),
                attachment: attachment.map(less),
                limit: match limit {
                    Limit::Unlimited => Limit::Unlimited,
                    Limit::Amount(amount) => Limit::Amount(less(amount)),
                    Limit::Width(width) => Limit::Width(less(width)),
                    Limit::TruncationPoint => return None,
                },
            },
            Self::PeopleAbove { services, attachment } => {
                Self::PeopleAbove { services: services.clone(), attachment: attachment.map(less) }
            }
            Self::CappedExpenditure { service, limit } => {
                Self::CappedExpenditure { service: service.clone(), limit: less(limit) }
            }
            Self::Episodes { anchor, following, limit } => {
                Self::Episodes { anchor: anchor.clone(), following: following.clone(), limit: limit.as_ref().map(less) }
            }
            Self::Expenditure { .. }
            | Self::Count { .. }
            | Self::Expected { .. }
            | Self::PersonYears
            | Self::People
            | Self::RiskScore
            | Self::Denominator { .. }
            | Self::Numerator { .. } => self.clone(),
        })
    }

    /// The part of it that people's annual costs on these services above an attachment point make up.
    pub fn part_above(&self, of: &ServiceScope, above: &Attachment) -> PartAbove {
        match self {
            Self::Layer { services, attachment, limit } if services == of => {
                let limit = match limit {
                    // Where the layer begins higher, it does not end higher.
                    Limit::Width(width) if attachment.lasers.is_empty() => Limit::Amount(attachment.point + *width),
                    Limit::Width(_) => return PartAbove::Unknown,
                    other => *other,
                };
                let attachment = attachment.at_least(above);
                PartAbove::Layer(Self::Layer { services: services.clone(), attachment, limit })
            }
            Self::Layer { .. }
            | Self::PeopleAbove { .. }
            | Self::Expenditure { .. }
            | Self::CappedExpenditure { .. }
            | Self::Episodes { .. } => PartAbove::Unknown,
            Self::Count { .. }
            | Self::Expected { .. }
            | Self::PersonYears
            | Self::People
            | Self::RiskScore
            | Self::Denominator { .. }
            | Self::Numerator { .. } => PartAbove::Nothing,
        }
    }

    /// Dollars spent on episodes: each event of a service with those that stem from it, up to a limit.
    pub fn episodes(anchor: String, mut following: Vec<String>, limit: Option<Dollars>) -> Self {
        following.sort();
        following.dedup();
        Self::Episodes { anchor, following, limit }
    }

    /// Total expenditure on the services of a scope.
    pub fn total(services: ServiceScope) -> Self {
        Self::Layer { services, attachment: Attachment::ZERO, limit: Limit::Unlimited }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a layer counts of one person's cost.
    fn counted(observation: &Observation, cost: f64, segment: &str) -> f64 {
        let Observation::Layer { attachment, limit, .. } = observation else { panic!("a layer") };
        let low = attachment.of(segment).0;
        let high = match limit {
            Limit::Unlimited => f64::INFINITY,
            Limit::Amount(amount) => amount.0.max(low),
            Limit::Width(width) => low + width.0,
            Limit::TruncationPoint => panic!("a limit of the test"),
        };
        (cost.min(high) - low).max(0.0)
    }

    fn attachment(point: f64, laser: f64) -> Attachment {
        Attachment { point: Dollars(point), lasers: BTreeMap::from([("dialysis".to_owned(), Dollars(laser))]) }
    }

    fn layers() -> Vec<Observation> {
        let layer = |attachment, limit| Observation::Layer { services: ServiceScope::All, attachment, limit };
        vec![
            Observation::total(ServiceScope::All),
            layer(attachment(20.0, 50.0), Limit::Unlimited),
            layer(attachment(20.0, 50.0), Limit::Amount(Dollars(70.0))),
            layer(Attachment { point: Dollars(30.0), ..Attachment::ZERO }, Limit::Width(Dollars(25.0))),
        ]
    }

    const COSTS: [f64; 7] = [0.0, 15.0, 25.0, 40.0, 55.0, 80.0, 200.0];

    #[test]
    fn a_layer_after_growth_is_another_layer_before_it() {
        for layer in layers() {
            let before = layer.before_growth(1.25).expect("no limit of a population");
            for (cost, segment) in COSTS.into_iter().flat_map(|cost| [(cost, "dialysis"), (cost, "others")]) {
                let (grown, found) = (counted(&layer, 1.25 * cost, segment), 1.25 * counted(&before, cost, segment));
                assert!((grown - found).abs() < 1e-12, "{layer:?} of {cost}: {grown} against {found}");
            }
        }
        let truncated = Observation::Layer {
            services: ServiceScope::All,
            attachment: Attachment::ZERO,
            limit: Limit::TruncationPoint,
        };
        assert_eq!(truncated.before_growth(1.25), None);
        assert_eq!(Observation::PersonYears.before_growth(1.25), Some(Observation::PersonYears));
    }

    #[test]
    fn a_layer_less_its_part_above_an_amount_is_the_layer_of_the_lower_cost() {
        for layer in layers() {
            for above in [attachment(10.0, 35.0), attachment(45.0, 60.0), attachment(90.0, 15.0)] {
                let PartAbove::Layer(part) = layer.part_above(&ServiceScope::All, &above) else { panic!("a layer") };
                for (cost, segment) in COSTS.into_iter().flat_map(|cost| [(cost, "dialysis"), (cost, "others")]) {
                    let lower = counted(&layer, cost.min(above.of(segment).0), segment);
                    let found = counted(&layer, cost, segment) - counted(&part, cost, segment);
                    assert!((lower - found).abs() < 1e-12, "{layer:?} of {cost}: {lower} against {found}");
                }
            }
        }
        let some = ServiceScope::only(vec!["visits".to_owned()]);
        assert_eq!(Observation::total(some).part_above(&ServiceScope::All, &Attachment::ZERO), PartAbove::Unknown);
        assert_eq!(Observation::RiskScore.part_above(&ServiceScope::All, &Attachment::ZERO), PartAbove::Nothing);
    }
}
