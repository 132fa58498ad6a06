//! Names of the population, which terms and covers may refer to.

use twosided_form::Names;

/// Names of the population that terms may refer to.
#[derive(Clone, Debug)]
pub struct Known {
    /// Services of the segments.
    pub services: Names,
    /// Segments.
    pub segments: Names,
    /// Payers.
    pub payers: Names,
    /// Quality measures.
    pub measures: Names,
    /// Programs.
    pub programs: Names,
    /// Whether the contract that is read builds a composite, which takes the place of given scores.
    pub has_quality: bool,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            services: Names::new("no segment has the service"),
            segments: Names::new("there is no segment"),
            payers: Names::new("there is no payer"),
            measures: Names::new("the population has no measure"),
            programs: Names::new("there is no program"),
            has_quality: false,
        }
    }
}

impl Known {
    /// Any names, where there is no population.
    pub fn anything() -> Self {
        let any = Names::any;
        Self { services: any(), segments: any(), payers: any(), measures: any(), programs: any(), has_quality: false }
    }
}
