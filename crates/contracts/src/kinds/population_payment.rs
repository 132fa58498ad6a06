//! Payments for a population in place of fees (LAN 4).

mod capitation;
mod hospital_global_budget;
mod medicaid_corridor;
mod medical_loss_ratio;
mod medicare_advantage;
mod shared_risk_pool;

pub use capitation::{Capitation, CapitationRate};
pub use hospital_global_budget::{Budget, HospitalGlobalBudget, VolumeAdjustment, VolumeRules};
pub use medicaid_corridor::{MedicaidCorridor, MedicaidRules, RemittanceOrder};
pub use medical_loss_ratio::MinimumMedicalLossRatio;
pub use medicare_advantage::{MedicareAdvantage, MedicareAdvantageRules, QuartileRules};
pub use shared_risk_pool::{Responsibility, SharedRiskPool};
