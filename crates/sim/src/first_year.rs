//! The first year of a contract, settled on totals that were not sampled.

use twosided_population::{Plan, PopulationError, SystemYear};
use twosided_units::Dollars;

use crate::{
    Job,
    gain::gain,
    settler::{Settler, Worker},
};

/// Settles the first year of contracts on totals of the plan's columns, as a trial does on what it samples.
pub struct FirstYear<'a> {
    settler: Settler<'a>,
    worker: Worker,
}

impl<'a> FirstYear<'a> {
    /// Makes the contracts of a job ready.
    ///
    /// # Errors
    /// [`PopulationError`] for a population that cannot be sampled.
    pub fn new(job: &'a Job<'a>) -> Result<Self, PopulationError> {
        let settler = Settler::new(job)?;
        let worker = Worker::new(&settler);
        Ok(Self { settler, worker })
    }

    /// What is observed of a year, in the order of the totals.
    pub fn plan(&self) -> &Plan {
        &self.settler.plan
    }

    /// Whether the contract's year is that of the data, without programs and without a response of volume, and so is the year
    /// under fee-for-service that it is compared with.
    pub fn is_as_sampled(&self, contract: usize) -> bool {
        self.settler.is_as_sampled(contract)
    }

    /// Whether a contract is a single one for everyone, and so is every other.
    pub fn is_of_everyone(&self, contract: usize) -> bool {
        self.settler.is_of_everyone(contract)
    }

    /// The gain of a contract over fee-for-service alone.
    ///
    /// # Panics
    /// When there are not as many totals as observations in the plan.
    pub fn gain(&mut self, contract: usize, totals: &[f64], system: &SystemYear) -> Dollars {
        let Self { settler, worker } = self;
        worker.note(totals, system);
        let reference = settler.reference(settler.books_of(contract), 0, worker);
        settler.begin(contract, worker);
        let year = settler.settle_year((contract, 0), worker, &reference, false);
        gain(&year.settled, &year.lines, &reference)
    }
}
