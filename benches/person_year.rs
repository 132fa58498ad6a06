//! A person-year taken apart: what each layer adds to it, and what the draws take that it is made of. All figures are nanoseconds
//! of one thread, of a person-year or of a draw.

use std::{
    hint::black_box,
    path::Path,
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};

use criterion::{Bencher, Criterion, criterion_group, criterion_main};
use twosided_contracts::Arrangement;
use twosided_population::{Observation, Plan, Sampler, Scratch, ServiceScope, Variant, Volume};
use twosided_prob::{
    Family, Frequency, Purpose, ScoredAmounts, ScoredCounts, Severity, SeverityScratch, Stream, StreamKey, name_key,
    scores_at,
};
use twosided_scenario::Scenario;
use twosided_units::Dollars;

/// What is different from the person job's year.
#[derive(Default)]
struct Layer {
    name: &'static str,
    /// Keys of every segment.
    segment: &'static str,
    /// Tables of the scenario.
    scenario: &'static str,
    /// Years; one where it is 0.
    later_years: u32,
    /// Conduct besides the year as it is.
    variants: Vec<Variant>,
    observed: Vec<Observation>,
}

fn layers() -> Vec<Layer> {
    let volume = |volume| Variant {
        programs: Vec::new(),
        volume: vec![Volume { services: ServiceScope::All, segments: None, factor: volume }],
    };
    let capped =
        |service: &str| Observation::CappedExpenditure { service: service.to_owned(), limit: Dollars(30_000.0) };
    vec![
        Layer { name: "turnover", segment: "turnover = { rate = 0.1 }", ..Layer::default() },
        Layer {
            name: "turnover, joiners and leavers of another cost",
            segment: "turnover = { rate = 0.1, joiner_cost = 0.9, leaver_cost = 1.1 }",
            ..Layer::default()
        },
        Layer {
            name: "risk scores",
            segment: "risk_score = { mean = 1, cv = 0.8, frailty_loading = 0.7 }",
            ..Layer::default()
        },
        Layer { name: "five years, frailty persists", later_years: 4, ..Layer::default() },
        Layer {
            name: "three tiers",
            scenario: "[[population.tiers]]\nname = 'low'\nshare = 0.6\nuse = 0.5\n\
                [[population.tiers]]\nname = 'rising'\nshare = 0.3\nuse = 1.2\n\
                [[population.tiers]]\nname = 'complex'\nshare = 0.1\nuse = 4",
            ..Layer::default()
        },
        Layer {
            name: "a program",
            scenario: "[[provider.programs]]\nname = 'care'\neffect = { inpatient = { mean = -0.06, sd = 0.03 }, \
                emergency = { mean = -0.04, sd = 0.03 } }\nsource = 'assumed'",
            variants: vec![Variant { programs: vec![0], volume: Vec::new() }],
            ..Layer::default()
        },
        Layer { name: "a response: 5% less of all services", variants: vec![volume(0.95)], ..Layer::default() },
        Layer { name: "a response: 5% more of all services", variants: vec![volume(1.05)], ..Layer::default() },
        Layer {
            name: "capped episodes",
            observed: vec![capped("inpatient"), capped("rehabilitation")],
            ..Layer::default()
        },
        Layer {
            name: "a quality measure",
            scenario: "[[population.measures]]\nname = 'control'\ndenominator = 0.2\nrate = 0.7",
            ..Layer::default()
        },
    ]
}

/// The person job, ready to be sampled trial by trial.
struct Trials {
    sampler: Sampler,
    seed: u64,
    person_years: u64,
    trial: u64,
    scratch: Scratch,
    table: Vec<f64>,
}

impl Trials {
    fn new(layer: &Layer) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/person-job.toml");
        let text = std::fs::read_to_string(path).expect("it is in the repository");
        let text = text.replace("\nmembers = ", &format!("\n{}\nmembers = ", layer.segment));
        let scenario = Scenario::parse("bench", &format!("{text}\n{}\n", layer.scenario)).expect("the layer is valid");
        let mut plan = Plan::for_population(&scenario.population);
        let of_contracts = scenario.contracts.iter().flat_map(Arrangement::observes);
        for observation in of_contracts.chain(layer.observed.clone()) {
            plan.column(observation);
        }
        let variants = [vec![Variant::default()], layer.variants.clone()].concat();
        let years = 1 + layer.later_years;
        let sampler = Sampler::new(&scenario.population, &plan, years, &variants).expect("the laws are valid");
        let table = vec![0.0; sampler.table_length()];
        let person_years = u64::from(years) * scenario.population.members();
        Self { sampler, seed: scenario.seed, person_years, trial: 0, scratch: Scratch::default(), table }
    }

    /// Time of the next trial.
    fn time(&mut self) -> Duration {
        let Self { sampler, seed, trial, scratch, table, .. } = self;
        *trial += 1;
        let started = Instant::now();
        sampler.observe(*seed, *trial, &AtomicBool::new(false), scratch, table).expect("nobody stops it");
        black_box(table);
        started.elapsed()
    }

    fn nanoseconds(&mut self) -> f64 {
        self.time().as_nanos() as f64 / self.person_years as f64
    }
}

