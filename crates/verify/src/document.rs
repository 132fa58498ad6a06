//! Rows as a document in Markdown.

use crate::{Backtest, BacktestLaw, ClaimsNoise, Effort, Outcome, ValidationRow};

const TITLES: [(u8, &str, &str); 11] = [
    (
        3,
        "The coefficient of variation that minimum savings rates imply",
        "CMS's schedule (42 CFR § 425.605(b)); cv = rate × √people / z at 90% confidence up to 5,000 people, 95% at 20,000, 99% at 50,000, which is inferred. Passes within the band that the schedule's rounding leaves",
    ),
    (
        4,
        "Odds of luck",
        "DeLia, Hoover, Cantor 2012 and two later papers, abstracts. A savings rate of mean 0 and standard deviation 2.15 / √people, 2% both ways. Passes within 0.02 at 5,000 and 0.005 at 50,000 people",
    ),
    (
        5,
        "Capitation by portfolio size",
        "T. Cox 2013, table 1. A loss ratio of mean 0.75 and standard error 50 / √policies, expenses 0.15, premium $4,000. Probabilities pass within four standard errors and half a unit of the last digit, others to the digits printed",
    ),
    (
        6,
        "Expected settlements",
        "Buckhead FMV 2018. A cost per person with standard deviation $446 around a benchmark of $10,000, settled by `shared_savings`. Passes within $3, $1 and 0.001",
    ),
    (
        7,
        "Concentration of spending",
        "Wallis et al. 2021 (65 and over); Congressional Budget Office 2005 (2001); others as named. Shares pass within 1 point (2001: 2 points), dollars within 10%. 2022's population against 65 and over, 2001's against 2001",
    ),
    (
        8,
        "Persistence of spending",
        "AHRQ's Medical Expenditure Panel Survey; Monheit 2003; Congressional Budget Office 2005. Passes within 5 points. All people of 2022's population who are the same in both years; the published figures are for other ages",
    ),
    (
        9,
        "Use by spending group",
        "Congressional Budget Office 2005, table 4. 2001's population, split by annual cost. Percents pass within 3 points, means within 10%",
    ),
    (
        14,
        "Outcomes by size",
        "CMS's public results files 2013 to 2021. Each year's fitted mean and spread (variance = tau² + s² / people) at the harmonic mean of each size. Passes within four standard errors of the observed share",
    ),
    (
        15,
        "Spending by enrollment type",
        "CMS's public results file of 2022, weighted by person-years, computed as the published rows of earlier years were (`tests/verify.rs` computes those of 2021 to the digit). Truncated spending passes within 2%, shares of person-years within 0.5 point",
    ),
    (16, "Use per 1,000", "As table 15, weighted by assigned beneficiaries. Passes within 2%"),
    (
        17,
        "Spending by service",
        "As table 15. Passes within 2%. CMS's spending by service seems to be truncated service by service; ours is not truncated",
    ),
];

/// The document of the tables.
pub fn tables_document(rows: &[ValidationRow], effort: Effort, command: &str) -> String {
    let mut text = format!(
        "# Validation\n\nPublished tables, reproduced by their stated method. Written by\n\n```sh\n{command}\n```\n\nwith {} people of the default \
         populations, {} draws of stated laws and seed {}; change nothing here by hand. *Off* is the difference in units of the \
         tolerance: a row passes up to 1. ± is one standard error of ours. No row of a table is left out: a row that is not \
         compared or that fails gives the reason.\n\n",
        grouped(effort.people),
        grouped(effort.draws),
        effort.seed
    );
    text.push_str("| table | rows | pass | fail | not compared |\n|:--|--:|--:|--:|--:|\n");
    for (table, title, _) in TITLES {
        let own: Vec<&ValidationRow> = rows.iter().filter(|row| row.table == table).collect();
        let count = |passes: Option<bool>| own.iter().filter(|row| row.passes() == passes).count();
        // An anchor has no punctuation: "Use per 1,000" is at `use-per-1000`.
        let link = title.to_lowercase().replace(' ', "-").replace(|c: char| !c.is_alphanumeric() && c != '-', "");
        text.push_str(&format!(
            "| [{table:02}. {title}](#{table:02}-{link}) | {} | {} | {} | {} |\n",
            own.len(),
            count(Some(true)),
            count(Some(false)),
            count(None)
        ));
    }
    for (table, title, method) in TITLES {
        text.push_str(&format!("\n## {table:02}. {title}\n\n{method}.\n\n"));
        let own = rows.iter().filter(|row| row.table == table);
        text.push_str(&table_of(own));
    }
    text
}

