//! What the composite of a year means to the terms of a contract.

use twosided_units::Share;

/// The composite of a year, as terms see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Composite<'a> {
    /// The part of all points that is earned, from 0 to 1.
    pub value: f64,
    /// The composite from which a gate is met.
    pub gate: Share,
    /// Whether some measure reaches what the alternative quality standard asks of it.
    pub alternative: bool,
    /// Whether as many measures as must be are better than before; none where nothing is asked.
    pub improved: Option<bool>,
    /// Composites of the years before, in order.
    pub earlier: &'a [f64],
}

impl Composite<'_> {
    /// It as a share.
    pub fn share(&self) -> Share {
        Share::new(self.value.clamp(0.0, 1.0)).expect("a composite is from 0 to 1")
    }

    /// Whether a gate is met.
    pub(crate) fn meets_gate(&self) -> bool {
        self.value >= self.gate.value()
    }
}
