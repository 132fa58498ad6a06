//! Choices of one case, from the run's seed and the number of the case alone.

use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

/// The random choices of one case.
pub struct Dice(Xoshiro256PlusPlus);

impl Dice {
    /// The same seed and case give the same choices, whatever ran before.
    pub fn new(seed: u64, case: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(case)))
    }

    /// A number below a limit; 0 if the limit is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        if limit == 0 { 0 } else { self.0.random_range(0..limit) }
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.0.random_bool(probability)
    }

    /// One of several.
    pub fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// A byte.
    pub fn byte(&mut self) -> u8 {
        self.0.random()
    }
}
