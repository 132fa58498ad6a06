//! A condition's readmissions as the sampled years have them.
//!
//! # Source
//! CMS's measures fit a hierarchical logistic regression: a hospital's intercept is normal about the nation's. Here the patient mix enters by
//! its expected rate, and the hospital's effect is the mode of its posterior at a known spread, which shrinks small hospitals to the nation.

use std::collections::BTreeMap;

use twosided_form::{At, ByName, Holds, Key, Range, Section, keys, shortened};
use twosided_population::Observation;
use twosided_units::Share;

use crate::{AGREED, CARRIED, Known, OBSERVED, Settlement, read};

keys! {
    /// Readmissions that follow from the sampled years.
    pub(crate) struct SampledKeys "terms.hrrp.conditions.condition.sampled" {
        STAYS: String = Key::text("stays").required("\"heart failure stays\"")
            .meaning("the service whose events are the eligible discharges")
            .more("All of them are the hospital's: `own_share` takes none away, so name a service of its own stays");
        READMISSIONS: String = Key::text("readmissions").required("\"heart failure readmissions\"")
            .meaning("the service whose events are unplanned readmissions within 30 days")
            .more("It follows the stays with a `bernoulli` law: a discharge has at most one");
        EXPECTED_RATE: Share = Key::share("expected_rate").required("0.21")
            .meaning("the readmission rate of the nation for patients of this mix");
        SEGMENTS: ByName<Share> = Key::by_name("segments", "segment", &Holds::Share(Range::UNIT))
            .absent("none", "{ dual = 0.24 }").meaning("the expected rates of segments that have their own");
        HOSPITAL_SD: f64 = Key::number("hospital_sd", Range::of(0.0, 5.0)).absent("by condition", "0.15")
            .meaning("the standard deviation between hospitals of the effect on the logit, which decides how far small hospitals are shrunken")
            .more("By default it is the one with which CMS's ratios of fiscal year 2024 follow best from its readmissions ([readmissions](readmissions.md)): ami 0.154, copd 0.138, hf 0.137, pneumonia 0.1325, cabg 0.2, tha_tka 0.261");
        BEFORE: Vec<At<(f64, f64)>> = Key::pairs("before", "`[discharges, readmissions]`").absent("none: the window grows from the first year on", "[[160, 34], [171, 37]]")
            .meaning("the discharges and readmissions of the years before the first, from the oldest on")
            .more("Readmissions are expected of them at `expected_rate`");
    }
}

/// Readmissions that follow from the sampled years.
#[derive(Clone, Debug, PartialEq)]
pub struct SampledReadmissions {
    /// The service whose events are discharges.
    pub stays: String,
    /// The service whose events are readmissions.
    pub readmissions: String,
    /// The nation's rate for patients of this mix.
    pub expected_rate: Share,
    /// Expected rates of segments that have their own.
    pub segments: BTreeMap<String, f64>,
    /// Standard deviation between hospitals of the effect on the logit.
    pub hospital_sd: f64,
    /// Discharges and readmissions of the years before the first, from the oldest on.
    pub before: Vec<(f64, f64)>,
}

/// What a condition came to over a window of years.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Window {
    /// Eligible discharges.
    pub discharges: f64,
    /// Those with a readmission.
    pub readmissions: f64,
    /// Readmissions that the nation's rates make of them.
    pub expected: f64,
}

