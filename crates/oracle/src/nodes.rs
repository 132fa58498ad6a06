//! The factors of a year as a few values with weights.

use twosided_population::{FactorLaw, Population, SystemYear};

use crate::{
    NoExactLaw,
    quadrature::{Weighted, normal_nodes},
};

/// The factors of a first year, with the weight of those values.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Weight; all add to one.
    pub weight: f64,
    /// Weight under a rule of half as many values, by which the error of this one is bounded; the same as `weight` where no such
    /// rule is known.
    pub coarse_weight: f64,
    /// The factors.
    pub year: SystemYear,
}

/// Nodes at most.
const MOST: usize = 10_000;
/// Distance of two nodes where a contract's gain varies as much by the factor as by chance; smaller where it is the factor.
const DISTANCE: f64 = 0.6;
/// Spread of a person's annual cost over its mean, on the low side.
const PERSON_CV: f64 = 1.5;
/// Weights below this are left out.
const LEAST: f64 = 1e-10;

/// The values of the trend and the factors of a population's first year.
pub(crate) fn nodes(population: &Population) -> Result<Vec<Node>, NoExactLaw> {
    let system = population.system();
    let people = population.members() as f64;
    let mut normals: Vec<Vec<Weighted>> = vec![of_scale(system.trend.scale(), people)];
    for factor in system.factors() {
        let loading = &factor.loading;
        let others = loading.services.values().chain([&loading.cost, &loading.benchmark]);
        let steepest = others.fold(0.0, |most: f64, loading| most.max(loading.abs()))
            * loading.segments.values().fold(1.0, |most: f64, loading| most.max(loading.abs()));
        normals.push(if steepest > 0.0 { of_law(&factor.law, steepest, people) } else { of_scale(0.0, people) });
    }
    for (index, factor) in system.factors().iter().enumerate() {
        if matches!(factor.law, FactorLaw::Shock { .. }) && system.is_correlated(index) {
            return Err(NoExactLaw::CorrelatedShock(factor.name.clone()));
        }
    }
    let mut combined = vec![(1.0, 1.0, Vec::new())];
    for nodes in &normals {
        let with = |(weight, coarse, scores): &(f64, f64, Vec<f64>)| -> Vec<(f64, f64, Vec<f64>)> {
            let next = |node: &Weighted| {
                (weight * node.weight, coarse * node.coarse, scores.iter().copied().chain([node.at]).collect())
            };
            nodes.iter().map(next).collect()
        };
        // One above the most is enough to know that there are too many.
        combined = combined.iter().flat_map(with).filter(|(weight, ..)| *weight > LEAST).take(MOST + 1).collect();
    }
    let count = combined.len();
    if count > MOST {
        let varying = normals.iter().filter(|nodes| nodes.len() > 1).count();
        return Err(NoExactLaw::ManyFactors(varying, MOST));
    }
    let [sum, coarse_sum] = combined.iter().fold([0.0; 2], |[sum, coarse], node| [sum + node.0, coarse + node.1]);
    let of = |(weight, coarse, scores): (f64, f64, Vec<f64>)| {
        let year = system.first_year(scores[0], &scores[1..]).ok_or(NoExactLaw::Copula)?;
        Ok(Node { weight: weight / sum, coarse_weight: coarse / coarse_sum, year })
    };
    combined.into_iter().map(of).collect()
}

/// Nodes of a normal that moves costs by a scale of their logarithm.
fn of_scale(scale: f64, people: f64) -> Vec<Weighted> {
    /// A factor that moves a sum less than this, over its spread by chance, is fixed: a scenario's cv of zero.
    const FIXED: f64 = 1e-4;
    let against_chance = scale * people.sqrt() / PERSON_CV;
    if against_chance < FIXED {
        return vec![Weighted { at: 0.0, weight: 1.0, coarse: 1.0 }];
    }
    normal_nodes(DISTANCE / (1.0 + against_chance * against_chance).sqrt())
}

/// Nodes of a factor's law.
fn of_law(law: &FactorLaw, steepest: f64, people: f64) -> Vec<Weighted> {
    match law {
        FactorLaw::Lognormal { scale, .. } => of_scale(scale * steepest, people),
        FactorLaw::Other(..) => {
            // As a lognormal with the same spread in its middle.
            let spread = libm::log(law.value(1.0) / law.value(-1.0)).abs() * 0.5;
            of_scale((spread * steepest).max(1e-3), people)
        }
        // One without the shock, and those of the normal within it.
        FactorLaw::Shock { probability, scale, .. } => {
            let within = of_scale(scale * steepest, people).into_iter().map(|node| Weighted {
                at: twosided_prob::upper_score(probability * twosided_prob::upper_probability(node.at)),
                weight: probability * node.weight,
                coarse: probability * node.coarse,
            });
            let without = Weighted { at: -9.0, weight: 1.0 - probability, coarse: 1.0 - probability };
            [without].into_iter().chain(within).filter(|node| node.weight > 0.0).collect()
        }
    }
}