/// The document of a backtest.
pub fn backtest_document(backtest: &Backtest, performance_year: u16, file: &str, trials: u64, command: &str) -> String {
    let law = &backtest.law;
    let (first, last) = law.fitted_to;
    let mut text = format!(
        "# Backtest: performance year {performance_year}\n\nThe year is simulated {} times at its ACOs' real sizes and terms, without their own histories, and compared \
         with what happened; [forecast.md](forecast.md) has forecasts from their histories. Written by\n\n```sh\n{command}\n```\n\nFrom `{file}`: {} ACOs of 5,000 \
         beneficiaries or more. The law is fitted to {first} to {last} alone. The program's level, a logarithm of benchmark over expenditure, is expected to be \
         {:.2}% in {performance_year}, {} after the last file, with a standard deviation of {:.2} points: that is what the system does in all ACOs at once. An ACO's \
         level and deviation are what the law says of one with its years and agreements, none of its results being known: their standard deviation is {:.2} points \
         in the median ACO, with tails heavier than normal. *Off* is in units of the tolerance.\n\n",
        grouped(trials),
        backtest.acos,
        100.0 * law.program.value,
        if performance_year - last == 1 { "a year".to_owned() } else { format!("{} years", performance_year - last) },
        100.0 * law.program.error,
        100.0 * median_error(law),
    );
    text.push_str(&claims_of(&law.claims));
    text.push_str(&table_of(backtest.rows.iter()));
    text.push_str("\n## Where each ACO's rate falls in its own simulated law\n\n");
    text.push_str("| tenth | ACOs | |\n|--:|--:|:--|\n");
    for (tenth, count) in (1..).zip(backtest.tenths) {
        let bar = "█".repeat((200 * count).div_ceil(backtest.acos * 5).min(60));
        text.push_str(&format!("| {tenth} | {count} | {bar} |\n"));
    }
    let (distance, probability) = backtest.evenness;
    text.push_str(&format!(
        "\nAll tenths would hold {:.0} if the law were right. The Kolmogorov-Smirnov distance from evenness is {distance:.4}, exceeded with \
         probability {probability:.3} by even, independent ranks; ACOs share the year's mean, so they are not independent and the \
         probability is too small rather than too large.\n",
        backtest.acos as f64 / 10.0
    ));
    text
}

/// The middle of the ACOs' standard deviations.
fn median_error(law: &BacktestLaw) -> f64 {
    let mut errors: Vec<f64> = law.by_aco.values().map(|own| own.error).collect();
    errors.sort_by(f64::total_cmp);
    errors.get(errors.len() / 2).copied().unwrap_or_default()
}

/// What is said of claims noise.
fn claims_of(claims: &ClaimsNoise) -> String {
    let count = claims.sampled.len() as f64;
    if claims.sampled.is_empty() {
        return format!(
            "Claims noise is {:.2} / √beneficiaries, the program's: no ACO could be drawn person by person.\n\n",
            claims.program
        );
    }
    let ratios: Vec<f64> = claims.sampled.iter().map(|(_, own, types)| own / types).collect();
    let mean = ratios.iter().sum::<f64>() / count;
    let sd = (ratios.iter().map(|ratio| (ratio - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0)).sqrt();
    let own = claims.sampled.iter().map(|(_, own, _)| *own);
    format!(
        "Claims noise is by ACO, from the person engine. In {} ACOs, spread evenly through the file, persons are drawn from the ACO's own laws: a person's truncated \
         spending has a coefficient of variation of {:.2} to {:.2}, {mean:.3} times what their enrollment types alone say, with a standard deviation of {sd:.3} between \
         ACOs. The other ACOs have what their types say, times that mean.\n\n",
        claims.sampled.len(),
        own.clone().fold(f64::INFINITY, f64::min),
        own.fold(0.0, f64::max),
    )
}

fn table_of<'a>(rows: impl Iterator<Item = &'a ValidationRow>) -> String {
    let mut text = "| | published | ours | off | |\n|:--|--:|--:|--:|:--|\n".to_owned();
    for row in rows {
        let (ours, off) = match row.outcome {
            Outcome::Compared { ours, standard_error, decimals, .. } => {
                let error =
                    if standard_error > 0.0 { format!(" ± {standard_error:.*}", decimals + 1) } else { String::new() };
                (format!("{ours:.decimals$}{error}"), format!("{:.2}", row.off().unwrap_or(f64::NAN)))
            }
            Outcome::NotCompared => (String::new(), String::new()),
        };
        let verdict = match (row.passes(), row.why) {
            (Some(true), _) => "pass".to_owned(),
            (Some(false), Some(why)) => format!("**FAIL**: {why}"),
            (Some(false), None) => "**FAIL**".to_owned(),
            (None, why) => format!("not compared: {}", why.unwrap_or("no reason")),
        };
        text.push_str(&format!("| {} | {} | {ours} | {off} | {verdict} |\n", row.what, row.published));
    }
    text
}

fn grouped(number: u64) -> String {
    twosided_units::grouped(&number.to_string())
}
