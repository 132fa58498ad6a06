//! Random practices, as the text of scenarios.

use std::fmt::Write as _;

use rand::{RngExt, SeedableRng, rngs::SmallRng};

/// A practice: its payers by name, its contracts by name, and its scenario.
pub struct Practice {
    pub contracts: Vec<String>,
    pub text: String,
}

/// What a practice has.
#[derive(Clone, Copy)]
pub struct Having {
    pub programs: usize,
    pub payers: usize,
    pub contracts: bool,
}

const KINDS: [&str; 4] = ["medicare", "commercial", "medicaid", "medicare_advantage"];

/// The practice of a number, without contracts but fee-for-service where it has none.
pub fn practice(number: u64, having: Having) -> Practice {
    let mut rng = SmallRng::seed_from_u64(number);
    let mut text = format!(
        "[run]\nname = \"Practice {number}\"\ntrials = 40\nyears = {}\nseed = {number}\n",
        rng.random_range(1..=3)
    );
    let mut contracts = Vec::new();
    let (mut payers, mut segments, mut signed) = (String::new(), String::new(), String::new());
    for payer in 0..having.payers {
        let kind = KINDS[payer % KINDS.len()];
        let denied = rng.random_range(0.0..0.15);
        let _ = write!(
            payers,
            "[[payers]]\nname = \"payer {payer}\"\nkind = \"{kind}\"\nfees = {{ cost_share = {:.3}, collection = {:.3} }}\n\
             denials = {{ rate = {denied:.3}, recovered = 0.5, rework_cost = 0.03 }}\n",
            rng.random_range(0.0..0.3),
            rng.random_range(0.5..1.0),
        );
        for segment in 0..rng.random_range(1..=2) {
            let _ = write!(
                segments,
                "[[population.segments]]\nname = \"people {payer} {segment}\"\npayer = \"payer {payer}\"\nmembers = {}\n\
                 services = {{ stays = {{ frequency.poisson.mean = {:.3}, severity.lognormal = {{ mean = 12_000, cv = 1.2 }} }}, \
                 visits = {{ annual.gamma = {{ mean = {}, cv = 1.5 }} }}, scans = {{ frequency.poisson.mean = 0.4, severity.gamma = {{ mean = 600, cv = 1 }} }} }}\n",
                rng.random_range(50..400),
                rng.random_range(0.05..0.3),
                rng.random_range(1_000..4_000),
            );
        }
        if having.contracts {
            let name = format!("contract {payer}");
            let terms = match rng.random_range(0..5) {
                0 => "shared_savings = { benchmark.per_capita = 6_000, savings = { sharing_rate = 0.5 }, losses = { sharing_rate = 0.4 } }".to_owned(),
                1 => "capitation = { pmpm = 420 }\ncovers.specific = { attachment_point = 60_000, premium_pmpm = 12 }".to_owned(),
                2 => "primary_care_capitation = { pmpm = 60, share_of_fees = 0.5, services = [\"visits\"] }".to_owned(),
                3 => "care_management = { pmpm = 6 }".to_owned(),
                _ => "bundle = { discount = 0.02, episodes = [{ service = \"stays\", price = 12_500 }], gains = { sharing_rate = 0.5 }, losses = { sharing_rate = 0.5 } }".to_owned(),
            };
            let ends = if rng.random_bool(0.3) { "agreement.ends = { losses_in_a_row = 1 }\n" } else { "" };
            let _ = write!(
                signed,
                "[[contracts]]\nname = \"{name}\"\npayers = [\"payer {payer}\"]\nreported_measures = {}\nadministration_pmpm = 2\n{ends}terms.{terms}\n",
                rng.random_range(0..5),
            );
            contracts.push(name);
        }
    }
    text += &payers;
    text += &segments;
    let _ = write!(
        text,
        "[provider]\nown_share = {{ visits = {:.2}, scans = 0.3, stays = {:.2} }}\nvariable_cost_share = {{ visits = 0.5, stays = 0.6 }}\n\
         fixed_cost = {}\ncost_trend = 1.03\nsteps = [{{ name = \"nurse\", cost = 90_000, per_members = 250 }}, {{ name = \"scanner\", cost = 40_000, per_events = 100, service = \"scans\" }}]\n\
         administration = {{ per_measure = 8_000, shared = 0.4 }}\ninvestments = [{{ name = \"registry\", cost = 60_000, life = 2 }}]\n",
        rng.random_range(0.2..1.0),
        rng.random_range(0.0..1.0),
        rng.random_range(0..400_000),
    );
    for program in 0..having.programs {
        let _ = write!(
            text,
            "[[provider.programs]]\nname = \"program {program}\"\ncost_pmpm = 3\neffect = {{ stays = {{ mean = -0.1, sd = 0.03 }} }}\n"
        );
    }
    text += "[[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {}\n";
    text += &signed;
    Practice { contracts, text }
}

/// The same with portfolios: of all contracts, and of each alone.
pub fn with_portfolios(number: u64, having: Having) -> Practice {
    let mut practice = practice(number, having);
    let all = practice.contracts.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let _ = write!(practice.text, "[[portfolios]]\nname = \"all\"\ncontracts = [{all}]\n");
    for name in &practice.contracts {
        let _ = write!(practice.text, "[[portfolios]]\nname = \"{name} alone\"\ncontracts = [\"{name}\"]\n");
    }
    practice
}
