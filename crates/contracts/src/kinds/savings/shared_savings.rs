//! Commercial shared savings: fees as usual, and after the year a share of the difference from a benchmark.

use twosided_form::{At, Key, Nested, Section, Table, keys};
use twosided_population::{Attachment, Limit, Observation, ServiceScope};
use twosided_units::{Dollars, PerCapita};

use crate::{
    AGREED, BenchmarkUse, Kind, Known, Lan, Listing, OBSERVED, Settle, Settlement, Side, Year, read, side::SideKeys,
};

/// Shared savings as payers and providers negotiate them: a gate, a corridor of bands, and a limit on each side.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedSavings {
    /// The target for expenditure.
    pub benchmark: PerCapita,
    /// The services that count.
    pub services: ServiceScope,
    /// Annual cost above which a member's claims do not count.
    pub truncation_point: Option<Dollars>,
    /// How savings are shared.
    pub savings: Side,
    /// How losses are shared; none in a one-sided contract.
    pub losses: Option<Side>,
}

keys! {
    /// The terms of commercial shared savings.
    pub(crate) struct SharedSavingsKeys "terms.shared_savings" {
        BENCHMARK: Nested = read::BENCHMARK;
        SERVICES: Vec<At<String>> = read::SERVICES;
        TRUNCATION_POINT: Dollars = read::TRUNCATION_POINT.more("Segments' own truncation points are not used");
        SAVINGS: Nested = Key::table("savings", SideKeys::TABLE).required("{ sharing_rate = 0.5 }")
            .meaning("how savings are shared");
        LOSSES: Nested = Key::table("losses", SideKeys::TABLE).absent("one-sided: none", "{ sharing_rate = 0.5 }")
            .meaning("how losses are shared");
    }
}

impl Kind for SharedSavings {
    const KEY: &'static str = "shared_savings";
    const KEYS: &'static Table = SharedSavingsKeys::TABLE;
    const SUMMARY: &'static str = "fee-for-service, with savings, or savings and losses, shared through a corridor";
    const LISTING: Listing = Listing {
        lan: "3A without `losses`, 3B with",
        settles_on: "expenditure on its services, each person cut at the contract's `truncation_point`",
        source: "a commercial term",
    };
    const BENCHMARK: BenchmarkUse = BenchmarkUse::Rebased;
    const EXAMPLE: &'static str = "{ benchmark = { per_capita = 10_000 }, savings = { minimum_rate = 0.02, sharing_rate = 0.5, limit = 0.1 }, losses = { minimum_rate = 0.02, corridor = [{ up_to = 0.05, share = 0.5 }, { share = 0.3 }], limit = 0.05 } }";

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = SharedSavingsKeys;
        let benchmark = read::target_of(section, &Keys::BENCHMARK);
        let services = read::scope(section, &Keys::SERVICES, known);
        let truncation_point = section.optional(&Keys::TRUNCATION_POINT);
        let savings = section.table(&Keys::SAVINGS).and_then(Side::read);
        let losses = section.optional_table(&Keys::LOSSES, Side::read);
        Some(Self {
            benchmark: benchmark?,
            services: services?,
            truncation_point: truncation_point?,
            savings: savings?,
            losses: losses?,
        })
    }
}

impl Settle for SharedSavings {
    fn lan(&self) -> Lan {
        if self.losses.is_some() { Lan::Downside } else { Lan::Upside }
    }

    fn services(&self) -> ServiceScope {
        self.services.clone()
    }

    fn observes(&self) -> Vec<Observation> {
        let limit = self.truncation_point.map_or(Limit::Unlimited, Limit::Amount);
        vec![Observation::Layer { services: self.services.clone(), attachment: Attachment::ZERO, limit }]
    }

