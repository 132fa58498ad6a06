//! The terms as they settle a year.

use super::*;
use twosided_units::{MemberMonths, PerCapita};

fn share(value: f64) -> Share {
    Share::new(value).expect("a share")
}

fn aco(track: Track) -> Mssp {
    Mssp {
        track,
        rules: MsspRules::of(2024, track.name()).expect("its year has rules"),
        benchmark: MsspBenchmark::given(PerCapita(10_000.0)),
        minimum_rate: MinimumRate::Fixed(share(0.02)),
        assigned_beneficiaries: None,
        quality_score: share(0.9),
        quality_standard: QualityStandard::Full,
        agreement_start: 2024,
        revenue_category: RevenueCategory::High,
        participant_revenue: None,
        disaster_relief: DisasterRelief::Share(Share::ZERO),
        prorated_losses: Share::ONE,
        guardrail: false,
        advance_balance: Dollars::ZERO,
        advance_payments: None,
        repayment_fee: None,
        year_to_date: None,
    }
}

fn settled(aco: &Mssp, expenditure: f64) -> Settlement {
    aco.settle(&Year::new(MemberMonths(120_000.0), 10_000, &[expenditure]))
}

fn earned(aco: &Mssp, expenditure: f64) -> f64 {
    settled(aco, expenditure).reconciliation.0
}

#[test]
fn savings_count_from_the_first_dollar_once_the_minimum_is_reached() {
    let aco = aco(Track::BasicE);
    assert_eq!(earned(&aco, 98_000_001.0), 0.0);
    assert!((earned(&aco, 98e6) - 2e6 * 0.5 * 0.98).abs() < 1e-6);
}

#[test]
fn basic_losses_ignore_quality_and_enhanced_losses_fall_with_it() {
    let mut basic = aco(Track::BasicE);
    let mut enhanced = aco(Track::Enhanced);
    assert!((earned(&basic, 104e6) + 4e6 * 0.3).abs() < 1e-6);
    assert!((earned(&enhanced, 104e6) + 4e6 * 0.4).abs() < 1e-6);
    basic.quality_score = share(0.5);
    enhanced.quality_score = share(0.5);
    assert!((earned(&basic, 104e6) + 4e6 * 0.3).abs() < 1e-6);
    assert!((earned(&enhanced, 104e6) + 4e6 * 0.625).abs() < 1e-6);
    enhanced.quality_standard = QualityStandard::Neither;
    assert!((earned(&enhanced, 104e6) + 4e6 * 0.75).abs() < 1e-6);
}

#[test]
fn one_sided_tracks_never_owe() {
    assert_eq!(earned(&aco(Track::BasicA), 150e6), 0.0);
    assert_eq!(Settle::lan(&aco(Track::BasicB)), Lan::Upside);
    assert_eq!(Settle::lan(&aco(Track::Enhanced)), Lan::Downside);
}

#[test]
fn advances_are_recouped_from_savings_and_never_from_losses() {
    let with_advance = Mssp { advance_balance: Dollars(1e6), ..aco(Track::BasicE) };
    let settlement = settled(&with_advance, 97e6);
    assert!((settlement.reconciliation.0 - (3e6 * 0.49 - 1e6)).abs() < 1e-6);
    assert_eq!(settlement.step("balance carried"), Some(0.0));
    assert_eq!(earned(&with_advance, 104e6), earned(&aco(Track::BasicE), 104e6));
}

#[test]
fn the_repayment_mechanism_costs_its_fee_and_is_no_settlement() {
    let aco = Mssp { repayment_fee: Some(share(0.01)), participant_revenue: Some(Dollars(30e6)), ..aco(Track::BasicE) };
    let settlement = settled(&aco, 100e6);
    // 1% of $30m of revenue is less than 0.5% of $100m of expenditure.
    assert!((settlement.administration.0 - 3e5 * 0.01).abs() < 1e-6);
    assert_eq!(settlement.reconciliation, Dollars::ZERO);
    let required = |terms: Mssp| crate::Terms::Mssp(terms).repayment_mechanism(Dollars(100e6));
    assert_eq!(required(aco), Some(Dollars(3e5)));
    assert_eq!(required(super::tests::aco(Track::BasicA)), None);
}

