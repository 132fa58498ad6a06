//! What makes a contract, and what makes it a kind that a scenario file can name.

use twosided_form::{Section, Table};
use twosided_population::{Observation, ServiceScope};
use twosided_units::Share;

use crate::{Composite, Known, Lan, Payment, Rule, Settlement, Year};

/// A contract that settles an observed year. A contract of one's own needs no more; what a scenario file can name is a [`Kind`].
pub trait Settle {
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

    /// The services whose own fees are given up, and the share of them: by the payment, or by a reduction of fees. Where other contracts
    /// are held at once, what is given up is not paid to them again.
    fn fees_given_up(&self) -> Option<(ServiceScope, Share)> {
        match self.payment() {
            Payment::Fees => None,
            Payment::InPlaceOfFees(services) | Payment::AtRisk(services) => Some((services, Share::ONE)),
        }
    }

    /// The services whose fees for the provider's own care are [`Year::own_fees`].
    fn own_fees(&self) -> ServiceScope {
        self.services()
    }

    /// What the contract settles on besides exposure and own fees; [`Year::figure`] counts in this order.
    fn observes(&self) -> Vec<Observation> {
        Vec::new()
    }

    /// The same terms with a composite in place of their given number, of which [`Scored`] says where it stands; none for terms that no
    /// score enters. What the rule makes of the composite is recorded.
    fn scored(&self, _composite: &Composite<'_>, _settlement: &mut Settlement) -> Option<Scored> {
        None
    }

    /// How many independent normal scores it takes a year, for what is not known of the outside; [`Year::scores`] holds them.
    fn draws(&self) -> usize {
        0
    }

    /// Settles an observed year.
    fn settle(&self, year: &Year<'_>) -> Settlement;
}

/// Terms with a composite in place of their given number.
pub struct Scored {
    /// The terms.
    pub terms: Box<dyn Settle>,
    /// Names of the steps that hold the number.
    pub steps: &'static [&'static str],
    /// How it follows from the composite.
    pub how: &'static str,
}

/// A kind of contract that a scenario file can name.
pub trait Kind: Settle + Sized {
    /// Its key in a scenario file, after `terms.`.
    const KEY: &'static str;
    /// The keys of its terms.
    const KEYS: &'static Table;
    /// One line on what this kind of contract is.
    const SUMMARY: &'static str;
    /// Its row in `docs/contracts.md`.
    const LISTING: Listing;
    /// What becomes of its benchmark, where it has one.
    const BENCHMARK: BenchmarkUse = BenchmarkUse::None;
    /// An example of its terms, as a scenario file writes them after `terms.KEY =`.
    const EXAMPLE: &'static str;

    /// The tables of its rules' numbers, which change from year to year.
    fn rules() -> Vec<&'static [Rule]> {
        Vec::new()
    }

    /// Reads the terms; `None` when anything in them is wrong.
    fn read(section: &Section<'_>, known: &Known) -> Option<Self>;
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
