//! One ACO of CMS's public results as a scenario that runs.
//!
//! The national population of Medicare's Shared Savings Program is brought to the row: its people and their risk scores, use by
//! service, spending by service, and the truncated spending of each enrollment type. What the row does not carry stays as it
//! is nationally, or as a documented default, and the text says so. The method is in `docs/new.md`.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod national;
mod people;
mod rake;
mod targets;
mod text;

use std::collections::BTreeMap;

use toml_edit::DocumentMut;
use twosided_actuals::{AcoYear, ActualsError, EnrollmentType, MsspFile, PeopleFile, Table};
use twosided_contracts::{DisasterRelief, Mssp, Settlement};
use twosided_form::Document;
use twosided_population::{Population, Segment};
use twosided_scenario::read_population;
use twosided_units::{Dollars, Share};

use national::{Expected, National, sample};
use people::EnrollmentGroup;
use rake::{Factors, Type, rake};
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

    /// Makes a scenario of a row. With no `persons`, what truncation takes is looked at in persons of the national laws alone,
    /// brought to the row's means.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with what is wrong with the row, or with the figure without which there is no scenario.
    pub fn scenario(&self, row: usize, persons: u64) -> Result<AcoScenario, ActualsError> {
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
        let mut document = national.document(&kinds);
        let beyond = |index: usize| {
            let [_, per_capita, _] = kinds[index].enrollment.columns();
            self.people.impossible(row, &format!("no prices bring truncated spending to its {per_capita}"))
        };
        let base: Vec<&Expected> = kinds.iter().map(|kind| &national.expected[kind.enrollment as usize]).collect();
        let samples: Vec<&[Vec<f32>]> =
            kinds.iter().map(|kind| &national.persons[kind.enrollment as usize][..]).collect();
        let first = step(&mut document, &kinds, &points, &targets, &base, &samples).map_err(beyond)?;
        let mut over = first.over;
        for _ in 0..if persons > 0 { MOST_SAMPLES } else { 0 } {
            let population = read_population(&Document::new("population", document.to_string())).map_err(|_| {
                let why = "its utilization is so far from the national one that no law has it";
                self.people.impossible(row, why)
            })?;
            let expected = national::expected(&population);
            let sampled = sample(&population, persons);
            let base: Vec<&Expected> = expected.iter().collect();
            let samples: Vec<&[Vec<f32>]> = sampled.iter().map(|segment| &segment[..]).collect();
            let done = step(&mut document, &kinds, &points, &targets, &base, &samples).map_err(beyond)?;
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
                100.0 * relief
            ));
        }
        if over > FAR_OVER {
            remarks.push(format!(
                "the national spread of costs does not fit: so much is truncated that services must cost {:.0}% more than in the row \
                 for types to be met; these people are more alike in cost",
                100.0 * (over - 1.0)
            ));
        }
        let source = text::Source {
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
        let text = source.scenario(document, |track| self.years.offers(track));
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
const MOST_SAMPLES: usize = 4;
const CLOSE: f64 = 0.002;
/// Spending by service over the row's from which the national spread is said not to fit.
const FAR_OVER: f64 = 1.1;
/// Dollars, and share of a published result, within which two figures of a row agree, being rounded.
const ROUNDED: f64 = 5.0;
const NEAR: f64 = 1e-3;
/// Rows from which a file's means are taken for national ones.
const FEWEST_ROWS: usize = 100;

/// Brings the laws of a document to the targets, given what is expected of them and persons drawn from them.
fn step(
    document: &mut DocumentMut,
    kinds: &[EnrollmentGroup],
    points: &[f64],
    targets: &Targets,
    base: &[&Expected],
    samples: &[&[Vec<f32>]],
) -> Result<Factors, usize> {
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
    let factors = rake(&types.collect::<Vec<_>>(), &groups)?;
    for (index, factor) in factors.types.iter().enumerate() {
        let by_name = |values: &[f64]| -> BTreeMap<&str, f64> {
            names.iter().map(String::as_str).zip(values.iter().copied()).collect()
        };
        let amounts: Vec<f64> = factors.services.iter().map(|service| service * factor).collect();
        text::scale(document, index, &by_name(&uses), &by_name(&amounts));
    }
    Ok(factors)
}

/// Where an enrollment type stands in the national population.
fn place_of(population: &Population, enrollment: EnrollmentType) -> usize {
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
fn relief(aco: &AcoYear) -> Option<f64> {
    let DisasterRelief::Amount(amount) = aco.terms.disaster_relief else { return None };
    let mut settlement = Settlement::default();
    let terms = Mssp { disaster_relief: DisasterRelief::Share(Share::ZERO), ..aco.terms.clone() };
    terms.reconcile(&mut settlement, &aco.totals);
    let loss = -settlement.reconciliation.0;
    (amount > Dollars::ZERO && loss > 0.0).then(|| (amount.0 / loss).min(1.0))
}
