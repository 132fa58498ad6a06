//! The composite of a contract: points of measures of the year, which take the place of a given number.

mod measure;
mod scale;

use std::collections::BTreeMap;

use twosided_form::{
    ByName, Holds, Key, List,
    Literal::{Number, Whole},
    Names, Range, Section, keys, shortened,
};
use twosided_population::Observation;
use twosided_units::Share;

use crate::{AGREED, Composite, Known, OBSERVED, Settlement, rounding, step::in_steps};

pub use measure::{Score, ScoredMeasure};
pub use scale::ScoringScale;

pub(crate) use measure::MeasureKeys;

/// Most measures of one contract.
pub(crate) const MOST_MEASURES: usize = 100;

keys! {
    /// How a composite is made.
    pub(crate) struct QualityKeys "quality" {
        MEASURES: List = Key::tables("measures", MeasureKeys::TABLE, MOST_MEASURES)
            .required("[{ name = \"blood pressure\", counted = \"blood pressure control\", threshold = 0.5, benchmark = 0.9 }]")
            .ask("give at least one, as measures = [{ name = \"blood pressure\", counted = \"blood pressure control\", threshold = 0.5, benchmark = 0.9 }]")
            .meaning("what is measured");
        CATEGORIES: ByName<f64> = Key::by_name("categories", "category", &WEIGHTS).absent("none", "{ outcomes = 0.6, process = 0.4 }")
            .meaning("the weights of categories, each of which is the weighted mean of its own measures")
            .more("Every measure then names its `category`. The weight of a category without measures that count is divided among the others");
        MINIMUM_DENOMINATOR: f64 = MINIMUM_DENOMINATOR;
        LEAST_MEASURES: u32 = Key::whole("least_measures", 1, MOST_MEASURES as u64).default(Whole(1))
            .meaning("the fewest measures that must count");
        IF_NONE_COUNTS: Share = Key::share("if_none_counts").default(Number(0.0))
            .meaning("the composite of a year in which fewer count");
        BONUS: Share = Key::share("bonus").default(Number(0.0))
            .meaning("what is added to the composite, which is at most 1, as for a complex organization");
        GATE: Share = Key::share("gate").default(Number(0.5)).meaning("the composite from which the gate of the terms is met")
            .more("It counts in `bundle` and `primary_care_first`");
        LEAST_IMPROVED: u32 = Key::whole("least_improved", 0, MOST_MEASURES as u64).default(Whole(0))
            .meaning("the fewest measures that must be better than their `previous_score` for continuous improvement")
            .more("It counts in `reach`");
    }
}

const WEIGHTS: Holds = Holds::Number(Range::of(0.0, 1e6));

/// The fewest cases with which a measure counts.
pub(crate) const MINIMUM_DENOMINATOR: Key<f64> = Key::number("minimum_denominator", Range::of(0.0, 1e9))
    .default(Number(0.0))
    .meaning("the fewest cases with which a measure counts")
    .more("Others are left out of the composite and of the weights");

/// How a composite is made from measures.
#[derive(Clone, Debug, PartialEq)]
pub struct Quality {
    /// What is measured, by name.
    pub measures: Vec<ScoredMeasure>,
    /// Weights of categories; empty where measures have none.
    pub categories: BTreeMap<String, f64>,
    /// Fewest cases with which a measure counts.
    pub minimum_denominator: f64,
    /// Fewest measures that must count.
    pub least_measures: usize,
    /// The composite of a year in which fewer count.
    pub if_none_counts: Share,
    /// Added to the composite.
    pub bonus: Share,
    /// The composite from which a gate is met.
    pub gate: Share,
    /// Fewest measures that must be better than before.
    pub least_improved: usize,
}

/// A measure in a year.
struct Reached<'a> {
    measure: &'a ScoredMeasure,
    score: f64,
    /// Cases, where they are known.
    cases: Option<f64>,
}

impl Quality {
    /// Measures alone, weighted as they are.
    pub fn of(measures: Vec<ScoredMeasure>, minimum_denominator: f64) -> Self {
        Self {
            measures,
            categories: BTreeMap::new(),
            minimum_denominator,
            least_measures: 1,
            if_none_counts: Share::ZERO,
            bonus: Share::ZERO,
            gate: Share::ZERO,
            least_improved: 0,
        }
    }

    /// Whether some score is counted in the sampled year.
    pub fn is_sampled(&self) -> bool {
        self.measures.iter().any(|measure| matches!(measure.score, Score::Counted(_)))
    }

    /// What it must see of a year: the cases of each counted measure, and what they come to.
    pub fn observes(&self) -> Vec<Observation> {
        let counted = self.measures.iter().filter_map(|measure| match &measure.score {
            Score::Given(_) => None,
            Score::Counted(measure) => Some([
                Observation::Denominator { measure: measure.clone() },
                Observation::Numerator { measure: measure.clone() },
            ]),
        });
        counted.flatten().collect()
    }

