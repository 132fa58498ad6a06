//! What the provider does to change use and quality.

use std::collections::BTreeMap;

use twosided_prob::{Draws, Purpose, StreamKey, name_key};
use twosided_units::{Pmpm, Share};

use crate::{SegmentName, ServiceScope};

/// A program with an uncertain effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// Unique name.
    pub name: String,
    /// What it costs the provider, per member of its segments.
    pub cost: Pmpm,
    /// The segments that it reaches; all where absent.
    pub segments: Option<Vec<String>>,
    /// At full strength, relative change of the use of services: -0.06 is six percent fewer.
    pub effects: BTreeMap<String, Effect>,
    /// At full strength, relative change of what an event of a service costs, or a year of it.
    pub costs: BTreeMap<String, Effect>,
    /// At full strength, the share of a measure's open care gaps that are closed.
    pub closes: BTreeMap<String, Effect>,
    /// At full strength, by how much the amount that a measure takes the mean of is shifted, in its unit.
    pub shifts: BTreeMap<String, Effect>,
    /// Strength in its first years; after them it is full.
    pub ramp: Vec<Share>,
    /// Share of the strength that is lost each year after the ramp.
    pub decay: Share,
    /// Whether it works on those alone who were among the people in the year before.
    pub only_stayers: bool,
}

/// A mean effect and how uncertain it is. A trial draws once for all effects of a program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// Mean.
    pub mean: f64,
    /// Standard deviation of what is not known about it.
    pub sd: f64,
}

impl Effect {
    /// The effect where its program turns out at this score: above zero all effects of the program are weaker, whatever their direction.
    fn at(&self, outcome: f64) -> f64 {
        if self.mean > 0.0 { self.mean - self.sd * outcome } else { self.mean + self.sd * outcome }
    }
}

/// A year as it would be under other conduct: programs, or more or less volume.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variant {
    /// Indices of the programs that are run.
    pub programs: Vec<usize>,
    /// Use of services over that of the reference year; what counts for a service is multiplied.
    pub volume: Vec<Volume>,
}

/// Use of some services by some people over that of the reference year.
#[derive(Clone, Debug, PartialEq)]
pub struct Volume {
    /// The services.
    pub services: ServiceScope,
    /// The segments whose use it is; all where absent.
    pub segments: Option<Vec<String>>,
    /// The factor on their use.
    pub factor: f64,
}

impl Program {
    /// How much of the full effect there is in a year, counted from 0.
    pub fn strength(&self, year: u32) -> f64 {
        match self.ramp.get(year as usize) {
            Some(share) => share.value(),
            None => libm::pow(self.decay.complement().value(), f64::from(year) - self.ramp.len() as f64),
        }
    }

    /// Whether a segment is reached.
    pub fn reaches<'a>(&self, segment: impl Into<SegmentName<'a>>) -> bool {
        let segment = segment.into();
        self.segments.as_ref().is_none_or(|segments| segments.iter().any(|known| segment.is(known)))
    }

    /// How the program turns out in a trial, in standard deviations of its effects.
    pub fn draw(&self, draws: Draws, seed: u64, trial: u64) -> f64 {
        let service = name_key(&self.name);
        draws.score(&StreamKey { seed, purpose: Purpose::Program, segment: 0, service, trial, year: 0 })
    }
}

/// The most that use, or what an event costs, can grow to.
pub(crate) const MOST_USE: f64 = 2.0;

/// The programs in one year of a trial, as they bear on a segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProgramYear<'a> {
    /// All of them.
    pub(crate) programs: &'a [Program],
    /// How each turns out in the trial.
    pub(crate) outcomes: &'a [f64],
    pub(crate) year: u32,
    pub(crate) segment: SegmentName<'a>,
    /// Share of the segment's people who were among them in the year before.
    pub(crate) stayers: f64,
}

impl<'a> ProgramYear<'a> {
    /// Use of a service under a variant, over that of the reference year; from 0 to 2. `followed` are the services that it follows,
    /// directly or not.
    pub(crate) fn use_of(&self, variant: &Variant, service: &str, followed: &[String]) -> f64 {
        let effects =
            self.effects(variant, |program| program.effects.get(service)).map(|effect| (1.0 + effect).max(0.0));
        // What follows a service that answers goes along with it, and does not answer again.
        let answers = |services: &ServiceScope| {
            services.includes(service) && !followed.iter().any(|name| services.includes(name))
        };
        let is_of_segment = |volume: &&Volume| {
            volume.segments.as_ref().is_none_or(|segments| segments.iter().any(|known| self.segment.is(known)))
        };
        let volume = variant.volume.iter().filter(|volume| answers(&volume.services)).filter(is_of_segment);
        (effects.product::<f64>() * volume.map(|volume| volume.factor).product::<f64>()).clamp(0.0, MOST_USE)
    }

    /// What an event of a service costs under a variant, or a year of it, over that of the reference year; from 0 to 2.
    pub(crate) fn price_of(&self, variant: &Variant, service: &str) -> f64 {
        let effects = self.effects(variant, |program| program.costs.get(service));
        effects.map(|effect| (1.0 + effect).max(0.0)).product::<f64>().min(MOST_USE)
    }