/// A year of the person job under its two contracts, without settling them; then with one layer more, in turns with the year as it
/// is, so that the difference is of the same minute.
#[expect(clippy::print_stdout, reason = "the difference stands below the times")]
fn person_years(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("person-year");
    group.sample_size(20).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    let mut base = Trials::new(&Layer::default());
    group.bench_function("person job", |bencher| each(bencher, base.person_years, || base.time()));
    for layer in layers() {
        let mut trials = Trials::new(&layer);
        let mut added = Vec::new();
        group.bench_function(layer.name, |bencher| {
            each(bencher, trials.person_years, || {
                let before = base.nanoseconds();
                let time = trials.time();
                added.push(time.as_nanos() as f64 / trials.person_years as f64 - before);
                time
            });
        });
        added.sort_by(f64::total_cmp);
        if let Some(middle) = added.get(added.len() / 2) {
            println!("                        {middle:+.1} ns a person-year beside the person job\n");
        }
    }
    group.finish();
}

/// Measures one of the elements that a piece of work handles, so that times are of an element.
fn each(bencher: &mut Bencher<'_>, elements: u64, mut time: impl FnMut() -> Duration) {
    bencher.iter_custom(|wanted| {
        let pieces = wanted.div_ceil(elements);
        let total: Duration = (0..pieces).map(|_| time()).sum();
        total.mul_f64(wanted as f64 / (pieces * elements) as f64)
    });
}

/// Draws in the batches of a block of people.
const BATCH: usize = 1024;
/// Batches that are timed at once.
const BATCHES: usize = 32;

fn draws(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("draw");
    group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    let mut draw = |name: &str, work: &mut dyn FnMut()| {
        group.bench_function(name, |bencher| {
            each(bencher, (BATCH * BATCHES) as u64, || {
                let started = Instant::now();
                for _ in 0..BATCHES {
                    work();
                }
                started.elapsed()
            });
        });
    };
    let key =
        StreamKey { seed: 1, purpose: Purpose::Severity, segment: 0, service: name_key("bench"), trial: 0, year: 0 };
    let mut stream = Stream::new(&key);
    let mut words = vec![0_u32; BATCH];
    let mut long_words = vec![0_u64; BATCH];
    let mut normals = vec![0_f32; BATCH];
    let mut scores = vec![0_f32; BATCH];
    let mut amounts = vec![0.0; BATCH];
    draw("word of 32 bits", &mut || stream.fill_half_words(black_box(&mut words)));
    draw("word of 64 bits", &mut || stream.fill_words(black_box(&mut long_words)));
    draw("normal", &mut || stream.fill_normals(black_box(&mut normals)));
    draw("score of a word at a frailty", &mut || scores_at(&words, &normals, 0.7, 0.714, black_box(&mut scores)));

    let mut scratch = SeverityScratch::default();
    let gamma = |cv| Severity::Family(Family::gamma(900.0, cv).expect("valid parameters"));
    let lognormal = || Severity::Family(Family::lognormal(4_100.0, 1.6).expect("valid parameters"));
    let mixture =
        || Severity::lognormal_mixture(&[(0.95, 8_600.0, 0.6), (0.05, 38_000.0, 0.8)]).expect("valid parameters");
    let laws = [
        ("lognormal", lognormal()),
        ("mixture of two lognormals", mixture()),
        ("gamma of shape 0.25", gamma(2.0)),
        ("gamma of shape 1.56", gamma(0.8)),
        ("gamma of shape 16", gamma(0.25)),
    ];
    for (name, law) in laws {
        draw(name, &mut || law.fill(&mut stream, black_box(&mut amounts), &mut scratch));
    }
    let counts: Vec<u32> = (1..=3).cycle().take(BATCH).collect();
    let law = gamma(0.8);
    draw("sum of 1 to 3 gammas of shape 1.56", &mut || {
        law.fill_sums(&mut stream, &counts, black_box(&mut amounts), &mut scratch);
    });

    let frequency = |mean| Frequency::NegativeBinomial { mean, dispersion: 0.6 }.table().expect("valid parameters");
    let mut events = vec![0; BATCH];
    for (name, mean) in [("count at a score, mean 0.4", 0.4), ("count at a score, mean 4.8", 4.8)] {
        let law = ScoredCounts::new(&frequency(mean));
        draw(name, &mut || law.fill(&scores, black_box(&mut events)));
    }
    for (name, law) in [("amount at a score, lognormal", lognormal()), ("amount at a score, mixture", mixture())] {
        let law = ScoredAmounts::new(0.1, &law).expect("valid parameters");
        draw(name, &mut || law.fill(&scores, black_box(&mut amounts)));
    }
    group.finish();
}

criterion_group!(benches, person_years, draws);
criterion_main!(benches);
