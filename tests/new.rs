//! `twosided new`: any row of CMS's public results as a scenario, and whether the scenario is that row.

mod support;

use std::{collections::BTreeMap, fs, path::Path, thread};

use support::{Run, file, parse, text, twosided};
use twosided_aco::{AcoFile, PERSONS};
use twosided_actuals::{AcoPeople, EnrollmentType, PeopleFile, Table};
use twosided_population::Observation;
use twosided_scenario::Scenario;
use twosided_sim::Moments;

const MAX_STANDARD_ERRORS: f64 = 4.0;

fn table(year: u16) -> Table {
    Table::load(&file(&format!("tests/data/mssp-py{year}.csv"))).expect("the file is in the repository")
}

/// Names and person-years of the types of a row that the row itself gives.
fn published_types(people: &AcoPeople) -> Vec<(&'static str, f64)> {
    let types = EnrollmentType::ALL.into_iter().zip(people.types);
    types.filter_map(|(enrollment, figures)| Some((enrollment.name(), figures.person_years?))).collect()
}

/// Every row is a valid scenario with the row's people, as far as the row counts them.
fn every_row_is_a_scenario(year: u16, rows: usize) {
    let table = table(year);
    let aco = AcoFile::new(&table, year).expect("it has the columns");
    let people = PeopleFile::new(&table).expect("it has the columns");
    assert_eq!(table.len(), rows);
    let check = &|row: usize| {
        let written = aco.scenario(row, 0).unwrap_or_else(|error| panic!("{year}, row {row}: {error}"));
        let scenario =
            Scenario::parse("row", &written.text).unwrap_or_else(|error| panic!("{year}, row {row}: {error:?}"));
        let figures = people.people(row).expect("it was read");
        let mut lived = 0.0;
        for segment in scenario.population.segments() {
            // Deaths are spread evenly over the year.
            let dying = segment.life.mortality.as_ref().map_or(0.0, |mortality| mortality.probability);
            let person_years = (1.0 - 0.5 * dying) * segment.members as f64;
            lived += person_years;
            let published = published_types(&figures).into_iter().find(|(name, _)| *name == segment.name);
            if let Some((name, published)) = published {
                assert!((person_years - published).abs() <= 0.5, "{year}, row {row}, {name}: {person_years}");
            }
        }
        // Each type is rounded, and so is the total.
        assert!((lived - figures.person_years).abs() <= 4.0, "{year}, row {row}: {lived} of {}", figures.person_years);
    };
    thread::scope(|scope| {
        let (first, second) = (0..rows / 2, rows / 2..rows);
        scope.spawn(move || first.for_each(check));
        second.for_each(check);
    });
}

#[test]
fn every_row_of_2022_is_a_scenario() {
    every_row_is_a_scenario(2022, 482);
}

#[test]
fn every_row_of_2021_is_a_scenario() {
    every_row_is_a_scenario(2021, 475);
}

#[test]
fn every_row_of_2020_and_2018_is_a_scenario() {
    every_row_is_a_scenario(2020, 513);
    every_row_is_a_scenario(2018, 548);
}

fn published(people: &AcoPeople, column: &str) -> Option<f64> {
    people.figures.get(column).copied()
}

/// Services whose events a column counts, less those that another column counts.
const COUNTED: [(&str, &[&str]); 12] = [
    ("ADM_S_Trm", &["inpatient", "readmission"]),
    ("ADM_L_Trm", &["long-term hospital"]),
    ("ADM_Rehab", &["rehabilitation"]),
    ("ADM_Psych", &["psychiatric"]),
    ("P_EDV_Vis", &["emergency", "emergency admitted"]),
    ("P_EDV_Vis_HOSP", &["emergency admitted"]),
    ("P_SNF_ADM", &["skilled nursing"]),
    ("P_CT_VIS", &["CT"]),
    ("P_MRI_VIS", &["MRI"]),
    ("P_EM_PCP_Vis", &["primary care visits"]),
    ("P_EM_SP_Vis", &["specialist visits"]),
    ("P_EM_Total", &["primary care visits", "specialist visits", "other evaluation and management"]),
];

