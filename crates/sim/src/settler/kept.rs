//! What is kept of a sampled first year, so that it can be settled again.

use twosided_population::{Observation, Plan, PopulationError, SystemYear, Variant};

use super::{Settler, Worker};
use crate::{
    Job,
    groups::{EVERYONE, Groups},
    practice::Practice,
};

/// What is kept of a trial's first year.
pub(crate) struct Kept {
    /// `[group, variant, observation]`
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
        let practice = Practice::new(job, &mut plan);
        for observation in besides {
            plan.column(observation.clone());
        }
        Self::of(job, plan, practice)
    }

    /// A settler of what was kept under a plan, variants and groups.
    ///
    /// # Panics
    /// When a contract observes something else, sees another variant of the year, or covers other people.
    pub(crate) fn again(
        job: &'a Job<'a>,
        kept: &Plan,
        (variants, groups): (&[Variant], &Groups),
    ) -> Result<Self, PopulationError> {
        let mut plan = kept.clone();
        let practice = Practice::new(job, &mut plan);
        assert_eq!(plan, *kept, "contracts observe what was kept");
        assert_eq!(practice.variants(), variants, "contracts see the variants that were kept");
        assert_eq!(practice.groups(), groups, "contracts cover the people that were kept");
        Self::of(job, plan, practice)
    }

    /// The plan, the variants of a year, and the groups of people.
    pub(crate) fn into_plan(self) -> (Plan, Vec<Variant>, Groups) {
        (self.plan, self.practice.variants().to_vec(), self.practice.groups().clone())
    }

    /// What is kept of the trial that a worker holds.
    pub(crate) fn kept(&self, worker: &Worker) -> Kept {
        let mut controls = vec![0.0; self.controls.means.len()];
        self.controls.write(self.totals(EVERYONE, 0, 0, worker), worker.scratch.scores(), &mut controls);
        let lived = self.lived_columns().map(|index| worker.table[index]).collect();
        Kept { totals: worker.totals.clone(), lived, controls }
    }

    /// Bytes of what is kept of a trial.
    pub(crate) fn kept_bytes(&self) -> f64 {
        let totals = self.practice.groups().count() * self.practice.variants().len() * self.plan.observations().len();
        ((totals + self.lived_columns().count() + self.controls.means.len()) * size_of::<f64>()) as f64
    }

    /// Where the person-years of each variant and segment of a first year stand in a trial's table.
    fn lived_columns(&self) -> impl Iterator<Item = usize> {
        let (row, observations) = (self.sampler.row_length(), self.plan.observations().len());
        let variants = self.practice.variants().len();
        (0..variants * row).step_by(observations).map(|start| start + self.person_years_column)
    }
}

impl Worker {
    /// Takes a kept year as if it had been sampled.
    pub(crate) fn note_kept(
        &mut self,
        settler: &Settler<'_>,
        (trial, totals, lived): (u64, &[f64], &[f64]),
        system: &SystemYear,
    ) {
        self.trial = trial;
        self.note(totals, system);
        for (index, lived) in settler.lived_columns().zip(lived) {
            self.table[index] = *lived;
        }
    }
}
