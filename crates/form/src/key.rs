//! The keys of a file as data: each is declared once, beside its reader, with all that a reader, a page of reference or an
//! editor must know of it.
//!
//! [`keys!`](crate::keys) declares the keys of a table. From a declaration come how a value is read and what is said of a wrong
//! one ([`Section::read`](crate::Section::read)), the tables of the reference pages ([`Table::markdown`]), and the JSON Schema
//! ([`Table::schema`]).
//!
//! Over 400 lines: what a key says, how it is declared and what each type of value reads are one vocabulary.

use std::{fmt, marker::PhantomData, ops::Deref};

use crate::{At, figure};

/// What is known of a key, whatever the type that its value is read as.
#[derive(Clone, Copy, Debug)]
pub struct KeySpec {
    /// Its name, as a file writes it.
    pub name: &'static str,
    /// What its value is.
    pub holds: Holds,
    /// The unit of a number.
    pub unit: Unit,
    /// What holds where it is absent.
    pub absent: Absent,
    /// What it is: a noun phrase that continues "give …" and "it is …".
    pub meaning: &'static str,
    /// What a reference page says besides, in sentences.
    pub more: &'static str,
    /// How it is asked for where it must be there and is not; by its meaning and its example if empty.
    pub ask: &'static str,
    /// How well its rule is confirmed.
    pub status: Status,
}

/// A key whose value is read as `T`.
#[derive(Debug)]
pub struct Key<T> {
    /// What is known of it.
    pub spec: KeySpec,
    reads: PhantomData<fn() -> T>,
}

impl<T> Deref for Key<T> {
    type Target = KeySpec;
    fn deref(&self) -> &KeySpec {
        &self.spec
    }
}

/// What the value of a key is.
#[derive(Clone, Copy, Debug)]
pub enum Holds {
    /// A finite number.
    Number(Range),
    /// A decimal from 0 to 1, or a part of that range.
    Share(Range),
    /// A whole number.
    Whole {
        /// The least.
        low: u64,
        /// The most.
        high: u64,
    },
    /// `true` or `false`.
    Truth,
    /// Text.
    Text,
    /// A name by which results are reported.
    Name,
    /// One of a closed set of words.
    Word(fn() -> Vec<&'static str>),
    /// An array of texts, each of which names something.
    Names {
        /// What they name, as "services that some segment has".
        of: &'static str,
    },
    /// An array of numbers.
    Numbers(Range),
    /// An array of pairs of numbers.
    Pairs {
        /// What a pair is, as `[score, points]`.
        of: &'static str,
    },
    /// A table.
    Table(&'static Table),
    /// An array of tables.
    Tables {
        /// Each of them.
        each: &'static Table,
        /// The most that there may be.
        most: usize,
    },
    /// A table of tables whose keys are names.
    TablesByName {
        /// What the keys name.
        of: &'static str,
        /// Each table.
        each: &'static Table,
        /// The most that there may be.
        most: usize,
    },
    /// A table of values whose keys are names.
    ByName {
        /// What the keys name.
        of: &'static str,
        /// Each value.
        each: &'static Holds,
    },
    /// One of several.
    Either(&'static [Holds]),
}

/// The range of a number; each end is in it unless the range is open there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The low end.
    pub low: f64,
    /// The high end.
    pub high: f64,
    above: bool,
    below: bool,
}

impl Range {
    /// From zero to one.
    pub const UNIT: Self = Self::of(0.0, 1.0);

    /// From `low` to `high`.
    pub const fn of(low: f64, high: f64) -> Self {
        Self { low, high, above: false, below: false }
    }

    /// Above `low`, and at most `high`.
    pub const fn above(low: f64, high: f64) -> Self {
        Self { low, high, above: true, below: false }
    }

    /// At least `low`, and below `high`.
    pub const fn below(low: f64, high: f64) -> Self {
        Self { low, high, above: false, below: true }
    }

    /// Above `low` and below `high`.
    pub const fn between(low: f64, high: f64) -> Self {
        Self { low, high, above: true, below: true }
    }

    /// Whether a number lies in it.
    pub fn contains(&self, number: f64) -> bool {
        (self.low..=self.high).contains(&number)
            && !(self.above && number == self.low)
            && !(self.below && number == self.high)
    }

    /// The range after a noun, as "from 0 to 1".
    fn phrase(&self) -> String {
        if self.above { self.to_string() } else { format!("from {self}") }
    }

    /// Whether each end is outside of it.
    pub(crate) fn open(&self) -> (bool, bool) {
        (self.above, self.below)
    }
}

impl fmt::Display for Range {
    /// `0 to 1`, or `above 0 and at most 1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = (figure(self.low), figure(self.high));
        match (self.above, self.below) {
            (false, false) => write!(f, "{low} to {high}"),
            (true, false) => write!(f, "above {low} and at most {high}"),
            (false, true) => write!(f, "{low} to below {high}"),
            (true, true) => write!(f, "above {low} and below {high}"),
        }
    }
}

/// The unit of a number: as a table of reference has it, and in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// As `$ PMPM`; empty for a plain number.
    pub symbol: &'static str,
    /// As "dollars per member per month".
    pub words: &'static str,
}

