//! Contracts held at once: what can be, what cannot, and how they meet.

use twosided::Scenario;
use twosided_sim::{Control, Outcomes, simulate};

const PEOPLE: &str = "[run]\nname = \"p\"\ntrials = 60\nseed = 4\n[[payers]]\nname = \"A\"\nkind = \"medicare\"\n[[payers]]\nname = \"B\"\nkind = \"commercial\"\n\
    [[population.segments]]\nname = \"a\"\npayer = \"A\"\nmembers = 5_000\ntruncation_point = 100_000\nservices = { visits = { annual.gamma = { mean = 2_000, cv = 1 } }, stays = { frequency.poisson.mean = 0.1, severity.gamma = { mean = 9_000, cv = 1 } } }\n\
    [[population.segments]]\nname = \"b\"\npayer = \"B\"\nmembers = 500\nservices = { visits = { annual.gamma = { mean = 3_000, cv = 1 } } }\n\
    [provider]\nown_share = { visits = 1 }\nvariable_cost_share = { visits = 0.5 }\n";

const CONTRACTS: &str = "[[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {}\n\
    [[contracts]]\nname = \"MSSP\"\npayers = [\"A\"]\nterms.mssp = { track = \"enhanced\", minimum_rate = 0, quality_score = 0.9, benchmark.per_capita = 3_000 }\n\
    [[contracts]]\nname = \"Level A\"\npayers = [\"A\"]\nterms.mssp = { track = \"basic_a\", quality_score = 0.9, benchmark.per_capita = 3_000 }\n\
    [[contracts]]\nname = \"REACH\"\npayers = [\"A\"]\nterms.reach = { risk_arrangement = \"global\", benchmark.per_capita = 3_000, quality_score = 0.9 }\n\
    [[contracts]]\nname = \"MIPS\"\npayers = [\"A\"]\nterms.mips = { final_score = 90, services = [\"visits\"] }\n\
    [[contracts]]\nname = \"Fee\"\npayers = [\"A\"]\nterms.care_management = { pmpm = 5 }\n\
    [[contracts]]\nname = \"Bundle\"\npayers = [\"A\"]\nterms.bundle = { episodes = [{ service = \"stays\", price = 9_500 }], gains = { sharing_rate = 1 }, losses = { sharing_rate = 1 } }\n\
    [[contracts]]\nname = \"Capitated visits\"\npayers = [\"A\"]\nterms.primary_care_capitation = { pmpm = 160, share_of_fees = 1, services = [\"visits\"] }\n\
    [[contracts]]\nname = \"Capitation\"\nterms.capitation = { pmpm = 250 }\n\
    [[contracts]]\nname = \"Capitation of B\"\npayers = [\"B\"]\nterms.capitation = { pmpm = 250 }\n";

fn scenario(portfolios: &str) -> Result<Scenario, String> {
    let text = format!("{PEOPLE}{CONTRACTS}{portfolios}");
    Scenario::parse("practice.toml", &text).map_err(|error| format!("{error:?}"))
}

fn holding(contracts: &[&str], more: &str) -> String {
    format!("[[portfolios]]\nname = \"held\"\ncontracts = {contracts:?}\n{more}")
}

fn run(scenario: &Scenario) -> Outcomes {
    simulate(&scenario.job(), None, &Control::default()).expect("it is small").outcomes
}

#[test]
fn what_can_be_held_at_once_is_accepted() {
    for contracts in [
        &["MSSP", "Fee"][..],
        &["Level A", "MIPS"],
        &["MSSP", "Bundle"],
        &["MSSP", "Capitated visits"],
        &["MSSP", "Capitation of B"],
        &["Capitated visits", "Bundle", "Fee", "Level A"],
    ] {
        let scenario = scenario(&holding(contracts, ""));
        assert!(scenario.is_ok(), "{contracts:?}");
    }
}

