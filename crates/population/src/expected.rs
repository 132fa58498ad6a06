//! What is expected of a person's year in which some die.
//!
//! Whoever dies has events and amounts of the part of the year lived, and those who die use more than others. Both are scores
//! of one frailty, so what is lost is an integral over the score of the service:
//!
//! ```text
//! expected = E[x] - E[x; dies] / 2
//! E[x; dies] = ∫ x(s) P(dies | s) φ(s) ds,   correlation of the two scores = loading of the service × loading of dying
//! ```
//!
//! Whoever is assigned by visits differs from others by the same frailty: use is then weighed by the chance of being assigned too.

use twosided_prob::{ParameterError, ScoredAmounts, ScoredCounts, upper_probability, upper_score};

use crate::{
    Assignment, Mortality, Population, PopulationError, Segment, Service, Turnover, Utilization, attribution::Grid,
};

/// What is expected of one person in a year (of one who is assigned, where visits decide), deaths counted; before trend, turnover and truncation.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedYear {
    /// Share of the year lived.
    pub person_years: f64,
    /// Dollars of each service, the cost of deaths among them.
    pub costs: Vec<f64>,
    /// Events of each service; users, where it is an annual amount.
    pub counts: Vec<f64>,
}

/// What is expected of one person of a segment in the first year, with everything that moves the mean.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedCosts {
    /// Share of the year lived.
    pub person_years: f64,
    /// Dollars of each service; none where correlated factors move it and the mean of their product is not known.
    pub costs: Vec<Option<f64>>,
}

/// Scores from -8 to 8 between which an integral is summed.
const STEPS: u32 = 2_048;
const WIDEST: f64 = 8.0;

impl Segment {
    /// What is expected of one person, or of one who is assigned in this way.
    ///
    /// # Errors
    /// [`PopulationError::Law`] for a frequency or zero mass that cannot be.
    pub fn expected_year(&self, assignment: Assignment) -> Result<ExpectedYear, PopulationError> {
        let order = self.order()?;
        let mut counts = self.expected_counts();
        let mut costs: Vec<f64> = (0..self.services.len()).map(|index| self.mean_of(index).0).collect();
        let Some(people) = Counted::of(self, assignment) else {
            return Ok(ExpectedYear { person_years: 1.0, costs, counts });
        };
        let law = |service: &Service, error| PopulationError::Law {
            segment: self.name.clone(),
            service: service.name.clone(),
            error,
        };
        let (mut lived, mut used) = (vec![1.0; self.services.len()], vec![1.0; self.services.len()]);
        for index in order {
            let service = &self.services[index];
            (lived[index], used[index]) = match &service.utilization {
                Utilization::Following { after, .. } => {
                    let after = self.index(after).expect("the order is checked");
                    (lived[after], used[after])
                }
                Utilization::Events { .. } | Utilization::Annual { .. } => {
                    people.part_of(service).map_err(|error| law(service, error))?
                }
            };
            costs[index] *= lived[index];
            // An amount has its users, however long they live.
            let is_annual = matches!(service.utilization, Utilization::Annual { .. });
            counts[index] *= if is_annual { used[index] } else { lived[index] };
        }
        let end_of_life = self.life.mortality.as_ref().and_then(|mortality| mortality.end_of_life.as_ref());
        if let Some(end) = end_of_life {
            for (service, part) in &end.services {
                if let Some(index) = self.index(service) {
                    let dollars = people.dies() * end.amount.mean() * part;
                    costs[index] += dollars * self.social_risk.cost;
                }
            }
        }
        Ok(ExpectedYear { person_years: 1.0 - 0.5 * people.dies(), costs, counts })
    }
}

impl Turnover {
    /// What it multiplies the expected cost of a person's year by.
    pub(crate) fn mean_cost(&self, assignment: Assignment) -> f64 {
        let of = |cost: f64| 1.0 - self.rate + self.rate * cost;
        match assignment {
            Assignment::Prospective => of(self.joiner_cost) * of(self.leaver_cost),
            Assignment::Retrospective => of(self.joiner_cost),
        }
    }
}

impl Population {
    /// What one person of each segment is expected to cost in the first year, by service: deaths, turnover, the trend and factors
    /// counted, truncation and programs not.
    ///
    /// # Errors
    /// [`PopulationError::Law`] for a frequency or zero mass that cannot be.
    pub fn expected_costs(&self) -> Result<Vec<ExpectedCosts>, PopulationError> {
        let of_segment = |(segment, factors): (&Segment, Vec<Option<f64>>)| {
            let ExpectedYear { person_years, costs, .. } = segment.expected_year(self.assignment)?;
            // Who joins or leaves is drawn for itself.
            let turnover = segment.life.turnover.map_or(1.0, |turnover| turnover.mean_cost(self.assignment));
            let costs = costs.into_iter().zip(factors).map(|(cost, factor)| Some(cost * turnover * factor?));
            Ok(ExpectedCosts { person_years, costs: costs.collect() })
        };
        self.segments().iter().zip(self.expected_factors()).map(of_segment).collect()
    }
}

