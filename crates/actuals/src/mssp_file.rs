//! CMS's Performance Year Financial and Quality Results of the Medicare Shared Savings Program, as published.
//!
//! Columns are found by name, whatever others stand beside them; what changed its name or its form from year to year is read
//! in every form. Settled rows need no figure that CMS computed from the settlement itself.

use std::collections::{BTreeMap, BTreeSet};

use twosided_contracts::{CoverPayments, Mssp, MsspRules, PerformanceYear, Settlement, Track, Year};
use twosided_form::count;
use twosided_units::{Dollars, MemberMonths};

use crate::{
    ActualsError, Published, SettledRow, SettledRows, Table,
    mssp_columns::{MsspColumns, required},
    mssp_row::{KnownRow, MsspRow},
    near::{SegmentName, find},
    other_kind::reach_in_place_of_mssp,
};

/// A results file of one performance year.
#[derive(Debug)]
pub struct MsspFile<'a> {
    pub(crate) table: &'a Table,
    pub(crate) performance_year: u16,
    pub(crate) columns: MsspColumns,
    /// Numbers of each track in the year.
    pub(crate) rules: BTreeMap<&'static str, MsspRules>,
    pub(crate) participant_revenue: BTreeMap<String, f64>,
}

/// One ACO's performance year, as it was.
#[derive(Clone, Debug)]
pub struct AcoYear {
    /// The ACO's identifier.
    pub aco: String,
    /// Its name; empty where the file has none.
    pub name: String,
    /// Its terms; the benchmark stands in the totals.
    pub terms: Mssp,
    /// Benchmark, expenditure and beneficiaries.
    pub totals: PerformanceYear,
    /// Whether the file has its quality score, which is zero in the terms otherwise.
    pub has_quality_score: bool,
    /// Whether the file has its revenue category, which is high in the terms otherwise.
    pub has_revenue_category: bool,
    /// What it earned or owed, as published.
    pub earned: Option<Dollars>,
    /// Savings or losses beyond the minimum rate, as published.
    pub generated: Option<Dollars>,
    /// The part of a year that benchmark, expenditure and results are of: one, or a half for January to June of 2019.
    pub part_of_year: f64,
}
/// Names of all columns of the results of 2014 to 2022, and of those of later ones that are known.
const COLUMNS: &str = include_str!("mssp_columns.txt");
/// If more than one row in this many cannot be from the given year, the file is taken to be from another one.
const ROWS_TO_ONE: usize = 10;
/// What a published result is rounded to.
const A_DOLLAR: f64 = 1.0;

impl<'a> MsspFile<'a> {
    /// Finds the columns of a results file.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with every column that is missing or stands twice.
    pub fn new(table: &'a Table, performance_year: u16) -> Result<Self, ActualsError> {
        let mut problems = table.standing_twice(COLUMNS);
        let columns = MsspColumns::find(table, &mut problems);
        if columns.is_none()
            && let Some(other) = reach_in_place_of_mssp(table)
        {
            problems = vec![other];
        }
        let rules = Track::NAMES.iter().filter_map(|&(name, _)| Some((name, MsspRules::of(performance_year, name)?)));
        let rules: BTreeMap<_, _> = rules.collect();
        if rules.is_empty() {
            problems.push(format!("performance year {performance_year}: the program began in 2012"));
        }
        let columns = table.checked(columns, problems)?;
        let columns = columns.expect("columns are missing only with a problem");
        Ok(Self { table, performance_year, columns, rules, participant_revenue: BTreeMap::new() })
    }

    /// Adds participants' Parts A and B revenue by ACO, which no public file has: a table of `aco_id` and
    /// `participant_revenue`.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with every problem of the table.
    pub fn with_participant_revenue(mut self, revenue: &Table) -> Result<Self, ActualsError> {
        let mut problems = Vec::new();
        let aco = required(revenue, &["aco_id", "ACO_Num"], "the ACO's identifier", &mut problems);
        let amount = required(revenue, &["participant_revenue"], "dollars a year", &mut problems);
        if let (Some(aco), Some(amount)) = (aco, amount) {
            for row in 0..revenue.len() {
                match revenue.number(row, amount) {
                    Ok(Some(dollars)) if dollars >= 0.0 => {
                        let known = self.participant_revenue.insert(revenue.text(row, aco).to_owned(), dollars);
                        if known.is_some() {
                            problems.push(revenue.wrong(row, aco, "an ACO stands once"));
                        }
                    }
                    Ok(Some(_)) => problems.push(revenue.wrong(row, amount, "revenue is not negative")),
                    Ok(None) => problems.push(revenue.empty(row, amount)),
                    Err(problem) => problems.push(problem),
                }
            }
        }
        revenue.checked(self, problems)
    }

