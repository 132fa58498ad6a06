//! The files of prices.

use std::sync::atomic::AtomicBool;

use twosided_files::{Kept, OutputFolder};

use crate::{
    PriceReport, ReportError, Stop,
    charts::{self, Canvas},
    save,
};

/// The files of prices.
pub const PRICE_FILES: [&str; 3] = ["price.csv", "price.svg", "price.png"];

impl PriceReport {
    /// Writes [`PRICE_FILES`], unless it is stopped.
    ///
    /// # Errors
    /// [`ReportError`] when a file cannot be written.
    pub fn write_into(&self, destination: &OutputFolder, stop: &AtomicBool) -> Result<Vec<Kept>, ReportError> {
        let stop = Stop(stop);
        let chart = charts::price(self);
        stop.check()?;
        let drawn = [self.csv()?, chart.svg()?.into_bytes(), chart.png(&mut Canvas::default())?];
        stop.check()?;
        let folder = destination.staging();
        for (name, bytes) in PRICE_FILES.into_iter().zip(drawn) {
            save(&folder, name, &bytes)?;
        }
        Ok(destination.complete()?)
    }
}
