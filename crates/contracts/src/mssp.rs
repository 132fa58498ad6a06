//! Medicare Shared Savings Program: settlement of a performance year from benchmark and expenditure.
//!
//! # Source
//! 42 CFR part 425, subpart G; the order of steps is the one that reproduces CMS's published results. The status of each
//! parameter is in `docs/contracts.md`.

use twosided_population::{Limit, Observation, ServiceScope};
use twosided_units::{Dollars, PerCapita, Share};

use crate::{Lan, Settle, Settlement, Year};

/// The terms of one ACO's performance year.
#[derive(Clone, Debug, PartialEq)]
pub struct Mssp {
    /// Level of the BASIC track, or ENHANCED.
    pub track: Track,
    /// Updated benchmark.
    pub benchmark: PerCapita,
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
    /// Whether the benchmark's guardrail took effect, which forfeits savings.
    pub guardrail: bool,
    /// Cut from savings payments.
    pub sequestration: Share,
}

/// Participation options of agreements from July 2019 on.
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
}

/// The numbers of a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrackParameters {
    /// Share of savings at full quality.
    pub maximum_sharing_rate: f64,
    /// Performance payment limit, as a share of benchmark.
    pub payment_limit: f64,
    /// The limits on losses; none in one-sided tracks.
    pub loss: Option<LossParameters>,
}

/// The numbers of a two-sided track's losses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossParameters {
    /// Loss recoupment limit, as a share of benchmark.
    pub benchmark_limit: f64,
    /// Loss recoupment limit, as a share of participant revenue; the smaller limit holds.
    pub revenue_limit: Option<f64>,
    /// Lowest and highest loss rate.
    pub rates: (f64, f64),
}

/// Loss rate of the BASIC track, whatever the quality.
const BASIC_LOSS_RATES: (f64, f64) = (0.30, 0.30);
/// Floor and ceiling of the ENHANCED loss rate, `1 - 0.75 × quality score`.
const ENHANCED_LOSS_RATES: (f64, f64) = (0.40, 0.75);
/// Agreements from this year on share half when a low-revenue BASIC ACO misses its minimum savings rate.
const HALF_RATE_FROM: u16 = 2024;
/// Beneficiaries that the half rate needs.
const HALF_RATE_BENEFICIARIES: u64 = 5_000;

