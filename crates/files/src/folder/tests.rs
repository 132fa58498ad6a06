//! A folder that is written, killed, written to by others, and written again.

use std::cell::Cell;

use tempfile::TempDir;

use super::*;

/// A folder `out` beside two scenarios, `a.toml` and `b.toml`.
struct Place {
    temporary: TempDir,
}

impl Place {
    fn new() -> Self {
        let temporary = TempDir::new().expect("a folder");
        for name in ["a.toml", "b.toml"] {
            fs::write(temporary.path().join(name), name).expect("a file");
        }
        Self { temporary }
    }

    fn out(&self) -> PathBuf {
        self.temporary.path().join("out")
    }

    fn open(&self, scenario: &str, names: &[&str], replace: bool) -> Result<OutputFolder, FolderError> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let input = self.temporary.path().join(scenario);
        let (folder, inputs) = (self.out(), [&*input]);
        OutputFolder::open(&Request { folder: &folder, command: "run", inputs: &inputs, names: &names, replace })
    }

    /// Opens the folder and prepares files.
    fn prepared(&self, files: &[(&str, &str)]) -> OutputFolder {
        let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
        let opened = self.open("a.toml", &names, false).expect("it can be written");
        for (name, text) in files {
            fs::write(opened.staging().join(name), text).expect("a file");
        }
        opened
    }

    fn put(&self, name: &str, text: &str) {
        fs::create_dir_all(self.out()).expect("a folder");
        fs::write(self.out().join(name), text).expect("a file");
    }

    /// All files below the folder but the manifest, each with its text.
    fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.out()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.out()).expect("it is within").to_string_lossy().into_owned();
                    files.insert(name, fs::read_to_string(&path).expect("text"));
                }
            }
        }
        files.remove(MANIFEST);
        files
    }
}

