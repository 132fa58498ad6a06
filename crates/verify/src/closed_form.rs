//! Tables whose law is stated: minimum savings rates, odds of luck, capitation by portfolio size, expected settlements.

use twosided_contracts::{Corridor, Settle, SharedSavings, Side, Year, minimum_savings_rate};
use twosided_population::ServiceScope;
use twosided_prob::{Purpose, Sample, Stream, StreamKey, name_key};
use twosided_units::{MemberMonths, PerCapita, Share};

use crate::{Effort, ValidationRow};

pub(crate) fn rows(effort: Effort) -> Vec<ValidationRow> {
    let mut rows = implied_cv();
    rows.extend(odds_of_luck(effort));
    rows.extend(capitation_by_size(effort));
    rows.extend(expected_settlements(effort));
    rows
}

fn normals(effort: Effort, name: &str, mean: f64, sd: f64) -> Vec<f64> {
    let (seed, service) = (effort.seed, name_key(name));
    let key = StreamKey { seed, purpose: Purpose::Factor, segment: 0, service, trial: 0, year: 0 };
    let mut values = vec![0.0; effort.draws as usize];
    Stream::new(&key).fill_scores(&mut values);
    for value in &mut values {
        *value = mean + sd * *value;
    }
    values
}

fn sample(values: Vec<f64>) -> Sample {
    Sample::new(values).expect("finite draws, more than one")
}

/// A probability of a sample with its error, and its tolerance: four standard errors of the published probability and half a
/// unit of its last digit.
fn probability(sample: &Sample, published: f64, digits: i32, wanted: impl Fn(f64) -> bool) -> ((f64, f64), f64) {
    let estimate = sample.probability(wanted);
    let n = sample.len() as f64;
    let tolerance = 4.0 * (published * (1.0 - published) / n).sqrt() + 0.5 * 10_f64.powi(-digits);
    ((estimate.value, estimate.standard_error), tolerance)
}

/// Table 3: the coefficient of variation a person that the schedule of minimum savings rates implies.
///
/// `cv = rate × √people / z`, with the normal quantile z of the confidence at that size.
fn implied_cv() -> Vec<ValidationRow> {
    let published = [
        (500, 1.2816, 2.129, 2.12, 2.137),
        (1_000, 1.2816, 2.147, 2.134, 2.159),
        (3_000, 1.2816, 2.137, 2.116, 2.158),
        (5_000, 1.2816, 2.152, 2.124, 2.179),
        (20_000, 1.6449, 2.149, 2.106, 2.192),
        (50_000, 2.3263, 2.115, 2.067, 2.163),
    ];
    let rows = published.map(|(people, z, cv, low, high)| {
        let ours = minimum_savings_rate(people).value() * (people as f64).sqrt() / z;
        // The band is that of the rate's rounding; its middle is the published figure but for rounding.
        let (middle, half) = (f64::midpoint(low, high), 0.5 * (high - low));
        let mut row =
            ValidationRow::compared(3, format!("implied cv at {people} people"), middle, (ours, 0.0), half, 3);
        row.published = format!("{cv:.3} ({low} to {high})");
        row
    });
    rows.into()
}

const INPUTS_UNKNOWN: &str = "the part of the source that was read does not state the inputs of this figure";

/// Table 4: odds of a reward without savings and of a penalty without losses.
fn odds_of_luck(effort: Effort) -> Vec<ValidationRow> {
    let mut rows = Vec::new();
    for (people, rewarded, penalized, tolerance) in [(5_000_u32, 0.24, 0.26, 0.02), (50_000, 0.02, 0.02, 0.005)] {
        let name = format!("savings rate of {people}");
        let rates = sample(normals(effort, &name, 0.0, 2.15 / f64::from(people).sqrt()));
        let ours = |wanted: &dyn Fn(f64) -> bool| {
            let estimate = rates.probability(wanted);
            (estimate.value, estimate.standard_error)
        };
        let row = |what: &str, published, ours| {
            ValidationRow::compared(4, format!("{what}, {people} people"), published, ours, tolerance, 3)
        };
        rows.push(row("rewarded without savings", rewarded, ours(&|rate| rate >= 0.02)));
        rows.push(row("penalized without losses", penalized, ours(&|rate| rate <= -0.02)));
    }
    let others = [
        ("payment denied at 5,000 people and 5-7% savings, lower bound", ">=0.15"),
        ("smallest expected payment, USD", "115,000"),
        ("largest expected payment, USD", "35,300,000"),
        ("type I error of common schemes often exceeds", "0.1"),
        ("type II error of common schemes often exceeds", "0.25"),
        ("bias from not carving out injury care, percentage points", "-3 to +1"),
        ("bias from not carving out custodial care, percentage points", "-4 to +9"),
        ("bias from not carving out spending above $100,000 a person, percentage points", "-5 to +5"),
        ("multiple of the mean squared error, injury", "up to 3"),
        ("multiple of the mean squared error, custodial", "8 or more"),
        ("multiple of the mean squared error, above $100,000", "13 or more"),
    ];
    rows.extend(others.map(|(what, published)| ValidationRow::not_compared(4, what, published, INPUTS_UNKNOWN)));
    rows
}

