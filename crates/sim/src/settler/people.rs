//! What a column's year comes to for some of the people whom it covers.

use twosided_contracts::ServicePayment;

use super::{ColumnYear, Settler, Worker};
use crate::{
    details::PeopleFigure,
    practice::{Column, Conduct},
};

impl Settler<'_> {
    /// A figure of the people of some number among those of a column.
    pub(super) fn of_people(
        &self,
        (column, conduct, of_year): (&Column<'_>, Option<&Conduct>, &ColumnYear),
        (people, figure): (usize, PeopleFigure),
        year: u32,
        worker: &Worker,
    ) -> f64 {
        let segments = &column.people[people];
        let row = |segment: usize| self.row(of_year.variant, year, segment, worker);
        let sum = |column: usize| segments.iter().map(|&segment| row(segment)[column]).sum::<f64>();
        let settlement = &of_year.settled.settlement;
        match figure {
            PeopleFigure::PersonYears => sum(self.person_years_column),
            PeopleFigure::Expenditure => {
                let services = &self.practice.all_books()[column.books].services;
                services.iter().map(|&(service, ..)| sum(service)).sum()
            }
            PeopleFigure::Benchmark => {
                let benchmark = settlement.against.map_or(0.0, |against| against.benchmark.0);
                benchmark * self.weight(column, people, of_year.variant, year, worker)
            }
            PeopleFigure::Payment => {
                let paid = settlement.total().0 * self.weight(column, people, of_year.variant, year, worker);
                let fees = segments.iter().map(|&segment| self.fees(column, conduct, segment, row(segment)));
                paid + fees.sum::<f64>()
            }
            PeopleFigure::Cases(measure) => sum(self.measures[measure][0]),
            PeopleFigure::Reached(measure) => sum(self.measures[measure][1]),
        }
    }

    /// The part that some people are of all whom a column covers: by risk scores, or by years lived where nobody has a score.
    fn weight(&self, column: &Column<'_>, people: usize, variant: usize, year: u32, worker: &Worker) -> f64 {
        let by = self.risk_scores.unwrap_or(self.person_years_column);
        let of = |people: usize| {
            let segments = column.people[people].iter();
            segments.map(|&segment| self.row(variant, year, segment, worker)[by]).sum::<f64>()
        };
        let all = of(0);
        if all > 0.0 { of(people) / all } else { 0.0 }
    }

    /// Fees for the provider's own care of a segment, where no contract takes their place.
    fn fees(&self, column: &Column<'_>, conduct: Option<&Conduct>, segment: usize, row: &[f64]) -> f64 {
        let books = &self.practice.all_books()[column.books];
        let cells = conduct.map_or(&books.cells, |conduct| &conduct.cells);
        let is_of = |group: usize| self.practice.groups().members(group).contains(&segment);
        let cell = cells.iter().find(|cell| is_of(cell.group)).expect("everyone is in a cell");
        let care = books.care(cell, row).filter(|care| care.payment == ServicePayment::Fees);
        care.map(|care| care.revenue().0).sum()
    }
}
