//! What a contract carries from year to year, and which of its dollars follow what is found after a year.

mod support;

use support::{all_terms, try_read, usual};

use twosided_contracts::{AGREED, Arrangement, Carried, Known, Payment, Settlement, Updates, Year};
use twosided_form::Document;
use twosided_units::{Dollars, MemberMonths};

fn contract(text: &str) -> Arrangement {
    let known = Known::anything();
    let read = Document::new("x", format!("name = \"x\"\n{text}"))
        .read(|root| Arrangement::read(root, &known, &mut Vec::new()));
    read.unwrap_or_else(|problems| panic!("{text}: {problems:?}")).0
}

/// A year of 1,000 people.
fn year(figures: &[f64]) -> Year<'_> {
    Year::new(MemberMonths(12_000.0), 1_000, figures)
}

/// The settlements of years with the same fees of the provider's own, and what is carried after them.
fn settle(contract: &Arrangement, years: &[f64], own_fees: f64) -> (Vec<Settlement>, Carried) {
    let mut carried = Carried::default();
    let settled = years.iter().map(|&spent| {
        let figures = vec![spent; contract.observes().len()];
        contract.settle_carrying(&year(&figures).with_own_fees(Dollars(own_fees)), &mut carried).settlement
    });
    (settled.collect(), carried)
}

fn ends(contract: &Arrangement, years: &[f64]) -> bool {
    settle(contract, years, 0.0).1.ended()
}

#[test]
fn a_gain_that_is_partly_handed_back_is_no_loss_and_a_loss_is_one() {
    let corridor = "covers.corridor = { expected_pmpm = 500, gains = [{ share = 0.5 }], losses = [{ share = 0.5 }] }";
    let kinds = [
        ("capitation = { pmpm = 500 }", corridor),
        ("capitation = { pmpm = 500 }", ""),
        ("medicaid_corridor = { pmpm = 500, target_medical_loss_ratio = 1, corridor = [{ share = 0.5 }] }", ""),
        (
            "medicaid_corridor = { pmpm = 500, target_medical_loss_ratio = 1, corridor = [{ share = 1 }], minimum_ratio = { order = \"after_corridor\" } }",
            "",
        ),
        (
            "medicare_advantage = { county_fee_for_service_pmpm = 500, quartile = 3, stars = 3, bid_pmpm = 500, plan_is_provider = true }",
            "",
        ),
        ("shared_savings = { benchmark.pmpm = 500, savings.sharing_rate = 0.5, losses.sharing_rate = 0.5 }", corridor),
        ("lead = { option = \"professional\", benchmark.pmpm = 500 }", ""),
    ];
    for (terms, covers) in kinds {
        for rule in ["losses_in_a_row = 1", "cumulative_loss = 100_000"] {
            let contract = contract(&format!("terms.{terms}\n{covers}\nagreement.ends = {{ {rule} }}"));
            assert!(!ends(&contract, &[4.5e6]), "{terms}, {rule}: it gained");
            assert!(ends(&contract, &[7.5e6]), "{terms}, {rule}: it lost");
        }
    }
}

/// Years of 1,000 people by what is spent and what of it is in the layer of the stop-loss.
fn settle_with_layer(contract: &Arrangement, years: &[(f64, f64)]) -> (Vec<Settlement>, Carried) {
    let mut carried = Carried::default();
    let settled =
        years.iter().map(|&(spent, layer)| contract.settle_carrying(&year(&[spent, layer]), &mut carried).settlement);
    (settled.collect(), carried)
}

#[test]
fn a_recovery_that_a_corridor_shares_is_no_loss() {
    let covers = "covers.specific = { attachment_point = 30_000, premium_pmpm = 30 }\n\
                  covers.corridor = { expected_pmpm = 500, gains = [{ share = 0.5 }], losses = [{ share = 1 }] }\n\
                  agreement.ends";
    for terms in
        ["capitation = { pmpm = 500 }", "shared_savings = { benchmark.pmpm = 500, savings.sharing_rate = 0.5 }"]
    {
        for rule in ["losses_in_a_row = 1", "cumulative_loss = 100_000"] {
            let contract = contract(&format!("terms.{terms}\n{covers} = {{ {rule} }}"));
            // $6m either way, premiums of $0.36m: recoveries of $2m are a gain, of which half is handed back, and of nothing a loss.
            let (settled, carried) = settle_with_layer(&contract, &[(6e6, 2e6)]);
            assert!((settled[0].reconciliation.0 + 0.82e6).abs() < 1e-6);
            assert!(!carried.ended(), "{terms}, {rule}: it gained");
            assert!(settle_with_layer(&contract, &[(6e6, 0.0)]).1.ended(), "{terms}, {rule}: it lost");
        }
        // The result is that of the books without administration, in any year's dollars.
        let contract = contract(&format!("terms.{terms}\n{covers}.losses_in_a_row = 9"));
        let updates = Updates { expected: 1.04, benchmark: 1.04, ..Updates::NONE };
        let settled = contract.settle(&Year { updates, ..year(&[6e6, 2e6]) });
        let (settlement, cover) = (settled.settlement, settled.stop_loss);
        let gain = settlement.total() - settlement.given_up + cover.recoveries - cover.premiums;
        assert!((settlement.result().0 - gain.0).abs() < 1e-6, "{terms}");
    }
}

