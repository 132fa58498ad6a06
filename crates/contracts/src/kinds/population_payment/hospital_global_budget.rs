//! Hospital global budgets: a year's revenue set in advance, whatever the volume.

use twosided_form::{At, Key, Literal::Number, Nested, Range, Section, Table, Unit, keys};
use twosided_population::{Observation, ServiceScope};
use twosided_units::{Dollars, Pmpm, Share};

use crate::{AGREED, Known, Lan, Listing, OBSERVED, Payment, Rule, Settle, Settlement, Year, read, rules::rules};

rules! {
    /// The numbers of a volume adjustment.
    pub struct VolumeRules {
        /// How far volume may be from what is expected before the budget follows, as a share of it.
        corridor: Share {
            [] 2005 => Number(0.05), Design, "programs differ";
        }
        /// Part of the volume beyond the corridor for which the budget follows.
        market_shift_factor: Share {
            [] 2005 => Number(0.5), Design, "programs differ; market-shift adjustments count a part";
        }
    }
}

/// Events a year.
const EVENTS: Unit = Unit { symbol: "events a year", words: "a number of events a year" };

keys! {
    /// The terms of a hospital's year.
    pub(crate) struct HospitalGlobalBudgetKeys "terms.hospital_global_budget" {
        PERFORMANCE_YEAR: u16 =
            read::year("performance_year", read::ANY_YEAR, HospitalGlobalBudget::PERFORMANCE_YEAR);
        BUDGET: Dollars = read::amount("budget", Unit::DOLLARS_A_YEAR).one_of("budget", "48_000_000")
            .meaning("the revenue of the year");
        BUDGET_PMPM: Pmpm = read::rate("budget_pmpm").one_of("budget", "400")
            .meaning("the same per member, so that it follows enrollment");
        QUALITY_ADJUSTMENT: f64 = Key::number("quality_adjustment", Range::of(-1.0, 1.0)).default(Number(0.0))
            .meaning("what quality adds, as a share of the budget");
        SERVICES: Vec<At<String>> = read::NAMED_SERVICES.meaning("the services of which own fees are replaced");
        VOLUME: Nested = Key::table("volume", VolumeKeys::TABLE)
            .absent("none: volume changes nothing", "{ service = \"inpatient\", expected = 2_400 }")
            .meaning("how the budget follows volume");
    }
}

keys! {
    /// How a budget follows volume.
    pub(crate) struct VolumeKeys "terms.hospital_global_budget.volume" with [VolumeRules::KEYS] {
        SERVICE: String = read::SERVICE
            .meaning("the service whose events are the volume").more("Of a service with `annual`, its users are");
        EXPECTED: f64 = Key::quantity("expected", EVENTS, Range::of(1.0, 1e9)).required("2_400")
            .meaning("the events that the budget is for");
    }
}

/// The terms of a hospital's year.
#[derive(Clone, Debug, PartialEq)]
pub struct HospitalGlobalBudget {
    /// The revenue of the year.
    pub budget: Budget,
    /// What quality adds to the budget, as a share of it.
    pub quality_adjustment: f64,
    /// How the budget follows volume; it does not without.
    pub volume: Option<VolumeAdjustment>,
    /// The hospital's services, of which fees are replaced.
    pub services: ServiceScope,
}

/// How a budget is stated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Budget {
    /// Dollars a year.
    Year(Dollars),
    /// Per member per month, so that it follows enrollment.
    Pmpm(Pmpm),
}

/// How a budget follows volume that is far from what is expected.
#[derive(Clone, Debug, PartialEq)]
pub struct VolumeAdjustment {
    /// The service whose events are the volume.
    pub service: String,
    /// Events that the budget is for.
    pub expected: f64,
    /// The corridor and what is beyond it.
    pub rules: VolumeRules,
}

impl VolumeAdjustment {
    fn read(section: Section<'_>, known: &Known, performance_year: u16) -> Option<Self> {
        let service = read::known_service(&section, &VolumeKeys::SERVICE, known);
        let expected = section.read(&VolumeKeys::EXPECTED);
        let rules = VolumeRules::read(&section, performance_year, "");
        section.finish();
        Some(Self { service: service?, expected: expected?, rules: rules? })
    }

