//! How the value of a declared key is read: absent, right, or wrong with what would be right.

use std::collections::BTreeMap;

use toml::{Spanned, de::DeValue};
use twosided_units::{Dollars, PerCapita, Pmpm, Share};

use crate::{
    Absent, At, ByName, Holds, Key, KeySpec, List, Literal, Names, Nested, Section, Table, TablesByName, Word, figure,
    list, slips::Numeral,
};

/// A value of a file, with where it stands.
pub type Value<'a> = &'a Spanned<DeValue<'a>>;

/// A type that the value of a key can be read as.
pub trait KeyValue: Sized {
    /// The value of a declared default.
    ///
    /// # Panics
    /// For a literal of another type: the declaration is wrong, which reading any file without the key shows.
    fn of(literal: Literal) -> Self;

    /// Reads a value that is there; notes what is wrong with it. The label is the key's name, or what stands for it in an
    /// array.
    fn read<'a>(section: &Section<'a>, label: &str, value: Value<'a>, key: &KeySpec) -> Option<Self>;
}

impl<'a> Section<'a> {
    /// Reads a key: the default where it is absent and has one, or a note that it is missing where it must be there. `None`
    /// where there is no value.
    pub fn read<T: KeyValue>(&self, key: &Key<T>) -> Option<T> {
        match (self.value_of(key), key.absent) {
            (Some(value), _) => T::read(self, key.name, value, key),
            (None, Absent::Default(default)) => Some(T::of(default)),
            (None, Absent::Required { .. } | Absent::Means { .. } | Absent::OneOf { .. }) => None,
        }
    }

    /// Reads the value of a key that is there.
    pub fn read_present<T: KeyValue>(&self, key: &KeySpec) -> Option<T> {
        T::read(self, key.name, self.get(key.name)?, key)
    }

    /// Reads a key that may be absent; `None` where it is there and wrong.
    pub fn optional<T: KeyValue>(&self, key: &Key<T>) -> Option<Option<T>> {
        if self.has(key.name) { self.read(key).map(Some) } else { Some(None) }
    }

    /// Reads a key, with where its value stands: the table itself where it is absent.
    pub fn read_at<T: KeyValue>(&self, key: &Key<T>) -> Option<At<T>> {
        self.read(key).map(|value| At { value, span: self.span_of(key.name) })
    }

    /// The table at a key; notes that it is missing where it must be there.
    pub fn table(&self, key: &Key<Nested>) -> Option<Self> {
        let value = self.value_of(key)?;
        let Holds::Table(table) = key.holds else { unreachable!("the key is declared as a table") };
        self.section_at(key, value).map(|section| section.of(table))
    }

    /// Reads the table at a key that may be absent; `None` where it is there and wrong.
    pub fn optional_table<T>(&self, key: &Key<Nested>, read: impl FnOnce(Self) -> Option<T>) -> Option<Option<T>> {
        if self.has(key.name) { self.table(key).and_then(read).map(Some) } else { Some(None) }
    }

    /// Reads the tables of an array, from one to the most; `None` where any is wrong, or where there is none.
    pub fn tables<T>(&self, key: &Key<List>, read: impl FnMut(Self) -> Option<T>) -> Option<Vec<T>> {
        let value = self.value_of(key)?;
        let Holds::Tables { each, most } = key.holds else { unreachable!("the key is declared as an array of tables") };
        self.tables_of(key.name, value, (each, most), read)
    }