#[test]
fn what_is_owed_and_not_carried_is_owed_under_the_terms() {
    let contract = contract(
        "terms.shared_savings = { benchmark.pmpm = 500, savings.sharing_rate = 0.5 }\n\
         covers.specific = { attachment_point = 30_000, premium_pmpm = 30 }\n\
         covers.corridor = { expected_pmpm = 500, gains = [{ share = 0.5 }], losses = [{ share = 0 }] }\n\
         agreement.carried_losses = 0.5",
    );
    let (settled, _) = settle_with_layer(&contract, &[(6.4e6, 2e6), (5.6e6, 0.0), (4.4e6, 0.0)]);
    let step = |year: usize, name: &str| settled[year].step(name).expect("it is recorded");
    // The corridor takes $0.82m of the recovery. Nothing is owed for savings, and half of the loss of $0.4m is carried.
    assert!((step(0, "losses carried on") - 0.2e6).abs() < 1e-6);
    // Half of $0.4m is earned, and the corridor pays $0.16m for the premiums: all that is carried is taken of what was earned.
    assert!((settled[1].reconciliation.0 - (0.36e6 - 0.2e6)).abs() < 1e-6);
    assert!(step(1, "losses carried on").abs() < 1e-6);
    // Of $0.8m the corridor leaves less, and nothing is carried any more.
    assert!((settled[2].reconciliation.0 - (0.22e6 + 0.36e6)).abs() < 1e-6);
}

#[test]
fn payments_in_place_of_fees_lose_where_fees_would_have_been_more() {
    for terms in [
        "hospital_global_budget = { budget = 6_000_000, services = [\"a\"] }",
        "primary_care_capitation = { pmpm = 500, share_of_fees = 1, services = [\"a\"] }",
    ] {
        let contract = contract(&format!("terms.{terms}\nagreement.ends.losses_in_a_row = 1"));
        for (own_fees, lost) in [(5e6, false), (6e6, false), (7e6, true)] {
            assert_eq!(settle(&contract, &[0.0], own_fees).1.ended(), lost, "{terms} in place of {own_fees}");
        }
    }
}

/// REACH with and without an advance that is repaid in full.
fn reach(agreement: &str) -> [Arrangement; 2] {
    ["capitation.pmpm = 60", "capitation = { pmpm = 60, enhanced_pmpm = 40 }"].map(|capitation| {
        contract(&format!(
            "terms.reach = {{ risk_arrangement = \"global\", performance_year = 2025, benchmark.pmpm = 500, {capitation} }}\nagreement = {{ {agreement} }}"
        ))
    })
}

#[test]
fn an_advance_that_is_repaid_neither_ends_reach_nor_carries_a_loss() {
    for rule in ["losses_in_a_row = 2", "cumulative_loss = 300_000"] {
        let [without, with] = reach(&format!("ends = {{ {rule} }}"));
        let mut ended = 0;
        // The benchmark after discount is 5.79 million: exactly on it, nothing is lost.
        for spent in [5.0e6, 5.5e6, 5.79e6, 5.8e6, 5.9e6, 6.5e6] {
            let one = ends(&without, &[spent, spent]);
            assert_eq!(one, ends(&with, &[spent, spent]), "{rule}, {spent}");
            ended += i32::from(one);
        }
        assert!((1..=4).contains(&ended), "{rule}: {ended}");
    }
    let [without, with] = reach("carried_losses = 0.5");
    let years = [5.0e6, 6.5e6, 5.0e6];
    let totals =
        |contract: &Arrangement| settle(contract, &years, 1e6).0.iter().map(|s| s.total().0).collect::<Vec<_>>();
    for (one, other) in totals(&without).into_iter().zip(totals(&with)) {
        assert!((one - other).abs() < 1e-6, "{one} and {other}");
    }
}

