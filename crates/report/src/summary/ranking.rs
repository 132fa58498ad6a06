//! Which contracts are dominated, and which is best under which preference.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twosided_prob::{Alternatives, Best, BestFrom, Design, Dominated, JointFigure, Sample};
use twosided_units::Share;

use crate::{ContractSummary, Figure, Period, RiskMeasure, Unit};

/// Contracts ranked by their mean gain and their TVaR 95, on the same trials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ranking {
    /// The confidence with which all that is called separated or dominated holds together.
    pub confidence: f64,
    /// Contracts that are worse than another in mean and in TVaR 95.
    pub dominated: Vec<DominatedContract>,
    /// The contract of the highest mean gain.
    pub highest_mean: BestContract,
    /// The contract of the least TVaR 95.
    pub least_tvar_95: BestContract,
    /// By the most TVaR 95 that is accepted: the contract of the highest mean gain within it.
    pub by_limit_on_tvar_95: Vec<BestContractFrom>,
    /// By the highest probability of a loss that is accepted: the contract of the highest mean gain within it.
    pub by_limit_on_probability_of_loss: Vec<BestContractFrom>,
    /// By the dollars of mean gain that a dollar of TVaR 95 counts for: the contract of the highest mean less that weight times the TVaR 95.
    pub by_weight_of_tvar_95: Vec<BestContractFrom>,
}

/// A contract that is worse than another in mean and in TVaR 95, beyond chance; or in one of them, where the other is equal in every trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DominatedContract {
    /// The contract.
    pub contract: String,
    /// The contract that is better.
    pub by: String,
    /// Mean gain of the better less that of the contract, by paired trials.
    pub mean_gain: Figure,
    /// TVaR 95 of the loss of the contract less that of the better, by paired trials.
    pub tvar_95_of_loss: Figure,
}

/// The best contract under a preference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BestContract {
    /// The contract.
    pub contract: String,
    /// Contracts that chance may have put after it, the next best first.
    pub not_separated_from: Vec<String>,
}

/// The best contract from a number of the preference on, up to that of the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BestContractFrom {
    /// Where the range begins; absent of weights from zero on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Figure>,
    /// The contract.
    pub contract: String,
    /// Contracts that chance may have put after it anywhere in the range, the next best first.
    pub not_separated_from: Vec<String>,
}

/// The figures of one contract by which it is ranked, with what each trial adds to them.
#[derive(Clone, Copy, Debug)]
pub(super) struct RiskFigures<'a> {
    pub(super) mean: JointFigure<'a>,
    pub(super) tvar_95: JointFigure<'a>,
    pub(super) sd: JointFigure<'a>,
    probability_of_loss: JointFigure<'a>,
}

impl<'a> RiskFigures<'a> {
    /// Of gains in the order of their trials.
    pub(super) fn new(gains: &'a [f64], sample: &Sample) -> Self {
        Self {
            mean: JointFigure::mean(gains, sample),
            tvar_95: JointFigure::tail_value_at_risk(gains, sample, level()),
            sd: JointFigure::sd(gains, sample),
            probability_of_loss: JointFigure::probability_of_loss(gains, sample),
        }
    }

    /// The same of a contract whose gain differs by rounding alone.
    pub(super) fn certain(self, value: impl Fn(RiskMeasure) -> f64) -> Self {
        Self {
            mean: self.mean.certain(value(RiskMeasure::MeanGain)),
            tvar_95: self.tvar_95.certain(value(RiskMeasure::TailValueAtRisk95)),
            sd: self.sd.certain(0.0),
            probability_of_loss: self.probability_of_loss.certain(value(RiskMeasure::ProbabilityOfLoss)),
        }
    }
}

/// The level of the tail value at risk, and the confidence of all verdicts.
fn level() -> Share {
    Share::new(0.95).expect("a level is a share")
}

impl Ranking {
    /// Ranks contracts by their figures, in the same order; none where there are not two contracts, or none but fee-for-service.
    pub(super) fn new<'a>(
        design: &Design,
        contracts: &[ContractSummary],
        figures: &[RiskFigures<'a>],
        found: impl Fn(Figure) -> Figure,
        period: Period,
    ) -> Option<Self> {
        // A tail of fewer than two trials has no error, and what has none is not ranked.
        let in_tail = level().complement().value() * design.trials() as f64;
        if contracts.len() < 2 || contracts.iter().all(|contract| contract.is_reference) || in_tail < 2.0 {
            return None;
        }
        let by = |risk: fn(&RiskFigures<'a>) -> JointFigure<'a>| {
            let figures: Vec<_> = figures.iter().map(|figures| [figures.mean, risk(figures)]).collect();
            Alternatives::new(design, &figures, level())
        };
        let tails = by(|figures| figures.tvar_95);
        let losses = by(|figures| figures.probability_of_loss);
        let name = |index: usize| contracts[index].name.clone();
        let best = |Best { alternative, not_separated_from }: Best| BestContract {
            contract: name(alternative),
            not_separated_from: not_separated_from.into_iter().map(name).collect(),
        };
        let limits = |alternatives: &Alternatives, measure: RiskMeasure| -> Vec<BestContractFrom> {
            let ranges = alternatives.frontier().into_iter().map(|BestFrom { best: of, .. }| {
                let from = Some(contracts[of.alternative].measures[measure as usize]);
                let BestContract { contract, not_separated_from } = best(of);
                BestContractFrom { from, contract, not_separated_from }
            });
            ranges.collect()
        };
        let weights = tails.by_weight().into_iter().map(|BestFrom { from, best: of }| {
            let from = from.map(|from| found(Figure::new(Unit::Ratio, from)));
            let BestContract { contract, not_separated_from } = best(of);
            BestContractFrom { from, contract, not_separated_from }
        });
        let dominated =
            tails.dominated().into_iter().map(|Dominated { alternative, by, mean, risk }| DominatedContract {
                contract: name(alternative),
                by: name(by),
                mean_gain: found(Figure::new(period.unit(), mean)),
                tvar_95_of_loss: found(Figure::new(period.unit(), risk)),
            });
        Some(Self {
            confidence: level().value(),
            dominated: dominated.collect(),
            highest_mean: best(tails.highest_mean()?),
            least_tvar_95: best(tails.least_risk()?),
            by_limit_on_tvar_95: limits(&tails, RiskMeasure::TailValueAtRisk95),
            by_limit_on_probability_of_loss: limits(&losses, RiskMeasure::ProbabilityOfLoss),
            by_weight_of_tvar_95: weights.collect(),
        })
    }

    /// The names of the contracts that are better than that one in mean and in TVaR 95.
    pub fn better_than(&self, contract: &str) -> Vec<&str> {
        let better = self.dominated.iter().filter(|dominated| dominated.contract == contract);
        better.map(|dominated| dominated.by.as_str()).collect()
    }
}
