//! Episodes of care at a target price (LAN 3A and 3B).

mod bpci_advanced;
mod bundle;
mod care;
mod cjr;
mod episode;
mod prospective_bundle;
mod team;
mod team_target;

pub use bpci_advanced::{BpciAdvanced, BpciAdvancedEpisodeRules, BpciAdvancedRules};
pub use bundle::Bundle;
pub use cjr::{Cjr, CjrRules, QualityCategory};
pub use episode::Episode;
pub use prospective_bundle::ProspectiveBundle;
pub use team::{Team, TeamCategory, TeamEpisode, TeamRules};
pub use team_target::{TeamEpisodeRules, TeamPriceRules, TeamTarget};
