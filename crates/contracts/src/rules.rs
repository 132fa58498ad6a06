//! The numbers of a rule: dated defaults with their status and source, each of which a scenario can override by its key.

use twosided_form::{Holds, Key, KeySpec, KeyValue, Literal, Range, Section, Status, Unit};
use twosided_units::{Dollars, Pmpm, Share};

use crate::Corridor;

/// One number of a rule, with its defaults.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its key in a scenario file.
    pub key: KeySpec,
    /// Defaults, from the oldest on.
    pub defaults: &'static [DatedDefault],
}

/// A default that holds from a performance year on, until the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DatedDefault {
    /// The tracks, or other variants of the contract, that it is for; all of them if none is named.
    pub variants: &'static [&'static str],
    /// First performance year.
    pub from: u16,
    /// The value.
    pub value: Literal,
    /// How well it is confirmed.
    pub status: Status,
    /// Where it is from.
    pub source: &'static str,
}

impl Rule {
    /// The default of a variant in a performance year.
    pub fn default_in(&self, performance_year: u16, variant: &str) -> Option<Literal> {
        let dated = self.defaults.iter().filter(of_variant(variant)).filter(|default| default.from <= performance_year);
        dated.max_by_key(|default| default.from).map(|default| default.value)
    }

    /// Whether a default of some year or variant is unconfirmed.
    pub fn is_unconfirmed(&self) -> bool {
        self.defaults.iter().any(|default| default.status == Status::Unconfirmed)
    }

    /// Reads the number where a scenario overrides it, or takes the default.
    pub fn read<T: RuleValue>(&'static self, section: &Section<'_>, performance_year: u16, variant: &str) -> Option<T> {
        if section.has(self.key.name) {
            return section.read_present(&self.key);
        }
        let default = self.default_in(performance_year, variant).map(T::of);
        if default.is_none() {
            let of_variant = self.defaults.iter().filter(of_variant(variant));
            let first = of_variant.map(|default| default.from).min().unwrap_or_default();
            let help = format!("it has no default for {performance_year} (the first is of {first}); give its value");
            section.missing(self.key.name, &help);
        }
        default
    }
}

/// The key of a rule, by its declaration in [`rules!`].
pub(crate) const fn key_of<T: RuleValue>(
    name: &'static str,
    holds: Holds,
    meaning: &'static str,
    defaults: &'static [DatedDefault],
) -> KeySpec {
    let mut status = Status::Design;
    let mut index = 0;
    while index < defaults.len() {
        if matches!(defaults[index].status, Status::Unconfirmed) {
            status = Status::Unconfirmed;
        }
        index += 1;
    }
    let key = Key::<T>::new(name, holds).unit(T::UNIT).meaning(phrase(meaning)).absent(BY_YEAR, "").status(status);
    key.spec
}

