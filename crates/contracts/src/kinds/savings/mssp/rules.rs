//! The numbers of the Medicare Shared Savings Program, by track and performance year.

use twosided_units::Share;

use crate::rules::rules;

rules! {
    /// The numbers of a track in a performance year.
    pub struct MsspRules {
        /// Share of savings at full quality.
        maximum_sharing_rate: Share {
            ["basic_a", "basic_b"] 2019 => Number(0.40), Published, "42 CFR § 425.605(d)(1)(i), (ii)";
            ["basic_c", "basic_d", "basic_e"] 2019 => Number(0.50), Published, "42 CFR § 425.605(d)(1)(iii) to (v)";
            ["enhanced", "track_3"] 2016 => Number(0.75), Published, "42 CFR § 425.610(d)";
            ["track_1"] 2012 => Number(0.50), Published, "42 CFR § 425.604(d)";
            ["track_1_plus"] 2018 => Number(0.50), Published, "Track 1+ Model agreement";
            ["track_2"] 2012 => Number(0.60), Published, "42 CFR § 425.606(d)";
        }
        /// Whether the sharing rate is the maximum times the quality score even where the quality standard is met.
        quality_scales_sharing: bool {
            [] 2012 => Truth(true), Published, "PY2018 and PY2020 results";
            [] 2021 => Truth(false), Published, "42 CFR § 425.512(a)(2); PY2021 to PY2024 results";
        }
        /// Whether the alternative quality standard earns the maximum sharing rate times the quality score.
        alternative_standard: bool {
            [] 2012 => Truth(false), Unconfirmed, "no such standard before 2023; no published case";
            [] 2023 => Truth(true), Published, "42 CFR § 425.605(d)(1)(i)(A)(2)";
        }
        /// Quality score that the quality performance standard asks for, where a score follows from measures.
        quality_standard_score: Share {
            [] 2012 => Number(0.0), Unconfirmed, "complete reporting and minimum attainment, of which no score is known";
            [] 2021 => Number(0.6173), Secondary, "42 CFR § 425.512(a)(4); CMS's 30th percentile of MIPS quality scores";
            [] 2022 => Number(0.7063), Secondary, "42 CFR § 425.512(a)(4); CMS's 30th percentile of MIPS quality scores";
            [] 2023 => Number(0.6576), Secondary, "42 CFR § 425.512(a)(4); CMS's 30th percentile of MIPS quality scores";
            [] 2024 => Number(0.7705), Secondary, "42 CFR § 425.512(a)(5); CMS's 40th percentile of MIPS quality scores";
            [] 2025 => Number(0.7705), Unconfirmed, "42 CFR § 425.512(a)(5); that of 2024, as none for 2025 was seen";
            [] 2026 => Number(0.7385), Secondary, "42 CFR § 425.512(a)(5); the mean of three years of CMS's 40th percentile";
        }
        /// Performance payment limit, as a share of benchmark.
        payment_limit: Share {
            ["basic_a", "basic_b", "basic_c", "basic_d", "basic_e"] 2019 => Number(0.10), Published, "42 CFR § 425.605(d); one published case";
            ["enhanced", "track_3"] 2016 => Number(0.20), Secondary, "42 CFR § 425.610(e)";
            ["track_1"] 2012 => Number(0.10), Published, "42 CFR § 425.604(e)(2); one published case";
            ["track_1_plus"] 2018 => Number(0.10), Unconfirmed, "Track 1+ Model agreement";
            ["track_2"] 2012 => Number(0.15), Unconfirmed, "42 CFR § 425.606(e)(2)";
        }
        /// Lowest loss rate.
        lowest_loss_rate: Option<Share> {
            ["basic_a", "basic_b", "track_1"] 2012 => Absent, Regulation, "one-sided";
            ["basic_c", "basic_d", "basic_e"] 2019 => Number(0.30), Published, "42 CFR § 425.605(d)(1)(iii)(B)";
            ["enhanced", "track_3"] 2016 => Number(0.40), Published, "42 CFR § 425.610(f)";
            ["track_1_plus"] 2018 => Number(0.30), Published, "Track 1+ Model agreement";
            ["track_2"] 2012 => Number(0.40), Published, "42 CFR § 425.606(f)";
        }
        /// Highest loss rate; between the two it is 1 less the maximum sharing rate times the quality score.
        highest_loss_rate: Option<Share> {
            ["basic_a", "basic_b", "track_1"] 2012 => Absent, Regulation, "one-sided";
            ["basic_c", "basic_d", "basic_e"] 2019 => Number(0.30), Published, "42 CFR § 425.605(d)(1)(iii)(B)";
            ["enhanced", "track_3"] 2016 => Number(0.75), Published, "42 CFR § 425.610(f); one published case";
            ["track_1_plus"] 2018 => Number(0.30), Published, "Track 1+ Model agreement";
            ["track_2"] 2012 => Number(0.60), Unconfirmed, "42 CFR § 425.606(f); no published case";
        }
        /// Loss recoupment limit, as a share of benchmark.
        loss_limit_of_benchmark: Option<Share> {
            ["basic_a", "basic_b", "track_1"] 2012 => Absent, Regulation, "one-sided";
            ["basic_c"] 2019 => Number(0.01), Secondary, "42 CFR § 425.605(d)(1)(iii)(D); no published case";
            ["basic_d"] 2019 => Number(0.02), Secondary, "42 CFR § 425.605(d)(1)(iv)(D); no published case";
            ["basic_e"] 2019 => Number(0.04), Secondary, "42 CFR § 425.605(d)(1)(v)(D); no published case";
            ["enhanced", "track_3"] 2016 => Number(0.15), Secondary, "42 CFR § 425.610(g); no published case";
            ["track_1_plus"] 2018 => Number(0.04), Unconfirmed, "Track 1+ Model agreement; no published case";
            ["track_2"] 2012 => Number(0.10), Unconfirmed, "42 CFR § 425.606(g), third year; 5% and 7.5% before";
        }
        /// Loss recoupment limit, as a share of participant revenue; the smaller limit holds.
        loss_limit_of_revenue: Option<Share> {
            ["basic_a", "basic_b", "track_1", "track_2", "track_3", "enhanced"] 2012 => Absent, Regulation, "no such limit";
            ["basic_c"] 2019 => Number(0.02), Secondary, "42 CFR § 425.605(d)(1)(iii)(D); published losses agree";
            ["basic_d"] 2019 => Number(0.04), Secondary, "42 CFR § 425.605(d)(1)(iv)(D); published losses agree";
            ["basic_e"] 2019 => Number(0.08), Secondary, "42 CFR § 425.605(d)(1)(v)(D); published losses agree";
            ["track_1_plus"] 2018 => Number(0.08), Unconfirmed, "Track 1+ Model agreement; where the limit is revenue-based";
        }
        /// Cut from savings, before the payment limit; losses are not cut. It follows the date of payment, a fall later.
        sequestration: Share {
            [] 2012 => Number(0.02), Unconfirmed, "paid after April 2013, when sequestration began";
            [] 2014 => Number(0.02), Published, "PY2014 to PY2018 results";
            [] 2019 => Number(0.0), Published, "PY2019 and PY2020 results: paid while suspended, from May 2020 to March 2022";
            [] 2021 => Number(0.02), Published, "PY2021 to PY2024 results";
        }
        /// First agreement start from which a low-revenue BASIC ACO below its minimum savings rate shares at half its rate.
        half_rate_from_start: Option<f64> {
            ["basic_a", "basic_b", "basic_c", "basic_d", "basic_e"] 2012 => Absent, Published, "PY2022 and PY2023 results";
            ["basic_a", "basic_b", "basic_c", "basic_d", "basic_e"] 2024 => Number(2024.0), Published, "42 CFR § 425.605(h); PY2024 results";
            ["enhanced", "track_1", "track_1_plus", "track_2", "track_3"] 2012 => Absent, Published, "PY2024 results";
        }
        /// Assigned beneficiaries that the half rate needs.
        half_rate_beneficiaries: f64 {
            [] 2012 => Number(5000.0), Secondary, "42 CFR § 425.605(h); no published case";
        }
        /// Repayment mechanism, as a share of the assigned population's expenditure.
        repayment_of_expenditure: Share {
            [] 2012 => Number(0.01), Unconfirmed, "42 CFR § 425.204(f)(4)";
            [] 2022 => Number(0.005), Unconfirmed, "42 CFR § 425.204(f)(4)";
        }
        /// Repayment mechanism, as a share of participant revenue; the smaller amount holds.
        repayment_of_revenue: Option<Share> {
            ["basic_a", "basic_b", "basic_c", "basic_d", "basic_e", "track_1_plus"] 2012 => Number(0.02), Unconfirmed, "42 CFR § 425.204(f)(4)";
            ["basic_a", "basic_b", "basic_c", "basic_d", "basic_e", "track_1_plus"] 2022 => Number(0.01), Unconfirmed, "42 CFR § 425.204(f)(4)";
            ["enhanced", "track_1", "track_2", "track_3"] 2012 => Absent, Unconfirmed, "42 CFR § 425.204(f)(4)";
        }
    }
}

