//! What is expected of a person's year in which some die.
//!
//! Whoever dies has events and amounts of the part of the year lived, and those who die use more than others. Both are scores
//! of one frailty, so what is lost is an integral over the score of the service:
//!
//! ```text
//! expected = E[x] - E[x; dies] / 2
//! E[x; dies] = ∫ x(s) P(dies | s) φ(s) ds,   correlation of the two scores = loading of the service × loading of dying
//! ```

use twosided_prob::{ScoredAmounts, ScoredCounts, upper_probability, upper_score};

use crate::{Assignment, Mortality, Population, PopulationError, Segment, Service, Turnover, Utilization};

/// What is expected of one person in a year, deaths counted; before trend, turnover and truncation.
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
    /// What is expected of one person.
    ///
    /// # Errors
    /// [`PopulationError::Law`] for a frequency or zero mass that cannot be.
    pub fn expected_year(&self) -> Result<ExpectedYear, PopulationError> {
        let order = self.order()?;
        let mut counts = self.expected_counts();
        let mut costs: Vec<f64> = (0..self.services.len()).map(|index| self.mean_of(index).0).collect();
        let Some(mortality) = self.life.mortality.as_ref() else {
            return Ok(ExpectedYear { person_years: 1.0, costs, counts });
        };
        let mut lived = vec![1.0; self.services.len()];
        for index in order {
            let service = &self.services[index];
            lived[index] = match &service.utilization {
                Utilization::Following { after, .. } => lived[self.index(after).expect("the order is checked")],
                Utilization::Events { .. } | Utilization::Annual { .. } => {
                    lived_part(service, mortality).map_err(|error| PopulationError::Law {
                        segment: self.name.clone(),
                        service: service.name.clone(),
                        error,
                    })?
                }
            };
            costs[index] *= lived[index];
            if !matches!(service.utilization, Utilization::Annual { .. }) {
                counts[index] *= lived[index];
            }
        }
        if let Some(end) = &mortality.end_of_life {
            for (service, part) in &end.services {
                if let Some(index) = self.index(service) {
                    let dollars = mortality.probability * end.amount.mean() * part;
                    costs[index] += dollars * self.social_risk.cost;
                }
            }
        }
        Ok(ExpectedYear { person_years: 1.0 - 0.5 * mortality.probability, costs, counts })
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
            let ExpectedYear { person_years, costs, .. } = segment.expected_year()?;
            // Who joins or leaves is drawn for itself.
            let turnover = segment.life.turnover.map_or(1.0, |turnover| turnover.mean_cost(self.assignment));
            let costs = costs.into_iter().zip(factors).map(|(cost, factor)| Some(cost * turnover * factor?));
            Ok(ExpectedCosts { person_years, costs: costs.collect() })
        };
        self.segments().iter().zip(self.expected_factors()).map(of_segment).collect()
    }
}

/// The part of a service's use that falls into the time lived.
fn lived_part(service: &Service, mortality: &Mortality) -> Result<f64, twosided_prob::ParameterError> {
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
    let correlation = service.frailty_loading * mortality.frailty_loading;
    let own = (1.0 - correlation * correlation).sqrt();
    let from = upper_score(mortality.probability);
    let first = first.clamp(-WIDEST, WIDEST);
    let width = (WIDEST - first) / f64::from(STEPS);
    let (mut all, mut dying) = (0.0, 0.0);
    for step in 0..STEPS {
        let score = first + width * (f64::from(step) + 0.5);
        let used = of_score(score) * libm::exp(-0.5 * score * score);
        let dies =
            if own > 0.0 { upper_probability((from - correlation * score) / own) } else { f64::from(score > from) };
        all += used;
        dying += used * dies;
    }
    Ok(if all > 0.0 { 1.0 - 0.5 * dying / all } else { 1.0 })
}
