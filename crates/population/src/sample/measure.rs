//! Quality measures of people: who is a case, and what is found of them.

use twosided_prob::{Purpose, Stream, StreamKey, name_key, upper_probability, upper_score};

use crate::{Cases, Measured, Observation, PeopleMeasure, PersonLaw, Plan, QualityMeasure, Segment, Variant};

use super::{
    frailty_classes::{CLASSES, Counts, mean, means},
    rows::Rows,
};

/// A quality measure of a segment's people.
#[derive(Clone, Debug)]
pub(super) struct MeasureSampler {
    pub(super) name: String,
    cases: Cases,
    law: Law,
    /// Whether cases and what is found of them are drawn from the number of people alone.
    is_plain: bool,
    denominator_column: Option<usize>,
    numerator_column: Option<usize>,
}

/// What is found of a person, given frailty and the year.
#[derive(Clone, Debug)]
enum Law {
    /// The measure is met where `from + loading × frailty + year × score of the year + own × chance` is above zero.
    Met {
        from: f64,
        loading: f64,
        own: f64,
        year: f64,
        /// The rate, and the chances by class where years do not differ.
        rate: f64,
        by_class: Box<[f64; CLASSES]>,
    },
    /// An amount.
    Amount {
        mean: f64,
        sd: f64,
        loading: f64,
        year: f64,
        /// Means and variances of frailty by class.
        by_class: Box<[(f64, f64); CLASSES]>,
    },
}

impl Law {
    fn of(measure: &PeopleMeasure, segment: &Segment) -> Self {
        let (level, loading) = (measure.level_in(segment), measure.frailty_loading);
        let own = (1.0 - loading * loading).max(0.0).sqrt();
        match measure.law {
            PersonLaw::Met { .. } => {
                let score = if level > 0.0 && level < 1.0 { -upper_score(level) } else { 0.0 };
                let density = libm::exp(-0.5 * score * score) / (2.0 * std::f64::consts::PI).sqrt();
                // The rate's deviation is to the first order; its mean is exact.
                let year = if level > 0.0 && level < 1.0 { measure.sd_between_years / density } else { 0.0 };
                let from = match level {
                    ..=0.0 => f64::NEG_INFINITY,
                    1.0.. => f64::INFINITY,
                    _ => score * (1.0 + year * year).sqrt(),
                };
                let by_class = Box::new(means(|frailty| chance(from + loading * frailty, own)));
                Self::Met { from, loading, own, year, rate: level, by_class }
            }
            PersonLaw::Amount { sd, .. } => {
                let (first, second) = (means(|frailty| frailty), means(|frailty| frailty * frailty));
                let by_class = std::array::from_fn(|class| (first[class], second[class] - first[class] * first[class]));
                Self::Amount { mean: level, sd, loading, year: measure.sd_between_years, by_class: Box::new(by_class) }
            }
        }
    }
}

/// The chance that `from + own × a standard normal` is above zero.
fn chance(from: f64, own: f64) -> f64 {
    if own > 0.0 { upper_probability(-from / own) } else { f64::from(from > 0.0) }
}

/// The people of a segment's year.
#[derive(Clone, Copy)]
pub(super) struct Drawn<'a> {
    pub(super) people: u64,
    /// By frailty, where it is known.
    pub(super) classes: Option<&'a Counts>,
}

/// What variants do to a measure: the share of open gaps that is closed, and by how much amounts are shifted.
pub(super) struct Effects {
    pub(super) closed: f64,
    pub(super) shift: f64,
}

impl MeasureSampler {
    /// The sampler of a measure of people; none of one of events.
    pub(super) fn new(
        measure: &QualityMeasure,
        (segment, before, everyone): (&Segment, u64, u64),
        plan: &Plan,
    ) -> Option<Self> {
        let Measured::People(people) = &measure.measured else { return None };
        let column = |observation: Observation| plan.position(&observation);
        Some(Self {
            name: measure.name.clone(),
            cases: match people.cases {
                Cases::Respondents(all) => {
                    // By cumulative members, so that all segments together have as many as are stated.
                    let until = |members: u64| (all as f64 * members as f64 / everyone as f64).round() as u64;
                    Cases::Respondents(until(before + segment.members) - until(before))
                }
                shares @ Cases::Share { .. } => shares,
            },
            law: Law::of(people, segment),
            is_plain: people.is_plain(),
            denominator_column: column(Observation::Denominator { measure: measure.name.clone() }),
            numerator_column: column(Observation::Numerator { measure: measure.name.clone() }),
        })
    }

    /// Whether frailty enters it.
    pub(super) fn is_loaded(&self) -> bool {
        match self.law {
            Law::Met { loading, .. } | Law::Amount { loading, .. } => loading != 0.0,
        }
    }