impl Window {
    /// The mode of the posterior of the hospital's effect on the logit, and the ratio of predicted to expected readmissions.
    ///
    /// ```text
    /// maximize over a: readmissions × log p + (discharges - readmissions) × log(1 - p) - a² / (2 sd²), logit p = logit e + a
    /// excess readmission ratio = p / e, where e is the expected rate
    /// ```
    pub fn excess_ratio(&self, hospital_sd: f64) -> (f64, f64) {
        let &Self { discharges, readmissions, expected } = self;
        if discharges <= 0.0 || expected <= 0.0 || expected >= discharges || hospital_sd <= 0.0 {
            return (0.0, 1.0);
        }
        let rate = expected / discharges;
        let logit = libm::log(rate / (1.0 - rate));
        let at = |effect: f64| 1.0 / (1.0 + libm::exp(-(logit + effect)));
        let precision = 1.0 / (hospital_sd * hospital_sd);
        // The slope falls throughout, and is of opposite signs at these ends.
        let slope = |effect: f64| readmissions - discharges * at(effect) - precision * effect;
        let reach = hospital_sd * hospital_sd * discharges;
        let (mut low, mut high) = (-reach, reach);
        let mut effect = 0.0;
        for _ in 0..60 {
            let (rate, slope) = (at(effect), slope(effect));
            if slope > 0.0 {
                low = effect;
            } else {
                high = effect;
            }
            let step = slope / (discharges * rate * (1.0 - rate) + precision);
            let next = effect + step;
            let next = if next > low && next < high { next } else { f64::midpoint(low, high) };
            if (next - effect).abs() < 1e-13 {
                effect = next;
                break;
            }
            effect = next;
        }
        (effect, at(effect) / rate)
    }
}

impl SampledReadmissions {
    /// What it must see of a year.
    pub(super) fn observes(&self) -> [Observation; 4] {
        let stays = || self.stays.clone();
        [
            Observation::Count { service: stays() },
            Observation::Count { service: self.readmissions.clone() },
            Observation::Expected {
                service: stays(),
                rate: self.expected_rate.value(),
                segments: self.segments.clone(),
            },
            Observation::Expenditure { service: stays() },
        ]
    }

    /// The window that ends `lag` years before a year: years before the first, then sampled ones, `years` of them at most.
    pub(super) fn window(&self, sampled: impl Iterator<Item = Window>, years: usize, lag: usize) -> Window {
        let rate = self.expected_rate.value();
        let before = self.before.iter().map(|&(discharges, readmissions)| Window {
            discharges,
            readmissions,
            expected: discharges * rate,
        });
        let all: Vec<Window> = before.chain(sampled).collect();
        all.iter().rev().skip(lag).take(years).fold(Window::default(), |sum, year| Window {
            discharges: sum.discharges + year.discharges,
            readmissions: sum.readmissions + year.readmissions,
            expected: sum.expected + year.expected,
        })
    }

    /// Records what the window came to; the excess readmission ratio.
    pub(super) fn record(&self, settlement: &mut Settlement, name: &str, window: &Window) -> f64 {
        let (effect, ratio) = window.excess_ratio(self.hospital_sd);
        if settlement.records_steps() {
            let from = if self.before.is_empty() { OBSERVED } else { CARRIED };
            settlement.number(format!("{name}: discharges of the window"), from, window.discharges);
            settlement.number(format!("{name}: readmissions of the window"), from, window.readmissions);
            settlement.number(format!("{name}: expected readmissions"), from, window.expected);
            settlement.number(format!("{name}: deviation between hospitals"), AGREED, self.hospital_sd);
            let how = "the mode of its posterior, given the readmissions and the deviation between hospitals";
            settlement.number(format!("{name}: effect of the hospital"), how, effect);
        }
        ratio
    }

