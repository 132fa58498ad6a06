//! A contract as signed: a name, its terms, and the covers around them.

use std::{fmt, str::FromStr};

use twosided_population::{Plan, ServiceScope};
use twosided_units::{Dollars, Pmpm};

use crate::{Covers, Settlement, Terms, Year};

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

const LAN_CODES: [(Lan, &str); 11] = [
    (Lan::FeeForService, "1"),
    (Lan::Infrastructure, "2A"),
    (Lan::Reporting, "2B"),
    (Lan::Performance, "2C"),
    (Lan::Upside, "3A"),
    (Lan::Downside, "3B"),
    (Lan::RiskWithoutQuality, "3N"),
    (Lan::PartialPopulation, "4A"),
    (Lan::Population, "4B"),
    (Lan::Integrated, "4C"),
    (Lan::CapitationWithoutQuality, "4N"),
];

impl Lan {
    /// The codes of all categories, in order.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        LAN_CODES.iter().map(|&(_, code)| code)
    }

    /// The category's code, as `3B`.
    pub fn code(self) -> &'static str {
        LAN_CODES[self as usize].1
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
        LAN_CODES
            .iter()
            .find(|&&(_, known)| known == code)
            .map(|&(lan, _)| lan)
            .ok_or_else(|| LanError(code.to_owned()))
    }
}

/// A contract as signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrangement {
    /// Unique name; results are reported by it.
    pub name: String,
    /// Where it stands on the continuum.
    pub lan: Lan,
    /// What the parties agreed.
    pub terms: Terms,
    /// Stop-loss around the provider's risk.
    pub covers: Covers,
    /// What taking part costs the provider, per member.
    pub administration: Pmpm,
}

/// Everything one year comes to under an arrangement, before the provider's own books.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settled {
    /// What the terms pay.
    pub settlement: Settlement,
    /// Paid by covers.
    pub recoveries: Dollars,
    /// Paid for covers.
    pub premiums: Dollars,
    /// What taking part costs.
    pub administration: Dollars,
}

impl Arrangement {
    /// The default category of terms.
    pub fn default_lan(terms: &Terms) -> Lan {
        terms.as_settle().lan()
    }

    /// The services whose cost the terms concern.
    pub fn services(&self) -> ServiceScope {
        self.terms.as_settle().services()
    }

    /// Whether the services are paid for by capitation in place of fees.
    pub fn is_capitated(&self) -> bool {
        self.terms.as_settle().is_capitated()
    }

    /// Columns of the plan that hold what this arrangement observes; what the plan lacks is added.
    pub fn columns(&self, plan: &mut Plan) -> Vec<usize> {
        let observations = self.terms.as_settle().observes().into_iter().chain(self.covers.observes(&self.services()));
        observations.map(|observation| plan.column(observation)).collect()
    }

    /// Settles one year, given as the figures of [`Arrangement::columns`].
    pub fn settle(&self, year: &Year<'_>) -> Settled {
        let observed_by_covers = self.covers.observes(&ServiceScope::All).len();
        let (of_terms, of_covers) = year.figures.split_at(year.figures.len() - observed_by_covers);
        let mut settlement = self.terms.as_settle().settle(&Year { figures: of_terms, ..*year });
        let (recoveries, premiums) = self.covers.settle(&Year { figures: of_covers, ..*year }, &mut settlement);
        Settled { settlement, recoveries, premiums, administration: self.administration * year.exposure }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_its_code() {
        for (place, (lan, code)) in LAN_CODES.into_iter().enumerate() {
            assert_eq!(lan as usize, place);
            assert_eq!(code.parse(), Ok(lan));
        }
        assert!("3C".parse::<Lan>().is_err());
    }
}