    /// ACOs whose participants' revenue was given and that are not in the file.
    pub fn without_a_row(&self) -> Vec<&str> {
        let known: BTreeSet<&str> = (0..self.table.len()).map(|row| self.table.text(row, self.columns.aco)).collect();
        self.participant_revenue.keys().map(String::as_str).filter(|aco| !known.contains(aco)).collect()
    }

    /// The row of an ACO, by its identifier or counted from one.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`] where there is none, with those that are like it.
    pub fn find(&self, wanted: &str) -> Result<usize, ActualsError> {
        let text = |row: usize, column: usize| self.table.text(row, column);
        let segment_name = |row: usize| SegmentName {
            identifier: text(row, self.columns.aco),
            name: self.columns.name.map_or("", |name| text(row, name)),
        };
        let rows: Vec<SegmentName<'_>> = (0..self.table.len()).map(segment_name).collect();
        find(wanted, &rows, &self.table.headers()[self.columns.aco])
            .map_err(|problem| ActualsError::Invalid { file: self.table.file().to_owned(), problems: vec![problem] })
    }

    /// The terms and totals of one row.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with what is wrong with the row, or lacking.
    pub fn aco(&self, row: usize) -> Result<AcoYear, ActualsError> {
        let mut problems = Vec::new();
        let read = self.row(row, &mut problems);
        if let MsspRow::Lacking(columns) = &read {
            let line = self.table.line(row);
            problems.extend(
                columns.iter().map(|column| format!("line {line}: {column} is missing; it is part of the terms")),
            );
        }
        if let MsspRow::Known(known) = &read
            && known.part_of_year.is_none()
        {
            problems.push(self.unknown_part(row));
        }
        let known = match read {
            MsspRow::Known(known) => Some(self.aco_year(row, *known)),
            MsspRow::Lacking(_) | MsspRow::Wrong => None,
        };
        Ok(self.table.checked(known, problems)?.expect("a row is unknown only with a problem"))
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.table.len()
    }

    /// The line of a row, its identifier and its name, which is empty where the file has none.
    pub fn identity(&self, row: usize) -> (u64, &str, &str) {
        let name = self.columns.name.map_or("", |name| self.table.text(row, name));
        (self.table.line(row), self.table.text(row, self.columns.aco), name)
    }

    /// The year of the file.
    pub fn performance_year(&self) -> u16 {
        self.performance_year
    }

    /// Whether there was a track in the year of the file.
    pub fn offers(&self, track: Track) -> bool {
        self.rules.contains_key(track.name())
    }

    /// Settles every row.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with every problem of every row.
    pub fn settle(&self) -> Result<SettledRows, ActualsError> {
        self.is_of_its_year()?;
        let mut problems = Vec::new();
        let mut rows = Vec::with_capacity(self.table.len());
        for row in 0..self.table.len() {
            match self.row(row, &mut problems) {
                MsspRow::Known(known) => rows.push(self.settled(row, &known)),
                MsspRow::Lacking(columns) => rows.push(self.unsettled(row, &columns)),
                MsspRow::Wrong => {}
            }
        }
        let labels = ["aco_id", "aco_name", "performance_year", "track"].map(str::to_owned).to_vec();
        let published = vec!["earned_savings_or_losses", "generated_savings_or_losses"];
        let remarks = self.table.unknown_amounts(COLUMNS).into_iter().collect();
        self.table.checked(SettledRows { labels, published, rows, remarks }, problems)
    }

    /// The rows that can be settled.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with every problem of every row.
    pub fn acos(&self) -> Result<Vec<AcoYear>, ActualsError> {
        self.is_of_its_year()?;
        let mut problems = Vec::new();
        let acos = (0..self.table.len()).filter_map(|row| match self.row(row, &mut problems) {
            MsspRow::Known(known) => Some(self.aco_year(row, *known)),
            MsspRow::Lacking(_) | MsspRow::Wrong => None,
        });
        let acos = acos.collect();
        self.table.checked(acos, problems)
    }

