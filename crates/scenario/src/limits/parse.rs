//! Statements from text, with what is wrong underlined.

use std::str::FromStr;

use twosided_form::{figure, shortened};
use twosided_prob::RiskMeasure;

use super::{
    cursor::{Amount, Cursor, StatementError, nearest},
    statement::{Base, Comparison, Event, Quantity, Statement, Subject, When},
};

/// The last year that a statement may name.
const LAST_YEAR: u32 = 50;

/// What is said of a time that is none.
const TIMES: &str =
    "write `in year 2`, counted from 1, or `in any year`; without either, the event is about all years together";

/// The comparisons, for a message.
const COMPARISONS: &str = "<=, <, >= or >";

impl FromStr for Statement {
    type Err = StatementError;

    fn from_str(text: &str) -> Result<Self, StatementError> {
        let mut cursor = Cursor::new(text)?;
        let quantity = cursor.quantity()?;
        let comparison = cursor.comparison()?;
        let bound = cursor.bound(&quantity)?;
        cursor.end()?;
        Ok(Self { quantity, comparison, bound })
    }
}

impl FromStr for Quantity {
    type Err = StatementError;

    fn from_str(text: &str) -> Result<Self, StatementError> {
        let mut cursor = Cursor::new(text)?;
        let quantity = cursor.quantity()?;
        cursor.end()?;
        Ok(quantity)
    }
}

