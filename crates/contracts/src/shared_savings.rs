//! Commercial shared savings: fees as usual, and after the year a share of the difference from a benchmark.

use twosided_population::{Limit, Observation, ServiceScope};
use twosided_units::{Dollars, PerCapita, Share};

use crate::{Lan, Settle, Settlement, Year};

/// Shared savings as payers and providers negotiate them: a gate, a corridor of bands, and a limit on each side.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedSavings {
    /// The target for expenditure.
    pub benchmark: PerCapita,
    /// The services that count.
    pub services: ServiceScope,
    /// Annual cost above which a member's claims do not count.
    pub truncation_point: Option<Dollars>,
    /// How savings are shared.
    pub savings: Side,
    /// How losses are shared; none in a one-sided contract.
    pub losses: Option<Side>,
}

/// One direction of sharing.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// Share of benchmark that the difference must reach before anything is shared; then the corridor counts from the
    /// first dollar.
    pub minimum_rate: Share,
    /// Who bears which part of the difference.
    pub corridor: Corridor,
    /// The most that is shared, as a share of benchmark.
    pub limit: Option<Share>,
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
    #[error("band {place} ends at {up_to}; ends are shares of benchmark above 0 and rise from band to band")]
    NotRising {
        /// Counted from one.
        place: usize,
        /// Its end.
        up_to: f64,
    },
    /// A band after one without an end.
    #[error("band {place} follows a band without `up_to`, which has no end")]
    AfterLast {
        /// Counted from one.
        place: usize,
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
        for (place, band) in (1..).zip(&bands) {
            match band.up_to {
                _ if low == f64::INFINITY => return Err(CorridorError::AfterLast { place }),
                Some(up_to) if up_to > low && up_to.is_finite() => low = up_to,
                Some(up_to) => return Err(CorridorError::NotRising { place, up_to }),
                None => low = f64::INFINITY,
            }
        }
        Ok(Self(bands))
    }

    /// One share of the whole difference.
    pub fn flat(share: Share) -> Self {
        Self(vec![Band { up_to: None, share }])
    }

    /// The provider's part of a difference, as shares of benchmark; nothing beyond the last band.
    fn part_of(&self, difference: f64) -> f64 {
        let mut low = 0.0;
        let mut part = 0.0;
        for band in &self.0 {
            let high = band.up_to.unwrap_or(f64::INFINITY);
            part += (difference.min(high) - low).max(0.0) * band.share.value();
            low = high;
        }
        part
    }
}

impl Settle for SharedSavings {
    const SUMMARY: &'static str = "fee-for-service, with savings, or savings and losses, shared through a corridor";

    fn lan(&self) -> Lan {
        if self.losses.is_some() { Lan::Downside } else { Lan::Upside }
    }

    fn services(&self) -> ServiceScope {
        self.services.clone()
    }

    fn observes(&self) -> Vec<Observation> {
        let limit = self.truncation_point.map_or(Limit::Unlimited, Limit::Amount);
        vec![Observation::Layer { services: self.services.clone(), attachment_point: Dollars::ZERO, limit }]
    }

    /// ```text
    /// difference = |benchmark - expenditure| / benchmark
    /// shared     = difference >= minimum rate ? min(limit, sum over bands of share × part in band) × benchmark : 0
    /// ```
    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::default();
        let benchmark = settlement.dollars("benchmark", self.benchmark * year.exposure.person_years());
        let expenditure = settlement.dollars("expenditure", year.figure(0));
        let savings = settlement.dollars("savings", benchmark - expenditure);
        let rate = settlement.share("savings rate", savings / benchmark);
        let (side, sign) = if rate > 0.0 { (Some(&self.savings), 1.0) } else { (self.losses.as_ref(), -1.0) };
        let Some(side) = side else { return settlement };
        let minimum = settlement.share("minimum rate", side.minimum_rate.value());
        if rate.abs() < minimum {
            return settlement;
        }
        let part = settlement.share("corridor share of benchmark", side.corridor.part_of(rate.abs()));
        let limited = side.limit.map_or(part, |limit| part.min(limit.value()));
        settlement.share("share of benchmark after limit", limited);
        settlement.reconciliation = settlement.dollars("shared", benchmark * (sign * limited));
        settlement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_units::MemberMonths;

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    fn shared(contract: &SharedSavings, expenditure: f64) -> f64 {
        // 1,000 people at $100,000: a benchmark of $100m.
        let year = Year { exposure: MemberMonths(12_000.0), members: 1_000, figures: &[expenditure] };
        contract.settle(&year).reconciliation.0
    }

    fn two_sided() -> SharedSavings {
        let band = |up_to, value| Band { up_to, share: share(value) };
        let corridor = Corridor::new(vec![band(Some(0.02), 0.0), band(Some(0.06), 0.5), band(None, 0.25)]);
        let side = Side { minimum_rate: share(0.0), corridor: corridor.expect("rising"), limit: Some(share(0.03)) };
        SharedSavings {
            benchmark: PerCapita(100_000.0),
            services: ServiceScope::All,
            truncation_point: None,
            savings: side.clone(),
            losses: Some(side),
        }
    }

    #[test]
    fn a_corridor_shares_band_by_band() {
        let contract = two_sided();
        assert!((shared(&contract, 99e6)).abs() < 1e-6, "within the dead band");
        assert!((shared(&contract, 95e6) - 1.5e6).abs() < 1e-6, "half of the three points past the dead band");
        assert!((shared(&contract, 106e6) + 2e6).abs() < 1e-6, "half of four points of loss");
        assert!((shared(&contract, 92e6) - 2.5e6).abs() < 1e-6, "and a quarter of two more");
        assert!((shared(&contract, 60e6) - 3e6).abs() < 1e-6, "no more than the limit");
    }

    #[test]
    fn a_gate_shares_from_the_first_dollar_and_one_side_never_owes() {
        let savings = Side { minimum_rate: share(0.02), corridor: Corridor::flat(share(0.5)), limit: None };
        let contract = SharedSavings { savings, losses: None, ..two_sided() };
        assert!(shared(&contract, 98_000_001.0).abs() < 1e-9);
        assert!((shared(&contract, 98e6) - 1e6).abs() < 1e-6);
        assert!(shared(&contract, 150e6).abs() < 1e-9);
    }

    #[test]
    fn bands_that_are_no_corridor_are_refused() {
        let band = |up_to| Band { up_to, share: Share::ONE };
        assert_eq!(Corridor::new(vec![]), Err(CorridorError::Empty));
        assert!(matches!(
            Corridor::new(vec![band(Some(0.1)), band(Some(0.1))]),
            Err(CorridorError::NotRising { place: 2, .. })
        ));
        assert_eq!(Corridor::new(vec![band(None), band(Some(0.1))]), Err(CorridorError::AfterLast { place: 2 }));
        assert!(Corridor::new(vec![band(Some(f64::NAN))]).is_err());
    }
}
