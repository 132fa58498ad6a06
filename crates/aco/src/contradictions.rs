//! What a row says that does not agree, or that holds for its year alone.

use twosided_actuals::AcoYear;
use twosided_contracts::{DisasterRelief, Mssp, Settlement};
use twosided_units::{Dollars, Share};

/// Dollars, and share of a published result, within which two figures of a row agree, being rounded.
const ROUNDED: f64 = 5.0;
const NEAR: f64 = 1e-3;

/// What a row says in two ways that do not agree, and what part of a year it is of.
pub(crate) fn contradictions(aco: &AcoYear) -> Vec<String> {
    let mut remarks = Vec::new();
    if aco.part_of_year < 1.0 {
        remarks.push(
            "the row is of January to June: its totals are of six months, and the scenario is of a whole year with the same \
             benchmark and spending per person-year"
                .to_owned(),
        );
    }
    let gap = aco.totals.gap.unwrap_or(aco.totals.benchmark - aco.totals.expenditure);
    if let Some(generated) = aco.generated
        && generated != Dollars::ZERO
        && (generated - gap).0.abs() > ROUNDED
    {
        remarks.push(format!(
            "the row publishes {generated} as generated savings or losses; its totals differ by {gap}, and hold"
        ));
    }
    let mut settlement = Settlement::default();
    aco.terms.reconcile(&mut settlement, &aco.totals);
    let ours = Dollars(settlement.step("earned").unwrap_or(settlement.reconciliation.0));
    if let Some(earned) = aco.earned
        && (earned - ours).0.abs() > ROUNDED.max(NEAR * earned.0.abs())
    {
        remarks.push(format!(
            "by its figures and the rules of its year the row comes to {ours}, and {earned} is published: `twosided explain mssp` has the steps"
        ));
    }
    remarks
}

/// Disaster relief as a share of the loss of the year; of a year without a loss the file says nothing.
pub(crate) fn relief(aco: &AcoYear) -> Option<Share> {
    let DisasterRelief::Amount(amount) = aco.terms.disaster_relief else { return None };
    let mut settlement = Settlement::default();
    let terms = Mssp { disaster_relief: DisasterRelief::Share(Share::ZERO), ..aco.terms.clone() };
    terms.reconcile(&mut settlement, &aco.totals);
    let loss = -settlement.reconciliation.0;
    (amount > Dollars::ZERO && loss > 0.0).then(|| Share::new((amount.0 / loss).min(1.0)).expect("a part of the loss"))
}
