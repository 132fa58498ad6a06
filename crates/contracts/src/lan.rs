//! Categories of the Health Care Payment Learning and Action Network.

use std::{fmt, str::FromStr};

use twosided_form::Word;
use twosided_population::ServiceScope;

/// Category of the Health Care Payment Learning and Action Network: how far payment has moved from volume to population.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lan {
    /// 1: fee-for-service with no link to quality.
    FeeForService,
    /// 2A: payments for infrastructure.
    Infrastructure,
    /// 2B: pay for reporting.
    Reporting,
    /// 2C: pay for performance.
    Performance,
    /// 3A: shared savings, upside only.
    Upside,
    /// 3B: shared savings and losses.
    Downside,
    /// 3N: risk not linked to quality.
    RiskWithoutQuality,
    /// 4A: population payment for part of care.
    PartialPopulation,
    /// 4B: population payment for all of care.
    Population,
    /// 4C: payer and provider under one roof.
    Integrated,
    /// 4N: capitation not linked to quality.
    CapitationWithoutQuality,
}

impl Word for Lan {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("1", Self::FeeForService),
        ("2A", Self::Infrastructure),
        ("2B", Self::Reporting),
        ("2C", Self::Performance),
        ("3A", Self::Upside),
        ("3B", Self::Downside),
        ("3N", Self::RiskWithoutQuality),
        ("4A", Self::PartialPopulation),
        ("4B", Self::Population),
        ("4C", Self::Integrated),
        ("4N", Self::CapitationWithoutQuality),
    ];
}

impl Lan {
    /// The category of a capitation without a quality link: of all care, or of part of it.
    pub(crate) fn of_capitation(services: &ServiceScope) -> Self {
        match services {
            ServiceScope::All => Self::CapitationWithoutQuality,
            ServiceScope::Only(_) => Self::PartialPopulation,
        }
    }

    /// The category's code, as `3B`.
    pub fn code(self) -> &'static str {
        Self::WORDS[self as usize].0
    }
}

impl fmt::Display for Lan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Not a category.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a LAN category")]
pub struct LanError(pub String);

impl FromStr for Lan {
    type Err = LanError;
    fn from_str(code: &str) -> Result<Self, LanError> {
        Self::WORDS
            .iter()
            .find(|&&(known, _)| known == code)
            .map(|&(_, lan)| lan)
            .ok_or_else(|| LanError(code.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_its_code() {
        for (index, &(code, lan)) in Lan::WORDS.iter().enumerate() {
            assert_eq!(lan as usize, index);
            assert_eq!(code.parse(), Ok(lan));
        }
        assert!("3C".parse::<Lan>().is_err());
    }
}
