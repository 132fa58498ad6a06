//! The scenario file: parse, check everything, point at what is wrong.
//!
//! What the file says is read key by key; every problem is noted with its place, and none stops the rest from being read.
//! The reference of all keys is `docs/scenario.md`.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod attribution;
mod capital;
mod cash;
mod contracts;
mod covers;
mod decision;
mod elasticities;
mod forecast;
mod groups;
mod investments;
mod laws;
mod life;
mod limits;
mod measures;
mod overrides;
mod payers;
mod plausible;
mod population;
mod portfolios;
mod programs;
mod provider;
mod run;
mod schema;
mod steps;
mod surplus;
mod system;
#[cfg(test)]
mod tests;
mod tiers;
mod updates;
mod write;

use std::path::{Path, PathBuf};

pub use overrides::Overrides;
pub use run::RunKeys;
pub use schema::schema;

use twosided_contracts::Arrangement;
use twosided_form::{
    At, Document, DocumentError, Examined, Figures, Holds, Key, List, Nested, Section, Setting, SourceNote, Warnings,
    keys,
};
use twosided_population::{PoolOptions, Population};
use twosided_prob::Draws;
use twosided_provider::Provider;
use twosided_sim::{Job, Keep, Needs};

pub use capital::{Capital, CoverTable, HeldMechanism, Instrument};
pub use cash::Cash;
pub use covers::{NotBorne, not_borne};
pub use decision::{Decision, Preference, Varied};
pub use forecast::{Forecast, LikelyRate, Replay};
pub use limits::{Base, Comparison, Event, Limit, Quantity, Statement, StatementError, Subject, When};
pub use surplus::Surplus;
pub use system::LastingFactor;
pub use write::{Layout, Notes, Writer, contract_path, rounded, segment_path};

