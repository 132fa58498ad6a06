//! How complete files get into their folder: out of a staging folder inside it, by moves that a journal lists beforehand, so
//! that the next run completes the moves that a kill cut short.
//!
//! What is in the way is moved aside first. Of that, the files of the older report are removed in the end; what the older
//! report's manifest does not vouch for is a user's, and is kept.
//!
//! A folder of others may hold what looks like a staging folder: it can come with an archive or a checkout. Nothing in it is
//! followed that is a link, no name leads out of it, and a journal counts only in the very folder in which it was written.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{
    manifest::{MANIFEST, Manifest, is_regular, plain, sha256_of},
    read_input, sync_folder, without_path,
};

/// How the name of a staging folder begins; the rest is random.
pub(crate) const STAGING: &str = ".twosided-staging-";
/// The file by which a staging folder is known to be ours.
const MARK: &str = "twosided";
const MARK_TEXT: &str = "A run of twosided prepares its files here. The next run into the folder removes this.\n";
/// New files, complete or being written.
const NEW: &str = "new";
/// How the names of folders for what stood in their way begin; a number follows.
const OLD: &str = "old-";
const JOURNAL: &str = "journal.json";
/// The journal before it is complete.
const DRAFT: &str = "journal";
const PROBE: &str = "probe";
/// How the name of a staging folder ends until it has been moved once.
const UNMOVED: &str = "-unmoved";
/// Largest journal read.
const MOST_BYTES: u64 = 4 << 20;
/// What is written for a try before the work is done.
const PROBE_BYTES: usize = 256 << 10;

/// Moves a file or folder.
pub(crate) type Rename<'a> = &'a mut dyn FnMut(&Path, &Path) -> io::Result<()>;

/// Files of a user that were in the way of new ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The folder that holds them now.
    pub folder: PathBuf,
    /// Their names.
    pub names: Vec<String>,
}

/// A staging folder within the folder of a report.
#[derive(Clone, Debug)]
pub(crate) struct Staging {
    folder: PathBuf,
    own: PathBuf,
}

