//! What a job takes, counted before it starts and measured on a few of its trials.

use std::{
    num::NonZeroUsize,
    sync::atomic::AtomicBool,
    thread::available_parallelism,
    time::{Duration, Instant},
};

use twosided_contracts::Against;
use twosided_population::{Plan, Population, PopulationError, Segment, Service, Utilization};
use twosided_provider::Line;

use crate::{
    Job, Keep, Layout, Moments, controls,
    pools::{checks, pooled},
    practice::Practice,
    settler::{COMPARISONS, FIGURES_OF_MARGIN, Settler, Worker},
};

/// The size of a job, from its counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Needs {
    /// Random numbers and what goes along with them.
    pub draws: f64,
    /// Bytes held at once: outcomes, what is measured of them, what each thread works with, the program itself.
    pub bytes: f64,
}

/// Seconds that a draw takes, on the slow side; a rough figure, which only keeps the absurd from starting.
const SECONDS_A_DRAW: f64 = 20e-9;
/// What it takes to begin a service's year, in draws.
const DRAWS_TO_BEGIN: f64 = 150.0;
/// Longest run accepted, in days of one core.
const MOST_DAYS: f64 = 100.0;
/// Most memory accepted.
const MOST_BYTES: f64 = 8.0 * GIBIBYTE;
const GIBIBYTE: f64 = 1_073_741_824.0;

/// The program and the rows that are written at once.
const BYTES_OF_PROGRAM: f64 = 40e6;
/// What the report draws of a contract, most of it in charts of all contracts.
const BYTES_OF_CONTRACT: f64 = 3.1e6;
/// The terms behind one figure that a contract observes, as text and as they are read.
const BYTES_OF_FIGURE: f64 = 1_250.0;
/// The law of a segment's service, and its rows in the report.
const BYTES_OF_SERVICE: f64 = 4e3;
/// A law of amounts as a table, read at a normal score.
const BYTES_OF_TABLE: f64 = 90e3;
/// The chances to be assigned of a segment's people.
const BYTES_OF_CHANCES: f64 = 265e3;
/// A random stream.
const BYTES_OF_STREAM: f64 = 660.0;
/// A pool, while it is made ready.
const BYTES_OF_POOL: f64 = 40e6;
/// Picks from a pool in a trial, about, each as long as two draws.
const DRAWS_OF_PICKS: f64 = 2.0 * 600.0;
/// What a person drawn into a pool takes, over a person-year of a trial.
const DRAWS_INTO_POOL: f64 = 2.0;
/// Totals of the people who are drawn together, for one scope of services.
const BYTES_OF_TOTALS: f64 = 8.0 * 1024.0;

/// Nodes of the tree of moments that a thread and its last block hold at most.
const NODES_OF_BLOCK: f64 = 5.0;

impl Needs {
    /// The needs of a job and its report on this many threads; `None` means one per core.
    pub fn new(job: &Job<'_>, threads: Option<NonZeroUsize>) -> Self {
        Self::counted(job, threads, true)
    }

    /// The same of a job of which only the trials are kept.
    pub fn of_trials(job: &Job<'_>, threads: Option<NonZeroUsize>) -> Self {
        Self::counted(job, threads, false)
    }

