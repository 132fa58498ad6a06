//! Primary Care First: a payment per member and a flat fee per visit, moved by performance, in place of fees.

use twosided_form::{
    At, Key,
    Literal::{Number, Truth},
    Range, Section, Table, keys,
};
use twosided_population::{Observation, ServiceScope};
use twosided_units::{Dollars, Pmpm, Share};

use crate::{
    AGREED, Composite, Kind, Known, Lan, Listing, OBSERVED, Payment, Rule, Scored, Settle, Settlement, Year, read,
    rules::rules,
};

rules! {
    /// The numbers of a practice's risk group.
    pub struct PrimaryCareFirstRules {
        /// Professional population-based payment.
        population_based_payment: Pmpm {
            ["1"] 2021 => Number(28.0), Unconfirmed, "Primary Care First payment methodology, 2021";
            ["2"] 2021 => Number(45.0), Unconfirmed, "Primary Care First payment methodology, 2021";
            ["3"] 2021 => Number(100.0), Unconfirmed, "Primary Care First payment methodology, 2021";
            ["4"] 2021 => Number(175.0), Unconfirmed, "Primary Care First payment methodology, 2021";
        }
        /// Flat fee of a face-to-face visit, before geographic adjustment.
        visit_fee: Dollars {
            [] 2021 => Number(40.82), Unconfirmed, "Primary Care First payment methodology, 2021";
        }
        /// Most that performance takes, as a share of the total primary care payment.
        performance_floor: Share {
            [] 2021 => Number(0.10), Unconfirmed, "Primary Care First payment methodology";
        }
        /// Most that performance adds, as a share of the total primary care payment.
        performance_ceiling: Share {
            [] 2021 => Number(0.50), Unconfirmed, "Primary Care First payment methodology";
        }
    }
}

keys! {
    /// The terms of Primary Care First.
    pub(crate) struct PrimaryCareFirstKeys "terms.primary_care_first" with [PrimaryCareFirstRules::KEYS] {
        PERFORMANCE_YEAR: u16 = read::year("performance_year", PrimaryCareFirst::YEARS, PrimaryCareFirst::PERFORMANCE_YEAR)
            .more("The dated numbers begin in 2021, and the model ends with 2025");
        RISK_GROUP: u16 = Key::whole("risk_group", 1, 4).required("2")
            .meaning("the practice's risk group, which picks the payment");
        LEAKAGE: Share = Key::share("leakage").default(Number(0.0))
            .meaning("the part of the practice's patients' primary care visits that are made elsewhere");
        VISIT_SERVICE: String = Key::text("visit_service").required("\"primary care\"")
            .meaning("the service whose events are the visits").more("Of a service with `annual`, its users are");
        OWN_VISITS: Share = Key::share("own_visits").default(Number(1.0))
            .meaning("the part of the visits observed that are made at the practice");
        GEOGRAPHIC_ADJUSTMENT: f64 = Key::number("geographic_adjustment", Range::of(0.0, 10.0)).default(Number(1.0))
            .meaning("the geographic adjustment of the visit fee");
        QUALITY_GATE_MET: bool = Key::truth("quality_gate_met").default(Truth(true))
            .meaning("whether the quality gate is met").more("If not, performance takes `performance_floor`");
        PERFORMANCE_ADJUSTMENT: f64 = Key::number("performance_adjustment", Range::of(-1.0, 10.0)).default(Number(0.0))
            .meaning("what performance adds, as a share of the total primary care payment, before its limits");
        SERVICES: Vec<At<String>> = read::NAMED_SERVICES.meaning("the services whose fees are replaced")
            .more("Others' claims for them are the payer's");
    }
}

