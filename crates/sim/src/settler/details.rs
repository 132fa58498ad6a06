//! What is kept of a column's year beside its lines.

use twosided_contracts::{Lan, ServicePayment, Settled};
use twosided_provider::{Line, Lines, ServiceYear};

use super::{ColumnYear, Settler, Worker};
use crate::{
    details::{Detail, DetailOf},
    groups::EVERYONE,
    practice::{Column, Conduct},
};

/// A year's books in parts.
#[derive(Default)]
struct Parts {
    /// What other providers bill.
    others: f64,
    /// By payer: fees, and the margin of care.
    fees: Vec<f64>,
    margins: Vec<f64>,
    /// By contract: fees given up, and claims paid to others.
    given_up: Vec<f64>,
    to_others: Vec<f64>,
    /// Fees by the highest category that covers people.
    revenue: Vec<(Lan, f64)>,
}

impl Settler<'_> {
    /// Notes the details of a column's year.
    pub(super) fn note_details(
        &self,
        (contract, year): (usize, u32),
        of_year: &ColumnYear,
        reference: &Lines,
        worker: &Worker,
        slots: &mut [f64],
    ) {
        let (range, details) = self.details().of_column(contract);
        if details.is_empty() {
            return;
        }
        let column = self.practice.column(contract);
        let conduct = of_year.in_force().then(|| column.conduct(year, of_year.contracts));
        let parts = self.parts((column, conduct, of_year), year, worker);
        let first = year as usize * self.details().len();
        let nothing = Settled::default();
        let settled = |held: usize| &worker.settled.get(held).unwrap_or(&nothing).settlement;
        for (slot, &Detail { of, .. }) in slots[first..][range].iter_mut().zip(details) {
            *slot = match of {
                DetailOf::FeesAlone => reference.0[Line::Fees as usize],
                DetailOf::OthersChange => {
                    let books = self.practice.books_of(contract);
                    let cells = books
                        .cells
                        .iter()
                        .flat_map(|cell| books.care(cell, self.totals(cell.group, books.reference, year, worker)));
                    parts.others - cells.map(|care| care.of_others().0).sum::<f64>()
                }
                DetailOf::Advances => of_year.settled.settlement.advances_paid.0,
                DetailOf::AdvanceBalance => of_year.settled.settlement.advance_balance.0,
                DetailOf::Withheld(held) if column.is_portfolio => settled(held).withheld.0,
                DetailOf::Withheld(_) => of_year.settled.settlement.withheld.0,
                DetailOf::Fees(payer) => parts.fees[payer],
                DetailOf::Contribution(held) => contribution(held, &parts, of_year, &worker.settled),
                DetailOf::Reconciliation(held) => settled(held).reconciliation.0,
                DetailOf::FeeAdjustment(held) => settled(held).fee_adjustment.0,
                DetailOf::Capitation(held) => settled(held).capitation.0,
                DetailOf::PayerMargin(payer) => parts.margins[payer],
                DetailOf::Revenue(category) => {
                    let fees = parts.revenue.iter().find(|(of, _)| *of == category).map_or(0.0, |(_, fees)| *fees);
                    let held = column.held.iter().zip(&worker.settled);
                    let paid = held.filter(|(held, _)| held.phase(year).lan == category);
                    fees + paid.map(|(_, settled)| settled.settlement.total().0).sum::<f64>()
                }
                DetailOf::Avoided(program) => self.avoided((column, conduct), program, false, year, worker),
                DetailOf::AvoidedUnshared(program) => self.avoided((column, conduct), program, true, year, worker),
                DetailOf::People(people, figure) => {
                    self.of_people((column, conduct, of_year), (people, figure), year, worker)
                }
            };
        }
    }

    /// The parts of a column's year.
    fn parts(
        &self,
        (column, conduct, of_year): (&Column<'_>, Option<&Conduct>, &ColumnYear),
        year: u32,
        worker: &Worker,
    ) -> Parts {
        let books = &self.practice.all_books()[column.books];
        let cells = conduct.map_or(&books.cells, |conduct| &conduct.cells);
        let price_index = self.sampler.price_index()[year as usize];
        let of_prices = books.provider.cost_index(year, price_index) / price_index;
        let mut parts = Parts {
            fees: vec![0.0; books.payers.len()],
            margins: vec![0.0; books.payers.len()],
            given_up: vec![0.0; column.held.len()],
            to_others: vec![0.0; column.held.len()],
            ..Parts::default()
        };
        for (index, cell) in cells.iter().enumerate() {
            let by = conduct.map_or(&[][..], |conduct| &conduct.covered_by[index]);
            let category = by.iter().map(|&held| column.held[held].phase(year).lan).max().unwrap_or(Lan::FeeForService);
            let (mut fees, mut margin) = (0.0, 0.0);
            let totals = self.totals(cell.group, of_year.variant, year, worker);
            for (service, care) in books.care(cell, totals).enumerate() {
                parts.others += care.of_others().0;
                margin -= cost(&care, of_prices);
                let paying = || {
                    let replaces =
                        |&&held: &&usize| column.held[held].phase(year).payments[service] != ServicePayment::Fees;
                    *by.iter().find(replaces).expect("a contract takes the place of the fees")
                };
                match care.payment {
                    ServicePayment::Fees => fees += care.revenue().0,
                    ServicePayment::InPlaceOfFees => parts.given_up[paying()] += care.revenue().0,
                    ServicePayment::AtRisk => {
                        let held = paying();
                        parts.given_up[held] += care.revenue().0;
                        parts.to_others[held] += care.of_others().0;
                        margin -= care.of_others().0;
                    }
                }
            }
            // A contract's payments are of a payer's people as far as it covers them.
            for &held in by {
                let of = |group: usize| self.person_years(group, of_year.variant, year, worker);
                let covered = of(column.held[held].group);
                let share = if covered > 0.0 { of(cell.group) / covered } else { 0.0 };
                let settled = if column.is_portfolio { &worker.settled[held] } else { &of_year.settled };
                margin += share * (received(settled) - settled.administration.0);
            }
            parts.fees[cell.payer] += fees;
            parts.margins[cell.payer] += fees + margin;
            match parts.revenue.iter_mut().find(|(of, _)| *of == category) {
                Some((_, sum)) => *sum += fees,
                None => parts.revenue.push((category, fees)),
            }
        }
        parts
    }

    /// What a program avoids of all spending, or of that on people whom no contract that shares savings covers.
    fn avoided(
        &self,
        (column, conduct): (&Column<'_>, Option<&Conduct>),
        program: usize,
        unshared: bool,
        year: u32,
        worker: &Worker,
    ) -> f64 {
        let Some(conduct) = conduct.filter(|conduct| conduct.programs.iter().any(|run| run.index == program)) else {
            return 0.0;
        };
        let alone = column.alone.iter().find(|(index, _)| *index == program).map(|&(_, variant)| variant);
        let alone = alone.expect("every program that is run is known alone");
        let books = &self.practice.all_books()[column.books];
        let avoided = |group: usize| {
            let [before, after] = [books.reference, alone].map(|variant| self.totals(group, variant, year, worker));
            books.services.iter().map(|&(column, ..)| before[column] - after[column]).sum::<f64>()
        };
        if !unshared {
            return avoided(EVERYONE);
        }
        let shares = |by: &[usize]| by.iter().any(|&held| column.held[held].phase(year).lan >= Lan::Upside);
        let cells = conduct.cells.iter().zip(&conduct.covered_by).filter(|(_, by)| !shares(by));
        cells.map(|(cell, _)| avoided(cell.group)).sum()
    }
}

/// What a contract adds to the gain of its portfolio: what it is paid, less what it gives up and what it costs. What contracts
/// share of administration is divided in proportion.
fn contribution(held: usize, parts: &Parts, of_year: &ColumnYear, settled: &[Settled]) -> f64 {
    let Some(of_contract) = settled.get(held) else { return 0.0 };
    let each: f64 = settled.iter().map(|settled| settled.administration.0).sum();
    let part = if each > 0.0 { of_contract.administration.0 / each } else { 0.0 };
    let administration = of_year.settled.administration.0 * part;
    received(of_contract) - administration - parts.given_up[held] - parts.to_others[held]
}

/// What a contract and its covers pay, less premiums.
fn received(settled: &Settled) -> f64 {
    (settled.settlement.total() + settled.stop_loss.recoveries - settled.stop_loss.premiums).0
}

/// What the provider's own part of some care costs it.
fn cost(care: &ServiceYear<'_>, of_prices: f64) -> f64 {
    let own = care.own();
    let rework = if care.payment == ServicePayment::Fees { care.payer.denials.rework(own).0 } else { 0.0 };
    (own * care.variable_cost_share * of_prices).0 + rework
}
