//! Prospectively paid bundles: a price for each episode in place of fees, out of which the provider pays everyone.

use twosided_form::{List, Section, Table, keys};
use twosided_population::{Observation, ServiceScope};
use twosided_units::{Dollars, Share};

use crate::{
    Kind, Known, Lan, Listing, OBSERVED, Payment, Settle, Settlement, Year,
    kinds::episodes::episode::{self, Episode, EpisodeKeys},
    step::in_steps,
};

/// Episodes paid at agreed prices as they happen.
#[derive(Clone, Debug, PartialEq)]
pub struct ProspectiveBundle {
    /// The episodes and their prices; what one costs above its limit, the payer bears.
    pub episodes: Vec<Episode>,
}

/// Figures that each kind of episode observes.
const FIGURES: usize = 3;

keys! {
    /// The terms of prospectively paid bundles.
    pub(crate) struct ProspectiveBundleKeys "terms.prospective_bundle" {
        DISCOUNT: Share = episode::DISCOUNT;
        EPISODES: List = episode::key(EpisodeKeys::TABLE);
    }
}

impl Kind for ProspectiveBundle {
    const KEY: &'static str = "prospective_bundle";
    const KEYS: &'static Table = ProspectiveBundleKeys::TABLE;
    const SUMMARY: &'static str = "a price for each episode of care, in place of fees, at the provider's risk";
    const LISTING: Listing = Listing {
        lan: "4A",
        settles_on: "episodes of its services and the expenditure on them; the payer bears an episode above its `episode_limit`",
        source: "a commercial term",
    };
    const EXAMPLE: &'static str = "{ discount = 0.02, episodes = [{ service = \"joint replacement\", price = 26_000, episode_limit = 60_000 }, { service = \"maternity\", price = 14_000 }] }";

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = ProspectiveBundleKeys;
        let discount = section.read(&Keys::DISCOUNT);
        let read_one = |entry: &Section<'_>| Episode::read(entry, known, Some(discount.unwrap_or_default()));
        let episodes = Episode::read_all(section, &Keys::EPISODES, read_one, |episode| episode);
        discount?;
        Some(Self { episodes: episodes? })
    }
}

impl Settle for ProspectiveBundle {
    fn lan(&self) -> Lan {
        Lan::PartialPopulation
    }

    fn services(&self) -> ServiceScope {
        episode::services(self.episodes.iter())
    }

    fn payment(&self) -> Payment {
        Payment::AtRisk(Settle::services(self))
    }

    fn observes(&self) -> Vec<Observation> {
        let figures =
            self.episodes.iter().flat_map(|episode| episode.observes().into_iter().chain([episode.spending(None)]));
        figures.collect()
    }

    /// ```text
    /// capitation     = sum of price × episodes
    /// reconciliation = sum of what episodes cost above their limit
    /// ```
    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        let (mut paid, mut at_risk, mut outliers) = (Dollars::ZERO, Dollars::ZERO, Dollars::ZERO);
        let mut names = Vec::new();
        for (index, episode) in self.episodes.iter().enumerate() {
            let first = FIGURES * index;
            let (count, within, whole) = (year.count(first), year.figure(first + 1), year.figure(first + 2));
            let name = episode.step_name(&settlement);
            let price = episode.record_price(&mut settlement, &name);
            if settlement.records_steps() {
                settlement.number(format!("{name}: episodes"), OBSERVED, count);
                let how = format!("{{{name}: target price}} × {{{name}: episodes}}");
                settlement.dollars(format!("{name}: paid"), how, price * count);
                settlement.dollars(format!("{name}: expenditure"), OBSERVED, whole);
                settlement.dollars(format!("{name}: expenditure within the limit"), OBSERVED, within);
                let how = format!("{{{name}: expenditure}} - {{{name}: expenditure within the limit}}");
                settlement.dollars(format!("{name}: above the limit"), how, whole - within);
                names.push(in_steps(&episode.service));
            }
            paid += price * count;
            at_risk += whole;
            outliers += whole - within;
        }
        let sum = |what: &str| {
            let terms: Vec<String> = names.iter().map(|name| format!("{{{name}: {what}}}")).collect();
            terms.join(" + ")
        };
        if settlement.records_steps() {
            settlement.dollars("capitation", sum("paid"), paid);
            settlement.dollars("expenditure at risk", sum("expenditure"), at_risk);
            settlement.dollars("paid for outliers", sum("above the limit"), outliers);
            settlement.dollars(
                "left of the prices",
                "{capitation} + {paid for outliers} - {expenditure at risk}",
                paid + outliers - at_risk,
            );
        }
        settlement.given_up = at_risk;
        settlement.capitation = paid;
        settlement.reconciliation = outliers;
        settlement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_units::MemberMonths;

    #[test]
    fn the_provider_bears_an_episode_up_to_its_limit() {
        let episode = Episode {
            service: "joints".to_owned(),
            following: Vec::new(),
            window_days: None,
            price: Dollars(25_000.0),
            discount: Share::ZERO,
            episode_limit: Some(Dollars(60_000.0)),
        };
        let bundle = ProspectiveBundle { episodes: vec![episode] };
        // Three episodes of 20, 25 and 90 thousand.
        let settlement = bundle.settle(&Year::new(MemberMonths(0.0), 0, &[3.0, 105_000.0, 135_000.0]));
        assert_eq!(settlement.capitation, Dollars(75_000.0));
        assert_eq!(settlement.reconciliation, Dollars(30_000.0));
        assert_eq!(settlement.step("left of the prices"), Some(-30_000.0));
    }
}
