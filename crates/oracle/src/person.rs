//! The law of one person's year: what some of the services cost, and the part of the year lived.

use std::collections::BTreeSet;

use twosided_population::{Mortality, Segment};
use twosided_prob::{upper_probability, upper_score};

use crate::{
    complex::Complex,
    grid::Grid,
    quadrature::{Weighted, normal_nodes, unit_nodes},
    service::Root,
};

/// People who live the same part of the year.
#[derive(Clone, Debug)]
pub(crate) struct Living {
    pub(crate) lived: f64,
    /// Probability, given that of being among them, of each cost on the grid; what is missing to one lies beyond the grid.
    pub(crate) masses: Vec<f64>,
    /// Probability of being among them.
    pub(crate) probability: f64,
}

/// How finely a person's life is integrated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    Fine,
    /// With half as many scores of frailty and times of death, to show what the finer rule may still be off by.
    Coarse,
}

/// Times of death.
const TIMES: u32 = 6;

/// Whether frailty moves what a person costs.
pub(crate) fn is_frail(segment: &Segment) -> bool {
    segment.services.iter().any(|service| service.frailty_loading != 0.0)
}

/// Whoever may die in the year.
pub(crate) fn mortality(segment: &Segment) -> Option<&Mortality> {
    segment.life.mortality.as_ref().filter(|mortality| mortality.probability > 0.0)
}

/// The law of a person's costs, each service's times a scale, by the part of the year lived.
pub(crate) fn lives(segment: &Segment, scales: &[f64], grid: &Grid, rule: Rule) -> Vec<Living> {
    let roots = Root::all(segment, scales, grid);
    let frailty = frailty_nodes(segment, rule);
    let scores: Vec<f64> = frailty.iter().map(|node| node.0).collect();
    let mortality = mortality(segment);
    let is_frail = is_frail(segment);
    let dies = |score: f64| match mortality {
        Some(mortality) if is_frail => probability_of_death(mortality, score),
        Some(mortality) => mortality.probability,
        None => 0.0,
    };
    let mut lives =
        vec![(1.0, frailty.iter().map(|&(score, weight)| weight * (1.0 - dies(score))).collect::<Vec<_>>())];
    if mortality.is_some() {
        let times = if rule == Rule::Fine { TIMES } else { TIMES / 2 };
        let of_time = |(lived, part): (f64, f64)| {
            (lived, frailty.iter().map(|&(score, weight)| part * weight * dies(score)).collect())
        };
        lives.extend(unit_nodes(times).into_iter().map(of_time));
    }
    let of_life = |(lived, weights): (f64, Vec<f64>)| {
        let probability: f64 = weights.iter().sum();
        let mut spectrum =
            if lived < 1.0 { end_of_life(segment, scales, grid) } else { vec![Complex::ONE; grid.frequencies()] };
        for root in roots.iter().filter(|root| !root.is_frail()) {
            multiply(&mut spectrum, &root.at(lived, &[0.0], grid)[0]);
        }
        let frail: Vec<&Root<'_>> = roots.iter().filter(|root| root.is_frail()).collect();
        if !frail.is_empty() {
            let mut mixed = vec![Complex::ZERO; grid.frequencies()];
            let at: Vec<Vec<Vec<Complex>>> = frail.iter().map(|root| root.at(lived, &scores, grid)).collect();
            for (index, weight) in weights.iter().enumerate() {
                let mut together = at[0][index].clone();
                for root in &at[1..] {
                    multiply(&mut together, &root[index]);
                }
                for (mixed, value) in mixed.iter_mut().zip(together) {
                    *mixed += value.scaled(weight / probability);
                }
            }
            multiply(&mut spectrum, &mixed);
        }
        Living { lived, masses: grid.masses(&spectrum), probability }
    };
    lives.into_iter().map(of_life).collect()
}

/// Scores of frailty, with their weights; one where it moves nothing. They are closer together where it decides nearly all.
pub(crate) fn frailty_nodes(segment: &Segment, rule: Rule) -> Vec<(f64, f64)> {
    let loadings = segment.services.iter().map(|service| service.frailty_loading);
    let loading = loadings.chain(mortality(segment).map(|mortality| mortality.frailty_loading));
    let most = loading.fold(0.0, |most: f64, loading| most.max(loading.abs()));
    if !is_frail(segment) {
        return vec![(0.0, 1.0)];
    }
    let own = (1.0 - most * most).max(0.0).sqrt();
    let nodes = normal_nodes((0.5 * own).clamp(0.04, 0.4));
    let weight = |node: &Weighted| if rule == Rule::Fine { node.weight } else { node.coarse };
    nodes.iter().map(|node| (node.at, weight(node))).filter(|node| node.1 > 0.0).collect()
}

fn probability_of_death(mortality: &Mortality, frailty: f64) -> f64 {
    let from = upper_score(mortality.probability);
    let loading = mortality.frailty_loading;
    let own = (1.0 - loading * loading).sqrt();
    if own > 0.0 { upper_probability((from - loading * frailty) / own) } else { f64::from(loading * frailty > from) }
}

/// The transform of what a death costs.
fn end_of_life(segment: &Segment, scales: &[f64], grid: &Grid) -> Vec<Complex> {
    let end = mortality(segment).and_then(|mortality| mortality.end_of_life.as_ref());
    let scale = |(name, part): &(String, f64)| segment.index(name).map_or(0.0, |index| part * scales[index]);
    match end.map(|end| (end, end.services.iter().map(scale).sum::<f64>())) {
        Some((end, scale)) if scale > 0.0 => grid.spectrum_of_tails(&grid.tails(end.amount.scaled(scale).law())),
        _ => vec![Complex::ONE; grid.frequencies()],
    }
}

fn multiply(spectrum: &mut [Complex], other: &[Complex]) {
    for (value, other) in spectrum.iter_mut().zip(other) {
        *value = *value * *other;
    }
}

/// What a person's costs are multiplied by who has just joined, or leaves, with the probability of each.
pub(crate) fn weights_of_movers(segment: &Segment, is_prospective: bool) -> Vec<(f64, f64)> {
    let Some(turnover) = segment.life.turnover else { return vec![(1.0, 1.0)] };
    let stays = 1.0 - turnover.rate;
    let joined = [(1.0, stays), (turnover.joiner_cost, turnover.rate)];
    let leaves: &[(f64, f64)] =
        if is_prospective { &[(1.0, stays), (turnover.leaver_cost, turnover.rate)] } else { &[(1.0, 1.0)] };
    let both = joined.iter().flat_map(|one| leaves.iter().map(move |other| (one.0 * other.0, one.1 * other.1)));
    let all: Vec<(f64, f64)> = both.filter(|(_, probability)| *probability > 0.0).collect();
    let different: BTreeSet<u64> = all.iter().map(|(weight, _)| weight.to_bits()).collect();
    if different.len() == 1 { vec![(all[0].0, 1.0)] } else { all }
}
