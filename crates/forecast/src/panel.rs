//! Years of organizations, linked over several results files.

use std::collections::{BTreeMap, BTreeSet};

use twosided_actuals::{HistoryRow, HistoryYear};

use crate::plain_name;

/// Fewest assigned beneficiaries of an organization that counts: what the program asks for.
pub const LEAST_PEOPLE: f64 = 5_000.0;

/// Organizations over the years.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// First year of the files.
    pub first_year: u16,
    /// Last year of the files.
    pub last_year: u16,
    /// Organizations, in the order of their keys.
    pub organizations: Vec<Series>,
    /// Rows by how they were linked.
    pub linked: Linked,
    /// Rows with an identifier, of any size: by key and year.
    pub(crate) identified: BTreeSet<(String, u16)>,
}

/// How rows were linked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Linked {
    /// By identifier.
    pub by_identifier: usize,
    /// Without an identifier, by a name that a file with identifiers has too.
    pub by_name: usize,
    /// Without an identifier, by a name that only such files have.
    pub by_name_alone: usize,
    /// Left out: several rows of a year have the name.
    pub ambiguous: usize,
    /// Left out: fewer than 5,000 beneficiaries, or no benchmark.
    pub small: usize,
}

/// The years of one organization.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Identifier, or the plain name.
    pub key: String,
    /// Name as last published.
    pub name: String,
    /// Years, the first one first.
    pub years: Vec<Year>,
}

/// One year of an organization.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Year {
    /// Performance year.
    pub year: u16,
    /// Logarithm of the benchmark over the expenditure.
    pub log_ratio: f64,
    /// Assigned beneficiaries.
    pub people: f64,
    /// The part of a year that the totals are of.
    pub part: f64,
    /// Year in which the agreement begins, where a file has it.
    pub agreement_start: Option<u16>,
    /// Expenditure per person-year, where the file has person-years.
    pub per_capita: Option<f64>,
    /// Whether it is the organization's first agreement, where the file shows that.
    pub is_initial: Option<bool>,
}

/// The year that is forecast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Performance year.
    pub year: u16,
    /// Assigned beneficiaries.
    pub people: f64,
    /// Year in which its agreement begins; as in the last year where it is not known.
    pub agreement_start: Option<u16>,
}

/// Files that make no panel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PanelError {
    /// No file at all.
    #[error("no results file is given")]
    NoFile,
    /// Two files of one year.
    #[error("two files are of {0}; give one file a year")]
    TwoOfAYear(u16),
    /// One file as that of two years.
    #[error("the files of {0} and {1} have the same results; is one of them given twice?")]
    SameResults(u16, u16),
}

impl Year {
    fn of(row: &HistoryRow, year: u16) -> Self {
        Self {
            year,
            log_ratio: libm::log(row.benchmark / row.expenditure),
            people: row.people,
            part: row.part_of_year,
            agreement_start: row.agreement_start,
            per_capita: row.person_years.map(|years| row.expenditure / (years * row.part_of_year)),
            is_initial: row.is_initial,
        }
    }

    /// Savings rate: benchmark less expenditure, over the benchmark.
    pub fn rate(&self) -> f64 {
        rate_of(self.log_ratio)
    }
}

/// The savings rate of a log ratio.
pub(crate) fn rate_of(log_ratio: f64) -> f64 {
    -libm::expm1(-log_ratio)
}

