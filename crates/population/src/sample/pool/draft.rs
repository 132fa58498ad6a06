//! Draws the people of a pool, part by part, and keeps them singly or in bundles.

use std::{collections::BTreeMap, sync::atomic::AtomicBool};

use twosided_prob::{Draws, Purpose, Stream, StreamKey, name_key};

use crate::{
    Interrupted, Observation, PersonYearBlock, Plan, PoolOptions, Population, PopulationError, Sampler, Scratch,
    Segment,
    sample::{
        layer::layers_of,
        rows::Rows,
        scopes_of,
        segment::{SegmentSampler, SegmentTrial},
    },
};

use super::{
    Columns, Pool,
    calibrate::calibrate,
    cells::Drawn,
    shape::{Shape, Sides},
};

/// People of a part. Parts can be drawn in any order and on any thread.
const PART: u64 = 16_384;
/// Stands for the part that is drawn first, to see who is there.
const FIRST_LOOK: u64 = u64::MAX;
/// Trials whose factors give the range in which a pool holds.
const TRIALS_OF_RANGE: u64 = 512;

/// Bundles that a trial picks of a cell, about.
const BUNDLES_OF_TRIAL: f64 = 256.0;
/// Bundles that a cell's people are to make at least, in proportion to the cell's share.
const BUNDLES_OF_POOL: f64 = 8_192.0;
/// People kept singly: of a cell with bundles, and of the cell without.
const PERSONS_BESIDE_BUNDLES: u64 = 16_384;
const PERSONS_WITHOUT_BUNDLES: u64 = 65_536;

/// A segment's pool before it is drawn.
#[derive(Clone, Debug)]
pub struct PoolDraft {
    key: u64,
    members: u64,
    parts: u64,
    /// Seed of the pool's people.
    seed: u64,
    people: SegmentSampler,
    shape: Shape,
    columns: Columns,
    /// The mean of each figure of a row, as the laws say.
    expected: Vec<f64>,
    /// Factors by service, on average.
    factors: Vec<f64>,
    /// Cells whose people are bundled: their sides, and how many make a bundle.
    cells: Vec<(Sides, u64)>,
}

/// The people of a part: cells with bundles, and last the cell without.
#[derive(Clone, Debug)]
pub struct PoolPart {
    cells: Vec<CellPart>,
}

#[derive(Clone, Debug, Default)]
struct CellPart {
    seen: u64,
    /// The sum of a bundle in the making, and how many people it has.
    open: Vec<f64>,
    in_open: u64,
    bundles: Vec<f32>,
    persons: Vec<f32>,
}

impl PoolDraft {
    /// Prepares the pool of the segment at an index, for trials of a sampler of this population and plan from a seed;
    /// [`PoolOptions::check`] must have accepted the segment.
    ///
    /// # Errors
    /// As for [`Sampler::new`].
    pub fn new(
        sampler: &Sampler,
        population: &Population,
        plan: &Plan,
        index: usize,
        seed: u64,
        options: &PoolOptions,
    ) -> Result<Self, PopulationError> {
        let segment = &population.segments()[index];
        let key = name_key(&segment.name);
        let scopes = scopes_of(plan);
        let (range, factors) = factors_of(population, segment, seed);
        let services_of = |services: &&crate::ServiceScope| {
            (0..segment.services.len()).filter(|&service| services.includes(&segment.services[service].name)).collect()
        };
        let shape = Shape {
            services: segment.services.len(),
            scopes: scopes.iter().map(services_of).collect(),
            layers: layers_of(plan, segment, &scopes),
            range,
        };
        let of_pool = StreamKey { seed, purpose: Purpose::Pool, segment: key, service: 0, trial: 0, year: 0 };
        let mut draft = Self {
            key,
            members: segment.members,
            parts: options.persons(segment).div_ceil(PART),
            seed: Stream::new(&of_pool).word(),
            people: sampler.segments[index].people.to_visit(PART),
            columns: Columns::of(plan, segment),
            expected: expected_row(population, segment, plan)?,
            shape,
            factors,
            cells: Vec::new(),
        };
        draft.cells = draft.first_look();
        Ok(draft)
    }

    /// The number of parts.
    pub fn parts(&self) -> u64 {
        self.parts
    }

