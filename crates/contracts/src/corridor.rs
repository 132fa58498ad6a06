//! Corridors: who bears which part of a difference, band by band.

use twosided_form::{Holds, Key, KeySpec, KeyValue, Literal, Range, Section, Value, keys};
use twosided_units::Share;

use crate::Settlement;

/// Most bands of a corridor.
const MOST_BANDS: usize = 50;

keys! {
    /// A band of a corridor.
    pub(crate) struct BandKeys "corridor" {
        UP_TO: f64 = Key::number("up_to", Range::above(0.0, 10.0)).absent("no end; the last band only", "0.05")
            .meaning("where the band ends, as a share of what the corridor is of")
            .more("Above 0 and rising from band to band; past the last end nothing more is kept");
        SHARE: Share = Key::share("share").required("0.5").meaning("the provider's share of what falls into the band");
    }
}

/// Bands of a difference, from nothing up; each has the provider's share of what falls into it.
#[derive(Clone, Debug, PartialEq)]
pub struct Corridor(Vec<Band>);

/// One band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// Where the band ends, as a share of benchmark; without an end, none above it.
    pub up_to: Option<f64>,
    /// The provider's share within it.
    pub share: Share,
}

/// Bands that are no corridor.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum CorridorError {
    /// No band.
    #[error("a corridor has at least one band")]
    Empty,
    /// Ends that do not rise.
    #[error("band {index} ends at {up_to}; ends are shares of benchmark above 0 and rise from band to band")]
    NotRising {
        /// Counted from one.
        index: usize,
        /// Its end.
        up_to: f64,
    },
    /// A band after one without an end.
    #[error("band {index} follows a band without `up_to`, which has no end")]
    AfterLast {
        /// Counted from one.
        index: usize,
    },
}

impl Corridor {
    /// Checks that bands follow each other.
    ///
    /// # Errors
    /// [`CorridorError`].
    pub fn new(bands: Vec<Band>) -> Result<Self, CorridorError> {
        if bands.is_empty() {
            return Err(CorridorError::Empty);
        }
        let mut low = 0.0;
        for (index, band) in (1..).zip(&bands) {
            match band.up_to {
                _ if low == f64::INFINITY => return Err(CorridorError::AfterLast { index }),
                Some(up_to) if up_to > low && up_to.is_finite() => low = up_to,
                Some(up_to) => return Err(CorridorError::NotRising { index, up_to }),
                None => low = f64::INFINITY,
            }
        }
        Ok(Self(bands))
    }

    /// The same bands, the first with another end.
    ///
    /// # Errors
    /// [`CorridorError::NotRising`] where the second band ends at or below it.
    pub fn with_first_end(&self, up_to: f64) -> Result<Self, CorridorError> {
        let mut bands = self.0.clone();
        bands[0].up_to = Some(up_to);
        Self::new(bands)
    }

    /// One share of the whole difference.
    pub fn flat(share: Share) -> Self {
        Self(vec![Band { up_to: None, share }])
    }

    /// Bands of a table of rules.
    pub(crate) fn of_table(bands: &[(f64, f64)]) -> Self {
        let band = |&(up_to, share): &(f64, f64)| Band {
            up_to: (up_to < f64::INFINITY).then_some(up_to),
            share: Share::new(share).expect("a table of rules holds shares"),
        };
        Self::new(bands.iter().map(band).collect()).expect("a table of rules holds rising bands")
    }

    /// What a key holds that is read as a corridor.
    pub(crate) const HOLDS: Holds = Holds::Tables { each: BandKeys::TABLE, most: MOST_BANDS };

    /// A key that holds a corridor.
    pub(crate) const fn key(name: &'static str) -> Key<Self> {
        Key::new(name, Self::HOLDS)
    }

    /// The provider's part of a difference of either sign, band by band from nothing on; nothing beyond the last band.
    pub fn kept(&self, difference: f64) -> f64 {
        let size = difference.abs();
        let mut low = 0.0;
        let mut part = 0.0;
        for band in &self.0 {
            let high = band.up_to.unwrap_or(f64::INFINITY);
            part += (size.min(high) - low).max(0.0) * band.share.value();
            low = high;
        }
        part.copysign(difference)
    }

    /// Takes [`Corridor::kept`] as a step, of the step that holds the difference.
    pub(crate) fn settle(
        &self,
        settlement: &mut Settlement,
        name: &'static str,
        (of, difference): (&'static str, f64),
    ) -> f64 {
        let how = settlement.how(|| self.how(of));
        settlement.share(name, how, self.kept(difference))
    }

    /// What a step says of how [`Corridor::kept`] follows from the step of that name.
    fn how(&self, difference: &str) -> String {
        if let [Band { up_to: None, share }] = self.0[..] {
            return format!("{{{difference}}} × {}", share.value());
        }
        let mut low = 0.0;
        let mut bands = Vec::new();
        for band in &self.0 {
            let high = band.up_to.unwrap_or(f64::INFINITY);
            let part = if high < f64::INFINITY {
                format!("part(abs({{{difference}}}), {low}, {high})")
            } else {
                format!("max(0, abs({{{difference}}}) - {low})")
            };
            bands.push(format!("{} × {part}", band.share.value()));
            low = high;
        }
        format!("sign({{{difference}}}) × ({})", bands.join(" + "))
    }
}

/// Reads an array of bands.
impl KeyValue for Corridor {
    fn of(literal: Literal) -> Self {
        match literal {
            Literal::Bands(bands) => Self::of_table(bands),
            other => unreachable!("a declared default holds bands, not {other}"),
        }
    }

    fn read<'a>(section: &Section<'a>, label: &str, value: Value<'a>, _: &KeySpec) -> Option<Self> {
        let bands = section.tables_of(label, value, (BandKeys::TABLE, MOST_BANDS), |band| {
            Some((band.span.clone(), Band::read(band)?))
        })?;
        let (spans, bands): (Vec<_>, Vec<Band>) = bands.into_iter().unzip();
        let corridor = Self::new(bands);
        if let Err(error) = &corridor {
            let span = match error {
                CorridorError::Empty => value.span(),
                CorridorError::NotRising { index, .. } | CorridorError::AfterLast { index } => spans[index - 1].clone(),
            };
            let help = "write bands from nothing up, as [{ up_to = 0.05, share = 0.5 }, { share = 0.3 }]";
            section.wrong(&span, format!("{}: {error}", section.path_of(label)), help);
        }
        corridor.ok()
    }
}

impl Band {
    fn read(section: Section<'_>) -> Option<Self> {
        let (up_to, share) = (section.optional(&BandKeys::UP_TO), section.read(&BandKeys::SHARE));
        section.finish();
        Some(Self { up_to: up_to?, share: share? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_that_are_no_corridor_are_refused() {
        let band = |up_to| Band { up_to, share: Share::ONE };
        assert_eq!(Corridor::new(vec![]), Err(CorridorError::Empty));
        assert!(matches!(
            Corridor::new(vec![band(Some(0.1)), band(Some(0.1))]),
            Err(CorridorError::NotRising { index: 2, .. })
        ));
        assert_eq!(Corridor::new(vec![band(None), band(Some(0.1))]), Err(CorridorError::AfterLast { index: 2 }));
        assert!(Corridor::new(vec![band(Some(f64::NAN))]).is_err());
    }
}