    /// Draws who is a case and what is found of them; gaps that a program closes are drawn among the open ones.
    ///
    /// Draw order: of a plain measure, the cases and those who meet it; of others, class by class
    /// the cases and those who meet it, or a normal for all amounts. Then, from a copy for each variant, the gaps that are closed. Where years
    /// differ, a normal for the year comes from a stream that all segments share.
    pub(super) fn observe(
        &self,
        (seed, trial): (u64, u64),
        (segment, drawn): (u64, Drawn<'_>),
        year: u32,
        variants: &[Variant],
        effects: impl Fn(&Variant) -> Effects,
        rows: &mut Rows<'_>,
    ) {
        let key = StreamKey { seed, purpose: Purpose::Measure, segment, service: name_key(&self.name), trial, year };
        let mut stream = Stream::new(&key);
        let of_year = StreamKey { segment: 0, ..key };
        let (cases, found) = self.draw(&mut stream, &of_year, drawn);
        for (index, variant) in variants.iter().enumerate() {
            let effects = effects(variant);
            let changed = match self.law {
                Law::Met { .. } => {
                    let open = cases - found as u64;
                    stream.clone().binomial(open, effects.closed) as f64
                }
                Law::Amount { .. } => cases as f64 * effects.shift,
            };
            let row = rows.of(index, year);
            for (column, figure) in [(self.denominator_column, cases as f64), (self.numerator_column, found + changed)]
            {
                if let Some(column) = column {
                    row[column] = figure;
                }
            }
        }
    }

    /// The cases, and the sum of what is found of them.
    fn draw(&self, stream: &mut Stream, of_year: &StreamKey, drawn: Drawn<'_>) -> (u64, f64) {
        if self.is_plain
            && let (Cases::Share { denominator, .. }, Law::Met { rate, .. }) = (self.cases, &self.law)
        {
            let cases = stream.binomial(drawn.people, denominator.value());
            return (cases, stream.binomial(cases, *rate) as f64);
        }
        let classes = drawn.classes.filter(|_| self.is_loaded());
        let of_year = match self.law {
            Law::Met { year, .. } | Law::Amount { year, .. } if year > 0.0 => year * Stream::new(of_year).normal(),
            Law::Met { .. } | Law::Amount { .. } => 0.0,
        };
        let alike = [drawn.people as u32; 1];
        let people: &[u32] = classes.map_or(&alike[..], |counts| &counts[..]);
        let mut left =
            Left { people: people.iter().map(|&count| u64::from(count)).sum(), cases: self.respondents(drawn.people) };
        let (mut cases, mut found, mut of_frailty, mut spread) = (0, 0.0, 0.0, 0.0);
        for (class, &count) in people.iter().enumerate() {
            let of_class = self.cases_of(u64::from(count), &mut left, stream);
            cases += of_class;
            match &self.law {
                Law::Met { from, loading, own, year, rate, by_class } => {
                    let chance = match (classes, *year > 0.0) {
                        (Some(_), false) => by_class[class],
                        (Some(_), true) => mean(class, |frailty| chance(from + loading * frailty + of_year, *own)),
                        (None, false) => *rate,
                        (None, true) => chance(from + of_year, 1.0),
                    };
                    found += stream.binomial(of_class, chance) as f64;
                }
                Law::Amount { by_class, .. } if classes.is_some() => {
                    let (mean, variance) = by_class[class];
                    of_frailty += of_class as f64 * mean;
                    spread += of_class as f64 * variance;
                }
                Law::Amount { .. } => spread += of_class as f64,
            }
        }
        if let &Law::Amount { mean, sd, loading, .. } = &self.law {
            let own = 1.0 - loading * loading;
            let chance = (own * cases as f64 + loading * loading * spread).sqrt() * stream.normal();
            found = cases as f64 * (mean + of_year) + sd * (loading * of_frailty + chance);
        }
        (cases, found)
    }

    fn respondents(&self, people: u64) -> u64 {
        match self.cases {
            Cases::Respondents(respondents) => respondents.min(people),
            Cases::Share { .. } => 0,
        }
    }

    /// The cases among the people of a class.
    fn cases_of(&self, people: u64, left: &mut Left, stream: &mut Stream) -> u64 {
        match self.cases {
            Cases::Share { denominator, excluded, reported } => {
                stream.binomial(people, denominator.value() * excluded.complement().value() * reported.value())
            }
            Cases::Respondents(_) => {
                // Each answers for a person of the classes that are left, in proportion to their size.
                let share = if left.people > 0 { people as f64 / left.people as f64 } else { 0.0 };
                let drawn = stream.binomial(left.cases, share.min(1.0));
                left.people -= people;
                left.cases -= drawn;
                drawn
            }
        }
    }
}

/// People and answers of the classes that are left.
struct Left {
    people: u64,
    cases: u64,
}
