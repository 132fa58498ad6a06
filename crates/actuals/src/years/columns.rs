//! Where a year's figures stand in a table: the columns that a contract settles on, by their names or those that `[columns]` gives.

use std::collections::{BTreeMap, BTreeSet};

use twosided_contracts::{Arrangement, Year};
use twosided_form::{figure, shortened};
use twosided_population::{Limit, Observation, ServiceScope};
use twosided_units::{Dollars, MemberMonths};

use crate::{ActualsError, Table};

/// Names of the columns beside those that the contract observes.
const MEMBER_MONTHS: &str = "member_months";
const PERSON_YEARS: &str = "person_years";
const MEMBERS: &str = "members";
const OWN_FEES: &str = "own_fees";

/// Where a year's figures stand.
pub(super) struct YearColumns {
    pub(super) exposure: usize,
    /// Months in a unit of exposure.
    pub(super) months: f64,
    pub(super) members: Option<usize>,
    pub(super) own_fees: Option<usize>,
    pub(super) figures: Vec<usize>,
    /// Keys of the terms that the data give, with their paths.
    pub(super) terms: Vec<(Vec<String>, usize)>,
    /// The other columns, which are carried through.
    pub(super) labels: Vec<usize>,
}

/// The columns that a file of terms names, ours with the data's.
pub(super) type NamedColumns = BTreeMap<String, String>;

/// The data's name of a column.
fn named<'a>(columns: &'a NamedColumns, name: &'a str) -> &'a str {
    columns.get(name).map_or(name, String::as_str)
}

impl YearColumns {
    /// Finds the columns that a contract settles on, beside those that give its terms.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with every column that is missing or contradicts another.
    pub(super) fn find(
        table: &Table,
        arrangement: &Arrangement,
        columns: &NamedColumns,
        terms: Vec<(Vec<String>, usize)>,
    ) -> Result<Self, ActualsError> {
        let mut problems = Vec::new();
        let column = |name: &str| table.column(&[named(columns, name)]);
        // Of a column that [columns] names and that is not there, that alone is said.
        let is_missing_by_name = |name: &str| {
            let theirs = columns.get(name).map(String::as_str);
            theirs.is_some_and(|theirs| table.column(&[theirs]).is_none())
        };
        let (exposure, months) = match (column(MEMBER_MONTHS), column(PERSON_YEARS)) {
            (Some(column), None) => (Some(column), 1.0),
            (Some(column), Some(_)) => {
                problems.push(format!("there are both {MEMBER_MONTHS} and {PERSON_YEARS}; keep one of them"));
                (Some(column), 1.0)
            }
            (None, Some(column)) => (Some(column), 12.0),
            (None, None) if is_missing_by_name(MEMBER_MONTHS) || is_missing_by_name(PERSON_YEARS) => (None, 1.0),
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
                None if [name.as_str(), name.strip_prefix("truncated_").unwrap_or(name)]
                    .into_iter()
                    .any(is_missing_by_name) => {}
                None => problems.push(format!(
                    "there is no column {}: the contract settles on it; [columns] may name it as {name} = \"…\"",
                    named(columns, name)
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
        for (ours, theirs) in columns {
            if !known.contains(&ours.as_str()) {
                let ours = shortened(ours, 60);
                problems.push(format!(
                    "[columns] names {ours}, which this contract does not need; it needs {}",
                    known.join(", ")
                ));
            } else if table.column(&[theirs]).is_none() {
                let theirs = shortened(theirs, 60);
                problems.push(format!("there is no column \"{theirs}\", which [columns] names for {ours}"));
            }
        }
        problems.sort_unstable();
        problems.dedup();
        let (members, own_fees) = (column(MEMBERS), column(OWN_FEES));
        if own_fees.is_none() && !is_missing_by_name(OWN_FEES) && counts_own_fees(arrangement) {
            let name = named(columns, OWN_FEES);
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
        Ok(Self { exposure, months, members, own_fees, figures, terms, labels })
    }
}

/// Whether a contract settles on the provider's own fees: whether they make a difference.
fn counts_own_fees(arrangement: &Arrangement) -> bool {
    let figures = vec![1e6; arrangement.observes().len()];
    let year = Year { explain: false, ..Year::new(MemberMonths(12_000.0), 1_000, &figures) };
    let total = |own_fees| arrangement.settle(&year.with_own_fees(Dollars(own_fees))).settlement;
    total(0.0) != total(1e6)
}

/// The name of an observation as a column.
pub(super) fn column_name(observation: &Observation) -> String {
    match observation {
        Observation::Expenditure { service } => format!("{service}_expenditure"),
        Observation::Count { service } => format!("{service}_count"),
        Observation::Expected { service, .. } => format!("{service}_expected_events"),
        Observation::PersonYears => "person_years".to_owned(),
        Observation::People => "people".to_owned(),
        Observation::RiskScore => "risk_score_sum".to_owned(),
        Observation::Denominator { measure } => format!("{measure}_denominator"),
        Observation::Numerator { measure } => format!("{measure}_numerator"),
        Observation::CappedExpenditure { service, limit } => {
            format!("{service}_expenditure_capped_at_{}", limit.0)
        }
        Observation::Episodes { anchor, limit: None, .. } => format!("{anchor}_episodes_expenditure"),
        Observation::Episodes { anchor, limit: Some(limit), .. } => {
            format!("{anchor}_episodes_expenditure_capped_at_{}", limit.0)
        }
        Observation::PeopleAbove { services, attachment } => {
            format!("{}people_above_{}", scope_prefix(services), attachment.point.0)
        }
        Observation::Layer { services, attachment, limit } => {
            let scope = scope_prefix(services);
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

/// How the name of a column begins that counts some services only.
fn scope_prefix(services: &ServiceScope) -> String {
    match services {
        ServiceScope::All => String::new(),
        ServiceScope::Only(names) => format!("{}_", names.join("+")),
    }
}
