//! The proof of forecasts as a document in Markdown.

use twosided_forecast::{Fitted, Tried};

use super::{Forecasted, Proof};
use crate::{Outcome, ValidationRow, backtest::BANDS};

/// Levels of central bands.
const LEVELS: [f64; 4] = [0.5, 0.8, 0.9, 0.95];
/// Bounds of chances in a table of reliability.
const CHANCES: [f64; 6] = [0.0, 0.2, 0.4, 0.6, 0.8, 1.000_001];

/// The document, and its bars as rows.
pub fn forecast_document(
    proofs: &[Proof],
    tried: &[Tried],
    names: &[String],
    (trials, seed): (u64, u64),
    command: &str,
) -> (String, Vec<ValidationRow>) {
    let mut rows = Vec::new();
    let mut text = heading(command, names, trials);
    for proof in proofs {
        let evenness = proof.evenness(seed);
        let bars = bars(proof, evenness.1);
        text.push_str(&of_year(proof, &bars, evenness));
        rows.extend(bars);
    }
    let last = proofs.iter().max_by_key(|proof| proof.year).expect("at least one year was forecast");
    text.push_str(&law(&last.fitted, last.from, tried));
    (text, rows)
}

fn heading(command: &str, names: &[String], trials: u64) -> String {
    format!(
        "# Forecasts of ACOs from their own histories\n\nEvery ACO of the Medicare Shared Savings Program that is in a year's results file and in that of the \
         year before is forecast from the files before the year, and compared with what happened. Written by\n\n```sh\n{command}\n```\n\nfrom {}. \
         Change nothing here by hand.\n\n\
         - The law is fitted to the files before the year alone. Of the year's own row a forecast uses its beneficiaries, as finally assigned, and \
         the year in which its agreement begins; the baselines use the same beneficiaries. Track, benchmark dollars and quality of the row turn forecast rates into dollars, and no rate depends \
         on them.\n\
         - Rows without an identifier (before 2018) are linked by name; a name that several rows of a year have is left out. ACOs of fewer than \
         5,000 beneficiaries are left out.\n\
         - CRPS is the continuous ranked probability score of the savings rate in points: smaller is better. The baselines are normal laws fitted to \
         the last two files, with a variance a + c / beneficiaries. Its errors, and those of coverage, are given the program's level of the year, which all ACOs \
         share: they do not say how another year would do.\n\
         - Claims noise is that of the national population of 2022, whatever the year.\n\
         - Bars of the program's level and of dollars are the middle 90%; the ACOs of a year share the level, so that a year fails or passes as a whole.\n\
         - Dollars are from {} simulated years.\n",
        names.join(", "),
        twosided_units::grouped(&trials.to_string())
    )
}

/// The bars that a proof is held to.
fn bars(proof: &Proof, evenness: f64) -> Vec<ValidationRow> {
    let year = proof.year;
    let crps = proof.crps();
    let (best, score) = (1..4).map(|index| (index, crps[index])).min_by(|a, b| a.1.total_cmp(&b.1)).expect("baselines");
    let below = 100.0 * (1.0 - crps[0] / score);
    let error = 100.0 * proof.crps_error(best) / score;
    let name = proof.baselines[best - 1].name;
    let at_least = |what: String, bar: f64, ours: (f64, f64), decimals: usize| {
        ValidationRow::at_least(what, bar, ours, decimals).because(NOT_MET)
    };
    let mut rows =
        vec![at_least(format!("{year}: CRPS below the best baseline ({name}), percent"), 5.0, (below, error), 1)];
    let covered = |acos: &[&Forecasted]| {
        let share = coverage(acos, 0.9);
        (100.0 * share, 100.0 * (share * (1.0 - share) / acos.len() as f64).sqrt())
    };
    let all: Vec<&Forecasted> = proof.acos.iter().collect();
    let what = format!("{year}: 90% bands that cover, percent (87 to 93)");
    rows.push(ValidationRow::compared(0, what, 90.0, covered(&all), 3.0, 1).because(NOT_MET));
    let what = format!("{year}: KS probability around the common shift");
    rows.push(at_least(what, 0.05, (evenness, 0.0), 3));
    for (name, own) in by_band(&proof.acos) {
        let what = format!("{year}: 90% bands that cover, {name} beneficiaries, percent (80 to 97)");
        rows.push(ValidationRow::compared(0, what, 88.5, covered(&own), 8.5, 1).because(NOT_MET));
    }
    let what = format!("{year}: part of the law of the program's level below what it came to, percent");
    rows.push(ValidationRow::compared(0, what, 50.0, (100.0 * proof.place_of_shift(), 0.0), 45.0, 1).because(NOT_MET));
    for (name, of) in [("earned", earned as fn(&(f64, f64)) -> f64), ("owed", owed)] {
        let happened: f64 = proof.acos.iter().map(|aco| of(&(aco.payment.max(0.0), (-aco.payment).max(0.0)))).sum();
        let below = proof.totals.iter().filter(|total| of(total) < happened).count() as f64 / proof.totals.len() as f64;
        let what = format!("{year}: simulated years with fewer dollars {name} than happened, percent");
        let error = 100.0 * (below * (1.0 - below) / proof.totals.len() as f64).sqrt();
        rows.push(ValidationRow::compared(0, what, 50.0, (100.0 * below, error), 45.0, 1).because(NOT_MET));
    }
    rows
}