    /// ```text
    /// change     = volume / expected - 1
    /// adjustment = budget × factor × the part of the change beyond the corridor
    /// ```
    fn settle(&self, settlement: &mut Settlement, budget: Dollars, volume: f64) -> Dollars {
        settlement.number("volume", OBSERVED, volume);
        settlement.number("expected volume", AGREED, self.expected);
        let change =
            settlement.share("change of volume", "{volume} / {expected volume} - 1", volume / self.expected - 1.0);
        let corridor = settlement.share("volume corridor", AGREED, self.rules.corridor.value());
        let factor = settlement.share("market-shift factor", AGREED, self.rules.market_shift_factor.value());
        settlement.dollars(
            "volume adjustment",
            "{budget} × {market-shift factor} × sign({change of volume}) × max(0, abs({change of volume}) - {volume corridor})",
            budget * (factor * (change.abs() - corridor).max(0.0).copysign(change)),
        )
    }
}

impl HospitalGlobalBudget {
    const PERFORMANCE_YEAR: u16 = 2026;
}

impl Settle for HospitalGlobalBudget {
    const KEY: &'static str = "hospital_global_budget";
    const KEYS: &'static Table = HospitalGlobalBudgetKeys::TABLE;
    const SUMMARY: &'static str = "a hospital's revenue set in advance, in place of fees";
    const LISTING: Listing = Listing {
        lan: "4B",
        settles_on: "nothing, or events of one service beyond a corridor",
        source: "the form of Maryland's model and AHEAD; their formulas are not confirmed",
    };
    const EXAMPLE: &'static str = "{ budget = 48_000_000, quality_adjustment = 0.005, services = [\"inpatient\", \"outpatient\"], volume = { service = \"inpatient\", expected = 115, corridor = 0.03 } }";

    fn rules() -> Vec<&'static [Rule]> {
        vec![VolumeRules::TABLE]
    }

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = HospitalGlobalBudgetKeys;
        let performance_year = section.read(&Keys::PERFORMANCE_YEAR);
        let quality_adjustment = section.read(&Keys::QUALITY_ADJUSTMENT);
        let year = performance_year.unwrap_or(Self::PERFORMANCE_YEAR);
        let volume = section.optional_table(&Keys::VOLUME, |section| VolumeAdjustment::read(section, known, year));
        let services = read::scope(section, &Keys::SERVICES, known);
        let budget = section.choose(
            "budget",
            &[
                (&Keys::BUDGET, &|| section.read(&Keys::BUDGET).map(Budget::Year)),
                (&Keys::BUDGET_PMPM, &|| section.read(&Keys::BUDGET_PMPM).map(Budget::Pmpm)),
            ],
        );
        performance_year?;
        Some(Self { budget: budget?, quality_adjustment: quality_adjustment?, volume: volume?, services: services? })
    }

    fn lan(&self) -> Lan {
        Lan::Population
    }

    fn services(&self) -> ServiceScope {
        self.services.clone()
    }

    fn payment(&self) -> Payment {
        Payment::InPlaceOfFees(self.services.clone())
    }

    fn observes(&self) -> Vec<Observation> {
        self.volume.iter().map(|volume| Observation::Count { service: volume.service.clone() }).collect()
    }

    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        settlement.given_up = year.own_fees;
        let budget = match self.budget {
            Budget::Year(budget) => settlement.dollars("budget", AGREED, budget),
            Budget::Pmpm(rate) => {
                settlement.pmpm("budget rate", AGREED, rate);
                settlement.number("member months", OBSERVED, year.exposure.0);
                settlement.dollars("budget", "{budget rate} × {member months}", rate * year.exposure)
            }
        };
        settlement.share("quality adjustment", AGREED, self.quality_adjustment);
        settlement.capitation = settlement.dollars(
            "budget after quality",
            "{budget} × (1 + {quality adjustment})",
            budget * (1.0 + self.quality_adjustment),
        );
        if let Some(volume) = &self.volume {
            settlement.reconciliation = volume.settle(&mut settlement, budget, year.count(0));
        }
        settlement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_units::MemberMonths;

    #[test]
    fn the_budget_follows_volume_only_beyond_the_corridor() {
        let rules = VolumeRules::of(2026, "").expect("a year of the table");
        let hospital = HospitalGlobalBudget {
            budget: Budget::Year(Dollars(1e6)),
            quality_adjustment: 0.02,
            volume: Some(VolumeAdjustment { service: "stays".to_owned(), expected: 200.0, rules }),
            services: ServiceScope::only(vec!["stays".to_owned()]),
        };
        for (volume, adjustment) in
            [(200.0, 0.0), (210.0, 0.0), (230.0, 50_000.0), (150.0, -100_000.0), (0.0, -475_000.0)]
        {
            let settlement = hospital.settle(&Year::new(MemberMonths(0.0), 0, &[volume]));
            assert!((settlement.reconciliation.0 - adjustment).abs() < 1e-6, "{volume}");
            assert!((settlement.capitation.0 - 1_020_000.0).abs() < 1e-6);
        }
    }
}
