//! Groups of segments whose figures are summed: everyone, the people of a payer, those whom a contract covers.

use twosided_population::Segment;

/// Groups of segments. The first is everyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Groups {
    /// Indices of the segments of each group, in the order of their names, in which figures are summed.
    members: Vec<Vec<usize>>,
}

/// The group of everyone.
pub(crate) const EVERYONE: usize = 0;

impl Groups {
    /// Everyone alone.
    pub(crate) fn new(segments: &[Segment]) -> Self {
        let mut everyone: Vec<usize> = (0..segments.len()).collect();
        everyone.sort_by(|&a, &b| segments[a].name.cmp(&segments[b].name));
        Self { members: vec![everyone] }
    }

    /// The group of the segments that are in, added if it is new.
    pub(crate) fn of(&mut self, is_in: impl Fn(usize) -> bool) -> usize {
        let members: Vec<usize> = self.members[EVERYONE].iter().copied().filter(|&index| is_in(index)).collect();
        self.index_of(&members).unwrap_or_else(|| {
            self.members.push(members);
            self.members.len() - 1
        })
    }

    /// The segments of each group, in the order of their names.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &[usize]> {
        self.members.iter().map(Vec::as_slice)
    }

    /// The segments of a group, in the order of their names.
    pub(crate) fn members(&self, group: usize) -> &[usize] {
        &self.members[group]
    }

    /// The index of a group of these segments.
    pub(crate) fn index_of(&self, members: &[usize]) -> Option<usize> {
        self.members.iter().position(|known| known == members)
    }

    /// How many groups there are.
    pub(crate) fn count(&self) -> usize {
        self.members.len()
    }
}
