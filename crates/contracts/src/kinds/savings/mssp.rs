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
mod year_to_date;

pub use advance_payments::{AdvancePayments, AdvanceRules};
pub use benchmark::MsspBenchmark;
pub use benchmark_rules::{BenchmarkRules, annualized, guardrail};
pub use construction::{BenchmarkConstruction, TypeBenchmark};
pub use rules::{MsspRules, minimum_savings_rate};
pub use terms::{DisasterRelief, MinimumRate, Mssp, PerformanceYear, QualityStandard, RevenueCategory};
pub use track::Track;
pub use year_to_date::YearToDate;

use twosided_form::{
    Holds, Key, KeySpec, KeyValue, Literal,
    Literal::{Number, Truth},
    Nested, Range, Section, Status, Table, Unit, Value, keys, shortened,
};
use twosided_population::{Attachment, Limit, Observation, ServiceScope};
use twosided_units::{Dollars, Share};

use crate::{
    AGREED, BenchmarkUse, Composite, Kind, Known, Lan, Listing, OBSERVED, Rule, Scored, Settle, Settlement, Year, read,
    rounding,
};

use advance_payments::AdvancePaymentKeys;
use benchmark::MsspBenchmarkKeys;
use reconciliation::{Hows, PER_CAPITA, benchmark_how};
use year_to_date::YearToDateKeys;

keys! {
    /// The terms of the Medicare Shared Savings Program.
    pub(crate) struct MsspKeys "terms.mssp" with [MsspRules::KEYS] {
        TRACK: Track = Key::word("track").required("\"basic_e\"")
            .ask("give the track, as track = \"basic_e\" or \"enhanced\"").meaning("the level of risk")
            .more("The last four are of agreements before July 2019; their last performance year was 2021");
        PERFORMANCE_YEAR: u16 = read::year("performance_year", read::ANY_YEAR, Mssp::PERFORMANCE_YEAR)
            .more("A track has dated numbers from its first year on; those without a later default keep their last");
        BENCHMARK: Nested = Key::table("benchmark", MsspBenchmarkKeys::TABLE).required("{ per_capita = 11_800 }")
            .ask("give the target for expenditure, as benchmark = { per_capita = 11_800 }").meaning("the updated benchmark");
        MINIMUM_RATE: MinimumRate = Key::new("minimum_rate", MinimumRate::HOLDS).default(Literal::Word(VARIABLE))
            .meaning("the minimum savings rate, and the minimum loss rate of two-sided tracks")
            .more("`\"variable\"` is the table by beneficiaries of § 425.605(b)(1), below 500 as [`docs/contracts.md`](contracts.md#medicare-shared-savings-program) says. That the rate chosen always holds for a whole agreement needs checking; here it is a rate of the year")
            .status(Status::Unconfirmed);
        ASSIGNED_BENEFICIARIES: u64 = Key::whole("assigned_beneficiaries", 1, 100_000_000).unit(Unit::PEOPLE)
            .absent("all members", "12_000").meaning("the assigned beneficiaries")
            .more("They set the variable rate, and who may have the half rate. They are not the exposure");
        QUALITY_SCORE: Share = Key::share("quality_score").default(Number(1.0)).meaning("the quality score")
            .more("It scales the sharing rate where `quality_scales_sharing`, and under the alternative standard; it scales the loss rate between its two ends");
        QUALITY_STANDARD: QualityStandard = Key::word("quality_standard").default(Literal::Word("full"))
            .meaning("the quality standard that is met")
            .more("`\"full\"`: the maximum sharing rate; `\"alternative\"`: that rate × score, where the year has `alternative_standard`; `\"neither\"`: no savings, and losses at the highest rate");
        AGREEMENT_START_YEAR: u16 = Key::whole("agreement_start_year", FIRST_AGREEMENT as u64, 2100)
            .absent("`performance_year`, and 2024 in later ones", "2024").meaning("the year in which the agreement began, at most the performance year")
            .more("It decides on the half rate, and picks the dated numbers of `constructed`");
        REVENUE_CATEGORY: RevenueCategory = Key::word("revenue_category").default(Literal::Word("high"))
            .meaning("the participants' revenue against the beneficiaries' expenditure").more("Low is below 35%");
        PARTICIPANT_REVENUE: Dollars = Key::quantity("participant_revenue", Unit::DOLLARS_A_YEAR, Range::of(0.0, 1e12))
            .absent("none: no such limit", "30_000_000").meaning("the participants' Parts A and B revenue")
            .more("It limits losses in BASIC C to E and Track 1+, and the repayment mechanism");
        DISASTER_RELIEF: Share = Key::share("disaster_relief").default(Number(0.0))
            .meaning("the share of a loss that is waived, after its limit")
            .more("Months affected × beneficiaries affected");
        PRORATED_LOSSES: Share = Key::share("prorated_losses").default(Number(1.0))
            .meaning("the part of a loss that is owed after a termination within the year (§ 425.221(b)), after relief")
            .status(Status::Unconfirmed);
        GUARDRAIL: bool = Key::truth("guardrail").default(Truth(false))
            .meaning("whether the guardrail took effect in CMS's own account, which forfeits savings and not losses")
            .more("A `constructed` benchmark decides on losses by itself");
        ADVANCE_BALANCE: Dollars = Key::quantity("advance_balance", Unit::DOLLARS, Range::of(0.0, 1e12)).default(Number(0.0))
            .meaning("the advance investment payments still to be recouped from savings");
        ADVANCE_PAYMENTS: Nested = Key::table("advance_payments", AdvancePaymentKeys::TABLE)
            .absent("none", "{ beneficiaries = [[40, 3_000], [90, 2_000]] }")
            .meaning("the advance investment payments of this year, which join the balance");
        REPAYMENT_FEE: Share = Key::share("repayment_fee").absent("none: no repayment mechanism", "0.01")
            .meaning("what the repayment mechanism costs a year, as a share of its amount")
            .more("It is booked as administration");
        YEAR_TO_DATE: Nested = Key::table("year_to_date", YearToDateKeys::TABLE)
            .absent("none of it", "{ share = 0.5, per_capita = 5_600 }")
            .meaning("the part of the first year of the horizon that has already happened")
            .more("Later years settle without it");
    }
}

