//! What holds for any practice.

use twosided::Scenario;
use twosided_provider::Line;
use twosided_sim::{Control, DetailOf, Outcomes, simulate};

use crate::random::{Having, Practice, practice, with_portfolios};

const PRACTICES: u64 = 25;

fn outcomes(text: &str) -> (Scenario, Outcomes) {
    let scenario = Scenario::parse("practice.toml", text).unwrap_or_else(|error| panic!("{}", error.in_short()));
    let outcomes = simulate(&scenario.job(), None, &Control::default()).expect("it is small").outcomes;
    (scenario, outcomes)
}

fn column(scenario: &Scenario, name: &str) -> usize {
    scenario.contracts.iter().position(|contract| contract.name == name).expect("a contract of that name")
}

fn near(one: f64, other: f64, size: f64) -> bool {
    (one - other).abs() <= 1e-9 * size.max(1.0)
}

#[test]
fn a_portfolio_of_one_contract_is_the_contract() {
    for number in 0..PRACTICES {
        let Practice { contracts, text } = with_portfolios(number, Having { programs: 1, payers: 3, contracts: true });
        let (scenario, outcomes) = outcomes(&text);
        for name in contracts {
            let [alone, contract] = [format!("{name} alone"), name].map(|name| column(&scenario, &name));
            assert_eq!(outcomes.gains_of(alone), outcomes.gains_of(contract), "practice {number}");
            for line in Line::ALL {
                assert_eq!(
                    outcomes.line_of(alone, line),
                    outcomes.line_of(contract, line),
                    "practice {number}: {line:?}"
                );
            }
        }
    }
}

#[test]
fn what_one_party_pays_another_receives() {
    for number in 0..PRACTICES {
        let Practice { text, .. } = with_portfolios(number, Having { programs: 2, payers: 3, contracts: true });
        let (scenario, outcomes) = outcomes(&text);
        for (index, contract) in scenario.contracts.iter().enumerate() {
            let Some(ledgers) = outcomes.ledgers(index) else {
                assert!(contract.is_fee_for_service_alone());
                continue;
            };
            for (trial, ledger) in ledgers.iter().enumerate() {
                let size = ledger.payer.abs() + ledger.provider.abs() + ledger.others.abs();
                assert!(
                    near(ledger.sum(), 0.0, size),
                    "practice {number}, {}, trial {trial}: {ledger:?}",
                    contract.name
                );
                // The provider's gain is what it receives more, less what it spends more.
                let spent = [Line::CostOfCare, Line::Administration, Line::Programs];
                let more = |line| outcomes.line_of(index, line)[trial] - outcomes.line_of(0, line)[trial];
                let gain = ledger.provider + spent.map(more).iter().sum::<f64>();
                assert!(
                    near(gain, outcomes.gains[(trial, index)], size + gain.abs()),
                    "practice {number}, trial {trial}"
                );
            }
        }
    }
}

#[test]
fn without_contracts_and_programs_the_gain_is_exactly_zero() {
    for number in 0..PRACTICES {
        let having = Having { programs: 0, payers: 3, contracts: false };
        let mut text = practice(number, having).text;
        // Fee-for-service under another name, for some of the people, and with a payment of nothing.
        text += "[[contracts]]\nname = \"nothing\"\npayers = [\"payer 1\"]\nterms.mips = { performance_year = 2024, final_score = 75, services = [\"visits\"] }\n";
        text += "[[portfolios]]\nname = \"nothing held\"\ncontracts = [\"nothing\"]\n";
        let (_, outcomes) = outcomes(&text);
        assert!(outcomes.gains.iter().all(|&gain| gain == 0.0), "practice {number}");
    }
}

#[test]
fn a_program_is_paid_once_whatever_the_number_of_contracts() {
    for number in 0..PRACTICES {
        let having = Having { programs: 2, payers: 4, contracts: true };
        // Contracts that end take their programs with them: here none ends.
        let text = with_portfolios(number, having).text.replace("agreement.ends = { losses_in_a_row = 1 }\n", "");
        let (scenario, outcomes) = outcomes(&text);
        let all = outcomes.line_of(column(&scenario, "all"), Line::Programs);
        let one = outcomes.line_of(column(&scenario, "contract 0"), Line::Programs);
        assert_eq!(all, one, "practice {number}");
        assert!(all.iter().all(|&cost| cost < 0.0));
    }
}

