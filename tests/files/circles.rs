//! Folders of a crate name each other in one direction.
//!
//! Modules that stand side by side, with all that is within them, depend on each other without a circle. A module file is of
//! one folder with its files (`charts.rs` and `charts/`), whose own modules are looked at in the same way.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources;

/// A module by its path within its crate; that of the root is empty.
type Module = Vec<String>;
/// A path in code, from a module on.
type Path = (Module, Vec<String>);
type Dependencies = BTreeMap<Module, BTreeSet<Module>>;

/// Circles of files that stand side by side in one folder, and why they remain: crate, files, reason.
const KNOWN: [(&str, &[&str], &str); 13] = [
    (
        "crates/aco",
        &["compose", "contracts"],
        "contracts are composed from the same row as the people, and into the same text",
    ),
    ("crates/aco", &["national", "people"], "people are cut to national figures, which are of people"),
    (
        "crates/actuals",
        &["csv_file", "other_kind", "parquet_file", "quotes", "table"],
        "a table is loaded by the reader of its kind, and each reader builds a table",
    ),
    ("crates/actuals", &["mssp_file", "mssp_row"], "a row is read by the columns that its file was found to have"),
    (
        "crates/contracts",
        &["arrangement", "portfolio"],
        "contracts that are held at once are an arrangement of arrangements",
    ),
    ("crates/form", &["document", "warnings"], "a warning is drawn as a problem of the document that it is of"),
    ("crates/form", &["key", "section"], "a key is declared with how a section reads it"),
    (
        "crates/prob",
        &["amount::family", "amount::gamma", "amount::lognormal", "amount::pareto", "amount::weibull"],
        "a family is one of its laws, and a law restated is of its family",
    ),
    (
        "crates/report",
        &["charts::palette", "charts::scene"],
        "a line is drawn in a style, which is made of a scene's strokes",
    ),
    ("crates/report", &["fit_html", "fit_report", "fit_tables"], "a report writes itself as a page and as tables"),
    (
        "crates/sim",
        &["practice::books", "practice::column", "practice::conduct"],
        "a conduct is of the contracts of a column, by books, and books draw up the lines of a conduct",
    ),
    (
        "crates/scenario",
        &["payers", "provider"],
        "a payer has fees as the provider has, and the provider has the payers",
    ),
    (
        "crates/report",
        &["summary::capital", "summary::cover_choice"],
        "a choice of cover is measured as capital is, and is part of its summary",
    ),
];

/// The code of a file without comments and its inner tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .fold(String::new(), |all, line| all + line + "\n")
}

/// The paths of a tree of imports: `a::{b, c::{self, d as e}}` is `a::b`, `a::c::self` and `a::c::d`.
fn expanded(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((before, within)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default().trim();
        return if path.is_empty() { Vec::new() } else { vec![path.to_owned()] };
    };
    let within = within.rsplit_once('}').map_or(within, |(within, _)| within);
    let (mut paths, mut depth, mut start) = (Vec::new(), 0, 0);
    for (index, character) in within.char_indices().chain([(within.len(), ',')]) {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                paths.extend(expanded(&within[start..index]).iter().map(|path| format!("{}{path}", before.trim())));
                start = index + 1;
            }
            _ => {}
        }
    }
    paths
}

/// What follows `use`, `pub use` or `pub(crate) use` at the start of a line.
fn begun_import(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("pub").map_or(line, |rest| {
        match rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
            Some((_, rest)) => rest.trim_start(),
            None => rest.trim_start(),
        }
    });
    line.strip_prefix("use ")
}

