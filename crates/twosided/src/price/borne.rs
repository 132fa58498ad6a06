//! What share of the claims that a cover pays the contract bears without it.
//!
//! The contract is settled again as if the claims above the attachment point were not there. What that adds to its result, over those
//! claims, is the share that it bears: all of it under capitation, nothing under fees, and part of it where savings and losses are shared.

use twosided_contracts::{Settle, Year};
use twosided_population::{Attachment, Limit, Observation, PartAbove};
use twosided_prob::Estimate;
use twosided_report::PricedCover;
use twosided_sim::{KeptOutcomes, KeptYear};
use twosided_units::MemberMonths;

use super::{PriceError, Pricing, cover::Priced, settle};

/// A share, or why it is not known.
type Share = Result<Estimate, String>;

/// What is observed beyond the contract to know the share: all claims above the point, and the part of each observation of the terms.
pub(super) fn observes(priced: &Priced, attachment: &Attachment) -> Vec<Observation> {
    let services = priced.services();
    let parts = priced.uncovered().first().terms.as_settle().observes();
    let parts = parts.into_iter().filter_map(|observation| match observation.part_above(&services, attachment) {
        PartAbove::Layer(part) => Some(part),
        PartAbove::Nothing | PartAbove::Unknown => None,
    });
    [all_above(priced, attachment)].into_iter().chain(parts).collect()
}

fn all_above(priced: &Priced, attachment: &Attachment) -> Observation {
    Observation::Layer { services: priced.services(), attachment: attachment.clone(), limit: Limit::Unlimited }
}

/// The share at each point.
pub(super) fn shares(pricing: &Pricing<'_>) -> Result<Vec<Share>, PriceError> {
    let points = pricing.request.points.len();
    if pricing.priced.kind() == PricedCover::Corridor {
        // A corridor pays on the contract's own result.
        let whole = Estimate { value: 1.0, standard_error: 0.0, lower: 1.0, upper: 1.0, caution: None };
        return Ok(vec![Ok(whole); points]);
    }
    let without = match removed(pricing) {
        Ok(without) => without,
        Err(reason) => return Ok(vec![Err(reason); points]),
    };
    if depends_on_own_fees(pricing)? {
        let reason = "the share borne: the contract's result depends on fees for the provider's own care, whose part above the attachment \
                      point is not known"
            .to_owned();
        return Ok(vec![Err(reason); points]);
    }
    let uncovered = &pricing.contracts[0];
    let contracts = vec![uncovered.clone(); points];
    let settled = pricing.kept.settle(&contracts, pricing.control, |point, trial, year| {
        let Removed { parts, .. } = &without[point];
        let mut figures = year.figures.to_vec();
        for (figure, part) in figures.iter_mut().zip(parts) {
            *figure -= part.as_ref().map_or(0.0, |part| part[trial]);
        }
        settle(uncovered, &Year { figures: &figures, ..*year })
    })?;
    let tails = pricing.settled[1..].iter().map(|outcomes| pricing.priced.tail(&outcomes.tails));
    let points = settled.iter().zip(&without).zip(tails);
    let share = |((settled, without), tail): ((&KeptOutcomes, &Removed), f64)| {
        let pairs = settled.years.iter().zip(&pricing.settled[0].years);
        let added: Vec<f64> = pairs.map(|(without, with)| (without.result - with.result).0).collect();
        Ok(pricing.estimates.share(&added, &without.claims, tail)?)
    };
    points.map(share).collect()
}

/// What is not there, trial by trial.
struct Removed {
    /// All claims that are removed.
    claims: Vec<f64>,
    /// The part of each observation of the terms; none where it has none.
    parts: Vec<Option<Vec<f64>>>,
}

/// What is removed at each point, or why it is not known.
fn removed(pricing: &Pricing<'_>) -> Result<Vec<Removed>, String> {
    let (priced, uncovered) = (pricing.priced, &pricing.contracts[0]);
    let services = priced.services();
    let terms = uncovered.first().terms.as_settle();
    let observed = terms.observes();
    let totals = |observation: Observation| -> Vec<f64> {
        let totals = pricing.kept.totals(uncovered, &[observation]).expect("it is kept");
        totals.into_iter().next().expect("one was asked for")
    };
    let mut all = Vec::new();
    for (index, &point) in pricing.request.points.iter().enumerate() {
        let mut parts = Vec::new();
        let claims = if let Some(attachment) = priced.attachment(point) {
            for observation in &observed {
                parts.push(match observation.part_above(&services, &attachment) {
                    PartAbove::Nothing => None,
                    PartAbove::Layer(part) => Some(totals(part)),
                    PartAbove::Unknown => return Err(unknown(terms)),
                });
            }
            totals(all_above(priced, &attachment))
        } else {
            let claims = above_aggregate(pricing, index, &totals(Observation::total(services.clone())));
            for observation in &observed {
                if *observation == Observation::total(services.clone()) {
                    parts.push(Some(claims.clone()));
                } else if observation.is_dollars() {
                    return Err(
                        "the share borne: the terms count a part of each person's cost, and an aggregate cover does not say whose cost it pays"
                            .to_owned(),
                    );
                } else {
                    parts.push(None);
                }
            }
            claims
        };
        all.push(Removed { claims, parts });
    }
    Ok(all)
}

/// Why a part is not known.
fn unknown(terms: &dyn Settle) -> String {
    let by_service = terms.observes().iter().any(|observation| {
        matches!(
            observation,
            Observation::Expenditure { .. } | Observation::CappedExpenditure { .. } | Observation::Episodes { .. }
        )
    });
    let counts = if by_service {
        "count the cost of a service, which is not known by person"
    } else {
        "count people's cost on other services than the cover"
    };
    format!("the share borne: the terms {counts}")
}

/// Claims of each trial above the aggregate attachment point.
fn above_aggregate(pricing: &Pricing<'_>, index: usize, totals: &[f64]) -> Vec<f64> {
    let cover = pricing.contracts[index + 1].first().covers.aggregate;
    let years = totals.iter().zip(&pricing.settled[0].years).zip(&pricing.months);
    let above = |((total, uncovered), months): ((&f64, &KeptYear), &f64)| {
        let point = cover.map_or(f64::INFINITY, |cover| cover.attachment_point(MemberMonths(*months)).0);
        (total - uncovered.stop_loss.of_specific.0 - point).max(0.0)
    };
    years.map(above).collect()
}

/// Whether another amount of own fees changes the contract's result in any trial.
fn depends_on_own_fees(pricing: &Pricing<'_>) -> Result<bool, PriceError> {
    let alone = [pricing.contracts[0].clone()];
    let doubled = pricing.kept.settle(&alone, pricing.control, |_, _, year| {
        settle(&alone[0], &Year { own_fees: year.own_fees * 2.0, ..*year })
    })?;
    let pairs = doubled[0].years.iter().zip(&pricing.settled[0].years);
    let mut differs = pairs.map(|(doubled, once)| doubled.result != once.result);
    Ok(differs.any(|differs| differs))
}
