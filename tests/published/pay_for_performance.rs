//! Price adjustments and bonuses by score.

use twosided_contracts::neutral_slope;
use twosided_units::Dollars;

use crate::{
    row::{CENT, MILLIONTH, rows},
    terms::{settled, step},
};

#[test]
fn mips_adjustments() {
    for row in rows("mips.csv", 16) {
        let terms = format!(
            "{{ final_score = {}, performance_threshold = {}, applicable_percent = {}, scaling_factor = {} }}",
            row.text("final_score"),
            row.text("threshold"),
            row.number("applicable_pct") / 100.0,
            row.text("scaling_factor"),
        );
        let settlement = settled("mips", &terms, 0.0, row.number("part_b_covered_professional_paid"), &[]);
        row.assert_near("exp_adj_pct", 100.0 * settlement.step("adjustment").unwrap_or(0.0), MILLIONTH);
        row.assert_near("exp_adj_amount", settlement.fee_adjustment.0, CENT);
    }
}

#[test]
fn mips_thresholds_and_percents_by_year() {
    for (year, score, percent) in [(2021, 45.0, -0.0225), (2021, 15.0, -0.09), (2017, 0.75, -0.04), (2019, 30.0, 0.0)] {
        let terms = format!("{{ performance_year = {year}, final_score = {score} }}");
        let adjustment = settled("mips", &terms, 0.0, 1.0, &[]).fee_adjustment.0;
        assert!((adjustment - percent).abs() < 1e-12, "{year}: {adjustment}");
    }
}

#[test]
fn bonuses_and_withholds() {
    for row in rows("p4p_generic.csv", 7) {
        let list = |column| row.text(column).split('|');
        let measures = list("scores").zip(list("weights")).zip(list("thresholds").zip(list("benchmarks")));
        let measures: Vec<String> = measures
            .enumerate()
            .map(|(index, ((score, weight), (threshold, benchmark)))| {
                format!("{{ name = \"m{index}\", score = {score}, weight = {weight}, threshold = {threshold}, benchmark = {benchmark} }}")
            })
            .collect();
        let terms = format!(
            "{{ mode = \"{}\", pool_share = {}, gate_met = {}, measures = [{}] }}",
            row.text("mode"),
            row.text("pool_pct"),
            row.flag("gate_met"),
            measures.join(", "),
        );
        let settlement = settled("pay_for_performance", &terms, 0.0, row.number("ffs_base"), &[]);
        row.assert_near("exp_composite", step(&settlement, "composite"), MILLIONTH);
        row.assert_near("exp_payment", settlement.reconciliation.0, CENT);
        row.assert_near("exp_net_vs_full_ffs", settlement.total().0, CENT);
    }
}

#[test]
fn readmission_factors() {
    let names =
        [("AMI", "ami"), ("COPD", "copd"), ("HF", "hf"), ("PN", "pneumonia"), ("CABG", "cabg"), ("THA", "tha_tka")];
    for row in rows("hrrp.csv", 12) {
        let conditions: Vec<String> = names
            .iter()
            .filter_map(|(column, name)| {
                let of = |figure: &str| row.optional(&format!("{column}_{figure}"));
                let (discharges, ratio, payment_ratio) = (of("n")?, of("err")?, of("drg_ratio")?);
                let median = of("median")?;
                Some(format!("{name} = {{ discharges = {discharges}, excess_readmission_ratio = {ratio}, peer_median = {median}, payment_ratio = {payment_ratio} }}"))
            })
            .collect();
        let (year, modifier) = match row.text("fy").strip_suffix('+') {
            Some(year) => (year, format!("neutrality_modifier = {}, ", row.text("neutrality_modifier"))),
            // The modifier and the limit that the mock report of the year gives are the defaults.
            None => (row.text("fy"), String::new()),
        };
        let terms = format!(
            "{{ fiscal_year = {year}, {modifier}services = [\"inpatient\"], conditions = {{ {} }} }}",
            conditions.join(", "),
        );
        let settlement = settled("hrrp", &terms, 0.0, 1e6, &[]);
        let factor = step(&settlement, "payment factor");
        row.assert_near("neutrality_modifier", step(&settlement, "neutrality modifier"), 1e-15);
        row.assert_near("cap", step(&settlement, "reduction limit"), 1e-15);
        row.assert_near("exp_paf", factor, 1e-7);
        assert!((settlement.fee_adjustment.0 - 1e6 * (factor - 1.0)).abs() < CENT);
    }
}

#[test]
fn purchasing_factors() {
    for row in rows("hvbp.csv", 6) {
        let terms = format!(
            "{{ total_performance_score = {}, slope = {}, score_divisor = {}, applicable_percent = {}, services = [\"inpatient\"] }}",
            row.text("tps"),
            row.text("slope"),
            row.text("tps_divisor"),
            row.text("applicable_percent"),
        );
        let settlement = settled("hospital_vbp", &terms, 0.0, row.number("base_operating_drg"), &[]);
        row.assert_near("exp_vbp_pct", step(&settlement, "incentive percent"), MILLIONTH);
        row.assert_near("exp_factor", step(&settlement, "payment factor"), MILLIONTH);
        row.assert_near("exp_net_change", settlement.fee_adjustment.0, CENT);
    }
}

#[test]
fn purchasing_is_neutral_over_all_hospitals() {
    let rows = rows("hvbp_neutrality.csv", 4);
    let hospitals: Vec<(Dollars, f64)> =
        rows.iter().map(|row| (Dollars(row.number("base_operating_drg")), row.number("tps"))).collect();
    let slope = neutral_slope(&hospitals, 100.0).expect("hospitals have scores");
    let mut sum = 0.0;
    for row in &rows {
        let terms = format!(
            "{{ fiscal_year = 2025, total_performance_score = {}, slope = {slope}, services = [\"inpatient\"] }}",
            row.text("tps"),
        );
        let settlement = settled("hospital_vbp", &terms, 0.0, row.number("base_operating_drg"), &[]);
        let near = |column: &str, ours: f64, tolerance: f64| {
            let expected = row.number(column);
            let hospital = row.text("hospital");
            assert!((ours - expected).abs() <= tolerance, "{hospital}: {column} is {ours}, expected {expected}");
        };
        near("exp_slope", slope, MILLIONTH);
        near("exp_factor", step(&settlement, "payment factor"), 6e-9);
        near("exp_net_change", settlement.fee_adjustment.0, CENT);
        sum += settlement.fee_adjustment.0;
    }
    assert!(sum.abs() < CENT, "{sum}");
}
