//! Segments crossed with risk tiers, and a population brought to a size.

use twosided_form::{At, Key, List, Literal::Number, Range, Section, figure, keys, unique};
use twosided_population::{Segment, Utilization};
use twosided_prob::{Frequency, Severity};

/// A part of every segment that uses more or less care than the rest, for as long as people live.
pub(crate) struct Tier {
    name: String,
    share: f64,
    use_factor: f64,
    risk_score: f64,
}

/// Use and scores relative to other tiers.
const RELATIVE: Range = Range::of(0.001, 1_000.0);

/// The tiers of a population.
pub(crate) const TIERS: Key<List> = Key::tables("tiers", TierKeys::TABLE, 20)
    .absent("none", "[{ name = \"complex\", share = 0.05, use = 4 }, { name = \"others\", share = 0.95, use = 1 }]")
    .meaning("the risk tiers, crossed with every segment");

keys! {
    /// A tier.
    pub(crate) struct TierKeys "population.tiers" {
        NAME: String = Key::name().more("Unique among tiers");
        SHARE: f64 = Key::number("share", Range::above(0.0, 1.0)).required("0.05")
            .meaning("the share of the people").more("The shares add to 1");
        USE: f64 = Key::number("use", RELATIVE).required("4").meaning("the use relative to the other tiers")
            .more("Of events, or of amounts, of annual services and of `bernoulli` events; the segment's mean stays as it is");
        RISK_SCORE: f64 = Key::number("risk_score", RELATIVE).default(Number(1.0))
            .meaning("the mean score relative to the other tiers");
    }
}

pub(crate) fn read_tiers(population: &Section<'_>) -> Option<Vec<Tier>> {
    let mut names: Vec<At<String>> = Vec::new();
    let tiers = population.optional_tables(&TIERS, |section| read_tier(section, &mut names))?;
    let total: f64 = tiers.iter().map(|tier| tier.share).sum();
    if !tiers.is_empty() && (total - 1.0).abs() > 1e-6 {
        let message = format!("population.tiers: the shares add to {}", figure(total));
        population.wrong(&population.span_of(TIERS.name), message, "the shares of tiers add to 1");
        return None;
    }
    Some(tiers)
}

fn read_tier(section: Section<'_>, names: &mut Vec<At<String>>) -> Option<Tier> {
    type Keys = TierKeys;
    let name = section.read_at(&Keys::NAME).filter(|name| unique(&section, names, name, "tier"));
    let (share, use_factor) = (section.read(&Keys::SHARE), section.read(&Keys::USE));
    let risk_score = section.read(&Keys::RISK_SCORE);
    section.finish();
    Some(Tier { name: name?.value, share: share?, use_factor: use_factor?, risk_score: risk_score? })
}

/// Every segment split into its tiers, each with its share of the people; the segment's expected use and score stay.
pub(crate) fn split(segments: Vec<Segment>, tiers: &[Tier]) -> Vec<Segment> {
    if tiers.is_empty() {
        return segments;
    }
    let shares: Vec<(&str, f64)> = tiers.iter().map(|tier| (tier.name.as_str(), tier.share)).collect();
    let by_name = places_by_name(&shares);
    let mut split = Vec::new();
    for segment in segments {
        let members = apportion(segment.members, &shares);
        let people: f64 = members.iter().map(|&members| members as f64).sum();
        let mean = |of: &dyn Fn(&Tier) -> f64| {
            let weighed = by_name.iter().map(|&index| of(&tiers[index]) * members[index] as f64 / people);
            weighed.sum::<f64>()
        };
        let (mean_use, mean_score) = (mean(&|tier| tier.use_factor), mean(&|tier| tier.risk_score));
        for (tier, &members) in tiers.iter().zip(&members).filter(|&(_, &members)| members > 0) {
            let mut part = segment.clone();
            part.name = format!("{}, {}", segment.name, tier.name);
            part.group = Some(segment.name.clone());
            part.set_members(members);
            if let Some(score) = &mut part.risk_score {
                score.mean *= tier.risk_score / mean_score;
            }
            for service in &mut part.services {
                scale(&mut service.utilization, tier.use_factor / mean_use);
            }
            split.push(part);
        }
    }
    split
}

/// Multiplies use: events where there are more than one a person, and otherwise amounts.
fn scale(utilization: &mut Utilization, factor: f64) {
    match utilization {
        Utilization::Events { frequency, severity } => match frequency {
            Frequency::Poisson { mean }
            | Frequency::NegativeBinomial { mean, .. }
            | Frequency::ZeroInflatedPoisson { mean, .. }
            | Frequency::ZeroInflatedNegativeBinomial { mean, .. } => *mean *= factor,
            Frequency::Bernoulli { .. } => scale_amount(severity, factor),
        },
        Utilization::Following { .. } => {}
        Utilization::Annual { amount, .. } => scale_amount(amount, factor),
    }
}

fn scale_amount(severity: &mut Severity, factor: f64) {
    *severity = severity.scaled(factor);
}

/// Brings the segments to a number of people in all, in the proportions that they have.
pub(crate) fn resize(segments: &mut [Segment], members: u64) {
    let shares: Vec<(&str, f64)> =
        segments.iter().map(|segment| (segment.name.as_str(), segment.members as f64)).collect();
    let members = apportion(members, &shares);
    for (segment, members) in segments.iter_mut().zip(members) {
        segment.set_members(members.max(1));
    }
}

/// Places of named shares in the order of their names, in which they are summed and served: what comes out does not depend
/// on the order of the file.
fn places_by_name(shares: &[(&str, f64)]) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..shares.len()).collect();
    indices.sort_by_key(|&index| shares[index].0);
    indices
}

/// So many whole people in the proportions of the shares: those with the largest remainders get one more, and of equal
/// remainders the first by name.
fn apportion(members: u64, shares: &[(&str, f64)]) -> Vec<u64> {
    let mut by_remainder = places_by_name(shares);
    let total: f64 = by_remainder.iter().map(|&index| shares[index].1).sum();
    let exact: Vec<f64> = shares.iter().map(|(_, share)| members as f64 * share / total).collect();
    let mut whole: Vec<u64> = exact.iter().map(|exact| exact.floor() as u64).collect();
    by_remainder.sort_by(|&a, &b| exact[b].fract().total_cmp(&exact[a].fract()));
    let left = members.saturating_sub(whole.iter().sum());
    for &index in by_remainder.iter().cycle().take(left as usize) {
        whole[index] += 1;
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_apportioned_whole() {
        assert_eq!(apportion(10, &[("c", 1.0), ("a", 1.0), ("b", 1.0)]), [3, 4, 3]);
        assert_eq!(apportion(1_000, &[("a", 0.62), ("b", 0.092), ("c", 8.424)]).iter().sum::<u64>(), 1_000);
    }
}
