//! The Transforming Episode Accountability Model: surgical episodes of a hospital, settled against target prices.

use twosided_form::{
    Key, List,
    Literal::{Number, Truth},
    Nested, Range, Section, Status, Table, Unit, Word, keys,
};
use twosided_population::{Observation, ServiceScope};
use twosided_units::{Dollars, Share};

use crate::{
    AGREED, Composite, Kind, Known, Lan, Listing, Rule, Scored, Settle, Settlement, TeamPriceRules, TeamTarget, Year,
    kinds::episodes::{
        episode::{self, Episode, QualityAndLimits, Totals},
        team_target::TeamTargetKeys,
    },
    read, rounding,
    rules::rules,
    step::in_steps,
};

rules! {
    /// The numbers of a track in a performance year.
    pub struct TeamRules {
        /// Most of a gain that quality removes.
        gain_adjustment: Share {
            [] 2026 => Number(0.10), Secondary, "42 CFR § 512.550; that it moves in a line is not confirmed";
        }
        /// Most of a loss that quality forgives.
        loss_adjustment: Share {
            ["1"] 2026 => Number(0.0), Secondary, "42 CFR § 512.550; no losses";
            ["2"] 2026 => Number(0.15), Secondary, "42 CFR § 512.550; that it moves in a line is not confirmed";
            ["3"] 2026 => Number(0.10), Secondary, "42 CFR § 512.550; that it moves in a line is not confirmed";
        }
        /// Most gained, as a share of the aggregate target.
        stop_gain: Share {
            ["1"] 2026 => Number(0.10), Secondary, "42 CFR § 512.550";
            ["2"] 2026 => Number(0.05), Unconfirmed, "42 CFR § 512.550; one account has 10%";
            ["3"] 2026 => Number(0.20), Secondary, "42 CFR § 512.550";
        }
        /// Most lost, as a share of the aggregate target.
        stop_loss: Share {
            ["1"] 2026 => Number(0.0), Secondary, "42 CFR § 512.550; no losses";
            ["2"] 2026 => Number(0.05), Unconfirmed, "42 CFR § 512.550; one account has 10%";
            ["3"] 2026 => Number(0.20), Secondary, "42 CFR § 512.550";
        }
        /// Last performance year of the track, for hospitals that are no safety net.
        last_year: f64 {
            ["1"] 2026 => Number(2026.0), Secondary, "42 CFR § 512.520";
            ["2", "3"] 2026 => Number(2030.0), Secondary, "42 CFR § 512.520";
        }
        /// Last performance year of the track for safety-net hospitals.
        last_year_of_safety_net: f64 {
            ["1"] 2026 => Number(2028.0), Secondary, "42 CFR § 512.520";
            ["2", "3"] 2026 => Number(2030.0), Secondary, "42 CFR § 512.520";
        }
        /// Fewest baseline episodes with which a category can lose.
        minimum_baseline_episodes: f64 {
            [] 2026 => Number(31.0), Secondary, "FY 2026 IPPS final rule";
        }
    }
}

keys! {
    /// The terms of a hospital.
    pub(crate) struct TeamKeys "terms.team" with [TeamRules::KEYS, TeamPriceRules::KEYS] {
        TRACK: u32 = Key::whole("track", 1, 3).required("3").meaning("the track")
            .more("Track 1 ends with `last_year`, or `last_year_of_safety_net`");
        PERFORMANCE_YEAR: u16 = read::year("performance_year", read::ANY_YEAR, Team::PERFORMANCE_YEAR)
            .more("The defaults of the dated numbers begin in 2026; those without a later default keep their last");
        SAFETY_NET: bool = Key::truth("safety_net").default(Truth(false))
            .meaning("whether the hospital is a safety net, which may stay in Track 1 longer");
        COMPOSITE_QUALITY_SCORE: f64 = episode::COMPOSITE_QUALITY_SCORE;
        EPISODES: List = episode::key(TeamEpisodeKeys::TABLE)
            .required("[{ category = \"lejr\", service = \"joints\", price = 25_000 }]")
            .ask("give at least one, as episodes = [{ category = \"lejr\", service = \"joints\", price = 25_000 }]");
        POST_EPISODE_SPENDING: Dollars =
            Key::quantity("post_episode_spending", Unit::DOLLARS_A_YEAR, Range::of(0.0, 1e12)).default(Number(0.0))
                .meaning("what is owed for spending after episodes that is far above the region's, after the limits")
                .more("How it is found is not modeled and needs checking").status(Status::Unconfirmed);
    }
}

