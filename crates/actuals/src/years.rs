//! Actual years of any contract: one row a year, its figures in columns named by what the contract observes.

use std::collections::BTreeSet;

use twosided_contracts::{Arrangement, Known, Year};
use twosided_form::{At, Document, DocumentError, count, figure, shortened};
use twosided_population::{Limit, Observation, ServiceScope};
use twosided_units::{Dollars, MemberMonths};

use crate::{ActualsError, SettledRow, SettledRows, Table};

/// A file of terms: `[contract]`, as one of a scenario's `[[contracts]]`, and `[columns]`, which says what columns of the data
/// are named that have other names there.
#[derive(Clone, Debug)]
pub struct YearsFile {
    document: Document,
    kind: String,
    columns: Vec<(String, At<String>)>,
}

/// Most rows that are settled at once: each is kept with its steps until all are written.
const MOST_ROWS: usize = 500_000;

/// Most bytes of text that are carried through: they are held once with the rows and once as they are written.
const MOST_CARRIED: u64 = 256 << 20;

/// Names of the columns beside those that the contract observes.
const MEMBER_MONTHS: &str = "member_months";
const PERSON_YEARS: &str = "person_years";
const MEMBERS: &str = "members";
const OWN_FEES: &str = "own_fees";

/// Where a year's figures stand.
struct Places {
    exposure: usize,
    /// Months in a unit of exposure.
    months: f64,
    members: Option<usize>,
    own_fees: Option<usize>,
    figures: Vec<usize>,
    /// Keys of the terms that the data give, with their paths.
    terms: Vec<(Vec<String>, usize)>,
    /// The other columns, which are carried through.
    labels: Vec<usize>,
}

impl YearsFile {
    /// Reads a file of terms. What the data give in columns is read with each row.
    ///
    /// # Errors
    /// [`DocumentError`], with every problem of the file.
    pub fn new(document: Document) -> Result<Self, DocumentError> {
        let ((kind, columns), _) = document.read(|root| {
            if let Some(key) = ["run", "contracts"].into_iter().find(|key| root.has(key)) {
                root.wrong(
                    &root.span_of(key),
                    "this is a scenario",
                    "`settle terms` takes a file of terms, which begins with [contract]; `run` and `explain scenario` take a scenario",
                );
                return None;
            }
            root.require("contract", "begin with [contract], a name and terms, as terms.mssp = { … }");
            let contract = root.section("contract");
            let terms = contract.as_ref().and_then(|contract| {
                contract.require("terms", "say what was agreed, as terms.mssp = { … }");
                contract.section("terms")
            });
            let kind = terms.and_then(|terms| terms.names().next());
            let columns = root.or("columns", Vec::new(), |root| {
                let columns = root.section("columns")?;
                let texts = columns.texts_by_name();
                columns.finish_named();
                texts
            });
            let read = contract.is_some();
            root.finish();
            if !read {
                return None;
            }
            Some((kind.unwrap_or_default(), columns?))
        })?;
        Ok(Self { document, kind, columns })
    }

    /// Settles every row of a table.
    ///
    /// # Errors
    /// [`DocumentError`] for terms that are wrong whatever the row; [`ActualsError`] for what is wrong in the data.
    pub fn settle(&self, table: &Table) -> Result<Result<SettledRows, ActualsError>, DocumentError> {
        if table.len() > MOST_ROWS {
            let (rows, most) = (count(table.len() as u64), count(MOST_ROWS as u64));
            let reason = format!("it has {rows} rows, and {most} are settled at once; split it");
            return Ok(Err(ActualsError::Unreadable { file: table.file().to_owned(), reason }));
        }
        let given = self.given(table);
        // What the first row lacks or has wrong, terms without the data may not have.
        let first = match self.arrangement(table, 0, &given) {
            Ok(arrangement) => arrangement,
            Err(error) if given.is_empty() => return Err(error),
            Err(error) => return Ok(Err(invalid(table, row_problems(table, 0, &error)))),
        };
        Ok(self.settled(table, &first, given))
    }

