//! Which sum of a year decides a contract's gain: found by settling years that differ in one column.

use twosided_population::{Attachment, Limit, Observation, Plan, Population, SystemYear};
use twosided_sim::FirstYear;

use crate::{NoExactLaw, person::mortality, sum::name_of};

/// What decides a contract's gain, given the factors.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Deciding {
    /// Coefficients of the plan's columns in the sum, the pivot's of which is 1; all zero where nothing random decides.
    pub(crate) coefficients: Vec<f64>,
    /// The column that is moved to make the sum what it should be.
    pub(crate) pivot: usize,
    /// The column of person-years, where they decide beside the sum.
    pub(crate) person_years: Option<usize>,
}

/// Totals of years that are settled, over those expected.
const SCALES: [f64; 15] = [0.5, 0.7, 0.8, 0.87, 0.92, 0.95, 0.975, 0.995, 1.01, 1.03, 1.06, 1.1, 1.17, 1.3, 1.6];
/// Changes of a column that may show whether it matters.
const CHANGES: [f64; 3] = [1e-3, 0.03, 0.4];
/// A change that is small beside the distance of bends.
const SMALL: f64 = 1e-5;
/// A difference of gains that is more than rounding, over the largest gain.
const ROUNDING: f64 = 1e-9;
/// Years by which the sum that was found is checked.
const CHECKS: u32 = 200;

/// An even sequence over the unit interval, a different one for each column.
fn spread(index: u32, column: usize) -> f64 {
    let step = 0.618_033_988_749_894_9 + 0.324_717_957_244_746 * column as f64;
    (f64::from(index + 1) * step).fract()
}

/// The columns of a plan.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    /// What is expected of each, roughly where only the size matters.
    pub(crate) expected: Vec<f64>,
    /// Columns that are the sum of others: all costs of some services, and the cost of each.
    sums: Vec<(usize, Vec<usize>)>,
}

impl Columns {
    pub(crate) fn new(population: &Population, plan: &Plan) -> Self {
        let observations = plan.observations();
        let of = |observation: &Observation| match observation {
            Observation::Layer { services, attachment, limit: Limit::Unlimited } if *attachment == Attachment::ZERO => {
                let counts = |column: &usize| matches!(&observations[*column], Observation::Expenditure { service } if services.includes(service));
                Some((0..observations.len()).filter(counts).collect())
            }
            _ => None,
        };
        let sums = observations.iter().enumerate().filter_map(|(column, observation)| Some((column, of(observation)?)));
        let mut columns = Self { expected: expected_totals(population, observations), sums: sums.collect() };
        let mut expected = columns.expected.clone();
        columns.complete(&mut expected);
        columns.expected = expected;
        columns
    }

    /// Whether a column is the sum of others.
    fn is_sum(&self, column: usize) -> bool {
        self.sums.iter().any(|(sum, _)| *sum == column)
    }

    /// Makes columns what they are as sums of others.
    pub(crate) fn complete(&self, totals: &mut [f64]) {
        for (column, parts) in &self.sums {
            totals[*column] = parts.iter().map(|&part| totals[part]).sum();
        }
    }
}

/// A contract whose first year is settled on given totals.
pub(crate) struct Probe<'a, 'j> {
    pub(crate) year: &'a mut FirstYear<'j>,
    pub(crate) contract: usize,
    pub(crate) columns: &'a Columns,
}

impl Probe<'_, '_> {
    fn gain(&mut self, totals: &[f64], system: &SystemYear) -> f64 {
        let mut totals = totals.to_vec();
        self.columns.complete(&mut totals);
        self.year.gain(self.contract, &totals, system).0
    }

