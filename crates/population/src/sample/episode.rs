//! Episodes: events of one service, each with the events that stem from it, summed one by one.
//!
//! Only where a limit of an episode is observed, or amounts move what follows, are single events known: what each costs, and for those
//! that follow, the number of the event that they follow. A variant has the reference's events, of which those that it avoids cost
//! nothing, and then its own on top; numbers count through both.

use crate::{Observation, Plan, Segment, Utilization, elasticity::Elasticity};

use super::{
    memory::{BlockMemory, EpisodeMemory, Events, People},
    rows::Rows,
    year::SegmentYear,
};

/// What must be known of the single events of a service.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Single {
    /// What each costs.
    pub(super) amounts: bool,
    /// Which event each follows.
    pub(super) stems: bool,
    /// What multiplies their amounts.
    pub(super) elasticity: Option<Elasticity>,
}

/// Episodes that begin with the events of one service, up to a limit.
#[derive(Clone, Debug)]
pub(super) struct Episodes {
    /// The service of their first events.
    anchor: Turn,
    /// The services between it and those that count, and these, each after the one that it follows.
    branches: Vec<Branch>,
    /// The column that observes them.
    column: usize,
    limit: f64,
}

/// A service by its place in the order of drawing.
#[derive(Clone, Copy, Debug)]
struct Turn {
    turn: usize,
    /// Its index among the segment's services.
    index: usize,
}

/// A service that stems from the first events.
#[derive(Clone, Copy, Debug)]
struct Branch {
    of: Turn,
    /// The turn of the service that it follows.
    parent: usize,
    counts: bool,
}

impl Episodes {
    /// The episodes of a plan whose limit needs single events; `order` has the indices of the services in the order of drawing.
    pub(super) fn all(plan: &Plan, segment: &Segment, order: &[usize]) -> Vec<Self> {
        let columns = plan.observations().iter().enumerate();
        let episodes = columns.filter_map(|(column, observation)| match observation {
            Observation::Episodes { anchor, following, limit: Some(limit) } => {
                Self::new(segment, order, (anchor, following), column, limit.0)
            }
            _ => None,
        });
        episodes.collect()
    }

    fn new(
        segment: &Segment,
        order: &[usize],
        (anchor, following): (&str, &[String]),
        column: usize,
        limit: f64,
    ) -> Option<Self> {
        let turn_of = |name: &str| order.iter().position(|&index| segment.services[index].name == name);
        let turn = turn_of(anchor)?;
        let counts = |name: &str| segment.is_of_episode(name, anchor, following);
        // From the last to the first, so that whoever is followed by one of them is known when its turn comes.
        let mut branches: Vec<Branch> = Vec::new();
        for (turn, &index) in order.iter().enumerate().skip(turn + 1).rev() {
            let service = &segment.services[index];
            let Utilization::Following { after, .. } = &service.utilization else { continue };
            let leads = branches.iter().any(|branch| branch.parent == turn);
            if counts(&service.name) || leads {
                let parent = turn_of(after).expect("the order is checked");
                branches.push(Branch { of: Turn { turn, index }, parent, counts: counts(&service.name) });
            }
        }
        branches.reverse();
        let anchor = Turn { turn, index: order[turn] };
        (!branches.is_empty()).then_some(Self { anchor, branches, column, limit })
    }

    /// What must be known of the single events of the service at a turn.
    pub(super) fn single(episodes: &[Self], segment: &Segment, order: &[usize], turn: usize) -> Single {
        let elasticity_of = |index| Elasticity::of(&segment.services, index);
        let name = &segment.services[order[turn]].name;
        let moves = |index: usize| {
            matches!(&segment.services[index].utilization, Utilization::Following { after, .. } if after == name)
                && elasticity_of(index).is_some()
        };
        let elasticity = elasticity_of(order[turn]);
        let branches =
            || episodes.iter().flat_map(|episodes| &episodes.branches).filter(|branch| branch.of.turn == turn);
        Single {
            amounts: episodes.iter().any(|episodes| episodes.anchor.turn == turn)
                || branches().any(|branch| branch.counts)
                || order.iter().any(|&index| moves(index)),
            stems: elasticity.is_some() || branches().next().is_some(),
            elasticity,
        }
    }

    /// Adds the episodes of a block, once all its services are drawn.
    pub(super) fn sum(&self, year: &SegmentYear<'_>, memory: &mut BlockMemory, rows: &mut Rows<'_>) {
        let BlockMemory { people, events, episodes, .. } = memory;
        let of_reference = self.total(None, year, people, events, episodes);
        rows.of(0, year.year)[self.column] += of_reference;
        for &variant in year.changed {
            let of_variant = self.total(Some(variant), year, people, events, episodes);
            rows.of(variant, year.year)[self.column] += of_variant - of_reference;
        }
    }

    /// What a block's episodes count, in the reference or under a variant.
    fn total(
        &self,
        variant: Option<usize>,
        year: &SegmentYear<'_>,
        people: &People,
        events: &[Events],
        EpisodeMemory { sums, roots }: &mut EpisodeMemory,
    ) -> f64 {
        roots.resize_with(roots.len().max(events.len()), Vec::new);
        let factor = |of: Turn| year.factors[of.index] * variant.map_or(1.0, |variant| year.prices[variant][of.index]);
        let first = &events[self.anchor.turn];
        sums.clear();
        sums.extend(first.amounts_of(variant).iter().map(|amount| amount * factor(self.anchor)));
        roots[self.anchor.turn].clear();
        roots[self.anchor.turn].extend(0..sums.len() as u32);
        for &Branch { of, parent, counts } in &self.branches {
            let events = &events[of.turn];
            let mut own = std::mem::take(&mut roots[of.turn]);
            own.clear();
            let root = |stem: &u32| roots[parent][*stem as usize];
            for (stem, &count) in events.stems.iter().zip(&events.counts) {
                own.extend(std::iter::repeat_n(root(stem), count as usize));
            }
            if let Some(varied) = events.changed(variant) {
                own.extend(varied.extra_stems.iter().map(root));
            }
            if counts {
                let factor = factor(of);
                for (&root, amount) in own.iter().zip(events.amounts_of(variant)) {
                    sums[root as usize] += amount * factor;
                }
            }
            roots[of.turn] = own;
        }
        if !people.weight.is_empty() {
            let extra = first.changed(variant).map_or(&[][..], |varied| &varied.extra);
            let on_top = extra.iter().flat_map(|&(position, count)| std::iter::repeat_n(position, count as usize));
            for (sum, position) in sums.iter_mut().zip(first.each.iter().copied().chain(on_top)) {
                *sum *= people.weight[position as usize];
            }
        }
        let limit = self.limit * year.price_index;
        sums.iter().map(|sum| sum.min(limit)).sum()
    }

    /// Adds what deaths cost of the services that count, each as an episode of its own; `parts` says how much of the costs each turn takes.
    pub(super) fn add_deaths(
        &self,
        costs: &[f64],
        parts: &[(usize, f64)],
        year: &SegmentYear<'_>,
        rows: &mut Rows<'_>,
    ) {
        let counted = self.branches.iter().filter(|branch| branch.counts).map(|branch| branch.of);
        let counted = std::iter::once(self.anchor).chain(counted);
        let part = |of: Turn| parts.iter().find(|(turn, _)| *turn == of.turn).map_or(0.0, |(_, part)| *part);
        let factor: f64 = counted.map(|of| part(of) * year.factors[of.index]).sum();
        let limit = self.limit * year.price_index;
        rows.of(0, year.year)[self.column] += costs.iter().map(|cost| (cost * factor).min(limit)).sum::<f64>();
    }
}