    fn settled(
        &self,
        table: &Table,
        first: &Arrangement,
        given: Vec<(Vec<String>, usize)>,
    ) -> Result<SettledRows, ActualsError> {
        let indices = self.indices(table, first, given)?;
        let carried: u64 = indices.labels.iter().map(|&column| table.bytes(column)).sum();
        if carried > MOST_CARRIED {
            let (carried, most) = (count(carried), count(MOST_CARRIED));
            let reason = format!(
                "its columns that are carried through hold {carried} bytes of text, and {most} are written at once; leave \
                 columns out, or split it"
            );
            return Err(ActualsError::Unreadable { file: table.file().to_owned(), reason });
        }
        let mut problems = Vec::new();
        let mut rows = Vec::with_capacity(table.len());
        let mut arrangement = first.clone();
        let observes = first.observes();
        for row in 0..table.len() {
            let changed =
                row > 0 && indices.terms.iter().any(|&(_, index)| table.text(row, index) != table.text(row - 1, index));
            if changed {
                match self.arrangement(table, row, &indices.terms) {
                    Ok(of_row) => arrangement = of_row,
                    Err(error) => {
                        problems.extend(row_problems(table, row, &error));
                        continue;
                    }
                }
                if arrangement.observes() != observes {
                    let line = table.line(row);
                    problems.push(format!(
                        "line {line}: its terms settle on other figures than those of the first row, for which the columns are; settle it from a file of its own"
                    ));
                    continue;
                }
            }
            let Some((year, figures)) = year_of(table, row, &indices, &mut problems) else { continue };
            if let Some(problem) = contradiction(&observes, &figures) {
                problems.push(format!("line {}: {problem}", table.line(row)));
                continue;
            }
            let settled = arrangement.settle(&Year { figures: &figures, ..year });
            rows.push(SettledRow {
                labels: indices.labels.iter().map(|&column| table.raw(row, column).to_owned()).collect(),
                line: table.line(row),
                settlement: settled.settlement,
                covers: settled.stop_loss,
                administration: settled.administration,
                published: Vec::new(),
                lacks: None,
            });
        }
        let labels = indices.labels.iter().map(|&column| table.headers()[column].to_owned()).collect();
        table.checked(SettledRows { labels, published: Vec::new(), rows, remarks: Vec::new() }, problems)
    }

    /// Columns that hold keys of the terms or covers, as `terms.pmpm` or `covers.withhold.share`.
    fn given(&self, table: &Table) -> Vec<(Vec<String>, usize)> {
        let of_terms = table.headers().iter().enumerate().filter_map(|(index, header)| {
            let header = header.trim().to_lowercase();
            let (block, key) = header.split_once('.')?;
            let within: &[&str] = match block {
                "terms" => &["contract", "terms", self.kind.as_str()],
                "covers" => &["contract", "covers"],
                _ => return None,
            };
            let path = within.iter().copied().chain(key.split('.'));
            Some((path.map(str::to_owned).collect(), index))
        });
        of_terms.collect()
    }

    fn arrangement(
        &self,
        table: &Table,
        row: usize,
        given: &[(Vec<String>, usize)],
    ) -> Result<Arrangement, DocumentError> {
        let values: Vec<(&[String], &str)> = given
            .iter()
            .map(|(path, index)| (path.as_slice(), table.text(row, *index)))
            .filter(|(_, cell)| !cell.is_empty())
            .collect();
        let (arrangement, _) = self.document.read_with(&values, |root| {
            let contract = root.section("contract")?;
            // The columns were read with the file.
            root.has("columns");
            let arrangement = Arrangement::read(contract, &Known::anything(), &mut Vec::new());
            root.finish();
            arrangement
        })?;
        Ok(arrangement)
    }

    /// The data's name of a column.
    fn named<'a>(&'a self, name: &'a str) -> &'a str {
        self.columns.iter().find(|(ours, _)| ours == name).map_or(name, |(_, theirs)| theirs.value.as_str())
    }

