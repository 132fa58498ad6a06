//! Fee-for-service: each service is paid at its price, and nothing is reconciled.

use twosided_form::{Section, Table, keys};
use twosided_units::{Dollars, Share};

use crate::{Known, Lan, Listing, Settle, Settlement, Year};

keys! {
    /// The terms of fee-for-service: none.
    pub(crate) struct FeeForServiceKeys "terms.fee_for_service" {}
}

/// Fee-for-service alone: the zero line of every gain.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FeeForService;

impl Settle for FeeForService {
    const KEY: &'static str = "fee_for_service";
    const KEYS: &'static Table = FeeForServiceKeys::TABLE;
    const SUMMARY: &'static str = "fee-for-service, with nothing reconciled";
    const LISTING: Listing = Listing { lan: "1", settles_on: "nothing", source: "the zero line of every gain" };
    const EXAMPLE: &'static str = "{}";

    fn read(_section: &Section<'_>, _known: &Known) -> Option<Self> {
        Some(Self)
    }

    fn lan(&self) -> Lan {
        Lan::FeeForService
    }

    fn settle(&self, year: &Year<'_>) -> Settlement {
        Settlement::of(year)
    }
}

/// What part of an allowed amount reaches the provider.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FeeSchedule {
    /// The patient's share of the allowed amount.
    pub cost_share: Share,
    /// Cut from what the program pays, not from the patient's share.
    pub sequestration: Share,
    /// Part of the patient's share that is collected.
    pub collection: Share,
}

impl Default for FeeSchedule {
    /// The whole allowed amount.
    fn default() -> Self {
        Self { cost_share: Share::ZERO, sequestration: Share::ZERO, collection: Share::ONE }
    }
}

impl FeeSchedule {
    /// Revenue from services allowed at that amount.
    ///
    /// ```text
    /// revenue = allowed × [(1 - cost share)(1 - sequestration) + cost share × collection]
    /// ```
    ///
    /// # Source
    /// `docs/contracts.md`, fee-for-service.
    pub fn revenue(&self, allowed: Dollars) -> Dollars {
        allowed * self.cost_share.complement() * self.sequestration.complement()
            + allowed * self.cost_share * self.collection
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequestration_cuts_only_what_the_program_pays() {
        let share = |value| Share::new(value).expect("a share");
        let fees = FeeSchedule { cost_share: share(0.2), sequestration: share(0.02), collection: share(0.5) };
        // 80 × 0.98 + 20 × 0.5.
        assert!((fees.revenue(Dollars(100.0)).0 - 88.4).abs() < 1e-12);
        assert_eq!(FeeSchedule::default().revenue(Dollars(100.0)), Dollars(100.0));
    }
}
