//! What a cover should cost, over a list of attachment points: the figures, and their tables.

mod tables;

use twosided_prob::Estimate;

use crate::Unit;

/// A kind of cover that is priced over a list of attachment points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PricedCover {
    /// Specific stop-loss, over attachment points in dollars a member and year.
    Specific,
    /// Aggregate stop-loss, over ratios to expected claims.
    Aggregate,
    /// Specific stop-loss, over aggregating deductibles in dollars a year.
    AggregatingDeductible,
    /// A risk corridor, over the ends of the first band of losses as shares of expected claims.
    Corridor,
}

impl PricedCover {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Specific, Self::Aggregate, Self::AggregatingDeductible, Self::Corridor];

    /// The name in arguments and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Specific => "specific",
            Self::Aggregate => "aggregate",
            Self::AggregatingDeductible => "aggregating-deductible",
            Self::Corridor => "corridor",
        }
    }

    /// The name to a reader.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Specific => "specific stop-loss",
            Self::Aggregate => "aggregate stop-loss",
            Self::AggregatingDeductible => "specific stop-loss with an aggregating deductible",
            Self::Corridor => "a risk corridor",
        }
    }

    /// What the list of points is.
    pub const fn points(self) -> &'static str {
        match self {
            Self::Specific => "Attachment point, dollars a member and year",
            Self::Aggregate => "Attachment ratio to expected claims",
            Self::AggregatingDeductible => "Aggregating deductible, dollars a year",
            Self::Corridor => "End of the first band of losses, share of expected claims",
        }
    }

    /// Whether its points are dollars, and not ratios.
    pub const fn is_dollars(self) -> bool {
        match self {
            Self::Specific | Self::AggregatingDeductible => true,
            Self::Aggregate | Self::Corridor => false,
        }
    }
}

/// How a premium follows from what a cover is expected to pay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PremiumRule {
    /// The expected payment times one and the load, and a share of the payment's standard deviation.
    Loaded {
        /// Share of the expected payment.
        load: f64,
        /// Share of the standard deviation.
        load_sd: f64,
    },
    /// The expected payment over a target loss ratio.
    LossRatio(f64),
}

/// A figure of a cover, or of the provider with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceMeasure {
    /// What the cover is expected to pay.
    CededCost,
    /// The standard deviation of what it pays.
    SdOfCededCost,
    /// What it is expected to pay, per member and month.
    PurePremium,
    /// The premium by its rule.
    Premium,
    /// Growth of what it is expected to pay where all claims grow.
    LeveragedTrend,
    /// People above the attachment point.
    PeopleAbove,
    /// Probability that it pays in a year.
    ProbabilityOfPayment,
    /// The share of the claims above the attachment point that the contract bears without the cover.
    ShareBorne,
    /// Mean gain.
    MeanGain,
    /// The same less that without the cover, on the same years.
    ChangeOfMeanGain,
    /// Probability of a gain below zero.
    ProbabilityOfLoss,
    /// Value at risk of the loss, 95%.
    ValueAtRisk95,
    /// Tail value at risk of the loss, 95%.
    TailValueAtRisk95,
    /// Value at risk of the loss, 99%.
    ValueAtRisk99,
    /// Tail value at risk of the loss, 99%.
    TailValueAtRisk99,
}

impl PriceMeasure {
    /// All figures, in the order of the tables: those of the cover, then those of the provider.
    pub const ALL: [Self; 15] = [
        Self::CededCost,
        Self::SdOfCededCost,
        Self::PurePremium,
        Self::Premium,
        Self::LeveragedTrend,
        Self::PeopleAbove,
        Self::ProbabilityOfPayment,
        Self::ShareBorne,
        Self::MeanGain,
        Self::ChangeOfMeanGain,
        Self::ProbabilityOfLoss,
        Self::ValueAtRisk95,
        Self::TailValueAtRisk95,
        Self::ValueAtRisk99,
        Self::TailValueAtRisk99,
    ];