    pub(super) fn read(section: Section<'_>, known: &Known, hospital_sd: f64) -> Option<Self> {
        type Keys = SampledKeys;
        let stays = read::known_service(&section, &Keys::STAYS, known);
        let readmissions = read::known_service(&section, &Keys::READMISSIONS, known);
        let follow = stays.as_ref().zip(readmissions.as_ref()).is_none_or(|(stays, readmissions)| {
            let breaks = known.follows.breaks(readmissions, stays);
            if let Some(segment) = breaks {
                let path = section.path_of(Keys::READMISSIONS.name);
                let message = format!("{path} does not follow the stays in the segment \"{}\"", shortened(segment, 60));
                let help = "give the service follows = the service of the stays, and a bernoulli law";
                section.wrong(&section.span_of(Keys::READMISSIONS.name), message, help);
            }
            breaks.is_none()
        });
        let expected_rate = section.read(&Keys::EXPECTED_RATE);
        let segments = section.optional_by_name(&Keys::SEGMENTS, &known.segments);
        let own_sd = section.optional(&Keys::HOSPITAL_SD);
        let before = section.optional(&Keys::BEFORE).and_then(|before| {
            let before = before.unwrap_or_default();
            for year in &before {
                let (discharges, readmissions) = year.value;
                if !(0.0..=1e9).contains(&discharges) || !(0.0..=discharges).contains(&readmissions) {
                    let message = format!("{} has [{discharges}, {readmissions}]", section.path_of(Keys::BEFORE.name));
                    let help = "write the discharges of a year and, of them, those with a readmission";
                    section.wrong(&year.span, message, help);
                    return None;
                }
            }
            Some(before.into_iter().map(|year| year.value).collect())
        });
        section.finish();
        follow.then_some(())?;
        let segments: BTreeMap<String, Share> = segments?;
        Some(Self {
            stays: stays?,
            readmissions: readmissions?,
            expected_rate: expected_rate?,
            segments: segments.into_iter().map(|(segment, rate)| (segment, rate.value())).collect(),
            hospital_sd: own_sd?.unwrap_or(hospital_sd),
            before: before?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(readmissions: f64, hospital_sd: f64) -> f64 {
        Window { discharges: 400.0, readmissions, expected: 80.0 }.excess_ratio(hospital_sd).1
    }

    #[test]
    fn a_ratio_is_between_none_and_observed_over_expected() {
        assert_eq!(ratio(100.0, 0.0), 1.0);
        assert!((ratio(100.0, 50.0) - 1.25).abs() < 1e-3, "nothing is shrunken where hospitals differ without limit");
        assert!((ratio(80.0, 0.2) - 1.0).abs() < 1e-12);
        let shrunken = ratio(100.0, 0.13);
        assert!(shrunken > 1.0 && shrunken < 1.25);
        // To the second order the weight is n p (1 - p) / (n p (1 - p) + 1 / sd²).
        let information = 400.0 * 0.2 * 0.8;
        let weight = information / (information + 1.0 / (0.13 * 0.13));
        assert!((shrunken - (1.0 + 0.25 * weight)).abs() < 0.01, "{shrunken}");
        assert!(ratio(0.0, 0.13) > 0.0 && ratio(400.0, 0.13) < 5.0);
        assert_eq!(Window::default().excess_ratio(0.1).1, 1.0);
    }

    #[test]
    fn the_mode_solves_its_equation() {
        let window = Window { discharges: 90.0, readmissions: 31.0, expected: 17.0 };
        let (effect, ratio) = window.excess_ratio(0.4);
        let rate = ratio * 17.0 / 90.0;
        assert!((31.0 - 90.0 * rate - effect / 0.16).abs() < 1e-9, "{effect}");
    }

    #[test]
    fn a_window_is_of_its_last_years() {
        let of = |discharges| Window { discharges, readmissions: 1.0, expected: 2.0 };
        let sampled = SampledReadmissions {
            stays: "stays".into(),
            readmissions: "readmissions".into(),
            expected_rate: Share::new(0.2).expect("a share"),
            segments: BTreeMap::new(),
            hospital_sd: 0.1,
            before: vec![(1.0, 0.0), (10.0, 2.0)],
        };
        let window = sampled.window([of(100.0), of(1_000.0)].into_iter(), 3, 0);
        assert_eq!(window, Window { discharges: 1_110.0, readmissions: 4.0, expected: 6.0 });
        assert_eq!(sampled.window([].into_iter(), 3, 0).discharges, 11.0);
        // Two years late, the window of the first sampled year is of years before it alone.
        assert_eq!(sampled.window([of(100.0)].into_iter(), 3, 2).discharges, 1.0);
        assert_eq!(sampled.window([of(100.0), of(1_000.0)].into_iter(), 2, 1).discharges, 110.0);
    }
}
