//! Pools of large segments, drawn on all cores before the trials.

use std::sync::atomic::AtomicBool;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use twosided_population::{Interrupted, NotPooled, Plan, PoolDraft, PoolFigure, PoolPart, Sampler, Scratch, Variant};

use crate::{Job, SimulateError, practice::Practice};

/// What the pool of a segment knows of its layers of annual cost.
#[derive(Clone, Debug, PartialEq)]
pub struct PooledSegment {
    /// Index of the segment.
    pub segment: usize,
    /// Its layers, each with the standard error that the pool's finite size leaves.
    pub figures: Vec<PoolFigure>,
}

/// Which segments of a job are drawn from a pool, and why the others are not; none where the job has no pools.
///
/// # Shape
/// `[segment]`, in the order of the population.
pub fn pooled(job: &Job<'_>) -> Vec<Result<(), NotPooled>> {
    let mut plan = Plan::for_population(job.population);
    let practice = Practice::new(job, &mut plan);
    checks(job, &plan, practice.variants())
}

/// Whether two jobs observe the same of a year, under the same variants: then their pools are the same.
pub fn observe_alike(one: &Job<'_>, other: &Job<'_>) -> bool {
    let [one, other] = [one, other].map(|job| {
        let mut plan = Plan::for_population(job.population);
        let practice = Practice::new(job, &mut plan);
        (practice.variants().to_vec(), plan)
    });
    one == other
}

pub(crate) fn checks(job: &Job<'_>, plan: &Plan, variants: &[Variant]) -> Vec<Result<(), NotPooled>> {
    let segments = job.population.segments().iter();
    job.pools.map_or_else(Vec::new, |options| {
        let loaded = job.population.measures.iter().find(|measure| measure.is_loaded());
        let check = |segment| {
            options.check(segment, plan, job.years, variants)?;
            loaded.map_or(Ok(()), |measure| Err(NotPooled::LoadedMeasure(measure.name.clone())))
        };
        segments.map(check).collect()
    })
}

/// Draws the pools of a job and gives them to its sampler, one segment after the other, each on all threads of the current pool.
pub(crate) fn set_pools(
    job: &Job<'_>,
    plan: &Plan,
    variants: &[Variant],
    stop: &AtomicBool,
    sampler: &mut Sampler,
) -> Result<(), SimulateError> {
    let Some(options) = job.pools else { return Ok(()) };
    for (segment, _) in checks(job, plan, variants).into_iter().enumerate().filter(|(_, check)| check.is_ok()) {
        let draft = PoolDraft::new(sampler, job.population, plan, segment, job.seed, &options)?;
        let parts: Result<Vec<PoolPart>, Interrupted> = (0..draft.parts())
            .into_par_iter()
            .map_init(Scratch::default, |scratch, part| draft.draw(part, stop, scratch))
            .collect();
        sampler.set_pool(segment, draft.finish(parts.map_err(|Interrupted| SimulateError::Stopped)?));
    }
    Ok(())
}