    /// How many figures it must see.
    pub(crate) fn figures(&self) -> usize {
        2 * self.measures.iter().filter(|measure| matches!(measure.score, Score::Counted(_))).count()
    }

    /// What was reached of the measures that have cases enough, or do not say.
    fn reached(&self, figures: &[f64]) -> Vec<Reached<'_>> {
        let mut figures = figures.iter();
        let mut next = || *figures.next().expect("two figures for each counted measure");
        let reached = self.measures.iter().map(|measure| match measure.score {
            Score::Given(score) => Reached { measure, score, cases: measure.denominator },
            Score::Counted(_) => {
                let (cases, met) = (next(), next());
                let score = if cases > 0.0 { met / cases } else { 0.0 };
                Reached { measure, score, cases: Some(cases) }
            }
        });
        let least = self.minimum_denominator;
        let enough = |reached: &Reached<'_>| match (&reached.measure.score, reached.cases) {
            (Score::Counted(_), Some(cases)) => cases > 0.0 && rounding::reaches(cases, least, least),
            (_, cases) => cases.is_none_or(|cases| rounding::reaches(cases, least, least)),
        };
        reached.filter(enough).collect()
    }

    /// The part of all points that is earned, from the figures of [`Quality::observes`]; none where too few measures count.
    ///
    /// ```text
    /// category  = sum of weight × points / sum of weights, over its measures that count
    /// composite = sum of weight × category / sum of weights, over categories with such measures, plus the bonus
    /// ```
    pub fn composite(&self, figures: &[f64]) -> Option<f64> {
        self.mean_points(&self.reached(figures))
    }

    fn mean_points(&self, reached: &[Reached<'_>]) -> Option<f64> {
        if reached.len() < self.least_measures {
            return None;
        }
        let all = if self.categories.is_empty() {
            mean(reached.iter())
        } else {
            let categories = self.categories.iter();
            let categories = categories.filter_map(|(name, weight)| Some((*weight, mean(of_category(reached, name))?)));
            let (weights, points) = categories
                .fold((0.0, 0.0), |(weights, points), (weight, mean)| (weights + weight, points + weight * mean));
            (weights > 0.0).then(|| points / weights)
        };
        Some((all? + self.bonus.value()).min(1.0))
    }

    /// Records how the composite comes about; none where too few measures count.
    pub(crate) fn record(&self, settlement: &mut Settlement, figures: &[f64]) -> Option<f64> {
        self.record_reached(settlement, &self.reached(figures))
    }

    fn record_reached(&self, settlement: &mut Settlement, reached: &[Reached<'_>]) -> Option<f64> {
        let composite = self.mean_points(reached)?;
        if !settlement.records_steps() {
            return Some(composite);
        }
        if reached.len() < self.measures.len() {
            settlement.remark("measures with too few cases are left out");
        }
        let mut sums: BTreeMap<&str, (Vec<String>, Vec<String>)> = BTreeMap::new();
        for Reached { measure, score, cases } in reached {
            let name = in_steps(&measure.name);
            match (&measure.score, cases) {
                (Score::Counted(_), Some(cases)) => {
                    settlement.number(format!("{name}: cases"), OBSERVED, *cases);
                    settlement.number(format!("{name}: score"), OBSERVED, *score);
                }
                _ => {
                    settlement.number(format!("{name}: score"), AGREED, *score);
                }
            }
            settlement.number(format!("{name}: weight"), AGREED, measure.weight);
            settlement.share(format!("{name}: points"), measure.scale.how(&name), measure.scale.points(*score));
            let (points, weights) = sums.entry(measure.category.as_deref().unwrap_or_default()).or_default();
            points.push(format!("{{{name}: weight}} × {{{name}: points}}"));
            weights.push(format!("{{{name}: weight}}"));
        }
        let how_mean = |(points, weights): &(Vec<String>, Vec<String>)| {
            format!("({}) / ({})", points.join(" + "), weights.join(" + "))
        };
        let how = if self.categories.is_empty() {
            sums.values().map(how_mean).collect()
        } else {
            let (mut points, mut weights) = (Vec::new(), Vec::new());
            for (category, weight) in self.categories.iter().filter(|(name, _)| sums.contains_key(name.as_str())) {
                let Some(value) = mean(of_category(reached, category)) else { continue };
                let of = in_steps(category);
                settlement.share(format!("category {of}"), how_mean(&sums[category.as_str()]), value);
                settlement.number(format!("weight of category {of}"), AGREED, *weight);
                points.push(format!("{{weight of category {of}}} × {{category {of}}}"));
                weights.push(format!("{{weight of category {of}}}"));
            }
            how_mean(&(points, weights))
        };
        let how = if self.bonus > Share::ZERO {
            settlement.share("bonus to the composite", AGREED, self.bonus.value());
            format!("min(1, {how} + {{bonus to the composite}})")
        } else {
            how
        };
        Some(settlement.share("composite", how, composite))
    }

    /// What the composite of a year means to terms, recorded; `earlier` are the composites of the years before.
    pub(crate) fn settle<'a>(&self, settlement: &mut Settlement, figures: &[f64], earlier: &'a [f64]) -> Composite<'a> {
        settlement.rule("the contract's quality measures");
        let reached = self.reached(figures);
        let value = self.record_reached(settlement, &reached).unwrap_or_else(|| {
            settlement.remark("too few measures count");
            settlement.share("composite", AGREED, self.if_none_counts.value())
        });
        let is_met = |reached: &&Reached<'_>| {
            reached.measure.alternative.is_some_and(|at| reached.measure.scale.is_as_good(reached.score, at))
        };
        let is_improved = |reached: &&Reached<'_>| {
            reached.measure.scale.previous_score().is_some_and(|before| {
                before != reached.score && reached.measure.scale.is_as_good(reached.score, before)
            })
        };
        Composite {
            value,
            gate: self.gate,
            alternative: reached.iter().any(|reached| is_met(&reached)),
            improved: (self.least_improved > 0)
                .then(|| reached.iter().filter(is_improved).count() >= self.least_improved),
            earlier,
        }
    }

    /// Reads the table of a contract.
    pub(crate) fn read(section: Section<'_>, known: &Known) -> Option<Self> {
        type Keys = QualityKeys;
        let measures = read_measures(&section, &Keys::MEASURES, known);
        let categories = section.optional_by_name(&Keys::CATEGORIES, &Names::any());
        let minimum_denominator = section.read(&Keys::MINIMUM_DENOMINATOR);
        let least_measures = section.read(&Keys::LEAST_MEASURES);
        let if_none_counts = section.read(&Keys::IF_NONE_COUNTS);
        let bonus = section.read(&Keys::BONUS);
        let gate = section.read(&Keys::GATE);
        let least_improved = section.read(&Keys::LEAST_IMPROVED);
        if let (Some(measures), Some(categories)) = (&measures, &categories) {
            check_categories(&section, measures, categories)?;
        }
        if let (Some(measures), Some(least)) = (&measures, least_measures)
            && least as usize > measures.len()
        {
            let message =
                format!("{} is {least} of {} measures", section.path_of(Keys::LEAST_MEASURES.name), measures.len());
            section.wrong(&section.span_of(Keys::LEAST_MEASURES.name), message, "ask for at most as many as there are");
            return None;
        }
        section.finish();
        Some(Self {
            measures: measures?,
            categories: categories?,
            minimum_denominator: minimum_denominator?,
            least_measures: least_measures? as usize,
            if_none_counts: if_none_counts?,
            bonus: bonus?,
            gate: gate?,
            least_improved: least_improved? as usize,
        })
    }
}