fn of(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

const OLDER: [(&str, &str); 3] = [("page", "older page"), ("table", "older table"), ("chart-9", "older chart")];
const NEWER: [(&str, &str); 3] = [("page", "newer page"), ("table", "newer table"), ("chart-1", "newer chart")];

#[test]
fn exactly_the_older_files_are_replaced() {
    let index = Place::new();
    assert_eq!(index.prepared(&OLDER).complete().expect("it is free"), []);
    assert_eq!(index.files(), of(&OLDER));
    index.put("memo", "a user's");
    fs::create_dir(index.out().join("sub")).expect("a folder");
    index.put("sub/page", "a user's");
    assert_eq!(index.prepared(&NEWER).complete().expect("its own"), []);
    let users = [("memo", "a user's"), ("sub/page", "a user's")];
    assert_eq!(index.files(), of(&[&NEWER[..], &users].concat()));
}

#[test]
fn what_a_user_has_changed_is_kept() {
    let index = Place::new();
    index.prepared(&OLDER).complete().expect("it is free");
    index.put("page", "annotated");
    index.put("chart-9", "retouched");
    let kept = index.prepared(&NEWER).complete().expect("its own");
    let [Kept { folder, names }] = &kept[..] else { panic!("one folder is kept: {kept:?}") };
    assert_eq!(names[..], ["page"]);
    assert!(folder.ends_with("kept-1"));
    // What is in nobody's way stays where it is.
    let users = [("kept-1/page", "annotated"), ("chart-9", "retouched")];
    assert_eq!(index.files(), of(&[&NEWER[..], &users].concat()));
}

#[test]
fn files_of_others_are_refused_or_kept() {
    let index = Place::new();
    index.put("page", "a user's");
    index.put("memo", "a user's");
    let refused = index.open("a.toml", &["page"], false).expect_err("a file is in the way").to_string();
    assert!(refused.contains("page") && refused.contains("--out") && refused.contains("--replace"), "{refused}");
    assert_eq!(index.files(), of(&[("page", "a user's"), ("memo", "a user's")]));
    let opened = index.open("a.toml", &["page"], true).expect("replace was said");
    fs::write(opened.staging().join("page"), "ours").expect("a file");
    opened.complete().expect("it can be written");
    assert_eq!(index.files(), of(&[("page", "ours"), ("memo", "a user's"), ("kept-1/page", "a user's")]));
    // A name that nobody foresaw.
    let opened = index.open("a.toml", &["page"], false).expect("its own");
    fs::write(opened.staging().join("memo"), "ours").expect("a file");
    opened.complete().expect("it can be written");
    assert_eq!(index.files(), of(&[("memo", "ours"), ("kept-1/page", "a user's"), ("kept-2/memo", "a user's")]));
}

#[test]
fn the_report_of_another_file_is_refused_with_the_way_out() {
    let index = Place::new();
    index.prepared(&OLDER).complete().expect("it is free");
    let refused = index.open("b.toml", &["page"], false).expect_err("it is another's").to_string();
    assert!(refused.contains("a.toml") && refused.contains("--replace"), "{refused}");
    assert_eq!(index.files(), of(&OLDER));
    drop(index.open("b.toml", &["page"], true).expect("replace was said"));
    assert_eq!(index.files(), of(&OLDER), "nothing happens before the files are complete");
    let (folder, inputs) = (index.out(), [&*index.temporary.path().join("a.toml")]);
    for replace in [false, true] {
        let request = Request { folder: &folder, command: "fit", inputs: &inputs, names: &[], replace };
        assert!(matches!(OutputFolder::open(&request), Err(FolderError::OfAnotherCommand { .. })));
    }
}

#[test]
fn a_file_that_is_read_is_never_replaced() {
    let index = Place::new();
    index.prepared(&OLDER).complete().expect("it is free");
    index.put("own", "a scenario");
    let folder = index.out();
    for (name, replaced) in [("page", true), ("own", false)] {
        let input = folder.join(name);
        let (inputs, names) = ([&*input], ["table".to_owned()]);
        let request = Request { folder: &folder, command: "run", inputs: &inputs, names: &names, replace: true };
        let opened = OutputFolder::open(&request);
        assert_eq!(matches!(opened, Err(FolderError::Input { .. })), replaced, "{name}: {opened:?}");
    }
}

#[test]
fn one_run_at_a_time() {
    let index = Place::new();
    let first = index.prepared(&OLDER);
    assert!(matches!(index.open("a.toml", &["page"], false), Err(FolderError::Busy(_))));
    first.complete().expect("it is free");
    drop(first);
    assert_eq!(index.files(), of(&OLDER));
    index.open("a.toml", &["page"], false).expect("it is free again");
}

#[test]
fn a_run_that_ends_early_leaves_no_trace() {
    let index = Place::new();
    drop(index.prepared(&OLDER));
    assert!(!index.out().exists());
    index.prepared(&OLDER).complete().expect("it is free");
    let guard = index.prepared(&NEWER).guard();
    assert_eq!(guard.abandon(), Ended::ByItself, "it has ended");
    let running = index.prepared(&NEWER);
    assert_eq!(running.guard().abandon(), Ended::WithoutTrace);
    assert!(matches!(running.complete(), Err(FolderError::Abandoned)));
    assert_eq!(index.files(), of(&OLDER));
    let complete = index.prepared(&NEWER);
    complete.complete().expect("its own");
    assert!(matches!(complete.guard().abandon(), Ended::Complete(_)));
    assert_eq!(index.files(), of(&NEWER));
}

/// A run that is killed before one of its moves: that move and all later ones, those that would take the others back among
/// them, do not happen.
fn killed_before(index: &Place, the_move: usize) -> bool {
    let made = Cell::new(0);
    let outcome = index.prepared(&NEWER).complete_by(&mut |from, to| {
        if made.get() == the_move {
            return Err(io::Error::other("killed"));
        }
        made.set(made.get() + 1);
        fs::rename(from, to)
    });
    outcome.is_err()
}

#[test]
fn moves_that_a_kill_cuts_short_are_carried_to_their_end() {
    let mut the_move = 0;
    loop {
        let index = Place::new();
        index.prepared(&OLDER).complete().expect("it is free");
        index.put("memo", "a user's");
        index.put("table", "annotated");
        if !killed_before(&index, the_move) {
            break;
        }
        // Between the kill and the next run, the user saves something new where the page stands.
        index.put("page", "saved");
        let recovered = index.open("a.toml", &["page"], false).expect("it recovers").recovered().clone();
        assert_eq!((recovered.completed, recovered.removed), (1, 0), "before move {the_move}");
        let found = index.files();
        assert!(recovered.kept.iter().any(|kept| kept.names.contains(&"table".to_owned())), "{recovered:?}");
        let kept = |text: &str| found.iter().any(|(name, kept)| name.starts_with("kept-") && kept == text);
        assert!(kept("annotated"), "before move {the_move}: {found:?}");
        let is_page_in_place = found.get("page").map(String::as_str) == Some("saved");
        assert!(is_page_in_place || kept("saved"), "before move {the_move}: {found:?}");
        for (name, text) in NEWER.iter().filter(|(name, _)| !(is_page_in_place && *name == "page")) {
            assert_eq!(found.get(*name).map(String::as_str), Some(*text), "before move {the_move}");
        }
        assert_eq!(found.get("memo").map(String::as_str), Some("a user's"));
        assert!(!found.contains_key("chart-9") && found.keys().all(|name| !name.starts_with(".twosided")), "{found:?}");
        index.prepared(&OLDER).complete().expect("the next run works");
        the_move += 1;
    }
    assert!(the_move >= 7, "{the_move} moves");
}

#[test]
fn a_move_that_fails_is_taken_back_and_the_new_files_are_there() {
    let index = Place::new();
    index.prepared(&OLDER).complete().expect("it is free");
    for the_move in 0..7 {
        let made = Cell::new(0);
        let opened = index.prepared(&NEWER);
        let outcome = opened.complete_by(&mut |from, to| {
            made.set(made.get() + 1);
            if made.get() == the_move + 1 { Err(io::Error::other("busy")) } else { fs::rename(from, to) }
        });
        let Err(FolderError::NotPlaced { staged, .. }) = outcome else { panic!("it cannot be placed") };
        for (name, text) in NEWER {
            assert_eq!(fs::read_to_string(staged.join(name)).expect("it is complete"), text);
        }
        let found: BTreeMap<_, _> = index.files().into_iter().filter(|(name, _)| !name.starts_with('.')).collect();
        assert_eq!(found, of(&OLDER), "move {the_move}");
        drop(opened);
        index.open("a.toml", &["page"], false).expect("it recovers");
        assert_eq!(index.files(), of(&NEWER));
        index.prepared(&OLDER).complete().expect("its own");
    }
}

#[test]
fn leftovers_without_a_complete_report_are_removed_and_folders_of_others_are_not() {
    let index = Place::new();
    index.prepared(&OLDER).complete().expect("it is free");
    let running = index.prepared(&NEWER);
    let staging = running.staging().parent().expect("its folder").to_owned();
    let copy = index.out().join(format!("{}copy", crate::placing::STAGING));
    // What a killed run leaves is what a running one has.
    fs::create_dir(&copy).expect("a folder");
    fs::create_dir(copy.join("new")).expect("a folder");
    fs::copy(running.staging().join("page"), copy.join("new/page")).expect("a file");
    fs::copy(staging.join("twosided"), copy.join("twosided")).expect("a file");
    drop(running);
    index.put("memo", "a user's");
    let others = index.out().join(format!("{}notes", crate::placing::STAGING));
    fs::create_dir(&others).expect("a folder");
    fs::write(others.join("memo"), "a user's").expect("a file");
    // Killed while it was made, while its journal was written, and while it was removed.
    for (number, files) in [&[("twosided", "A ru")][..], &[("journal", "{"), ("probe", "0"), ("twosided", "")], &[]]
        .into_iter()
        .enumerate()
    {
        let killed = index.out().join(format!("{}{number}", crate::placing::STAGING));
        fs::create_dir(&killed).expect("a folder");
        for (name, text) in files {
            fs::write(killed.join(name), text).expect("a file");
        }
    }
    let recovered = index.open("a.toml", &["page"], false).expect("it recovers").recovered().clone();
    assert_eq!((recovered.completed, recovered.removed), (0, 4));
    assert!(!copy.exists() && others.join("memo").exists());
    fs::remove_dir_all(others).expect("it is there");
    assert_eq!(index.files(), of(&[&OLDER[..], &[("memo", "a user's")]].concat()));
}
