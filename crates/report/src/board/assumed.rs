//! Box 7: what the figures rest on, in five lines at most.

use std::collections::BTreeSet;

use maud::{Markup, html};
use twosided_scenario::Scenario;

use crate::{Summary, text::listed};

/// What is assumed.
pub(super) struct Assumed {
    /// Years that sources of the population name.
    pub(super) data_years: Vec<String>,
    /// Contracts with unconfirmed rules, and how many rules those are.
    pub(super) unconfirmed: (usize, usize),
    /// Blocks without a source, and all blocks that state figures.
    pub(super) without_source: (usize, usize),
    pub(super) warnings: usize,
}

impl Assumed {
    pub(super) fn new(scenario: &Scenario, summary: &Summary) -> Self {
        let of_people = scenario.sources.iter().filter(|note| note.path.starts_with("population"));
        let years: BTreeSet<String> = of_people.flat_map(|note| years_in(&note.text)).collect();
        let marked = || summary.contracts.iter().filter(|contract| !contract.unconfirmed.is_empty());
        let rules: BTreeSet<(&str, &str)> = marked()
            .flat_map(|contract| contract.unconfirmed.iter().map(|rule| (contract.kind.as_str(), rule.as_str())))
            .collect();
        let missing = summary.assumptions.iter().filter(|assumption| assumption.source.is_none()).count();
        Self {
            data_years: years.into_iter().collect(),
            unconfirmed: (marked().count(), rules.len()),
            without_source: (missing, summary.assumptions.len()),
            warnings: summary.warnings.len(),
        }
    }

    fn lines(&self) -> Vec<String> {
        let data = match self.data_years.as_slice() {
            [] => "Data: no source of the population names a year.".to_owned(),
            [year] => format!("Data: the sources of the population name the year {year}."),
            years => format!("Data: the sources of the population name the years {}.", listed(years)),
        };
        let several = |count: usize, one: &str, more: &str| match count {
            1 => format!("1 {one}"),
            count => format!("{count} {more}"),
        };
        let mut lines = vec![data];
        if let (contracts @ 1.., rules) = self.unconfirmed {
            lines.push(format!(
                "Unconfirmed: {} taken from secondary sources, in {}; check them against the contract.",
                several(rules, "rule is", "rules are"),
                several(contracts, "option", "options")
            ));
        }
        if let (missing @ 1.., all) = self.without_source {
            lines.push(format!("No source: {missing} of {all} parts of the scenario that state figures give none."));
        }
        if self.warnings > 0 {
            lines.push(format!(
                "To check: {} likely to be meant otherwise, listed in the report.",
                several(self.warnings, "value is", "values are")
            ));
        }
        lines.push(
            "Left out: see “What this leaves out”; all assumptions and how to repeat the run are at the end of the report.".to_owned(),
        );
        lines
    }

    pub(super) fn markup(&self) -> Markup {
        html! { ul { @for line in self.lines() { li { (line) } } } }
    }
}

/// The years from 1990 to 2099 that a text names.
fn years_in(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let is_year = |word: &&str| word.len() == 4 && word.parse().is_ok_and(|year: u32| (1990..2100).contains(&year));
    words.filter(is_year).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_found_in_sources() {
        assert_eq!(years_in("CMS results 2022, row A1736; of PY2021, 2022k and 12022"), ["2022"]);
        assert_eq!(years_in("assumed"), Vec::<String>::new());
    }

    #[test]
    fn there_are_five_lines_at_most() {
        let full =
            Assumed { data_years: vec!["2022".to_owned()], unconfirmed: (2, 1), without_source: (3, 7), warnings: 1 };
        let lines = full.lines();
        assert_eq!(lines.len(), 5);
        assert!(
            lines[1].starts_with("Unconfirmed: 1 rule is taken from secondary sources, in 2 options;"),
            "{lines:?}"
        );
        assert!(lines[3].starts_with("To check: 1 value is likely"), "{lines:?}");
        let none = Assumed { data_years: Vec::new(), unconfirmed: (0, 0), without_source: (0, 4), warnings: 0 };
        assert_eq!(none.lines().len(), 2);
    }
}