const SPENT: [(&str, &[&str]); 8] = [
    ("CapAnn_INP_All", &["inpatient", "readmission", "long-term hospital", "rehabilitation", "psychiatric"]),
    ("CapAnn_HSP", &["hospice"]),
    ("CapAnn_SNF", &["skilled nursing", "skilled nursing days"]),
    ("CapAnn_OPD", &["outpatient", "emergency"]),
    ("CapAnn_AmbPay", &["ambulance"]),
    ("CapAnn_HHA", &["home health"]),
    ("CapAnn_DME", &["equipment"]),
    (
        "CapAnn_PB",
        &[
            "professional",
            "inpatient professional",
            "primary care visits",
            "specialist visits",
            "other evaluation and management",
            "CT",
            "MRI",
            "Part B drugs",
            "emergency admitted",
            "ambulance",
        ],
    ),
];

/// A mean of several services and its standard error; services move together, so their errors add.
fn together(parts: impl Iterator<Item = Moments>) -> [f64; 2] {
    parts.fold([0.0; 2], |[mean, error], part| [mean + part.mean(), error + part.standard_error()])
}

/// The ACO is simulated, and what it comes to a person-year lived is compared with its row. The tolerance is four standard errors
/// beside what the row's rounding leaves and what the scenario may be off by: 2% of a type's spending, for the share that
/// truncation takes is itself sampled; half a percent of events; one percent of a service's dollars, over the factor that the
/// scenario states.
fn simulated_is_the_row(year: u16, row: usize) {
    let table = table(year);
    let aco = AcoFile::new(&table, year).expect("it has the columns");
    let figures = PeopleFile::new(&table).expect("it has the columns").people(row).expect("a row");
    let written = aco.scenario(row, PERSONS).expect("a scenario");
    let scenario = parse(&written.text);
    let what = format!("{year}, row {row} ({})", scenario.name);
    let trials = (2_000_000 / scenario.population.members()).clamp(20, 300);
    let run = Run::of(&scenario, trials, 77);
    let observed = |observation: Observation| run.observed.observation(&observation).expect("it is observed");
    let (years_by_type, years) = observed(Observation::PersonYears);
    let (by_type, _) = run.truncated();
    for ((segment, moments), lived) in scenario.population.segments().iter().zip(&by_type).zip(years_by_type) {
        let index = EnrollmentType::ALL.iter().position(|kind| kind.name() == segment.name).expect("a type");
        let Some(published) = figures.types[index].per_capita else { continue };
        let [mean, error] = [moments.mean() / lived.mean(), moments.standard_error() / lived.mean()];
        let off = (mean - published).abs();
        assert!(
            off < MAX_STANDARD_ERRORS * error + 0.02 * published,
            "{what}, {}: {mean:.0} ± {error:.0}, published {published}",
            segment.name
        );
    }
    let known: std::collections::BTreeSet<&str> = scenario.population.service_names();
    let hidden = |column: &str| figures.figures.get(column).is_none_or(|figure| *figure == 0.0);
    for (column, services) in COUNTED {
        if hidden(column) {
            continue;
        }
        let rate = published(&figures, column).expect("it is not hidden");
        let services = services.iter().filter(|service| known.contains(*service));
        let [mean, error] =
            together(services.map(|service| observed(Observation::Count { service: (*service).to_owned() }).1));
        let [mean, error] = [mean, error].map(|figure| 1_000.0 * figure / years.mean());
        assert!(
            (mean - rate).abs() < MAX_STANDARD_ERRORS * error + 0.005 * rate + 0.5,
            "{what}, {column}: {mean:.2} ± {error:.2}, published {rate}"
        );
    }
    for (column, services) in SPENT {
        if hidden(column) {
            continue;
        }
        let dollars = published(&figures, column).expect("it is not hidden") * written.spending_over_services;
        let services = services.iter().filter(|service| known.contains(*service));
        let [mean, error] =
            together(services.map(|service| observed(Observation::Expenditure { service: (*service).to_owned() }).1));
        let [mean, error] = [mean, error].map(|figure| figure / years.mean());
        assert!(
            (mean - dollars).abs() < MAX_STANDARD_ERRORS * error + 0.01 * dollars + 1.0,
            "{what}, {column}: {mean:.1} ± {error:.1}, wanted {dollars:.1}"
        );
    }
}