keys! {
    /// One kind of episode of a category.
    pub(crate) struct TeamEpisodeKeys "terms.team.episodes" {
        CATEGORY: TeamCategory = Key::word("category").required("\"lejr\"")
            .meaning("the category: lower extremity joint replacement, hip and femur fracture, spinal fusion, bypass graft, or major bowel procedure");
        SERVICE: String = episode::SERVICE;
        PRICE: Dollars = read::amount("price", Unit::PER_EPISODE).one_of("price", "25_000")
            .meaning("the reconciliation target price, after its discount");
        TARGET: Nested = Key::table("target", TeamTargetKeys::TABLE).one_of("price", "{ baseline = 25_000 }")
            .meaning("what the price is built from");
        EPISODE_LIMIT: Dollars = episode::EPISODE_LIMIT;
        BASELINE_EPISODES: f64 = Key::number("baseline_episodes", Range::of(0.0, 1e7))
            .absent("unknown: no low volume", "28").meaning("the episodes in the baseline")
            .more("A category counts as of low volume only where all its entries give them");
    }
}

/// The terms of a hospital in a performance year.
#[derive(Clone, Debug, PartialEq)]
pub struct Team {
    /// The numbers of its track.
    pub rules: TeamRules,
    /// The numbers of target prices.
    pub price_rules: TeamPriceRules,
    /// The episodes and their target prices.
    pub episodes: Vec<TeamEpisode>,
    /// Composite quality score, from 0 to 100.
    pub composite_quality_score: f64,
    /// What is owed for spending after episodes that is far above the region's.
    pub post_episode_spending: Dollars,
}

/// One kind of episode of a category.
#[derive(Clone, Debug, PartialEq)]
pub struct TeamEpisode {
    /// The category.
    pub category: TeamCategory,
    /// The service, and the reconciliation target price where it is given; its discount has been taken.
    pub episode: Episode,
    /// What the target price is built from, where it is.
    pub target: Option<TeamTarget>,
    /// Episodes in the baseline, where they are known.
    pub baseline_episodes: Option<f64>,
}

/// Categories of episodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TeamCategory {
    /// Lower extremity joint replacement.
    Lejr,
    /// Surgical hip and femur fracture treatment.
    Shfft,
    /// Spinal fusion.
    SpinalFusion,
    /// Coronary artery bypass graft.
    Cabg,
    /// Major bowel procedure.
    MajorBowel,
}

impl TeamCategory {
    /// The name that scenario files use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lejr => "lejr",
            Self::Shfft => "shfft",
            Self::SpinalFusion => "spinal_fusion",
            Self::Cabg => "cabg",
            Self::MajorBowel => "major_bowel",
        }
    }
}

impl Word for TeamCategory {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::Lejr.name(), Self::Lejr),
        (Self::Shfft.name(), Self::Shfft),
        (Self::SpinalFusion.name(), Self::SpinalFusion),
        (Self::Cabg.name(), Self::Cabg),
        (Self::MajorBowel.name(), Self::MajorBowel),
    ];
}

impl TeamEpisode {
    fn read(section: &Section<'_>, known: &Known, year: u16) -> Option<Self> {
        type Keys = TeamEpisodeKeys;
        let category = section.read(&Keys::CATEGORY);
        let baseline_episodes = section.optional(&Keys::BASELINE_EPISODES);
        let service = read::known_service(section, &Keys::SERVICE, known);
        let episode_limit = section.optional(&Keys::EPISODE_LIMIT);
        let name = category.unwrap_or(TeamCategory::Lejr).name();
        // The price follows from a target when it is settled.
        let price_or_target = section.choose(
            "price",
            &[
                (&Keys::PRICE, &|| Some((section.read(&Keys::PRICE)?, None))),
                (&Keys::TARGET, &|| {
                    Some((Dollars::ZERO, Some(TeamTarget::read(section.table(&Keys::TARGET)?, year, name)?)))
                }),
            ],
        );
        let (price, target) = price_or_target?;
        let episode = Episode { service: service?, price, discount: Share::ZERO, episode_limit: episode_limit? };
        Some(Self { category: category?, episode, target, baseline_episodes: baseline_episodes? })
    }
}

impl Team {
    const PERFORMANCE_YEAR: u16 = 2026;

