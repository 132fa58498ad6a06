//! The oracle: what is asked for, and what is kept from one question to the next.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use twosided_population::{Assignment, Observation, Plan, Population, Service, SystemYear, Utilization};
use twosided_sim::{FirstYear, Job};

use crate::{
    GainLaw, NoExactLaw, Node,
    deciding::{Columns, Deciding, Probe},
    gain_law::{Mixture, Part},
    nodes::nodes,
    panel::{FEW, FEW_OF_YEARS, Slice, gather, law_of_sum, laws_by_person_years, moments},
    person::{Rule, frailty_nodes},
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
    sums: BTreeMap<Question, Sum>,
}

/// Which sum a law is asked of, and how. Contracts that depend on the same sum ask the same question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Question {
    /// Coefficients of the plan's columns, in bits.
    coefficients: Vec<u64>,
    /// Whether the law is in slices by the years that people live.
    by_person_years: bool,
    is_coarse: bool,
}

/// The law of a sum, made ready at some relations of the factors on services.
struct Sum {
    functions: Vec<PersonFunction>,
    /// By the factors on services over that of the first which counts, in bits.
    ready: BTreeMap<Vec<u64>, Vec<SegmentLaw>>,
    /// The law of the sum over all people, by the same and the factors on all costs, in bits: nodes that differ in what moves no cost
    /// share it, and so do contracts.
    known: BTreeMap<Vec<u64>, Arc<Known>>,
    /// The least factor that the grids reach.
    least: f64,
}

