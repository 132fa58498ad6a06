//! Public data whose facts are counted by hand, and the population that comes of them.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use serde_json::Value;
use tempfile::TempDir;
use twosided_scenario::Scenario;

use crate::{
    runs::{RANDHIE, SERVICES, fit, fit_randhie, number, scenario_of},
    support::{file, text, twosided},
};

/// One row of the excerpt: child, exposure, inpatient cost and stays, outpatient cost, drug cost, person.
struct Row {
    child: bool,
    time: f64,
    costs: [f64; 3],
    stays: f64,
    person: String,
}

fn rows() -> Vec<Row> {
    let mut reader = csv::Reader::from_path(file(RANDHIE)).expect("a file");
    let headers = reader.headers().expect("a header").clone();
    let index = |name: &str| headers.iter().position(|header| header == name).expect("a column");
    let indices = ["child", "time", "inpdol", "outpdol", "drugdol", "totadm"].map(index);
    let person = index("zper");
    reader
        .records()
        .map(|record| {
            let record = record.expect("a row");
            let [child, time, inpatient, outpatient, drugs, stays] =
                indices.map(|index| record[index].parse::<f64>().expect("a number"));
            Row {
                child: child == 1.0,
                time,
                costs: [inpatient, outpatient, drugs],
                stays,
                person: record[person].to_owned(),
            }
        })
        .collect()
}

#[test]
fn what_the_file_says_is_what_was_fitted() {
    let temporary = TempDir::new().expect("a folder");
    let folder = temporary.path().join("fit");
    let fit = fit_randhie(&["--bootstrap", "9"], &folder);
    let rows = rows();
    assert_eq!(number(&fit["rows"]) as usize, rows.len());
    for (index, child) in [false, true].into_iter().enumerate() {
        let segment = &fit["segments"][index];
        let own: Vec<&Row> = rows.iter().filter(|row| row.child == child).collect();
        let exposure: f64 = own.iter().map(|row| row.time).sum();
        assert_eq!(segment["name"], format!("child {index}"));
        assert_eq!(number(&segment["rows"]) as usize, own.len());
        let people: BTreeSet<&str> = own.iter().map(|row| row.person.as_str()).collect();
        assert_eq!(number(&segment["people"]) as usize, people.len());
        assert!((number(&segment["person_years"]) - exposure).abs() < 1e-6);
        assert_eq!(number(&segment["members"]), (exposure / 5.0).round());
        for (service, name) in ["inpatient", "outpatient", "drugs"].into_iter().enumerate() {
            let found = &segment["services"][service];
            assert_eq!(found["name"], name);
            // Cost without a stay is one stay; a stay without cost is none: dollars stay as they are.
            let dollars: f64 = own.iter().map(|row| row.costs[service]).sum();
            let mean = dollars / exposure;
            assert!((number(&found["mean"]["value"]) / mean - 1.0).abs() < 1e-9, "{name}");
            // The law of least BIC keeps the mean within four of its standard errors.
            let error = number(&found["mean"]["standard_error"]);
            assert!((number(&found["law_mean"]) - mean).abs() < 4.0 * error, "{name}: {}", found["law_mean"]);
            assert!(error > 0.02 * mean && error < 0.3 * mean, "{name}: {error}");
            let full = || own.iter().filter(|row| row.time == 1.0);
            if service > 0 {
                let none = full().filter(|row| row.costs[service] == 0.0).count() as f64 / full().count() as f64;
                assert!((number(&found["zero"]["value"]) - none).abs() < 0.005, "{name}: {none}");
            } else {
                let stays: f64 = own.iter().map(|row| if row.costs[0] == 0.0 { 0.0 } else { row.stays.max(1.0) }).sum();
                assert!((number(&found["frequency"]["mean"]["value"]) - stays / exposure).abs() < 1e-9);
            }
        }
    }
    let services = fit["columns"]["services"].as_array().expect("services");
    let mended = |count: &dyn Fn(&Row) -> bool| rows.iter().filter(|row| count(row)).count() as f64;
    let (costs, events) = ("rows_of_cost_taken_as_one_event", "rows_of_events_left_out");
    assert_eq!(number(&services[0][costs]), mended(&|row| row.costs[0] > 0.0 && row.stays == 0.0));
    assert_eq!(number(&services[0][events]), mended(&|row| row.costs[0] == 0.0 && row.stays > 0.0));
    let page = fs::read_to_string(folder.join("fit.html")).expect("the page");
    for outside in ["http://", "https://", "src=", "<script", "@import", "<link"] {
        let elsewhere = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!elsewhere.contains(outside), "the page is not self-contained: {outside}");
    }
    assert_eq!(page.matches("<svg").count(), 12, "two plots a service");
    assert!(fs::read(folder.join("quantiles-06.png")).expect("a picture").starts_with(b"\x89PNG"));
}

