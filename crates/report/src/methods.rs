//! How figures are found, in a sentence, where not from trials that are each drawn for itself and counted alike.

use crate::{ContractSummary, Method, RiskMeasure, Summary};

impl ContractSummary {
    /// Its name, marked where its gain is exact.
    pub(crate) fn marked_name(&self) -> String {
        if self.has_exact_law() { format!("{} (exact)", self.name) } else { self.name.clone() }
    }

    /// Whether the measures of its gain are those of its exact law.
    pub(crate) fn has_exact_law(&self) -> bool {
        self.measures[RiskMeasure::MeanGain as usize].method == Some(Method::ExactLaw)
    }
}

impl Summary {
    /// How figures are found; none for plain trials.
    pub(crate) fn methods(&self) -> Option<String> {
        if !self.provenance.variance_reduction {
            return None;
        }
        let trials = "Sampled figures are of stratified trials, with weights by controls.";
        Some(if self.has_exact_laws() {
            format!(
                "{trials} Gains marked exact follow from the contract's exact law given the factors, integrated over them: ± is then the \
                 most that a figure may be off by."
            )
        } else {
            trials.to_owned()
        })
    }

    /// Names of the contracts of which the worst hundredth of the trials decides a figure.
    pub(crate) fn sampled_tails(&self) -> Vec<&str> {
        let sampled = self.contracts.iter().filter(|contract| !contract.is_reference && !contract.has_exact_law());
        sampled.map(|contract| contract.name.as_str()).collect()
    }

    /// Whether gains of some contract are exact.
    pub fn has_exact_laws(&self) -> bool {
        self.contracts.iter().any(ContractSummary::has_exact_law)
    }

    /// Whether some gains are exact and others sampled.
    pub(crate) fn has_both_methods(&self) -> bool {
        self.has_exact_laws() && !self.sampled_tails().is_empty()
    }
}
