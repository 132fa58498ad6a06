//! What a person's years and services have in common: one frailty, by the method of moments.

use std::collections::BTreeMap;

use twosided_prob::Stream;

use crate::{
    error::Figure,
    normal_scores::Scores,
    search::least,
    special::{logistic, logit},
};

/// Fewest pairs of person-years that make an equation.
const FEWEST_PAIRS: usize = 30;
/// Greatest loading and persistence.
const MOST: f64 = 0.99;
/// Weight of the wish that loadings are alike, which decides only what the data leave open.
const WISH: f64 = 1e-6;

/// Years of people, for their correlations.
#[derive(Clone, Debug, Default)]
pub struct Histories {
    /// Whose year, and which.
    pub years: Vec<(u32, i64)>,
    /// Of each service, in each of those years: its count, or its cost.
    pub amounts: Vec<Vec<f64>>,
}

/// Which two amounts of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pair {
    /// Two services in the same year, by their places.
    Services(usize, usize),
    /// One service in two years, this many apart.
    Years(usize, u8),
}

/// A latent correlation, as observed and as the fitted frailty has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrailtyCorrelation {
    /// Of what.
    pub pair: Pair,
    /// Pairs of amounts.
    pub pairs: usize,
    /// Of the data.
    pub observed: Figure,
    /// Of the fitted frailty.
    pub fitted: f64,
}

/// A frailty that was fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct FrailtyFit {
    /// Correlation of a person's frailty between a year and the next.
    pub persistence: Figure,
    /// Correlation of each service's normal score with the frailty.
    pub loadings: Vec<Figure>,
    /// What it rests on.
    pub correlations: Vec<FrailtyCorrelation>,
    /// What the data do not settle.
    pub notes: Vec<String>,
}

/// An equation of the fit: each person's sum of products and number of pairs.
struct Equation {
    pair: Pair,
    people: Vec<(f64, f64)>,
}

impl Histories {
    /// Fits the frailty: loadings and persistence by least squares on latent correlations, each weighted by its pairs, errors
    /// by drawing people again with their scores.
    ///
    /// Draw order: one word a person and sample.
    pub(crate) fn fit(&self, samples: u32, stream: &mut Stream) -> FrailtyFit {
        let services = self.amounts.len();
        let scores: Vec<Scores> = self.amounts.iter().map(|amounts| Scores::new(amounts)).collect();
        let equations = self.equations(&scores);
        let has_years = equations.iter().any(|equation| matches!(equation.pair, Pair::Years(..)));
        let people = equations.first().map_or(0, |equation| equation.people.len());
        let correlations = |weights: &[f64]| -> Vec<f64> {
            equations.iter().map(|equation| correlation(equation, &scores, weights)).collect()
        };
        let pairs: Vec<f64> =
            equations.iter().map(|equation| equation.people.iter().map(|person| person.1).sum()).collect();
        let solve =
            |observed: &[f64], start: Option<&[f64]>| solve(&equations, &pairs, observed, services, has_years, start);
        let observed = correlations(&vec![1.0; people]);
        let found = solve(&observed, None);
        let mut drawn: Vec<Vec<f64>> = Vec::new();
        let mut drawn_correlations: Vec<Vec<f64>> = Vec::new();
        for _ in 0..samples.max(20) {
            let mut weights = vec![0.0; people];
            for _ in 0..people {
                weights[(stream.uniform() * people as f64) as usize] += 1.0;
            }
            let observed = correlations(&weights);
            drawn.push(solve(&observed, Some(&found)));
            drawn_correlations.push(observed);
        }
        let figure = |values: &[f64], drawn: &[Vec<f64>], at: usize| {
            let mean = drawn.iter().map(|sample| sample[at]).sum::<f64>() / drawn.len() as f64;
            let square = drawn.iter().map(|sample| (sample[at] - mean).powi(2)).sum::<f64>();
            Figure { value: values[at], standard_error: (square / (drawn.len() - 1) as f64).sqrt() }
        };
        let correlations = equations.iter().enumerate().map(|(at, equation)| FrailtyCorrelation {
            pair: equation.pair,
            pairs: pairs[at] as usize,
            observed: figure(&observed, &drawn_correlations, at),
            fitted: modeled(equation.pair, &found),
        });
        FrailtyFit {
            persistence: figure(&found, &drawn, services),
            loadings: (0..services).map(|at| figure(&found, &drawn, at)).collect(),
            correlations: correlations.collect(),
            notes: notes(&equations, &found, services, has_years),
        }
    }