#[test]
fn every_estimate_has_its_error_and_the_chosen_law_the_least_bic() {
    let temporary = TempDir::new().expect("a folder");
    let fit = fit_randhie(&["--bootstrap", "9"], &temporary.path().join("fit"));
    for segment in fit["segments"].as_array().expect("segments") {
        for service in segment["services"].as_array().expect("services") {
            assert!(number(&service["frailty_loading"]["standard_error"]) > 0.0);
            for (laws, chosen) in [
                (&service["amount"]["laws"], &service["amount"]["chosen"]),
                (&service["frequency"]["laws"], &service["frequency"]["chosen"]),
            ] {
                let Some(laws) = laws.as_array() else { continue };
                let offered: Vec<&Value> = laws.iter().filter(|law| law["not_offered"].is_null()).collect();
                let least = offered.iter().min_by(|a, b| number(&a["bic"]).total_cmp(&number(&b["bic"])));
                assert_eq!(&least.expect("a law is offered")["law"], chosen);
                for law in offered {
                    for (name, figure) in law["parameters"].as_object().expect("parameters") {
                        let error = number(&figure["standard_error"]);
                        assert!(error > 0.0 || name == "threshold", "{}: {name} has no error", law["law"]);
                    }
                    let p = number(&law["goodness"]["anderson_darling_p"]);
                    assert!(p > 0.0 && p <= 1.0, "{}: p is {p}", law["law"]);
                }
            }
        }
        let persistence = number(&segment["frailty"]["persistence"]["value"]);
        assert!((0.0..=0.99).contains(&persistence));
        assert_eq!(segment["frailty"]["correlations"].as_array().expect("pairs").len(), 6);
    }
}

