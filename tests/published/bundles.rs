//! Episodes settled against target prices.

use crate::{
    row::{CENT, rows},
    terms::{bands, contract, episode_limit, settled, step},
};

#[test]
fn commercial_bundles() {
    for row in rows("bundle_generic.csv", 5) {
        let limit = row.optional("per_episode_cap").map_or_else(String::new, |cap| format!(", episode_limit = {cap}"));
        let corridor = bands(row.text("corridors_upto_share"));
        let terms = format!(
            "{{ episodes = [{{ service = \"hip\", price = {}{limit} }}], gains = {{ corridor = {corridor} }}, losses = {{ corridor = {corridor} }} }}",
            row.text("bundle_price"),
        );
        let limit = episode_limit(&contract("bundle", &terms));
        let costs = row.text("episode_costs").split('|').map(|cost| cost.parse().expect("a number"));
        let costs: Vec<f64> = costs.map(|cost: f64| cost.min(limit)).collect();
        let settlement = settled("bundle", &terms, 0.0, 0.0, &[costs.len() as f64, costs.iter().sum()]);
        row.assert_near("exp_total_price", step(&settlement, "aggregate target"), CENT);
        row.assert_near("exp_total_cost", step(&settlement, "aggregate spending"), CENT);
        row.assert_near("exp_gross", step(&settlement, "reconciliation amount"), CENT);
        row.assert_near("exp_provider_share", settlement.reconciliation.0, CENT);
    }
}

#[test]
fn bpci_advanced() {
    for row in rows("bpcia.csv", 5) {
        let terms = format!(
            "{{ composite_quality_score = {}, episodes = [{{ service = \"a\", price = {}, discount = 0 }}] }}",
            row.text("cqs"),
            row.number("aggregate_target") / 100.0,
        );
        let settlement = settled("bpci_advanced", &terms, 0.0, 0.0, &[100.0, row.number("aggregate_spending")]);
        row.assert_near("exp_npra_before_quality", step(&settlement, "reconciliation amount"), CENT);
        row.assert_near("exp_cqs_adjustment", step(&settlement, "quality adjustment"), CENT);
        row.assert_near("exp_adjusted", step(&settlement, "quality-adjusted amount"), CENT);
        row.assert_near("exp_final", settlement.reconciliation.0, CENT);
    }
}

#[test]
fn joint_replacement() {
    for row in rows("cjr.csv", 8) {
        // The targets of the file have their discount taken; the first four performance years are calendar years.
        let terms = format!(
            "{{ performance_year = {}, quality_category = \"{}\", discount = 0, episodes = [{{ service = \"a\", price = {} }}] }}",
            2015.0 + row.number("performance_year"),
            row.text("quality_category"),
            row.number("aggregate_quality_adjusted_target") / 50.0,
        );
        let settlement = settled("cjr", &terms, 0.0, 0.0, &[50.0, row.number("aggregate_spending")]);
        row.assert_near("exp_raw", step(&settlement, "reconciliation amount"), CENT);
        row.assert_near("exp_final", settlement.reconciliation.0, CENT);
    }
}

#[test]
fn team_settlements() {
    for row in rows("team_settlement.csv", 13) {
        let terms = format!(
            "{{ track = {}, composite_quality_score = {}, episodes = [{{ category = \"lejr\", service = \"a\", price = {} }}] }}",
            row.text("track"),
            row.text("cqs"),
            row.number("aggregate_reconciliation_target_price") / 80.0,
        );
        let settlement = settled("team", &terms, 0.0, 0.0, &[80.0, row.number("aggregate_performance_spending")]);
        row.assert_near("exp_reconciliation_amount", step(&settlement, "reconciliation amount"), CENT);
        row.assert_near("exp_cqs_adjustment", step(&settlement, "quality adjustment"), CENT);
        row.assert_near("exp_quality_adjusted", step(&settlement, "quality-adjusted amount"), CENT);
        row.assert_near("exp_payment_positive_owed_negative", settlement.reconciliation.0, CENT);
    }
}

#[test]
fn team_target_prices() {
    for row in rows("team_target_price.csv", 4) {
        // The discount is that of the category.
        let category = if row.number("discount") == 0.02 { "lejr" } else { "cabg" };
        let terms = format!(
            "{{ track = 3, composite_quality_score = 100, episodes = [{{ category = \"{category}\", service = \"a\", target = {{ baseline = {}, prospective_trend = {}, preliminary_normalization = {}, risk_multiplier = {}, final_normalization = {}, retrospective_trend = {} }} }}] }}",
            row.text("regional_baseline"),
            row.text("prospective_trend"),
            row.text("prelim_normalization"),
            row.text("risk_multiplier"),
            row.text("final_normalization"),
            row.text("retrospective_trend"),
        );
        let settlement = settled("team", &terms, 0.0, 0.0, &[1.0, 0.0]);
        row.assert_near("discount", step(&settlement, "a: discount"), 1e-15);
        row.assert_near("exp_preliminary", step(&settlement, "a: preliminary target price"), CENT);
        row.assert_near("exp_reconciliation_price", step(&settlement, "aggregate target"), CENT);
    }
}
