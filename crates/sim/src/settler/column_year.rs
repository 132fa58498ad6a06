//! One year of a column: each contract in force is settled on what it sees, and the books are drawn up.

use twosided_contracts::{Carried, Settled, Updates, Year};
use twosided_prob::{Purpose, Stream, StreamKey, name_key};
use twosided_provider::Lines;
use twosided_units::MemberMonths;

use super::{Settler, Worker};
use crate::{
    groups::EVERYONE,
    practice::{Column, Conduct, Held, InForce},
};

/// What a column came to in a year.
pub(crate) struct ColumnYear {
    /// What its contracts came to together.
    pub(crate) settled: Settled,
    pub(crate) lines: Lines,
    /// The variant of the year.
    pub(crate) variant: usize,
    /// The group of those whom it covers.
    pub(crate) group: usize,
    /// Which of its contracts are in force.
    pub(crate) contracts: InForce,
}

impl ColumnYear {
    /// Whether any of its contracts is in force.
    pub(crate) fn in_force(&self) -> bool {
        self.contracts != 0
    }
}

impl Settler<'_> {
    /// Begins the horizon of a column: none of its contracts has a past.
    pub(crate) fn begin(&self, contract: usize, worker: &mut Worker) {
        worker.carried.clear();
        worker.carried.resize(self.practice.column(contract).held.len(), Carried::default());
    }

    /// Settles the next year of the column that was begun; where all its contracts have ended, fee-for-service is left.
    pub(crate) fn settle_year(
        &self,
        (contract, year): (usize, u32),
        worker: &mut Worker,
        reference: &Lines,
        explain: bool,
    ) -> ColumnYear {
        let column = self.practice.column(contract);
        let mut carried = std::mem::take(&mut worker.carried);
        let is_in_force = |(held, carried): (usize, &Carried)| if carried.ended() { 0 } else { 1 << held };
        let in_force: usize = carried.iter().enumerate().map(is_in_force).sum();
        let group = if let [only] = &column.held[..] { only.group } else { EVERYONE };
        worker.settled.clear();
        if in_force == 0 {
            worker.carried = carried;
            let variant = self.practice.books_of(contract).reference;
            let (settled, lines) = (Settled::default(), *reference);
            return ColumnYear { settled, lines, variant, group, contracts: in_force };
        }
        let conduct = column.conduct(year, in_force);
        worker.settled.resize(column.held.len(), Settled::default());
        // Bundles first: others may count what they come to.
        for counts in [false, true] {
            for (index, held) in column.held.iter().enumerate() {
                if in_force & 1 << index == 0 || held.counted.is_empty() == counts {
                    continue;
                }
                let signed = held.contract.expect("a contract of the caller's own is settled by the caller");
                let carried = &mut carried[index];
                let settled = self.settle_held((contract, index, year), conduct, worker, explain, |observed| {
                    signed.settle_carrying(observed, carried)
                });
                worker.settled[index] = settled;
            }
        }
        worker.carried = carried;
        let settled = self.together(column, in_force, worker);
        let lines = self.lines(self.practice.books_of(contract), &settled, Some((column, conduct)), year, worker);
        ColumnYear { settled, lines, variant: conduct.variant, group, contracts: in_force }
    }

    /// What the contracts of a column came to together: a single one is taken from the worker.
    fn together(&self, column: &Column<'_>, in_force: InForce, worker: &mut Worker) -> Settled {
        let administration = self.practice.all_books()[column.books].provider.administration;
        for (index, (held, settled)) in column.held.iter().zip(&mut worker.settled).enumerate() {
            if in_force & 1 << index != 0 {
                settled.administration += administration.per_measure * held.reported_measures();
            }
        }
        if !column.is_portfolio {
            return std::mem::take(&mut worker.settled[0]);
        }
        let total = administration.together(worker.settled.iter().map(|settled| settled.administration));
        let parts = column.names.iter().map(String::as_str).zip(worker.settled.iter().cloned()).collect();
        Settled { administration: total, ..Settled::together(parts) }
    }

    /// Settles the year that a contract of the caller's own sees, or a single one of the job, as the caller does.
    pub(crate) fn settle_as(
        &self,
        (contract, year): (usize, u32),
        worker: &mut Worker,
        settle: impl FnOnce(&Year<'_>) -> Settled,
    ) -> (Settled, Lines) {
        let column = self.practice.column(contract);
        let conduct = column.conduct(year, column.all_in_force());
        let settled = self.settle_held((contract, 0, year), conduct, worker, false, settle);
        let lines = self.lines(self.practice.books_of(contract), &settled, Some((column, conduct)), year, worker);
        (settled, lines)
    }

    /// The normal scores that a contract takes for a year of a trial.
    fn scores(&self, held: &Held<'_>, year: u32, trial: u64) -> Vec<f64> {
        let draws = held.phase(year).draws;
        let Some(contract) = held.contract.filter(|_| draws > 0) else { return Vec::new() };
        let service = name_key(&contract.name);
        let key = StreamKey { seed: self.job.seed, purpose: Purpose::Outside, segment: 0, service, trial, year };
        let mut stream = Stream::new(&key);
        (0..draws).map(|_| stream.normal()).collect()
    }

    /// Settles the year that one contract of a column sees.
    fn settle_held(
        &self,
        (contract, index, year): (usize, usize, u32),
        conduct: &Conduct,
        worker: &mut Worker,
        explain: bool,
        settle: impl FnOnce(&Year<'_>) -> Settled,
    ) -> Settled {
        let column = self.practice.column(contract);
        let held = &column.held[index];
        let of_group = |group: usize| self.totals(group, conduct.variant, year, worker);
        let own_fees = conduct.own_fees(index, self.practice.books_of(contract), of_group);
        let counted = held.counted.iter().map(|&(bundle, both)| {
            let of_bundle = of_group(column.held[bundle].group)[self.person_years_column];
            let share = if of_bundle > 0.0 { of_group(both)[self.person_years_column] / of_bundle } else { 0.0 };
            worker.settled[bundle].settlement.result().0 * share
        });
        let counted: f64 = counted.sum();
        let mut figures = std::mem::take(&mut worker.figures);
        figures.clear();
        let totals = self.totals(held.group, conduct.variant, year, worker);
        figures.extend(held.phase(year).columns.iter().map(|&column| totals[column]));
        if let Some(expenditure) = figures.first_mut() {
            *expenditure += counted;
        }
        let scores = self.scores(held, year, worker.trial);
        let people = self.people_column.map(|column| totals[column]);
        let observed = Year {
            exposure: MemberMonths(12.0 * totals[self.person_years_column]),
            members: people.map_or(held.members, |people| people as u64),
            figures: &figures,
            own_fees,
            explain,
            updates: Updates {
                expected: self.sampler.price_index()[year as usize],
                benchmark: worker.scratch.benchmark()[year as usize],
                risk_score: self.risk_scores.map_or(1.0, |column| totals[column] / held.expected_scores_of(people)),
                rate: 1.0,
            },
            benchmark_errors: worker.scratch.benchmark_errors(year),
            advance_balance: None,
            earlier_composites: &[],
            earlier_notes: &[],
            scores: &scores,
        };
        let settled = settle(&observed);
        worker.figures = figures;
        settled
    }
}