/// The terms of a practice.
#[derive(Clone, Debug, PartialEq)]
pub struct PrimaryCareFirst {
    /// The numbers of its risk group.
    pub rules: PrimaryCareFirstRules,
    /// Part of its patients' primary care visits that are made elsewhere.
    pub leakage: Share,
    /// The service whose visits are paid the flat fee.
    pub visit_service: String,
    /// Part of the visits observed that are made at the practice.
    pub own_visits: Share,
    /// Geographic adjustment of the visit fee.
    pub geographic_adjustment: f64,
    /// Whether the quality gate is met; if not, performance takes the most that it can.
    pub quality_gate_met: bool,
    /// What performance adds to the total primary care payment, as a share of it, before its limits.
    pub performance_adjustment: f64,
    /// The services whose fees are replaced.
    pub services: ServiceScope,
}

impl PrimaryCareFirst {
    const PERFORMANCE_YEAR: u16 = 2024;
    /// The last is that of the model.
    const YEARS: (u64, u64) = (read::ANY_YEAR.0, 2025);

    /// What performance moves the payment by.
    fn performance(&self, settlement: &mut Settlement) -> f64 {
        let (floor, ceiling) = (self.rules.performance_floor.value(), self.rules.performance_ceiling.value());
        settlement.share("performance floor", AGREED, floor);
        if !self.quality_gate_met {
            settlement.remark("the quality gate is not met");
            return settlement.share("performance-based adjustment", "-{performance floor}", -floor);
        }
        settlement.share("performance ceiling", AGREED, ceiling);
        settlement.share("performance", AGREED, self.performance_adjustment);
        settlement.share(
            "performance-based adjustment",
            "clamp({performance}, -{performance floor}, {performance ceiling})",
            self.performance_adjustment.clamp(-floor, ceiling),
        )
    }
}

impl Kind for PrimaryCareFirst {
    const KEY: &'static str = "primary_care_first";
    const KEYS: &'static Table = PrimaryCareFirstKeys::TABLE;
    const SUMMARY: &'static str = "a payment per member and a flat visit fee in place of primary care fees";
    const LISTING: Listing = Listing {
        lan: "4A",
        settles_on: "member months, and visits of its `visit_service`",
        source: "Primary Care First Model, 2021 to 2025",
    };
    const EXAMPLE: &'static str = "{ risk_group = 2, leakage = 0.1, visit_service = \"primary care\", services = [\"primary care\"], performance_adjustment = 0.34 }";

    fn rules() -> Vec<&'static [Rule]> {
        vec![PrimaryCareFirstRules::TABLE]
    }

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = PrimaryCareFirstKeys;
        let performance_year = section.read(&Keys::PERFORMANCE_YEAR);
        let risk_group = section.read(&Keys::RISK_GROUP);
        // Where the group cannot be read, the numbers are looked at all the same.
        let group = risk_group.unwrap_or(1).to_string();
        let rules = PrimaryCareFirstRules::read(section, performance_year.unwrap_or(Self::PERFORMANCE_YEAR), &group);
        let leakage = section.read(&Keys::LEAKAGE);
        let visit_service = read::known_service(section, &Keys::VISIT_SERVICE, known);
        let own_visits = section.read(&Keys::OWN_VISITS);
        let geographic_adjustment = section.read(&Keys::GEOGRAPHIC_ADJUSTMENT);
        let quality_gate_met = read::unless_scored(section, &Keys::QUALITY_GATE_MET, known, true);
        let performance_adjustment = section.read(&Keys::PERFORMANCE_ADJUSTMENT);
        let services = read::scope(section, &Keys::SERVICES, known);
        performance_year?;
        risk_group?;
        Some(Self {
            rules: rules?,
            leakage: leakage?,
            visit_service: visit_service?,
            own_visits: own_visits?,
            geographic_adjustment: geographic_adjustment?,
            quality_gate_met: quality_gate_met?,
            performance_adjustment: performance_adjustment?,
            services: services?,
        })
    }
}

impl Settle for PrimaryCareFirst {
    fn lan(&self) -> Lan {
        Lan::PartialPopulation
    }

    fn services(&self) -> ServiceScope {
        self.services.clone()
    }

