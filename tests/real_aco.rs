//! `scenarios/real-aco.toml` against the row of CMS's file that it was built from.

mod support;

use std::collections::BTreeMap;

use support::{Run, file, scenario};
use twosided_contracts::{Lan, PerformanceYear, Settlement, Terms, Track, Year};
use twosided_population::Observation;
use twosided_sim::Moments;
use twosided_units::{Dollars, MemberMonths};

const MAX_STANDARD_ERRORS: f64 = 4.0;

/// The row as published, by column.
fn row() -> BTreeMap<String, String> {
    let mut reader = csv::Reader::from_path(file("tests/data/mssp-py2022-a1736.csv")).expect("it is in the repository");
    let headers = reader.headers().expect("a header line").clone();
    let record = reader.records().next().expect("one row").expect("a well-formed row");
    headers.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect()
}

fn published(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].trim_end_matches('%').parse().unwrap_or_else(|_| panic!("{column} is {}", row[column]))
}

/// Figures are published rounded to a unit, so half a unit is added to the tolerance.
fn assert_meets(what: &str, ours: Moments, people: f64, published: f64) {
    let (mean, error) = (ours.mean() / people, ours.standard_error() / people);
    let off = (mean - published).abs();
    assert!(off < MAX_STANDARD_ERRORS * error + 0.5, "{what}: {mean:.1} ± {error:.1}, published {published}");
}

/// The enrollment types: segment, and how CMS abbreviates it in counts, spending and risk scores.
const TYPES: [(&str, &str, &str); 4] = [
    ("ESRD", "ESRD", "ESRD"),
    ("disabled", "DIS", "DIS"),
    ("aged dual", "AGED_Dual", "AGDU"),
    ("aged non-dual", "AGED_NonDual", "AGND"),
];

#[test]
fn people_and_risk_scores_are_those_of_the_row() {
    let (row, scenario) = (row(), scenario("real-aco.toml"));
    for ((name, count, score), segment) in TYPES.into_iter().zip(scenario.population.segments()) {
        assert_eq!(segment.name, name);
        assert_eq!(segment.members as f64, published(&row, &format!("N_AB_Year_{count}_PY")));
        assert_eq!(
            segment.risk_score.map(|score| score.mean),
            Some(published(&row, &format!("CMS_HCC_RiskScore_{score}_PY")))
        );
    }
    assert_eq!(scenario.population.members() as f64, published(&row, "N_AB_Year_PY"));
}

#[test]
fn terms_are_those_of_the_row() {
    let (row, scenario) = (row(), scenario("real-aco.toml"));
    assert_eq!(row["Current_Track"], "E");
    let signed = scenario.contracts.iter().find(|contract| contract.name.contains("as signed")).expect("the ACO's own");
    let Terms::Mssp(mssp) = &signed.first().terms else { panic!("an MSSP contract") };
    assert_eq!(mssp.track, Track::BasicE);
    assert_eq!(mssp.benchmark.per_capita().0, published(&row, "UpdatedBnchmk"));
    assert!((100.0 * mssp.quality_score.value() - published(&row, "QualScore")).abs() < 1e-9);
    assert_eq!(mssp.assigned_beneficiaries, Some(published(&row, "N_AB") as u64));
    assert_eq!(row["Current_Start_Date"], format!("07/01/{}", mssp.agreement_start));
    // What really happened settles as CMS says: savings of 0.20% below the minimum of 2.97% earn nothing.
    let mut settled = Settlement::of(&Year::new(MemberMonths(0.0), 0, &[]));
    let totals = PerformanceYear {
        benchmark: Dollars(published(&row, "ABtotBnchmk")),
        expenditure: Dollars(published(&row, "ABtotExp")),
        gap: None,
        assigned_beneficiaries: published(&row, "N_AB") as u64,
    };
    mssp.reconcile(&mut settled, &totals);
    assert_eq!(settled.reconciliation.0, published(&row, "EarnSaveLoss"));
    let minimum = settled.step("minimum savings or loss rate").expect("a step");
    assert!((100.0 * minimum - published(&row, "MinSavPerc")).abs() < 0.005);
}

#[test]
fn simulated_means_meet_the_row() {
    let (row, scenario) = (row(), scenario("real-aco.toml"));
    let run = Run::of(&scenario, 2_000, scenario.seed);
    let people = scenario.population.members() as f64;
    let (by_type, total) = run.truncated();
    for ((name, _, spending), (moments, segment)) in
        TYPES.into_iter().zip(by_type.iter().zip(scenario.population.segments()))
    {
        let published = published(&row, &format!("Per_Capita_Exp_ALL_{spending}_PY"));
        assert_meets(&format!("{name}, truncated spending"), *moments, segment.members as f64, published);
    }
    // The published total is per person-year before person-years are rounded to whole numbers: 2 dollars.
    let all = published(&row, "Per_Capita_Exp_TOTAL_PY");
    let (mean, error) = (total.mean() / people, total.standard_error() / people);
    assert!((mean - all).abs() < MAX_STANDARD_ERRORS * error + 2.6, "total: {mean:.1} ± {error:.1}, published {all}");

    let total_of =
        |observation: Observation| run.observed.observation(&observation).expect("every service is observed").1;
    let spending = |service: &str| total_of(Observation::Expenditure { service: service.to_owned() });
    let count = |service: &str| total_of(Observation::Count { service: service.to_owned() });
    for (service, column) in [
        ("inpatient", "CapAnn_INP_All"),
        ("skilled nursing", "CapAnn_SNF"),
        ("home health", "CapAnn_HHA"),
        ("hospice", "CapAnn_HSP"),
        ("ambulance", "CapAnn_AmbPay"),
        ("equipment", "CapAnn_DME"),
    ] {
        assert_meets(service, spending(service), people, published(&row, column));
    }
    // CMS counts emergency visits within outpatient, and ambulance within physician and supplier spending.
    for (parts, column) in [(["outpatient", "emergency"], "CapAnn_OPD"), (["professional", "ambulance"], "CapAnn_PB")] {
        let moments = parts.map(spending);
        let mean = moments.iter().map(|part| part.mean() / people).sum::<f64>();
        // Parts move together with the trend, so their errors add.
        let error = moments.iter().map(|part| part.standard_error() / people).sum::<f64>();
        let published = published(&row, column);
        assert!(
            (mean - published).abs() < MAX_STANDARD_ERRORS * error + 0.5,
            "{parts:?}: {mean:.1}, published {published}"
        );
    }
    for (service, column) in [("inpatient", "ADM"), ("emergency", "P_EDV_Vis"), ("skilled nursing", "P_SNF_ADM")] {
        assert_meets(&format!("{service} per 1,000"), count(service), people / 1_000.0, published(&row, column));
    }
}

#[test]
fn its_contracts_reach_from_fee_for_service_to_capitation() {
    let scenario = scenario("real-aco.toml");
    assert!(scenario.contracts.len() >= 8);
    for lan in [Lan::FeeForService, Lan::Upside, Lan::Downside, Lan::PartialPopulation, Lan::Population] {
        assert!(scenario.contracts.iter().any(|contract| contract.first().lan == lan), "no contract of LAN {lan}");
    }
}
