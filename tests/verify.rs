//! The committed validation documents are what their commands write.

mod support;

use std::fs;

use support::{file, text, twosided};
use tempfile::TempDir;

/// What the command writes beside the committed document, but for the line of the command itself.
fn assert_written(arguments: &[&str], document: &str) {
    let folder = TempDir::new().expect("a folder");
    let written = folder.path().join("document.md");
    let out = written.to_str().expect("UTF-8");
    let done = twosided(&[&["verify"], arguments, &["--out", out]].concat());
    assert!(done.status.success(), "{}", text(&done.stderr));
    let without_command = |text: String| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with("twosided verify")).map(str::to_owned).collect()
    };
    let ours = without_command(fs::read_to_string(&written).expect("the document"));
    let committed = without_command(fs::read_to_string(file(document)).expect("the committed document"));
    for (ours, committed) in ours.iter().zip(&committed) {
        assert_eq!(ours, committed, "{document} is not what `twosided verify {}` writes", arguments.join(" "));
    }
    assert_eq!(ours.len(), committed.len());
}

#[test]
fn the_validation_document_is_what_the_command_writes() {
    assert_written(&["tables"], "docs/validation.md");
}

#[test]
fn the_backtest_is_what_the_command_writes() {
    let data = "tests/data/mssp-py2022.csv";
    let history: Vec<String> = (2014..=2021).map(|year| format!("tests/data/mssp-py{year}.csv")).collect();
    let mut arguments = vec!["backtest", data, "--performance-year", "2022", "--history"];
    arguments.extend(history.iter().map(String::as_str));
    assert_written(&arguments, "docs/backtest-2022.md");
}

#[test]
fn scenarios_agree_with_their_exact_laws_as_the_documents_say() {
    for (scenario, trials, name) in [
        ("scenarios/reference-job.toml", "6000", "reference-job"),
        ("scenarios/real-aco.toml", "6000", "real-aco"),
        ("tests/data/oracle/frail.toml", "10000", "frail"),
        ("tests/data/oracle/factors.toml", "10000", "factors"),
    ] {
        assert_written(&["scenario", scenario, "--trials", trials], &format!("docs/verification/{name}.md"));
    }
}

#[test]
fn a_scenario_without_any_exact_law_says_why() {
    let done = twosided(&["verify", "scenario", "scenarios/glide-path.toml", "--trials", "100"]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(text(&done.stdout).contains("No exact law: the scenario has"), "{}", text(&done.stdout));
}

#[test]
fn pools_are_set_aside_and_the_document_says_so() {
    let folder = TempDir::new().expect("a folder");
    let plain = fs::read_to_string(file("scenarios/first-steps.toml")).expect("it is shipped");
    let pooled = plain.replace("[run]\n", "[run]\npools = { above = 1_000 }\n");
    let [plain, pooled] = [("plain", plain), ("pooled", pooled)].map(|(name, scenario)| {
        let path = folder.path().join(name).with_extension("toml");
        fs::write(&path, scenario).expect("the folder is there");
        let done = twosided(&["verify", "scenario", path.to_str().expect("UTF-8"), "--trials", "200"]);
        assert!(done.status.success(), "{}", text(&done.stderr));
        text(&done.stdout).replace(&format!("{name}.toml"), "it.toml")
    });
    let line = "\nPools are set aside: everybody is drawn in every trial.\n";
    assert_eq!(pooled.matches(line).count(), 1, "{pooled}");
    assert_eq!(pooled.replacen(line, "", 1), plain);
}

#[test]
fn a_backtest_has_no_law_that_has_seen_its_year() {
    let data = "tests/data/mssp-py2022.csv";
    let done = twosided(&["verify", "backtest", data, "--performance-year", "2022"]);
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).contains("2022 is not after it"), "{}", text(&done.stderr));
}

