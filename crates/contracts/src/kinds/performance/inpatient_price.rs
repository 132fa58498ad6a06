//! What a factor on a hospital's prices changes: base operating payments, which leave out teaching, low-income share, outliers
//! and low volume.

use twosided_form::{Key, Literal::Number};
use twosided_units::Share;

use crate::{AGREED, OBSERVED, Settlement, Year, read};

/// The part of fees that a factor moves.
pub(crate) const BASE_OPERATING_SHARE: Key<Share> = Key::share("base_operating_share")
    .default(Number(1.0))
    .meaning("the part of own fees that is base operating payment")
    .more("Teaching, disproportionate-share and outlier payments are not");

/// The federal fiscal year of a program of hospitals, the first of which is 2013.
pub(crate) const fn fiscal_year(default: u16) -> Key<u16> {
    read::year("fiscal_year", (2013, 2100), default).meaning("the federal fiscal year, which picks the dated numbers")
}

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
