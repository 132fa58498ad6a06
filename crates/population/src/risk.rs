//! Risk scores, and what social risk adds to them and to cost.

/// Risk scores of a segment's people: lognormal, more or less with their frailty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RiskScore {
    /// Mean in the first year.
    pub mean: f64,
    /// Coefficient of variation between people; 0 where all have the mean.
    pub cv: f64,
    /// Correlation of the score's normal with the frailty score.
    pub frailty_loading: f64,
    /// Growth a year by more complete coding.
    pub coding_growth: f64,
}

/// Factors by which social risk moves a segment's cost and its risk scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SocialRisk {
    /// On the cost of care.
    pub cost: f64,
    /// On risk scores.
    pub risk_score: f64,
}

impl SocialRisk {
    /// No difference.
    pub const NONE: Self = Self { cost: 1.0, risk_score: 1.0 };
}
