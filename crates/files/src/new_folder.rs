//! A folder that must be new: it is there with all of its files, or not at all.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::{Builder, TempDir};

use crate::{FolderError, folder::Made, placing::is_there, sync_folder, without_path};

/// How the name of such a folder begins until it is complete; the rest is random.
const UNFINISHED: &str = ".twosided-unfinished-";

/// A folder whose files are written beside its place, under a random name, and moved there by one rename. What was written is
/// removed with this value unless it is complete.
#[derive(Debug)]
pub struct NewFolder {
    place: PathBuf,
    unfinished: TempDir,
    made: Made,
}

impl NewFolder {
    /// Makes the folders in which it will be, and a folder for its files.
    ///
    /// # Errors
    /// [`FolderError::Exists`] where something has its path already, or [`FolderError::Io`].
    pub fn at(place: &Path) -> Result<Self, FolderError> {
        if is_there(place) {
            return Err(FolderError::Exists(place.to_owned()));
        }
        let io = |error| FolderError::Io { path: place.to_owned(), error };
        let parent = parent_of(place);
        let (_, made) = Made::folder(parent)?;
        let mut builder = Builder::new();
        builder.prefix(UNFINISHED).rand_bytes(12);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o777));
        }
        let unfinished = builder.tempdir_in(parent).map_err(without_path).map_err(io)?;
        Ok(Self { place: place.to_owned(), unfinished, made })
    }

    /// Writes a file of it.
    ///
    /// # Errors
    /// [`FolderError::Io`].
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let path = self.files().join(name);
        fs::write(&path, bytes).map_err(|error| FolderError::Io { path, error })
    }

    /// Where its files are written until all are complete.
    pub fn files(&self) -> &Path {
        self.unfinished.path()
    }

    /// Makes the files durable and moves the folder to its place.
    ///
    /// # Errors
    /// [`FolderError::Exists`] where something has its path by now, or [`FolderError::Io`].
    pub fn complete(self) -> Result<(), FolderError> {
        let Self { place, unfinished, made } = self;
        let placed = sync_files(unfinished.path()).and_then(|()| {
            // A rename would put it in place of an empty folder.
            if is_there(&place) {
                Err(io::ErrorKind::AlreadyExists.into())
            } else {
                fs::rename(unfinished.path(), &place)
            }
        });
        match placed {
            Ok(()) => {
                // Its name is gone: nothing is left to remove.
                let _ = unfinished.keep();
                // Folders that hold something stay.
                drop(made);
                sync_folder(parent_of(&place));
                Ok(())
            }
            Err(_) if is_there(&place) => Err(FolderError::Exists(place)),
            Err(error) => Err(FolderError::Io { path: place, error }),
        }
    }

    /// Removes what killed runs left unfinished in a folder that no run writes to.
    pub fn remove_unfinished(folder: &Path) {
        for unfinished in Self::in_folder(folder, UNFINISHED) {
            // What cannot be removed is in nobody's way.
            let _ = fs::remove_dir_all(unfinished);
        }
    }

    /// Folders in a folder whose names begin so; links to folders are none.
    pub fn in_folder(folder: &Path, name: &str) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        let is_one = |path: &PathBuf| {
            let is_folder = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
            is_folder && path.file_name().and_then(|name| name.to_str()).is_some_and(|found| found.starts_with(name))
        };
        entries.flatten().map(|entry| entry.path()).filter(is_one).collect()
    }

    /// Removes files of these names from a folder, and the folder if nothing else is in it.
    pub fn remove(folder: &Path, names: &[&str]) {
        // What cannot be removed stays, and the folder with it.
        for name in names {
            let _ = fs::remove_file(folder.join(name));
        }
        let _ = fs::remove_dir(folder);
    }
}

fn parent_of(place: &Path) -> &Path {
    place.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."))
}

fn sync_files(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        fs::OpenOptions::new().write(true).open(entry?.path())?.sync_all()?;
    }
    sync_folder(folder);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_folder_is_there_with_all_of_its_files_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("shards/one");
        let new = NewFolder::at(&place).expect("nothing is there");
        fs::write(new.files().join("a"), "first").expect("a file");
        assert!(!place.exists());
        new.complete().expect("it can be moved");
        assert_eq!(fs::read(place.join("a")).expect("a file"), b"first");
        // Given up: nothing is left of it, nor of the folders made for it.
        for (place, left) in [("shards/two", vec!["shards"]), ("deep/down/two", vec!["shards"])] {
            let other = NewFolder::at(&folder.path().join(place)).expect("nothing is there");
            fs::write(other.files().join("a"), "second").expect("a file");
            drop(other);
            assert_eq!(names(folder.path()), left, "{place}");
        }
        assert_eq!(names(&folder.path().join("shards")), ["one"]);
    }

    #[test]
    fn what_is_there_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("one");
        let (first, second) = (NewFolder::at(&place), NewFolder::at(&place));
        let [first, second] = [first, second].map(|new| new.expect("nothing is there"));
        fs::write(first.files().join("a"), "first").expect("a file");
        first.complete().expect("it can be moved");
        assert!(matches!(second.complete(), Err(FolderError::Exists(_))));
        assert!(matches!(NewFolder::at(&place), Err(FolderError::Exists(_))));
        assert_eq!(fs::read(place.join("a")).expect("a file"), b"first");
        assert_eq!(names(folder.path()), ["one"]);
        // A killed run's: it is removed, and nothing else.
        let killed = NewFolder::at(&folder.path().join("two")).expect("nothing is there");
        let _ = killed.unfinished.keep();
        assert_eq!(names(folder.path()).len(), 2);
        NewFolder::remove_unfinished(folder.path());
        assert_eq!(names(folder.path()), ["one"]);
    }
}
