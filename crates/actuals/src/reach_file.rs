//! CMS's financial results of ACO REACH, as published; in 2021 and 2022 the model was named Global and Professional Direct
//! Contracting.
//!
//! The final benchmark is taken as published, with the health-equity adjustments that the file publishes beside it: it does not
//! carry what they follow from.

use std::collections::BTreeMap;

use twosided_contracts::{CoverPayments, Reach, ReachRules, Settlement, Year};
use twosided_units::{Dollars, MemberMonths};

use crate::{
    ActualsError, Published, SettledRow, SettledRows, Table, mssp_columns::required, other_kind::mssp_in_place_of_reach,
};

/// First performance year with a health-equity adjustment of the benchmark.
const FIRST_WITH_EQUITY: u16 = 2023;
/// Names of all columns of the results of 2021 and 2022.
const COLUMNS: &str = include_str!("reach_columns.txt");

/// A results file.
#[derive(Debug)]
pub struct ReachFile<'a> {
    table: &'a Table,
    /// Rows of other performance years are passed over.
    performance_year: u16,
    columns: ReachColumns,
    rules: BTreeMap<&'static str, ReachRules>,
}

#[derive(Debug)]
struct ReachColumns {
    aco: usize,
    name: Option<usize>,
    year: Option<usize>,
    arrangement: usize,
    benchmark: usize,
    cost: usize,
    /// Health-equity adjustment: what is added, and what is taken off, as a negative amount.
    equity: [Option<usize>; 2],
    gross: Option<usize>,
    shared: Option<usize>,
    after_sequestration: Option<usize>,
}

impl<'a> ReachFile<'a> {
    /// Finds the columns of a results file.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with every column that is missing or stands twice.
    pub fn new(table: &'a Table, performance_year: u16) -> Result<Self, ActualsError> {
        let mut problems = table.standing_twice(COLUMNS);
        let mut need = |names: &[&str], what: &str| required(table, names, what, &mut problems);
        let aco = need(&["aco_id", "dce_id"], "the ACO's identifier");
        let arrangement = need(&["risk_arrangement"], "Global or Professional");
        let benchmark = need(&["final_benchmark"], "benchmark after discount and withholds");
        let cost = need(&["tot_cost_care_net", "tot_cost_care"], "total cost of care, net of stop-loss");
        let equity = ["heba_up_amt", "heba_down_amt"];
        let equity = if performance_year < FIRST_WITH_EQUITY {
            equity.map(|name| table.column(&[name]))
        } else {
            equity.map(|name| need(&[name], "the health-equity adjustment, part of the benchmark from 2023 on"))
        };
        let columns = || {
            Some(ReachColumns {
                aco: aco?,
                name: table.column(&["aco_name", "dce_name"]),
                year: table.column(&["perf_year", "performance_year"]),
                arrangement: arrangement?,
                benchmark: benchmark?,
                cost: cost?,
                equity,
                gross: table.column(&["gross_savings"]),
                shared: table.column(&["shared_savings"]),
                after_sequestration: table.column(&["shared_savings_seq"]),
            })
        };
        let columns = columns();
        if columns.is_none()
            && let Some(other) = mssp_in_place_of_reach(table)
        {
            problems = vec![other];
        }
        let of_variant = |variant| Some((variant, ReachRules::of(performance_year, variant)?));
        let rules: BTreeMap<_, _> = ["global", "professional"].into_iter().filter_map(of_variant).collect();
        if !(2021..=2026).contains(&performance_year) {
            problems.push(format!("performance year {performance_year}: the model ran from 2021 to 2026"));
        }
        let columns = table.checked(columns, problems)?.expect("columns are missing only with a problem");
        Ok(Self { table, performance_year, columns, rules })
    }

