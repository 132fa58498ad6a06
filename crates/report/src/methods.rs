//! How figures are found, in a sentence, where not from trials that are each drawn for itself and counted alike.

use crate::{ContractSummary, Method, RiskMeasure, Summary, text::listed};

impl ContractSummary {
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
        let exact = self.contracts.iter().filter(|contract| contract.has_exact_law());
        let exact: Vec<&str> = exact.map(|contract| contract.name.as_str()).collect();
        let trials = "Figures are of stratified trials, with weights by controls.";
        Some(if exact.is_empty() {
            trials.to_owned()
        } else {
            format!(
                "{trials} Those of the gain under {} follow from exact laws given the factors, integrated over them: ± is then the most \
                 that they may be off by.",
                listed(&exact)
            )
        })
    }

    /// Whether the worst hundredth of the trials decides a figure.
    pub(crate) fn has_sampled_tail(&self) -> bool {
        self.contracts.iter().any(|contract| !contract.is_reference && !contract.has_exact_law())
    }
}
