//! What the provider must be able to pay, where the law is known.

use twosided::{RunOptions, Summary};
use twosided_report::{CapitalSummary, ContractCapital, Figure, SettledBy};

use crate::support::parse;

/// One person with an exponential cost of mean 5,000, half of whose savings and losses against 5,000 are shared from 10% on.
pub(crate) fn exponential(years: u32, contract: &str, blocks: &str) -> Summary {
    let scenario = parse(&format!(
        "[run]\nname = \"One\"\ntrials = 40_000\nyears = {years}\nseed = 11\n\
         [[population.segments]]\nname = \"all\"\nmembers = 1\n\
         services.care.annual = {{ gamma = {{ mean = 5_000, cv = 1 }} }}\n\
         [[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {{}}\n\
         [[contracts]]\nname = \"Track\"\n{contract}\n{blocks}"
    ));
    twosided::run(&scenario, &RunOptions::default()).expect("it runs").summary
}

pub(crate) const SHARED: &str = "terms.shared_savings = { benchmark = { per_capita = 5_000 }, \
     savings = { minimum_rate = 0.1, sharing_rate = 0.5 }, losses = { minimum_rate = 0.1, sharing_rate = 0.5 } }";

fn capital(years: u32, contract: &str, block: &str) -> CapitalSummary {
    exponential(years, contract, &format!("[capital]\n{block}")).capital.expect("it is asked for")
}

fn of_track(capital: &CapitalSummary) -> &ContractCapital {
    let [track] = &capital.contracts[..] else { panic!("fee-for-service owes nothing: {capital:?}") };
    track
}

pub(crate) fn assert_near(of: &str, figure: &Figure, expected: f64) {
    let z = (figure.value - expected) / figure.standard_error;
    assert!(z.abs() < 4.0, "{of}: {} is {z:.1} standard errors from {expected}", figure.value);
}

#[test]
fn the_reserve_for_one_year_is_what_a_quantile_of_the_cost_owes() {
    let capital = capital(1, SHARED, "reserve = 2_500\n");
    let track = of_track(&capital);
    assert_eq!((track.settled_by, track.most_owed), (SettledBy::Reconciliation, None));
    // Half of what the quantile of the cost, -5,000 ln(1 - level), is above 5,000.
    let owed = |odds: f64| 2_500.0 * (odds.ln() - 1.0);
    for (of, figure, odds) in [
        ("90%", track.reserve_90, 10.0),
        ("95%", track.reserve_95, 20.0),
        ("99%", track.reserve_99, 100.0),
        ("owed, 1 in 20", track.owed_95, 20.0),
        ("owed, 1 in 100", track.owed_99, 100.0),
    ] {
        assert_near(of, &figure, owed(odds));
    }
    // 2,500 are exhausted where the cost is above 10,000.
    assert_near("ruin", &track.probability_of_ruin.expect("a reserve is stated"), (-2.0_f64).exp());
}

#[test]
fn losses_of_several_years_add_up_where_nothing_is_retained() {
    let capital = capital(2, SHARED, "reserve = 0\n");
    let never_owed = 1.0 - (-1.1_f64).exp();
    let ruin = of_track(&capital).probability_of_ruin.expect("a reserve is stated");
    assert_near("ruin", &ruin, 1.0 - never_owed * never_owed);
    // With all that is received retained, a first year of savings pays for a second of losses, and a reserve is never needed more.
    let retained = self::capital(2, SHARED, "reserve = 0\nretained = 1\n");
    let [kept, paid_out] = [&retained, &capital].map(|of| of_track(of).clone());
    assert!(kept.reserve_95.value <= paid_out.reserve_95.value && kept.reserve_99.value <= paid_out.reserve_99.value);
    assert!(kept.probability_of_ruin.expect("a reserve is stated").value < ruin.value);
}

#[test]
fn terms_limit_what_is_owed() {
    let limited = SHARED.replace("losses = { ", "losses = { limit = 0.2, ");
    let capital = capital(1, &limited, "");
    let track = of_track(&capital);
    let most = track.most_owed.expect("the terms have a limit");
    assert!((most.value - 1_000.0).abs() < 1e-6 && most.standard_error < 1e-6, "{most:?}");
    // A cost above 7,000, which has a chance of e^-1.4, owes it all.
    assert!((track.reserve_95.value - 1_000.0).abs() < 1e-6 && track.probability_of_ruin.is_none(), "{track:?}");
}