    fn equations(&self, scores: &[Scores]) -> Vec<Equation> {
        let mut persons: BTreeMap<u32, usize> = BTreeMap::new();
        for (person, _) in &self.years {
            let next = persons.len();
            persons.entry(*person).or_insert(next);
        }
        let rows: BTreeMap<(u32, i64), usize> = self.years.iter().copied().zip(0..).collect();
        let services = scores.len();
        let mut pairs: Vec<Pair> =
            (0..services).flat_map(|a| (a + 1..services).map(move |b| Pair::Services(a, b))).collect();
        // The correlation two years apart separates the persistence of a single service from its loading.
        let farthest = if services == 1 { 2 } else { 1 };
        pairs.extend((0..services).flat_map(|service| (1..=farthest).map(move |apart| Pair::Years(service, apart))));
        let of_pair = |pair: Pair| {
            let mut people = vec![(0.0, 0.0); persons.len()];
            for (&(person, year), &row) in &rows {
                let product = match pair {
                    Pair::Services(a, b) => Some(scores[a].scores[row] * scores[b].scores[row]),
                    Pair::Years(service, apart) => rows
                        .get(&(person, year + i64::from(apart)))
                        .map(|&later| scores[service].scores[row] * scores[service].scores[later]),
                };
                if let Some(product) = product {
                    let own = &mut people[persons[&person]];
                    *own = (own.0 + product, own.1 + 1.0);
                }
            }
            Equation { pair, people }
        };
        let enough =
            |equation: &Equation| equation.people.iter().filter(|person| person.1 > 0.0).count() >= FEWEST_PAIRS;
        pairs.into_iter().map(of_pair).filter(enough).collect()
    }
}

fn correlation(equation: &Equation, scores: &[Scores], weights: &[f64]) -> f64 {
    let (mut products, mut pairs) = (0.0, 0.0);
    for ((product, many), weight) in equation.people.iter().zip(weights) {
        products += weight * product;
        pairs += weight * many;
    }
    let (a, b) = match equation.pair {
        Pair::Services(a, b) => (a, b),
        Pair::Years(service, _) => (service, service),
    };
    if pairs > 0.0 { scores[a].correlation(&scores[b], products / pairs) } else { 0.0 }
}

/// The correlation that loadings, and after them the persistence, make.
fn modeled(pair: Pair, at: &[f64]) -> f64 {
    let persistence = at[at.len() - 1];
    match pair {
        Pair::Services(a, b) => at[a] * at[b],
        Pair::Years(service, apart) => at[service] * at[service] * persistence.powi(i32::from(apart)),
    }
}

/// Loadings, then the persistence.
fn solve(
    equations: &[Equation],
    pairs: &[f64],
    observed: &[f64],
    services: usize,
    has_years: bool,
    start: Option<&[f64]>,
) -> Vec<f64> {
    if equations.is_empty() {
        return vec![0.0; services + 1];
    }
    let total: f64 = pairs.iter().sum();
    let numbers = |free: &[f64]| -> Vec<f64> { free.iter().map(|x| MOST * logistic(*x)).collect() };
    let distance = |free: &[f64]| {
        let at = numbers(free);
        let misses: f64 = equations
            .iter()
            .zip(pairs)
            .zip(observed)
            .map(|((equation, many), observed)| many / total * (observed - modeled(equation.pair, &at)).powi(2))
            .sum();
        let mean = at[..services].iter().sum::<f64>() / services as f64;
        let unlike: f64 = at[..services].iter().map(|loading| (loading - mean).powi(2)).sum();
        misses + WISH * (unlike + (at[services] - mean * mean).powi(2))
    };
    let start = match start {
        Some(found) => found.iter().map(|x| logit((x / MOST).clamp(0.01, 0.99))).collect(),
        None => vec![0.0; services + 1],
    };
    let mut found = numbers(&least(&start, 0.8, distance));
    if !has_years {
        found[services] = 0.0;
    }
    found
}

