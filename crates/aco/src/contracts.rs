//! The contracts of a scenario: the ACO's own, and the tracks that it might have signed instead.

use twosided_actuals::{AcoYear, cms_columns as column};
use twosided_contracts::{MinimumRate, Mssp, MsspBenchmark, MsspRules, Track};
use twosided_scenario::{Notes, contract_path};
use twosided_units::PerCapita;

use crate::compose::Source;

/// A contract with what is noted of it.
pub(crate) struct Contract {
    pub(crate) name: String,
    pub(crate) terms: Mssp,
    source: String,
    /// How the benchmark per capita follows from the row.
    benchmark: String,
}

impl Contract {
    /// Notes where its figures are from; the index counts from zero.
    pub(crate) fn note(&self, notes: &mut Notes, index: usize) {
        let path = contract_path(index);
        notes.remark(format!("{path}.terms.mssp.benchmark"), &self.benchmark);
        let relief = format!("{} over the loss of the year", column::DISASTER_RELIEF);
        notes.remark(format!("{path}.terms.mssp.disaster_relief"), relief);
        notes.source(path, &self.source);
    }
}

/// The contract as signed, then the others that the year offers.
pub(crate) fn contracts(source: &Source<'_>) -> Vec<Contract> {
    let signed = source.terms.track;
    let offers = |track: Track| MsspRules::of(source.settled_year, track.name()).is_some();
    let others: &[Track] = if offers(Track::BasicE) {
        &[Track::BasicA, Track::BasicE, Track::Enhanced]
    } else {
        &[Track::Track1, Track::Track1Plus, Track::Track3]
    };
    let others = others.iter().filter(|&&other| other != signed && offers(other)).map(|&other| of_track(source, other));
    [as_signed(source)].into_iter().chain(others).collect()
}

fn as_signed(source: &Source<'_>) -> Contract {
    let terms = &source.terms;
    contract(source, terms.clone(), ", as signed", "as signed", Vec::new())
}

fn of_track(source: &Source<'_>, track: Track) -> Contract {
    let terms = &source.terms;
    let rules = MsspRules::of(source.settled_year, track.name()).expect("the year offers the track");
    let mut terms = Mssp { track, rules, ..terms.clone() };
    let mut defaults = Vec::new();
    // The signed rate is one that a two-sided track may have.
    if !(terms.is_two_sided() && source.terms.is_two_sided()) {
        terms.minimum_rate = MinimumRate::Variable;
        if terms.is_two_sided() {
            defaults.push("minimum_rate");
        }
    }
    contract(source, terms, "", "benchmark, quality, agreement; default: the track", defaults)
}

/// A contract with the row's figures, by what its name ends in, what of it is from the row, and what else is a default.
fn contract(source: &Source<'_>, terms: Mssp, ending: &str, from: &str, more: Vec<&'static str>) -> Contract {
    let AcoYear { totals, part_of_year: part, .. } = *source.aco;
    let mut defaults = Vec::new();
    if !source.aco.has_quality_score {
        defaults.push("quality_score (not in the row: 1)");
    }
    if !source.aco.has_revenue_category {
        defaults.push("revenue_category");
    }
    defaults.extend(more);
    if matches!(terms.track, Track::BasicC | Track::BasicD | Track::BasicE | Track::Track1Plus) {
        defaults.push("participant_revenue (no public file has it: losses are limited by the benchmark alone)");
    }
    let of_part = if part < 1.0 { format!(" / {part} of a year") } else { String::new() };
    let defaults = if defaults.is_empty() { String::new() } else { format!("; default: {}", defaults.join(", ")) };
    Contract {
        name: format!("MSSP {}{ending}", terms.track.title()),
        source: format!("{}: {from}{defaults}", source.row()),
        benchmark: match source.next {
            Some(_) => "expected for the year, as the heading says".to_owned(),
            None => format!("{} / {}{of_part}", column::BENCHMARK, column::PERSON_YEARS),
        },
        terms: Mssp {
            benchmark: MsspBenchmark::given(PerCapita(source.benchmark)),
            assigned_beneficiaries: Some(totals.assigned_beneficiaries),
            ..terms
        },
    }
}