impl Unit {
    /// A plain number.
    pub const NONE: Self = Self { symbol: "", words: "a number" };
    /// Dollars.
    pub const DOLLARS: Self = Self { symbol: "$", words: "dollars" };
    /// Dollars a year.
    pub const DOLLARS_A_YEAR: Self = Self { symbol: "$ a year", words: "dollars a year" };
    /// Months.
    pub const MONTHS: Self = Self { symbol: "months", words: "months" };
    /// Dollars a person-year.
    pub const PER_PERSON_YEAR: Self = Self { symbol: "$ a person-year", words: "dollars a person-year" };
    /// Dollars per member per month.
    pub const PMPM: Self = Self { symbol: "$ PMPM", words: "dollars per member per month" };
    /// Dollars an episode.
    pub const PER_EPISODE: Self = Self { symbol: "$ an episode", words: "dollars an episode" };
    /// People.
    pub const PEOPLE: Self = Self { symbol: "people", words: "a number of people" };
}

/// A value as a declaration writes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Literal {
    /// A number.
    Number(f64),
    /// A whole number.
    Whole(u64),
    /// Yes or no.
    Truth(bool),
    /// A word of a closed set.
    Word(&'static str),
    /// Bands of a corridor: where each ends, and the provider's share; the last may have no end.
    Bands(&'static [(f64, f64)]),
    /// No such value.
    Absent,
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => f.write_str(&figure(*number)),
            Self::Whole(number) => f.write_str(&crate::count(*number)),
            Self::Truth(truth) => write!(f, "{truth}"),
            Self::Word(word) => write!(f, "\"{word}\""),
            Self::Absent => f.write_str("none"),
            Self::Bands(bands) => {
                let bands: Vec<String> = bands
                    .iter()
                    .map(|&(up_to, share)| match up_to {
                        f64::INFINITY => format!("beyond: {}", figure(share)),
                        _ => format!("to {}: {}", figure(up_to), figure(share)),
                    })
                    .collect();
                f.write_str(&bands.join("; "))
            }
        }
    }
}

/// What holds where a key is absent. An example is a value as a file writes it, by which the key is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Absent {
    /// The file is refused.
    Required {
        /// A value.
        example: &'static str,
    },
    /// A default.
    Default(Literal),
    /// What a reference page says, such as "none" or "all services".
    Means {
        /// In words.
        words: &'static str,
        /// A value.
        example: &'static str,
    },
    /// The file is refused unless exactly one key of its group is there. Groups are distinguished by their names.
    OneOf {
        /// The group's name.
        group: &'static str,
        /// A value.
        example: &'static str,
    },
}

/// How well a rule is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Reproduced from CMS's published results.
    Published,
    /// Read in the statute, the regulation or a CMS file.
    Regulation,
    /// From an account of the regulation.
    Secondary,
    /// A default to check before relying on it.
    Unconfirmed,
    /// A commercial term or a choice of this program.
    Design,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Published => "published",
            Self::Regulation => "regulation",
            Self::Secondary => "secondary",
            Self::Unconfirmed => "**unconfirmed**",
            Self::Design => "design",
        })
    }
}

/// The keys of a table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// What the reference calls it, as `population.trend`; no two tables share it.
    pub name: &'static str,
    /// The keys, in groups that several tables may share.
    pub groups: &'static [&'static [&'static KeySpec]],
}