/// The word for a minimum rate by the number of beneficiaries.
const VARIABLE: &str = "variable";

/// The year of the first agreements.
const FIRST_AGREEMENT: u16 = 2012;

impl Mssp {
    /// The performance year whose numbers hold unless another is given.
    const PERFORMANCE_YEAR: u16 = 2024;
}

impl Kind for Mssp {
    const KEY: &'static str = "mssp";
    const KEYS: &'static Table = MsspKeys::TABLE;
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

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = MsspKeys;
        let track = Track::read(section, &Keys::TRACK);
        let performance_year = section.read(&Keys::PERFORMANCE_YEAR);
        // Where the track cannot be read, the numbers are looked at all the same.
        let name = track.unwrap_or(Track::Enhanced).name();
        let rules = MsspRules::read(section, performance_year.unwrap_or(Self::PERFORMANCE_YEAR), name);
        let minimum_rate = section.read(&Keys::MINIMUM_RATE);
        let assigned_beneficiaries = section.optional(&Keys::ASSIGNED_BENEFICIARIES);
        let quality_score = read::unless_scored(section, &Keys::QUALITY_SCORE, known, Share::ONE);
        let quality_standard = read::unless_scored(section, &Keys::QUALITY_STANDARD, known, QualityStandard::Full);
        let agreement_start = read_agreement_start(section, performance_year.unwrap_or(Self::PERFORMANCE_YEAR));
        let benchmark = section
            .table(&Keys::BENCHMARK)
            .and_then(|benchmark| MsspBenchmark::read(benchmark, agreement_start.unwrap_or(Self::PERFORMANCE_YEAR)));
        let revenue_category = section.read(&Keys::REVENUE_CATEGORY);
        let participant_revenue = section.optional(&Keys::PARTICIPANT_REVENUE);
        let disaster_relief = section.read(&Keys::DISASTER_RELIEF);
        let prorated_losses = section.read(&Keys::PRORATED_LOSSES);
        let guardrail = section.read(&Keys::GUARDRAIL);
        let advance_balance = section.read(&Keys::ADVANCE_BALANCE);
        let advance_payments = section.optional_table(&Keys::ADVANCE_PAYMENTS, |section| {
            let year = performance_year.unwrap_or(Self::PERFORMANCE_YEAR);
            AdvancePayments::read(section, year).map(Box::new)
        });
        let repayment_fee = section.optional(&Keys::REPAYMENT_FEE);
        let year_to_date = section.optional_table(&Keys::YEAR_TO_DATE, YearToDate::read);
        if track.zip(performance_year).is_some_and(|(track, year)| track.has_ended(year)) {
            let message = format!("{} is a track of agreements before July 2019", section.path_of(Keys::TRACK.name));
            let help =
                "its last performance year was 2021; give performance_year, or take basic_a to basic_e or enhanced";
            section.wrong(&section.span_of(Keys::TRACK.name), message, help);
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
            advance_balance: advance_balance?,
            advance_payments: advance_payments?,
            repayment_fee: repayment_fee?,
            year_to_date: year_to_date?,
        })
    }
}