/// The measures of a category.
fn of_category<'a>(reached: &'a [Reached<'a>], category: &'a str) -> impl Iterator<Item = &'a Reached<'a>> + Clone {
    reached.iter().filter(move |reached| reached.measure.category.as_deref() == Some(category))
}

/// The weighted mean of points; none without measures.
fn mean<'a>(reached: impl Iterator<Item = &'a Reached<'a>> + Clone) -> Option<f64> {
    let weights: f64 = reached.clone().map(|reached| reached.measure.weight).sum();
    let points = reached.map(|Reached { measure, score, .. }| measure.weight * measure.scale.points(*score));
    let points: f64 = points.sum();
    (weights > 0.0).then(|| points / weights)
}

/// Reads measures, by name whatever their order in the file, so that sums over them do not depend on it.
pub(crate) fn read_measures(section: &Section<'_>, key: &Key<List>, known: &Known) -> Option<Vec<ScoredMeasure>> {
    let mut names = Vec::new();
    let mut measures = section.tables(key, |measure| ScoredMeasure::read(measure, known, &mut names))?;
    measures.sort_by(|one, other| one.name.cmp(&other.name));
    Some(measures)
}

/// Every measure names a category that has a weight, or none has.
fn check_categories(
    section: &Section<'_>,
    measures: &[ScoredMeasure],
    categories: &BTreeMap<String, f64>,
) -> Option<()> {
    let key = QualityKeys::CATEGORIES.name;
    let wrong = |message: String, help: &str| {
        let span = if section.has(key) { section.span_of(key) } else { section.span_of(QualityKeys::MEASURES.name) };
        section.wrong(&span, message, help);
        None
    };
    if !categories.is_empty() && categories.values().sum::<f64>() <= 0.0 {
        return wrong(format!("{}: the weights add to nothing", section.path_of(key)), "give at least one a weight");
    }
    for measure in measures {
        let name = shortened(&measure.name, 60);
        match &measure.category {
            None if !categories.is_empty() => {
                return wrong(format!("the measure \"{name}\" has no category"), "name the category of every measure");
            }
            Some(category) if !categories.contains_key(category) => {
                let category = shortened(category, 60);
                let message = format!("the category \"{category}\" of the measure \"{name}\" has no weight");
                return wrong(message, "give its weight in categories");
            }
            _ => {}
        }
    }
    Some(())
}

#[cfg(test)]
mod tests;
