//! What is kept of a sampled first year, so that it can be settled again.

use twosided_population::{Observation, Plan, PopulationError, SystemYear, Variant};

use super::{Settler, Worker};
use crate::{Job, phase::Phases};

/// What is kept of a trial's first year.
pub(crate) struct Kept {
    /// `[variant, observation]`
    pub(crate) totals: Vec<f64>,
    /// Person-years, `[variant, segment]`.
    pub(crate) lived: Vec<f64>,
    /// Figures whose means are known.
    pub(crate) controls: Vec<f64>,
}

impl<'a> Settler<'a> {
    /// A settler that also observes what no contract of the job does.
    pub(crate) fn beside(job: &'a Job<'a>, besides: &[Observation]) -> Result<Self, PopulationError> {
        let mut plan = Plan::for_population(job.population);
        let phases = Phases::new(job, &mut plan);
        for observation in besides {
            plan.column(observation.clone());
        }
        Self::of(job, plan, phases)
    }

    /// A settler of what was kept under a plan and variants.
    ///
    /// # Panics
    /// When a contract observes something else, or sees another variant of the year.
    pub(crate) fn again(job: &'a Job<'a>, kept: &Plan, variants: &[Variant]) -> Result<Self, PopulationError> {
        let mut plan = kept.clone();
        let phases = Phases::new(job, &mut plan);
        assert_eq!(plan, *kept, "contracts observe what was kept");
        assert_eq!(phases.variants(), variants, "contracts see the variants that were kept");
        Self::of(job, plan, phases)
    }

    /// The plan, and the variants of a year.
    pub(crate) fn into_plan(self) -> (Plan, Vec<Variant>) {
        (self.plan, self.phases.variants().to_vec())
    }

    /// What is kept of the trial that a worker holds.
    pub(crate) fn kept(&self, worker: &Worker) -> Kept {
        let mut controls = vec![0.0; self.controls.means.len()];
        self.controls.write(self.totals(0, 0, worker), worker.scratch.scores(), &mut controls);
        let lived = self.lived_columns().map(|index| worker.table[index]).collect();
        Kept { totals: worker.totals.clone(), lived, controls }
    }

    /// Bytes of what is kept of a trial.
    pub(crate) fn kept_bytes(&self) -> f64 {
        let totals = self.phases.variants().len() * self.plan.observations().len();
        ((totals + self.lived_columns().count() + self.controls.means.len()) * size_of::<f64>()) as f64
    }

    /// Where the person-years of each variant and segment of a first year stand in a trial's table.
    fn lived_columns(&self) -> impl Iterator<Item = usize> {
        let (row, observations) = (self.sampler.row_length(), self.plan.observations().len());
        let variants = self.phases.variants().len();
        (0..variants * row).step_by(observations).map(|start| start + self.person_years_column)
    }
}

impl Worker {
    /// Takes a kept year as if it had been sampled.
    pub(crate) fn note_kept(&mut self, settler: &Settler<'_>, totals: &[f64], lived: &[f64], system: &SystemYear) {
        self.note(totals, system);
        for (index, lived) in settler.lived_columns().zip(lived) {
            self.table[index] = *lived;
        }
    }
}
