//! What layers do to sampled years: each law stays as written, and what goes together does so as it says.

mod support;

use std::num::NonZeroUsize;

use support::{Run, parse, text, twosided};
use twosided_population::{Observation, PersonYearBlock, Sampler};
use twosided_prob::Sample;
use twosided_provider::Line;

/// Contracts that need nothing of the population.
const FEES: &str = "[[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {}\n";

fn scenario(population: &str, rest: &str) -> twosided_scenario::Scenario {
    parse(&format!("[run]\nname = \"layers\"\n{population}\n{rest}"))
}

/// A mean over trials within four of its standard errors of what it should be.
fn assert_mean(run: &Run, year: usize, observation: &Observation, expected: f64) {
    let (_, moments) = run.observed.observation_in(year, observation).expect("it is observed");
    let z = (moments.mean() - expected) / moments.standard_error();
    assert!(
        z.abs() < 4.0,
        "{observation:?} in year {year}: {} against {expected}, {z:.1} standard errors",
        moments.mean()
    );
}

fn expenditure(service: &str) -> Observation {
    Observation::Expenditure { service: service.to_owned() }
}

fn count(service: &str) -> Observation {
    Observation::Count { service: service.to_owned() }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let (mean_a, mean_b) = (mean(a), mean(b));
    a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum::<f64>() / (a.len() as f64 - 1.0)
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    covariance(a, b) / (covariance(a, a) * covariance(b, b)).sqrt()
}

