//! What is said of scenarios that are wrong, and that nothing more is said.

mod keys;

use twosided_form::{DocumentError, Problem};

use crate::Scenario;

const RUN: &str = "[run]\nname = \"Test\"\n";
const SEGMENT: &str = "[[population.segments]]\nname = \"all\"\nmembers = 1_000\n";
const VISITS: &str = "services.visits.annual.gamma = { mean = 4_000, cv = 1.5 }\n";
const CONTRACT: &str = "[[contracts]]\nname = \"Fees\"\n";
const FEES: &str = "terms.fee_for_service = {}\n";

fn problems(text: &str) -> Vec<Problem> {
    match Scenario::parse("test.toml", text) {
        Err(DocumentError::Invalid { problems, .. }) => problems,
        Err(DocumentError::Unreadable { .. }) => unreachable!("no file is read"),
        Ok(_) => Vec::new(),
    }
}

/// Where each problem stands, as its text, and what is said of it.
fn found(text: &str) -> Vec<(&str, String)> {
    problems(text).into_iter().map(|problem| (&text[problem.span], problem.message)).collect()
}

fn messages(text: &str) -> Vec<String> {
    problems(text).into_iter().map(|problem| problem.message).collect()
}

fn with_service(service: &str) -> String {
    format!("{RUN}{SEGMENT}services.visits = {{ {service} }}\n{CONTRACT}{FEES}")
}

fn with_terms(terms: &str) -> String {
    format!("{RUN}{SEGMENT}{VISITS}{CONTRACT}terms = {terms}\n")
}

/// A scenario of fees and a rate with more blocks, or what is wrong with it.
pub(crate) fn of_blocks(blocks: &str) -> Result<Scenario, Vec<String>> {
    let rate = "[[contracts]]\nname = \"Rate\"\nterms.capitation = { pmpm = 420 }\n";
    let text = format!("{RUN}{SEGMENT}{VISITS}{CONTRACT}{FEES}{rate}{blocks}");
    Scenario::parse("test.toml", &text).map_err(|_| messages(&text))
}

const VISITS_PATH: &str = "population.segments[1].services.visits";

#[test]
fn a_table_of_alternatives_with_only_a_source_is_a_problem() {
    for text in [
        with_terms("{ source = \"x\" }"),
        with_terms("{ mssp = { track = \"basic_a\", benchmark = { source = \"x\" } } }"),
        with_service("annual = { source = \"x\" }"),
        with_service("frequency = { source = \"x\" }, severity.gamma = { mean = 1, cv = 1 }"),
        format!("contracts = []\n{RUN}{SEGMENT}{VISITS}"),
    ] {
        assert_eq!(messages(&text).len(), 1, "{text}");
    }
}

#[test]
fn one_slip_is_one_problem() {
    for text in [
        with_service("anual = { gamma = { mean = 1, cv = 1 } }"),
        with_service("annual.lognormal_mixture = \"x\""),
        with_service(
            "annual = { gamma = { mean = 1, cv = 1 } }, frequency.poisson.mean = 1, severity.gamma = { mean = 1, cv = 1 }",
        ),
        with_terms("{ capitation = { premium_pmpm = 350 } }"),
        with_terms("{ capitation = { pmpm = 300, percent_of_premium = 0.85, premium_pmpm = 350 } }"),
        with_terms("{ capitation = { pmpm = 300, percent_of_premium = 0.85 } }"),
        with_terms("{ shared_savings = { benchmark.pmpm = 1, savings = { corridor = 0.5 } } }"),
        with_terms("\"fee_for_service\""),
        format!("{RUN}{SEGMENT}services.visits = 4_000\n{CONTRACT}{FEES}"),
        format!("{RUN}{CONTRACT}{FEES}[population]\nsegments = [1]\n"),
        format!("{RUN}{}{VISITS}{CONTRACT}{FEES}", SEGMENT.replace("1_000", "")),
        format!("{RUN}{SEGMENT}{VISITS}{CONTRACT}{FEES}").replace('\n', "\r"),
    ] {
        assert_eq!(messages(&text).len(), 1, "{text}: {:?}", messages(&text));
    }
}

