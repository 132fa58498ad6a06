//! The risk score of a benchmark of ACO REACH or LEAD, and its caps.

use twosided_form::Section;
use twosided_units::Share;

use crate::{AGREED, Settlement, read};

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

impl BenchmarkScore {
    /// Reads the score; one of 2019 only where growth since then has a cap.
    #[expect(clippy::option_option, reason = "none where it is wrong; some of none where it is absent")]
    pub(crate) fn read(section: &Section<'_>, has_cap_since_2019: bool) -> Option<Option<Self>> {
        section.or("risk_score", None, |section| {
            let section = section.section("risk_score")?;
            let score = |key: &'static str| read::number(&section, key, 0.01, 100.0, "1.05");
            let optional = |key: &'static str| {
                let help = "a normalized risk score is a number from 0.01 to 100";
                section.or(key, None, |section| Some(Some(section.number_within(key, 0.01, 100.0, help)?.value)))
            };
            let raw = score("raw");
            let normalization = read::number_or(&section, "normalization", 1.0, 0.01, 100.0);
            let reference = optional("reference");
            let coding_intensity = read::number_or(&section, "coding_intensity_factor", 1.0, 0.5, 1.0);
            let score_2019 = optional("score_2019");
            if !has_cap_since_2019 && section.has("score_2019") {
                let message = format!("{} is given", section.path_of("score_2019"));
                let help = "there is no cap on growth since 2019 in this year; leave it out";
                section.wrong(&section.span_of("score_2019"), message, help);
                return None;
            }
            section.finish();
            Some(Some(Self {
                raw: raw?,
                normalization: normalization?,
                reference: reference?,
                coding_intensity: coding_intensity?,
                score_2019: score_2019?,
            }))
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

    pub(crate) fn tell(&self, caps: ScoreCaps, settlement: &mut Settlement) -> f64 {
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
