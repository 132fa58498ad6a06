//! Medicare Shared Savings Program: the terms of an ACO's performance year.
//!
//! # Source
//! 42 CFR part 425; the status of each number is in `docs/contracts.md`.

use twosided_form::{At, Section, shortened};
use twosided_population::{Attachment, Limit, Observation, ServiceScope};
use twosided_units::{Dollars, Share};

use crate::{
    AdvancePayments, AdvanceRules, BenchmarkRules, Known, Lan, Listing, MsspBenchmark, MsspRules, OBSERVED, Rule,
    Settle, Settlement, Year,
    kinds::savings::mssp_reconciliation::{PER_CAPITA, benchmark_how},
    read,
    rules::read_performance_year,
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
}

/// Participation options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    /// BASIC level A: one-sided.
    BasicA,
    /// BASIC level B: one-sided.
    BasicB,
    /// BASIC level C: two-sided.
    BasicC,
    /// BASIC level D: two-sided.
    BasicD,
    /// BASIC level E: two-sided, the highest of BASIC.
    BasicE,
    /// ENHANCED: two-sided.
    Enhanced,
    /// Track 1 of agreements before July 2019: one-sided.
    Track1,
    /// The Track 1+ Model, 2018 to 2021: two-sided.
    Track1Plus,
    /// Track 2 of agreements before July 2019: two-sided.
    Track2,
    /// Track 3 of agreements before July 2019: two-sided, since named ENHANCED.
    Track3,
}

impl Track {
    /// All tracks with the names that scenario files use.
    pub const NAMES: [(&'static str, Self); 10] = [
        ("basic_a", Self::BasicA),
        ("basic_b", Self::BasicB),
        ("basic_c", Self::BasicC),
        ("basic_d", Self::BasicD),
        ("basic_e", Self::BasicE),
        ("enhanced", Self::Enhanced),
        ("track_1", Self::Track1),
        ("track_1_plus", Self::Track1Plus),
        ("track_2", Self::Track2),
        ("track_3", Self::Track3),
    ];

    fn read(section: &Section<'_>) -> Option<Self> {
        let text = section.text("track")?;
        let meant = Self::of_cms(text.value).filter(|meant| meant.name() != text.value);
        if let Some(meant) = meant {
            let message = format!("{} is \"{}\"", section.path_of("track"), shortened(text.value, 60));
            section.wrong(&text.span, message, format!("did you mean `{}`?", meant.name()));
            return None;
        }
        section.choice("track", &Self::NAMES)
    }

    /// The track that CMS writes so, in its rules or in its files: `BASIC Level E`, `E`, `EN`, `Track 1+`.
    fn of_cms(text: &str) -> Option<Self> {
        let text = text.to_lowercase().replace(['_', '-'], " ");
        let says_nothing = |word: &str| "basic level track the".split(' ').any(|known| known == word);
        let words: Vec<&str> = text.split_whitespace().filter(|word| !says_nothing(word)).collect();
        let name = match &*words.join(" ") {
            "en" | "enh" | "enhanced" => "enhanced".to_owned(),
            "1+" | "1 plus" => "track_1_plus".to_owned(),
            "1" | "2" | "3" => format!("track_{}", words[0]),
            level if level.len() == 1 && "abcde".contains(level) => format!("basic_{level}"),
            _ => return None,
        };
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, track)| track)
    }

    /// Whether there was no such track any more.
    fn has_ended(self, performance_year: u16) -> bool {
        matches!(self, Self::Track1 | Self::Track1Plus | Self::Track2 | Self::Track3) && performance_year > 2021
    }

    /// The name that scenario files use.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }
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

/// Participants' Parts A and B revenue against assigned beneficiaries' expenditure: low below 35%.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevenueCategory {
    /// Low revenue.
    Low,
    /// High revenue.
    High,
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
    /// The performance year whose numbers hold unless another is given.
    const PERFORMANCE_YEAR: u16 = 2024;

    /// Whether the track shares losses.
    pub fn is_two_sided(&self) -> bool {
        self.rules.highest_loss_rate.is_some()
    }
}

impl Settle for Mssp {
    const KEY: &'static str = "mssp";
    const SUMMARY: &'static str =
        "Medicare fee-for-service, with savings, or savings and losses, shared after the year";
    const ROW: Listing = Listing {
        lan: "3A (BASIC A and B, Track 1), 3B",
        settles_on: "expenditure, each person cut at the segment's `truncation_point`",
        source: "42 CFR part 425, subpart G",
    };
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
        let agreed = self.benchmark.tell(&mut settlement);
        let (name, per_capita) = settlement.of_the_year(year, (PER_CAPITA, agreed));
        let person_years = year.exposure.person_years();
        settlement.number("person-years", OBSERVED, person_years.0);
        let (benchmark, expenditure) = (per_capita * person_years, year.figure(0));
        let totals = PerformanceYear {
            benchmark,
            expenditure,
            gap: None,
            assigned_beneficiaries: self.assigned_beneficiaries.unwrap_or(year.members),
        };
        let how = settlement.if_explained(|| benchmark_how(name));
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

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_units::{MemberMonths, PerCapita};

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    fn aco(track: Track) -> Mssp {
        Mssp {
            track,
            rules: MsspRules::of(2024, track.name()).expect("its year has rules"),
            benchmark: MsspBenchmark::given(PerCapita(10_000.0)),
            minimum_rate: MinimumRate::Fixed(share(0.02)),
            assigned_beneficiaries: None,
            quality_score: share(0.9),
            quality_standard: QualityStandard::Full,
            agreement_start: 2024,
            revenue_category: RevenueCategory::High,
            participant_revenue: None,
            disaster_relief: DisasterRelief::Share(Share::ZERO),
            prorated_losses: Share::ONE,
            guardrail: false,
            advance_balance: Dollars::ZERO,
            advance_payments: None,
            repayment_fee: None,
        }
    }

