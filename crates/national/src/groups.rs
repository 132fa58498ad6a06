//! ACOs by track and by size.

use twosided_contracts::Track;

use crate::Member;

/// Some of the ACOs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they have in common.
    pub name: String,
    /// Their indices.
    pub members: Vec<usize>,
}

/// Fewest assigned beneficiaries of each band of size, and its name; the smallest band first.
const BANDS: [(u64, &str); 5] = [
    (0, "fewer than 10,000"),
    (10_000, "10,000 to 19,999"),
    (20_000, "20,000 to 49,999"),
    (50_000, "50,000 to 99,999"),
    (100_000, "100,000 and more"),
];

/// ACOs by the track that they signed, in the order of [`Track::NAMES`]; tracks without an ACO are left out.
pub fn by_track(members: &[Member]) -> Vec<Group> {
    let tracks = Track::NAMES
        .iter()
        .map(|&(_, track)| (track.title().to_owned(), indices(members, |member| member.aco.terms.track == track)));
    groups(tracks)
}

/// ACOs by their assigned beneficiaries; bands without an ACO are left out.
pub fn by_size(members: &[Member]) -> Vec<Group> {
    let band = |people: u64| BANDS.iter().rposition(|&(fewest, _)| people >= fewest);
    let bands = BANDS.iter().enumerate().map(|(index, &(_, name))| {
        let is_of_it = |member: &Member| band(member.aco.totals.assigned_beneficiaries) == Some(index);
        (name.to_owned(), indices(members, is_of_it))
    });
    groups(bands)
}

fn indices(members: &[Member], is_of_it: impl Fn(&Member) -> bool) -> Vec<usize> {
    (0..members.len()).filter(|&index| is_of_it(&members[index])).collect()
}

fn groups(named: impl Iterator<Item = (String, Vec<usize>)>) -> Vec<Group> {
    named.filter(|(_, members)| !members.is_empty()).map(|(name, members)| Group { name, members }).collect()
}