#[test]
fn a_portfolio_is_the_sum_of_its_parts() {
    for number in 0..PRACTICES {
        let Practice { text, contracts } = with_portfolios(number, Having { programs: 1, payers: 3, contracts: true });
        let (scenario, outcomes) = outcomes(&text);
        let all = column(&scenario, "all");
        let detail = |of| outcomes.details.sums(all, of).expect("it is kept");
        let contributions: Vec<Vec<f64>> =
            (0..contracts.len()).map(|held| detail(DetailOf::Contribution(held))).collect();
        let margins: Vec<Vec<f64>> = (1..=3).map(|payer| detail(DetailOf::PayerMargin(payer))).collect();
        let fees: Vec<Vec<f64>> = (1..=3).map(|payer| detail(DetailOf::Fees(payer))).collect();
        let categories: Vec<Vec<f64>> =
            outcomes.details.of_column(all).filter(|of| matches!(of, DetailOf::Revenue(_))).map(detail).collect();
        let line = |line| outcomes.line_of(all, line);
        let payments = [Line::FeeAdjustment, Line::CareManagement, Line::Capitation, Line::Reconciliation].map(line);
        for trial in 0..outcomes.trials() {
            let sum = |parts: &[Vec<f64>]| parts.iter().map(|part| part[trial]).sum::<f64>();
            let paid = sum(&payments);
            let received = line(Line::Fees)[trial] + paid;
            assert!(near(sum(&fees), line(Line::Fees)[trial], received.abs()), "practice {number}: fees");
            assert!(near(sum(&categories), received, received.abs()), "practice {number}: revenue");
            // By payer, before programs and what volume does not move; administration is each contract's own.
            let own = line(Line::Fees)[trial] + paid + line(Line::Recoveries)[trial] + line(Line::Premiums)[trial];
            assert!(sum(&margins) < own, "practice {number}: margins");
            // What contracts add, before programs change the care that they settle on.
            let given_up = sum(&contributions);
            assert!(given_up.is_finite());
        }
    }
}

#[test]
fn contributions_and_what_all_contracts_share_make_up_the_gain() {
    // Without programs, and with volume that stays, contracts are all that moves the gain, beside the shared part of administration.
    for number in 0..PRACTICES {
        let Practice { text, contracts } = with_portfolios(number, Having { programs: 0, payers: 3, contracts: true });
        let (scenario, outcomes) = outcomes(&text);
        let all = column(&scenario, "all");
        let parts: Vec<Vec<f64>> = (0..contracts.len())
            .map(|held| outcomes.details.sums(all, DetailOf::Contribution(held)).expect("it is kept"))
            .collect();
        for trial in 0..outcomes.trials() {
            let sum: f64 = parts.iter().map(|part| part[trial]).sum();
            // Rework of claims that are no longer billed is spared; it is no contract's.
            let care = outcomes.line_of(all, Line::CostOfCare)[trial] - outcomes.line_of(0, Line::CostOfCare)[trial];
            let gain = outcomes.gains[(trial, all)];
            assert!(
                near(sum + care, gain, sum.abs() + gain.abs() + 1e6),
                "practice {number}, trial {trial}: {sum} {gain}"
            );
        }
    }
}

#[test]
fn another_payer_leaves_the_draws_of_the_others_alone() {
    for number in 0..PRACTICES {
        let having = Having { programs: 0, payers: 3, contracts: true };
        let Practice { text, .. } = practice(number, having);
        let more = text.replace(
            "[provider]",
            "[[payers]]\nname = \"newcomer\"\nkind = \"self_pay\"\n[[population.segments]]\nname = \"a newcomer\"\npayer = \"newcomer\"\nmembers = 70\n\
             services = { visits = { annual.gamma = { mean = 900, cv = 1 } } }\n[provider]",
        );
        let ((scenario, before), (_, after)) = (outcomes(&text), outcomes(&more));
        for contract in 0..scenario.contracts.len() {
            for (one, other) in before.gains_of(contract).iter().zip(after.gains_of(contract)) {
                assert!(near(*one, *other, 1e6), "practice {number}: {one} {other}");
            }
        }
        assert_eq!(before.against, after.against);
    }
}
