//! Medicare Shared Savings Program: the terms of an ACO's performance year.
//!
//! # Source
//! 42 CFR part 425; the status of each number is in `docs/contracts.md`.

mod advance_payments;
mod benchmark;
mod benchmark_rules;
mod built;
mod construction;
mod reconciliation;
mod rules;
mod terms;
#[cfg(test)]
mod tests;
mod track;

pub use advance_payments::{AdvancePayments, AdvanceRules};
pub use benchmark::MsspBenchmark;
pub use benchmark_rules::{BenchmarkRules, annualized, guardrail};
pub use construction::{BenchmarkConstruction, TypeBenchmark};
pub use rules::{MsspRules, minimum_savings_rate};
pub use terms::{DisasterRelief, MinimumRate, Mssp, PerformanceYear, QualityStandard, RevenueCategory};
pub use track::Track;

use twosided_form::{At, Section, shortened};
use twosided_population::{Attachment, Limit, Observation, ServiceScope};
use twosided_units::{Dollars, Share};

use crate::{
    BenchmarkUse, Known, Lan, Listing, OBSERVED, Rule, Settle, Settlement, Year, read, rules::read_performance_year,
};

use reconciliation::{PER_CAPITA, benchmark_how};

impl Mssp {
    /// The performance year whose numbers hold unless another is given.
    const PERFORMANCE_YEAR: u16 = 2024;
}

impl Settle for Mssp {
    const KEY: &'static str = "mssp";
    const SUMMARY: &'static str =
        "Medicare fee-for-service, with savings, or savings and losses, shared after the year";
    const LISTING: Listing = Listing {
        lan: "3A (BASIC A and B, Track 1), 3B",
        settles_on: "expenditure, each person cut at the segment's `truncation_point`",
        source: "42 CFR part 425, subpart G",
    };
    const BENCHMARK: BenchmarkUse = BenchmarkUse::Rebased;
    const EXAMPLE: &'static str =
        "{ track = \"enhanced\", minimum_rate = 0.01, quality_score = 0.8, benchmark = { per_capita = 10_000 } }";

