//! Terms of every kind, read as a scenario file's are.
#![allow(dead_code, reason = "each test file uses a part")]

use twosided_contracts::{Arrangement, Known, Terms};
use twosided_form::Document;
use twosided_population::Observation;

/// Terms beside each kind's own example, for the paths that it does not take.
const MORE: &[(&str, &str)] = &[
    ("care_management", r#"{ pmpm = 30, fee_reduction = 0.5, services = ["visits"] }"#),
    ("care_management", "{ pmpm = 30, clawback = { metric = 0.5, threshold = 0.5, keep_if_missed = 0 } }"),
    ("mips", "{ performance_year = 2022, final_score = 96, exceptional_adjustment = 0.2, scaling_factor = 5 }"),
    ("mips", "{ final_score = 10 }"),
    ("mips", "{ final_score = 10, linear_below_quarter = true }"),
    ("mips", "{ final_score = 60 }"),
    ("mips", "{ final_score = 75 }"),
    ("mips", "{ final_score = 75, qualifying_participant = true }"),
    (
        "pay_for_performance",
        r#"{ pool_pmpm = 3, minimum_denominator = 30, measures = [{ name = "{a}", score = 0.7, weight = 2, threshold = 0.5, benchmark = 0.9, denominator = 30, previous_score = 0.95 }, { name = "b", score = 1, threshold = -2, benchmark = 3, denominator = 29 }, { name = "c", score = 0.1, steps = [[0.2, 0.5], [0.1, 1]] }] }"#,
    ),
    (
        "pay_for_performance",
        r#"{ pool_share = 0.1, gate_met = false, reporting_only = true, measures = [{ name = "a", score = 1, steps = [[1, 1]] }] }"#,
    ),
    (
        "pay_for_performance",
        r#"{ mode = "withhold", pool_share = 0.1, minimum_denominator = 30, measures = [{ name = "a", score = 1, denominator = 2, steps = [[1, 1]] }] }"#,
    ),
    (
        "hrrp",
        r#"{ fiscal_year = 2014, factor_rounded = false, services = ["a"], conditions = { ami = { discharges = 25, excess_readmission_ratio = 1.3, peer_median = 0.99, payment_ratio = 0.3 }, copd = { discharges = 250, excess_readmission_ratio = 1.3, peer_median = 0.99, payment_ratio = 0.3 } } }"#,
    ),
    (
        "hrrp",
        r#"{ fiscal_year = 2023, services = ["a"], suppressed = ["hf"], conditions = { hf = { discharges = 99, excess_readmission_ratio = 1.3, peer_median = 0.99, payment_ratio = 0.3 }, pneumonia = { discharges = 99, excess_readmission_ratio = 1.3, peer_median = 0.99, payment_ratio = 0.3 } } }"#,
    ),
    ("hospital_vbp", r#"{ fiscal_year = 2022, services = ["a"] }"#),
    ("hospital_vbp", r#"{ fiscal_year = 2026, total_performance_score = 110, slope = 1.5, services = ["a"] }"#),
    ("shared_savings", "{ benchmark = { pmpm = 833 }, savings = { sharing_rate = 0.5 } }"),
    (
        "bundle",
        r#"{ episodes = [{ service = "a", price = 25_000 }], gains = { sharing_rate = 0.5, minimum_rate = 0.02 }, quality_gate_met = false }"#,
    ),
    (
        "bundle",
        r#"{ episodes = [{ service = "{a}", price = 25_000 }, { service = "b", price = 1, episode_limit = 1 }], gains = { sharing_rate = 1 }, losses = { minimum_rate = 0.05, corridor = [{ up_to = 0.1, share = 0.3 }, { up_to = 0.4, share = 1 }] } }"#,
    ),
    (
        "bundle",
        r#"{ episodes = [{ service = "a", following = ["{b}", "c"], window_days = 90, price = 25_000 }, { service = "d", following = ["e"], price = 1, episode_limit = 1 }], gains = { sharing_rate = 1 } }"#,
    ),
    (
        "prospective_bundle",
        r#"{ episodes = [{ service = "a", following = ["{b}"], window_days = 30, price = 25_000, episode_limit = 60_000 }] }"#,
    ),
    (
        "team",
        r#"{ track = 3, composite_quality_score = 50, episodes = [{ category = "cabg", service = "a", following = ["b"], window_days = 30, episode_limit = 90_000, target = { baseline = 25_000 } }] }"#,
    ),
    (
        "cjr",
        r#"{ performance_year = 2019, quality_category = "below_acceptable", rural = true, episodes = [{ service = "a", price = 25_000 }] }"#,
    ),
    (
        "team",
        r#"{ track = 1, safety_net = true, performance_year = 2028, composite_quality_score = 0, post_episode_spending = 1_000, episodes = [{ category = "cabg", service = "a", price = 25_000, baseline_episodes = 3 }] }"#,
    ),
    (
        "team",
        r#"{ track = 2, composite_quality_score = 100, episodes = [{ category = "cabg", service = "a", price = 25_000, baseline_episodes = 30 }, { category = "cabg", service = "b", baseline_episodes = 9, target = { baseline = 25_000 } }, { category = "lejr", service = "c", price = 25_000, baseline_episodes = 30 }] }"#,
    ),
    (
        "primary_care_first",
        r#"{ risk_group = 4, visit_service = "a", own_visits = 0.7, geographic_adjustment = 1.04, quality_gate_met = false, services = ["a"] }"#,
    ),
    ("primary_care_capitation", r#"{ pmpm = 30, share_of_fees = 1, services = ["a"], reconciliation = "true_up" }"#),
    ("primary_care_capitation", r#"{ pmpm = 30, share_of_fees = 0.4, services = ["a"] }"#),
    (
        "shared_risk_pool",
        r#"{ premium_pmpm = 900, professional_share = 0.5, institutional_share = 0.5, withhold = 0.1, earned = 0.5, deficit_share = 1, deficit_funded_from_withhold = true, responsibility = { a = "hospital", b = "pool" } }"#,
    ),
    ("shared_risk_pool", "{ premium_pmpm = 900, professional_share = 0.5, responsibility = {} }"),
    (
        "hospital_global_budget",
        r#"{ budget_pmpm = 400, services = ["a"], quality_adjustment = -0.02, volume = { service = "a", expected = 100 } }"#,
    ),
    ("hospital_global_budget", r#"{ budget = 1, services = ["a"] }"#),
    ("capitation", r#"{ pmpm = 900, services = ["a"] }"#),
    (
        "medicare_advantage",
        r#"{ county_fee_for_service_pmpm = 900, quartile = 4, new_plan = true, double_bonus_county = true, pre_aca_cap_pmpm = 1_000, bid_pmpm = 1_100, risk_score = 1.2, part_d_pmpm = 60, percent_of_premium = 0.8, premium_includes_rebate = false, services = ["a"] }"#,
    ),
    (
        "medicare_advantage",
        "{ county_fee_for_service_pmpm = 900, quartile = 1, stars = 3, bid_pmpm = 900, plan_is_provider = true, quality_improvement_pmpm = 8, taxes_and_fees_pmpm = 15 }",
    ),
    (
        "medicaid_corridor",
        r#"{ pmpm = 900, target_medical_loss_ratio = 0.88, corridor = [{ up_to = 0.02, share = 1 }, { share = 0.5 }], services = ["a"] }"#,
    ),
    (
        "medicaid_corridor",
        r#"{ pmpm = 900, target_medical_loss_ratio = 0.88, corridor = [{ share = 1 }], minimum_ratio = { order = "before_corridor" } }"#,
    ),
    (
        "mssp",
        r#"{ track = "basic_e", performance_year = 2025, agreement_start_year = 2025, revenue_category = "low", advance_balance = 300_000, advance_payments = { one_time = true, quarters = 3, beneficiaries = [[40, 3_000], [90, 8_000]] }, participant_revenue = 30_000_000, repayment_fee = 0.01, disaster_relief = 0.1, prorated_losses = 0.75, benchmark = { constructed = { agreement_period = 2, market_share = 0.2, prior_savings = 150, low_income_share = 0.3, aggregate_risk_ratio = 1.05, aggregate_demographic_ratio = 1.01, types = [{ name = "aged {x}", base_years = [9_300, 9_600, 9_900], national_trend = [1.08, 1.04, 1], regional_trend = [1.07, 1.03, 1], risk_scores = [0.98, 1, 1.01], national = 11_000, regional = 10_200, base_share = 0.8, share = 0.8, risk_ratio = 1.06, prospective_update = 1.04, national_update = 1.06, regional_update = 1.05 }, { name = "ESRD", base_years = [10_000, 10_300, 10_500], national = 11_000, regional = 9_900, base_share = 0.2, share = 0.2 }] } } }"#,
    ),
    (
        "mssp",
        r#"{ track = "basic_c", quality_standard = "neither", guardrail = true, minimum_rate = 0, benchmark = { pmpm = 850 } }"#,
    ),
    (
        "mssp",
        r#"{ track = "enhanced", quality_standard = "alternative", quality_score = 0.6, guardrail = false, benchmark = { per_capita = 10_000 } }"#,
    ),
    (
        "mssp",
        r#"{ track = "track_1", performance_year = 2018, quality_score = 0.9, benchmark = { per_capita = 10_000 } }"#,
    ),
    (
        "mssp",
        r#"{ track = "track_2", performance_year = 2018, quality_score = 0.7, minimum_rate = 0.02, benchmark = { per_capita = 10_000 } }"#,
    ),
    (
        "mssp",
        r#"{ track = "basic_e", minimum_rate = 0, repayment_fee = 0.01, year_to_date = { share = 0.4, per_capita = 4_300 }, benchmark = { constructed = { market_share = 0.2, types = [{ name = "aged", base_years = [9_300, 9_600, 9_900], national = 11_000, regional = 10_200, base_share = 1, share = 1, prospective_update = 1.02, national_update = 1.06, regional_update = 1.05 }] } } }"#,
    ),
    (
        "reach",
        r#"{ risk_arrangement = "professional", performance_year = 2026, aco_type = "high_needs", benchmark = { pmpm = 1_000 }, risk_score = { raw = 1.2, normalization = 0.95, reference = 1, coding_intensity_factor = 0.985, score_2019 = 0.98 }, continuous_improvement = false, quality_score = 0.7, completion_factor = 1.01, retention_forfeited = true, high_performers_pmpm = 2, capitation = { pmpm = 60, fee_reduction = 0.5, reconciled = false } }"#,
    ),
    (
        "reach",
        r#"{ risk_arrangement = "global", performance_year = 2022, benchmark = { per_capita = 10_500 }, risk_score = { raw = 1.1 } }"#,
    ),
    (
        "lead",
        r#"{ option = "global_higher_spending", performance_year = 2030, benchmark = { per_capita = 10_000 }, prior_savings = 120, guarantee_fee = 0.01, quality_score = 0.5 }"#,
    ),
    (
        "lead",
        r#"{ option = "professional", benchmark = { per_capita = 10_000 }, risk_score = { raw = 1.1, reference = 1 } }"#,
    ),
];

/// The terms, or what is wrong with them.
pub fn try_read(key: &str, terms: &str) -> Result<Arrangement, String> {
    let document = Document::new("x", format!("terms.{key} = {terms}"));
    let read = document.read(|root| {
        let terms = root.section("terms").and_then(|terms| Terms::read(terms, &Known::anything()));
        root.finish();
        terms
    });
    let (terms, _) = read.map_err(|error| format!("{key}: {error:?}"))?;
    Ok(Arrangement::of(key, terms))
}

/// An observation of 10,000 people.
pub fn usual(observation: &Observation) -> f64 {
    match observation {
        Observation::Layer { .. } => 1e8,
        Observation::Expenditure { .. } | Observation::CappedExpenditure { .. } | Observation::Episodes { .. } => 3e6,
        Observation::Count { .. } | Observation::PeopleAbove { .. } => 120.0,
        Observation::Expected { .. } => 20.0,
        Observation::Denominator { .. } => 200.0,
        Observation::Numerator { .. } => 150.0,
        Observation::PersonYears | Observation::People | Observation::RiskScore => 10_000.0,
    }
}

pub fn all_terms() -> Vec<(&'static str, &'static str)> {
    let examples = Terms::kinds().into_iter().map(|kind| (kind.key, kind.example));
    examples.chain(MORE.iter().copied()).collect()
}
