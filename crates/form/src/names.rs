//! Names that tables of a file have, and refer to.

use std::collections::BTreeSet;

use crate::{At, KeySpec, Section, shortened};

/// Names that other tables may refer to, such as those of services.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// What is said of a name that is not among them, as "no segment has the service".
    unknown: &'static str,
    known: BTreeSet<String>,
    /// Whether there may be more, which could not be read.
    more: bool,
    /// Whether no name at all means that there is none, and not that none could be read.
    complete: bool,
}

impl Names {
    /// None yet.
    pub fn new(unknown: &'static str) -> Self {
        Self { unknown, known: BTreeSet::new(), more: false, complete: false }
    }

    /// Any name at all, where nothing is there to refer to.
    pub fn any() -> Self {
        Self { unknown: "", known: BTreeSet::new(), more: true, complete: false }
    }

    /// Adds names.
    pub fn extend(&mut self, names: impl IntoIterator<Item = String>) {
        self.known.extend(names);
    }

    /// Says that there are no other names, even if there is none.
    pub fn complete(&mut self) {
        self.complete = true;
    }

    /// Says that there may be names that could not be read.
    pub fn may_be_more(&mut self) {
        self.more = true;
    }

    /// Whether a name is known; notes it if it is not.
    pub fn has(&self, name: &At<String>, section: &Section<'_>, path: &str) -> bool {
        let known = self.more || (self.known.is_empty() && !self.complete) || self.known.contains(&name.value);
        if !known {
            let message = format!("{path}: {} \"{}\"", self.unknown, shortened(&name.value, 60));
            let names = self.known.iter().map(String::as_str);
            let help = if self.known.is_empty() {
                "there is none; add it, or leave the name out".to_owned()
            } else {
                section.findings.suggestions.help(&name.value, names, "the population has")
            };
            section.findings.wrong(&name.span, message, help);
        }
        known
    }
}

impl Names {
    /// The names that a key gives, each of which must be known; `None` where any is not.
    pub fn all_of(&self, named: Vec<At<String>>, section: &Section<'_>, key: &KeySpec) -> Option<Vec<String>> {
        let path = section.path_of(key.name);
        let known = named.iter().filter(|name| self.has(name, section, &path)).count();
        (known == named.len()).then(|| named.into_iter().map(|name| name.value).collect())
    }
}

/// Notes a name that was used before; remembers it.
pub fn unique(section: &Section<'_>, names: &mut Vec<At<String>>, name: &At<String>, what: &str) -> bool {
    let known = names.iter().any(|known| known.value == name.value);
    if known {
        let message = format!("the {what} name \"{}\" is used twice", name.value);
        section.wrong(&name.span, message, format!("results are reported by name; give each {what} its own"));
    }
    names.push(name.clone());
    !known
}
