//! What a run would take, so that an absurd one is refused before it starts.

use twosided_population::Population;
use twosided_provider::Line;

/// Estimated time and memory of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunSize {
    /// Seconds of one processor core.
    pub cpu_seconds: f64,
    /// Bytes of outcomes held at once.
    pub bytes: f64,
}

/// Seconds that one service of one person takes, on the slow side of what `benches/README.md` measures.
const SECONDS_A_SERVICE: f64 = 20e-9;
/// Longest run accepted, in days of one core.
const MOST_DAYS: f64 = 100.0;
/// Most memory accepted for outcomes.
const MOST_BYTES: f64 = 8.0 * 1024.0 * 1024.0 * 1024.0;

impl RunSize {
    /// The estimate for so many trials.
    pub fn new(population: &Population, contracts: usize, trials: u64, years: u32) -> Self {
        let services: f64 =
            population.segments().iter().map(|segment| segment.members as f64 * segment.services.len() as f64).sum();
        let years = f64::from(years);
        // Programmes are sampled beside the reference.
        let variants = if population.programmes.is_empty() { 1.0 } else { 2.0 };
        // Lines and the gain of each year in the outcomes, and three copies of gains while they are measured.
        let figures = ((Line::ALL.len() + 1) as f64 * years + 3.0) * contracts as f64;
        Self {
            cpu_seconds: services * years * variants * trials as f64 * SECONDS_A_SERVICE,
            bytes: figures * trials as f64 * size_of::<f64>() as f64,
        }
    }

    /// Why the run is refused, if it is.
    pub fn refusal(&self) -> Option<String> {
        let days = self.cpu_seconds / 86_400.0;
        if days > MOST_DAYS {
            let time = if days > 730.0 { format!("{:.0} years", days / 365.25) } else { format!("{days:.0} days") };
            return Some(format!(
                "this run would take about {time} of one core; at most {MOST_DAYS} days are accepted"
            ));
        }
        if self.bytes > MOST_BYTES {
            let gigabytes = self.bytes / MOST_BYTES * 8.0;
            return Some(format!(
                "this run would need about {gigabytes:.0} GiB for its outcomes; at most 8 GiB are accepted"
            ));
        }
        None
    }
}
