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
        Scenario::load_with(path, &self.overrides(overrides))
    }

    /// Overrides of a command's own, with what is set and what may be included.
    pub(crate) fn overrides(&self, overrides: &Overrides) -> Overrides {
        let (set, include_from) = (self.set.clone(), self.include.allow_include.clone());
        Overrides { set, include_from, ..overrides.clone() }
    }

    /// Folders that a scenario may include files from, besides its own.
    pub(crate) fn allowed(&self) -> &[PathBuf] {
        &self.include.allow_include
    }

    /// Whether a key is set.
    pub(crate) fn has_settings(&self) -> bool {
        !self.set.is_empty()
    }

    /// The settings as a shell reads them.
    pub(crate) fn settings_as_typed(&self) -> String {
        let quoted = |setting: &Setting| format!(" --set '{}'", setting.to_string().replace('\'', "'\\''"));
        self.set.iter().map(quoted).collect()
    }
}
