//! The `[[contracts]]`.

use twosided_contracts::{Arrangement, ContractKeys, Known};
use twosided_form::{At, Key, List, Section, shortened};
use twosided_population::Segment;

/// The contracts of a scenario.
pub(crate) const CONTRACTS: Key<List> = Key::tables("contracts", ContractKeys::TABLE, 100)
    .required("[{ name = \"Fees\", terms = { fee_for_service = {} } }]")
    .ask("add at least one [[contracts]] with a name and terms")
    .meaning("the contracts to compare");

/// Reads the contracts; `None` when anything in them is wrong.
pub(crate) fn read(root: &Section<'_>, known: &Known, segments: Option<&[Segment]>) -> Option<Vec<Arrangement>> {
    let mut names: Vec<At<String>> = Vec::new();
    let contracts = root.tables(&CONTRACTS, |section| Arrangement::read(section, known, &mut names))?;
    let covers_nobody = |contract: &Arrangement| {
        segments.is_some_and(|segments| !segments.iter().any(|segment| contract.covered.includes(segment)))
    };
    let mut is_fine = true;
    for contract in contracts.iter().filter(|contract| covers_nobody(contract)) {
        let span = names.iter().find(|name| name.value == contract.name).map_or(0..0, |name| name.span.clone());
        let message = format!("no segment is covered by \"{}\"", shortened(&contract.name, 80));
        root.wrong(&span, message, "give the segments of its payers their `payer`");
        is_fine = false;
    }
    is_fine.then_some(contracts)
}
