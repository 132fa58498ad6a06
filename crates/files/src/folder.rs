//! A folder that a command writes: a later run replaces exactly what it wrote, and leaves everything else alone.

mod error;

pub use error::FolderError;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    Kept,
    input::kind_of,
    lock::Lock,
    manifest::{MANIFEST, Manifest, sha256_of},
    placing::{Rename, Staging, is_ours, is_there},
    sync_folder,
};

/// A folder to be written.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The folder.
    pub folder: &'a Path,
    /// The command that writes it, such as `run`.
    pub command: &'a str,
    /// The files that the command reads. A folder belongs to the first, or to none where nothing is read.
    pub inputs: &'a [&'a Path],
    /// Names of all files that may be written.
    pub names: &'a [String],
    /// Whether to write even though the folder belongs to another file, or holds other files of those names.
    pub replace: bool,
}

/// A folder that will be written. Its files are written to a staging folder inside it, which is removed with this value unless
/// they were moved into place.
#[derive(Debug)]
pub struct OutputFolder {
    guard: FolderGuard,
    command: String,
    input: String,
    recovered: Recovered,
}

/// What killed runs left behind, and what was done about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Staging folders without a complete report, which were removed.
    pub removed: usize,
    /// Complete reports, which were moved into place.
    pub completed: usize,
    /// Files of a user that were in their way.
    pub kept: Vec<Kept>,
}

/// A hold on an output folder for whoever ends the process early.
#[derive(Clone, Debug)]
pub struct FolderGuard(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    staging: Staging,
    lock: Lock,
    made: Made,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Writing,
    Placed,
    NotPlaced,
    Abandoned,
}

/// How a run that was asked to stop has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Nothing of it is left.
    WithoutTrace,
    /// Its files are in place, in this folder.
    Complete(PathBuf),
    /// It is ending by itself, and says how.
    ByItself,
}

/// Folders that were made on the way to the output folder, outermost first. Empty ones are removed with this value.
#[derive(Debug)]
pub(crate) struct Made(Vec<PathBuf>);

