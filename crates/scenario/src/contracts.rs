//! The `[[contracts]]`.

use twosided_contracts::{Arrangement, Known};
use twosided_form::Section;

const MOST_CONTRACTS: usize = 100;

/// Reads the contracts; `None` when anything in them is wrong.
pub(crate) fn read(root: &Section<'_>, known: &Known) -> Option<Vec<Arrangement>> {
    root.require("contracts", "add at least one [[contracts]] with a name and terms");
    let mut names = Vec::new();
    root.each("contracts", MOST_CONTRACTS, |section| Arrangement::read(section, known, &mut names))
}
