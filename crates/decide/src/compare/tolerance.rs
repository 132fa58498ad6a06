//! Differences that do not matter.

use std::str::FromStr;

use twosided_report::Unit;

/// A difference up to which a figure may move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// A share of the first run's figure, whatever its unit.
    Relative(f64),
    /// Dollars, for figures in dollars.
    Dollars(f64),
    /// A difference of probabilities or shares.
    Points(f64),
}

/// A text that is no tolerance.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "write a share of the figure as 1%, dollars as $50k or $50_000, or percentage points of a probability as 0.5pp"
)]
pub struct ToleranceError;

impl FromStr for Tolerance {
    type Err = ToleranceError;

    fn from_str(text: &str) -> Result<Self, ToleranceError> {
        let text = text.trim().to_ascii_lowercase();
        let number = |digits: &str| {
            let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b','));
            let number: f64 = digits.replace(['_', ','], "").parse().map_err(|_| ToleranceError)?;
            if is_plain && number.is_finite() && number > 0.0 { Ok(number) } else { Err(ToleranceError) }
        };
        if let Some(percent) = text.strip_suffix('%') {
            return Ok(Self::Relative(number(percent)? / 100.0));
        }
        if let Some(points) = text.strip_suffix("pp") {
            return Ok(Self::Points(number(points.trim_end())? / 100.0));
        }
        let dollars = text.strip_prefix('$').ok_or(ToleranceError)?;
        let units = [("k", 1e3), ("m", 1e6), ("b", 1e9)];
        let unit = units.into_iter().find_map(|(suffix, scale)| Some((dollars.strip_suffix(suffix)?, scale)));
        let (digits, scale) = unit.unwrap_or((dollars, 1.0));
        Ok(Self::Dollars(number(digits)? * scale))
    }
}

impl Tolerance {
    /// Whether a difference lies within it, with its whole interval.
    pub(super) fn allows(self, unit: Unit, figure: f64, lower: f64, upper: f64) -> bool {
        let most = match (self, unit) {
            (Self::Relative(share), _) => share * figure.abs(),
            (
                Self::Dollars(dollars),
                Unit::UsdAYear | Unit::UsdOverAllYears | Unit::UsdSinceTheStart | Unit::UsdAPersonYear | Unit::UsdPmpm,
            ) => dollars,
            (Self::Points(points), Unit::Probability | Unit::Share | Unit::Ratio) => points,
            (
                Self::Dollars(_),
                Unit::Probability
                | Unit::Share
                | Unit::PerThousand
                | Unit::Acos
                | Unit::Ratio
                | Unit::Months
                | Unit::Days
                | Unit::Measure
                | Unit::Correlation,
            )
            | (
                Self::Points(_),
                Unit::UsdAYear
                | Unit::UsdOverAllYears
                | Unit::UsdSinceTheStart
                | Unit::UsdAPersonYear
                | Unit::UsdPmpm
                | Unit::PerThousand
                | Unit::Acos
                | Unit::Months
                | Unit::Days
                | Unit::Measure
                | Unit::Correlation,
            ) => return false,
        };
        lower >= -most && upper <= most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerances_are_read_as_people_write_them() {
        let read = |text: &str| text.parse::<Tolerance>();
        assert_eq!(read("1%"), Ok(Tolerance::Relative(0.01)));
        assert_eq!(read("$50k"), Ok(Tolerance::Dollars(50_000.0)));
        assert_eq!(read("$1.5M"), Ok(Tolerance::Dollars(1.5e6)));
        assert_eq!(read("$50_000"), Ok(Tolerance::Dollars(50_000.0)));
        assert_eq!(read("0.5 pp"), Ok(Tolerance::Points(0.005)));
        for wrong in ["", "%", "$", "1", "-1%", "0%", "1e3%", "nan%", "$k", "50k", "inf pp", "$1e999"] {
            assert_eq!(read(wrong), Err(ToleranceError), "{wrong}");
        }
    }

    #[test]
    fn a_tolerance_holds_the_whole_interval_of_its_unit() {
        let dollars = Tolerance::Dollars(100.0);
        assert!(dollars.allows(Unit::UsdAYear, 0.0, -99.0, 100.0));
        assert!(!dollars.allows(Unit::UsdAYear, 0.0, -101.0, 50.0));
        assert!(!dollars.allows(Unit::Probability, 0.5, 0.0, 0.001));
        assert!(Tolerance::Relative(0.01).allows(Unit::PerThousand, -200.0, -2.0, 1.0));
        assert!(!Tolerance::Relative(0.01).allows(Unit::UsdAYear, 200.0, 1.0, f64::INFINITY));
        assert!(Tolerance::Points(0.01).allows(Unit::Share, 0.5, 0.0, 0.01));
    }
}
