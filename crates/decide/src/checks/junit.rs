//! Checks as a JUnit report, which CI systems read.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Check, Checks, Verdict};

/// Characters that XML cannot hold, even escaped, and that are not removed on the way; printed as a replacement character.
fn xml(text: &str) -> String {
    text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

impl Checks {
    /// A JUnit report with one suite a group: a check that failed is a `<failure>`, an undecided one an `<error
    /// type="undecided">`. None is skipped, which most readers show as good.
    pub fn junit(&self) -> String {
        let mut report = Report::new(xml(&self.title));
        for group in self.checks.chunk_by(|one, next| one.group == next.group) {
            let mut suite = TestSuite::new(xml(&group[0].group));
            suite.add_test_cases(group.iter().map(test_case));
            report.add_test_suite(suite);
        }
        report.to_string().expect("a report of text can be written to memory")
    }
}

fn test_case(check: &Check) -> TestCase {
    let status = match check.verdict {
        Verdict::Passed => TestCaseStatus::success(),
        Verdict::Failed => unsuccessful(NonSuccessKind::Failure, check),
        Verdict::Undecided => unsuccessful(NonSuccessKind::Error, check),
    };
    let mut case = TestCase::new(xml(&check.name), status);
    case.set_classname(xml(&check.group));
    if check.verdict == Verdict::Passed {
        case.set_system_out(xml(&check.reason));
    }
    case
}

fn unsuccessful(kind: NonSuccessKind, check: &Check) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(check.verdict.word()).set_message(xml(&check.reason)).set_description(xml(&check.reason));
    status
}

#[cfg(test)]
mod tests {
    use super::{super::tests::alike, *};

    #[test]
    fn an_undecided_check_is_an_error_and_none_is_skipped() {
        let mut checks = alike(Verdict::Failed, 3);
        checks.checks[1].verdict = Verdict::Undecided;
        checks.checks[2].verdict = Verdict::Passed;
        checks.checks[2].group = "Other <&\u{0}\u{ffff}".to_owned();
        let xml = checks.junit();
        assert!(xml.contains("tests=\"3\" skipped=\"0\" failures=\"1\" errors=\"1\""), "{xml}");
        assert!(xml.contains("<failure message=\"it is 0: 5% ± 1%"), "{xml}");
        assert!(xml.contains("<error message=\"it is 1") && xml.contains("type=\"undecided\""), "{xml}");
        assert!(xml.contains("<testsuite name=\"Other &lt;&amp;\u{fffd}\" tests=\"1\""), "{xml}");
        assert!(!xml.contains("<skipped"), "{xml}");
    }
}
