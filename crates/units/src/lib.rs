//! The newtypes that numbers wear: dollars, exposure, shares and rates.
//!
//! Only products that mean something compile: [`PerCapita`] × [`PersonYears`] and [`Pmpm`] × [`MemberMonths`] are
//! [`Dollars`]; two amounts of dollars cannot be multiplied.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Div, Mul, Neg, Sub},
};

/// Nominal US dollars. Positive is paid to the provider, negative is owed by it. Rounded only when printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Dollars(pub f64);

impl Dollars {
    /// No money.
    pub const ZERO: Self = Self(0.0);

    /// The smaller of two amounts.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }

    /// The larger of two amounts.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }
}

impl Add for Dollars {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Dollars {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Dollars {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Dollars {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Mul<f64> for Dollars {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        Self(self.0 * factor)
    }
}

impl Mul<Share> for Dollars {
    type Output = Self;
    fn mul(self, share: Share) -> Self {
        Self(self.0 * share.0)
    }
}

/// The ratio of two amounts.
impl Div for Dollars {
    type Output = f64;
    fn div(self, other: Self) -> f64 {
        self.0 / other.0
    }
}

impl Sum for Dollars {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Dollars {
    /// Whole dollars with thousands separators: `-$1,234`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:.0}", self.0.abs());
        if self.0 < 0.0 && digits != "0" {
            f.write_str("-")?;
        }
        f.write_str("$")?;
        f.write_str(&grouped(&digits))
    }
}

/// A count or whole amount with thousands separators.
///
/// ```
/// assert_eq!(twosided_units::grouped("1234567"), "1,234,567");
/// ```
pub fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share, as a decimal from 0 to 1: fifty percent is `0.5`, never `50`.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Share(f64);

impl Share {
    /// Nothing.
    pub const ZERO: Self = Self(0.0);
    /// All of it.
    pub const ONE: Self = Self(1.0);

    /// Checks that the value lies from 0 to 1.
    ///
    /// # Errors
    /// [`ShareError`] when it does not, or is not a number.
    pub fn new(value: f64) -> Result<Self, ShareError> {
        if (0.0..=1.0).contains(&value) { Ok(Self(value)) } else { Err(ShareError(value)) }
    }

    /// The decimal.
    pub const fn value(self) -> f64 {
        self.0
    }

    /// What this share leaves: `1 - share`.
    #[must_use]
    pub fn complement(self) -> Self {
        Self(1.0 - self.0)
    }
}

/// A number that is not a share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShareError(pub f64);

impl fmt::Display for ShareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a share: a share is a decimal from 0 to 1", self.0)
    }
}

impl std::error::Error for ShareError {}

/// Months enrolled, summed over members.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct MemberMonths(pub f64);

impl MemberMonths {
    /// The same exposure in years.
    pub fn person_years(self) -> PersonYears {
        PersonYears(self.0 / 12.0)
    }
}

impl Sum for MemberMonths {
    fn sum<I: Iterator<Item = Self>>(months: I) -> Self {
        Self(months.map(|m| m.0).sum())
    }
}

/// Years enrolled, summed over members: the multiplier of CMS's per-capita figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct PersonYears(pub f64);

/// Dollars per member per month.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Pmpm(pub f64);

impl Mul<MemberMonths> for Pmpm {
    type Output = Dollars;
    fn mul(self, exposure: MemberMonths) -> Dollars {
        Dollars(self.0 * exposure.0)
    }
}

/// Dollars per person-year, the unit of CMS's benchmarks and expenditures.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct PerCapita(pub f64);

impl Mul<PersonYears> for PerCapita {
    type Output = Dollars;
    fn mul(self, exposure: PersonYears) -> Dollars {
        Dollars(self.0 * exposure.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_times_its_own_exposure_is_dollars() {
        let exposure = MemberMonths(120_000.0);
        assert_eq!(Pmpm(10.0) * exposure, Dollars(1_200_000.0));
        assert_eq!(PerCapita(8_800.0) * exposure.person_years(), Dollars(88_000_000.0));
    }

    #[test]
    fn dollars_print_whole_with_separators_and_no_negative_zero() {
        assert_eq!(Dollars(-1_234_567.6).to_string(), "-$1,234,568");
        assert_eq!(Dollars(-0.2).to_string(), "$0");
        assert_eq!(Dollars(999.0).to_string(), "$999");
    }

    #[test]
    fn a_percent_is_not_a_share() {
        assert_eq!(Share::new(50.0), Err(ShareError(50.0)));
        assert!(Share::new(f64::NAN).is_err());
        assert_eq!(Share::new(0.25).map(Share::complement), Share::new(0.75));
    }
}
