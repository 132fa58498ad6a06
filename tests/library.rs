//! What a user of the library reads: the README's section, and the examples.

mod support;

#[path = "../examples/compare_two_runs.rs"]
mod compare_two_runs;
#[path = "../examples/own_contract.rs"]
mod own_contract;
#[path = "../examples/run_and_print.rs"]
mod run_and_print;

use std::{env, fs};

use support::file;
use twosided::Summary;

#[test]
fn the_examples_run() {
    run_and_print::main().expect("the scenario is shipped");
    own_contract::main().expect("the scenario is shipped");
    compare_two_runs::main().expect("the scenario is shipped");
}

#[test]
fn the_readme_holds_the_library_s_front_page() {
    let page = fs::read_to_string(file("crates/twosided/README.md")).expect("the page");
    // Lines that only the test of the page needs are not shown.
    let shown: String = page.split_inclusive('\n').filter(|line| !line.starts_with("#  ")).collect();
    let readme = fs::read_to_string(file("README.md")).expect("the README");
    assert!(readme.contains(&format!("## Library\n\n{shown}\n## ")), "copy crates/twosided/README.md into README.md");
}

#[test]
fn the_schema_of_a_summary_is_up_to_date() {
    let path = file("docs/schemas/summary.schema.json");
    let schema = serde_json::to_string_pretty(&Summary::schema()).expect("it is JSON") + "\n";
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(file("docs/schemas")).expect("the folder can be made");
        fs::write(&path, &schema).expect("the schema can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == schema, "{} is not up to date; run the test with UPDATE_DOCS=1", path.display());
}
