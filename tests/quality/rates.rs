//! Rates per member that follow the sampled risk score.

use crate::support::{Run, parse};

/// People whose cost and score share frailty, over three years, under contracts with this adjustment.
fn scenario(score: &str, contracts: &[(&str, &str)]) -> String {
    let contracts: String = contracts
        .iter()
        .map(|(terms, agreement)| {
            let name = format!("{agreement}{terms}").replace('"', "'");
            format!("[[contracts]]\nname = \"{}\"\nterms.{terms}\n{agreement}\n", name[..name.len().min(70)].trim())
        })
        .collect();
    format!(
        "[run]\nname = \"Scores\"\ntrials = 400\nseed = 9\nyears = 3\n[[population.segments]]\nname = \"people\"\nmembers = 1_500\n\
         risk_score = {score}\nfrailty.persistence = 0.8\nservices.care = {{ frailty_loading = 0.9, annual.lognormal = {{ mean = 9_000, cv = 2 }} }}\n{contracts}"
    )
}

const KINDS: [&str; 5] = [
    "capitation = { pmpm = 750 }",
    "shared_risk_pool = { premium_pmpm = 1_500, professional_share = 0.5, responsibility = { care = \"group\" } }",
    "medicaid_corridor = { pmpm = 800, target_medical_loss_ratio = 0.9, corridor = [{ share = 1 }] }",
    "medicare_advantage = { county_fee_for_service_pmpm = 800, quartile = 3, stars = 3, bid_pmpm = 780, percent_of_premium = 0.95, premium_includes_rebate = false }",
    "primary_care_capitation = { pmpm = 30, share_of_fees = 1, services = [\"care\"] }",
];

/// What a contract pays each year of a trial: lines of capitation.
fn capitation(score: &str, terms: &str, agreement: &str) -> Vec<f64> {
    let scenario = parse(&scenario(score, &[(terms, agreement)]));
    let run = Run::of(&scenario, 2, 9);
    let line = twosided_provider::Line::Capitation as usize;
    (0..3).map(|year| run.outcomes.lines[(0, year, 0, line)]).collect()
}

#[test]
fn scores_that_grow_by_coding_raise_every_rate_as_by_hand() {
    // Everybody has the mean score, which grows by 5% a year, of which 2% are normalized away, and 4% taken off.
    let grown = "{ mean = 1, coding_growth = 0.05 }";
    let by_hand = |year: i32| (1.05_f64 / 1.02).powi(year) * 0.96;
    for terms in KINDS {
        let plain = capitation(grown, terms, "");
        let now = capitation(
            grown,
            terms,
            "agreement.risk_adjustment = { cap = 1, normalization = 0.02, coding_adjustment = 0.04 }",
        );
        let late = capitation(
            grown,
            terms,
            "agreement.risk_adjustment = { cap = 1, normalization = 0.02, coding_adjustment = 0.04, lag = 1 }",
        );
        let capped = capitation(grown, terms, "agreement.risk_adjustment = { cap = 0.04 }");
        for year in 0..3 {
            let expected =
                [by_hand(year), if year == 0 { 0.96 } else { by_hand(year - 1) }, 1.05_f64.powi(year).min(1.04)];
            for (found, expected) in [&now, &late, &capped].into_iter().zip(expected) {
                let year = year as usize;
                let ratio = found[year] / plain[year];
                assert!((ratio - expected).abs() < 1e-9, "{terms} in year {year}: {ratio} against {expected}");
            }
        }
    }
}

#[test]
fn a_rate_that_follows_scores_spares_the_provider_a_part_of_the_risk() {
    let scores = "{ mean = 1, cv = 1.2, frailty_loading = 0.95 }";
    let adjusted = "agreement.risk_adjustment = { cap = 1 }";
    let scenario = parse(&scenario(scores, &[(KINDS[0], ""), (KINDS[0], adjusted)]));
    let summary = Run::of(&scenario, scenario.trials, scenario.seed).summary(&scenario);
    let sd = |index: usize| {
        let contract = &summary.contracts[index];
        let figure = contract.measures[twosided_report::RiskMeasure::SdGain as usize];
        (figure.value, figure.standard_error)
    };
    let ((plain, error), (followed, other)) = (sd(0), sd(1));
    assert!(followed < plain - 4.0 * error.hypot(other), "{followed} against {plain}");
}

#[test]
fn a_score_that_is_certain_changes_nothing() {
    for terms in KINDS {
        let adjusted = capitation("1", terms, "agreement.risk_adjustment = {}");
        assert_eq!(adjusted, capitation("1", terms, ""), "{terms}");
    }
}

#[test]
fn kinds_without_a_rate_refuse_it() {
    let text = scenario(
        "1",
        &[("hospital_global_budget = { budget = 1_000_000, services = [\"care\"] }", "agreement.risk_adjustment = {}")],
    );
    let refused = twosided_scenario::Scenario::parse("test.toml", &text).expect_err("there is no rate");
    assert!(refused.to_string().contains("risk_adjustment") || format!("{refused:?}").contains("risk_adjustment"));
}