#[test]
fn capital_is_compared_with_the_expenditure_at_risk() {
    let block = "rbc = { capital = 500, underwriting_factor = 0.09 }\n";
    let capital = capital(1, SHARED, block);
    let risk_based = of_track(&capital).risk_based.clone().expect("it is asked for");
    assert_near("at risk", &risk_based.at_risk, 5_000.0);
    // 1.03 × 9% of 5,000, half of it: 231.75.
    assert_near("ratio", &risk_based.ratio, 500.0 / 231.75);
    assert_eq!(risk_based.level, "no action");
    let capitation = self::capital(1, "terms.capitation = { pmpm = 450 }", block);
    let track = of_track(&capitation);
    let risk_based = track.risk_based.clone().expect("it is asked for");
    // What is capitated does not vary.
    assert!((risk_based.ratio.value - 500.0 / (1.03 * 0.09 * 5_400.0 / 2.0)).abs() < 1e-9, "{risk_based:?}");
    assert_eq!((track.settled_by, &*risk_based.level), (SettledBy::GainBeforeCosts, "company action level"));
    assert_near("capitation's reserve", &track.reserve_95, 5_000.0 * 20.0_f64.ln() - 5_400.0);
}

#[test]
fn a_repayment_mechanism_costs_its_fee_once() {
    let track = |terms: &str, held: &str| {
        let contract = format!(
            "terms.mssp = {{ track = \"enhanced\", quality_score = 0.9, minimum_rate = 0, {terms} benchmark.per_capita = 5_000 }}"
        );
        let summary = exponential(1, &contract, &format!("[capital]\nrepayment_mechanism = {{ {held} }}\n"));
        let capital = summary.capital.expect("it is asked for");
        of_track(&capital).repayment.clone().expect("a two-sided track requires it")
    };
    let by_rule = track("", "instrument = \"surety_bond\", fee = 0.02");
    let cost = by_rule.cost.expect("a fee is stated");
    assert!((cost.value - 0.02 * by_rule.amount.value).abs() < 1e-9 && !by_rule.is_in_administration);
    let stated = track("", "instrument = \"escrow\", amount = 40");
    assert!(stated.is_stated && stated.amount.value == 40.0 && stated.cost.is_none(), "{stated:?}");
    let of_terms = track("repayment_fee = 0.01,", "instrument = \"letter_of_credit\", fee = 0.02");
    let cost = of_terms.cost.expect("the terms state a fee");
    assert!((cost.value - 0.01 * of_terms.amount.value).abs() < 1e-9 && of_terms.is_in_administration);
}

#[test]
fn attachment_points_are_settled_on_the_same_years() {
    let contract = "terms.capitation = { pmpm = 500 }\n\
         covers.specific = { attachment_point = 20_000, premium_pmpm = 50 }";
    let capital = capital(1, contract, "attachment_points = [5_000, 10_000]\npremium_load = 0.25\n");
    let [low, high] = &capital.covers[..] else { panic!("two points are compared: {:?}", capital.covers) };
    assert_eq!([low.attachment_point, high.attachment_point], [5_000.0, 10_000.0]);
    // What is above a point is 5,000 times its chance; at each, the loss with a full cover is the point and the premium less 6,000.
    for (choice, times) in [(low, 1.0_f64), (high, 2.0)] {
        let expected = 5_000.0 * (-times).exp();
        assert_near("recovery", &choice.expected_recovery, expected);
        assert_near("premium", &choice.premium, 1.25 * expected);
        let loss = 5_000.0 * times + choice.premium.value - 6_000.0;
        for figure in [choice.value_at_risk_95, choice.tail_value_at_risk_99, choice.reserve_95, choice.reserve_99] {
            assert!((figure.value - loss).abs() < 1e-3, "{figure:?}: {loss}");
        }
    }
    assert!(low.gain_over_first.is_none());
    let over = high.gain_over_first.expect("a later point");
    // The load is what a cover costs on average, and the premium makes that exact.
    let saved = 0.25 * (low.expected_recovery.value - high.expected_recovery.value);
    assert!((over.value - saved).abs() < 1e-3 && over.standard_error > 0.0, "{over:?} {saved}");
}
