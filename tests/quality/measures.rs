//! Measures of people: rates of events, means, surveys, and luck that they share with cost.

use twosided_population::Observation;
use twosided_report::{Figure, MeasureFigures, Summary};

use crate::support::{Run, parse, text as words, twosided};

/// Frail people who cost more, under a contract with a program and one without.
fn scenario(measures: &str, more: &str) -> String {
    format!(
        "[run]\nname = \"Measures\"\ntrials = 4_000\nseed = 77\n[provider]\nown_share = {{ visits = 0.5 }}\n{more}\n\
         [[population.segments]]\nname = \"people\"\nmembers = 2_000\n\
         services.visits = {{ frailty_loading = 0.6, frequency.poisson.mean = 2, severity.gamma = {{ mean = 100, cv = 0.1 }} }}\n\
         services.stays = {{ frailty_loading = 0.6, frequency.poisson.mean = 0.3, severity.gamma = {{ mean = 1_000, cv = 0.1 }} }}\n\
         services.readmissions = {{ follows = \"stays\", frequency.bernoulli.probability = 0.2, severity.gamma = {{ mean = 1_000, cv = 0.1 }} }}\n\
         {measures}\n[[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {{}}\n\
         [[contracts]]\nname = \"Care\"\nterms.care_management = {{ pmpm = 1 }}\n"
    )
}

fn summary(measures: &str, more: &str) -> Summary {
    let scenario = parse(&scenario(measures, more));
    Run::of(&scenario, scenario.trials, scenario.seed).summary(&scenario)
}

fn measure(summary: &Summary, contract: &str, name: &str) -> MeasureFigures {
    let under =
        summary.people_by_group[0].contracts.iter().find(|under| under.contract == contract).expect("a contract");
    under.measures.iter().find(|measured| measured.measure == name).expect("the measure").clone()
}

fn near(figure: &Figure, expected: f64, what: &str) {
    let z = (figure.value - expected) / figure.standard_error;
    assert!(
        figure.standard_error > 0.0 && z.abs() < 4.0,
        "{what}: {figure:?} is {z:.1} standard errors from {expected}"
    );
}

const LOADED: &str = "[[population.measures]]\nname = \"control\"\ndenominator = 0.5\nrate = 0.7\nfrailty_loading = -0.6\n\
    [[population.measures]]\nname = \"A1C\"\ndenominator = 0.5\nmean = { value = 7.5, sd = 1.5 }\nfrailty_loading = 0.6\n\
    [[population.measures]]\nname = \"experience\"\nsurvey = { mean = 80, sd = 20, respondents = 400 }\n\
    [[population.measures]]\nname = \"other\"\ndenominator = 0.5\nrate = 0.7\n";

#[test]
fn scores_have_the_means_and_deviations_of_their_laws() {
    let summary = summary(LOADED, "");
    let of = |name| measure(&summary, "Fees", name);
    // Of a binomial number of cases, E[1 / n] to the second order.
    let one_over_cases = 1.0 / 1_000.0 * (1.0 + 0.5 / 1_000.0);
    near(&of("control").score, 0.7, "the rate is what it is stated to be, whatever its loading");
    near(&of("control").sd, (0.7_f64 * 0.3 * one_over_cases).sqrt(), "people are independent");
    near(&of("A1C").score, 7.5, "the mean");
    near(&of("A1C").sd, 1.5 * one_over_cases.sqrt(), "its deviation");
    near(&of("experience").score, 80.0, "the survey");
    near(&of("experience").sd, 20.0 / 400.0_f64.sqrt(), "its sampling error");
}

/// The correlation of the mean A1C of a sample with cost, of frail people: only half of the people are cases.
#[test]
fn who_is_sicker_costs_more_and_meets_less() {
    let summary = summary(LOADED, "");
    let of = |name| measure(&summary, "Fees", name).correlation_with_expenditure.expect("both vary");
    let [control, amount, other] = ["control", "A1C", "other"].map(of);
    assert!(control.value < -10.0 * control.standard_error, "{control:?}");
    assert!(amount.value > 10.0 * amount.standard_error, "{amount:?}");
    near(&other, 0.0, "a measure that does not depend on frailty");
    // Of one person: the correlation of cost with frailty, times that of the amount, times the root of the share of cases.
    let cost = cost_with_frailty();
    near(&amount, 0.6 * cost * 0.5_f64.sqrt(), "the amount");
}

