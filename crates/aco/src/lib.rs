//! One ACO of CMS's public results as a scenario that runs.
//!
//! The national population of Medicare's Shared Savings Program is brought to the row: its people and their risk scores, use by
//! service, spending by service, and the truncated spending of each enrollment type. What the row does not carry stays as it
//! is nationally, or as a documented default, and the text says so. The method is in `docs/new.md`.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod claims;
mod compose;
mod contracts;
mod contradictions;
mod likely;
mod national;
mod next_year;
mod options;
mod people;
mod rake;
mod scale;
mod shrink;
mod targets;

use twosided_actuals::{AcoPeople, AcoYear, ActualsError, EnrollmentType, MsspFile, PeopleFile, Table};
use twosided_contracts::{DisasterRelief, Mssp};
use twosided_population::{Population, Segment, System};
use twosided_units::Share;

pub use claims::{claims_cv, national_claims_cv};
use compose::Source;
use contradictions::{contradictions, relief};
use national::{Expected, National, sample};
use next_year::NextYear;
pub use options::{ForecastError, ForecastOptions};
use people::EnrollmentGroup;
use rake::{Factors, Type, rake};
use scale::{ServiceFactors, scaled};
use shrink::shrunk;
use targets::Targets;

/// A results file, read for its ACOs as scenarios.
#[derive(Debug)]
pub struct AcoFile<'a> {
    table: &'a Table,
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

impl AcoScenario {
    fn of(source: &Source<'_>, made: &Made, remarks: &[String]) -> Self {
        let text = source.scenario(made.segments.clone());
        Self { text, remarks: remarks.to_vec(), spending_over_services: source.over }
    }
}

/// The scenario of a year that is forecast.
#[derive(Clone, Debug)]
pub struct AcoForecast {
    /// The scenario.
    pub scenario: AcoScenario,
    /// How the forecast was made, a step a line.
    pub steps: Vec<String>,
    /// What the row's own figures count against the file's means, by column.
    pub credibilities: Vec<String>,
}

