//! How figures are found, in a sentence, where not from trials that are each drawn for itself and counted alike.

use crate::{ContractSummary, Method, RiskMeasure, Summary, text::listed};

impl ContractSummary {
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
        let mut text = "Figures are of stratified trials, with weights by controls.".to_owned();
        let mut whole = Vec::new();
        let mut in_part = Vec::new();
        for contract in &self.contracts {
            match contract.exact_measures() {
                (_, true) => whole.push(contract.name.as_str()),
                (exact, false) if exact.is_empty() => {}
                (exact, false) => in_part.push(format!("{} under {}", listed(&exact), contract.name)),
            }
        }
        if !whole.is_empty() {
            text += &format!(" Those of the gain under {} are exact.", listed(&whole));
        }
        if !in_part.is_empty() {
            let in_part: Vec<&str> = in_part.iter().map(String::as_str).collect();
            text += &format!(" Exact in part: {}.", in_part.join("; "));
        }
        if !(whole.is_empty() && in_part.is_empty()) {
            text += " Exact figures are those of the law given the factors, integrated over them: ± is the estimated bound of an exact figure.";
        }
        Some(text)
    }

    /// Whether the worst hundredth of the trials decides a figure.
    pub(crate) fn has_sampled_tail(&self) -> bool {
        self.contracts
            .iter()
            .any(|contract| !contract.is_reference && !contract.is_exact(RiskMeasure::TailValueAtRisk99))
    }
}
