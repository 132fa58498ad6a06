//! Which figures of a contract inherit the heavy tail of a law of costs.
//!
//! A sum over many people hides a heavy tail from the sample, and covers, truncation points and limits may cut it off. So one sampled
//! trial is settled again with a cost far beyond every limit, and with twice that cost. A figure that differs between the two inherits
//! the tail.

use std::{collections::BTreeMap, sync::atomic::AtomicBool};

use twosided_population::Interrupted;
use twosided_provider::Lines;

use super::{ColumnYear, Settler, Worker};
use crate::{Observed, Tails, gain::gain};

/// Largest tail index that is examined: a law with it has no fourth moment, so that a standard deviation has no standard error.
const HIGHEST: f64 = 4.0;
/// Dollars beyond every limit.
const FAR: f64 = 1e12;

/// What a contract comes to over all years.
#[derive(Clone, Copy, Default)]
struct Sums {
    gain: f64,
    lines: Lines,
    expenditure: f64,
    of_specific: f64,
    of_aggregate: f64,
}

impl Settler<'_> {
    /// The tails of each contract, in the order of the job.
    pub(crate) fn tails(&self, stop: &AtomicBool) -> Result<Vec<Tails>, Interrupted> {
        let mut tails = vec![Tails::default(); self.practice.columns().len()];
        // Laws that reach the same columns of the same groups reach the same figures: the heaviest counts.
        let mut heaviest: BTreeMap<(Vec<bool>, Vec<bool>), f64> = BTreeMap::new();
        for (segment, columns, of_law) in self.heavy_laws() {
            let groups = self.practice.groups().iter().map(|group| group.contains(&segment)).collect();
            let index = heaviest.entry((groups, columns)).or_insert(f64::INFINITY);
            *index = index.min(of_law);
        }
        if heaviest.is_empty() {
            return Ok(tails);
        }
        let mut worker = Worker::new(self);
        self.observe(0, stop, &mut worker)?;
        let sampled = worker.totals.clone();
        let years = self.practice.variants().len() * self.job.years as usize;
        for ((groups, columns), index) in heaviest {
            let [once, twice] = [FAR, 2.0 * FAR].map(|cost| {
                worker.totals.copy_from_slice(&sampled);
                let rows = worker.totals.chunks_exact_mut(columns.len()).enumerate();
                for (_, totals) in rows.filter(|(row, _)| groups[row / years]) {
                    for (total, _) in totals.iter_mut().zip(&columns).filter(|(_, reached)| **reached) {
                        *total += cost;
                    }
                }
                self.sums(&mut worker)
            });
            for ((tails, once), twice) in tails.iter_mut().zip(once).zip(twice) {
                note(tails, &once, &twice, index);
            }
        }
        Ok(tails)
    }

    /// Notes the tails of what is observed of the population, of benchmarks and expenditures, and of recoveries.
    pub(crate) fn note_tails(&self, observed: &mut Observed) {
        for (segment, columns, index) in self.heavy_laws() {
            for column in (0..columns.len()).filter(|&column| columns[column]) {
                for year in 0..self.job.years as usize {
                    observed.segments[(year, segment, column)].note_tail(index);
                    observed.total[(year, column)].note_tail(index);
                }
            }
        }
        for (contract, tails) in observed.tails.iter().enumerate() {
            observed.margins[contract].note_tail(tails.margin);
            for (line, index) in tails.lines.iter().enumerate() {
                observed.lines[(contract, line)].note_tail(*index);
            }
            for year in 0..self.job.years as usize {
                let figure = (year, contract);
                observed.expenditures[figure].note_tail(tails.expenditure);
                observed.savings_rates[figure].note_tail(tails.expenditure);
                observed.specific_recoveries[figure].note_tail(tails.of_specific);
                observed.aggregate_recoveries[figure].note_tail(tails.of_aggregate);
            }
        }
    }

    /// Each law that is examined: the index of its segment, whether each observation counts its cost without a limit, its tail index.
    fn heavy_laws(&self) -> impl Iterator<Item = (usize, Vec<bool>, f64)> {
        self.job.population.segments().iter().enumerate().flat_map(move |(index, segment)| {
            let heavy = segment.services.iter().filter(|service| segment.tail_index(service) <= HIGHEST);
            heavy.map(move |service| {
                let observations = self.plan.observations().iter();
                let columns =
                    observations.map(|observation| observation.is_unlimited(segment, &service.name)).collect();
                (index, columns, segment.tail_index(service))
            })
        })
    }

    fn sums(&self, worker: &mut Worker) -> Vec<Sums> {
        let mut references = Vec::new();
        self.references(worker, &mut references);
        let mut sum_of = |contract| {
            self.begin(contract, worker);
            let mut sums = Sums::default();
            for year in 0..self.job.years {
                let reference = &references[self.reference_index(contract, year)];
                let ColumnYear { settled, lines, .. } = self.settle_year((contract, year), worker, reference, false);
                sums.gain += gain(&settled, &lines, reference).0;
                sums.expenditure += settled.settlement.against.map_or(0.0, |against| against.expenditure.0);
                sums.of_specific += settled.stop_loss.of_specific.0;
                sums.of_aggregate += (settled.stop_loss.recoveries - settled.stop_loss.of_specific).0;
                for (sum, line) in sums.lines.0.iter_mut().zip(&lines.0) {
                    *sum += line;
                }
            }
            sums
        };
        (0..self.practice.columns().len()).map(&mut sum_of).collect()
    }
}

/// Notes the figures that differ between the two costs, with the tail index of the law.
fn note(tails: &mut Tails, once: &Sums, twice: &Sums, index: f64) {
    /// The part of a dollar from which a difference is more than the rounding of the sums.
    const LEAST: f64 = 1e-6;
    let follows = |once: f64, twice: f64| (twice - once) / FAR;
    let reach = |tail: &mut f64, reached: bool| {
        if reached {
            *tail = tail.min(index);
        }
    };
    let of_gain = follows(once.gain, twice.gain);
    reach(&mut tails.losses, of_gain < -LEAST);
    reach(&mut tails.gains, of_gain > LEAST);
    reach(&mut tails.margin, follows(once.lines.margin().0, twice.lines.margin().0).abs() > LEAST);
    for (tail, (once, twice)) in tails.lines.iter_mut().zip(once.lines.0.iter().zip(&twice.lines.0)) {
        reach(tail, follows(*once, *twice).abs() > LEAST);
    }
    reach(&mut tails.expenditure, follows(once.expenditure, twice.expenditure).abs() > LEAST);
    reach(&mut tails.of_specific, follows(once.of_specific, twice.of_specific).abs() > LEAST);
    reach(&mut tails.of_aggregate, follows(once.of_aggregate, twice.of_aggregate).abs() > LEAST);
}
