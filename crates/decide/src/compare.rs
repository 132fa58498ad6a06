//! Two runs, figure by figure: what is the same, what differs by chance, and what has moved.

mod bench;
mod family;
mod json;
mod judge;
mod metrics;
mod origin;
mod pairing;
mod tables;
mod tolerance;

use std::fmt;

use twosided_prob::student_apart;
use twosided_report::{Figure, Provenance, Summary, Unit};
use twosided_sim::Outcomes;

use family::Entry;
use judge::Judged;

pub use bench::{bencher, benchmark_action};
pub use metrics::metrics;
pub use pairing::Pairing;
pub use tolerance::{Tolerance, ToleranceError};

/// One of the two runs.
#[derive(Clone, Debug)]
pub struct Side<'a> {
    /// What it is called, as the path that it was read from.
    pub name: String,
    /// Its figures.
    pub summary: &'a Summary,
    /// Its trials, where they are at hand.
    pub trials: Option<NamedTrials<'a>>,
}

/// The trials of a run, with the names of its contracts.
#[derive(Clone, Debug)]
pub struct NamedTrials<'a> {
    /// What came out.
    pub outcomes: &'a Outcomes,
    /// Names of the contracts, in the order of the outcomes.
    pub contracts: Vec<&'a str>,
}

/// How two runs are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct CompareOptions {
    /// The share of comparisons of unchanged runs in which some figure is found to have moved, at most.
    pub false_alarms: f64,
    /// The standard errors of a normal law beyond which a figure has moved, in place of what the false alarms make of them.
    pub standard_errors: Option<f64>,
    /// What is no matter: a difference that lies within one of them, with its interval, is immaterial.
    pub tolerances: Vec<Tolerance>,
}

impl Default for CompareOptions {
    fn default() -> Self {
        Self { false_alarms: 0.001, standard_errors: None, tolerances: Vec::new() }
    }
}

/// Runs whose figures have no difference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// Horizons of other lengths.
    #[error("{a} is of {years_a} and {b} of {years_b}; compare runs with the same horizon", years_a = years(*.of_a), years_b = years(*.of_b))]
    Years {
        /// The first run.
        a: String,
        /// Its years.
        of_a: u32,
        /// The second run.
        b: String,
        /// Its years.
        of_b: u32,
    },
}

fn years(years: u32) -> String {
    if years == 1 { "1 year".to_owned() } else { format!("{years} years") }
}

/// What a figure is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A contract.
    Contract(String),
    /// People, by segment and service.
    Population {
        /// The segment, or `all`.
        segment: String,
        /// The service, or `all`.
        service: String,
    },
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contract(name) => f.write_str(name),
            Self::Population { segment, service } => write!(f, "population, segment {segment}, service {service}"),
        }
    }
}

/// What became of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Every bit is the same.
    Identical,
    /// It differs by no more than chance.
    WithinNoise,
    /// Its error cannot be estimated, so that nobody can say whether it moved.
    Undecidable,
    /// It moved, within a tolerance.
    Immaterial,
    /// It moved.
    Moved,
}

impl Change {
    /// All of them, in their order.
    pub const ALL: [Self; 5] = [Self::Identical, Self::WithinNoise, Self::Undecidable, Self::Immaterial, Self::Moved];

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::WithinNoise => "within noise",
            Self::Undecidable => "not decidable",
            Self::Immaterial => "moved but immaterial",
            Self::Moved => "moved",
        }
    }

    /// As a key of files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::WithinNoise => "within_noise",
            Self::Undecidable => "not_decidable",
            Self::Immaterial => "immaterial",
            Self::Moved => "moved",
        }
    }
}

/// A figure of both runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// What it is of.
    pub subject: Subject,
    /// The year, counted from 1; absent for the horizon.
    pub year: Option<u32>,
    /// What is measured, as files name it.
    pub measure: String,
    /// What is measured, for a reader.
    pub label: String,
    /// Whether it is one of the measures of a contract's gain over the horizon, or a return on risk, which tables always show.
    pub is_measure: bool,
    /// What it counts.
    pub unit: Unit,
    /// The first run's.
    pub a: Figure,
    /// The second run's.
    pub b: Figure,
    /// The second less the first.
    pub difference: f64,
    /// Its standard error; infinite where it cannot be estimated.
    pub standard_error: f64,
    /// Lower end of its 95% interval.
    pub lower: f64,
    /// Upper end of its 95% interval.
    pub upper: f64,
    /// The probability with which unchanged runs differ as much; none where it is not known.
    pub p_value: Option<f64>,
    /// What became of it.
    pub change: Change,
}

