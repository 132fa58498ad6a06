//! The measures that quality is counted by.

use std::collections::BTreeMap;

use twosided_units::Share;

use crate::SegmentName;

/// A quality measure: of the people in its denominator, those in its numerator.
#[derive(Clone, Debug, PartialEq)]
pub struct QualityMeasure {
    /// Unique name.
    pub name: String,
    /// Share of people in the denominator.
    pub denominator: Share,
    /// Of those, the share in the numerator.
    pub rate: Share,
    /// Rates of segments that have their own.
    pub segments: BTreeMap<String, Share>,
}

impl QualityMeasure {
    /// The rate of a segment.
    pub fn rate_of<'a>(&self, segment: impl Into<SegmentName<'a>>) -> Share {
        segment.into().find(&self.segments).copied().unwrap_or(self.rate)
    }
}