    /// Reads the tables of a table whose keys are names, from one to the most; `None` where any is wrong, or where there is none.
    pub fn tables_by_name<T>(
        &self,
        key: &Key<TablesByName>,
        mut read: impl FnMut(&At<String>, Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let value = self.value_of(key)?;
        let Holds::TablesByName { each, most, .. } = key.holds else {
            unreachable!("the key is declared as such a table")
        };
        let section = self.section_at(key, value)?;
        let read = section.each_named(most, "entries", |name, section| read(name, section.of(each)));
        section.finish_named();
        read
    }

    /// The table at a key that holds one of several types, where it is a table.
    pub fn either_table<T>(&self, key: &Key<T>) -> Option<Self> {
        let value = self.get(key.name).filter(|value| value.get_ref().is_table())?;
        let Holds::Either(several) = key.holds else {
            unreachable!("the key is declared to hold one of several types")
        };
        let table = several.iter().find_map(|holds| if let Holds::Table(table) = holds { Some(*table) } else { None });
        self.section_at(key, value).map(|section| section.of(table.expect("one of them is a table")))
    }

    /// Reads the tables of an array that may be absent: none then; `None` where any is wrong.
    pub fn optional_tables<T>(&self, key: &Key<List>, read: impl FnMut(Self) -> Option<T>) -> Option<Vec<T>> {
        if self.has(key.name) { self.tables(key, read) } else { Some(Vec::new()) }
    }

    /// Reads the tables of an array that is there, whatever key it stands at; the label is the key's name.
    pub fn tables_of<T>(
        &self,
        label: &str,
        value: Value<'a>,
        (each, most): (&'static Table, usize),
        mut read: impl FnMut(Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.each_of(label, value, most, |section| read(section.of(each)))
    }

    /// The names that are the keys of the table at a key.
    pub fn names_in(&self, key: &Key<TablesByName>) -> Vec<String> {
        let table = self.get(key.name).and_then(|value| value.get_ref().as_table());
        let names = table
            .into_iter()
            .flatten()
            .filter(|(name, value)| !(name.get_ref() == "source" && value.get_ref().is_str()));
        names.map(|(name, _)| name.get_ref().to_string()).collect()
    }

    /// Reads the values of a table whose keys are known names; `None` where any is wrong, or where there is none.
    pub fn by_name<T: KeyValue>(&self, key: &Key<ByName<T>>, names: &Names) -> Option<BTreeMap<String, T>> {
        let value = self.value_of(key)?;
        let Holds::ByName { each, .. } = key.holds else { unreachable!("the key is declared as such a table") };
        let section = self.section_at(key, value)?;
        let of_entry = KeySpec { holds: *each, ..key.spec };
        // Every entry is looked at before one that fails gives the rest up.
        let entries = section.named().map(|(name, value)| {
            let known = names.has(&name, &section, &section.path);
            let value = T::read(&section, &name.value, value, &of_entry)?;
            known.then_some((name.value, value))
        });
        let entries: Vec<Option<(String, T)>> = entries.collect();
        section.finish_named();
        entries.into_iter().collect()
    }

    /// Reads the same where the key may be absent: nothing then; `None` where it is there and wrong.
    pub fn optional_by_name<T: KeyValue>(&self, key: &Key<ByName<T>>, names: &Names) -> Option<BTreeMap<String, T>> {
        if self.has(key.name) { self.by_name(key, names) } else { Some(BTreeMap::new()) }
    }

    /// Reads the one key that is there of a group of which exactly one must be. Where there are more, each is read for its own
    /// problems.
    pub fn choose<T>(&self, group: &'static str, alternatives: &[(&KeySpec, &dyn Fn() -> Option<T>)]) -> Option<T> {
        let present = || alternatives.iter().filter(|(key, _)| self.has(key.name));
        let mut values: Vec<Option<T>> = present().map(|(_, read)| read()).collect();
        let names: Vec<&'static str> = present().map(|(key, _)| key.name).collect();
        match names[..] {
            [_] => return values.pop().flatten(),
            [] => {
                let all: Vec<&'static str> = alternatives.iter().map(|(key, _)| key.name).collect();
                debug_assert_eq!(self.declared.map(|table| table.group(group)).unwrap_or_default(), all);
                self.missing_all(&format!("give one of {}", list(all.into_iter())));
            }
            [first, second, ..] => {
                let message = format!("{} has both `{first}` and `{second}`", self.path);
                self.wrong(&self.span, message, format!("keep one of {}", list(names.iter().copied())));
            }
        }
        None
    }

    fn value_of<T>(&self, key: &Key<T>) -> Option<&'a Spanned<DeValue<'a>>> {
        let value = self.get(key.name);
        if value.is_none() && matches!(key.absent, Absent::Required { .. }) {
            self.missing(key.name, &key.asked());
        }
        value
    }

    /// Notes a value that is of the right type and out of its range.
    fn out_of_range(&self, label: &str, span: &std::ops::Range<usize>, shown: &str, key: &KeySpec) {
        self.wrong(span, format!("{} is {shown}", self.path_of(label)), key.help());
    }
}

fn not_a_default(literal: Literal) -> ! {
    unreachable!("{literal} is no default of a key of this type")
}

impl KeyValue for f64 {
    fn of(literal: Literal) -> Self {
        match literal {
            Literal::Number(number) => number,
            other => not_a_default(other),
        }
    }

    fn read<'a>(section: &Section<'a>, label: &str, value: Value<'a>, key: &KeySpec) -> Option<Self> {
        let range = key.holds.range_of_number().expect("the key is declared as a number");
        let numeral = if range.high <= 1.0 { Numeral::Share } else { Numeral::Number };
        let number = section.numeral_of(label, value, numeral)?.value;
        if range.contains(number) {
            return Some(number);
        }
        section.out_of_range(label, &value.span(), &figure(number), key);
        None
    }
}

impl KeyValue for Share {
    fn of(literal: Literal) -> Self {
        Self::new(f64::of(literal)).expect("a declared default is a share")
    }

    fn read<'a>(section: &Section<'a>, label: &str, value: Value<'a>, key: &KeySpec) -> Option<Self> {
        let Holds::Share(range) = key.holds else { unreachable!("the key is declared as a share") };
        let number = section.numeral_of(label, value, Numeral::Share)?;
        let share = section.share_of(label, &number)?;
        if range.contains(share.value()) {
            return Some(share);
        }
        section.out_of_range(label, &value.span(), &figure(number.value), key);
        None
    }
}

/// Reads amounts of one unit, each a number with a newtype around it.
macro_rules! amounts {
    ($($amount:ident),*) => {
        $(impl KeyValue for $amount {
            fn of(literal: Literal) -> Self {
                Self(f64::of(literal))
            }

            fn read<'a>(section: &Section<'a>, label: &str, value: Value<'a>, key: &KeySpec) -> Option<Self> {
                f64::read(section, label, value, key).map(Self)
            }
        })*
    };
}
amounts!(Dollars, Pmpm, PerCapita);

