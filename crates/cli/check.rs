//! `twosided check`.

use std::path::PathBuf;

use clap::Args;
use twosided_form::printable;
use twosided_scenario::{RunSize, Scenario};
use twosided_units::{Dollars, grouped};

use crate::{Failure, IncludeArguments, print};

/// Check a scenario without running it: every problem at once, each with its line and what would be right.
#[derive(Args)]
pub(crate) struct CheckArguments {
    /// The scenario file.
    scenario: PathBuf,
    #[command(flatten)]
    include: IncludeArguments,
}

pub(crate) fn check(arguments: &CheckArguments) -> Result<(), Failure> {
    let scenario = Scenario::load(&arguments.scenario, &arguments.include.allow_include)?;
    let size = RunSize::new(&scenario.population, scenario.contracts.len(), scenario.trials, scenario.years);
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
    let trials = count(scenario.trials);
    out.push_str(&format!(
        "  a run of {trials} trials takes at most about {:.0} CPU-seconds\n",
        size.cpu_seconds.ceil()
    ));
    print(&out)
}