    fn indices(
        &self,
        table: &Table,
        arrangement: &Arrangement,
        terms: Vec<(Vec<String>, usize)>,
    ) -> Result<Places, ActualsError> {
        let mut problems = Vec::new();
        let column = |name: &str| table.column(&[self.named(name)]);
        // Of a column that [columns] names and that is not there, that alone is said.
        let is_told = |name: &str| {
            let theirs = self.columns.iter().find(|(ours, _)| ours == name).map(|(_, theirs)| theirs.value.as_str());
            theirs.is_some_and(|theirs| table.column(&[theirs]).is_none())
        };
        let (exposure, months) = match (column(MEMBER_MONTHS), column(PERSON_YEARS)) {
            (Some(column), None) => (Some(column), 1.0),
            (Some(column), Some(_)) => {
                problems.push(format!("there are both {MEMBER_MONTHS} and {PERSON_YEARS}; keep one of them"));
                (Some(column), 1.0)
            }
            (None, Some(column)) => (Some(column), 12.0),
            (None, None) if is_told(MEMBER_MONTHS) || is_told(PERSON_YEARS) => (None, 1.0),
            (None, None) => {
                problems
                    .push(format!("there is no column {MEMBER_MONTHS}, nor {PERSON_YEARS}: months enrolled, or years"));
                (None, 1.0)
            }
        };
        let names: Vec<String> = arrangement.observes().iter().map(column_name).collect();
        let mut figures = Vec::new();
        for name in &names {
            match column(name).or_else(|| column(name.strip_prefix("truncated_")?)) {
                Some(column) => figures.push(column),
                None if [name.as_str(), name.strip_prefix("truncated_").unwrap_or(name)].into_iter().any(is_told) => {}
                None => problems.push(format!(
                    "there is no column {}: the contract settles on it; [columns] may name it as {name} = \"…\"",
                    self.named(name)
                )),
            }
        }
        let known: Vec<&str> = [MEMBER_MONTHS, PERSON_YEARS, MEMBERS, OWN_FEES]
            .into_iter()
            .chain(names.iter().map(String::as_str))
            .chain(names.iter().filter_map(|name| name.strip_prefix("truncated_")))
            .collect();
        let mut paths = BTreeSet::new();
        for (path, _) in &terms {
            if !paths.insert(path) {
                problems.push(format!("two columns hold {}", path[1..].join(".")));
            }
        }
        for (ours, theirs) in &self.columns {
            if !known.contains(&ours.as_str()) {
                let ours = shortened(ours, 60);
                problems.push(format!(
                    "[columns] names {ours}, which this contract does not need; it needs {}",
                    known.join(", ")
                ));
            } else if table.column(&[&theirs.value]).is_none() {
                let theirs = shortened(&theirs.value, 60);
                problems.push(format!("there is no column \"{theirs}\", which [columns] names for {ours}"));
            }
        }
        problems.sort_unstable();
        problems.dedup();
        let (members, own_fees) = (column(MEMBERS), column(OWN_FEES));
        if own_fees.is_none() && !is_told(OWN_FEES) && counts_own_fees(arrangement) {
            let name = self.named(OWN_FEES);
            problems.push(format!("there is no column {name}: the provider's own fees for the contract's services"));
        }
        let used: BTreeSet<usize> = exposure
            .into_iter()
            .chain(members)
            .chain(own_fees)
            .chain(figures.iter().copied())
            .chain(terms.iter().map(|&(_, index)| index))
            .collect();
        let labels = (0..table.headers().len()).filter(|index| !used.contains(index)).collect();
        let exposure = table.checked(exposure, problems)?.expect("without exposure there is a problem");
        Ok(Places { exposure, months, members, own_fees, figures, terms, labels })
    }
}

/// Whether a contract settles on the provider's own fees: whether they make a difference.
fn counts_own_fees(arrangement: &Arrangement) -> bool {
    let figures = vec![1e6; arrangement.observes().len()];
    let year = Year { explained: false, ..Year::new(MemberMonths(12_000.0), 1_000, &figures) };
    let total = |own_fees| arrangement.settle(&year.with_own_fees(Dollars(own_fees))).settlement;
    total(0.0) != total(1e6)
}

fn invalid(table: &Table, problems: Vec<String>) -> ActualsError {
    ActualsError::Invalid { file: table.file().to_owned(), problems }
}

/// What is wrong with the terms of a row, in its line.
fn row_problems(table: &Table, row: usize, error: &DocumentError) -> Vec<String> {
    match error {
        DocumentError::Invalid { problems, .. } => {
            let line = table.line(row);
            problems.iter().map(|problem| format!("line {line}: {}; {}", problem.message, problem.help)).collect()
        }
        DocumentError::Unreadable { .. } => vec![error.to_string()],
    }
}