    /// Draws a part.
    ///
    /// # Errors
    /// [`Interrupted`] soon after `stop` becomes true.
    pub fn draw(&self, part: u64, stop: &AtomicBool, scratch: &mut Scratch) -> Result<PoolPart, Interrupted> {
        let mut drawn = PoolPart { cells: vec![CellPart::default(); self.cells.len() + 1] };
        for cell in &mut drawn.cells {
            cell.open.resize(self.shape.width(), 0.0);
        }
        let beside = PERSONS_BESIDE_BUNDLES.div_ceil(self.parts) as usize * self.shape.width();
        let without = PERSONS_WITHOUT_BUNDLES.div_ceil(self.parts) as usize * self.shape.width();
        let (mut sides, mut rows) = (Vec::new(), Vec::new());
        self.visit(part, stop, scratch, &mut |block| {
            self.set_sides(block, &mut sides);
            self.set_rows(block, &mut rows);
            for (row, &sides) in rows.chunks_exact(self.shape.width()).zip(&sides) {
                let cell = self.cells.iter().position(|&(of_cell, _)| Some(of_cell) == sides);
                let of_cell = &mut drawn.cells[cell.unwrap_or(self.cells.len())];
                of_cell.seen += 1;
                if of_cell.persons.len() < if cell.is_some() { beside } else { without } {
                    of_cell.persons.extend_from_slice(row);
                }
                if let Some(cell) = cell {
                    of_cell.bundle(row, self.cells[cell].1);
                }
            }
        })?;
        Ok(drawn)
    }

    /// Makes the pool of all parts, in their order.
    pub fn finish(self, parts: Vec<PoolPart>) -> Pool {
        let mut cells: Vec<Drawn> = self.cells.iter().map(|&(sides, size)| Drawn::new(Some(sides), size)).collect();
        cells.push(Drawn::new(None, 1));
        for part in parts {
            for (cell, drawn) in cells.iter_mut().zip(part.cells) {
                cell.seen += drawn.seen;
                // A cell without bundles holds its people as bundles of one.
                let (bundles, persons) =
                    if cell.sides.is_some() { (drawn.bundles, drawn.persons) } else { (drawn.persons, drawn.bundles) };
                cell.bundles.extend(bundles);
                cell.persons.extend(persons);
            }
        }
        cells.retain(|cell| !cell.bundles.is_empty());
        let calibrated = calibrate(&self.shape, &cells, &self.expected, &self.factors);
        Pool::new((self.key, self.members), self.shape, self.columns, cells, calibrated)
    }

    /// Finds the cells that are worth bundles, from people who do not belong to the pool.
    fn first_look(&self) -> Vec<(Sides, u64)> {
        let mut seen: BTreeMap<Sides, u64> = BTreeMap::new();
        let mut sides = Vec::new();
        self.visit(FIRST_LOOK, &AtomicBool::new(false), &mut Scratch::default(), &mut |block| {
            self.set_sides(block, &mut sides);
            for &sides in sides.iter().flatten() {
                *seen.entry(sides).or_default() += 1;
            }
        })
        .expect("nobody stops it");
        let sized = seen.into_iter().map(|(sides, seen)| {
            let share = seen as f64 / PART as f64;
            let of_trial = self.members as f64 * share / BUNDLES_OF_TRIAL;
            let of_pool = (self.parts * PART) as f64 * share / BUNDLES_OF_POOL;
            (sides, of_trial.min(of_pool) as u64)
        });
        sized.filter(|&(_, size)| size > 1).collect()
    }