impl Track {
    /// All tracks, in the order of rising risk, with the names that scenario files use.
    pub const NAMES: [(&'static str, Self); 6] = [
        ("basic_a", Self::BasicA),
        ("basic_b", Self::BasicB),
        ("basic_c", Self::BasicC),
        ("basic_d", Self::BasicD),
        ("basic_e", Self::BasicE),
        ("enhanced", Self::Enhanced),
    ];

    /// The track's numbers.
    ///
    /// # Source
    /// 42 CFR § 425.605(d) for BASIC, § 425.610(d) to (g) for ENHANCED.
    pub const fn parameters(self) -> TrackParameters {
        match self {
            Self::BasicA | Self::BasicB => basic_parameters(0.40, None),
            Self::BasicC => basic_parameters(0.50, Some((0.01, 0.02))),
            Self::BasicD => basic_parameters(0.50, Some((0.02, 0.04))),
            Self::BasicE => basic_parameters(0.50, Some((0.04, 0.08))),
            Self::Enhanced => TrackParameters {
                maximum_sharing_rate: 0.75,
                payment_limit: 0.20,
                loss: Some(LossParameters { benchmark_limit: 0.15, revenue_limit: None, rates: ENHANCED_LOSS_RATES }),
            },
        }
    }
}

const fn basic_parameters(maximum_sharing_rate: f64, loss_limits: Option<(f64, f64)>) -> TrackParameters {
    let loss = match loss_limits {
        Some((benchmark_limit, revenue_limit)) => {
            Some(LossParameters { benchmark_limit, revenue_limit: Some(revenue_limit), rates: BASIC_LOSS_RATES })
        }
        None => None,
    };
    TrackParameters { maximum_sharing_rate, payment_limit: 0.10, loss }
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
    /// Neither: no savings, and ENHANCED losses at the ceiling.
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

/// Minimum savings rate of an ACO that chose the variable one, by its assigned beneficiaries.
///
/// Within each band the rate falls on a straight line from the rate at its first number to that at its last (999, not
/// 1,000, above the first). Below 500 it stays at 12.2%, from 60,000 at 2%.
///
/// # Source
/// 42 CFR § 425.605(b)(1); the interpolation reproduces every rate that CMS published.
pub fn minimum_savings_rate(assigned_beneficiaries: u64) -> Share {
    /// First and last number of a band, and the rates there in percent.
    const BANDS: [(u64, u64, f64, f64); 12] = [
        (500, 999, 12.2, 8.7),
        (1_000, 2_999, 8.7, 5.0),
        (3_000, 4_999, 5.0, 3.9),
        (5_000, 5_999, 3.9, 3.6),
        (6_000, 6_999, 3.6, 3.4),
        (7_000, 7_999, 3.4, 3.2),
        (8_000, 8_999, 3.2, 3.1),
        (9_000, 9_999, 3.1, 3.0),
        (10_000, 14_999, 3.0, 2.7),
        (15_000, 19_999, 2.7, 2.5),
        (20_000, 49_999, 2.5, 2.2),
        (50_000, 59_999, 2.2, 2.0),
    ];
    let n = assigned_beneficiaries.clamp(500, 60_000);
    let percent = BANDS.iter().find(|&&(first, last, ..)| (first..=last).contains(&n)).map_or(2.0, |band| {
        let &(first, last, at_first, at_last) = band;
        at_first + (at_last - at_first) * (n - first) as f64 / (last - first) as f64
    });
    Share::new(percent / 100.0).expect("the table holds percents")
}

impl Mssp {
    /// Settles a performance year from its totals.
    ///
    /// ```text
    /// gap >= 0: sharing rate × gap, less sequestration, up to the payment limit, if gap >= minimum rate × benchmark
    /// gap <  0: loss rate × gap, up to the loss limits, less disaster relief,    if -gap >= minimum rate × benchmark
    /// ```
    ///
    /// Below the minimum, a low-revenue BASIC ACO of an agreement from 2024 on shares at half its rate. A guardrail that took
    /// effect forfeits savings, and never a loss.
    ///
    /// # Source
    /// 42 CFR § 425.605(c), (d) and (h); § 425.610(c) to (g) and (i).
    pub fn reconcile(&self, benchmark: Dollars, expenditure: Dollars, assigned_beneficiaries: u64) -> Settlement {
        let mut settlement = Settlement::default();
        settlement.dollars("updated benchmark", benchmark);
        settlement.dollars("expenditure", expenditure);
        let gap = settlement.dollars("benchmark less expenditure", benchmark - expenditure);
        let minimum_rate = match self.minimum_rate {
            MinimumRate::Variable => minimum_savings_rate(assigned_beneficiaries),
            MinimumRate::Fixed(rate) => rate,
        };
        settlement.share("minimum savings or loss rate", minimum_rate.value());
        let reached = gap.max(-gap) >= benchmark * minimum_rate;
        if gap > Dollars::ZERO {
            settlement.reconciliation = self.savings(&mut settlement, benchmark, gap, reached, assigned_beneficiaries);
        } else if let Some(loss) = self.track.parameters().loss
            && gap < Dollars::ZERO
            && reached
        {
            settlement.reconciliation = -self.loss(&mut settlement, benchmark, -gap, &loss);
        }
        settlement
    }

    /// What the ACO is paid.
    fn savings(
        &self,
        settlement: &mut Settlement,
        benchmark: Dollars,
        gap: Dollars,
        reached: bool,
        assigned_beneficiaries: u64,
    ) -> Dollars {
        let parameters = self.track.parameters();
        let full_rate = parameters.maximum_sharing_rate
            * match self.quality_standard {
                QualityStandard::Full => 1.0,
                QualityStandard::Alternative => self.quality_score.value(),
                QualityStandard::Neither => 0.0,
            };
        let half_rate = self.track != Track::Enhanced
            && self.agreement_start >= HALF_RATE_FROM
            && self.revenue_category == RevenueCategory::Low
            && assigned_beneficiaries >= HALF_RATE_BENEFICIARIES;
        let rate = if reached || !half_rate { full_rate } else { 0.5 * full_rate };
        settlement.share("sharing rate", rate);
        if self.guardrail || !(reached || half_rate) {
            return Dollars::ZERO;
        }
        settlement.dollars("generated savings or losses", gap);
        let shared = settlement.dollars("savings at the sharing rate", gap * rate);
        let sequestered = settlement.dollars("after sequestration", shared * self.sequestration.complement());
        let limit = settlement.dollars("performance payment limit", benchmark * parameters.payment_limit);
        settlement.dollars("earned", sequestered.min(limit))
    }

    /// What the ACO owes, as a positive amount.
    fn loss(&self, settlement: &mut Settlement, benchmark: Dollars, gap: Dollars, loss: &LossParameters) -> Dollars {
        settlement.dollars("generated savings or losses", -gap);
        let (lowest, highest) = loss.rates;
        let rate = match self.quality_standard {
            QualityStandard::Full | QualityStandard::Alternative => {
                (1.0 - 0.75 * self.quality_score.value()).clamp(lowest, highest)
            }
            QualityStandard::Neither => highest,
        };
        settlement.share("loss rate", rate);
        let shared = settlement.dollars("loss at the loss rate", gap * rate);
        let benchmark_limit = benchmark * loss.benchmark_limit;
        let revenue_limit = loss.revenue_limit.zip(self.participant_revenue).map(|(share, revenue)| revenue * share);
        let limit = revenue_limit.map_or(benchmark_limit, |revenue_limit| revenue_limit.min(benchmark_limit));
        settlement.dollars("loss recoupment limit", limit);
        let limited = settlement.dollars("loss after limit", shared.min(limit));
        let relief = match self.disaster_relief {
            DisasterRelief::Share(share) => limited * share,
            DisasterRelief::Amount(amount) => amount.min(limited),
        };
        settlement.dollars("disaster relief", relief);
        settlement.dollars("owed", limited - relief)
    }
}

impl Settle for Mssp {
    const SUMMARY: &'static str =
        "Medicare fee-for-service, with savings, or savings and losses, shared after the year";

    fn lan(&self) -> Lan {
        if self.track.parameters().loss.is_some() { Lan::Downside } else { Lan::Upside }
    }

    fn observes(&self) -> Vec<Observation> {
        vec![Observation::Layer {
            services: ServiceScope::All,
            attachment_point: Dollars::ZERO,
            limit: Limit::TruncationPoint,
        }]
    }

    fn settle(&self, year: &Year<'_>) -> Settlement {
        let benchmark = self.benchmark * year.exposure.person_years();
        self.reconcile(benchmark, year.figure(0), self.assigned_beneficiaries.unwrap_or(year.members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    fn aco(track: Track) -> Mssp {
        Mssp {
            track,
            benchmark: PerCapita(10_000.0),
            minimum_rate: MinimumRate::Fixed(share(0.02)),
            assigned_beneficiaries: None,
            quality_score: share(0.9),
            quality_standard: QualityStandard::Full,
            agreement_start: 2024,
            revenue_category: RevenueCategory::High,
            participant_revenue: None,
            disaster_relief: DisasterRelief::Share(Share::ZERO),
            guardrail: false,
            sequestration: share(0.02),
        }
    }

    fn earned(aco: &Mssp, expenditure: f64) -> f64 {
        aco.reconcile(Dollars(100e6), Dollars(expenditure), 10_000).reconciliation.0
    }

    #[test]
    fn the_rate_table_meets_its_ends_and_its_last_numbers() {
        for (n, percent) in [
            (1, 12.2),
            (500, 12.2),
            (999, 8.7),
            (1_000, 8.7),
            (4_999, 3.9),
            (5_000, 3.9),
            (59_999, 2.0),
            (1_000_000, 2.0),
        ] {
            assert!((minimum_savings_rate(n).value() - percent / 100.0).abs() < 1e-15, "{n}");
        }
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
}
