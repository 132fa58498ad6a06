//! Whose care a contract is about.

use twosided_form::{At, Key, Section};
use twosided_population::Segment;

use crate::Known;

/// The people whose care a contract sees, settles and is paid for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Covered {
    /// Everyone.
    #[default]
    Everyone,
    /// The segments of some payers.
    Payers(Vec<String>),
    /// Some segments, or all tiers of a group.
    Segments(Vec<String>),
}

impl Covered {
    /// Whether the people of a segment are covered.
    pub fn includes(&self, segment: &Segment) -> bool {
        match self {
            Self::Everyone => true,
            Self::Payers(payers) => segment.payer.as_ref().is_some_and(|payer| payers.contains(payer)),
            Self::Segments(names) => names.iter().any(|name| segment.segment_name().is(name)),
        }
    }

    /// Reads the people of a contract: some payers, some segments, or everyone.
    pub(crate) fn read(
        contract: &Section<'_>,
        known: &Known,
        [payers, segments]: [&Key<Vec<At<String>>>; 2],
    ) -> Option<Self> {
        if [payers, segments].map(|key| contract.has(key.name)) == [true, true] {
            let message = format!("{} has both `payers` and `segments`", contract.path);
            contract.wrong(&contract.span_of(segments.name), message, "name payers or segments, not both");
        }
        let payers = names(contract, payers, |named| known.payers.all_of(named, contract, payers));
        let segments = names(contract, segments, |named| known.segments.all_of(named, contract, segments));
        Some(match (payers?, segments?) {
            (Some(payers), None) => Self::Payers(payers),
            (None, Some(segments)) => Self::Segments(segments),
            (None, None) => Self::Everyone,
            (Some(_), Some(_)) => return None,
        })
    }
}

/// A list of names that is not empty; some of none where the key is absent.
#[expect(clippy::option_option, reason = "none where it is wrong; some of none where it is absent")]
fn names(
    contract: &Section<'_>,
    key: &Key<Vec<At<String>>>,
    known: impl FnOnce(Vec<At<String>>) -> Option<Vec<String>>,
) -> Option<Option<Vec<String>>> {
    match contract.optional(key)? {
        None => Some(None),
        Some(named) if named.is_empty() => {
            let message = format!("{} is empty", contract.path_of(key.name));
            contract.wrong(
                &contract.span_of(key.name),
                message,
                "name at least one, or leave the key out for everyone",
            );
            None
        }
        Some(named) => known(named).map(Some),
    }
}
