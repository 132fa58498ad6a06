//! The `[[contracts]]`.

use twosided_contracts::{Arrangement, ContractKeys, Known};
use twosided_form::{Key, List, Section};

/// The contracts of a scenario.
pub(crate) const CONTRACTS: Key<List> = Key::tables("contracts", ContractKeys::TABLE, 100)
    .required("[{ name = \"Fees\", terms = { fee_for_service = {} } }]")
    .ask("add at least one [[contracts]] with a name and terms")
    .meaning("the contracts to compare");

/// Reads the contracts; `None` when anything in them is wrong.
pub(crate) fn read(root: &Section<'_>, known: &Known) -> Option<Vec<Arrangement>> {
    let mut names = Vec::new();
    root.tables(&CONTRACTS, |section| Arrangement::read(section, known, &mut names))
}
