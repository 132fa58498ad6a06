//! Declared keys as the tables of a reference page.

use crate::{Absent, Holds, KeySpec, Literal, Status, Table, Unit};

impl Table {
    /// The table as Markdown: a row a key. The link to a table within it is what `link` makes of that table's name.
    pub fn markdown(&self, link: &dyn Fn(&Table) -> String) -> String {
        let mut text = "| key | type, unit | default | range | meaning |\n|:--|:--|:--|:--|:--|\n".to_owned();
        for key in self.keys() {
            let unit = if key.unit == Unit::NONE { String::new() } else { format!(", {}", key.unit.symbol) };
            text.push_str(&format!(
                "| `{}` | {}{unit} | {} | {} | {} |\n",
                key.name,
                key.holds.type_name(link),
                self.default_of(key),
                key.holds.range(),
                key.explanation()
            ));
        }
        text
    }

    fn default_of(&self, key: &KeySpec) -> String {
        match key.absent {
            Absent::Required { .. } => "required".to_owned(),
            Absent::Default(word @ Literal::Word(_)) => format!("`{word}`"),
            Absent::Default(default) => default.to_string(),
            Absent::Means { words, .. } => words.to_owned(),
            Absent::OneOf { group, .. } => match self.group(group).len() {
                2 => "one of the two is required".to_owned(),
                several => format!("one of the {several} is required"),
            },
        }
    }
}

impl KeySpec {
    /// What the key is, with all that a reference says of it.
    pub fn explanation(&self) -> String {
        let mut text = self.meaning.to_owned();
        if !self.more.is_empty() {
            text = if text.is_empty() { self.more.to_owned() } else { format!("{text}. {}", self.more) };
        }
        if self.status == Status::Unconfirmed {
            // A sentence that says what needs checking says it once.
            if let Some(start) = text.strip_suffix("needs checking") {
                text = format!("{start}is **unconfirmed**");
            } else if let Some(start) = text.strip_suffix("need checking") {
                text = format!("{start}are **unconfirmed**");
            } else {
                text.push_str(if text.is_empty() { "**Unconfirmed**" } else { ". **Unconfirmed**" });
            }
        }
        text
    }
}

impl Holds {
    fn type_name(&self, link: &dyn Fn(&Table) -> String) -> String {
        match self {
            Self::Number(_) => "number".to_owned(),
            Self::Share(_) => "share".to_owned(),
            Self::Whole { .. } => "whole".to_owned(),
            Self::Truth => "`true` or `false`".to_owned(),
            Self::Text | Self::Word(_) => "text".to_owned(),
            Self::Name => "[name](scenario.md#names)".to_owned(),
            Self::Names { .. } => "array of text".to_owned(),
            Self::Numbers(_) => "array of numbers".to_owned(),
            Self::Pairs { of } => format!("array of pairs {of}"),
            Self::Table(table) => format!("[table]({})", link(table)),
            Self::Tables { each, .. } => format!("array of [tables]({})", link(each)),
            Self::TablesByName { of, each, .. } => format!("table: {of} = [table]({})", link(each)),
            Self::ByName { of, each } => format!("table: {of} = {}", each.type_name(link)),
            Self::Either(several) => several.iter().map(|holds| holds.type_name(link)).collect::<Vec<_>>().join(" or "),
        }
    }

    fn range(&self) -> String {
        match self {
            Self::Share(range) if *range == crate::Range::UNIT => String::new(),
            Self::Number(range) | Self::Numbers(range) | Self::Share(range) => range.to_string(),
            Self::Whole { low, high } => format!("{} to {}", crate::count(*low), crate::count(*high)),
            Self::Word(words) => words().into_iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(", "),
            Self::Names { of } => (*of).to_owned(),
            Self::Tables { most, .. } | Self::TablesByName { most, .. } => {
                format!("1 to {}", crate::count(*most as u64))
            }
            Self::ByName { each, .. } => each.range(),
            Self::Either(several) => {
                several.iter().map(Self::range).find(|range| !range.is_empty()).unwrap_or_default()
            }
            Self::Truth | Self::Text | Self::Name | Self::Pairs { .. } | Self::Table(_) => String::new(),
        }
    }
}