    /// What decides the gain, seen under some values of the factors.
    pub(crate) fn deciding(
        &mut self,
        population: &Population,
        systems: &[&SystemYear],
    ) -> Result<Deciding, NoExactLaw> {
        let columns = self.columns.expected.len();
        let observations = self.year.plan().observations().iter().enumerate();
        let varies: Vec<bool> = observations
            .map(|(column, observation)| can_vary(population, observation) && !self.columns.is_sum(column))
            .collect();
        let dollars: Vec<bool> = self.year.plan().observations().iter().map(Observation::is_dollars).collect();
        let mut points = Vec::new();
        let mut largest: f64 = 0.0;
        for system in systems {
            for (index, scale) in (0..).zip(SCALES) {
                let total = |column: usize| {
                    let scale = if dollars[column] { scale } else { 1.0 };
                    let own = if varies[column] { scale * (0.97 + 0.06 * spread(index, column)) } else { 1.0 };
                    self.columns.expected[column] * own
                };
                let totals: Vec<f64> = (0..columns).map(total).collect();
                let gain = self.gain(&totals, system);
                largest = largest.max(gain.abs());
                points.push((*system, totals, gain));
            }
        }
        let within = ROUNDING * largest;
        let mut decides = vec![false; columns];
        for column in (0..columns).filter(|&column| varies[column]) {
            decides[column] = points.iter().any(|(system, totals, gain)| {
                CHANGES.iter().any(|change| (self.changed(totals, column, *change, system) - gain).abs() > within)
            });
        }
        let refused = self.year.plan().observations().iter().zip(&decides).find(|(observation, decides)| {
            let known = matches!(
                observation,
                Observation::Layer { .. } | Observation::Expenditure { .. } | Observation::PersonYears
            );
            **decides && !known
        });
        if let Some((observation, _)) = refused {
            return Err(NoExactLaw::Observation(name_of(observation)));
        }
        let years = self.year.plan().position(&Observation::PersonYears).filter(|&column| decides[column]);
        let gradients: Vec<Vec<f64>> =
            points.iter().filter_map(|(system, totals, gain)| self.gradient(totals, *gain, &decides, system)).collect();
        if gradients.is_empty() {
            let none = Deciding { coefficients: vec![0.0; columns], pivot: 0, person_years: None };
            return if decides.contains(&true) { Err(NoExactLaw::SeveralSums) } else { Ok(none) };
        }
        // One sum of costs and years together, or a sum of costs beside the years.
        for person_years in [None, years] {
            let found = self.direction(&gradients, person_years);
            if let Some(found) = found.filter(|found| self.holds(found, systems, &varies, largest)) {
                return Ok(found);
            }
        }
        Err(NoExactLaw::SeveralSums)
    }

    /// The gain where one column is changed.
    fn changed(&mut self, totals: &[f64], column: usize, change: f64, system: &SystemYear) -> f64 {
        let mut totals = totals.to_vec();
        totals[column] += change * self.columns.expected[column].max(1.0);
        self.gain(&totals, system)
    }

    /// How the gain changes with each column; none near a bend and where nothing changes.
    fn gradient(&mut self, totals: &[f64], gain: f64, decides: &[bool], system: &SystemYear) -> Option<Vec<f64>> {
        let mut gradient = vec![0.0; totals.len()];
        for column in (0..totals.len()).filter(|&column| decides[column]) {
            let forward = self.changed(totals, column, SMALL, system) - gain;
            let backward = gain - self.changed(totals, column, -SMALL, system);
            if (forward - backward).abs() > 1e-4 * forward.abs().max(backward.abs()) {
                return None;
            }
            gradient[column] = 0.5 * (forward + backward) / (SMALL * self.columns.expected[column].max(1.0));
        }
        gradient.iter().any(|&slope| slope != 0.0).then_some(gradient)
    }

    /// The one direction of all gradients, person-years set aside where they decide by themselves.
    fn direction(&self, gradients: &[Vec<f64>], person_years: Option<usize>) -> Option<Deciding> {
        let counts = |column: usize| Some(column) != person_years;
        let size = |gradient: &[f64], column: usize| (gradient[column] * self.columns.expected[column].max(1.0)).abs();
        let of_costs =
            |gradient: &&Vec<f64>| (0..gradient.len()).any(|column| counts(column) && gradient[column] != 0.0);
        let first = gradients.iter().find(of_costs)?;
        let is_dollars = |column: &usize| self.year.plan().observations()[*column].is_dollars();
        let pivot = (0..first.len()).filter(is_dollars).max_by(|&a, &b| size(first, a).total_cmp(&size(first, b)))?;
        let normed = |gradient: &[f64]| -> Vec<f64> {
            (0..gradient.len())
                .map(|column| if counts(column) { gradient[column] / gradient[pivot] } else { 0.0 })
                .collect()
        };
        let coefficients = normed(first);
        let is_same = |gradient: &Vec<f64>| {
            normed(gradient).iter().zip(&coefficients).enumerate().all(|(column, (own, common))| {
                (own - common).abs() * self.columns.expected[column].max(1.0) <= 1e-6 * self.columns.expected[pivot]
            })
        };
        gradients.iter().filter(of_costs).all(is_same).then(|| Deciding {
            coefficients: coefficients.into_iter().map(rounded).collect(),
            pivot,
            person_years,
        })
    }