/// The correlation of a person's yearly cost with frailty, where counts are Poisson at a normal score loaded by 0.6.
fn cost_with_frailty() -> f64 {
    let covariance = |mean: f64| {
        // E[count × score] = loading × sum over counts of the density at the score from which there are more.
        let (mut at_least, mut term, mut sum) = (1.0 - (-mean).exp(), (-mean).exp(), 0.0);
        for count in 1..60 {
            let score = -normal_quantile(at_least);
            sum += (-0.5 * score * score).exp() / (2.0 * std::f64::consts::PI).sqrt();
            term *= mean / f64::from(count);
            at_least -= term;
            if at_least < 1e-14 {
                break;
            }
        }
        0.6 * sum
    };
    // Visits, stays, and readmissions that follow stays; two services of one person share frailty.
    let (visits, stays) = (covariance(2.0), covariance(0.3));
    let with_frailty = 100.0 * visits + 1_200.0 * stays;
    let own = 2.0 * 10_000.0 * 1.01 + 0.3 * (1e6 * 1.01 + 0.2 * 1e6 * 1.01 + 2.0 * 0.2 * 1e6);
    let shared = 2.0 * 100.0 * 1_200.0 * covariance_of_counts();
    with_frailty / (own + shared).sqrt()
}

/// The covariance of a person's visits and stays, whose scores are correlated by 0.36, by Gauss and Hermite's rule on a grid.
fn covariance_of_counts() -> f64 {
    let count = |score: f64, mean: f64| {
        let below = 1.0 - upper(score);
        let (mut term, mut sum, mut count) = ((-mean).exp(), (-mean).exp(), 0.0);
        while sum < below && count < 60.0 {
            count += 1.0;
            term *= mean / count;
            sum += term;
        }
        count
    };
    let nodes: Vec<f64> = (-400..=400).map(|node| f64::from(node) / 80.0).collect();
    let density = |score: f64| (-0.5 * score * score).exp() / (2.0 * std::f64::consts::PI).sqrt() / 80.0;
    let mut product = 0.0;
    let own = (1.0_f64 - 0.36 * 0.36).sqrt();
    for &first in &nodes {
        let visits = count(first, 2.0) - 2.0;
        let stays: f64 = nodes.iter().map(|&second| density(second) * count(0.36 * first + own * second, 0.3)).sum();
        product += density(first) * visits * stays;
    }
    product
}

fn upper(score: f64) -> f64 {
    twosided_prob::upper_probability(score)
}

fn normal_quantile(probability: f64) -> f64 {
    -twosided_prob::upper_score(probability)
}

#[test]
fn rates_of_events_are_those_of_the_sampled_year_and_a_program_moves_them_with_cost() {
    let measures = "[[population.measures]]\nname = \"readmissions\"\nevents = { of = [\"readmissions\"], per = \"stays\" }\n\
        [[population.measures]]\nname = \"visits per 1,000\"\nevents = { of = [\"visits\"], scale = 1_000 }\n";
    let program = "[[provider.programs]]\nname = \"transitional care\"\neffect = { readmissions = { mean = -0.5 } }\n";
    let summary = summary(measures, program);
    near(&measure(&summary, "Fees", "readmissions").score, 0.2, "per stay");
    near(&measure(&summary, "Fees", "visits per 1,000").score, 2_000.0, "per 1,000 person-years");
    near(&measure(&summary, "Care", "readmissions").score, 0.1, "with the program");
    assert_eq!(
        measure(&summary, "Care", "visits per 1,000").score,
        measure(&summary, "Fees", "visits per 1,000").score
    );
    // Counts of the same trials: the score is their ratio, exactly.
    let scenario = parse(&scenario(measures, program));
    let run = Run::of(&scenario, 3, 77);
    let mean = |observation: &Observation| run.observed.observation(observation).expect("it is observed").1.mean();
    let visits = mean(&Observation::Count { service: "visits".to_owned() });
    let measured = mean(&Observation::Numerator { measure: "visits per 1,000".to_owned() });
    assert!((measured - 1_000.0 * visits).abs() < 1e-9 * measured, "{measured}");
}

