//! Records which commit the program was built from, and whether its sources were changed since.

use std::{path::Path, process::Command};

/// What the program is built from, besides its dependencies.
const SOURCES: [&str; 4] = ["crates", "scenarios", "Cargo.toml", "Cargo.lock"];
/// The root of the repository, from this package.
const ROOT: &str = "../..";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=TWOSIDED_COMMIT={}", commit().unwrap_or_else(|| "unknown".to_owned()));
}

/// The commit, with `-dirty` after it if a source differs from it; `None` outside of the project's own repository.
fn commit() -> Option<String> {
    // A copy of the sources inside of another repository has no commit of its own.
    let root = git(&["rev-parse", "--show-toplevel"])?;
    let is_ours = Path::new(&root).canonicalize().ok()? == Path::new(ROOT).canonicalize().ok()?;
    let commit = is_ours.then(|| git(&["rev-parse", "--short=12", "HEAD"])).flatten()?;
    // In a worktree `.git` is a file, and its HEAD lies elsewhere.
    for file in ["HEAD", "logs/HEAD"] {
        println!("cargo::rerun-if-changed={ROOT}/{}", git(&["rev-parse", "--git-path", file])?);
    }
    for source in SOURCES {
        println!("cargo::rerun-if-changed={ROOT}/{source}");
    }
    let changes = git(&[&["--no-optional-locks", "status", "--porcelain", "--"][..], &SOURCES].concat())?;
    Some(if changes.is_empty() { commit } else { format!("{commit}-dirty") })
}

fn git(arguments: &[&str]) -> Option<String> {
    let output =
        Command::new("git").current_dir(ROOT).args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
