//! The delegated model: a medical group capitated for professional services, and a pool for what hospitals cost.

use std::collections::BTreeMap;

use twosided_form::{
    ByName, Holds, Key,
    Literal::{Number, Truth},
    Section, Table, Word, keys,
};
use twosided_population::{Observation, ServiceScope};
use twosided_units::{Dollars, Pmpm, Share};

use crate::{AGREED, Composite, Kind, Known, Lan, Listing, OBSERVED, Payment, Scored, Settle, Settlement, Year, read};

/// A medical group's contract with a plan, both parts as shares of premium.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedRiskPool {
    /// The plan's premium.
    pub premium: Pmpm,
    /// The part of premium that is the group's capitation.
    pub professional_share: Share,
    /// The part of premium that is the pool's budget.
    pub institutional_share: Share,
    /// The part of the capitation that is withheld.
    pub withhold: Share,
    /// The part of what is withheld that is earned back.
    pub earned: Share,
    /// The group's share of a surplus.
    pub surplus_share: Share,
    /// The group's share of a deficit, which is at most what is withheld.
    pub deficit_share: Share,
    /// Whether a deficit is paid out of what is withheld, so that what quality has forfeited cannot pay for it.
    pub deficit_funded_from_withhold: bool,
    /// Who is responsible for which service, by name; the plan for all others.
    pub responsibility: BTreeMap<String, Responsibility>,
}

/// Who is financially responsible for a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Responsibility {
    /// The medical group, out of its capitation.
    Group,
    /// A hospital, out of its own capitation.
    Hospital,
    /// The plan.
    Plan,
    /// The pool.
    Pool,
}

impl Word for Responsibility {
    const WORDS: &'static [(&'static str, Self)] =
        &[("group", Self::Group), ("hospital", Self::Hospital), ("plan", Self::Plan), ("pool", Self::Pool)];
}

/// What stands at a service: who is responsible for it.
const RESPONSIBLE: Holds = Key::<Responsibility>::word("responsibility").spec.holds;

keys! {
    /// The terms of a medical group.
    pub(crate) struct SharedRiskPoolKeys "terms.shared_risk_pool" {
        PREMIUM_PMPM: Pmpm = read::rate("premium_pmpm").required("1_000").meaning("the plan's premium");
        PROFESSIONAL_SHARE: Share = Key::share("professional_share").required("0.4")
            .meaning("the part of premium that is the group's capitation")
            .more("With `institutional_share` it is at most 1");
        INSTITUTIONAL_SHARE: Share = Key::share("institutional_share").default(Number(0.0))
            .meaning("the part of premium that is the pool's budget");
        WITHHOLD: Share =
            Key::share("withhold").default(Number(0.0)).meaning("the part of the capitation that is withheld");
        EARNED: Share =
            Key::share("earned").default(Number(1.0)).meaning("the part of what is withheld that is earned back");
        SURPLUS_SHARE: Share =
            Key::share("surplus_share").default(Number(0.0)).meaning("the group's share of a surplus");
        DEFICIT_SHARE: Share = Key::share("deficit_share").default(Number(0.0))
            .meaning("the group's share of a deficit, which is at most what is withheld");
        DEFICIT_FUNDED_FROM_WITHHOLD: bool = Key::truth("deficit_funded_from_withhold").default(Truth(false))
            .meaning("whether that limit is what is released of the withhold, so that what quality forfeited cannot pay again");
        RESPONSIBILITY: ByName<Responsibility> = Key::by_name("responsibility", "service", &RESPONSIBLE)
            .required("{ professional = \"group\", inpatient = \"pool\" }")
            .ask("say who is responsible for which service, as responsibility = { professional = \"group\", inpatient = \"pool\" }")
            .meaning("who pays for a service")
            .more("Services not named are the plan's. `\"hospital\"` and `\"plan\"` are alike to the group");
    }
}

impl SharedRiskPool {
    fn services_of(&self, wanted: &[Responsibility]) -> ServiceScope {
        let services = self.responsibility.iter().filter(|(_, who)| wanted.contains(who));
        ServiceScope::only(services.map(|(service, _)| service.clone()).collect())
    }

    /// The group's share of the pool.
    ///
    /// ```text
    /// pool  = budget - claims
    /// share = pool >= 0 ? surplus share × pool : max(deficit share × pool, -limit)
    /// ```
    fn pool(
        &self,
        settlement: &mut Settlement,
        budget: Dollars,
        claims: Dollars,
        (withheld, released): (Dollars, Dollars),
    ) -> Dollars {
        let pool = settlement.dollars("pool balance", "{pool budget} - {claims of the pool}", budget - claims);
        if pool >= Dollars::ZERO {
            settlement.share("surplus share", AGREED, self.surplus_share.value());
            return settlement.dollars(
                "share of the pool",
                "{pool balance} × {surplus share}",
                pool * self.surplus_share,
            );
        }
        settlement.share("deficit share", AGREED, self.deficit_share.value());
        let limit = if self.deficit_funded_from_withhold {
            settlement.dollars("limit of a deficit", "{released}", released)
        } else {
            settlement.dollars("limit of a deficit", "{withheld}", withheld)
        };
        settlement.dollars(
            "share of the pool",
            "max({pool balance} × {deficit share}, -{limit of a deficit})",
            (pool * self.deficit_share).max(-limit),
        )
    }
}