/// The row of a file that is first by a figure.
fn first_by(year: u16, figure: impl Fn(&AcoPeople) -> f64) -> usize {
    let table = table(year);
    let people = PeopleFile::new(&table).expect("it has the columns");
    let by = |row: &usize| figure(&people.people(*row).expect("a row"));
    (0..table.len()).min_by(|a, b| by(a).total_cmp(&by(b))).expect("a file has rows")
}

#[test]
fn the_smallest_and_the_largest_of_2022_simulate_to_their_rows() {
    simulated_is_the_row(2022, first_by(2022, |people| people.person_years));
    simulated_is_the_row(2022, first_by(2022, |people| -people.person_years));
}

#[test]
fn the_aco_with_most_end_stage_renal_disease_simulates_to_its_row() {
    let share = |people: &AcoPeople| -people.types[0].person_years.unwrap_or_default() / people.person_years;
    simulated_is_the_row(2022, first_by(2022, share));
}

#[test]
fn the_first_with_hidden_people_and_the_dearest_simulate_to_their_rows() {
    let hidden = |people: &AcoPeople| f64::from(u8::from(people.types[0].person_years.is_some()));
    simulated_is_the_row(2022, first_by(2022, hidden));
    simulated_is_the_row(2021, first_by(2021, |people| -people.per_capita.unwrap_or_default()));
}

#[test]
fn hidden_people_are_few_and_make_up_the_total() {
    let table = table(2022);
    let aco = AcoFile::new(&table, 2022).expect("it has the columns");
    let people = PeopleFile::new(&table).expect("it has the columns");
    let mut rows = 0;
    for row in 0..table.len() {
        let figures = people.people(row).expect("a row");
        if figures.types.iter().all(|figures| figures.person_years.is_some()) {
            continue;
        }
        rows += 1;
        let written = aco.scenario(row, 0).expect("a scenario");
        let scenario = parse(&written.text);
        let segments = scenario.population.segments();
        assert_eq!((segments.len(), segments[0].name.as_str()), (4, "ESRD"));
        assert!((1..=11).contains(&segments[0].members), "row {row}: {}", segments[0].members);
        assert!(written.remarks.iter().any(|remark| remark.starts_with("ESRD: person-years and spending hidden")));
        assert!(written.text.contains("as many (1 to 10) as meet the row's total spending"));
    }
    assert_eq!(rows, 18);
}

fn path(path: &Path) -> &str {
    path.to_str().expect("paths of tests are text")
}

#[test]
fn the_selections_of_2023_and_2024_lack_columns_and_say_which() {
    for year in [2023, 2024] {
        let error = AcoFile::new(&table(year), year).expect_err("columns are missing").to_string();
        for column in ["N_AB_Year_PY", "N_AB_Year_ESRD_PY", "Per_Capita_Exp_ALL_AGND_PY"] {
            assert!(error.contains(&format!("there is no column {column}")), "{year}: {error}");
        }
    }
}

/// A row of 2022 with other cells.
fn changed(changes: &[(&str, &str)]) -> Table {
    let mut reader = csv::Reader::from_path(file("tests/data/mssp-py2022.csv")).expect("it is in the repository");
    let headers = reader.headers().expect("a header").clone();
    let row = reader.records().next().expect("a row").expect("well-formed");
    let changes: BTreeMap<&str, &str> = changes.iter().copied().collect();
    let cells = headers.iter().zip(&row).map(|(header, cell)| changes.get(header).copied().unwrap_or(cell));
    let folder = tempfile::tempdir().expect("a folder");
    let puf = folder.path().join("puf.csv");
    let mut writer = csv::Writer::from_path(&puf).expect("it can be written");
    writer.write_record(&headers).expect("it can be written");
    writer.write_record(cells).expect("it can be written");
    drop(writer);
    Table::load(&puf).expect("a table")
}

