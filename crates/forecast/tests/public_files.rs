//! The law fitted to the public results of 2014 to 2022, and rows linked by name.

use std::path::Path;

use twosided_actuals::{HistoryYear, Table};
use twosided_forecast::{LawFile, Panel, exit, fit};

fn file(year: u16) -> HistoryYear {
    let path = format!("{}/../../tests/data/mssp-py{year}.csv", env!("CARGO_MANIFEST_DIR"));
    HistoryYear::read(&Table::load(Path::new(&path)).expect("a file"), year).expect("a results file")
}

fn panel(years: std::ops::RangeInclusive<u16>) -> Panel {
    Panel::new(&years.map(file).collect::<Vec<_>>()).expect("files of different years")
}

#[test]
fn the_law_that_comes_with_the_program_is_that_of_the_files() {
    let law = LawFile::of_2014_to_2022();
    let panel = panel(2014..=2022);
    let fitted = fit(&panel, law.law.claims_cv).expect("a law");
    // Written to six digits, and found where the likelihood is flat to seven.
    let near =
        |found: f64, written: f64, error: f64| assert!((found - written).abs() < 0.01 * error, "{found} {written}");
    let own =
        [law.law.persistence, law.law.renewal, law.law.rebasing.kept, law.law.rebasing.sd, law.law.rebasing.shift];
    for ((_, found), written) in fitted.parameters.iter().zip(own) {
        near(found.value, written, found.error);
    }
    for (found, written) in fitted.program.levels.iter().zip(&law.program.levels) {
        near(found.level.value, written.level.value, found.level.error);
    }
    assert_eq!((fitted.organizations, fitted.years), (law.organizations, law.years));
    let left = exit(&panel, &fitted.program).expect("some leave");
    near(left.on_result.value, law.exit.expect("it was fitted").on_result.value, left.on_result.error);
    assert!(left.chance(-0.05).value > left.chance(0.05).value);
}

#[test]
fn names_link_the_rows_that_identifiers_link() {
    let files = [2020, 2021, 2022].map(file);
    let by_identifier = Panel::new(&files).expect("files of different years");
    let without: Vec<HistoryYear> = files
        .iter()
        .map(|own| {
            let mut own = own.clone();
            own.rows.iter_mut().for_each(|row| row.id = None);
            own
        })
        .collect();
    let by_name = Panel::new(&without).expect("files of different years");
    // A pair of rows, by year and result, that one panel has in one organization.
    let pairs = |panel: &Panel| -> std::collections::BTreeSet<(u16, u64, u64)> {
        let windows = panel.organizations.iter().flat_map(|series| series.years.windows(2));
        windows.map(|pair| (pair[0].year, pair[0].log_ratio.to_bits(), pair[1].log_ratio.to_bits())).collect()
    };
    let (right, found) = (pairs(&by_identifier), pairs(&by_name));
    let wrong = found.difference(&right).count();
    let missed = right.difference(&found).count();
    assert!(wrong <= 2, "{wrong} of {} links by name are wrong", found.len());
    assert!(missed * 10 < right.len(), "{missed} of {} links are missed", right.len());
}
