//! What the figures rest on: what is left out, sources, rules that are unconfirmed, and how to repeat the run.

use maud::{Markup, html};
use twosided_population::Life;
use twosided_scenario::Scenario;
use twosided_units::grouped;

use crate::{
    ContractSummary, PooledLayer, Summary,
    figures::named,
    page::key,
    provenance::text_as_run,
    text::{capitalized, listed},
};

/// The anchor on the page of the list of unconfirmed rules.
const UNCONFIRMED: &str = "unconfirmed-rules";

/// What is shown where no source is given.
const NO_SOURCE: &str = "no source given";

/// What the scenario's layers bring into the spread, and what it therefore leaves out.
pub(crate) fn limits(scenario: &Scenario) -> Markup {
    let population = &scenario.population;
    let segments = population.segments();
    let factors = population.system().factors();
    let moves_benchmarks = factors.iter().any(|factor| factor.loading.benchmark != 0.0);
    let frail = segments.iter().any(|segment| segment.services.iter().any(|service| service.frailty_loading != 0.0));
    let moves = |life: &Life| life.mortality.is_some() || life.turnover.is_some() || life.attribution.is_some();
    let mortal = segments.iter().any(|segment| moves(&segment.life));
    let scored = segments.iter().any(|segment| segment.risk_score.is_some_and(|score| score.cv > 0.0));
    let trend = population.system().trend.is_uncertain().then_some("one trend that moves all costs of a year together");
    let programs = population.programs.iter().map(|program| program.name.as_str());
    let sources: Vec<&str> =
        trend.into_iter().chain(factors.iter().map(|factor| factor.name.as_str())).chain(programs).collect();
    html! {
        p { "The spread shown comes from who falls ill and what that costs"
            @if !sources.is_empty() { ", and from " (listed(&sources)) }
            ". Not in it:" }
        ul {
            @if !moves_benchmarks {
                li { "error in the benchmark and lasting differences between the provider and its benchmark, which explain most of "
                    "what separates one ACO's savings rate from another's;" }
            }
            @if scenario.provider.response.is_none() {
                li { "change of behavior: a contract's incentives move no volume by themselves;" }
            }
            @if !frail { li { "frailty: a person's services are drawn independently of each other;" } }
            @if !mortal { li { "people who join, leave or die;" } }
            @if scenario.years == 1 { li { "carry-over between years;" } }
            @if !scored { li { "risk scores that vary: they are as the scenario states them;" } }
            @if population.measures.is_empty() { li { "quality scores that vary: they are as the scenario states them;" } }
            li { "the time between a year and its settlement." }
        }
        p {
            @if !moves_benchmarks { "So these figures understate the risk of a provider that does not know its own level. " }
            "This report is not an actuarial opinion."
        }
    }
}

/// Of one contract: that some of its rules are unconfirmed, and where they are listed.
pub(crate) fn marked(contract: &ContractSummary) -> Markup {
    let rules = match contract.unconfirmed.len() {
        0 => return html! {},
        1 => "one rule of this kind of contract is taken from secondary sources and is unconfirmed. It is".to_owned(),
        count => {
            format!(
                "{count} rules of this kind of contract are taken from secondary sources and are unconfirmed. They are"
            )
        }
    };
    html! {
        p.mark { b { "Rules unconfirmed: " } (rules) " listed " a href=(format!("#{UNCONFIRMED}")) { "at the end of this page" }
            ". Check them against the contract before relying on these figures." }
    }
}

/// The unconfirmed rules of each kind of contract, once.
pub(crate) fn unconfirmed(contracts: &[ContractSummary]) -> Markup {
    let mut kinds: Vec<(&ContractSummary, Vec<&str>)> = Vec::new();
    for contract in contracts.iter().filter(|contract| !contract.unconfirmed.is_empty()) {
        match kinds
            .iter_mut()
            .find(|(known, _)| known.kind == contract.kind && known.unconfirmed == contract.unconfirmed)
        {
            Some((_, names)) => names.push(&contract.name),
            None => kinds.push((contract, vec![&contract.name])),
        }
    }
    html! {
        @if !kinds.is_empty() {
            section id=(UNCONFIRMED) {
                h2 { "Unconfirmed rules" }
                p { "The defaults of these keys are taken from secondary sources. Each can be set in the terms of a contract, where "
                    "its agreement or the published rule says otherwise." }
                @for (contract, names) in kinds {
                    h3 { (capitalized(&contract.kind)) }
                    p.note { "Of " (named(&names)) "." }
                    ul.keys { @for rule in &contract.unconfirmed { li { (key(rule)) } } }
                }
            }
        }
    }
}

