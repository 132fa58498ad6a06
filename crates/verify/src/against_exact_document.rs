//! Simulated figures beside exact ones, as a document in Markdown.

use twosided_prob::Caution;
use twosided_scenario::Scenario;
use twosided_units::grouped;

use crate::{AgainstExact, Compared};

/// The document of a scenario.
pub fn against_exact_document(found: &AgainstExact, scenario: &Scenario, file: &str, command: &str) -> String {
    let compared = found.figures().filter(|figure| figure.off.is_some()).count();
    let mut text = format!(
        "# {}: simulated against exact\n\nThe figures of `{file}`, simulated in {} trials with seed {}, beside those of their exact law, which \
         `docs/oracle.md` explains. Written by\n\n```sh\n{command}\n```\n\nAfter an exact figure stands its estimated bound; \
         after a simulated one, its standard error. *Off* is the difference in standard errors beyond that bound; for a quantile or a VaR, that \
         of the share of trials below the exact figure. {} figures are compared, and one that is more than {:.2} off fails: a right \
         program fails one document in a thousand.\n",
        scenario.name,
        grouped(&scenario.trials.to_string()),
        scenario.seed,
        compared,
        found.threshold()
    );
    if scenario.pools.is_some() {
        text.push_str("\nPools are set aside: everybody is drawn in every trial.\n");
    }
    for (name, figures) in &found.contracts {
        text.push_str(&format!("\n## {name}\n\n"));
        match figures {
            Ok(figures) if figures.iter().all(|figure| figure.exact.value == 0.0 && figure.simulated == 0.0) => {
                text.push_str("No gain and no loss in any year, exactly and simulated.\n");
            }
            Ok(figures) => text.push_str(&table(figures, found.threshold())),
            Err(reason) => text.push_str(&format!("No exact law: {reason}.\n")),
        }
    }
    if !found.totals.is_empty() {
        text.push_str("\n## What is observed, per person\n\n");
        text.push_str(&table(&found.totals, found.threshold()));
    }
    text
}

fn table(figures: &[Compared], threshold: f64) -> String {
    let mut text = "| | exact | simulated | off | |\n|:--|--:|--:|--:|:--|\n".to_owned();
    for figure in figures {
        let Compared { what, exact, simulated, standard_error, off, caution, .. } = figure;
        let unit = Unit::of(figure);
        let error =
            if standard_error.is_finite() { unit.write(*standard_error) } else { "unknown (heavy tail)".to_owned() };
        let verdict = |off: f64| if off.abs() > threshold { "**FAIL**" } else { "pass" };
        let (off, verdict) = match off {
            Some(off) => (format!("{off:.2}"), verdict(*off).to_owned()),
            None => (String::new(), format!("not compared: {}", caution.map_or("no standard error", Caution::reason))),
        };
        // Nothing is never written as minus nothing.
        let off = off.strip_prefix('-').filter(|digits| *digits == "0.00").map_or(off.clone(), str::to_owned);
        text.push_str(&format!(
            "| {what} | {} ± {} | {} ± {error} | {off} | {verdict} |\n",
            unit.write(exact.value),
            unit.bound(exact.bound),
            unit.write(*simulated)
        ));
    }
    text
}

/// How figures of a kind are written.
enum Unit {
    Probability,
    Dollars,
    /// Of a person, small amounts.
    Cents,
}

impl Unit {
    fn of(figure: &Compared) -> Self {
        if figure.is_probability {
            Self::Probability
        } else if figure.exact.value.abs() < 20_000.0 {
            Self::Cents
        } else {
            Self::Dollars
        }
    }

    fn decimals(&self) -> usize {
        match self {
            Self::Probability => 5,
            Self::Dollars => 0,
            Self::Cents => 2,
        }
    }

    fn write(&self, figure: f64) -> String {
        let decimals = self.decimals();
        let digits = format!("{:.decimals$}", figure.abs());
        let (whole, rest) = digits.split_once('.').unwrap_or((&digits, ""));
        let point = if rest.is_empty() { "" } else { "." };
        let is_nothing = digits.chars().all(|digit| matches!(digit, '0' | '.'));
        let sign = if figure < 0.0 && !is_nothing { "-" } else { "" };
        let dollar = if matches!(self, Self::Probability) { "" } else { "$" };
        format!("{sign}{dollar}{}{point}{rest}", grouped(whole))
    }

    /// A bound, to one digit and never below the last that is shown.
    fn bound(&self, bound: f64) -> String {
        let least = (0..self.decimals()).fold(1.0, |least, _| least / 10.0);
        let mut digit = least;
        while digit * 10.0 <= bound {
            digit *= 10.0;
        }
        self.write((bound / digit).ceil().max(1.0) * digit)
    }
}
