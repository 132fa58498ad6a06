//! What a stream decides, and the name that it has by that.

/// What a stream decides. A new purpose goes to the end: numbers already drawn stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// The year-wide trend factor.
    Trend = 1,
    /// How many events of a service each person has, or who uses it; the score of both, where frailty moves them.
    Frequency = 2,
    /// What events cost, or a year of a service that no frailty moves.
    Severity = 3,
    /// How a person's cost that was drawn as one sum falls on its events.
    Split = 4,
    /// A person's frailty score.
    Frailty = 5,
    /// Who dies, when, and at what cost.
    Death = 6,
    /// Who leaves and is replaced.
    Turnover = 7,
    /// Which events fall into the part of the year that is lived.
    Exposure = 8,
    /// Which events a program avoids or a response adds.
    Variant = 9,
    /// What added events cost, and how many follow them.
    Added = 10,
    /// A person's risk score.
    RiskScore = 11,
    /// Who is in the denominator and the numerator of a measure.
    Measure = 12,
    /// The factors of the system and the organization.
    Factor = 13,
    /// How well a program works.
    Program = 14,
    /// How the cost of added events that was drawn as one sum falls on each of them.
    AddedSplit = 15,
    /// How many a variant keeps of very many events, and what part of a person's cost the kept ones make.
    Kept = 16,
    /// The people of a pool, who are drawn ahead of the trials.
    Pool = 17,
    /// Who is picked from a pool.
    Pick = 18,
    /// Which trial of a batch takes which stratum of a score.
    Stratum = 19,
    /// By how many months a settlement is late.
    Delay = 20,
    /// What a contract does not know of the outside, such as a median of other hospitals.
    Outside = 21,
    /// Which of the events that follow a variant's added ones it keeps, and which it doubles.
    Episode = 25,
    /// How much of a person's primary care falls to the provider.
    Home = 27,
    /// Who is assigned to the provider.
    Attribution = 28,
    /// How frail people were in the year before the first one.
    PriorFrailty = 29,
    /// Data like those to which laws were fitted. Fitting counts from 64, apart from what a simulated year decides.
    Refit = 64,
    /// Which people stand in a sample drawn again from those of a file.
    Resample = 65,
}

/// The name of a stream: nothing else decides its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamKey {
    /// The run's seed.
    pub seed: u64,
    /// What the stream decides.
    pub purpose: Purpose,
    /// The segment, as [`name_key`] of its name; 0 for the whole population.
    pub segment: u64,
    /// The service, as [`name_key`] of its name; 0 where no service is meant.
    pub service: u64,
    /// The trial.
    pub trial: u64,
    /// The year of the horizon, counted from 0.
    pub year: u32,
}

/// A number that stands for a name (64-bit FNV-1a), the same on every machine.
pub fn name_key(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