/// A year's exposure and figures.
fn year_of(
    table: &Table,
    row: usize,
    indices: &Places,
    problems: &mut Vec<String>,
) -> Option<(Year<'static>, Vec<f64>)> {
    let before = problems.len();
    let mut number = |column: usize| match table.number(row, column) {
        Ok(Some(number)) => number,
        Ok(None) => {
            problems.push(table.empty(row, column));
            0.0
        }
        Err(problem) => {
            problems.push(problem);
            0.0
        }
    };
    let exposure = MemberMonths(number(indices.exposure) * indices.months);
    let members = indices.members.map(&mut number);
    let own_fees = indices.own_fees.map_or(0.0, &mut number);
    let figures: Vec<f64> = indices.figures.iter().map(|&column| number(column)).collect();
    if problems.len() == before {
        let columns = indices.figures.iter().zip(&figures).filter(|(_, figure)| **figure < 0.0);
        problems.extend(columns.map(|(&column, _)| table.wrong(row, column, "a figure of a year is not negative")));
        if exposure.0 <= 0.0 {
            problems.push(table.wrong(row, indices.exposure, "exposure is above 0"));
        }
        if let (Some(column), Some(members)) = (indices.members, members)
            && !(members >= 1.0 && members.fract() == 0.0)
        {
            problems.push(table.wrong(row, column, "write a whole number of people"));
        }
    }
    let members = members.unwrap_or_else(|| exposure.person_years().0.round().max(1.0)) as u64;
    let year = Year::new(exposure, members, &[]).with_own_fees(Dollars(own_fees));
    (problems.len() == before).then_some((year, figures))
}

/// What two figures of a year say of each other that cannot be.
fn contradiction(observes: &[Observation], figures: &[f64]) -> Option<String> {
    let pairs = observes.iter().zip(figures);
    for (part, of_part) in pairs.clone() {
        for (whole, of_whole) in pairs.clone() {
            let names = || (column_name(part), column_name(whole));
            // A cent for rounding.
            if *of_part > of_whole + 0.01 && is_part(part, whole) {
                let (part_name, whole_name) = names();
                return Some(format!("{part_name} is {of_part}, which is more than the {of_whole} of {whole_name}"));
            }
            if *of_whole == 0.0 && *of_part > 0.0 && counts(whole, part) {
                let (part_name, whole_name) = names();
                return Some(format!(
                    "{part_name} is {of_part}, and {whole_name} is 0: nothing happened that could cost"
                ));
            }
        }
    }
    None
}

/// Whether one observation is a part of another's dollars.
fn is_part(part: &Observation, whole: &Observation) -> bool {
    match (part, whole) {
        (Observation::Layer { services, .. }, Observation::Layer { services: all, .. }) => {
            services == all && *whole == Observation::total(all.clone()) && part != whole
        }
        (Observation::CappedExpenditure { service, .. }, Observation::Expenditure { service: same }) => service == same,
        _ => false,
    }
}

/// Whether one observation counts the events that another's dollars are spent on.
fn counts(events: &Observation, dollars: &Observation) -> bool {
    let Observation::Count { service: counted } = events else { return false };
    match dollars {
        Observation::Expenditure { service } | Observation::CappedExpenditure { service, .. } => service == counted,
        Observation::Layer { .. }
        | Observation::Count { .. }
        | Observation::PersonYears
        | Observation::RiskScore
        | Observation::Denominator { .. }
        | Observation::Numerator { .. } => false,
    }
}

