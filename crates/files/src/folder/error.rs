//! Why a folder cannot be written.

use std::{io, path::PathBuf};

/// A folder that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Something else has its name.
    #[error("{path:?} is {kind}, not a folder; give --out a folder")]
    NotAFolder {
        /// The path.
        path: PathBuf,
        /// What it is.
        kind: &'static str,
    },
    /// It is there, and must be new.
    #[error("{0:?} is there already; give another --out, or remove it first")]
    Exists(PathBuf),
    /// Another run writes to it.
    #[error("another run is writing to {0:?}; wait for its end, or give another folder with --out")]
    Busy(PathBuf),
    /// Nothing can be locked in it.
    #[error(
        "the file system of {folder:?} cannot lock files ({error}), so that two runs could mix their reports; give another \
         folder with --out and copy the report there"
    )]
    NoLocks {
        /// The folder.
        folder: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It belongs to another file.
    #[error(
        "{folder:?} holds what `twosided {command}` made of {input:?}; give another folder with --out, or --replace to \
         remove that {}",
        if command == "fit" { "fit" } else { "report" }
    )]
    OfAnotherFile {
        /// The folder.
        folder: PathBuf,
        /// The command that wrote it.
        command: String,
        /// The file it belongs to.
        input: PathBuf,
    },
    /// Another command wrote it. That of a fit may be included in the very scenario that is run.
    #[error("{folder:?} holds what `twosided {command}` made of {input:?}; give another folder with --out")]
    OfAnotherCommand {
        /// The folder.
        folder: PathBuf,
        /// The command that wrote it.
        command: String,
        /// The file it belongs to.
        input: PathBuf,
    },
    /// Files of others have names that will be written.
    #[error(
        "{folder:?} holds files that no run is known to have written: {}; give another folder with --out, or --replace to \
         move them into a folder kept-1 beside",
        first_of(names)
    )]
    InTheWay {
        /// The folder.
        folder: PathBuf,
        /// Their names.
        names: Vec<String>,
    },
    /// What would be replaced cannot be moved.
    #[error(
        "{path:?} would be replaced, but it cannot be moved: {error}; it may be protected or belong to another user; give \
         another folder with --out"
    )]
    Immovable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// What looks like the leftovers of a killed run cannot be recovered.
    #[error(
        "{staging:?} looks like what a killed run left, but cannot be recovered: {error}; copy what you need from it, then \
         remove it"
    )]
    Leftover {
        /// The folder.
        staging: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file that is read would be replaced.
    #[error("{folder:?} holds {input:?}, which is read and would be replaced; give another folder with --out")]
    Input {
        /// The folder.
        folder: PathBuf,
        /// The file.
        input: PathBuf,
    },
    /// The run was stopped, and its files removed.
    #[error("stopped before the files were complete")]
    Abandoned,
    /// The complete files could not be moved to their places.
    #[error(
        "cannot move the complete files into {folder:?}: {error}; they are in {staged:?}, copy them before the next run"
    )]
    NotPlaced {
        /// The folder.
        folder: PathBuf,
        /// Where the files are.
        staged: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The new files are in place, but the older ones could not be removed.
    #[error(
        "the new files are in {folder:?}, but the older ones could not be removed: {error}; the next run tries again"
    )]
    NotSortedOut {
        /// The folder.
        folder: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file or folder could not be read or written.
    #[error("cannot write {path:?}: {error}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// The first few names, and how many more there are.
fn first_of(names: &[String]) -> String {
    const MOST: usize = 5;
    let shown: Vec<String> = names.iter().take(MOST).map(|name| format!("{name:?}")).collect();
    let more = names.len().saturating_sub(MOST);
    shown.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() }
}
