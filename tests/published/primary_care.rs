//! Payments per member to primary care practices.

use crate::{
    row::{CENT, rows},
    terms::{settled, step},
};

#[test]
fn care_management_fees() {
    for row in rows("care_management_fee.csv", 4) {
        let terms = format!(
            "{{ pmpm = {}, clawback = {{ metric = {}, threshold = {}, keep_if_missed = {} }}, fee_reduction = {}, services = [\"primary care\"] }}",
            row.text("pmpm"),
            row.text("metric"),
            row.text("metric_threshold"),
            row.text("keep_if_missed"),
            row.text("ffs_reduction"),
        );
        let (months, fees) = (row.number("member_months"), row.number("ffs_revenue"));
        let settlement = settled("care_management", &terms, months, fees, &[]);
        row.assert_near("exp_fee_gross", step(&settlement, "care-management fee"), CENT);
        row.assert_near("exp_fee_after_clawback", settlement.care_management.0, CENT);
        row.assert_near("exp_ffs_after_reduction", fees + settlement.fee_adjustment.0, CENT);
        row.assert_near("exp_total", fees + settlement.total().0, CENT);
    }
}

#[test]
fn partial_capitation_pays_what_a_fee_with_a_reduction_does() {
    for row in rows("care_management_fee.csv", 4).iter().filter(|row| row.number("ffs_reduction") > 0.0) {
        let terms = format!(
            "{{ pmpm = {}, share_of_fees = {}, services = [\"primary care\"] }}",
            row.text("pmpm"),
            row.text("ffs_reduction"),
        );
        let (months, fees) = (row.number("member_months"), row.number("ffs_revenue"));
        let settlement = settled("primary_care_capitation", &terms, months, fees, &[]);
        row.assert_near("exp_fee_gross", settlement.capitation.0, CENT);
        row.assert_near("exp_ffs_after_reduction", fees + settlement.fee_adjustment.0, CENT);
        row.assert_near("exp_total", fees + settlement.total().0, CENT);
    }
}

#[test]
fn primary_care_first() {
    for row in rows("pcf.csv", 5) {
        let terms = format!(
            "{{ risk_group = {}, leakage = {}, performance_adjustment = {}, visit_service = \"visits\", services = [\"visits\"] }}",
            row.text("risk_group"),
            row.text("leakage_rate"),
            row.text("pba"),
        );
        let months = row.number("attributed") * row.number("months");
        let settlement = settled("primary_care_first", &terms, months, 0.0, &[row.number("visits")]);
        row.assert_near("exp_pbp", step(&settlement, "population-based payment"), CENT);
        row.assert_near("exp_fvf", step(&settlement, "visit fees"), CENT);
        row.assert_near("exp_total_primary_care_payment", settlement.capitation.0, CENT);
        row.assert_near("exp_pba_amount", settlement.reconciliation.0, CENT);
        row.assert_near("exp_total", settlement.total().0, CENT);
    }
}