use capital::CapitalKeys;
use cash::CashKeys;
use contracts::CONTRACTS;
use decision::DecisionKeys;
use forecast::{ForecastKeys, ReplayKeys};
use population::{PopulationBlock, PopulationKeys};
use provider::ProviderKeys;
use run::{WrittenByKeys, pass_over_written_by, read_pools};
use surplus::SurplusKeys;
use system::{OrganizationKeys, SystemKeys};

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
    /// Whether scores are stratified and measures corrected by controls, so that the same trials come nearer.
    pub variance_reduction: bool,
    /// What is kept of each trial.
    pub keep: Keep,
    /// Large segments are drawn from pools; person by person where absent.
    pub pools: Option<PoolOptions>,
    /// Who is covered.
    pub population: Population,
    /// The provider's books.
    pub provider: Provider,
    /// Contracts, in the order of the file.
    pub contracts: Vec<Arrangement>,
    /// What contracts are required to keep to, in the order of the file.
    pub limits: Vec<Limit>,
    /// What is to be decided.
    pub decision: Decision,
    /// When receipts and payments fall due, where the scenario says so.
    pub cash: Option<Cash>,
    /// What the provider can pay with.
    pub capital: Option<Capital>,
    /// How settlements are divided within the provider.
    pub surplus: Option<Surplus>,
    /// What was found of the first year, where it is forecast.
    pub forecast: Option<Forecast>,
    /// The year that is simulated again, where it is a past one.
    pub replay: Option<Replay>,
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
        Self::load_with(path, &Overrides { include_from: allowed.to_vec(), ..Overrides::default() })
    }

    /// The same with overrides, which hold before the size of the run is checked: a file whose own trials are too many loads
    /// with fewer. A size that overridden trials make too large is left to the run, which refuses it.
    ///
    /// # Errors
    /// [`DocumentError`], with every problem of the file.
    pub fn load_with(path: impl AsRef<Path>, overrides: &Overrides) -> Result<Self, DocumentError> {
        let document = Document::load_with_included(path.as_ref(), &overrides.include_from)?;
        Self::of(&document.with(overrides.set.iter().cloned()), overrides)
    }

    /// Checks the text of a file.
    ///
    /// # Errors
    /// [`DocumentError::Invalid`], with every problem of the text.
    pub fn parse(file: &str, text: &str) -> Result<Self, DocumentError> {
        Self::of(&Document::new(file, text), &Overrides::default())
    }

    /// Whether the text says all that the scenario holds, trials and seed aside: no longer once a field is changed.
    pub fn is_as_written(&self) -> bool {
        let overrides = Overrides {
            trials: Some(self.trials),
            seed: Some(self.seed),
            variance_reduction: Some(self.variance_reduction),
            keep: self.keep,
            ..Overrides::default()
        };
        Self::of(&Document::new("run.toml", &*self.text), &overrides).is_ok_and(|written| {
            let Self { sources, text, warnings, .. } = self.clone();
            Self { sources, text, warnings, ..written } == *self
        })
    }

    /// The same scenario with keys set as if its text said so; trials, seed and what is kept stay as they are.
    ///
    /// # Errors
    /// [`DocumentError`], with every problem of the text as it then is.
    pub fn with_settings(&self, settings: impl IntoIterator<Item = Setting>) -> Result<Self, DocumentError> {
        let document = Document::new("run.toml", &*self.text).with(settings);
        let overrides = Overrides {
            trials: Some(self.trials),
            seed: Some(self.seed),
            variance_reduction: Some(self.variance_reduction),
            keep: self.keep,
            ..Overrides::default()
        };
        let (scenario, _) = document.examine(&[], |root| read(root.of(RootKeys::TABLE), &overrides, None))?.value;
        Ok(Self { text: document.whole_text()?, ..scenario })
    }

    /// What is to be simulated.
    pub fn job(&self) -> Job<'_> {
        let Self { population, provider, contracts, .. } = self;
        let Self { trials, years, seed, variance_reduction: controls, keep, pools, .. } = *self;
        let draws = if controls { Draws::Stratified } else { Draws::Independent };
        Job { population, provider, contracts, others: &[], trials, years, seed, draws, controls, keep, pools }
    }

    fn of(document: &Document, overrides: &Overrides) -> Result<Self, DocumentError> {
        let examined = document.examine(&[], |root| read(root.of(RootKeys::TABLE), overrides, Some(document)))?;
        let Examined { value: (scenario, figures), sources, mut warnings } = examined;
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
    document.read_table(RootKeys::TABLE, |root| population::read(&root).population).map(|(population, _)| population)
}

/// The population with this many people in all, in the proportions of its segments; at least one of each.
pub fn resized(population: Population, members: u64) -> Population {
    let mut segments = population.segments().to_vec();
    tiers::resize(&mut segments, members);
    population.with_members(|segment| {
        let resized = segments.iter().find(|known| known.name == segment.name);
        resized.map_or(segment.members, |resized| resized.members)
    })
}