fn notes(equations: &[Equation], found: &[f64], services: usize, has_years: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if equations.is_empty() {
        let what =
            "too few people have two full years or two services: no frailty is fitted, loadings and persistence are 0";
        return vec![what.to_owned()];
    }
    if !has_years {
        notes.push(
            "too few people have two full years in a row: persistence is not fitted, and written as 0".to_owned(),
        );
    }
    let settled = match (services, has_years) {
        (1, true) => equations.len() >= 2,
        (2, false) => false,
        _ => true,
    };
    if !settled {
        notes.push(
            "loadings and persistence are not settled by these years alone: the most alike were taken".to_owned(),
        );
    }
    if found[services] > 0.98 * MOST || found[..services].iter().any(|loading| *loading > 0.98 * MOST) {
        notes.push(format!("a loading or the persistence ends at its border, {MOST}: one frailty does not fit well"));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_prob::{Purpose, StreamKey};

    fn stream(trial: u64) -> Stream {
        Stream::new(&StreamKey { seed: 5, purpose: Purpose::Resample, segment: 0, service: 0, trial, year: 0 })
    }

    /// People of four years, whose services load on a frailty of persistence 0.8 and are zero below a cut.
    fn histories(loadings: &[f64], cuts: &[f64], people: u32) -> Histories {
        let mut stream = stream(1);
        let mut histories = Histories { years: Vec::new(), amounts: vec![Vec::new(); loadings.len()] };
        for person in 0..people {
            let mut frailty = stream.normal();
            for year in 0..4 {
                if year > 0 {
                    frailty = 0.8 * frailty + 0.6 * stream.normal();
                }
                histories.years.push((person, year));
                for (service, (loading, cut)) in loadings.iter().zip(cuts).enumerate() {
                    let score = loading * frailty + (1.0 - loading * loading).sqrt() * stream.normal();
                    histories.amounts[service].push((score - cut).max(0.0).exp_m1());
                }
            }
        }
        histories
    }

    #[test]
    fn loadings_and_persistence_are_recovered_through_zeros() {
        let truth = [0.7, 0.5, 0.4];
        let fit = histories(&truth, &[-0.5, 0.3, 1.2], 3_000).fit(60, &mut stream(2));
        for (loading, truth) in fit.loadings.iter().zip(truth) {
            assert!((loading.value - truth).abs() < 4.0 * loading.standard_error, "{fit:?}");
            assert!(loading.standard_error < 0.05);
        }
        assert!((fit.persistence.value - 0.8).abs() < 4.0 * fit.persistence.standard_error, "{:?}", fit.persistence);
        assert!(fit.notes.is_empty(), "{:?}", fit.notes);
        assert_eq!(fit.correlations.len(), 6);
    }

    #[test]
    fn one_service_is_settled_by_years_two_apart() {
        let fit = histories(&[0.8], &[0.0], 3_000).fit(60, &mut stream(3));
        assert!((fit.loadings[0].value - 0.8).abs() < 4.0 * fit.loadings[0].standard_error, "{fit:?}");
        assert!((fit.persistence.value - 0.8).abs() < 4.0 * fit.persistence.standard_error, "{fit:?}");
    }

    #[test]
    fn what_one_year_cannot_settle_is_said() {
        let mut histories = histories(&[0.7, 0.6], &[0.0, 0.0], 500);
        let keep: Vec<bool> = histories.years.iter().map(|(_, year)| *year == 0).collect();
        for amounts in &mut histories.amounts {
            let mut kept = keep.iter();
            amounts.retain(|_| *kept.next().expect("as many"));
        }
        histories.years.retain(|(_, year)| *year == 0);
        let fit = histories.fit(20, &mut stream(4));
        assert_eq!((fit.persistence.value, fit.notes.len()), (0.0, 2), "{fit:?}");
        assert!((fit.loadings[0].value - fit.loadings[1].value).abs() < 0.01);
        let nobody = Histories { years: vec![(0, 1)], amounts: vec![vec![1.0]] };
        assert_eq!(nobody.fit(20, &mut stream(5)).loadings[0].value, 0.0);
    }
}
