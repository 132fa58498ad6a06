//! Files of the repository, and terms to settle them by.
#![allow(dead_code, reason = "each test file uses a part")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use twosided_actuals::{SettledRows, Table, YearsFile};
use twosided_form::Document;

/// A file of the repository.
pub fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

pub fn data(name: &str) -> String {
    fs::read_to_string(file("tests/data").join(name)).expect("the file is in the repository")
}

pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

pub fn write(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder.path().join(name);
    fs::write(&path, content).expect("it can be written");
    path.to_str().expect("paths of tests are text").to_owned()
}

/// A contract that settles on nothing but member months.
pub fn fee(folder: &TempDir, months: &str) -> String {
    let terms = "[contract]\nname = \"Fee\"\nterms.care_management = { pmpm = 2 }\n[columns]\n";
    write(folder, "fee.toml", format!("{terms}member_months = \"{months}\"\n"))
}

/// The rows of a table, settled under a file of terms; or what is said of them.
pub fn settle_terms(terms: &str, data: &Path) -> Result<SettledRows, String> {
    let document = Document::load(Path::new(terms)).map_err(|error| error.to_string())?;
    let file = YearsFile::new(document).map_err(|error| error.to_string())?;
    let table = Table::load(data).map_err(|error| error.to_string())?;
    file.settle(&table).map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}
