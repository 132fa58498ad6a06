//! Values that are likely to be meant otherwise: months for years, percents for shares, scores of another base.

use std::fs;

use crate::support::{CONTRACTS, PEOPLE, Verdict, check, examined, file, unwrapped};

/// People of a high risk score, and contracts with benchmarks for a score of one.
const SICK: &str = "[run]\nname = \"Sick\"\ntrials = 100\nyears = 2\n[[population.segments]]\nname = \"all\"\nmembers = 500\n\
     risk_score = 3\nservices.care.annual = { lognormal = { mean = 36_000, cv = 0.8 } }\n[[contracts]]\nname = \"MSSP\"\n\
     terms.mssp = { track = \"enhanced\", minimum_rate = 0.02, benchmark.per_capita = 36_000 }\n\
     agreement.risk_adjustment = { cap = 0.03, floor = 1 }\n[[contracts]]\nname = \"REACH\"\nterms.reach = { \
     risk_arrangement = \"global\", aco_type = \"high_needs\", performance_year = 2025, benchmark.per_capita = 12_400, \
     risk_score = { raw = 3 } }\n[[contracts]]\nname = \"LEAD\"\nterms.lead = { option = \"global_lower_spending\", \
     benchmark.per_capita = 12_410, risk_score = { raw = 3 } }\n[[contracts]]\nname = \"Plan\"\nterms.medicare_advantage = { \
     county_fee_for_service_pmpm = 800, quartile = 3, stars = 4.5, bid_pmpm = 790, risk_score = 3.8, plan_is_provider = true }\n";

#[test]
fn what_is_stated_at_a_risk_score_of_one_is_compared_so() {
    let (verdict, said) = check(SICK);
    assert_eq!(verdict, Verdict::Fine, "{said}");
    let of_one = "is expected to be spent at a risk score of 1";
    for (from, to, path, reason) in [
        ("floor = 1", "floor = 3e-4", "risk_adjustment.floor is 0.0003", "three percent is 0.03"),
        ("cap = 0.03", "cap = 1", "risk_adjustment.cap is 1", "three percent is 0.03"),
        ("per_capita = 12_400", "per_capita = 36_000", "reach.benchmark.per_capita is 36,000", of_one),
        ("per_capita = 12_400", "per_capita = 1_030", "reach.benchmark.per_capita is 1030", "is it a month's amount?"),
        ("per_capita = 12_410", "per_capita = 36_000", "lead.benchmark.per_capita is 36,000", of_one),
        (
            "per_capita = 36_000",
            "per_capita = 12_000",
            "mssp.benchmark.per_capita is 12,000",
            "$36,000 a person-year is",
        ),
        ("pmpm = 800", "pmpm = 9_600", "county_fee_for_service_pmpm is 9600", "is it a year's amount?"),
        ("bid_pmpm = 790", "bid_pmpm = 3_000", "bid_pmpm is 3000", of_one),
    ] {
        let wrong = SICK.replace(from, to);
        assert_ne!(wrong, SICK, "{from}");
        let (_, said) = check(&wrong);
        let said = unwrapped(&said);
        assert!(said.contains(path) && said.contains(reason), "{to}: {said}");
    }
}

#[test]
fn what_has_been_spent_is_compared_with_its_share_of_a_year() {
    let of = |spent: &str| {
        let begun =
            format!("per_capita = 36_000, year_to_date = {{ share = 0.25, per_capita = {spent} }} }}\nagreement");
        SICK.replace("per_capita = 36_000 }\nagreement", &begun)
    };
    let warned = |spent: &str| {
        let text = of(spent);
        assert_ne!(text, SICK);
        unwrapped(&check(&text).1)
    };
    let said = warned("36_000");
    assert!(said.contains("year_to_date.per_capita is 36,000"), "{said}");
    assert!(said.contains("$9,000 a person-year is expected to be spent so far"), "{said}");
    let said = warned("9_400");
    assert!(!said.contains("year_to_date"), "{said}");
}