/// The law of a sum over all people at some factors.
struct Known {
    slices: Vec<Slice>,
    /// Dollars that lie beyond the grids.
    beyond: f64,
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

/// Operations at a point of a grid for each service and score of frailty, for each total and frequency, for each power of a segment's
/// characteristic function, and for the pieces of a gain and its integrals; slices by the years that people live.
const OF_POINT: f64 = 40.0;
const OF_TURN: f64 = 2.0;
const OF_POWER: f64 = 100.0;
const OF_PIECES: f64 = 5e5;
const SLICES: f64 = 28.0;

/// A service whose amounts move with those of the events that it follows.
fn elastic(population: &Population) -> Option<String> {
    let services = population.segments().iter().flat_map(|segment| &segment.services);
    let is_elastic = |service: &&Service| matches!(service.utilization, Utilization::Following { severity_elasticity, .. } if severity_elasticity != 0.0);
    services.into_iter().find(is_elastic).map(|service| service.name.clone())
}

impl<'a> Oracle<'a> {
    /// Makes a job ready.
    ///
    /// # Errors
    /// [`NoExactLaw`] for several years, or for a population that cannot be.
    pub fn new(job: &'a Job<'a>) -> Result<Self, NoExactLaw> {
        if job.years != 1 {
            return Err(NoExactLaw::SeveralYears(job.years));
        }
        if let Some(service) = elastic(job.population) {
            return Err(NoExactLaw::Elastic(service));
        }
        if let Some(segment) = job.population.segments().iter().find(|segment| segment.life.attribution.is_some()) {
            return Err(NoExactLaw::Attribution(segment.name.clone()));
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
        if !self.year.is_of_everyone(contract) {
            return Err(NoExactLaw::SomePeople);
        }
        if !self.year.is_as_sampled(contract) {
            return Err(NoExactLaw::Changed);
        }
        let deciding = self.deciding(contract, nodes)?;
        let fine = self.mixture(contract, &deciding, nodes, Rule::Fine)?;
        let coarse = self.mixture(contract, &deciding, nodes, Rule::Coarse)?;
        Ok(GainLaw { fine, coarse })
    }

    /// About how many operations, of a nanosecond each, a contract's law takes under some nodes beyond what is known already. It follows
    /// from the scenario alone; one person's law is computed for it.
    ///
    /// # Errors
    /// [`NoExactLaw`] where there is no law.
    pub fn operations(&mut self, contract: usize, nodes: &[Node]) -> Result<f64, NoExactLaw> {
        if !self.year.is_of_everyone(contract) {
            return Err(NoExactLaw::SomePeople);
        }
        if !self.year.is_as_sampled(contract) {
            return Err(NoExactLaw::Changed);
        }
        let deciding = self.deciding(contract, nodes)?;
        let question = Question::new(&deciding.coefficients, deciding.person_years.is_some(), Rule::Fine);
        self.make_ready(&question, &deciding.coefficients, nodes)?;
        let (mut relations, mut sums) = (BTreeSet::new(), BTreeSet::new());
        for node in nodes {
            let (scales, factors) = self.factors(&question, &node.year);
            let key = key(&scales, &factors);
            if !self.sums[&question].known.contains_key(&key) {
                relations.insert(key_of_scales(&scales));
                sums.insert(key);
            }
        }
        let segments = self.job.population.segments();
        let middle = &nodes[nodes.len() / 2].year;
        let (mut of_person, mut of_sum) = (0.0, 0.0);
        for (law, segment) in self.laws(&question, middle)?.0.iter().zip(segments) {
            let scores = frailty_nodes(segment, Rule::Fine).len();
            of_person += OF_POINT * (law.points() * scores * segment.services.len()) as f64;
            of_sum += OF_TURN * (law.totals() * FEW) as f64;
        }
        let mut of_node = OF_PIECES;
        if question.by_person_years {
            of_sum += OF_POWER * (segments.len() * FEW * 2 * FEW_OF_YEARS as usize) as f64;
            of_node *= SLICES;
        }
        Ok(relations.len() as f64 * of_person + sums.len() as f64 * of_sum + nodes.len() as f64 * of_node)
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
        let question = Question::new(&coefficients, false, Rule::Fine);
        self.make_ready(&question, &coefficients, nodes)?;
        let mut cumulants = Vec::with_capacity(nodes.len());
        for node in nodes {
            let (laws, factors) = self.laws(&question, &node.year)?;
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
        let question = Question::new(&deciding.coefficients, deciding.person_years.is_some(), rule);
        self.make_ready(&question, &deciding.coefficients, nodes)?;
        let mut mixture = Mixture::default();
        for node in nodes {
            let weight = if rule == Rule::Fine { node.weight } else { node.coarse_weight };
            if weight <= 0.0 {
                continue;
            }
            let known = self.known(&question, &node.year)?;
            for Slice { weight: of_slice, coarse, person_years, series } in &known.slices {
                let of_slice = if rule == Rule::Fine { *of_slice } else { *coarse };
                if of_slice <= 0.0 {
                    continue;
                }
                let (mean, sd) = (series.mean, series.sd);
                let gain = |t: f64| {
                    let totals = deciding.totals(&self.columns, mean + sd * t, *person_years);
                    self.year.gain(contract, &totals, &node.year).0
                };
                let pieces = pieces(gain);
                mixture.add(Part::new(weight * of_slice, Arc::clone(series), pieces), known.beyond);
            }
        }
        Ok(mixture)
    }

    /// The law of a sum over all people at the factors of a year.
    fn known(&mut self, question: &Question, year: &SystemYear) -> Result<Arc<Known>, NoExactLaw> {
        let (scales, factors) = self.factors(question, year);
        let key = key(&scales, &factors);
        if let Some(known) = self.sums[question].known.get(&key) {
            return Ok(Arc::clone(known));
        }
        let (laws, factors) = self.laws(question, year)?;
        let slices = if question.by_person_years {
            laws_by_person_years(laws, &factors)?
        } else {
            let (mean, sd) = moments(laws, &factors);
            if sd > CERTAIN * mean.abs() { vec![law_of_sum(laws, &factors)?] } else { vec![Slice::certain(mean)] }
        };
        let beyond = laws.iter().zip(&factors).map(|(law, &factor)| law.beyond(factor)).sum();
        let known = Arc::new(Known { slices, beyond });
        self.sums.get_mut(question).expect("it is made before it is asked for").known.insert(key, Arc::clone(&known));
        Ok(known)
    }

    /// Makes the functions of a sum ready, and how far grids have to reach for the nodes.
    fn make_ready(&mut self, question: &Question, coefficients: &[f64], nodes: &[Node]) -> Result<(), NoExactLaw> {
        let segments = self.job.population.segments();
        if !self.sums.contains_key(question) {
            let plan = self.year.plan();
            let functions = segments.iter().map(|segment| PersonFunction::new(plan, coefficients, segment));
            let functions = functions.collect::<Result<_, _>>()?;
            let sum = Sum { functions, ready: BTreeMap::new(), known: BTreeMap::new(), least: f64::INFINITY };
            self.sums.insert(question.clone(), sum);
        }
        let least = nodes.iter().flat_map(|node| self.factors(question, &node.year).1).fold(f64::INFINITY, f64::min);
        let sum = self.sums.get_mut(question).expect("it was just made");
        if least < sum.least {
            sum.least = MARGIN * least;
            sum.ready.clear();
            sum.known.clear();
        }
        Ok(())
    }

    /// The factors on each service over that of the first which counts, and the latter, by segment.
    fn factors(&self, question: &Question, year: &SystemYear) -> (Vec<Vec<f64>>, Vec<f64>) {
        let population = self.job.population;
        let functions = &self.sums[question].functions;
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
    fn laws(&mut self, question: &Question, year: &SystemYear) -> Result<(&[SegmentLaw], Vec<f64>), NoExactLaw> {
        let (scales, factors) = self.factors(question, year);
        let population = self.job.population;
        let is_prospective = population.assignment == Assignment::Prospective;
        let sum = self.sums.get_mut(question).expect("it is made before it is asked for");
        let key = key_of_scales(&scales);
        if !sum.ready.contains_key(&key) {
            let segments = population.segments().iter().zip(&sum.functions).zip(&scales);
            let law = |((segment, function), scales): ((_, &PersonFunction), &Vec<f64>)| {
                SegmentLaw::new(segment, function.clone(), scales, sum.least, is_prospective, question.rule())
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

/// The relations of the factors on services, in bits.
fn key_of_scales(scales: &[Vec<f64>]) -> Vec<u64> {
    scales.iter().flatten().map(|scale| scale.to_bits()).collect()
}

/// The same, and the factors on all costs.
fn key(scales: &[Vec<f64>], factors: &[f64]) -> Vec<u64> {
    scales.iter().flatten().chain(factors).map(|factor| factor.to_bits()).collect()
}

impl Question {
    fn new(coefficients: &[f64], by_person_years: bool, rule: Rule) -> Self {
        let coefficients = coefficients.iter().map(|coefficient| coefficient.to_bits()).collect();
        Self { coefficients, by_person_years, is_coarse: rule == Rule::Coarse }
    }

    fn rule(&self) -> Rule {
        if self.is_coarse { Rule::Coarse } else { Rule::Fine }
    }
}
