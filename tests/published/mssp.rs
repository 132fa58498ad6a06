//! Medicare Shared Savings Program.

use twosided_contracts::{
    BenchmarkRules, DisasterRelief, MinimumRate, Mssp, MsspBenchmark, MsspRules, PerformanceYear, QualityStandard,
    RevenueCategory, Settlement, Track, Year, annualized, guardrail, minimum_savings_rate,
};
use twosided_units::{Dollars, MemberMonths, PerCapita, Share};

use serde_json::Value;

use crate::row::{CENT, MILLIONTH, Row, rows, share};

/// An ACO of the default terms, with the numbers of a track and year.
fn aco(track: Track, performance_year: u16) -> Mssp {
    Mssp {
        rules: MsspRules::of(performance_year, track.name()).expect("its year has rules"),
        track,
        benchmark: MsspBenchmark::given(PerCapita(0.0)),
        minimum_rate: MinimumRate::Fixed(Share::ZERO),
        assigned_beneficiaries: None,
        quality_score: Share::ONE,
        quality_standard: QualityStandard::Full,
        agreement_start: 2024,
        revenue_category: RevenueCategory::Low,
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

/// The totals of a row, settled.
fn reconciled(aco: &Mssp, row: &Row) -> Settlement {
    let mut settlement = Settlement::of(&Year::new(MemberMonths(0.0), 0, &[]));
    let totals = PerformanceYear {
        benchmark: Dollars(row.number("benchmark_total")),
        expenditure: Dollars(row.number("expenditure_total")),
        gap: None,
        assigned_beneficiaries: row.number("n_assigned") as u64,
    };
    aco.reconcile(&mut settlement, &totals);
    settlement
}

#[test]
fn minimum_savings_rates() {
    for row in rows("mssp_msr.csv", 69) {
        let rate = minimum_savings_rate(row.number("n_assigned") as u64);
        let tolerance = if row.number("decimals") == 2.0 { 0.005_000_1 } else { 0.000_000_6 };
        row.assert_near("exp_msr_pct", 100.0 * rate.value(), tolerance);
    }
}

fn track(code: &str) -> Track {
    match code {
        "A" => Track::BasicA,
        "B" => Track::BasicB,
        "C" => Track::BasicC,
        "D" => Track::BasicD,
        "E" => Track::BasicE,
        "EN" => Track::Enhanced,
        other => panic!("track {other}"),
    }
}

fn quality_standard(row: &Row, alternative: &str) -> QualityStandard {
    match (row.flag("met_qps"), row.flag(alternative)) {
        (true, _) => QualityStandard::Full,
        (false, true) => QualityStandard::Alternative,
        (false, false) => QualityStandard::Neither,
    }
}

#[test]
fn settlements_that_cms_published() {
    for row in rows("mssp_settlement_published.csv", 146) {
        let start = row.text("agreement_start");
        let published_rate = row.number("msr_mlr_pct_published");
        let track = track(row.text("track"));
        // A rate above 2% in the file is a variable one, rounded to two decimals.
        let variable = matches!(track, Track::BasicA | Track::BasicB) || published_rate > 2.0;
        let performance_year = row.number("py") as u16;
        let aco = Mssp {
            minimum_rate: if variable {
                MinimumRate::Variable
            } else {
                MinimumRate::Fixed(share(published_rate / 100.0))
            },
            quality_score: share(row.number("quality_score_pct") / 100.0),
            quality_standard: quality_standard(&row, "met_alt_qps"),
            agreement_start: start.rsplit('/').next().and_then(|year| year.parse().ok()).expect("a year"),
            revenue_category: match row.text("revenue_category") {
                "Low Revenue" => RevenueCategory::Low,
                "High Revenue" => RevenueCategory::High,
                other => panic!("revenue category {other}"),
            },
            participant_revenue: row.optional("implied_participant_revenue").map(Dollars),
            disaster_relief: DisasterRelief::Amount(Dollars(row.number("disaster_adjustment_abs"))),
            guardrail: row.flag("guardrail_applied"),
            ..aco(track, performance_year)
        };
        let settled = reconciled(&aco, &row);
        row.assert_near(
            "exp_generated_savings_losses",
            settled.step("generated savings or losses").unwrap_or(0.0),
            2.0,
        );
        let earned = row.number("exp_earned_savings_losses");
        // The quality score is published to two decimals of a percent: it moves a scaled rate by up to 0.005% × 0.75.
        row.assert_near("exp_earned_savings_losses", settled.reconciliation.0, 2.0_f64.max(3e-4 * earned.abs()));
        if let Some(rate) = settled.step("sharing rate") {
            row.assert_near("exp_final_sharing_rate_pct", 100.0 * rate, CENT);
        }
        if let (Some(rate), Some(_)) = (settled.step("loss rate"), row.optional("exp_final_loss_rate_pct")) {
            row.assert_near("exp_final_loss_rate_pct", 100.0 * rate, CENT);
        }
    }
}

#[test]
fn settlements_derived_from_the_rule() {
    for row in rows("mssp_settlement_derived.csv", 30) {
        let track = track(row.text("track"));
        let aco = Mssp {
            minimum_rate: MinimumRate::Fixed(share(row.number("msr_mlr"))),
            quality_score: share(row.number("quality_score")),
            quality_standard: quality_standard(&row, "met_alt_qps"),
            agreement_start: row.number("agreement_start_year") as u16,
            revenue_category: if row.flag("low_revenue") { RevenueCategory::Low } else { RevenueCategory::High },
            participant_revenue: row.optional("participant_revenue").map(Dollars),
            disaster_relief: DisasterRelief::Share(share(row.number("disaster_fraction"))),
            guardrail: row.flag("guardrail_applied"),
            ..aco(track, 2024)
        };
        let settled = reconciled(&aco, &row);
        let generated = settled.step("generated savings or losses").unwrap_or(0.0);
        row.assert_near("exp_generated", generated, CENT);
        row.assert_near("exp_earned", settled.reconciliation.0, CENT);
        let shared = if generated > 0.0 { settled.step("sharing rate") } else { None };
        row.assert_near("exp_sharing_rate", shared.unwrap_or(0.0), 6e-7);
        row.assert_near("exp_loss_rate", settled.step("loss rate").unwrap_or(0.0), 6e-7);
    }
}

#[test]
fn advance_investment_payments_are_recouped() {
    for row in rows("mssp_aip.csv", 22) {
        let earned = row.number("earned_shared_savings");
        let aco = Mssp { advance_balance: Dollars(row.number("aip_balance_before")), ..aco(Track::BasicA, 2024) };
        // Savings of which 40% less 2% are what was earned, far from the limit.
        let gap = Dollars(earned / 0.4 / 0.98);
        let totals = PerformanceYear {
            benchmark: gap * 1000.0,
            expenditure: gap * 999.0,
            gap: Some(gap),
            assigned_beneficiaries: 10_000,
        };
        let mut settlement = Settlement::of(&Year::new(MemberMonths(0.0), 0, &[]));
        aco.reconcile(&mut settlement, &totals);
        let recouped = settlement.step("recouped").unwrap_or(0.0);
        // Earnings are published in whole dollars, balances in cents.
        row.assert_near("exp_recoup", recouped, 0.75);
        row.assert_near("exp_balance_after", aco.advance_balance.0 - recouped, 0.75);
        assert!((settlement.reconciliation.0 - (earned.max(0.0) - recouped)).abs() < 0.01);
    }
}

#[test]
fn repayment_mechanisms() {
    for row in rows("repayment_mechanism.csv", 4) {
        let year = if row.text("era") == "pre2022" { 2021 } else { 2022 };
        let aco = Mssp {
            participant_revenue: row.optional("participant_revenue").map(Dollars),
            ..aco(track(row.text("track")), year)
        };
        let amount = aco.repayment_mechanism(Dollars(row.number("assigned_expenditure")));
        row.assert_near("exp_amount", amount.0, CENT);
    }
}

/// The pieces of a benchmark's construction, one a row.
#[test]
fn pieces_of_a_benchmark() {
    for row in rows("mssp_benchmark.csv", 20) {
        let inputs: Value = serde_json::from_str(row.text("inputs_json")).expect("inputs by name");
        let number = |name: &str| inputs[name].as_f64().unwrap_or_else(|| panic!("no {name}"));
        let optional = |name: &str| inputs[name].as_f64();
        let rules = |start, period| BenchmarkRules::of(start, period).expect("its year has rules");
        let current = rules(2024, "1");
        let ours = match row.text("piece") {
            "weights" => {
                let years: Vec<f64> =
                    inputs["by"].as_array().expect("years").iter().filter_map(Value::as_f64).collect();
                let period = if number("agreement_period") == 1.0 { "1" } else { "2" };
                rules(2024, period).weighted(years.try_into().expect("three years"))
            }
            "regional_adjustment" => {
                assert_eq!(current.regional_weight_lower, share(number("pct_if_lower")));
                assert_eq!(current.regional_weight_higher, share(number("pct_if_higher")));
                assert_eq!(current.regional_cap, share(number("cap_up")));
                assert_eq!(current.regional_floor, share(number("cap_down")));
                let [aco, region, national] = ["aco", "region", "national"].map(|name| PerCapita(number(name)));
                current.regional_adjustment(aco, region, national).0
            }
            "final_adjustment" => {
                current.final_adjustment(PerCapita(number("regional")), optional("prior_savings").map(PerCapita)).0
            }
            "two_way_trend" => {
                BenchmarkRules::two_way(number("national"), number("regional"), share(number("aco_share")))
            }
            "three_way_update" => current.three_way(number("acpt"), number("two_way")),
            "risk_cap_2024" => {
                current.capped_ratio(number("ratio"), number("aggregate_hcc"), 1.0 + number("aggregate_demog_growth"))
            }
            "risk_cap_pre2024" => rules(2022, "1").capped_ratio(number("ratio"), 1.0, 1.0),
            "truncate" => annualized(Dollars(number("claims")), number("person_year"), Dollars(number("threshold"))).0,
            "guardrail" => guardrail(Dollars(number("earned_three_way")), Dollars(number("earned_two_way"))).0,
            other => panic!("piece {other}"),
        };
        let in_cents = row.text("expected").rsplit_once('.').is_some_and(|(_, decimals)| decimals.len() == 2);
        row.assert_near("expected", ours, if in_cents { CENT } else { MILLIONTH });
    }
}