    /// The name in files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::CededCost => "ceded_cost",
            Self::SdOfCededCost => "sd_of_ceded_cost",
            Self::PurePremium => "pure_premium",
            Self::Premium => "premium",
            Self::LeveragedTrend => "leveraged_trend",
            Self::PeopleAbove => "people_above",
            Self::ProbabilityOfPayment => "probability_of_payment",
            Self::ShareBorne => "share_borne",
            Self::MeanGain => "mean_gain",
            Self::ChangeOfMeanGain => "change_of_mean_gain",
            Self::ProbabilityOfLoss => "probability_of_loss",
            Self::ValueAtRisk95 => "var_95_of_loss",
            Self::TailValueAtRisk95 => "tvar_95_of_loss",
            Self::ValueAtRisk99 => "var_99_of_loss",
            Self::TailValueAtRisk99 => "tvar_99_of_loss",
        }
    }

    /// The heading of a column.
    pub const fn label(self) -> &'static str {
        match self {
            Self::CededCost => "Ceded cost a year",
            Self::SdOfCededCost => "SD",
            Self::PurePremium => "Pure premium PMPM",
            Self::Premium => "Premium PMPM",
            Self::LeveragedTrend => "Leveraged trend",
            Self::PeopleAbove => "People above per 1,000",
            Self::ProbabilityOfPayment => "P(pays)",
            Self::ShareBorne => "Borne by the contract",
            Self::MeanGain => "Mean gain",
            Self::ChangeOfMeanGain => "Change of mean",
            Self::ProbabilityOfLoss => "P(loss)",
            Self::ValueAtRisk95 => "VaR 95%",
            Self::TailValueAtRisk95 => "TVaR 95%",
            Self::ValueAtRisk99 => "VaR 99%",
            Self::TailValueAtRisk99 => "TVaR 99%",
        }
    }

    /// The unit.
    pub const fn unit(self) -> Unit {
        match self {
            Self::PurePremium | Self::Premium => Unit::UsdPmpm,
            Self::LeveragedTrend | Self::ShareBorne => Unit::Share,
            Self::PeopleAbove => Unit::PerThousand,
            Self::ProbabilityOfPayment | Self::ProbabilityOfLoss => Unit::Probability,
            Self::CededCost
            | Self::SdOfCededCost
            | Self::MeanGain
            | Self::ChangeOfMeanGain
            | Self::ValueAtRisk95
            | Self::TailValueAtRisk95
            | Self::ValueAtRisk99
            | Self::TailValueAtRisk99 => Unit::UsdAYear,
        }
    }
}

/// A figure, or why it is not known; absent where it was not asked for or does not apply.
pub type PriceFigure = Option<Result<Estimate, String>>;

/// The figures at one attachment point, or without the cover.
#[derive(Clone, Debug, PartialEq)]
pub struct PricePoint {
    /// The point; none without the cover.
    pub attachment: Option<f64>,
    /// In the order of [`PriceMeasure::ALL`].
    pub figures: [PriceFigure; PriceMeasure::ALL.len()],
}

impl PricePoint {
    /// A figure.
    pub fn figure(&self, measure: PriceMeasure) -> &PriceFigure {
        &self.figures[measure as usize]
    }

    /// A figure that is known.
    pub fn known(&self, measure: PriceMeasure) -> Option<Estimate> {
        self.figure(measure).as_ref()?.as_ref().ok().copied()
    }
}

/// What covers of one kind cost around one contract, and what they do for the provider.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceReport {
    /// The scenario's name.
    pub scenario: String,
    /// The contract's name.
    pub contract: String,
    /// The kind of cover.
    pub cover: PricedCover,
    /// How the premium follows.
    pub rule: PremiumRule,
    /// Growth of all claims, for the leveraged trend; none where it was not asked for.
    pub trend: Option<f64>,
    /// What the covers are besides their attachment points, and what was assumed.
    pub assumptions: Vec<String>,
    /// Key of all random streams.
    pub seed: u64,
    /// Sampled years.
    pub trials: u64,
    /// Version of the program.
    pub version: String,
    /// The provider without the cover.
    pub uncovered: PricePoint,
    /// The points, in rising order.
    pub points: Vec<PricePoint>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_where_their_number_says() {
        for (index, measure) in PriceMeasure::ALL.into_iter().enumerate() {
            assert_eq!(measure as usize, index);
        }
    }
}
