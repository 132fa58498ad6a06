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

mod capital;
mod cash;
mod overhead;
mod payer;
mod surplus;

pub use capital::{ActionLevel, RiskBasedCapital, reserve_needed};
pub use cash::{CashCalendar, CashLow, CashYear, Financed, Financing, Flows, HeldYear, days_of_cash};
pub use overhead::{Administration, Capacity, Investment, Step};
pub use payer::{Denials, Payer, PayerKind};
pub use surplus::{Division, Part, Participant, Quality, Sharing};

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
    /// How much of an allowed amount becomes revenue, where the payer does not say.
    pub fees: FeeSchedule,
    /// Who pays for care; none where payers are not distinguished.
    pub payers: Vec<Payer>,
    /// The growth of the provider's costs a year, as a factor; that of prices where absent.
    pub cost_trend: Option<f64>,
    /// Costs that rise in steps.
    pub steps: Vec<Step>,
    /// Money that is spent once.
    pub investments: Vec<Investment>,
    /// What taking part in contracts costs besides what each states.
    pub administration: Administration,
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

/// One service's year of some people as the books need it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceYear<'a> {
    /// Expenditure.
    pub expenditure: Dollars,
    /// The provider's share of it.
    pub own_share: Share,
    /// Variable cost as a share of the provider's own part.
    pub variable_cost_share: Share,
    /// What becomes of the fees for it.
    pub payment: ServicePayment,
    /// Who pays for it.
    pub payer: &'a Payer,
}

/// One program's year as the books need it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProgramYear {
    /// What the program costs per member, in dollars of the first year.
    pub cost: Pmpm,
    /// Months that members are enrolled in the segments that it reaches.
    pub exposure: MemberMonths,
}

/// What a year is like for the books.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BooksYear {
    /// Prices of the year over those of the first: the cost of programs, in dollars of the first year, follows them.
    pub price_index: f64,
    /// The provider's costs over those of the first year, at the same volume: its fixed cost and its steps follow them.
    pub cost_index: f64,
    /// Costs that volume does not move one by one besides the fixed cost: steps, in dollars of the first year.
    pub steps: Dollars,
    /// The part of investments that is a cost of the year, in dollars of the day.
    pub investments: Dollars,
}

impl ServiceYear<'_> {
    /// The provider's own part of the expenditure.
    pub fn own(&self) -> Dollars {
        self.expenditure * self.own_share
    }

    /// What others bill.
    pub fn of_others(&self) -> Dollars {
        self.expenditure * self.own_share.complement()
    }

    /// What the provider's own part brings in fees.
    pub fn revenue(&self) -> Dollars {
        self.payer.revenue(self.own())
    }
}

impl Provider {
    /// Whether it has fees or costs of its own, so that a margin says more than a gain.
    pub fn has_books(&self) -> bool {
        let has_fees = self.own_share.values().any(|share| share.value() > 0.0);
        has_fees || self.fixed_cost.0 != 0.0 || !self.steps.is_empty() || !self.investments.is_empty()
    }

    /// The provider's shares of a service.
    pub fn shares(&self, service: &str) -> (Share, Share) {
        let share = |shares: &BTreeMap<String, Share>| shares.get(service).copied().unwrap_or_default();
        (share(&self.own_share), share(&self.variable_cost_share))
    }

    /// The provider's costs in a year, counted from 0, over those of the first; prices are those of the year over those of the first.
    pub fn cost_index(&self, year: u32, price_index: f64) -> f64 {
        self.cost_trend.map_or(price_index, |trend| libm::pow(trend, f64::from(year)))
    }