/// Everyone of one trial: what `of` finds in each year's block.
fn persons<T>(population: &str, years: u32, mut of: impl FnMut(&PersonYearBlock<'_>, &mut Vec<T>)) -> Vec<Vec<T>> {
    let scenario = scenario(population, FEES);
    let sampler = Sampler::of_persons(&scenario.population, years).expect("it can be sampled");
    let mut found: Vec<Vec<T>> = (0..years).map(|_| Vec::new()).collect();
    sampler.visit(1, 0, &mut |block| of(block, &mut found[block.year as usize]));
    found
}

const FRAIL: &str = r#"
[[population.segments]]
name = "frail"
members = 2_000
frailty = { persistence = 0.8 }
[population.segments.services.inpatient]
frequency = { negative_binomial = { mean = 0.3, dispersion = 0.5 } }
severity = { lognormal = { mean = 12_000, cv = 1.2 } }
frailty_loading = 0.9
[population.segments.services.readmission]
follows = "inpatient"
frequency = { bernoulli = { probability = 0.2 } }
severity = { gamma = { mean = 9_000, cv = 0.7 } }
[population.segments.services.drugs]
annual = { lognormal_mixture = [{ weight = 0.9, mean = 900, cv = 1.5 }, { weight = 0.1, mean = 12_000, cv = 1.0 }], zero = 0.3 }
frailty_loading = 0.7
"#;

#[test]
fn frailty_leaves_every_law_as_written() {
    let run = Run::of(&scenario(FRAIL, FEES), 400, 3);
    assert_mean(&run, 0, &count("inpatient"), 2_000.0 * 0.3);
    assert_mean(&run, 0, &expenditure("inpatient"), 2_000.0 * 0.3 * 12_000.0);
    assert_mean(&run, 0, &count("readmission"), 2_000.0 * 0.06);
    assert_mean(&run, 0, &expenditure("readmission"), 2_000.0 * 0.06 * 9_000.0);
    assert_mean(&run, 0, &count("drugs"), 2_000.0 * 0.7);
    assert_mean(&run, 0, &expenditure("drugs"), 2_000.0 * 0.7 * (0.9 * 900.0 + 0.1 * 12_000.0));
}

#[test]
fn services_and_years_of_a_person_go_together_as_their_loadings_say() {
    let population = r#"
[[population.segments]]
name = "frail"
members = 200_000
frailty = { persistence = 0.6 }
services.a = { annual = { lognormal = { mean = 1_000, cv = 1 } }, frailty_loading = 0.8 }
services.b = { annual = { lognormal = { mean = 2_000, cv = 2 } }, frailty_loading = 0.5 }
"#;
    let logs = |service: usize| {
        persons(population, 3, |block, logs| logs.extend(block.costs[service].iter().map(|cost| cost.ln())))
    };
    let (a, b) = (logs(0), logs(1));
    // The standard error of a correlation r of n pairs is (1 - r²) / √n.
    let near = |found: f64, expected: f64| {
        let error = (1.0 - expected * expected) / 200_000_f64.sqrt();
        assert!(((found - expected) / error).abs() < 4.0, "{found} against {expected}");
    };
    near(correlation(&a[0], &b[0]), 0.8 * 0.5);
    near(correlation(&a[0], &a[1]), 0.8 * 0.8 * 0.6);
    near(correlation(&a[0], &a[2]), 0.8 * 0.8 * 0.6 * 0.6);
    near(correlation(&a[0], &b[1]), 0.8 * 0.5 * 0.6);
}

const MORTAL: &str = r#"
[[population.segments]]
name = "mortal"
members = 2_000
frailty = { persistence = 0.5 }
mortality = { probability = 0.1, frailty_loading = 0.6, end_of_life = { amount = { gamma = { mean = 20_000, cv = 1 } }, services = { care = 0.4, hospice = 0.6 } } }
services.care = { annual = { gamma = { mean = 5_000, cv = 1 } } }
services.hospice = { frequency = { poisson = { mean = 0.001 } }, severity = { gamma = { mean = 1_000, cv = 1 } } }
services.visits = { frequency = { poisson = { mean = 6 } }, severity = { gamma = { mean = 100, cv = 0.5 } } }
"#;

#[test]
fn who_dies_has_half_a_year_on_average_and_what_the_end_costs() {
    let run = Run::of(&scenario(MORTAL, FEES), 1_000, 4);
    assert_mean(&run, 0, &Observation::PersonYears, 2_000.0 * 0.95);
    // Events and amounts of the months lived, and the amount of each death.
    assert_mean(&run, 0, &count("visits"), 2_000.0 * 6.0 * 0.95);
    assert_mean(&run, 0, &expenditure("care"), 2_000.0 * (5_000.0 * 0.95 + 0.1 * 20_000.0 * 0.4));
    assert_mean(&run, 0, &expenditure("hospice"), 2_000.0 * (0.95 + 0.1 * 20_000.0 * 0.6));
}

#[test]
fn a_segment_stays_as_it_is_described_although_its_frailest_die() {
    let population = MORTAL.replace("services.care = { annual", "services.care = { frailty_loading = 0.7, annual");
    let population = format!("{population}\n");
    let text = format!("[run]\nname = \"layers\"\nyears = 4\n{population}\n{FEES}");
    let run = Run::of(&parse(&text), 600, 5);
    let first = run.observed.observation_in(0, &expenditure("care")).expect("observed").1;
    let last = run.observed.observation_in(3, &expenditure("care")).expect("observed").1;
    let error = (first.standard_error().powi(2) + last.standard_error().powi(2)).sqrt();
    assert!(((first.mean() - last.mean()) / error).abs() < 4.0, "{} and {}", first.mean(), last.mean());
    assert_mean(&run, 3, &Observation::PersonYears, 2_000.0 * 0.95);
}

#[test]
fn the_frail_die_and_cost_more_before() {
    let population =
        MORTAL.replace("2_000", "100_000").replace("services.care = {", "services.care = { frailty_loading = 0.7,");
    let blocks = persons(&population, 1, |block, found| {
        found.extend(
            block.died.iter().zip(block.lived).zip(&block.costs[0]).map(|((died, lived), cost)| (*died, *lived, *cost)),
        );
    });
    let dead: Vec<&(bool, f64, f64)> = blocks[0].iter().filter(|person| person.0).collect();
    let share = dead.len() as f64 / 100_000.0;
    assert!(((share - 0.1) / (0.09_f64 / 100_000.0).sqrt()).abs() < 4.0, "{share}");
    let rate = |dead: bool| {
        let own = blocks[0].iter().filter(|person| person.0 == dead);
        let (cost, lived) = own.fold((0.0, 0.0), |sum, person| (sum.0 + person.2, sum.1 + person.1));
        // Less the amount of the end itself.
        (cost - if dead { 0.1 * 100_000.0 * 8_000.0 } else { 0.0 }) / lived
    };
    assert!(rate(true) > 1.5 * rate(false), "{} against {}", rate(true), rate(false));
}

#[test]
fn joiners_and_leavers_come_when_assignment_says_and_cost_what_they_cost() {
    let population = |assignment: &str| {
        format!(
            "[population]\nassignment = \"{assignment}\"\n[[population.segments]]\nname = \"all\"\nmembers = 4_000\n\
             turnover = {{ rate = 0.2, joiner_cost = 1.5, leaver_cost = 0.5 }}\n\
             services.care = {{ annual = {{ gamma = {{ mean = 1_000, cv = 1 }} }} }}\n"
        )
    };
    let run = |assignment: &str| {
        let text = format!("[run]\nname = \"turnover\"\nyears = 3\n{}{FEES}", population(assignment));
        Run::of(&parse(&text), 400, 6)
    };
    let (prospective, retrospective) = (run("prospective"), run("retrospective"));
    // A fifth leaves in each year at half the cost; a fifth has just joined, a fifth of whom leave again.
    for year in 0..3 {
        assert_mean(&prospective, year, &expenditure("care"), 4e6 * (0.8 + 0.2 * 1.5) * 0.9);
    }
    // Whoever leaves does not count; who took the place does, from the first year on.
    for year in 0..3 {
        assert_mean(&retrospective, year, &expenditure("care"), 4e6 * 1.1);
    }
    let joined = persons(&population("prospective"), 2, |block, found| found.extend_from_slice(block.joined));
    assert!(joined[0].iter().all(|joined| !joined));
    let share = joined[1].iter().filter(|joined| **joined).count() as f64 / 4_000.0;
    assert!(((share - 0.2) / (0.16_f64 / 4_000.0).sqrt()).abs() < 4.0, "{share}");
}

const PROGRAM: &str = r#"
[[provider.programs]]
name = "transitional care"
cost_pmpm = 4
effect = { inpatient = { mean = -0.1 }, drugs = { mean = 0.05 } }
ramp = [0.5]
"#;

const CAPITATION: &str = "[[contracts]]\nname = \"Capitation\"\nterms.capitation = { pmpm = 500 }\n";

#[test]
fn a_program_avoids_what_happened_and_leaves_the_reference_as_it_was() {
    let text = |program: &str| format!("[run]\nname = \"program\"\nyears = 2\n{FRAIL}\n{program}{FEES}{CAPITATION}");
    let (without, with) = (Run::of(&parse(&text("")), 300, 7), Run::of(&parse(&text(PROGRAM)), 300, 7));
    assert_eq!(without.observed.segments, with.observed.segments, "what would have been is the same");
    let claims = |run: &Run, year: usize| -> Vec<f64> {
        let lines = run.outcomes.lines.outer_iter();
        lines.map(|trial| -trial[(year, 1, Line::ClaimsToOthers as usize)]).collect()
    };
    for (year, strength) in [(0, 0.5), (1, 1.0)] {
        let (before, after) = (claims(&without, year), claims(&with, year));
        let difference: Vec<f64> = before.iter().zip(&after).map(|(before, after)| before - after).collect();
        // A tenth of admissions and what follows them, and a twentieth more drugs.
        let inpatient = 2_000.0 * (0.3 * 12_000.0 + 0.06 * 9_000.0);
        let drugs = 2_000.0 * 0.7 * (0.9 * 900.0 + 0.1 * 12_000.0);
        let expected = strength * (0.1 * inpatient - 0.05 * drugs);
        let found = Sample::new(difference).expect("finite").mean();
        let z = (found.value - expected) / found.standard_error;
        assert!(z.abs() < 4.0, "year {year}: {} against {expected}, {z:.1} standard errors", found.value);
        let spread = Sample::new(before).expect("finite").mean().standard_error;
        assert!(found.standard_error < 0.5 * spread, "both years are coupled");
    }
    let cost = with.outcomes.lines[(0, 0, 1, Line::Programs as usize)];
    assert!((cost + 2_000.0 * 48.0).abs() < 1e-6, "{cost}");
    assert_eq!(with.outcomes.lines[(0, 0, 0, Line::Programs as usize)], 0.0, "none is run under fee-for-service");
}

#[test]
fn volume_answers_to_incentives_only_where_it_is_said_to() {
    let provider = |incentive: f64| {
        format!(
            "[provider]\nresponse = {{ elasticity = 0.2, incentive_of_data = {incentive}, services = [\"visits\"], source = \"assumed\" }}\n"
        )
    };
    let of = |incentive: f64| {
        let text = format!("[run]\nname = \"response\"\n{}\n{}{FEES}{CAPITATION}", MORTAL, provider(incentive));
        Run::of(&parse(&text), 400, 8)
    };
    let visits = 2_000.0 * 6.0 * 0.95 * 100.0;
    let claims = |run: &Run, contract: usize| -> Vec<f64> {
        run.outcomes.lines.outer_iter().map(|trial| -trial[(0, contract, Line::ClaimsToOthers as usize)]).collect()
    };
    let total = |run: &Run| -> f64 {
        ["care", "hospice", "visits"]
            .iter()
            .map(|service| run.observed.observation(&expenditure(service)).expect("observed").1.mean())
            .sum()
    };
    for (incentive, capitated) in [(1.0, 0.8), (0.0, 1.0)] {
        let run = of(incentive);
        let found = Sample::new(claims(&run, 1)).expect("finite").mean();
        let expected = total(&run) + (capitated - 1.0) * visits;
        let z = (found.value - expected) / found.standard_error;
        assert!(z.abs() < 4.0, "data of incentive {incentive}: {} against {expected}, {z:.1}", found.value);
        assert!(run.outcomes.gains_of(0).iter().all(|gain| *gain == 0.0), "fee-for-service is the zero line");
    }
}

#[test]
fn benchmarks_follow_risk_scores_and_social_risk_underpays() {
    let text = |social: &str, years: u32| {
        format!(
            "[run]\nname = \"scores\"\nyears = {years}\n[[population.segments]]\nname = \"all\"\nmembers = 3_000\n{social}\
             risk_score = {{ mean = 1.1, cv = 0.8, frailty_loading = 0.7, coding_growth = 0.02 }}\n\
             services.care = {{ annual = {{ gamma = {{ mean = 10_000, cv = 1 }} }}, frailty_loading = 0.6 }}\n\
             [[contracts]]\nname = \"Shared\"\nterms.shared_savings = {{ benchmark = {{ per_capita = 10_000 }}, savings = {{ \
             minimum_rate = 0, sharing_rate = 1 }}, losses = {{ minimum_rate = 0, sharing_rate = 1 }} }}\n\
             agreement.risk_adjustment = {{ cap = 0.5 }}\n"
        )
    };
    let run = Run::of(&parse(&text("", 3)), 400, 9);
    for year in 0..3 {
        assert_mean(&run, year, &Observation::RiskScore, 3_000.0 * 1.1 * 1.02_f64.powf(year as f64));
    }
    // Coding of two percent a year moves the benchmark with it.
    for year in 0..3 {
        let benchmark = run.observed.benchmarks[(year, 0)];
        let z = (benchmark.mean() - 10_000.0 * 1.02_f64.powf(year as f64)) / benchmark.standard_error();
        assert!(z.abs() < 4.0, "year {year}: {}, {z:.1} standard errors", benchmark.mean());
    }
    let poor = Run::of(&parse(&text("social_risk = { cost = 1.1, risk_score = 1 }\n", 1)), 400, 9);
    let gain = |run: &Run| {
        Sample::new(run.outcomes.yearly.index_axis(ndarray::Axis(1), 0).column(0).to_vec()).expect("finite").mean()
    };
    let scored = Run::of(&parse(&text("social_risk = { cost = 1.1, risk_score = 1.1 }\n", 1)), 400, 9);
    let (even, poor, scored) = (gain(&run), gain(&poor), gain(&scored));
    let off = |one: twosided_prob::Estimate, less: f64, other: twosided_prob::Estimate| {
        (one.value - less - other.value) / (one.standard_error.powi(2) + other.standard_error.powi(2)).sqrt()
    };
    let lost = off(even, 0.1 * 30e6, poor);
    assert!(lost.abs() < 4.0, "what social risk costs beyond the score is not paid: {lost:.1} standard errors");
    let paid = off(even, 0.0, scored);
    assert!(paid.abs() < 4.0, "what the score shows is paid: {paid:.1} standard errors");
}

#[test]
fn measures_are_counted_and_programs_close_their_gaps() {
    let text = format!(
        "[run]\nname = \"quality\"\n[[population.measures]]\nname = \"A1c\"\ndenominator = 0.25\nrate = 0.6\n{FRAIL}\n\
         [[provider.programs]]\nname = \"outreach\"\ncloses = {{ \"A1c\" = {{ mean = 0.5 }} }}\n{FEES}\
         [[contracts]]\nname = \"Bonus\"\nterms.pay_for_performance = {{ pool_pmpm = 1, measures = [{{ name = \"control\", counted = \
         \"A1c\", threshold = 0.0, benchmark = 1.0 }}] }}\n"
    );
    let run = Run::of(&parse(&text), 1_000, 10);
    assert_mean(&run, 0, &Observation::Denominator { measure: "A1c".into() }, 500.0);
    assert_mean(&run, 0, &Observation::Numerator { measure: "A1c".into() }, 300.0);
    // The bonus is $24,000 times a rate of 0.6 and half of what is open.
    let bonus = Sample::new(run.outcomes.line_of(1, Line::Reconciliation)).expect("finite").mean();
    let z = (bonus.value - 24_000.0 * 0.8) / bonus.standard_error;
    assert!(z.abs() < 4.0, "{} against 19,200, {z:.1} standard errors", bonus.value);
}

/// Everyone costs exactly $1,000, so that contracts can be computed by hand.
const CERTAIN: &str = r#"
[[population.segments]]
name = "certain"
members = 100
services.care = { annual = { empirical = [[0, 1_000], [1, 1_000]] } }
"#;

#[test]
fn a_contract_goes_its_glide_path_is_rebased_and_ends() {
    let contract = |more: &str| {
        format!(
            "[[contracts]]\nname = \"Path\"\nterms.shared_savings = {{ benchmark = {{ per_capita = 1_100 }}, savings = {{ minimum_rate \
             = 0, sharing_rate = 0.5 }} }}\n{more}"
        )
    };
    let gains = |trend: f64, more: &str| -> Vec<f64> {
        let text = format!(
            "[run]\nname = \"path\"\nyears = 4\ntrials = 2\n[population]\ntrend = {{ mean = {trend} }}\n{CERTAIN}{}",
            contract(more)
        );
        Run::of(&parse(&text), 2, 1).outcomes.yearly.index_axis(ndarray::Axis(0), 0).column(0).to_vec()
    };
    let near = |found: &[f64], expected: [f64; 4]| {
        assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-6), "{found:?}");
    };
    near(&gains(1.0, ""), [5_000.0; 4]);
    // Costs of the first year are a twentieth up; from then on costs, benchmark and savings rise by a twentieth a year.
    near(&gains(1.05, ""), [2_500.0, 2_625.0, 2_756.25, 2_894.062_5]);
    let path = "[[contracts.later]]\nfrom_year = 3\nterms.shared_savings = { benchmark = { per_capita = 1_100 }, savings = { minimum_rate = \
                0, sharing_rate = 0.75 } }\n";
    near(&gains(1.0, path), [5_000.0, 5_000.0, 7_500.0, 7_500.0]);
    // After two years the benchmark is what was spent and half of what was saved: $1,050.
    near(&gains(1.0, "agreement.rebasing = { every = 2, weights = [1, 1] }\n"), [5_000.0, 5_000.0, 2_500.0, 2_500.0]);
    near(&gains(1.0, "agreement.ends = { after_years = 3 }\n"), [5_000.0, 5_000.0, 5_000.0, 0.0]);
}

