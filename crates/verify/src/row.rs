//! One row of a published table beside the program's figure.

/// A published figure and the program's.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidationRow {
    /// Number of the table, as in `docs/validation.md`.
    pub table: u8,
    /// What the figure is.
    pub what: String,
    /// As published.
    pub published: String,
    /// The program's figure.
    pub outcome: Outcome,
    /// Why it fails or is not compared.
    pub why: Why,
}

/// The program's figure for a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// A figure with its standard error (zero where nothing is drawn), and how far it may be from the published one.
    Compared {
        /// As published, as a number.
        published: f64,
        /// Ours.
        ours: f64,
        /// Standard error of ours.
        standard_error: f64,
        /// Largest difference that passes.
        tolerance: f64,
        /// Decimals to print.
        decimals: usize,
    },
    /// Nothing of ours is comparable.
    NotCompared,
}

/// A sentence for rows that need one.
pub type Why = Option<&'static str>;

impl ValidationRow {
    /// Ours within a tolerance of a published number.
    pub fn compared(
        table: u8,
        what: impl Into<String>,
        published: f64,
        (ours, standard_error): (f64, f64),
        tolerance: f64,
        decimals: usize,
    ) -> Self {
        let outcome = Outcome::Compared { published, ours, standard_error, tolerance, decimals };
        let published = format!("{published:.decimals$}");
        Self { table, what: what.into(), published, outcome, why: None }
    }

    /// Ours at least as much as a bar: what is above it passes too.
    pub fn at_least(what: impl Into<String>, bar: f64, (ours, standard_error): (f64, f64), decimals: usize) -> Self {
        // Half of the line is open: the tolerance counts upward from the bar, without an end.
        let outcome = Outcome::Compared { published: bar, ours, standard_error, tolerance: f64::INFINITY, decimals };
        Self { table: 0, what: what.into(), published: format!("{bar:.decimals$}"), outcome, why: None }
    }

    /// Whether the row is a bar that ours may be above.
    pub fn is_one_sided(&self) -> bool {
        matches!(self.outcome, Outcome::Compared { tolerance, .. } if tolerance.is_infinite())
    }

    /// A row that nothing of ours is comparable with.
    pub fn not_compared(table: u8, what: impl Into<String>, published: &str, why: &'static str) -> Self {
        let outcome = Outcome::NotCompared;
        Self { table, what: what.into(), published: published.to_owned(), outcome, why: Some(why) }
    }

    /// The same with a sentence that is shown if the row fails.
    #[must_use]
    pub fn because(self, why: &'static str) -> Self {
        Self { why: Some(why), ..self }
    }

    /// Difference in units of the tolerance.
    pub fn off(&self) -> Option<f64> {
        match self.outcome {
            Outcome::Compared { published, ours, .. } if published == ours => Some(0.0),
            Outcome::Compared { published, ours, tolerance, .. } => Some((ours - published) / tolerance),
            Outcome::NotCompared => None,
        }
    }

    /// Whether ours is within the tolerance; nothing where nothing is compared.
    pub fn passes(&self) -> Option<bool> {
        match self.outcome {
            Outcome::Compared { published, ours, .. } if self.is_one_sided() => Some(ours >= published),
            _ => self.off().map(|off| off.abs() <= 1.0),
        }
    }
}
