//! Who pays for care, and what becomes of what is billed to each.

use twosided_contracts::FeeSchedule;
use twosided_units::{Dollars, Share};

/// A payer of some of the people.
#[derive(Clone, Debug, PartialEq)]
pub struct Payer {
    /// Unique name; segments and contracts refer to it.
    pub name: String,
    /// What kind of payer it is.
    pub kind: PayerKind,
    /// How much of an allowed amount becomes revenue.
    pub fees: FeeSchedule,
    /// What is billed and not paid at first.
    pub denials: Denials,
    /// Months from a service to its payment; the scenario's own lag where absent.
    pub lag_months: Option<f64>,
}

/// The kinds of payers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayerKind {
    /// Traditional Medicare.
    Medicare,
    /// A Medicare Advantage plan.
    MedicareAdvantage,
    /// A commercial insurer or an employer.
    Commercial,
    /// Medicaid or one of its managed-care plans.
    Medicaid,
    /// Patients who pay themselves.
    SelfPay,
}

impl PayerKind {
    /// The name in a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Medicare => "traditional Medicare",
            Self::MedicareAdvantage => "Medicare Advantage",
            Self::Commercial => "commercial",
            Self::Medicaid => "Medicaid",
            Self::SelfPay => "self-pay",
        }
    }
}

/// What is billed and not paid at first.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Denials {
    /// Share of billed amounts that is denied.
    pub rate: Share,
    /// Share of denied amounts that is paid after rework.
    pub recovered: Share,
    /// What rework costs for each dollar denied.
    pub rework_cost: Share,
}

impl Denials {
    /// What is paid in the end of an amount that was billed.
    pub fn paid(&self, billed: Dollars) -> Dollars {
        billed * (1.0 - self.rate.value() * self.recovered.complement().value())
    }

    /// What rework costs of an amount that was billed.
    pub fn rework(&self, billed: Dollars) -> Dollars {
        billed * self.rate * self.rework_cost
    }
}

impl Payer {
    /// The payer of people whose payer is not stated.
    pub fn not_stated(fees: FeeSchedule) -> Self {
        Self { name: String::new(), kind: PayerKind::Medicare, fees, denials: Denials::default(), lag_months: None }
    }

    /// Revenue from services allowed at that amount: what is neither denied for good, nor cut, nor left uncollected.
    pub fn revenue(&self, allowed: Dollars) -> Dollars {
        self.fees.revenue(self.denials.paid(allowed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denials_take_what_is_not_recovered_and_cost_rework() {
        let share = |value| Share::new(value).expect("a share");
        let denials = Denials { rate: share(0.1), recovered: share(0.6), rework_cost: share(0.05) };
        let fees = FeeSchedule { cost_share: share(0.2), sequestration: Share::ZERO, collection: share(0.5) };
        let payer = Payer { denials, ..Payer::not_stated(fees) };
        // A tenth is denied and six tenths of it come back: 96 are paid, of which 80% by the payer and half of 20% by patients.
        assert!((payer.revenue(Dollars(100.0)).0 - 96.0 * 0.9).abs() < 1e-12);
        assert!((denials.rework(Dollars(100.0)).0 - 0.5).abs() < 1e-12);
        let none = Payer::not_stated(fees);
        assert_eq!(none.revenue(Dollars(100.0)), fees.revenue(Dollars(100.0)));
    }
}
