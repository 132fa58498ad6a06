//! Shards that do not make up one run, and files that are not as they were written.

use std::{fs, path::Path};

use tempfile::{TempDir, tempdir};

use crate::{SCENARIO, done, refused};

/// Two shards of the scenario, and a folder for each other run that is asked for.
fn shards(others: &[(&str, &[&str])]) -> TempDir {
    let folder = tempdir().expect("a folder");
    fs::write(folder.path().join("plan.toml"), SCENARIO).expect("a file");
    fs::write(folder.path().join("other.toml"), SCENARIO.replace("pmpm = 760", "pmpm = 761")).expect("a file");
    for (name, arguments) in [("a", &["plan.toml", "--shard", "1/2"][..]), ("b", &["plan.toml", "--shard", "2/2"])] {
        done(folder.path(), &[&["run"], arguments, &["--out", name]].concat());
    }
    for (name, arguments) in others {
        done(folder.path(), &[&["run"], *arguments, &["--out", *name]].concat());
    }
    folder
}

fn refusal(folder: &Path, shards: &[&str]) -> String {
    let said = refused(folder, &[&["merge"], shards, &["--out", "merged"]].concat());
    assert!(!folder.join("merged").exists());
    assert!(said.starts_with("error: cannot merge the shards: "), "{said}");
    said
}

#[test]
fn shards_that_do_not_make_up_one_run_are_refused() {
    let others: [(&str, &[&str]); 6] = [
        ("seed", &["plan.toml", "--seed", "6", "--shard", "2/2"]),
        ("trials", &["plan.toml", "--trials", "40", "--shard", "2/2"]),
        ("scenario", &["other.toml", "--shard", "2/2"]),
        ("gains", &["plan.toml", "--outcomes", "gains", "--shard", "2/2"]),
        ("overlap", &["plan.toml", "--trials-range", "18..41"]),
        ("end", &["plan.toml", "--trials-range", "30..41"]),
    ];
    let folder = shards(&others);
    let folder = folder.path();
    for (name, says) in [
        ("seed", "seed: its seed is 6; a has 5"),
        ("trials", "trials: its number of trials is 40; a has 41"),
        ("scenario", "scenario: its scenario's SHA-256 is "),
        ("gains", "gains: its --outcomes is gains; a has lines"),
        ("overlap", "both a and overlap have the trials 18..20; leave one of them out"),
        ("a", "both a and a have the trials 0..20; leave one of them out"),
    ] {
        let said = refusal(folder, &["a", name]);
        assert!(said.contains(says), "{said}");
    }
    let said = refusal(folder, &["end", "a"]);
    let missing = "of the run's trials 0..41, no shard has 20..30; simulate them with twosided run a/run.toml --trials-range 20..30";
    assert!(said.contains(missing), "{said}");
    // As the message says.
    done(folder, &["run", "a/run.toml", "--trials-range", "20..30", "--out", "middle"]);
    done(folder, &["merge", "middle", "end", "a", "--out", "merged"]);
}

/// A change of a file of the second shard, and what is said of it.
type Damage = (&'static str, fn(Vec<u8>) -> Vec<u8>, &'static str);

