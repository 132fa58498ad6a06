//! The median of other hospitals' ratios: a value, or a law from which each year draws.

use twosided_form::{Holds, KeySpec, KeyValue, Literal, Range, Section, Value};

/// The median of the ratio among a hospital's peers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeerMedian {
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation; zero where it is known.
    pub sd: f64,
}

impl PeerMedian {
    /// What a file can hold.
    pub const HOLDS: Holds = Holds::Either(&[Holds::Number(RATIOS), Holds::Numbers(RATIOS)]);

    /// Its value at a normal score.
    pub fn of(&self, score: f64) -> f64 {
        (self.mean + self.sd * score).max(0.0)
    }
}

const RATIOS: Range = Range::of(0.0, 100.0);

impl KeyValue for PeerMedian {
    fn of(literal: Literal) -> Self {
        unreachable!("a median has no default, and {literal} is none")
    }

    fn read<'a>(section: &Section<'a>, label: &str, value: Value<'a>, key: &KeySpec) -> Option<Self> {
        if value.get_ref().as_array().is_none() {
            let number = KeySpec { holds: Holds::Number(RATIOS), ..*key };
            return f64::read(section, label, value, &number).map(|mean| Self { mean, sd: 0.0 });
        }
        let numbers = KeySpec { holds: Holds::Numbers(RATIOS), ..*key };
        match Vec::<f64>::read(section, label, value, &numbers)?[..] {
            [mean, sd] => Some(Self { mean, sd }),
            ref other => {
                let message = format!("{} has {} numbers", section.path_of(label), other.len());
                section.wrong(&value.span(), message, "write the median, or [mean, standard deviation]");
                None
            }
        }
    }
}
