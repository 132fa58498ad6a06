//! Assumptions of a scenario that give no source.

use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

/// Blocks that say nothing about people or contracts.
const OTHERS: [&str; 3] = ["run", "written_by", "include"];
/// Blocks whose source must be their own: what a table around them cites is about something else.
const OWN: [&str; 6] = ["trend", "factors", "benchmark_error", "efficiency", "administration", "benchmark"];

/// Paths of all blocks with figures that neither they nor a block around them give a source for; contracts by their names.
pub(crate) fn unsourced(text: &str) -> Vec<String> {
    let Ok(document) = text.parse::<DocumentMut>() else { return Vec::new() };
    let root: &Table = document.as_table();
    let mut found = Vec::new();
    for (key, item) in root.iter().filter(|(key, _)| !OTHERS.contains(key)) {
        blocks(item, key, false, &mut found);
    }
    found
}

/// Adds what an item holds that has no source.
fn blocks(item: &Item, path: &str, covered: bool, found: &mut Vec<String>) {
    if let Some(table) = item.as_table_like() {
        block(table, path, covered, found);
    } else if let Some(tables) = item.as_array_of_tables() {
        for (place, table) in (1..).zip(tables) {
            block(table, &place_of(path, place, table), covered, found);
        }
    } else if let Some(Value::Array(values)) = item.as_value() {
        for (place, table) in (1..).zip(values).filter_map(|(place, value)| Some((place, value.as_inline_table()?))) {
            block(table, &place_of(path, place, table), covered, found);
        }
    }
}

fn place_of(path: &str, place: usize, table: &dyn TableLike) -> String {
    match table.get("name").and_then(Item::as_str) {
        Some(name) => format!("{path}[{place}] ({name})"),
        None => format!("{path}[{place}]"),
    }
}

fn block(table: &dyn TableLike, path: &str, covered: bool, found: &mut Vec<String>) {
    let name = path.rsplit('.').next().unwrap_or(path).split('[').next().unwrap_or(path);
    let has_own = table.contains_key("source");
    let covered = has_own || (covered && !OWN.contains(&name));
    let states_figures = |item: &Item| item.as_integer().is_some() || item.as_float().is_some() || item.is_array();
    if !covered && table.iter().any(|(_, item)| states_figures(item)) {
        found.push(path.to_owned());
    }
    for (key, item) in table.iter() {
        let path = format!("{path}.{key}");
        if OWN.contains(&key) && !covered && item.as_table_like().is_none() && states_figures(item) {
            // The block around it is listed already.
            continue;
        }
        blocks(item, &path, covered, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_4_10_assumptions_without_a_source_are_found() {
        let text = "\
[run]
trials = 5
[population]
source = \"CMS\"
trend = { mean = 1.04 }
[[population.segments]]
members = 10
[[contracts]]
name = \"FFS\"
terms.fee_for_service = {}
[[contracts]]
name = \"Track\"
administration = { pmpm = 3 }
terms.mssp = { benchmark = { per_capita = 9_000 }, source = \"agreement\" }
";
        let expected =
            ["population.trend", "contracts[2] (Track).administration", "contracts[2] (Track).terms.mssp.benchmark"];
        assert_eq!(unsourced(text), expected);
        assert!(unsourced(&text.replace("mean = 1.04", "mean = 1.04, source = \"x\"")).len() == 2);
        assert!(unsourced("not toml [").is_empty());
    }
}
