//! The scenario file: parse, check everything, point at what is wrong.
//!
//! What the file says is read key by key; every problem is noted with its place, and none stops the rest from being read.
//! The reference of all keys is `docs/scenario.md`.

mod contracts;
mod laws;
mod population;
mod problem;
mod provider;
mod section;
mod size;
mod syntax;
#[cfg(test)]
mod tests;
mod value;
mod wording;

use std::{
    fmt,
    fs::{self, File},
    io::{self, Read},
    path::Path,
    sync::Arc,
};

use miette::GraphicalReportHandler;
use toml::{Spanned, de::DeTable};
use twosided_contracts::Arrangement;
use twosided_population::Population;
use twosided_provider::Provider;

pub use problem::{Problem, printable};
use problem::{Shown, Text, shortened};
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
/// Longest text of which all that is not TOML is found, which takes far more memory than the text; of a longer one, the
/// first fault alone is.
const MOST_RECOVERED: usize = 1024 * 1024;
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
        // A file may hold more than it says, as those of /proc do.
        let mut bytes = Vec::new();
        let file_of_bytes = File::open(path).map_err(|error| unreadable(of_io(&error)))?;
        file_of_bytes.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(of_io(&error)))?;
        if bytes.len() as u64 > MOST_BYTES {
            let most = wording::count(MOST_BYTES);
            return Err(unreadable(format!("it has more than {most} bytes, the most that a scenario may have")));
        }
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
        let (document, syntax_errors) = match DeTable::parse(text) {
            Ok(document) => (document, Vec::new()),
            Err(first) if text.len() > MOST_RECOVERED => (Spanned::new(0..0, DeTable::new()), vec![first]),
            Err(_) => DeTable::parse_recoverable(text),
        };
        let scenario = read(Section::new(document.get_ref(), String::new(), 0..0, &findings), text);
        let mut problems = findings.problems.into_inner();
        if syntax_errors.is_empty() && problems.is_empty() {
            let scenario = scenario.expect("what cannot be read has a problem that was noted");
            return Ok(Self { sources: findings.sources.into_inner(), ..scenario });
        }
        let text = Text::new(file.to_owned(), text);
        syntax::add(&syntax_errors, &text, &mut problems);
        problems.sort_by_key(|problem| problem.span.start);
        Err(ScenarioError::Invalid { problems, text: ProblemText(Arc::new(text)) })
    }
}

const MOST_TRIALS: u64 = 1_000_000_000;

fn read(root: Section<'_>, text: &str) -> Option<Scenario> {
    root.require("run", "begin with [run] and a name, as name = \"Which track for 2027?\"");
    let run = root.section("run");
    let name = run.as_ref().and_then(|run| run.name("name"));
    let trials = run.as_ref().and_then(|run| {
        let help = "trials is a whole number from 2 to 1,000,000,000";
        run.or("trials", 10_000, |run| Some(run.count("trials", 2, MOST_TRIALS, help)?.value))
    });
    let seed = run.as_ref().and_then(|run| {
        let help = "seed is a whole number from 0 to 9,223,372,036,854,775,807";
        run.or("seed", 1, |run| Some(run.count("seed", 0, u64::MAX >> 1, help)?.value))
    });
    let trials_span = run.as_ref().map_or(0..0, |run| run.span_of("trials"));
    if let Some(run) = run {
        run.finish();
    }
    if let Some(written_by) = root.section("written_by") {
        for key in ["version", "commit", "generator", "scenario_sha256", "outcomes_sha256"] {
            written_by.text(key);
        }
        written_by.finish();
    }
    let people = population::read(&root);
    let provider = provider::read(&root, &people);
    let contracts = contracts::read(&root, &people);
    let findings = root.findings;
    root.finish();
    if let (Some(population), Some(trials)) = (&people.population, trials) {
        let refusal = |trials| RunSize::new(population, contracts.as_ref().map_or(1, Vec::len), trials).refusal();
        if let Some(message) = refusal(trials) {
            // Of a population that is too large for the usual trials, the people are what is wrong.
            let span = if refusal(trials.min(10_000)).is_some() { people.place_of_most() } else { trials_span };
            findings.wrong(&span, message, "use fewer trials, fewer members, or fewer contracts");
            return None;
        }
    }
    Some(Scenario {
        name: name?.value,
        trials: trials?,
        seed: seed?,
        population: people.population?,
        provider: provider?,
        contracts: contracts?,
        sources: Vec::new(),
        text: text.to_owned(),
    })
}

impl std::error::Error for ScenarioError {}

impl fmt::Display for ScenarioError {
    /// One line: what is wrong with the file as a whole.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { file, reason } => write!(f, "cannot read {file}: {reason}"),
            Self::Invalid { problems, text } => {
                let plural = if problems.len() == 1 { "" } else { "s" };
                write!(f, "{} has {} problem{plural}", text.0.name(), wording::count(problems.len() as u64))
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
                out.push('\n');
            }
            if problems.len() > MOST_PROBLEMS {
                let others = wording::count((problems.len() - MOST_PROBLEMS) as u64);
                out.push_str(&format!("… and {others} more\n"));
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