    /// Whether years with the same sum have the same gain.
    fn holds(&mut self, found: &Deciding, systems: &[&SystemYear], varies: &[bool], largest: f64) -> bool {
        (0..CHECKS).all(|index| {
            let own = |column: usize| if varies[column] { 0.7 + 0.6 * spread(index, column) } else { 1.0 };
            let totals: Vec<f64> =
                (0..varies.len()).map(|column| self.columns.expected[column] * own(column)).collect();
            let same = found.totals(self.columns, found.sum(&totals), found.person_years.map(|column| totals[column]));
            let system = systems[index as usize % systems.len()];
            (self.gain(&totals, system) - self.gain(&same, system)).abs() <= 1e-6 * largest
        })
    }
}

impl Deciding {
    /// The sum of totals.
    fn sum(&self, totals: &[f64]) -> f64 {
        self.coefficients.iter().zip(totals).map(|(coefficient, total)| coefficient * total).sum()
    }

    /// Totals that have a sum and person-years.
    pub(crate) fn totals(&self, columns: &Columns, sum: f64, person_years: Option<f64>) -> Vec<f64> {
        let mut totals = columns.expected.clone();
        if let (Some(column), Some(years)) = (self.person_years, person_years) {
            totals[column] = years;
        }
        totals[self.pivot] += (sum - self.sum(&columns.expected)) * self.coefficients[self.pivot];
        columns.complete(&mut totals);
        totals
    }
}

/// A coefficient without the noise of a difference.
fn rounded(coefficient: f64) -> f64 {
    let digits = 1e9;
    (coefficient * digits).round() / digits
}

/// Whether a column can be anything else than what is expected.
fn can_vary(population: &Population, observation: &Observation) -> bool {
    match observation {
        Observation::PersonYears => population.segments().iter().any(|segment| mortality(segment).is_some()),
        // A fixed number: there is no exact law of people who are assigned by visits.
        Observation::People => false,
        Observation::RiskScore => {
            population.segments().iter().any(|segment| segment.risk_score.is_some_and(|score| score.cv > 0.0))
        }
        _ => true,
    }
}

/// What is expected of each column of a plan, roughly where only the size matters.
fn expected_totals(population: &Population, observations: &[Observation]) -> Vec<f64> {
    /// The part of all costs that a layer above an attachment point may have.
    const LAYER: f64 = 0.05;
    /// The part of all people who may be above an amount.
    const ABOVE: f64 = 0.01;
    let over_people = |figure: &dyn Fn(&twosided_population::Segment) -> f64| -> f64 {
        population.segments().iter().map(|segment| segment.members as f64 * figure(segment)).sum()
    };
    let costs = |counts: &dyn Fn(&str) -> bool| {
        over_people(&|segment| {
            let services = (0..segment.services.len()).filter(|&index| counts(&segment.services[index].name));
            services.map(|index| segment.mean_of(index).0).sum()
        })
    };
    let of = |observation: &Observation| match observation {
        Observation::Layer { services, attachment, .. } => {
            let all = costs(&|name| services.includes(name));
            if attachment.point.0 > 0.0 { LAYER * all } else { all }
        }
        Observation::Expenditure { service } | Observation::CappedExpenditure { service, .. } => {
            costs(&|name| name == service)
        }
        Observation::Episodes { anchor, following, .. } => {
            costs(&|name| name == anchor || following.iter().any(|counted| counted == name))
        }
        Observation::Count { service } => {
            over_people(&|segment| segment.index(service).map_or(0.0, |index| segment.expected_counts()[index]))
        }
        Observation::Expected { service, rate, segments } => over_people(&|segment| {
            let rate = segment.segment_name().find(segments).unwrap_or(rate);
            segment.index(service).map_or(0.0, |index| rate * segment.expected_counts()[index])
        }),
        Observation::PersonYears => {
            over_people(&|segment| 1.0 - 0.5 * mortality(segment).map_or(0.0, |known| known.probability))
        }
        Observation::People => over_people(&|_| 1.0),
        Observation::PeopleAbove { .. } => over_people(&|_| ABOVE),
        Observation::RiskScore => over_people(&|segment| segment.mean_risk_score(0)),
        Observation::Denominator { .. } => over_people(&|_| 0.5),
        Observation::Numerator { .. } => over_people(&|_| 0.4),
    };
    observations.iter().map(of).collect()
}
