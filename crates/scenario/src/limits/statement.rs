//! What a statement about a contract says: a quantity, how it is compared, and with what.

use std::fmt;

use twosided_prob::RiskMeasure;
use twosided_sim::Keep;
use twosided_units::grouped;

/// A quantity that is required to be on one side of a bound, as `P(loss > 2% of benchmark) <= 5%`.
///
/// It is read from text, and its `Display` writes text that is read as the same statement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Statement {
    /// What is measured.
    pub quantity: Quantity,
    /// On which side it must be.
    pub comparison: Comparison,
    /// The bound: a decimal for a probability, else dollars.
    pub bound: f64,
}

/// What can be measured of a contract's outcomes, as `var95` or `P(loss > $2m)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity {
    /// A measure of the gain over the horizon.
    Measure(RiskMeasure),
    /// The probability of an event.
    Probability(Event),
}

/// Something that happens in a trial or does not, as `cost > $11,500 per person-year in year 2`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// What is compared.
    pub subject: Subject,
    /// How.
    pub comparison: Comparison,
    /// With how much: dollars, or a decimal share of the base.
    pub amount: f64,
    /// What the amount is of.
    pub base: Base,
    /// Over which time.
    pub when: When,
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The gain over fee-for-service alone.
    Gain,
    /// The gain with its sign turned.
    Loss,
    /// The margin of the provider.
    Margin,
    /// The expenditure that the contract compares with its benchmark.
    Cost,
}

/// What the amount of an event is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// Dollars as they are.
    Dollars,
    /// Dollars for each person-year.
    PersonYear,
    /// A share of the benchmark.
    Benchmark,
    /// A share of the expenditure that is compared with the benchmark.
    Expenditure,
    /// A share of the provider's fees that the contract leaves in place.
    Fees,
}

/// The time that an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// All years of the horizon together.
    Horizon,
    /// One year, counted from 1.
    Year(u32),
    /// At least one year of the horizon.
    AnyYear,
}

/// How two figures are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`.
    Below,
    /// `<=`.
    AtMost,
    /// `>`.
    Above,
    /// `>=`.
    AtLeast,
}

impl Comparison {
    /// The sign.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Above => ">",
            Self::AtLeast => ">=",
        }
    }

    /// Whether it asks for little rather than for much.
    pub const fn is_upper(self) -> bool {
        matches!(self, Self::Below | Self::AtMost)
    }

    /// Whether it holds; figures that differ by the rounding of amounts of this size are equal.
    pub fn holds(self, figure: f64, bound: f64, size: f64) -> bool {
        const ROUNDING: f64 = 1e-12;
        // A figure without end is not near any bound.
        let rounding = if figure.is_finite() { ROUNDING * size.abs().max(figure.abs()).max(bound.abs()) } else { 0.0 };
        match self {
            Self::Below => figure < bound - rounding,
            Self::AtMost => figure <= bound + rounding,
            Self::Above => figure > bound + rounding,
            Self::AtLeast => figure >= bound - rounding,
        }
    }
}

impl Subject {
    /// Each subject by its word.
    pub const WORDS: [(&'static str, Self); 4] =
        [("gain", Self::Gain), ("loss", Self::Loss), ("margin", Self::Margin), ("cost", Self::Cost)];
}

impl Base {
    /// The words after `of`.
    pub const SHARES: [(&'static str, Self); 3] =
        [("benchmark", Self::Benchmark), ("expenditure", Self::Expenditure), ("fees", Self::Fees)];
}

impl Quantity {
    /// Whether it is a probability, and not an amount of dollars.
    pub const fn is_probability(&self) -> bool {
        match self {
            Self::Measure(measure) => measure.is_probability(),
            Self::Probability(_) => true,
        }
    }

    /// What a run must keep for it.
    pub const fn keep(&self) -> Keep {
        match self {
            Self::Measure(RiskMeasure::MeanMargin)
            | Self::Probability(Event { subject: Subject::Margin, .. } | Event { base: Base::Fees, .. }) => Keep::Lines,
            Self::Measure(_) => Keep::None,
            Self::Probability(_) => Keep::Gains,
        }
    }

    /// The latest year that it names, counted from 1.
    pub const fn latest_year(&self) -> Option<u32> {
        match self {
            Self::Probability(Event { when: When::Year(year), .. }) => Some(*year),
            _ => None,
        }
    }
}

/// The word of a value in a list.
fn word<T: PartialEq>(words: &[(&'static str, T)], of: &T) -> &'static str {
    words.iter().find(|(_, known)| known == of).map_or("", |(word, _)| word)
}

/// Dollars with every digit: `-$1,500,000.5`.
fn dollars(amount: f64) -> String {
    let digits = amount.abs().to_string();
    let (whole, rest) = digits.split_once('.').map_or((digits.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let rest = rest.map(|rest| format!(".{rest}")).unwrap_or_default();
    let sign = if amount < 0.0 { "-" } else { "" };
    format!("{sign}${}{rest}", grouped(whole))
}

/// A share in percent: `2.5%`.
fn percent(share: f64) -> String {
    let rounded: f64 = format!("{:.11e}", 100.0 * share).parse().unwrap_or(100.0 * share);
    format!("{rounded}%")
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { subject, comparison, amount, base, when } = self;
        write!(f, "{} {} ", word(&Subject::WORDS, subject), comparison.sign())?;
        match base {
            Base::Dollars => write!(f, "{}", dollars(*amount)),
            Base::PersonYear => write!(f, "{} per person-year", dollars(*amount)),
            share => write!(f, "{} of {}", percent(*amount), word(&Base::SHARES, share)),
        }?;
        match when {
            When::Horizon => Ok(()),
            When::Year(year) => write!(f, " in year {year}"),
            When::AnyYear => write!(f, " in any year"),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Measure(measure) => f.write_str(measure.label()),
            Self::Probability(event) => write!(f, "P({event})"),
        }
    }
}

impl Statement {
    /// The bound as text: `5%` or `$2,000,000`.
    pub fn bound_text(&self) -> String {
        if self.quantity.is_probability() { percent(self.bound) } else { dollars(self.bound) }
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.quantity, self.comparison.sign(), self.bound_text())
    }
}