keys! {
    /// The blocks of a scenario.
    pub struct RootKeys "scenario" {
        INCLUDE: Vec<At<String>> = Key::new("include", Holds::Either(&[Holds::Text, Holds::Names { of: "files, up to 10" }]))
            .absent("none", "\"populations/medicare-2022.toml\"")
            .meaning("other files, relative to this one").more("[Below](#included-files)");
        RUN: Nested = Key::table("run", RunKeys::TABLE).required("{ name = \"Which track for 2027?\" }")
            .ask("begin with [run] and a name, as name = \"Which track for 2027?\"")
            .meaning("the name, trials, years and seed");
        POPULATION: Nested = Key::table("population", PopulationKeys::TABLE)
            .absent("required, here or in an included file", "{ segments = [{ name = \"all\", members = 5_000, services = { visits = { annual = { gamma = { mean = 9_000, cv = 2 } } } } }] }")
            .ask("describe the people: one [[population.segments]] or more")
            .meaning("the people, what care they use, and how they fare from year to year");
        SYSTEM: Nested = Key::table("system", SystemKeys::TABLE).absent("none", "{ copula = \"gaussian\" }")
            .meaning("factors that move many costs and benchmarks at once");
        ORGANIZATION: Nested = Key::table("organization", OrganizationKeys::TABLE)
            .absent("none", "{ efficiency = { sd = 0.03 } }").meaning("the provider's lasting differences");
        PROVIDER: Nested = Key::table("provider", ProviderKeys::TABLE).absent("it delivers nothing", "{ fixed_cost = 1e6 }")
            .meaning("what the provider delivers itself, at what cost, and its programs");
        PAYERS: List = payers::PAYERS;
        CONTRACTS: List = CONTRACTS;
        PORTFOLIOS: List = portfolios::PORTFOLIOS;
        LIMITS: List = limits::LIMITS;
        CASH: Nested = Key::table("cash", CashKeys::TABLE).absent("the report has none", "{ opening = 500_000 }")
            .meaning("when receipts and payments fall due, and what the provider has to pay with").more("It moves no gain");
        DECISION: Nested = Key::table("decision", DecisionKeys::TABLE).absent("not stated", "{ question = \"Which track for 2027?\" }")
            .meaning("what the first page of the report says of the question, and which keys it varies")
            .more("No other figure of a run depends on it");
        CAPITAL: Nested = Key::table("capital", CapitalKeys::TABLE).absent("not reported", "{ reserve = 2_000_000 }")
            .meaning("what the provider can pay with, and whether that is enough");
        SURPLUS: Nested = Key::table("surplus", SurplusKeys::TABLE)
            .absent("not reported", "{ participants = [{ name = \"primary care\", share = 0.5 }] }")
            .meaning("how what a contract settles is divided within the provider");
        FORECAST: Nested = Key::table("forecast", ForecastKeys::TABLE)
            .absent("none", "{ contract = \"Track\", year = 2023, last_year = 2022, last_rate = 0.0646, luck = 0.012, luck_interval = [-0.003, 0.027], expected_rate = 0.039, rate_interval = [-0.01, 0.088] }")
            .meaning("what was found of the year that is simulated, which the report then says first").more("No figure of a trial depends on it");
        REPLAY: Nested = Key::table("replay", ReplayKeys::TABLE).absent("none", "{ year = 2022 }")
            .meaning("the past year that is simulated again, in place of `forecast`").more("No figure of a trial depends on it");
        WRITTEN_BY: Nested = Key::table("written_by", WrittenByKeys::TABLE).absent("none", "{ version = \"0.1.0\" }")
            .meaning("what wrote a `run.toml`");
    }
}

/// Reads the contracts, then the portfolios that hold some of them at once.
fn read_contracts(
    root: &Section<'_>,
    people: &PopulationBlock,
    provider: Option<&Provider>,
) -> Option<Vec<Arrangement>> {
    let segments = people.population.as_ref().map(Population::segments);
    let contracts = contracts::read(root, &people.known, segments);
    let portfolios = portfolios::read(root, contracts.as_deref(), segments);
    let contracts = contracts?;
    if let Some(provider) = provider {
        investments::check(root, provider, &contracts);
    }
    Some([contracts, portfolios?].concat())
}

/// The figures that the blocks of a file state.
fn figures(root: &Section<'_>) -> Figures {
    root.figures(&[
        RootKeys::POPULATION.name,
        RootKeys::SYSTEM.name,
        RootKeys::ORGANIZATION.name,
        RootKeys::PROVIDER.name,
        RootKeys::PAYERS.name,
        RootKeys::CONTRACTS.name,
        RootKeys::PORTFOLIOS.name,
        RootKeys::CASH.name,
    ])
}

