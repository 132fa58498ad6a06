//! A provider's books, made ready: who pays for whose care, and what a year's lines are.

use twosided_contracts::{Payment, ServicePayment, Settled};
use twosided_population::{Observation, Plan, Variant};
use twosided_provider::{BooksYear, Capacity, Investment, Lines, Payer, ProgramYear, Provider, ServiceYear};
use twosided_units::{Dollars, MemberMonths, Share};

use super::{Conduct, conduct, expenditure, index_of};
use crate::{Job, groups::Groups};

/// A provider's books, made ready.
pub(crate) struct ReadyBooks<'a> {
    pub(crate) provider: &'a Provider,
    /// The variant of fee-for-service alone.
    pub(crate) reference: usize,
    /// For each service: the column of its expenditure and the provider's shares.
    pub(crate) services: Vec<(usize, Share, Share)>,
    /// The payer of people whose payer is not stated, and the payers of the scenario.
    pub(crate) payers: Vec<Payer>,
    /// Everyone by payer, under fee-for-service alone.
    pub(crate) cells: Vec<Cell>,
    /// The column of events that each step counts, and the share that is the provider's own; none for person-years.
    steps: Vec<Option<(usize, Share)>>,
}

/// People with one payer, whom the same contracts cover.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cell {
    /// Their group.
    pub(crate) group: usize,
    /// Index of their payer in the books.
    pub(crate) payer: usize,
    /// For each service, what becomes of the fees.
    pub(crate) payments: Vec<ServicePayment>,
}

/// A year as the provider's books see it.
pub(crate) struct YearSeen<'a, Totals, Months> {
    /// Totals of the plan's observations, by group.
    pub(crate) totals: Totals,
    /// Months that members are enrolled, by segment.
    pub(crate) months: Months,
    /// Person-years of everyone.
    pub(crate) person_years: f64,
    /// The year, counted from 0.
    pub(crate) year: u32,
    /// Prices of the year over those of the first.
    pub(crate) price_index: f64,
    /// Names under which investments are made; none under fee-for-service alone.
    pub(crate) names: &'a [String],
}

impl<'a> ReadyBooks<'a> {
    pub(crate) fn new(
        job: &Job<'_>,
        provider: &'a Provider,
        plan: &mut Plan,
        groups: &mut Groups,
        variants: &mut Vec<Variant>,
    ) -> Self {
        let names = job.population.service_names();
        let services = names.iter().map(|&name| {
            let (own_share, variable_cost_share) = provider.shares(name);
            (expenditure(plan, name), own_share, variable_cost_share)
        });
        let services = services.collect();
        let under_fees = conduct::volume(provider, &Payment::Fees, None, None);
        let reference = index_of(variants, Variant { programs: Vec::new(), volume: under_fees });
        let payers = [Payer::not_stated(provider.fees)].into_iter().chain(provider.payers.iter().cloned()).collect();
        let steps = provider.steps.iter().map(|step| match &step.serves {
            Capacity::PersonYears(_) => None,
            Capacity::Events { service, .. } => {
                Some((plan.column(Observation::Count { service: service.clone() }), provider.shares(service).0))
            }
        });
        let steps = steps.collect();
        let mut books = Self { provider, reference, services, payers, cells: Vec::new(), steps };
        let segments = job.population.segments().len();
        let is_of = |books: &Self, payer: usize, segment: usize| books.payer_of(job, segment) == payer;
        let paying =
            (0..books.payers.len()).filter(|&payer| (0..segments).any(|segment| is_of(&books, payer, segment)));
        let cells = paying.map(|payer| {
            let group = groups.of(|segment| is_of(&books, payer, segment));
            Cell { group, payer, payments: vec![ServicePayment::Fees; names.len()] }
        });
        books.cells = cells.collect();
        books
    }

    /// Index of the payer of a segment.
    pub(crate) fn payer_of(&self, job: &Job<'_>, segment: usize) -> usize {
        let payer = job.population.segments()[segment].payer.as_ref();
        payer
            .and_then(|name| self.payers.iter().skip(1).position(|payer| payer.name == *name))
            .map_or(0, |index| index + 1)
    }

    /// The lines of a year under a conduct of the practice; without one, under fee-for-service alone.
    pub(crate) fn lines<'t, Months: Fn(usize) -> MemberMonths>(
        &self,
        settled: &Settled,
        conduct: Option<&Conduct>,
        seen: &YearSeen<'_, impl Fn(usize) -> &'t [f64], Months>,
    ) -> Lines {
        let cells = conduct.map_or(&self.cells, |conduct| &conduct.cells);
        let services = cells.iter().flat_map(|cell| self.care(cell, (seen.totals)(cell.group)));
        let programs = conduct.into_iter().flat_map(|conduct| &conduct.programs).map(|program| ProgramYear {
            cost: program.cost,
            exposure: program.segments.iter().map(|&segment| (seen.months)(segment)).sum(),
        });
        self.provider.lines(settled, services, programs, &self.year(seen))
    }

    /// The care of some people by service.
    pub(crate) fn care<'b>(&'b self, cell: &'b Cell, totals: &'b [f64]) -> impl Iterator<Item = ServiceYear<'b>> {
        let payer = &self.payers[cell.payer];
        let services = self.services.iter().zip(&cell.payments);
        services.map(move |(&(column, own_share, variable_cost_share), &payment)| ServiceYear {
            expenditure: Dollars(totals[column]),
            own_share,
            variable_cost_share,
            payment,
            payer,
        })
    }

    fn year<'t, Months>(&self, seen: &YearSeen<'_, impl Fn(usize) -> &'t [f64], Months>) -> BooksYear {
        let steps = self.provider.steps.iter().zip(&self.steps).map(|(step, events)| {
            step.cost_of(match *events {
                None => seen.person_years,
                Some((column, own_share)) => (seen.totals)(crate::groups::EVERYONE)[column] * own_share.value(),
            })
        });
        let is_made = |investment: &&Investment| investment.is_made(seen.names.iter().map(String::as_str));
        let investments = self.provider.investments.iter().filter(is_made);
        BooksYear {
            price_index: seen.price_index,
            cost_index: self.provider.cost_index(seen.year, seen.price_index),
            steps: steps.sum(),
            investments: investments.map(|investment| investment.cost_in(seen.year)).sum(),
        }
    }
}