impl Staging {
    /// Makes one, and tries in it what will be done at the end.
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        let unmoved =
            builder.prefix(STAGING).suffix(UNMOVED).rand_bytes(12).tempdir_in(folder).map_err(without_path)?;
        let name = unmoved.path().file_name().unwrap_or_default().to_string_lossy();
        let own = folder.join(name.strip_suffix(UNMOVED).unwrap_or(&name));
        // Some folders accept new files, but let none be moved or removed.
        fs::rename(unmoved.path(), &own).map_err(|error| {
            io::Error::other(format!("files can be made in it, but neither moved nor removed: {error}"))
        })?;
        let _ = unmoved.keep();
        let staging = Self { folder: folder.to_owned(), own };
        let prepared = staging.prepare();
        prepared.inspect_err(|_| staging.remove())?;
        Ok(staging)
    }

    fn prepare(&self) -> io::Result<()> {
        let write = |path: &Path, bytes: &[u8]| {
            let mut file = File::create_new(path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        // Nothing else is in the folder until the mark is whole.
        write(&self.own.join(MARK), MARK_TEXT.as_bytes())?;
        fs::create_dir(self.files())?;
        let (inside, outside) = (self.files().join(PROBE), self.own.join(PROBE));
        write(&inside, &vec![0; PROBE_BYTES])?;
        fs::rename(&inside, &outside)?;
        fs::remove_file(&outside)
    }

    /// Makes sure that what has one of these names can be moved aside, without moving it. Asked to move a file onto a folder
    /// that is not empty, or a folder onto a file, a system first checks whether it may be moved at all, and then refuses. A real
    /// move there and back would leave a moment without the file, in which a kill could come.
    pub(crate) fn try_moves<'n>(&self, names: impl Iterator<Item = &'n str>) -> Result<(), (PathBuf, io::Error)> {
        if !cfg!(unix) {
            // Windows does not distinguish the two refusals.
            return Ok(());
        }
        for path in names.map(|name| self.folder.join(name)).filter(|path| is_there(path)) {
            let onto = if is_folder(&path) { self.own.join(MARK) } else { self.own.clone() };
            let refused = fs::rename(&path, onto).err();
            let is_protected = |error: &io::Error| {
                use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem, ResourceBusy};
                matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem | ResourceBusy)
            };
            if let Some(error) = refused.filter(is_protected) {
                return Err((path, error));
            }
        }
        Ok(())
    }

    /// Staging folders that earlier runs left behind. While the folder is locked, no other run can own one.
    pub(crate) fn left_in(folder: &Path) -> io::Result<Vec<Self>> {
        let mut left = Vec::new();
        for entry in fs::read_dir(folder)? {
            let own = entry?.path();
            let is_named = own.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with(STAGING));
            if is_named && is_folder(&own) {
                let staging = Self { folder: folder.to_owned(), own };
                if staging.is_marked() || staging.is_hardly_begun()? {
                    left.push(staging);
                }
            }
        }
        Ok(left)
    }

    /// What the mark says; `None` if there is none.
    fn mark(&self) -> Option<Vec<u8>> {
        let mark = self.own.join(MARK);
        if is_regular(&mark) { read_input(&mark, MARK_TEXT.len() as u64).ok() } else { None }
    }

    fn is_marked(&self) -> bool {
        self.mark().is_some_and(|text| text == MARK_TEXT.as_bytes())
    }

    /// Whether a kill cut its mark short: then it holds nothing that anyone could miss.
    fn is_hardly_begun(&self) -> io::Result<bool> {
        let mark = self.mark();
        let is_begun = mark.as_ref().is_some_and(|text| MARK_TEXT.as_bytes().starts_with(text));
        for entry in fs::read_dir(&self.own)? {
            let entry = entry?;
            let is_small = [MARK, DRAFT, PROBE].iter().any(|name| entry.file_name() == *name);
            if !(is_begun && is_small && is_regular(&entry.path())) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.own
    }

    /// Refuses a folder that is not as a run makes it, above all one with links.
    pub(crate) fn check(&self) -> io::Result<()> {
        let has_journal = is_there(&self.own.join(JOURNAL));
        for entry in fs::read_dir(&self.own)? {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            let is_as_made = match &*name {
                MARK | JOURNAL | DRAFT | PROBE => is_regular(&path),
                NEW => is_folder(&path) && all_in(&path, |name, path| plain(name).is_some() && is_regular(path))?,
                aside if aside.strip_prefix(OLD).is_some_and(|number| number.parse::<u32>().is_ok()) => {
                    has_journal && is_folder(&path) && all_in(&path, |name, _| plain(name).is_some())?
                }
                _ => false,
            };
            if !is_as_made {
                return Err(io::Error::other(format!("{name:?} in it is not what a run puts there")));
            }
        }
        Ok(())
    }

    /// Where new files are written.
    pub(crate) fn files(&self) -> PathBuf {
        self.own.join(NEW)
    }

    /// Names of the files that were written.
    pub(crate) fn names(&self) -> io::Result<Vec<String>> {
        fs::read_dir(self.files())?
            .map(|entry| {
                let name = entry?.file_name().into_string();
                name.map_err(|name| io::Error::other(format!("the name {} is not UTF-8", name.display())))
            })
            .collect()
    }

    /// Removes it with everything in it, and last the mark that says that it is ours. Files that were in the way are not removed here.
    pub(crate) fn remove(&self) {
        if is_folder(&self.files()) {
            // Once more if a file was written in the meantime.
            let remove = || fs::remove_dir_all(self.files());
            while remove().is_err_and(|error| error.kind() == io::ErrorKind::DirectoryNotEmpty) {}
        }
        // What cannot be removed is left to the next run.
        for aside in self.asides().take_while(|aside| is_there(aside)) {
            let _ = fs::remove_dir(aside);
        }
        for name in [PROBE, DRAFT, JOURNAL, MARK] {
            let _ = fs::remove_file(self.own.join(name));
        }
        let _ = fs::remove_dir(&self.own);
    }

    /// Writes down the moves before the first is made: from here on they will be made, by this run or the next.
    pub(crate) fn write_journal(&self, names: &BTreeSet<String>) -> io::Result<()> {
        let text = json!({ "folder": identity(&self.own)?, "names": names }).to_string();
        let (draft, path) = (self.own.join(DRAFT), self.own.join(JOURNAL));
        let mut file = File::create(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        sync_folder(&self.files());
        fs::rename(draft, path)?;
        sync_folder(&self.own);
        sync_folder(&self.folder);
        Ok(())
    }

    /// The names of the files to move into place; `None` if no move was made yet.
    pub(crate) fn journal(&self) -> io::Result<Option<BTreeSet<String>>> {
        let path = self.own.join(JOURNAL);
        if !is_there(&path) {
            return Ok(None);
        }
        let wrong = |why: &dyn std::fmt::Display| io::Error::other(format!("{JOURNAL} in it: {why}"));
        let bytes = read_input(&path, MOST_BYTES).map_err(|error| wrong(&error))?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|error| wrong(&error))?;
        let names = value.get("names").and_then(Value::as_array);
        let names: Option<BTreeSet<String>> =
            names.and_then(|names| names.iter().map(|name| plain(name.as_str()?)).collect());
        let names = names.ok_or_else(|| wrong(&"it does not list file names the way a run does"))?;
        if value.get("folder") != Some(&json!(identity(&self.own)?)) {
            return Err(wrong(&"it was written in another folder, of which this is a copy"));
        }
        Ok(Some(names))
    }

    /// Makes the moves, or what is left of them. If one fails, those before it are undone.
    pub(crate) fn put_in_place(&self, names: &BTreeSet<String>, rename: Rename<'_>) -> io::Result<()> {
        let mut made: Vec<(PathBuf, PathBuf)> = Vec::new();
        let outcome = self.moves(names, &mut |from, to| {
            rename(from, to)?;
            made.push((from.to_owned(), to.to_owned()));
            Ok(())
        });
        if outcome.is_err() {
            for (from, to) in made.iter().rev() {
                // The next run completes what cannot be undone.
                let _ = rename(to, from);
            }
        }
        outcome
    }

    fn moves(&self, names: &BTreeSet<String>, rename: Rename<'_>) -> io::Result<()> {
        let new = self.files();
        let older = self.older();
        let is_obsolete = |name: &&String| !names.contains(*name) && is_ours(&self.folder.join(name), name, &older);
        for name in names.iter().chain(older.keys().filter(is_obsolete)) {
            let is_placed = names.contains(name) && !is_there(&new.join(name));
            if !is_placed && is_there(&self.folder.join(name)) {
                // A folder aside may hold a file of that name, if the user made another after a kill cut the moves short.
                let aside = self.asides().find(|aside| !is_there(&aside.join(name))).expect("there is no end of them");
                if !is_there(&aside) {
                    fs::create_dir(&aside)?;
                }
                rename(&self.folder.join(name), &aside.join(name))?;
            }
        }
        // The manifest last: it vouches for the others.
        let others = names.iter().filter(|name| *name != MANIFEST);
        for name in others.chain(names.get(MANIFEST)) {
            if is_there(&new.join(name)) {
                rename(&new.join(name), &self.folder.join(name))?;
            }
        }
        sync_folder(&self.folder);
        Ok(())
    }

    /// The files of the older report, each with its hash, by its manifest: that in the folder until the moves begin, then that
    /// which was moved aside.
    fn older(&self) -> BTreeMap<String, String> {
        let aside = self.asides().take_while(|aside| is_there(aside)).find_map(|aside| Manifest::of(&aside));
        let in_place = || is_there(&self.files().join(MANIFEST)).then(|| Manifest::of(&self.folder)).flatten();
        aside.or_else(in_place).map_or_else(BTreeMap::new, |manifest| manifest.files)
    }

    /// Folders for what was in the way.
    fn asides(&self) -> impl Iterator<Item = PathBuf> {
        (1..).map(|number| self.own.join(format!("{OLD}{number}")))
    }

    /// Removes the older report, and keeps everything else that was in the way.
    pub(crate) fn sort_out(&self) -> io::Result<Vec<Kept>> {
        let older = self.older();
        let mut all_kept = Vec::new();
        for old in self.asides().take_while(|aside| is_there(aside)) {
            let mut kept: Option<Kept> = None;
            let mut names = fs::read_dir(&old)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
            // The manifest last: it vouches for the others.
            names.sort_by_key(|name| (name == MANIFEST, name.clone()));
            for name in names {
                let (aside, in_place) = (old.join(&name), self.folder.join(&name));
                let name = name.to_string_lossy().into_owned();
                if is_ours(&aside, &name, &older) {
                    fs::remove_file(&aside)?;
                } else if !is_there(&in_place) {
                    fs::rename(&aside, &in_place)?;
                } else {
                    let kept = match &mut kept {
                        Some(kept) => kept,
                        None => kept.insert(Kept { folder: new_folder(&self.folder)?, names: Vec::new() }),
                    };
                    fs::rename(&aside, kept.folder.join(&name))?;
                    kept.names.push(name);
                }
            }
            all_kept.extend(kept);
        }
        Ok(all_kept)
    }
}