    fn of_category(&self, category: TeamCategory) -> impl Iterator<Item = (usize, &TeamEpisode)> {
        self.episodes.iter().enumerate().filter(move |(_, entry)| entry.category == category)
    }

    /// Whether a category has too few baseline episodes to lose.
    fn is_low_volume(&self, category: TeamCategory) -> bool {
        let baseline: Option<f64> = self.of_category(category).map(|(_, entry)| entry.baseline_episodes).sum();
        let least = self.rules.minimum_baseline_episodes;
        baseline.is_some_and(|episodes| !rounding::reaches(episodes, least, least))
    }

    /// The totals of all categories. Where one of low volume would lose, no more spending counts than its target; its target
    /// still counts toward the limits.
    fn totals(&self, settlement: &mut Settlement, year: &Year<'_>) -> Totals {
        let mut sum = Totals::default();
        let (mut names, mut forgiven) = (Vec::new(), Vec::new());
        for &(_, category) in TeamCategory::WORDS {
            let mut of_category = Totals::default();
            for (index, entry) in self.of_category(category) {
                let name = entry.episode.step_name(settlement);
                let price = if let Some(target) = &entry.target {
                    target.record(settlement, &name, &self.price_rules)
                } else {
                    entry.episode.record_price(settlement, &name)
                };
                of_category += Episode::record_totals(settlement, year, index, &name, price);
            }
            if self.is_low_volume(category) && of_category.target < of_category.spending {
                settlement
                    .remark("of a category of low volume that would lose, no more spending counts than its target");
                of_category.spending = of_category.target;
                if settlement.records_steps() {
                    forgiven.extend(self.of_category(category).map(|(_, entry)| in_steps(&entry.episode.service)));
                }
            }
            sum += of_category;
            if settlement.records_steps() {
                names.extend(self.of_category(category).map(|(_, entry)| in_steps(&entry.episode.service)));
            }
        }
        sum.record(settlement, &names, &forgiven);
        sum
    }
}

impl Kind for Team {
    const KEY: &'static str = "team";
    const KEYS: &'static Table = TeamKeys::TABLE;
    const SUMMARY: &'static str =
        "Medicare fee-for-service, with a hospital's surgical episodes settled against targets";
    const LISTING: Listing = Listing {
        lan: "3A (Track 1), 3B",
        settles_on: "episodes of its services and the expenditure on them, each episode up to its `episode_limit`",
        source: "42 CFR part 512, subpart E; 2026 to 2030",
    };
    const EXAMPLE: &'static str = "{ track = 3, composite_quality_score = 70, episodes = [{ category = \"lejr\", service = \"joint replacement\", episode_limit = 70_000, target = { baseline = 25_000, prospective_trend = 1.03, preliminary_normalization = 0.98, risk_multiplier = 1.1, final_normalization = 1.08, retrospective_trend = 1.01 } }, { category = \"cabg\", service = \"bypass\", price = 42_000, baseline_episodes = 28 }] }";

    fn rules() -> Vec<&'static [Rule]> {
        vec![TeamRules::TABLE, TeamPriceRules::TABLE, crate::TeamEpisodeRules::TABLE]
    }

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = TeamKeys;
        let performance_year = section.read(&Keys::PERFORMANCE_YEAR);
        let year = performance_year.unwrap_or(Self::PERFORMANCE_YEAR);
        let track = section.read(&Keys::TRACK);
        let rules = TeamRules::read(section, year, &track.unwrap_or(3).to_string());
        let price_rules = TeamPriceRules::read(section, year, "");
        let safety_net = section.read(&Keys::SAFETY_NET);
        let score = read::unless_scored(section, &Keys::COMPOSITE_QUALITY_SCORE, known, 0.0);
        let read_one = |entry: &Section<'_>| TeamEpisode::read(entry, known, year);
        let episodes = Episode::read_all(section, &Keys::EPISODES, read_one, |entry| &entry.episode.service);
        let owed = section.read(&Keys::POST_EPISODE_SPENDING);
        performance_year?;
        let (rules, track) = (rules?, track?);
        let last = if safety_net? { rules.last_year_of_safety_net } else { rules.last_year };
        if f64::from(year) > last {
            let message = format!("{}: Track {track} ended with {last}", section.path_of(Keys::TRACK.name));
            let help = "Track 1 is for the first year, and for safety-net hospitals the first three; take 2 or 3, or set last_year";
            section.wrong(&section.span_of(Keys::TRACK.name), message, help);
            return None;
        }
        Some(Self {
            rules,
            price_rules: price_rules?,
            episodes: episodes?,
            composite_quality_score: score?,
            post_episode_spending: owed?,
        })
    }
}