/// Two runs, compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Names of the two runs.
    pub names: [String; 2],
    /// Where their figures come from.
    pub provenance: [Provenance; 2],
    /// Whether they are compared trial by trial.
    pub pairing: Pairing,
    /// The share of comparisons of unchanged runs in which some figure is found to have moved, at most.
    pub false_alarms: f64,
    /// The probability below which a figure has moved: the false alarms over the number of figures.
    pub threshold: f64,
    /// Contracts of the first run alone.
    pub only_in_a: Vec<String>,
    /// Contracts of the second run alone.
    pub only_in_b: Vec<String>,
    /// Figures of both, by contract, and then those of the population.
    pub figures: Vec<Compared>,
    /// What else differs between the two, in sentences.
    pub notes: Vec<String>,
    /// Which contract is best under which preference, and which are dominated, in sentences of each run; none where nothing is ranked.
    pub rankings: [String; 2],
}

impl Comparison {
    /// Compares two runs.
    ///
    /// # Errors
    /// [`CompareError`].
    pub fn new(a: &Side<'_>, b: &Side<'_>, options: &CompareOptions) -> Result<Self, CompareError> {
        let provenance = [a, b].map(|side| side.summary.provenance.clone());
        let [of_a, of_b] = [0, 1].map(|side: usize| provenance[side].years);
        if of_a != of_b {
            return Err(CompareError::Years { a: a.name.clone(), of_a, b: b.name.clone(), of_b });
        }
        let pairing = Pairing::of(a, b);
        let (entries_a, entries_b) = (family::entries(a.summary), family::entries(b.summary));
        let other = |entry: &Entry| entries_b.iter().find(|other| other.is_as(entry));
        let both: Vec<(&Entry, &Entry)> = entries_a.iter().filter_map(|entry| Some((entry, other(entry)?))).collect();
        let count = both.len().max(1) as f64;
        let of_errors = |errors: f64| 2.0 * twosided_prob::upper_probability(errors);
        let threshold = options.standard_errors.map_or(options.false_alarms / count, of_errors);
        let judged = both.iter().map(|(of_a, of_b)| {
            let judged = judge::judge([a, b], [of_a, of_b], pairing == Pairing::Paired);
            compared(of_a, of_b, judged, threshold, &options.tolerances)
        });
        let lacks = |of: &Summary, other: &Summary| -> Vec<String> {
            let names = of.contracts.iter().map(|contract| &contract.name);
            names.filter(|name| other.contract(name).is_none()).cloned().collect()
        };
        Ok(Self {
            names: [a.name.clone(), b.name.clone()],
            notes: origin::notes(a, b, &pairing),
            rankings: [a, b].map(|side| side.summary.ranking_in_short()),
            false_alarms: options.standard_errors.map_or(options.false_alarms, |_| (threshold * count).min(1.0)),
            threshold,
            only_in_a: lacks(a.summary, b.summary),
            only_in_b: lacks(b.summary, a.summary),
            figures: judged.collect(),
            provenance,
            pairing,
        })
    }

    /// How many figures have changed in a way.
    pub fn count(&self, change: Change) -> usize {
        self.figures.iter().filter(|figure| figure.change == change).count()
    }

    /// Whether a figure has moved, or a contract is in one run alone.
    pub fn has_moved(&self) -> bool {
        self.count(Change::Moved) > 0 || !self.only_in_a.is_empty() || !self.only_in_b.is_empty()
    }

    /// The standard errors of a normal law beyond which a figure has moved.
    pub fn threshold_in_standard_errors(&self) -> f64 {
        twosided_prob::upper_score(0.5 * self.threshold)
    }
}

fn compared(a: &Entry, b: &Entry, judged: Judged, threshold: f64, tolerances: &[Tolerance]) -> Compared {
    let Judged { difference, standard_error, degrees_of_freedom, bound, p_value } = judged;
    let reach = twosided_prob::student_upper_quantile(degrees_of_freedom, 0.025);
    let half = bound + if standard_error > 0.0 { reach * standard_error } else { 0.0 };
    let (lower, upper) = (difference - half, difference + half);
    let is_tolerated = || tolerances.iter().any(|of| of.allows(a.figure.unit, a.figure.value, lower, upper));
    let change = match p_value {
        _ if a.figure == b.figure => Change::Identical,
        None => Change::Undecidable,
        Some(p) if p >= threshold => Change::WithinNoise,
        Some(_) if is_tolerated() => Change::Immaterial,
        Some(_) => Change::Moved,
    };
    Compared {
        subject: a.subject.clone(),
        year: a.year,
        measure: a.measure.clone(),
        label: a.label.clone(),
        is_measure: matches!(a.kind, family::Kind::Measure(_) | family::Kind::Return),
        unit: a.figure.unit,
        a: a.figure,
        b: b.figure,
        difference,
        standard_error,
        lower,
        upper,
        p_value,
        change,
    }
}

/// The two-sided probability of a difference of this many standard errors.
fn p_of(difference: f64, standard_error: f64, degrees_of_freedom: f64) -> f64 {
    match difference.abs() {
        0.0 => 1.0,
        _ if standard_error == 0.0 => 0.0,
        apart => student_apart(apart / standard_error, degrees_of_freedom),
    }
}
