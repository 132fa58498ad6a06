//! What contracts for episodes of care have in common: a target price for each episode, and what was spent on them.

use twosided_form::{Key, List, Literal::Number, Range, Section, Table, Unit, keys};
use twosided_population::{Observation, ServiceScope};
use twosided_units::{Dollars, Share};

use crate::{AGREED, Known, OBSERVED, Settlement, Year, read, step::in_steps};

/// Most kinds of episode of one contract.
const MOST_EPISODES: usize = 200;

/// One kind of episode: the events of a service, each at a price.
#[derive(Clone, Debug, PartialEq)]
pub struct Episode {
    /// The service of which an event is an episode.
    pub service: String,
    /// Its price, before the discount.
    pub price: Dollars,
    /// The payer's part of the price.
    pub discount: Share,
    /// The most that counts of what is spent on one episode.
    pub episode_limit: Option<Dollars>,
}

keys! {
    /// One kind of episode.
    pub(crate) struct EpisodeKeys "episodes" {
        SERVICE: String = SERVICE;
        PRICE: Dollars = read::amount("price", Unit::PER_EPISODE).required("25_000")
            .meaning("the price of an episode, before the discount");
        EPISODE_LIMIT: Dollars = EPISODE_LIMIT;
    }
}

/// The key of the service of an entry.
pub(crate) const SERVICE: Key<String> = read::SERVICE.meaning("the service of which an event is an episode");

/// The key of a discount that all prices have.
pub(crate) const DISCOUNT: Key<Share> =
    Key::share("discount").default(Number(0.0)).meaning("the payer's part of every price");

/// The key of the composite quality score of a model of Medicare.
pub(crate) const COMPOSITE_QUALITY_SCORE: Key<f64> = Key::number("composite_quality_score", Range::of(0.0, 100.0))
    .absent(read::UNLESS_SCORED, "70")
    .meaning("the composite quality score");

/// The key of the limit of what counts of one episode.
pub(crate) const EPISODE_LIMIT: Key<Dollars> = Key::quantity("episode_limit", Unit::PER_EPISODE, Range::of(1.0, 1e12))
    .absent("none", "60_000")
    .meaning("the most that counts of what is spent on one episode")
    .more("What a death costs of the service counts as one more");

/// The key of the kinds of episode, each of which has the keys of a table.
pub(crate) const fn key(each: &'static Table) -> Key<List> {
    Key::tables("episodes", each, MOST_EPISODES)
        .required("[{ service = \"joints\", price = 25_000 }]")
        .ask("give at least one, as episodes = [{ service = \"joints\", price = 25_000 }]")
        .meaning("the kinds of episode")
        .more("Each `service` stands once")
}

impl Episode {
    /// Its price, after the discount.
    pub fn target_price(&self) -> Dollars {
        self.price * self.discount.complement()
    }

    /// Reads one entry whose discount is another's business.
    pub(crate) fn read(section: &Section<'_>, known: &Known, discount: Option<Share>) -> Option<Self> {
        type Keys = EpisodeKeys;
        let service = read::known_service(section, &Keys::SERVICE, known);
        let price = section.read(&Keys::PRICE);
        let episode_limit = section.optional(&Keys::EPISODE_LIMIT);
        Some(Self { service: service?, price: price?, discount: discount?, episode_limit: episode_limit? })
    }

    /// Reads the entries of `episodes`, by service whatever their order, so that sums over them do not depend on it; `None` when
    /// anything in them is wrong.
    pub(crate) fn read_all<T>(
        section: &Section<'_>,
        key: &Key<List>,
        mut read: impl FnMut(&Section<'_>) -> Option<T>,
        service: impl Fn(&T) -> &str,
    ) -> Option<Vec<T>> {
        let mut spans = Vec::new();
        let mut episodes = section.tables(key, |entry| {
            let episode = read(&entry);
            spans.push(entry.span_of(SERVICE.name));
            entry.finish();
            episode
        })?;
        for (index, episode) in episodes.iter().enumerate() {
            let name = in_steps(service(episode));
            if episodes[..index].iter().any(|other| in_steps(service(other)) == name) {
                let message = format!("{}: the service \"{name}\" has two prices", section.path_of(key.name));
                section.wrong(&spans[index], message, "keep one entry for a service");
                return None;
            }
        }
        episodes.sort_by(|one, other| service(one).cmp(service(other)));
        Some(episodes)
    }

    /// What it must see of a year: episodes, and what was spent on them.
    pub(crate) fn observes(&self) -> [Observation; 2] {
        let service = self.service.clone();
        let spending = match self.episode_limit {
            Some(limit) => Observation::CappedExpenditure { service: service.clone(), limit },
            None => Observation::Expenditure { service: service.clone() },
        };
        [Observation::Count { service }, spending]
    }

    /// The name that its steps begin with; empty where steps are not recorded.
    pub(crate) fn step_name(&self, settlement: &Settlement) -> String {
        settlement.how(|| in_steps(&self.service))
    }

    /// Records its price.
    pub(crate) fn record_price(&self, settlement: &mut Settlement, name: &str) -> Dollars {
        let target_price = self.target_price();
        if settlement.records_steps() {
            if self.discount == Share::ZERO {
                settlement.dollars(format!("{name}: target price"), AGREED, target_price);
            } else {
                settlement.dollars(format!("{name}: price"), AGREED, self.price);
                settlement.share(format!("{name}: discount"), AGREED, self.discount.value());
                let how = format!("{{{name}: price}} × (1 - {{{name}: discount}})");
                settlement.dollars(format!("{name}: target price"), how, target_price);
            }
        }
        target_price
    }

    /// Records what its episodes come to at a price that was recorded.
    pub(crate) fn record_totals(
        settlement: &mut Settlement,
        year: &Year<'_>,
        index: usize,
        name: &str,
        target_price: Dollars,
    ) -> Totals {
        let episodes = year.count(2 * index);
        let totals = Totals { target: target_price * episodes, spending: year.figure(2 * index + 1) };
        if settlement.records_steps() {
            settlement.number(format!("{name}: episodes"), OBSERVED, episodes);
            let how = format!("{{{name}: target price}} × {{{name}: episodes}}");
            settlement.dollars(format!("{name}: target"), how, totals.target);
            settlement.dollars(format!("{name}: spending"), OBSERVED, totals.spending);
        }
        totals
    }

    /// What all episodes of a contract come to.
    pub(crate) fn totals(settlement: &mut Settlement, year: &Year<'_>, episodes: &[Self]) -> Totals {
        let mut sum = Totals::default();
        for (index, episode) in episodes.iter().enumerate() {
            let name = episode.step_name(settlement);
            let target_price = episode.record_price(settlement, &name);
            sum += Self::record_totals(settlement, year, index, &name, target_price);
        }
        let names: Vec<String> = if settlement.records_steps() {
            episodes.iter().map(|episode| in_steps(&episode.service)).collect()
        } else {
            Vec::new()
        };
        sum.record(settlement, &names, &[]);
        sum
    }
}

/// The services of episodes.
pub(crate) fn services<'a>(episodes: impl Iterator<Item = &'a Episode>) -> ServiceScope {
    ServiceScope::only(episodes.map(|episode| episode.service.clone()).collect())
}