#[test]
fn every_wrong_parameter_is_named() {
    let text = with_service("annual.gamma = { mean = -1, cv = -2 }");
    let path = format!("{VISITS_PATH}.annual.gamma");
    assert_eq!(found(&text), [("-1", format!("{path}.mean is -1")), ("-2", format!("{path}.cv is -2"))]);
    let text = with_service("annual.spliced = { threshold = 0, tail_weight = 2, body.gamma = { mean = 1, cv = 1 } }");
    assert_eq!(messages(&text).len(), 3);
    let text = with_service(
        "frequency.negative_binomial = { mean = 0, dispersion = 1e-9 }, severity.gamma = { mean = 1, cv = 1 }",
    );
    assert_eq!(found(&text).len(), 1, "a dispersion is not judged beside a mean that stands in");
    let text = with_terms("{ mssp = { track = \"x\" }, capitation = { pmpm = -1 } }");
    assert_eq!(messages(&text).len(), 4);
}

#[test]
fn services_are_known_even_when_their_laws_are_wrong() {
    let text = format!(
        "{RUN}{}{VISITS}{CONTRACT}terms.capitation = {{ pmpm = 1, services = [\"visit\"] }}\n[provider]\nown_share.x = 1\n",
        SEGMENT.replace("1_000", "0")
    );
    assert_eq!(messages(&text).len(), 3);
}

#[test]
fn the_point_component_or_band_that_is_wrong_is_marked() {
    let text = with_service("annual.empirical = [[0, 1], [0.5, 900], [0.4, 950], [1, 999]]");
    assert_eq!(found(&text), [("[0.4, 950]", format!("{VISITS_PATH}.annual.empirical[3] is [0.4, 950]"))]);
    let text = with_service(
        "annual.lognormal_mixture = [{ weight = 0.6, mean = 1, cv = 1 }, { weight = 0.3, mean = 2, cv = 1 }]",
    );
    let message = format!("{VISITS_PATH}.annual.lognormal_mixture: the weights add to 0.9");
    assert_eq!(messages(&text), [message]);
    let savings = "{ corridor = [{ up_to = 0.1, share = 1 }, { up_to = 0.05, share = 0 }] }";
    let text = with_terms(&format!("{{ shared_savings = {{ benchmark.pmpm = 1, savings = {savings} }} }}"));
    assert_eq!(found(&text)[0].0, "{ up_to = 0.05, share = 0 }");
}

#[test]
fn an_absurd_population_is_marked_at_its_members_even_beside_another_problem() {
    let services: String = (0..50).map(|index| VISITS.replace("visits", &format!("s{index}"))).collect();
    let text =
        format!("{RUN}{SEGMENT}{services}{CONTRACT}{FEES}").replace("1_000", "1_000_000_000").replace("Test", "");
    assert_eq!(found(&text).iter().map(|(index, _)| *index).collect::<Vec<_>>(), ["\"\"", "1_000_000_000"]);
}

#[test]
fn a_percent_is_taken_for_one_from_two_up() {
    let help = |zero: &str| {
        problems(&with_service(&format!("annual = {{ gamma = {{ mean = 1, cv = 1 }}, zero = {zero} }}")))[0]
            .help
            .clone()
    };
    assert!(help("3.6").ends_with("3.6% is written 0.036"));
    assert!(!help("1.5").contains('%'));
}

#[test]
fn a_name_cannot_be_invisible() {
    for name in ["\\u061c", "\\u00ad", "\\u3164", "\\U000e0041"] {
        let text = format!("{RUN}{SEGMENT}{VISITS}{CONTRACT}{FEES}").replace("Test", name);
        assert_eq!(messages(&text).len(), 1, "{name}");
    }
}

#[test]
fn a_copula_without_factors_joins_nothing() {
    let text = format!("{RUN}{SEGMENT}{VISITS}{CONTRACT}{FEES}[system]\ncopula = {{ t = 5 }}\n");
    assert!(messages(&text).is_empty(), "{:?}", messages(&text));
}