/// Minimum savings rate of an ACO that chose the variable one, by its assigned beneficiaries.
///
/// Within each band the rate falls on a straight line from the rate at its first number to that at its last (999, not
/// 1,000, above the first). From 60,000 on it stays at 2%.
///
/// # Source
/// 42 CFR § 425.605(b)(1); the interpolation reproduces every rate that CMS published. The regulation's table begins at 500; the one
/// rate published below, 25.4190476% at 152 beneficiaries (PY2017), is that of a band from 27.4% at 100 to 12.2% at 499, and 27.4% is
/// what the other ends have at 90% confidence and a coefficient of variation of 2.14 (1.2816 × 2.14 / √100). Below 100 the rate stays
/// there, **unconfirmed**: give a fixed `minimum_rate` where CMS has set another.
pub fn minimum_savings_rate(assigned_beneficiaries: u64) -> Share {
    let n = clamped(assigned_beneficiaries);
    let percent = band_of(n).map_or(2.0, |(first, last, at_first, at_last)| {
        at_first + (at_last - at_first) * (n - first) as f64 / (last - first) as f64
    });
    Share::new(percent / 100.0).expect("the table holds percents")
}

/// What a step says of how [`minimum_savings_rate`] follows from the beneficiaries.
pub(crate) fn minimum_savings_rate_how(assigned_beneficiaries: u64) -> String {
    band_of(clamped(assigned_beneficiaries)).map_or_else(
        || "2 / 100".to_owned(),
        |(first, last, at_first, at_last)| {
            let width = last - first;
            let of = if assigned_beneficiaries < first { "100" } else { "{assigned beneficiaries}" };
            format!("({at_first} - ({at_first} - {at_last}) × ({of} - {first}) / {width}) / 100")
        },
    )
}

