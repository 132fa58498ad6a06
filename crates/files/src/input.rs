//! Files that are read: regular ones, of a bounded size.

use std::{
    fs::{self, File, FileType, Metadata},
    io::{self, Read},
    path::Path,
};

use twosided_units::grouped;

/// Why a file cannot be read; the message follows the file's name.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Nothing has this path.
    #[error("there is no such file")]
    NotFound,
    /// It is a folder.
    #[error("it is a folder; give the path of a file")]
    Folder,
    /// It is neither a file nor a folder.
    #[error("it is {0}, not a file; save what it holds in a file and give the path of that file")]
    Irregular(&'static str),
    /// It has too many bytes.
    #[error("it has more than {} bytes, the most that is read of such a file", grouped(&.0.to_string()))]
    TooLarge(u64),
    /// The system refuses.
    #[error(transparent)]
    Io(io::Error),
}

impl From<io::Error> for InputError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::NotFound } else { Self::Io(error) }
    }
}

/// Opens a regular file of at most this many bytes. What has no end, or may have none, is refused before it is opened: opening a
/// pipe waits for a writer.
///
/// # Errors
/// [`InputError`].
pub fn open_input(path: &Path, most_bytes: u64) -> Result<File, InputError> {
    refuse_irregular(path, &fs::metadata(path)?)?;
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    refuse_irregular(path, &metadata)?;
    if metadata.len() > most_bytes {
        return Err(InputError::TooLarge(most_bytes));
    }
    Ok(file)
}

/// Reads a regular file of at most this many bytes.
///
/// # Errors
/// [`InputError`].
pub fn read_input(path: &Path, most_bytes: u64) -> Result<Vec<u8>, InputError> {
    let mut bytes = Vec::new();
    // A file may grow while it is read.
    open_input(path, most_bytes)?.take(most_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most_bytes {
        return Err(InputError::TooLarge(most_bytes));
    }
    Ok(bytes)
}

fn refuse_irregular(path: &Path, metadata: &Metadata) -> Result<(), InputError> {
    if metadata.is_dir() {
        return Err(InputError::Folder);
    }
    if !metadata.is_file() {
        return Err(InputError::Irregular(kind_of(metadata.file_type())));
    }
    // These look like regular files; some of them never end.
    let of_the_system = |path: &Path| ["/proc", "/sys"].iter().any(|system| path.starts_with(system));
    if cfg!(unix) && path.canonicalize().is_ok_and(|path| of_the_system(&path)) {
        return Err(InputError::Irregular("a part of the running system (/proc or /sys)"));
    }
    Ok(())
}

/// What something is that is neither a file nor a folder.
#[cfg(unix)]
pub(crate) fn kind_of(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match kind {
        kind if kind.is_fifo() => "a pipe (FIFO)",
        kind if kind.is_socket() => "a socket",
        kind if kind.is_char_device() || kind.is_block_device() => "a device",
        _ => "something else",
    }
}

#[cfg(not(unix))]
pub(crate) fn kind_of(_: FileType) -> &'static str {
    "something else"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regular_file_is_read_up_to_the_bound() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("four");
        fs::write(&path, "four").expect("a file");
        assert_eq!(read_input(&path, 4).expect("it fits"), b"four");
        assert!(matches!(read_input(&path, 3), Err(InputError::TooLarge(3))));
        assert!(matches!(read_input(folder.path(), 3), Err(InputError::Folder)));
        assert!(matches!(read_input(&folder.path().join("none"), 3), Err(InputError::NotFound)));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn devices_and_files_of_the_system_are_refused() {
        for (path, said) in [("/dev/zero", "a device"), ("/proc/self/status", "running system")] {
            let error = read_input(Path::new(path), 100).expect_err("it is no file of a user").to_string();
            assert!(error.contains(said), "{path}: {error}");
        }
    }
}