/// Reads the whole file. The values of keys that are varied are tried on the document, if it is given.
fn read(root: Section<'_>, overrides: &Overrides, document: Option<&Document>) -> Option<(Scenario, Figures)> {
    type Keys = RunKeys;
    let run = root.table(&RootKeys::RUN);
    let read = run.as_ref().map(|run| {
        let (name, trials, years) = (run.read(&Keys::NAME), run.read(&Keys::TRIALS), run.read(&Keys::YEARS));
        (name, trials, years, run.read(&Keys::SEED), run.read(&Keys::VARIANCE_REDUCTION))
    });
    let pools = run.as_ref().and_then(|run| run.table(&Keys::POOLS)).and_then(read_pools);
    let (name, trials, years, seed, variance_reduction) = read.unwrap_or_default();
    let trials_span = run.as_ref().map_or(0..0, |run| run.span_of(Keys::TRIALS.name));
    if let Some(run) = run {
        run.finish();
    }
    let trials = trials.map(|trials| overrides.trials.unwrap_or(trials));
    let seed = seed.map(|seed| overrides.seed.unwrap_or(seed));
    let variance_reduction = variance_reduction.map(|reduced| overrides.variance_reduction.unwrap_or(reduced));
    pass_over_written_by(&root);
    let mut people = population::read(&root);
    let provider = provider::read(&root, &RootKeys::PROVIDER, &mut people.known, people.payers.take());
    let contracts = read_contracts(&root, &people, provider.as_ref().map(|(provider, _)| provider));
    let limits = limits::read(&root, contracts.as_deref(), years);
    let cash = root.optional_table(&RootKeys::CASH, Cash::read);
    let decision = decision::read(&root, &RootKeys::DECISION, contracts.as_deref());
    let capital = capital::read(&root, &RootKeys::CAPITAL);
    let surplus = surplus::read(&root, &RootKeys::SURPLUS, contracts.as_deref());
    let forecast = forecast::read(&root, contracts.as_deref());
    let findings = root.findings;
    // Of a file with problems nobody asks, and what is unknown may be without end.
    let is_fine = findings.problems.borrow().is_empty();
    let figures = if is_fine { figures(&root) } else { Vec::new() };
    root.finish();
    if let (Some(population), Some((_, programs))) = (&mut people.population, &provider) {
        population.programs.clone_from(programs);
    }
    if let (Some(population), Some(trials), Some(years)) = (&people.population, trials, years) {
        let books = provider.as_ref().map_or_else(Provider::default, |(provider, _)| provider.clone());
        let contracts = contracts.as_deref().unwrap_or_default();
        let refusal = |trials| {
            let (controls, draws, keep) = (variance_reduction == Some(true), Draws::Independent, overrides.keep);
            let others = &[];
            let job = Job {
                population,
                provider: &books,
                contracts,
                others,
                trials,
                years,
                seed: 0,
                draws,
                controls,
                keep,
                pools,
            };
            Needs::new(&job, None).refusal()
        };
        if let Some(message) = refusal(trials) {
            // Of a population that is too large for the usual trials, the people are what is wrong.
            let is_of_people = refusal(trials.min(10_000)).is_some();
            if is_of_people || overrides.trials.is_none() {
                let span = if is_of_people { people.span_of_most() } else { trials_span };
                findings.wrong(&span, message, "use fewer trials, years, members, segments or contracts");
                return None;
            }
        }
        if updates::refuse_overflow(findings, &people.span_of_growth, population, years) {
            return None;
        }
    }
    if let (Some(document), Some(decision)) = (document, &decision)
        && findings.problems.borrow().is_empty()
    {
        decision.check(document, overrides, findings);
    }
    let (provider, _) = provider?;
    let population = people.population?;
    let (forecast, replay) = forecast?;
    let scenario = Scenario {
        name: name?,
        trials: trials?,
        years: years?,
        seed: seed?,
        variance_reduction: variance_reduction?,
        keep: overrides.keep,
        pools,
        population,
        provider,
        contracts: contracts?,
        limits: limits?,
        decision: decision?.decision,
        cash: cash?,
        capital: capital?,
        surplus: surplus?,
        forecast,
        replay,
        sources: Vec::new(),
        text: String::new(),
        warnings: Warnings::default(),
    };
    Some((scenario, figures))
}
