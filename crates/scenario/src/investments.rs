//! The `[[provider.investments]]`: money that is spent once.

use twosided_contracts::Arrangement;
use twosided_form::{At, Key, List, Literal::Whole, Range, Section, Unit, keys, shortened, unique};
use twosided_provider::{Investment, Provider};
use twosided_units::Dollars;

/// The investments of a provider.
pub(crate) const INVESTMENTS: Key<List> = Key::tables("investments", InvestmentKeys::TABLE, 50)
    .absent("none", "[{ name = \"patient registry\", cost = 400_000, life = 5 }]")
    .meaning("the money that is spent once");

keys! {
    /// Money that is spent once.
    pub(crate) struct InvestmentKeys "provider.investments" {
        NAME: String = Key::name().more("Unique among investments");
        COST: Dollars = Key::quantity("cost", Unit::DOLLARS, Range::of(0.0, 1e12)).required("400_000")
            .meaning("what is spent, in dollars of the day");
        YEAR: u32 = Key::whole("year", 1, 100).default(Whole(1)).meaning("the year in whose first month it is spent, counted from 1");
        LIFE: u32 = Key::whole("life", 1, 100).default(Whole(5)).meaning("the years that it serves")
            .more("An equal part is a cost of each of them");
        CONTRACTS: Vec<At<String>> = Key::names("contracts", "names of contracts").absent("it is made in any case", "[\"MSSP\"]")
            .meaning("the contracts for which it is made: who holds none of them does without");
    }
}

/// Reads the investments.
pub(crate) fn read(provider: &Section<'_>) -> Option<Vec<Investment>> {
    let mut names: Vec<At<String>> = Vec::new();
    provider.optional_tables(&INVESTMENTS, |section| {
        type Keys = InvestmentKeys;
        let name = section.read_at(&Keys::NAME).filter(|name| unique(&section, &mut names, name, "investment"));
        let (cost, year, life) = (section.read(&Keys::COST), section.read(&Keys::YEAR), section.read(&Keys::LIFE));
        let contracts = section.optional(&Keys::CONTRACTS);
        section.finish();
        let contracts = contracts?.map(|names| names.into_iter().map(|name| name.value).collect());
        Some(Investment { name: name?.value, cost: cost?, year: year? - 1, life: life?, contracts })
    })
}

/// Notes investments for contracts that are not there.
pub(crate) fn check(root: &Section<'_>, provider: &Provider, contracts: &[Arrangement]) {
    let Some(section) = root.table(&crate::RootKeys::PROVIDER) else { return };
    for investment in &provider.investments {
        for name in investment.contracts.iter().flatten() {
            if !contracts.iter().any(|contract| contract.name == *name) {
                let names = contracts.iter().map(|contract| contract.name.as_str());
                let help = section.findings.suggestions.help(name, names, "the contracts are");
                let message = format!(
                    "the investment \"{}\" is for \"{}\", and no contract has that name",
                    shortened(&investment.name, 80),
                    shortened(name, 80)
                );
                section.wrong(&section.span_of(INVESTMENTS.name), message, help);
            }
        }
    }
}
