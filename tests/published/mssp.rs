//! Medicare Shared Savings Program.

use twosided_contracts::{
    DisasterRelief, MinimumRate, Mssp, MsspBenchmark, MsspRules, PerformanceYear, QualityStandard, RevenueCategory,
    Settlement, Track, Year, minimum_savings_rate,
};
use twosided_units::{Dollars, MemberMonths, PerCapita, Share};

use crate::row::{CENT, Row, rows, share};

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
            rules: MsspRules::of(performance_year, track.name()).expect("its year has rules"),
            track,
            benchmark: MsspBenchmark::given(PerCapita(0.0)),
            minimum_rate: if variable {
                MinimumRate::Variable
            } else {
                MinimumRate::Fixed(share(published_rate / 100.0))
            },
            assigned_beneficiaries: None,
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
            prorated_losses: Share::ONE,
            advance_balance: Dollars::ZERO,
            repayment_fee: None,
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
            rules: MsspRules::of(2024, track.name()).expect("its year has rules"),
            track,
            benchmark: MsspBenchmark::given(PerCapita(0.0)),
            minimum_rate: MinimumRate::Fixed(share(row.number("msr_mlr"))),
            assigned_beneficiaries: None,
            quality_score: share(row.number("quality_score")),
            quality_standard: quality_standard(&row, "met_alt_qps"),
            agreement_start: row.number("agreement_start_year") as u16,
            revenue_category: if row.flag("low_revenue") { RevenueCategory::Low } else { RevenueCategory::High },
            participant_revenue: row.optional("participant_revenue").map(Dollars),
            disaster_relief: DisasterRelief::Share(share(row.number("disaster_fraction"))),
            guardrail: row.flag("guardrail_applied"),
            prorated_losses: Share::ONE,
            advance_balance: Dollars::ZERO,
            repayment_fee: None,
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
