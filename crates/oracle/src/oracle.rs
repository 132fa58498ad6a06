//! The oracle: what is asked for, and what is kept from one question to the next.

use std::collections::BTreeMap;

use twosided_population::{Assignment, Observation, Plan, SystemYear};
use twosided_sim::{FirstYear, Job};

use crate::{
    GainLaw, NoExactLaw, Node,
    deciding::{Columns, Deciding, Probe},
    gain_law::{Mixture, Part},
    nodes::nodes,
    panel::{Slice, gather, law_of_sum, laws_by_person_years, moments},
    person::Rule,
    pieces::pieces,
    segment_law::SegmentLaw,
    sum::PersonFunction,
};

/// The exact laws of a job of one year.
pub struct Oracle<'a> {
    job: &'a Job<'a>,
    year: FirstYear<'a>,
    columns: Columns,
    deciding: BTreeMap<usize, Deciding>,
    /// By the contract or the column, and the rule.
    sums: BTreeMap<(Question, bool), Sum>,
}

/// What a sum is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    Contract(usize),
    Column(usize),
}

/// The law of a sum, made ready at some relations of the factors on services.
struct Sum {
    functions: Vec<PersonFunction>,
    /// By the factors on services over that of the first which counts, in bits.
    ready: BTreeMap<Vec<u64>, Vec<SegmentLaw>>,
    /// The least factor that the grids reach.
    least: f64,
}

/// Mean, spread and tails of a total over all people.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TotalLaw {
    /// Mean, in the unit of the observation.
    pub mean: f64,
    /// Standard deviation, in the same unit.
    pub sd: f64,
    /// Fourth central moment over the square of the variance: 3 for a normal.
    pub kurtosis: f64,
}

/// Relations of the factors on services that are kept ready.
const MOST_READY: usize = 16;
/// Grids reach so much further than the factors asked for, so that the next question finds them ready.
const MARGIN: f64 = 0.9;
/// A sum spread less than this over its mean is certain.
const CERTAIN: f64 = 1e-12;

impl<'a> Oracle<'a> {
    /// Makes a job ready.
    ///
    /// # Errors
    /// [`NoExactLaw`] for several years, or for a population that cannot be.
    pub fn new(job: &'a Job<'a>) -> Result<Self, NoExactLaw> {
        if job.years != 1 {
            return Err(NoExactLaw::SeveralYears(job.years));
        }
        let year = FirstYear::new(job).map_err(NoExactLaw::Population)?;
        let columns = Columns::new(job.population, year.plan());
        Ok(Self { job, year, columns, deciding: BTreeMap::new(), sums: BTreeMap::new() })
    }

    /// The factors of the year, as a few values with weights.
    ///
    /// # Errors
    /// [`NoExactLaw`] for factors whose law is not a product of few.
    pub fn nodes(&self) -> Result<Vec<Node>, NoExactLaw> {
        nodes(self.job.population)
    }

    /// What is observed of the year.
    pub fn plan(&self) -> &Plan {
        self.year.plan()
    }

    /// The law of a contract's gain over fee-for-service alone, under nodes of [`Oracle::nodes`] or of the caller.
    ///
    /// # Errors
    /// [`NoExactLaw`] where there is none.
    pub fn law(&mut self, contract: usize, nodes: &[Node]) -> Result<GainLaw, NoExactLaw> {
        if !self.year.is_as_sampled(contract) {
            return Err(NoExactLaw::Changed);
        }
        let deciding = self.deciding(contract, nodes)?;
        let fine = self.mixture(contract, &deciding, nodes, Rule::Fine)?;
        let coarse = self.mixture(contract, &deciding, nodes, Rule::Coarse)?;
        Ok(GainLaw { fine, coarse })
    }

    /// Mean, spread and tails of a total of the year over all people.
    ///
    /// # Errors
    /// [`NoExactLaw`] where there is none.
    pub fn total(&mut self, observation: &Observation, nodes: &[Node]) -> Result<TotalLaw, NoExactLaw> {
        let unknown = || NoExactLaw::Observation("what nothing observes".to_owned());
        let column = self.year.plan().position(observation).ok_or_else(unknown)?;
        let mut coefficients = vec![0.0; self.columns.expected.len()];
        coefficients[column] = 1.0;
        let question = Question::Column(column);
        self.make_ready(question, &coefficients, nodes, Rule::Fine)?;
        let mut cumulants = Vec::with_capacity(nodes.len());
        for node in nodes {
            let (laws, factors) = self.laws(question, &node.year, Rule::Fine)?;
            let of_people = laws.iter().zip(&factors).fold([0.0; 4], |sum, (law, &factor)| {
                let own = law.cumulants(factor);
                std::array::from_fn(|order| sum[order] + law.members * own[order])
            });
            cumulants.push((node.weight, of_people));
        }
        let mean = cumulants.iter().map(|(weight, [mean, ..])| weight * mean).sum::<f64>();
        let (mut variance, mut fourth) = (0.0, 0.0);
        for (weight, [of_node, second, third, last]) in cumulants {
            let off = of_node - mean;
            variance += weight * (second + off * off);
            let about_its_mean = last + 3.0 * second * second;
            fourth += weight * (about_its_mean + 4.0 * off * third + 6.0 * off * off * second + off * off * off * off);
        }
        Ok(TotalLaw { mean, sd: variance.sqrt(), kurtosis: fourth / (variance * variance) })
    }

