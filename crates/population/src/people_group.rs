//! People whose results are reported apart.

use crate::Segment;

/// People whose results are reported apart: those who are dually eligible, have high social risk, or live in rural areas. Groups may
/// overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeopleGroup {
    /// Unique name.
    pub name: String,
    /// Their segments, or segments that those are tiers of.
    pub segments: Vec<String>,
}

impl PeopleGroup {
    /// Whether the people of a segment are among them.
    pub fn includes(&self, segment: &Segment) -> bool {
        self.segments.iter().any(|name| segment.segment_name().is(name))
    }
}