    /// ```text
    /// difference = |benchmark - expenditure| / benchmark
    /// shared     = difference >= minimum rate ? min(limit, sum over bands of share × part in band) × benchmark : 0
    /// ```
    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        let agreed = settlement.per_capita("benchmark per capita", AGREED, self.benchmark);
        let (name, per_capita) = settlement.benchmark_of_year(year, ("benchmark per capita", agreed));
        let years = year.exposure.person_years();
        settlement.number("person-years", OBSERVED, years.0);
        let how = settlement.how(|| format!("{{{name}}} × {{person-years}}"));
        let benchmark = settlement.dollars("benchmark", how, per_capita * years);
        if benchmark == Dollars::ZERO {
            settlement.remark("nobody was enrolled: there is no benchmark");
            return settlement;
        }
        let expenditure = settlement.dollars("expenditure", OBSERVED, year.figure(0));
        settlement.compare(benchmark, expenditure);
        let savings = settlement.dollars("savings", "{benchmark} - {expenditure}", benchmark - expenditure);
        let rate = settlement.share("savings rate", "{savings} / {benchmark}", savings / benchmark);
        let side = if rate > 0.0 { Some(&self.savings) } else { self.losses.as_ref() };
        let Some(side) = side else {
            settlement.remark("the contract is one-sided: no loss is owed");
            return settlement;
        };
        let names = ("corridor share of benchmark", "share of benchmark after limit");
        let Some(part) = side.settle(&mut settlement, ("savings rate", rate), names.0, names.1) else {
            return settlement;
        };
        settlement.reconciliation =
            settlement.dollars("shared", "{benchmark} × {share of benchmark after limit}", benchmark * part);
        settlement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Band, Corridor};
    use twosided_units::{MemberMonths, Share};

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    fn shared(contract: &SharedSavings, expenditure: f64) -> f64 {
        // 1,000 people at $100,000: a benchmark of $100m.
        contract.settle(&Year::new(MemberMonths(12_000.0), 1_000, &[expenditure])).reconciliation.0
    }

    fn two_sided() -> SharedSavings {
        let band = |up_to, value| Band { up_to, share: share(value) };
        let corridor = Corridor::new(vec![band(Some(0.02), 0.0), band(Some(0.06), 0.5), band(None, 0.25)]);
        let side = Side { minimum_rate: share(0.0), corridor: corridor.expect("rising"), limit: Some(share(0.03)) };
        SharedSavings {
            benchmark: PerCapita(100_000.0),
            services: ServiceScope::All,
            truncation_point: None,
            savings: side.clone(),
            losses: Some(side),
        }
    }

    #[test]
    fn a_corridor_shares_band_by_band() {
        let contract = two_sided();
        assert!((shared(&contract, 99e6)).abs() < 1e-6, "within the dead band");
        assert!((shared(&contract, 95e6) - 1.5e6).abs() < 1e-6, "half of the three points past the dead band");
        assert!((shared(&contract, 106e6) + 2e6).abs() < 1e-6, "half of four points of loss");
        assert!((shared(&contract, 92e6) - 2.5e6).abs() < 1e-6, "and a quarter of two more");
        assert!((shared(&contract, 60e6) - 3e6).abs() < 1e-6, "no more than the limit");
    }

    #[test]
    fn a_gate_shares_from_the_first_dollar_and_one_side_never_owes() {
        let savings = Side { minimum_rate: share(0.02), corridor: Corridor::flat(share(0.5)), limit: None };
        let contract = SharedSavings { savings, losses: None, ..two_sided() };
        assert!(shared(&contract, 98_000_001.0).abs() < 1e-9);
        assert!((shared(&contract, 98e6) - 1e6).abs() < 1e-6);
        assert!(shared(&contract, 150e6).abs() < 1e-9);
    }

    #[test]
    fn what_may_be_owed_is_limited_where_that_is_said() {
        let most = |contract: SharedSavings| crate::Terms::SharedSavings(contract).loss_limit(Dollars(100e6));
        assert_eq!(most(two_sided()), Some(Dollars(3e6)));
        assert_eq!(most(SharedSavings { losses: None, ..two_sided() }), Some(Dollars::ZERO));
        let losses = Some(Side { minimum_rate: share(0.0), corridor: Corridor::flat(share(0.5)), limit: None });
        assert_eq!(most(SharedSavings { losses, ..two_sided() }), None);
    }
}
