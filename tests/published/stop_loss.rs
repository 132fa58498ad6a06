//! Stop-loss.

use twosided_contracts::{AggregateStopLoss, SpecificStopLoss};
use twosided_population::{Attachment, Limit, Observation, ServiceScope};
use twosided_units::{Dollars, MemberMonths, Pmpm};

use crate::row::{CENT, rows, share};

#[test]
fn specific_stop_loss() {
    for row in rows("stop_loss_specific.csv", 6) {
        let cover = SpecificStopLoss {
            attachment: Attachment { point: Dollars(row.number("attachment")), ..Attachment::ZERO },
            coinsurance: share(row.number("reimbursement_share")),
            limit: row.optional("max_per_member").map(Dollars),
            aggregating_deductible: Dollars(row.number("aggregating_deductible")),
            premium: Pmpm(0.0),
        };
        let Observation::Layer { attachment, limit, .. } = cover.layer(ServiceScope::All) else {
            panic!("a specific cover observes a layer");
        };
        let limit = match limit {
            Limit::Unlimited => f64::INFINITY,
            Limit::Width(width) => attachment.point.0 + width.0,
            Limit::Amount(_) | Limit::TruncationPoint => panic!("a specific cover has its own limit"),
        };
        let claims = row.text("member_claims").split('|').filter(|claim| !claim.is_empty());
        let claims: Vec<f64> = claims.map(|claim| claim.parse().expect("a number")).collect();
        let in_layer = claims.iter().map(|claim| (claim.min(limit) - attachment.point.0).max(0.0)).sum();
        let gross =
            SpecificStopLoss { aggregating_deductible: Dollars::ZERO, ..cover.clone() }.recovery(Dollars(in_layer));
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
