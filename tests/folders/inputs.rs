//! What is no input: pipes, devices, files of the running system, and links out of their folder.

use std::{fs, path::Path, process::Command};

use crate::{
    sandbox::{FIT, SCENARIO, Sandbox, ended_soon},
    support::{file, text},
};

#[cfg(unix)]
#[test]
fn pipes_devices_and_files_of_the_system_are_no_input() {
    let sandbox = Sandbox::new();
    sandbox.write_years();
    sandbox.write_people();
    fs::copy(file("tests/data/mssp-py2022.csv"), sandbox.path("puf.csv")).expect("a file");
    assert!(Command::new("mkfifo").arg(sandbox.path("pipe")).status().expect("mkfifo runs").success());
    let year = ["--performance-year", "2022"];
    for (input, said) in [("pipe", "a pipe"), ("/dev/zero", "a device"), ("/proc/self/status", "running system")] {
        let commands: [&[&str]; 11] = [
            &["run", input],
            &["check", input],
            &["explain", "scenario", input, "--trial", "0"],
            &["settle", "terms", input, "years.csv"],
            &["settle", "terms", "terms.toml", input],
            &[&["settle", "mssp", input][..], &year].concat(),
            &[&["settle", "mssp", "puf.csv", "--participant-revenue", input][..], &year].concat(),
            &[&["fit", input][..], &FIT[2..]].concat(),
            &[&FIT[..], &["--prior", input]].concat(),
            &[&["new", "aco", "--id", "1", input][..], &year].concat(),
            &[&["verify", "backtest", input][..], &year].concat(),
        ];
        for arguments in commands {
            let explained = ended_soon(sandbox.started(arguments), &format!("{arguments:?}"));
            assert!(explained.contains(said), "{arguments:?}: {explained}");
        }
    }
    sandbox.write("including.toml", &format!("include = 'pipe'\n{SCENARIO}"));
    let explained = ended_soon(sandbox.started(&["check", "including.toml"]), "an included pipe");
    assert!(explained.contains("a pipe"), "{explained}");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_its_folder_is_never_quoted() {
    use std::os::unix::fs::symlink;
    let sandbox = Sandbox::new();
    let inside = sandbox.path("sub");
    sandbox.write("out/passwd", "root:TOPSECRET\nTOPSECRET = TOPSECRET\n");
    sandbox.write("out/token.toml", "[run]\ntoken = \"TOPSECRET\"\n");
    sandbox.write("sub/own/bad.toml", "mine = MYWORD\n");
    sandbox.write("sub/data.csv", "a,b\n1,2\n");
    let said = |folder: &Path, arguments: &[&str]| {
        let output = sandbox.command(arguments).current_dir(folder).output().expect("the program runs");
        (output.status.success(), text(&output.stdout) + &text(&output.stderr))
    };
    symlink("../out/passwd", inside.join("link.toml")).expect("a link");
    symlink("link.toml", inside.join("chain.toml")).expect("a link");
    symlink("../out/token.toml", inside.join("token.toml")).expect("a link");
    symlink("../out", inside.join("folder")).expect("a link");
    symlink("own/bad.toml", inside.join("near.toml")).expect("a link");
    for arguments in [
        &["check", "sub/link.toml"][..],
        &["check", "sub/chain.toml"],
        &["check", "sub/folder/passwd"],
        &["check", "sub/token.toml"],
        &["run", "sub/link.toml"],
        &["explain", "scenario", "sub/link.toml", "--trial", "1"],
        &["settle", "terms", "sub/link.toml", "sub/data.csv"],
    ] {
        let (done, said) = said(&sandbox.path(""), arguments);
        assert!(!done && !said.contains("TOPSECRET"), "{arguments:?}: {said}");
        assert!(said.contains("leads out of its folder") && said.contains("line "), "{arguments:?}: {said}");
    }
    let (done, said_within) = said(&inside, &["check", "link.toml"]);
    assert!(!done && !said_within.contains("TOPSECRET"), "{said_within}");
    // A link to what is beside it or below, and the file itself, are shown.
    for shown in ["sub/near.toml", "sub/own/bad.toml"] {
        assert!(said(&sandbox.path(""), &["check", shown]).1.contains("MYWORD"));
    }
    assert!(said(&sandbox.path(""), &["check", "out/passwd"]).1.contains("TOPSECRET"));
}
