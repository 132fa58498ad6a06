//! Whether contracts bear what their stop-loss covers pay.

use twosided_contracts::{Arrangement, Covers, Payment};
use twosided_form::Warnings;
use twosided_population::{Limit, Observation, Segment};
use twosided_units::Dollars;

use crate::Scenario;

/// Notes covers that pay for what their contract does not bear: a stop-loss pays on cost as it is, and a settlement may truncate
/// it, or not look at it at all.
pub(crate) fn note(warnings: &mut Warnings, scenario: &Scenario) {
    for (place, contract) in (1..).zip(&scenario.contracts) {
        for (phase, (_, arrangement)) in contract.phases().enumerate() {
            let path = match phase {
                0 => format!("contracts[{place}].covers"),
                later => format!("contracts[{place}].later[{later}].covers"),
            };
            let bearing = Bearing::of(arrangement);
            let Covers { specific, aggregate, .. } = &arrangement.covers;
            if let Some(specific) = specific {
                let width = specific.limit.map(|limit| limit * (1.0 / specific.coinsurance.value()));
                let above = |segment: &Segment, borne_to: Dollars| {
                    let from = specific.attachment.of(segment.called());
                    width.is_none_or(|width| from + width > borne_to)
                };
                let reason = bearing.reason(scenario.population.segments(), &above, "counts each person's whole cost");
                if let Some(reason) = reason {
                    let message =
                        format!("the specific cover of \"{}\" pays what its contract does not bear", contract.name);
                    warnings.note(&format!("{path}.specific"), message, reason);
                }
            }
            if aggregate.is_some() {
                let reason =
                    bearing.reason(scenario.population.segments(), &|_, _| true, "counts the year's whole cost");
                if let Some(reason) = reason {
                    let message =
                        format!("the aggregate cover of \"{}\" pays what its contract does not bear", contract.name);
                    warnings.note(&format!("{path}.aggregate"), message, reason);
                }
            }
        }
    }
}

/// How much of a person's cost moves what a contract pays.
enum Bearing {
    /// All of it.
    All,
    /// Up to the truncation points of segments.
    ToTruncationPoints,
    /// Up to so much a person.
    To(Dollars),
    /// What is spent on episodes.
    Episodes,
    /// None.
    None,
}

impl Bearing {
    fn of(arrangement: &Arrangement) -> Self {
        if let Payment::AtRisk(_) = arrangement.payment() {
            return Self::All;
        }
        let alone = Arrangement { covers: Covers::default(), ..arrangement.clone() };
        let observations = alone.observes();
        let layer = observations.iter().find_map(|observation| match observation {
            Observation::Layer { limit, .. } => Some(*limit),
            _ => None,
        });
        match layer {
            Some(Limit::Unlimited | Limit::Width(_)) => Self::All,
            Some(Limit::TruncationPoint) => Self::ToTruncationPoints,
            Some(Limit::Amount(limit)) => Self::To(limit),
            None if observations.iter().any(Observation::is_dollars) => Self::Episodes,
            None => Self::None,
        }
    }

    /// Why a cover that reaches above an amount pays what is not borne, if it does.
    fn reason(
        &self,
        segments: &[Segment],
        reaches_above: &dyn Fn(&Segment, Dollars) -> bool,
        counts: &str,
    ) -> Option<String> {
        match self {
            Self::All => None,
            Self::ToTruncationPoints => segments.iter().find_map(|segment| {
                let point = segment.truncation_point?;
                reaches_above(segment, point).then(|| {
                    format!(
                        "the cover {counts}, and the settlement truncates that of segment \"{}\" at {point}: what lies above \
                         is paid by the cover and costs the provider nothing",
                        segment.name
                    )
                })
            }),
            Self::To(limit) => segments.iter().any(|segment| reaches_above(segment, *limit)).then(|| {
                format!(
                    "the cover {counts}, and the settlement truncates it at {limit}: what lies above is paid by the cover and \
                     costs the provider nothing"
                )
            }),
            Self::Episodes => Some(format!("the cover {counts}, and the contract settles on episodes alone")),
            Self::None => Some(format!("the cover {counts}, which changes nothing of what the contract pays")),
        }
    }
}
