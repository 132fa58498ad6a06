//! Corridors: who bears which part of a difference, band by band.

use twosided_form::Section;
use twosided_units::Share;

use crate::Settlement;

/// Most bands of one corridor.
const MOST_BANDS: usize = 50;

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

    /// Reads an array of bands; `None` when anything in it is wrong.
    pub(crate) fn read_bands(section: &Section<'_>, key: &'static str) -> Option<Self> {
        let bands = section.each(key, MOST_BANDS, |band| Some((band.span.clone(), Band::read(band)?)))?;
        let (spans, bands): (Vec<_>, Vec<Band>) = bands.into_iter().unzip();
        let corridor = Self::new(bands);
        if let Err(error) = &corridor {
            let span = match error {
                CorridorError::Empty => section.span_of(key),
                CorridorError::NotRising { index, .. } | CorridorError::AfterLast { index } => spans[index - 1].clone(),
            };
            let help = "write bands from nothing up, as [{ up_to = 0.05, share = 0.5 }, { share = 0.3 }]";
            section.wrong(&span, format!("{}: {error}", section.path_of(key)), help);
        }
        corridor.ok()
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

impl Band {
    fn read(section: Section<'_>) -> Option<Self> {
        let up_to = section.or("up_to", None, |section| {
            let help = "up_to is the end of the band as a share of benchmark, as 0.05 for 5%, at most 10";
            Some(Some(section.number_within("up_to", 0.0, 10.0, help)?.value))
        });
        section.require("share", "give the provider's share within the band, as share = 0.5");
        let share = section.share("share");
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
