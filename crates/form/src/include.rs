//! The files that a scenario includes: which ones may be, and what each may hold.

use std::{
    fs,
    io::ErrorKind,
    path::{Component, Path, PathBuf},
};

use toml::de::{DeTable, DeValue};
use twosided_files::InputError;

use crate::{Document, DocumentError, problem::Text, shortened, wording};

/// Most files that a file may include.
const MOST_INCLUDED: usize = 10;
/// What an included file may hold.
const INCLUDABLE: &[&str] = &["population", "system", "organization"];

/// A file that a scenario names, and the line that names it.
struct Named {
    name: String,
    line: usize,
}

impl Document {
    /// Reads a file with the files that its key `include` names, relative to its folder. Each is TOML by itself; what it holds
    /// counts as if it stood in the file. Once links are resolved, each must lie in the file's folder or in one of the folders
    /// that are allowed besides.
    ///
    /// # Errors
    /// [`DocumentError::Unreadable`] for any of the files, or one that may not be included. What a file holds that is not such
    /// a part is never shown.
    pub fn load_with_included(path: &Path, allowed: &[PathBuf]) -> Result<Self, DocumentError> {
        let mut document = Self::load(path)?;
        let named = document.take_included()?;
        if named.is_empty() {
            return Ok(document);
        }
        let beside = |name: &str| path.parent().map_or_else(|| PathBuf::from(name), |folder| folder.join(name));
        let roots = Roots::new(&beside("."), allowed)?;
        for Named { name, line } in named {
            let unreadable = |reason: String| {
                let file = format!("{} (line {line} includes {})", document.file(), shortened(&name, 100));
                DocumentError::Unreadable { file, reason }
            };
            let found = roots.find(&name).map_err(unreadable)?;
            let part = Self::load(&found).map_err(|error| match error {
                DocumentError::Unreadable { reason, .. } => unreadable(reason),
                invalid @ DocumentError::Invalid { .. } => invalid,
            })?;
            check_part(part.text()).map_err(unreadable)?;
            // As the scenario names it, and not as links resolve.
            let shown = shortened(&beside(&name).display().to_string(), 200);
            document.push(shown, part.text());
        }
        Ok(document)
    }

    /// The files that the key `include` names, and the text without the key.
    fn take_included(&mut self) -> Result<Vec<Named>, DocumentError> {
        let Ok(table) = DeTable::parse(self.text()) else { return Ok(Vec::new()) };
        let Some((key, value)) = table.get_ref().get_key_value("include") else { return Ok(Vec::new()) };
        let names: Option<Vec<String>> = match value.get_ref() {
            DeValue::String(name) => Some(vec![name.to_string()]),
            DeValue::Array(names) => names.iter().map(|name| Some(name.get_ref().as_str()?.to_owned())).collect(),
            _ => None,
        };
        let text = Text::new(vec![(0, String::new())], self.text());
        let (line, _) = text.position(key.span().start);
        let Some(names) = names.filter(|names| names.len() <= MOST_INCLUDED) else {
            let reason = format!(
                "line {line}: include names at most {MOST_INCLUDED} files, as include = \"populations/medicare-2022.toml\""
            );
            return Err(DocumentError::Unreadable { file: self.file().to_owned(), reason });
        };
        self.blank(key.span().start..value.span().end);
        Ok(names.into_iter().map(|name| Named { name, line }).collect())
    }
}

/// The folders in which included files may lie.
struct Roots {
    folder: PathBuf,
    /// Each as it was given and with its links resolved; the scenario's own first.
    roots: Vec<(PathBuf, PathBuf)>,
}

impl Roots {
    fn new(folder: &Path, allowed: &[PathBuf]) -> Result<Self, DocumentError> {
        let resolved = |folder: &Path| {
            let resolved = fs::canonicalize(folder).map_err(|error| DocumentError::Unreadable {
                file: shortened(&folder.display().to_string(), 200),
                reason: format!("it is to hold included files: {error}"),
            })?;
            Ok((flat(&std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned())), resolved))
        };
        let roots = std::iter::once(folder).chain(allowed.iter().map(PathBuf::as_path)).map(resolved);
        Ok(Self { folder: folder.to_owned(), roots: roots.collect::<Result<_, DocumentError>>()? })
    }

    /// The file of a name, with its links resolved. Of a file that lies elsewhere nothing is said, not even whether it exists.
    fn find(&self, name: &str) -> Result<PathBuf, String> {
        let path = self.folder.join(name);
        let absolute = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
        let named = flat(&absolute);
        let is_named_within =
            self.roots.iter().any(|(given, real)| named.starts_with(given) || named.starts_with(real));
        let lies_within = |real: &Path| self.roots.iter().any(|(_, root)| real.starts_with(root));
        match fs::canonicalize(&path) {
            Ok(real) if lies_within(&real) => Ok(real),
            Err(error) if is_named_within && last_of(&absolute).is_some_and(|real| lies_within(&real)) => {
                let is_absent = error.kind() == ErrorKind::NotFound;
                let reason = InputError::from(error).to_string();
                let folder = std::path::absolute(&self.folder).map_or_else(|_| self.folder.clone(), |path| flat(&path));
                let folder = shortened(&folder.display().to_string(), 200);
                let help = format!("; paths of include start at the scenario's folder, here {folder}");
                Err(if is_absent { reason + &help } else { reason })
            }
            _ => Err("it is not in the scenario's folder; copy it there, or allow its folder with --allow-include \
                      DIR, if you trust the scenario to read what is in it"
                .to_owned()),
        }
    }
}

/// The last part of a path that exists, with its links resolved; none of a link that leads nowhere.
fn last_of(path: &Path) -> Option<PathBuf> {
    let part = path.ancestors().find(|part| part.symlink_metadata().is_ok())?;
    fs::canonicalize(part).ok()
}

/// The path without `.` and `..`, links not looked at.
fn flat(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut flat, component| {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                flat.pop();
            }
            other => flat.push(other),
        }
        flat
    })
}

/// What keeps a text from being a part of a scenario; of a text that is not TOML, no word is shown.
fn check_part(text: &str) -> Result<(), String> {
    let most = wording::list(INCLUDABLE.iter().copied());
    let table = DeTable::parse(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let (line, _) = Text::new(vec![(0, String::new())], text).position(start);
        format!("it is not a population part of TOML (line {line} is not TOML); an included file may have {most}")
    })?;
    match table.get_ref().keys().find(|key| !INCLUDABLE.contains(&key.get_ref().as_ref())) {
        Some(key) => {
            let key = shortened(key.get_ref(), 60);
            Err(format!("it has the key `{key}`; an included file may have {most}"))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_path_has_no_way_up() {
        assert_eq!(flat(Path::new("/a/./b/../../c")), Path::new("/c"));
        assert_eq!(flat(Path::new("/../../c")), Path::new("/c"));
    }

    #[test]
    fn a_text_that_is_no_part_is_not_shown() {
        for text in ["root:x:0:0", "SECRET", "[SECRET", "a = 'SECRET", "a = 1\nSECRET = SECRET", "'''\n"] {
            let reason = check_part(text).expect_err("it is not TOML");
            assert!(!reason.contains("SECRET") && !reason.contains("root:x"), "{reason}");
        }
        assert!(check_part("[population]\nmembers = 3").is_ok());
        assert!(check_part("[contracts]").is_err_and(|reason| reason.contains("`contracts`")));
    }
}
