//! Whether two runs are compared trial by trial.

use super::Side;

/// How the error of a difference comes about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// Trial by trial: luck common to both cancels out.
    Paired,
    /// As of independent runs, for the stated reason.
    Independent(String),
}

impl Pairing {
    /// Whether two runs have the same trials.
    pub(super) fn of(a: &Side<'_>, b: &Side<'_>) -> Self {
        let [of_a, of_b] = [a, b].map(|side| &side.summary.provenance);
        let different = [
            ("seeds", of_a.seed.to_string(), of_b.seed.to_string()),
            ("numbers of trials", of_a.trials.to_string(), of_b.trials.to_string()),
            ("generators", of_a.generator.clone(), of_b.generator.clone()),
            ("ways of drawing", drawn(of_a.variance_reduction).to_owned(), drawn(of_b.variance_reduction).to_owned()),
        ];
        if let Some((what, one, other)) = different.into_iter().find(|(_, one, other)| one != other) {
            return Self::Independent(format!("their {what} differ, {one} and {other}"));
        }
        if of_a.variance_reduction {
            let reason = "variance is reduced, and the weights of the trials are not kept with a run";
            return Self::Independent(reason.to_owned());
        }
        match [a, b].into_iter().find(|side| side.trials.is_none()) {
            Some(side) => Self::Independent(format!("{} has no trials beside its summary", side.name)),
            None => Self::Paired,
        }
    }

    /// In a sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Paired => "Compared trial by trial: luck common to both runs cancels out.".to_owned(),
            Self::Independent(reason) => format!("Compared as independent runs, since {reason}."),
        }
    }
}

const fn drawn(variance_reduction: bool) -> &'static str {
    if variance_reduction { "with reduced variance" } else { "each trial for itself" }
}
