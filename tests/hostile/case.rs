//! A case: files that were mutated, and the commands that are run on them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use toml_edit::{DocumentMut, Item, Value};

use crate::{
    corpus::{Corpus, Seed},
    dice::Dice,
    execution::{Ended, execute, no_number},
    mutation,
};

/// Members of a scenario in all, above which it is checked but not run.
const MOST_MEMBERS: i64 = 20_000;
/// Years above which it is not run.
const MOST_YEARS: i64 = 50;

/// A fault that was found.
pub struct Finding {
    /// The case.
    pub case: u64,
    /// What happened, in the same words for the same fault.
    pub fault: String,
    /// The command.
    pub command: String,
}

/// A case that runs.
pub struct Case<'a> {
    number: u64,
    dice: Dice,
    corpus: &'a Corpus,
    folder: PathBuf,
    /// Executions so far.
    pub executions: u64,
    /// Faults so far.
    pub findings: Vec<Finding>,
}

impl<'a> Case<'a> {
    /// Runs a case in a folder of its own, which stays if there is a finding.
    pub fn run(seed: u64, case: u64, corpus: &'a Corpus, folder: &Path) -> Self {
        let folder = folder.join(format!("case-{case}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        let mut case =
            Self { number: case, dice: Dice::new(seed, case), corpus, folder, executions: 0, findings: Vec::new() };
        match case.dice.below(20) {
            0..8 => case.scenario(&corpus.scenarios),
            8..10 => case.scenario(&corpus.bad_scenarios),
            10..12 => case.population(),
            12..15 => case.fit(),
            15..18 => case.public_file(),
            _ => case.own_data(),
        }
        if case.findings.is_empty() {
            fs::remove_dir_all(&case.folder).expect("the folder can go");
        }
        case
    }

    fn execute(&mut self, arguments: &[&str]) -> Ended {
        self.executions += 1;
        let ended = execute(arguments, &self.folder);
        if let Some(fault) = &ended.fault {
            self.find(fault.clone(), arguments);
        }
        ended
    }

    fn find(&mut self, fault: String, arguments: &[&str]) {
        self.findings.push(Finding { case: self.number, fault, command: arguments.join(" ") });
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }

    fn write_populations(&self) {
        for Seed { name, bytes } in &self.corpus.populations {
            self.write(&format!("populations/{name}"), bytes);
        }
    }

    /// A mutated scenario: checked, and if it is valid and small run and explained.
    fn scenario(&mut self, seeds: &[Seed]) {
        let [seed, other] = [(); 2].map(|()| self.dice.one_of(seeds));
        let bytes = mutation::toml(&mut self.dice, &seed.bytes, &other.bytes);
        self.write("scenario.toml", &bytes);
        self.write_populations();
        self.check_and_run(&bytes);
    }

    /// A scenario as it is, with a mutated population.
    fn population(&mut self) {
        let corpus = self.corpus;
        let [seed, other] = [(); 2].map(|()| self.dice.one_of(&corpus.populations));
        let bytes = mutation::toml(&mut self.dice, &seed.bytes, &other.bytes);
        self.write_populations();
        self.write(&format!("populations/{}", seed.name), &bytes);
        let scenario = format!(
            "include = \"populations/{}\"\n[run]\nname = \"Included\"\n[population]\nmembers = 900\n[[contracts]]\n\
             name = \"Capitation\"\nterms.capitation.pmpm = 500\n",
            seed.name
        );
        self.write("scenario.toml", scenario.as_bytes());
        self.check_and_run(scenario.as_bytes());
    }

    fn check_and_run(&mut self, scenario: &[u8]) {
        let checked = self.execute(&["check", "scenario.toml"]);
        if checked.code != Some(0) || !is_small(scenario) || !self.dice.chance(0.6) {
            return;
        }
        let run = ["run", "scenario.toml", "--trials", "6", "--out", "report"];
        let ran = self.execute(&run);
        if ran.code == Some(1) {
            self.find("a scenario that `check` finds valid is refused by `run`".to_owned(), &run);
        }
        if ran.code == Some(0) {
            self.look_at(&run, &["report/summary.csv", "report/summary.json"]);
            if self.dice.chance(0.2) {
                self.execute(&["explain", "scenario", "scenario.toml", "--trial", "1"]);
            }
        }
    }

    /// Files of the case's folder hold no number that is none.
    fn look_at(&mut self, command: &[&str], files: &[&str]) {
        for name in files {
            let text = String::from_utf8_lossy(&fs::read(self.folder.join(name)).unwrap_or_default()).into_owned();
            let is_missing =
                |line: &&str| ["\"value\": null", "\"standard_error\": null"].iter().any(|key| line.contains(key));
            let line = no_number(&text).or_else(|| text.lines().find(is_missing).map(|line| line.trim().to_owned()));
            if let Some(line) = line {
                self.find(format!("not a number in {name}: {line}"), command);
            }
        }
    }

    /// Mutated member-level data; what is written of them is valid.
    fn fit(&mut self) {
        let corpus = self.corpus;
        let bootstrap = *self.dice.one_of(&["0", "2"]);
        let tail = *self.dice.one_of(&["0.5", "0.9", "0.99"]);
        let mut command = vec!["fit"];
        if self.dice.chance(0.4) {
            let bytes = mutation::binary(&mut self.dice, &corpus.trials);
            self.write("data.parquet", &bytes);
            let columns = ["--person", "trial", "--year", "trial", "--service", "care=cost:cost_of_own_care"];
            command.extend(["data.parquet"].iter().chain(&columns));
        } else {
            let bytes = mutation::csv(&mut self.dice, &corpus.members, &corpus.data);
            self.write("data.csv", &bytes);
            command.extend(["data.csv", "--person", "zper", "--year", "year", "--unmatched", "mend"]);
            command.extend(["--service", "inpatient=cost:inpdol,count:totadm", "--service", "drugs=cost:drugdol"]);
            if self.dice.chance(0.5) {
                command.extend(["--exposure", "time"]);
            }
            if self.dice.chance(0.3) {
                let prior = *self.dice.one_of(&["drugs=1e-9", "drugs=1e12", "inpatient=200"]);
                command.extend(["--prior-mean", prior, "--credibility", "1000"]);
            }
        }
        command.extend(["--bootstrap", bootstrap, "--tail-above", tail, "--out", "fit"]);
        if self.execute(&command).code == Some(0) {
            let population = fs::read_to_string(self.folder.join("fit/population.toml")).expect("it was written");
            let contract = "[[contracts]]\nname = 'Capitation'\nterms.capitation = { pmpm = 10 }\n";
            self.write("scenario.toml", format!("[run]\nname = 'Fitted'\n{population}\n{contract}").as_bytes());
            if self.execute(&["check", "scenario.toml"]).code == Some(1) {
                self.find("a population that `fit` wrote is refused by `check`".to_owned(), &command);
            }
        }
    }

    /// A mutated file of CMS: settled, compared and explained, and a scenario made of a row.
    fn public_file(&mut self) {
        let corpus = self.corpus;
        let [seed, other] = [(); 2].map(|()| self.dice.one_of(&corpus.cms));
        let bytes = mutation::csv(&mut self.dice, &seed.bytes, &other.bytes);
        self.write("file.csv", &bytes);
        let year = seed.name.trim_start_matches("mssp-py").get(..4).filter(|_| !seed.name.starts_with("reach"));
        let (program, year) = match year {
            Some(year) => ("mssp", year.to_owned()),
            None => ("reach", (*self.dice.one_of(&["2021", "2022"])).to_owned()),
        };
        let file = ["file.csv", "--performance-year", &year];
        match self.dice.below(4) {
            0 => drop(self.execute(&[&["settle", program][..], &file].concat())),
            1 => drop(self.execute(&[&["settle", program][..], &file, &["--expect"]].concat())),
            2 => drop(self.execute(&[&["explain", program][..], &file, &["--id", "1"]].concat())),
            _ => {
                let new = ["new", "aco", "file.csv", "--id", "1", "--performance-year", &year, "--out", "new.toml"];
                if self.execute(&new).code == Some(0) && self.execute(&["check", "new.toml"]).code == Some(1) {
                    self.find("a scenario that `new` wrote is refused by `check`".to_owned(), &new);
                }
            }
        }
    }

    /// Terms and data of one's own, one of them mutated.
    fn own_data(&mut self) {
        let corpus = self.corpus;
        let [seed, other] = [(); 2].map(|()| self.dice.one_of(&corpus.terms));
        let mut data = "data.csv";
        let (mut terms, mut rows) = (seed.bytes.clone(), corpus.data.clone());
        match self.dice.below(5) {
            0 | 1 => terms = mutation::toml(&mut self.dice, &terms, &other.bytes),
            2 | 3 => rows = mutation::csv(&mut self.dice, &rows, &corpus.members),
            _ => {
                data = "data.parquet";
                terms.extend(b"person_years = \"cost_of_own_care\"\nexpenditure = \"cost_of_own_care\"\n");
                rows = mutation::binary(&mut self.dice, &corpus.trials);
            }
        }
        self.write("terms.toml", &terms);
        self.write(data, &rows);
        if self.dice.chance(0.5) {
            self.execute(&["settle", "terms", "terms.toml", data]);
        } else {
            self.execute(&["explain", "terms", "terms.toml", data, "--row", "1"]);
        }
    }
}

/// Whether a scenario is so small that running it takes a moment, whatever its laws are.
fn is_small(scenario: &[u8]) -> bool {
    let text = String::from_utf8_lossy(scenario);
    let Ok(document) = text.parse::<DocumentMut>() else { return false };
    let mut sums = [0, 0];
    for (_, item) in document.iter() {
        add(item, &mut sums);
    }
    (1..=MOST_MEMBERS).contains(&sums[0]) && sums[1] <= MOST_YEARS
}

/// Adds up every `members` and every `years` of a document.
fn add(item: &Item, sums: &mut [i64; 2]) {
    if let Some(tables) = item.as_array_of_tables() {
        for table in tables {
            table.iter().for_each(|(key, item)| add_key(key, item, sums));
        }
    } else if let Some(table) = item.as_table_like() {
        table.iter().for_each(|(key, item)| add_key(key, item, sums));
    } else if let Some(array) = item.as_array() {
        for table in array.iter().filter_map(Value::as_inline_table) {
            table.iter().for_each(|(key, value)| add_key(key, &Item::Value(value.clone()), sums));
        }
    }
}

fn add_key(key: &str, item: &Item, sums: &mut [i64; 2]) {
    match (key, item.as_integer()) {
        ("members", Some(members)) => sums[0] = sums[0].saturating_add(members),
        ("years", Some(years)) => sums[1] = sums[1].saturating_add(years),
        _ => add(item, sums),
    }
}