#[test]
fn what_a_segment_costs_is_doubted_in_words() {
    for (mean, doubt) in [("60", "$60 a person-year, which is suspiciously low"), ("900_000", "suspiciously high")] {
        let text = format!("{CONTRACTS}{}", PEOPLE.replace("4_000", mean));
        let (_, said) = check(&text);
        let said = unwrapped(&said);
        assert!(said.contains(doubt) && said.contains("$100 to $400,000 are usual"), "{said}");
    }
}

#[test]
fn implausible_values_are_warned_of_by_their_key() {
    let right = "[run]\nname = \"Units\"\ntrials = 100\n[population]\ntrend = { mean = 1.04 }\n[[population.segments]]\nname = \"all\"\n\
                 members = 5_000\nservices.visits.annual = { lognormal = { mean = 11_000, cv = 2 } }\n[[contracts]]\nname = \"MSSP\"\n\
                 terms.mssp = { track = \"enhanced\", benchmark = { pmpm = 980 }, minimum_rate = 0.02 }\n[[contracts]]\n\
                 name = \"Capitation\"\nterms.capitation = { pmpm = 960 }\n\
                 covers.specific = { attachment_point = 150_000, coinsurance = 0.9, premium_pmpm = 32 }\nadministration_pmpm = 12\n\
                 [[contracts]]\nname = \"Medicaid\"\nterms.medicaid_corridor = { pmpm = 1_035, target_medical_loss_ratio = 0.88, \
                 corridor = [{ up_to = 0.02, share = 1 }, { share = 0.2 }] }\n";
    let (verdict, said) = check(right);
    assert_eq!(verdict, Verdict::Fine, "{said}");
    for (from, to, path) in [
        ("mean = 1.04", "mean = 0.04", "population.trend.mean is 0.04"),
        ("mean = 1.04", "mean = 4", "population.trend.mean is 4"),
        ("mean = 11_000", "mean = 11", "expected to cost $11 a person-year"),
        ("pmpm = 980", "pmpm = 12_300", "benchmark.pmpm is 12,300"),
        ("pmpm = 980", "per_capita = 980", "benchmark.per_capita is 980"),
        ("minimum_rate = 0.02", "minimum_rate = 0.2", "minimum_rate is 0.2"),
        ("pmpm = 960", "pmpm = 11_500", "capitation.pmpm is 11,500"),
        ("attachment_point = 150_000", "attachment_point = 150", "attachment_point is 150"),
        ("coinsurance = 0.9", "coinsurance = 0.1", "coinsurance is 0.1"),
        ("premium_pmpm = 32", "premium_pmpm = 200", "a loss ratio of"),
        ("premium_pmpm = 32", "premium_pmpm = 0.1", "a loss ratio of"),
        ("administration_pmpm = 12", "administration_pmpm = 900", "administration_pmpm is 900"),
        ("target_medical_loss_ratio = 0.88", "target_medical_loss_ratio = 0.05", "target_medical_loss_ratio is 0.05"),
        ("up_to = 0.02", "up_to = 2", "up_to is 2"),
    ] {
        let wrong = right.replace(from, to);
        assert_ne!(wrong, right, "{from}");
        let (verdict, said) = check(&wrong);
        let said = unwrapped(&said);
        assert_eq!(verdict, Verdict::Warned, "{to}: {said}");
        assert!(said.contains(path) && said.contains("scenario.toml:"), "{to}: {said}");
    }
}

/// The reference job's cover costs $20 a year and pays about $30; the exact law that it is tested by is of that premium.
const WARNED: &str = "reference-job.toml";

#[test]
fn no_shipped_scenario_is_warned_of_but_rightly() {
    for entry in fs::read_dir(file("scenarios")).expect("there are scenarios") {
        let path = entry.expect("it can be read").path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let (verdict, said) = examined(&path, &[]);
            if path.ends_with(WARNED) {
                assert!(verdict == Verdict::Warned && unwrapped(&said).contains("a loss ratio of 1"), "{said}");
                assert_eq!(said.matches("⚠").count(), 1, "{said}");
            } else {
                assert_eq!(verdict, Verdict::Fine, "{}: {said}", path.display());
            }
        }
    }
}
