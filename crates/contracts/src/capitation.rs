//! Capitation: a fixed amount per member, and the duty to pay for the services.

use twosided_population::{Observation, ServiceScope};
use twosided_units::{Pmpm, Share};

use crate::{Lan, Settle, Settlement, Step, StepUnit, Year};

/// A payment per member that replaces the fees of the services it covers.
#[derive(Clone, Debug, PartialEq)]
pub struct Capitation {
    /// What is paid.
    pub rate: CapitationRate,
    /// The services that the provider is at risk for.
    pub services: ServiceScope,
}

/// How a capitation is stated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CapitationRate {
    /// Dollars per member per month.
    Pmpm(Pmpm),
    /// A share of the payer's premium.
    PercentOfPremium {
        /// The share.
        percent: Share,
        /// The premium.
        premium: Pmpm,
    },
}

impl CapitationRate {
    /// The rate per member per month.
    pub fn pmpm(self) -> Pmpm {
        match self {
            Self::Pmpm(rate) => rate,
            Self::PercentOfPremium { percent, premium } => Pmpm(premium.0 * percent.value()),
        }
    }
}

impl Settle for Capitation {
    const SUMMARY: &'static str = "a fixed payment per member, in place of fees, for services at the provider's risk";

    fn lan(&self) -> Lan {
        match self.services {
            ServiceScope::All => Lan::CapitationWithoutQuality,
            ServiceScope::Only(_) => Lan::PartialPopulation,
        }
    }

    fn services(&self) -> ServiceScope {
        self.services.clone()
    }

    fn is_capitated(&self) -> bool {
        true
    }

    fn observes(&self) -> Vec<Observation> {
        vec![Observation::total(self.services.clone())]
    }

    /// ```text
    /// capitation = rate × member months
    /// ```
    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::default();
        let rate = self.rate.pmpm();
        settlement.steps.push(Step { name: "capitation rate", value: rate.0, unit: StepUnit::Pmpm });
        let capitation = settlement.dollars("capitation", rate * year.exposure);
        settlement.dollars("expenditure at risk", year.figure(0));
        settlement.capitation = Some(capitation);
        settlement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_units::{Dollars, MemberMonths};

    #[test]
    fn a_percent_of_premium_is_a_rate() {
        let percent = Share::new(0.85).expect("a share");
        let rate = CapitationRate::PercentOfPremium { percent, premium: Pmpm(1_000.0) };
        let capitation = Capitation { rate, services: ServiceScope::All };
        let year = Year { exposure: MemberMonths(120_000.0), members: 10_000, figures: &[90_000_000.0] };
        let settlement = capitation.settle(&year);
        assert_eq!(settlement.capitation, Some(Dollars(102_000_000.0)));
        assert_eq!(settlement.step("expenditure at risk"), Some(90_000_000.0));
    }
}
