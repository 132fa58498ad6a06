//! ACO REACH and LEAD.

use twosided_contracts::{
    BenchmarkScore, ClaimsCapitation, Corridor, Kind, LeadRules, Reach, ReachRules, ReachScoreRules, ReachStopLoss,
    Settle, Settlement, Year,
};
use twosided_form::Document;
use twosided_population::ServiceScope;
use twosided_units::{Dollars, MemberMonths, Pmpm};

use crate::row::{CENT, MILLIONTH, rows, share};

/// A corridor by the name that the files give it, for gains.
fn corridor(name: &str) -> Corridor {
    let reach = |year, variant| ReachRules::of(year, variant).expect("its year has rules").corridor;
    let lead = |variant| LeadRules::of(2027, variant).expect("its year has rules");
    match name {
        "REACH_GLOBAL_2021_2025" => reach(2025, "global"),
        "REACH_GLOBAL_2026" => reach(2026, "global"),
        "REACH_PROF" => reach(2026, "professional"),
        "LEAD_GLOBAL_2027" => {
            let rules = lead("global_lower_spending");
            assert_eq!(rules.gains, rules.losses);
            assert_eq!(rules.gains, lead("global_higher_spending").gains);
            rules.gains
        }
        "LEAD_PROF_2027_GAINS_ONLY" => lead("professional").gains,
        other => panic!("corridor {other}"),
    }
}

#[test]
fn corridors() {
    for row in rows("reach_corridors.csv", 90) {
        let kept = corridor(row.text("corridor_table")).kept(row.number("gross_fraction_of_benchmark"));
        row.assert_near("exp_retained_fraction_of_benchmark", kept, MILLIONTH);
    }
}

#[test]
fn risk_scores() {
    let cap = ReachScoreRules::of(2026, "standard").expect("its year has rules").risk_score_cap;
    for row in rows("reach_risk_score.csv", 5) {
        let score = BenchmarkScore {
            raw: row.number("raw_score"),
            normalization: row.number("normalization_factor"),
            reference: row.optional("reference_year_normalized"),
            coding_intensity: row.number("cif"),
            score_2019: None,
        };
        row.assert_near("exp_normalized", score.normalized(), MILLIONTH);
        row.assert_near("exp_capped", score.capped(cap), MILLIONTH);
        row.assert_near("exp_benchmark_score", score.benchmark_score(cap, None), MILLIONTH);
    }
}

#[test]
fn settlements() {
    let exposure = MemberMonths(120_000.0);
    for row in rows("reach_settlement.csv", 10) {
        let arrangement = if row.text("corridor_table") == "REACH_PROF" { "professional" } else { "global" };
        let year = if row.text("corridor_table") == "REACH_GLOBAL_2026" { 2026 } else { 2025 };
        let text = format!(
            "terms = {{ risk_arrangement = \"{arrangement}\", performance_year = {year}, benchmark.per_capita = {}, \
             discount = {}, quality_withhold = {}, quality_score = {}, withhold_after_discount = {}, \
             completion_factor = {}, sequestration = {}, equity.top = 1, equity_top = {} }}",
            row.number("benchmark_before_discount") / exposure.person_years().0,
            row.number("discount"),
            row.number("quality_withhold"),
            row.number("quality_earned_fraction"),
            row.text("withhold_base") == "post_discount",
            row.number("completion_factor"),
            row.number("sequestration"),
            row.number("heba_dollars") / exposure.0,
        );
        let terms = Document::new("test", text).read(|root| {
            let terms = root.section("terms")?;
            let read = Reach::read(&terms, &twosided_contracts::Known::anything());
            terms.finish();
            read
        });
        let (mut terms, _) = terms.expect("the row's terms are valid");
        assert_eq!(terms.rules.corridor, corridor(row.text("corridor_table")));
        let advance = row.number("enhanced_pcc_advanced");
        if advance > 0.0 {
            terms.capitation = Some(ClaimsCapitation {
                rate: Pmpm(0.0),
                enhanced: Pmpm(advance / exposure.0),
                services: ServiceScope::All,
                fee_reduction: share(0.0),
                reconciled: true,
            });
        }
        terms.stop_loss = Some(ReachStopLoss {
            charge: Pmpm(row.number("stop_loss_charge") / exposure.0),
            attachment_point: Dollars(150_000.0),
            payout_rate: share(1.0),
            neutrality_factor: 1.0,
        });
        let figures = [row.number("cost_before_stop_loss"), row.number("stop_loss_payout")];
        let settlement: Settlement = terms.settle(&Year::new(exposure, 10_000, &figures));
        let step = |name| settlement.step(name).unwrap_or_else(|| panic!("no step {name}"));
        row.assert_near("exp_benchmark", step("final benchmark"), CENT);
        row.assert_near("exp_cost", step("cost"), CENT);
        row.assert_near("exp_gross", step("gross savings or losses"), CENT);
        row.assert_near("exp_retained", step("shared savings or losses"), CENT);
        row.assert_near("exp_shared_after_sequestration", step("after sequestration"), CENT);
        row.assert_near("exp_net_monies_owed", settlement.reconciliation.0, CENT);
    }
}