#[test]
fn what_cannot_be_verified_is_refused() {
    let data = "tests/data/mssp-py2022.csv";
    for wrong in [&["verify"][..], &["verify", "--tables"], &["verify", "backtest", data]] {
        assert_eq!(twosided(wrong).status.code(), Some(2), "{wrong:?}");
    }
    let refused = twosided(&["verify", "backtest", "tests/data/randhie.csv", "--performance-year", "2022"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("randhie.csv"), "{}", text(&refused.stderr));
    let few = twosided(&["verify", "backtest", "tests/data/mssp-py2024.csv", "--performance-year", "2024"]);
    assert_eq!(few.status.code(), Some(1));
    assert!(text(&few.stderr).contains("at least 30 ACOs"), "{}", text(&few.stderr));
}

/// A number of a results file as CMS writes it: thousands separators, and marks for what is hidden.
fn figure(text: &str) -> Option<f64> {
    text.replace(',', "").trim().parse().ok()
}

/// Mean of a column over ACOs, weighted by another.
fn weighted(year: u16, column: &str, weight: &str) -> f64 {
    let mut reader = csv::Reader::from_path(file(&format!("tests/data/mssp-py{year}.csv"))).expect("a file");
    let headers = reader.headers().expect("a header").clone();
    let index = |name: &str| {
        let found = headers.iter().position(|header| header.eq_ignore_ascii_case(name));
        found.unwrap_or_else(|| panic!("PY{year} has no {name}"))
    };
    let (column, weight) = (index(column), index(weight));
    let (sum, weights) = reader.records().fold((0.0, 0.0), |sums: (f64, f64), record| {
        let record = record.expect("a row");
        match (figure(&record[column]), figure(&record[weight])) {
            (Some(value), Some(weight)) => (sums.0 + value * weight, sums.1 + weight),
            _ => sums,
        }
    });
    sum / weights
}

/// Columns of the figures of tables 15 to 17 that the kept files have, and what they are weighted by.
const COLUMNS: [(&str, &str, &str); 27] = [
    ("ESRD: truncated per capita", "Per_Capita_Exp_ALL_ESRD_PY", "N_AB_Year_ESRD_PY"),
    ("Disabled: truncated per capita", "Per_Capita_Exp_ALL_DIS_PY", "N_AB_Year_DIS_PY"),
    ("Aged/dual: truncated per capita", "Per_Capita_Exp_ALL_AGDU_PY", "N_AB_Year_AGED_Dual_PY"),
    ("Aged/non-dual: truncated per capita", "Per_Capita_Exp_ALL_AGND_PY", "N_AB_Year_AGED_NonDual_PY"),
    ("Short-term acute admissions", "ADM_S_Trm", "N_AB"),
    ("Long-term hospital admissions", "ADM_L_Trm", "N_AB"),
    ("Rehabilitation admissions", "ADM_Rehab", "N_AB"),
    ("Psychiatric admissions", "ADM_Psych", "N_AB"),
    ("Emergency department visits", "P_EDV_Vis", "N_AB"),
    ("ED visits leading to admission", "P_EDV_Vis_HOSP", "N_AB"),
    ("SNF admissions", "P_SNF_ADM", "N_AB"),
    ("CT events", "P_CT_VIS", "N_AB"),
    ("MRI events", "P_MRI_VIS", "N_AB"),
    ("Evaluation and management visits", "P_EM_Total", "N_AB"),
    ("Primary care E&M visits", "P_EM_PCP_Vis", "N_AB"),
    ("Specialist E&M visits", "P_EM_SP_Vis", "N_AB"),
    ("Inpatient", "CapAnn_INP_All", "N_AB_Year_PY"),
    ("Inpatient long-term", "CapAnn_INP_L_trm", "N_AB_Year_PY"),
    ("Inpatient rehabilitation", "CapAnn_INP_Rehab", "N_AB_Year_PY"),
    ("Inpatient psychiatric", "CapAnn_INP_Psych", "N_AB_Year_PY"),
    ("Hospice", "CapAnn_HSP", "N_AB_Year_PY"),
    ("Skilled nursing facility", "CapAnn_SNF", "N_AB_Year_PY"),
    ("Outpatient", "CapAnn_OPD", "N_AB_Year_PY"),
    ("Physician/supplier Part B", "CapAnn_PB", "N_AB_Year_PY"),
    ("Ambulance", "CapAnn_AmbPay", "N_AB_Year_PY"),
    ("Home health", "CapAnn_HHA", "N_AB_Year_PY"),
    ("Durable medical equipment", "CapAnn_DME", "N_AB_Year_PY"),
];

/// The published rows of 2021, in the order of [`COLUMNS`].
const PUBLISHED_2021: [f64; 27] = [
    85_150.0, 10_974.0, 16_428.0, 10_215.0, 237.5, 1.8, 13.3, 4.8, 598.2, 187.1, 46.7, 738.1, 259.6, 10_594.5, 3_719.7,
    4_584.1, 2_917.0, 54.1, 277.5, 56.6, 288.6, 657.9, 2_790.4, 3_808.9, 118.4, 527.7, 306.0,
];

/// What the default population is held to is computed from CMS's file as the published rows were.
#[test]
fn national_figures_are_computed_as_the_published_ones_were() {
    let national = fs::read_to_string(file("crates/verify/tables/national-2022.csv")).expect("the table");
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(national.as_bytes());
    let stated: Vec<(String, f64)> = reader
        .records()
        .map(|record| record.expect("a row"))
        .map(|record| (record[1].to_owned(), figure(&record[4]).expect("a number")))
        .collect();
    for ((measure, column, weight), published) in COLUMNS.into_iter().zip(PUBLISHED_2021) {
        let digits = if published >= 5_000.0 && weight != "N_AB" { 1.0 } else { 0.1 };
        let ours = weighted(2021, column, weight);
        assert!((ours - published).abs() <= 0.5001 * digits, "2021, {measure}: {ours} against {published}");
        let stated = stated.iter().find(|(name, _)| name == measure).expect("the table has it").1;
        let ours = weighted(2022, column, weight);
        assert!((ours - stated).abs() <= 1e-4, "2022, {measure}: {ours} against {stated}");
    }
}