#[test]
fn a_figure_without_which_there_is_no_scenario_is_named() {
    for (changes, said) in [
        (&[("N_AB_Year_PY", "*")][..], "N_AB_Year_PY is \"*\""),
        (
            &[("Per_Capita_Exp_ALL_AGND_PY", "-")],
            "Per_Capita_Exp_ALL_AGND_PY is missing; its people need their spending",
        ),
        (&[("ABtotBnchmk", ".")], "ABtotBnchmk is missing"),
        (&[("CapAnn_SNF", "-5")], "CapAnn_SNF is \"-5\""),
        (&[("P_CT_VIS", "many")], "P_CT_VIS is \"many\""),
        (
            &[("Per_Capita_Exp_ALL_AGND_PY", "9000000")],
            "no prices bring truncated spending to its Per_Capita_Exp_ALL_AGND_PY",
        ),
        (&[("P_CT_VIS", "9999999")], "so far from the national one"),
        (
            &[("N_AB_Year_ESRD_PY", "*"), ("N_AB_Year_DIS_PY", "*"), ("N_AB_Year_AGED_Dual_PY", "*")],
            "N_AB_Year_ESRD_PY is missing; more than two types",
        ),
        (
            &[("N_AB_Year_ESRD_PY", "*"), ("N_AB_Year_DIS_PY", "*"), ("Per_Capita_Exp_TOTAL_PY", "*")],
            "Per_Capita_Exp_TOTAL_PY is missing",
        ),
    ] {
        let table = changed(changes);
        let aco = AcoFile::new(&table, 2022).expect("it has the columns");
        let error = aco.scenario(0, 1_000).expect_err(said).to_string();
        assert!(
            error.contains(said) && error.contains("line 2: ") && error.contains("puf.csv"),
            "{changes:?}: {error}"
        );
    }
}

#[test]
fn what_may_be_missing_is_a_default_and_said_to_be() {
    let columns: Vec<(&str, &str)> = COUNTED.iter().chain(&SPENT).map(|(column, _)| (*column, "*")).collect();
    let more = [("SNF_LOS", ""), ("CMS_HCC_RiskScore_DIS_PY", "."), ("QualScore", "-"), ("Rev_Exp_Cat", "")];
    let table = changed(&[&columns[..], &more].concat());
    let aco = AcoFile::new(&table, 2022).expect("it has the columns");
    let written = aco.scenario(0, 0).expect("a scenario");
    let scenario = parse(&written.text);
    assert_eq!(scenario.population.segments().len(), 4);
    for said in ["P_SNF_ADM", "CapAnn_PB", "SNF_LOS", "disabled: no risk score", "the file has 1 row,"] {
        assert!(written.remarks.iter().any(|remark| remark.contains(said)), "{said}: {:?}", written.remarks);
        assert!(written.text.contains(said), "{said}");
    }
    assert!(written.text.contains("quality_score (not in the row: 1), revenue_category"), "{}", written.text);
    assert!(scenario.sources.iter().any(|note| note.text.contains("default: CapAnn_HSP not in the row")));
}

