//! Checks as workflow commands, which GitHub shows as annotations.

use super::{Check, Checks, Verdict};

/// Most errors, and most warnings, that GitHub shows of one step of a job.
pub const MOST_ANNOTATIONS: usize = 10;

/// The message of a command: one line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command, which ends at a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

impl Checks {
    /// Workflow commands for GitHub, one a line: an error for each check that failed, a warning for each that is undecided. Of
    /// either, GitHub shows [`MOST_ANNOTATIONS`] a step; where there are more, the last one says how many are left out.
    pub fn github(&self) -> String {
        self.annotations("error", Verdict::Failed) + &self.annotations("warning", Verdict::Undecided)
    }

    fn annotations(&self, command: &str, verdict: Verdict) -> String {
        let count = self.count(verdict);
        let shown = if count > MOST_ANNOTATIONS { MOST_ANNOTATIONS - 1 } else { count };
        let line = |title: &str, message: &str| {
            let file = self.file.as_ref().map_or(String::new(), |file| format!("file={},", property(file)));
            format!("::{command} {file}title={}::{}\n", property(title), data(message))
        };
        let each = |check: &Check| line(&format!("{}: {}", check.group, check.name), &check.reason);
        let mut lines: String = self.with(verdict).take(shown).map(each).collect();
        if count > shown {
            let word = verdict.word();
            let message =
                format!("{} more checks {} {word}; the output of the step lists all", count - shown, be(verdict));
            lines += &line(&format!("{}: {count} {word}", self.title), &message);
        }
        lines
    }
}

/// The verb before a verdict, where it has one.
const fn be(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Undecided => "are",
        Verdict::Passed | Verdict::Failed => "have",
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::alike, *};

    #[test]
    fn commands_are_escaped_and_stay_on_their_line() {
        let annotations = alike(Verdict::Failed, 1).github();
        assert_eq!(
            annotations,
            "::error file=scenarios/x%2Cy.toml,title=Track%2C \"A\"%3A P(loss) <= 0%25::it is 0: 5%25 ± 1%25%0Aand more\n"
        );
    }

    #[test]
    fn the_last_of_ten_says_how_many_are_left_out() {
        assert_eq!(alike(Verdict::Failed, 10).github().lines().count(), 10);
        let annotations = alike(Verdict::Failed, 30).github();
        let lines: Vec<&str> = annotations.lines().collect();
        assert_eq!(lines.len(), MOST_ANNOTATIONS);
        assert!(lines[9].ends_with("::21 more checks have failed; the output of the step lists all"), "{}", lines[9]);
        let undecided = alike(Verdict::Undecided, 11).github();
        assert!(undecided.lines().all(|line| line.starts_with("::warning ")), "{undecided}");
        assert_eq!(undecided.lines().count(), MOST_ANNOTATIONS);
        assert_eq!(alike(Verdict::Passed, 11).github(), "");
    }
}