    /// Whether the rows can be of the performance year.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`] where more than a tenth of them cannot, and more than one if there are several.
    pub fn is_of_its_year(&self) -> Result<(), ActualsError> {
        let year = self.performance_year;
        let later = (0..self.table.len()).filter(|&row| self.start(row).is_some_and(|start| start > year)).count();
        let unexplained = |row: usize| self.track(row, &mut Vec::new()).is_some_and(|track| !self.offers(track));
        let without_track = (0..self.table.len()).filter(|&row| unexplained(row)).count();
        let mut problems = Vec::new();
        for (rows, what) in [
            (later, format!("agreements that begin after {year}")),
            (without_track, format!("tracks that there were not in {year}")),
        ] {
            let all = self.table.len();
            if rows == all || (rows > 1 && rows * ROWS_TO_ONE > all) {
                let rows = match all {
                    1 => "the only row has".to_owned(),
                    _ => format!("{} of {} rows have", count(rows as u64), count(all as u64)),
                };
                problems.push(format!("{rows} {what}; is this the file of another year?"));
            }
        }
        self.table.checked((), problems)
    }

    fn aco_year(&self, row: usize, KnownRow { terms, totals, part_of_year }: KnownRow) -> AcoYear {
        let text = |column: Option<usize>| column.map_or("", |column| self.table.text(row, column));
        let figure = |column: Option<usize>| column.map_or("", |column| self.table.figure_text(row, column));
        let published =
            |column: Option<usize>| column.and_then(|column| self.table.number(row, column).ok()?).map(Dollars);
        AcoYear {
            aco: text(Some(self.columns.aco)).to_owned(),
            name: text(self.columns.name).to_owned(),
            terms,
            totals,
            has_quality_score: !figure(Some(self.columns.quality_score.column)).is_empty(),
            has_revenue_category: !figure(self.columns.revenue_category).is_empty(),
            earned: published(self.columns.earned),
            generated: published(self.columns.generated),
            part_of_year: part_of_year.unwrap_or(1.0),
        }
    }

    fn settled(&self, row: usize, KnownRow { terms: aco, totals, .. }: &KnownRow) -> SettledRow {
        let mut settlement = Settlement::of(&Year::new(MemberMonths(0.0), 0, &[]));
        aco.reconcile(&mut settlement, totals);
        // The file publishes what is earned before recoupment.
        let earned = settlement.step("earned").unwrap_or(settlement.reconciliation.0);
        let generated = self.generated(&settlement, aco);
        let is_limited = aco.rules.loss_limit_of_revenue.is_some() && aco.participant_revenue.is_none();
        // A limit makes a loss smaller: it explains no published loss that is as large as ours, or larger.
        let published = self.columns.earned.and_then(|column| self.table.number(row, column).ok().flatten());
        let may_be_limited = published.is_none_or(|published| published > earned + A_DOLLAR);
        let lacks = (settlement.reconciliation < Dollars::ZERO && is_limited && may_be_limited)
            .then(|| "participant revenue, which limits its loss; give it with --participant-revenue".to_owned());
        self.result(row, aco.track.name(), settlement, [Some(earned), Some(generated)], lacks)
    }

    /// A row that the file says too little of.
    fn unsettled(&self, row: usize, columns: &[&str]) -> SettledRow {
        let lacks = format!("{} of {}", columns.join(", "), self.table.text(row, self.columns.aco));
        self.result(row, "", Settlement::default(), [None, None], Some(lacks))
    }

    fn result(
        &self,
        row: usize,
        track: &str,
        settlement: Settlement,
        [earned, generated]: [Option<f64>; 2],
        lacks: Option<String>,
    ) -> SettledRow {
        let read = |column: Option<usize>| {
            column.and_then(|column| self.table.number(row, column).ok().flatten()).map(Dollars)
        };
        let text = |column: Option<usize>| column.map_or("", |column| self.table.text(row, column)).to_owned();
        SettledRow {
            labels: vec![
                self.table.text(row, self.columns.aco).to_owned(),
                text(self.columns.name),
                self.performance_year.to_string(),
                track.to_owned(),
            ],
            line: self.table.line(row),
            covers: CoverPayments::default(),
            administration: settlement.administration,
            settlement,
            published: vec![
                Published { published: read(self.columns.earned), ours: earned.map(Dollars) },
                Published { published: read(self.columns.generated), ours: generated.map(Dollars) },
            ],
            lacks,
        }
    }

