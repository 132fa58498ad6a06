//! The risk score of a benchmark of ACO REACH or LEAD, and its caps.

use twosided_form::{Key, Literal::Number, Nested, Range, Section, keys};
use twosided_units::Share;

use crate::{AGREED, Settlement};

/// The risk score by which a benchmark is multiplied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BenchmarkScore {
    /// Score before normalization.
    pub raw: f64,
    /// Normalization factor.
    pub normalization: f64,
    /// Normalized score of the reference year; without one there is no cap.
    pub reference: Option<f64>,
    /// Coding intensity factor.
    pub coding_intensity: f64,
    /// Normalized score of 2019, for the later cap on growth since then.
    pub score_2019: Option<f64>,
}

/// What limits a risk score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ScoreCaps {
    /// Up and down from the reference year.
    pub(crate) symmetric: Share,
    /// Up from 2019, after the coding intensity factor.
    pub(crate) since_2019: Option<Share>,
}

keys! {
    /// The risk score of a benchmark.
    pub(crate) struct BenchmarkScoreKeys "risk_score" {
        RAW: f64 = score("raw").required("1.05").meaning("the risk score before normalization");
        NORMALIZATION: f64 = score("normalization").default(Number(1.0)).meaning("what the raw score is multiplied by");
        REFERENCE: f64 = score("reference").absent("none: no cap", "1.02")
            .meaning("the normalized risk score of the reference year");
        CODING_INTENSITY_FACTOR: f64 = Key::number("coding_intensity_factor", Range::of(0.5, 1.0)).default(Number(1.0))
            .meaning("the coding intensity factor").more("In `reach` it is at least 1 less `coding_intensity_limit`");
        SCORE_2019: f64 = score("score_2019").absent("none: no such cap", "1.01")
            .meaning("the normalized risk score of 2019").more("It is used by `reach` from 2026 on, and by nothing else");
    }
}

/// The key of a score or of a factor of one.
const fn score(name: &'static str) -> Key<f64> {
    Key::number(name, Range::of(0.01, 100.0))
}

/// The key of the risk score of a benchmark.
pub(crate) const RISK_SCORE: Key<Nested> = Key::table("risk_score", BenchmarkScoreKeys::TABLE)
    .absent("none: the benchmark is as given", "{ raw = 1.05 }")
    .meaning("the risk score by which the benchmark is multiplied");

impl BenchmarkScore {
    /// Reads the score; one of 2019 only where growth since then has a cap, and a coding intensity factor from its lowest on.
    pub(crate) fn read(section: Section<'_>, has_cap_since_2019: bool, lowest_factor: f64) -> Option<Self> {
        type Keys = BenchmarkScoreKeys;
        let raw = section.read(&Keys::RAW);
        let normalization = section.read(&Keys::NORMALIZATION);
        let reference = section.optional(&Keys::REFERENCE);
        let factor = section.read(&Keys::CODING_INTENSITY_FACTOR);
        let score_2019 = section.optional(&Keys::SCORE_2019);
        let refuse = |key: &Key<f64>, message: &str, help: &str| {
            section.wrong(&section.span_of(key.name), format!("{} is {message}", section.path_of(key.name)), help);
        };
        let too_low = factor.is_some_and(|factor| factor < lowest_factor - 1e-9);
        if too_low {
            let help = "the factor is at least 1 less coding_intensity_limit; override that if yours is lower";
            refuse(&Keys::CODING_INTENSITY_FACTOR, &format!("below {lowest_factor}"), help);
        }
        let needless = !has_cap_since_2019 && section.has(Keys::SCORE_2019.name);
        if needless {
            let help = "there is no cap on growth since 2019 in this year; leave it out";
            refuse(&Keys::SCORE_2019, "given", help);
        }
        section.finish();
        if too_low || needless {
            return None;
        }
        Some(Self {
            raw: raw?,
            normalization: normalization?,
            reference: reference?,
            coding_intensity: factor?,
            score_2019: score_2019?,
        })
    }

    /// The normalized score.
    pub fn normalized(&self) -> f64 {
        self.raw * self.normalization
    }

    /// The normalized score within its cap.
    pub fn capped(&self, symmetric: Share) -> f64 {
        self.reference.map_or(self.normalized(), |reference| {
            self.normalized().clamp(reference * (1.0 - symmetric.value()), reference * (1.0 + symmetric.value()))
        })
    }

    /// The score of the benchmark: capped, times the coding intensity factor, and within the cap on growth since 2019.
    pub fn benchmark_score(&self, symmetric: Share, since_2019: Option<Share>) -> f64 {
        let score = self.capped(symmetric) * self.coding_intensity;
        match self.score_2019.zip(since_2019) {
            Some((score_2019, cap)) => score.min(score_2019 * (1.0 + cap.value())),
            None => score,
        }
    }

    pub(crate) fn record(&self, caps: ScoreCaps, settlement: &mut Settlement) -> f64 {
        settlement.number("raw risk score", AGREED, self.raw);
        settlement.number("normalization factor", AGREED, self.normalization);
        settlement.number("normalized risk score", "{raw risk score} × {normalization factor}", self.normalized());
        let capped = self.capped(caps.symmetric);
        if let Some(reference) = self.reference {
            settlement.number("reference-year risk score", AGREED, reference);
            settlement.share("risk-score cap", AGREED, caps.symmetric.value());
            settlement.number(
                "capped risk score",
                "clamp({normalized risk score}, {reference-year risk score} × (1 - {risk-score cap}), {reference-year risk score} × (1 + {risk-score cap}))",
                capped,
            );
        } else {
            settlement.remark("there is no reference year, and so no cap");
            settlement.number("capped risk score", "{normalized risk score}", capped);
        }
        settlement.number("coding intensity factor", AGREED, self.coding_intensity);
        let score = self.benchmark_score(caps.symmetric, caps.since_2019);
        match self.score_2019.zip(caps.since_2019) {
            Some((score_2019, cap)) => {
                settlement.number("risk score of 2019", AGREED, score_2019);
                settlement.share("cap on growth since 2019", AGREED, cap.value());
                settlement.number(
                    "benchmark risk score",
                    "min({capped risk score} × {coding intensity factor}, {risk score of 2019} × (1 + {cap on growth since 2019}))",
                    score,
                )
            }
            None => settlement.number("benchmark risk score", "{capped risk score} × {coding intensity factor}", score),
        }
    }
}
