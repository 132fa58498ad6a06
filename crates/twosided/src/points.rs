//! Scenarios that differ in a few keys, on as few sampled years as they allow.

use std::sync::{Arc, atomic::Ordering};

use twosided_contracts::Arrangement;
use twosided_prob::Design;
use twosided_provider::Provider;
use twosided_scenario::Scenario;
use twosided_sim::{Books, Control, Job, Needs, Outcomes, SimulatedTrials, Tails, observe_alike, simulate_trials};
use twosided_units::grouped;

use crate::options::{RunError, RunOptions, check_seed_and_trials};

/// Bytes of the points that are settled at once, above which they are settled in parts.
const MOST_BYTES_AT_ONCE: f64 = 1_073_741_824.0;

/// A scenario that is simulated together with others, and those of its contracts that are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Point<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Indices of the contracts.
    pub contracts: &'a [usize],
}

impl<'a> Point<'a> {
    /// The contracts that must be settled: all where there are pools, which are drawn for what all of them observe.
    fn settled(&self) -> impl Iterator<Item = &'a Arrangement> + use<'a> {
        let Self { scenario, contracts } = *self;
        let all = scenario.contracts.iter().enumerate();
        let is_settled = move |index: &usize| scenario.pools.is_some() || contracts.contains(index);
        all.filter(move |(index, _)| is_settled(index)).map(|(_, contract)| contract)
    }
}

/// What the trials of a point come to: to the bit what a run of its scenario comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct PointOutcomes {
    /// Trial by trial, of this point and of others that are settled on the same years.
    pub outcomes: Arc<Outcomes>,
    /// Which figures of each contract in the outcomes a heavy-tailed law reaches.
    pub tails: Arc<Vec<Tails>>,
    /// How the trials were drawn, with weights by their controls.
    pub design: Arc<Design>,
    /// Indices of the point's contracts in the outcomes, in the order in which they are asked for.
    pub contracts: Vec<usize>,
}

