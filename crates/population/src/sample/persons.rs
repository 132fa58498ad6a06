//! What a caller who wants persons sees.

use super::memory::{BlockMemory, Members, Visited};

/// A block of persons in one year, as [`crate::Sampler::visit`] shows them.
#[derive(Clone, Copy, Debug)]
pub struct PersonYearBlock<'a> {
    /// Index of their segment.
    pub segment: usize,
    /// The year, counted from 0.
    pub year: u32,
    /// Number of the first person of the block within the segment; the same persons come in the same blocks every year.
    pub first: u64,
    /// Share of the year that each lived.
    pub lived: &'a [f64],
    /// Who counts; empty where all do. Of the others there are neither costs nor events.
    pub assigned: &'a [bool],
    /// Who died in it.
    pub died: &'a [bool],
    /// Whether the member was someone else in the year before.
    pub joined: &'a [bool],
    /// Risk scores; empty where the plan does not observe them.
    pub risk_scores: &'a [f64],
    /// Dollars, `[service][person]`, services in the order of their names.
    pub costs: &'a [Vec<f64>],
    /// Events, `[service][person]`; users, where a service is an annual amount.
    pub counts: &'a [Vec<u32>],
}

/// Shows a block of a segment in a year, whose first person has a number.
pub(super) fn show(
    memory: &BlockMemory,
    (segment, year, first): (usize, u32, u64),
    visit: &mut dyn FnMut(&PersonYearBlock<'_>),
) {
    let Some(Visited { costs, counts, risk_scores }) = &memory.visited else { return };
    let Members { lived, died, joined, assigned, .. } = &memory.members;
    visit(&PersonYearBlock { segment, year, first, lived, assigned, died, joined, risk_scores, costs, counts });
}
