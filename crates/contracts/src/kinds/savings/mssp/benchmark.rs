//! The updated benchmark of the Medicare Shared Savings Program: given, or built from base years by enrollment type.
//!
//! # Source
//! 42 CFR § 425.650 to § 425.660 for agreements from 2024 on; the status of each number is in `docs/contracts.md`.

use twosided_form::{Key, Nested, Section, figure, keys};
use twosided_units::{PerCapita, Pmpm, Share};

use crate::{
    AGREED, Settlement,
    read::{self, BenchmarkKeys},
};

use super::construction::{BenchmarkConstruction, ConstructionKeys};

keys! {
    /// The updated benchmark.
    pub(crate) struct MsspBenchmarkKeys "terms.mssp.benchmark" {
        PER_CAPITA: PerCapita = BenchmarkKeys::PER_CAPITA;
        PMPM: Pmpm = BenchmarkKeys::PMPM;
        CONSTRUCTED: Nested = Key::table("constructed", ConstructionKeys::TABLE)
            .one_of("unit", "{ market_share = 0.12, types = [{ name = \"aged non-dual\", base_years = [10_000, 10_400, 10_900], national = 11_500, regional = 11_900, base_share = 1, share = 1 }] }")
            .meaning("the three base years, by enrollment type, that the benchmark is built from")
            .more("After its adjustments it is at least a cent");
    }
}

/// Where the updated benchmark comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct MsspBenchmark {
    per_capita: PerCapita,
    two_way: Option<PerCapita>,
    construction: Option<Box<BenchmarkConstruction>>,
}

impl MsspBenchmark {
    /// A benchmark known per capita, as CMS publishes it.
    pub fn given(per_capita: PerCapita) -> Self {
        Self { per_capita, two_way: None, construction: None }
    }

    /// A benchmark built from base years.
    pub fn constructed(construction: BenchmarkConstruction) -> Self {
        let built = |weight| construction.built(weight, &mut Settlement::default());
        let weight = construction.rules.prospective_weight;
        let two_way = (weight > Share::ZERO).then(|| built(Share::ZERO));
        Self { per_capita: built(weight), two_way, construction: Some(Box::new(construction)) }
    }

    /// The updated benchmark.
    pub fn per_capita(&self) -> PerCapita {
        self.per_capita
    }

    /// The updated benchmark without the prospective trend, where there is one: the guardrail's.
    pub fn two_way(&self) -> Option<PerCapita> {
        self.two_way
    }

    /// The updated benchmark, with the steps that lead to it.
    pub(crate) fn record(&self, settlement: &mut Settlement) -> PerCapita {
        match &self.construction {
            Some(construction) if settlement.records_steps() => {
                construction.built(construction.rules.prospective_weight, settlement)
            }
            _ => settlement.per_capita("updated benchmark per capita", AGREED, self.per_capita),
        }
    }

    /// The steps that lead to the updated benchmark without the prospective trend.
    pub(crate) fn record_two_way(&self, settlement: &mut Settlement) {
        if let Some(construction) = self.construction.as_ref().filter(|_| settlement.records_steps()) {
            construction.built(Share::ZERO, settlement);
        }
    }

    pub(crate) fn read(section: Section<'_>, agreement_start: u16) -> Option<Self> {
        type Keys = MsspBenchmarkKeys;
        let read = section.choose(
            "unit",
            &[
                (&Keys::PER_CAPITA, &|| section.read(&Keys::PER_CAPITA).map(Self::given)),
                (&Keys::PMPM, &|| section.read(&Keys::PMPM).map(|pmpm| Self::given(PerCapita(12.0 * pmpm.0)))),
                (&Keys::CONSTRUCTED, &|| Self::read_constructed(&section, agreement_start)),
            ],
        );
        section.finish();
        read
    }