/// One source, and the assumptions that rest on it by what they are of.
struct Sourced {
    source: String,
    groups: Vec<(Option<String>, Vec<String>)>,
}

/// Every source with its assumptions, and those that have none.
fn sourced(scenario: &Scenario, summary: &Summary) -> Vec<Sourced> {
    let names: Vec<&str> = scenario.contracts.iter().map(|contract| contract.name.as_str()).collect();
    let mut rows: Vec<Sourced> = Vec::new();
    for assumption in &summary.assumptions {
        let source = assumption.source.clone().unwrap_or_else(|| NO_SOURCE.to_owned());
        let (group, key) = placed(&assumption.path, &names);
        let known = rows.iter().position(|row| row.source == source).unwrap_or_else(|| {
            rows.push(Sourced { source, groups: Vec::new() });
            rows.len() - 1
        });
        let groups = &mut rows[known].groups;
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, keys)) => keys.push(key),
            None => groups.push((group, vec![key])),
        }
    }
    rows
}

/// The name of the contract that a path leads into, if it does, and the key without it.
fn placed(path: &str, names: &[&str]) -> (Option<String>, String) {
    let found = (1..).zip(names).find_map(|(index, name)| {
        let rest = path.strip_prefix(&format!("contracts[{index}]"))?;
        let rest = rest.strip_prefix(&format!(" ({name})")).unwrap_or(rest);
        let key = rest.strip_prefix('.').map_or_else(|| format!("contracts[{index}]"), str::to_owned);
        Some(((*name).to_owned(), key))
    });
    found.map_or_else(|| (None, path.to_owned()), |(name, key)| (Some(name), key))
}

pub(crate) fn assumptions(scenario: &Scenario, summary: &Summary) -> Markup {
    let provenance = &summary.provenance;
    let text = text_as_run(scenario).unwrap_or_else(|_| scenario.text.clone());
    html! {
        @for Sourced { source, groups } in sourced(scenario, summary) {
            div.source {
                p { b { (capitalized(&source)) } }
                @for (contract, keys) in groups {
                    @if let Some(contract) = contract { p.of { (contract) } }
                    ul.keys { @for path in keys { li { (key(&path)) } } }
                }
            }
        }
        details { summary { "The scenario as run" } pre.whole { (text) } }
        dl {
            dt { "Trials" } dd { (grouped(&provenance.trials.to_string())) }
            @for PooledLayer { segment, layer, mean, standard_error } in &summary.pools {
                dt { "Pool of " (segment) } dd { "mean cost of " (layer) ": " (format!("${mean:.1} ± ${standard_error:.1}")) " a person, which no other ± counts" }
            }
            dt { "Seed" } dd { (provenance.seed) }
            dt { "Generator" } dd { (provenance.generator) }
            dt { "Program" } dd { "twosided " (provenance.version) " (" (provenance.commit) ")" }
            dt { "Scenario, SHA-256" } dd { code.hash { (provenance.scenario_sha256) } }
            dt { "Outcomes, SHA-256" } dd { code.hash { (provenance.outcomes_sha256) } }
        }
        @let kept = provenance.outcomes.as_ref().map(|kept| format!(" --outcomes {kept}"));
        p { code { "twosided run run.toml" @if let Some(kept) = &kept { (kept) } } " with the " code { "run.toml" } " beside this page repeats every figure to the bit." }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stands_under_the_name_of_its_contract() {
        let names = ["FFS", "Track (1% corridor)"];
        let of = |path: &str| placed(path, &names);
        assert_eq!(of("population.trend"), (None, "population.trend".to_owned()));
        let track = Some("Track (1% corridor)".to_owned());
        assert_eq!(of("contracts[2] (Track (1% corridor)).terms.mssp"), (track.clone(), "terms.mssp".to_owned()));
        assert_eq!(of("contracts[2].covers.specific"), (track.clone(), "covers.specific".to_owned()));
        assert_eq!(of("contracts[2] (Track (1% corridor))"), (track, "contracts[2]".to_owned()));
        assert_eq!(of("contracts[21].terms"), (None, "contracts[21].terms".to_owned()));
    }
}