/// The text of a line of documentation, without the space before it and the period after it.
const fn phrase(line: &'static str) -> &'static str {
    let line = line.trim_ascii();
    match line.as_bytes() {
        [.., b'.'] => line.split_at(line.len() - 1).0,
        _ => line,
    }
}

/// The default of a dated number, as the reference says it.
const BY_YEAR: &str = "[by year](contracts.md#numbers)";

/// The keys of a table of rules.
pub(crate) const fn keys_of<const N: usize>(rules: &'static [Rule]) -> [&'static KeySpec; N] {
    let mut keys = [&rules[0].key; N];
    let mut index = 0;
    while index < N {
        keys[index] = &rules[index].key;
        index += 1;
    }
    keys
}

/// Whether a default is one of a variant.
fn of_variant(variant: &str) -> impl Fn(&&DatedDefault) -> bool {
    move |default| default.variants.is_empty() || default.variants.contains(&variant)
}

/// A value that a table of rules can hold and a scenario can give.
pub trait RuleValue: KeyValue {
    /// What it is.
    const HOLDS: Holds;
    /// What it counts.
    const UNIT: Unit = Unit::NONE;
}

impl RuleValue for Share {
    const HOLDS: Holds = Holds::Share(Range::UNIT);
}

impl RuleValue for Dollars {
    const HOLDS: Holds = Holds::Number(Range::of(0.0, 1e12));
    const UNIT: Unit = Unit::DOLLARS;
}

impl RuleValue for Pmpm {
    const HOLDS: Holds = Holds::Number(Range::of(0.0, 100_000.0));
    const UNIT: Unit = Unit::PMPM;
}

/// A plain number: a count, a score or a ratio.
impl RuleValue for f64 {
    const HOLDS: Holds = Holds::Number(Range::of(0.0, 1e6));
}

impl RuleValue for bool {
    const HOLDS: Holds = Holds::Truth;
}

impl RuleValue for Corridor {
    const HOLDS: Holds = Corridor::HOLDS;
}

/// A number that some variants do not have.
impl<T: RuleValue> RuleValue for Option<T> {
    const HOLDS: Holds = T::HOLDS;
    const UNIT: Unit = T::UNIT;
}

/// Declares the numbers of a rule: a struct of them, their table, and how they are read.
///
/// ```text
/// rules! {
///     /// The numbers of a program.
///     pub struct ProgramRules {
///         /// Cut from the benchmark.
///         discount: Share {
///             ["global"] 2021 => Number(0.02), Secondary, "source";
///             ["professional"] 2021 => Number(0.0), Secondary, "source";
///         }
///     }
/// }
/// ```
///
/// `[]` holds for all variants; `Absent` is the value of an `Option` that a variant lacks. A number that means something in a
/// narrower range than its type has is declared with it, as `score_divisor: f64 [1.0, 1e6]`.
macro_rules! rules {
    (@holds $type:ty) => { <$type as crate::rules::RuleValue>::HOLDS };
    (@holds $type:ty [$low:literal, $high:literal]) => {
        twosided_form::Holds::Number(twosided_form::Range::of($low, $high))
    };
    (
        $(#[doc = $about:literal])*
        pub struct $name:ident {
            $(
                #[doc = $meaning:literal]
                $key:ident: $type:ty $([$low:literal, $high:literal])? {
                    $([$($variant:literal),*] $from:literal => $kind:ident $(($value:expr))?, $status:ident, $source:literal;)+
                }
            )+
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $(
                #[doc = $meaning]
                pub $key: $type,
            )+
        }

        impl $name {
            /// Each number with its defaults, in order.
            pub const TABLE: &'static [crate::rules::Rule] = &[
                $({
                    const DEFAULTS: &[crate::rules::DatedDefault] = &[$(crate::rules::DatedDefault {
                        variants: &[$($variant),*],
                        from: $from,
                        value: twosided_form::Literal::$kind $(($value))?,
                        status: twosided_form::Status::$status,
                        source: $source,
                    }),+];
                    crate::rules::Rule {
                        key: crate::rules::key_of::<$type>(
                            stringify!($key),
                            crate::rules::rules!(@holds $type $([$low, $high])?),
                            $meaning,
                            DEFAULTS,
                        ),
                        defaults: DEFAULTS,
                    }
                }),+
            ];

            /// Their keys.
            pub const KEYS: &'static [&'static twosided_form::KeySpec] = &crate::rules::keys_of::<{ Self::TABLE.len() }>(Self::TABLE);

            /// The defaults of a variant in a performance year, where there are all of them.
            pub fn of(performance_year: u16, variant: &str) -> Option<Self> {
                let mut rules = Self::TABLE.iter();
                let mut next = || rules.next().expect("one rule a field").default_in(performance_year, variant);
                Some(Self { $($key: twosided_form::KeyValue::of(next()?)),+ })
            }

            /// The defaults, each overridden where the scenario gives its key.
            pub fn read(
                section: &twosided_form::Section<'_>,
                performance_year: u16,
                variant: &str,
            ) -> Option<Self> {
                let mut rules = Self::TABLE.iter();
                let mut next = || rules.next().expect("one rule a field");
                // Every number is looked at before one that fails gives the rest up.
                $(let $key = next().read::<$type>(section, performance_year, variant);)+
                Some(Self { $($key: $key?),+ })
            }
        }
    };
}
pub(crate) use rules;

#[cfg(test)]
mod tests {
    use super::*;

    rules! {
        /// For tests.
        pub struct Tested {
            /// A share.
            discount: Share {
                ["a"] 2020 => Number(0.02), Design, "";
                ["a"] 2023 => Number(0.03), Design, "";
                ["b"] 2020 => Number(0.0), Design, "";
            }
            /// Something that only one has.
            fee: Option<Dollars> {
                [] 2020 => Absent, Design, "";
                ["b"] 2021 => Number(5.0), Design, "";
            }
            /// Something narrow.
            divisor: f64 [1.0, 100.0] {
                [] 2020 => Number(10.0), Design, "";
            }
        }
    }

    #[test]
    fn a_rule_is_a_key_with_the_range_of_its_type_or_its_own() {
        let known = |key: &&KeySpec| (key.name, key.wanted(), key.meaning);
        let keys: Vec<_> = Tested::KEYS.iter().map(known).collect();
        assert_eq!(keys[0], ("discount", "a share, a decimal from 0 to 1".to_owned(), "A share"));
        assert_eq!(keys[2], ("divisor", "a number from 1 to 100".to_owned(), "Something narrow"));
    }

    #[test]
    fn the_latest_default_of_the_variant_holds() {
        let of = |year, variant| Tested::of(year, variant).map(|rules| (rules.discount.value(), rules.fee));
        assert_eq!(of(2022, "a"), Some((0.02, None)));
        assert_eq!(of(2030, "a"), Some((0.03, None)));
        assert_eq!(of(2030, "b"), Some((0.0, Some(Dollars(5.0)))));
        assert_eq!(of(2019, "a"), None);
        assert_eq!(of(2022, "c"), None);
    }

    #[test]
    fn a_scenario_overrides_a_default_and_must_give_one_that_there_is_not() {
        let read = |text: &str, year| {
            let document = twosided_form::Document::new("x", text);
            let read = document.read(|section| {
                let rules = Tested::read(&section, year, "a");
                section.finish();
                rules
            });
            read.ok().map(|(rules, _)| (rules.discount.value(), rules.fee))
        };
        assert_eq!(read("discount = 0.5", 2021), Some((0.5, None)));
        assert_eq!(read("fee = 7", 2024), Some((0.03, Some(Dollars(7.0)))));
        assert_eq!(read("", 2019), None);
        assert_eq!([read("divisor = 1", 2021), read("divisor = 0.9", 2021)], [Some((0.02, None)), None]);
    }
}