/// Simulates points; see [`visit_points`].
///
/// # Errors
/// [`RunError`].
pub fn simulate_points(points: &[Point<'_>], options: &RunOptions<'_>) -> Result<Vec<PointOutcomes>, RunError> {
    let mut simulated: Vec<Option<PointOutcomes>> = vec![None; points.len()];
    visit_points(points, options, |index, outcomes| {
        simulated[index] = Some(outcomes);
        Ok::<(), RunError>(())
    })?;
    Ok(simulated.into_iter().map(|outcomes| outcomes.expect("every point is visited")).collect())
}

/// Simulates points and hands each over as soon as it is done.
///
/// Points that sample the same years, because they differ in contracts and books alone, are settled together on one sample of them, in as
/// many parts as memory asks for. The others are sampled one after another, with the same streams. `control.planned` is set to the trials
/// of all samples.
///
/// # Errors
/// [`RunError`], also whatever the visitor returns.
///
/// # Panics
/// When a scenario does not have the contracts that are asked for.
pub fn visit_points<E: From<RunError>>(
    points: &[Point<'_>],
    options: &RunOptions<'_>,
    mut visit: impl FnMut(usize, PointOutcomes) -> Result<(), E>,
) -> Result<(), E> {
    let unwatched = Control::default();
    let control = options.control.unwrap_or(&unwatched);
    let mut parts = Vec::new();
    for group in groups(points) {
        divide(points, group, options, &mut parts)?;
    }
    let draws = parts.iter().map(|part| part.needs.draws).sum();
    if let Some(refusal) = (Needs { draws, bytes: 0.0 }).refusal() {
        let message = format!("{} points: {refusal}; use fewer points, trials, years or members", points.len());
        return Err(RunError::Refused(message).into());
    }
    let trials = parts.iter().map(|part| points[part.indices[0]].scenario.trials).sum();
    control.planned.store(trials, Ordering::Relaxed);
    for Part { indices, settings, .. } in parts {
        let first = points[indices[0]].scenario;
        let books = settings.books();
        let SimulatedTrials { outcomes, tails, design } =
            simulate_trials(&Settings::job(first, &books), options.threads, control).map_err(RunError::from)?;
        let (outcomes, tails) = (Arc::new(outcomes), Arc::new(tails));
        for &index in &indices {
            let contracts = settings.columns(&points[index]);
            let (outcomes, tails, design) = (Arc::clone(&outcomes), Arc::clone(&tails), Arc::clone(&design));
            visit(index, PointOutcomes { outcomes, tails, design, contracts })?;
        }
    }
    Ok(())
}

/// Points that are settled together.
struct Part<'a> {
    indices: Vec<usize>,
    settings: Settings<'a>,
    needs: Needs,
}

/// What some points settle: each of their books and contracts once.
#[derive(Default)]
struct Settings<'a> {
    /// The books, each with its contracts.
    books: Vec<(&'a Provider, Vec<Arrangement>)>,
}

impl<'a> Settings<'a> {
    fn of<'p>(points: impl Iterator<Item = &'p Point<'a>>) -> Self
    where
        'a: 'p,
    {
        let mut settings = Self::default();
        for point in points {
            let scenario = point.scenario;
            let index = settings.position(&scenario.provider).unwrap_or_else(|| {
                settings.books.push((&scenario.provider, Vec::new()));
                settings.books.len() - 1
            });
            let (_, settled) = &mut settings.books[index];
            for contract in point.settled() {
                if !settled.contains(contract) {
                    settled.push(contract.clone());
                }
            }
        }
        settings
    }

    fn position(&self, provider: &Provider) -> Option<usize> {
        self.books.iter().position(|(known, _)| *known == provider)
    }

    fn books(&self) -> Vec<Books<'_>> {
        self.books.iter().map(|(provider, contracts)| Books { provider, contracts }).collect()
    }

    /// The job of a scenario with the contracts of all books.
    fn job<'b>(scenario: &'b Scenario, books: &'b [Books<'b>]) -> Job<'b> {
        let (own, others) = books.split_first().expect("a part has a point");
        Job { provider: own.provider, contracts: own.contracts, others, ..scenario.job() }
    }

    /// Where the contracts of a point are in the outcomes.
    fn columns(&self, Point { scenario, contracts }: &Point<'_>) -> Vec<usize> {
        const SETTLED: &str = "every contract of a part's points is settled";
        let books = self.position(&scenario.provider).expect(SETTLED);
        let before: usize = self.books[..books].iter().map(|(_, contracts)| contracts.len()).sum();
        let settled = &self.books[books].1;
        let column = |contract: &Arrangement| settled.iter().position(|known| known == contract).expect(SETTLED);
        contracts.iter().map(|&contract| before + column(&scenario.contracts[contract])).collect()
    }
}

/// Indices of points that sample the same years.
fn groups(points: &[Point<'_>]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, point) in points.iter().enumerate() {
        match groups.iter_mut().find(|group| samples_alike(points[group[0]].scenario, point.scenario)) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    groups
}

/// Whether two scenarios sample the same years. Pools depend on what contracts observe, too.
pub(crate) fn samples_alike(one: &Scenario, other: &Scenario) -> bool {
    one.trials == other.trials
        && one.years == other.years
        && one.seed == other.seed
        && one.variance_reduction == other.variance_reduction
        && one.keep == other.keep
        && one.pools == other.pools
        && one.population == other.population
        && (one.pools.is_none() || observe_alike(&one.job(), &other.job()))
}

/// Divides the points of a group until each part can be held.
fn divide<'a>(
    points: &[Point<'a>],
    indices: Vec<usize>,
    options: &RunOptions<'_>,
    parts: &mut Vec<Part<'a>>,
) -> Result<(), RunError> {
    let first = points[indices[0]].scenario;
    check_seed_and_trials(first)?;
    let settings = Settings::of(indices.iter().map(|&index| &points[index]));
    let needs = Needs::of_trials(&Settings::job(first, &settings.books()), options.threads);
    let refusal = needs.refusal().or_else(|| needs.refusal_here());
    if indices.len() > 1 && (refusal.is_some() || needs.bytes > MOST_BYTES_AT_ONCE) {
        let (one, other) = indices.split_at(indices.len() / 2);
        divide(points, one.to_vec(), options, parts)?;
        return divide(points, other.to_vec(), options, parts);
    }
    if let Some(refusal) = refusal {
        Err(RunError::Refused(format!(
            "{} trials: {refusal}; use fewer trials, years, members, segments or contracts",
            grouped(&first.trials.to_string())
        )))
    } else {
        parts.push(Part { indices, settings, needs });
        Ok(())
    }
}