    /// Savings or losses as the file shows them: beyond the minimum rate only, and in 2018 and 2019 with one-sided ACOs' losses.
    fn generated(&self, settlement: &Settlement, aco: &Mssp) -> f64 {
        let one_sided_loss = || {
            let [gap, minimum] = ["benchmark less expenditure", "minimum savings or losses"]
                .map(|name| settlement.step(name).unwrap_or_default());
            let are_shown = (2018..=2019).contains(&self.performance_year);
            let shown = are_shown && !aco.is_two_sided() && gap < 0.0 && -gap >= minimum;
            if shown { gap } else { 0.0 }
        };
        settlement.step("generated savings or losses").unwrap_or_else(one_sided_loss)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::test_file;

    const HEADER: &str =
        "ACO_ID,Current_Track,Current_Start_Date,N_AB,MinSavPerc,ABtotBnchmk,ABtotExp,QualScore,Met_QPS,Rev_Exp_Cat";

    fn settled(name: &str, text: &str, year: u16) -> Result<SettledRows, ActualsError> {
        let path = test_file(name, text);
        let table = Table::load(&path);
        std::fs::remove_file(path).expect("it was written above");
        let table = table?;
        MsspFile::new(&table, year)?.settle()
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let error =
            settled("missing.csv", "ACO_ID,N_AB\nA1,5000\n", 2022).expect_err("columns are missing").to_string();
        for column in ["Current_Track", "MinSavPerc", "ABtotBnchmk", "ABtotExp", "QualScore", "Met_QPS"] {
            assert!(error.contains(column), "{column}: {error}");
        }
        let text = format!("{HEADER}\nA1,Q,2019,many,2%,100,x,-,1,Medium\n");
        let error = settled("wrong.csv", &text, 2022).expect_err("cells are wrong").to_string();
        for said in ["Current_Track is \"Q\"", "N_AB is \"many\"", "ABtotExp is \"x\"", "Rev_Exp_Cat is \"Medium\""] {
            assert!(error.contains(said), "{said}: {error}");
        }
    }

    #[test]
    fn a_column_that_stands_twice_is_refused() {
        let text = format!(
            "{HEADER},n_ab,note,note\nA1,B,07/01/2019,10274,2.98%,100000000,97017300,90%,1,High Revenue,5,x,y\n"
        );
        let error = settled("twice.csv", &text, 2022).expect_err("beneficiaries stand twice").to_string();
        assert!(
            error.contains("1 problem\n  the column n_ab stands twice, as columns 4 and 11; remove one"),
            "{error}"
        );
    }

    #[test]
    fn one_row_of_another_year_is_refused() {
        let text = format!("{HEADER}\nA1,EN,01/01/2024,10274,2%,100000000,97017300,90%,1,High Revenue\n");
        let error = settled("one-later.csv", &text, 2022).expect_err("it begins later").to_string();
        let said = "the only row has agreements that begin after 2022; is this the file of another year?";
        assert!(error.contains(said), "{error}");
    }

    #[test]
    fn a_published_rate_stands_for_the_unrounded_one() {
        // 2.98% is published; with 10,274 beneficiaries the rate is 2.98356%, which savings of 2.9827% do not reach.
        let text = format!("{HEADER}\nA1,B,07/01/2019,10274,2.98%,100000000,97017300,90%,1,High Revenue\n");
        let rows = settled("rounded.csv", &text, 2022).expect("it settles");
        assert_eq!(rows.rows[0].settlement.reconciliation, Dollars::ZERO);
    }

    #[test]
    fn a_row_that_says_too_little_is_named_and_the_others_settle() {
        let rows = [
            // Savings of a year in which the score does not scale them.
            "A1,E,07/01/2019,10000,2%,100000000,95000000,-,1,High Revenue",
            // A loss that the score scales.
            "A2,EN,07/01/2019,10000,2%,100000000,105000000,-,1,High Revenue",
            // A one-sided ACO, whose rate follows from its size, and a two-sided one, whose rate was chosen.
            "A3,B,07/01/2019,10000,,100000000,95000000,90%,1,",
            "A4,E,07/01/2019,10000,,100000000,95000000,90%,1,",
            "A5,E,07/01/2019,10000,2%,100000000,95000000,90%,*,High Revenue",
        ];
        let text = format!("{HEADER}\n{}\n", rows.join("\n"));
        let settled = settled("lacking.csv", &text, 2022).expect("nothing is wrong").rows;
        let lacks: Vec<Option<&str>> = settled.iter().map(|row| row.lacks.as_deref()).collect();
        assert_eq!(lacks, [None, Some("QualScore of A2"), None, Some("MinSavPerc of A4"), Some("Met_QPS of A5")]);
        assert!((settled[0].settlement.reconciliation.0 - 2_450_000.0).abs() < 1e-6);
        assert!((settled[2].settlement.reconciliation.0 - 1_960_000.0).abs() < 1e-6);
        assert!(settled[3].settlement.steps().is_empty());
    }
}
