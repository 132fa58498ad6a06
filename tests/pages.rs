//! Pages, pictures and tables as they are read: what is said on them, and what text of others does to them.

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
};

use support::{file, text, twosided};
use tempfile::tempdir;

/// A scenario of two contracts and a few trials, with text of others where a page shows it.
fn scenario(note: &str, contracts: &str) -> String {
    format!(
        "[run]\nname = \"Pages\"\ntrials = 400\nseed = 3\n\
         [population]\ntrend = {{ mean = 1.02 }}\n\
         [[population.segments]]\nname = \"all\"\nmembers = 2_000\nsource = \"{note}\"\n\
         services.care.annual = {{ gamma = {{ mean = 5_000, cv = 2 }} }}\n\
         [provider]\nown_share = {{ care = 0.5 }}\nvariable_cost_share = {{ care = 0.5 }}\nsource = \"assumed\"\n\
         [[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {{}}\n{contracts}"
    )
}

const CAPITATION: &str = "[[contracts]]\nname = \"MSSP ENHANCED capitation\"\nterms.capitation = { pmpm = 420 }\n";

/// Runs a scenario and reads its page.
fn page(folder: &Path, scenario: &str) -> (PathBuf, String) {
    let (path, out) = (folder.join("pages.toml"), folder.join("report"));
    fs::write(&path, scenario).expect("written");
    let output = twosided(&["run", &path.display().to_string(), "--out", &out.display().to_string()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let page = fs::read_to_string(out.join("report.html")).expect("a page");
    (out, page)
}

/// What stands between tags.
fn words(page: &str) -> String {
    let mut shown = String::new();
    for part in page.split('<') {
        shown.push_str(part.split_once('>').map_or("", |(_, text)| text));
    }
    shown
}

#[test]
fn steering_characters_of_a_source_reach_no_page_and_no_picture() {
    let folder = tempdir().expect("a folder");
    let note = "x\\u202E\\u001B[31m\\uFFFE\\u0007y";
    let (out, page) = page(folder.path(), &scenario(note, CAPITATION));
    assert!(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""));
    for entry in fs::read_dir(&out).expect("the report") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "svg" || extension == "html") {
            let text = fs::read_to_string(&path).expect("UTF-8");
            let wrong = text.chars().find(|&c| {
                (c.is_control() && c != '\n' && c != '\t')
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{fffe}' | '\u{ffff}')
            });
            assert_eq!(wrong, None, "{}", path.display());
        }
    }
}

#[test]
fn escapes_in_a_path_do_not_reach_the_terminal() {
    let folder = tempdir().expect("a folder");
    let steering = folder.path().join("a\u{1b}[2Jb\u{202e}.toml").display().to_string();
    for arguments in [
        vec!["run", &steering],
        vec!["check", &steering],
        vec!["settle", "terms", &steering, &steering],
        vec!["fit", &steering],
        vec!["explain", "scenario", &steering, "--trial", "0"],
        vec!["check", "--no-such-flag\u{1b}[2J"],
    ] {
        let output = twosided(&arguments);
        let shown = text(&output.stderr) + &text(&output.stdout);
        assert!(!output.status.success() && !shown.contains(['\u{1b}', '\u{202e}']), "{shown:?}");
    }
}

