//! One measure: its score, its weight and its scale.

use twosided_form::{At, Key, Literal::Number, Range, Section, keys, unique};

use crate::Known;

use super::scale::{ScaleKeys, ScoringScale};

keys! {
    /// One measure.
    pub(crate) struct MeasureKeys "quality.measures" with [ScaleKeys::OWN] {
        NAME: String = Key::name().more("Unique among measures");
        SCORE: f64 = Key::number("score", Range::of(-1e9, 1e9)).absent("required without `counted`", "0.8")
            .meaning("what was reached");
        COUNTED: String = Key::text("counted").absent("none", "\"A1c below 8\"")
            .meaning("a [measure](scenario.md#populationmeasures) of the population")
            .more("In place of `score` and `denominator`: both are counted each year");
        DENOMINATOR: f64 = Key::number("denominator", Range::of(0.0, 1e9)).absent("unknown: the measure counts", "240")
            .meaning("the cases on which the score rests");
        CATEGORY: String = Key::text("category").absent("none", "\"outcomes\"")
            .meaning("the one of `categories` that it belongs to");
        ALTERNATIVE: f64 = Key::number("alternative", Range::of(-1e9, 1e9)).absent("none", "0.35")
            .meaning("the score from which it meets the alternative quality standard of `mssp`")
            .more("CMS asks for the 10th percentile on one outcome measure");
        WEIGHT: f64 = Key::number("weight", Range::of(1e-6, 1e6)).default(Number(1.0))
            .meaning("the weight among the measures that count");
    }
}

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
    /// The category that it belongs to.
    pub category: Option<String>,
    /// The score from which it meets an alternative standard.
    pub alternative: Option<f64>,
    /// Cases on which the score rests, where they are known.
    pub denominator: Option<f64>,
}

/// Where a measure's score is from.
#[derive(Clone, Debug, PartialEq)]
pub enum Score {
    /// It is agreed, or known.
    Given(f64),
    /// It is counted each year: what this measure of the population counts, over those whom it concerns.
    Counted(String),
}

impl ScoredMeasure {
    pub(super) fn read(section: Section<'_>, known: &Known, names: &mut Vec<At<String>>) -> Option<Self> {
        type Keys = MeasureKeys;
        let name = section.read_at(&Keys::NAME).filter(|name| unique(&section, names, name, "measure"));
        let score = Score::read(&section, known);
        let weight = section.read(&Keys::WEIGHT);
        let scale = ScoringScale::read(&section);
        let denominator = section.optional(&Keys::DENOMINATOR);
        let (category, alternative) = (section.optional(&Keys::CATEGORY), section.optional(&Keys::ALTERNATIVE));
        section.finish();
        Some(Self {
            name: name?.value,
            score: score?,
            weight: weight?,
            scale: scale?,
            category: category?,
            alternative: alternative?,
            denominator: denominator?,
        })
    }
}

impl Score {
    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = MeasureKeys;
        if !section.has(Keys::COUNTED.name) {
            section.need(&Keys::SCORE);
            return section.read(&Keys::SCORE).map(Self::Given);
        }
        for key in [Keys::SCORE.name, Keys::DENOMINATOR.name] {
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
        let name = section.read_at(&Keys::COUNTED)?;
        let path = section.path_of(Keys::COUNTED.name);
        known.measures.has(&name, section, &path).then_some(Self::Counted(name.value))
    }
}
