//! Contracts over several years: dollars of the terms, rebasing, carried losses, risk scores and ends.

use super::*;
use crate::{Arrangement, Kind, Known, SharedSavings};
use twosided_form::Document;
use twosided_units::MemberMonths;

fn share(value: f64) -> Share {
    Share::new(value).expect("a share")
}

/// An upside-only contract of half the savings against a benchmark of $10,000 for 1,000 people.
fn arrangement(agreement: Agreement) -> Arrangement {
    let text = "benchmark = { per_capita = 10_000 }\nsavings = { minimum_rate = 0.0, sharing_rate = 0.5 }";
    let document = Document::new("test", text);
    let (terms, _) = document
        .read(|root| {
            let terms = SharedSavings::read(&root, &Known::anything());
            root.finish();
            terms
        })
        .expect("valid terms");
    Arrangement { agreement, ..Arrangement::of("test", crate::Terms::SharedSavings(terms)) }
}

fn settle(arrangement: &Arrangement, years: &[(f64, Updates)]) -> (Vec<f64>, Carried) {
    let mut carried = Carried::default();
    let settled = years.iter().map(|&(spent, updates)| {
        let figures = [spent];
        let year = Year { updates, ..Year::new(MemberMonths(12_000.0), 1_000, &figures) };
        arrangement.settle_carrying(&year, &mut carried).settlement.reconciliation.0
    });
    (settled.collect(), carried)
}

fn updated(factor: f64) -> Updates {
    Updates { expected: factor, benchmark: factor, ..Updates::NONE }
}

#[test]
fn dollars_of_terms_are_those_of_the_first_year() {
    let (settled, _) = settle(&arrangement(Agreement::default()), &[(9.6e6, updated(1.0)), (10e6, updated(1.04))]);
    assert!((settled[0] - 0.2e6).abs() < 1e-6);
    assert!((settled[1] - 0.2e6).abs() < 1e-3);
    let own = Agreement { update: Some(1.05), ..Agreement::default() };
    let (settled, _) = settle(&arrangement(own), &[(9.6e6, updated(1.0)), (10e6, updated(1.04))]);
    assert!((settled[1] - 0.25e6).abs() < 1e-3);
}

#[test]
fn a_rebased_benchmark_takes_savings_away_but_for_what_is_given_back() {
    let rebasing =
        Rebasing { every: 2, weights: vec![1.0, 3.0], prior_savings: share(0.5), prior_savings_cap: share(0.05) };
    let agreement = Agreement { rebasing: Some(rebasing), ..Agreement::default() };
    let years = [(9.8e6, updated(1.0)), (9.4e6, updated(1.0)), (9.5e6, updated(1.0))];
    let (settled, carried) = settle(&arrangement(agreement), &years);
    // Base: (9,800 + 3 × 9,400) / 4 = 9,500; average savings 400, half given back: 9,700.
    assert!((carried.level() - 0.97).abs() < 1e-12);
    assert!((settled[2] - 0.5 * 0.2e6).abs() < 1e-3);
}

#[test]
fn carried_losses_are_taken_from_later_savings_once() {
    let agreement = Agreement { carried_losses: Some(share(0.5)), ..Agreement::default() };
    let years = [(10.4e6, updated(1.0)), (9.8e6, updated(1.0)), (9.5e6, updated(1.0)), (9.5e6, updated(1.0))];
    let (settled, _) = settle(&arrangement(agreement), &years);
    // $200,000 carried: $100,000 and $100,000 of the next two years' savings.
    for (settled, expected) in settled.iter().zip([0.0, 0.0, 0.15e6, 0.25e6]) {
        assert!((settled - expected).abs() < 1e-3, "{settled} against {expected}");
    }
}

#[test]
fn risk_scores_move_the_benchmark_up_to_a_cap() {
    let risk_adjustment = Some(RiskAdjustment {
        cap: share(0.03),
        floor: share(0.03),
        normalization: 0.01,
        coding_adjustment: Share::ZERO,
        lag: 0,
    });
    let arrangement = arrangement(Agreement { risk_adjustment, ..Agreement::default() });
    let scored = |risk_score| Updates { risk_score, ..Updates::NONE };
    let (settled, _) = settle(&arrangement, &[(10e6, scored(1.02)), (10e6, scored(1.01)), (10e6, scored(1.10))]);
    for (settled, expected) in settled.iter().zip([0.1e6, 0.0, 0.15e6]) {
        assert!((settled - expected).abs() < 1e-3, "{settled} against {expected}");
    }
}

#[test]
fn a_contract_ends_by_its_rules() {
    let ends = |ends, spent: &[f64]| {
        let mut two_sided = arrangement(Agreement { ends, ..Agreement::default() });
        if let crate::Terms::SharedSavings(terms) = &mut two_sided.phases[0].terms {
            terms.losses = Some(terms.savings.clone());
        }
        let years: Vec<_> = spent.iter().map(|&spent| (spent, updated(1.0))).collect();
        settle(&two_sided, &years).1.ended()
    };
    let in_a_row = Ends { losses_in_a_row: Some(2), ..Ends::default() };
    assert!(!ends(in_a_row, &[11e6, 9e6, 11e6]));
    assert!(ends(in_a_row, &[9e6, 11e6, 11e6]));
    let cumulative = Ends { cumulative_loss: Some(Dollars(0.7e6)), ..Ends::default() };
    assert!(!ends(cumulative, &[11e6, 10.2e6]));
    assert!(ends(cumulative, &[11e6, 10.6e6]));
    assert!(ends(Ends { after_years: Some(2), ..Ends::default() }, &[9e6, 9e6]));
}
