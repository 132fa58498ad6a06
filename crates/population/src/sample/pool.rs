//! A large segment's year as a sum over people picked from a pool.
//!
//! A pool holds people drawn by the person sampler, ahead of the trials and without the factors of a year. Most of them stand on one side
//! of every attachment point and limit whatever the factors, so that all that a plan observes of them is a sum of costs, counts
//! and people; they are kept in bundles of people who stand on the same sides. Those whose side depends on the factors, or who are
//! too few for bundles, are kept one by one. A trial draws how many members are of which kind, picks as many people, most of them
//! by the bundle, multiplies the costs of each service by the year's factor, and looks at the layers of those picked singly.
//! So everything is observed of the same people, and whoever is picked is a person whom the person sampler drew.

mod calibrate;
mod cells;
mod draft;
mod known;
mod regression;
mod shape;
mod table;

use twosided_prob::{Purpose, Stream, StreamKey};
use twosided_units::PerCapita;

use crate::{Observation, Plan, Segment};

use calibrate::Calibrated;
use cells::Drawn;
use shape::{Shape, Sides};
use table::Table;

pub use draft::{PoolDraft, PoolPart};

/// A pool of people of one segment.
#[derive(Clone, Debug)]
pub struct Pool {
    key: u64,
    members: u64,
    shape: Shape,
    columns: Columns,
    cells: Vec<Cell>,
    figures: Vec<PoolFigure>,
}

/// What a pool knows of a layer of annual cost.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolFigure {
    /// The layer.
    pub observation: Observation,
    /// Its mean for a person, under average factors.
    pub mean: PerCapita,
    /// The standard error of that mean, which comes from the pool's finite size and stays however many trials there are. Totals,
    /// counts, person-years and risk scores have none: their means are known and the pool has them.
    pub standard_error: PerCapita,
}

/// People of one kind.
#[derive(Clone, Debug)]
struct Cell {
    /// Probability that a member is one of them.
    share: f64,
    /// People of a bundle.
    size: u64,
    /// The sides on which all of them stand; none where each person is looked at.
    sides: Option<Sides>,
    bundles: Table,
    /// People who fill up a number that is no multiple of the size; none where bundles are of one.
    persons: Option<Table>,
}

/// The columns of a plan that a row's figures add to.
#[derive(Clone, Debug)]
struct Columns {
    expenditures: Vec<Option<usize>>,
    counts: Vec<Option<usize>>,
    person_years: Option<usize>,
    people: Option<usize>,
    risk_score: Option<usize>,
    layers: Vec<(usize, Observation)>,
}

impl Columns {
    fn of(plan: &Plan, segment: &Segment) -> Self {
        let column = |of: fn(String) -> Observation| {
            segment.services.iter().map(|service| plan.position(&of(service.name.clone()))).collect()
        };
        let layers = plan.observations().iter().enumerate();
        let layers = layers.filter(|(_, observation)| matches!(observation, Observation::Layer { .. }));
        Self {
            expenditures: column(|service| Observation::Expenditure { service }),
            counts: column(|service| Observation::Count { service }),
            person_years: plan.position(&Observation::PersonYears),
            people: plan.position(&Observation::People),
            risk_score: plan.position(&Observation::RiskScore),
            layers: layers.map(|(column, observation)| (column, observation.clone())).collect(),
        }
    }
}

impl Pool {
    fn new(
        (key, members): (u64, u64),
        shape: Shape,
        columns: Columns,
        cells: Vec<Drawn>,
        Calibrated { cells: weights, layers }: Calibrated,
    ) -> Self {
        let width = shape.width();
        let cells = cells.into_iter().zip(weights).map(|(cell, weights)| Cell {
            share: weights.share,
            size: cell.size,
            sides: cell.sides,
            bundles: Table::new(width, cell.bundles, &weights.bundles),
            persons: (cell.size > 1).then(|| Table::new(width, cell.persons, &weights.persons)),
        });
        let cells = cells.collect();
        let figures = columns.layers.iter().zip(&layers).map(|((_, observation), layer)| PoolFigure {
            observation: observation.clone(),
            mean: PerCapita(layer.mean),
            standard_error: PerCapita(layer.standard_error),
        });
        let figures = figures.collect();
        Self { key, members, shape, columns, cells, figures }
    }

