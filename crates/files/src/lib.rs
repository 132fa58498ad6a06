//! Reading and writing of users' files, such that none is ever lost.
//!
//! Every file that the program reads goes through [`open_input`] or [`read_input`], every single file that it writes through
//! [`OutputFile`], every folder of a report through [`OutputFolder`], and every folder that must be new through [`NewFolder`].

mod folder;
mod input;
mod lock;
mod manifest;
mod new_folder;
mod output;
mod placing;

pub use folder::{Ended, FolderError, FolderGuard, OutputFolder, Recovered, Request};
pub use input::{InputError, open_input, read_input};
pub use manifest::{MANIFEST, sha256_of};
pub use new_folder::NewFolder;
pub use output::{IfThere, OutputError, OutputFile};
pub use placing::Kept;

use std::{fs::File, io, path::Path};

/// Asks the system to keep a folder's list of names through a power failure, where it can be asked.
fn sync_folder(folder: &Path) {
    if cfg!(unix)
        && let Ok(folder) = File::open(folder)
    {
        // Some file systems cannot; the names are as safe there as they ever are.
        let _ = folder.sync_all();
    }
}

/// An error without the path of a file of a random name, which nobody has asked for.
fn without_path(error: io::Error) -> io::Error {
    use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    match error.kind() {
        kind @ (NotADirectory | NotFound | PermissionDenied | QuotaExceeded | ReadOnlyFilesystem | StorageFull) => {
            kind.into()
        }
        _ => error,
    }
}
