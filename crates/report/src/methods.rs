//! How figures are found, in a sentence, where not from trials that are each drawn for itself and counted alike.

use crate::{ContractSummary, Method, RiskMeasure, Summary, text::listed};

impl ContractSummary {
    /// Its name, marked where its gain is exact.
    pub(crate) fn marked_name(&self) -> String {
        if self.has_exact_law() { format!("{} (exact)", self.name) } else { self.name.clone() }
    }

    /// Whether all measures of its gain are those of its exact law.
    pub(crate) fn has_exact_law(&self) -> bool {
        self.exact_measures().1
    }

    /// Whether a measure of its gain is that of its exact law.
    pub(crate) fn is_exact(&self, measure: RiskMeasure) -> bool {
        self.measures[measure as usize].method == Some(Method::ExactLaw)
    }

    /// The measures of its gain that are those of its exact law, and whether these are all.
    fn exact_measures(&self) -> (Vec<&'static str>, bool) {
        let of_gain = RiskMeasure::ALL.into_iter().filter(|&measure| measure != RiskMeasure::MeanMargin);
        let (exact, sampled): (Vec<_>, Vec<_>) = of_gain.partition(|&measure| self.is_exact(measure));
        (exact.into_iter().map(RiskMeasure::label).collect(), sampled.is_empty())
    }
}

impl Summary {
    /// How figures are found; none for plain trials.
    pub(crate) fn methods(&self) -> Option<String> {
        if !self.provenance.variance_reduction {
            return None;
        }
        let mut text = "Sampled figures are of stratified trials, with weights by controls.".to_owned();
        if self.contracts.iter().any(ContractSummary::has_exact_law) {
            text += " Gains marked exact follow from the contract's exact law given the factors, integrated over them.";
        }
        let in_part = self.contracts.iter().filter_map(|contract| match contract.exact_measures() {
            (exact, false) if !exact.is_empty() => Some(format!("{} under {}", listed(&exact), contract.name)),
            _ => None,
        });
        let in_part: Vec<String> = in_part.collect();
        if !in_part.is_empty() {
            text += &format!(" Exact in part: {}.", in_part.join("; "));
        }
        if self.has_exact_laws() {
            text += " ± is then the estimated bound of an exact figure.";
        }
        Some(text)
    }

    /// Names of the contracts of which the worst hundredth of the trials decides a figure.
    pub(crate) fn sampled_tails(&self) -> Vec<&str> {
        let sampled = self
            .contracts
            .iter()
            .filter(|contract| !contract.is_reference && !contract.is_exact(RiskMeasure::TailValueAtRisk99));
        sampled.map(|contract| contract.name.as_str()).collect()
    }

    /// Whether gains of some contract are exact, in part at least.
    pub fn has_exact_laws(&self) -> bool {
        self.contracts.iter().any(|contract| !contract.exact_measures().0.is_empty())
    }

    /// Whether some gains are exact and others sampled.
    pub(crate) fn has_both_methods(&self) -> bool {
        self.has_exact_laws() && !self.sampled_tails().is_empty()
    }
}
