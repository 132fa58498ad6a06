//! What a factor on a hospital's prices changes: base operating payments, which leave out teaching, low-income share, outliers
//! and low volume.

use twosided_units::Share;

use crate::{AGREED, OBSERVED, Settlement, Year};

/// Books the change in fees that follows from the step `payment factor`.
pub(crate) fn change(settlement: &mut Settlement, year: &Year<'_>, base_operating_share: Share, factor: f64) {
    settlement.dollars("own inpatient fees", OBSERVED, year.own_fees);
    settlement.share("base operating share", AGREED, base_operating_share.value());
    let base = settlement.dollars(
        "base operating payments",
        "{own inpatient fees} × {base operating share}",
        year.own_fees * base_operating_share,
    );
    settlement.fee_adjustment = settlement.dollars(
        "change in payments",
        "{base operating payments} × ({payment factor} - 1)",
        base * (factor - 1.0),
    );
}
