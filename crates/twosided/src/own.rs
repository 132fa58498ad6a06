//! A contract of one's own on the years of a scenario.

use twosided_contracts::Settle;
use twosided_scenario::Scenario;
use twosided_sim::{Control, OwnOutcomes};

use crate::options::{RunError, RunOptions, check_size};

/// Settles a contract of one's own on every year that a run of the scenario samples, so that its gains pair trial by trial with
/// those of the scenario's contracts.
///
/// The contract sees the observations that it declares, each year is settled alone, and the scenario's provider and programs
/// count as under any other contract.
///
/// # Errors
/// [`RunError`].
pub fn settle_own<T: Settle + Sync>(
    scenario: &Scenario,
    contract: &T,
    options: &RunOptions<'_>,
) -> Result<OwnOutcomes, RunError> {
    check_size(scenario, options)?;
    let unwatched = Control::default();
    let control = options.control.unwrap_or(&unwatched);
    Ok(twosided_sim::settle_own(&scenario.job(), contract, options.threads, control)?)
}

#[cfg(test)]
mod tests {
    use twosided_contracts::Terms;

    use super::*;
    use crate::run;

    #[test]
    fn a_contract_of_ones_own_meets_the_years_of_the_scenario() {
        let text = "[run]\nname = \"own\"\ntrials = 30\nyears = 3\n[population]\ntrend = { mean = 1.04, cv = 0.02 }\n\
                    [[population.segments]]\nname = \"all\"\nmembers = 200\n\
                    services.care = { annual = { gamma = { mean = 5_000, cv = 1.5 } } }\n[provider.own_share]\ncare = 0.5\n\
                    [[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {}\n\
                    [[contracts]]\nname = \"Savings\"\nterms.shared_savings = { benchmark = { per_capita = 5_100 }, \
                    savings = { sharing_rate = 0.5 }, losses = { sharing_rate = 0.4 } }\n\
                    [[contracts]]\nname = \"Capitation\"\nterms.capitation = { pmpm = 420 }\n";
        let scenario = Scenario::parse("test.toml", text).expect("the test's scenario is valid");
        let options = RunOptions::default();
        let run = run(&scenario, &options).expect("it is small");
        let [_, Terms::SharedSavings(savings), Terms::Capitation(capitation)] =
            [0, 1, 2].map(|index| &scenario.contracts[index].first().terms)
        else {
            panic!("the scenario has them in this order")
        };
        // Kinds of the scenario, handed over as if they were one's own.
        let savings = settle_own(&scenario, savings, &options).expect("it is small").gains();
        let capitation = settle_own(&scenario, capitation, &options).expect("it is small").gains();
        assert_eq!(savings, run.outcomes.gains_of(1).to_vec());
        assert_eq!(capitation, run.outcomes.gains_of(2).to_vec());
        assert!(savings.iter().any(|gain| *gain < 0.0) && savings.iter().any(|gain| *gain > 0.0));
    }
}