#[test]
fn what_cannot_be_held_at_once_is_refused_with_the_reason() {
    for (contracts, reason) in [
        (&["MSSP", "REACH"][..], "a beneficiary belongs to at most one"),
        (&["MSSP", "Level A"], "a beneficiary belongs to at most one"),
        (&["Capitation", "Capitated visits"], "both take the place of the fees for visits"),
        (&["Capitation", "Capitation of B"], "both take the place of the fees for visits"),
        (&["MSSP", "Capitation"], "a saving would be paid for twice"),
        (&["MSSP", "MIPS"], "has no MIPS adjustment"),
        (&["Fees", "MSSP"], "is fee-for-service alone"),
        (&["MSSP", "MSSP"], "is named twice"),
        (&["MSPP"], "no contract is named"),
        (&[], "names 0 contracts"),
    ] {
        let refused = scenario(&holding(contracts, "")).map(|_| ()).expect_err("it cannot be held");
        assert!(refused.contains(reason), "{contracts:?}: {refused}");
    }
    let not_qualifying = holding(&["MSSP", "MIPS"], "qualifying_participants = false\n");
    assert!(scenario(&not_qualifying).is_ok());
}

#[test]
fn a_portfolio_has_a_name_of_its_own() {
    let refused = scenario("[[portfolios]]\nname = \"MSSP\"\ncontracts = [\"Fee\"]\n").expect_err("the name is taken");
    assert!(
        refused.contains("the name \\\"MSSP\\\" is that of a contract") || refused.contains("is that of a contract"),
        "{refused}"
    );
}

#[test]
fn contracts_of_different_people_add_up() {
    let scenario = scenario(&holding(&["MSSP", "Capitation of B"], "")).expect("it is right");
    let outcomes = run(&scenario);
    let of = |name: &str| {
        let index = scenario.contracts.iter().position(|contract| contract.name == name).expect("it is there");
        outcomes.gains_of(index)
    };
    for ((held, one), other) in of("held").iter().zip(of("MSSP")).zip(of("Capitation of B")) {
        assert!((held - one - other).abs() < 1e-6 * (one.abs() + other.abs()), "{held} {one} {other}");
    }
}

#[test]
fn what_a_bundle_pays_counts_as_spending_where_that_is_said() {
    let gains = |more: &str| {
        let scenario = scenario(&holding(&["MSSP", "Bundle"], more)).expect("it is right");
        let index =
            |name: &str| scenario.contracts.iter().position(|contract| contract.name == name).expect("it is there");
        let outcomes = run(&scenario);
        let of = |name: &str| outcomes.gains_of(index(name)).to_vec();
        (of("held"), of("MSSP"), of("Bundle"), outcomes.against.clone(), index("MSSP"))
    };
    let (apart, mssp, bundle, ..) = gains("");
    for ((held, one), other) in apart.iter().zip(&mssp).zip(&bundle) {
        assert!((held - one - other).abs() < 1e-6 * (one.abs() + other.abs()).max(1.0));
    }
    // Savings of $3,000 a person less about $2,900 are shared at 75%, less 2%: of what the bundle pays, that part is lost again.
    let (counted, _, bundle, against, index) = gains("bundles_count = true\n");
    for (trial, ((held, one), other)) in counted.iter().zip(&mssp).zip(&bundle).enumerate() {
        let against = against[(trial, 0, index)].expect("it compares");
        let saved = against.benchmark.0 - against.expenditure.0;
        if saved > 0.0 && saved - other > 0.0 {
            assert!((held - one - other * (1.0 - 0.75 * 0.98)).abs() < 1e-3, "{held} {one} {other}");
        }
    }
}

#[test]
fn a_capitated_service_is_not_paid_again_by_what_counts_its_fees() {
    // MIPS changes prices of fees that are paid: capitated visits have none.
    let scenario = scenario(&holding(&["Level A", "MIPS", "Capitated visits"], "")).expect("it is right");
    let outcomes = run(&scenario);
    let held = scenario.contracts.len() - 1;
    let adjustments = outcomes.line_of(held, twosided_provider::Line::FeeAdjustment);
    let mips = scenario.contracts.iter().position(|contract| contract.name == "MIPS").expect("it is there");
    assert!(outcomes.line_of(mips, twosided_provider::Line::FeeAdjustment).iter().all(|&adjusted| adjusted > 0.0));
    let capitated =
        scenario.contracts.iter().position(|contract| contract.name == "Capitated visits").expect("it is there");
    let of_capitation = outcomes.line_of(capitated, twosided_provider::Line::FeeAdjustment);
    assert_eq!(adjustments, of_capitation);
}