    /// Draws a part and shows its people block by block, their costs without factors.
    fn visit(
        &self,
        part: u64,
        stop: &AtomicBool,
        scratch: &mut Scratch,
        visit: &mut dyn FnMut(&PersonYearBlock<'_>),
    ) -> Result<(), Interrupted> {
        let ones = vec![1.0; self.shape.services];
        let (factors, uses) = ([ones.clone()], [vec![ones]]);
        let trial = SegmentTrial {
            seed: self.seed,
            trial: part,
            stop,
            price_index: &[1.0],
            factors: &factors,
            uses: &uses,
            prices: &uses,
        };
        let mut row = [0.0; 2];
        let mut rows = Rows { table: &mut row, years: 1, row: 2, columns: 2, segment: 0 };
        self.people.observe(&trial, scratch, &mut rows, &mut Some(visit))
    }

    /// Sets the sides of a block's people.
    fn set_sides(&self, block: &PersonYearBlock<'_>, sides: &mut Vec<Option<Sides>>) {
        let totals = self.shape.scopes.iter().map(|services| {
            let mut totals = vec![0.0; block.lived.len()];
            for &service in services {
                for (total, cost) in totals.iter_mut().zip(&block.costs[service]) {
                    *total += cost;
                }
            }
            totals
        });
        let totals: Vec<Vec<f64>> = totals.collect();
        sides.clear();
        sides.extend((0..block.lived.len()).map(|person| self.shape.sides(|scope| totals[scope][person])));
    }

    /// Sets the rows of a block, one after the other.
    fn set_rows(&self, block: &PersonYearBlock<'_>, rows: &mut Vec<f32>) {
        let (width, services) = (self.shape.width(), self.shape.services);
        rows.clear();
        rows.resize(block.lived.len() * width, 0.0);
        // A few people at a time, whose rows stay in the processor's nearest memory.
        for (first, rows) in (0..).step_by(TOGETHER).zip(rows.chunks_mut(TOGETHER * width)) {
            for service in 0..services {
                set_column(rows, width, service, &block.costs[service][first..]);
                set_column(rows, width, services + service, &block.counts[service][first..]);
            }
            set_column(rows, width, 2 * services, &block.lived[first..]);
            if !block.risk_scores.is_empty() {
                set_column(rows, width, 2 * services + 1, &block.risk_scores[first..]);
            }
        }
    }
}

/// People whose rows are set together.
const TOGETHER: usize = 32;

/// A figure in single precision.
trait Narrow: Copy {
    fn narrow(self) -> f32;
}

impl Narrow for f64 {
    fn narrow(self) -> f32 {
        self as f32
    }
}

impl Narrow for u32 {
    fn narrow(self) -> f32 {
        self as f32
    }
}

/// Sets one column of rows of a width.
fn set_column<T: Narrow>(rows: &mut [f32], width: usize, column: usize, figures: &[T]) {
    for (row, &figure) in rows.chunks_exact_mut(width).zip(figures) {
        row[column] = figure.narrow();
    }
}

impl CellPart {
    /// Adds a person to the bundle in the making. What is left of one at the end of a part is dropped.
    fn bundle(&mut self, row: &[f32], size: u64) {
        for (sum, &figure) in self.open.iter_mut().zip(row) {
            *sum += f64::from(figure);
        }
        self.in_open += 1;
        if self.in_open == size {
            self.bundles.extend(self.open.iter().map(|&sum| sum as f32));
            self.open.fill(0.0);
            self.in_open = 0;
        }
    }
}

/// The range of the factors on a segment's costs over the first trials, and their means by service.
fn factors_of(population: &Population, segment: &Segment, seed: u64) -> ((f64, f64), Vec<f64>) {
    let system = population.system();
    let (mut range, mut means) = ((f64::INFINITY, 0.0_f64), vec![0.0; segment.services.len()]);
    for trial in 0..TRIALS_OF_RANGE {
        let year = &system.draw(Draws::Independent, seed, trial, 1)[0];
        for (service, mean) in segment.services.iter().zip(&mut means) {
            let factor = year.cost(system.factors(), segment.segment_name(), &service.name) * segment.social_risk.cost;
            range = (range.0.min(factor), range.1.max(factor));
            *mean += factor / TRIALS_OF_RANGE as f64;
        }
    }
    (range, means)
}

/// The expected figures of a person's row, without factors.
fn expected_row(population: &Population, segment: &Segment, plan: &Plan) -> Result<Vec<f64>, PopulationError> {
    let year = segment.expected_year(population.assignment)?;
    let turnover = segment.life.turnover.map_or(1.0, |turnover| turnover.mean_cost(population.assignment));
    let mut row: Vec<f64> = year.costs.iter().map(|cost| cost / segment.social_risk.cost * turnover).collect();
    row.extend(&year.counts);
    row.push(year.person_years);
    row.push(if plan.position(&Observation::RiskScore).is_some() { segment.mean_risk_score(0) } else { 0.0 });
    Ok(row)
}