    fn payment(&self) -> Payment {
        Payment::InPlaceOfFees(self.services.clone())
    }

    fn observes(&self) -> Vec<Observation> {
        vec![Observation::Count { service: self.visit_service.clone() }]
    }

    /// ```text
    /// total primary care payment = rate × member months × (1 - leakage) + visits × visit fee
    /// performance                = total × clamp(adjustment, -floor, ceiling)
    /// ```
    fn scored(&self, composite: &Composite<'_>, settlement: &mut Settlement) -> Option<Scored> {
        settlement.share("composite that the gate asks for", AGREED, composite.gate.value());
        let terms = Self { quality_gate_met: composite.meets_gate(), ..self.clone() };
        Some(Scored { terms: Box::new(terms), steps: &[], how: "" })
    }

    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        settlement.given_up = year.own_fees;
        settlement.rule("Primary Care First payment methodology");
        settlement.number("member months", OBSERVED, year.exposure.0);
        let rate = settlement.pmpm("population-based payment rate", AGREED, self.rules.population_based_payment);
        settlement.share("leakage", AGREED, self.leakage.value());
        let population = settlement.dollars(
            "population-based payment",
            "{population-based payment rate} × {member months} × (1 - {leakage})",
            rate * year.exposure * self.leakage.complement(),
        );
        settlement.number("visits of members", OBSERVED, year.count(0));
        settlement.share("part at the practice", AGREED, self.own_visits.value());
        let visits = year.count(0) * self.own_visits.value();
        settlement.number("visits", "{visits of members} × {part at the practice}", visits);
        let fee = settlement.dollars("flat visit fee", AGREED, self.rules.visit_fee);
        settlement.number("geographic adjustment", AGREED, self.geographic_adjustment);
        let fees = settlement.dollars(
            "visit fees",
            "{visits} × {flat visit fee} × {geographic adjustment}",
            fee * (visits * self.geographic_adjustment),
        );
        settlement.capitation = settlement.dollars(
            "total primary care payment",
            "{population-based payment} + {visit fees}",
            population + fees,
        );
        let adjustment = self.performance(&mut settlement);
        settlement.reconciliation = settlement.dollars(
            "for performance",
            "{total primary care payment} × {performance-based adjustment}",
            settlement.capitation * adjustment,
        );
        settlement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_units::MemberMonths;

    fn practice(leakage: f64, performance_adjustment: f64) -> PrimaryCareFirst {
        PrimaryCareFirst {
            rules: PrimaryCareFirstRules::of(2024, "1").expect("a group of the table"),
            leakage: Share::new(leakage).expect("a share"),
            visit_service: "visits".to_owned(),
            own_visits: Share::ONE,
            geographic_adjustment: 1.0,
            quality_gate_met: true,
            performance_adjustment,
            services: ServiceScope::only(vec!["visits".to_owned()]),
        }
    }

    fn total(practice: &PrimaryCareFirst, months: f64) -> f64 {
        practice.settle(&Year::new(MemberMonths(months), 100, &[1_000.0])).total().0
    }

    #[test]
    fn without_members_or_with_all_visits_elsewhere_only_visits_are_paid() {
        assert!((total(&practice(0.0, 0.0), 0.0) - 40_820.0).abs() < 1e-6);
        assert!((total(&practice(1.0, 0.0), 1_000.0) - 40_820.0).abs() < 1e-6);
    }

    #[test]
    fn performance_is_limited_and_a_missed_gate_is_the_floor() {
        assert!((total(&practice(1.0, 0.8), 0.0) - 61_230.0).abs() < 1e-6);
        assert!((total(&practice(1.0, -0.8), 0.0) - 36_738.0).abs() < 1e-6);
        let missed = PrimaryCareFirst { quality_gate_met: false, ..practice(1.0, 0.5) };
        assert!((total(&missed, 0.0) - 36_738.0).abs() < 1e-6);
    }
}
