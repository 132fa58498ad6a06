//! Settles a contract of one's own on the years that a scenario samples, and compares it with the scenario's contracts.
//!
//! ```text
//! cargo run --release --example own_contract
//! ```

#![expect(clippy::print_stdout, reason = "an example prints what it finds")]

use std::error::Error;

use twosided::{
    Overrides, RunOptions, Scenario,
    contracts::{Lan, Settle, Settlement, Year},
    population::{Observation, ServiceScope},
    settle_own,
    units::{Dollars, PerCapita},
};

/// A share of what the population costs less than a target, up to a cap per person; no loss.
struct CappedBonus {
    target: PerCapita,
    share: f64,
    cap: PerCapita,
}

impl Settle for CappedBonus {
    fn lan(&self) -> Lan {
        Lan::Upside
    }

    fn observes(&self) -> Vec<Observation> {
        vec![Observation::total(ServiceScope::All)]
    }

    fn settle(&self, year: &Year<'_>) -> Settlement {
        let person_years = year.exposure.person_years().0;
        let savings = Dollars(self.target.0 * person_years) - year.figure(0);
        let bonus = (savings.max(Dollars::ZERO) * self.share).min(Dollars(self.cap.0 * person_years));
        let mut settlement = Settlement::of(year);
        settlement.reconciliation = bonus;
        settlement
    }
}

/// Runs the example.
///
/// # Errors
/// Where the scenario cannot be read or run.
pub fn main() -> Result<(), Box<dyn Error>> {
    let overrides = Overrides { trials: Some(1_000), ..Overrides::default() };
    let scenario = Scenario::load_with(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/first-steps.toml"), &overrides)?;
    let options = RunOptions::default();
    let bonus = CappedBonus { target: PerCapita(9_000.0), share: 0.5, cap: PerCapita(100.0) };
    let own = settle_own(&scenario, &bonus, &options)?.gains();
    let run = twosided::run(&scenario, &options)?;
    let trials = own.len() as f64;
    println!("the bonus brings {:.0} a year on average", own.iter().sum::<f64>() / trials);
    for (index, contract) in scenario.contracts.iter().enumerate() {
        // Both are settled on the same years, so that they pair trial by trial.
        let ahead = own.iter().zip(run.outcomes.gains_of(index)).filter(|(own, other)| own > other).count();
        println!("it brings more than {} in {:.1}% of years", contract.name, 100.0 * ahead as f64 / trials);
    }
    Ok(())
}
