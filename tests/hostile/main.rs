//! Mutated scenarios and data files: whatever is in them, the program ends with exit code 0, 1 or 2, soon, in little memory, and
//! writes no number that is none. How to run more of them: `tests/hostile/README.md`.
#![cfg(unix)]

mod case;
mod corpus;
mod dice;
mod execution;
mod mutation;
#[path = "../support/mod.rs"]
mod support;

use std::{
    collections::BTreeMap,
    env, fs,
    path::Path,
    str::FromStr,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use case::{Case, Finding};
use corpus::Corpus;

/// Executions that every change has to pass.
const EXECUTIONS: u64 = 2_000;
const WORKERS: usize = 2;

/// A number from the environment, or a default.
fn setting<T: FromStr>(name: &str, default: T) -> T {
    match env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is \"{text}\"; write a whole number")),
        Err(_) => default,
    }
}

#[test]
#[ignore = "takes two minutes; .ci/run runs it"]
fn no_mutated_file_breaks_the_program() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    let corpus = Corpus::new(&folder);
    let seed = setting("HOSTILE_SEED", 1);
    let (first, most) = (setting("HOSTILE_CASE", 0), setting("HOSTILE_EXECUTIONS", EXECUTIONS));
    let (next, executions) = (AtomicU64::new(first), AtomicU64::new(0));
    let findings: Mutex<Vec<Finding>> = Mutex::default();
    let work = || {
        while executions.load(Ordering::Relaxed) < most {
            let case = Case::run(seed, next.fetch_add(1, Ordering::Relaxed), &corpus, &folder);
            executions.fetch_add(case.executions, Ordering::Relaxed);
            findings.lock().expect("no worker panics").extend(case.findings);
        }
    };
    thread::scope(|scope| (0..WORKERS).for_each(|_| drop(scope.spawn(work))));
    let mut by_fault: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for finding in findings.into_inner().expect("no worker panics") {
        by_fault.entry(finding.fault.clone()).or_default().push(finding);
    }
    let listed: Vec<String> = by_fault
        .iter_mut()
        .map(|(fault, findings)| {
            findings.sort_by_key(|finding| finding.case);
            let Finding { case, command, .. } = &findings[0];
            format!("{} × {fault}\n    first in case {case}: twosided {command}", findings.len())
        })
        .collect();
    let (executions, cases) = (executions.into_inner(), next.into_inner() - first);
    assert!(
        listed.is_empty(),
        "{} faults in {executions} executions of {cases} cases, seed {seed}; the files are in {}:\n{}",
        listed.len(),
        folder.display(),
        listed.join("\n")
    );
}
