//! Tail indices of a contract's figures.

use twosided_provider::Line;

/// Tail indices of a contract's figures: moments of this order and above do not exist. Infinite where a figure inherits no tail of
/// index 4 or below.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tails {
    /// Of the gain's low end.
    pub losses: f64,
    /// Of the gain's high end.
    pub gains: f64,
    /// Of the margin, at its heavier end.
    pub margin: f64,
    /// Of each line of the margin, at its heavier end.
    pub lines: [f64; Line::ALL.len()],
    /// Of the expenditure compared with a benchmark.
    pub expenditure: f64,
    /// Of recoveries of the specific cover.
    pub of_specific: f64,
    /// Of recoveries of the aggregate cover.
    pub of_aggregate: f64,
}

impl Default for Tails {
    fn default() -> Self {
        const NONE: f64 = f64::INFINITY;
        Self {
            losses: NONE,
            gains: NONE,
            margin: NONE,
            lines: [NONE; Line::ALL.len()],
            expenditure: NONE,
            of_specific: NONE,
            of_aggregate: NONE,
        }
    }
}
