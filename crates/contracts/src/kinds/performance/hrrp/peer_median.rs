//! The median of other hospitals' ratios, which is known, or a law from which each year draws.

/// The median of the ratio among a hospital's peers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeerMedian {
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation; zero where it is known.
    pub sd: f64,
}

impl PeerMedian {
    /// Its value at a normal score.
    pub fn of(&self, score: f64) -> f64 {
        (self.mean + self.sd * score).max(0.0)
    }
}
