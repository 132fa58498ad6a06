//! Capitation of participants' claims in ACO REACH.

use twosided_form::Section;
use twosided_population::ServiceScope;
use twosided_units::{Dollars, Pmpm, Share};

use crate::{AGREED, Known, OBSERVED, Settlement, Year, read};

/// Monthly payments in place of part of participants' claims.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimsCapitation {
    /// Paid for each beneficiary.
    pub rate: Pmpm,
    /// Paid beside it and repaid in full at settlement (enhanced primary-care capitation).
    pub enhanced: Pmpm,
    /// The services whose claims are reduced.
    pub services: ServiceScope,
    /// The part of participants' fees that is not paid.
    pub fee_reduction: Share,
    /// Whether the payment is reconciled to the fees that it replaced.
    pub reconciled: bool,
}

impl ClaimsCapitation {
    /// Capitation cash against the fees that it replaces; what is paid in advance comes back in the settlement.
    pub(super) fn settle(&self, settlement: &mut Settlement, year: &Year<'_>) -> Dollars {
        settlement.pmpm("claims capitation", AGREED, self.rate);
        settlement.number("months capitated", OBSERVED, year.exposure.0);
        let paid = settlement.dollars(
            "claims capitation paid",
            "{claims capitation} × {months capitated}",
            self.rate * year.exposure,
        );
        settlement.dollars("participants' own fees", OBSERVED, year.own_fees);
        settlement.share("fee reduction", AGREED, self.fee_reduction.value());
        let reduced = settlement.dollars(
            "fees not paid",
            "{participants' own fees} × {fee reduction}",
            year.own_fees * self.fee_reduction,
        );
        settlement.pmpm("enhanced capitation", AGREED, self.enhanced);
        let advance = settlement.dollars(
            "enhanced capitation advanced",
            "{enhanced capitation} × {months capitated}",
            self.enhanced * year.exposure,
        );
        settlement.fee_adjustment = settlement.dollars(
            "change of fees",
            "{claims capitation paid} + {enhanced capitation advanced} - {fees not paid}",
            paid + advance - reduced,
        );
        let trued_up = if self.reconciled {
            settlement.dollars("capitation trued up", "{fees not paid} - {claims capitation paid}", reduced - paid)
        } else {
            settlement.remark("the capitation is not reconciled to the fees that it replaced");
            settlement.dollars("capitation trued up", AGREED, Dollars::ZERO)
        };
        settlement.advances_settled = settlement.dollars(
            "capitation settled",
            "{capitation trued up} - {enhanced capitation advanced}",
            trued_up - advance,
        );
        settlement.advances_settled
    }

    pub(super) fn read(section: Section<'_>, known: &Known) -> Option<Self> {
        let rate = read::pmpm(&section, "pmpm", "pmpm = 60");
        let enhanced = read::dollars_or(&section, "enhanced_pmpm", 0.0, 0.0, 100_000.0);
        let services = read::services(&section, "services", known);
        let fee_reduction = read::share_or(&section, "fee_reduction", Share::ONE);
        let reconciled = read::truth_or(&section, "reconciled", true);
        section.finish();
        Some(Self {
            rate: rate?,
            enhanced: Pmpm(enhanced?),
            services: services?,
            fee_reduction: fee_reduction?,
            reconciled: reconciled?,
        })
    }
}
