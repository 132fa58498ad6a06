//! The `[[population.groups]]`: people whose results are reported apart.

use twosided_contracts::Known;
use twosided_form::{At, Key, List, Section, keys, unique};
use twosided_population::PeopleGroup;

/// The groups of a population.
pub(crate) const GROUPS: Key<List> = Key::tables("groups", GroupKeys::TABLE, 20)
    .absent("none", "[{ name = \"dually eligible\", segments = [\"dual\"] }]")
    .meaning("the people whose results are reported apart, as by dual eligibility, social risk or rural residence");

keys! {
    /// People whose results are reported apart.
    pub(crate) struct GroupKeys "population.groups" {
        NAME: String = Key::name().more("Unique among groups");
        SEGMENTS: Vec<At<String>> = Key::names("segments", "names of segments").required("[\"dual\"]")
            .meaning("their segments").more("A segment may be in several groups");
    }
}

/// Reads the groups, whose segments must be known.
pub(crate) fn read_groups(population: &Section<'_>, known: &Known) -> Option<Vec<PeopleGroup>> {
    let mut names: Vec<At<String>> = Vec::new();
    population.optional_tables(&GROUPS, |section| {
        type Keys = GroupKeys;
        let name = section.read_at(&Keys::NAME).filter(|name| unique(&section, &mut names, name, "group"));
        let segments = section.read(&Keys::SEGMENTS).filter(|named| {
            if named.is_empty() {
                let message = format!("{} is empty", section.path_of(Keys::SEGMENTS.name));
                section.wrong(&section.span_of(Keys::SEGMENTS.name), message, "name at least one segment");
            }
            !named.is_empty()
        });
        let segments = segments.and_then(|named| known.segments.all_of(named, &section, &Keys::SEGMENTS));
        section.finish();
        Some(PeopleGroup { name: name?.value, segments: segments? })
    })
}
