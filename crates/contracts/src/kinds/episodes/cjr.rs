//! Comprehensive Care for Joint Replacement: hip and knee episodes, settled against targets that quality discounts.

use twosided_form::{Key, List, Literal::Truth, Section, Table, Word, keys};
use twosided_population::{Observation, ServiceScope};
use twosided_units::{Dollars, Share};

use crate::{
    AGREED, Composite, Kind, Known, Lan, Listing, Rule, Scored, Settle, Settlement, Year,
    kinds::episodes::episode::{self, Episode, EpisodeKeys, limited},
    read, rounding,
    rules::rules,
};

rules! {
    /// The numbers of a quality category in a performance year, counted as the calendar year in which most of it falls.
    pub struct CjrRules {
        /// CMS's part of the price.
        discount: Share {
            [] 2016 => Number(0.03), Unconfirmed, "42 CFR § 510.315";
            ["good"] 2016 => Number(0.02), Unconfirmed, "42 CFR § 510.315";
            ["excellent"] 2016 => Number(0.015), Unconfirmed, "42 CFR § 510.315";
            ["good"] 2022 => Number(0.015), Unconfirmed, "42 CFR § 510.315, performance years 6 to 8";
            ["excellent"] 2022 => Number(0.0), Unconfirmed, "42 CFR § 510.315, performance years 6 to 8";
        }
        /// Composite from which quality is acceptable.
        acceptable_from: Share {
            [] 2016 => Number(0.20), Unconfirmed, "42 CFR § 510.315: 4 of 20 points";
            [] 2021 => Number(0.25), Unconfirmed, "42 CFR § 510.315: 5 of 20 points";
        }
        /// Composite from which quality is good.
        good_from: Share {
            [] 2016 => Number(0.30), Unconfirmed, "42 CFR § 510.315: 6 of 20 points";
            [] 2021 => Number(0.345), Unconfirmed, "42 CFR § 510.315: 6.9 of 20 points";
        }
        /// Composite above which quality is excellent.
        excellent_above: Share {
            [] 2016 => Number(0.66), Unconfirmed, "42 CFR § 510.315: 13.2 of 20 points";
            [] 2021 => Number(0.75), Unconfirmed, "42 CFR § 510.315: 15 of 20 points";
        }
        /// Most gained, as a share of the aggregate target.
        stop_gain: Share {
            [] 2016 => Number(0.05), Unconfirmed, "42 CFR § 510.305, performance years 1 and 2";
            [] 2018 => Number(0.10), Unconfirmed, "42 CFR § 510.305, performance year 3";
            [] 2019 => Number(0.20), Unconfirmed, "42 CFR § 510.305, performance years 4 on";
        }
        /// Most lost, as a share of the aggregate target.
        stop_loss: Share {
            [] 2016 => Number(0.0), Unconfirmed, "42 CFR § 510.305, performance year 1";
            [] 2017 => Number(0.05), Unconfirmed, "42 CFR § 510.305, performance year 2";
            [] 2018 => Number(0.10), Unconfirmed, "42 CFR § 510.305, performance year 3";
            [] 2019 => Number(0.20), Unconfirmed, "42 CFR § 510.305, performance years 4 on";
        }
        /// Most lost by a rural, sole community or Medicare-dependent hospital, as a share of the aggregate target.
        rural_stop_loss: Share {
            [] 2016 => Number(0.0), Unconfirmed, "42 CFR § 510.305, performance year 1";
            [] 2017 => Number(0.03), Unconfirmed, "42 CFR § 510.305, performance year 2";
            [] 2018 => Number(0.05), Unconfirmed, "42 CFR § 510.305, performance years 3 on";
        }
    }
}

