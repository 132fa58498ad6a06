//! Attribution with a random head count, from scenario files to settlements.

use twosided_population::{Assignment, Observation};
use twosided_report::{Report, Summary};
use twosided_scenario::Scenario;

use crate::support::{Run, parse, text as words, twosided};

/// Who visits: frail people more often, and most of them here.
const ATTRIBUTION: &str = "attribution = { eligible = 4_000, visits = 3.2, dispersion = 1.5, share = 0.6, share_sd = 0.25, rivals = 3, \
    frailty_loading = 0.6, persistence = 0.9 }";

/// Everyone visits often, and nowhere else.
const CERTAIN: &str = "attribution = { eligible = 2_000, visits = 50, share = 1 }";

/// Two years of people who die, under capitation and a contract of which the minimum savings rate goes by the number of people.
fn text(assignment: &str, people: &str, more: &str) -> String {
    format!(
        r#"
[run]
name = "Visits decide"
trials = 1_500
years = 2
seed = 15

[population]
assignment = "{assignment}"

[[population.segments]]
name = "aged"
{people}
risk_score = 1
frailty = {{ persistence = 0.7 }}
mortality = {{ probability = 0.05, frailty_loading = 0.5 }}
services.stays = {{ frequency = {{ negative_binomial = {{ mean = 0.3, dispersion = 0.7 }} }}, severity = {{ gamma = {{ mean = 14_000, cv = 1 }} }}, frailty_loading = 0.6 }}
services.visits = {{ annual = {{ gamma = {{ mean = 3_000, cv = 1 }} }}, frailty_loading = 0.4 }}

[[contracts]]
name = "Fees"
terms.fee_for_service = {{}}

[[contracts]]
name = "Capitation"
terms.capitation = {{ pmpm = 500 }}

[[contracts]]
name = "Track"
terms.mssp = {{ track = "basic_b", benchmark.per_capita = 7_200, quality_score = 0.8 }}

[[contracts]]
name = "Scores"
terms.shared_savings = {{ benchmark.per_capita = 7_200, savings.sharing_rate = 1, losses.sharing_rate = 1 }}
agreement.risk_adjustment = {{ cap = 0.03 }}
{more}
"#
    )
}

fn run(scenario: &Scenario) -> Run {
    Run::of(scenario, scenario.trials, scenario.seed)
}

fn near(what: &str, values: &[f64], expected: f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let off = (mean - expected) / (variance / n).sqrt();
    assert!(off.abs() < 4.0, "{what}: mean {mean} against {expected}, {off:.1} standard errors");
}

#[test]
fn exposure_and_payments_follow_the_number_of_the_assigned() {
    for (word, assignment) in [("prospective", Assignment::Prospective), ("retrospective", Assignment::Retrospective)] {
        let scenario = parse(&text(word, ATTRIBUTION, ""));
        let run = run(&scenario);
        let segment = &scenario.population.segments()[0];
        let assigned = segment.attributed(assignment).expect("by visits");
        let expected = segment.expected_year(assignment).expect("valid laws");
        for year in 0..2 {
            let of = |observation| run.observed.observation_in(year, observation).expect("it is observed").1;
            let people = of(&Observation::People);
            let off = (people.mean() - assigned.people) / people.standard_error();
            assert!(off.abs() < 4.0, "{word}: {} people, not {}", people.mean(), assigned.people);
            let years: Vec<f64> =
                (0..scenario.trials as usize).map(|trial| run.outcomes.person_years[(trial, year, 1)]).collect();
            let mean = assigned.people * expected.person_years;
            near(&format!("{word}: person-years"), &years, mean);
            // A person counts for a random part of a year: none if not assigned, half of it on average if dying in it.
            let squares: Vec<f64> = years.iter().map(|years| (years - mean).powi(2)).collect();
            let dies = 2.0 * (1.0 - expected.person_years);
            let square = 1.0 - dies + dies / 3.0;
            let chance = assigned.people / assigned.eligible as f64;
            let variance = assigned.eligible as f64 * (chance * square - (chance * expected.person_years).powi(2));
            near(&format!("{word}: squares of person-years"), &squares, variance);
        }
    }
}

#[test]
fn the_risk_ratio_and_the_benchmark_a_person_do_not_follow_the_head_count() {
    let scenario = parse(&text("retrospective", ATTRIBUTION, ""));
    let run = run(&scenario);
    for trial in 0..50 {
        for year in 0..2 {
            let of_scores = run.outcomes.against[(trial, year, 3)].expect("it is compared");
            let person_years = run.outcomes.person_years[(trial, year, 3)];
            let per_capita = of_scores.benchmark.0 / person_years;
            assert!((per_capita - 7_200.0).abs() < 1e-6, "{per_capita} in year {year} of trial {trial}");
        }
    }
}

#[test]
fn a_certain_assignment_is_that_of_stated_members() {
    for word in ["prospective", "retrospective"] {
        let of = |people: &str| {
            let scenario = parse(&text(word, people, ""));
            Run::of(&scenario, 60, scenario.seed).outcomes
        };
        let (given, sampled) = (of("members = 2_000"), of(CERTAIN));
        // The expected number of people is below 2,000 by the chance of no visit, exp(-50), and by rounding.
        let pairs = given.gains.iter().zip(&sampled.gains);
        assert!(pairs.into_iter().all(|(one, other)| (one - other).abs() <= 1e-12 * 5e6), "{word}");
        assert_eq!(given.person_years, sampled.person_years);
        assert!(given.gains.iter().any(|&gain| gain != 0.0));
    }
}

