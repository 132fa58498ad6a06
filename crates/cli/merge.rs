//! `twosided merge`.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use twosided::{Control, RunOptions, Shards, report::report_files};
use twosided_files::Request;

use crate::{
    Failure, progress,
    run::{with_board, write_report},
    stop::{check, open_folder},
};

/// Merge the shards of a run into the report that one run would have written.
#[derive(Args)]
pub(crate) struct MergeArguments {
    /// Folders of the shards, in any order; together they hold every trial of the run once.
    #[arg(required = true, value_name = "SHARD")]
    shards: Vec<PathBuf>,
    /// Folder of the report.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Replace another report in that folder, and move files in the way into a folder kept-1.
    #[arg(long)]
    replace: bool,
}

pub(crate) fn merge(arguments: &MergeArguments) -> Result<(), Failure> {
    let shards = Shards::open(&arguments.shards)?;
    let scenario = shards.scenario();
    let control = Arc::new(Control::default());
    let options = RunOptions { control: Some(&control), ..RunOptions::default() };
    let request = Request {
        folder: &arguments.out,
        command: "merge",
        inputs: &[&shards.run_file()],
        names: &report_files(scenario),
        replace: arguments.replace,
    };
    let destination = open_folder(&request, &control, None)?;
    let run = progress::watched(scenario.trials, "trials", &control, || shards.merge(&options))?;
    check(&control)?;
    let run = with_board(run, &options, &control)?;
    let shards = arguments.shards.len();
    let how = if shards == 1 { "from 1 shard".to_owned() } else { format!("from {shards} shards") };
    write_report(&run, &destination, &arguments.out, &how, &control)
}
