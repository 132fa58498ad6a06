//! One ACO of CMS's public results as a scenario that runs.
//!
//! The national population of Medicare's Shared Savings Program is brought to the row: its people and their risk scores, use by
//! service, spending by service, and the truncated spending of each enrollment type. What the row does not carry stays as it
//! is nationally, or as a documented default, and the text says so. The method is in `docs/new.md`.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod claims;
mod compose;
mod contracts;
mod national;
mod people;
mod rake;
mod scale;
mod targets;

use twosided_actuals::{AcoYear, ActualsError, EnrollmentType, MsspFile, PeopleFile, Table};
use twosided_contracts::{DisasterRelief, Mssp, Settlement};
use twosided_population::{Population, Segment, System};
use twosided_units::{Dollars, Share};

pub use claims::{claims_cv, national_claims_cv};
use compose::Source;
use national::{Expected, National, sample};
use people::EnrollmentGroup;
use rake::{Factors, Type, rake};
use scale::{ServiceFactors, scaled};
use targets::Targets;

/// A results file, read for its ACOs as scenarios.
#[derive(Debug)]
pub struct AcoFile<'a> {
    years: MsspFile<'a>,
    people: PeopleFile<'a>,
    file: String,
    /// Of each enrollment type: mean truncated spending over the rows of the file, and how many rows.
    means: [(Option<f64>, usize); 4],
}

/// An ACO's scenario.
#[derive(Clone, Debug)]
pub struct AcoScenario {
    /// The file's text.
    pub text: String,
    /// What the row does not carry, or what does not agree in it, each a sentence.
    pub remarks: Vec<String>,
    /// Expected spending by service, before truncation, over the row's; one where they agree.
    pub spending_over_services: f64,
}

/// Persons of each enrollment type who are sampled from the scenario's own laws, to see what truncation takes.
pub const PERSONS: u64 = 200_000;

/// The persons on whom truncation is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampledPersons {
    /// Persons of each enrollment type who are drawn from the scenario's own laws. With none, truncation is measured on persons of
    /// the national laws alone, brought to the row's means.
    pub count: u64,
    /// How often they are drawn at most, each time from the laws that the last ones led to. After the first time types move by
    /// 0.3% at most, after the second rarely by 0.2%.
    pub times: u32,
    /// Key of their random streams. Scenarios with the same seed miss their rows in the same direction; scenarios with different
    /// seeds miss them independently.
    pub seed: u64,
}

impl<'a> AcoFile<'a> {
    /// Finds the columns of a results file.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with columns that are missing.
    pub fn new(table: &'a Table, performance_year: u16) -> Result<Self, ActualsError> {
        let years = MsspFile::new(table, performance_year)?;
        let people = PeopleFile::new(table)?;
        let means = people.means();
        let file = table.file().rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        Ok(Self { years, people, file, means })
    }

    /// The row of an ACO, by its identifier or counted from one.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`] where there is none, with those that are like it.
    pub fn find(&self, aco: &str) -> Result<usize, ActualsError> {
        self.years.find(aco)
    }