/// Whether the older manifest vouches for a file, or the file is that manifest. What is not a regular file, or cannot be read,
/// is nothing that it vouches for.
pub(crate) fn is_ours(path: &Path, name: &str, older: &BTreeMap<String, String>) -> bool {
    if name == MANIFEST {
        return Manifest::read(path).is_some();
    }
    let hash = older.get(name).filter(|_| is_regular(path));
    hash.is_some_and(|hash| sha256_of(path).is_ok_and(|found| found == *hash))
}

/// Whether a folder, not a link to one, has this path.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// Whether something holds for everything in a folder, by name and path.
fn all_in(folder: &Path, holds: impl Fn(&str, &Path) -> bool) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().to_str().is_some_and(|name| holds(name, &entry.path())) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What a folder shares with no copy of it: neither an archive nor a checkout can bring it along.
#[cfg(unix)]
fn identity(folder: &Path) -> io::Result<Option<u64>> {
    use std::os::unix::fs::MetadataExt;
    Ok(Some(fs::symlink_metadata(folder)?.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> io::Result<Option<u64>> {
    Ok(None)
}

/// Whether anything has this path, including a link that leads nowhere.
pub(crate) fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// A new folder for files that are kept.
fn new_folder(folder: &Path) -> io::Result<PathBuf> {
    let mut number = 1;
    loop {
        let kept = folder.join(format!("kept-{number}"));
        match fs::create_dir(&kept) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            made => return made.map(|()| kept),
        }
    }
}
