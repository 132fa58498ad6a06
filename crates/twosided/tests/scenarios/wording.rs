//! What is said of a file that is wrong: of another kind, with slips of syntax, with numbers as people write them.

use std::fs;

use crate::support::{CONTRACTS, PEOPLE, Verdict, check, examined, folder, write};
use crate::whole_scenario::SCENARIO;

/// What is said of a scenario's text, and whether it is valid.
fn checked(text: &str) -> (bool, String) {
    let (verdict, said) = check(text);
    (verdict != Verdict::Refused, said)
}

#[test]
fn no_name_has_what_is_not_seen() {
    let (done, said) = checked(SCENARIO);
    assert!(done, "{said}");
    let hidden = "\u{fffe}\u{ffff}\u{1fffe}\u{1d173}\u{34f}\u{17b4}\u{2800}\u{fe0f}\u{e0100}\u{600}\u{6dd}\u{110bd}\u{13430}\u{1bca0}";
    for character in hidden.chars() {
        for name in ["Test", "everyone", "visits", "shock", "coaching", "Track", "Fixed"] {
            let (quoted, steered) = (format!("\"{name}\""), format!("\"{name}\\U{:08x}\"", u32::from(character)));
            let scenario = SCENARIO.replace("services.visits", "services.\"visits\"").replace(&quoted, &steered);
            let (done, said) = checked(&scenario);
            assert!(!done && said.contains("invisible characters"), "{name} {steered}: {said}");
            assert!(!said.contains(character), "{said}");
        }
    }
    let (done, said) = checked(&SCENARIO.replace("\"Track\"", "\"Track\u{a0}1\""));
    assert!(!done && said.contains("has a space of an unusual kind"), "{said}");
}

#[test]
fn a_file_of_another_kind_is_recognized_once() {
    let folder = folder();
    let rows: String = (0..5_110).map(|row| format!("{row},a,b\n")).collect();
    for name in ["data.csv", "data.toml"] {
        write(folder.path(), name, &rows);
        let (verdict, said) = examined(&folder.path().join(name), &[]);
        assert!(verdict == Verdict::Refused && said.contains("does not look like TOML"), "{said}");
        assert!(said.contains("data goes to `settle` or `fit`"), "{said}");
        assert!(said.contains("… and 5109 more") && said.contains(&format!("{name} has 5110 problems")), "{said}");
        assert!(said.lines().count() < 12, "{said}");
    }
    fs::write(folder.path().join("data.parquet"), b"PAR1\xff\xfe").expect("written");
    assert!(examined(&folder.path().join("data.parquet"), &[]).1.contains("data goes to `settle` or `fit`"));
    // Slips of a scenario are drawn, five of them, and the rest counted.
    let slips: String = (0..70).map(|row| format!("a{row} = 5 {row}\n")).collect();
    let (_, said) = checked(&slips);
    assert_eq!(said.matches("× ").count(), 5, "{said}");
    assert!(said.contains("… and 65 more") && said.contains("scenario.toml has 70 problems"), "{said}");
    // Other problems are drawn up to 50.
    let keys: String = (0..70).map(|row| format!("zz{row} = 5\n")).collect();
    let (_, said) = checked(&(keys + SCENARIO));
    assert_eq!(said.matches("× ").count(), 50, "{said}");
    assert!(said.contains("… and 20 more") && said.contains("scenario.toml has 70 problems"), "{said}");
}

#[test]
fn beside_a_slip_of_syntax_nothing_false_is_said() {
    let folder = folder();
    let folder = folder.path();
    write(folder, "people.toml", PEOPLE);
    let right = format!("include = \"people.toml\"\n{CONTRACTS}");
    for (from, to) in [
        ("trials = 200", "trials = 2__00"),
        ("trials = 200", "trials = "),
        ("[run]", "[run"),
        ("[run]", "[[run]"),
        ("[[contracts]]", "[[contracts]"),
        ("name = \"Test\"", "name = \"Test"),
        ("name = \"Test\"", "name \"Test\""),
        ("name = \"Test\"", "name = Test"),
        ("fee_for_service = {}", "fee_for_service = {"),
        ("fee_for_service = {}", "fee_for_service = }"),
        ("include = \"people.toml\"", "include = \"people.toml"),
        ("include = \"people.toml\"", "include = people.toml"),
    ] {
        write(folder, "scenario.toml", &right.replace(from, to));
        let (verdict, said) = examined(&folder.join("scenario.toml"), &[]);
        assert_eq!(verdict, Verdict::Refused, "{to}");
        assert!(
            !said.contains("unknown key") && !said.contains(" is 0") && !said.contains("is missing"),
            "{to}: {said}"
        );
        assert!(said.contains("has 1 problem\n"), "{to}: {said}");
    }
}

#[test]
fn an_include_within_a_table_is_reported_alone() {
    let without = |block: &str| SCENARIO.replace(block, "");
    let people = "[[population.segments]]\nname = \"everyone\"\nmembers = 1_000\n\
                  services.visits.annual = { gamma = { mean = 4_000, cv = 1.5 } }\n";
    let include = "include = \"people.toml\"\n";
    for (scenario, table) in [
        (without(people).replace("trials = 200\n", &format!("trials = 200\n{include}")), "run"),
        (without(people) + "[population]\n" + include, "population"),
        (without(people).replace("name = \"Fixed\"\n", &format!("name = \"Fixed\"\n{include}")), "contracts[2]"),
        (without(people) + "[provider.own_share]\n" + &include.replace("\"people.toml\"", "[\"a.toml\"]"), "provider"),
    ] {
        let folder = folder();
        write(folder.path(), "scenario.toml", &scenario);
        write(folder.path(), "people.toml", people);
        let (verdict, said) = examined(&folder.path().join("scenario.toml"), &[]);
        assert!(verdict == Verdict::Refused && said.contains(&format!("`include` stands within {table}")), "{said}");
        assert!(said.contains("include stands above the first [table]"), "{said}");
        assert!(said.contains("has 1 problem\n"), "{said}");
    }
}

#[test]
fn numbers_as_people_write_them_are_corrected() {
    for (right, slip, help) in [
        ("per_capita = 4_100", "per_capita = 9,700", "write 9_700 or 9700"),
        ("pmpm = 340", "pmpm = $800", "write 800"),
        ("pmpm = 340", "pmpm = \"800\"", "write 800, without quotes"),
        ("pmpm = 340", "pmpm = \"$1,800\"", "write 1_800 or 1800, without quotes"),
        ("quality_score = 0.9", "quality_score = \"85%\"", "write 0.85, without quotes"),
        ("quality_score = 0.9", "quality_score = 85%", "write 0.85"),
        ("benchmark = { per_capita = 4_100 }", "benchmark = 9_700", "write benchmark = { per_capita = 9_700 }"),
        ("members = 1_000", "members = \"1,000\"", "write 1_000 or 1000, without quotes"),
        ("members = 1_000", "members = 1,000", "write 1_000 or 1000"),
    ] {
        let (done, said) = checked(&SCENARIO.replace(right, slip));
        assert!(!done && said.contains(help), "{slip}: {said}");
    }
}