/// Segments whose laws are those of a row.
struct Made {
    segments: Vec<Segment>,
    targets: Targets,
    points: Vec<f64>,
    over: f64,
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
        Ok(Self { table, years, people, file, means })
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
        let kinds = self.groups(row, &figures, &mut remarks)?;
        let made = self.segments(row, (&figures, &kinds, 1.0), persons, &mut remarks)?;
        remarks.extend(contradictions(&aco));
        let relief = relief(&aco);
        if let Some(relief) = relief {
            remarks.push(format!(
                "disaster relief waived {:.0}% of the year's loss, and waives as much of every loss here: take disaster_relief out \
                 to see other years",
                100.0 * relief.value()
            ));
        }
        let part = aco.part_of_year;
        let source = Source {
            settled_year: self.years.performance_year(),
            terms: Mssp { disaster_relief: DisasterRelief::Share(relief.unwrap_or(Share::ZERO)), ..aco.terms.clone() },
            benchmark: aco.totals.benchmark.0 / (part * figures.person_years),
            next: None,
            ..self.source(&aco, &figures, &kinds, &made, &remarks)
        };
        Ok(AcoScenario::of(&source, &made, &remarks))
    }

    /// Makes a scenario of the year that is forecast from a row and the years before it.
    ///
    /// # Errors
    /// [`ForecastError`], with what is wrong with the row, with the files, or with what was asked for.
    pub fn forecast(&self, row: usize, options: &ForecastOptions<'_>) -> Result<AcoForecast, ForecastError> {
        let persons = SampledPersons { count: PERSONS, times: MOST_SAMPLES, seed: national::SEED };
        let aco = self.years.aco(row)?;
        let published = self.people.people(row)?;
        let mut remarks = Vec::new();
        let mut kinds = self.groups(row, &published, &mut remarks)?;
        let next = NextYear::new(&aco, self.years.performance_year(), &kinds, options)?;
        let people = aco.totals.assigned_beneficiaries as f64;
        let factors = (next.prices, next.spending);
        let (figures, credibilities) = shrunk(&published, self.table, options.law, people, factors);
        for kind in &mut kinds {
            kind.per_capita *= next.spending;
            kind.risk_score = figures.types[kind.enrollment as usize].risk_score.unwrap_or(kind.risk_score);
        }
        let made = self.segments(row, (&figures, &kinds, next.prices), persons, &mut remarks)?;
        remarks.extend(next.remarks.iter().cloned());
        let source = Source {
            settled_year: options.for_year,
            terms: next.terms.clone(),
            benchmark: next.benchmark,
            next: Some(&next),
            ..self.source(&aco, &figures, &kinds, &made, &remarks)
        };
        let scenario = AcoScenario::of(&source, &made, &remarks);
        Ok(AcoForecast { scenario, steps: next.steps, credibilities })
    }

    /// Coefficient of variation of one person's truncated spending in an ACO, from persons drawn from the laws of its row.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], as for its scenario.
    pub fn claims_cv(&self, row: usize, persons: SampledPersons) -> Result<f64, ActualsError> {
        let figures = self.people.people(row)?;
        let mut remarks = Vec::new();
        let kinds = self.groups(row, &figures, &mut remarks)?;
        let made = self.segments(row, (&figures, &kinds, 1.0), persons, &mut remarks)?;
        let population = Population::new(made.segments, System::default()).expect("its laws were read");
        let sampled = sample(&population, persons);
        let cvs = sampled.iter().zip(&made.points).map(|(services, &point)| claims::truncated_cv(services, point));
        let types = kinds.iter().zip(cvs).map(|(kind, cv)| (kind.person_years, kind.per_capita, cv));
        Ok(claims::cv_of(types))
    }

    /// The people of each enrollment type.
    fn groups(
        &self,
        row: usize,
        figures: &AcoPeople,
        remarks: &mut Vec<String>,
    ) -> Result<Vec<EnrollmentGroup>, ActualsError> {
        people::kinds(figures, National::get(), remarks)
            .map_err(|people::Lacking { column, why }| self.people.lacking(row, column, why))
    }

    /// The national population brought to the figures of a row, with truncation points at these prices over those of the file.
    fn segments(
        &self,
        row: usize,
        (figures, kinds, prices): (&AcoPeople, &[EnrollmentGroup], f64),
        persons: SampledPersons,
        remarks: &mut Vec<String>,
    ) -> Result<Made, ActualsError> {
        let national = National::get();
        let points = self.truncation_points(kinds, national, prices, remarks);
        let targets = Targets::new(figures, kinds, national, remarks);
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
        let mut segments = national.segments(kinds);
        let mut over = step(&mut segments, kinds, &points, &targets, &base, &samples).map_err(fault)?.over;
        for _ in 0..if persons.count > 0 { persons.times } else { 0 } {
            let population = Population::new(segments.clone(), System::default()).expect("as it was, with other laws");
            let expected = national::expected(&population);
            let sampled = sample(&population, persons);
            let base: Vec<&Expected> = expected.iter().collect();
            let samples: Vec<&[Vec<f32>]> = sampled.iter().map(|segment| &segment[..]).collect();
            let done = step(&mut segments, kinds, &points, &targets, &base, &samples).map_err(fault)?;
            over = done.over;
            if done.moved < CLOSE {
                break;
            }
        }
        if over > FAR_OVER {
            remarks.push(format!(
                "the national spread of costs does not fit: truncation takes so much that services must cost {:.0}% more than in the row \
                 for types to be met; these people are more alike in cost",
                100.0 * (over - 1.0)
            ));
        }
        Ok(Made { segments, targets, points, over })
    }

    /// What a scenario is composed from, as the row has it.
    fn source<'s>(
        &'s self,
        aco: &'s AcoYear,
        figures: &'s AcoPeople,
        kinds: &'s [EnrollmentGroup],
        made: &'s Made,
        remarks: &'s [String],
    ) -> Source<'s> {
        let year = self.years.performance_year();
        Source {
            file: &self.file,
            year,
            settled_year: year,
            aco,
            figures,
            kinds,
            targets: &made.targets,
            points: &made.points,
            remarks,
            over: made.over,
            terms: aco.terms.clone(),
            benchmark: 0.0,
            next: None,
        }
    }

    /// National truncation points, moved by what the types cost in the file over what they cost in 2022.
    fn truncation_points(
        &self,
        kinds: &[EnrollmentGroup],
        national: &National,
        prices: f64,
        remarks: &mut Vec<String>,
    ) -> Vec<f64> {
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
            (point * moved * prices / 1_000.0).round() * 1_000.0
        };
        kinds.iter().map(point).collect()
    }
}

/// Samples of an ACO's own laws that are drawn at most, and the change of a type's spending below which none is drawn any more.
const MOST_SAMPLES: u32 = 4;
const CLOSE: f64 = 0.002;
/// Spending by service over the row's from which the national spread is said not to fit.
const FAR_OVER: f64 = 1.1;
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
