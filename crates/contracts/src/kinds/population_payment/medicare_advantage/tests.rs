//! A plan by hand.

use super::*;
use twosided_units::MemberMonths;

fn plan() -> MedicareAdvantage {
    MedicareAdvantage {
        rules: MedicareAdvantageRules::of(2025, "").expect("a year of the table"),
        county_fee_for_service: Pmpm(1_000.0),
        applicable_percents: [1.0, 1.0],
        stars: None,
        stars_lag: 3,
        double_bonus: false,
        pre_aca_cap: None,
        bid: Pmpm(935.0),
        risk_score: 1.0,
        percent_of_premium: Share::ONE,
        premium_includes_rebate: true,
        part_d: Pmpm(0.0),
        plan_is_provider: None,
        services: ServiceScope::All,
    }
}

fn capitation(plan: &MedicareAdvantage) -> f64 {
    plan.settle(&Year::new(MemberMonths(100.0), 10, &[0.0])).capitation.0
}

#[test]
fn a_new_plan_has_its_own_bonus_and_the_middle_rebate() {
    // A benchmark of $1,035 and a rebate of 65% of $100, less 2%.
    assert!((capitation(&plan()) - 98_000.0).abs() < 1e-6);
    let without = MedicareAdvantage { premium_includes_rebate: false, ..plan() };
    assert!((capitation(&without) - 91_630.0).abs() < 1e-6);
}

#[test]
fn the_stars_of_a_rebate_are_met_exactly() {
    for (stars, rebate) in [(4.5, 0.70), (4.49, 0.65), (3.5, 0.65), (3.49, 0.50)] {
        assert_eq!(MedicareAdvantage { stars: Some(stars), ..plan() }.rebate_share().value(), rebate, "{stars}");
    }
}

#[test]
fn a_plan_of_the_provider_pays_back_what_it_did_not_spend() {
    let terms = MinimumMedicalLossRatio {
        minimum: Share::new(0.85).expect("a share"),
        quality_improvement: Pmpm(0.0),
        taxes_and_fees: Pmpm(0.0),
    };
    let plan = MedicareAdvantage { plan_is_provider: Some(terms), ..plan() };
    let settlement = plan.settle(&Year::new(MemberMonths(100.0), 10, &[78_400.0]));
    assert!((settlement.reconciliation.0 + 4_900.0).abs() < 1e-6, "80% of $98,000");
    assert_eq!(plan.settle(&Year::new(MemberMonths(0.0), 0, &[0.0])).total(), Dollars::ZERO);
}
