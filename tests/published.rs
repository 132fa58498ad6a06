//! CMS's published settlements and examples computed by hand, row by row, every expected column.
//!
//! `tests/published/*.csv`; each row names its origin. Figures of CMS files are rounded to whole dollars and to two decimals of a
//! percent, and inputs are so too: the tolerance of each column follows from that.

use std::path::Path;

use csv::StringRecord;
use twosided_contracts::{
    AggregateStopLoss, DisasterRelief, FeeSchedule, MinimumRate, Mssp, QualityStandard, RevenueCategory, Settled,
    SpecificStopLoss, Track, minimum_savings_rate,
};
use twosided_population::{Limit, Observation, ServiceScope};
use twosided_provider::{Provider, ServiceYear};
use twosided_units::{Dollars, MemberMonths, PerCapita, Pmpm, Share};

struct Row {
    headers: StringRecord,
    record: StringRecord,
}

impl Row {
    fn text(&self, column: &str) -> &str {
        let place = self.headers.iter().position(|header| header == column);
        &self.record[place.unwrap_or_else(|| panic!("no column {column}"))]
    }

    fn optional(&self, column: &str) -> Option<f64> {
        let text = self.text(column);
        (!text.is_empty()).then(|| text.parse().unwrap_or_else(|_| panic!("{column} is {text}")))
    }

    fn number(&self, column: &str) -> f64 {
        self.optional(column).unwrap_or_else(|| panic!("{column} is empty"))
    }

    fn flag(&self, column: &str) -> bool {
        self.text(column) == "1"
    }

    fn assert_near(&self, column: &str, ours: f64, tolerance: f64) {
        let expected = self.number(column);
        let case = self.text("case_id");
        assert!((ours - expected).abs() <= tolerance, "{case}: {column} is {ours}, expected {expected}");
    }
}

/// The rows of a file, which must be as many as it is known to have.
fn rows(name: &str, count: usize) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/published").join(name);
    let mut reader = csv::Reader::from_path(path).expect("the file is in the repository");
    let headers = reader.headers().expect("a header line").clone();
    let rows: Vec<Row> = reader
        .records()
        .map(|record| Row { headers: headers.clone(), record: record.expect("a well-formed row") })
        .collect();
    assert_eq!(rows.len(), count, "rows of {name}");
    rows
}

fn share(value: f64) -> Share {
    Share::new(value).expect("a share")
}

/// Half of the last digit of a figure in cents.
const CENT: f64 = 0.0051;

#[test]
fn fee_for_service_revenue_cost_and_margin() {
    for row in rows("ffs.csv", 6) {
        let allowed = row.number("units") * row.number("allowed_per_unit");
        let fees = FeeSchedule {
            cost_share: share(row.number("cost_share_frac")),
            sequestration: share(row.number("sequestration")),
            collection: Share::ONE,
        };
        let provider = Provider { fixed_cost: Dollars(row.number("fixed_cost")), fees, ..Provider::default() };
        let variable_cost_share = share(row.number("var_cost_per_unit") / row.number("allowed_per_unit"));
        let visits =
            ServiceYear { expenditure: Dollars(allowed), own_share: Share::ONE, variable_cost_share, capitated: false };
        let margin = provider.lines(&Settled::default(), std::iter::once(visits)).margin();
        let revenue = fees.revenue(Dollars(allowed));
        row.assert_near("exp_revenue", revenue.0, CENT);
        row.assert_near("exp_cost", (revenue - margin).0, CENT);
        row.assert_near("exp_margin", margin.0, CENT);
    }
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
        let aco = Mssp {
            track,
            benchmark: PerCapita(0.0),
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
            sequestration: share(0.02),
        };
        let settled = aco.reconcile(
            Dollars(row.number("benchmark_total")),
            Dollars(row.number("expenditure_total")),
            row.number("n_assigned") as u64,
        );
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
        let aco = Mssp {
            track: track(row.text("track")),
            benchmark: PerCapita(0.0),
            minimum_rate: MinimumRate::Fixed(share(row.number("msr_mlr"))),
            assigned_beneficiaries: None,
            quality_score: share(row.number("quality_score")),
            quality_standard: quality_standard(&row, "met_alt_qps"),
            agreement_start: row.number("agreement_start_year") as u16,
            revenue_category: if row.flag("low_revenue") { RevenueCategory::Low } else { RevenueCategory::High },
            participant_revenue: row.optional("participant_revenue").map(Dollars),
            disaster_relief: DisasterRelief::Share(share(row.number("disaster_fraction"))),
            guardrail: row.flag("guardrail_applied"),
            sequestration: share(0.02),
        };
        let settled = aco.reconcile(
            Dollars(row.number("benchmark_total")),
            Dollars(row.number("expenditure_total")),
            row.number("n_assigned") as u64,
        );
        let generated = settled.step("generated savings or losses").unwrap_or(0.0);
        row.assert_near("exp_generated", generated, CENT);
        row.assert_near("exp_earned", settled.reconciliation.0, CENT);
        let shared = if generated > 0.0 { settled.step("sharing rate") } else { None };
        row.assert_near("exp_sharing_rate", shared.unwrap_or(0.0), 6e-7);
        row.assert_near("exp_loss_rate", settled.step("loss rate").unwrap_or(0.0), 6e-7);
    }
}