/// Sizes of Cox's insurers, by the names of the table.
const INSURERS: [(&str, f64); 5] =
    [("NHI 308m", 308e6), ("B 10m", 10e6), ("PI 1m", 1e6), ("D 100k", 1e5), ("E 10k", 1e4)];

/// Table 5: a loss ratio of mean 0.75 and standard error 50 / √policies, expenses of 0.15, a premium of $4,000.
fn capitation_by_size(effort: Effort) -> Vec<ValidationRow> {
    type Drawn = (u8, &'static str, [f64; 5], fn(f64) -> bool);
    let drawn: [Drawn; 5] = [
        (3, "P(profit >= 10%)", [0.5; 5], |ratio| ratio <= 0.75),
        (4, "P(profit >= 5%)", [1.0, 0.9992, 0.8413, 0.6241, 0.5398], |ratio| ratio <= 0.80),
        (5, "P(no operating loss)", [1.0, 1.0, 0.9772, 0.7365, 0.5793], |ratio| ratio <= 0.85),
        (6, "P(operating loss >= 5%)", [0.0, 0.0, 0.0013, 0.1714, 0.3821], |ratio| ratio >= 0.90),
        (7, "P(operating loss >= 10%)", [0.0, 0.0, 0.0, 0.103, 0.3446], |ratio| ratio >= 0.95),
    ];
    let error = |people: f64| 50.0 / people.sqrt();
    let mut rows = Vec::new();
    for (index, (insurer, people)) in INSURERS.into_iter().enumerate() {
        let mut exact = |number: u8, what: &str, published: f64, ours: f64, decimals: usize| {
            let tolerance = 0.5001 * 10_f64.powf(-(decimals as f64));
            let what = format!("{number}. {what}, {insurer}");
            let row = ValidationRow::compared(5, what, published, (ours, 0.0), tolerance, decimals);
            rows.push(row.because("the source multiplies the rounded error"));
        };
        let errors = [0.00285, 0.01581, 0.05, 0.1581, 0.5];
        exact(2, "standard error of the loss ratio", errors[index], error(people), [5, 5, 2, 4, 1][index]);
        let solvency = [0.7586, 0.7974, 0.9, 1.2243, 2.25];
        let upper = 0.75 + 3.0 * error(people);
        exact(8, "solvency-preserving loss ratio", solvency[index], upper, [4, 4, 1, 4, 2][index]);
        let surplus = [0.0, 0.0, 200.0, 149.73666, 56.0];
        let needed = (upper - 0.85).max(0.0) * 4_000.0 * people / 1e6;
        exact(9, "surplus needed, $M", surplus[index], needed, [0, 0, 0, 5, 0][index]);
        let sustainable = [0.7972, 0.7842, 0.75, 0.6419, 0.3];
        exact(11, "maximum sustainable benefits", sustainable[index], 0.80 - error(people), [4, 4, 2, 4, 1][index]);
        let ratios = sample(normals(effort, insurer, 0.75, error(people)));
        for (number, what, published, wanted) in drawn {
            let (ours, tolerance) = probability(&ratios, published[index], 4, wanted);
            rows.push(ValidationRow::compared(
                5,
                format!("{number}. {what}, {insurer}"),
                published[index],
                ours,
                tolerance,
                4,
            ));
        }
    }
    for (insurer, published, people, decimals) in [
        ("B 10m", 0.780_152, 10e6, 6),
        ("NHI 308m", 0.755_688, 308e6, 6),
        ("D 100k", 1.0662, 1e5, 4),
        ("E 10k", 1.75, 1e4, 2),
    ] {
        let tolerance = 0.5001 * 10_f64.powf(-f64::from(decimals));
        let ours = (0.75 + 2.0 * error(people), 0.0);
        let what = format!("text. expected-cost share for odds of 97.7%, {insurer}");
        let row = ValidationRow::compared(5, what, published, ours, tolerance, decimals as usize);
        rows.push(
            row.because(
                "the source prints two of these figures (B, NHI) off its own formula, mean and twice the error",
            ),
        );
    }
    rows.push(ValidationRow::not_compared(
        5,
        "10. aggregate surplus, $ trillion",
        "0.616, 4.612, 172",
        "misprinted in the source: off its own rows by ten and a hundred",
    ));
    rows.push(ValidationRow::not_compared(5, "1. portfolio size", "as above", "an input"));
    rows
}

/// Table 6: a cost a person around a benchmark of $10,000, standard deviation $446, settled by our contract.
fn expected_settlements(effort: Effort) -> Vec<ValidationRow> {
    let at = |base: f64| normals(effort, "cost a person", base, 446.0);
    let (level, saving) = (at(10_000.0), at(9_800.0));
    let none = settled(&level, 0.0, 1.0, true);
    let banded = settled(&level, 0.02, 1.0, true);
    let one_sided = settled(&level, 0.02, 0.5, false);
    let expected = settled(&saving, 0.0, 1.0, true);
    let part = |values: &[f64], upside: bool| {
        let part = |value: &f64| if upside { value.max(0.0) } else { value.min(0.0) };
        let mean = sample(values.iter().map(part).collect()).mean();
        (mean.value, mean.standard_error)
    };
    let row = |what: &str, published, ours, tolerance| ValidationRow::compared(6, what, published, ours, tolerance, 1);
    let loss = sample(expected.clone()).probability(|value| value < 0.0);
    let loss = (loss.value, loss.standard_error);
    let not_quoted = "the source quotes no figure";
    vec![
        row("1. expected upside, no corridor", 180.0, part(&none, true), 3.0),
        row("1. expected downside, no corridor", -180.0, part(&none, false), 3.0),
        ValidationRow::not_compared(6, "2. expected upside, 2% corridor", &lower_than(part(&banded, true)), not_quoted),
        ValidationRow::not_compared(
            6,
            "2. expected downside, 2% corridor",
            &lower_than(part(&banded, false)),
            not_quoted,
        ),
        row("3. expected shared savings, one-sided, half, 2%", 80.0, part(&one_sided, true), 1.0),
        ValidationRow::not_compared(6, "4. expected shared savings, cost 9,800", "not quoted", not_quoted),
        row("5. expected upside, cost 9,800", 295.0, part(&expected, true), 1.0),
        row("5. expected downside, cost 9,800", -95.0, part(&expected, false), 1.0),
        ValidationRow::compared(6, "5. probability of a loss, cost 9,800", 0.327, loss, 0.001, 3),
    ]
}

fn lower_than((ours, _): (f64, f64)) -> String {
    format!("not quoted, lower than 180 (ours: {ours:.0})")
}

/// What a contract of that minimum rate and sharing rate pays for each cost of a person, against $10,000.
fn settled(costs: &[f64], minimum_rate: f64, sharing_rate: f64, two_sided: bool) -> Vec<f64> {
    let share = |value| Share::new(value).expect("a share");
    let side = Side { minimum_rate: share(minimum_rate), corridor: Corridor::flat(share(sharing_rate)), limit: None };
    let terms = SharedSavings {
        benchmark: PerCapita(10_000.0),
        services: ServiceScope::All,
        truncation_point: None,
        losses: two_sided.then(|| side.clone()),
        savings: side,
    };
    let of_cost = |cost: &f64| {
        let figures = [*cost];
        let year = Year { explain: false, ..Year::new(MemberMonths(12.0), 1, &figures) };
        terms.settle(&year).reconciliation.0
    };
    costs.iter().map(of_cost).collect()
}