    fn read_constructed(section: &Section<'_>, agreement_start: u16) -> Option<Self> {
        let key = &MsspBenchmarkKeys::CONSTRUCTED;
        let construction = section.table(key)?;
        let read = BenchmarkConstruction::read(construction, agreement_start).map(Self::constructed)?;
        let least = read.two_way.map_or(read.per_capita.0, |two_way| two_way.0.min(read.per_capita.0));
        if least < read::LEAST {
            let message = format!("{} comes to {} dollars a person-year", section.path_of(key.name), figure(least));
            let help = format!("a benchmark is dollars, from {} on, after its adjustments", figure(read::LEAST));
            section.wrong(&section.span_of(key.name), message, help);
            return None;
        }
        Some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{benchmark_rules::BenchmarkRules, construction::TypeBenchmark},
        *,
    };

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    /// One type whose base years are level, dearer than its region or cheaper.
    fn construction(regional: f64, agreement_start: u16) -> BenchmarkConstruction {
        BenchmarkConstruction {
            rules: BenchmarkRules::of(agreement_start, "1").expect("a first agreement has rules"),
            market_share: share(0.2),
            prior_savings: None,
            low_income_share: Share::ZERO,
            aggregate_risk_ratio: 1.0,
            aggregate_demographic_ratio: 1.0,
            types: vec![TypeBenchmark {
                name: "aged".to_owned(),
                base_years: [PerCapita(11_000.0); 3],
                national_trend: [1.0; 3],
                regional_trend: [1.0; 3],
                risk_scores: [1.0; 3],
                national: PerCapita(12_500.0),
                regional: PerCapita(regional),
                base_share: Share::ONE,
                share: Share::ONE,
                risk_ratio: 1.02,
                prospective_update: 1.045,
                national_update: 1.05,
                regional_update: 1.03,
            }],
        }
    }

    #[test]
    fn a_benchmark_is_history_adjusted_at_this_years_risk_and_price() {
        let built = MsspBenchmark::constructed(construction(12_000.0, 2024));
        // 35% of 1,000 is added; two thirds of 1.034 and a third of 1.045 update it.
        let update = (1.045 + 2.0 * 1.034) / 3.0;
        assert!((built.per_capita().0 - 11_350.0 * 1.02 * update).abs() < 1e-9);
        assert!((built.two_way().expect("it has a prospective trend").0 - 11_350.0 * 1.02 * 1.034).abs() < 1e-9);
    }

    #[test]
    fn a_dearer_aco_keeps_its_history_from_2024_on_and_loses_before() {
        let per_capita = |start| MsspBenchmark::constructed(construction(10_000.0, start)).per_capita().0;
        let update = (1.045 + 2.0 * 1.034) / 3.0;
        assert!((per_capita(2024) - 11_000.0 * 1.02 * update).abs() < 1e-9);
        assert!((per_capita(2022) - (11_000.0 - 150.0) * 1.02 * 1.034).abs() < 1e-9);
        assert_eq!(MsspBenchmark::constructed(construction(10_000.0, 2022)).two_way(), None);
    }

    #[test]
    fn prior_savings_and_low_income_raise_a_benchmark_within_their_cap() {
        let prior = BenchmarkConstruction { prior_savings: Some(PerCapita(900.0)), ..construction(12_000.0, 2025) };
        let update = 1.02 * (1.045 + 2.0 * 1.034) / 3.0;
        let of = |construction: BenchmarkConstruction| MsspBenchmark::constructed(construction).per_capita().0 / update;
        assert!((of(prior.clone()) - 11_450.0).abs() < 1e-9, "half of 900 beats 350");
        let poor = BenchmarkConstruction { low_income_share: share(0.4), ..prior };
        assert!((of(poor.clone()) - (11_450.0 + 0.4 * (625.0 - 450.0))).abs() < 1e-9);
        let below = BenchmarkConstruction { low_income_share: share(0.1), ..poor };
        assert!((of(below) - 11_450.0).abs() < 1e-9);
    }
}