/// A program that works on stayers alone takes off what the share of stayers is of its effect.
#[test]
fn a_program_for_stayers_works_by_their_share() {
    let programs = |only: &str| {
        format!(
            "[[provider.programs]]\nname = \"fewer stays\"\neffect.stays = {{ mean = -0.4 }}\n{only}\n\
             [[contracts]]\nname = \"With\"\nprograms = [\"fewer stays\"]\nterms.shared_savings = {{ benchmark.per_capita = 7_200, \
             savings.sharing_rate = 1, losses.sharing_rate = 1 }}\n[[contracts]]\nname = \"Without\"\nprograms = []\nterms.shared_savings \
             = {{ benchmark.per_capita = 7_200, savings.sharing_rate = 1, losses.sharing_rate = 1 }}\n"
        )
    };
    let scenario = parse(&text("retrospective", ATTRIBUTION, &programs("only_stayers = true")));
    let segment = &scenario.population.segments()[0];
    let stayers = segment.stayers(Assignment::Retrospective);
    assert!(stayers > 0.3 && stayers < 0.95, "{stayers}");
    let year = segment.expected_year(Assignment::Retrospective).expect("valid laws");
    let stays = segment.index("stays").expect("a service");
    let run = run(&scenario);
    let (with, without) = (4, 5);
    let saved = run.outcomes.gains.rows().into_iter().map(|gains| gains[with] - gains[without]);
    let saved: Vec<f64> = saved.collect();
    near("saved in two years", &saved, 2.0 * 0.4 * stayers * segment.people() * year.costs[stays]);
}

#[test]
fn check_and_the_report_show_who_is_assigned() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("visits.toml");
    std::fs::write(&path, text("retrospective", ATTRIBUTION, "")).expect("it is written");
    let shown = words(&twosided(&["check", path.to_str().expect("a path")]).stdout);
    assert!(shown.contains("assigned by visits: ") && shown.contains(" of 4,000 eligible are expected"), "{shown}");
    let scenario = parse(&text("retrospective", ATTRIBUTION, ""));
    let run = Run::of(&scenario, 400, 15);
    let summary: Summary = run.summary(&scenario);
    let found = &summary.attribution[0];
    let off = (found.assigned.value - found.expected_assigned) / found.assigned.standard_error;
    assert!(off.abs() < 4.0, "{found:?}");
    let html = Report { scenario: &scenario, outcomes: &run.outcomes, summary: &summary }.html();
    assert!(html.contains("Visits elsewhere") && html.contains("Eligible people"));
    assert!(
        parse(&text("retrospective", "members = 2_000", "")).population.segments()[0]
            .attributed(Assignment::Retrospective)
            .is_none()
    );
}

#[test]
fn what_cannot_be_is_refused_with_its_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wrong.toml");
    let cases = [
        ("", "population.segments[1].members is missing"),
        (
            "members = 2_000\nattribution = { eligible = 4_000, visits = 3, share = 0.6 }",
            "has both `members` and `attribution`",
        ),
        (
            "turnover = { rate = 0.1 }\nattribution = { eligible = 4_000, visits = 3, share = 0.6 }",
            "has both `turnover` and `attribution`",
        ),
        ("attribution = { eligible = 4_000, visits = 3 }", "attribution.share is missing"),
        ("attribution = { eligible = 4_000, visits = 3, share = 0 }", "attribution.share is 0"),
        ("attribution = { eligible = 4_000, visits = 0, share = 0.6 }", "attribution.visits is 0"),
        ("attribution = { eligible = 4_000, visits = 3, share = 0.9, share_sd = 0.4 }", "attribution.share_sd is 0.4"),
        ("attribution = { eligible = 4_000, visits = 3, share = 0.6, rivals = 40 }", "attribution.rivals is 40"),
        (
            "attribution = { eligible = 4_000, visits = 3, share = 0.6, frailty_loading = 1 }",
            "attribution.frailty_loading is 1",
        ),
        ("attribution = { eligible = 20, visits = 3, share = 0.6 }", "attribution.eligible is 20"),
        ("attribution = { eligible = 4_000, visits = 3, share = 0.6, rival = 2 }", "rival"),
    ];
    for (people, problem) in cases {
        std::fs::write(&path, text("prospective", people, "")).expect("it is written");
        let refused = twosided(&["check", path.to_str().expect("a path")]);
        let shown = words(&refused.stderr);
        assert!(!refused.status.success() && shown.contains(problem), "{people}: {shown}");
    }
    // Brought to a few people in all, nobody may be left.
    std::fs::write(&path, text("prospective", ATTRIBUTION, "").replace("[population]", "[population]\nmembers = 10"))
        .expect("it is written");
    let shown = words(&twosided(&["check", path.to_str().expect("a path")]).stderr);
    assert!(shown.contains("at least 30 are needed"), "{shown}");
}