    /// The share of a measure's open care gaps that are closed under a variant.
    pub(crate) fn closed_of(&self, variant: &Variant, measure: &str) -> f64 {
        let open =
            self.effects(variant, |program| program.closes.get(measure)).map(|effect| 1.0 - effect.clamp(0.0, 1.0));
        1.0 - open.product::<f64>()
    }

    /// By how much the amounts of a measure are shifted under a variant.
    pub(crate) fn shift_of(&self, variant: &Variant, measure: &str) -> f64 {
        self.effects(variant, |program| program.shifts.get(measure)).sum()
    }

    /// What a variant's programs turn out to change, of those that reach the segment.
    fn effects(
        &self,
        variant: &Variant,
        effect_of: impl Fn(&'a Program) -> Option<&'a Effect>,
    ) -> impl Iterator<Item = f64> {
        let Self { programs, outcomes, year, segment, stayers } = *self;
        let run = variant.programs.iter().map(move |&index| (&programs[index], outcomes[index]));
        run.filter(move |(program, _)| program.reaches(segment)).filter_map(move |(program, outcome)| {
            let effect = effect_of(program)?;
            let full = effect.at(outcome) * program.strength(year);
            Some(if program.only_stayers { full * stayers } else { full })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    fn program() -> Program {
        Program {
            name: "transitional care".into(),
            cost: Pmpm(5.0),
            segments: Some(vec!["aged".into()]),
            effects: BTreeMap::from([("inpatient".to_owned(), Effect { mean: -0.1, sd: 0.05 })]),
            costs: BTreeMap::from([("drugs".to_owned(), Effect { mean: -0.3, sd: 0.1 })]),
            closes: BTreeMap::from([("A1c".to_owned(), Effect { mean: 0.3, sd: 0.0 })]),
            shifts: BTreeMap::new(),
            ramp: vec![share(0.25), share(0.5)],
            decay: share(0.2),
            only_stayers: false,
        }
    }

    #[test]
    fn a_program_ramps_up_and_decays() {
        let strengths: Vec<f64> = (0..5).map(|year| program().strength(year)).collect();
        for (strength, expected) in strengths.iter().zip([0.25, 0.5, 1.0, 0.8, 0.64]) {
            assert!((strength - expected).abs() < 1e-12, "{strengths:?}");
        }
    }

    #[test]
    fn a_program_that_turns_out_weak_is_weak_in_every_direction() {
        let [fewer, closed] = [Effect { mean: -0.2, sd: 0.05 }, Effect { mean: 0.3, sd: 0.1 }];
        assert!((fewer.at(1.0) + 0.15).abs() < 1e-12 && (closed.at(1.0) - 0.2).abs() < 1e-12);
        assert!((fewer.at(-1.0) + 0.25).abs() < 1e-12 && (closed.at(-1.0) - 0.4).abs() < 1e-12);
    }

    #[test]
    fn effects_reach_their_services_and_segments_only() {
        let programs = [program()];
        let of = |segment: &'static str, year, outcomes| ProgramYear {
            programs: &programs,
            outcomes,
            year,
            segment: segment.into(),
            stayers: 0.7,
        };
        let variant = Variant { programs: vec![0], volume: Vec::new() };
        assert!((of("aged", 2, &[1.0]).use_of(&variant, "inpatient", &[]) - 0.95).abs() < 1e-12);
        assert_eq!(of("aged", 2, &[1.0]).use_of(&variant, "drugs", &[]), 1.0);
        assert_eq!(of("ESRD", 2, &[1.0]).use_of(&variant, "inpatient", &[]), 1.0);
        let more = Variant {
            programs: vec![],
            volume: vec![Volume { services: ServiceScope::only(vec!["drugs".into()]), segments: None, factor: 1.1 }],
        };
        assert_eq!(of("aged", 0, &[0.0]).use_of(&more, "drugs", &[]), 1.1);
        assert_eq!(of("aged", 0, &[0.0]).use_of(&more, "inpatient", &[]), 1.0);
        assert!((of("aged", 1, &[1.0]).price_of(&variant, "drugs") - 0.9).abs() < 1e-12);
        assert_eq!(of("aged", 1, &[1.0]).price_of(&variant, "inpatient"), 1.0);
        assert_eq!(of("aged", 1, &[99.0]).price_of(&variant, "drugs"), 2.0);
        assert!((of("aged", 1, &[0.0]).closed_of(&variant, "A1c") - 0.15).abs() < 1e-12);
        let programs = [Program { only_stayers: true, ..program() }];
        let (outcomes, segment): (&[f64], _) = (&[1.0], "aged".into());
        let stayers = ProgramYear { programs: &programs, outcomes, year: 2, segment, stayers: 0.7 };
        assert!((stayers.use_of(&variant, "inpatient", &[]) - (1.0 - 0.7 * 0.05)).abs() < 1e-12);
    }
}