/// The targets of episodes, and what was spent on them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Totals {
    pub(crate) target: Dollars,
    pub(crate) spending: Dollars,
}

impl std::ops::AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.target += other.target;
        self.spending += other.spending;
    }
}

impl Totals {
    /// Tells the sums over the services of those names; of some, no more spending counts than their target.
    pub(crate) fn record(&self, settlement: &mut Settlement, names: &[String], forgiven: &[String]) {
        if settlement.records_steps() {
            let sum = |of_forgiven: &str, of_others: &str| {
                let terms = names.iter().map(|name| {
                    let what = if forgiven.contains(name) { of_forgiven } else { of_others };
                    format!("{{{name}: {what}}}")
                });
                let terms: Vec<String> = terms.collect();
                if terms.is_empty() { "0".to_owned() } else { terms.join(" + ") }
            };
            settlement.dollars("aggregate target", sum("target", "target"), self.target);
            settlement.dollars("aggregate spending", sum("target", "spending"), self.spending);
        }
    }

    /// Records the difference.
    pub(crate) fn record_difference(&self, settlement: &mut Settlement) -> Dollars {
        settlement.dollars(
            "reconciliation amount",
            "{aggregate target} - {aggregate spending}",
            self.target - self.spending,
        )
    }
}

/// What quality and limits make of a reconciliation amount.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct QualityAndLimits {
    /// Composite quality score, from 0 to 100.
    pub(crate) score: f64,
    /// Most of a gain that quality removes.
    pub(crate) gain_adjustment: Share,
    /// Most of a loss that quality forgives.
    pub(crate) loss_adjustment: Share,
    /// Most gained, as a share of the aggregate target.
    pub(crate) stop_gain: Share,
    /// Most lost, as a share of the aggregate target.
    pub(crate) stop_loss: Share,
}

impl QualityAndLimits {
    /// ```text
    /// gain: less (1 - score/100) × the most that quality removes
    /// loss: less score/100 × the most that quality forgives
    /// then within -stop-loss and stop-gain × aggregate target
    /// ```
    pub(crate) fn settle(&self, settlement: &mut Settlement, totals: &Totals) -> Dollars {
        let amount = totals.record_difference(settlement);
        settlement.number("composite quality score", AGREED, self.score);
        let adjustment = if amount >= Dollars::ZERO {
            settlement.share("most removed for quality", AGREED, self.gain_adjustment.value());
            settlement.dollars(
                "quality adjustment",
                "{reconciliation amount} × {most removed for quality} × (1 - {composite quality score} / 100)",
                amount * (self.gain_adjustment.value() * (1.0 - self.score / 100.0)),
            )
        } else {
            settlement.share("most forgiven for quality", AGREED, self.loss_adjustment.value());
            settlement.dollars(
                "quality adjustment",
                "{reconciliation amount} × {most forgiven for quality} × {composite quality score} / 100",
                amount * (self.loss_adjustment.value() * self.score / 100.0),
            )
        };
        let adjusted = settlement.dollars(
            "quality-adjusted amount",
            "{reconciliation amount} - {quality adjustment}",
            amount - adjustment,
        );
        limited(settlement, adjusted, "quality-adjusted amount", totals.target, self.stop_gain, self.stop_loss)
    }
}

/// An amount within the limits, which are shares of the aggregate target.
pub(crate) fn limited(
    settlement: &mut Settlement,
    amount: Dollars,
    name: &'static str,
    target: Dollars,
    stop_gain: Share,
    stop_loss: Share,
) -> Dollars {
    settlement.share("stop-gain", AGREED, stop_gain.value());
    settlement.share("stop-loss", AGREED, stop_loss.value());
    let how = settlement.how(|| {
        format!("clamp({{{name}}}, -{{stop-loss}} × {{aggregate target}}, {{stop-gain}} × {{aggregate target}})")
    });
    settlement.dollars("after limits", how, amount.max(-(target * stop_loss)).min(target * stop_gain))
}