#[test]
fn layered_runs_are_the_same_for_any_number_of_threads_and_order_of_segments() {
    let other = FRAIL.replace("\"frail\"", "\"other\"");
    let text = |first: &str, second: &str| {
        format!(
            "[run]\nname = \"order\"\nyears = 3\n{first}{second}\n[organization]\nbenchmark_error = {{ sd = 0.02, persistence = 0.7 }}\n\
             [[system.factors]]\nname = \"price\"\nlognormal = {{ mean = 1.02, cv = 0.03 }}\nloading = {{ services = {{ drugs = 2 }} }}\n\
             {FEES}{CAPITATION}"
        )
    };
    let scenario = parse(&text(FRAIL, &other));
    let one = Run::on(&scenario, 20, 11, NonZeroUsize::new(1));
    let three = Run::on(&scenario, 20, 11, NonZeroUsize::new(3));
    assert_eq!(one.outcomes, three.outcomes);
    let turned = Run::of(&parse(&text(&other, FRAIL)), 20, 11);
    assert_eq!(one.outcomes.yearly, turned.outcomes.yearly);
}

#[test]
fn factors_move_costs_by_their_loadings_and_benchmarks_by_theirs() {
    let text = format!(
        "[run]\nname = \"factors\"\nyears = 2\n{CERTAIN}[[system.factors]]\nname = \"trend\"\nlognormal = {{ mean = 1.05, cv = 0.03 }}\n\
         compounding = true\nloading = {{ benchmark = 0.5 }}\n[[contracts]]\nname = \"Two-sided\"\nterms.shared_savings = {{ benchmark = \
         {{ per_capita = 1_050 }}, savings = {{ minimum_rate = 0, sharing_rate = 1 }}, losses = {{ minimum_rate = 0, sharing_rate = 1 }} }}\n"
    );
    let run = Run::of(&parse(&text), 400, 12);
    let cost = run.observed.observation_in(1, &expenditure("care")).expect("observed").1;
    assert!(((cost.mean() - 100_000.0 * 1.05 * 1.05) / cost.standard_error()).abs() < 4.0, "{}", cost.mean());
    // In the first year a cost of F × $1,000 meets a benchmark of $1,050 × (F / 1.05)^½.
    for trial in 0..400 {
        let gain = run.outcomes.yearly[(trial, 0, 0)] / 100.0;
        let factor = factor_of(gain);
        assert!((gain - (1_050.0 * (factor / 1.05).sqrt() - 1_000.0 * factor)).abs() < 1e-6);
        assert!(factor > 0.9 && factor < 1.25, "{factor}");
    }
}

