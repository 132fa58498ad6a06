//! Segments crossed with risk tiers, and a population brought to a size.

use twosided_form::{At, Section, unique};
use twosided_population::{Segment, Utilization};
use twosided_prob::{Frequency, Severity};

const MOST_TIERS: usize = 20;

/// A part of every segment that uses more or less care than the rest, for as long as people live.
pub(crate) struct Tier {
    name: String,
    share: f64,
    use_factor: f64,
    risk_score: f64,
}

pub(crate) fn read_tiers(population: &Section<'_>) -> Option<Vec<Tier>> {
    let mut names: Vec<At<String>> = Vec::new();
    let tiers = population.or("tiers", Vec::new(), |population| {
        population.each("tiers", MOST_TIERS, |section| {
            let name = section.name("name").filter(|name| unique(&section, &mut names, name, "tier"));
            section.require("share", "give the share of people, as share = 0.05");
            let share =
                section.number_within("share", 1e-6, 1.0, "share is a part of the people, above 0 and at most 1");
            section.require("use", "give their use over that of others, as use = 4");
            let help = "a factor relative to other tiers, from 0.001 to 1,000; the segment's mean stays as it is";
            let use_factor = section.number_within("use", 0.001, 1_000.0, help);
            let risk_score = section.or("risk_score", 1.0, |section| {
                section.number_within("risk_score", 0.001, 1_000.0, help).map(|at| at.value)
            });
            section.finish();
            let (share, use_factor) = (share?.value, use_factor?.value);
            Some(Tier { name: name?.value, share, use_factor, risk_score: risk_score? })
        })
    })?;
    let total: f64 = tiers.iter().map(|tier| tier.share).sum();
    if !tiers.is_empty() && (total - 1.0).abs() > 1e-6 {
        let message = format!("population.tiers: the shares add to {}", twosided_form::figure(total));
        population.wrong(&population.span_of("tiers"), message, "the shares of tiers add to 1");
        return None;
    }
    Some(tiers)
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
            part.members = members;
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
        segment.members = members.max(1);
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
