//! `twosided run --method exact`.

use std::{path::Path, sync::Arc, time::Instant};

use clap::ValueEnum;
use twosided::{Control, Scenario};
use twosided_files::Request;
use twosided_form::printable;
use twosided_report::{EXACT_FILES, ExactReport};

use crate::{
    Failure, print, say,
    stop::{open_folder, say_what_is_kept},
};

/// How figures come about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    /// By sampled years, each figure with its standard error.
    #[default]
    Sampled,
    /// By the exact law of one year, each figure with a bound on its error, for the contracts that have one.
    Exact,
}

/// Computes the exact figures, prints them, and writes them where a folder is named.
pub(crate) fn run_exact(path: &Path, scenario: &Scenario, out: Option<&Path>, replace: bool) -> Result<(), Failure> {
    let names = EXACT_FILES.map(str::to_owned);
    let control = Arc::new(Control::default());
    let destination = out
        .map(|folder| {
            let request = Request { folder, command: "run", inputs: &[path], names: &names, replace };
            open_folder(&request, &control, None)
        })
        .transpose()?;
    let started = Instant::now();
    let report = ExactReport::new(scenario, twosided::VERSION, twosided::COMMIT)?;
    let seconds = started.elapsed().as_secs_f64();
    if !report.has_a_law() {
        return Err(Failure::Message(format!("no contract has an exact law\n{}", report.table(None).trim_end())));
    }
    let kept = destination.as_ref().map(|destination| report.write_into(destination)).transpose()?;
    print(&format!(
        "{}: gain against fee-for-service, dollars a year, exactly\n{}± is the estimated bound of an exact figure.\nVaR and TVaR are of the \
         loss: positive is owed or lost.\n",
        scenario.name,
        report.table(terminal_size::terminal_size().map(|(width, _)| width.0))
    ))?;
    let written = out.map_or(String::new(), |folder| {
        format!("; figures in {}", printable(&folder.join(EXACT_FILES[0]).display().to_string()))
    });
    say(&format!("exact law in {seconds:.1} s{written}\n"));
    kept.iter().flatten().for_each(say_what_is_kept);
    Ok(())
}