/// The factor at which a cost of F × $1,000 falls short of $1,050 × (F / 1.05)^½ by so much; by bisection, for it falls.
fn factor_of(gain: f64) -> f64 {
    let (mut low, mut high) = (0.5, 2.0);
    for _ in 0..200 {
        let middle: f64 = 0.5 * (low + high);
        if 1_050.0 * (middle / 1.05).sqrt() - 1_000.0 * middle > gain { low = middle } else { high = middle }
    }
    low
}

#[test]
fn an_included_population_is_part_of_the_scenario_and_its_faults_stand_in_its_file() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("it can be written");
    write("people.toml", FRAIL);
    let main = format!(
        "include = \"people.toml\"\n[run]\nname = \"included\"\ntrials = 8\n[population]\nmembers = 500\n{FEES}"
    );
    write("main.toml", &main);
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let report = path("report");
    let done = twosided(&["run", &path("main.toml"), "--out", &report]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let again = twosided(&["run", &format!("{report}/run.toml"), "--out", &path("again")]);
    assert!(again.status.success(), "run.toml is complete by itself: {}", text(&again.stderr));
    let hash = |folder: &str| {
        let run = std::fs::read_to_string(format!("{folder}/run.toml")).expect("a run file");
        run.lines().find(|line| line.starts_with("outcomes_sha256")).map(str::to_owned)
    };
    assert_eq!(hash(&report), hash(&path("again")));
    write("people.toml", &FRAIL.replace("mean = 0.3", "mean = -0.3"));
    let refused = twosided(&["check", &path("main.toml")]);
    assert_eq!(refused.status.code(), Some(1));
    let message = text(&refused.stderr);
    assert!(message.contains("people.toml:7:") && message.contains("-0.3"), "{message}");
    write("main.toml", &main.replace("people.toml", "nobody.toml"));
    let refused = text(&twosided(&["check", &path("main.toml")]).stderr);
    assert!(refused.contains("line 1 includes nobody.toml") && refused.contains("there is no such file"), "{refused}");
}