#[test]
fn specific_stop_loss() {
    for row in rows("stop_loss_specific.csv", 6) {
        let cover = SpecificStopLoss {
            attachment_point: Dollars(row.number("attachment")),
            coinsurance: share(row.number("reimbursement_share")),
            limit: row.optional("max_per_member").map(Dollars),
            aggregating_deductible: Dollars(row.number("aggregating_deductible")),
            premium: Pmpm(0.0),
        };
        let Observation::Layer { attachment_point, limit, .. } = cover.layer(ServiceScope::All) else {
            panic!("a specific cover observes a layer");
        };
        let limit = match limit {
            Limit::Unlimited => f64::INFINITY,
            Limit::Amount(amount) => amount.0,
            Limit::TruncationPoint => panic!("a specific cover has its own limit"),
        };
        let claims = row.text("member_claims").split('|').filter(|claim| !claim.is_empty());
        let claims: Vec<f64> = claims.map(|claim| claim.parse().expect("a number")).collect();
        let in_layer = claims.iter().map(|claim| (claim.min(limit) - attachment_point.0).max(0.0)).sum();
        let gross = SpecificStopLoss { aggregating_deductible: Dollars::ZERO, ..cover }.recovery(Dollars(in_layer));
        let net = cover.recovery(Dollars(in_layer));
        row.assert_near("exp_gross_recovery", gross.0, CENT);
        row.assert_near("exp_net_recovery", net.0, CENT);
        row.assert_near("exp_retained", claims.iter().sum::<f64>() - net.0, CENT);
    }
}

#[test]
fn aggregate_stop_loss() {
    for row in rows("stop_loss_aggregate.csv", 4) {
        let exposure = MemberMonths(120_000.0);
        let cover = AggregateStopLoss {
            expected: Pmpm(row.number("expected_claims") / exposure.0),
            attachment_ratio: row.number("attachment_ratio"),
            coinsurance: share(row.number("reimbursement_share")),
            limit: row.optional("maximum").map(Dollars),
            premium: Pmpm(0.0),
        };
        let net = row.number("claims") - row.number("specific_recoveries");
        let recovery = cover.recovery(Dollars(net), exposure);
        row.assert_near("exp_net_claims", net, CENT);
        row.assert_near("exp_attachment_dollars", (cover.expected * exposure * cover.attachment_ratio).0, CENT);
        row.assert_near("exp_recovery", recovery.0, CENT);
        row.assert_near("exp_retained", net - recovery.0, CENT);
    }
}