impl OutputFolder {
    /// Makes sure, before the work is done, that the files can be put there in the end; first completes or removes what killed
    /// runs left behind. Of two runs into one folder, the later is refused.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn open(request: &Request<'_>) -> Result<Self, FolderError> {
        let (folder, made) = Made::folder(request.folder)?;
        let io = |error| FolderError::Io { path: folder.clone(), error };
        let lock = match Lock::of(&folder) {
            Ok(Some(lock)) => lock,
            Ok(None) => return Err(FolderError::Busy(folder)),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                return Err(FolderError::NoLocks { folder, error });
            }
            Err(error) => return Err(io(error)),
        };
        let recovered = match recover(&folder, &mut |from, to| fs::rename(from, to)) {
            Ok(recovered) => recovered,
            Err(error) => {
                lock.remove();
                return Err(error);
            }
        };
        let opened = older_files(&folder, request).and_then(|older| {
            let staging = Staging::new(&folder).map_err(io)?;
            let is_obsolete =
                |name: &&String| !request.names.contains(*name) && is_ours(&folder.join(name), name, &older);
            let obsolete = older.keys().filter(is_obsolete);
            let replaced = request.names.iter().chain(obsolete).map(String::as_str).chain([MANIFEST]);
            let tried = staging.try_moves(replaced).inspect_err(|_| staging.remove());
            tried.map_err(|(path, error)| FolderError::Immovable { path, error })?;
            Ok(staging)
        });
        let staging = match opened {
            Ok(opened) => opened,
            Err(error) => {
                lock.remove();
                return Err(error);
            }
        };
        let input = request.inputs.first().map_or(String::new(), |input| from(&folder, input));
        let state = Mutex::new(State::Writing);
        let guard = FolderGuard(Arc::new(Shared { folder, staging, lock, made, state }));
        Ok(Self { guard, command: request.command.to_owned(), input, recovered })
    }

    /// What killed runs left behind.
    pub fn recovered(&self) -> &Recovered {
        &self.recovered
    }

    /// Where files are written until all are complete.
    pub fn staging(&self) -> PathBuf {
        self.guard.0.staging.files()
    }

    /// A hold for whoever ends the process early.
    pub fn guard(&self) -> FolderGuard {
        self.guard.clone()
    }

    /// Moves the complete files into the folder, where they replace the older ones of the same file. What a user has changed
    /// or put there is kept.
    ///
    /// # Errors
    /// [`FolderError::Abandoned`]; [`FolderError::NotPlaced`], when the older files are as they were; or
    /// [`FolderError::NotSortedOut`].
    pub fn complete(&self) -> Result<Vec<Kept>, FolderError> {
        self.complete_by(&mut |from, to| fs::rename(from, to))
    }

    fn complete_by(&self, rename: Rename<'_>) -> Result<Vec<Kept>, FolderError> {
        let Shared { folder, staging, lock, .. } = &*self.guard.0;
        let journal = self.journal();
        let mut state = self.guard.state();
        if *state != State::Writing {
            return Err(FolderError::Abandoned);
        }
        let placed = journal.and_then(|names| {
            staging.write_journal(&names)?;
            staging.put_in_place(&names, rename)
        });
        *state = if placed.is_ok() { State::Placed } else { State::NotPlaced };
        drop(state);
        let folder = || folder.clone();
        let not_placed = |error| FolderError::NotPlaced { folder: folder(), staged: staging.files(), error };
        placed.map_err(not_placed)?;
        let not_sorted_out = |error| FolderError::NotSortedOut { folder: folder(), error };
        let kept = staging.sort_out().map_err(not_sorted_out)?;
        staging.remove();
        lock.remove();
        Ok(kept)
    }

    /// Makes the new files durable, adds their manifest, and lists what is to be moved.
    fn journal(&self) -> io::Result<BTreeSet<String>> {
        let Shared { staging, .. } = &*self.guard.0;
        let files = staging.files();
        let sync = |path: &Path| fs::OpenOptions::new().write(true).open(path)?.sync_all();
        let mut hashes = BTreeMap::new();
        for name in staging.names()? {
            let path = files.join(&name);
            sync(&path)?;
            hashes.insert(name, sha256_of(&path)?);
        }
        let manifest = Manifest { command: self.command.clone(), input: self.input.clone(), files: hashes };
        let path = files.join(MANIFEST);
        fs::write(&path, manifest.bytes())?;
        sync(&path)?;
        Ok(manifest.files.into_keys().chain([MANIFEST.to_owned()]).collect())
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        self.guard.abandon();
    }
}

