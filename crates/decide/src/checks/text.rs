//! Checks as plain text.

use super::{Check, Checks, Verdict};

impl Checks {
    /// One line a check, those that passed last, and then how many there are of each verdict.
    pub fn text(&self) -> String {
        let line = |check: &Check| {
            let Check { group, name, verdict, reason } = check;
            let one_line = format!("{group}: {name}: {reason}").replace(['\r', '\n'], " ");
            format!("{:<9}  {one_line}\n", verdict.word())
        };
        let order = [Verdict::Failed, Verdict::Undecided, Verdict::Passed];
        let lines: String = order.into_iter().flat_map(|verdict| self.with(verdict)).map(line).collect();
        format!("{}\n{lines}{}\n", self.title, self.counted())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::alike, *};

    #[test]
    fn a_check_has_one_line() {
        let text = alike(Verdict::Failed, 1).text();
        assert_eq!(
            text,
            "gate x.toml\nfailed     Track, \"A\": P(loss) <= 0%: it is 0: 5% ± 1% and more\n\
             1 check: 0 passed, 1 failed, 0 undecided\n"
        );
    }
}