keys! {
    /// The terms of a hospital.
    pub(crate) struct CjrKeys "terms.cjr" with [CjrRules::KEYS] {
        PERFORMANCE_YEAR: u16 = read::year("performance_year", (read::ANY_YEAR.0, Cjr::LAST_YEAR), Cjr::PERFORMANCE_YEAR)
            .meaning("the calendar year in which most of the performance year falls, which picks the dated numbers and is 2024 at the latest")
            .more("The defaults of the dated numbers begin in 2016; those without a later default keep their last");
        QUALITY_CATEGORY: QualityCategory = Key::word("quality_category").absent(read::UNLESS_SCORED, "\"good\"")
            .meaning("the quality category, which sets the discount").more("Below acceptable no gain is paid");
        EPISODES: List = episode::key(EpisodeKeys::TABLE);
        RURAL: bool = Key::truth("rural").default(Truth(false))
            .meaning("whether the hospital is rural, sole community or Medicare-dependent, and so loses less");
    }
}

/// The terms of a hospital in a performance year.
#[derive(Clone, Debug, PartialEq)]
pub struct Cjr {
    /// The numbers of its quality category in the performance year.
    pub rules: CjrRules,
    /// The episodes and their prices, before the discount.
    pub episodes: Vec<Episode>,
    /// The discount of each quality category, in the order of their words.
    pub discounts: Vec<Share>,
    /// The quality category.
    pub quality_category: QualityCategory,
    /// Whether the lower limit of losses holds.
    pub rural: bool,
}

/// What a composite quality score comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QualityCategory {
    /// Below acceptable: no gain is paid.
    BelowAcceptable,
    /// Acceptable.
    Acceptable,
    /// Good.
    Good,
    /// Excellent.
    Excellent,
}

impl QualityCategory {
    /// The name that scenario files use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BelowAcceptable => "below_acceptable",
            Self::Acceptable => "acceptable",
            Self::Good => "good",
            Self::Excellent => "excellent",
        }
    }
}

impl Word for QualityCategory {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::BelowAcceptable.name(), Self::BelowAcceptable),
        (Self::Acceptable.name(), Self::Acceptable),
        (Self::Good.name(), Self::Good),
        (Self::Excellent.name(), Self::Excellent),
    ];
}

impl Cjr {
    const PERFORMANCE_YEAR: u16 = 2024;
    const LAST_YEAR: u64 = 2024;

    /// The most that is owed, as a share of the aggregate target.
    pub fn stop_loss(&self) -> Share {
        if self.rural { self.rules.rural_stop_loss } else { self.rules.stop_loss }
    }
}

impl Kind for Cjr {
    const KEY: &'static str = "cjr";
    const KEYS: &'static Table = CjrKeys::TABLE;
    const SUMMARY: &'static str = "Medicare fee-for-service, with hip and knee episodes settled against targets";
    const LISTING: Listing = Listing {
        lan: "3A without losses (2016), 3B",
        settles_on: "episodes of its services and the expenditure on them, each episode up to its `episode_limit`",
        source: "42 CFR part 510; 2016 to 2024",
    };
    const EXAMPLE: &'static str = "{ performance_year = 2023, quality_category = \"good\", episodes = [{ service = \"joint replacement\", price = 24_500, episode_limit = 75_000 }] }";

    fn rules() -> Vec<&'static [Rule]> {
        vec![CjrRules::TABLE]
    }

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = CjrKeys;
        let performance_year = section.read(&Keys::PERFORMANCE_YEAR);
        let category = read::unless_scored(section, &Keys::QUALITY_CATEGORY, known, QualityCategory::Good);
        let name = category.unwrap_or(QualityCategory::Good).name();
        let rules = CjrRules::read(section, performance_year.unwrap_or(Self::PERFORMANCE_YEAR), name);
        let discount = rules.as_ref().map(|rules| rules.discount).unwrap_or_default();
        let read_one = |entry: &Section<'_>| Episode::read(entry, known, Some(discount));
        let episodes = Episode::read_all(section, &Keys::EPISODES, read_one, |episode| &episode.service);
        let rural = section.read(&Keys::RURAL);
        let (year, rules) = (performance_year?, rules?);
        let discounts = QualityCategory::WORDS.iter().map(|&(name, _)| {
            let agreed = section.has("discount").then_some(rules.discount);
            agreed.or_else(|| CjrRules::of(year, name).map(|rules| rules.discount)).unwrap_or(rules.discount)
        });
        let discounts = discounts.collect();
        Some(Self { rules, discounts, episodes: episodes?, quality_category: category?, rural: rural? })
    }
}

