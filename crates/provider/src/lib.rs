//! The provider's own books: what a settled year means for its margin and gain.
//!
//! ```text
//! margin = fees that the contract leaves in place + fee adjustment + care-management fees + capitation
//!          + reconciliation + recoveries - premiums - cost of the provider's own care - claims paid to others - administration
//!          - programs
//! gain   = margin - margin of the same year under fee-for-service alone
//! ```
//!
//! Under fee-for-service the gain is zero by definition. Shared savings gain their settlement. Capitation gains
//! `capitation - expenditure at risk + recoveries - premiums` when fees are paid in full, since the provider's own fees for
//! those services are given up and others' claims are paid.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod cash;

pub use cash::{CashCalendar, CashLow};

use std::collections::BTreeMap;

use twosided_contracts::{FeeSchedule, ServicePayment, Settled};
use twosided_population::ServiceScope;
use twosided_units::{Dollars, MemberMonths, Pmpm, Share};

/// A component of the margin. Receipts are positive, payments negative, so that the lines add up to the margin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Line {
    /// Fees for the provider's own services that the contract leaves in place.
    Fees,
    /// Change in those fees by the contract.
    FeeAdjustment,
    /// Paid per member on top of fees.
    CareManagement,
    /// Capitation received.
    Capitation,
    /// Settled after the year, as shared savings or losses.
    Reconciliation,
    /// Stop-loss recoveries.
    Recoveries,
    /// Stop-loss premiums.
    Premiums,
    /// Claims of others for services at the provider's risk.
    ClaimsToOthers,
    /// Cost of delivering the provider's own services.
    CostOfCare,
    /// Cost of taking part in the contract.
    Administration,
    /// Cost of the programs that are run under the contract.
    Programs,
}

impl Line {
    /// All lines, in the order in which they are kept.
    pub const ALL: [Self; 11] = [
        Self::Fees,
        Self::FeeAdjustment,
        Self::CareManagement,
        Self::Capitation,
        Self::Reconciliation,
        Self::Recoveries,
        Self::Premiums,
        Self::ClaimsToOthers,
        Self::CostOfCare,
        Self::Administration,
        Self::Programs,
    ];

    /// The line's name, as the heading of a column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fees => "fee_for_service_revenue",
            Self::FeeAdjustment => "fee_adjustment",
            Self::CareManagement => "care_management_fees",
            Self::Capitation => "capitation",
            Self::Reconciliation => "reconciliation",
            Self::Recoveries => "stop_loss_recoveries",
            Self::Premiums => "stop_loss_premiums",
            Self::ClaimsToOthers => "claims_paid_to_others",
            Self::CostOfCare => "cost_of_own_care",
            Self::Administration => "administration",
            Self::Programs => "programs",
        }
    }
}

/// The lines of one year under one contract, in dollars, in the order of [`Line::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lines(pub [f64; Line::ALL.len()]);

impl Lines {
    /// The margin: the sum of all lines.
    #[inline]
    pub fn margin(&self) -> Dollars {
        Dollars(self.0.iter().sum())
    }

    /// The margin less that of other lines, taken line by line, so that equal lines cancel exactly.
    #[inline]
    pub fn margin_over(&self, others: &Self) -> Dollars {
        Dollars(self.0.iter().zip(others.0).map(|(line, other)| line - other).sum())
    }
}

/// What the provider delivers itself, and at what cost. By default it delivers nothing and has no cost: every line but those of the
/// contract is zero, and capitation pays all claims to others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Provider {
    /// Share of each service's expenditure that is the provider's own billing; zero where not named.
    pub own_share: BTreeMap<String, Share>,
    /// Variable cost of the provider's own services, as a share of their allowed amount; zero where not named.
    pub variable_cost_share: BTreeMap<String, Share>,
    /// Annual cost that does not change with volume.
    pub fixed_cost: Dollars,
    /// How much of an allowed amount becomes revenue.
    pub fees: FeeSchedule,
    /// How volume responds to what one more service pays; not at all where absent.
    pub response: Option<Response>,
}

/// How the volume of services responds to a contract's incentive.
///
/// ```text
/// volume = 1 + elasticity × (incentive - incentive of the data)
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// Relative change in volume from no incentive to the full one of fee-for-service.
    pub elasticity: f64,
    /// The part of a fee for one more service that providers kept when the data were observed: 1 under fee-for-service.
    pub incentive_of_data: Share,
    /// The services that respond.
    pub services: ServiceScope,
}

impl Response {
    /// Volume relative to the data.
    pub fn volume(&self, incentive: Share) -> f64 {
        1.0 + self.elasticity * (incentive.value() - self.incentive_of_data.value())
    }
}

/// One service's year as the books need it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceYear {
    /// Expenditure.
    pub expenditure: Dollars,
    /// The provider's share of it.
    pub own_share: Share,
    /// Variable cost as a share of the provider's own part.
    pub variable_cost_share: Share,
    /// What becomes of the fees for it.
    pub payment: ServicePayment,
}

/// One program's year as the books need it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProgramYear {
    /// What the program costs per member, in dollars of the first year.
    pub cost: Pmpm,
    /// Months that members are enrolled in the segments that it reaches.
    pub exposure: MemberMonths,
}