    /// The rows of the file.
    pub fn years(&self) -> &MsspFile<'a> {
        &self.years
    }

    /// Makes a scenario of a row, with the seed of `twosided new aco`.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with what is wrong with the row, or with the figure without which there is no scenario.
    pub fn scenario(&self, row: usize, persons: u64) -> Result<AcoScenario, ActualsError> {
        self.scenario_on(row, SampledPersons { count: persons, times: MOST_SAMPLES, seed: national::SEED })
    }

    /// Makes a scenario of a row, with truncation measured on these persons.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with what is wrong with the row, or with the figure without which there is no scenario.
    pub fn scenario_on(&self, row: usize, persons: SampledPersons) -> Result<AcoScenario, ActualsError> {
        let aco = self.years.aco(row)?;
        let figures = self.people.people(row)?;
        let mut remarks = Vec::new();
        let national = National::get();
        let kinds = people::kinds(&figures, national, &mut remarks)
            .map_err(|people::Lacking { column, why }| self.people.lacking(row, column, why))?;
        let points = self.truncation_points(&kinds, national, &mut remarks);
        let targets = Targets::new(&figures, &kinds, national, &mut remarks);
        if targets.cost_nothing() {
            return Err(self.people.impossible(row, "none of its services costs anything"));
        }
        let fault = |fault: StepFault| match fault {
            StepFault::NoPrices(index) => {
                let [_, per_capita, _] = kinds[index].enrollment.columns();
                self.people.impossible(row, &format!("no prices bring truncated spending to its {per_capita}"))
            }
            StepFault::NoLaw => {
                let why = "its utilization is so far from the national one that no law has it";
                self.people.impossible(row, why)
            }
        };
        let base: Vec<&Expected> = kinds.iter().map(|kind| &national.expected[kind.enrollment as usize]).collect();
        let samples: Vec<&[Vec<f32>]> =
            kinds.iter().map(|kind| &national.persons[kind.enrollment as usize][..]).collect();
        let mut segments = national.segments(&kinds);
        let mut over = step(&mut segments, &kinds, &points, &targets, &base, &samples).map_err(fault)?.over;
        for _ in 0..if persons.count > 0 { persons.times } else { 0 } {
            let population = Population::new(segments.clone(), System::default()).expect("as it was, with other laws");
            let expected = national::expected(&population);
            let sampled = sample(&population, persons);
            let base: Vec<&Expected> = expected.iter().collect();
            let samples: Vec<&[Vec<f32>]> = sampled.iter().map(|segment| &segment[..]).collect();
            let done = step(&mut segments, &kinds, &points, &targets, &base, &samples).map_err(fault)?;
            over = done.over;
            if done.moved < CLOSE {
                break;
            }
        }
        remarks.extend(contradictions(&aco));
        let relief = relief(&aco);
        if let Some(relief) = relief {
            remarks.push(format!(
                "disaster relief waived {:.0}% of the year's loss, and waives as much of every loss here: take disaster_relief out \
                 to see other years",
                100.0 * relief.value()
            ));
        }
        if over > FAR_OVER {
            remarks.push(format!(
                "the national spread of costs does not fit: truncation takes so much that services must cost {:.0}% more than in the row \
                 for types to be met; these people are more alike in cost",
                100.0 * (over - 1.0)
            ));
        }
        let source = Source {
            file: &self.file,
            year: self.years.performance_year(),
            aco: &aco,
            figures: &figures,
            kinds: &kinds,
            targets: &targets,
            points: &points,
            remarks: &remarks,
            over,
            relief,
        };
        let text = source.scenario(segments, |track| self.years.offers(track));
        Ok(AcoScenario { text, remarks, spending_over_services: over })
    }

    /// National truncation points, moved by what the types cost in the file over what they cost in 2022.
    fn truncation_points(&self, kinds: &[EnrollmentGroup], national: &National, remarks: &mut Vec<String>) -> Vec<f64> {
        let index = |kind: &EnrollmentGroup| kind.enrollment as usize;
        let fewest = kinds.iter().map(|kind| self.means[index(kind)].1).min().unwrap_or_default();
        if fewest < FEWEST_ROWS {
            remarks.push(format!(
                "the file has {fewest} {}, too few for a national mean: truncation points are those of 2022",
                if fewest == 1 { "row" } else { "rows" }
            ));
        }
        let point = |kind: &EnrollmentGroup| {
            let point = national.points[index(kind)];
            let moved = self.means[index(kind)].0.filter(|_| fewest >= FEWEST_ROWS);
            let moved = moved.map_or(1.0, |mean| mean / national::PER_CAPITA[index(kind)]);
            (point * moved / 1_000.0).round() * 1_000.0
        };
        kinds.iter().map(point).collect()
    }
}

/// Samples of an ACO's own laws that are drawn at most, and the change of a type's spending below which none is drawn any more.
const MOST_SAMPLES: u32 = 4;
const CLOSE: f64 = 0.002;
/// Spending by service over the row's from which the national spread is said not to fit.
const FAR_OVER: f64 = 1.1;
/// Dollars, and share of a published result, within which two figures of a row agree, being rounded.
const ROUNDED: f64 = 5.0;
const NEAR: f64 = 1e-3;
/// Rows from which a file's means are taken for national ones.
const FEWEST_ROWS: usize = 100;

