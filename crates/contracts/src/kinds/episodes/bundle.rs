//! Commercial bundles: a price for each episode of care, and a share of what episodes cost less or more.

use twosided_form::{Key, List, Literal::Truth, Nested, Section, Table, keys};
use twosided_population::{Observation, ServiceScope};
use twosided_units::{Dollars, Share};

use crate::{
    AGREED, Composite, Kind, Known, Lan, Listing, Scored, Settle, Settlement, Side, Year,
    kinds::episodes::episode::{self, Episode, EpisodeKeys},
    read,
    side::SideKeys,
};

/// Episodes at agreed prices, settled after the year.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// The episodes and their prices.
    pub episodes: Vec<Episode>,
    /// How gains are shared; rates and limits are shares of the aggregate target.
    pub gains: Side,
    /// How losses are shared; none in a one-sided contract.
    pub losses: Option<Side>,
    /// Whether the quality gate is met, without which no gain is paid.
    pub quality_gate_met: bool,
}

keys! {
    /// The terms of commercial bundles.
    pub(crate) struct BundleKeys "terms.bundle" {
        DISCOUNT: Share = episode::DISCOUNT;
        EPISODES: List = episode::key(EpisodeKeys::TABLE);
        GAINS: Nested = Key::table("gains", SideKeys::TABLE).required("{ sharing_rate = 0.5 }")
            .meaning("how gains are shared").more("Rates and limits are shares of the aggregate target");
        LOSSES: Nested = Key::table("losses", SideKeys::TABLE).absent("none: one-sided", "{ sharing_rate = 0.5 }")
            .meaning("how losses are shared");
        QUALITY_GATE_MET: bool = Key::truth("quality_gate_met").default(Truth(true))
            .meaning("whether the quality gate is met, without which no gain is paid");
    }
}

impl Kind for Bundle {
    const KEY: &'static str = "bundle";
    const KEYS: &'static Table = BundleKeys::TABLE;
    const SUMMARY: &'static str = "fee-for-service, with episodes settled against agreed prices";
    const LISTING: Listing = Listing {
        lan: "3A without `losses`, 3B with",
        settles_on: "episodes of its services and the expenditure on them, each episode up to its `episode_limit`",
        source: "a commercial term",
    };
    const EXAMPLE: &'static str = "{ discount = 0.02, episodes = [{ service = \"joint replacement\", price = 26_000, episode_limit = 60_000 }, { service = \"maternity\", price = 14_000 }], gains = { corridor = [{ up_to = 0.02, share = 0 }, { share = 0.5 }], limit = 0.2 }, losses = { sharing_rate = 0.5, limit = 0.1 } }";

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = BundleKeys;
        let discount = section.read(&Keys::DISCOUNT);
        let read_one = |entry: &Section<'_>| Episode::read(entry, known, Some(discount.unwrap_or_default()));
        let episodes = Episode::read_all(section, &Keys::EPISODES, read_one, |episode| &episode.service);
        let gains = section.table(&Keys::GAINS).and_then(Side::read);
        let losses = section.optional_table(&Keys::LOSSES, Side::read);
        let quality_gate_met = read::unless_scored(section, &Keys::QUALITY_GATE_MET, known, true);
        discount?;
        Some(Self { episodes: episodes?, gains: gains?, losses: losses?, quality_gate_met: quality_gate_met? })
    }
}

impl Settle for Bundle {
    fn lan(&self) -> Lan {
        if self.losses.is_some() { Lan::Downside } else { Lan::Upside }
    }

    fn services(&self) -> ServiceScope {
        episode::services(self.episodes.iter())
    }

    fn observes(&self) -> Vec<Observation> {
        self.episodes.iter().flat_map(Episode::observes).collect()
    }

    /// ```text
    /// rate   = (price × episodes - sum of min(cost, episode limit)) / (price × episodes)
    /// shared = sum over bands of share × part of |rate| in band, up to the limit, × price × episodes
    /// ```
    fn scored(&self, composite: &Composite<'_>, settlement: &mut Settlement) -> Option<Scored> {
        settlement.share("composite that the gate asks for", AGREED, composite.gate.value());
        let terms = Self { quality_gate_met: composite.meets_gate(), ..self.clone() };
        Some(Scored { terms: Box::new(terms), steps: &[], how: "" })
    }

    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        let totals = Episode::totals(&mut settlement, year, &self.episodes);
        let amount = totals.record_difference(&mut settlement);
        if totals.target == Dollars::ZERO {
            settlement.remark("there were no episodes");
            return settlement;
        }
        let rate = settlement.share(
            "gain, as a share of target",
            "{reconciliation amount} / {aggregate target}",
            amount / totals.target,
        );
        let side = if rate > 0.0 { Some(&self.gains) } else { self.losses.as_ref() };
        let Some(side) = side else {
            settlement.remark("the contract is one-sided: no loss is owed");
            return settlement;
        };
        if rate > 0.0 && !self.quality_gate_met {
            settlement.remark("the quality gate is not met: no gain is paid");
            return settlement;
        }
        let names = ("share of target", "share of target after limit");
        let Some(part) = side.settle(&mut settlement, ("gain, as a share of target", rate), names.0, names.1) else {
            return settlement;
        };
        settlement.reconciliation =
            settlement.dollars("shared", "{aggregate target} × {share of target after limit}", totals.target * part);
        settlement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Band, Corridor};
    use twosided_units::MemberMonths;

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    fn bundle() -> Bundle {
        let bands = vec![Band { up_to: Some(0.05), share: Share::ZERO }, Band { up_to: None, share: share(0.5) }];
        let corridor = Corridor::new(bands).expect("rising");
        Bundle {
            episodes: vec![Episode {
                service: "joints".to_owned(),
                price: Dollars(25_000.0),
                discount: share(0.2),
                episode_limit: None,
            }],
            gains: Side { minimum_rate: Share::ZERO, corridor, limit: None },
            losses: None,
            quality_gate_met: true,
        }
    }

    fn shared(bundle: &Bundle, episodes: f64, spending: f64) -> f64 {
        bundle.settle(&Year::new(MemberMonths(0.0), 0, &[episodes, spending])).reconciliation.0
    }

    #[test]
    fn the_discount_lowers_the_target_and_a_dead_band_is_not_shared() {
        // A target of $2.0m: 15% saved, of which 10 points beyond the dead band.
        assert!((shared(&bundle(), 100.0, 1.7e6) - 1e5).abs() < 1e-6);
        assert!(shared(&bundle(), 100.0, 1.9e6).abs() < 1e-6);
    }

    #[test]
    fn nothing_is_shared_without_episodes_or_below_the_gate() {
        assert_eq!(shared(&bundle(), 0.0, 5e4), 0.0);
        assert_eq!(shared(&bundle(), 100.0, 9e6), 0.0);
        assert_eq!(shared(&Bundle { quality_gate_met: false, ..bundle() }, 100.0, 1e6), 0.0);
    }
}
