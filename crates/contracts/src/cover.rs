//! Stop-loss covers: what another carrier pays when claims run high, for a premium.

use twosided_population::{Limit, Observation, ServiceScope};
use twosided_units::{Dollars, MemberMonths, Pmpm, Share};

use crate::{Settlement, Year};

/// The covers around an arrangement.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Covers {
    /// Per member.
    pub specific: Option<SpecificStopLoss>,
    /// Per year, on what the specific cover leaves.
    pub aggregate: Option<AggregateStopLoss>,
}

/// Specific stop-loss: pays a share of each member's annual claims above an attachment point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpecificStopLoss {
    /// Annual claims of a member at which the cover starts.
    pub attachment_point: Dollars,
    /// The share it pays, above zero.
    pub coinsurance: Share,
    /// The most it pays for one member.
    pub limit: Option<Dollars>,
    /// What the provider keeps of the year's recoveries before the cover pays (aggregating specific deductible).
    pub aggregating_deductible: Dollars,
    /// What it costs.
    pub premium: Pmpm,
}

/// Aggregate stop-loss: pays a share of the year's claims above a ratio of those expected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AggregateStopLoss {
    /// Claims expected, net of specific recoveries.
    pub expected: Pmpm,
    /// Ratio to expected claims at which the cover starts, as 1.1.
    pub attachment_ratio: f64,
    /// The share it pays.
    pub coinsurance: Share,
    /// The most it pays in a year.
    pub limit: Option<Dollars>,
    /// What it costs.
    pub premium: Pmpm,
}

impl SpecificStopLoss {
    /// The layer of each member's claims that the cover shares.
    pub fn layer(&self, services: ServiceScope) -> Observation {
        let limit = self.limit.map_or(Limit::Unlimited, |limit| {
            Limit::Amount(self.attachment_point + limit * (1.0 / self.coinsurance.value()))
        });
        Observation::Layer { services, attachment_point: self.attachment_point, limit }
    }

    /// What the cover pays, given the layer's claims.
    ///
    /// ```text
    /// gross = sum over members of min(limit, coinsurance × max(0, claims - attachment point))
    /// net   = max(0, gross - aggregating deductible)
    /// ```
    pub fn recovery(&self, claims_in_layer: Dollars) -> Dollars {
        (claims_in_layer * self.coinsurance - self.aggregating_deductible).max(Dollars::ZERO)
    }
}

impl AggregateStopLoss {
    /// What the cover pays, given claims net of specific recoveries.
    ///
    /// ```text
    /// recovery = min(limit, coinsurance × max(0, net claims - ratio × expected))
    /// ```
    pub fn recovery(&self, net_claims: Dollars, exposure: MemberMonths) -> Dollars {
        let attachment_point = self.expected * exposure * self.attachment_ratio;
        let recovery = (net_claims - attachment_point).max(Dollars::ZERO) * self.coinsurance;
        self.limit.map_or(recovery, |limit| recovery.min(limit))
    }
}

impl Covers {
    /// What the covers must see: the specific layer, then the total that the aggregate cover counts.
    pub(crate) fn observes(&self, services: &ServiceScope) -> Vec<Observation> {
        let specific = self.specific.map(|specific| specific.layer(services.clone()));
        specific.into_iter().chain(self.aggregate.map(|_| Observation::total(services.clone()))).collect()
    }

    /// Recoveries and premiums of a year, specific before aggregate.
    pub(crate) fn settle(&self, year: &Year<'_>, settlement: &mut Settlement) -> (Dollars, Dollars) {
        let mut figures = year.figures.iter().copied().map(Dollars);
        let mut figure = || figures.next().expect("covers observe one figure each");
        let mut recoveries = Dollars::ZERO;
        if let Some(specific) = &self.specific {
            recoveries += settlement.dollars("specific stop-loss recovery", specific.recovery(figure()));
        }
        if let Some(aggregate) = &self.aggregate {
            let net_claims = settlement.dollars("claims net of specific recoveries", figure() - recoveries);
            recoveries +=
                settlement.dollars("aggregate stop-loss recovery", aggregate.recovery(net_claims, year.exposure));
        }
        let premiums = [self.specific.map(|cover| cover.premium), self.aggregate.map(|cover| cover.premium)];
        let premiums: Dollars = premiums.into_iter().flatten().map(|premium| premium * year.exposure).sum();
        if self.specific.is_some() || self.aggregate.is_some() {
            settlement.dollars("stop-loss premiums", -premiums);
        }
        (recoveries, premiums)
    }
}