impl Settle for Mssp {
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

    fn scored(&self, composite: &Composite<'_>, settlement: &mut Settlement) -> Option<Scored> {
        settlement.rule("42 CFR § 425.512");
        let asked = self.rules.quality_standard_score.value();
        settlement.share("score that the quality performance standard asks for", AGREED, asked);
        let quality_standard = if rounding::reaches(composite.value, asked, asked) {
            QualityStandard::Full
        } else if composite.alternative {
            QualityStandard::Alternative
        } else {
            QualityStandard::Neither
        };
        let terms = Self { quality_score: composite.share(), quality_standard, ..self.clone() };
        Some(Scored { terms: Box::new(terms), steps: &["quality score"], how: "{composite}" })
    }

    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        if let Some(payments) = &self.advance_payments {
            settlement.care_management = payments.settle(&mut settlement, 1.0 / year.updates.expected, year.is_first());
        }
        let agreed = self.benchmark.record(&mut settlement);
        let (name, per_capita) = settlement.benchmark_of_year(year, (PER_CAPITA, agreed));
        let person_years = year.exposure.person_years();
        settlement.number("person-years", OBSERVED, person_years.0);
        let (expenditure, expenditure_how) = self.expenditure(&mut settlement, year);
        let totals = PerformanceYear {
            benchmark: per_capita * person_years,
            expenditure,
            gap: None,
            assigned_beneficiaries: self.assigned_beneficiaries.unwrap_or(year.members),
        };
        let benchmark = settlement.how(|| benchmark_how(name));
        self.reconcile_as(&mut settlement, &totals, Hows { benchmark: benchmark.into(), expenditure: expenditure_how });
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
    let key = &MsspKeys::AGREEMENT_START_YEAR;
    let Some(year) = section.optional(key)? else { return Some(performance_year.min(2024)) };
    let last = performance_year.max(FIRST_AGREEMENT);
    if year <= last {
        return Some(year);
    }
    let message = format!("{} is {year}", section.path_of(key.name));
    let help = format!("{} is a year from {FIRST_AGREEMENT} to the performance year, {last}", key.name);
    section.wrong(&section.span_of(key.name), message, help);
    None
}

impl MinimumRate {
    const HOLDS: Holds = Holds::Either(&[Holds::Share(Range::UNIT), Holds::Word(|| vec![VARIABLE])]);
}

/// Reads a share, or the word for a rate by the number of beneficiaries.
impl KeyValue for MinimumRate {
    fn of(literal: Literal) -> Self {
        match literal {
            Literal::Word(VARIABLE) => Self::Variable,
            other => unreachable!("a declared default is \"{VARIABLE}\", not {other}"),
        }
    }

    fn read<'a>(section: &Section<'a>, label: &str, value: Value<'a>, key: &KeySpec) -> Option<Self> {
        match value.get_ref().as_str() {
            None => {
                let share = KeySpec { holds: Holds::Share(Range::UNIT), ..*key };
                Share::read(section, label, value, &share).map(Self::Fixed)
            }
            Some(VARIABLE) => Some(Self::Variable),
            Some(other) => {
                let message = format!("{} is \"{}\"", section.path_of(label), shortened(other, 60));
                section.wrong(&value.span(), message, "write a share as 0.02, or \"variable\"");
                None
            }
        }
    }
}
