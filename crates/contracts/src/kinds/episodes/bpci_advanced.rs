//! Bundled Payments for Care Improvement Advanced: 90-day episodes, settled against discounted targets.

use twosided_form::{Key, List, Literal, Section, Table, Word, keys};
use twosided_population::{Observation, ServiceScope};
use twosided_units::Share;

use crate::{
    Composite, Kind, Known, Lan, Listing, Rule, Scored, Settle, Settlement, Year,
    kinds::episodes::episode::{self, Episode, EpisodeKeys, QualityAndLimits},
    read,
    rules::rules,
};

rules! {
    /// The numbers of a performance year.
    pub struct BpciAdvancedRules {
        /// Most of a gain that quality removes.
        gain_adjustment: Share {
            [] 2018 => Number(0.10), Unconfirmed, "BPCI Advanced methodology; whether it moves in a line is not confirmed";
        }
        /// Most of a loss that quality forgives.
        loss_adjustment: Share {
            [] 2018 => Number(0.10), Unconfirmed, "BPCI Advanced methodology; whether it moves in a line is not confirmed";
        }
        /// Most gained, as a share of the aggregate target.
        stop_gain: Share {
            [] 2018 => Number(0.20), Unconfirmed, "BPCI Advanced methodology";
        }
        /// Most lost, as a share of the aggregate target.
        stop_loss: Share {
            [] 2018 => Number(0.20), Unconfirmed, "BPCI Advanced methodology";
        }
    }
}

rules! {
    /// The numbers of a category of episodes.
    pub struct BpciAdvancedEpisodeRules {
        /// CMS's part of the price.
        discount: Share {
            [] 2018 => Number(0.03), Unconfirmed, "BPCI Advanced methodology";
            ["medical"] 2023 => Number(0.02), Unconfirmed, "BPCI Advanced methodology, model year 6";
        }
    }
}

keys! {
    /// The terms of an episode initiator.
    pub(crate) struct BpciAdvancedKeys "terms.bpci_advanced" with [BpciAdvancedRules::KEYS] {
        PERFORMANCE_YEAR: u16 =
            read::year("performance_year", (read::ANY_YEAR.0, BpciAdvanced::LAST_YEAR), BpciAdvanced::PERFORMANCE_YEAR)
                .meaning("the performance year, which picks the dated numbers and is 2025 at the latest")
                .more("The defaults of the dated numbers begin in 2018; those without a later default keep their last");
        COMPOSITE_QUALITY_SCORE: f64 = episode::COMPOSITE_QUALITY_SCORE;
        EPISODES: List = episode::key(BpciAdvancedEpisodeKeys::TABLE);
    }
}

keys! {
    /// One kind of episode, with its discount.
    pub(crate) struct BpciAdvancedEpisodeKeys "terms.bpci_advanced.episodes" with [
        EpisodeKeys::OWN,
        BpciAdvancedEpisodeRules::KEYS,
    ] {
        CATEGORY: Category = Key::word("category").default(Literal::Word(Category::Surgical.name()))
            .meaning("the category, which picks the discount");
    }
}

/// Categories of episodes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Category {
    Medical,
    Surgical,
}

impl Category {
    const fn name(self) -> &'static str {
        match self {
            Self::Medical => "medical",
            Self::Surgical => "surgical",
        }
    }
}

impl Word for Category {
    const WORDS: &'static [(&'static str, Self)] =
        &[(Self::Medical.name(), Self::Medical), (Self::Surgical.name(), Self::Surgical)];
}

/// The terms of an episode initiator.
#[derive(Clone, Debug, PartialEq)]
pub struct BpciAdvanced {
    /// The numbers of the performance year.
    pub rules: BpciAdvancedRules,
    /// The episodes and their benchmark prices, before the discount.
    pub episodes: Vec<Episode>,
    /// Composite quality score, from 0 to 100.
    pub composite_quality_score: f64,
}

impl BpciAdvanced {
    const PERFORMANCE_YEAR: u16 = 2024;
    const LAST_YEAR: u64 = 2025;
}

