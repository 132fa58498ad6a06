//! Runs a scenario and prints what each contract brings the provider.
//!
//! ```text
//! cargo run --release --example run_and_print
//! ```

#![expect(clippy::print_stdout, reason = "an example prints what it finds")]

use std::error::Error;

use twosided::{Overrides, RiskMeasure, RunOptions, Scenario};

/// Runs the example.
///
/// # Errors
/// Where the scenario cannot be read or run.
pub fn main() -> Result<(), Box<dyn Error>> {
    let overrides = Overrides { trials: Some(1_000), ..Overrides::default() };
    let scenario = Scenario::load_with(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/first-steps.toml"), &overrides)?;
    let run = twosided::run(&scenario, &RunOptions::default())?;
    println!("{}: {}", scenario.name, run.summary.unit());
    for contract in &run.summary.contracts {
        let mean = contract.measure(RiskMeasure::MeanGain);
        let bad_year = contract.measure(RiskMeasure::ValueAtRisk95);
        println!(
            "{}: mean gain {:.0} ± {:.0}, 1-in-20 bad year {:.0}",
            contract.name, mean.value, mean.standard_error, -bad_year.value
        );
    }
    // The same as the program prints.
    println!("{}", run.report().table(None));
    Ok(())
}
