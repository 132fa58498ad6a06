//! The numbers of a rule: dated defaults with their status and source, each of which a scenario can override by its key.

use std::fmt;

use twosided_form::{Section, figure};
use twosided_units::{Dollars, Pmpm, Share};

use crate::{Corridor, read};

/// One number of a rule, with its defaults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// Its key in a scenario file.
    pub key: &'static str,
    /// What it is.
    pub meaning: &'static str,
    /// What it counts.
    pub unit: &'static str,
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

/// A value as a table of rules writes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Literal {
    /// A number.
    Number(f64),
    /// Yes or no.
    Truth(bool),
    /// Bands of a corridor: where each ends, and the provider's share; the last may have no end.
    Bands(&'static [(f64, f64)]),
    /// No such number.
    Absent,
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

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => f.write_str(&figure(*number)),
            Self::Truth(truth) => write!(f, "{truth}"),
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
        if section.has(self.key) {
            return T::read(section, self.key);
        }
        let default = self.default_in(performance_year, variant).map(T::of);
        if default.is_none() {
            let of_variant = self.defaults.iter().filter(of_variant(variant));
            let first = of_variant.map(|default| default.from).min().unwrap_or_default();
            let help = format!("it has no default for {performance_year} (the first is of {first}); give its value");
            section.missing(self.key, &help);
        }
        default
    }
}

/// Whether a default is one of a variant.
fn of_variant(variant: &str) -> impl Fn(&&DatedDefault) -> bool {
    move |default| default.variants.is_empty() || default.variants.contains(&variant)
}

/// The performance year, which picks dated defaults.
pub(crate) fn read_performance_year(section: &Section<'_>, default: u16) -> Option<u16> {
    read::year_or(section, "performance_year", default, 2005)
}

/// The same, of a model that has ended.
pub(crate) fn read_year_of_model(section: &Section<'_>, default: u16, last: u16) -> Option<u16> {
    let year = read_performance_year(section, default)?;
    if year > last {
        let message = format!("{} is {year}", section.path_of("performance_year"));
        section.wrong(
            &section.span_of("performance_year"),
            message,
            format!("the model's last performance year was {last}"),
        );
        return None;
    }
    Some(year)
}

/// A value that a table of rules can hold and a scenario can give.
pub trait RuleValue: Sized {
    /// What it counts.
    const UNIT: &'static str;

    /// The value of a default.
    ///
    /// # Panics
    /// When the literal is of another type: a table of rules is wrong, which its test would show.
    fn of(literal: Literal) -> Self;

    /// The value that a scenario gives.
    fn read(section: &Section<'_>, key: &'static str) -> Option<Self>;
}

fn number(literal: Literal) -> f64 {
    match literal {
        Literal::Number(number) => number,
        other => unreachable!("a table of rules holds a number, not {other}"),
    }
}

impl RuleValue for Share {
    const UNIT: &'static str = "share";
    fn of(literal: Literal) -> Self {
        Self::new(number(literal)).expect("a table of rules holds shares")
    }
    fn read(section: &Section<'_>, key: &'static str) -> Option<Self> {
        section.share(key)
    }
}

impl RuleValue for Dollars {
    const UNIT: &'static str = "$";
    fn of(literal: Literal) -> Self {
        Self(number(literal))
    }
    fn read(section: &Section<'_>, key: &'static str) -> Option<Self> {
        let help = format!("{key} is dollars, from 0 to 1e12");
        Some(Self(section.number_within(key, 0.0, 1e12, &help)?.value))
    }
}

impl RuleValue for Pmpm {
    const UNIT: &'static str = "$ PMPM";
    fn of(literal: Literal) -> Self {
        Self(number(literal))
    }
    fn read(section: &Section<'_>, key: &'static str) -> Option<Self> {
        let help = format!("{key} is dollars per member per month, from 0 to 100,000");
        Some(Self(section.number_within(key, 0.0, 100_000.0, &help)?.value))
    }
}

/// A plain number: a count, a score or a ratio.
impl RuleValue for f64 {
    const UNIT: &'static str = "number";
    fn of(literal: Literal) -> Self {
        number(literal)
    }
    fn read(section: &Section<'_>, key: &'static str) -> Option<Self> {
        let help = format!("{key} is a number from 0 to 1,000,000");
        Some(section.number_within(key, 0.0, 1e6, &help)?.value)
    }
}

impl RuleValue for bool {
    const UNIT: &'static str = "`true` or `false`";
    fn of(literal: Literal) -> Self {
        match literal {
            Literal::Truth(truth) => truth,
            other => unreachable!("a table of rules holds true or false, not {other}"),
        }
    }
    fn read(section: &Section<'_>, key: &'static str) -> Option<Self> {
        section.truth(key)
    }
}

impl RuleValue for Corridor {
    const UNIT: &'static str = "bands";
    fn of(literal: Literal) -> Self {
        match literal {
            Literal::Bands(bands) => Self::of_table(bands),
            other => unreachable!("a table of rules holds bands, not {other}"),
        }
    }
    fn read(section: &Section<'_>, key: &'static str) -> Option<Self> {
        Self::read_bands(section, key)
    }
}

/// A number that some variants do not have.
impl<T: RuleValue> RuleValue for Option<T> {
    const UNIT: &'static str = T::UNIT;
    fn of(literal: Literal) -> Self {
        (literal != Literal::Absent).then(|| T::of(literal))
    }
    fn read(section: &Section<'_>, key: &'static str) -> Option<Self> {
        T::read(section, key).map(Some)
    }
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
/// `[]` holds for all variants; `Absent` is the value of an `Option` that a variant lacks.
macro_rules! rules {
    (
        $(#[doc = $about:literal])*
        pub struct $name:ident {
            $(
                #[doc = $meaning:literal]
                $key:ident: $type:ty {
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
                $(crate::rules::Rule {
                    key: stringify!($key),
                    meaning: $meaning,
                    unit: <$type as crate::rules::RuleValue>::UNIT,
                    defaults: &[$(crate::rules::DatedDefault {
                        variants: &[$($variant),*],
                        from: $from,
                        value: crate::rules::Literal::$kind $(($value))?,
                        status: crate::rules::Status::$status,
                        source: $source,
                    }),+],
                }),+
            ];

            /// The defaults of a variant in a performance year, where there are all of them.
            pub fn of(performance_year: u16, variant: &str) -> Option<Self> {
                let mut rules = Self::TABLE.iter();
                let mut next = || rules.next().expect("one rule a field").default_in(performance_year, variant);
                Some(Self { $($key: crate::rules::RuleValue::of(next()?)),+ })
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
        }
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
    }
}