impl FolderGuard {
    /// Removes what was prepared, unless the files are in place or on their way: their moves are waited for.
    pub fn abandon(&self) -> Ended {
        let mut state = self.state();
        match *state {
            State::Writing => {
                *state = State::Abandoned;
                self.0.staging.remove();
                self.0.lock.remove();
                self.0.made.remove();
                Ended::WithoutTrace
            }
            State::Placed => Ended::Complete(self.0.folder.clone()),
            State::NotPlaced | State::Abandoned => Ended::ByItself,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Made {
    /// Makes the folder, and those it lies in.
    pub(crate) fn folder(path: &Path) -> Result<(PathBuf, Self), FolderError> {
        let mut made = Self(Vec::new());
        let io = |error| FolderError::Io { path: path.to_owned(), error };
        let is_missing = |folder: &&Path| *folder != Path::new("") && !is_there(folder);
        let missing: Vec<&Path> = path.ancestors().take_while(is_missing).collect();
        if let Some(found) = path.ancestors().nth(missing.len()).filter(|found| *found != Path::new("")) {
            let metadata = fs::metadata(found).map_err(io)?;
            if !metadata.is_dir() {
                let kind = if metadata.is_file() { "a file" } else { kind_of(metadata.file_type()) };
                return Err(FolderError::NotAFolder { path: found.to_owned(), kind });
            }
        }
        for folder in missing.into_iter().rev() {
            match fs::create_dir(folder) {
                Ok(()) => made.0.push(folder.to_owned()),
                // Another run made it in the meantime.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(io(error)),
            }
        }
        let folder = fs::canonicalize(path).map_err(io)?;
        if let Some(parent) = made.0.first().and_then(|first| first.parent()) {
            sync_folder(parent);
        }
        Ok((folder, made))
    }

    fn remove(&self) {
        for folder in self.0.iter().rev() {
            // A folder that holds something is kept.
            let _ = fs::remove_dir(folder);
        }
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Completes the moves that killed runs began, and removes what they had not completed.
fn recover(folder: &Path, rename: Rename<'_>) -> Result<Recovered, FolderError> {
    let mut recovered = Recovered::default();
    let left = Staging::left_in(folder).map_err(|error| FolderError::Io { path: folder.to_owned(), error })?;
    for staging in left {
        let ended = end(&staging, &mut recovered, rename);
        ended.map_err(|error| FolderError::Leftover { staging: staging.path().to_owned(), error })?;
    }
    Ok(recovered)
}

/// Completes the moves of one killed run, or removes what it had not completed.
fn end(staging: &Staging, recovered: &mut Recovered, rename: Rename<'_>) -> io::Result<()> {
    staging.check()?;
    let journal = staging.journal()?;
    if let Some(names) = &journal {
        staging.put_in_place(names, rename)?;
        recovered.kept.extend(staging.sort_out()?);
    }
    staging.remove();
    if is_there(staging.path()) {
        return Err(io::Error::other("it cannot be removed"));
    }
    *(if journal.is_some() { &mut recovered.completed } else { &mut recovered.removed }) += 1;
    Ok(())
}

/// The files of the older report, each with its hash, after checking that the new one may be written.
fn older_files(folder: &Path, request: &Request<'_>) -> Result<BTreeMap<String, String>, FolderError> {
    let manifest = Manifest::of(folder);
    if let Some(Manifest { command, input, .. }) = &manifest {
        let is_of_file = request.inputs.first().map_or(String::new(), |own| from(folder, own)) == *input;
        let (folder, command, input) = (folder.to_owned(), command.clone(), tidy(&folder.join(input)));
        if command != request.command {
            return Err(FolderError::OfAnotherCommand { folder, command, input });
        }
        if !is_of_file && !request.replace {
            return Err(FolderError::OfAnotherFile { folder, command, input });
        }
    }
    let is_manifest_ours = manifest.is_some();
    let older = manifest.map_or_else(BTreeMap::new, |manifest| manifest.files);
    let in_folder = |input: &&&Path| {
        input.canonicalize().is_ok_and(|input| {
            let name = input.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_written = || older.contains_key(name) || request.names.iter().any(|written| written == name);
            input.parent() == Some(folder) && is_written()
        })
    };
    if let Some(input) = request.inputs.iter().find(in_folder) {
        return Err(FolderError::Input { folder: folder.to_owned(), input: (*input).to_owned() });
    }
    let foreign = |name: &&String| !older.contains_key(*name) && is_there(&folder.join(name));
    let mut names: Vec<String> = request.names.iter().filter(foreign).cloned().collect();
    if !is_manifest_ours && is_there(&folder.join(MANIFEST)) {
        names.push(MANIFEST.to_owned());
    }
    if names.is_empty() || request.replace {
        Ok(older)
    } else {
        Err(FolderError::InTheWay { folder: folder.to_owned(), names })
    }
}

/// A file's path relative to a folder, with slashes: it stays the same if both are moved together.
fn from(folder: &Path, file: &Path) -> String {
    let Ok(file) = file.canonicalize() else { return file.to_string_lossy().into_owned() };
    let common = folder.components().zip(file.components()).take_while(|(one, other)| one == other).count();
    if common == 0 {
        return file.to_string_lossy().into_owned();
    }
    let up = folder.components().skip(common).map(|_| Component::ParentDir);
    let path: Vec<_> = up.chain(file.components().skip(common)).collect();
    let names: Vec<_> = path.iter().map(|component| component.as_os_str().to_string_lossy()).collect();
    names.join("/")
}

/// A path for people: without `..`, even if nothing is there.
fn tidy(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| {
        let mut tidy = PathBuf::new();
        for component in path.components() {
            match component {
                Component::ParentDir => {
                    tidy.pop();
                }
                other => tidy.push(other),
            }
        }
        tidy
    })
}

#[cfg(test)]
mod tests;
