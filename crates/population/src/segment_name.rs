//! The names by which a segment is found.

use std::collections::BTreeMap;

/// The names that refer to a segment.
#[derive(Clone, Copy, Debug)]
pub struct SegmentName<'a> {
    /// Its own.
    pub name: &'a str,
    /// That of the segment that it is a tier of.
    pub group: Option<&'a str>,
}

impl<'a> From<&'a str> for SegmentName<'a> {
    fn from(name: &'a str) -> Self {
        Self { name, group: None }
    }
}

impl SegmentName<'_> {
    /// The entry of a table under the segment's own name, or else under its group's.
    pub fn find<T>(self, table: &BTreeMap<String, T>) -> Option<&T> {
        table.get(self.name).or_else(|| table.get(self.group?))
    }

    /// Whether a name refers to it.
    pub fn is(self, name: &str) -> bool {
        self.name == name || self.group == Some(name)
    }
}
