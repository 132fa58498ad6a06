//! What was checked, as a CI job wants to hear of it.

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Passed,
    /// It does not hold.
    Failed,
    /// The trials do not decide it.
    Undecided,
}

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What it is about, as the name of a contract.
    pub group: String,
    /// What was checked, as "VaR 95% of the loss at most $2,000,000"; unique within its group.
    pub name: String,
    /// What became of it.
    pub verdict: Verdict,
    /// One line that says why, with the figures.
    pub reason: String,
}

/// Everything that one command checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checks {
    /// What was done, as "compare baseline.json with reports/first-steps".
    pub title: String,
    /// The file that annotations point at, where there is one.
    pub file: Option<String>,
    /// In the order in which they are shown.
    pub checks: Vec<Check>,
}
