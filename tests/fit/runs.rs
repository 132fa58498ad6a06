//! Runs of `twosided fit` on the excerpt of the RAND health insurance experiment, and populations that it writes.

use std::{fs, path::Path, process::Output};

use serde_json::Value;

use crate::support::{text, twosided};

pub const RANDHIE: &str = "tests/data/randhie.csv";

pub const SERVICES: [&str; 6] = [
    "--service",
    "inpatient=cost:inpdol,count:totadm",
    "--service",
    "outpatient=cost:outpdol",
    "--service",
    "drugs=cost:drugdol",
];

pub fn fit(file: &str, others: &[&str], folder: &Path) -> Output {
    let out = folder.to_str().expect("UTF-8");
    twosided(&[&["fit", file, "--person", "zper", "--year", "year", "--out", out], others].concat())
}

pub fn fit_randhie(others: &[&str], folder: &Path) -> Value {
    let columns = ["--exposure", "time", "--segment", "child", "--unmatched", "mend"];
    let output = fit(RANDHIE, &[&columns[..], &SERVICES, others].concat(), folder);
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&fs::read(folder.join("fit.json")).expect("a file")).expect("JSON")
}

/// A scenario of a fitted population.
pub fn scenario_of(folder: &Path) -> String {
    let population = fs::read_to_string(folder.join("population.toml")).expect("a file");
    let contract = "[[contracts]]\nname = 'Capitation'\nterms.capitation = { pmpm = 10 }\n";
    format!("[run]\nname = 'Fitted'\n{population}\n{contract}")
}

pub fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}
