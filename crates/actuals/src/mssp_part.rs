//! The part of a year that a row's totals are of: all of it, or in 2019 January to June.

use twosided_units::Dollars;

use crate::MsspFile;

/// How far a total may be from its figure per person-year times person-years, both being rounded.
const ROUNDED: f64 = 0.01;
/// The performance year of which some rows are of six months, those of agreements that ended on June 30.
const HALF_YEARS: u16 = 2019;

impl MsspFile<'_> {
    /// The part of a year that benchmark and expenditure of a row are of, by what the row says of them per person-year. Some of
    /// none where it says nothing in a year in which rows differ; `None` where its figures are wrong or contradict each other.
    #[expect(clippy::option_option, reason = "none where it is wrong; some of none where it is not known")]
    pub(crate) fn part_of_year(
        &self,
        row: usize,
        benchmark: f64,
        expenditure: f64,
        problems: &mut Vec<String>,
    ) -> Option<Option<f64>> {
        let columns = &self.columns;
        let parts: &[f64] = if self.performance_year == HALF_YEARS { &[1.0, 0.5] } else { &[1.0] };
        let mut part = None;
        for (total, of_total, per_capita) in [
            (benchmark, columns.benchmark, columns.benchmark_per_capita),
            (expenditure, columns.expenditure, columns.expenditure_per_capita),
        ] {
            let (Some(per_capita), Some(person_years)) = (per_capita, columns.person_years) else { continue };
            let [Some(amount), Some(years)] =
                [per_capita, person_years].map(|column| self.positive(row, column, problems))
            else {
                continue;
            };
            let of_year = amount * years;
            let is_part = |part: &f64| (total / (part * of_year) - 1.0).abs() <= ROUNDED;
            match parts.iter().copied().find(is_part) {
                Some(found) if part.is_none_or(|part| part == found) => part = Some(found),
                _ => {
                    let [per_capita, years] = [per_capita, person_years].map(|column| &self.table.headers()[column]);
                    let of_other = if part == Some(0.5) { "its benchmark is of six months, and " } else { "" };
                    let help = format!("{of_other}{per_capita} × {years} of the row is {}", Dollars(of_year));
                    problems.push(self.table.wrong(row, of_total, &help));
                    return None;
                }
            }
        }
        Some(part.or_else(|| (parts.len() == 1).then_some(1.0)))
    }

    /// A number above zero; nothing where there is none. One that is wrong is noted.
    fn positive(&self, row: usize, column: usize, problems: &mut Vec<String>) -> Option<f64> {
        let number = self.table.number(row, column).map_err(|problem| problems.push(problem)).ok()?;
        number.filter(|number| *number > 0.0)
    }

    /// The message for a row that does not show which part of the year it covers, where that makes a difference.
    pub(crate) fn unknown_part(&self, row: usize) -> String {
        format!(
            "line {}: some rows of {HALF_YEARS} cover six months, and this one does not show whether it does; give UpdatedBnchmk and N_AB_Year_PY",
            self.table.line(row)
        )
    }
}
