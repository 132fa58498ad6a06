//! Contracts of some of the people.

use twosided::Scenario;
use twosided_provider::Line;
use twosided_sim::{Control, Outcomes, simulate};

fn outcomes(text: &str) -> Outcomes {
    let scenario = Scenario::parse("practice.toml", text).unwrap_or_else(|error| panic!("{}", error.in_short()));
    simulate(&scenario.job(), None, &Control::default()).expect("it is small").outcomes
}

const PEOPLE: &str = "[[payers]]\nname = \"A\"\nkind = \"commercial\"\n[[payers]]\nname = \"B\"\nkind = \"commercial\"\n\
    [[population.segments]]\nname = \"a\"\npayer = \"A\"\nmembers = 300\nservices = { visits = { annual.gamma = { mean = 2_000, cv = 1 } }, stays = { frequency.poisson.mean = 0.1, severity.gamma = { mean = 9_000, cv = 1 } } }\n\
    [[population.segments]]\nname = \"b\"\npayer = \"B\"\nmembers = 500\nservices = { visits = { annual.gamma = { mean = 3_000, cv = 1 } }, stays = { frequency.poisson.mean = 0.2, severity.gamma = { mean = 9_000, cv = 1 } } }\n\
    [provider]\nown_share = { visits = 1 }\nvariable_cost_share = { visits = 0.5 }\n";

fn practice(contracts: &str) -> String {
    format!("[run]\nname = \"p\"\ntrials = 50\nseed = 4\n{PEOPLE}{contracts}")
}

#[test]
fn a_capitation_of_a_payer_is_paid_for_its_members_and_replaces_their_fees_alone() {
    let of = |covered: &str| {
        outcomes(&practice(&format!(
            "[[contracts]]\nname = \"c\"\n{covered}terms.capitation = {{ pmpm = 100, services = [\"visits\"] }}\n"
        )))
    };
    let (some, all) = (of("payers = [\"A\"]\n"), of(""));
    assert!(some.line_of(0, Line::Capitation).iter().all(|&paid| (paid - 100.0 * 12.0 * 300.0).abs() < 1e-6));
    assert!(all.line_of(0, Line::Capitation).iter().all(|&paid| (paid - 100.0 * 12.0 * 800.0).abs() < 1e-6));
    // The fees of others go on: about 500 people at $3,000.
    assert!(all.line_of(0, Line::Fees).iter().all(|&fees| fees == 0.0));
    assert!(some.line_of(0, Line::Fees).iter().all(|&fees| (1.2e6..1.8e6).contains(&fees)));
    assert!(some.person_years.iter().all(|&years| (years - 300.0).abs() < 1e-9));
}

#[test]
fn a_contract_settles_as_if_its_people_were_all() {
    let terms = "terms.shared_savings = { benchmark.per_capita = 3_000, savings = { sharing_rate = 0.5 }, losses = { sharing_rate = 0.5 } }\n";
    let both = outcomes(&practice(&format!("[[contracts]]\nname = \"c\"\nsegments = [\"a\"]\n{terms}")));
    let alone = practice(&format!("[[contracts]]\nname = \"c\"\n{terms}"));
    let start = alone.find("[[population.segments]]\nname = \"b\"").expect("the second segment");
    let end = alone.find("[provider]").expect("the provider");
    let alone = outcomes(&format!("{}{}", &alone[..start], &alone[end..]));
    assert_eq!(both.against, alone.against);
    for (one, other) in both.gains.iter().zip(&alone.gains) {
        assert!((one - other).abs() < 1e-6, "{one} {other}");
    }
}

#[test]
fn what_is_wrong_with_who_is_covered_is_said_at_once() {
    let text = practice(
        "[[contracts]]\nname = \"c\"\npayers = [\"C\"]\nterms.fee_for_service = {}\n[[contracts]]\nname = \"d\"\npayers = [\"A\"]\n\
         segments = [\"b\"]\nterms.fee_for_service = {}\n[[contracts]]\nname = \"e\"\nsegments = []\nterms.fee_for_service = {}\n",
    );
    let error = Scenario::parse("practice.toml", &text).expect_err("it is wrong");
    let said = format!("{error:?}");
    for part in ["C", "both `payers` and `segments`", "segments is empty"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
