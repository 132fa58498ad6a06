//! Actual years of any contract: one row a year, its figures in columns named by what the contract observes.

mod columns;
mod figures;

use twosided_contracts::{Arrangement, ContractKeys, Known, PhaseKeys, Year};
use twosided_form::{ByName, Document, DocumentError, Holds, Key, Names, Nested, count, keys};

use columns::{NamedColumns, YearColumns};
use figures::{contradiction, year_of};

use crate::{ActualsError, SettledRow, SettledRows, Table};

/// A file of terms: `[contract]`, as one of a scenario's `[[contracts]]`, and `[columns]`, which says what columns of the data
/// are named that have other names there.
#[derive(Clone, Debug)]
pub struct YearsFile {
    document: Document,
    kind: String,
    columns: NamedColumns,
}

/// Most rows that are settled at once: each is kept with its steps until all are written.
const MOST_ROWS: usize = 500_000;

/// Most bytes of text that are carried through: they are held once with the rows and once as they are written.
const MOST_CARRIED: u64 = 256 << 20;

keys! {
    /// A file of terms.
    pub struct TermsFileKeys "terms file" {
        CONTRACT: Nested = Key::table("contract", ContractKeys::TABLE)
            .required("{ name = \"Settled\", terms = { fee_for_service = {} } }")
            .ask("begin with [contract], a name and terms, as terms.mssp = { … }").meaning("the contract");
        COLUMNS: ByName<String> = Key::by_name("columns", "column", &Holds::Text)
            .absent("as they are", "{ member_months = \"MM\" }").meaning("the data's names of columns");
    }
}

impl YearsFile {
    /// Reads a file of terms. What the data give in columns is read with each row.
    ///
    /// # Errors
    /// [`DocumentError`], with every problem of the file.
    pub fn new(document: Document) -> Result<Self, DocumentError> {
        let ((kind, columns), _) = document.read_table(TermsFileKeys::TABLE, |root| {
            type Keys = TermsFileKeys;
            if let Some(key) = root.names().find(|key| ["run", "contracts"].contains(&key.as_str())) {
                root.wrong(
                    &root.span_of(&key),
                    "this is a scenario",
                    "`settle terms` takes a file of terms, which begins with [contract]; `run` and `explain scenario` take a scenario",
                );
                return None;
            }
            let contract = root.table(&Keys::CONTRACT);
            let terms = contract.as_ref().and_then(|contract| contract.table(&PhaseKeys::TERMS));
            let kind = terms.and_then(|terms| terms.names().next());
            let columns = root.optional_by_name(&Keys::COLUMNS, &Names::any());
            root.finish();
            contract?;
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
        let columns = YearColumns::find(table, first, &self.columns, given)?;
        let carried: u64 = columns.labels.iter().map(|&column| table.bytes(column)).sum();
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
                row > 0 && columns.terms.iter().any(|&(_, index)| table.text(row, index) != table.text(row - 1, index));
            if changed {
                match self.arrangement(table, row, &columns.terms) {
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
            let Some((year, figures)) = year_of(table, row, &columns, &mut problems) else { continue };
            if let Some(problem) = contradiction(&observes, &figures) {
                problems.push(format!("line {}: {problem}", table.line(row)));
                continue;
            }
            let settled = arrangement.settle(&Year { figures: &figures, ..year });
            rows.push(SettledRow {
                labels: columns.labels.iter().map(|&column| table.raw(row, column).to_owned()).collect(),
                line: table.line(row),
                settlement: settled.settlement,
                covers: settled.stop_loss,
                administration: settled.administration,
                published: Vec::new(),
                lacks: None,
            });
        }
        let labels = columns.labels.iter().map(|&column| table.headers()[column].to_owned()).collect();
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
            let root = root.of(TermsFileKeys::TABLE);
            let contract = root.table(&TermsFileKeys::CONTRACT)?;
            // The columns were read with the file.
            root.has(TermsFileKeys::COLUMNS.name);
            let arrangement = Arrangement::read(contract, &Known::anything(), &mut Vec::new());
            root.finish();
            arrangement
        })?;
        Ok(arrangement)
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::test_file;

    const TERMS_FILE: &str = "[contract]\nname = \"Commercial\"\nterms.shared_savings = { benchmark.pmpm = 500, savings.sharing_rate = 0.5 }\n[columns]\nexpenditure = \"Allowed\"\n";

    #[test]
    fn text_that_is_carried_through_is_bounded() {
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
