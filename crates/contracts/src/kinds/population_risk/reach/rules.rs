//! The numbers of ACO REACH, by arrangement, ACO type and performance year.

use twosided_units::{Pmpm, Share};

use crate::{Corridor, rules::rules};

rules! {
    /// The numbers of an arrangement in a performance year.
    pub struct ReachRules {
        /// Cut from the benchmark.
        discount: Share {
            ["professional"] 2021 => Number(0.0), Published, "REACH results 2021 and 2022";
            ["global"] 2021 => Number(0.02), Published, "REACH results 2021 and 2022";
            ["global"] 2023 => Number(0.03), Unconfirmed, "REACH request for applications";
            ["global"] 2025 => Number(0.035), Secondary, "CMS REACH PY2026 quick reference";
        }
        /// Withheld from the benchmark and earned back by quality.
        quality_withhold: Share {
            [] 2021 => Number(0.05), Secondary, "Direct Contracting request for applications";
            [] 2023 => Number(0.02), Secondary, "REACH request for applications";
            [] 2026 => Number(0.05), Secondary, "CMS REACH PY2026 quick reference";
        }
        /// Whether the withhold is a share of the benchmark after discount, not before.
        withhold_after_discount: bool {
            [] 2021 => Truth(true), Unconfirmed, "either is consistent with the published results";
        }
        /// Withheld until the ACO continues into its second year, as a share of the benchmark before discount.
        retention_withhold: Share {
            [] 2021 => Number(0.02), Unconfirmed, "Direct Contracting request for applications";
        }
        /// The ACO's share of savings and losses, by share of the final benchmark.
        corridor: Corridor {
            ["professional"] 2021 => Bands(&[(0.05, 0.5), (0.10, 0.35), (0.15, 0.15), (f64::INFINITY, 0.05)]), Published, "REACH results 2021 and 2022";
            ["global"] 2021 => Bands(&[(0.25, 1.0), (0.35, 0.5), (0.50, 0.25), (f64::INFINITY, 0.1)]), Published, "REACH results 2021 and 2022; no case beyond the second band";
            ["global"] 2026 => Bands(&[(0.10, 1.0), (0.35, 0.5), (0.50, 0.25), (f64::INFINITY, 0.1)]), Secondary, "CMS REACH PY2026 quick reference; that the second band begins at 10% is inferred from one worked example";
        }
        /// Cut from shared savings.
        sequestration: Share {
            [] 2021 => Number(0.02), Published, "REACH results 2021 and 2022";
        }
        /// Whether shared losses are reduced by it as well.
        sequesters_losses: bool {
            [] 2021 => Truth(false), Published, "REACH results 2021 and 2022";
        }
        /// Health-equity adjustment for the highest decile.
        equity_top: Pmpm {
            [] 2021 => Number(0.0), Secondary, "no such adjustment before 2023";
            [] 2023 => Number(30.0), Published, "REACH results 2023";
        }
        /// Health-equity adjustment for the second decile.
        equity_second: Pmpm {
            [] 2021 => Number(0.0), Unconfirmed, "no such adjustment before 2024";
            [] 2024 => Number(20.0), Unconfirmed, "REACH 2024 changes";
        }
        /// Health-equity adjustment for the third decile.
        equity_third: Pmpm {
            [] 2021 => Number(0.0), Unconfirmed, "no such adjustment before 2024";
            [] 2024 => Number(10.0), Unconfirmed, "REACH 2024 changes";
        }
        /// Health-equity adjustment that the lower half pays.
        equity_bottom_half: Pmpm {
            [] 2021 => Number(0.0), Secondary, "no such adjustment before 2023";
            [] 2023 => Number(6.0), Published, "REACH results 2023";
        }
        /// What is left of the earned withhold where continuous improvement is not shown.
        improvement_factor: Share {
            [] 2021 => Number(0.5), Unconfirmed, "one summary; which part is halved is open";
        }
    }
}

rules! {
    /// The numbers of an ACO type's risk score.
    pub struct ReachScoreRules {
        /// Highest change of the normalized risk score from the reference year, up and down.
        risk_score_cap: Share {
            ["standard", "new_entrant"] 2021 => Number(0.03), Regulation, "CMS REACH PY2026 quick reference; a rolling reference year before 2025";
            ["high_needs"] 2021 => Number(0.03), Unconfirmed, "before 2022";
            ["high_needs"] 2022 => Number(0.10), Regulation, "CMS REACH PY2026 quick reference, with 750 beneficiaries in a base year";
        }
        /// Lowest coding intensity factor is 1 less this.
        coding_intensity_limit: Share {
            ["standard", "new_entrant"] 2021 => Number(0.01), Regulation, "CMS REACH PY2026 quick reference";
            ["high_needs"] 2021 => Number(0.01), Regulation, "CMS REACH PY2026 quick reference";
            ["high_needs"] 2026 => Number(0.02), Regulation, "CMS REACH PY2026 quick reference";
        }
        /// Highest growth of the risk score since 2019, after the coding intensity factor.
        growth_cap_since_2019: Option<Share> {
            [] 2021 => Absent, Regulation, "no such cap before 2026";
            [] 2026 => Number(0.03), Regulation, "CMS REACH PY2026 quick reference";
        }
    }
}
