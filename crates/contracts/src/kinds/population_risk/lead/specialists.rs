//! Episode arrangements of a LEAD ACO with specialists.

use std::cmp::Ordering;

use twosided_form::{Key, List, Literal::Number, Range, Section, Unit, keys};
use twosided_population::Observation;
use twosided_units::{Dollars, Share};

use crate::{AGREED, Known, OBSERVED, Settlement, Year, read, step::in_steps};

/// Most episode arrangements of one ACO.
const MOST_ARRANGEMENTS: usize = 50;

/// Episodes of one kind that specialists answer for to the ACO.
#[derive(Clone, Debug, PartialEq)]
pub struct SpecialistEpisodes {
    /// The service that is the episode.
    pub service: String,
    /// Agreed price of an episode.
    pub target_price: Dollars,
    /// Specialists' share of what episodes cost less.
    pub share_of_gains: Share,
    /// Specialists' share of what they cost more.
    pub share_of_losses: Share,
}

keys! {
    /// Episodes of one kind that specialists answer for to the ACO.
    pub(crate) struct SpecialistKeys "terms.lead.specialists" {
        SERVICE: String = read::SERVICE.meaning("the service of which an event is an episode");
        TARGET_PRICE: Dollars = Key::quantity("target_price", Unit::PER_EPISODE, Range::of(1.0, 1e9)).required("24_000")
            .meaning("the agreed price of an episode");
        SHARE_OF_GAINS: Share = Key::share("share_of_gains").required("0.5")
            .meaning("the specialists' share of what their episodes cost less");
        SHARE_OF_LOSSES: Share = Key::share("share_of_losses").default(Number(0.0))
            .meaning("the specialists' share of what their episodes cost more");
    }
}

/// The key of the arrangements.
pub(super) const SPECIALISTS: Key<List> = Key::tables("specialists", SpecialistKeys::TABLE, MOST_ARRANGEMENTS)
    .absent("none", "[{ service = \"joint replacement\", target_price = 24_000, share_of_gains = 0.5 }]")
    .meaning("the episodes that specialists answer for to the ACO");

impl SpecialistEpisodes {
    /// By service, and of one service by their terms.
    fn by_service(&self, other: &Self) -> Ordering {
        let terms = |of: &Self| [of.target_price.0, of.share_of_gains.value(), of.share_of_losses.value()];
        let by_terms = || terms(self).partial_cmp(&terms(other)).unwrap_or(Ordering::Equal);
        self.service.cmp(&other.service).then_with(by_terms)
    }

    fn read(section: Section<'_>, known: &Known) -> Option<Self> {
        type Keys = SpecialistKeys;
        let service = read::known_service(&section, &Keys::SERVICE, known);
        let target_price = section.read(&Keys::TARGET_PRICE);
        let share_of_gains = section.read(&Keys::SHARE_OF_GAINS);
        let share_of_losses = section.read(&Keys::SHARE_OF_LOSSES);
        section.finish();
        Some(Self {
            service: service?,
            target_price: target_price?,
            share_of_gains: share_of_gains?,
            share_of_losses: share_of_losses?,
        })
    }
}

/// What the arrangements observe: the count and the expenditure of each one's episodes.
pub(super) fn observes(arrangements: &[SpecialistEpisodes]) -> impl Iterator<Item = Observation> {
    arrangements.iter().flat_map(|arrangement| {
        let service = || arrangement.service.clone();
        [Observation::Count { service: service() }, Observation::Expenditure { service: service() }]
    })
}

/// Reads the arrangements, sorted, so that sums over them do not depend on their order in the file.
pub(super) fn read(section: &Section<'_>, known: &Known) -> Option<Vec<SpecialistEpisodes>> {
    if !section.has(SPECIALISTS.name) {
        return Some(Vec::new());
    }
    let mut arrangements = section.tables(&SPECIALISTS, |entry| SpecialistEpisodes::read(entry, known))?;
    arrangements.sort_by(SpecialistEpisodes::by_service);
    Some(arrangements)
}

/// What specialists receive of their episodes' result, or pay for it.
pub(super) fn to_specialists(
    arrangements: &[SpecialistEpisodes],
    settlement: &mut Settlement,
    year: &Year<'_>,
) -> Dollars {
    let mut total = Dollars::ZERO;
    let mut terms = Vec::new();
    for (index, arrangement) in arrangements.iter().enumerate() {
        let (count, spent) = (year.count(1 + 2 * index), year.figure(2 + 2 * index));
        let result = arrangement.target_price * count - spent;
        let share = if result > Dollars::ZERO { arrangement.share_of_gains } else { arrangement.share_of_losses };
        if settlement.records_steps() {
            let name = in_steps(&arrangement.service);
            settlement.number(format!("{name}: episodes"), OBSERVED, count);
            settlement.dollars(format!("{name}: target price"), AGREED, arrangement.target_price);
            settlement.dollars(format!("{name}: expenditure"), OBSERVED, spent);
            let how = format!("{{{name}: target price}} × {{{name}: episodes}} - {{{name}: expenditure}}");
            settlement.dollars(format!("{name}: below target"), how, result);
            settlement.share(format!("{name}: specialists' share"), AGREED, share.value());
            let how = format!("{{{name}: below target}} × {{{name}: specialists' share}}");
            settlement.dollars(format!("{name}: to specialists"), how, result * share);
            terms.push(format!("{{{name}: to specialists}}"));
        }
        total += result * share;
    }
    if !arrangements.is_empty() {
        settlement.dollars("to specialists", terms.join(" + "), total);
    }
    total
}