    /// What decides a contract's gain.
    fn deciding(&mut self, contract: usize, nodes: &[Node]) -> Result<Deciding, NoExactLaw> {
        if let Some(known) = self.deciding.get(&contract) {
            return Ok(known.clone());
        }
        let systems: Vec<&SystemYear> = [0, nodes.len() / 2, nodes.len() - 1].map(|index| &nodes[index].year).into();
        let mut probe = Probe { year: &mut self.year, contract, columns: &self.columns };
        let found = probe.deciding(self.job.population, &systems)?;
        self.deciding.insert(contract, found.clone());
        Ok(found)
    }

    fn mixture(
        &mut self,
        contract: usize,
        deciding: &Deciding,
        nodes: &[Node],
        rule: Rule,
    ) -> Result<Mixture, NoExactLaw> {
        let question = Question::Contract(contract);
        self.make_ready(question, &deciding.coefficients, nodes, rule)?;
        let mut mixture = Mixture::default();
        for node in nodes {
            let weight = if rule == Rule::Fine { node.weight } else { node.coarse_weight };
            if weight <= 0.0 {
                continue;
            }
            let (laws, factors) = self.laws(question, &node.year, rule)?;
            let beyond: f64 = laws.iter().zip(&factors).map(|(law, &factor)| law.beyond(factor)).sum();
            let slices = if deciding.person_years.is_some() {
                laws_by_person_years(laws, &factors)?
            } else {
                let (mean, sd) = moments(laws, &factors);
                if sd > CERTAIN * mean.abs() { vec![law_of_sum(laws, &factors)?] } else { vec![Slice::certain(mean)] }
            };
            for Slice { weight: of_slice, coarse, person_years, series } in slices {
                let of_slice = if rule == Rule::Fine { of_slice } else { coarse };
                if of_slice <= 0.0 {
                    continue;
                }
                let (mean, sd) = (series.mean, series.sd);
                let gain = |t: f64| {
                    let totals = deciding.totals(&self.columns, mean + sd * t, person_years);
                    self.year.gain(contract, &totals, &node.year).0
                };
                let pieces = pieces(gain);
                mixture.add(Part::new(weight * of_slice, series, pieces), beyond);
            }
        }
        Ok(mixture)
    }

    /// Makes the functions of a sum ready, and how far grids have to reach for the nodes.
    fn make_ready(
        &mut self,
        question: Question,
        coefficients: &[f64],
        nodes: &[Node],
        rule: Rule,
    ) -> Result<(), NoExactLaw> {
        let key = (question, rule == Rule::Coarse);
        let segments = self.job.population.segments();
        if !self.sums.contains_key(&key) {
            let plan = self.year.plan();
            let functions = segments.iter().map(|segment| PersonFunction::new(plan, coefficients, segment));
            let functions = functions.collect::<Result<_, _>>()?;
            self.sums.insert(key, Sum { functions, ready: BTreeMap::new(), least: f64::INFINITY });
        }
        let least =
            nodes.iter().flat_map(|node| self.factors(question, &node.year, rule).1).fold(f64::INFINITY, f64::min);
        let sum = self.sums.get_mut(&key).expect("it was just made");
        if least < sum.least {
            sum.least = MARGIN * least;
            sum.ready.clear();
        }
        Ok(())
    }

    /// The factors on each service over that of the first which counts, and the latter, by segment.
    fn factors(&self, question: Question, year: &SystemYear, rule: Rule) -> (Vec<Vec<f64>>, Vec<f64>) {
        let population = self.job.population;
        let functions = &self.sums[&(question, rule == Rule::Coarse)].functions;
        let of_segment = |(segment, function): (&twosided_population::Segment, &PersonFunction)| {
            let factor = |index: usize| {
                let cost =
                    year.cost(population.system().factors(), segment.segment_name(), &segment.services[index].name);
                cost * segment.social_risk.cost
            };
            let first = function.scales.iter().position(|&scale| scale > 0.0).map_or(1.0, factor);
            let scale = |(index, &scale): (usize, &f64)| {
                // What differs by rounding alone does not differ.
                let relative = if scale > 0.0 { factor(index) / first } else { 1.0 };
                scale * if (relative - 1.0).abs() < 1e-12 { 1.0 } else { relative }
            };
            (function.scales.iter().enumerate().map(scale).collect(), first)
        };
        population.segments().iter().zip(functions).map(of_segment).unzip()
    }

    /// The laws of the segments at some factors, and the factor on all costs of each.
    fn laws(
        &mut self,
        question: Question,
        year: &SystemYear,
        rule: Rule,
    ) -> Result<(&[SegmentLaw], Vec<f64>), NoExactLaw> {
        let (scales, factors) = self.factors(question, year, rule);
        let population = self.job.population;
        let is_prospective = population.assignment == Assignment::Prospective;
        let sum = self.sums.get_mut(&(question, rule == Rule::Coarse)).expect("it is made before it is asked for");
        let key: Vec<u64> = scales.iter().flatten().map(|scale| scale.to_bits()).collect();
        if !sum.ready.contains_key(&key) {
            let segments = population.segments().iter().zip(&sum.functions).zip(&scales);
            let law = |((segment, function), scales): ((_, &PersonFunction), &Vec<f64>)| {
                SegmentLaw::new(segment, function.clone(), scales, sum.least, is_prospective, rule)
            };
            let mut laws = segments.map(law).collect::<Result<Vec<_>, _>>()?;
            gather(&mut laws, &factors);
            // Where the factors on services differ from node to node, hardly any other node asks for the same.
            if sum.ready.len() >= MOST_READY {
                sum.ready.clear();
            }
            sum.ready.insert(key.clone(), laws);
        }
        Ok((&sum.ready[&key], factors))
    }
}
