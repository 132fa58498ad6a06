//! A contract as signed: a name, its terms, and the covers around them.

use std::{fmt, str::FromStr};

use twosided_form::{At, Section, shortened, unique};
use twosided_population::{Observation, Plan, ServiceScope};
use twosided_units::{Dollars, Pmpm};

use crate::{CoverPayments, Covers, Known, Payment, Settlement, Terms, Year, read};

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
    /// The category of a capitation without a quality link: of all care, or of part of it.
    pub(crate) fn of_capitation(services: &ServiceScope) -> Self {
        match services {
            ServiceScope::All => Self::CapitationWithoutQuality,
            ServiceScope::Only(_) => Self::PartialPopulation,
        }
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
    /// What wraps the terms.
    pub covers: Covers,
    /// What taking part costs the provider, per member.
    pub administration: Pmpm,
}

/// Everything one year comes to under an arrangement, before the provider's own books.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settled {
    /// What the terms pay, covers applied.
    pub settlement: Settlement,
    /// Paid by stop-loss and for it.
    pub stop_loss: CoverPayments,
    /// What taking part costs.
    pub administration: Dollars,
}

impl Arrangement {
    /// Reads one contract: its name, terms, category, covers and cost; `None` when anything in it is wrong.
    pub fn read(section: Section<'_>, known: &Known, names: &mut Vec<At<String>>) -> Option<Self> {
        let name = section.name("name").filter(|name| unique(&section, names, name, "contract"));
        section.require("terms", "say what was agreed, as terms.fee_for_service = {} or terms.mssp = { … }");
        let terms = if section.is_text("terms") { named_terms(&section) } else { section.section("terms") };
        let terms = terms.and_then(|terms| Terms::read(terms, known));
        let lan = section.or("lan", None, |section| {
            let codes: Vec<(&'static str, Lan)> = LAN_CODES.iter().map(|&(lan, code)| (code, lan)).collect();
            section.choice("lan", &codes).map(Some)
        });
        let payment = terms.as_ref().map_or(Payment::Fees, |terms| terms.as_settle().payment());
        let covers = section
            .or("covers", Covers::default(), |section| Covers::read(section.section("covers")?, known, &payment));
        let administration = read::dollars_or(&section, "administration_pmpm", 0.0, 0.0, 100_000.0);
        section.finish();
        let terms = terms?;
        Some(Self {
            name: name?.value,
            lan: lan?.unwrap_or_else(|| terms.as_settle().lan()),
            terms,
            covers: covers?,
            administration: Pmpm(administration?),
        })
    }

    /// The services whose cost the terms concern.
    pub fn services(&self) -> ServiceScope {
        self.terms.as_settle().services()
    }

    /// What becomes of fees.
    pub fn payment(&self) -> Payment {
        self.terms.as_settle().payment()
    }

    /// The services whose fees for the provider's own care are [`Year::own_fees`].
    pub fn own_fees(&self) -> ServiceScope {
        self.terms.as_settle().own_fees()
    }

    /// What this arrangement observes, in the order of a year's figures: first the terms, then the covers.
    pub fn observes(&self) -> Vec<Observation> {
        let terms = self.terms.as_settle();
        terms.observes().into_iter().chain(self.covers.observes(&terms.services(), &terms.payment())).collect()
    }

    /// Columns of the plan that hold what this arrangement observes; what the plan lacks is added.
    pub fn columns(&self, plan: &mut Plan) -> Vec<usize> {
        self.observes().into_iter().map(|observation| plan.column(observation)).collect()
    }

    /// Settles one year, given as the figures of [`Arrangement::columns`].
    pub fn settle(&self, year: &Year<'_>) -> Settled {
        let (of_terms, of_covers) = year.figures.split_at(year.figures.len() - self.covers.figures());
        let mut settlement = self.terms.as_settle().settle(&Year { figures: of_terms, ..*year });
        let stop_loss = self.covers.settle(&Year { figures: of_covers, ..*year }, &mut settlement);
        let administration = self.administration * year.exposure + settlement.administration;
        Settled { settlement, stop_loss, administration }
    }
}

/// Notes a kind of terms written as text, and how it is written.
fn named_terms<'a>(section: &Section<'a>) -> Option<Section<'a>> {
    let text = section.text("terms")?;
    let message = format!("{}.terms is the text \"{}\"", section.path, shortened(text.value, 60));
    let help = match section.findings.suggestions.nearest(text.value, Terms::KEYS.iter().copied()) {
        Some("fee_for_service") => "write terms.fee_for_service = {}".to_owned(),
        Some(kind) => format!("write a table, as terms.{kind} = {{ … }}"),
        None => "write a table, as terms.mssp = { … }".to_owned(),
    };
    section.wrong(&text.span, message, help);
    None
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
