//! The `[run]` block, and what wrote the file.

use twosided_form::{
    Key,
    Literal::{Truth, Whole},
    Nested, Section, keys,
};
use twosided_population::PoolOptions;

use crate::RootKeys;

keys! {
    /// The run.
    pub struct RunKeys "run" {
        NAME: String = Key::name().more("It heads the report");
        TRIALS: u64 = Key::whole("trials", 2, 1_000_000_000).default(Whole(10_000)).meaning("the number of sampled futures")
            .more("`--trials` overrides it");
        YEARS: u32 = Key::whole("years", 1, 50).default(Whole(1)).meaning("the years of each: the horizon")
            .more("Figures are then of the whole horizon, with a table and a fan of cumulative gains year by year");
        SEED: u64 = Key::whole("seed", 0, u64::MAX >> 1).default(Whole(1)).meaning("the key of all random streams")
            .more("`--seed` overrides it. A number depends on the seed and the names of what it decides alone: the order of the file, and what is added to it or left out, change nothing else");
        VARIANCE_REDUCTION: bool = Key::truth("variance_reduction").default(Truth(false))
            .meaning("whether to reduce the chance in the figures")
            .more("The scores of the trend, of factors and of programs are then stratified, and measures are corrected by figures whose means are known ([precision](precision.md)). `--precision` turns it on");
        POOLS: Nested = Key::table("pools", PoolKeys::TABLE).absent("none: everybody is drawn in every trial", "{ above = 1_000 }")
            .meaning("draws large segments from pools of people who are simulated once, before the trials")
            .more("The cost of a trial then hardly depends on their members. [Below](#pools-of-large-segments)");
    }
}

keys! {
    /// Pools of large segments.
    pub struct PoolKeys "run.pools" {
        ABOVE: u64 = Key::whole("above", 0, 1_000_000_000).default(Whole(1_000))
            .meaning("the members above which a segment is drawn from a pool");
        PERSONS_PER_MEMBER: u64 = Key::whole("persons_per_member", 1, 10_000).default(Whole(64))
            .meaning("the people in a pool for each member of the segment")
            .more("A pool has from 65,536 to 4,194,304 people. What it does not know of a mean shrinks with the root of their number");
    }
}

keys! {
    /// What wrote the file; its values are not used.
    pub struct WrittenByKeys "written_by" {
        VERSION: String = Key::text("version").absent("none", "\"0.1.0\"").meaning("the version of the program that ran");
        COMMIT: String = Key::text("commit").absent("none", "\"unknown\"").meaning("the commit of the program that ran");
        GENERATOR: String = Key::text("generator").absent("none", "\"xoshiro256++\"").meaning("the random number generator");
        SCENARIO_SHA256: String = Key::text("scenario_sha256").absent("none", "\"…\"")
            .meaning("the hash of the scenario as run")
            .more("Its text with the trials and seed of the run, without this block. A `run.toml` that is run again has the same");
        OUTCOMES_SHA256: String = Key::text("outcomes_sha256").absent("none", "\"…\"")
            .meaning("the hash of all gains and lines").more("Where lines were not kept, of all gains");
        OUTCOMES: String = Key::text("outcomes").absent("`lines`", "\"gains\"").meaning("what the run kept of each trial, if not its lines");
    }
}

/// Checks what wrote the file, whose values are not used.
pub(crate) fn pass_over_written_by(root: &Section<'_>) {
    if let Some(written_by) = root.table(&RootKeys::WRITTEN_BY) {
        type Keys = WrittenByKeys;
        for key in [
            &Keys::VERSION,
            &Keys::COMMIT,
            &Keys::GENERATOR,
            &Keys::SCENARIO_SHA256,
            &Keys::OUTCOMES_SHA256,
            &Keys::OUTCOMES,
        ] {
            written_by.read(key);
        }
        written_by.finish();
    }
}

/// Reads the pools of large segments.
pub(crate) fn read_pools(pools: Section<'_>) -> Option<PoolOptions> {
    let (above, persons_per_member) = (pools.read(&PoolKeys::ABOVE), pools.read(&PoolKeys::PERSONS_PER_MEMBER));
    pools.finish();
    Some(PoolOptions { above: above?, persons_per_member: persons_per_member? })
}