    /// The lines of a settled year.
    pub fn lines<'a>(
        &self,
        settled: &Settled,
        services: impl Iterator<Item = ServiceYear<'a>>,
        programs: impl Iterator<Item = ProgramYear>,
        year: &BooksYear,
    ) -> Lines {
        let BooksYear { price_index, cost_index, steps, investments } = *year;
        let (mut fees, mut to_others) = (Dollars::ZERO, Dollars::ZERO);
        let mut cost = (self.fixed_cost + steps) * cost_index + investments;
        // Expenditure is at prices of the year, and costs have a trend of their own.
        let of_prices = cost_index / price_index;
        let programs = programs.map(|program| program.cost * program.exposure).sum::<Dollars>() * price_index;
        for service in services {
            let own = service.own();
            cost += own * service.variable_cost_share * of_prices;
            match service.payment {
                ServicePayment::Fees => {
                    fees += service.payer.revenue(own);
                    cost += service.payer.denials.rework(own);
                }
                ServicePayment::InPlaceOfFees => {}
                ServicePayment::AtRisk => to_others += service.of_others(),
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
            ..Provider::default()
        }
    }

    /// A year at these prices over those of the first.
    fn at_prices(price_index: f64) -> BooksYear {
        BooksYear { price_index, cost_index: price_index, steps: Dollars::ZERO, investments: Dollars::ZERO }
    }

    fn year<'a>(provider: &Provider, payment: ServicePayment, payer: &'a Payer) -> Vec<ServiceYear<'a>> {
        let services = [("inpatient", 30e6), ("professional", 10e6)].into_iter().map(|(service, expenditure)| {
            let (own_share, variable_cost_share) = provider.shares(service);
            ServiceYear { expenditure: Dollars(expenditure), own_share, variable_cost_share, payment, payer }
        });
        services.collect()
    }

    #[test]
    fn capitation_gains_what_is_left_of_it_after_expenditure_at_risk() {
        let (provider, payer) = (group(), Payer::not_stated(FeeSchedule::default()));
        let fees = year(&provider, ServicePayment::Fees, &payer).into_iter();
        let reference = provider.lines(&Settled::default(), fees, iter::empty(), &at_prices(1.0)).margin();
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
        let at_risk = year(&provider, ServicePayment::AtRisk, &payer).into_iter();
        let lines = provider.lines(&settled, at_risk, iter::empty(), &at_prices(1.0));
        let gain = lines.margin() - reference;
        assert!((gain.0 - (42e6 - 40e6 + 0.5e6 - 0.2e6 - 0.1e6)).abs() < 1e-6);
        assert!((lines.0[Line::ClaimsToOthers as usize] + 34.5e6).abs() < 1e-6);
    }

    #[test]
    fn shared_savings_gain_their_settlement() {
        let (provider, payer) = (group(), Payer::not_stated(FeeSchedule::default()));
        let mut settlement = Settlement::default();
        settlement.reconciliation = Dollars(-3e5);
        let settled = Settled { settlement, ..Settled::default() };
        let fees = || year(&provider, ServicePayment::Fees, &payer).into_iter();
        let margin = |settled| provider.lines(&settled, fees(), iter::empty(), &at_prices(1.0)).margin();
        assert!(((margin(settled) - margin(Settled::default())).0 + 3e5).abs() < 1e-6);
    }

    #[test]
    fn programs_cost_their_months_at_the_prices_of_the_year() {
        let provider = Provider { fixed_cost: Dollars(1e6), ..Provider::default() };
        let programs = [(5.0, 12_000.0), (20.0, 600.0)];
        let programs = programs.map(|(cost, months)| ProgramYear { cost: Pmpm(cost), exposure: MemberMonths(months) });
        let lines = provider.lines(&Settled::default(), iter::empty(), programs.into_iter(), &at_prices(1.1));
        assert!((lines.0[Line::Programs as usize] + 72_000.0 * 1.1).abs() < 1e-6);
        assert!((lines.margin().0 + 1.1e6 + 72_000.0 * 1.1).abs() < 1e-6);
    }

    #[test]
    fn costs_have_a_trend_of_their_own_and_steps_and_investments_are_costs() {
        let provider = Provider { cost_trend: Some(1.05), ..group() };
        let payer = Payer::not_stated(FeeSchedule::default());
        let index = provider.cost_index(2, 1.2);
        assert!((index - 1.1025).abs() < 1e-12 && (group().cost_index(2, 1.2) - 1.2).abs() < 1e-12);
        let books = BooksYear { price_index: 1.2, cost_index: index, steps: Dollars(2e5), investments: Dollars(3e4) };
        let fees = year(&provider, ServicePayment::Fees, &payer).into_iter();
        let cost = -provider.lines(&Settled::default(), fees, iter::empty(), &books).0[Line::CostOfCare as usize];
        // Variable cost is 2.475m of 10m at prices 20% up; fixed cost and steps follow the trend of costs.
        assert!((cost - (2.475e6 / 1.2 * 1.1025 + 1.2e6 * 1.1025 + 3e4)).abs() < 1e-6, "{cost}");
    }

    #[test]
    fn books_are_of_fees_or_costs() {
        assert!(!Provider::default().has_books() && group().has_books());
        assert!(Provider { fixed_cost: Dollars(1.0), ..Provider::default() }.has_books());
        // A cost of services of which none is the provider's own is no cost.
        let nothing = BTreeMap::from([("professional".to_owned(), share(0.0))]);
        assert!(!Provider { own_share: nothing, fixed_cost: Dollars::ZERO, ..group() }.has_books());
    }

    #[test]
    fn lines_are_in_the_order_of_their_numbers() {
        for (index, line) in Line::ALL.into_iter().enumerate() {
            assert_eq!(line as usize, index);
        }
    }
}