    /// Settles every row of the performance year.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with every problem of every row.
    pub fn settle(&self) -> Result<SettledRows, ActualsError> {
        let mut problems = Vec::new();
        let mut rows = Vec::new();
        for row in 0..self.table.len() {
            if self.is_of_another_year(row, &mut problems) {
                continue;
            }
            rows.extend(self.row(row, &mut problems));
        }
        if rows.is_empty() && problems.is_empty() {
            problems.push(format!("no row is of performance year {}", self.performance_year));
        }
        let labels = ["aco_id", "aco_name", "performance_year", "risk_arrangement"].map(str::to_owned).to_vec();
        let published = vec!["shared_savings_or_losses", "gross_savings_or_losses", "after_sequestration"];
        let remarks = self.table.unknown_amounts(COLUMNS).into_iter().collect();
        self.table.checked(SettledRows { labels, published, rows, remarks }, problems)
    }

    fn is_of_another_year(&self, row: usize, problems: &mut Vec<String>) -> bool {
        let Some(column) = self.columns.year else { return false };
        match self.table.number(row, column) {
            Ok(year) => year.is_some_and(|year| year != f64::from(self.performance_year)),
            Err(problem) => {
                problems.push(problem);
                true
            }
        }
    }

    fn row(&self, row: usize, problems: &mut Vec<String>) -> Option<SettledRow> {
        let Self { table, columns, .. } = self;
        let mut amount = |column: usize| match table.number(row, column) {
            Ok(Some(amount)) => Some(amount),
            Ok(None) => {
                problems.push(table.empty(row, column));
                None
            }
            Err(problem) => {
                problems.push(problem);
                None
            }
        };
        let (benchmark, cost) = (amount(columns.benchmark), amount(columns.cost));
        let [up, down] = columns.equity.map(|column| match column {
            None => Some(0.0),
            Some(column) if self.performance_year >= FIRST_WITH_EQUITY => amount(column),
            Some(column) if table.figure_text(row, column).is_empty() => Some(0.0),
            Some(column) => amount(column),
        });
        for (column, is_right, help) in [
            (columns.equity[0], up.is_none_or(|up| up >= 0.0), "what equity adds to a benchmark is not negative"),
            (
                columns.equity[1],
                down.is_none_or(|down| down <= 0.0),
                "what equity takes off is published as a negative amount",
            ),
        ] {
            if let (Some(column), false) = (column, is_right) {
                problems.push(table.wrong(row, column, help));
            }
        }
        let benchmark = benchmark.filter(|&benchmark| {
            if benchmark <= 0.0 {
                problems.push(table.wrong(row, columns.benchmark, "a benchmark is above 0"));
            }
            benchmark > 0.0
        });
        let arrangement = table.text(row, columns.arrangement).to_lowercase();
        let rules = self.rules.get(arrangement.as_str());
        if rules.is_none() {
            problems.push(table.wrong(row, columns.arrangement, "write Global or Professional"));
        }
        let mut settlement = Settlement::of(&Year::new(MemberMonths(0.0), 0, &[]));
        let benchmark = benchmark? + up? + down?;
        Reach::settle_difference(rules?, &mut settlement, Dollars(benchmark), Dollars(cost?));
        let read =
            |column: Option<usize>| column.and_then(|column| table.number(row, column).ok().flatten()).map(Dollars);
        let published = [
            ("shared savings or losses", columns.shared),
            ("gross savings or losses", columns.gross),
            ("after sequestration", columns.after_sequestration),
        ];
        let published = published
            .map(|(step, column)| Published { published: read(column), ours: settlement.step(step).map(Dollars) });
        Some(SettledRow {
            labels: vec![
                table.text(row, columns.aco).to_owned(),
                columns.name.map_or("", |column| table.text(row, column)).to_owned(),
                self.performance_year.to_string(),
                arrangement,
            ],
            line: table.line(row),
            published: published.to_vec(),
            covers: CoverPayments::default(),
            administration: settlement.administration,
            settlement,
            lacks: None,
        })
    }
}