impl Provider {
    /// The provider's shares of a service.
    pub fn shares(&self, service: &str) -> (Share, Share) {
        let share = |shares: &BTreeMap<String, Share>| shares.get(service).copied().unwrap_or_default();
        (share(&self.own_share), share(&self.variable_cost_share))
    }

    /// The lines of a settled year. The price index is that of the year over the first: the fixed cost and the cost of programs, in
    /// dollars of the first year, follow it.
    pub fn lines(
        &self,
        settled: &Settled,
        services: impl Iterator<Item = ServiceYear>,
        programs: impl Iterator<Item = ProgramYear>,
        price_index: f64,
    ) -> Lines {
        let (mut fees, mut cost, mut to_others) = (Dollars::ZERO, self.fixed_cost * price_index, Dollars::ZERO);
        let programs = programs.map(|program| program.cost * program.exposure).sum::<Dollars>() * price_index;
        for service in services {
            let own = service.expenditure * service.own_share;
            cost += own * service.variable_cost_share;
            match service.payment {
                ServicePayment::Fees => fees += self.fees.revenue(own),
                ServicePayment::InPlaceOfFees => {}
                ServicePayment::AtRisk => to_others += service.expenditure * service.own_share.complement(),
            }
        }
        Lines([
            fees.0,
            settled.settlement.fee_adjustment.0,
            settled.settlement.care_management.0,
            settled.settlement.capitation.0,
            settled.settlement.reconciliation.0,
            settled.stop_loss.recoveries.0,
            -settled.stop_loss.premiums.0,
            -to_others.0,
            -cost.0,
            -settled.administration.0,
            -programs.0,
        ])
    }
}

#[cfg(test)]
mod tests {
    use std::iter;

    use super::*;
    use twosided_contracts::{CoverPayments, Settlement};

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    /// A group that bills 55% of $10m of professional care at 45% variable cost, and none of $30m of inpatient care.
    fn group() -> Provider {
        Provider {
            own_share: BTreeMap::from([("professional".to_owned(), share(0.55))]),
            variable_cost_share: BTreeMap::from([("professional".to_owned(), share(0.45))]),
            fixed_cost: Dollars(1e6),
            fees: FeeSchedule::default(),
            response: None,
        }
    }

    fn year(provider: &Provider, payment: ServicePayment) -> impl Iterator<Item = ServiceYear> {
        [("inpatient", 30e6), ("professional", 10e6)].into_iter().map(move |(service, expenditure)| {
            let (own_share, variable_cost_share) = provider.shares(service);
            ServiceYear { expenditure: Dollars(expenditure), own_share, variable_cost_share, payment }
        })
    }

    #[test]
    fn capitation_gains_what_is_left_of_it_after_expenditure_at_risk() {
        let provider = group();
        let reference =
            provider.lines(&Settled::default(), year(&provider, ServicePayment::Fees), iter::empty(), 1.0).margin();
        // 5.5m of fees, 2.475m variable and 1m fixed cost.
        assert!((reference.0 - 2.025e6).abs() < 1e-6);
        let mut settlement = Settlement::default();
        settlement.capitation = Dollars(42e6);
        let settled = Settled {
            settlement,
            stop_loss: CoverPayments {
                recoveries: Dollars(0.5e6),
                premiums: Dollars(0.2e6),
                ..CoverPayments::default()
            },
            administration: Dollars(0.1e6),
        };
        let lines = provider.lines(&settled, year(&provider, ServicePayment::AtRisk), iter::empty(), 1.0);
        let gain = lines.margin() - reference;
        assert!((gain.0 - (42e6 - 40e6 + 0.5e6 - 0.2e6 - 0.1e6)).abs() < 1e-6);
        assert!((lines.0[Line::ClaimsToOthers as usize] + 34.5e6).abs() < 1e-6);
    }

    #[test]
    fn shared_savings_gain_their_settlement() {
        let provider = group();
        let mut settlement = Settlement::default();
        settlement.reconciliation = Dollars(-3e5);
        let settled = Settled { settlement, ..Settled::default() };
        let fees = || year(&provider, ServicePayment::Fees);
        let margin = |settled| provider.lines(&settled, fees(), iter::empty(), 1.0).margin();
        assert!(((margin(settled) - margin(Settled::default())).0 + 3e5).abs() < 1e-6);
    }

    #[test]
    fn programs_cost_their_months_at_the_prices_of_the_year() {
        let provider = Provider { fixed_cost: Dollars(1e6), ..Provider::default() };
        let programs = [(5.0, 12_000.0), (20.0, 600.0)];
        let programs = programs.map(|(cost, months)| ProgramYear { cost: Pmpm(cost), exposure: MemberMonths(months) });
        let lines = provider.lines(&Settled::default(), iter::empty(), programs.into_iter(), 1.1);
        assert!((lines.0[Line::Programs as usize] + 72_000.0 * 1.1).abs() < 1e-6);
        assert!((lines.margin().0 + 1.1e6 + 72_000.0 * 1.1).abs() < 1e-6);
    }

    #[test]
    fn lines_are_in_the_order_of_their_numbers() {
        for (index, line) in Line::ALL.into_iter().enumerate() {
            assert_eq!(line as usize, index);
        }
    }
}