#[test]
fn what_stands_in_cells_does_not_become_part_of_the_scenario() {
    let hostile =
        "x\n[run]\nname = \"evil\"\u{1b}[2J/\\ and a name far longer than any that a scenario may have, to be cut";
    let nothing: Vec<(&str, &str)> = SPENT.iter().map(|(column, _)| (*column, "0")).collect();
    let table = changed(&[("ACO_Name", hostile), ("CapAnn_PB", "0"), ("CapAnn_AmbPay", "0"), ("ADM_S_Trm", "0")]);
    let aco = AcoFile::new(&table, 2022).expect("it has the columns");
    let scenario = parse(&aco.scenario(0, 1_000).expect("a scenario").text);
    assert!(
        scenario.name.starts_with("x?[run]?name = \"evil\"?[2J") && scenario.name.ends_with("performance year 2022")
    );
    assert!(!scenario.population.service_names().contains("professional"));
    let table = changed(&nothing);
    let aco = AcoFile::new(&table, 2022).expect("it has the columns");
    let kinds = [("CapAnn_INP_L_trm", "0"), ("CapAnn_INP_Rehab", "0"), ("CapAnn_INP_Psych", "0")];
    assert!(aco.scenario(0, 1_000).is_ok(), "three kinds of admissions still cost");
    let table = changed(
        &[&nothing[..], &kinds, &[("ADM_L_Trm", "0"), ("ADM_Rehab", "0"), ("ADM_Psych", "0"), ("P_SNF_ADM", "0")]]
            .concat(),
    );
    let aco = AcoFile::new(&table, 2022).expect("it has the columns");
    assert!(
        aco.scenario(0, 1_000).expect_err("nothing costs").to_string().contains("none of its services costs anything")
    );
}

#[test]
fn the_program_writes_a_scenario_once_and_never_over_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("aco.toml");
    let puf = file("tests/data/mssp-py2022.csv");
    let new = |more: &[&str]| {
        twosided(&[&["new", "aco", path(&puf), "--performance-year", "2022", "--id", "a1736"][..], more].concat())
    };
    let written = new(&["--out", path(&out)]);
    assert!(written.status.success(), "{}", text(&written.stderr));
    assert!(text(&written.stderr).contains("twosided run"), "{}", text(&written.stderr));
    let scenario = fs::read_to_string(&out).expect("it was written");
    assert!(twosided(&["check", path(&out)]).status.success());
    let again = new(&["--out", path(&out)]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("is there already; give another --out"), "{}", text(&again.stderr));
    let printed = new(&[]);
    assert_eq!(text(&printed.stdout), scenario, "the same row is the same text");
    let contracts: Vec<String> = parse(&scenario).contracts.into_iter().map(|contract| contract.name).collect();
    assert_eq!(contracts, ["Fee-for-service", "MSSP BASIC Level E, as signed", "MSSP BASIC Level A", "MSSP ENHANCED"]);
}

#[test]
fn without_a_file_the_first_steps_are_written() {
    let written = twosided(&["new", "scenario"]);
    assert!(written.status.success());
    let shipped = fs::read_to_string(file("scenarios/first-steps.toml")).expect("it is in the repository");
    let command = "cargo run --release -- run scenarios/first-steps.toml";
    assert_eq!(text(&written.stdout), shipped.replace(command, "twosided run FILE.toml"));
}

#[test]
fn what_cannot_be_made_a_scenario_is_said() {
    let puf = file("tests/data/mssp-py2022.csv");
    let puf = path(&puf);
    let not_cms = file("tests/data/randhie.csv");
    for (arguments, code, said) in [
        (&["aco", puf, "--performance-year", "2022", "--id", "A173"][..], 1, "did you mean A1736"),
        (&["aco", puf, "--performance-year", "2022", "--id", "Amarillo"], 1, "did you mean A1736 (Amarillo"),
        (&["aco", puf, "--performance-year", "2022", "--id", "0"], 1, "a row's number from 1 to 482"),
        (&["aco", puf, "--performance-year", "2022", "--id", "\u{1b}[2J"], 1, "no row is \"?[2J\""),
        (&["aco", puf, "--performance-year", "2016", "--id", "A1736"], 1, "no later than performance year 2016"),
        (&["aco", path(&not_cms), "--performance-year", "2022", "--id", "1"], 1, "there is no column ACO_ID"),
        (&["aco", "none.csv", "--performance-year", "2022", "--id", "1"], 1, "there is no such file"),
        (&["aco", puf, "--id", "A1736"], 2, "--performance-year"),
        (&["aco", puf, "--performance-year", "2022"], 2, "--id"),
        (&["aco", "--id", "A1736"], 2, "<FILE>"),
        (&["--aco", "A1736"], 2, "write `twosided new aco FILE --id ID --performance-year YYYY`"),
    ] {
        let output = twosided(&[&["new"], arguments].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(said), "{arguments:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}