/// The paths that code imports, and those that it names in place.
fn paths_in(code: &str) -> (Vec<String>, Vec<String>) {
    let (mut imported, mut rest) = (Vec::new(), String::new());
    let mut import: Option<String> = None;
    for line in code.lines() {
        if let Some(tree) = &mut import {
            tree.push_str(line);
        } else if let Some(tree) = begun_import(line) {
            import = Some(tree.to_owned());
        } else {
            rest.push_str(line);
            rest.push('\n');
        }
        if let Some(tree) = import.take_if(|tree| tree.trim_end().ends_with(';')) {
            imported.extend(expanded(tree.trim_end().trim_end_matches(';')));
        }
    }
    let words = rest.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
    let named = words.filter(|word| word.contains("::")).map(str::to_owned).collect();
    (imported, named)
}

/// Which modules a crate's modules name, through whatever hands an item on.
fn dependencies(modules: &BTreeMap<Module, String>) -> Dependencies {
    let within = |module: &[String], name: &str| [module, &[name.to_owned()]].concat();
    // Where a path begins, if it begins within the crate.
    let begin = |module: &Module, path: &str| -> Option<Path> {
        let mut names: Vec<String> = path.split("::").map(str::to_owned).collect();
        let mut from = module.clone();
        match names[0].as_str() {
            "crate" => from.clear(),
            "self" => {}
            "super" => {
                while names.first().is_some_and(|name| name == "super") {
                    names.remove(0);
                    from.pop();
                }
                return Some((from, names));
            }
            first if modules.contains_key(&within(module, first)) => return Some((from, names)),
            _ => return None,
        }
        names.remove(0);
        Some((from, names))
    };
    let paths: BTreeMap<&Module, (Vec<String>, Vec<String>)> =
        modules.iter().map(|(module, code)| (module, paths_in(code))).collect();
    let mut handed_on: BTreeMap<(Module, String), Path> = BTreeMap::new();
    for (module, (imported, _)) in &paths {
        for path in imported.iter().filter_map(|path| begin(module, path)) {
            if let Some(name) = path.1.last() {
                handed_on.entry(((*module).clone(), name.clone())).or_insert(path);
            }
        }
    }
    let end = |(mut module, mut names): Path| -> Module {
        // More steps than any path has: an import that leads to itself ends too.
        for _ in 0..20 {
            let Some(name) = names.first().cloned() else { break };
            if modules.contains_key(&within(&module, &name)) {
                names.remove(0);
                module.push(name);
            } else if let Some((from, path)) = handed_on.get(&(module.clone(), name)) {
                names.splice(0..1, path.iter().cloned());
                module.clone_from(from);
            } else {
                break;
            }
        }
        module
    };
    let of = |(module, (imported, named)): (&&Module, &(Vec<String>, Vec<String>))| {
        let all = imported.iter().chain(named).filter_map(|path| begin(module, path)).map(end);
        ((*module).clone(), all.filter(|found| found != *module).collect())
    };
    paths.iter().map(of).collect()
}

/// Modules side by side that reach each other, as full paths.
fn circles(dependencies: &Dependencies) -> BTreeSet<BTreeSet<Module>> {
    let parents: BTreeSet<&[String]> =
        dependencies.keys().filter_map(|module| module.split_last()).map(|(_, parent)| parent).collect();
    let mut found = BTreeSet::new();
    for parent in parents {
        let below = |module: &Module| {
            (module.len() > parent.len() && module.starts_with(parent)).then(|| module[..=parent.len()].to_vec())
        };
        let mut beside: Dependencies = BTreeMap::new();
        for (module, named) in dependencies {
            let Some(from) = below(module) else { continue };
            let to = named.iter().filter_map(below).filter(|to| *to != from).collect::<BTreeSet<Module>>();
            beside.entry(from).or_default().extend(to);
        }
        let reached = |from: &Module| {
            let (mut reached, mut next) = (BTreeSet::new(), vec![from.clone()]);
            while let Some(module) = next.pop() {
                for to in beside.get(&module).into_iter().flatten() {
                    if reached.insert(to.clone()) {
                        next.push(to.clone());
                    }
                }
            }
            reached
        };
        let reach: BTreeMap<&Module, BTreeSet<Module>> =
            beside.keys().map(|module| (module, reached(module))).collect();
        for (module, reached) in &reach {
            let circle: BTreeSet<Module> = reached
                .iter()
                .filter(|other| reach.get(other).is_some_and(|back| back.contains(*module)))
                .cloned()
                .collect();
            if !circle.is_empty() {
                found.insert(circle);
            }
        }
    }
    found
}

