//! `twosided check`.

use std::path::PathBuf;

use clap::Args;
use twosided_form::printable;
use twosided_scenario::Scenario;
use twosided_sim::{Needs, measure_cpu_seconds};
use twosided_units::{Dollars, grouped};

use crate::{Failure, print};

/// Check a scenario without running it: every problem at once, each with its line and what would be right.
#[derive(Args)]
pub(crate) struct CheckArguments {
    /// The scenario file.
    scenario: PathBuf,
}

pub(crate) fn check(arguments: &CheckArguments) -> Result<(), Failure> {
    let scenario = Scenario::load(&arguments.scenario)?;
    let count = |number: u64| grouped(&number.to_string());
    let file = printable(&arguments.scenario.display().to_string());
    let mut out = format!("{file} is valid: {}\n", scenario.name);
    for segment in scenario.population.segments() {
        let mean = Dollars(segment.mean().0 * scenario.population.system().trend.mean());
        out.push_str(&format!(
            "  segment  {}: {} people, {mean} expected a year each\n",
            segment.name,
            count(segment.members)
        ));
    }
    for contract in &scenario.contracts {
        out.push_str(&format!("  contract {} (LAN {}): {}\n", contract.name, contract.lan, contract.terms.summary()));
    }
    let job = scenario.job();
    let seconds = measure_cpu_seconds(&job).map_err(|error| Failure::Message(error.to_string()))?;
    out.push_str(&format!(
        "  a run of {} trials takes about {} CPU-seconds (measured on a few; the report comes on top) and {} MB of memory\n",
        count(scenario.trials),
        two_digits(seconds.max(0.1)),
        two_digits(Needs::new(&job, None).bytes / 1e6)
    ));
    print(&out)
}

/// A figure that is known to two digits.
fn two_digits(figure: f64) -> String {
    let unit = 10_f64.powi(figure.log10().floor() as i32 - 1);
    let rounded = (figure / unit).round() * unit;
    if rounded < 10.0 { format!("{rounded:.1}") } else { grouped(&format!("{rounded:.0}")) }
}
