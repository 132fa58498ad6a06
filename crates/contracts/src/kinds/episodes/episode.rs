//! What contracts for episodes of care have in common: a target price for each episode, and what was spent on them.

use twosided_form::Section;
use twosided_population::{Observation, ServiceScope};
use twosided_units::{Dollars, Share};

use crate::{AGREED, Known, OBSERVED, Settlement, Year, read, step::in_steps};

/// Most kinds of episode of one contract.
pub(crate) const MOST_EPISODES: usize = 200;

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

impl Episode {
    /// Its price, after the discount.
    pub fn target_price(&self) -> Dollars {
        self.price * self.discount.complement()
    }

    /// Reads one entry whose discount is another's business.
    pub(crate) fn read(section: &Section<'_>, known: &Known, discount: Option<Share>) -> Option<Self> {
        let service = read::service(section, "service", known);
        let price = read::dollars(section, "price", "price = 25_000");
        let episode_limit = read_episode_limit(section);
        Some(Self { service: service?, price: price?, discount: discount?, episode_limit: episode_limit? })
    }

    /// Reads the entries of `episodes`, by service whatever their order, so that sums over them do not depend on it; `None` when
    /// anything in them is wrong.
    pub(crate) fn read_all<T>(
        section: &Section<'_>,
        mut read: impl FnMut(&Section<'_>) -> Option<T>,
        service: impl Fn(&T) -> &str,
    ) -> Option<Vec<T>> {
        section.require("episodes", "give at least one, as episodes = [{ service = \"joints\", price = 25_000 }]");
        let mut spans = Vec::new();
        let mut episodes = section.each("episodes", MOST_EPISODES, |entry| {
            let episode = read(&entry);
            spans.push(entry.span_of("service"));
            entry.finish();
            episode
        })?;
        for (index, episode) in episodes.iter().enumerate() {
            let name = in_steps(service(episode));
            if episodes[..index].iter().any(|other| in_steps(service(other)) == name) {
                let message = format!("{}: the service \"{name}\" has two prices", section.path_of("episodes"));
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

    /// The name that its steps begin with; none where they are not told.
    pub(crate) fn told_name(&self, settlement: &Settlement) -> String {
        settlement.if_explained(|| in_steps(&self.service))
    }

    /// Tells its price.
    pub(crate) fn tell_price(&self, settlement: &mut Settlement, name: &str) -> Dollars {
        let target_price = self.target_price();
        if settlement.is_explained() {
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

    /// Tells what its episodes come to at a price that was told.
    pub(crate) fn tell_totals(
        settlement: &mut Settlement,
        year: &Year<'_>,
        index: usize,
        name: &str,
        target_price: Dollars,
    ) -> Totals {
        let episodes = year.count(2 * index);
        let totals = Totals { target: target_price * episodes, spending: year.figure(2 * index + 1) };
        if settlement.is_explained() {
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
            let name = episode.told_name(settlement);
            let target_price = episode.tell_price(settlement, &name);
            sum += Self::tell_totals(settlement, year, index, &name, target_price);
        }
        let names: Vec<String> = if settlement.is_explained() {
            episodes.iter().map(|episode| in_steps(&episode.service)).collect()
        } else {
            Vec::new()
        };
        sum.tell(settlement, &names, &[]);
        sum
    }
}

/// The services of episodes.
pub(crate) fn services<'a>(episodes: impl Iterator<Item = &'a Episode>) -> ServiceScope {
    ServiceScope::only(episodes.map(|episode| episode.service.clone()).collect())
}

/// The limit of what counts of one episode, if given.
#[expect(clippy::option_option, reason = "none where it is wrong; some of none where it is absent")]
pub(crate) fn read_episode_limit(section: &Section<'_>) -> Option<Option<Dollars>> {
    let help = "episode_limit is dollars an episode, from 1 to 1e12";
    section.or("episode_limit", None, |section| {
        section.number_within("episode_limit", 1.0, 1e12, help).map(|at| Some(Dollars(at.value)))
    })
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
    pub(crate) fn tell(&self, settlement: &mut Settlement, names: &[String], forgiven: &[String]) {
        if settlement.is_explained() {
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

    /// Tells the difference.
    pub(crate) fn tell_difference(&self, settlement: &mut Settlement) -> Dollars {
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
        let amount = totals.tell_difference(settlement);
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
    let how = settlement.if_explained(|| {
        format!("clamp({{{name}}}, -{{stop-loss}} × {{aggregate target}}, {{stop-gain}} × {{aggregate target}})")
    });
    settlement.dollars("after limits", how, amount.max(-(target * stop_loss)).min(target * stop_gain))
}