impl Panel {
    /// Links the rows of files of different years: by identifier; without one by name, where only one row of the year has it.
    ///
    /// # Errors
    /// [`PanelError`] for no file, and for two of one year.
    pub fn new(files: &[HistoryYear]) -> Result<Self, PanelError> {
        let mut years: Vec<&HistoryYear> = files.iter().collect();
        years.sort_by_key(|file| file.year);
        let (Some(first), Some(last)) = (years.first(), years.last()) else { return Err(PanelError::NoFile) };
        if let Some(twice) = years.windows(2).find(|pair| pair[0].year == pair[1].year) {
            return Err(PanelError::TwoOfAYear(twice[0].year));
        }
        for (index, one) in years.iter().enumerate() {
            if let Some(other) = years[index + 1..].iter().find(|other| have_same_results(one, other)) {
                return Err(PanelError::SameResults(one.year, other.year));
            }
        }
        let mut identifiers: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for row in years.iter().flat_map(|file| &file.rows) {
            if let Some(id) = &row.id {
                identifiers.entry(plain_name(&row.name)).or_default().insert(id);
            }
        }
        let mut linked = Linked::default();
        let mut identified = BTreeSet::new();
        let mut organizations: BTreeMap<String, Series> = BTreeMap::new();
        for file in &years {
            let keys: Vec<Option<String>> = file.rows.iter().map(|row| key(row, &identifiers)).collect();
            let mut rows_of: BTreeMap<&str, usize> = BTreeMap::new();
            for key in keys.iter().flatten() {
                *rows_of.entry(key).or_default() += 1;
            }
            linked.small += file.incomplete;
            let own = file.rows.iter().filter_map(|row| row.id.as_ref());
            identified.extend(own.map(|id| (id.to_uppercase(), file.year)));
            for (row, key) in file.rows.iter().zip(&keys) {
                let Some(key) = key.as_ref().filter(|key| rows_of[key.as_str()] == 1) else {
                    linked.ambiguous += 1;
                    continue;
                };
                if row.people < LEAST_PEOPLE {
                    linked.small += 1;
                    continue;
                }
                match &row.id {
                    Some(_) => linked.by_identifier += 1,
                    None if key.starts_with(BY_NAME) => linked.by_name_alone += 1,
                    None => linked.by_name += 1,
                }
                let series = organizations.entry(key.clone()).or_insert_with(|| Series {
                    key: key.clone(),
                    name: String::new(),
                    years: Vec::new(),
                });
                series.name.clone_from(&row.name);
                series.years.push(Year::of(row, file.year));
            }
        }
        let mut organizations: Vec<Series> = organizations.into_values().collect();
        organizations.iter_mut().for_each(Series::know_starts);
        Ok(Self { first_year: first.year, last_year: last.year, organizations, linked, identified })
    }

    /// The organization of a key.
    pub fn find(&self, key: &str) -> Option<&Series> {
        let index = self.organizations.binary_search_by(|series| series.key.as_str().cmp(key));
        index.ok().map(|index| &self.organizations[index])
    }

    /// Whether the rows of a year's file have identifiers.
    pub(crate) fn has_identifiers(&self, year: u16) -> bool {
        self.identified.iter().any(|(_, own)| *own == year)
    }

    /// How many years the files span.
    pub(crate) fn span(&self) -> usize {
        usize::from(self.last_year - self.first_year) + 1
    }
}

/// Whether a tenth of the rows of two files have the same benchmark and expenditure, which no two years have.
fn have_same_results(one: &HistoryYear, other: &HistoryYear) -> bool {
    let results = |row: &HistoryRow| (row.benchmark.to_bits(), row.expenditure.to_bits());
    let known: BTreeSet<(u64, u64)> = one.rows.iter().map(results).collect();
    let same = other.rows.iter().filter(|row| known.contains(&results(row))).count();
    same > 1 && same * 10 > other.rows.len()
}

/// What stands before the key of an organization that only its name identifies.
const BY_NAME: &str = "name ";

/// The key of a row; none where its name is that of several identifiers.
fn key(row: &HistoryRow, identifiers: &BTreeMap<String, BTreeSet<&str>>) -> Option<String> {
    if let Some(id) = &row.id {
        return Some(id.to_uppercase());
    }
    let name = plain_name(&row.name);
    match identifiers.get(&name) {
        None => Some(format!("{BY_NAME}{name}")),
        Some(ids) if ids.len() == 1 => ids.first().map(|id| id.to_uppercase()),
        Some(_) => None,
    }
}