impl Table {
    /// Every key, in the order of the reference.
    pub fn keys(&self) -> impl Iterator<Item = &'static KeySpec> {
        self.groups.iter().copied().flatten().copied()
    }

    /// The key of that name.
    pub fn key(&self, name: &str) -> Option<&'static KeySpec> {
        self.keys().find(|key| key.name == name)
    }

    /// The names of a group of which exactly one key must be there.
    pub(crate) fn group(&self, group: &str) -> Vec<&'static str> {
        let is_of = |key: &&KeySpec| matches!(key.absent, Absent::OneOf { group: known, .. } if known == group);
        self.keys().filter(is_of).map(|key| key.name).collect()
    }

    /// The tables that its keys hold, itself first, each once.
    pub fn all(&'static self) -> Vec<&'static Self> {
        let mut tables = vec![self];
        let mut next = 0;
        while let Some(table) = tables.get(next).copied() {
            for within in table.keys().flat_map(|key| key.holds.tables()) {
                if tables.iter().all(|known| known.name != within.name) {
                    tables.push(within);
                }
            }
            next += 1;
        }
        tables
    }
}

impl Holds {
    /// The tables that stand at the key.
    fn tables(&self) -> Vec<&'static Table> {
        match self {
            Self::Table(table) | Self::Tables { each: table, .. } | Self::TablesByName { each: table, .. } => {
                vec![table]
            }
            Self::ByName { each, .. } => each.tables(),
            Self::Either(several) => several.iter().flat_map(Self::tables).collect(),
            _ => Vec::new(),
        }
    }
}

/// A closed set of words of a file.
pub trait Word: Copy + 'static {
    /// Each word and what it stands for.
    const WORDS: &'static [(&'static str, Self)];
}

/// Marks a key that holds a table.
#[derive(Debug)]
pub struct Nested;

/// Marks a key that holds an array of tables.
#[derive(Debug)]
pub struct List;

/// Marks a key that holds a table of tables whose keys are names.
#[derive(Debug)]
pub struct TablesByName;

/// Marks a key that holds a table of values whose keys are names.
#[derive(Debug)]
pub struct ByName<T>(PhantomData<T>);

impl<T> Key<T> {
    /// A key that holds something; the other declarations are made from it.
    pub const fn new(name: &'static str, holds: Holds) -> Self {
        let spec = KeySpec {
            name,
            holds,
            unit: Unit::NONE,
            absent: Absent::Means { words: "none", example: "" },
            meaning: "",
            more: "",
            ask: "",
            status: Status::Design,
        };
        Self { spec, reads: PhantomData }
    }

    /// A number within a range, or several.
    pub const fn number(name: &'static str, range: Range) -> Self {
        Self::new(name, Holds::Number(range))
    }

    /// Dollars or another quantity of a unit.
    pub const fn quantity(name: &'static str, unit: Unit, range: Range) -> Self {
        Self::number(name, range).unit(unit)
    }

    /// A share from 0 to 1.
    pub const fn share(name: &'static str) -> Self {
        Self::new(name, Holds::Share(Range::UNIT))
    }

    /// A whole number.
    pub const fn whole(name: &'static str, low: u64, high: u64) -> Self {
        Self::new(name, Holds::Whole { low, high })
    }

    /// What it is, as a noun phrase without an end.
    #[must_use]
    pub const fn meaning(mut self, meaning: &'static str) -> Self {
        self.spec.meaning = meaning;
        self
    }

    /// What a reference page says besides.
    #[must_use]
    pub const fn more(mut self, more: &'static str) -> Self {
        self.spec.more = more;
        self
    }

    /// How it is asked for where it must be there and is not.
    #[must_use]
    pub const fn ask(mut self, ask: &'static str) -> Self {
        self.spec.ask = ask;
        self
    }

    /// The unit of its number.
    #[must_use]
    pub const fn unit(mut self, unit: Unit) -> Self {
        self.spec.unit = unit;
        self
    }

    /// A key without which the file is refused.
    #[must_use]
    pub const fn required(mut self, example: &'static str) -> Self {
        self.spec.absent = Absent::Required { example };
        self
    }

    /// A key with a default.
    #[must_use]
    pub const fn default(mut self, value: Literal) -> Self {
        self.spec.absent = Absent::Default(value);
        self
    }

    /// A key whose absence means something else than a value.
    #[must_use]
    pub const fn absent(mut self, words: &'static str, example: &'static str) -> Self {
        self.spec.absent = Absent::Means { words, example };
        self
    }

