//! A year of a segment.

/// A segment's year, the same for all of its blocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct SegmentYear<'a> {
    pub(super) year: u32,
    /// Variants that differ from the reference.
    pub(super) changed: &'a [usize],
    /// `[variant][service]`, use over that of the reference.
    pub(super) uses: &'a [Vec<f64>],
    /// `[variant][service]`, what an event costs over that of the reference.
    pub(super) prices: &'a [Vec<f64>],
    /// What the cost of each service is multiplied by.
    pub(super) factors: &'a [f64],
    /// What limits are multiplied by.
    pub(super) price_index: f64,
}
