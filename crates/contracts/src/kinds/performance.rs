//! Fees that move with quality (LAN 2C).

mod hospital_vbp;
mod hrrp;
mod inpatient_price;
mod mips;
mod pay_for_performance;

pub use hospital_vbp::{HospitalVbp, HospitalVbpRules, neutral_slope};
pub use hrrp::{Hrrp, HrrpCondition, HrrpRules, Readmissions};
pub use mips::{Mips, MipsRules};
pub use pay_for_performance::{PayForPerformance, Pool, PoolMode};