    fn counted(job: &Job<'_>, threads: Option<NonZeroUsize>, is_reported: bool) -> Self {
        let mut plan = Plan::for_population(job.population);
        let practice = Practice::new(job, &mut plan);
        let pooled = checks(job, &plan, practice.variants());
        let variants = practice.variants().len() as f64;
        let threads = threads.or_else(|| available_parallelism().ok()).map_or(1.0, |threads| threads.get() as f64);
        let (trials, years, contracts) = (job.trials as f64, f64::from(job.years), job.all_contracts().count() as f64);
        let segments = job.population.segments();
        let rows = segments.len() as f64 + 1.0;
        let observations = plan.observations().len() as f64;
        let layers = plan.observations().iter().filter(|seen| seen.scope_of_people().is_some()).count() as f64;
        let double = size_of::<f64>() as f64;

        // Of each year the gain and the cumulative gain, and what else is kept: the person-years, what is earned and what is compared,
        // and the lines. And the gain as it is, in order, and twice while it is measured.
        let compared = size_of::<Option<Against>>() as f64 / double;
        let kept_more = if job.keep >= Keep::Gains { 2.0 + compared } else { 0.0 };
        let lines = if job.keep >= Keep::Lines { Line::ALL.len() as f64 } else { 0.0 };
        let of_year = 1.0 + kept_more + lines + if job.years > 1 { 1.0 } else { 0.0 };
        let figures = of_year * years + 4.5;
        let details = if job.keep >= Keep::Lines { Layout::new(job, &practice).len() as f64 * years } else { 0.0 };
        let outcomes = trials * (contracts * figures + details) * double;
        // The controls of each trial, a copy of them, and the directions that they are turned into.
        let controls = if job.controls { 3.0 * controls::MOST as f64 * trials * double } else { 0.0 };
        // A block's moments on each thread and one waiting for it, the nodes of the tree, and the sum in the outcomes.
        let moments = (years * (rows * observations + COMPARISONS as f64 * contracts)
            + FIGURES_OF_MARGIN as f64 * contracts)
            * size_of::<Moments>() as f64;
        let nodes = f64::from(u64::BITS - job.trials.leading_zeros());
        let moments = if is_reported { moments * (NODES_OF_BLOCK * threads + nodes + 1.0) } else { 0.0 };
        let groups = practice.groups().count() as f64;
        let table = variants * years * (rows + groups) * observations * double;
        let streams = years * most_services(job.population) * (5.0 + 2.0 * variants) * BYTES_OF_STREAM;
        let people = variants * layers * (BYTES_OF_TOTALS + years * 8.0 * double);
        let by_visits = segments.iter().filter(|segment| segment.life.attribution.is_some()).count() as f64;
        let laws = services(job.population) * BYTES_OF_SERVICE
            + tables(job.population) * BYTES_OF_TABLE
            + by_visits * BYTES_OF_CHANCES;
        let terms: f64 = job.all_contracts().map(|contract| contract.observes().len() as f64).sum();
        let charts = if is_reported { contracts * BYTES_OF_CONTRACT } else { 0.0 };
        let fixed = BYTES_OF_PROGRAM + charts + terms * BYTES_OF_FIGURE + laws;
        let draws = segments.iter().enumerate().map(|(index, segment)| match (pooled.get(index), job.pools) {
            (Some(Ok(())), Some(options)) => {
                let people = options.persons(segment) as f64 / segment.sampled() as f64;
                draws_of_a_year(segment) * people * DRAWS_INTO_POOL + DRAWS_OF_PICKS * trials
            }
            _ => draws_of_a_year(segment) * variants * years * trials,
        });
        let pools = pooled.iter().filter(|pooled| pooled.is_ok()).count() as f64 * BYTES_OF_POOL;
        let bytes = fixed + outcomes + controls + moments + pools + threads * (table + streams + people);
        Self { draws: draws.sum(), bytes }
    }

    /// Seconds of one core by the counts alone, on the slow side.
    pub fn rough_seconds(&self) -> f64 {
        self.draws * SECONDS_A_DRAW
    }

    /// Why the job is refused, if it is.
    pub fn refusal(&self) -> Option<String> {
        let days = self.rough_seconds() / 86_400.0;
        if days > MOST_DAYS {
            let time = if days > 730.0 { format!("{:.0} years", days / 365.25) } else { format!("{days:.0} days") };
            return Some(format!(
                "this run would take about {time} of one core; at most {MOST_DAYS} days are accepted"
            ));
        }
        if self.bytes > MOST_BYTES {
            let need = self.gibibytes();
            return Some(format!("this run would need about {need} of memory; at most 8 GiB are accepted"));
        }
        None
    }

    /// The same on this machine, if it reports how much memory is left.
    pub fn refusal_here(&self) -> Option<String> {
        let left = memory_left()?;
        (self.bytes > left).then(|| {
            let (need, left) = (self.gibibytes(), Self { bytes: left, ..*self }.gibibytes());
            format!("this run would need about {need} of memory, and this machine has {left} left")
        })
    }

    fn gibibytes(&self) -> String {
        let gibibytes = self.bytes / GIBIBYTE;
        if gibibytes < 10.0 { format!("{gibibytes:.1} GiB") } else { format!("{gibibytes:.0} GiB") }
    }
}