fn earned(totals: &(f64, f64)) -> f64 {
    totals.0
}

fn owed(totals: &(f64, f64)) -> f64 {
    totals.1
}

const NOT_MET: &str = "the law does not hold to this bar in this year";

fn of_year(proof: &Proof, bars: &[ValidationRow], evenness: (f64, f64)) -> String {
    let Proof { year, from: (first, last), acos, .. } = proof;
    let mut text = format!("\n## {year}, from {first} to {last}\n\n{} ACOs.\n\n", acos.len());
    text.push_str("| | bar | ours | |\n|:--|--:|--:|:--|\n");
    for row in bars {
        let Outcome::Compared { published, ours, standard_error, tolerance, decimals } = row.outcome else { continue };
        let bar = if tolerance.is_infinite() || row.is_one_sided() {
            format!("at least {published:.decimals$}")
        } else {
            format!("{:.decimals$} to {:.decimals$}", published - tolerance, published + tolerance)
        };
        let error = if standard_error > 0.0 { format!(" ± {standard_error:.*}", decimals + 1) } else { String::new() };
        let verdict = if row.passes() == Some(true) { "pass".to_owned() } else { format!("**FAIL**: {NOT_MET}") };
        text.push_str(&format!("| {} | {bar} | {ours:.decimals$}{error} | {verdict} |\n", row.what));
    }
    text.push_str(&scores(proof));
    text.push_str(&shift(proof, evenness));
    text.push_str(&coverages(acos));
    text.push_str(&reliability(acos));
    text.push_str(&dollars(proof));
    text
}

fn scores(proof: &Proof) -> String {
    let crps = proof.crps();
    let mut text = "\n| forecast | mean CRPS, points | ours less this |\n|:--|--:|--:|\n".to_owned();
    text.push_str(&format!("| ours | {:.3} | |\n", crps[0]));
    for (index, baseline) in (1..).zip(&proof.baselines) {
        let less = crps[0] - crps[index];
        let error = proof.crps_error(index);
        text.push_str(&format!("| {} | {:.3} | {less:.3} ± {error:.3} |\n", baseline.name, crps[index]));
    }
    text
}

fn shift(proof: &Proof, (distance, probability): (f64, f64)) -> String {
    let program = proof.acos[0].outlook.program;
    let mut text = format!(
        "\nThe program's level was expected at {:.2}% with a standard deviation of {:.2} points (logarithm of benchmark over expenditure), and came \
         to {:.2}%: {} of its own law (Student's, with as many degrees of freedom as changes less one) lies below. Around that level the Kolmogorov-Smirnov distance of the ACOs' places from evenness is \
         {distance:.4}, exceeded with probability {probability:.3} in years drawn from the law, each with \
         its level fitted again.\n\n| tenth | ACOs | |\n|--:|--:|:--|\n",
        100.0 * program.value,
        100.0 * program.error,
        100.0 * proof.shift,
        percent(proof.place_of_shift())
    );
    let mut tenths = [0_usize; 10];
    for place in proof.places() {
        tenths[((place * 10.0) as usize).min(9)] += 1;
    }
    for (tenth, count) in (1..).zip(tenths) {
        let bar = "█".repeat((40 * count).div_ceil(proof.acos.len()).min(60));
        text.push_str(&format!("| {tenth} | {count} | {bar} |\n"));
    }
    text
}

