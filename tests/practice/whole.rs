//! The practice as a whole: what its contracts add to a bad outcome, where programs save, how it is paid, and who has what.

use twosided_report::{PracticeSummary, Report, Summary};

use crate::support::{Run, parse};

/// Two payers with 4,000 people each, whose cost in a year is exponential with a mean of $2,000; each pays the provider all savings, and is
/// paid all losses.
fn text(program: &str, portfolio: &str) -> String {
    let payer = |name: &str| format!("[[payers]]\nname = \"{name}\"\nkind = \"commercial\"\n");
    let people = |name: &str| {
        format!(
            "[[population.segments]]\nname = \"people of {name}\"\npayer = \"{name}\"\nmembers = 4_000\n\
             services.visits.annual.gamma = {{ mean = 2_000, cv = 1 }}\n"
        )
    };
    let contract = |name: &str| {
        format!(
            "[[contracts]]\nname = \"Contract {name}\"\npayers = [\"{name}\"]\nterms.shared_savings = {{ benchmark.per_capita = 2_000, \
             savings.sharing_rate = 1, losses.sharing_rate = 1 }}\n"
        )
    };
    let all: String = ["A", "B"].iter().flat_map(|name| [payer(name), people(name), contract(name)]).collect();
    format!(
        "[run]\nname = \"Two payers\"\ntrials = 4_000\nseed = 3\n[provider]\nown_share = {{ visits = 0.5 }}\n{program}{all}\
         [[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {{}}\n[[portfolios]]\nname = \"Held\"\ncontracts = {portfolio}\n"
    )
}

const PROGRAM: &str =
    "[[provider.programs]]\nname = \"outreach\"\ncost_pmpm = 2\neffect.visits = { mean = -0.1, sd = 0.02 }\n";

fn run<T>(text: &str, look: impl Fn(&Summary, &Report<'_>) -> T) -> T {
    let scenario = parse(text);
    let simulated = Run::of(&scenario, scenario.trials, scenario.seed);
    let summary = simulated.summary(&scenario);
    let report = Report { scenario: &scenario, outcomes: &simulated.outcomes, summary: &summary };
    look(&summary, &report)
}

fn practice(text: &str) -> PracticeSummary {
    run(text, |summary, _| summary.practice[0].clone())
}

#[test]
fn two_contracts_alike_share_a_tail_and_spread_a_risk() {
    // The mean of a normal loss in its worst 5% is 2.0627 standard deviations, and √2 of one contract's lie in two.
    let sd = 2_000.0 * 4_000.0_f64.sqrt();
    let held = practice(&text("", "[\"Contract A\", \"Contract B\"]"));
    let near = |figure: &twosided_report::Figure, expected: f64, what: &str| {
        let z = (figure.value - expected) / figure.standard_error;
        assert!(
            z.abs() < 4.0 && figure.standard_error > 0.0,
            "{what}: {figure:?} is {z:.1} standard errors from {expected}"
        );
    };
    near(&held.tvar_95, 2.0627 * 2.0_f64.sqrt() * sd, "the tail");
    near(&held.diversification_95, 2.0627 * (2.0 - 2.0_f64.sqrt()) * sd, "the benefit");
    let mut total = 0.0;
    for contract in &held.contracts {
        near(&contract.tvar_95.part, 2.0627 * sd / 2.0_f64.sqrt(), &contract.contract);
        near(&contract.tvar_95.own, 2.0627 * sd, &contract.contract);
        near(contract.tvar_95.share.as_ref().expect("a loss"), 0.5, &contract.contract);
        assert_eq!(contract.payers, [&contract.contract["Contract ".len()..]]);
        total += contract.tvar_95.part.value;
    }
    assert!((total / held.tvar_95.value - 1.0).abs() < 1e-9, "{total} {:?}", held.tvar_95);
    assert!(held.rest.is_none() && held.programs.is_empty());
}

#[test]
fn half_of_what_a_program_saves_spills_over_where_half_of_the_people_are_covered() {
    let one = practice(&text(PROGRAM, "[\"Contract A\"]"));
    let program = &one.programs[0];
    let avoided = 0.1 * 2_000.0 * 8_000.0;
    let z = (program.avoided.value - avoided) / program.avoided.standard_error;
    assert!(z.abs() < 4.0, "{:?}", program.avoided);
    let spill_over = program.spill_over.as_ref().expect("something is avoided");
    assert!((spill_over.value - 0.5).abs() < 4.0 * spill_over.standard_error, "{spill_over:?}");
    let rest = one.rest.as_ref().expect("the program costs money, and fees");
    // Two dollars a month for everyone, and half of the fees for what is avoided, all of which is margin.
    let cost = 2.0 * 12.0 * 8_000.0 + 0.5 * avoided;
    assert!((rest.mean_gain.value + cost).abs() < 4.0 * rest.mean_gain.standard_error, "{rest:?}");
    let both = practice(&text(PROGRAM, "[\"Contract A\", \"Contract B\"]"));
    assert_eq!(both.programs[0].spill_over.as_ref().expect("something is avoided").value, 0.0);
}

#[test]
fn revenue_by_category_and_margins_by_payer_are_parts_of_a_whole() {
    let one = practice(&text("", "[\"Contract A\"]"));
    let codes: Vec<&str> = one.revenue.by_category.iter().map(|category| category.lan.as_str()).collect();
    assert_eq!(codes, ["1", "3B"]);
    let share: Vec<f64> =
        one.revenue.by_category.iter().map(|category| category.share.expect("revenue").value).collect();
    assert!((share.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{share:?}");
    let two_sided = one.revenue.two_sided.expect("revenue");
    assert!(
        (two_sided.value - share[1]).abs() < 1e-12 && two_sided.value > 0.4 && two_sided.value < 0.6,
        "{two_sided:?}"
    );
    assert_eq!(one.revenue.categories_3_and_4, one.revenue.two_sided);
    let total: f64 = one.payers.iter().map(|payer| payer.mean.value).sum();
    assert!((total - one.margin.mean.value).abs() < 1e-6 * total.abs(), "{total} {:?}", one.margin.mean);
    let quantiles = [
        &one.margin.quantile_05,
        &one.margin.quantile_25,
        &one.margin.quantile_50,
        &one.margin.quantile_75,
        &one.margin.quantile_95,
    ];
    assert!(quantiles.is_sorted_by(|one, next| one.value < next.value));
    assert_eq!(one.margin.probability_below_zero.value, 0.0);
}

#[test]
fn ledgers_add_up_to_nothing_and_the_page_shows_them() {
    run(&text(PROGRAM, "[\"Contract A\", \"Contract B\"]"), |summary, report| {
        let names: Vec<&str> = summary.ledgers.iter().map(|ledger| ledger.contract.as_str()).collect();
        assert_eq!(names, ["Contract A", "Contract B", "Held"]);
        for ledger in &summary.ledgers {
            let parties = [&ledger.provider, &ledger.payer, &ledger.insurer, &ledger.others].map(|party| party.value);
            let most = parties.iter().fold(0.0_f64, |most, party| most.max(party.abs()));
            assert!(most > 1e5 && parties.iter().sum::<f64>().abs() < 1e-9 * most, "{ledger:?}");
        }
        let page = report.html();
        for said in [
            "The practice as a whole",
            "Who has more, and who has less",
            "Programs and changed care",
            "Spill-over",
            "Contract A (A)",
            "33.7%",
        ] {
            assert!(page.contains(said), "{said}");
        }
        let text = serde_json::to_string(summary).expect("it is JSON");
        assert_eq!(&serde_json::from_str::<Summary>(&text).expect("it was written so"), summary);
    });
}
