//! What makes a contract: the trait that every kind of terms implements.

use twosided_form::{Section, Table};
use twosided_population::{Observation, ServiceScope};

use crate::{Known, Lan, Payment, Rule, Settlement, Year};

/// A contract that settles an observed year.
///
/// A contract of one's own needs [`Settle::lan`] and [`Settle::settle`], and [`Settle::observes`] to see more than exposure and
/// own fees. What scenario files and `docs/contracts.md` say of a kind is for those that are listed in `kinds`.
pub trait Settle: Sized {
    /// Its key in a scenario file, after `terms.`; empty for a contract that no file can name.
    const KEY: &'static str = "";
    /// One line on what this kind of contract is.
    const SUMMARY: &'static str = "";
    /// Its row in `docs/contracts.md`.
    const LISTING: Listing = Listing { lan: "", settles_on: "", source: "" };
    /// What becomes of its benchmark, where it has one.
    const BENCHMARK: BenchmarkUse = BenchmarkUse::None;
    /// An example of its terms, as a scenario file writes them after `terms.KEY =`.
    const EXAMPLE: &'static str = "";

    /// The keys of its terms.
    const KEYS: &'static Table = &Table { name: "", groups: &[] };

    /// The tables of its rules' numbers, which change from year to year.
    fn rules() -> Vec<&'static [Rule]> {
        Vec::new()
    }

    /// Reads the terms; `None` when anything in them is wrong, and for a contract that no file can name.
    fn read(_section: &Section<'_>, _known: &Known) -> Option<Self> {
        None
    }

    /// Where these terms stand on the HCP-LAN continuum unless the scenario says otherwise.
    fn lan(&self) -> Lan;

    /// The services whose cost the terms depend on, which are also those that covers see.
    fn services(&self) -> ServiceScope {
        ServiceScope::All
    }

    /// What becomes of the fees for services.
    fn payment(&self) -> Payment {
        Payment::Fees
    }

    /// The services whose fees for the provider's own care are [`Year::own_fees`].
    fn own_fees(&self) -> ServiceScope {
        self.services()
    }

    /// What the contract settles on besides exposure and own fees; [`Year::figure`] counts in this order.
    fn observes(&self) -> Vec<Observation> {
        Vec::new()
    }

    /// Settles an observed year.
    fn settle(&self, year: &Year<'_>) -> Settlement;
}

/// What a kind of contract does with a benchmark, on which it depends what an agreement may say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BenchmarkUse {
    /// It has none.
    None,
    /// It compares expenditure with a benchmark.
    Compared,
    /// It compares expenditure with a benchmark, which may be rebased.
    Rebased,
}

/// A contract's row in `docs/contracts.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The LAN categories that it has by default, and when.
    pub lan: &'static str,
    /// What it settles on.
    pub settles_on: &'static str,
    /// The source of its rule.
    pub source: &'static str,
}