#[test]
fn advance_investment_payments_are_neither_gained_nor_lost() {
    let advances = "advance_payments = { beneficiaries = [[90, 1_000]] }";
    for (advances, spent) in [("", 5.5e6), (advances, 5.5e6), ("", 6.5e6), (advances, 6.5e6)] {
        let text = format!(
            "terms.mssp = {{ track = \"basic_e\", minimum_rate = 0.02, benchmark.pmpm = 500, {advances} }}\nagreement.ends.losses_in_a_row = 1"
        );
        let contract = contract(&text);
        let (settled, carried) = settle(&contract, &[spent], 0.0);
        let expected: f64 = if spent < 6e6 { 0.5e6 * 0.5 * 0.98 } else { -0.5e6 * 0.3 };
        let result = settled[0].result().0;
        let limited = expected.max(-6e6 * 0.04);
        assert!((result - limited).abs() < 1e-6, "{advances} {spent}: {result}");
        assert_eq!(carried.ended(), spent > 6e6);
    }
}

#[test]
fn every_kind_states_what_its_payments_replace() {
    for (key, terms) in all_terms() {
        let arrangement = try_read(key, terms).unwrap_or_else(|problems| panic!("{terms}: {problems}"));
        let figures: Vec<f64> = arrangement.observes().iter().map(usual).collect();
        let year = Year::new(MemberMonths(120_000.0), 10_000, &figures).with_own_fees(Dollars(2.5e7));
        let given_up = arrangement.settle(&year).settlement.given_up;
        assert_eq!(arrangement.first().payment() == Payment::Fees, given_up == Dollars::ZERO, "{key}: {terms}");
    }
}

/// A year in which benchmarks are 5% above what was expected.
fn above(figures: &[f64], expected: f64) -> Year<'_> {
    let updates = Updates { expected, benchmark: 1.05 * expected, ..Updates::NONE };
    Year { updates, ..year(figures) }
}

#[test]
fn only_benchmarks_follow_what_is_found() {
    for (key, terms) in all_terms() {
        let arrangement = try_read(key, terms).unwrap_or_else(|problems| panic!("{terms}: {problems}"));
        let figures: Vec<f64> = arrangement.observes().iter().map(usual).collect();
        let settle = |year: &Year<'_>| arrangement.settle(&year.with_own_fees(Dollars(2.5e7))).settlement;
        let (plain, moved) = (settle(&year(&figures)), settle(&above(&figures, 1.0)));
        if ["mssp", "shared_savings", "reach", "lead"].contains(&key) {
            let against = |settlement: &Settlement| settlement.against.expect("it has a benchmark").expenditure;
            assert_eq!(against(&plain), against(&moved), "{terms}");
            for step in plain.steps().iter().filter(|step| step.how == AGREED) {
                if let Some(again) = moved.step(&step.name) {
                    assert_eq!(step.value, again, "{key}: `{}`", step.name);
                }
            }
        } else {
            assert_eq!(plain, moved, "{terms}");
        }
    }
}

#[test]
fn fixed_dollars_of_mssp_stay_and_follow_the_expected_update() {
    let limited = "terms.mssp = { track = \"basic_e\", participant_revenue = 2_000_000, benchmark.pmpm = 500 }";
    let advance = "terms.mssp = { track = \"basic_e\", advance_balance = 300_000, benchmark.pmpm = 500 }";
    for expected in [1.0, 1.1] {
        let settle = |terms: &str, spent: f64| contract(terms).settle(&above(&[spent * expected], expected)).settlement;
        let owed = settle(limited, 8e6).reconciliation.0;
        assert!((owed + 160_000.0 * expected).abs() < 1e-6, "{owed}");
        let recouped = settle(advance, 4e6).step("recouped").expect("savings repay it");
        assert!((recouped - 300_000.0 * expected).abs() < 1e-6, "{recouped}");
    }
}