impl Series {
    /// A year before a known agreement began has it in a later file, where the agreement had begun by then.
    fn know_starts(&mut self) {
        for index in (0..self.years.len().saturating_sub(1)).rev() {
            let later = self.years[index + 1].agreement_start;
            let year = &mut self.years[index];
            if year.agreement_start.is_none() {
                year.agreement_start = later.filter(|start| *start <= year.year);
            }
        }
    }

    /// The years up to one, that one included.
    pub fn until(&self, year: u16) -> &[Year] {
        let after = self.years.iter().position(|own| own.year > year).unwrap_or(self.years.len());
        &self.years[..after]
    }
}

/// Whether a year can be an organization's first in the program: its agreement is a first one, or, where no file says so, began in
/// the year or the one before.
pub(crate) fn is_entrant(year: &Year) -> bool {
    let is_young = year.agreement_start.is_none_or(|start| start + 1 >= year.year);
    is_young && year.is_initial != Some(false)
}

/// Whether an agreement is new since the last year: it began after that year, or after the agreement of that year.
pub(crate) fn is_new_agreement(last: &Year, start: Option<u16>) -> bool {
    start.is_some_and(|start| start > last.agreement_start.unwrap_or(last.year))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: Option<&str>, name: &str, people: f64, start: Option<u16>) -> HistoryRow {
        HistoryRow {
            line: 2,
            id: id.map(str::to_owned),
            name: name.to_owned(),
            people,
            benchmark: 110.0 + people / 1e3 + name.len() as f64,
            expenditure: 100.0,
            person_years: Some(10.0),
            agreement_start: start,
            is_initial: None,
            part_of_year: 1.0,
        }
    }

    fn file(year: u16, rows: Vec<HistoryRow>) -> HistoryYear {
        HistoryYear { year, rows, incomplete: 0 }
    }

    #[test]
    fn rows_are_linked_by_identifier_and_before_that_by_an_unambiguous_name() {
        let files = [
            file(2018, vec![row(Some("A1"), "One ACO, LLC", 9e3, Some(2016)), row(Some("A2"), "Two", 9e3, None)]),
            file(2016, vec![row(None, "One Accountable Care Organization", 8e3, None), row(None, "Gone", 8e3, None)]),
            file(
                2017,
                vec![row(None, "Two", 8e3, None), row(None, "TWO, Inc.", 7e3, None), row(None, "One", 4e3, None)],
            ),
        ];
        let panel = Panel::new(&files).expect("files of different years");
        assert_eq!((panel.first_year, panel.last_year), (2016, 2018));
        let one = panel.find("A1").expect("it is linked");
        assert_eq!(one.years.iter().map(|year| year.year).collect::<Vec<_>>(), [2016, 2018]);
        // 2018's file says since when its agreement has run.
        assert_eq!(one.years[0].agreement_start, Some(2016));
        assert_eq!(panel.find("A2").map(|two| two.years.len()), Some(1));
        assert!(panel.find("name gone").is_some());
        let expected = Linked { by_identifier: 2, by_name: 1, by_name_alone: 1, ambiguous: 2, small: 1 };
        assert_eq!(panel.linked, expected);
        assert_eq!(Panel::new(&[]), Err(PanelError::NoFile));
        assert_eq!(Panel::new(&[file(2018, vec![]), file(2018, vec![])]), Err(PanelError::TwoOfAYear(2018)));
    }

    #[test]
    fn an_agreement_is_new_where_it_began_after_the_last_one() {
        let last = Year::of(&row(None, "x", 9e3, Some(2016)), 2018);
        assert!(is_new_agreement(&last, Some(2019)) && is_new_agreement(&last, Some(2018)));
        assert!(!is_new_agreement(&last, Some(2016)) && !is_new_agreement(&last, None));
        let unknown = Year { agreement_start: None, ..last };
        assert!(is_new_agreement(&unknown, Some(2019)) && !is_new_agreement(&unknown, Some(2018)));
    }
}
