//! The updated benchmark of the Medicare Shared Savings Program: given, or built from base years.

use twosided_form::Section;
use twosided_units::PerCapita;

use crate::{AGREED, Settlement, read};

/// Where the updated benchmark comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct MsspBenchmark {
    per_capita: PerCapita,
}

impl MsspBenchmark {
    /// A benchmark known per capita, as CMS publishes it.
    pub fn given(per_capita: PerCapita) -> Self {
        Self { per_capita }
    }

    /// The updated benchmark.
    pub fn per_capita(&self) -> PerCapita {
        self.per_capita
    }

    /// The updated benchmark, with the steps that lead to it.
    pub(crate) fn tell(&self, settlement: &mut Settlement) -> PerCapita {
        settlement.per_capita("updated benchmark per capita", AGREED, self.per_capita)
    }

    pub(crate) fn read(section: &Section<'_>) -> Option<Self> {
        read::benchmark(section).map(Self::given)
    }
}