impl Settle for Team {
    fn lan(&self) -> Lan {
        if self.rules.stop_loss == Share::ZERO { Lan::Upside } else { Lan::Downside }
    }

    fn services(&self) -> ServiceScope {
        episode::services(self.episodes.iter().map(|entry| &entry.episode))
    }

    fn observes(&self) -> Vec<Observation> {
        self.episodes.iter().flat_map(|entry| entry.episode.observes()).collect()
    }

    fn scored(&self, composite: &Composite<'_>, _: &mut Settlement) -> Option<Scored> {
        let terms = Self { composite_quality_score: 100.0 * composite.value, ..self.clone() };
        Some(Scored { terms: Box::new(terms), steps: &["composite quality score"], how: "100 × {composite}" })
    }

    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        settlement.rule("42 CFR § 512.540, § 512.545");
        let totals = self.totals(&mut settlement, year);
        settlement.rule("42 CFR § 512.550");
        let TeamRules { gain_adjustment, loss_adjustment, stop_gain, stop_loss, .. } = self.rules;
        let score = self.composite_quality_score;
        let terms = QualityAndLimits { score, gain_adjustment, loss_adjustment, stop_gain, stop_loss };
        settlement.reconciliation = terms.settle(&mut settlement, &totals);
        if self.post_episode_spending != Dollars::ZERO {
            settlement.dollars("owed for spending after episodes", AGREED, self.post_episode_spending);
            settlement.reconciliation = settlement.dollars(
                "paid or owed",
                "{after limits} - {owed for spending after episodes}",
                settlement.reconciliation - self.post_episode_spending,
            );
        }
        settlement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_units::MemberMonths;

    fn entry(category: TeamCategory, service: &str, baseline_episodes: Option<f64>) -> TeamEpisode {
        let episode = Episode {
            service: service.to_owned(),
            price: Dollars(10_000.0),
            discount: Share::ZERO,
            episode_limit: None,
        };
        TeamEpisode { category, episode, target: None, baseline_episodes }
    }

    fn hospital(track: &str, episodes: Vec<TeamEpisode>) -> Team {
        Team {
            rules: TeamRules::of(2026, track).expect("a track of the table"),
            price_rules: TeamPriceRules::of(2026, "").expect("a year of the table"),
            episodes,
            composite_quality_score: 0.0,
            post_episode_spending: Dollars::ZERO,
        }
    }

    fn settled(hospital: &Team, figures: &[f64]) -> f64 {
        hospital.settle(&Year::new(MemberMonths(0.0), 0, figures)).reconciliation.0
    }

    #[test]
    fn a_category_of_low_volume_gains_and_never_loses() {
        for (baseline, net) in [(None, -20_000.0), (Some(31.0), -20_000.0), (Some(30.0), 90_000.0)] {
            let episodes =
                vec![entry(TeamCategory::Lejr, "joints", None), entry(TeamCategory::Cabg, "bypass", baseline)];
            let hospital = hospital("3", episodes);
            // Joints gain $100,000 and bypasses lose $120,000; quality of 0 takes a tenth of a gain, and forgives no loss.
            assert!((settled(&hospital, &[100.0, 9e5, 20.0, 3.2e5]) - net).abs() < 1e-6, "{baseline:?}");
        }
        let gaining = hospital("3", vec![entry(TeamCategory::Cabg, "bypass", Some(3.0))]);
        assert!((settled(&gaining, &[10.0, 9e4]) - 9_000.0).abs() < 1e-6);
    }

    #[test]
    fn track_1_owes_only_for_spending_after_episodes() {
        let mut hospital = hospital("1", vec![entry(TeamCategory::Lejr, "joints", None)]);
        assert_eq!(settled(&hospital, &[100.0, 2e6]), 0.0);
        hospital.post_episode_spending = Dollars(5_000.0);
        assert_eq!(settled(&hospital, &[100.0, 2e6]), -5_000.0);
    }

    #[test]
    fn without_episodes_nothing_is_owed() {
        assert_eq!(settled(&hospital("3", vec![entry(TeamCategory::Lejr, "joints", None)]), &[0.0, 0.0]), 0.0);
    }
}
