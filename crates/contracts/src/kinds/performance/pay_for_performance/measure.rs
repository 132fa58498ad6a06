//! One measure: its score, its weight and its scale.

use twosided_form::{At, Section, unique};

use crate::{Known, read};

use super::scale::ScoringScale;

/// One measure.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredMeasure {
    /// Its name.
    pub name: String,
    /// What was reached.
    pub score: Score,
    /// Its weight among the measures.
    pub weight: f64,
    /// How points follow from the score.
    pub scale: ScoringScale,
    /// Cases on which the score rests, where they are known.
    pub denominator: Option<f64>,
}

/// Where a measure's score is from.
#[derive(Clone, Debug, PartialEq)]
pub enum Score {
    /// It is agreed, or known.
    Given(f64),
    /// It is counted each year: of the people whom this measure of the population concerns, the share who meet it.
    Counted(String),
}

impl ScoredMeasure {
    pub(super) fn read(section: Section<'_>, known: &Known, names: &mut Vec<At<String>>) -> Option<Self> {
        let name = section.name("name").filter(|name| unique(&section, names, name, "measure"));
        let score = Score::read(&section, known);
        let weight = section.or("weight", 1.0, |section| {
            let help = "weight is a number above 0, at most 1e6";
            Some(section.number_within("weight", 1e-6, 1e6, help)?.value)
        });
        let scale = ScoringScale::read(&section);
        let denominator = section.or("denominator", None, |section| {
            let help = "denominator is a number of cases, from 0 to 1e9";
            section.number_within("denominator", 0.0, 1e9, help).map(|at| Some(at.value))
        });
        section.finish();
        Some(Self { name: name?.value, score: score?, weight: weight?, scale: scale?, denominator: denominator? })
    }
}

impl Score {
    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        if !section.has("counted") {
            return read::number(section, "score", -1e9, 1e9, "score = 0.8").map(Self::Given);
        }
        for key in ["score", "denominator"] {
            if section.has(key) {
                let message = format!("{} has both `counted` and `{key}`", section.path);
                section.wrong(
                    &section.span_of(key),
                    message,
                    "what is counted has its score and its cases from the year",
                );
                return None;
            }
        }
        let name = section.text("counted")?;
        let name = At { value: name.value.to_owned(), span: name.span };
        let path = section.path_of("counted");
        known.measures.has(&name, section, &path).then_some(Self::Counted(name.value))
    }
}
