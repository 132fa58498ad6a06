//! Capitation, pools and medical loss ratios.

use crate::{
    row::{CENT, MILLIONTH, rows},
    terms::{bands, settled, step},
};

#[test]
fn medicare_advantage_benchmarks_and_rebates() {
    for row in rows("ma_benchmark_rebate.csv", 8) {
        let cap = row.optional("pre_aca_cap").map_or_else(String::new, |cap| format!("pre_aca_cap_pmpm = {cap}, "));
        let terms = format!(
            "{{ county_fee_for_service_pmpm = {}, quartile = {}, prior_year_quartile = {}, stars = {}, double_bonus_county = {}, bid_pmpm = {}, {cap}percent_of_premium = 1, premium_includes_rebate = true, sequestration = 0 }}",
            row.text("county_ffs_pmpm"),
            row.text("quartile_1_highest_cost"),
            row.text("prior_year_quartile"),
            row.text("stars"),
            row.flag("double_bonus_county"),
            row.text("bid_pmpm"),
        );
        let settlement = settled("medicare_advantage", &terms, 1_000.0, 0.0, &[0.0]);
        row.assert_near("exp_applicable_pct", step(&settlement, "applicable percent"), MILLIONTH);
        row.assert_near("exp_benchmark", step(&settlement, "benchmark"), CENT);
        row.assert_near("exp_rebate_pct", step(&settlement, "rebate share"), MILLIONTH);
        row.assert_near("exp_rebate_pmpm", step(&settlement, "rebate"), CENT);
        row.assert_near("exp_member_premium", step(&settlement, "member premium"), CENT);
        row.assert_near("exp_cms_payment_at_risk_1", settlement.capitation.0 / 1_000.0, CENT);
    }
}

#[test]
fn medical_loss_ratio_remittances() {
    for row in rows("mlr_remittance.csv", 4) {
        let months = 100_000.0;
        let pmpm = |column| row.number(column) / months;
        // A bid at the benchmark, so that revenue is the bid.
        let terms = format!(
            "{{ county_fee_for_service_pmpm = {0}, quartile = 2, stars = 3, bid_pmpm = {0}, sequestration = 0, plan_is_provider = true, quality_improvement_pmpm = {1}, taxes_and_fees_pmpm = {2} }}",
            pmpm("revenue"),
            pmpm("quality_improvement"),
            pmpm("taxes_and_fees"),
        );
        let settlement = settled("medicare_advantage", &terms, months, 0.0, &[row.number("incurred_claims")]);
        row.assert_near("revenue", settlement.capitation.0, CENT);
        row.assert_near("exp_mlr", step(&settlement, "medical loss ratio"), MILLIONTH);
        row.assert_near("exp_remittance", -settlement.reconciliation.0, CENT);
    }
}

#[test]
fn shared_risk_pools() {
    for row in rows("capitation_pools.csv", 5) {
        let terms = format!(
            "{{ premium_pmpm = {}, professional_share = {}, institutional_share = {}, withhold = {}, earned = {}, surplus_share = {}, deficit_share = {}, responsibility = {{ professional = \"group\", inpatient = \"pool\" }} }}",
            row.text("premium_pmpm"),
            row.text("professional_pct"),
            row.text("institutional_pct"),
            row.text("withhold_pct"),
            row.text("withhold_earned"),
            row.text("surplus_share"),
            row.text("deficit_share"),
        );
        let figures = [row.number("professional_cost"), row.number("hospital_claims")];
        let settlement = settled("shared_risk_pool", &terms, row.number("member_months"), 0.0, &figures);
        row.assert_near("exp_professional_capitation", step(&settlement, "professional capitation"), CENT);
        row.assert_near("exp_withheld", step(&settlement, "withheld"), CENT);
        row.assert_near("exp_withhold_released", step(&settlement, "released"), CENT);
        row.assert_near("exp_hospital_budget", step(&settlement, "pool budget"), CENT);
        row.assert_near("exp_pool_balance", step(&settlement, "pool balance"), CENT);
        row.assert_near("exp_group_pool_share", settlement.reconciliation.0, CENT);
        // What care costs and the cover for it are the provider's and a cover's business.
        let cover = row.number("excess_loss_recovery") - row.number("excess_loss_premium");
        row.assert_near("exp_group_net", settlement.total().0 - row.number("professional_cost") + cover, CENT);
    }
}

#[test]
fn medicaid_corridors() {
    for row in rows("medicaid_corridor.csv", 5) {
        let terms = format!(
            "{{ pmpm = {}, target_medical_loss_ratio = {}, corridor = {} }}",
            row.number("capitation_revenue") / 1e5,
            row.text("target_mlr"),
            bands(row.text("bands_upto_share")),
        );
        let claims = row.number("capitation_revenue") * row.number("actual_mlr");
        let settlement = settled("medicaid_corridor", &terms, 1e5, 0.0, &[claims]);
        row.assert_near("exp_gross_gain", step(&settlement, "gain"), CENT);
        row.assert_near("exp_plan_keeps", step(&settlement, "gain kept"), CENT);
        row.assert_near("exp_state_share", -settlement.reconciliation.0, CENT);
    }
}