#[test]
fn the_population_is_read_by_a_scenario_and_runs() {
    let temporary = TempDir::new().expect("a folder");
    let folder = temporary.path().join("fit");
    let fit = fit_randhie(&["--bootstrap", "0"], &folder);
    let population = fs::read_to_string(folder.join("population.toml")).expect("a file");
    assert_eq!(population.matches("frailty_loading = ").count(), 6);
    assert_eq!(population.matches("frailty = { persistence = ").count(), 2);
    let scenario_text = scenario_of(&folder);
    let scenario = Scenario::parse("fitted.toml", &scenario_text).expect("the population is valid");
    for (index, segment) in scenario.population.segments().iter().enumerate() {
        let services = fit["segments"][index]["services"].as_array().expect("services");
        let mean: f64 = services.iter().map(|service| number(&service["law_mean"])).sum();
        assert!((segment.mean().0 / mean - 1.0).abs() < 1e-5, "{}", segment.name);
    }
    assert!(scenario.sources.len() >= 9, "every table has its source");
    let path = temporary.path().join("fitted.toml");
    fs::write(&path, scenario_text).expect("a file");
    let report = temporary.path().join("report");
    let arguments = ["run", path.to_str().expect("UTF-8"), "--trials", "50", "--out", report.to_str().expect("UTF-8")];
    let output = twosided(&arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
fn a_fit_repeats_to_the_byte_and_replaces_an_older_fit_of_its_file_only() {
    let temporary = TempDir::new().expect("a folder");
    let (first, second) = (temporary.path().join("first"), temporary.path().join("second"));
    for folder in [&first, &second, &first] {
        fit_randhie(&["--bootstrap", "5", "--seed", "9"], folder);
    }
    for name in twosided_report::FIT_FILES.into_iter().chain(["quantiles-01.png", "mean-excess-03.svg"]) {
        let read = |folder: &Path| fs::read(folder.join(name)).expect("a file");
        assert!(read(&first) == read(&second), "{name} differs");
    }
    let inside = first.join("data.csv");
    fs::copy(file(RANDHIE), &inside).expect("copied");
    let refused = fit(inside.to_str().expect("UTF-8"), &SERVICES[2..], &first);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("randhie.csv"), "{}", text(&refused.stderr));
    assert!(inside.is_file());
}

#[test]
fn a_prior_is_weighed_as_the_formula_says() {
    let temporary = TempDir::new().expect("a folder");
    let folder = temporary.path().join("fit");
    let priors = ["--prior-mean", "drugs=40", "--credibility", "2983", "--bootstrap", "0"];
    let fit = fit_randhie(&priors, &folder);
    let drugs = &fit["segments"][0]["services"][2];
    let years = number(&fit["segments"][0]["person_years"]);
    let weight = years / (years + 2983.0);
    let expected = weight * number(&drugs["mean"]["value"]) + (1.0 - weight) * 40.0;
    assert!((number(&drugs["credibility"]["mean"]["value"]) - expected).abs() < 1e-9);
    assert!((number(&drugs["law_mean"]) / expected - 1.0).abs() < 1e-9, "the law has the weighed mean");
    assert!(fit["segments"][0]["services"][1]["credibility"].is_null());
    // A population file as prior, by the limited-fluctuation default.
    let prior = temporary.path().join("prior.toml");
    fs::write(&prior, scenario_of(&folder)).expect("a file");
    let again =
        fit_randhie(&["--prior", prior.to_str().expect("UTF-8"), "--bootstrap", "0"], &temporary.path().join("again"));
    let found = &again["segments"][0]["services"][2]["credibility"];
    assert!((number(&found["prior"]) / expected - 1.0).abs() < 1e-5);
    let drugs = &again["segments"][0]["services"][2]["mean"];
    let full = (0.05 * number(&drugs["value"]) / (1.644_853_627 * number(&drugs["standard_error"]))).min(1.0);
    assert!((number(&found["weight"]) - full).abs() < 1e-6);
}

/// The trials of a run, one a person: what a capitation of a hundred people pays.
#[test]
fn parquet_is_read_as_csv_is() {
    let temporary = TempDir::new().expect("a folder");
    let scenario = temporary.path().join("one.toml");
    let text_of_file = "[run]\nname = 'one'\n[[population.segments]]\nname = 'one'\nmembers = 100\n\
                        [population.segments.services.care]\nannual = { gamma = { mean = 1_200, cv = 1 } }\n\
                        [[contracts]]\nname = 'capitation'\nterms.capitation = { pmpm = 50 }\n";
    fs::write(&scenario, text_of_file).expect("a file");
    let path = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let report = temporary.path().join("report");
    let ran = twosided(&["run", &path(&scenario), "--trials", "40", "--out", &path(&report)]);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let (data, out) = (path(&report.join("trials.parquet")), path(&temporary.path().join("fit")));
    let service = "care=cost:capitation";
    let output = twosided(&["fit", &data, "--person", "trial", "--year", "trial", "--service", service, "--out", &out]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let fit: Value =
        serde_json::from_slice(&fs::read(Path::new(&out).join("fit.json")).expect("a file")).expect("JSON");
    assert_eq!(number(&fit["segments"][0]["people"]), 40.0);
    assert!((number(&fit["segments"][0]["services"][0]["mean"]["value"]) - 60_000.0).abs() < 1e-6);
}

#[test]
fn a_fitted_population_is_resized_by_whoever_includes_it() {
    let temporary = TempDir::new().expect("a folder");
    let folder = temporary.path();
    let within = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_twosided"));
        command.args(arguments).current_dir(folder).output().expect("the program runs")
    };
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("it can be written");
    let contracts = "[run]\nname = 'Test'\n[[contracts]]\nname = 'Fees'\nterms.fee_for_service = {}\n";
    let mut rows = "person,year,cost\n".to_owned();
    for person in 0..300 {
        rows.push_str(&format!("{person},2020,{}\n", 100 + (person * 7919) % 4_001));
    }
    write("members.csv", &rows);
    let arguments = "fit members.csv --person person --year year --service visits=cost:cost --bootstrap 0 --out fitted";
    let fit = within(&arguments.split(' ').collect::<Vec<_>>());
    assert!(fit.status.success(), "{}", text(&fit.stderr));
    let members = "[population]\nmembers = 20_000\nsource = \"our own count\"\n";
    write("scenario.toml", &format!("include = \"fitted/population.toml\"\n{contracts}{members}"));
    let output = within(&["check", "scenario.toml"]);
    assert!(output.status.success() && text(&output.stdout).contains("20,000 people"), "{}", text(&output.stdout));
    // As a prior, a scenario is read with what it includes.
    let prior = format!("{} --prior scenario.toml --credibility 100", arguments.replace("fitted", "weighed"));
    let fit = within(&prior.split(' ').collect::<Vec<_>>());
    assert!(fit.status.success(), "{}", text(&fit.stderr));
}