fn coverages(acos: &[Forecasted]) -> String {
    let mut text =
        "\n| bands that cover, percent | ACOs | 50% | 80% | 90% | 95% |\n|:--|--:|--:|--:|--:|--:|\n".to_owned();
    let mut line = |name: &str, own: &[&Forecasted]| {
        if own.is_empty() {
            return;
        }
        let shares = LEVELS.map(|level| format!("{:.1}", 100.0 * coverage(own, level)));
        text.push_str(&format!("| {name} | {} | {} |\n", own.len(), shares.join(" | ")));
    };
    line("all", &acos.iter().collect::<Vec<_>>());
    for (name, own) in by_band(acos) {
        line(&format!("{name} beneficiaries"), &own);
    }
    let mut tracks: Vec<&str> = acos.iter().map(|aco| aco.track).collect();
    tracks.sort_unstable();
    tracks.dedup();
    for track in tracks {
        line(track, &acos.iter().filter(|aco| aco.track == track).collect::<Vec<_>>());
    }
    text
}

/// How many of the ACOs lie in the central band of a level of their own law.
fn coverage(acos: &[&Forecasted], level: f64) -> f64 {
    let tail = 0.5 * (1.0 - level);
    let covered = acos.iter().filter(|aco| (tail..=1.0 - tail).contains(&aco.outlook.below(aco.log_ratio)));
    covered.count() as f64 / acos.len() as f64
}

/// ACOs by size.
fn by_band(acos: &[Forecasted]) -> Vec<(&'static str, Vec<&Forecasted>)> {
    let mut from = 0.0;
    let bands = BANDS.into_iter().map(|(largest, name)| {
        let own = acos.iter().filter(|aco| aco.people > from && aco.people <= largest as f64).collect();
        from = largest as f64;
        (name, own)
    });
    bands.filter(|(_, own): &(_, Vec<_>)| !own.is_empty()).collect()
}

fn reliability(acos: &[Forecasted]) -> String {
    type Chance = fn(&Forecasted) -> f64;
    type Happened = fn(&Forecasted) -> bool;
    let what: [(&str, Chance, Happened); 2] = [
        ("earns", |aco| aco.chances.0, |aco| aco.payment > 0.0),
        ("owes", |aco| aco.chances.1, |aco| aco.payment < 0.0),
    ];
    let mut text = String::new();
    for (name, chance, happened) in what {
        let outcome = |aco: &Forecasted| f64::from(u8::from(happened(aco)));
        let count = acos.len() as f64;
        let score = acos.iter().map(|aco| (chance(aco) - outcome(aco)).powi(2)).sum::<f64>() / count;
        let share = acos.iter().map(outcome).sum::<f64>() / count;
        text.push_str(&format!(
            "\nBrier score of \"{name}\": {score:.4}; {:.4} where every ACO has the share of all, {}.\n\n| chance that it {name} | ACOs | mean chance | \
             share that did |\n|:--|--:|--:|--:|\n",
            share * (1.0 - share),
            percent(share)
        ));
        for pair in CHANCES.windows(2) {
            let own: Vec<&Forecasted> = acos.iter().filter(|aco| (pair[0]..pair[1]).contains(&chance(aco))).collect();
            if own.is_empty() {
                continue;
            }
            let count = own.len() as f64;
            let mean = own.iter().map(|aco| chance(aco)).sum::<f64>() / count;
            let share = own.iter().map(|aco| outcome(aco)).sum::<f64>() / count;
            let error = (share * (1.0 - share) / count).sqrt();
            text.push_str(&format!(
                "| {:.0}% to {:.0}% | {} | {} | {} ± {:.1} |\n",
                100.0 * pair[0],
                100.0 * pair[1],
                own.len(),
                percent(mean),
                percent(share),
                100.0 * error
            ));
        }
    }
    text
}

