//! The cells of a pool while it is made: people who stand on the same sides of all layers, and those who are looked at one by one.

use super::shape::Sides;

/// The people of a cell as drawn.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    /// The sides on which all of them stand, where they are bundled.
    pub(super) sides: Option<Sides>,
    /// People of a bundle.
    pub(super) size: u64,
    /// How many people of the pool belong to it, kept or not.
    pub(super) seen: u64,
    pub(super) bundles: Vec<f32>,
    /// People kept singly beside the bundles.
    pub(super) persons: Vec<f32>,
}

impl Drawn {
    pub(super) fn new(sides: Option<Sides>, size: u64) -> Self {
        Self { sides, size, seen: 0, bundles: Vec::new(), persons: Vec::new() }
    }
}

/// Weights of a cell.
#[derive(Clone, Debug)]
pub(super) struct CellWeights {
    /// Probability that a member belongs to the cell.
    pub(super) share: f64,
    pub(super) bundles: Vec<f64>,
    pub(super) persons: Vec<f64>,
}
