//! Rows of a results file as members of one portfolio, each under names of its own.

use std::{collections::BTreeSet, num::NonZeroUsize, sync::atomic::Ordering};

use twosided_aco::{AcoFile, SampledPersons};
use twosided_actuals::{AcoYear, ActualsError};
use twosided_contracts::Arrangement;
use twosided_population::{Factor, PoolOptions, Population, Segment, System};
use twosided_prob::Draws;
use twosided_provider::Provider;
use twosided_scenario::Scenario;
use twosided_sim::{Control, Job, Keep, SimulateError, for_each_index};
use twosided_units::Share;

/// Persons of each enrollment type who are sampled once for each ACO, to see what truncation takes.
pub const PERSONS: u64 = 50_000;
/// Seeds of those persons begin here, one for each row, so that what the sample misses is independent from ACO to ACO.
const FIRST_SEED: u64 = 1_000_000;

/// Which rows of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All of them.
    All,
    /// The first row, and every row that is this many after the last.
    Every(NonZeroUsize),
    /// Those of these identifiers.
    Ids(Vec<String>),
}

/// The trials that all ACOs share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trials {
    /// How many.
    pub count: u64,
    /// Key of all random streams.
    pub seed: u64,
    /// Large segments are drawn from pools; person by person where absent.
    pub pools: Option<PoolOptions>,
}

/// An ACO that takes part, as a scenario of one year.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its row as published, with its terms.
    pub aco: AcoYear,
    /// Its people. The names of segments and factors are its own, the trend is common.
    pub population: Population,
    /// Its books.
    pub provider: Provider,
    /// Its contract as signed.
    pub contract: Arrangement,
}

/// An ACO of which no scenario can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its line in the file.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// The selected ACOs of a file, in the order of their rows.
#[derive(Clone, Debug, Default)]
pub struct Members {
    /// Those that take part.
    pub members: Vec<Member>,
    /// Those that cannot.
    pub left_out: Vec<LeftOut>,
}

impl Member {
    /// What is to be simulated of it.
    pub fn job(&self, Trials { count, seed, pools }: Trials) -> Job<'_> {
        let Self { population, provider, contract, .. } = self;
        let contracts = std::slice::from_ref(contract);
        Job {
            population,
            provider,
            contracts,
            others: &[],
            trials: count,
            years: 1,
            seed,
            draws: Draws::Independent,
            controls: false,
            keep: Keep::Gains,
            pools,
        }
    }

    fn new(aco: AcoYear, scenario: Scenario, trend_followed: Share) -> Self {
        let population = in_the_nation(&scenario.population, &aco.aco, trend_followed);
        let contract = scenario.contracts.into_iter().nth(1).expect("the contract as signed follows fee-for-service");
        Self { aco, population, provider: scenario.provider, contract }
    }
}

/// The people of an ACO under names that no other ACO has, and a trend that benchmarks follow by a share of its surprise. Names decide
/// what is drawn, so that two ACOs share the trend, which has no name, and nothing else.
fn in_the_nation(population: &Population, id: &str, trend_followed: Share) -> Population {
    let own = |name: &str| format!("{id} {name}");
    let renamed =
        |segment: &Segment| Segment { name: own(&segment.name), group: Some(segment.name.clone()), ..segment.clone() };
    let factor = |factor: &Factor| Factor { name: own(&factor.name), ..factor.clone() };
    let system = population.system();
    let mut trend = system.trend;
    trend.benchmark_loading = trend_followed.value();
    let system = System::new(trend, system.factors().iter().map(factor).collect(), None);
    let segments = population.segments().iter().map(renamed).collect();
    let mut renamed = Population::new(segments, system).expect("as it was, under other names");
    renamed.assignment = population.assignment;
    renamed
}

/// The rows of a selection.
///
/// # Errors
/// [`ActualsError::Invalid`] for a file of another year, or an identifier that it does not have.
pub fn rows(file: &AcoFile<'_>, selection: &Selection) -> Result<Vec<usize>, ActualsError> {
    file.years().is_of_its_year()?;
    let all = file.years().rows();
    match selection {
        Selection::All => Ok((0..all).collect()),
        Selection::Every(step) => Ok((0..all).step_by(step.get()).collect()),
        Selection::Ids(ids) => {
            let rows = ids.iter().map(|id| file.find(id)).collect::<Result<BTreeSet<usize>, _>>()?;
            Ok(rows.into_iter().collect())
        }
    }
}

/// Makes the scenario of each row, with benchmarks that follow the national trend of a trial by a share: 1 in full, as the program
/// updates them by the growth that was found, 0 not at all. `control.done` counts rows.
///
/// # Errors
/// [`SimulateError::Stopped`] soon after `control.stop` is set, and [`SimulateError::Threads`].
pub fn members(
    file: &AcoFile<'_>,
    rows: &[usize],
    trend_followed: Share,
    threads: Option<NonZeroUsize>,
    control: &Control,
) -> Result<Members, SimulateError> {
    let made = for_each_index(rows.len(), threads, |index| {
        if control.stop.load(Ordering::Relaxed) {
            return None;
        }
        let made = member(file, rows[index], trend_followed);
        control.done.fetch_add(1, Ordering::Relaxed);
        Some(made)
    })?;
    let mut members = Members::default();
    let mut ids = BTreeSet::new();
    for (made, &row) in made.into_iter().zip(rows) {
        let made = made.ok_or(SimulateError::Stopped)?;
        let made = made.and_then(|member| {
            let is_new = ids.insert(member.aco.aco.clone());
            if is_new { Ok(member) } else { Err("an earlier row has the same identifier".to_owned()) }
        });
        match made {
            Ok(member) => members.members.push(member),
            Err(reason) => {
                let (line, id, name) = file.years().identity(row);
                let [id, name] = [id, name].map(str::to_owned);
                members.left_out.push(LeftOut { id, name, line, reason });
            }
        }
    }
    Ok(members)
}

/// The member of a row, or why there is none.
fn member(file: &AcoFile<'_>, row: usize, trend_followed: Share) -> Result<Member, String> {
    let reason = |error: ActualsError| match error {
        ActualsError::Invalid { problems, .. } => problems.join("; "),
        ActualsError::Unreadable { reason, .. } => reason,
    };
    let aco = file.years().aco(row).map_err(reason)?;
    let persons = SampledPersons { count: PERSONS, times: 1, seed: FIRST_SEED + row as u64 };
    let written = file.scenario_on(row, persons).map_err(reason)?;
    let scenario = Scenario::parse("the scenario that was made", &written.text)
        .map_err(|error| format!("the scenario that was made of it cannot be read: {}", error.in_short()))?;
    Ok(Member::new(aco, scenario, trend_followed))
}
