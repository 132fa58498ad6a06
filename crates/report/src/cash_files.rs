//! Cash by month as files.

use twosided_form::{Cells, name_cell};

use crate::{ReportError, Summary};

/// Cash at the end of each month under every contract, as CSV: one row a figure, with its error and its 95% interval.
pub(crate) fn months_csv(summary: &Summary) -> Result<Vec<u8>, ReportError> {
    let mut out = Cells::new(Vec::new());
    out.row(["contract", "month", "measure", "unit", "value", "standard_error", "lower_95", "upper_95"])?;
    // What is not known is an empty cell.
    let cell = |figure: f64| if figure.is_finite() { figure.to_string() } else { String::new() };
    for contract in &summary.contracts {
        let Some(cash) = &contract.cash else { continue };
        let name = name_cell(&contract.name);
        for of_month in &cash.by_month {
            let month = of_month.month.to_string();
            for (measure, figure) in of_month.figures() {
                let estimate = figure.estimate();
                let figures = [estimate.value, estimate.standard_error, estimate.lower, estimate.upper].map(cell);
                let row = [&*name, &month, measure, figure.unit.name()];
                out.row(row.into_iter().chain(figures.iter().map(String::as_str)))?;
            }
        }
    }
    Ok(out.finish()?)
}
