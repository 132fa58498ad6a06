//! What becomes of the fees for services under a contract.

use twosided_population::ServiceScope;

/// What becomes of the fees for services under a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payment {
    /// They are paid as before.
    Fees,
    /// A payment takes the place of the provider's own fees; what others bill is the payer's.
    InPlaceOfFees(ServiceScope),
    /// A payment takes the place of the provider's own fees, and the provider pays what others bill.
    AtRisk(ServiceScope),
}

impl Payment {
    /// Whether it takes the place of the fees for a service, and leaves what others bill at the provider's risk.
    pub fn of(&self, service: &str) -> ServicePayment {
        match self {
            Self::InPlaceOfFees(services) if services.includes(service) => ServicePayment::InPlaceOfFees,
            Self::AtRisk(services) if services.includes(service) => ServicePayment::AtRisk,
            Self::Fees | Self::InPlaceOfFees(_) | Self::AtRisk(_) => ServicePayment::Fees,
        }
    }
}

/// What becomes of the fees for one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServicePayment {
    /// They are paid as before.
    Fees,
    /// A payment takes the place of the provider's own.
    InPlaceOfFees,
    /// A payment takes the place of the provider's own, and the provider pays others'.
    AtRisk,
}