    /// A key of a group of which exactly one must be there.
    #[must_use]
    pub const fn one_of(mut self, group: &'static str, example: &'static str) -> Self {
        self.spec.absent = Absent::OneOf { group, example };
        self
    }

    /// How well its rule is confirmed.
    #[must_use]
    pub const fn status(mut self, status: Status) -> Self {
        self.spec.status = status;
        self
    }
}

impl Key<bool> {
    /// `true` or `false`.
    pub const fn truth(name: &'static str) -> Self {
        Self::new(name, Holds::Truth)
    }
}

impl Key<String> {
    /// Text.
    pub const fn text(name: &'static str) -> Self {
        Self::new(name, Holds::Text)
    }

    /// The name of what the table describes, by which results are reported.
    pub const fn name() -> Self {
        Self::new("name", Holds::Name).required("\"…\"").ask("give a name, in quotes")
    }
}

impl Key<Vec<At<String>>> {
    /// An array of texts, each of which names something.
    pub const fn names(name: &'static str, of: &'static str) -> Self {
        Self::new(name, Holds::Names { of })
    }
}

impl Key<Vec<At<(f64, f64)>>> {
    /// An array of pairs of numbers.
    pub const fn pairs(name: &'static str, of: &'static str) -> Self {
        Self::new(name, Holds::Pairs { of })
    }
}

impl Key<Vec<f64>> {
    /// An array of numbers.
    pub const fn numbers(name: &'static str, range: Range) -> Self {
        Self::new(name, Holds::Numbers(range))
    }
}

impl<T: Word> Key<T> {
    /// One of a closed set of words.
    pub const fn word(name: &'static str) -> Self {
        Self::new(name, Holds::Word(words::<T>))
    }
}

fn words<T: Word>() -> Vec<&'static str> {
    T::WORDS.iter().map(|&(word, _)| word).collect()
}

impl Key<Nested> {
    /// A table.
    pub const fn table(name: &'static str, table: &'static Table) -> Self {
        Self::new(name, Holds::Table(table))
    }
}

impl Key<List> {
    /// An array of tables, from one to the most.
    pub const fn tables(name: &'static str, each: &'static Table, most: usize) -> Self {
        Self::new(name, Holds::Tables { each, most })
    }
}

impl Key<TablesByName> {
    /// A table of tables whose keys are names, from one to the most.
    pub const fn tables_by_name(name: &'static str, of: &'static str, each: &'static Table, most: usize) -> Self {
        Self::new(name, Holds::TablesByName { of, each, most })
    }
}

impl<T> Key<ByName<T>> {
    /// A table of values whose keys are names.
    pub const fn by_name(name: &'static str, of: &'static str, each: &'static Holds) -> Self {
        Self::new(name, Holds::ByName { of, each })
    }
}

impl KeySpec {
    /// What to write, as "a number from 0 to 1".
    pub fn wanted(&self) -> String {
        self.holds.wanted(self.unit)
    }

    /// What would be right where the value is wrong: the type, the range and the meaning.
    pub(crate) fn help(&self) -> String {
        let end = if self.meaning.is_empty() { String::new() } else { format!(": {}", plain(self.meaning)) };
        format!("{} is {}{end}", self.name, self.wanted())
    }

    /// How a value is asked for where there is none.
    pub(crate) fn asked(&self) -> String {
        if !self.ask.is_empty() {
            return self.ask.to_owned();
        }
        let meaning = if self.meaning.is_empty() { "it".to_owned() } else { plain(self.meaning) };
        format!("give {meaning}, as {} = {}", self.name, self.example())
    }

    /// A value as a file writes it.
    pub fn example(&self) -> String {
        match self.absent {
            Absent::Required { example } | Absent::Means { example, .. } | Absent::OneOf { example, .. } => {
                example.to_owned()
            }
            Absent::Default(default) => match default {
                Literal::Number(number) => number.to_string(),
                Literal::Whole(number) => number.to_string(),
                other => other.to_string(),
            },
        }
    }
}

/// A meaning without the marks that a page of reference reads: emphasis and links.
fn plain(meaning: &str) -> String {
    let mut text = meaning.replace("**", "");
    while let Some((before, rest)) = text.split_once('[')
        && let Some((label, rest)) = rest.split_once("](")
        && let Some((_, after)) = rest.split_once(')')
    {
        text = format!("{before}{label}{after}");
    }
    text
}

