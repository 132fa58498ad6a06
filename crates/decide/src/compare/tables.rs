//! A comparison for people: plain text, Markdown, and checks.

use twosided_report::text_table;
use twosided_units::grouped;

use super::{Change, Compared, Comparison};
use crate::{
    Check, Checks, Verdict,
    checks::{MOST_SUMMARY_BYTES, cut_table, markdown_cell},
};

/// Columns of both tables.
const HEADER: [&str; 6] = ["Of", "Figure", "A", "B", "B - A", "Verdict"];

impl Compared {
    /// What is measured, with its year.
    fn name(&self) -> String {
        self.year.map_or_else(|| self.label.clone(), |year| format!("{}, year {year}", self.label))
    }

    fn difference_in_words(&self) -> String {
        match self.change {
            Change::Identical => "0".to_owned(),
            _ => self.unit.difference_in_words(self.difference, self.standard_error),
        }
    }

    /// Whether a table shows it.
    fn is_shown(&self) -> bool {
        self.is_measure || self.change == Change::Moved
    }

    fn cells(&self) -> Vec<String> {
        let figures = [self.a.in_words(), self.b.in_words(), self.difference_in_words()];
        [self.subject.to_string(), self.name()]
            .into_iter()
            .chain(figures)
            .chain([self.change.words().to_owned()])
            .collect()
    }

    /// Its verdict with the figures, in one line.
    fn reason(&self) -> String {
        let (a, b, difference) = (self.a.in_words(), self.b.in_words(), self.difference_in_words());
        let chance = match (self.change, self.p_value) {
            (Change::Moved | Change::Immaterial | Change::WithinNoise, Some(p)) => format!(", {}", chance(p)),
            _ => String::new(),
        };
        format!("{}: A {a}, B {b}, B - A {difference}{chance}", self.change.words())
    }
}

/// How often unchanged runs differ as much.
fn chance(p: f64) -> String {
    match p {
        0.0 => "which chance does not do".to_owned(),
        p if p >= 0.01 => format!("as in {:.0}% of unchanged runs", 100.0 * p),
        p => format!("p = {p:.1e} for unchanged runs"),
    }
}

/// A share as short as three digits show it.
fn rounded_share(share: f64) -> f64 {
    format!("{share:.2e}").parse().unwrap_or(share)
}

/// A number with two digits.
fn rounded(p: f64) -> String {
    format!("{p:.1e}")
}

impl Comparison {
    /// What was done, in one line.
    pub fn title(&self) -> String {
        format!("compare {} (A) with {} (B)", self.names[0], self.names[1])
    }

    /// The verdict in one line.
    pub fn verdict(&self) -> String {
        let count = |change: Change| grouped(&self.count(change).to_string());
        let counts: Vec<String> =
            Change::ALL.into_iter().rev().map(|change| format!("{} {}", count(change), change.words())).collect();
        let word = if self.has_moved() { "MOVED" } else { "nothing moved" };
        format!("{word}: of {} figures {}", grouped(&self.figures.len().to_string()), counts.join(", "))
    }

    /// What the verdict rests on, in sentences.
    fn grounds(&self) -> Vec<String> {
        let mut grounds = vec![
            self.pairing.sentence(),
            format!(
                "A figure has moved where unchanged runs differ as much with a probability below {} ({} over {} figures; {:.1} standard \
                 errors of a normal law), so that at most {} in 1,000 comparisons of unchanged runs find one.",
                rounded(self.threshold),
                rounded_share(self.false_alarms),
                grouped(&self.figures.len().to_string()),
                self.threshold_in_standard_errors(),
                rounded_share(1_000.0 * self.false_alarms)
            ),
        ];
        if self.count(Change::Undecidable) > 0 {
            let why = "Not decidable: a heavy tail leaves the figure, or its difference trial by trial, without an error. It raises no alarm.";
            grounds.push(why.to_owned());
        }
        grounds.extend(self.notes.iter().cloned());
        for (names, side) in [(&self.only_in_a, &self.names[0]), (&self.only_in_b, &self.names[1])] {
            grounds.extend(names.iter().map(|name| format!("Moved: the contract \"{name}\" is in {side} alone.")));
        }
        grounds
    }

