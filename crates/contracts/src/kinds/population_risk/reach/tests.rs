//! An ACO by hand.

use super::*;
use twosided_units::MemberMonths;

fn aco(variant: &str, year: u16) -> Reach {
    let arrangement = if variant == "global" { RiskArrangement::Global } else { RiskArrangement::Professional };
    Reach {
        arrangement,
        benchmark: PerCapita(10_000.0),
        risk_score: None,
        rules: ReachRules::of(year, variant).expect("its year has rules"),
        score_rules: ReachScoreRules::of(year, "standard").expect("its year has rules"),
        quality_score: Share::ONE,
        continuous_improvement: true,
        equity: Equity::default(),
        stop_loss: None,
        completion_factor: 1.0,
        capitation: None,
        retention_forfeited: false,
        high_performers: Pmpm(0.0),
    }
}

fn year(figures: &[f64]) -> Year<'_> {
    Year::new(MemberMonths(120_000.0), 10_000, figures)
}

#[test]
fn savings_cross_the_first_corridor_and_are_sequestered() {
    // $96.5m after discount, $80m cost: 9.65m whole, 6.85m by half.
    let settlement = aco("global", 2026).settle(&year(&[80e6]));
    assert!((settlement.reconciliation.0 - 13.075e6 * 0.98).abs() < 1e-6);
}

#[test]
fn a_professional_aco_owes_half_of_five_points_and_no_sequestration() {
    let settlement = aco("professional", 2025).settle(&year(&[108e6]));
    assert!((settlement.reconciliation.0 + 3.55e6).abs() < 1e-6);
}

#[test]
fn capitation_that_is_reconciled_and_advances_that_are_repaid_change_nothing_but_cash() {
    let capitation = ClaimsCapitation {
        rate: Pmpm(60.0),
        enhanced: Pmpm(10.0),
        services: ServiceScope::All,
        fee_reduction: Share::ONE,
        reconciled: true,
    };
    let plain = aco("global", 2025);
    let capitated = Reach { capitation: Some(capitation), ..plain.clone() };
    let with_fees = year(&[95e6]).with_own_fees(Dollars(6e6));
    let total = |terms: &Reach| terms.settle(&with_fees).total().0;
    assert!((total(&capitated) - total(&plain)).abs() < 1e-6);
    let settlement = capitated.settle(&with_fees);
    assert!((settlement.fee_adjustment.0 - (7.2e6 + 1.2e6 - 6e6)).abs() < 1e-6);
}

#[test]
fn equity_moves_the_benchmark_after_discount() {
    let share = |value| Share::new(value).expect("a share");
    let equity = Equity { top: share(0.2), bottom_half: share(0.5), ..Equity::default() };
    let settlement = Reach { equity, ..aco("global", 2023) }.settle(&year(&[90e6]));
    let added = (0.2 * 30.0 - 0.5 * 6.0) * 120_000.0;
    assert!((settlement.step("final benchmark").expect("a step") - (97e6 + added)).abs() < 1e-6);
}