#[test]
fn files_that_are_not_as_they_were_written_are_refused() {
    let damages: [Damage; 9] = [
        ("outcomes.parquet", |bytes| bytes[..bytes.len() / 2].to_vec(), "b/outcomes.parquet: its SHA-256 is "),
        ("moments.parquet", |bytes| bytes[..0].to_vec(), "b/moments.parquet: its SHA-256 is e3b0c44298fc1c14"),
        ("run.toml", |bytes| [&bytes[..], b"\n"].concat(), "b/run.toml: its SHA-256 is "),
        ("outcomes.parquet", changed, "it was changed or cut short"),
        ("shard.json", |bytes| bytes[..bytes.len() / 2].to_vec(), "b/shard.json: it is not the manifest of a shard: "),
        (
            "shard.json",
            |bytes| edited(&bytes, "\"schema_version\": 1", "\"schema_version\": 2"),
            "schema_version is 2; this program reads 1",
        ),
        (
            "shard.json",
            |bytes| edited(&bytes, "\"end_trial\": 41", "\"end_trial\": 42"),
            "its trials are 20..42; they must be some of the 41 trials of the run, 0..41",
        ),
        (
            "shard.json",
            |bytes| edited(&bytes, "\"version\": \"", "\"version\": \"9."),
            "b: it was written by twosided 9.",
        ),
        ("shard.json", |bytes| edited(&bytes, "\"run.toml\"", "\"../run.toml\""), "it lists the files "),
    ];
    let folder = shards(&[]);
    let folder = folder.path();
    for (name, damage, says) in damages {
        let path = folder.join("b").join(name);
        let whole = fs::read(&path).expect("a file");
        fs::write(&path, damage(whole.clone())).expect("a file");
        let said = refusal(folder, &["a", "b"]);
        assert!(said.contains(says), "{name}: {said}");
        fs::write(&path, whole).expect("a file");
    }
    fs::remove_file(folder.join("b/moments.parquet")).expect("a file");
    assert!(refusal(folder, &["a", "b"]).contains("b/moments.parquet: there is no such file"));
    fs::remove_file(folder.join("b/shard.json")).expect("a file");
    assert!(refusal(folder, &["a", "b"]).contains("b/shard.json: there is no such file; a shard has it"));
    assert!(refusal(folder, &["a", "nowhere"]).contains("nowhere: there is no such folder"));
}

#[test]
fn files_of_another_form_under_the_right_hash_are_refused() {
    let folder = shards(&[
        ("other", &["plan.toml", "--trials-range", "0..20"]),
        ("end", &["plan.toml", "--trials-range", "30..41"]),
    ]);
    let folder = folder.path();
    let other = |name: &str| fs::read(folder.join("other").join(name)).expect("a file");
    let [outcomes, moments] = ["outcomes.parquet", "moments.parquet"].map(other);
    let end = fs::read(folder.join("end/moments.parquet")).expect("a file");
    let cut = outcomes[..outcomes.len() - 10].to_vec();
    for (name, bytes, says) in [
        (
            "outcomes.parquet",
            moments.clone(),
            "b/outcomes.parquet: column 1 is `first_trial` of type INT64; it must be `trial` of type INT64",
        ),
        ("outcomes.parquet", outcomes, "b/outcomes.parquet: it has 180 rows; it must have 189"),
        ("outcomes.parquet", cut, "b/outcomes.parquet: it is not a whole Parquet file"),
        ("moments.parquet", b"PAR1".to_vec(), "b/moments.parquet: it is not a whole Parquet file"),
        ("moments.parquet", moments, "b/moments.parquet: "),
        ("moments.parquet", end, "b/moments.parquet: "),
    ] {
        let (path, manifest) = (folder.join("b").join(name), folder.join("b/shard.json"));
        let (whole, listed) = (fs::read(&path).expect("a file"), fs::read_to_string(&manifest).expect("a file"));
        let hash = twosided_files::sha256_of(&path).expect("a file");
        fs::write(&path, bytes).expect("a file");
        let found = twosided_files::sha256_of(&path).expect("a file");
        fs::write(&manifest, listed.replace(&hash, &found)).expect("a file");
        let said = refusal(folder, &["a", "b"]);
        assert!(said.contains(says), "{name}: {said}");
        fs::write(&path, whole).expect("a file");
        fs::write(&manifest, listed).expect("a file");
    }
    done(folder, &["merge", "a", "b", "--out", "merged"]);
}

/// The same with one bit of its middle turned.
fn changed(mut bytes: Vec<u8>) -> Vec<u8> {
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    bytes
}

fn edited(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    assert!(text.contains(from), "{text}");
    text.replace(from, to).into_bytes()
}
