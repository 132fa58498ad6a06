//! The terms of an ACO's performance year, as data.

use twosided_form::Word;
use twosided_units::{Dollars, Share};

use super::{
    advance_payments::AdvancePayments, benchmark::MsspBenchmark, rules::MsspRules, track::Track,
    year_to_date::YearToDate,
};

/// The terms of one ACO's performance year.
#[derive(Clone, Debug, PartialEq)]
pub struct Mssp {
    /// Level of the BASIC track, ENHANCED, or a track of agreements before July 2019.
    pub track: Track,
    /// The track's numbers.
    pub rules: MsspRules,
    /// Updated benchmark.
    pub benchmark: MsspBenchmark,
    /// Minimum savings rate, and minimum loss rate of two-sided tracks.
    pub minimum_rate: MinimumRate,
    /// Assigned beneficiaries, which set the variable minimum rate; the population's members if not given.
    pub assigned_beneficiaries: Option<u64>,
    /// Quality score, as a decimal.
    pub quality_score: Share,
    /// The quality standard that was met.
    pub quality_standard: QualityStandard,
    /// First year of the agreement period.
    pub agreement_start: u16,
    /// Low or high revenue.
    pub revenue_category: RevenueCategory,
    /// Parts A and B revenue of the ACO's participants, which limits losses in BASIC levels C to E.
    pub participant_revenue: Option<Dollars>,
    /// Relief from losses for extreme and uncontrollable circumstances.
    pub disaster_relief: DisasterRelief,
    /// Part of shared losses that is owed after a termination within the year.
    pub prorated_losses: Share,
    /// Whether the benchmark's guardrail took effect, which forfeits savings.
    pub guardrail: bool,
    /// Advance investment payments of earlier years still to be recouped from savings.
    pub advance_balance: Dollars,
    /// Advance investment payments of this year.
    pub advance_payments: Option<Box<AdvancePayments>>,
    /// What the repayment mechanism costs a year, as a share of its amount; none for an ACO without one.
    pub repayment_fee: Option<Share>,
    /// The part of the first year that has already happened.
    pub year_to_date: Option<YearToDate>,
}

/// How the minimum savings and loss rates were chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MinimumRate {
    /// By the number of assigned beneficiaries.
    Variable,
    /// A fixed share of benchmark, the same on both sides.
    Fixed(Share),
}

/// The quality standard that an ACO met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QualityStandard {
    /// The quality performance standard: the maximum sharing rate.
    Full,
    /// The alternative standard: the maximum rate times the quality score.
    Alternative,
    /// Neither: no savings, and losses at the highest rate.
    Neither,
}

impl Word for QualityStandard {
    const WORDS: &'static [(&'static str, Self)] =
        &[("full", Self::Full), ("alternative", Self::Alternative), ("neither", Self::Neither)];
}

/// Participants' Parts A and B revenue against assigned beneficiaries' expenditure: low below 35%.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevenueCategory {
    /// Low revenue.
    Low,
    /// High revenue.
    High,
}

impl Word for RevenueCategory {
    const WORDS: &'static [(&'static str, Self)] = &[("low", Self::Low), ("high", Self::High)];
}

/// What a loss is reduced by for extreme and uncontrollable circumstances, after its limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DisasterRelief {
    /// The share of months affected times the share of beneficiaries affected; zero for none.
    Share(Share),
    /// The amount that CMS published.
    Amount(Dollars),
}

/// The totals of a performance year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PerformanceYear {
    /// Updated benchmark.
    pub benchmark: Dollars,
    /// Expenditure.
    pub expenditure: Dollars,
    /// Their difference where it is published by itself, unrounded.
    pub gap: Option<Dollars>,
    /// Assigned beneficiaries.
    pub assigned_beneficiaries: u64,
}

impl Mssp {
    /// Whether the track shares losses.
    pub fn is_two_sided(&self) -> bool {
        self.rules.highest_loss_rate.is_some()
    }

    /// Whether the track is an advanced alternative payment model.
    ///
    /// # Source
    /// 42 CFR § 414.1415: level E of BASIC and ENHANCED; before July 2019 the tracks with losses.
    pub fn is_advanced(&self) -> bool {
        match self.track {
            Track::BasicE | Track::Enhanced | Track::Track1Plus | Track::Track2 | Track::Track3 => true,
            Track::BasicA | Track::BasicB | Track::BasicC | Track::BasicD | Track::Track1 => false,
        }
    }
}
