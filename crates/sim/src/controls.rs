//! Figures of a trial whose means are known exactly: what a run corrects its measures by.

use twosided_population::{Observation, Plan, Population, PopulationError, Segment, ServiceScope};

/// Most controls of a trial; with more, scores of late years are left out.
pub(crate) const MOST: usize = 16;

/// Largest tail index of a law whose service is no control: its square has no mean square, so that a regression on it is erratic.
const HEAVIEST: f64 = 4.0;

/// The controls of a job, in the order of their importance: what all people cost in the first year of the data, and the years that
/// they live; the normal scores of programs, trend and factors; and the squares of those.
///
/// Later years are known by their scores alone: who is alive in them depends on who died, and no mean is stated.
#[derive(Clone, Debug, Default)]
pub(crate) struct Controls {
    /// Known means, one a control.
    pub(crate) means: Vec<f64>,
    /// Columns of first-year totals.
    columns: Vec<usize>,
    /// Indices of the scores that move something.
    scores: Vec<usize>,
    /// How many of them count by their squares too.
    squares: usize,
}

impl Controls {
    /// The controls of a population over years, with what they observe added to the plan.
    pub(crate) fn new(population: &Population, years: u32, plan: &mut Plan) -> Result<Self, PopulationError> {
        let mut controls = Self::default();
        let expected = population.expected_costs()?;
        let (mut person_years, mut expenditure) = (0.0, Some(0.0));
        for (segment, expected) in population.segments().iter().zip(&expected) {
            let members = segment.people();
            person_years += members * expected.person_years;
            for (service, cost) in segment.services.iter().zip(&expected.costs) {
                let cost = cost.filter(|_| segment.tail_index(service) > HEAVIEST);
                expenditure = expenditure.zip(cost).map(|(sum, cost)| sum + members * cost);
            }
        }
        if let Some(expenditure) = expenditure {
            controls.columns.push(plan.column(Observation::total(ServiceScope::All)));
            controls.means.push(expenditure);
        }
        let varies = |segment: &Segment| segment.life.mortality.is_some() || segment.life.attribution.is_some();
        if population.segments().iter().any(varies) {
            controls.columns.push(plan.column(Observation::PersonYears));
            controls.means.push(person_years);
        }
        let (programs, factors) = (population.programs.len(), population.system().factors().len());
        let has_trend = population.system().trend.is_uncertain();
        let of_year =
            |year: usize| (0..=factors).map(move |index| (index > 0 || has_trend, year * (1 + factors) + index));
        let of_system = (0..years as usize).flat_map(of_year).filter(|(moves, _)| *moves);
        controls.scores = (0..programs).chain(of_system.map(|(_, index)| programs + index)).collect();
        let left = MOST - controls.columns.len();
        controls.scores.truncate(left);
        controls.squares = controls.scores.len().min(left - controls.scores.len());
        controls.means.extend(controls.scores.iter().map(|_| 0.0));
        controls.means.extend((0..controls.squares).map(|_| 1.0));
        Ok(controls)
    }

    /// The controls of a trial, by the totals of its first year and its normal scores.
    pub(crate) fn write(&self, totals: &[f64], scores: &[f64], controls: &mut [f64]) {
        let of_scores = self.scores.iter().map(|&index| scores[index]);
        let squares = of_scores.clone().take(self.squares).map(|score| score * score);
        let values = self.columns.iter().map(|&column| totals[column]).chain(of_scores).chain(squares);
        for (control, value) in controls.iter_mut().zip(values) {
            *control = value;
        }
    }
}
