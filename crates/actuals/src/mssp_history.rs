//! What CMS's results of any year say of an ACO's savings rate: few columns, which every file since 2014 has.

use std::collections::BTreeMap;

use crate::{ActualsError, EnrollmentType, Table, cms_columns as column, mssp_columns::required, mssp_row::start_year};

/// One ACO's year in a results file, as far as a history needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryRow {
    /// Line of the file.
    pub line: u64,
    /// Identifier; none in files before 2018.
    pub id: Option<String>,
    /// Name; empty where the file has none.
    pub name: String,
    /// Assigned beneficiaries.
    pub people: f64,
    /// Total updated benchmark, dollars.
    pub benchmark: f64,
    /// Total expenditure, dollars.
    pub expenditure: f64,
    /// Person-years, where the file has them.
    pub person_years: Option<f64>,
    /// Year in which the agreement begins, where the file has it.
    pub agreement_start: Option<u16>,
    /// Whether it is the ACO's first agreement, where the file shows that.
    pub is_initial: Option<bool>,
    /// The part of a year that the totals are of: one, or a half for January to June of 2019.
    pub part_of_year: f64,
}

/// The rows of a results file that have a benchmark and an expenditure, and how many have not.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryYear {
    /// Performance year.
    pub year: u16,
    /// Rows.
    pub rows: Vec<HistoryRow>,
    /// Rows that lack beneficiaries, benchmark or expenditure.
    pub incomplete: usize,
}

/// Benchmarks over expenditures that are believed.
const RATIOS: std::ops::Range<f64> = 0.3..3.0;
/// Totals over per-capita amounts times person-years of half a year's row.
const HALF: std::ops::Range<f64> = 0.45..0.55;
impl HistoryYear {
    /// Reads a results file of a performance year.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with every column that is missing and every cell that is wrong.
    pub fn read(table: &Table, year: u16) -> Result<Self, ActualsError> {
        let mut problems = Vec::new();
        let id = table.column(&["ACO_ID", "ACO_Num"]);
        let name = table.column(&["ACO_Name"]);
        if id.is_none() && name.is_none() {
            problems.push("there is no column ACO_ID (or ACO_Num, ACO_Name): the ACO's identifier".to_owned());
        }
        let mut need = |names: &[&str], what: &str| required(table, names, what, &mut problems);
        let people = need(&["N_AB"], "assigned beneficiaries");
        let benchmark = need(&[column::BENCHMARK], "total benchmark");
        let expenditure = need(&["ABtotExp"], "total expenditure");
        let columns = (people, benchmark, expenditure);
        let (Some(people), Some(of_benchmark), Some(expenditure)) = table.checked(columns, problems)? else {
            unreachable!("a column is missing only with a problem")
        };
        let person_years = table.column(&[column::PERSON_YEARS]);
        let per_capita = table.column(&["UpdatedBnchmk"]);
        let start = table.column(&["Current_Start_Date", "Start_Date"]);
        let agreement = table.column(&["Agree_Type"]);
        let mut problems = Vec::new();
        let mut found = Self { year, rows: Vec::with_capacity(table.len()), incomplete: 0 };
        for row in 0..table.len() {
            let mut positive = |column: usize, help: &str| match table.number(row, column) {
                Ok(Some(number)) if number > 0.0 && number < 1e13 => Some(number),
                Ok(Some(_)) => {
                    problems.push(table.wrong(row, column, help));
                    None
                }
                Ok(None) => None,
                Err(problem) => {
                    problems.push(problem);
                    None
                }
            };
            let figures = (
                positive(people, "a count of beneficiaries is above 0"),
                positive(of_benchmark, "a benchmark is above 0"),
                positive(expenditure, "an expenditure of a year is above 0"),
            );
            let (Some(people), Some(benchmark), Some(expenditure)) = figures else {
                found.incomplete += 1;
                continue;
            };
            let optional = |column: Option<usize>| column.and_then(|column| table.number(row, column).ok().flatten());
            let person_years = optional(person_years).filter(|years| *years > 0.0);
            let whole = optional(per_capita).zip(person_years).map(|(amount, years)| benchmark / (amount * years));
            let agreement_start = start.and_then(|column| start_year(table.text(row, column)));
            if let (None, Some(column)) = (agreement_start, start)
                && !table.text(row, column).trim().is_empty()
            {
                problems.push(table.wrong(row, column, "write a date, as 07/01/2019"));
            }
            if !RATIOS.contains(&(benchmark / expenditure)) {
                let help = format!("the benchmark is {:.2} times the expenditure of the row", benchmark / expenditure);
                problems.push(table.wrong(row, of_benchmark, &help));
            }
            if let (Some(began), Some(column)) = (agreement_start, start)
                && began > year
            {
                let help = format!("an agreement begins no later than {year}; is this the file of another year?");
                problems.push(table.wrong(row, column, &help));
            }
            found.rows.push(HistoryRow {
                line: table.line(row),
                id: id.map(|column| table.text(row, column).trim().to_owned()).filter(|id| !id.is_empty()),
                name: name.map_or_else(String::new, |column| table.text(row, column).to_owned()),
                people,
                benchmark,
                expenditure,
                person_years,
                agreement_start,
                is_initial: agreement.and_then(|column| is_initial(table.text(row, column))),
                part_of_year: if whole.is_some_and(|part| HALF.contains(&part)) { 0.5 } else { 1.0 },
            });
        }
        let mut lines: BTreeMap<&str, u64> = BTreeMap::new();
        for row in &found.rows {
            let Some(id) = &row.id else { continue };
            if let Some(first) = lines.insert(id, row.line) {
                problems.push(format!("line {}: {id} stands in line {first} too; an ACO has one row a year", row.line));
            }
        }
        table.checked(found, problems)
    }
}

/// Whether an agreement is a first one, by its type: "Initial", "Renewal" or "Re-entering".
fn is_initial(text: &str) -> Option<bool> {
    let text = text.trim().to_lowercase();
    (!text.is_empty()).then(|| text.starts_with("initial"))
}

/// Person-years and truncated spending a person-year of each enrollment type of one row, where the file has them.
pub fn types_of(table: &Table, row: usize) -> Option<[(f64, f64); 4]> {
    let mut types = [(0.0, 0.0); 4];
    for (of_type, enrollment) in types.iter_mut().zip(EnrollmentType::ALL) {
        let [years, amount, _] = enrollment.columns();
        let read = |name: &str| table.number(row, table.column(&[name])?).ok().flatten();
        *of_type = (read(years)?, read(amount)?);
    }
    Some(types)
}
