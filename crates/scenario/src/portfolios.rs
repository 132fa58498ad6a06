//! The `[[portfolios]]`: contracts that a practice holds at once.

use twosided_contracts::{Arrangement, Portfolio};
use twosided_form::{At, Key, List, Literal::Truth, Section, keys, shortened, unique};
use twosided_population::Segment;

/// The portfolios of a scenario.
pub(crate) const PORTFOLIOS: Key<List> = Key::tables("portfolios", PortfolioKeys::TABLE, 50)
    .absent("none", "[{ name = \"Both\", contracts = [\"Fees\"] }]")
    .meaning("contracts that are held at once, each reported as one");

/// Most contracts of a portfolio: each may end by itself, so that their number decides how many ways there are to go on.
const MOST_HELD: usize = 10;

keys! {
    /// Contracts that are held at once.
    pub(crate) struct PortfolioKeys "portfolios" {
        NAME: String = Key::name().more("Unique among contracts and portfolios. Limits, `solve` and the report refer to it as to a contract");
        CONTRACTS: Vec<At<String>> = Key::names("contracts", "names of contracts").required("[\"MSSP\", \"Commercial bundle\"]")
            .meaning("the contracts that are held, up to 10")
            .more("Contracts of other people can always be held at once. Of the same people, at most one takes the place of the fees for a service, one is a program of accountable care organizations, and one shares the whole cost");
        BUNDLES_COUNT: bool = Key::truth("bundles_count").default(Truth(false))
            .meaning("whether what a bundle pays or takes counts as spending under the contract that shares the whole cost of the same people")
            .more("It depends on the programs and the year; needs checking for each").status(twosided_form::Status::Unconfirmed);
        QUALIFYING_PARTICIPANTS: bool = Key::truth("qualifying_participants").default(Truth(true))
            .meaning("whether clinicians under an advanced alternative payment model are its qualifying participants")
            .more("They have no MIPS adjustment. Whether they are depends on thresholds of payments or patients that are not computed").status(twosided_form::Status::Unconfirmed);
    }
}

/// Reads the portfolios of contracts that could be read; `None` when anything in them is wrong.
pub(crate) fn read(
    root: &Section<'_>,
    contracts: Option<&[Arrangement]>,
    segments: Option<&[Segment]>,
) -> Option<Vec<Arrangement>> {
    let mut names: Vec<At<String>> = Vec::new();
    root.optional_tables(&PORTFOLIOS, |section| {
        type Keys = PortfolioKeys;
        let is_free = |name: &At<String>| {
            let is_contract = contracts.is_some_and(|contracts| contracts.iter().any(|known| known.name == name.value));
            if is_contract {
                let message = format!("the name \"{}\" is that of a contract", shortened(&name.value, 80));
                section.wrong(&name.span, message, "results are reported by name; give the portfolio its own");
            }
            !is_contract
        };
        let name = section.read_at(&Keys::NAME);
        let name = name.filter(|name| unique(&section, &mut names, name, "portfolio")).filter(is_free);
        let held = section.read(&Keys::CONTRACTS);
        let bundles_count = section.read(&Keys::BUNDLES_COUNT);
        let qualifying_participants = section.read(&Keys::QUALIFYING_PARTICIPANTS);
        let held = held.and_then(|held| held_by(&section, &held, contracts));
        let span = section.span_of(Keys::CONTRACTS.name);
        section.finish();
        let (contracts, name) = (held?, name?.value);
        let portfolio =
            Portfolio { contracts, bundles_count: bundles_count?, qualifying_participants: qualifying_participants? };
        let conflicts = portfolio.conflicts(segments.unwrap_or_default());
        for conflict in &conflicts {
            let [one, other] = &conflict.between;
            let message = format!(
                "\"{}\" and \"{}\" cannot be held at once: {}",
                shortened(one, 80),
                shortened(other, 80),
                conflict.reason
            );
            root.wrong(&span, message, conflict.reason.help());
        }
        conflicts.is_empty().then(|| Arrangement::holding(&name, portfolio))
    })
}

/// The contracts that are named; `None` when any name is wrong.
fn held_by(section: &Section<'_>, named: &[At<String>], contracts: Option<&[Arrangement]>) -> Option<Vec<Arrangement>> {
    let key = &PortfolioKeys::CONTRACTS;
    if named.is_empty() || named.len() > MOST_HELD {
        let message = format!("{} names {} contracts", section.path_of(key.name), named.len());
        section.wrong(&section.span_of(key.name), message, format!("name from 1 to {MOST_HELD}"));
        return None;
    }
    let contracts = contracts?;
    let mut held: Vec<Arrangement> = Vec::new();
    let mut is_fine = true;
    for name in named {
        let (message, help) = match contracts.iter().find(|contract| contract.name == name.value) {
            Some(contract) if contract.is_fee_for_service_alone() => (
                format!("\"{}\" is fee-for-service alone", shortened(&name.value, 80)),
                "a portfolio is held on top of fees; leave it out".to_owned(),
            ),
            Some(_) if held.iter().any(|known| known.name == name.value) => {
                (format!("\"{}\" is named twice", shortened(&name.value, 80)), "a contract is held once".to_owned())
            }
            Some(contract) => {
                held.push(contract.clone());
                continue;
            }
            None => {
                let names = contracts.iter().map(|contract| contract.name.as_str());
                let help = section.findings.suggestions.help(&name.value, names, "the contracts are");
                (format!("no contract is named \"{}\"", shortened(&name.value, 80)), help)
            }
        };
        section.wrong(&name.span, message, help);
        is_fine = false;
    }
    is_fine.then_some(held)
}
