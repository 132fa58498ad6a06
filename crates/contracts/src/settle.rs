//! What makes a contract: the trait that every kind of terms implements.

use twosided_form::{Section, Table};
use twosided_population::{Observation, ServiceScope};

use crate::{Known, Lan, Payment, Rule, Settlement, Year};

/// A contract that settles an observed year.
pub trait Settle: Sized {
    /// Its key in a scenario file, after `terms.`.
    const KEY: &'static str;
    /// One line on what this kind of contract is.
    const SUMMARY: &'static str;
    /// Its row in `docs/contracts.md`.
    const ROW: Listing;
    /// Terms as a scenario file writes them: what is after `terms.KEY =`.
    const EXAMPLE: &'static str;

    /// The keys of its terms.
    const KEYS: &'static Table = &Table { name: "", groups: &[] };

    /// The tables of its dated numbers.
    fn rules() -> Vec<&'static [Rule]> {
        Vec::new()
    }

    /// Reads the terms; `None` when anything in them is wrong.
    fn read(section: &Section<'_>, known: &Known) -> Option<Self>;

    /// Where these terms stand on the HCP-LAN continuum unless the scenario says otherwise.
    fn lan(&self) -> Lan;

    /// The services whose cost these terms concern, and which covers see.
    fn services(&self) -> ServiceScope {
        ServiceScope::All
    }

    /// What becomes of fees.
    fn payment(&self) -> Payment {
        Payment::Fees
    }

    /// The services whose fees for the provider's own care are [`Year::own_fees`].
    fn own_fees(&self) -> ServiceScope {
        self.services()
    }

    /// What the contract must see of a year beside exposure and own fees; [`Year::figure`] counts in this order.
    fn observes(&self) -> Vec<Observation> {
        Vec::new()
    }

    /// The settlement of an observed year.
    fn settle(&self, year: &Year<'_>) -> Settlement;
}

/// A contract's row in `docs/contracts.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The LAN categories that it has by default, and when.
    pub lan: &'static str,
    /// What it settles on.
    pub settles_on: &'static str,
    /// Where its rule is from.
    pub source: &'static str,
}