    /// What the pool knows of each layer of the plan.
    pub fn figures(&self) -> &[PoolFigure] {
        &self.figures
    }

    /// Bytes that the pool holds.
    pub fn bytes(&self) -> usize {
        self.cells.iter().map(|cell| cell.bundles.bytes() + cell.persons.as_ref().map_or(0, Table::bytes)).sum()
    }

    /// Whether the pool holds under these factors on the costs of services. If not, the year is drawn person by person.
    pub(super) fn holds_under(&self, factors: &[f64]) -> bool {
        let (least, greatest) = self.shape.range;
        factors.iter().all(|factor| (least..=greatest).contains(factor))
    }

    /// Draws a trial's first year into a row of zeros.
    ///
    /// Draw order: a number of members for each cell but the last, then for each cell its bundles and its single people, all from
    /// one stream.
    pub(super) fn observe(&self, (seed, trial): (u64, u64), factors: &[f64], words: &mut Vec<u64>, row: &mut [f64]) {
        let key = StreamKey { seed, purpose: Purpose::Pick, segment: self.key, service: 0, trial, year: 0 };
        let stream = &mut Stream::new(&key);
        let counts = self.draw_counts(stream);
        let Shape { services, .. } = self.shape;
        let (mut all, mut of_cell) = (vec![0.0; self.shape.width()], vec![0.0; self.shape.width()]);
        let (mut totals, mut layers) = (Vec::new(), vec![0.0; self.shape.layers.len()]);
        for (cell, &count) in self.cells.iter().zip(&counts) {
            let mut take = |figures: &[f32]| {
                for (sum, &figure) in of_cell.iter_mut().zip(figures) {
                    *sum += f64::from(figure);
                }
                if cell.sides.is_none() {
                    self.shape.set_totals(figures, factors, &mut totals);
                    self.shape.add_layers_of_one(&totals, &mut layers);
                }
            };
            cell.bundles.pick(count / cell.size, stream, words, &mut take);
            if let Some(persons) = &cell.persons {
                persons.pick(count % cell.size, stream, words, &mut take);
            }
            if let Some(sides) = cell.sides {
                self.shape.set_totals(&of_cell, factors, &mut totals);
                self.shape.add_layers(sides, count as f64, &totals, &mut layers);
            }
            for (sum, of_cell) in all.iter_mut().zip(&mut of_cell) {
                *sum += *of_cell;
                *of_cell = 0.0;
            }
        }
        let Columns { expenditures, counts, person_years, people, risk_score, layers: of_layers } = &self.columns;
        let mut set = |column: Option<usize>, figure: f64| {
            if let Some(column) = column {
                row[column] = figure;
            }
        };
        for service in 0..services {
            set(expenditures[service], all[service] * factors[service]);
            set(counts[service], all[services + service]);
        }
        set(*person_years, all[2 * services]);
        set(*people, self.members as f64);
        set(*risk_score, all[2 * services + 1]);
        for ((column, _), figure) in of_layers.iter().zip(layers) {
            set(Some(*column), figure);
        }
    }

    /// How many members each cell has.
    fn draw_counts(&self, stream: &mut Stream) -> Vec<u64> {
        let (mut left, mut share_left) = (self.members, self.cells.iter().map(|cell| cell.share).sum::<f64>());
        let last = self.cells.len() - 1;
        let draw = |(index, cell): (usize, &Cell)| {
            let count = if index == last { left } else { stream.binomial(left, (cell.share / share_left).min(1.0)) };
            left -= count;
            share_left -= cell.share;
            count
        };
        self.cells.iter().enumerate().map(draw).collect()
    }
}