fn dollars(proof: &Proof) -> String {
    let mut text =
        "\n| dollars of these ACOs, millions | happened | expected | 90% of simulated years |\n|:--|--:|--:|--:|\n"
            .to_owned();
    let happened = |of: fn(f64) -> f64| proof.acos.iter().map(|aco| of(aco.payment)).sum::<f64>() / 1e6;
    let mut line = |name: &str, happened: f64, of: fn(&(f64, f64)) -> f64| {
        let mut totals: Vec<f64> = proof.totals.iter().map(|total| of(total) / 1e6).collect();
        totals.sort_by(f64::total_cmp);
        let count = totals.len() as f64;
        let mean = totals.iter().sum::<f64>() / count;
        let squares: f64 = totals.iter().map(|total| (total - mean).powi(2)).sum();
        let error = (squares / (count - 1.0) / count).sqrt();
        let at = |level: f64| totals[((count - 1.0) * level).round() as usize];
        text.push_str(&format!(
            "| {name} | {happened:.0} | {mean:.0} ± {error:.1} | {:.0} to {:.0} |\n",
            at(0.05),
            at(0.95)
        ));
    };
    line("earned", happened(|paid| paid.max(0.0)), |total| total.0);
    line("owed", happened(|paid| (-paid).max(0.0)), |total| total.1);
    text
}

fn law(fitted: &Fitted, (first, last): (u16, u16), tried: &[Tried]) -> String {
    let mut text = format!(
        "\n## The law of {first} to {last}\n\nThe logarithm of an ACO's benchmark over its expenditure is the program's level of the year + the ACO's \
         level + a deviation of the year + claims noise. The level keeps a part of itself each year (persistence) and is renewed; a new agreement \
         keeps less of it (kept, besides the persistence), adds a shift, and renews it more. The deviation fades faster and falls with size: its \
         standard deviation is `of_one` / √beneficiaries. Claims noise is {:.3} / √beneficiaries: the coefficient of variation of a person's truncated \
         spending in the national population, from the person engine and not from these files. The surprise of a year, in units of its standard \
         deviation, is a mixture of two normals. All by maximum likelihood over {} years of {} ACOs (log likelihood {:.1}), with the \
         errors that the observed information gives.\n\n| parameter | value |\n|:--|--:|\n",
        fitted.law.claims_cv, fitted.years, fitted.organizations, fitted.log_likelihood
    );
    for (name, parameter) in &fitted.parameters {
        text.push_str(&format!("| `{name}` | {:.4} ± {:.4} |\n", parameter.value, parameter.error));
    }
    text.push_str("\n| year | program's level, percent |\n|--:|--:|\n");
    for level in &fitted.program.levels {
        let (value, error) = (100.0 * level.level.value, 100.0 * level.level.error);
        text.push_str(&format!("| {} | {value:.2} ± {error:.2} |\n", level.year));
    }
    let program = &fitted.program;
    text.push_str(&format!(
        "\nThe program's level is a random walk: it moves by {:.2} ± {:.2} points a year, with a standard deviation of {:.2}. It moves by {:.3} ± \
         {:.3} points for each point by which expenditure grows faster than on average ({:.1}% a year, standard deviation {:.1}), which leaves \
         a standard deviation of {:.2}: benchmarks follow the rest of the growth.\n\n",
        100.0 * program.drift.value,
        100.0 * program.drift.error,
        100.0 * program.sd,
        program.on_trend.value,
        program.on_trend.error,
        100.0 * program.trend.0,
        100.0 * program.trend.1,
        100.0 * program.beside_trend
    ));
    text.push_str("Simpler laws that were tried and not kept:\n\n| law | parameters less | log likelihood lost |\n|:--|--:|--:|\n");
    for own in tried {
        let loses = own.loses.map_or("no peak".to_owned(), |loses| format!("{loses:.1}"));
        text.push_str(&format!("| {} | {} | {loses} |\n", own.what, own.fewer));
    }
    text.push_str(&format!(
        "\nThe skewness of surprises is {:.2} ± {:.2}: no skewed law was kept. A level that never fades and a deviation that does not fall \
         with size were tried besides, and got no variance from the likelihood. The growth \
         of two pandemic years makes most of the slope on the trend.\n",
        fitted.skewness.value, fitted.skewness.error
    ));
    text
}

fn percent(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}