    fn settled(aco: &Mssp, expenditure: f64) -> Settlement {
        aco.settle(&Year::new(MemberMonths(120_000.0), 10_000, &[expenditure]))
    }

    fn earned(aco: &Mssp, expenditure: f64) -> f64 {
        settled(aco, expenditure).reconciliation.0
    }

    #[test]
    fn names_stand_where_their_track_says() {
        for (name, track) in Track::NAMES {
            assert_eq!(track.name(), name);
        }
    }

    #[test]
    fn words_of_cms_have_their_track() {
        for (word, name) in [
            ("E", "basic_e"),
            ("Level E", "basic_e"),
            ("BASIC Level A", "basic_a"),
            ("BASIC Track Level C", "basic_c"),
            ("ENHANCED", "enhanced"),
            ("Enhanced Track", "enhanced"),
            ("EN", "enhanced"),
            ("Track 1+", "track_1_plus"),
            ("3", "track_3"),
        ] {
            assert_eq!(Track::of_cms(word).map(Track::name), Some(name), "{word}");
        }
        assert!(Track::NAMES.iter().all(|&(name, track)| Track::of_cms(name) == Some(track)));
        assert_eq!([Track::of_cms("basic"), Track::of_cms("f"), Track::of_cms("")], [None; 3]);
        let read = |track: &str| {
            let document = twosided_form::Document::new("x", format!("track = \"{track}\"\nbenchmark.pmpm = 800"));
            document.read(|root| {
                let terms = Mssp::read(&root, &Known::anything());
                root.finish();
                terms
            })
        };
        assert!(format!("{:?}", read("Level E").err()).contains("did you mean `basic_e`?"));
        assert!(read("basic_f").is_err());
        assert!(read("basic_e").is_ok());
    }

    #[test]
    fn savings_count_from_the_first_dollar_once_the_minimum_is_reached() {
        let aco = aco(Track::BasicE);
        assert_eq!(earned(&aco, 98_000_001.0), 0.0);
        assert!((earned(&aco, 98e6) - 2e6 * 0.5 * 0.98).abs() < 1e-6);
    }

    #[test]
    fn basic_losses_ignore_quality_and_enhanced_losses_fall_with_it() {
        let mut basic = aco(Track::BasicE);
        let mut enhanced = aco(Track::Enhanced);
        assert!((earned(&basic, 104e6) + 4e6 * 0.3).abs() < 1e-6);
        assert!((earned(&enhanced, 104e6) + 4e6 * 0.4).abs() < 1e-6);
        basic.quality_score = share(0.5);
        enhanced.quality_score = share(0.5);
        assert!((earned(&basic, 104e6) + 4e6 * 0.3).abs() < 1e-6);
        assert!((earned(&enhanced, 104e6) + 4e6 * 0.625).abs() < 1e-6);
        enhanced.quality_standard = QualityStandard::Neither;
        assert!((earned(&enhanced, 104e6) + 4e6 * 0.75).abs() < 1e-6);
    }

    #[test]
    fn one_sided_tracks_never_owe() {
        assert_eq!(earned(&aco(Track::BasicA), 150e6), 0.0);
        assert_eq!(Settle::lan(&aco(Track::BasicB)), Lan::Upside);
        assert_eq!(Settle::lan(&aco(Track::Enhanced)), Lan::Downside);
    }

    #[test]
    fn advances_are_recouped_from_savings_and_never_from_losses() {
        let with_advance = Mssp { advance_balance: Dollars(1e6), ..aco(Track::BasicE) };
        let settlement = settled(&with_advance, 97e6);
        assert!((settlement.reconciliation.0 - (3e6 * 0.49 - 1e6)).abs() < 1e-6);
        assert_eq!(settlement.step("balance carried"), Some(0.0));
        assert_eq!(earned(&with_advance, 104e6), earned(&aco(Track::BasicE), 104e6));
    }

    #[test]
    fn the_repayment_mechanism_costs_its_fee_and_is_no_settlement() {
        let aco =
            Mssp { repayment_fee: Some(share(0.01)), participant_revenue: Some(Dollars(30e6)), ..aco(Track::BasicE) };
        let settlement = settled(&aco, 100e6);
        // 1% of $30m of revenue is less than 0.5% of $100m of expenditure.
        assert!((settlement.administration.0 - 3e5 * 0.01).abs() < 1e-6);
        assert_eq!(settlement.reconciliation, Dollars::ZERO);
    }
}
