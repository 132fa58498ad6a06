//! Assumptions of a scenario that give no source.

use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

/// Blocks that say nothing about people or contracts.
const OTHERS: [&str; 5] = ["run", "written_by", "include", "decision", "replay"];
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
        for (index, table) in (1..).zip(tables) {
            block(table, &place_of(path, index, table), covered, found);
        }
    } else if let Some(Value::Array(values)) = item.as_value() {
        for (index, table) in (1..).zip(values).filter_map(|(index, value)| Some((index, value.as_inline_table()?))) {
            block(table, &place_of(path, index, table), covered, found);
        }
    }
}

fn place_of(path: &str, index: usize, table: &dyn TableLike) -> String {
    match table.get("name").and_then(Item::as_str) {
        Some(name) => format!("{path}[{index}] ({name})"),
        None => format!("{path}[{index}]"),
    }
}

fn block(table: &dyn TableLike, path: &str, covered: bool, found: &mut Vec<String>) {
    let covered = covered || table.contains_key("source");
    let states_figures = |item: &Item| item.as_integer().is_some() || item.as_float().is_some() || item.is_array();
    if !covered && table.iter().any(|(_, item)| states_figures(item)) {
        found.push(path.to_owned());
    }
    for (key, item) in table.iter() {
        blocks(item, &format!("{path}.{key}"), covered, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCENARIO: &str = "\
[run]
trials = 5
[population]
trend = { mean = 1.04 }
[[population.segments]]
members = 10
source = \"CMS\"
services.visits.annual = { gamma = { mean = 4_000, cv = 1.5 } }
[[contracts]]
name = \"FFS\"
terms.fee_for_service = {}
[[contracts]]
name = \"Track\"
administration = { pmpm = 3 }
terms.mssp = { benchmark = { per_capita = 9_000 }, performance_year = 2024 }
";

    #[test]
    fn assumptions_without_a_source_are_found() {
        let track = "contracts[2] (Track)";
        let expected = [
            "population.trend".to_owned(),
            format!("{track}.administration"),
            format!("{track}.terms.mssp"),
            format!("{track}.terms.mssp.benchmark"),
        ];
        assert_eq!(unsourced(SCENARIO), expected);
        let cited = SCENARIO.replace("mean = 1.04", "mean = 1.04, source = \"x\"");
        assert!(!unsourced(&cited).contains(&expected[0]));
        assert!(unsourced("not toml [").is_empty());
    }

    #[test]
    fn a_source_covers_the_tables_within_its_own() {
        let cited = SCENARIO.replace("[population]\n", "[population]\nsource = \"CMS\"\n");
        let cited = cited.replace("name = \"Track\"\n", "name = \"Track\"\nsource = \"agreement\"\n");
        assert!(unsourced(&cited).is_empty(), "{:?}", unsourced(&cited));
        // Of its own table alone: the block beside it has none.
        let terms = SCENARIO.replace("performance_year = 2024", "source = \"agreement\"");
        let left = ["population.trend", "contracts[2] (Track).administration"];
        assert_eq!(unsourced(&terms), left);
    }
}