#[test]
fn a_commercial_book_has_as_many_million_dollar_people_as_are_reported() {
    let scenario = support::scenario("commercial.toml");
    let population = twosided_scenario::resized(scenario.population, 1_000_000);
    let sampler = Sampler::of_persons(&population, 1).expect("it can be sampled");
    let mut above = 0;
    sampler.visit(1, 0, &mut |block| {
        let people = 0..block.lived.len();
        above += people.filter(|&person| block.costs.iter().map(|costs| costs[person]).sum::<f64>() >= 1e6).count();
    });
    // Some 220 per million covered employees in 2024, who insure about two people each.
    assert!((60..=220).contains(&above), "{above} per million people");
}

#[test]
fn what_is_said_of_a_segment_holds_for_its_tiers() {
    let text = |tiers: &str| {
        format!(
            "[run]\nname = \"tiers\"\n{tiers}{CERTAIN}[[provider.programs]]\nname = \"half\"\nsegments = [\"certain\"]\neffect = {{ care = \
             {{ mean = -0.5 }} }}\n[[contracts]]\nname = \"Capitation\"\nterms.capitation = {{ pmpm = 100 }}\ncovers.specific = {{ \
             attachment_point = 100, coinsurance = 1, premium_pmpm = 0, lasers = {{ certain = 10_000 }} }}\n"
        )
    };
    let tiers = "[[population.tiers]]\nname = \"low\"\nshare = 0.5\nuse = 1\n[[population.tiers]]\nname = \"high\"\nshare = 0.5\nuse = 3\n";
    let gain = |tiers: &str| Run::of(&parse(&text(tiers)), 2, 1).outcomes.gains[(0, 0)];
    // Capitation of $120,000 and half of $100,000 spent, nobody above the laser of $10,000; fee-for-service leaves nothing.
    assert!((gain("") - 70_000.0).abs() < 1e-6);
    assert!((gain(tiers) - 70_000.0).abs() < 1e-6, "{}", gain(tiers));
}

