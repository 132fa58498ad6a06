//! The `attribution` of a segment: who is assigned to the provider by whom they visit.

use twosided_form::{
    Key,
    Literal::{Number, Whole},
    Range, Section, Unit, figure, keys,
};
use twosided_population::{Attribution, AttributionTerms, MOST_LOADING, MOST_RIVALS};
use twosided_units::Share;

keys! {
    /// Who is assigned.
    pub(crate) struct AttributionKeys "attribution" {
        ELIGIBLE: u64 = Key::whole("eligible", 1, 1_000_000_000).unit(Unit::PEOPLE).required("14_000")
            .meaning("the number of people who may be assigned to the provider, or to others")
            .more("At least 30 are expected to be assigned");
        VISITS: f64 = Key::number("visits", Range::of(0.05, 50.0)).required("3.2")
            .meaning("the mean number of primary-care visits of an eligible person in a year, whether or not the year is lived in full")
            .more("Visits of a person beyond 100 do not count");
        DISPERSION: f64 = Key::number("dispersion", Range::of(0.1, 1e6)).absent("a Poisson law", "1.5")
            .meaning("the shape of the gamma law by which people's mean visits differ")
            .more("Smaller is more spread: variance = mean + mean² / dispersion");
        SHARE: Share = Key::share("share").required("0.62").meaning("the mean share of a person's visits that are made at the provider")
            .more("Above 0");
        SHARE_SD: f64 = Key::number("share_sd", Range::below(0.0, 0.5)).default(Number(0.0))
            .meaning("the standard deviation of that share between people")
            .more("Shares have a beta law; below sqrt(share × (1 - share))");
        PERSISTENCE: f64 = Key::number("persistence", Range::UNIT).default(Number(1.0))
            .meaning("the correlation of the normal score of a person's share with that of the year before")
            .more("At 1 everyone keeps their share");
        RIVALS: u64 = Key::whole("rivals", 1, MOST_RIVALS as u64).default(Whole(1))
            .meaning("the number of other providers, all alike, among whom the other visits are spread")
            .more("With 1, all others together have to be outnumbered, which assigns fewest people");
        FRAILTY_LOADING: f64 = Key::number("frailty_loading", Range::of(-MOST_LOADING, MOST_LOADING)).default(Number(0.0))
            .meaning("the correlation of visits with the person's frailty score")
            .more("Above 0, who is assigned costs more than who is not");
    }
}

/// Reads the table.
pub(crate) fn read_attribution(section: Section<'_>) -> Option<Attribution> {
    let read = read_terms(&section).and_then(|(eligible, terms)| match Attribution::new(eligible, terms) {
        Ok(attribution) => Some(attribution),
        Err(refusal) => {
            let message = format!("{} is {}", section.path_of(refusal.parameter), figure(refusal.value));
            section.wrong(&section.span_of(refusal.parameter), message, refusal.expected);
            None
        }
    });
    section.finish();
    read
}

fn read_terms(section: &Section<'_>) -> Option<(u64, AttributionTerms)> {
    type Keys = AttributionKeys;
    let eligible = section.read(&Keys::ELIGIBLE);
    let (visits, dispersion) = (section.read(&Keys::VISITS), section.optional(&Keys::DISPERSION));
    let (share, share_sd) = (section.read(&Keys::SHARE), section.read(&Keys::SHARE_SD));
    let (persistence, rivals) = (section.read(&Keys::PERSISTENCE), section.read(&Keys::RIVALS));
    let frailty_loading = section.read(&Keys::FRAILTY_LOADING);
    let terms = AttributionTerms {
        visits: visits?,
        dispersion: dispersion?,
        share: share?.value(),
        share_sd: share_sd?,
        rivals: u32::try_from(rivals?).ok()?,
        frailty_loading: frailty_loading?,
        persistence: persistence?,
    };
    Some((eligible?, terms))
}
