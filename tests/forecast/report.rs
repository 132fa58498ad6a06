//! What the report of a forecast says first.

use std::fs;

use tempfile::{TempDir, tempdir};
use twosided::Summary;
use twosided_report::SettledBy;

use crate::support::{text, twosided};

const SCENARIO: &str = "[run]\nname = \"Next year\"\ntrials = 1_000\nseed = 4\n\
    [population]\ntrend = { mean = 1.0, cv = 0.04 }\n[[population.segments]]\nname = \"all\"\nmembers = 6_000\ntruncation_point = 200_000\n\
    services.care.annual.gamma = { mean = 12_000, cv = 2.2 }\n\
    [[contracts]]\nname = \"BASIC Level E, as signed\"\nterms.mssp = { track = \"basic_e\", performance_year = 2023, benchmark.per_capita = 12_200 }\n\
    [[contracts]]\nname = \"BASIC Level B\"\nterms.mssp = { track = \"basic_b\", performance_year = 2023, benchmark.per_capita = 12_200 }\n";

const FORECAST: &str = "[forecast]\ncontract = \"BASIC Level E, as signed\"\nyear = 2023\nlast_year = 2022\nlast_rate = 0.0646\n\
    luck = 0.012\nluck_interval = [-0.003, 0.027]\nexpected_rate = 0.039\nrate_interval = [-0.01, 0.088]\nsource = \"its history\"\n";

const LUCK: &str = "Of the savings rate of 6.5% in 2022, 1.2 points (90% interval -0.3 to 2.7, which holds both good and bad luck) are judged to be luck, which is 19% of it (-5% to 42%).";
const NEXT: &str =
    "2023 is expected to bring savings of 3.9% of the benchmark, and between -1.0% and 8.8% with a probability of 90%.";

/// A run of the scenario with another block: its folder, what it wrote to the terminal, and its page.
struct Done {
    folder: TempDir,
    printed: String,
    page: String,
    summary: Summary,
}