impl Settle for Cjr {
    fn lan(&self) -> Lan {
        if self.stop_loss() == Share::ZERO { Lan::Upside } else { Lan::Downside }
    }

    fn services(&self) -> ServiceScope {
        episode::services(self.episodes.iter())
    }

    fn observes(&self) -> Vec<Observation> {
        self.episodes.iter().flat_map(Episode::observes).collect()
    }

    fn scored(&self, composite: &Composite<'_>, settlement: &mut Settlement) -> Option<Scored> {
        let CjrRules { acceptable_from, good_from, excellent_above, .. } = &self.rules;
        settlement.share("acceptable from", AGREED, acceptable_from.value());
        settlement.share("good from", AGREED, good_from.value());
        settlement.share("excellent above", AGREED, excellent_above.value());
        let reaches = |from: &Share| rounding::reaches(composite.value, from.value(), 1.0);
        let category = if rounding::exceeds(composite.value, excellent_above.value(), 1.0) {
            QualityCategory::Excellent
        } else if reaches(good_from) {
            QualityCategory::Good
        } else if reaches(acceptable_from) {
            QualityCategory::Acceptable
        } else {
            QualityCategory::BelowAcceptable
        };
        let discount = self.discounts[category as usize];
        let mut terms = Self { quality_category: category, ..self.clone() };
        terms.rules.discount = discount;
        for episode in &mut terms.episodes {
            episode.discount = discount;
        }
        Some(Scored { terms: Box::new(terms), steps: &[], how: "" })
    }

    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        settlement.rule("42 CFR § 510.305, § 510.315");
        let totals = Episode::totals(&mut settlement, year, &self.episodes);
        let amount = totals.record_difference(&mut settlement);
        let (stop_gain, stop_loss) = (self.rules.stop_gain, self.stop_loss());
        let limited = limited(&mut settlement, amount, "reconciliation amount", totals.target, stop_gain, stop_loss);
        if limited > Dollars::ZERO && self.quality_category == QualityCategory::BelowAcceptable {
            settlement.remark("quality is below acceptable: no gain is paid");
        } else {
            settlement.reconciliation = limited;
        }
        settlement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_units::MemberMonths;

    fn hospital(year: u16, quality_category: QualityCategory, rural: bool) -> Cjr {
        let rules = CjrRules::of(year, quality_category.name()).expect("a year of the table");
        let (price, discount) = (Dollars(20_000.0), rules.discount);
        let episode = Episode { service: "joints".to_owned(), price, discount, episode_limit: None };
        let discounts = QualityCategory::WORDS.iter();
        let discounts = discounts.map(|&(name, _)| CjrRules::of(year, name).expect("a year of the table").discount);
        Cjr { rules, discounts: discounts.collect(), episodes: vec![episode], quality_category, rural }
    }

    fn settled(hospital: &Cjr, spending: f64) -> f64 {
        hospital.settle(&Year::new(MemberMonths(0.0), 0, &[50.0, spending])).reconciliation.0
    }

    #[test]
    fn quality_sets_the_discount() {
        for (category, year, target) in [
            (QualityCategory::Acceptable, 2019, 970_000.0),
            (QualityCategory::Good, 2019, 980_000.0),
            (QualityCategory::Good, 2022, 985_000.0),
            (QualityCategory::Excellent, 2023, 1_000_000.0),
        ] {
            assert!(settled(&hospital(year, category, false), target).abs() < 1e-6, "{category:?} in {year}");
        }
    }

    #[test]
    fn rural_hospitals_lose_less_and_the_first_year_loses_nothing() {
        assert!((settled(&hospital(2019, QualityCategory::Excellent, true), 3e6) + 0.05 * 985_000.0).abs() < 1e-6);
        assert!(settled(&hospital(2016, QualityCategory::Excellent, true), 3e6).abs() < 1e-9);
        assert_eq!(hospital(2016, QualityCategory::Good, false).lan(), Lan::Upside);
    }
}
