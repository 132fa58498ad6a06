//! Table 14: how many ACOs of a size pass a savings rate, from the fitted spread of each year.

use std::collections::BTreeMap;

use twosided_contracts::minimum_savings_rate;
use twosided_prob::{Purpose, Stream, StreamKey, name_key};

use crate::{Effort, ValidationRow};

const SHARES: &str = include_str!("../tables/outcome-shares.csv");
const SPREAD: &str = include_str!("../tables/savings-rate-spread.csv");
const SIZES: &str = include_str!("../tables/sizes.csv");

/// Draws for each year and size.
const MOST_DRAWS: u64 = 100_000;

type Mark = (&'static str, fn(f64, f64) -> bool);

/// Marks of the table, of a rate and the minimum savings rate, both shares.
const MARKS: [Mark; 7] = [
    ("above 0", |rate, _| rate > 0.0),
    ("at or above the minimum savings rate", |rate, minimum| rate >= minimum),
    ("at or above 2%", |rate, _| rate >= 0.02),
    ("at or below -2%", |rate, _| rate <= -0.02),
    ("at or above 5%", |rate, _| rate >= 0.05),
    ("at or below -5%", |rate, _| rate <= -0.05),
    ("at or below -10%", |rate, _| rate <= -0.10),
];

fn records(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let records =
        reader.records().map(|record| record.expect("a table in the repository").iter().map(str::to_owned).collect());
    records.collect()
}

fn number(text: &str) -> f64 {
    text.parse().expect("a number of the table")
}

pub(crate) fn rows(effort: Effort) -> Vec<ValidationRow> {
    let sizes: BTreeMap<String, f64> =
        records(SIZES).into_iter().map(|record| (record[0].clone(), number(&record[1]))).collect();
    let mut simulated: BTreeMap<(String, String), [f64; 7]> = BTreeMap::new();
    for spread in records(SPREAD) {
        for (size, &people) in &sizes {
            // Mean and tau are percent; s is a coefficient of variation a person.
            let [mean, tau] = [1, 2].map(|index| number(&spread[index]) / 100.0);
            let s = number(&spread[3]);
            let sd = (tau * tau + s * s / people).sqrt();
            simulated.insert((spread[0].clone(), size.clone()), shares(effort, &spread[0], size, (mean, sd, people)));
        }
    }
    let published = records(SHARES);
    // Rows of all years together are the years' own, weighed by how many ACOs there were.
    let all: Vec<(String, f64, [f64; 7])> = sizes
        .keys()
        .map(|size| {
            let own = published.iter().filter(|record| record[1] == *size);
            let own: Vec<(f64, [f64; 7])> = own
                .filter_map(|record| Some((number(&record[2]), *simulated.get(&(record[0].clone(), size.clone()))?)))
                .collect();
            let count: f64 = own.iter().map(|(count, _)| count).sum();
            let mean = |index: usize| own.iter().map(|(count, shares)| count * shares[index]).sum::<f64>() / count;
            (size.clone(), count, std::array::from_fn(mean))
        })
        .collect();
    let of = |record: &[String]| {
        let of_year = simulated.get(&(record[0].clone(), record[1].clone())).copied();
        of_year.or_else(|| all.iter().find(|(size, ..)| *size == record[1]).map(|(.., shares)| *shares))
    };
    let mut rows = Vec::new();
    for record in &published {
        let Some(ours) = of(record) else { continue };
        let count = number(&record[2]);
        for (index, (mark, _)) in MARKS.iter().enumerate() {
            let share = number(&record[3 + index]) / 100.0;
            // Where none or all were seen, the error of what is expected is the better one.
            let spread = (share * (1.0 - share)).max(ours[index] * (1.0 - ours[index]));
            let tolerance = 400.0 * (spread / count).sqrt();
            let error = 100.0 * (ours[index] * (1.0 - ours[index]) / MOST_DRAWS.min(effort.draws) as f64).sqrt();
            let what = format!("{}, {} people: {mark}, percent", record[0], record[1]);
            let row = ValidationRow::compared(14, what, 100.0 * share, (100.0 * ours[index], error), tolerance, 1);
            rows.push(row.because("one normal law for all ACOs of a year and size misses it"));
        }
    }
    rows
}

/// Shares of rates past each mark, of a normal law.
fn shares(effort: Effort, year: &str, size: &str, (mean, sd, people): (f64, f64, f64)) -> [f64; 7] {
    let (seed, segment, service) = (effort.seed, name_key(year), name_key(size));
    let mut scores = vec![0.0; MOST_DRAWS.min(effort.draws) as usize];
    Stream::new(&StreamKey { seed, purpose: Purpose::Factor, segment, service, trial: 0, year: 0 })
        .fill_scores(&mut scores);
    let minimum = minimum_savings_rate(people as u64).value();
    std::array::from_fn(|index| {
        let passes = scores.iter().filter(|score| MARKS[index].1(mean + sd * **score, minimum)).count();
        passes as f64 / scores.len() as f64
    })
}