#[test]
fn cells_of_a_settled_file_are_no_formulas() {
    let folder = tempdir().expect("a folder");
    let (terms, data) = (folder.path().join("terms.toml"), folder.path().join("data.csv"));
    fs::write(
        &terms,
        "[contract]\nname = \"Group\"\nterms.capitation = { pmpm = 400 }\n[columns]\nexpenditure = \"Paid claims\"\n",
    )
    .expect("written");
    let rows = "Group,Paid claims,member_months\n=1+1,400000,1200\n+cmd|' /C calc'!A0,400000,1200\n@SUM(A1),400000,1200\n\
                a\u{1b}[31m\u{202e}b,400000,1200\n-12,400000,1200\n";
    fs::write(&data, rows).expect("written");
    let (terms, data) = (terms.display().to_string(), data.display().to_string());
    let output = twosided(&["settle", "terms", &terms, &data]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let shown = text(&output.stdout);
    let first: Vec<&str> = shown.lines().skip(1).map(|line| line.split(',').next().unwrap_or_default()).collect();
    assert_eq!(first, ["'=1+1", "'+cmd|' /C calc'!A0", "'@SUM(A1)", "a?[31m?b", "-12"]);
}

#[test]
fn every_column_of_a_contract_is_seen_on_a_narrow_screen_and_in_print() {
    let folder = tempdir().expect("a folder");
    let (_, page) = page(folder.path(), &scenario("assumed", CAPITATION));
    for header in ["1-in-20 bad year", "1-in-100 bad year", "Mean of the worst 1%"] {
        assert!(page.contains(&format!("data-of=\"{header}\"")), "{header}");
    }
    let style = page.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>")).expect("a style").0;
    assert!(style.contains("@media screen and (max-width") && style.contains("attr(data-of)"));
    let pre = style.lines().find(|line| line.starts_with("pre {")).expect("a rule");
    assert!(pre.contains("pre-wrap") && !pre.contains("overflow-x"), "terms are cut in print: {pre}");
    let names = style.lines().find(|line| line.starts_with("tbody th {")).expect("a rule");
    assert!(!names.contains("anywhere"), "words of names break anywhere: {names}");
}

#[test]
fn no_sentence_says_more_than_its_interval() {
    let folder = tempdir().expect("a folder");
    // A fixed payment that equals what fees would bring, on average: neither a gain nor a loss is certain.
    let close = "[[contracts]]\nname = \"Close\"\nterms.shared_savings = { benchmark = { per_capita = 5_900 }, \
                 savings = { minimum_rate = 0.0, sharing_rate = 0.5 }, losses = { minimum_rate = 0.07, sharing_rate = 0.5 } }\n";
    let (out, page) = page(folder.path(), &scenario("assumed", close));
    let json = fs::read_to_string(out.join("summary.json")).expect("the figures");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let bad = &json["contracts"]["Close"]["measures"]["var_95_of_loss"];
    let (lower, upper) = (bad["interval"]["lower"].as_f64(), bad["interval"]["upper"].as_f64());
    let said = words(&page);
    let firm = said.contains("does one year in twenty cost the provider anything.");
    assert_eq!(firm, upper.is_some_and(|upper| upper <= 0.0), "{bad}");
    assert_eq!(said.contains("at least one year in twenty costs"), lower.is_some_and(|lower| lower > 0.0), "{bad}");
    if json["contracts"]["Close"]["measures"]["probability_of_loss"]["value"] == 0.0 {
        assert!(said.contains("by the 95% interval, at most"));
    }
}

#[test]
fn what_is_unconfirmed_or_without_a_source_says_so() {
    let folder = tempdir().expect("a folder");
    let bpci = fs::read_to_string(file("scenarios/continuum.toml")).expect("a scenario");
    let (_, page) = page(folder.path(), &bpci.replacen("trials = ", "trials = 200 # ", 1));
    let said = words(&page);
    let bundle = said.find("Bundled Payments for Care Improvement").unwrap_or_default();
    assert!(said[bundle..].contains("Rules unconfirmed"), "BPCI Advanced is unconfirmed in docs/contracts.md");
    assert!(!said.contains("docs/"), "no path of the repository");
    let (before, listed) = page.split_once("id=\"unconfirmed-rules\"").expect("a list of unconfirmed rules");
    let first =
        listed.split_once("<code class=\"key\">").and_then(|(_, rest)| rest.split_once("</code>")).expect("a key").0;
    assert!(!before.contains(first) && page.matches(first).count() == 1, "{first} stands once");
    let (_, simple) = self::page(folder.path(), &scenario("assumed", CAPITATION));
    let said = words(&simple);
    assert!(said.contains("No source given") && said.contains("population.trend"));
    assert_eq!(said.matches("No source given").count(), 1, "rows of one source are one");
    assert!(!said.contains("Rules unconfirmed"));
}

#[test]
fn contracts_named_together_are_those_that_paired_trials_cannot_tell_apart() {
    let folder = tempdir().expect("a folder");
    // The same contract twice but for two dollars a year, and one that is worse by little in every year: their own intervals
    // overlap, and the paired one decides.
    let contract =
        |name: &str, pmpm: &str| format!("[[contracts]]\nname = \"{name}\"\nterms.capitation = {{ pmpm = {pmpm} }}\n");
    let contracts = [contract("Level one", "420"), contract("Level two", "420"), contract("Below", "419")].concat();
    let (out, page) = page(folder.path(), &scenario("assumed", &contracts));
    let json = fs::read_to_string(out.join("summary.json")).expect("the figures");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let interval = |name: &str, end: &str| json["contracts"][name]["measures"]["mean_gain"]["interval"][end].as_f64();
    assert!(interval("Below", "upper") > interval("Level one", "lower"), "the intervals overlap");
    let said = words(&page);
    let short = said.split_once("In short").expect("an answer").1;
    let sentence = short.split_once("this run cannot rank them").expect("contracts that are level").0;
    assert!(sentence.contains("Level one") && sentence.contains("Level two"), "{sentence}");
    assert!(!sentence.contains("Below"), "{sentence}");
}

#[test]
fn what_is_the_same_in_every_trial_has_no_sampling_error() {
    let folder = tempdir().expect("a folder");
    let fixed = "[[contracts]]\nname = \"Fixed\"\nterms.care_management = { pmpm = 5 }\n";
    let (_, page) = page(folder.path(), &scenario("assumed", &format!("{fixed}{CAPITATION}")));
    let row =
        page.split_once("scope=\"row\">Fixed</th>").and_then(|(_, rest)| rest.split_once("</tr>")).expect("a row").0;
    assert!(!row.contains('±'), "{row}");
    let said = words(&page);
    assert!(said.contains("Fixed brings the same gain in every sampled year."));
    let none = said.split_once("No sampled year brought a loss under ").map(|(_, rest)| rest.split(':').next());
    assert!(none.is_none_or(|names| names.is_some_and(|names| !names.contains("Fixed"))));
}

#[test]
fn sentences_and_lists_are_plain() {
    let folder = tempdir().expect("a folder");
    let (_, page) = page(folder.path(), &scenario("assumed", CAPITATION));
    let said = words(&page);
    assert!(said.contains("This report is not an actuarial opinion."));
    assert!(said.contains("the worst 1% of 400 trials are 4"));
    let sources = page.split_once("No source given").expect("sources").1;
    let item = "<li><code class=\"key\">population.<wbr>trend<wbr></code></li>";
    assert!(sources.contains(item) && !page.contains("class=\"sources\""), "one item a key");
}

#[test]
fn every_table_of_a_fit_is_stacked_on_a_narrow_screen() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().join("fit").display().to_string();
    let columns = [
        "fit",
        "tests/data/claims-without-mean.csv",
        "--person",
        "id",
        "--year",
        "year",
        "--service",
        "care=cost:cost",
    ];
    let output = twosided(&[&columns[..], &["--bootstrap", "0", "--out", &out]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let page = fs::read_to_string(Path::new(&out).join("fit.html")).expect("a page");
    assert!(page.contains("<table"));
    assert_eq!(page.matches("<table").count(), page.matches("<table class=\"stacked").count());
    for header in ["Mean a person-year, data", "Mean a person-year, laws"] {
        assert!(page.contains(&format!("data-of=\"{header}\"")), "{header}");
    }
    assert!(words(&page).contains("Weibull"));
}

#[test]
fn no_contract_is_best_without_its_preference() {
    let folder = tempdir().expect("a folder");
    let fee = "[[contracts]]\nname = \"Fee\"\nterms.care_management = { pmpm = 3 }\n";
    let track = "[[contracts]]\nname = \"Track\"\nterms.mssp = { track = \"enhanced\", minimum_rate = 0.01, quality_score = 0.8, \
                 benchmark = { per_capita = 5_000 } }\n";
    let (out, page) = page(folder.path(), &scenario("assumed", &format!("{CAPITATION}{fee}{track}")));
    let section = page.split("<h2>Return on risk</h2>").nth(1).and_then(|rest| rest.split("</section>").next());
    let section = words(section.expect("a section"));
    assert!(section.contains("Best for whoever looks at TVaR 95 alone: Fee."), "{section}");
    assert!(section.contains("Best for whoever weighs a dollar of TVaR 95 at "), "{section}");
    // The fee is more than nothing in every year.
    assert!(section.contains("Fees") && section.contains(": by Fee."), "{section}");
    // 0.5% of about $10 million, by an unconfirmed rule.
    assert!(section.contains("unconfirmed") && section.contains(" of $5"), "{section}");
    for sentence in section.split("Best").skip(2) {
        assert!(sentence.starts_with(" for whoever "), "{sentence}");
    }
    let summary: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("summary.json")).expect("a file")).expect("JSON");
    let of = |contract: &str| summary["contracts"][contract]["return_on_risk"].clone();
    assert_eq!(of("Fee")["on_tvar_95"]["absent"], "no_risk");
    assert!(of("Fees").is_null() && of("Track")["repayment_mechanism"]["is_unconfirmed"] == true);
    assert!(out.join("return-on-risk.svg").exists());
}

#[test]
fn what_cannot_be_ranked_has_no_section() {
    let folder = tempdir().expect("a folder");
    for contracts in ["", "[[contracts]]\nname = \"Other fees\"\nterms.fee_for_service = {}\n"] {
        let (out, page) = page(folder.path(), &scenario("assumed", contracts));
        assert!(!page.contains("Return on risk") && !out.join("return-on-risk.svg").exists());
        let summary = fs::read_to_string(out.join("summary.json")).expect("a file");
        assert!(!summary.contains("\"ranking\"") && !summary.contains("return_on_risk"));
    }
}
