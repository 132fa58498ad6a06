//! A single file that is written: whole or not at all, and never over what is read.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::{Builder, NamedTempFile};

use crate::{sync_folder, without_path};

/// A file that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// It is one of the files that the command reads.
    #[error("{0:?} is read by this command; give another --out")]
    Input(PathBuf),
    /// It is there, and must not be.
    #[error("{0:?} is there already; give another --out, or remove it first")]
    Exists(PathBuf),
    /// A folder has its name.
    #[error("cannot write {0:?}: it is a folder; give the path of a file")]
    Folder(PathBuf),
    /// Nothing, or no folder, has the path of the folder in which it would be.
    #[error("cannot write {path:?}: there is no folder {folder:?}; make it first, or give another --out")]
    NoFolder {
        /// The file.
        path: PathBuf,
        /// The folder.
        folder: PathBuf,
    },
    /// The system refuses.
    #[error("cannot write {path:?}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// What to do about a file that is already there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfThere {
    /// Replace it.
    Replace,
    /// Refuse to write.
    Refuse,
}

/// Where a file will be written.
#[derive(Debug)]
pub struct OutputFile {
    /// As given.
    path: PathBuf,
    target: Target,
}

#[derive(Debug)]
enum Target {
    StandardOutput,
    /// A device, a pipe, or an open file of a process: it is written to, not replaced.
    Stream(PathBuf),
    /// A file that is there, with its permissions.
    Existing(PathBuf, Permissions),
    /// A file that is not there.
    New(PathBuf),
}

/// Most links that are followed.
const MOST_LINKS: usize = 40;

impl OutputFile {
    /// Makes sure, before the work is done, that a file can be written there. Links are followed: their target is written,
    /// and they stay.
    ///
    /// # Errors
    /// [`OutputError`], also where the file is one of the command's inputs.
    pub fn new(path: &Path, inputs: &[&Path], if_there: IfThere) -> Result<Self, OutputError> {
        let io = |error| OutputError::Io { path: path.to_owned(), error };
        let destination = follow_links(path).map_err(io)?;
        if !is_open_file(&destination) && !fs::metadata(folder_of(&destination)).is_ok_and(|metadata| metadata.is_dir())
        {
            return Err(OutputError::NoFolder { path: path.to_owned(), folder: folder_of(&destination).to_owned() });
        }
        let target = if is_standard_output(&destination) {
            Target::StandardOutput
        } else if is_open_file(&destination) {
            Target::Stream(destination)
        } else {
            match fs::metadata(&destination) {
                Ok(metadata) if metadata.is_dir() => return Err(OutputError::Folder(path.to_owned())),
                Ok(metadata) if !metadata.is_file() => Target::Stream(destination),
                Ok(_) if if_there == IfThere::Refuse => return Err(OutputError::Exists(path.to_owned())),
                Ok(_) if inputs.iter().any(|input| is_same_file(input, &destination)) => {
                    return Err(OutputError::Input(path.to_owned()));
                }
                Ok(metadata) => {
                    // A file that its owner protects from writing is not replaced either.
                    OpenOptions::new().append(true).open(&destination).map_err(io)?;
                    Target::Existing(destination, metadata.permissions())
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    temporary_beside(&destination).map_err(io)?;
                    Target::New(destination)
                }
                Err(error) => return Err(io(error)),
            }
        };
        Ok(Self { path: path.to_owned(), target })
    }

    /// Writes the file: beside its place, under a random name, and moved there when it is complete.
    ///
    /// # Errors
    /// [`OutputError`]; a file that was there before is then as it was.
    pub fn write(self, bytes: &[u8]) -> Result<(), OutputError> {
        let Self { path, target } = self;
        let written = match target {
            Target::StandardOutput => {
                let mut out = io::stdout().lock();
                out.write_all(bytes).and_then(|()| out.flush())
            }
            Target::Stream(destination) => {
                OpenOptions::new().append(true).open(destination).and_then(|mut stream| stream.write_all(bytes))
            }
            Target::New(destination) => complete(&destination, bytes).and_then(|file| {
                file.persist_noclobber(&destination).map_err(|error| error.error)?;
                sync_folder(folder_of(&destination));
                Ok(())
            }),
            Target::Existing(destination, permissions) => replace(&destination, permissions, bytes),
        };
        written.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => OutputError::Exists(path),
            _ => OutputError::Io { path, error },
        })
    }
}

fn replace(path: &Path, permissions: Permissions, bytes: &[u8]) -> io::Result<()> {
    // A folder without the right to add files, or a file mounted by itself, which cannot be moved over, is no reason to refuse.
    let into_it = || File::create(path).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    if temporary_beside(path).is_err() {
        return into_it();
    }
    let file = complete(path, bytes)?;
    file.as_file().set_permissions(permissions)?;
    if file.persist(path).is_err() {
        return into_it();
    }
    sync_folder(folder_of(path));
    Ok(())
}

/// A file of those bytes beside the place.
fn complete(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = temporary_beside(path)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// A new file of a random name, which goes away with this value unless it is moved into place.
fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".twosided-").rand_bytes(12);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder_of(path)).map_err(without_path)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// The path without links at its end; the last one may lead to nothing.
fn follow_links(path: &Path) -> io::Result<PathBuf> {
    let mut followed = path.to_owned();
    for _ in 0..MOST_LINKS {
        if is_open_file(&followed) || !fs::symlink_metadata(&followed).is_ok_and(|metadata| metadata.is_symlink()) {
            return Ok(followed);
        }
        followed = folder_of(&followed).join(fs::read_link(&followed)?);
    }
    Err(io::Error::other("its links lead in a circle"))
}

/// Names that systems have for files that a process has open.
fn is_open_file(path: &Path) -> bool {
    let is_standard = ["/dev/stdin", "/dev/stdout", "/dev/stderr"].iter().any(|name| path == Path::new(name));
    cfg!(unix) && (is_standard || path.starts_with("/dev/fd") || path.starts_with("/proc"))
}

fn is_standard_output(path: &Path) -> bool {
    cfg!(unix) && ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| path == Path::new(name))
}

/// Whether two paths lead to one file, by links or by a second name.
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let identity = |path: &Path| fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()));
        identity(one).is_some_and(|one| Some(one) == identity(other))
    }
    #[cfg(not(unix))]
    {
        one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
    }
}