fn clamped(assigned_beneficiaries: u64) -> u64 {
    assigned_beneficiaries.clamp(100, 60_000)
}

/// The band of a number of beneficiaries: its first and last number, and the rates there in percent; none from 60,000 on.
fn band_of(n: u64) -> Option<(u64, u64, f64, f64)> {
    const BANDS: [(u64, u64, f64, f64); 13] = [
        (100, 499, 27.4, 12.2),
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
    BANDS.into_iter().find(|&(first, last, ..)| (first..=last).contains(&n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Track;

    #[test]
    fn every_track_has_its_numbers_in_every_year_that_it_is_read_for() {
        for (name, _) in Track::NAMES {
            for year in 2019..=2030 {
                assert!(MsspRules::of(year, name).is_some(), "{name} in {year}");
            }
        }
        assert!(MsspRules::of(2012, "track_2").is_some());
        assert!(MsspRules::of(2015, "basic_e").is_none());
    }

    #[test]
    fn the_rate_below_500_beneficiaries_is_the_published_one() {
        for (n, published) in [(152, 0.254190476), (513, 0.1211), (605, 0.114635271), (791, 0.101589178)] {
            let rate = minimum_savings_rate(n).value();
            assert!((rate - published).abs() < if n == 513 { 5e-5 } else { 1e-9 }, "{n}: {rate}");
        }
    }

    #[test]
    fn the_rate_table_meets_its_ends_and_its_last_numbers() {
        for (n, percent) in [
            (1, 27.4),
            (100, 27.4),
            (499, 12.2),
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
}
