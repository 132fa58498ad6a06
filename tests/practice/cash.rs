//! Cash, month by month.

use std::path::Path;

use twosided::{Overrides, RunOptions, Scenario, run};
use twosided_report::{CashSummary, Summary};

fn summary(file: &str) -> Summary {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/practice").join(file);
    let scenario =
        Scenario::load_with(path, &Overrides::default()).unwrap_or_else(|error| panic!("{}", error.in_short()));
    run(&scenario, &RunOptions::default()).expect("it is small").summary
}

fn cash(summary: &Summary) -> CashSummary {
    summary.contracts[0].cash.clone().expect("the scenario has a [cash] block")
}

/// Cash at the end, the lowest cash and its month, of a horizon without chance.
fn timeline(file: &str) -> (f64, f64, f64) {
    let cash = cash(&summary(file));
    assert_eq!(cash.lowest_mean.standard_error, 0.0);
    let cents = |amount: f64| (amount * 100.0).round() / 100.0;
    (cents(cash.end_mean.value), cents(cash.lowest_mean.value), cash.lowest_month_50.value)
}

#[test]
fn the_timelines_of_a_hybrid_practice_are_met_to_the_dollar() {
    // Rows HY1, HY2 and HY3 of tests/data/vectors/hybrid_timeline.csv.
    assert_eq!(timeline("hy1.toml"), (360_000.0, -240_000.0, 12.0));
    assert_eq!(timeline("hy2.toml"), (360_000.0, 0.0, 0.0));
    assert_eq!(timeline("hy3.toml"), (-540_000.0, -540_000.0, 23.0));
}