#[test]
fn a_benchmark_error_has_its_mean_in_every_year() {
    let text = format!(
        "[run]\nname = \"mean\"\nyears = 3\n{CERTAIN}[organization]\nbenchmark_error = {{ mean = 1.1, sd = 0 }}\n[[contracts]]\nname = \
         \"Shared\"\nterms.shared_savings = {{ benchmark = {{ per_capita = 1_000 }}, savings = {{ minimum_rate = 0, sharing_rate = 1 }} }}\n"
    );
    let run = Run::of(&parse(&text), 2, 1);
    assert!(run.outcomes.yearly.iter().all(|gain| (gain - 10_000.0).abs() < 1e-6), "{:?}", run.outcomes.yearly);
}

#[test]
fn what_follows_answers_once_with_what_it_follows() {
    let chain = r#"
[provider]
response = { elasticity = 0.2, source = "assumed" }
[[population.segments]]
name = "chain"
members = 4_000
services.a = { frequency = { poisson = { mean = 1 } }, severity = { gamma = { mean = 100, cv = 0.5 } } }
services.b = { follows = "a", frequency = { poisson = { mean = 1 } }, severity = { gamma = { mean = 100, cv = 0.5 } } }
services.c = { follows = "b", frequency = { poisson = { mean = 1 } }, severity = { gamma = { mean = 100, cv = 0.5 } } }
"#;
    let run = Run::of(&parse(&format!("[run]\nname = \"chain\"\n{chain}{FEES}{CAPITATION}")), 400, 13);
    let claims: Vec<f64> = run.outcomes.line_of(1, Line::ClaimsToOthers).iter().map(|claims| -claims).collect();
    let found = Sample::new(claims).expect("finite").mean();
    let z = (found.value - 0.8 * 4_000.0 * 300.0) / found.standard_error;
    assert!(z.abs() < 4.0, "{}, {z:.1} standard errors", found.value);
}
