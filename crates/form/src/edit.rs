//! Settings written into the text of a file, whose remarks are kept.

use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, TomlError, Value};

use crate::put::{Step, value_of};

/// The text with values put where steps lead, each the text of a setting's value; `None` for one that cannot stand there.
pub(crate) fn edited(text: &str, settings: &[(Vec<Step<'_>>, &str)]) -> Result<Option<String>, TomlError> {
    let mut document: DocumentMut = text.parse()?;
    for (steps, value) in settings {
        let mut value = match value_of(value).get_ref().as_str() {
            Some(text) => Value::from(text),
            None => value.parse()?,
        };
        value.decor_mut().clear();
        if set(document.as_item_mut(), steps, value).is_none() {
            return Ok(None);
        }
    }
    Ok(Some(document.to_string()))
}

/// Puts a value where steps lead from an item.
fn set(item: &mut Item, steps: &[Step<'_>], value: Value) -> Option<()> {
    let Some((step, rest)) = steps.split_first() else {
        *item = replacing(item, value);
        return Some(());
    };
    match step {
        Step::Entry(index) => match (item, rest) {
            (Item::ArrayOfTables(array), []) => {
                let known = array.get_mut(*index)?;
                let mut table = Item::Value(value).into_table().ok()?;
                table.set_position(known.position());
                *table.decor_mut() = known.decor().clone();
                *known = table;
                Some(())
            }
            (item, _) => set(item.get_mut(*index)?, rest, value),
        },
        Step::Key(key) => {
            let is_inline = item.is_inline_table();
            let table = item.as_table_like_mut()?;
            if rest.is_empty() {
                set_key(table, key, value);
                return Some(());
            }
            if !table.contains_key(key) {
                let mut within = Table::new();
                within.set_dotted(true);
                table.insert(key, if is_inline { Item::Value(InlineTable::new().into()) } else { Item::Table(within) });
            }
            set(table.get_mut(key)?, rest, value)
        }
    }
}

/// Sets a key of a table. Remarks beside a value stay there, and those above the header of a table then stand above its key.
fn set_key(table: &mut dyn TableLike, key: &str, value: Value) {
    if let Some(known) = table.get_mut(key).filter(|known| known.is_value()) {
        *known = replacing(known, value);
        return;
    }
    let first = table.get(key).and_then(|known| known.as_table().or_else(|| known.as_array_of_tables()?.get(0)));
    let above = first.and_then(|first| first.decor().prefix().cloned());
    table.remove(key);
    table.insert(key, Item::Value(value));
    if let (Some(above), Some(mut key)) = (above, table.key_mut(key)) {
        key.leaf_decor_mut().set_prefix(above);
    }
}

/// A value in place of an item, with the remarks beside it.
fn replacing(item: &Item, mut value: Value) -> Item {
    if let Some(known) = item.as_value() {
        *value.decor_mut() = known.decor().clone();
    }
    Item::Value(value)
}

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use crate::{Document, Setting, merge::data};

    const FILES: [&str; 5] = [
        "# a\n[run]\nname = \"x\" # its name\n# b\n[[contracts]]\nname = \"c\"\n[contracts.terms.mssp]\ntrack = 'a' # t\n\
         benchmark.per_capita = 5\n[[contracts.covers]]\nname = 'd'\n[[contracts]]\nname = 'e.f'\nterms = { ffs = {}, bands = [[0, 1], [2, 3]] }\n# end",
        "run = { name = 'x' }\ncontracts = [\n  { name = \"c\", terms = { mssp = { track = 'a', benchmark = { per_capita = 5 } } } }, # one\n  { name = 'e.f', terms.bands = [[0, 1], [2, 3]] },\n]\n",
        "contracts = [{ name = 'c' }, { name = 'e.f', terms.bands = [[0, 1], [2, 3]] }]\nrun.name = 'x'",
        "[run.pools]\nabove = 1\n[[contracts]]\nname = 'c'\n[[contracts.covers]]\nname = 'd'\n[contracts.terms.mssp]\n[[contracts]]\nname = 'e.f'\n\
         [contracts.terms]\nbands = [[0, 1],\n  [2, 3], # last\n]\n[run]\nname = 'x'",
        "[[contracts]]\nname = 'c'\n[run]\nname = 'x'\n[[contracts]]\nname = 'e.f'\n[[contracts.terms.steps]]\n[[contracts.terms.steps]]\n",
    ];
    const SETTINGS: [&str; 18] = [
        "run.name=y z",
        "run={ name = \"y\", trials = 5 }",
        "run.pools.above=1_000",
        "run.pools={ above = 0x10 }",
        "contracts.c.terms.mssp.track=enhanced",
        "contracts.c.terms.mssp={ track = 'b', corridor = [ { share = 1 }, { share = 2 } ] }",
        "contracts.c.terms={ ffs = {} }",
        "contracts.c.terms.mssp.benchmark.per_capita=6e3",
        "contracts.c.terms.mssp.benchmark={ pmpm = 1, }",
        "contracts[1]={ name = \"g\", terms = { ffs = { x = 1 } } }",
        "contracts.'e.f'.terms.bands[2]=[5, nan]",
        "contracts.'e.f'.terms.bands=[]",
        "contracts=[{ name = 'h' }]",
        "contracts[2].covers.\"two words\".'a\"b'.limit=[\n1, # one\n2]",
        "population.members=9,000",
        "population={ members = 5 }",
        "written=say \"it\" \\ 'so'\n\u{1b} # x",
        "system.at=2027-01-01",
    ];

    #[test]
    fn the_edited_text_says_what_the_table_does() {
        for file in FILES {
            let all = SETTINGS.iter().map(|setting| vec![*setting]);
            let pairs = SETTINGS.iter().zip(&SETTINGS[1..]).map(|(one, other)| vec![*one, *other]);
            for settings in all.chain(pairs) {
                let parsed = settings.iter().map(|text| text.parse::<Setting>().expect("it is one"));
                let document = Document::new("a.toml", file).with(parsed);
                let found = document.examine(&[], |section| Some(data(section.table)));
                // Some keys exclude each other, or go through what a file does not have.
                let Ok(found) = found else { continue };
                let text = document.whole_text().expect("it is TOML");
                let again = DeTable::parse(&text).unwrap_or_else(|error| panic!("{error} in\n{text}"));
                assert_eq!(data(again.get_ref()), found.value, "{settings:?} in\n{text}");
            }
        }
    }

    #[test]
    fn remarks_and_layout_stay() {
        let edited = |settings: &[&str]| {
            let settings = settings.iter().map(|text| text.parse().expect("it is one"));
            Document::new("a.toml", format!("{}\n", FILES[0])).with(settings).whole_text().expect("it is TOML")
        };
        let text = edited(&["contracts.c.terms.mssp.track=b", "run.trials=5", "contracts[1].covers[1].limit = 7"]);
        let right = FILES[0].replace("'a' # t", "\"b\" # t").replace("# its name\n", "# its name\ntrials = 5\n");
        assert_eq!(text, right.replace("'d'\n", "'d'\nlimit = 7\n") + "\n");
        let text = edited(&["run={ name = 'y' }"]);
        assert!(text.starts_with("# a\nrun = { name = 'y' }\n# b\n[[contracts]]\n"), "{text}");
    }
}
