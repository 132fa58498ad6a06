//! Episode arrangements of a LEAD ACO with specialists.

use std::cmp::Ordering;

use twosided_form::Section;
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

impl SpecialistEpisodes {
    /// By service, and of one service by their terms.
    fn by_service(&self, other: &Self) -> Ordering {
        let terms = |of: &Self| [of.target_price.0, of.share_of_gains.value(), of.share_of_losses.value()];
        let by_terms = || terms(self).partial_cmp(&terms(other)).unwrap_or(Ordering::Equal);
        self.service.cmp(&other.service).then_with(by_terms)
    }

    fn read(section: Section<'_>, known: &Known) -> Option<Self> {
        let service = read::service(&section, "service", known);
        let target_price = read::number(&section, "target_price", 1.0, 1e9, "target_price = 24_000");
        let share_of_gains = read::share(&section, "share_of_gains", "share_of_gains = 0.5");
        let share_of_losses = read::share_or(&section, "share_of_losses", Share::ZERO);
        section.finish();
        Some(Self {
            service: service?,
            target_price: Dollars(target_price?),
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
    section.or("specialists", Vec::new(), |section| {
        let read = |entry| SpecialistEpisodes::read(entry, known);
        let mut arrangements = section.each("specialists", MOST_ARRANGEMENTS, read)?;
        arrangements.sort_by(SpecialistEpisodes::by_service);
        Some(arrangements)
    })
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
        if settlement.is_explained() {
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
