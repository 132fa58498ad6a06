//! A year's exposure and figures, and what they say of each other that cannot be.

use twosided_contracts::Year;
use twosided_population::Observation;
use twosided_units::{Dollars, MemberMonths};

use super::columns::{YearColumns, column_name};
use crate::Table;

/// A year's exposure and figures.
pub(super) fn year_of(
    table: &Table,
    row: usize,
    columns: &YearColumns,
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
    let exposure = MemberMonths(number(columns.exposure) * columns.months);
    let members = columns.members.map(&mut number);
    let own_fees = columns.own_fees.map_or(0.0, &mut number);
    let figures: Vec<f64> = columns.figures.iter().map(|&column| number(column)).collect();
    if problems.len() == before {
        let negative = columns.figures.iter().zip(&figures).filter(|(_, figure)| **figure < 0.0);
        problems.extend(negative.map(|(&column, _)| table.wrong(row, column, "a figure of a year is not negative")));
        if exposure.0 <= 0.0 {
            problems.push(table.wrong(row, columns.exposure, "exposure is above 0"));
        }
        if let (Some(column), Some(members)) = (columns.members, members)
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
pub(super) fn contradiction(observes: &[Observation], figures: &[f64]) -> Option<String> {
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
        (
            Observation::Episodes { anchor, following, limit: Some(_) },
            Observation::Episodes { anchor: same, following: all, limit: None },
        ) => anchor == same && following == all,
        _ => false,
    }
}

/// Whether one observation counts the events that another's dollars are spent on.
fn counts(events: &Observation, dollars: &Observation) -> bool {
    let Observation::Count { service: counted } = events else { return false };
    match dollars {
        Observation::Expenditure { service } | Observation::CappedExpenditure { service, .. } => service == counted,
        Observation::Episodes { anchor, .. } => anchor == counted,
        Observation::Layer { .. }
        | Observation::PeopleAbove { .. }
        | Observation::Count { .. }
        | Observation::Expected { .. }
        | Observation::PersonYears
        | Observation::People
        | Observation::RiskScore
        | Observation::Denominator { .. }
        | Observation::Numerator { .. } => false,
    }
}
