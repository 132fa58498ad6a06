//! Files of code: how long they are, what they may name, and what they may touch.

mod boundaries;
mod circles;
mod length;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A file of the repository.
fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The Rust files of a folder of the repository and of the folders within it: their paths in the repository, and their text.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(file(folder)).expect("a folder of the repository") {
        let name = format!("{folder}/{}", entry.expect("an entry").file_name().to_string_lossy());
        if file(&name).is_dir() {
            found.extend(sources(&name));
        } else if Path::new(&name).extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(file(&name)).expect("UTF-8");
            found.push((name, text));
        }
    }
    found.sort();
    found
}