/// How many services all segments have.
fn services(population: &Population) -> f64 {
    population.segments().iter().map(|segment| segment.services.len() as f64).sum()
}

/// How many annual amounts are read at a score.
fn tables(population: &Population) -> f64 {
    let is_table = |service: &&Service| {
        service.frailty_loading != 0.0 && matches!(service.utilization, Utilization::Annual { .. })
    };
    let services = population.segments().iter().flat_map(|segment| &segment.services);
    services.filter(is_table).count() as f64
}

/// The most services that one segment has.
fn most_services(population: &Population) -> f64 {
    population.segments().iter().map(|segment| segment.services.len()).max().unwrap_or(0) as f64
}

/// A number for each person's service, one for each event, and what it takes to begin.
fn draws_of_a_year(segment: &Segment) -> f64 {
    let counts = segment.expected_counts();
    let of_service = |(service, count): (&Service, &f64)| {
        let events = match service.utilization {
            Utilization::Annual { .. } => 0.0,
            Utilization::Events { .. } | Utilization::Following { .. } => *count,
        };
        segment.members as f64 * (1.0 + events) + DRAWS_TO_BEGIN
    };
    // Whether a person is assigned takes a number for frailty, one for the share of visits, and one for the outcome.
    let attribution = if segment.life.attribution.is_some() { 3.0 * segment.sampled() as f64 } else { 0.0 };
    attribution + segment.services.iter().zip(&counts).map(of_service).sum::<f64>()
}

/// Bytes that are left to a process on this machine, where it says so (Linux, and what its container allows).
fn memory_left() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    let of_group = |name: &str| -> Option<f64> {
        std::fs::read_to_string(format!("/sys/fs/cgroup/memory.{name}")).ok()?.trim().parse().ok()
    };
    let group = of_group("max").zip(of_group("current")).map_or(f64::INFINITY, |(most, used)| most - used);
    Some((kibibytes * 1024.0).min(group))
}

/// Seconds of one core that the report takes, as measured: its page; the charts of a contract; its fan over several years; what is
/// sorted and summed of one year of a trial.
const SECONDS_OF_PAGE: f64 = 0.035;
const SECONDS_OF_CONTRACT: f64 = 0.009;
const SECONDS_OF_FAN: f64 = 0.007;
const SECONDS_OF_FIGURES: f64 = 1.3e-6;

/// Seconds of one core that the report of a job takes: its charts do not depend on trials, and its figures do.
fn report_cpu_seconds(job: &Job<'_>) -> f64 {
    let fan = if job.years > 1 { SECONDS_OF_FAN } else { 0.0 };
    let figures = job.trials as f64 * f64::from(job.years) * SECONDS_OF_FIGURES;
    SECONDS_OF_PAGE + job.all_contracts().count() as f64 * (SECONDS_OF_CONTRACT + fan + figures)
}

/// How long the trials are looked at.
const LONGEST_LOOK: Duration = Duration::from_millis(400);
/// Trials of which the middle one counts.
const MOST_LOOKS: u64 = 25;
/// Draws of a trial that is measured whole; a larger one is measured in part.
const MOST_DRAWS: f64 = 4e6;
/// Segments and years that are measured of a larger job.
const MOST_SEGMENTS: usize = 40;
const MOST_YEARS: u32 = 5;

/// Seconds of one core that a job takes: its trials, measured on a few of them, and its report, by its size.
///
/// Making the laws ready counts too. Of a large job, some of the segments, the first years and some of the people are
/// sampled, and the time is taken in proportion: in people, of what two sizes differ by. Pools are not drawn: what they take follows from
/// what the same people take one by one.
///
/// # Errors
/// As for [`twosided_population::Sampler::new`].
pub fn measure_cpu_seconds(job: &Job<'_>) -> Result<f64, PopulationError> {
    let pooled = pooled(job);
    let is_pooled = |index: usize| matches!(pooled.get(index), Some(Ok(())));
    let mut seconds = report_cpu_seconds(job);
    if let Some(one_by_one) = job.population.clone().only(|index| !is_pooled(index)) {
        let Look { to_begin, a_trial } = look_at(&Job { population: &one_by_one, pools: None, ..*job })?;
        seconds += to_begin + a_trial * job.trials as f64;
    }
    if let (Some(options), Some(large)) = (job.pools, job.population.clone().only(is_pooled)) {
        let Look { to_begin, a_trial } = look_at(&Job { population: &large, pools: None, ..*job })?;
        let persons: u64 = large.segments().iter().map(|segment| options.persons(segment)).sum();
        let segments = large.segments().len() as f64;
        seconds += to_begin + DRAWS_INTO_POOL * a_trial / large.members() as f64 * persons as f64;
        seconds += segments * (SECONDS_OF_POOL + SECONDS_OF_PICKS * job.trials as f64);
    }
    Ok(seconds)
}

