//! Moments of a range of trials, added up along a fixed binary tree over the numbers of trials.

use std::{collections::BTreeMap, ops::Range};

use crate::Moments;

/// The moments of a job's figures over a range of trials.
///
/// A node of the tree covers the trials from `i * 2^k` up to `(i + 1) * 2^k`, and a leaf covers one trial. A range is held as the
/// few nodes that tile it: two halves of a node are merged as soon as both are there, and nothing else is ever merged. So what a
/// node holds depends on its trials alone, and trials may come in any parts and in any order: the bits are the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MomentTree {
    /// Nodes by their first trial.
    nodes: BTreeMap<u64, Node>,
}

#[derive(Clone, Debug, PartialEq)]
struct Node {
    /// A node of level `k` covers `2^k` trials.
    level: u32,
    moments: Vec<Moments>,
}

impl MomentTree {
    /// The tree over a range of trials from its nodes, as [`MomentTree::nodes`] gives them: each with its first trial, how many
    /// trials it covers, and as many moments as `figures`.
    ///
    /// # Errors
    /// What is wrong with the nodes, and what would be right.
    pub fn of_nodes(
        trials: &Range<u64>,
        figures: usize,
        nodes: impl IntoIterator<Item = (Range<u64>, Vec<Moments>)>,
    ) -> Result<Self, String> {
        let mut tree = Self::default();
        let mut next = trials.start;
        for (covered, moments) in nodes {
            let count = covered.end.saturating_sub(covered.start);
            if covered.start != next || !count.is_power_of_two() || !covered.start.is_multiple_of(count) {
                return Err(format!("a node covers the trials {covered:?}; one that begins at {next} must follow"));
            }
            if moments.len() != figures {
                return Err(format!(
                    "the node of the trials {covered:?} has {} figures; it must have {figures}",
                    moments.len()
                ));
            }
            next = covered.end;
            tree.insert(covered.start, Node { level: count.trailing_zeros(), moments });
        }
        if next == trials.end {
            Ok(tree)
        } else {
            Err(format!("its nodes end at trial {next}; they must end at {}", trials.end))
        }
    }

    /// Takes the figures of one trial.
    pub(crate) fn add_trial(&mut self, trial: u64, moments: Vec<Moments>) {
        self.insert(trial, Node { level: 0, moments });
    }

    /// Takes the trials of another, none of which are in this one.
    pub(crate) fn join(&mut self, other: Self) {
        for (first, node) in other.nodes {
            self.insert(first, node);
        }
    }

    /// Adds a node, and merges halves into their whole.
    fn insert(&mut self, mut first: u64, mut node: Node) {
        loop {
            let sibling = first ^ (1 << node.level);
            if self.nodes.get(&sibling).is_none_or(|sibling| sibling.level != node.level) {
                break;
            }
            let sibling_node = self.nodes.remove(&sibling).expect("it was found");
            let (mut left, right) = if sibling < first { (sibling_node, node) } else { (node, sibling_node) };
            add(&mut left.moments, &right.moments);
            first = first.min(sibling);
            node = Node { level: left.level + 1, ..left };
        }
        self.nodes.insert(first, node);
    }

    /// The moments over all trials: those of the nodes, merged in the order of their trials.
    pub(crate) fn total(self) -> Vec<Moments> {
        let merged = self.nodes.into_values().map(|node| node.moments).reduce(|mut total, moments| {
            add(&mut total, &moments);
            total
        });
        merged.unwrap_or_default()
    }

    /// The nodes in the order of their trials: the trials of each, and its moments.
    pub fn nodes(&self) -> impl Iterator<Item = (Range<u64>, &[Moments])> {
        self.nodes.iter().map(|(&first, node)| (first..first + (1 << node.level), &*node.moments))
    }
}

/// Merges the moments of later trials into those of earlier ones.
fn add(earlier: &mut [Moments], later: &[Moments]) {
    for (earlier, later) in earlier.iter_mut().zip(later) {
        *earlier = earlier.merged(*later);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(number: u64) -> Vec<Moments> {
        let mut moments = vec![Moments::default(); 2];
        moments[0].add((1 + number) as f64 / 7.0);
        // A figure that most trials lack.
        if number.is_multiple_of(3) {
            moments[1].add(number as f64 / 3.0);
        }
        moments
    }

    fn tree(trials: impl IntoIterator<Item = u64>) -> MomentTree {
        let mut tree = MomentTree::default();
        for number in trials {
            tree.add_trial(number, trial(number));
        }
        tree
    }

    #[test]
    fn trials_in_any_parts_and_order_come_to_the_same_bits() {
        let whole = tree(0..100);
        assert_eq!(whole, tree((0..100).rev()));
        for cuts in [[1, 2, 3], [8, 16, 64], [37, 41, 99]] {
            let bounds: Vec<u64> = [0].into_iter().chain(cuts).chain([100]).collect();
            let mut joined = MomentTree::default();
            for part in [2, 0, 3, 1] {
                joined.join(tree(bounds[part]..bounds[part + 1]));
            }
            assert_eq!(joined, whole, "{cuts:?}");
        }
    }

    #[test]
    fn a_tree_is_made_of_its_nodes_and_of_no_others() {
        let nodes = |range: Range<u64>| {
            tree(range).nodes().map(|(covered, moments)| (covered, moments.to_vec())).collect::<Vec<_>>()
        };
        let of = |range: Range<u64>, figures, nodes| MomentTree::of_nodes(&range, figures, nodes);
        assert_eq!(of(3..17, 2, nodes(3..17)), Ok(tree(3..17)));
        let refused = |range, figures, nodes| of(range, figures, nodes).expect_err("they do not fit");
        assert_eq!(refused(3..17, 3, nodes(3..17)), "the node of the trials 3..4 has 2 figures; it must have 3");
        assert_eq!(refused(4..17, 2, nodes(3..17)), "a node covers the trials 3..4; one that begins at 4 must follow");
        assert_eq!(refused(3..18, 2, nodes(3..17)), "its nodes end at trial 17; they must end at 18");
        let uneven = vec![(0..3, trial(0))];
        assert_eq!(refused(0..3, 2, uneven), "a node covers the trials 0..3; one that begins at 0 must follow");
    }

    #[test]
    fn a_range_is_held_as_the_nodes_that_tile_it() {
        let ranges = |tree: &MomentTree| tree.nodes().map(|(range, _)| range).collect::<Vec<_>>();
        assert_eq!(ranges(&tree(0..100)), [0..64, 64..96, 96..100]);
        assert_eq!(ranges(&tree(3..17)), [3..4, 4..8, 8..16, 16..17]);
        assert_eq!(tree(0..100).total()[0].count(), 100.0);
        assert_eq!(tree(0..100).total()[1].count(), 34.0);
        assert!((tree(0..100).total()[0].mean() - 50.5 / 7.0).abs() < 1e-12);
    }
}
