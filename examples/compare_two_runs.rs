//! Runs a scenario as it is and with a change made in memory, and compares the two runs trial by trial.
//!
//! ```text
//! cargo run --release --example compare_two_runs
//! ```

#![expect(clippy::print_stdout, reason = "an example prints what it finds")]

use std::error::Error;

use twosided::{Overrides, RunOptions, Scenario, prob::paired_difference, units::Pmpm};

/// Runs the example.
///
/// # Errors
/// Where the scenario cannot be read or run.
pub fn main() -> Result<(), Box<dyn Error>> {
    let overrides = Overrides { trials: Some(1_000), ..Overrides::default() };
    let before = Scenario::load_with(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/first-steps.toml"), &overrides)?;
    // What if taking part cost the provider $2 per member per month more?
    let mut after = before.clone();
    for contract in &mut after.contracts[1..] {
        let administration = &mut contract.first_mut().administration;
        *administration = Pmpm(administration.0 + 2.0);
    }
    let options = RunOptions::default();
    let (one, other) = (twosided::run(&before, &options)?, twosided::run(&after, &options)?);
    for (index, contract) in before.contracts.iter().enumerate() {
        // The same seed samples the same years: luck common to both cancels out.
        let gains = |run: &twosided::Run| run.outcomes.gains_of(index).to_vec();
        let difference = paired_difference(&gains(&other), &gains(&one));
        println!("{}: {:.0} ± {:.0}", contract.name, difference.value, difference.standard_error);
    }
    Ok(())
}
