use super::*;
use crate::{Arrangement, Settled};
use twosided_form::Document;
use twosided_units::MemberMonths;

fn contract(terms: &str, covers: &str) -> Arrangement {
    let text = format!("name = \"test\"\nterms.{terms}\ncovers.{covers}\n");
    let known = Known::anything();
    let (contract, _) = Document::new("test", text)
        .read(|root| Arrangement::read(root, &known, &mut Vec::new()))
        .expect("the test's contract is valid");
    contract
}

fn settled(contract: &Arrangement, figures: &[f64], own_fees: f64) -> Settled {
    assert_eq!(contract.observes().len(), figures.len());
    contract.settle(&Year::new(MemberMonths(1_000.0), 84, figures).with_own_fees(Dollars(own_fees)))
}

const CAPITATION: &str = "capitation = { pmpm = 1_000 }";

#[test]
fn a_corridor_shares_what_capitation_leaves_after_claims() {
    let corridor = "corridor = { expected_pmpm = 1_000, gains = [{ up_to = 0.02, share = 1 }, { share = 0.5 }], losses = [{ share = 0.25 }] }";
    let contract = contract(CAPITATION, corridor);
    // $1m of capitation against $0.9m: 2 points whole and 8 by half.
    assert!((settled(&contract, &[9e5], 0.0).settlement.reconciliation.0 + 4e4).abs() < 1e-9);
    // Against $1.2m, the payer bears three quarters of the loss.
    assert!((settled(&contract, &[1.2e6], 0.0).settlement.reconciliation.0 - 1.5e5).abs() < 1e-9);
}

#[test]
fn a_corridor_counts_fees_given_up_where_others_claims_are_the_payers() {
    let corridor = "corridor = { expected_pmpm = 1_000, gains = [{ share = 0.5 }], losses = [{ share = 0.5 }] }";
    let contract = contract("hospital_global_budget = { budget = 1_000_000, services = [\"inpatient\"] }", corridor);
    // A budget of $1m in place of $0.9m of fees: half of the gain goes back.
    assert!((settled(&contract, &[], 9e5).settlement.reconciliation.0 + 5e4).abs() < 1e-9);
}

#[test]
fn a_gate_scales_what_is_earned_and_leaves_advances_and_losses() {
    let shared = "shared_savings = { benchmark.pmpm = 1_000, savings.sharing_rate = 0.5, losses.sharing_rate = 0.5 }";
    let scaled = contract(shared, "quality_gate = { score = 0.8, minimum = 0.6, scaled = true }");
    assert!((settled(&scaled, &[9e5], 0.0).settlement.reconciliation.0 - 4e4).abs() < 1e-9);
    assert!((settled(&scaled, &[1.1e6], 0.0).settlement.reconciliation.0 + 5e4).abs() < 1e-9);
    let shut = contract(shared, "quality_gate = { score = 0.5, minimum = 0.6 }");
    assert_eq!(settled(&shut, &[9e5], 0.0).settlement.reconciliation, Dollars::ZERO);
    let advances = "primary_care_capitation = { pmpm = 30, share_of_fees = 1, services = [\"visits\"], reconciliation = \"true_up\" }";
    let trued_up = settled(&contract(advances, "quality_gate = { score = 0, minimum = 1 }"), &[], 5e4).settlement;
    assert_eq!(trued_up.total(), Dollars::ZERO);
}

#[test]
fn a_withhold_is_of_capitation_or_else_of_own_fees() {
    let withhold = "withhold = { share = 0.05, earned = 0.8 }";
    let capitated = settled(&contract(CAPITATION, withhold), &[9e5], 0.0).settlement;
    assert!((capitated.capitation.0 - 990_000.0).abs() < 1e-6);
    let fees = settled(&contract("fee_for_service = {}", withhold), &[], 2e6).settlement;
    assert!((fees.fee_adjustment.0 + 20_000.0).abs() < 1e-6);
}

#[test]
fn aggregate_cover_counts_what_the_specific_one_leaves() {
    let covers = "specific = { attachment_point = 100_000, coinsurance = 0.9, aggregating_deductible = 10_000, premium_pmpm = 5, lasers = { dialysis = 200_000 } }\ncovers.aggregate = { attachment_ratio = 1.1, expected_pmpm = 800, limit = 50_000, premium_pmpm = 2 }";
    let contract = contract(CAPITATION, covers);
    let Observation::Layer { attachment, .. } = &contract.observes()[1] else { panic!("the specific layer") };
    assert_eq!((attachment.of("dialysis"), attachment.of("others")), (Dollars(2e5), Dollars(1e5)));
    let settled = settled(&contract, &[1e6, 1e5, 1e6], 0.0);
    // 90% of $100,000 less the deductible; then $920,000 against 110% of $800,000.
    assert!((settled.stop_loss.recoveries.0 - (80_000.0 + 40_000.0)).abs() < 1e-6);
    assert!((settled.stop_loss.premiums.0 - 7_000.0).abs() < 1e-9);
}