impl Cursor<'_> {
    /// A measure, or `P(…)` of an event.
    fn quantity(&mut self) -> Result<Quantity, StatementError> {
        self.skip_space();
        let start = self.at;
        if let Some(inside) =
            self.rest().strip_prefix(['P', 'p']).map(str::trim_start).and_then(|rest| rest.strip_prefix('('))
        {
            self.at = self.text.len() - inside.len();
            return self.probability(start);
        }
        let is_name = |character: char| !matches!(character, '<' | '>' | '=' | '≤' | '≥');
        let (name, span) = self.while_next(is_name);
        let name = name.trim_end();
        let span = span.start..span.start + name.len();
        if name.is_empty() {
            return self.wrong(
                span,
                "there is no quantity",
                format!("write {}, or an event, as P(loss > $2m)", measures()),
            );
        }
        let Some(measure) = RiskMeasure::named(name) else {
            let help = match nearest(name, RiskMeasure::ALL.into_iter().map(RiskMeasure::name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None if name.starts_with(['P', 'p']) && name.contains('(') => {
                    "write an event as P(loss > $2m)".to_owned()
                }
                None => format!("write {}, or an event, as P(loss > $2m)", measures()),
            };
            return self.wrong(span, format!("no measure is named `{}`", shortened(name, 40)), help);
        };
        Ok(Quantity::Measure(measure))
    }

    /// What stands within `P(…)`.
    fn probability(&mut self, start: usize) -> Result<Quantity, StatementError> {
        let (word, span) = self.word();
        let subject = self.chosen(word, span.clone(), &Subject::WORDS, "an event is about")?;
        self.skip_space();
        if self.takes(")") {
            let of_zero = format!("write a comparison, as P({word} > $50m)");
            return match subject {
                Subject::Loss => Ok(Quantity::Measure(RiskMeasure::ProbabilityOfLoss)),
                Subject::Gain => Ok(Quantity::Measure(RiskMeasure::ProbabilityOfGain)),
                _ => self.wrong(start..self.at, format!("`{word}` alone is no event"), of_zero),
            };
        }
        let comparison = self.comparison()?;
        let amount = self.amount()?;
        let base = self.base(subject, &amount)?;
        let when = self.when()?;
        self.skip_space();
        if !self.takes(")") {
            let here = self.here();
            let help = "end the event with `)`; before it may stand `of benchmark`, `of expenditure`, `of fees` or `per person-year`, then \
                        `in year 2` or `in any year`";
            return self.wrong(here, "the event does not end here", help);
        }
        Ok(Quantity::Probability(Event { subject, comparison, amount: amount.value, base, when }))
    }

    fn comparison(&mut self) -> Result<Comparison, StatementError> {
        self.skip_space();
        let signs = [
            ("<=", Comparison::AtMost),
            ("≤", Comparison::AtMost),
            (">=", Comparison::AtLeast),
            ("≥", Comparison::AtLeast),
            ("<", Comparison::Below),
            (">", Comparison::Above),
        ];
        if let Some((_, comparison)) = signs.into_iter().find(|(sign, _)| self.takes(sign)) {
            return Ok(comparison);
        }
        let here = self.here();
        if self.rest().starts_with('=') {
            return self.wrong(
                here,
                "an equality is no requirement: a simulated figure never meets it",
                format!("write {COMPARISONS}"),
            );
        }
        self.wrong(here, "a comparison is missing", format!("write {COMPARISONS} and an amount"))
    }

    /// What the amount of an event is of.
    fn base(&mut self, subject: Subject, amount: &Amount) -> Result<Base, StatementError> {
        let before = self.at;
        let (word, start) = self.word();
        match word {
            "of" => {
                let (word, span) = self.word();
                let base = self.chosen(word, span.clone(), &Base::SHARES, "an amount is a share of")?;
                let whole = start.start..span.end;
                if amount.dollars {
                    return self.wrong(
                        amount.span.clone(),
                        format!("dollars are no share of {word}"),
                        format!("write a share, as 2% of {word}, or dollars alone"),
                    );
                }
                if !amount.percent && amount.value.abs() >= 2.0 {
                    let share = figure(amount.value);
                    return self.wrong(
                        amount.span.clone(),
                        format!("{share} of {word} is {}%", figure(100.0 * amount.value)),
                        format!("write {share}% for {share} percent, or its hundredths as a decimal"),
                    );
                }
                if (subject, base) == (Subject::Cost, Base::Expenditure) {
                    return self.wrong(
                        whole,
                        "the cost is the expenditure",
                        "write a share of the benchmark, or dollars",
                    );
                }
                Ok(base)
            }
            "per" => {
                let (first, mut span) = self.word();
                let (person, year) = first.split_once('-').map_or((first, None), |(person, year)| (person, Some(year)));
                let year = year.unwrap_or_else(|| {
                    let (year, of_year) = self.word();
                    span.end = of_year.end;
                    year
                });
                if (person, year) != ("person", "year") {
                    return self.wrong(
                        span,
                        "an amount is of dollars per person-year, or of dollars",
                        "write `per person-year`",
                    );
                }
                if amount.percent {
                    return self.wrong(
                        amount.span.clone(),
                        "a percent is no amount per person-year",
                        "write dollars, as $11,500 per person-year",
                    );
                }
                Ok(Base::PersonYear)
            }
            _ => {
                self.at = before;
                if amount.percent {
                    let help = format!(
                        "write {}% of benchmark, of expenditure or of fees; or dollars",
                        figure(100.0 * amount.value)
                    );
                    return self.wrong(amount.span.clone(), "a percent is of something", help);
                }
                Ok(Base::Dollars)
            }
        }
    }

    /// The time of an event.
    fn when(&mut self) -> Result<When, StatementError> {
        let before = self.at;
        let (word, _) = self.word();
        if word != "in" {
            self.at = before;
            return Ok(When::Horizon);
        }
        let (word, span) = self.word();
        match word {
            "any" => {
                let (year, of_year) = self.word();
                if year == "year" {
                    Ok(When::AnyYear)
                } else {
                    self.wrong(span.start..of_year.end, "this is no time", TIMES)
                }
            }
            "year" => {
                self.skip_space();
                let (digits, of_digits) = self.while_next(|character| character.is_ascii_digit());
                let year = digits.parse().ok().filter(|year| (1..=LAST_YEAR).contains(year));
                let span = if digits.is_empty() { span } else { of_digits };
                year.map_or_else(
                    || self.wrong(span, format!("a year is a whole number from 1 to {LAST_YEAR}"), TIMES),
                    |year| Ok(When::Year(year)),
                )
            }
            _ => self.wrong(span, "this is no time", TIMES),
        }
    }

    /// The bound of a statement.
    fn bound(&mut self, quantity: &Quantity) -> Result<f64, StatementError> {
        let amount = self.amount()?;
        let span = amount.span.clone();
        if quantity.is_probability() {
            if amount.dollars {
                return self.wrong(span, "a probability is no amount of dollars", "write a probability, as 5% or 0.05");
            }
            if !(0.0..=1.0).contains(&amount.value) {
                let value = figure(amount.value);
                let is_percent = !amount.percent && (1.0..=100.0).contains(&amount.value);
                let help = if is_percent {
                    format!("write {value}% for {value} percent")
                } else {
                    "write a probability from 0% to 100%, as 5% or 0.05".to_owned()
                };
                return self.wrong(span, "a probability is from 0 to 1", help);
            }
        } else if amount.percent {
            return self.wrong(span, format!("the {quantity} is an amount of dollars, and no percent"), "write dollars, as $2m; for a share of the benchmark write an event, as P(loss > 2% of benchmark) <= 5%");
        }
        Ok(amount.value)
    }
}

fn measures() -> String {
    twosided_form::list(RiskMeasure::ALL.into_iter().map(RiskMeasure::name))
}
