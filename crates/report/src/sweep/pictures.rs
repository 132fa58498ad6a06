//! The pictures of a sweep: lines for one key, fields for two, bars for keys that are moved one at a time.

use twosided_scenario::Quantity;

use super::figures::{SweepDifference, SweepReport, number};
use crate::charts::{
    Chart, Curve, Curves, HeatMap, HeatPanel, Tornado, TornadoBar, TornadoPanel, Values, curves, heat_map, tornado,
};

/// The names of the pictures of quantities, without extensions: by the measure, or by the number of the event.
pub(super) fn names(quantities: &[Quantity]) -> Vec<String> {
    let name = |(number, quantity): (usize, &Quantity)| match quantity {
        Quantity::Measure(measure) => format!("sweep-{}", measure.name()),
        Quantity::Probability(_) => format!("sweep-event-{number}"),
    };
    (1..).zip(quantities).map(name).collect()
}

/// A picture of each quantity, with its name; none for three keys or more that are moved together.
pub(super) fn all(report: &SweepReport) -> Vec<(String, Chart)> {
    let swept = report.swept();
    let draw = |index: usize| match swept[..] {
        _ if report.is_one_at_a_time => Some(bars(report, index)),
        [key] => Some(lines(report, index, key)),
        [down, across] => Some(fields(report, index, down, across)),
        _ => None,
    };
    let named = names(&report.quantities).into_iter().enumerate();
    named.filter_map(|(index, name)| Some((name, draw(index)?))).collect()
}

/// What a quantity is, for a title: measures are of the gain or of the loss.
fn figure(report: &SweepReport, quantity: usize) -> String {
    use crate::RiskMeasure::{
        MeanGain, Quantile05, Quantile50, Quantile95, SdGain, TailValueAtRisk95, TailValueAtRisk99, ValueAtRisk95,
        ValueAtRisk99,
    };
    let quantity = &report.quantities[quantity];
    let text = match quantity {
        Quantity::Measure(MeanGain | SdGain | Quantile05 | Quantile50 | Quantile95) => {
            format!("{quantity} of the {{annual}} gain")
        }
        Quantity::Measure(ValueAtRisk95 | ValueAtRisk99 | TailValueAtRisk95 | TailValueAtRisk99) => {
            format!("{quantity} of the {{annual}} loss")
        }
        _ => quantity.to_string(),
    };
    let text = report.period.say(&text);
    let first = text.chars().next().map_or(0, char::len_utf8);
    text[..first].to_uppercase() + &text[first..]
}

fn lines(report: &SweepReport, quantity: usize, key: usize) -> Chart {
    let texts: Vec<String> = report.moved().iter().map(|point| report.value(point, key).to_owned()).collect();
    let numbers: Option<Vec<f64>> = texts.iter().map(|text| number(text)).collect();
    let values = numbers.as_deref().map_or(Values::Texts(&texts), Values::Numbers);
    let drawn: Vec<Curve<'_>> = (0..report.contracts.len())
        .map(|contract| Curve {
            name: &report.contracts[contract],
            figures: report.moved().iter().map(|point| point.figures[contract][quantity].estimate).collect(),
        })
        .collect();
    let figure = figure(report, quantity);
    let base = report.keys[key].base.as_deref().and_then(number).filter(|_| numbers.is_some());
    curves(&Curves {
        title: &format!("{figure} along {}", report.short_key(key)),
        across: &report.keys[key].key,
        values,
        figure: &figure,
        is_share: report.quantities[quantity].is_probability(),
        base,
        curves: &drawn,
    })
}

fn fields(report: &SweepReport, quantity: usize, down: usize, across: usize) -> Chart {
    let values = |key: usize| {
        let mut values: Vec<String> = Vec::new();
        for point in report.moved() {
            let value = report.shown_value(point, key);
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values
    };
    let (rows, columns) = (values(down), values(across));
    let panels: Vec<HeatPanel<'_>> = (0..report.contracts.len())
        .map(|contract| HeatPanel {
            name: &report.contracts[contract],
            figures: report.moved().iter().map(|point| point.figures[contract][quantity].estimate).collect(),
        })
        .collect();
    let (short_down, short_across) = (report.short_key(down), report.short_key(across));
    heat_map(&HeatMap {
        title: &format!("{} by {short_down} and {short_across}", figure(report, quantity)),
        across: (short_across, &columns),
        down: (short_down, &rows),
        is_share: report.quantities[quantity].is_probability(),
        panels: &panels,
    })
}

fn bars(report: &SweepReport, quantity: usize) -> Chart {
    let swept = report.swept();
    let figure = figure(report, quantity);
    let panels: Vec<TornadoPanel<'_>> = (0..report.contracts.len())
        .map(|contract| {
            let bar = |&key: &usize| {
                let ends = report.moved().iter().filter(|point| point.values[key].is_some());
                let ends = ends.map(|point| {
                    let SweepDifference { value, standard_error } = point.figures[contract][quantity].difference;
                    (report.shown_value(point, key), value, standard_error)
                });
                TornadoBar { key: report.short_key(key), ends: ends.collect() }
            };
            TornadoPanel {
                name: &report.contracts[contract],
                base: report.points[0].figures[contract][quantity].estimate,
                bars: swept.iter().map(bar).collect(),
            }
        })
        .collect();
    let lower = figure.chars().next().map_or(0, char::len_utf8);
    let is_name = figure.starts_with("VaR") || figure.starts_with("TVaR") || figure.starts_with("P(");
    let in_words = if is_name { figure.clone() } else { figure[..lower].to_lowercase() + &figure[lower..] };
    tornado(&Tornado {
        title: &format!("What moves {in_words}"),
        figure: &in_words,
        is_share: report.quantities[quantity].is_probability(),
        panels: &panels,
    })
}
