//! Terms as a scenario file writes them, and a year settled under them.

use twosided_contracts::{Arrangement, Known, Settlement, Terms, Year};
use twosided_form::Document;
use twosided_population::Observation;
use twosided_units::{Dollars, MemberMonths};

/// A contract read from its terms.
pub fn contract(key: &str, terms: &str) -> Arrangement {
    let document = Document::new(key, format!("terms.{key} = {terms}"));
    let read = document.read(|root| {
        let terms = root.section("terms").and_then(|terms| Terms::read(terms, &Known::anything()));
        root.finish();
        terms
    });
    let (terms, _) = read.unwrap_or_else(|error| panic!("{key}: {error:?}"));
    Arrangement::of(key, terms)
}

/// What a year of those figures comes to.
pub fn settled(key: &str, terms: &str, months: f64, own_fees: f64, figures: &[f64]) -> Settlement {
    let contract = contract(key, terms);
    let year = Year::new(MemberMonths(months), (months / 12.0) as u64, figures).with_own_fees(Dollars(own_fees));
    contract.settle(&year).settlement
}

/// The figure of a step that must be there.
pub fn step(settlement: &Settlement, name: &str) -> f64 {
    settlement.step(name).unwrap_or_else(|| panic!("no step {name}"))
}

/// The limit of what counts of one episode.
pub fn episode_limit(contract: &Arrangement) -> f64 {
    match &contract.observes()[1] {
        Observation::CappedExpenditure { limit, .. } => limit.0,
        Observation::Expenditure { .. } => f64::INFINITY,
        other => panic!("an episode observes {other:?}"),
    }
}

/// Bands as a file lists them, `end:share|end:share`, as terms write them.
pub fn bands(listed: &str) -> String {
    let band = |band: &str| {
        let (up_to, share) = band.split_once(':').expect("an end and a share");
        format!("{{ up_to = {up_to}, share = {share} }}")
    };
    let bands: Vec<String> = listed.split('|').map(band).collect();
    format!("[{}]", bands.join(", "))
}