/// Why a row has no scenario.
enum StepFault {
    /// No prices meet the spending of the enrollment type of an index.
    NoPrices(usize),
    /// A law cannot have the use or the cost of the row.
    NoLaw,
}

/// Brings the laws of segments to the targets, given what is expected of them and persons drawn from them.
fn step(
    segments: &mut [Segment],
    kinds: &[EnrollmentGroup],
    points: &[f64],
    targets: &Targets,
    base: &[&Expected],
    samples: &[&[Vec<f32>]],
) -> Result<Factors, StepFault> {
    let names = &base[0].services;
    let uses = targets.uses(kinds, base);
    let groups = targets.groups(names, &uses);
    let types = kinds.iter().zip(points).zip(base.iter().zip(samples)).map(|((kind, &point), (base, persons))| Type {
        members: kind.members as f64,
        dollars: base.costs.iter().zip(&uses).map(|(cost, used)| cost * used).collect(),
        uses: &uses,
        persons,
        truncated: kind.per_capita * base.person_years,
        point,
    });
    let factors = rake(&types.collect::<Vec<_>>(), &groups).map_err(StepFault::NoPrices)?;
    for (segment, factor) in segments.iter_mut().zip(&factors.types) {
        let amounts = factors.services.iter().map(|service| service * factor);
        let of_segment = ServiceFactors {
            uses: names.iter().map(String::as_str).zip(uses.iter().copied()).collect(),
            amounts: names.iter().map(String::as_str).zip(amounts).collect(),
        };
        *segment = scaled(segment, &of_segment).map_err(|_| StepFault::NoLaw)?;
    }
    Ok(factors)
}

/// The index of an enrollment type in the national population.
fn index_of(population: &Population, enrollment: EnrollmentType) -> usize {
    let is_it = |segment: &Segment| segment.name == enrollment.name();
    population.segments().iter().position(is_it).expect("the national population has every enrollment type")
}

/// What a row says in two ways that do not agree, and what part of a year it is of.
fn contradictions(aco: &AcoYear) -> Vec<String> {
    let mut remarks = Vec::new();
    if aco.part_of_year < 1.0 {
        remarks.push(
            "the row is of January to June: its totals are of six months, and the scenario is of a whole year with the same \
             benchmark and spending per person-year"
                .to_owned(),
        );
    }
    let gap = aco.totals.gap.unwrap_or(aco.totals.benchmark - aco.totals.expenditure);
    if let Some(generated) = aco.generated
        && generated != Dollars::ZERO
        && (generated - gap).0.abs() > ROUNDED
    {
        remarks.push(format!(
            "the row publishes {generated} as generated savings or losses; its totals differ by {gap}, and hold"
        ));
    }
    let mut settlement = Settlement::default();
    aco.terms.reconcile(&mut settlement, &aco.totals);
    let ours = Dollars(settlement.step("earned").unwrap_or(settlement.reconciliation.0));
    if let Some(earned) = aco.earned
        && (earned - ours).0.abs() > ROUNDED.max(NEAR * earned.0.abs())
    {
        remarks.push(format!(
            "by its figures and the rules of its year the row comes to {ours}, and {earned} is published: `twosided explain mssp` has the steps"
        ));
    }
    remarks
}

/// Disaster relief as a share of the loss of the year; of a year without a loss the file says nothing.
fn relief(aco: &AcoYear) -> Option<Share> {
    let DisasterRelief::Amount(amount) = aco.terms.disaster_relief else { return None };
    let mut settlement = Settlement::default();
    let terms = Mssp { disaster_relief: DisasterRelief::Share(Share::ZERO), ..aco.terms.clone() };
    terms.reconcile(&mut settlement, &aco.totals);
    let loss = -settlement.reconciliation.0;
    (amount > Dollars::ZERO && loss > 0.0).then(|| Share::new((amount.0 / loss).min(1.0)).expect("a part of the loss"))
}
