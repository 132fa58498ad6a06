//! One trial drawn alone, with the steps of its settlements.

use std::sync::atomic::AtomicBool;

use twosided_contracts::Settled;
use twosided_population::Interrupted;
use twosided_provider::Lines;
use twosided_units::Dollars;

use crate::{
    Job, SimulateError,
    gain::gain,
    settler::{ColumnYear, Settler, Worker},
};

/// One year of a trial drawn alone, under one contract.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// What the contract came to, with its steps.
    pub settled: Settled,
    /// The provider's books under the contract.
    pub lines: Lines,
    /// The provider's books under fee-for-service alone.
    pub reference: Lines,
}

impl Replayed {
    /// Margin under the contract less that under fee-for-service alone.
    pub fn gain(&self) -> Dollars {
        gain(&self.settled, &self.lines, &self.reference)
    }
}

/// Draws one trial alone and settles every contract on each of its years, each with its steps.
///
/// # Shape
/// `[year][contract]`, contracts in the order of the job.
///
/// # Errors
/// [`SimulateError::Population`].
pub fn replay(job: &Job<'_>, trial: u64) -> Result<Vec<Vec<Replayed>>, SimulateError> {
    let never = AtomicBool::new(false);
    let mut settler = Settler::new(job)?;
    settler.draw_pools(&never)?;
    let mut worker = Worker::new(&settler);
    settler.observe(trial, &never, &mut worker).map_err(|Interrupted| SimulateError::Stopped)?;
    let columns = (0..job.all_contracts().count()).map(|contract| {
        settler.begin(contract, &mut worker);
        let years = (0..job.years).map(|year| {
            let reference = settler.reference(settler.books_of(contract), year, &worker);
            let ColumnYear { settled, lines, .. } =
                settler.settle_year((contract, year), &mut worker, &reference, true);
            Replayed { settled, lines, reference }
        });
        years.collect()
    });
    let columns: Vec<Vec<Replayed>> = columns.collect();
    let of_year = |year: usize| columns.iter().map(|years| years[year].clone()).collect();
    Ok((0..job.years as usize).map(of_year).collect())
}
