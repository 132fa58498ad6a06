//! Capitation of participants' claims in ACO REACH.

use twosided_form::{
    At, Key,
    Literal::{Number, Truth},
    Range, Section, Unit, keys,
};
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

keys! {
    /// Capitation of participants' claims.
    pub(crate) struct ClaimsCapitationKeys "terms.reach.capitation" {
        PMPM: Pmpm = read::rate("pmpm").required("60").meaning("the payment for each beneficiary");
        ENHANCED_PMPM: Pmpm = Key::quantity("enhanced_pmpm", Unit::PMPM, Range::of(0.0, 100_000.0)).default(Number(0.0))
            .meaning("what is paid beside it, and repaid in full at settlement (enhanced primary care capitation)");
        SERVICES: Vec<At<String>> = read::SERVICES.meaning("the services of which claims are reduced");
        FEE_REDUCTION: Share = Key::share("fee_reduction").default(Number(1.0))
            .meaning("the part of own fees for the services that is not paid");
        RECONCILED: bool = Key::truth("reconciled").default(Truth(true))
            .meaning("whether the payment is settled against the fees that it replaced")
            .more("Then it changes cash and no gain");
    }
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
        type Keys = ClaimsCapitationKeys;
        let rate = section.read(&Keys::PMPM);
        let enhanced = section.read(&Keys::ENHANCED_PMPM);
        let services = read::scope(&section, &Keys::SERVICES, known);
        let fee_reduction = section.read(&Keys::FEE_REDUCTION);
        let reconciled = section.read(&Keys::RECONCILED);
        section.finish();
        Some(Self {
            rate: rate?,
            enhanced: enhanced?,
            services: services?,
            fee_reduction: fee_reduction?,
            reconciled: reconciled?,
        })
    }
}
