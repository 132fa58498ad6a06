//! The words of code and docs, and the index by which pages are found.
//!
//! A word that an American reader stumbles over, or that this project has given up for a plainer one, is named here with a better
//! one. Data of others keeps its words: files of `tests/data` and `tests/published` are not read.

mod support;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use support::file;

/// What is read: folders and files of the repository.
const READ: [&str; 11] = [
    "crates",
    "docs",
    "examples",
    "benches",
    "reports",
    "scenarios",
    "tests",
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
];
/// Names of files that are read, by their ends.
const KINDS: [&str; 5] = [".rs", ".md", ".toml", ".css", ".snap"];
/// What others wrote: results and cases as published, names of crates; and this list itself.
const OTHERS: [&str; 5] =
    ["tests/data/public", "tests/data/contracts", "tests/published", "docs/licenses.md", "tests/words.rs"];

/// Parts of words in British spelling, wherever they stand and however they are capitalized.
const SPELLINGS: [(&str, &str); 33] = [
    ("annualis", "annualiz"),
    ("behaviour", "behavior"),
    ("capitalis", "capitaliz"),
    ("characterise", "characterize"),
    ("colour", "color"),
    ("enrolment", "enrollment"),
    ("favour", "favor"),
    ("generalis", "generaliz"),
    ("honour", "honor"),
    ("initialis", "initializ"),
    ("judgement", "judgment"),
    ("labell", "label"),
    ("labour", "labor"),
    ("licence", "license"),
    ("maximis", "maximiz"),
    ("minimise", "minimize"),
    ("misspelt", "misspelled"),
    ("modell", "model"),
    ("neighbour", "neighbor"),
    ("normalis", "normaliz"),
    ("optimise", "optimize"),
    ("organis", "organiz"),
    ("parametris", "parameteriz"),
    ("penalis", "penaliz"),
    ("realise", "realize"),
    ("recognis", "recogniz"),
    ("serialis", "serializ"),
    ("standardis", "standardiz"),
    ("summaris", "summariz"),
    ("utilis", "utiliz"),
    ("vectoris", "vectoriz"),
    ("whilst", "while"),
    ("winsoris", "winsoriz"),
];

/// Whole words and phrases; a line may break within a phrase, and capital letters count.
const WORDS: [(&str, &str); 19] = [
    ("Called", "a noun, as SegmentName"),
    ("Cared", "a noun, as EventCounts"),
    ("Crowd", "PersonBlock"),
    ("analyse", "analyze"),
    ("as it says", "what it does: \"as stated\""),
    ("centre", "center"),
    ("comes of the", "follows from the, or results from the"),
    ("dearer", "more expensive"),
    ("dearest", "most expensive"),
    ("defence", "defense"),
    ("grey", "gray"),
    ("none has yet", "\"no scenario models it yet\""),
    ("per cent", "percent"),
    ("programme", "program"),
    ("programmes", "programs"),
    ("so many", "this many"),
    ("tells", "says, shows or explains"),
    ("told", "said, shown, recorded or explained"),
    ("upto", "up_to"),
];

/// Where a word stands for a reason.
const ALLOWED: [(&str, &str, &str); 2] = [
    ("tests/bad-scenarios/unknown-key-in-every-cover-and-side.toml", "upto", "a misspelled key"),
    ("tests/snapshots/refusals__unknown-key-in-every-cover-and-side.snap", "upto", "what is said of it"),
];

/// Files below a folder, as paths from the root of the repository; a file is the only one below itself.
fn below(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|entry| below(&entry)).collect()
}

/// Texts of the repository, each with its path from the root.
fn texts() -> Vec<(String, String)> {
    let root = file("");
    let files = READ.iter().flat_map(|name| below(&file(name)));
    let named = files.map(|path| {
        let name = path.strip_prefix(&root).expect("it is below the root").to_string_lossy().replace('\\', "/");
        (name, path)
    });
    named
        .filter(|(name, _)| KINDS.iter().any(|kind| name.ends_with(kind)))
        .filter(|(name, _)| !OTHERS.iter().any(|other| name.starts_with(other)))
        .filter_map(|(name, path)| Some((name, fs::read_to_string(path).ok()?)))
        .collect()
}

/// Bytes where a word or phrase stands by itself.
fn whole(text: &str, word: &str) -> Vec<usize> {
    let is_inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let found = text.match_indices(word).map(|(at, _)| at);
    found
        .filter(|&at| !is_inside(text[..at].chars().next_back()) && !is_inside(text[at + word.len()..].chars().next()))
        .collect()
}

/// The banned words of a text: the byte where each stands, itself, and a better one.
fn banned(text: &str) -> Vec<(usize, &'static str, &'static str)> {
    let lower = text.to_ascii_lowercase();
    // A phrase goes on over the end of a line.
    let joined = text.replace('\n', " ");
    let spelled = SPELLINGS.iter().flat_map(|&(part, better)| {
        lower.match_indices(part).map(move |(at, _)| (at, part, better)).collect::<Vec<_>>()
    });
    let worded =
        WORDS.iter().flat_map(|&(word, better)| whole(&joined, word).into_iter().map(move |at| (at, word, better)));
    spelled.chain(worded).collect()
}

#[test]
fn code_and_docs_have_the_words_of_american_readers() {
    let mut found = Vec::new();
    let mut used = BTreeSet::new();
    for (name, text) in texts() {
        for (at, word, better) in banned(&text) {
            if let Some(index) = ALLOWED.iter().position(|&(path, allowed, _)| path == name && allowed == word) {
                used.insert(index);
            } else {
                let line = text[..at].matches('\n').count() + 1;
                found.push(format!("{name}:{line}: \"{word}\"; write {better}"));
            }
        }
    }
    assert!(found.is_empty(), "{} words to mend:\n{}", found.len(), found.join("\n"));
    assert_eq!(used.len(), ALLOWED.len(), "an exception is no longer needed: {ALLOWED:?}, found {used:?}");
}

#[test]
fn a_banned_word_is_found_whatever_surrounds_it() {
    let words = |text: &str| banned(text).into_iter().map(|(_, word, _)| word).collect::<Vec<_>>();
    assert_eq!(words("the ServiceBehaviour of programmers"), ["behaviour"]);
    assert_eq!(words("told_name; of so\nmany people"), ["so many", "told"]);
    assert_eq!(words("programmers, percentage, upward, retold, Crowded"), [""; 0]);
}

/// Targets of the links of a page that lead to files, without anchors.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ', '#']).next());
    targets.filter(|target| !target.is_empty() && !target.contains("://")).collect()
}

#[test]
fn every_page_is_in_the_index_and_every_link_leads_to_a_file() {
    let index = fs::read_to_string(file("docs/README.md")).expect("the index");
    for page in below(&file("docs")).into_iter().filter(|page| page.extension().is_some_and(|end| end == "md")) {
        let name = page.file_name().expect("a name").to_string_lossy().into_owned();
        let is_listed = links(&index).iter().any(|target| target.ends_with(&name));
        assert!(is_listed || name == "README.md", "docs/README.md does not list {name}");
    }
    for (name, text) in
        texts().into_iter().filter(|(name, _)| Path::new(name).extension().is_some_and(|end| end == "md"))
    {
        let folder = file(&name).parent().expect("a folder").to_owned();
        for target in links(&text) {
            assert!(folder.join(target).exists(), "{name} links to {target}, which is not there");
        }
    }
}