fn run(block: &str, more: &[&str]) -> Done {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("next.toml");
    fs::write(&file, format!("{SCENARIO}{block}")).expect("it is written");
    let (file, out) = (file.display().to_string(), folder.path().join("report"));
    let shown = out.display().to_string();
    let output = twosided(&[&["run", &file, "--out", &shown], more].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let read = |name: &str| fs::read_to_string(out.join(name)).expect("it is there");
    let summary = serde_json::from_str(&read("summary.json")).expect("a summary");
    Done { page: read("report.html"), printed: text(&output.stdout), folder, summary }
}

/// The sentences that a page has before the first box of its first sheet.
fn lead(page: &str) -> Vec<String> {
    let (_, body) = page.split_once("<body>").expect("a body");
    let (head, _) = body.split_once("<div class=\"boxes\">").expect("boxes");
    let Some((_, lead)) = head.split_once("<div class=\"lead\">") else { return Vec::new() };
    lead.split("<p>").skip(1).map(|part| part.split_once("</p>").expect("it ends").0.to_owned()).collect()
}

#[test]
fn a_forecast_leads_with_luck_the_next_year_and_the_chance_to_owe() {
    let done = run(FORECAST, &[]);
    let forecast = done.summary.forecast.as_ref().expect("it has one");
    let owing = forecast.probability_of_owing;
    assert!(owing.value > 0.02 && owing.value < 0.5 && forecast.can_owe, "{owing:?}");
    assert_eq!(forecast.owed_by, SettledBy::Reconciliation);
    // Of one year, what is owed is the same figure as on the sheet.
    let contract = done.summary.contract(&forecast.contract).expect("it is there");
    let owed = contract.owed.as_ref().expect("it is two-sided").years_owed;
    assert_eq!((owing.value, owing.interval), (owed.value, owed.interval));
    let sentences = lead(&done.page);
    assert_eq!((sentences.len(), &*sentences[0], &*sentences[1]), (3, LUCK, NEXT));
    let percent = |share: f64| format!("{:.1}%", 100.0 * share);
    let third = format!(
        "Under BASIC Level E, as signed, the simulated chance to owe for 2023 is {} (95% interval of the simulation {} to {}).",
        percent(owing.value),
        percent(owing.interval.lower),
        percent(owing.interval.upper)
    );
    assert_eq!(sentences[2], third);
    let lead = format!("{LUCK}\n{NEXT}\n{third}\n");
    let (before, after) = done.printed.split_once(&lead).unwrap_or_else(|| panic!("{}", done.printed));
    assert!(!before.contains("Mean gain") && after.contains("Mean gain"), "{}", done.printed);
    assert!((forecast.last_rate, forecast.luck.low, forecast.expected_rate.high) == (0.0646, -0.003, 0.088));
}

#[test]
fn a_one_sided_contract_owes_nothing_and_a_run_is_repeated_with_its_block() {
    let block = FORECAST.replace("BASIC Level E, as signed", "BASIC Level B");
    let done = run(&block, &[]);
    assert_eq!(lead(&done.page)[2], "Under BASIC Level B, nothing can be owed for 2023.");
    assert!(!done.summary.forecast.as_ref().expect("it has one").can_owe);
    let report = done.folder.path().join("report");
    let again = done.folder.path().join("again");
    let (file, out) = (report.join("run.toml").display().to_string(), again.display().to_string());
    let output = twosided(&["run", &file, "--out", &out]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(fs::read_to_string(again.join("report.html")).expect("a page"), done.page);
}

#[test]
fn a_replay_says_what_it_is_and_neither_block_moves_a_figure() {
    let (forecast, replay, plain) = (run(FORECAST, &[]), run("[replay]\nyear = 2022\n", &[]), run("", &[]));
    let sentence = "This scenario expects the spending of 2022 again, luck included: it says what that year could have brought, not what \
        the next year will bring (`twosided new aco --for-year` writes a forecast).";
    let (before, rest) = sentence.split_once('`').expect("a command");
    let (command, after) = rest.split_once('`').expect("it ends");
    assert_eq!(lead(&replay.page), [format!("{before}<code>{command}</code>{after}")]);
    assert!(replay.printed.contains(sentence) && lead(&plain.page).is_empty(), "{}", replay.printed);
    assert_eq!((replay.summary.replayed_year, plain.summary.replayed_year), (Some(2022), None));
    assert_eq!(replay.summary.contracts, plain.summary.contracts);
    assert_eq!(forecast.summary.contracts, plain.summary.contracts);
    assert_eq!(forecast.summary.provenance.outcomes_sha256, plain.summary.provenance.outcomes_sha256);
}

#[test]
fn shards_are_merged_into_the_same_report_and_runs_are_compared() {
    let whole = run(FORECAST, &[]);
    let folder = whole.folder.path();
    let path = |name: &str| folder.join(name).display().to_string();
    let parts: Vec<String> = (1..=2).map(|part| path(&format!("part-{part}"))).collect();
    for (part, out) in (1..).zip(&parts) {
        let output = twosided(&["run", &path("next.toml"), "--shard", &format!("{part}/2"), "--out", out]);
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    let merged = path("merged");
    let output = twosided(&["merge", &parts[0], &parts[1], "--out", &merged]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(fs::read_to_string(folder.join("merged/report.html")).expect("a page"), whole.page);
    let output = twosided(&["compare", &path("report"), &merged]);
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn a_run_without_lines_says_what_it_counts() {
    let done = run(FORECAST, &["--outcomes", "gains"]);
    let forecast = done.summary.forecast.as_ref().expect("it has one");
    assert_eq!(forecast.owed_by, SettledBy::Gain);
    let third = &lead(&done.page)[2];
    assert!(third.contains("chance of a loss in 2023, administration and programs included, is "), "{third}");
}