/// Which part of a person's year counts.
enum Counted<'a> {
    /// What falls into the time lived.
    Lived(&'a Mortality),
    /// The same of those who are assigned.
    Assigned(Assigned),
}

/// The people who are assigned, by frailty.
struct Assigned {
    /// At each node, the probability of being assigned over that of everybody.
    chances: Vec<f64>,
    /// At each node, the same times the expected part of the year lived.
    lived: Vec<f64>,
    /// Of those who are assigned, the share who die.
    dies: f64,
}

impl<'a> Counted<'a> {
    /// Of a segment's people; none where all members live through every year.
    fn of(segment: &'a Segment, assignment: Assignment) -> Option<Self> {
        let Some(attribution) = &segment.life.attribution else {
            return segment.life.mortality.as_ref().map(Self::Lived);
        };
        let assigned = segment.assigned_by_frailty(attribution, assignment);
        let assigned: Vec<f64> = assigned.into_iter().map(|assigned| assigned / attribution.chance()).collect();
        let both = |of: &dyn Fn(f64) -> f64| -> Vec<f64> {
            assigned.iter().zip(segment.dies()).map(|(assigned, dies)| assigned * of(dies)).collect()
        };
        let (lived, dies) = (both(&|dies| 1.0 - 0.5 * dies), Grid::mean(&both(&|dies| dies)));
        Some(Self::Assigned(Assigned { chances: assigned, lived, dies }))
    }

    /// The probability of dying.
    fn dies(&self) -> f64 {
        match self {
            Self::Lived(mortality) => mortality.probability,
            Self::Assigned(people) => people.dies,
        }
    }

    /// The part of a service's use that counts, over that of everybody who lives through the year; and the same for those who use it at all.
    fn part_of(&self, service: &Service) -> Result<(f64, f64), ParameterError> {
        match self {
            Self::Lived(mortality) => Ok((lived_part(service, mortality)?, 1.0)),
            Self::Assigned(people) => {
                let expect = |of_frailty: &[f64]| {
                    // Of a score, then, as frailty is to it.
                    Grid::expect(of_frailty, service.frailty_loading)
                };
                let (lived, assigned) = (expect(&people.lived), expect(&people.chances));
                let (_, all) = use_by_score(service, false, |score| Grid::at(&lived, score))?;
                let (_, users) = use_by_score(service, true, |score| Grid::at(&assigned, score))?;
                Ok((all, users))
            }
        }
    }
}

/// The part of a service's use that falls into the time lived.
fn lived_part(service: &Service, mortality: &Mortality) -> Result<f64, ParameterError> {
    let correlation = service.frailty_loading * mortality.frailty_loading;
    let own = (1.0 - correlation * correlation).sqrt();
    let from = upper_score(mortality.probability);
    let dies = |score: f64| {
        if own > 0.0 { upper_probability((from - correlation * score) / own) } else { f64::from(score > from) }
    };
    let (all, dying) = use_by_score(service, false, dies)?;
    Ok(if all > 0.0 { 1.0 - 0.5 * dying } else { 1.0 })
}

/// The use of a service at normal scores, summed, and the mean of a weight of the score by that use: of amounts and events, or of
/// people with any.
fn use_by_score(service: &Service, of_users: bool, weight: impl Fn(f64) -> f64) -> Result<(f64, f64), ParameterError> {
    // From the score of the first use on: below it there is nothing, and the step there is met exactly.
    let (first, of_score): (f64, Box<dyn Fn(f64) -> f64>) = match &service.utilization {
        Utilization::Events { frequency, .. } | Utilization::Following { frequency, .. } => {
            let counts = ScoredCounts::new(&frequency.table()?);
            (f64::from(counts.first_event()), Box::new(move |score| f64::from(counts.count(score as f32))))
        }
        Utilization::Annual { zero, amount } => {
            let amounts = ScoredAmounts::new(*zero, amount)?;
            (amounts.first_use(), Box::new(move |score| amounts.amount(score)))
        }
    };
    let first = first.clamp(-WIDEST, WIDEST);
    let width = (WIDEST - first) / f64::from(STEPS);
    let (mut all, mut weighed) = (0.0, 0.0);
    for step in 0..STEPS {
        let score = first + width * (f64::from(step) + 0.5);
        let used = if of_users { 1.0 } else { of_score(score) };
        let used = used * libm::exp(-0.5 * score * score);
        all += used;
        weighed += used * weight(score);
    }
    Ok((all, if all > 0.0 { weighed / all } else { 0.0 }))
}
