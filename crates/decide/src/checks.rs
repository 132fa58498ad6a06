//! What was checked, as a CI job wants to hear of it.

mod github;
mod junit;
mod markdown;
mod text;

pub(crate) use markdown::cut_table;

pub use github::MOST_ANNOTATIONS;
pub use markdown::{MOST_SUMMARY_BYTES, markdown_cell};

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

impl Verdict {
    /// All verdicts, in the order in which they are counted.
    pub const ALL: [Self; 3] = [Self::Passed, Self::Failed, Self::Undecided];

    /// The verdict in a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Undecided => "undecided",
        }
    }
}

impl Checks {
    /// How many checks have a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.with(verdict).count()
    }

    fn with(&self, verdict: Verdict) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(move |check| check.verdict == verdict)
    }

    /// How many there are of each verdict, as "3 checks: 1 passed, 2 failed, 0 undecided".
    pub fn counted(&self) -> String {
        let counts = Verdict::ALL.map(|verdict| format!("{} {}", self.count(verdict), verdict.word())).join(", ");
        let checks = if self.checks.len() == 1 { "check" } else { "checks" };
        format!("{} {checks}: {counts}", self.checks.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks that all end in the same way.
    pub(super) fn alike(verdict: Verdict, number: usize) -> Checks {
        let check = |index: usize| Check {
            group: "Track, \"A\"".to_owned(),
            name: format!("P(loss) <= {index}%"),
            verdict,
            reason: format!("it is {index}: 5% ± 1%\nand more"),
        };
        Checks {
            title: "gate x.toml".to_owned(),
            file: Some("scenarios/x,y.toml".to_owned()),
            checks: (0..number).map(check).collect(),
        }
    }

    #[test]
    fn verdicts_are_counted_in_a_sentence() {
        let mut checks = alike(Verdict::Failed, 3);
        checks.checks[1].verdict = Verdict::Passed;
        assert_eq!(checks.counted(), "3 checks: 1 passed, 2 failed, 0 undecided");
        assert_eq!(alike(Verdict::Undecided, 1).counted(), "1 check: 0 passed, 0 failed, 1 undecided");
    }
}