/// The modules of a crate, tests left out.
fn modules(member: &str) -> BTreeMap<Module, String> {
    let root = if member == "crates/cli" { format!("{member}/") } else { format!("{member}/src/") };
    let files = sources(member).into_iter().filter_map(|(path, text)| {
        let path = path.strip_prefix(&root)?.strip_suffix(".rs")?;
        let mut module: Module = path.split('/').map(str::to_owned).collect();
        module.pop_if(|name| ["lib", "main"].contains(&name.as_str()));
        (!module.contains(&"tests".to_owned())).then(|| (module, code(&text)))
    });
    files.collect()
}

#[test]
fn no_two_folders_name_each_other_in_a_circle() {
    let members: BTreeSet<String> =
        sources("crates").iter().map(|(path, _)| path.split('/').take(2).collect::<Vec<_>>().join("/")).collect();
    assert!(members.len() > 10, "{members:?}");
    let mut wrong = Vec::new();
    let mut known: BTreeSet<(&str, Vec<String>)> =
        KNOWN.iter().map(|(member, files, _)| (*member, files.iter().map(|&file| file.to_owned()).collect())).collect();
    for member in &members {
        let modules = modules(member);
        let dependencies = dependencies(&modules);
        for circle in circles(&dependencies) {
            let names: Vec<String> = circle.iter().map(|module| module.join("::")).collect();
            let folders = circle.iter().filter(|folder| {
                modules.keys().any(|module| module.len() > folder.len() && module.starts_with(folder))
            });
            let has_folder = folders.count() > 0;
            if has_folder || !known.remove(&(member.as_str(), names.clone())) {
                wrong.push(format!("{member}: {}", names.join(" <-> ")));
                let is_in = |module: &Module| circle.iter().find(|part| module.starts_with(part));
                for (module, named) in &dependencies {
                    for to in named
                        .iter()
                        .filter(|to| is_in(module).is_some_and(|part| is_in(to).is_some_and(|other| other != part)))
                    {
                        wrong.push(format!("    {} names {}", module.join("::"), to.join("::")));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "circles between folders, or of files without a reason:\n{}", wrong.join("\n"));
    assert!(known.is_empty(), "these are no circles any more: {known:?}");
}

#[test]
fn a_circle_is_found_through_what_hands_an_item_on() {
    let crate_of = |files: &[(&str, &str)]| -> BTreeSet<BTreeSet<Module>> {
        let module =
            |path: &str| path.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect::<Module>();
        circles(&dependencies(&files.iter().map(|(path, text)| (module(path), code(text))).collect()))
    };
    let lib =
        ("", "mod one;\nmod two;\npub use one::inner::Thing;\npub use two::{\n    Other,\n    more as less,\n};\n");
    let one = ("one", "mod inner;\n");
    let inner = ("one/inner", "use std::fmt;\n\nuse crate::Other;\n\npub struct Thing(Other);\n");
    let two = |text| crate_of(&[lib, one, inner, ("two", text)]);
    assert!(two("pub struct Other; // not crate::Thing\n").is_empty());
    let circle: BTreeSet<Module> = [vec!["one".to_owned()], vec!["two".to_owned()]].into();
    for text in [
        "use crate::Thing;\npub struct Other;\n",
        "use crate::{\n    fmt,\n    one::{self, inner},\n};\npub struct Other;\n",
        "pub struct Other(super::Thing);\n",
        "pub struct Other(crate::one::inner::Thing);\n",
    ] {
        assert_eq!(two(text), BTreeSet::from([circle.clone()]), "{text}");
    }
}
