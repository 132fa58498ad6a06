//! `twosided check`.

use std::path::PathBuf;

use clap::Args;
use twosided::{Overrides, Pilot, pilot};
use twosided_form::printable;
use twosided_population::{AttributedPeople, ExpectedCosts};
use twosided_sim::{Needs, measure_cpu_seconds, pooled};
use twosided_units::{Dollars, grouped};

use crate::{Failure, counts::counted, print, scenario::ScenarioArguments, warn};

/// Check a scenario without running it.
///
/// Every problem is listed at once, with its line and what would be right; a valid scenario is summed up, with what each
/// contract is expected to settle on.
#[derive(Args)]
pub(crate) struct CheckArguments {
    /// Scenario file.
    scenario: PathBuf,
    /// Refuse a scenario with warnings.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    reading: ScenarioArguments,
}

pub(crate) fn check(arguments: &CheckArguments) -> Result<(), Failure> {
    let scenario = arguments.reading.load(&arguments.scenario, &Overrides::default())?;
    let pilot = pilot(&scenario)?;
    let mut warnings = scenario.warnings.clone();
    if let Some(pilot) = &pilot {
        pilot.expected.note(&mut warnings);
    }
    warn(&warnings, arguments.strict)?;
    let file = printable(&arguments.scenario.display().to_string());
    let mut out = format!("{file} is valid: {}\n", scenario.name);
    let expected = scenario.population.expected_costs().map_err(|error| Failure::Message(error.to_string()))?;
    let job = scenario.job();
    let mut pooled = pooled(&job).into_iter();
    for (segment, ExpectedCosts { person_years, costs }) in scenario.population.segments().iter().zip(expected) {
        let mean = costs.into_iter().sum::<Option<f64>>().map(|cost| Dollars(cost / person_years).to_string());
        let mean = mean.unwrap_or_else(|| "a mean that correlated factors leave open".to_owned());
        let people = counted(segment.members, "person", "people");
        out.push_str(&format!("  segment  {}: {people}, {mean} expected a person-year\n", segment.name));
        if let Some(assigned) = segment.attributed(scenario.population.assignment) {
            out.push_str(&format!("           {}\n", in_words(&assigned)));
        }
        match pooled.next() {
            None => {}
            Some(Ok(())) => out.push_str("           drawn from a pool\n"),
            Some(Err(reason)) => out.push_str(&format!("           drawn person by person: {reason}\n")),
        }
    }
    for contract in &scenario.contracts {
        out.push_str(&format!("  contract {} (LAN {}): {}\n", contract.name, contract.first().lan, contract.summary()));
        let lines = pilot.iter().flat_map(|pilot| pilot.expected.lines(&contract.name));
        lines.for_each(|line| out.push_str(&format!("           {line}\n")));
    }
    out.push_str("  segments: before truncation and programs; deaths, turnover, trend and factors counted\n");
    if let Some(Pilot { trials, .. }) = pilot {
        out.push_str(&format!(
            "  contracts: the first year of {}; ± is one standard error of simulation\n",
            counted(trials, "trial", "trials")
        ));
    }
    let seconds = measure_cpu_seconds(&job).map_err(|error| Failure::Message(error.to_string()))?;
    out.push_str(&format!(
        "  a run of {} takes about {} CPU-seconds with its report (trials measured on a few) and {} MB of memory\n",
        counted(scenario.trials, "trial", "trials"),
        two_digits(seconds.max(0.1)),
        two_digits(Needs::new(&job, None).bytes / 1e6)
    ));
    print(&out)
}

/// Who is assigned, where visits decide.
fn in_words(assigned: &AttributedPeople) -> String {
    let AttributedPeople { eligible, people, people_sd, stayers, visits_elsewhere } = *assigned;
    format!(
        "assigned by visits: {} of {} eligible are expected, with a standard deviation of {}; {:.0}% of them were assigned in the \
         year before too, and {:.0}% of their visits are made elsewhere",
        grouped(&format!("{people:.0}")),
        grouped(&eligible.to_string()),
        grouped(&format!("{people_sd:.0}")),
        100.0 * stayers,
        100.0 * visits_elsewhere,
    )
}

/// A figure that is known to two digits.
fn two_digits(figure: f64) -> String {
    let unit = 10_f64.powi(figure.log10().floor() as i32 - 1);
    let rounded = (figure / unit).round() * unit;
    if rounded < 10.0 { format!("{rounded:.1}") } else { grouped(&format!("{rounded:.0}")) }
}