    fn rules() -> Vec<&'static [Rule]> {
        vec![MsspRules::TABLE, AdvanceRules::TABLE, BenchmarkRules::TABLE]
    }

    fn read(section: &Section<'_>, _known: &Known) -> Option<Self> {
        section.require("track", "give the track, as track = \"basic_e\" or \"enhanced\"");
        let track = Track::read(section);
        let performance_year = read_performance_year(section, Self::PERFORMANCE_YEAR);
        // Where the track cannot be read, the numbers are looked at all the same.
        let name = track.unwrap_or(Track::Enhanced).name();
        let rules = MsspRules::read(section, performance_year.unwrap_or(Self::PERFORMANCE_YEAR), name);
        let minimum_rate = section.or("minimum_rate", MinimumRate::Variable, read_minimum_rate);
        let assigned_beneficiaries = section.or("assigned_beneficiaries", None, |section| {
            let help = "assigned_beneficiaries is a whole number from 1 to 100,000,000";
            Some(Some(section.count("assigned_beneficiaries", 1, 100_000_000, help)?.value))
        });
        let quality_score = read::share_or(section, "quality_score", Share::ONE);
        let quality_standard = section.or("quality_standard", QualityStandard::Full, |section| {
            let standards = [
                ("full", QualityStandard::Full),
                ("alternative", QualityStandard::Alternative),
                ("neither", QualityStandard::Neither),
            ];
            section.choice("quality_standard", &standards)
        });
        let agreement_start = read_agreement_start(section, performance_year.unwrap_or(Self::PERFORMANCE_YEAR));
        let benchmark = MsspBenchmark::read(section, agreement_start.unwrap_or(Self::PERFORMANCE_YEAR));
        let revenue_category = section.or("revenue_category", RevenueCategory::High, |section| {
            section.choice("revenue_category", &[("low", RevenueCategory::Low), ("high", RevenueCategory::High)])
        });
        let participant_revenue = read::optional_dollars(section, "participant_revenue");
        let disaster_relief = read::share_or(section, "disaster_relief", Share::ZERO);
        let prorated_losses = read::share_or(section, "prorated_losses", Share::ONE);
        let guardrail = read::truth_or(section, "guardrail", false);
        let advance_balance = read::optional_dollars(section, "advance_balance");
        let advance_payments = section.or("advance_payments", None, |section| {
            let year = performance_year.unwrap_or(Self::PERFORMANCE_YEAR);
            AdvancePayments::read(section.section("advance_payments")?, year).map(Box::new).map(Some)
        });
        let repayment_fee = section.or("repayment_fee", None, |section| section.share("repayment_fee").map(Some));
        if track.zip(performance_year).is_some_and(|(track, year)| track.has_ended(year)) {
            let message = format!("{} is a track of agreements before July 2019", section.path_of("track"));
            let help =
                "its last performance year was 2021; give performance_year, or take basic_a to basic_e or enhanced";
            section.wrong(&section.span_of("track"), message, help);
            return None;
        }
        performance_year?;
        Some(Self {
            track: track?,
            rules: rules?,
            benchmark: benchmark?,
            minimum_rate: minimum_rate?,
            assigned_beneficiaries: assigned_beneficiaries?,
            quality_score: quality_score?,
            quality_standard: quality_standard?,
            agreement_start: agreement_start?,
            revenue_category: revenue_category?,
            participant_revenue: participant_revenue?,
            disaster_relief: DisasterRelief::Share(disaster_relief?),
            prorated_losses: prorated_losses?,
            guardrail: guardrail?,
            advance_balance: advance_balance?.unwrap_or_default(),
            advance_payments: advance_payments?,
            repayment_fee: repayment_fee?,
        })
    }

    fn lan(&self) -> Lan {
        if self.is_two_sided() { Lan::Downside } else { Lan::Upside }
    }

    fn observes(&self) -> Vec<Observation> {
        vec![Observation::Layer {
            services: ServiceScope::All,
            attachment: Attachment::ZERO,
            limit: Limit::TruncationPoint,
        }]
    }

    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        if let Some(payments) = &self.advance_payments {
            settlement.care_management =
                payments.settle(&mut settlement, 1.0 / year.updates.expected, year.advance_balance.is_none());
        }
        let agreed = self.benchmark.record(&mut settlement);
        let (name, per_capita) = settlement.benchmark_of_year(year, (PER_CAPITA, agreed));
        let person_years = year.exposure.person_years();
        settlement.number("person-years", OBSERVED, person_years.0);
        let (benchmark, expenditure) = (per_capita * person_years, year.figure(0));
        let totals = PerformanceYear {
            benchmark,
            expenditure,
            gap: None,
            assigned_beneficiaries: self.assigned_beneficiaries.unwrap_or(year.members),
        };
        let how = settlement.how(|| benchmark_how(name));
        self.reconcile_as(&mut settlement, &totals, how);
        if settlement.reconciliation < Dollars::ZERO
            && let Some(two_way) = self.benchmark.two_way().filter(|two_way| *two_way > agreed)
        {
            self.guard(&mut settlement, year, &totals, two_way);
        }
        self.repayment_cost(&mut settlement, expenditure);
        settlement
    }
}

/// The year in which the agreement began: by default the performance year, and 2024 in later ones.
fn read_agreement_start(section: &Section<'_>, performance_year: u16) -> Option<u16> {
    section.or("agreement_start_year", performance_year.min(2024), |section| {
        let last = performance_year.max(2012);
        let help = format!("agreement_start_year is a year from 2012 to the performance year, {last}");
        Some(section.count("agreement_start_year", 2012, u64::from(last), &help)?.value as u16)
    })
}

fn read_minimum_rate(section: &Section<'_>) -> Option<MinimumRate> {
    if !section.is_text("minimum_rate") {
        return section.share("minimum_rate").map(MinimumRate::Fixed);
    }
    let text = section.text("minimum_rate").filter(|text| text.value != "variable");
    let Some(At { value, span }) = text else { return Some(MinimumRate::Variable) };
    let message = format!("{}.minimum_rate is \"{}\"", section.path, shortened(value, 60));
    section.wrong(&span, message, "write a share as 0.02, or \"variable\"");
    None
}