impl Kind for SharedRiskPool {
    const KEY: &'static str = "shared_risk_pool";
    const KEYS: &'static Table = SharedRiskPoolKeys::TABLE;
    const SUMMARY: &'static str = "professional capitation with a withhold, and a share of a pool for hospital cost";
    const LISTING: Listing = Listing {
        lan: "4A; 3N by `lan` where the pool alone counts",
        settles_on: "expenditure on the group's services and on the pool's",
        source: "a commercial term",
    };
    const EXAMPLE: &'static str = "{ premium_pmpm = 1_000, professional_share = 0.4, institutional_share = 0.45, withhold = 0.05, earned = 0.9, surplus_share = 0.5, deficit_share = 0.5, responsibility = { professional = \"group\", inpatient = \"pool\", \"post-acute\" = \"pool\", transplants = \"plan\" } }";

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = SharedRiskPoolKeys;
        let premium = section.read(&Keys::PREMIUM_PMPM);
        let professional_share = section.read(&Keys::PROFESSIONAL_SHARE);
        let institutional_share = section.read(&Keys::INSTITUTIONAL_SHARE);
        let withhold = section.read(&Keys::WITHHOLD);
        let earned = read::unless_scored(section, &Keys::EARNED, known, Share::ONE);
        let surplus_share = section.read(&Keys::SURPLUS_SHARE);
        let deficit_share = section.read(&Keys::DEFICIT_SHARE);
        let funded = section.read(&Keys::DEFICIT_FUNDED_FROM_WITHHOLD);
        let responsibility = section.by_name(&Keys::RESPONSIBILITY, &known.services);
        if let (Some(professional), Some(institutional)) = (professional_share, institutional_share)
            && professional.value() + institutional.value() > 1.0 + 1e-9
        {
            let key = Keys::PROFESSIONAL_SHARE.name;
            let message = format!("{} and the institutional share are more than the premium", section.path_of(key));
            section.wrong(&section.span_of(key), message, "together they are at most 1");
            return None;
        }
        Some(Self {
            premium: premium?,
            professional_share: professional_share?,
            institutional_share: institutional_share?,
            withhold: withhold?,
            earned: earned?,
            surplus_share: surplus_share?,
            deficit_share: deficit_share?,
            deficit_funded_from_withhold: funded?,
            responsibility: responsibility?,
        })
    }
}

impl Settle for SharedRiskPool {
    fn lan(&self) -> Lan {
        Lan::PartialPopulation
    }

    fn services(&self) -> ServiceScope {
        self.services_of(&[Responsibility::Group])
    }

    fn payment(&self) -> Payment {
        Payment::AtRisk(self.services_of(&[Responsibility::Group]))
    }

    fn observes(&self) -> Vec<Observation> {
        [Responsibility::Group, Responsibility::Pool].map(|who| Observation::total(self.services_of(&[who]))).to_vec()
    }

    fn scored(&self, composite: &Composite<'_>, _: &mut Settlement) -> Option<Scored> {
        let terms = Self { earned: composite.share(), ..self.clone() };
        Some(Scored { terms: Box::new(terms), steps: &["part earned back"], how: "{composite}" })
    }

    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        settlement.number("member months", OBSERVED, year.exposure.0);
        settlement.pmpm("premium rate", AGREED, self.premium);
        let premium = settlement.dollars("premium", "{premium rate} × {member months}", self.premium * year.exposure);
        settlement.share("professional share", AGREED, self.professional_share.value());
        let professional = settlement.dollars(
            "professional capitation",
            "{premium} × {professional share}",
            premium * self.professional_share,
        );
        settlement.share("withhold", AGREED, self.withhold.value());
        let withheld =
            settlement.dollars("withheld", "{professional capitation} × {withhold}", professional * self.withhold);
        settlement.share("part earned back", AGREED, self.earned.value());
        let released = settlement.dollars("released", "{withheld} × {part earned back}", withheld * self.earned);
        settlement.capitation = settlement.dollars(
            "capitation paid",
            "{professional capitation} - {withheld} + {released}",
            professional - withheld + released,
        );
        settlement.given_up = settlement.dollars("expenditure at risk", OBSERVED, year.figure(0));
        settlement.share("institutional share", AGREED, self.institutional_share.value());
        let budget =
            settlement.dollars("pool budget", "{premium} × {institutional share}", premium * self.institutional_share);
        let claims = settlement.dollars("claims of the pool", OBSERVED, year.figure(1));
        settlement.reconciliation = self.pool(&mut settlement, budget, claims, (withheld, released));
        settlement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_units::MemberMonths;

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    fn settled(earned: f64, deficit_funded_from_withhold: bool, claims: f64) -> f64 {
        let group = SharedRiskPool {
            premium: Pmpm(1_000.0),
            professional_share: share(0.4),
            institutional_share: share(0.45),
            withhold: share(0.02),
            earned: share(earned),
            surplus_share: share(0.5),
            deficit_share: share(0.5),
            deficit_funded_from_withhold,
            responsibility: BTreeMap::new(),
        };
        group.settle(&Year::new(MemberMonths(120_000.0), 10_000, &[0.0, claims])).reconciliation.0
    }

    #[test]
    fn a_deficit_is_limited_by_what_is_withheld_or_left_of_it() {
        assert!((settled(0.5, false, 58e6) + 960_000.0).abs() < 1e-6);
        assert!((settled(0.5, true, 58e6) + 480_000.0).abs() < 1e-6);
        assert!((settled(0.5, true, 54.2e6) + 100_000.0).abs() < 1e-6);
    }

    #[test]
    fn a_pool_of_nothing_has_no_share() {
        assert_eq!(settled(1.0, false, 54e6), 0.0);
    }
}
