//! Figures of a row brought toward the file's means, as far as they are not the ACO's own.

use twosided_actuals::{AcoPeople, EnrollmentType, Table, cms_columns as column};
use twosided_forecast::LawFile;

use crate::targets::DOLLARS;

/// Use, spending by service and risk scores brought toward the file's means, as far as the ACO's own are not credible, and dollars
/// to the prices of the year. Services keep the total that they have in the row.
pub(crate) fn shrunk(
    figures: &AcoPeople,
    table: &Table,
    law: &LawFile,
    people: f64,
    (prices, total): (f64, f64),
) -> (AcoPeople, Vec<String>) {
    let mut found = figures.clone();
    let mean_of = |name: &str| mean_of(table, name);
    let mut said = Vec::new();
    let mut shrink = |name: &str, figure: f64| {
        let own = law.figures.iter().find(|own| own.column == name)?;
        let mean = mean_of(name).filter(|_| figure > 0.0)?;
        let credibility = own.credibility(people);
        said.push(format!("{name} {credibility:.2}"));
        Some(libm::exp(libm::log(mean) + credibility * libm::log(figure / mean)))
    };
    for (name, figure) in &mut found.figures {
        *figure = shrink(name, *figure).unwrap_or(*figure);
    }
    for (of_type, enrollment) in found.types.iter_mut().zip(EnrollmentType::ALL) {
        of_type.risk_score = of_type.risk_score.map(|score| shrink(enrollment.columns()[2], score).unwrap_or(score));
    }
    let is_dollars = |name: &str| DOLLARS.iter().any(|measure| measure.column == name);
    let parts = [column::LONG_TERM_HOSPITAL, column::REHABILITATION, column::PSYCHIATRIC, column::AMBULANCE];
    let sum = |figures: &AcoPeople| -> f64 {
        let whole = figures.figures.iter().filter(|(name, _)| is_dollars(name) && !parts.contains(name));
        whole.map(|(_, figure)| figure).sum()
    };
    let (before, after) = (sum(figures), sum(&found));
    let scale = if after > 0.0 { total * before / after } else { prices };
    for (name, figure) in &mut found.figures {
        if is_dollars(name) {
            *figure *= scale;
        }
    }
    found.per_capita = found.per_capita.map(|amount| amount * total);
    (found, said)
}

/// Mean of a column over the rows of a file, weighted by beneficiaries.
fn mean_of(table: &Table, name: &str) -> Option<f64> {
    let (column, people) = (table.column(&[name])?, table.column(&["N_AB"])?);
    let read = |row: usize, column: usize| table.number(row, column).ok().flatten().filter(|number| *number > 0.0);
    let rows = (0..table.len()).filter_map(|row| read(row, people).zip(read(row, column)));
    let (sum, all) = rows.fold((0.0, 0.0), |(sum, all), (people, figure)| (sum + people * figure, all + people));
    (all > 0.0).then(|| sum / all)
}
