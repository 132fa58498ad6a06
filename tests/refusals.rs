//! Each bad scenario's messages, as approved: every problem of a file, as a terminal shows it.

mod support;

use std::{fs, path::Path};

use miette::{GraphicalReportHandler, GraphicalTheme};
use support::file;
use twosided_form::colored_terminal;
use twosided_scenario::Scenario;

#[test]
fn bad_scenarios_are_refused_with_every_problem() {
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_width(100);
    let mut seen = 0;
    for entry in fs::read_dir(file("tests/bad-scenarios")).expect("a folder") {
        let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
        let refused = Scenario::load(&Path::new("tests/bad-scenarios").join(&name), &[]).expect_err(&name);
        let messages = colored_terminal(&refused.render(&handler));
        assert!(!messages.contains('\u{1b}'), "{name}: a control character reaches the terminal");
        insta::assert_snapshot!(name.trim_end_matches(".toml"), messages);
        seen += 1;
    }
    assert!(seen >= 40, "{seen} scenarios");
}
