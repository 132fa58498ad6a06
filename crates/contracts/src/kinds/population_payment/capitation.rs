//! Capitation: a fixed amount per member, and the duty to pay for the services.

use twosided_form::{At, Key, Section, Table, keys};
use twosided_population::{Observation, ServiceScope};
use twosided_units::{Pmpm, Share};

use crate::{AGREED, Kind, Known, Lan, Listing, OBSERVED, Payment, Settle, Settlement, Year, read};

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

keys! {
    /// The terms of a capitation.
    pub(crate) struct CapitationKeys "terms.capitation" {
        PMPM: Pmpm = read::rate("pmpm").one_of("rate", "400").meaning("the capitation rate");
        PERCENT_OF_PREMIUM: Share = Key::share("percent_of_premium").one_of("rate", "0.85")
            .meaning("the rate as a share of `premium_pmpm`: 85% is `0.85`");
        PREMIUM_PMPM: Pmpm = read::rate("premium_pmpm")
            .absent("required with `percent_of_premium`, refused with `pmpm`", "1_050")
            .ask("a percent of premium needs the premium, as premium_pmpm = 1_050")
            .meaning("the payer's premium, as the contract counts it");
        SERVICES: Vec<At<String>> = read::SERVICES.meaning("the services that the provider is at risk for");
    }
}

impl CapitationRate {
    fn read(section: &Section<'_>) -> Option<Self> {
        type Keys = CapitationKeys;
        let (pmpm, percent) = (Keys::PMPM.name, Keys::PERCENT_OF_PREMIUM.name);
        let premium = section.read(&Keys::PREMIUM_PMPM);
        if section.has(Keys::PREMIUM_PMPM.name) && !section.has(percent) {
            if section.has(pmpm) {
                let message = format!("{} has both `{pmpm}` and `{}`", section.path, Keys::PREMIUM_PMPM.name);
                section.wrong(&section.span, message, format!("a premium goes with `{percent}`"));
            } else {
                section.missing(percent, "a premium needs the share of it that is paid, as 0.85");
            }
            section.read(&Keys::PMPM);
            return None;
        }
        if section.has(percent) && !section.has(pmpm) {
            section.need(&Keys::PREMIUM_PMPM);
        }
        section.choose(
            "rate",
            &[
                (&Keys::PMPM, &|| section.read(&Keys::PMPM).map(Self::Pmpm)),
                (&Keys::PERCENT_OF_PREMIUM, &|| {
                    let percent = section.read(&Keys::PERCENT_OF_PREMIUM)?;
                    Some(Self::PercentOfPremium { percent, premium: premium? })
                }),
            ],
        )
    }
}

impl Kind for Capitation {
    const KEY: &'static str = "capitation";
    const KEYS: &'static Table = CapitationKeys::TABLE;
    const SUMMARY: &'static str = "a fixed payment per member, in place of fees, for services at the provider's risk";
    const LISTING: Listing = Listing {
        lan: "4A (some services), 4N (all); 4B by `lan` where quality counts",
        settles_on: "expenditure on its services",
        source: "a commercial term",
    };
    const EXAMPLE: &'static str = "{ percent_of_premium = 0.85, premium_pmpm = 1_050 }";

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        let services = read::scope(section, &CapitationKeys::SERVICES, known);
        let rate = CapitationRate::read(section);
        Some(Self { rate: rate?, services: services? })
    }
}

impl Settle for Capitation {
    fn lan(&self) -> Lan {
        Lan::of_capitation(&self.services)
    }

    fn services(&self) -> ServiceScope {
        self.services.clone()
    }

    fn payment(&self) -> Payment {
        Payment::AtRisk(self.services.clone())
    }

    fn observes(&self) -> Vec<Observation> {
        vec![Observation::total(self.services.clone())]
    }

    /// ```text
    /// capitation = rate × member months
    /// ```
    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        settlement.number("member months", OBSERVED, year.exposure.0);
        let rate = match self.rate {
            CapitationRate::Pmpm(rate) => settlement.pmpm("capitation rate", AGREED, rate),
            CapitationRate::PercentOfPremium { percent, premium } => {
                settlement.share("percent of premium", AGREED, percent.value());
                settlement.pmpm("premium", AGREED, premium);
                settlement.pmpm("capitation rate", "{percent of premium} × {premium}", self.rate.pmpm())
            }
        };
        let (name, rate) = settlement.rate_of_year(year, ("capitation rate", rate));
        let how = settlement.how(|| format!("{{{name}}} × {{member months}}"));
        settlement.capitation = settlement.dollars("capitation", how, rate * year.exposure);
        settlement.given_up = settlement.dollars("expenditure at risk", OBSERVED, year.figure(0));
        settlement.dollars("left of the capitation", "{capitation} - {expenditure at risk}", settlement.result());
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
        let year = Year::new(MemberMonths(120_000.0), 10_000, &[90_000_000.0]);
        let settlement = capitation.settle(&year);
        assert_eq!(settlement.capitation, Dollars(102_000_000.0));
        assert_eq!(settlement.step("expenditure at risk"), Some(90_000_000.0));
    }
}
