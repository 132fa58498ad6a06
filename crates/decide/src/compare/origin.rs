//! What else differs between two runs: program, scenario, trials.

use twosided_units::grouped;

use super::{Pairing, Side};

/// Sentences on what a reader must know before blaming a figure.
pub(super) fn notes(a: &Side<'_>, b: &Side<'_>, pairing: &Pairing) -> Vec<String> {
    let [of_a, of_b] = [a, b].map(|side| &side.summary.provenance);
    let mut notes = Vec::new();
    let mut differ = |what: &str, one: &str, other: &str| {
        if one != other {
            notes.push(format!("{what}: {one} in {}, {other} in {}.", a.name, b.name));
        }
    };
    differ("Version of the program", &of_a.version, &of_b.version);
    differ("Commit of the program", &of_a.commit, &of_b.commit);
    differ("Generator of random numbers", &of_a.generator, &of_b.generator);
    differ("Scenario", &of_a.scenario, &of_b.scenario);
    differ("Seed", &of_a.seed.to_string(), &of_b.seed.to_string());
    differ("Trials", &grouped(&of_a.trials.to_string()), &grouped(&of_b.trials.to_string()));
    if of_a.scenario_sha256 != of_b.scenario_sha256 {
        let is_same_run = of_a.seed == of_b.seed && of_a.trials == of_b.trials;
        let beside = if is_same_run { "" } else { ", seed or trials" };
        notes.push(format!("The text of the scenario{beside} differs, by its SHA-256."));
    }
    if *pairing != Pairing::Paired && of_a.seed == of_b.seed && of_a.outcomes_sha256 != of_b.outcomes_sha256 {
        notes.push(
            "Both runs have the same seed, so that they may share luck. Without pairs, errors are added as if they shared none, \
             and small changes stay within noise."
                .to_owned(),
        );
    }
    notes
}
