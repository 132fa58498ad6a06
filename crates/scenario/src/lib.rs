//! The scenario file: parse, check everything, point at what is wrong.
//!
//! What the file says is read key by key; every problem is noted with its place, and none stops the rest from being read.
//! The reference of all keys is `docs/scenario.md`.

mod contracts;
mod population;
mod problem;
mod provider;
mod section;
mod size;

use std::{fmt, fs, io, path::Path, sync::Arc};

use miette::GraphicalReportHandler;
use toml::de::DeTable;
use twosided_contracts::Arrangement;
use twosided_population::Population;
use twosided_provider::Provider;

pub use problem::Problem;
pub(crate) use problem::printable;
use problem::{Shown, Text};
pub use section::SourceNote;
use section::{Findings, Section};
pub use size::RunSize;

/// What a scenario file says, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The scenario's name.
    pub name: String,
    /// Sampled years.
    pub trials: u64,
    /// Key of all random streams.
    pub seed: u64,
    /// Who is covered.
    pub population: Population,
    /// The provider's books.
    pub provider: Provider,
    /// Contracts, in the order of the file.
    pub contracts: Vec<Arrangement>,
    /// Where assumptions come from, in the order of the file's blocks.
    pub sources: Vec<SourceNote>,
    /// The text as read.
    pub text: String,
}

/// A scenario that cannot be used.
#[derive(Debug)]
pub enum ScenarioError {
    /// The file cannot be read.
    Unreadable {
        /// The file.
        file: String,
        /// Why, and what would be right.
        reason: String,
    },
    /// The file has problems.
    Invalid {
        /// The problems, in the order of their places.
        problems: Vec<Problem>,
        /// The text in which they stand.
        text: ProblemText,
    },
}

/// The text of a file with problems.
#[derive(Clone, Debug)]
pub struct ProblemText(Arc<Text>);

/// Largest file read.
const MOST_BYTES: u64 = 4 * 1024 * 1024;
/// Problems shown in full.
const MOST_PROBLEMS: usize = 50;

impl Scenario {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// [`ScenarioError`], with every problem of the file.
    pub fn load(path: &Path) -> Result<Self, ScenarioError> {
        let file = printable(&path.display().to_string());
        let unreadable = |reason: String| ScenarioError::Unreadable { file: file.clone(), reason };
        let of_io = |error: &io::Error| match error.kind() {
            io::ErrorKind::NotFound => "there is no such file".to_owned(),
            _ => error.to_string(),
        };
        let metadata = fs::metadata(path).map_err(|error| unreadable(of_io(&error)))?;
        if !metadata.is_file() {
            return Err(unreadable(
                "it is not a file; give the path of a scenario, as scenarios/first-steps.toml".into(),
            ));
        }
        if metadata.len() > MOST_BYTES {
            let reason = format!("it has {} bytes; a scenario has at most {MOST_BYTES}", metadata.len());
            return Err(unreadable(reason));
        }
        let bytes = fs::read(path).map_err(|error| unreadable(of_io(&error)))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let place = error.utf8_error().valid_up_to();
            unreadable(format!("it is not UTF-8 text (byte {place}); save it as UTF-8"))
        })?;
        Self::parse(&file, &text)
    }

    /// Checks the text of a file.
    ///
    /// # Errors
    /// [`ScenarioError::Invalid`], with every problem of the text.
    pub fn parse(file: &str, text: &str) -> Result<Self, ScenarioError> {
        let findings = Findings::default();
        let (document, syntax_errors) = DeTable::parse_recoverable(text);
        let root = Section::new(document.get_ref(), String::new(), 0..0, &findings);
        let scenario = read(root, text);
        let mut problems = findings.problems.into_inner();
        if !syntax_errors.is_empty() {
            // What could not be parsed looks absent; only what is present and wrong is worth saying beside it.
            problems.retain(|problem| !problem.missing);
            let help = "this is not TOML; see https://toml.io, or start from scenarios/first-steps.toml";
            problems.extend(syntax_errors.iter().take(MOST_PROBLEMS).map(|error| Problem {
                span: error.span().unwrap_or(0..0),
                message: printable(error.message()),
                help: help.to_owned(),
                missing: false,
            }));
        }
        problems.sort_by_key(|problem| problem.span.start);
        match scenario {
            Some(scenario) if problems.is_empty() => {
                Ok(Self { sources: findings.sources.into_inner(), text: text.to_owned(), ..scenario })
            }
            _ => {
                let text = ProblemText(Arc::new(Text::new(file.to_owned(), text)));
                Err(ScenarioError::Invalid { problems, text })
            }
        }
    }
}

