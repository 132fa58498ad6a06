//! Advances are debt: they move cash, and no gain that repays them.

use twosided::Scenario;
use twosided_sim::{Control, DetailOf, Outcomes, simulate};

const PEOPLE: &str = "[[population.segments]]\nname = \"a\"\nmembers = 800\ntruncation_point = 100_000\n\
    services = { stays = { frequency.poisson.mean = 0.2, severity.gamma = { mean = 15_000, cv = 1 } } }\n";

fn outcomes(years: u32, contracts: &str) -> Outcomes {
    let text = format!("[run]\nname = \"p\"\ntrials = 400\nyears = {years}\nseed = 8\n{PEOPLE}{contracts}");
    let scenario = Scenario::parse("practice.toml", &text).unwrap_or_else(|error| panic!("{}", error.in_short()));
    simulate(&scenario.job(), None, &Control::default()).expect("it is small").outcomes
}

/// A contract with savings and losses, without an advance and with one.
fn pair(years: u32, agreement: &str) -> Outcomes {
    let terms = "terms.shared_savings = { benchmark.per_capita = 3_050, savings = { sharing_rate = 0.5 }, losses = { sharing_rate = 0.5 } }\n";
    outcomes(
        years,
        &format!(
            "[[contracts]]\nname = \"without\"\n{terms}[[contracts]]\nname = \"with\"\n{terms}agreement.advance = {{ amount = 60_000, recouped = \"{agreement}\" }}\n"
        ),
    )
}

#[test]
fn an_advance_that_is_repaid_changes_the_gain_of_no_horizon() {
    let outcomes = pair(5, "savings");
    let paid = outcomes.details.sums(1, DetailOf::Advances).expect("it is kept");
    assert!(paid.iter().all(|&paid| paid == 60_000.0));
    let (mut repaid, mut still_owed) = (0, 0);
    for (trial, (without, with)) in outcomes.gains_of(0).iter().zip(outcomes.gains_of(1)).enumerate() {
        let settled: f64 = (0..5).map(|year| outcomes.earned_before_covers[(trial, year, 0)].max(0.0)).sum();
        if settled >= 60_000.0 {
            assert!((with - without).abs() < 1e-6, "trial {trial}: {with} {without}");
            repaid += 1;
        } else {
            assert!((with - without - (60_000.0 - settled)).abs() < 1e-6, "trial {trial}: {with} {without}");
            still_owed += 1;
        }
    }
    assert!(repaid > 100 && still_owed > 0, "{repaid} {still_owed}");
    // It moves the first year.
    assert!(outcomes.yearly.outer_iter().any(|years| years[(0, 1)] - years[(0, 0)] == 60_000.0));
}

#[test]
fn prepaid_savings_change_no_year() {
    let outcomes = pair(2, "in_full");
    for years in outcomes.yearly.outer_iter() {
        for year in years.outer_iter() {
            assert!((year[1] - year[0]).abs() < 1e-6, "{year}");
        }
    }
}

#[test]
fn what_is_left_is_asked_back_when_losses_end_the_contract() {
    let contract = |name: &str, more: &str| {
        format!(
            "[[contracts]]\nname = \"{name}\"\nterms.shared_savings = {{ benchmark.per_capita = 3_000, savings = {{ sharing_rate = 0.5 }}, losses = {{ sharing_rate = 0.5 }} }}\n\
             agreement.ends = {{ losses_in_a_row = 1{more} }}\n"
        )
    };
    let advance = "agreement.advance = { amount = 60_000 }\n";
    let outcomes = outcomes(
        3,
        &format!(
            "{}{}{advance}{}{advance}",
            contract("without", ""),
            contract("owed", ""),
            contract("kept", ", advances = \"kept\"")
        ),
    );
    let mut ended = 0;
    for trial in 0..outcomes.trials() {
        let [without, owed, kept] = [0, 1, 2].map(|contract| outcomes.gains[(trial, contract)]);
        // A loss in the last year ends it too.
        if outcomes.in_force[(trial, 0)] < 3 || outcomes.yearly[(trial, 2, 0)] < 0.0 {
            ended += 1;
            assert!((owed - without).abs() < 1e-6, "trial {trial}");
            assert!(kept >= without - 1e-6, "trial {trial}");
        } else {
            assert!((owed - kept).abs() < 1e-6);
        }
    }
    assert!(ended > 200, "{ended}");
}

#[test]
fn advance_investment_payments_are_asked_back_too() {
    let contract = |name: &str, more: &str, advance: &str| {
        format!(
            "[[contracts]]\nname = \"{name}\"\nterms.mssp = {{ track = \"enhanced\", minimum_rate = 0, quality_score = 0.9, benchmark.per_capita = 3_000{advance} }}\n\
             agreement.ends = {{ losses_in_a_row = 1{more} }}\n"
        )
    };
    let advance = ", advance_payments = { one_time = true, beneficiaries = [[50, 800]] }";
    let outcomes = outcomes(
        2,
        &format!(
            "{}{}{}",
            contract("without", "", ""),
            contract("owed", "", advance),
            contract("kept", ", advances = \"kept\"", advance)
        ),
    );
    // A first year with a loss: everything that was advanced is left.
    let mut first = 0;
    for trial in 0..outcomes.trials() {
        if outcomes.in_force[(trial, 0)] == 1 {
            first += 1;
            let [without, owed, kept] = [0, 1, 2].map(|contract| outcomes.gains[(trial, contract)]);
            assert!((owed - without).abs() < 1e-6, "trial {trial}: {owed} {without}");
            assert!((kept - without - 250_000.0 - 4.0 * 28.0 * 800.0).abs() < 1e-6, "trial {trial}: {kept} {without}");
        }
    }
    assert!(first > 100, "{first}");
}
