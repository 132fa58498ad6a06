//! The scenario file: parse, check everything, point at what is wrong.
//!
//! What the file says is read key by key; every problem is noted with its place, and none stops the rest from being read.
//! The reference of all keys is `docs/scenario.md`.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod contracts;
mod covers;
mod laws;
mod life;
mod plausible;
mod population;
mod programs;
mod provider;
mod system;
#[cfg(test)]
mod tests;
mod tiers;
mod updates;
mod write;

use std::path::{Path, PathBuf};

use twosided_contracts::Arrangement;
use twosided_form::{Document, DocumentError, Examined, Figures, Section, SourceNote, Warnings};
use twosided_population::Population;
use twosided_provider::Provider;
use twosided_sim::{Job, Needs};

pub use system::LastingFactor;
pub use write::{Layout, Notes, Writer, contract_path, rounded, segment_path};

/// What a scenario file says, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The scenario's name.
    pub name: String,
    /// Sampled futures.
    pub trials: u64,
    /// Years of each.
    pub years: u32,
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
    /// The text as read, with that of included files.
    pub text: String,
    /// What is likely to be meant otherwise.
    pub warnings: Warnings,
}

impl Scenario {
    /// Reads and checks a file, with those that it includes: from its own folder, or one of those allowed.
    ///
    /// # Errors
    /// [`DocumentError`], with every problem of the file.
    pub fn load(path: &Path, allowed: &[PathBuf]) -> Result<Self, DocumentError> {
        Self::of(&Document::load_with_included(path, allowed)?)
    }

    /// Checks the text of a file.
    ///
    /// # Errors
    /// [`DocumentError::Invalid`], with every problem of the text.
    pub fn parse(file: &str, text: &str) -> Result<Self, DocumentError> {
        Self::of(&Document::new(file, text))
    }

    /// What is to be simulated.
    pub fn job(&self) -> Job<'_> {
        let Self { population, provider, contracts, .. } = self;
        Job { population, provider, contracts, trials: self.trials, years: self.years, seed: self.seed }
    }

    fn of(document: &Document) -> Result<Self, DocumentError> {
        let Examined { value: (scenario, figures), sources, mut warnings } = document.examine(&[], read)?;
        plausible::note(&mut warnings, &figures, &scenario);
        updates::note(&mut warnings, &figures, &scenario);
        covers::note(&mut warnings, &scenario);
        Ok(Self { sources, text: document.whole_text()?, warnings, ..scenario })
    }
}

/// Reads the population of a file, whatever else stands in it.
///
/// # Errors
/// [`DocumentError::Invalid`], with every problem of the population.
pub fn read_population(document: &Document) -> Result<Population, DocumentError> {
    document.read(|root| population::read(&root).population).map(|(population, _)| population)
}

/// The population with so many people in all, in the proportions of its segments; at least one of each.
pub fn resized(population: Population, members: u64) -> Population {
    let mut segments = population.segments().to_vec();
    tiers::resize(&mut segments, members);
    population.with_members(|segment| {
        let resized = segments.iter().find(|known| known.name == segment.name);
        resized.map_or(segment.members, |resized| resized.members)
    })
}

const MOST_TRIALS: u64 = 1_000_000_000;
const MOST_YEARS: u64 = 50;

fn read(root: Section<'_>) -> Option<(Scenario, Figures)> {
    root.require("run", "begin with [run] and a name, as name = \"Which track for 2027?\"");
    let run = root.section("run");
    let name = run.as_ref().and_then(|run| run.name("name"));
    let trials = run.as_ref().and_then(|run| {
        let help = "trials is a whole number from 2 to 1,000,000,000";
        run.or("trials", 10_000, |run| Some(run.count("trials", 2, MOST_TRIALS, help)?.value))
    });
    let years = run.as_ref().and_then(|run| {
        let help = "years is a whole number from 1 to 50";
        run.or("years", 1, |run| Some(run.count("years", 1, MOST_YEARS, help)?.value as u32))
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
    let mut people = population::read(&root);
    let provider = provider::read(&root, &mut people.known);
    let contracts = contracts::read(&root, &people.known);
    let findings = root.findings;
    // Of a file with problems nobody asks, and what is unknown may be without end.
    let is_fine = findings.problems.borrow().is_empty();
    let keys: &[&'static str] = &["population", "system", "organization", "provider", "contracts"];
    let figures = if is_fine { root.figures(keys) } else { Vec::new() };
    root.finish();
    if let (Some(population), Some((_, programs))) = (&mut people.population, &provider) {
        population.programs.clone_from(programs);
    }
    if let (Some(population), Some(trials), Some(years)) = (&people.population, trials, years) {
        let books = provider.as_ref().map_or_else(Provider::default, |(provider, _)| provider.clone());
        let contracts = contracts.as_deref().unwrap_or_default();
        let refusal = |trials| {
            let job = Job { population, provider: &books, contracts, trials, years, seed: 0 };
            Needs::new(&job, None).refusal()
        };
        if let Some(message) = refusal(trials) {
            // Of a population that is too large for the usual trials, the people are what is wrong.
            let span = if refusal(trials.min(10_000)).is_some() { people.span_of_most() } else { trials_span };
            findings.wrong(&span, message, "use fewer trials, years, members, segments or contracts");
            return None;
        }
        if updates::refuse_overflow(findings, &people.span_of_growth, population, years) {
            return None;
        }
    }
    let (provider, _) = provider?;
    let population = people.population?;
    let scenario = Scenario {
        name: name?.value,
        trials: trials?,
        years: years?,
        seed: seed?,
        population,
        provider,
        contracts: contracts?,
        sources: Vec::new(),
        text: String::new(),
        warnings: Warnings::default(),
    };
    Some((scenario, figures))
}
