#![doc = include_str!("../README.md")]

mod board;
mod capital;
mod checkpoint;
mod compare;
mod exact;
mod merge;
mod options;
mod own;
mod pilot;
mod points;
mod precision;
mod price;
mod run;
mod saved;
mod shard;
mod shard_folder;
mod solve;
mod sweep;

pub mod explain;
pub mod gate;
pub mod settle;

pub use twosided_contracts as contracts;
pub use twosided_decide as decide;
pub use twosided_population as population;
pub use twosided_prob as prob;
pub use twosided_provider as provider;
pub use twosided_report as report;
pub use twosided_sim as sim;
pub use twosided_units as units;

pub use twosided_form::{Setting, SettingError};
pub use twosided_report::{Provenance, Report, RiskMeasure, Summary};
pub use twosided_scenario::{Overrides, Scenario, Statement};
pub use twosided_sim::{Control, Outcomes, OwnOutcomes};

pub use board::BoardError;
pub use compare::{FinishedRun, RunSource, compare};
pub use merge::{MergeError, Shards};
pub use options::{Checkpoints, FIRST_LOOK, RunError, RunOptions, check_size};
pub use own::settle_own;
pub use pilot::{Pilot, pilot};
pub use points::{Point, PointOutcomes, simulate_points, visit_points};
pub use precision::{Missed, Precise, Precision, run_to_precision};
pub use price::{MOST_POINTS, PriceError, PriceRequest, price};
pub use run::{Run, run};
pub use saved::OpenError;
pub use shard::{Shard, check_shard, run_shard, trials_of_shard};
pub use shard_folder::ShardError;
pub use solve::{KeyQuestion, KeySolved, SolveError, solve_key};
pub use sweep::{KeptPoints, Sweep, SweepError, SweepScenarios, SweptKey, SweptValues, Tie, Tied};

/// The version of this library.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The commit that it is built from, with `-dirty` after it if a source differs from it; `unknown` outside of its repository.
pub const COMMIT: &str = env!("TWOSIDED_COMMIT");