const MOST_TRIALS: u64 = 1_000_000_000;

fn read(root: Section<'_>, text: &str) -> Option<Scenario> {
    let run = root.section("run");
    if run.is_none() && !root.has("run") {
        root.missing("run", "begin with [run] and a name, as name = \"Which track for 2027?\"");
    }
    let settings = run.and_then(|run| {
        let name = run.name("name");
        let trials = run.count("trials", 2, MOST_TRIALS, "trials is a whole number from 2 to 1,000,000,000");
        let trials_given = run.has("trials");
        let seed_given = run.has("seed");
        let seed = run.count("seed", 0, u64::MAX >> 1, "seed is a whole number from 0 to 9,223,372,036,854,775,807");
        let trials_span = run.span_of("trials");
        run.finish();
        let trials = if trials_given { trials?.value } else { 10_000 };
        let seed = if seed_given { seed?.value } else { 1 };
        Some((name?.value, trials, seed, trials_span))
    });
    if let Some(written_by) = root.section("written_by") {
        for key in ["version", "commit", "generator", "scenario_sha256", "outcomes_sha256"] {
            written_by.text(key);
        }
        written_by.finish();
    }
    let population = population::read(&root);
    let provider = provider::read(&root, population.as_ref());
    let contracts = contracts::read(&root, population.as_ref());
    let findings = root.findings;
    root.finish();
    let (name, trials, seed, trials_span) = settings?;
    let (population, contracts) = (population?, contracts?);
    if let Some(refusal) = RunSize::new(&population, contracts.len(), trials).refusal() {
        findings.wrong(&trials_span, refusal, "use fewer trials, fewer members, or fewer contracts");
        return None;
    }
    let (provider, text) = (provider?, text.to_owned());
    Some(Scenario { name, trials, seed, population, provider, contracts, sources: Vec::new(), text })
}

impl std::error::Error for ScenarioError {}

impl fmt::Display for ScenarioError {
    /// One line: what is wrong with the file as a whole.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { file, reason } => write!(f, "cannot read {file}: {reason}"),
            Self::Invalid { problems, text } => {
                let plural = if problems.len() == 1 { "" } else { "s" };
                write!(f, "{} has {} problem{plural}", text.0.name(), problems.len())
            }
        }
    }
}

impl ScenarioError {
    /// Every problem with its line, the text there and what would be right, drawn by the handler; then the summary line.
    pub fn render(&self, handler: &GraphicalReportHandler) -> String {
        let mut out = String::new();
        if let Self::Invalid { problems, text } = self {
            for problem in problems.iter().take(MOST_PROBLEMS) {
                let Problem { span, message, help, .. } = problem.clone();
                let shown = Shown { message, help, span, text: Arc::clone(&text.0) };
                handler.render_report(&mut out, &shown).expect("writing to a string cannot fail");
            }
            if problems.len() > MOST_PROBLEMS {
                out.push_str(&format!("… and {} more\n", problems.len() - MOST_PROBLEMS));
            }
        }
        out.push_str(&format!("{self}\n"));
        out
    }
}

impl ProblemText {
    /// Line and column of a problem, both counted from one.
    pub fn position(&self, problem: &Problem) -> (usize, usize) {
        self.0.position(problem.span.start)
    }
}
