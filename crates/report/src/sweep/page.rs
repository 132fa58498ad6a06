//! The page of a sweep, in Markdown.

use twosided_form::printable;
use twosided_units::grouped;

use super::figures::{SweepReport, shown};

/// Most rows of the page's table.
const MOST_ROWS: usize = 200;

/// What was swept, the pictures, and the figures of each point.
pub(super) fn markdown(report: &SweepReport, pictures: &[(String, String)]) -> String {
    let mut page = format!("# {}: sweep\n\n", escaped(&report.name));
    page += &format!(
        "{} points, {} trials each, seed {}. {}\n\n",
        grouped(&report.moved().len().to_string()),
        grouped(&report.trials.to_string()),
        report.seed,
        report
            .period
            .say("Figures are of one {year}.")
            .replace("one future", &format!("{} years together", report.period.years))
    );
    for key in &report.keys {
        let role = if key.is_swept { "swept" } else { "tied" };
        let base = key.base.as_deref().unwrap_or("its default");
        page += &format!("- `{}` ({role}); as it is: {}\n", printable(&key.key), escaped(base));
    }
    page.push('\n');
    for (name, title) in pictures {
        page += &format!("![{}]({name}.png)\n\n", escaped(title));
    }
    let keys = (0..report.keys.len()).map(|key| escaped(report.short_key(key)));
    let quantities = report.quantities.iter().map(|quantity| escaped(&quantity.to_string()));
    let header: Vec<String> = keys.chain(["Contract".to_owned()]).chain(quantities).collect();
    page += &format!("| {} |\n|{}\n", header.join(" | "), "--:|".repeat(header.len()));
    let rows = report.points.iter().enumerate().flat_map(|(index, point)| {
        report.contracts.iter().zip(&point.figures).map(move |(contract, figures)| {
            let value = |key: usize| {
                let text = escaped(&report.shown_value(point, key));
                if index == 0 { format!("{text} (as it is)") } else { text }
            };
            let figures = report.quantities.iter().zip(figures).map(|(quantity, figure)| shown(figure, quantity));
            let cells = (0..report.keys.len()).map(value).chain([escaped(contract)]).chain(figures);
            format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
        })
    });
    page.extend(rows.take(MOST_ROWS));
    let all = report.points.len() * report.contracts.len();
    if all > MOST_ROWS {
        page += &format!("\nThe first {MOST_ROWS} of {} rows; `sweep.csv` has all.\n", grouped(&all.to_string()));
    }
    page + "\n± is one standard error of the simulation. `sweep.csv` and `sweep.parquet` have every figure with its 95% interval and its \
            difference from the scenario as it is.\n"
}

/// Text that Markdown leaves as it is.
fn escaped(text: &str) -> String {
    let marks = ['\\', '|', '*', '_', '[', ']', '<', '>', '`', '#', '!', '&'];
    printable(text).chars().flat_map(|c| marks.contains(&c).then_some('\\').into_iter().chain([c])).collect()
}