#[test]
fn fixed_dollars_of_reach_and_lead_stay() {
    let reach = "terms.reach = { risk_arrangement = \"global\", performance_year = 2025, benchmark.pmpm = 500, high_performers_pmpm = 2, stop_loss = { charge_pmpm = 8, attachment_point = 150_000, payout_rate = 0.8 }, equity = { top = 0.5, bottom_half = 0.1 }, capitation = { pmpm = 60, reconciled = false } }";
    let settled = contract(reach).settle(&above(&[6e6, 1e5], 1.0)).settlement;
    for (step, amount) in [
        ("claims capitation paid", 720_000.0),
        ("health-equity adjustment", (0.5 * 30.0 - 0.1 * 6.0) * 12_000.0),
        ("net stop-loss", 8.0 * 12_000.0 - 0.8e5),
        ("from the high-performers pool", 24_000.0),
    ] {
        assert_eq!(settled.step(step).map(f64::round), Some(amount), "{step}");
    }
    let lead = "terms.lead = { option = \"professional\", benchmark.pmpm = 500, specialists = [{ service = \"a\", target_price = 20_000, share_of_gains = 0.5, share_of_losses = 0.5 }] }";
    let settled = contract(lead).settle(&above(&[6e6, 10.0, 150_000.0], 1.0)).settlement;
    assert_eq!(settled.step("a: to specialists"), Some(25_000.0));
}

#[test]
fn a_rebased_benchmark_has_its_own_error_and_none_of_the_old_ones() {
    let contract = contract(
        "terms.shared_savings = { benchmark.per_capita = 10_000, savings.sharing_rate = 1, losses.sharing_rate = 1 }\nagreement.rebasing = { every = 3, weights = [0.1, 0.3, 0.6], prior_savings = 0 }",
    );
    let mut carried = Carried::default();
    let mut gains = Vec::new();
    // Cost and expected updates grow by 4% a year; each year's benchmark has an error of its own.
    for (index, error) in [1.05, 0.9, 1.1, 0.97, 1.02].into_iter().enumerate() {
        let expected = 1.04_f64.powf(index as f64);
        let figures = [10e6 * expected];
        // Had it gone on, the old benchmark would have another error than the one that was set in the fourth year.
        let old = if index < 3 { error } else { error + 0.2 };
        let updates = Updates { expected, benchmark: expected * old, ..Updates::NONE };
        let benchmark_errors = [old, 7.0, 7.0, error, 7.0];
        let observed = Year { updates, benchmark_errors: &benchmark_errors, ..year(&figures) };
        let settled = contract.settle_carrying(&observed, &mut carried);
        gains.push(settled.settlement.reconciliation.0 / expected);
    }
    for (gain, error) in gains.iter().zip([1.05, 0.9, 1.1, 0.97, 1.02]) {
        assert!((gain - 10e6 * (error - 1.0)).abs() < 1e-3, "{gain} at {error}");
    }
}

#[test]
fn what_has_happened_of_a_year_is_of_the_first_year_whatever_else_is_carried() {
    let terms = "track = \"enhanced\", minimum_rate = 0, benchmark.per_capita = 10_000";
    let plain = contract(&format!("terms.mssp = {{ {terms} }}"));
    let begun = contract(&format!("terms.mssp = {{ {terms}, year_to_date = {{ share = 0.5, per_capita = 5_200 }} }}"));
    let expenditures = |contract: &Arrangement| {
        let (years, _) = settle(contract, &[9e6, 9e6, 11e6], 0.0);
        years.iter().map(|year| year.against.expect("it has a benchmark").expenditure.0).collect::<Vec<_>>()
    };
    assert_eq!(expenditures(&plain), [9e6, 9e6, 11e6]);
    assert_eq!(expenditures(&begun), [9.7e6, 9e6, 11e6]);
}

#[test]
fn what_has_happened_of_a_year_is_refused_out_of_range_and_in_later_terms() {
    let terms = |year_to_date: &str| {
        format!("mssp = {{ track = \"enhanced\", benchmark.per_capita = 10_000, year_to_date = {year_to_date} }}")
    };
    let problems = |text: String| {
        let read = Document::new("x", format!("name = \"x\"\n{text}"))
            .read(|root| Arrangement::read(root, &Known::anything(), &mut Vec::new()));
        format!("{:?}", read.expect_err("it is refused"))
    };
    let both = problems(format!("terms.{}", terms("{ share = 1.5, per_capita = 0 }")));
    assert!(both.contains("terms.mssp.year_to_date.share is 1.5"), "{both}");
    assert!(both.contains("terms.mssp.year_to_date.per_capita is 0"), "{both}");
    let missing = problems(format!("terms.{}", terms("{ share = 0.5 }")));
    assert!(missing.contains("per_capita"), "{missing}");
    let later = format!(
        "terms.fee_for_service = {{}}\nlater = [{{ from_year = 2, terms.{} }}]",
        terms("{ share = 0.5, per_capita = 5_200 }")
    );
    let later = problems(later);
    assert!(later.contains("begins after the first year"), "{later}");
}
