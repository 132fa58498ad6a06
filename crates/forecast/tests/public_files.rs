//! The law fitted to the public results of 2014 to 2022.

use std::path::Path;

use twosided_actuals::{HistoryYear, Table};
use twosided_forecast::{Panel, exit, fit, tried};

fn panel(years: std::ops::RangeInclusive<u16>) -> Panel {
    let files: Vec<HistoryYear> = years
        .map(|year| {
            let path = format!("{}/../../tests/data/mssp-py{year}.csv", env!("CARGO_MANIFEST_DIR"));
            let table = Table::load(Path::new(&path)).expect("a results file");
            HistoryYear::read(&table, year).expect("a results file")
        })
        .collect();
    Panel::new(&files).expect("files of different years")
}

#[test]
fn show() {
    for last in [2020, 2021, 2022] {
        let panel = panel(2014..=last);
        let start = std::time::Instant::now();
        let fitted = fit(&panel, 1.839).expect("a law");
        println!("{last} {:?} ll {} {:?}", start.elapsed(), fitted.log_likelihood, panel.linked);
        for (name, parameter) in &fitted.parameters {
            println!("  {name} {:.4} ± {:.4}", parameter.value, parameter.error);
        }
        println!(
            "{:#?}",
            fitted.program.levels.iter().map(|l| (l.year, l.level.value, l.level.error)).collect::<Vec<_>>()
        );
        println!(
            "drift {:?} sd {} trend {:?} on {:?} beside {}",
            fitted.program.drift,
            fitted.program.sd,
            fitted.program.trend,
            fitted.program.on_trend,
            fitted.program.beside_trend
        );
        println!("{:?} skew {:?} exit {:?}", fitted.spending, fitted.skewness, exit(&panel, &fitted.program));
        if last == 2022 {
            println!("{:?} {:#?}", start.elapsed(), tried(&panel, &fitted));
            println!("{:?}", start.elapsed());
        }
    }
}
