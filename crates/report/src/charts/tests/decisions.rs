//! Pictures of prices and sweeps.

use super::*;

#[test]
fn prices_are_legible_whatever_their_points() {
    use crate::{PremiumRule, PriceMeasure, PricePoint, PriceReport, PricedCover};
    let estimate = |value: f64, error: f64| {
        let (lower, upper) = (value - 2.0 * error, value + 2.0 * error);
        twosided_prob::Estimate { value, standard_error: error, lower, upper, caution: None }
    };
    let at = |attachment: Option<f64>, size: f64| {
        let figure = |measure: PriceMeasure| {
            let value = if measure.unit() == crate::Unit::Probability { (size / 1e7).min(1.0) } else { size };
            Some(Ok(estimate(value, 0.1 * value)))
        };
        PricePoint { attachment, figures: PriceMeasure::ALL.map(figure) }
    };
    let lists: [(PricedCover, Vec<f64>); 5] = [
        (PricedCover::Specific, vec![250_000.0]),
        (PricedCover::Specific, (1..=100).map(|point| 1e4 * f64::from(point)).collect()),
        (PricedCover::Aggregate, vec![1.0, 1.025, 1.05, 1.2]),
        (PricedCover::AggregatingDeductible, vec![0.0, 1e5, 5e5]),
        (PricedCover::Corridor, (1..=30).map(|point| 0.001 * f64::from(point)).collect()),
    ];
    for (cover, points) in lists {
        for size in [0.0, 1.0, -3e6, 8e6] {
            let many = points.iter().enumerate();
            let report = PriceReport {
                scenario: "A".to_owned(),
                contract: "Global capitation of a Medicare population with a very long name, stop-loss and corridor"
                    .to_owned(),
                cover,
                rule: PremiumRule::Loaded { load: 0.25, load_sd: 0.2 },
                trend: Some(0.08),
                assumptions: Vec::new(),
                seed: 1,
                trials: 1_000,
                version: "1".to_owned(),
                uncovered: at(None, size),
                points: many.map(|(index, &point)| at(Some(point), size / (1.0 + index as f64))).collect(),
            };
            assert_legible(&price(&report));
        }
    }
}

#[test]
fn pictures_of_sweeps_are_legible_whatever_their_values() {
    let names = [
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "Medicare Shared Savings Program ENHANCED track, prospective assignment",
        "FFS",
    ];
    let figure = |value: f64, error: f64| Estimate {
        value,
        standard_error: error,
        lower: value - 2.0 * error,
        upper: value + 2.0 * error,
        caution: None,
    };
    let title = "Standard deviation of the annual gain along minimum_rate";
    for (contracts, count, scale, is_share) in
        [(1, 1, 1e6, false), (2, 2, 0.3, true), (4, 7, 1e9, false), (12, 40, 0.001, true), (20, 100, 0.0, false)]
    {
        let name = |index: usize| names[index % names.len()];
        let values = spread(contracts * count * count, scale);
        let of = |contract: usize, index: usize| figure(values[contract * count + index], 0.1 * scale);
        let numbers: Vec<f64> = (0..count).map(|index| 75_000.0 + 1e6 * index as f64).collect();
        let texts: Vec<String> = (0..count).map(|index| format!("\"{} {index}\"", name(index))).collect();
        let lines: Vec<Curve<'_>> = (0..contracts)
            .map(|contract| Curve { name: name(contract), figures: (0..count).map(|at| of(contract, at)).collect() })
            .collect();
        for (values, base) in [(Values::Numbers(&numbers), Some(2.5e5)), (Values::Texts(&texts), None)] {
            assert_legible(&curves(&Curves {
                title,
                across: names[0],
                values,
                figure: "Mean",
                is_share,
                base,
                curves: &lines,
            }));
        }
        let panels: Vec<HeatPanel<'_>> = (0..contracts)
            .map(|contract| HeatPanel {
                name: name(contract),
                figures: (0..count * count).map(|at| of(contract, at)).collect(),
            })
            .collect();
        let (across, down) = ((names[1], &texts[..]), (names[0], &texts[..]));
        assert_legible(&heat_map(&HeatMap { title, across, down, is_share, panels: &panels }));
        let bar = |index: usize| TornadoBar {
            key: names[index % names.len()],
            ends: (0..=(index % 3))
                .map(|end| (texts[end % count].clone(), values[index % values.len()] / (1.0 + end as f64), 0.1 * scale))
                .collect(),
        };
        let panels: Vec<TornadoPanel<'_>> = (0..contracts)
            .map(|contract| TornadoPanel {
                name: name(contract),
                base: of(contract, 0),
                bars: (0..count).map(bar).collect(),
            })
            .collect();
        assert_legible(&tornado(&Tornado { title, figure: names[0], is_share, panels: &panels }));
    }
}