/// The name of an observation as a column.
fn column_name(observation: &Observation) -> String {
    match observation {
        Observation::Expenditure { service } => format!("{service}_expenditure"),
        Observation::Count { service } => format!("{service}_count"),
        Observation::PersonYears => "person_years".to_owned(),
        Observation::RiskScore => "risk_score_sum".to_owned(),
        Observation::Denominator { measure } => format!("{measure}_denominator"),
        Observation::Numerator { measure } => format!("{measure}_numerator"),
        Observation::CappedExpenditure { service, limit } => {
            format!("{service}_expenditure_capped_at_{}", limit.0)
        }
        Observation::Layer { services, attachment, limit } => {
            let scope = match services {
                ServiceScope::All => String::new(),
                ServiceScope::Only(names) => format!("{}_", names.join("+")),
            };
            let above = if attachment.point > Dollars::ZERO || !attachment.lasers.is_empty() {
                format!("{scope}expenditure_above_{}", attachment.point.0)
            } else {
                format!("{scope}expenditure")
            };
            match limit {
                Limit::Unlimited => above,
                Limit::TruncationPoint => format!("truncated_{above}"),
                Limit::Amount(amount) => format!("{above}_to_{}", figure(amount.0).replace(',', "")),
                Limit::Width(width) => format!("{above}_up_to_{}_more", figure(width.0).replace(',', "")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::test_file;

    const TERMS_FILE: &str = "[contract]\nname = \"Commercial\"\nterms.shared_savings = { benchmark.pmpm = 500, savings.sharing_rate = 0.5 }\n[columns]\nexpenditure = \"Allowed\"\n";

    #[test]
    fn row_5_7_text_that_is_carried_through_is_bounded() {
        let data = format!("member_months,Allowed,note\n12,5,{}\n", "x".repeat(3_000));
        let path = test_file("carried.csv", &data);
        let table = Table::load(&path).expect("it is a table").repeated(90_000);
        std::fs::remove_file(path).expect("it was written above");
        let file = YearsFile::new(Document::new("terms.toml", TERMS_FILE)).expect("they are terms");
        let error = file.settle(&table).expect("the terms are right").expect_err("270 MB are too much").to_string();
        assert!(error.contains("hold 270,000,000 bytes of text, and 268,435,456 are written at once"), "{error}");
    }

    fn settled(name: &str, terms: &str, data: &str) -> Result<SettledRows, String> {
        let path = test_file(name, data);
        let table = Table::load(&path);
        std::fs::remove_file(path).expect("it was written above");
        let table = table.map_err(|error| error.to_string())?;
        let file = YearsFile::new(Document::new("terms.toml", terms)).map_err(|error| error.to_string())?;
        let rows = file.settle(&table).map_err(|error| format!("{error:?}"))?;
        rows.map_err(|error| error.to_string())
    }

    #[test]
    fn rows_settle_under_their_own_terms_and_carry_their_labels() {
        let data =
            "Year,Allowed,member_months,terms.savings.sharing_rate\n2021,900000,2000,0.5\n2022,900000,2000,0.4\n";
        let rows = settled("years.csv", TERMS_FILE, data).expect("it settles");
        assert_eq!(rows.labels, ["Year"]);
        let paid: Vec<f64> = rows.rows.iter().map(|row| row.settlement.reconciliation.0).collect();
        assert!((paid[0] - 50_000.0).abs() < 1e-6 && (paid[1] - 40_000.0).abs() < 1e-6, "{paid:?}");
    }

    #[test]
    fn what_is_wrong_in_a_row_is_said_with_its_line() {
        let data = "Allowed,member_months,terms.savings.sharing_rate\n1,2000,0.5\nx,2000,0.5\n1,2000,40\n1,-1,0.5\n";
        let error = settled("wrong-years.csv", TERMS_FILE, data).expect_err("three lines are wrong");
        for said in [
            "line 3: Allowed is \"x\"",
            "line 4: contract.terms.shared_savings.savings.sharing_rate is 40",
            "line 5: member_months",
        ] {
            assert!(error.contains(said), "{said}: {error}");
        }
    }

    #[test]
    fn missing_columns_are_named() {
        let error = settled("no-columns.csv", TERMS_FILE, "a\n1\n").expect_err("columns are missing");
        assert!(error.contains("member_months") && error.contains("Allowed"), "{error}");
    }

    #[test]
    fn fees_that_a_contract_settles_on_must_be_given() {
        let terms = "[contract]\nname = \"MIPS\"\nterms.mips = { final_score = 90, services = [\"professional\"] }\n";
        let error = settled("no-fees.csv", terms, "member_months\n100\n").expect_err("own fees are missing");
        assert!(error.contains("own_fees"), "{error}");
    }

    #[test]
    fn rows_whose_terms_see_another_column_are_refused() {
        let data = "Allowed,expenditure_to_1000,member_months,terms.truncation_point\n1,1,2000,\n1,1,2000,1000\n";
        let error = settled("other-columns.csv", TERMS_FILE, data).expect_err("the second row counts another column");
        assert!(error.contains("line 3"), "{error}");
    }

    #[test]
    fn figures_that_contradict_each_other_are_refused() {
        let covered = "[contract]\nname = \"Cap\"\nterms.capitation = { pmpm = 400 }\ncovers.specific = { attachment_point = 1_000 }\n";
        let data = "member_months,expenditure,expenditure_above_1000\n10,100,50\n10,100,150\n";
        let error = settled("layers.csv", covered, data).expect_err("a layer is above the total");
        assert!(error.contains("line 3: expenditure_above_1000 is 150") && !error.contains("line 2"), "{error}");
        let bundle = "[contract]\nname = \"Bundle\"\nterms.bundle = { episodes = [{ service = \"a\", price = 100 }], gains.sharing_rate = 1 }\n";
        let data = "member_months,a_count,a_expenditure\n10,0,0\n10,0,50\n";
        let error = settled("episodes.csv", bundle, data).expect_err("spending without episodes");
        assert!(error.contains("line 3: a_expenditure is 50"), "{error}");
    }
}
