//! How a command reads a scenario: what it may include, and what is set in it.

use std::path::{Path, PathBuf};

use clap::Args;
use twosided::{Overrides, Scenario, Setting};
use twosided_form::DocumentError;

/// What a scenario may read besides its own folder.
#[derive(Args)]
pub(crate) struct IncludeArguments {
    /// Folder that the scenario may include files from, besides its own; repeat it for several.
    #[arg(long, value_name = "DIR")]
    pub(crate) allow_include: Vec<PathBuf>,
}

/// How a scenario is read.
#[derive(Args)]
pub(crate) struct ScenarioArguments {
    /// Set a key of the scenario, such as population.members=6000, as if the file said so; repeat it for several.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<Setting>,
    #[command(flatten)]
    include: IncludeArguments,
}

impl ScenarioArguments {
    /// Reads and checks a scenario with what is set in it, and with overrides of a command's own.
    pub(crate) fn load(&self, path: &Path, overrides: &Overrides) -> Result<Scenario, DocumentError> {
        let (set, include_from) = (self.set.clone(), self.include.allow_include.clone());
        Scenario::load_with(path, &Overrides { set, include_from, ..overrides.clone() })
    }

    /// The settings as a shell reads them.
    pub(crate) fn settings_as_typed(&self) -> String {
        let quoted = |setting: &Setting| format!(" --set '{}'", setting.to_string().replace('\'', "'\\''"));
        self.set.iter().map(quoted).collect()
    }
}
