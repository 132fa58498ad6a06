//! One run at a time in a folder.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// The file that a run locks in its folder while it works. The system unlocks it when the process ends, however it ends.
pub(crate) const LOCK: &str = ".twosided-lock";

/// A lock that is held as long as this value lives.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    file: File,
}

/// How often another run may remove the file between our two looks at it.
const TRIES: usize = 100;

impl Lock {
    /// Locks the folder; `None` if another run has it locked. Anything else that has the file's name is neither
    /// followed nor opened.
    pub(crate) fn of(folder: &Path) -> io::Result<Option<Self>> {
        let path = folder.join(LOCK);
        for _ in 0..TRIES {
            let Some(file) = open(&path)? else { continue };
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
                Ok(()) if still_has_its_name(&file, &path) => return Ok(Some(Self { path, file })),
                // Whoever had it locked has removed it since it was opened.
                Ok(()) => {}
            }
        }
        Err(io::Error::other(format!("{LOCK} is replaced again and again")))
    }

    /// Removes the file; nothing else may be written to the folder afterwards.
    pub(crate) fn remove(&self) {
        // On other systems a lock on a removed file could not be distinguished from a lock on its successor.
        if cfg!(unix) && still_has_its_name(&self.file, &self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The file, made if it is not there; `None` if it was removed in between.
fn open(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    match options.clone().create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => return made.map(Some),
    }
    let opened = fs::symlink_metadata(path).and_then(|metadata| match metadata.file_type() {
        kind if kind.is_file() => options.open(path),
        kind => {
            let kind = if kind.is_symlink() { "a symbolic link" } else { "not a regular file" };
            Err(io::Error::other(format!("{LOCK} in it is {kind}, where a run makes a file to lock; remove it")))
        }
    });
    match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some),
    }
}

#[cfg(unix)]
fn still_has_its_name(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(of_file), Ok(of_path)) = (file.metadata(), fs::symlink_metadata(path)) else { return false };
    (of_file.dev(), of_file.ino()) == (of_path.dev(), of_path.ino())
}

#[cfg(not(unix))]
fn still_has_its_name(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_and_then_the_next() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = Lock::of(folder.path()).expect("it can be locked").expect("it is free");
        assert!(Lock::of(folder.path()).expect("it can be tried").is_none());
        first.remove();
        drop(first);
        assert!(Lock::of(folder.path()).expect("it can be locked").is_some());
    }
}
