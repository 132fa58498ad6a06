//! What only some files may touch: files of users, and what reaches a terminal, a page or a cell.

use std::fs;

use crate::{file, sources};

/// Where files are opened, written, moved or removed: what is not in `crates/files` touches none of a user.
#[test]
fn only_one_crate_touches_files_of_users() {
    const CALLS: [&str; 9] = [
        "File::open",
        "File::create",
        "OpenOptions",
        "fs::write",
        "fs::read",
        "fs::copy",
        "fs::rename",
        "fs::remove",
        "from_path(",
    ];
    // Files of a report, which are written to its staging folder, what Linux says of a process and its memory, and the page of
    // commands, which a test writes.
    let known = [
        "cli/commands_page.rs: fs::write",
        "cli/commands_page.rs: fs::read",
        "report/src/lib.rs: fs::write",
        "report/src/parquet.rs: File::create",
        "cli/stop.rs: fs::read",
        "sim/src/needs.rs: fs::read",
    ];
    let mut seen = 0;
    for (path, code) in sources("crates") {
        let name = path.strip_prefix("crates/").expect("it is within");
        if name.starts_with("files/") || name.contains("/tests/") {
            continue;
        }
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        for call in CALLS.iter().filter(|call| code.contains(*call)) {
            let found = format!("{name}: {call}");
            assert!(known.contains(&&*found), "{found}; use crates/files");
        }
        seen += 1;
    }
    assert!(seen > 100, "{seen} files of code");
}

#[test]
fn nothing_writes_past_its_sanitizer() {
    // A writer of a sink, and the only files that may hold it.
    let sinks: [(&str, &[&str]); 8] = [
        ("csv::Writer", &["form/src/sink.rs"]),
        ("WriterBuilder", &[]),
        ("DOCTYPE", &["report/src/page.rs"]),
        ("<svg ", &["report/src/charts/svg.rs"]),
        ("io::stdout()", &["cli/main.rs", "files/src/output.rs"]),
        ("stderr().lock()", &["cli/main.rs"]),
        ("print!(", &["twosided/build.rs"]),
        ("println!(", &["twosided/build.rs"]),
    ];
    for (path, text) in sources("crates").into_iter().filter(|(path, _)| !path.contains("/tests/")) {
        for (writer, allowed) in sinks {
            let is_allowed = allowed.iter().any(|allowed| path.ends_with(allowed));
            assert!(is_allowed || !text.contains(writer), "{path} writes with {writer}");
        }
    }
    for (path, calls) in [
        ("crates/report/src/page.rs", "markup(&page.into_string())"),
        ("crates/report/src/charts/svg.rs", "markup(&format!("),
        ("crates/cli/main.rs", "terminal(text)"),
        ("crates/form/src/sink.rs", "write_field(cell("),
    ] {
        let text = fs::read_to_string(file(path)).expect("a source");
        assert!(text.contains(calls), "{path} no longer calls {calls}");
    }
}
