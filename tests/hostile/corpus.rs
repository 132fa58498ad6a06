//! The files that are mutated: every scenario and data file of the repository, made small.

use std::{fs, path::Path};

use crate::support::{file, text, twosided};

/// A file with its name.
pub struct Seed {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Everything that is mutated.
pub struct Corpus {
    /// Valid scenarios, of few people.
    pub scenarios: Vec<Seed>,
    /// Scenarios with a problem each.
    pub bad_scenarios: Vec<Seed>,
    /// Populations that scenarios include.
    pub populations: Vec<Seed>,
    /// CMS's files, a few rows of each.
    pub cms: Vec<Seed>,
    /// Member-level data, a few hundred rows.
    pub members: Vec<u8>,
    /// Trials that the program wrote, as Parquet.
    pub trials: Vec<u8>,
    /// Terms for data of one's own.
    pub terms: Vec<Seed>,
    /// Data of those terms.
    pub data: Vec<u8>,
}

/// People of a segment, so that a run takes a moment.
const MEMBERS: u64 = 300;
/// Rows of a table.
const ROWS: usize = 12;
const MEMBER_ROWS: usize = 400;

/// A scenario whose trials can be read as people, one row a person and year.
const ONE_CONTRACT: &str = "[run]\nname = 'one'\n[[population.segments]]\nname = 'one'\nmembers = 100\n\
                            [population.segments.services.care]\nannual = { gamma = { mean = 1_200, cv = 1 } }\n\
                            [[contracts]]\nname = 'capitation'\nterms.capitation = { pmpm = 50 }\n";
const DATA: &str = "year,person_years,members,expenditure,own_fees,maternity_expenditure,maternity_count\n\
                    2023,1000,1000,6000000,1500000,90000,9\n2024,1100.5,1101,7100000,1600000,80000,8\n";
/// Terms of several kinds on the same data.
const TERMS: [(&str, &str); 6] = [
    ("shared_savings", "{ benchmark.pmpm = 500, savings.sharing_rate = 0.5, losses.sharing_rate = 0.5 }"),
    ("capitation", "{ pmpm = 480 }"),
    ("mssp", "{ track = \"BASIC E\", agreement_start = 2023, benchmark.per_capita = 6_100, quality_score = 0.8 }"),
    ("reach", "{ option = \"global\", benchmark.per_capita = 6_100 }"),
    ("care_management_fee", "{ pmpm = 5 }"),
    ("medicaid_corridor", "{ pmpm = 510 }"),
];

impl Corpus {
    /// Reads the repository, and runs the program once for its trials.
    pub fn new(folder: &Path) -> Self {
        let name = folder.join("seed.toml");
        fs::write(&name, ONE_CONTRACT).expect("a file");
        let (path, out) = (name.display().to_string(), folder.join("seed").display().to_string());
        let ran = twosided(&["run", &path, "--trials", "40", "--out", &out]);
        assert!(ran.status.success(), "{}", text(&ran.stderr));
        let terms = TERMS.map(|(kind, terms)| Seed {
            name: kind.to_owned(),
            bytes: format!(
                "[contract]\nname = \"Group\"\nterms.{kind} = {terms}\n\n[columns]\nmembers = \"members\"\n"
            )
            .into(),
        });
        let data = seeds("tests/data");
        let cms = data.iter().filter(|seed| seed.name.starts_with("mssp-") || seed.name.starts_with("reach-"));
        let members = data.iter().find(|seed| seed.name == "randhie.csv").expect("it ships");
        Self {
            cms: cms.map(|seed| Seed { name: seed.name.clone(), bytes: first_lines(&seed.bytes, ROWS) }).collect(),
            members: first_lines(&members.bytes, MEMBER_ROWS),
            trials: fs::read(folder.join("seed/trials.parquet")).expect("the run wrote it"),
            bad_scenarios: seeds("tests/bad-scenarios"),
            populations: seeds("scenarios/populations"),
            scenarios: seeds("scenarios").into_iter().map(small).collect(),
            terms: terms.into(),
            data: DATA.as_bytes().to_vec(),
        }
    }
}

/// The files of a folder, in the order of their names.
fn seeds(folder: &str) -> Vec<Seed> {
    let entries = fs::read_dir(file(folder)).expect("a folder").map(|entry| entry.expect("an entry"));
    let files = entries.filter(|entry| entry.path().is_file());
    let mut seeds: Vec<Seed> = files
        .map(|entry| Seed {
            name: entry.file_name().to_string_lossy().into_owned(),
            bytes: fs::read(entry.path()).expect("a file"),
        })
        .collect();
    seeds.sort_by(|a, b| a.name.cmp(&b.name));
    seeds
}

fn first_lines(bytes: &[u8], lines: usize) -> Vec<u8> {
    bytes.split_inclusive(|&byte| byte == b'\n').take(1 + lines).collect::<Vec<_>>().concat()
}

/// A scenario with few members in each segment.
fn small(seed: Seed) -> Seed {
    let lines = String::from_utf8(seed.bytes).expect("UTF-8");
    let lines = lines.lines().map(|line| match line.strip_prefix("members = ") {
        Some(_) => format!("members = {MEMBERS}\n"),
        None => format!("{line}\n"),
    });
    Seed { name: seed.name, bytes: lines.collect::<String>().into_bytes() }
}