/// An ACO of which 60% of the first year, 6,100 dollars per person-year, has already happened.
fn begun(track: Track) -> Mssp {
    let year_to_date = YearToDate { share: share(0.6), per_capita: PerCapita(6_100.0) };
    Mssp { year_to_date: Some(year_to_date), ..aco(track) }
}

#[test]
fn what_has_happened_of_the_year_is_settled_with_the_rest_of_it() {
    // $61m so far of 10,000 person-years, and 40% of a whole year's $85m: $95m against $100m.
    let settlement = settled(&begun(Track::BasicE), 85e6);
    let step = |name: &str| settlement.step(name).expect(name);
    assert_eq!(step("expenditure to date"), 61e6);
    assert!((step("expenditure still to come") - 34e6).abs() < 1e-6);
    assert!((step("expenditure") - 95e6).abs() < 1e-6);
    assert!((settlement.against.expect("it compares").expenditure.0 - 95e6).abs() < 1e-6);
    assert!((settlement.reconciliation.0 - 5e6 * 0.5 * 0.98).abs() < 1e-6);
    // $61m and 40% of $110m are $105m: 30% of a loss of $5m.
    assert!((earned(&begun(Track::BasicE), 110e6) + 5e6 * 0.3).abs() < 1e-6);
    // The repayment mechanism takes its half percent of the $95m.
    let collateral = Mssp { repayment_fee: Some(share(0.01)), ..begun(Track::BasicE) };
    assert!((settled(&collateral, 85e6).administration.0 - 95e6 * 0.005 * 0.01).abs() < 1e-6);
}

#[test]
fn a_year_that_is_over_does_not_depend_on_what_is_observed_and_one_that_has_not_begun_does() {
    let of = |share: f64, per_capita: f64| {
        let year_to_date = YearToDate { share: self::share(share), per_capita: PerCapita(per_capita) };
        Mssp { year_to_date: Some(year_to_date), ..aco(Track::Enhanced) }
    };
    for expenditure in [0.0, 80e6, 150e6] {
        assert!((earned(&of(1.0, 10_400.0), expenditure) + 4e6 * 0.4).abs() < 1e-6);
    }
    // One cent per person-year is $100 in all, of which the ACO has 75% less sequestration.
    let difference = earned(&aco(Track::Enhanced), 95e6) - earned(&of(0.0, 0.01), 95e6);
    assert!((difference - 100.0 * 0.75 * 0.98).abs() < 1e-6);
}

#[test]
fn what_has_happened_is_of_the_first_year_alone() {
    let later = |terms: &Mssp| {
        let year = Year::new(MemberMonths(120_000.0), 10_000, &[95e6]);
        terms.settle(&Year { advance_balance: Some(Dollars::ZERO), ..year })
    };
    assert_eq!(later(&begun(Track::BasicE)), later(&aco(Track::BasicE)));
    assert_ne!(settled(&begun(Track::BasicE), 95e6), settled(&aco(Track::BasicE), 95e6));
}

#[test]
fn losses_are_limited_by_benchmark_and_revenue() {
    let most = |terms: Mssp| crate::Terms::Mssp(terms).loss_limit(Dollars(100e6));
    // What a loss of half the benchmark owes is the limit.
    let enhanced = aco(Track::Enhanced);
    let owed = -earned(&enhanced, 150e6);
    assert!((most(enhanced).expect("it has a limit").0 - owed).abs() < 1e-6 && owed > 0.0);
    let by_revenue = Mssp { participant_revenue: Some(Dollars(30e6)), ..aco(Track::BasicE) };
    let owed = -earned(&by_revenue, 150e6);
    assert!((most(by_revenue).expect("it has a limit").0 - owed).abs() < 1e-6 && owed > 0.0);
    assert_eq!(most(aco(Track::BasicA)), Some(Dollars::ZERO));
}
