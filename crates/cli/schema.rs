//! `twosided schema`.

use std::path::PathBuf;

use clap::Args;
use twosided_files::{IfThere, OutputFile};

use crate::{Failure, print};

/// Write the JSON Schema of a scenario file, with which an editor completes and checks one.
///
/// An editor with Taplo reads the schema that the first line of a scenario names, as `#:schema ./scenario.schema.json`. The schema
/// knows the keys, types and ranges; `twosided check` knows the rest.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  twosided schema
  twosided schema --out scenario.schema.json")]
pub(crate) struct SchemaArguments {
    /// File to write [default: standard output].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn schema(arguments: &SchemaArguments) -> Result<(), Failure> {
    let schema = format!("{:#}\n", twosided_scenario::schema());
    match &arguments.out {
        Some(out) => Ok(OutputFile::new(out, &[], IfThere::Refuse)?.write(schema.as_bytes())?),
        None => print(&schema),
    }
}
