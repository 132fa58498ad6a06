//! What a folder holds of ours.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read},
    path::{Component, Path},
};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::read_input;

/// The file that lists what a command wrote into its folder.
pub const MANIFEST: &str = ".twosided-manifest.json";
/// Largest manifest read.
const MOST_BYTES: u64 = 4 << 20;

/// A manifest: who wrote which files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// The command, as `run`.
    pub(crate) command: String,
    /// The file that the command was given, relative to the folder.
    pub(crate) input: String,
    /// The files, each with the SHA-256 of its bytes.
    pub(crate) files: BTreeMap<String, String>,
}

impl Manifest {
    /// The manifest of a folder; `None` where there is none that can be read.
    pub(crate) fn of(folder: &Path) -> Option<Self> {
        Self::read(&folder.join(MANIFEST))
    }

    pub(crate) fn read(path: &Path) -> Option<Self> {
        if !is_regular(path) {
            return None;
        }
        let value: Value = serde_json::from_slice(&read_input(path, MOST_BYTES).ok()?).ok()?;
        let text = |key: &str| Some(value.get(key)?.as_str()?.to_owned());
        Some(Self { command: text("command")?, input: text("input")?, files: files_of(value.get("files")?)? })
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let Self { command, input, files } = self;
        let version = env!("CARGO_PKG_VERSION");
        let value =
            json!({ "written_by": format!("twosided {version}"), "command": command, "input": input, "files": files });
        format!("{value:#}\n").into_bytes()
    }
}

/// Names with hashes, none of which leads out of the folder.
fn files_of(value: &Value) -> Option<BTreeMap<String, String>> {
    let file = |(name, hash): (&String, &Value)| Some((plain(name)?, hash.as_str()?.to_owned()));
    value.as_object()?.iter().map(file).collect()
}

/// A name that a command may give a file: one by itself, not a path, and not hidden, as `.git` is, but for the manifest's own.
pub(crate) fn plain(name: &str) -> Option<String> {
    let mut components = Path::new(name).components();
    let is_single = matches!(components.next(), Some(Component::Normal(only)) if only == name);
    let is_plain = is_single && components.next().is_none() && (name == MANIFEST || !name.starts_with('.'));
    is_plain.then(|| name.to_owned())
}

/// Whether a regular file, not a link, has this path.
pub(crate) fn is_regular(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// The SHA-256 of a file's bytes.
///
/// # Errors
/// As for reading a file.
pub fn sha256_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => hash.update(&buffer[..read]),
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read_as_it_was_written_and_none_that_leads_elsewhere() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = BTreeMap::from([("report.html".to_owned(), "00".to_owned())]);
        let manifest = Manifest { command: "run".into(), input: "../a.toml".into(), files };
        let path = folder.path().join(MANIFEST);
        fs::write(&path, manifest.bytes()).expect("a file");
        assert_eq!(Manifest::of(folder.path()), Some(manifest));
        for name in ["../a", "/etc/passwd", "a/b", "..", ".", "", "a/", ".git"] {
            let text = json!({ "command": "run", "input": "a", "files": { name: "00" } });
            fs::write(&path, text.to_string()).expect("a file");
            assert_eq!(Manifest::of(folder.path()), None, "{name}");
        }
    }
}