    /// Rankings by stated preferences: of both runs where they differ.
    fn rankings(&self) -> Vec<String> {
        let lines = |heading: &str, ranking: &str| {
            let lines = ranking.lines().map(|line| format!("{heading}: {line}"));
            lines.collect::<Vec<String>>()
        };
        let [a, b] = &self.rankings;
        if a == b { lines("A and B", a) } else { [lines("A", a), lines("B", b)].concat() }
    }

    /// What tables leave out.
    fn left_out(&self) -> Option<String> {
        let left_out = self.figures.iter().filter(|figure| !figure.is_shown()).count();
        let figures = if left_out == 1 { "figure" } else { "figures" };
        (left_out > 0).then(|| {
            format!(
                "{} more {figures} of lines, years and people, none of which moved, are not shown.",
                grouped(&left_out.to_string())
            )
        })
    }

    fn shown(&self) -> impl Iterator<Item = &Compared> {
        self.figures.iter().filter(|figure| figure.is_shown())
    }

    /// A table for a terminal of that width, in characters: all measures, and of other figures those that moved.
    pub fn text(&self, width: Option<u16>) -> String {
        let table = text_table(&HEADER, self.shown().map(Compared::cells).collect(), 2, width);
        let lines = self.grounds().into_iter().chain(self.rankings()).chain(self.left_out()).map(|line| line + "\n");
        let lines: String = lines.collect();
        format!("{}\n{table}{lines}{}\n", self.title(), self.verdict())
    }

    /// The same in Markdown, of at most [`MOST_SUMMARY_BYTES`]; what moved stands first.
    pub fn markdown(&self) -> String {
        let mut head = format!("### {}\n\n**{}**\n\n", markdown_cell(&self.title()), self.verdict());
        for line in self.grounds().into_iter().chain(self.rankings()).chain(self.left_out()) {
            head += &format!("- {}\n", markdown_cell(&line));
        }
        head += &format!("\n| {} |\n|:--|:--|--:|--:|--:|:--|\n", HEADER.join(" | "));
        let row = |figure: &Compared| {
            let cells: Vec<String> = figure.cells().iter().map(|cell| markdown_cell(cell)).collect();
            let line = cells.join(" | ");
            if figure.change == Change::Moved { format!("| {line} :red_circle: |\n") } else { format!("| {line} |\n") }
        };
        let moved = self.shown().filter(|figure| figure.change == Change::Moved);
        let others = self.shown().filter(|figure| figure.change != Change::Moved);
        cut_table(&head, moved.chain(others).map(row), MOST_SUMMARY_BYTES)
    }

    /// Every figure as a check, which fails where it moved; a figure that nobody can decide is no failure.
    pub fn checks(&self, file: Option<String>) -> Checks {
        let check = |figure: &Compared| Check {
            group: figure.subject.to_string(),
            name: figure.name(),
            verdict: if figure.change == Change::Moved { Verdict::Failed } else { Verdict::Passed },
            reason: figure.reason(),
        };
        let alone = |names: &[String], side: &str| -> Vec<Check> {
            let check = |name: &String| Check {
                group: name.clone(),
                name: "in both runs".to_owned(),
                verdict: Verdict::Failed,
                reason: format!("moved: the contract is in {side} alone"),
            };
            names.iter().map(check).collect()
        };
        let mut checks = alone(&self.only_in_a, &self.names[0]);
        checks.extend(alone(&self.only_in_b, &self.names[1]));
        checks.extend(self.figures.iter().map(check));
        Checks { title: self.title(), file, checks }
    }
}
