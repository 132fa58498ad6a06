//! What a simulation is asked to do, how it is watched, and why it may fail.

use std::sync::atomic::{AtomicBool, AtomicU64};

use rayon::ThreadPoolBuildError;
use twosided_contracts::Arrangement;
use twosided_population::{PoolOptions, Population, PopulationError};
use twosided_prob::Draws;
use twosided_provider::Provider;

/// What is to be simulated.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// Who is covered.
    pub population: &'a Population,
    /// The provider's books.
    pub provider: &'a Provider,
    /// Contracts, each of which is settled on every sampled year.
    pub contracts: &'a [Arrangement],
    /// Other books, whose contracts are settled on the same years; their outcomes follow those of `contracts`, in order.
    pub others: &'a [Books<'a>],
    /// Number of trials, each a sampled future.
    pub trials: u64,
    /// Years of each trial.
    pub years: u32,
    /// Key of all random streams.
    pub seed: u64,
    /// How the scores of the trend, the factors and the programs are drawn.
    pub draws: Draws,
    /// Whether each trial keeps figures whose means are known, by which measures are corrected.
    pub controls: bool,
    /// What is kept of each trial.
    pub keep: Keep,
    /// Large segments are drawn from pools; person by person where absent.
    pub pools: Option<PoolOptions>,
}

/// A provider's books, with the contracts that are settled by them.
#[derive(Clone, Copy, Debug)]
pub struct Books<'a> {
    /// The books.
    pub provider: &'a Provider,
    /// The contracts.
    pub contracts: &'a [Arrangement],
}

impl<'a> Job<'a> {
    /// All books of the job, its own first.
    pub fn books(&self) -> impl Iterator<Item = Books<'a>> + use<'a> {
        let own = Books { provider: self.provider, contracts: self.contracts };
        [own].into_iter().chain(self.others.iter().copied())
    }

    /// The contracts of all books, in the order of their outcomes.
    pub fn all_contracts(&self) -> impl Iterator<Item = &'a Arrangement> + use<'a> {
        self.books().flat_map(|books| books.contracts)
    }
}

/// What is kept of each trial. Gains are kept always: exact quantiles need them all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keep {
    /// The gain of each year, and in how many years the contract is in force.
    None,
    /// Also person-years, what is compared, and what is earned.
    Gains,
    /// Also the lines of the margin.
    #[default]
    Lines,
    /// The same, and cash of every trial is written month by month.
    Cash,
}

impl Keep {
    /// Everything that can be kept, from the least to the most.
    pub const ALL: [Self; 4] = [Self::None, Self::Gains, Self::Lines, Self::Cash];

    /// The name in files and arguments.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gains => "gains",
            Self::Lines => "lines",
            Self::Cash => "cash",
        }
    }
}

/// How a running simulation is watched and stopped, from another thread.
#[derive(Debug, Default)]
pub struct Control {
    /// Set to stop the simulation soon.
    pub stop: AtomicBool,
    /// Trials completed.
    pub done: AtomicU64,
    /// Trials that a run decides to do as it goes; 0 where that is fixed.
    pub planned: AtomicU64,
}

/// Why a simulation has no outcomes.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// It was stopped.
    #[error("stopped before all trials were done")]
    Stopped,
    /// The population cannot be sampled.
    #[error(transparent)]
    Population(#[from] PopulationError),
    /// The threads could not be started.
    #[error("cannot start the worker threads: {0}")]
    Threads(#[from] ThreadPoolBuildError),
}
