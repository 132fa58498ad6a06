//! Whether figures are of one year or of a horizon of several.

use crate::{RiskMeasure, Unit};

/// The years that a trial's gain is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// How many.
    pub years: u32,
}

impl Period {
    /// The unit of dollars over the period.
    pub const fn unit(self) -> Unit {
        if self.years == 1 { Unit::UsdAYear } else { Unit::UsdOverAllYears }
    }

    /// The unit of a measure of the gain.
    pub const fn unit_of(self, measure: RiskMeasure) -> Unit {
        if measure.is_probability() { Unit::Probability } else { self.unit() }
    }

    /// A sentence with its words for the period: `{annual}`, `{Annual}`, `{a year}`, `{year}` and `{years}` are kept for one
    /// year, and speak of the horizon and of futures for more.
    pub fn say(self, text: &str) -> String {
        let Self { years } = self;
        let words = if years == 1 {
            ["annual", "Annual", "a year", "in a year", "year", "years"].map(str::to_owned)
        } else {
            let whole = format!("{years}-year");
            [
                whole.clone(),
                whole,
                format!("over {years} years"),
                format!("over {years} years"),
                "future".into(),
                "futures".into(),
            ]
        };
        let keys = ["{annual}", "{Annual}", "{a year}", "{in a year}", "{year}", "{years}"];
        keys.iter().zip(words).fold(text.to_owned(), |text, (key, word)| text.replace(key, &word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_horizon_speaks_of_futures() {
        let text = "{Annual} gain: 5% of {years}, $1M {a year}";
        assert_eq!(Period { years: 1 }.say(text), "Annual gain: 5% of years, $1M a year");
        assert_eq!(Period { years: 3 }.say(text), "3-year gain: 5% of futures, $1M over 3 years");
    }
}