/// Seconds of one core that it takes to weigh a pool, and to pick from it in a trial.
const SECONDS_OF_POOL: f64 = 0.05;
const SECONDS_OF_PICKS: f64 = 20e-6;

/// Looks at a job without pools, of which a part is sampled if it is large.
fn look_at(job: &Job<'_>) -> Result<Look, PopulationError> {
    let all = job.population.segments().len();
    let step = all.div_ceil(MOST_SEGMENTS);
    let part = job.population.clone().every(step);
    let of_segments = services(job.population) / services(&part);
    let years = job.years.min(MOST_YEARS);
    let of_years = f64::from(job.years) / f64::from(years);
    let draws = part.segments().iter().map(draws_of_a_year).sum::<f64>() * f64::from(years);
    let of_people = (MOST_DRAWS / draws).min(1.0);
    let look_at = |share: f64| {
        let fewer = part.clone().with_members(|segment| (segment.members as f64 * share).ceil() as u64);
        let look = Look::new(&Job { population: &fewer, years, ..*job })?;
        Ok::<_, PopulationError>((look, fewer.members() as f64))
    };
    let (Look { to_begin, a_trial }, people) = look_at(of_people)?;
    let mut a_trial = a_trial;
    if of_people < 1.0 {
        let (smaller, fewer) = look_at(0.5 * of_people)?;
        let a_person = if people > fewer { (a_trial - smaller.a_trial).max(0.0) / (people - fewer) } else { 0.0 };
        a_trial += a_person * (part.members() as f64 - people);
    }
    Ok(Look { to_begin: of_segments * to_begin, a_trial: of_segments * a_trial * of_years })
}

/// Seconds that a job was seen to take.
struct Look {
    /// To make laws ready.
    to_begin: f64,
    /// To sample and settle a trial: the middle of a few.
    a_trial: f64,
}

impl Look {
    fn new(job: &Job<'_>) -> Result<Self, PopulationError> {
        let started = Instant::now();
        let settler = Settler::new(job)?;
        let to_begin = started.elapsed().as_secs_f64();
        let mut worker = Worker::new(&settler);
        let never = AtomicBool::new(false);
        let started = Instant::now();
        let mut seconds = Vec::new();
        // The first trial, which finds nothing in the processor's memory, counts only where there is no other.
        for trial in 0..=MOST_LOOKS {
            let before = Instant::now();
            settler.settle_alone(trial, &never, &mut worker);
            seconds.push(before.elapsed().as_secs_f64());
            if started.elapsed() > LONGEST_LOOK {
                break;
            }
        }
        if seconds.len() > 1 {
            seconds.remove(0);
        }
        seconds.sort_by(f64::total_cmp);
        Ok(Self { to_begin, a_trial: seconds[seconds.len() / 2] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_refused_with_its_size() {
        let needs = Needs { draws: 1e9, bytes: 12.0 * GIBIBYTE };
        let message = "this run would need about 12 GiB of memory; at most 8 GiB are accepted";
        assert_eq!(needs.refusal().as_deref(), Some(message));
        assert_eq!(Needs { bytes: 1e9, ..needs }.refusal(), None);
        let long = Needs { draws: 1e15, bytes: 1.0 };
        assert!(long.refusal().is_some_and(|message| message.contains("about 231 days of one core")));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_job_that_the_machine_cannot_hold_is_refused() {
        let needs = Needs { draws: 1.0, bytes: 1e18 };
        assert!(needs.refusal_here().is_some_and(|message| message.contains("this machine has")));
        assert_eq!(Needs { bytes: 1.0, ..needs }.refusal_here(), None);
    }
}
