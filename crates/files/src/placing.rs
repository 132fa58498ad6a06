//! How complete files get into their folder: out of a staging folder inside it, by moves that a journal lists beforehand, so
//! that moves which a kill has cut short are carried to their end by the next run.
//!
//! What stands in the way is moved aside first. Of that, the files of the older report are removed in the end; what the older
//! report's manifest does not vouch for is a user's, and is kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{
    manifest::{MANIFEST, Manifest, files_of, is_regular, plain, sha256_of},
    read_input, sync_folder,
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
/// Largest journal read.
const MOST_BYTES: u64 = 4 << 20;
/// What is written for a try before the work is done.
const PROBE_BYTES: usize = 256 << 10;

/// Moves a file or folder.
pub(crate) type Rename<'a> = &'a mut dyn FnMut(&Path, &Path) -> io::Result<()>;

/// Files of a user that stood in the way of new ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The folder in which they are now.
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

/// What is moved.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Journal {
    /// Files to be put in place.
    pub(crate) names: BTreeSet<String>,
    /// Files of the older report, each with its hash.
    pub(crate) older: BTreeMap<String, String>,
}

impl Staging {
    /// Makes one, and tries in it what will be done in the end.
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        let own = tempfile::Builder::new().prefix(STAGING).rand_bytes(12).tempdir_in(folder)?.keep();
        let staging = Self { folder: folder.to_owned(), own };
        let prepared = staging.prepare();
        prepared.inspect_err(|_| staging.remove())?;
        Ok(staging)
    }

    fn prepare(&self) -> io::Result<()> {
        fs::write(self.own.join(MARK), MARK_TEXT)?;
        fs::create_dir(self.files())?;
        let (inside, outside) = (self.files().join(PROBE), self.own.join(PROBE));
        let mut probe = File::create_new(&inside)?;
        probe.write_all(&vec![0; PROBE_BYTES])?;
        probe.sync_all()?;
        drop(probe);
        fs::rename(&inside, &outside)?;
        fs::remove_file(&outside)
    }

    /// Staging folders that earlier runs have left. While the folder is locked, no run is alive that could own one.
    pub(crate) fn left_in(folder: &Path) -> io::Result<Vec<Self>> {
        let mut left = Vec::new();
        for entry in fs::read_dir(folder)? {
            let own = entry?.path();
            let is_named = own.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with(STAGING));
            let is_folder = fs::symlink_metadata(&own).is_ok_and(|metadata| metadata.is_dir());
            if is_named && is_folder {
                // The mark itself may be cut short.
                let is_mark = |text: Vec<u8>| MARK_TEXT.as_bytes().starts_with(&text);
                let is_marked = read_input(&own.join(MARK), 1_000).is_ok_and(is_mark);
                if is_marked || fs::read_dir(&own)?.next().is_none() {
                    left.push(Self { folder: folder.to_owned(), own });
                }
            }
        }
        Ok(left)
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

    /// Removes it with all that is in it; last what tells that it is ours.
    pub(crate) fn remove(&self) {
        for within in [self.files()].into_iter().chain(self.asides().take_while(|aside| is_there(aside))) {
            // Once more if a file was being written between.
            let remove = || fs::remove_dir_all(&within);
            while remove().is_err_and(|error| error.kind() == io::ErrorKind::DirectoryNotEmpty) {}
        }
        // What cannot be removed is left to the next run.
        for name in [PROBE, DRAFT, JOURNAL, MARK] {
            let _ = fs::remove_file(self.own.join(name));
        }
        let _ = fs::remove_dir(&self.own);
    }

    /// Makes the moves durable before the first is made: from here on they will be made, by this run or the next.
    pub(crate) fn write_journal(&self, journal: &Journal) -> io::Result<()> {
        let text = json!({ "names": journal.names, "older": journal.older }).to_string();
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

    /// The journal; `None` if no move was made yet.
    pub(crate) fn journal(&self) -> io::Result<Option<Journal>> {
        let path = self.own.join(JOURNAL);
        if !is_regular(&path) {
            return Ok(None);
        }
        let unreadable = |why: &dyn std::fmt::Display| io::Error::other(format!("{}: {why}", path.display()));
        let bytes = read_input(&path, MOST_BYTES).map_err(|error| unreadable(&error))?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|error| unreadable(&error))?;
        let names = value.get("names").and_then(Value::as_array);
        let names = names.and_then(|names| names.iter().map(|name| plain(name.as_str()?)).collect());
        let older = value.get("older").and_then(files_of);
        let journal = names.zip(older).map(|(names, older)| Journal { names, older });
        Ok(Some(journal.ok_or_else(|| unreadable(&"it is no journal of twosided"))?))
    }

    /// Makes the moves, or what is left of them. Where one fails, those before it are taken back.
    pub(crate) fn place(&self, journal: &Journal, rename: Rename<'_>) -> io::Result<()> {
        let mut made: Vec<(PathBuf, PathBuf)> = Vec::new();
        let outcome = self.moves(journal, &mut |from, to| {
            rename(from, to)?;
            made.push((from.to_owned(), to.to_owned()));
            Ok(())
        });
        if outcome.is_err() {
            for (from, to) in made.iter().rev() {
                // What cannot be taken back is brought to its end by the next run.
                let _ = rename(to, from);
            }
        }
        outcome
    }

    fn moves(&self, journal: &Journal, rename: Rename<'_>) -> io::Result<()> {
        let new = self.files();
        for name in journal.names.iter().chain(journal.older.keys().filter(|name| !journal.names.contains(*name))) {
            let is_placed = journal.names.contains(name) && !is_there(&new.join(name));
            if !is_placed && is_there(&self.folder.join(name)) {
                // One aside may have a file of that name, if the user made another after a kill had cut the moves short.
                let aside = self.asides().find(|aside| !is_there(&aside.join(name))).expect("there is no end of them");
                fs::create_dir_all(&aside)?;
                rename(&self.folder.join(name), &aside.join(name))?;
            }
        }
        // The manifest last: it vouches for the others.
        let others = journal.names.iter().filter(|name| *name != MANIFEST);
        for name in others.chain(journal.names.get(MANIFEST)) {
            if is_there(&new.join(name)) {
                rename(&new.join(name), &self.folder.join(name))?;
            }
        }
        sync_folder(&self.folder);
        Ok(())
    }

    /// Folders for what stood in the way.
    fn asides(&self) -> impl Iterator<Item = PathBuf> {
        (1..).map(|number| self.own.join(format!("{OLD}{number}")))
    }

    /// Removes the older report, and keeps all else that stood in the way.
    pub(crate) fn sort_out(&self, journal: &Journal) -> io::Result<Vec<Kept>> {
        let mut all_kept = Vec::new();
        for old in self.asides().take_while(|aside| is_there(aside)) {
            let mut kept: Option<Kept> = None;
            let mut names = fs::read_dir(&old)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
            names.sort();
            for name in names {
                let (aside, place) = (old.join(&name), self.folder.join(&name));
                let name = name.to_string_lossy().into_owned();
                if is_regular(&aside) && is_ours(&aside, &name, journal)? {
                    fs::remove_file(&aside)?;
                } else if !is_there(&place) {
                    fs::rename(&aside, &place)?;
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

/// Whether the older manifest vouches for a file, or the file is that manifest.
fn is_ours(path: &Path, name: &str, journal: &Journal) -> io::Result<bool> {
    if name == MANIFEST {
        return Ok(Manifest::read(path).is_some());
    }
    match journal.older.get(name) {
        Some(hash) => Ok(sha256_of(path)? == *hash),
        None => Ok(false),
    }
}

/// Whether anything has this path, a link that leads nowhere included.
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