impl Kind for BpciAdvanced {
    const KEY: &'static str = "bpci_advanced";
    const KEYS: &'static Table = BpciAdvancedKeys::TABLE;
    const SUMMARY: &'static str = "Medicare fee-for-service, with 90-day episodes settled against discounted targets";
    const LISTING: Listing = Listing {
        lan: "3B",
        settles_on: "episodes of its services and the expenditure on them, each episode up to its `episode_limit`",
        source: "BPCI Advanced Model, October 2018 to 2025",
    };
    const EXAMPLE: &'static str = "{ performance_year = 2024, composite_quality_score = 80, episodes = [{ service = \"sepsis\", category = \"medical\", price = 27_500 }, { service = \"spinal fusion\", category = \"surgical\", price = 48_000, episode_limit = 140_000 }] }";

    fn rules() -> Vec<&'static [Rule]> {
        vec![BpciAdvancedRules::TABLE, BpciAdvancedEpisodeRules::TABLE]
    }

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = BpciAdvancedKeys;
        let performance_year = section.read(&Keys::PERFORMANCE_YEAR);
        let year = performance_year.unwrap_or(Self::PERFORMANCE_YEAR);
        let rules = BpciAdvancedRules::read(section, year, "");
        let read_one = |entry: &Section<'_>| {
            let category = entry.read(&BpciAdvancedEpisodeKeys::CATEGORY);
            let rules = BpciAdvancedEpisodeRules::read(entry, year, category.unwrap_or(Category::Surgical).name());
            let episode = Episode::read(entry, known, rules.map(|rules| rules.discount));
            category.and(episode)
        };
        let episodes = Episode::read_all(section, &Keys::EPISODES, read_one, |episode| &episode.service);
        let score = read::unless_scored(section, &Keys::COMPOSITE_QUALITY_SCORE, known, 0.0);
        performance_year?;
        Some(Self { rules: rules?, episodes: episodes?, composite_quality_score: score? })
    }
}

impl Settle for BpciAdvanced {
    fn lan(&self) -> Lan {
        Lan::Downside
    }

    fn services(&self) -> ServiceScope {
        episode::services(self.episodes.iter())
    }

    fn observes(&self) -> Vec<Observation> {
        self.episodes.iter().flat_map(Episode::observes).collect()
    }

    fn scored(&self, composite: &Composite<'_>, _: &mut Settlement) -> Option<Scored> {
        let terms = Self { composite_quality_score: 100.0 * composite.value, ..self.clone() };
        Some(Scored { terms: Box::new(terms), steps: &["composite quality score"], how: "100 × {composite}" })
    }

    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        settlement.rule("BPCI Advanced methodology");
        let totals = Episode::totals(&mut settlement, year, &self.episodes);
        let BpciAdvancedRules { gain_adjustment, loss_adjustment, stop_gain, stop_loss } = self.rules;
        let score = self.composite_quality_score;
        let terms = QualityAndLimits { score, gain_adjustment, loss_adjustment, stop_gain, stop_loss };
        settlement.reconciliation = terms.settle(&mut settlement, &totals);
        settlement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_units::{Dollars, MemberMonths};

    #[test]
    fn quality_comes_before_the_limits() {
        let price = Dollars(10_000.0);
        let episode = Episode { service: "sepsis".to_owned(), price, discount: Share::ZERO, episode_limit: None };
        let initiator = BpciAdvanced {
            rules: BpciAdvancedRules::of(2024, "").expect("a year of the table"),
            episodes: vec![episode],
            composite_quality_score: 0.0,
        };
        let settled =
            |spending: f64| initiator.settle(&Year::new(MemberMonths(0.0), 0, &[100.0, spending])).reconciliation.0;
        assert!((settled(780_000.0) - 198_000.0).abs() < 1e-6, "a tenth of $220,000 is lost");
        assert!((settled(700_000.0) - 200_000.0).abs() < 1e-6);
        assert_eq!(settled(1_000_000.0), 0.0);
    }
}