#[test]
fn exclusions_completeness_and_years_that_differ_enter_the_score() {
    let measures = "[[population.measures]]\nname = \"reported\"\ndenominator = 0.5\nexcluded = 0.2\ncompleteness = 0.5\nrate = 0.6\n\
        [[population.measures]]\nname = \"years\"\ndenominator = 0.9\nrate = 0.7\nsd_between_years = 0.05\nfrailty_loading = -0.3\n\
        [[population.measures]]\nname = \"level\"\nmean = { value = 130, sd = 15 }\ndenominator = 0.5\nsd_between_years = 2\n";
    let shifting = "[[provider.programs]]\nname = \"calls\"\nshifts = { level = { mean = -4, sd = 1 } }\n";
    let summary = summary(measures, shifting);
    let of = |name| measure(&summary, "Fees", name);
    // Of 2,000 people, a half concerned, of whom 4 of 5 count, of whom a half are reported.
    near(&of("reported").sd, (0.6_f64 * 0.4 / 400.0 * (1.0 + 0.8 / 400.0)).sqrt(), "400 cases");
    near(&of("years").score, 0.7, "the mean rate is exact");
    let chance = 0.7 * 0.3 / 1_800.0;
    let found = of("years").sd;
    assert!((found.value - (0.05_f64 * 0.05 + chance).sqrt()).abs() < 4.0 * found.standard_error + 0.0005, "{found:?}");
    near(&of("level").sd, (4.0_f64 + 225.0 / 1_000.0 * 1.0005).sqrt(), "between years and by chance");
    let shifted = measure(&summary, "Care", "level");
    near(&shifted.score, 126.0, "with the program");
    near(&shifted.sd, (4.0_f64 + 0.225 + 1.0).sqrt(), "whose effect is uncertain");
}

#[test]
fn what_a_measure_cannot_be_is_refused_with_every_problem() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wrong.toml");
    for (measure, problem) in [
        ("rate = 0.7", "denominator"),
        ("denominator = 0.5", "rate"),
        ("rate = 0.7\nmean = { value = 1, sd = 1 }\ndenominator = 0.5", "mean"),
        ("survey = { mean = 80, sd = 20, respondents = 100 }\ndenominator = 0.5", "is a survey"),
        ("events = { of = [\"stays\"] }\nfrailty_loading = 0.2", "one of events"),
        ("events = { of = [\"stay\"] }", "stay"),
        ("events = { of = [] }", "is empty"),
        ("rate = 0.7\ndenominator = 0.5\nsegments = { people = 1.2 }", "no share"),
        ("rate = 0.7\ndenominator = 0.5\nsd_between_years = 0.6", "above 0.5"),
    ] {
        let text = scenario(&format!("[[population.measures]]\nname = \"m\"\n{measure}\n"), "");
        std::fs::write(&path, text).expect("it is written");
        let refused = twosided(&["check", path.to_str().expect("a path")]);
        let shown = words(&refused.stderr);
        assert!(!refused.status.success() && shown.contains(problem), "{measure}: {shown}");
    }
    let shifts =
        "[[provider.programs]]\nname = \"p\"\nshifts = { control = { mean = 1 } }\ncloses = { A1C = { mean = 0.5 } }\n";
    std::fs::write(&path, scenario(LOADED, shifts)).expect("it is written");
    let shown = words(&twosided(&["check", path.to_str().expect("a path")]).stderr);
    assert!(shown.contains("with a `mean` or a `survey`") && shown.contains("with a `rate`"), "{shown}");
}