impl KeyValue for u64 {
    fn of(literal: Literal) -> Self {
        match literal {
            Literal::Whole(number) => number,
            other => not_a_default(other),
        }
    }

    fn read<'a>(section: &Section<'a>, label: &str, value: Value<'a>, key: &KeySpec) -> Option<Self> {
        let Holds::Whole { low, high } = key.holds else { unreachable!("the key is declared as a whole number") };
        section.whole_of(label, value, low, high, &key.help())
    }
}

/// Reads smaller whole numbers, whose range is declared to fit.
macro_rules! whole_numbers {
    ($($number:ident),*) => {
        $(impl KeyValue for $number {
            fn of(literal: Literal) -> Self {
                Self::try_from(u64::of(literal)).expect("a declared default fits its type")
            }

            fn read<'a>(section: &Section<'a>, label: &str, value: Value<'a>, key: &KeySpec) -> Option<Self> {
                u64::read(section, label, value, key)
                    .map(|number| Self::try_from(number).expect("a declared range fits its type"))
            }
        })*
    };
}
whole_numbers!(u16, u32);

impl KeyValue for bool {
    fn of(literal: Literal) -> Self {
        match literal {
            Literal::Truth(truth) => truth,
            other => not_a_default(other),
        }
    }

    fn read<'a>(section: &Section<'a>, label: &str, value: Value<'a>, _: &KeySpec) -> Option<Self> {
        let truth = value.get_ref().as_bool();
        if truth.is_none() {
            section.mistyped(label, value, "true or false");
        }
        truth
    }
}

impl KeyValue for String {
    fn of(literal: Literal) -> Self {
        match literal {
            Literal::Word(word) => word.to_owned(),
            other => not_a_default(other),
        }
    }

    fn read<'a>(section: &Section<'a>, label: &str, value: Value<'a>, key: &KeySpec) -> Option<Self> {
        let text = section.text_of(label, value)?;
        let is_right = !matches!(key.holds, Holds::Name) || section.checked_name(text, &value.span());
        is_right.then(|| text.to_owned())
    }
}

impl<T: Word> KeyValue for T {
    fn of(literal: Literal) -> Self {
        let found = T::WORDS.iter().find(|&&(word, _)| Literal::Word(word) == literal);
        found.map_or_else(|| not_a_default(literal), |&(_, value)| value)
    }

    fn read<'a>(section: &Section<'a>, label: &str, value: Value<'a>, _: &KeySpec) -> Option<Self> {
        let text = section.text_of(label, value)?;
        section.chosen(label, &At { value: text, span: value.span() }, T::WORDS)
    }
}

/// A value that may be declared not to be there.
impl<T: KeyValue> KeyValue for Option<T> {
    fn of(literal: Literal) -> Self {
        (literal != Literal::Absent).then(|| T::of(literal))
    }

    fn read<'a>(section: &Section<'a>, label: &str, value: Value<'a>, key: &KeySpec) -> Option<Self> {
        T::read(section, label, value, key).map(Some)
    }
}

impl KeyValue for Vec<f64> {
    fn of(literal: Literal) -> Self {
        not_a_default(literal)
    }

    fn read<'a>(section: &Section<'a>, label: &str, value: Value<'a>, key: &KeySpec) -> Option<Self> {
        let Some(array) = value.get_ref().as_array() else {
            section.mistyped(label, value, "an array of numbers, as [0.1, 0.3, 0.6]");
            return None;
        };
        // Every number is looked at before one that fails gives the rest up.
        let numbers: Vec<Option<f64>> = (1..)
            .zip(array)
            .map(|(index, entry)| f64::read(section, &format!("{label}[{index}]"), entry, key))
            .collect();
        numbers.into_iter().collect()
    }
}

/// Texts of an array, each with where it stands.
impl KeyValue for Vec<At<String>> {
    fn of(literal: Literal) -> Self {
        not_a_default(literal)
    }

    fn read<'a>(section: &Section<'a>, label: &str, value: Value<'a>, _: &KeySpec) -> Option<Self> {
        section.texts_of(label, value)
    }
}

/// Pairs of numbers of an array, as `[[0.0, 100], [1.0, 5_000]]`, each with where it stands.
impl KeyValue for Vec<At<(f64, f64)>> {
    fn of(literal: Literal) -> Self {
        not_a_default(literal)
    }

    fn read<'a>(section: &Section<'a>, label: &str, value: Value<'a>, _: &KeySpec) -> Option<Self> {
        section.pairs_of(label, value)
    }
}
