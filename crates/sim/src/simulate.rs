//! All trials of a job, and what is observed over them.

use std::{num::NonZeroUsize, sync::Arc};

use ndarray::{Array2, Array3};
use twosided_population::{Interrupted, PopulationError};
use twosided_prob::{ControlVariate, Design};
use twosided_provider::Line;

use crate::{
    Control, Job, Moments, Observed, Outcomes, Part, SimulateError,
    part::part,
    settler::{FIGURES_OF_MARGIN, Settler},
};

/// What a simulation yields.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulated {
    /// Trial by trial.
    pub outcomes: Outcomes,
    /// Over all trials.
    pub observed: Observed,
    /// How the trials were drawn, with weights by their controls.
    pub design: Arc<Design>,
}

/// Samples `job.trials` futures and settles every contract on each year of them.
///
/// `threads` of `None` means one per core.
///
/// # Errors
/// [`SimulateError`].
pub fn simulate(job: &Job<'_>, threads: Option<NonZeroUsize>, control: &Control) -> Result<Simulated, SimulateError> {
    let settler = Settler::new(job)?;
    finish(part(&settler, 0..job.trials, threads, control)?, &settler, control)
}

/// How many moments a part of a job holds in each node of its tree.
///
/// # Errors
/// [`SimulateError::Population`].
pub fn figures_of(job: &Job<'_>) -> Result<usize, SimulateError> {
    Ok(Settler::new(job)?.moments())
}

/// How many controls each trial of a job has.
///
/// # Errors
/// [`SimulateError::Population`].
pub fn controls_of(job: &Job<'_>) -> Result<usize, SimulateError> {
    Ok(Settler::new(job)?.controls.means.len())
}

impl Part {
    /// What a simulation of this part's trials yields.
    ///
    /// # Errors
    /// [`SimulateError`].
    pub fn finish(self, job: &Job<'_>, control: &Control) -> Result<Simulated, SimulateError> {
        finish(self, &Settler::new(job)?, control)
    }

    /// How this part's trials were drawn, with weights by their controls.
    ///
    /// # Errors
    /// [`PopulationError`].
    pub fn design(&self, job: &Job<'_>) -> Result<Design, PopulationError> {
        Ok(design(&self.outcomes, &Settler::new(job)?))
    }
}

fn finish(part: Part, settler: &Settler<'_>, control: &Control) -> Result<Simulated, SimulateError> {
    let (years, contracts) = settler.shape();
    let (segments, observations) = settler.observed_shape();
    let mut moments = part.moments.total();
    moments.resize(settler.moments(), Moments::default());
    let of_margins = moments.split_off(settler.moments_before_margins());
    let of_margins = of_margins.chunks_exact(FIGURES_OF_MARGIN);
    let lines = of_margins.clone().flat_map(|figures| &figures[1..]).copied().collect();
    let compared = moments.split_off(settler.observed_moments());
    let mut compared = compared.chunks_exact(years * contracts).map(<[Moments]>::to_vec);
    let mut of_contracts = || {
        let figures = compared.next().expect("one chunk per comparison");
        Array2::from_shape_vec((years, contracts), figures).expect("one index per figure")
    };
    let total = moments.split_off(years * segments * observations);
    let shaped = "one index per figure";
    let tails = settler.tails(&control.stop).map_err(|Interrupted| SimulateError::Stopped)?;
    let mut observed = Observed {
        plan: settler.plan.clone(),
        segments: Array3::from_shape_vec((years, segments, observations), moments).expect(shaped),
        total: Array2::from_shape_vec((years, observations), total).expect(shaped),
        benchmarks: of_contracts(),
        expenditures: of_contracts(),
        savings_rates: of_contracts(),
        specific_recoveries: of_contracts(),
        aggregate_recoveries: of_contracts(),
        margins: of_margins.map(|figures| figures[0]).collect(),
        lines: Array2::from_shape_vec((contracts, Line::ALL.len()), lines).expect(shaped),
        tails,
    };
    settler.note_tails(&mut observed);
    let design = Arc::new(design(&part.outcomes, settler));
    Ok(Simulated { outcomes: part.outcomes, observed, design })
}

fn design(outcomes: &Outcomes, settler: &Settler<'_>) -> Design {
    let columns = outcomes.controls.columns().into_iter().zip(&settler.controls.means);
    let controls: Vec<ControlVariate> =
        columns.map(|(values, &mean)| ControlVariate { values: values.to_vec(), mean }).collect();
    Design::new(outcomes.trials(), settler.batch(), &controls)
}