impl Holds {
    /// The range of a number, alone or beside other types.
    pub(crate) fn range_of_number(&self) -> Option<Range> {
        match self {
            Self::Number(range) | Self::Share(range) | Self::Numbers(range) => Some(*range),
            Self::Either(several) => several.iter().find_map(Self::range_of_number),
            _ => None,
        }
    }

    fn wanted(&self, unit: Unit) -> String {
        match self {
            Self::Number(range) => format!("{} {}", unit.words, range.phrase()),
            Self::Share(range) => format!("a share, a decimal {}", range.phrase()),
            Self::Whole { low, high } => {
                format!("a whole number from {} to {}", crate::count(*low), crate::count(*high))
            }
            Self::Truth => "true or false".to_owned(),
            Self::Text => "text in quotes".to_owned(),
            Self::Name => "a name in quotes".to_owned(),
            Self::Word(words) => format!("one of {}", crate::list(words().into_iter())),
            Self::Names { .. } => "an array of names, as [\"…\", \"…\"]".to_owned(),
            Self::Numbers(range) => format!("an array of numbers, each {}", range.phrase()),
            Self::Pairs { of } => format!("an array of pairs, each {of}"),
            Self::Table(_) | Self::TablesByName { .. } | Self::ByName { .. } => "a table".to_owned(),
            Self::Tables { .. } => "an array of tables".to_owned(),
            Self::Either(several) => several.iter().map(|holds| holds.wanted(unit)).collect::<Vec<_>>().join(", or "),
        }
    }
}

/// Declares the keys of a table, each once: a type whose constants are the keys, and the [`Table`] that holds them.
///
/// ```
/// use twosided_form::{Document, Key, Literal::Number, Range, keys};
///
/// keys! {
///     /// How costs grow.
///     pub struct TrendKeys "trend" {
///         MEAN: f64 = Key::number("mean", Range::above(0.0, 10.0)).default(Number(1.0)).meaning("the mean factor");
///         CV: f64 = Key::number("cv", Range::UNIT).default(Number(0.0)).meaning("the standard deviation over the mean");
///     }
/// }
///
/// let document = Document::new("trend.toml", "mean = 1.03");
/// let read = document.read_table(TrendKeys::TABLE, |section| {
///     let factors = (section.read(&TrendKeys::MEAN), section.read(&TrendKeys::CV));
///     section.finish();
///     Some((factors.0?, factors.1?))
/// });
/// assert_eq!(read.expect("it is right").0, (1.03, 0.0));
/// ```
///
/// Keys that several tables share are a declaration of their own, which `with` adds: `struct ServiceKeys "service" with
/// [SeverityKeys] { … }`.
#[macro_export]
macro_rules! keys {
    (
        $(#[doc = $about:literal])*
        $visibility:vis struct $name:ident $table:literal $(with [$($shared:expr),* $(,)?])? {
            $($key:ident: $type:ty = $declared:expr;)*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug)]
        $visibility struct $name;

        #[allow(missing_docs, reason = "a key carries its meaning")]
        impl $name {
            $($visibility const $key: $crate::Key<$type> = $declared;)*

            /// The keys that are declared here.
            $visibility const OWN: &'static [&'static $crate::KeySpec] = &[$(&Self::$key.spec),*];

            /// The table, with the keys that it shares.
            $visibility const TABLE: &'static $crate::Table =
                &$crate::Table { name: $table, groups: &[Self::OWN, $($($shared),*)?] };
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_right_is_said_in_plain_words() {
        let key = Key::<f64>::number("limit", Range::above(0.0, 10.0))
            .required("2")
            .meaning("the most that the **cover** pays, as [there](#x)");
        assert_eq!(key.help(), "limit is a number above 0 and at most 10: the most that the cover pays, as there");
        assert_eq!(key.asked(), "give the most that the cover pays, as there, as limit = 2");
        let key = Key::<f64>::quantity("price", Unit::PER_EPISODE, Range::of(1.0, 1e4)).default(Literal::Number(5.0));
        assert_eq!(key.help(), "price is dollars an episode from 1 to 10,000");
        assert_eq!(key.example(), "5");
        assert_eq!(plain("an array [0.1, 0.3] of numbers"), "an array [0.1, 0.3] of numbers");
    }
}
