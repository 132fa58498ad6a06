//! `twosided check`.

use std::path::PathBuf;

use clap::Args;
use twosided_form::printable;
use twosided_population::ExpectedCosts;
use twosided_scenario::{RunSize, Scenario};
use twosided_units::{Dollars, grouped};

use crate::{
    Failure, IncludeArguments,
    pilot::{Pilot, pilot},
    print, warn,
};

/// Check a scenario without running it: every problem at once, each with its line and what would be right.
#[derive(Args)]
pub(crate) struct CheckArguments {
    /// The scenario file.
    scenario: PathBuf,
    /// Treat warnings as errors.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    include: IncludeArguments,
}

pub(crate) fn check(arguments: &CheckArguments) -> Result<(), Failure> {
    let scenario = Scenario::load(&arguments.scenario, &arguments.include.allow_include)?;
    let pilot = pilot(&scenario)?;
    let mut warnings = scenario.warnings.clone();
    if let Some(pilot) = &pilot {
        pilot.expected.note(&mut warnings);
    }
    warn(&warnings, arguments.strict)?;
    let size = RunSize::new(&scenario.population, scenario.contracts.len(), scenario.trials, scenario.years);
    let count = |number: u64| grouped(&number.to_string());
    let file = printable(&arguments.scenario.display().to_string());
    let mut out = format!("{file} is valid: {}\n", scenario.name);
    let expected = scenario.population.expected_costs().map_err(|error| Failure::Message(error.to_string()))?;
    for (segment, ExpectedCosts { person_years, costs }) in scenario.population.segments().iter().zip(expected) {
        let mean = costs.into_iter().sum::<Option<f64>>().map(|cost| Dollars(cost / person_years).to_string());
        let mean = mean.unwrap_or_else(|| "a mean that correlated factors leave open".to_owned());
        let people = count(segment.members);
        out.push_str(&format!("  segment  {}: {people} people, {mean} expected a person-year\n", segment.name));
    }
    for contract in &scenario.contracts {
        out.push_str(&format!("  contract {} (LAN {}): {}\n", contract.name, contract.lan, contract.terms.summary()));
        let lines = pilot.iter().flat_map(|pilot| pilot.expected.lines(&contract.name));
        lines.for_each(|line| out.push_str(&format!("           {line}\n")));
    }
    out.push_str("  segments: before truncation and programmes; deaths, turnover, trend and factors counted\n");
    if let Some(Pilot { trials, .. }) = pilot {
        out.push_str(&format!(
            "  contracts: the first year of {} trials; ± is one standard error of simulation\n",
            count(trials)
        ));
    }
    let trials = count(scenario.trials);
    out.push_str(&format!(
        "  a run of {trials} trials takes at most about {:.0} CPU-seconds\n",
        size.cpu_seconds.ceil()
    ));
    print(&out)
}
