//! The `[[limits]]`: what a contract is required to keep to, and the small language of statements.

mod cursor;
mod parse;
mod statement;
#[cfg(test)]
mod tests;

pub use cursor::StatementError;
pub use statement::{Base, Comparison, Event, Quantity, Statement, Subject, When};

use twosided_contracts::Arrangement;
use twosided_form::{At, Holds, Key, List, Section, keys, shortened, unique};

/// What is required of a contract, or of its gains less those of another.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// A name of its own.
    pub name: Option<String>,
    /// The contract.
    pub contract: String,
    /// The contract whose gains are subtracted, trial by trial.
    pub less: Option<String>,
    /// The requirement.
    pub require: Statement,
}

impl Limit {
    /// What it is about, as `Track A` or `Track A less Track B`.
    pub fn subject(&self) -> String {
        match &self.less {
            Some(less) => format!("{} less {less}", self.contract),
            None => self.contract.clone(),
        }
    }

    /// What it requires, as `VaR 95% <= $2,000,000`, after its name if it has one.
    pub fn title(&self) -> String {
        match &self.name {
            Some(name) => format!("{name}: {}", self.require),
            None => self.require.to_string(),
        }
    }
}

/// The limits of a scenario.
pub(crate) const LIMITS: Key<List> = Key::tables("limits", LimitKeys::TABLE, 1_000)
    .absent("none", "[{ contract = \"Fees\", require = \"var95 <= $2m\" }]")
    .meaning("what contracts are required to keep to, for [`twosided gate`](gate.md)");

keys! {
    /// A limit.
    pub(crate) struct LimitKeys "limits" {
        NAME: String = Key::new("name", Holds::Name).absent("none", "\"reserve\"").meaning("a name of its own").more("Unique among limits");
        CONTRACT: String = Key::text("contract").required("\"Track\"").meaning("the name of the contract that it is about");
        LESS: String = Key::text("less").absent("none", "\"Fees\"")
            .meaning("the contract whose gains are subtracted, trial by trial").more("The limit is then one of the difference");
        REQUIRE: String = Key::text("require").required("\"P(loss > 2% of benchmark) <= 5%\"")
            .meaning("the requirement").more("[Statements](gate.md#statements) says what can be written");
    }
}

/// Reads the limits; `None` when anything in them is wrong. Of contracts or years that could not be read, nothing is said.
pub(crate) fn read(root: &Section<'_>, contracts: Option<&[Arrangement]>, years: Option<u32>) -> Option<Vec<Limit>> {
    let mut names = Vec::new();
    let mut known: Vec<Limit> = Vec::new();
    root.optional_tables(&LIMITS, |section| {
        type Keys = LimitKeys;
        let name = if section.has(Keys::NAME.name) {
            let name = section.read_at(&Keys::NAME).filter(|name| unique(&section, &mut names, name, "limit"));
            name.map(|name| Some(name.value))
        } else {
            Some(None)
        };
        let is_known = |name: &At<String>| is_contract(&section, name, contracts);
        let contract = section.read_at(&Keys::CONTRACT).filter(is_known);
        let less = if section.has(Keys::LESS.name) {
            section.read_at(&Keys::LESS).filter(is_known).map(Some)
        } else {
            Some(None)
        };
        let require = section.read_at(&Keys::REQUIRE).and_then(|text| statement(&section, &text, years));
        let span = section.span.clone();
        let is_same = contract
            .as_ref()
            .zip(less.as_ref())
            .is_some_and(|(contract, less)| less.as_ref().is_some_and(|less| less.value == contract.value));
        if is_same {
            let help = "name another contract, or leave `less` out";
            section.wrong(&section.span_of(Keys::LESS.name), "a contract less itself is nothing", help);
        }
        section.finish();
        let (contract, less) = (contract?.value, less?.map(|less| less.value));
        let limit = Limit { name: name?, contract, less, require: require? };
        let is_again = |other: &Limit| {
            (&other.contract, &other.less, &other.require) == (&limit.contract, &limit.less, &limit.require)
        };
        if known.iter().any(is_again) {
            let message = format!("{} of \"{}\" is required twice", limit.require, limit.subject());
            root.wrong(&span, message, "remove one of the two");
            return None;
        }
        known.push(limit.clone());
        (!is_same).then_some(limit)
    })
}

/// Whether a contract of that name is there; notes it if it is not.
pub(crate) fn is_contract(section: &Section<'_>, name: &At<String>, contracts: Option<&[Arrangement]>) -> bool {
    let Some(contracts) = contracts else { return true };
    let is_known = contracts.iter().any(|contract| contract.name == name.value);
    if !is_known {
        let names = contracts.iter().map(|contract| contract.name.as_str());
        let help = section.findings.suggestions.help(&name.value, names, "the contracts are");
        section.wrong(&name.span, format!("no contract is named \"{}\"", shortened(&name.value, 80)), help);
    }
    is_known
}

/// Reads a statement; what is wrong in it is marked where it stands.
fn statement(section: &Section<'_>, text: &At<String>, years: Option<u32>) -> Option<Statement> {
    let wrong = match text.value.parse::<Statement>() {
        Err(error) => {
            // In text with escapes, places are not those of the file.
            let is_plain = text.span.len() == text.value.len() + 2 && error.text == text.value;
            let start = text.span.start + 1;
            let span = if is_plain { start + error.span.start..start + error.span.end } else { text.span.clone() };
            Some((span, error.message, error.help))
        }
        Ok(statement) => match (statement.quantity.latest_year(), years) {
            (Some(year), Some(years)) if year > years => {
                let help = if years == 1 {
                    "run.years is 1".to_owned()
                } else {
                    format!("run.years is {years}: write a year from 1 to {years}")
                };
                Some((text.span.clone(), format!("it is about year {year}, which the run does not have"), help))
            }
            _ => return Some(statement),
        },
    };
    if let Some((span, message, help)) = wrong {
        section.wrong(&span, format!("{}: {message}", section.path_of(LimitKeys::REQUIRE.name)), help);
    }
    None
}
