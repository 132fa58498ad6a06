//! Box 5: the keys that move a 1-in-20 year most.

use maud::{Markup, html};

use super::Amount;
use crate::{MovedEnd, MovedKey, Summary, page::key};

/// Most bars.
const MOST_BARS: usize = 3;
/// Width and height of a bar's picture.
const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 9.0;

/// One key.
pub(super) struct Bar {
    pub(super) words: String,
    pub(super) key: String,
    /// The value, what it adds to the loss in dollars, and the same as text, of the lower and of the higher end.
    pub(super) ends: [(String, f64, Amount); 2],
    /// Whether an interval leaves out zero.
    pub(super) is_beyond_chance: bool,
}

/// The largest bars.
pub(super) struct Changes {
    /// None where the scenario varies nothing.
    pub(super) of: Option<(String, Amount)>,
    pub(super) bars: Vec<Bar>,
    pub(super) left_out: usize,
    /// The words for a bad year of the horizon.
    pub(super) bad_year: String,
}

impl Changes {
    pub(super) fn new(summary: &Summary) -> Self {
        let bad_year = summary.period().say("1-in-20 bad {year}");
        let Some(sensitivity) = &summary.sensitivity else {
            return Self { of: None, bars: Vec::new(), left_out: 0, bad_year };
        };
        Self {
            of: Some((sensitivity.contract.clone(), Amount::of_figure(&sensitivity.value_at_risk_95))),
            bars: sensitivity.keys.iter().take(MOST_BARS).map(bar).collect(),
            left_out: sensitivity.keys.len().saturating_sub(MOST_BARS),
            bad_year,
        }
    }

    pub(super) fn markup(&self) -> Markup {
        let Some((contract, base)) = &self.of else {
            return html! {
                p { "Not known: the scenario varies nothing. List the keys that may be otherwise, each with two values, as "
                    code { "vary = [{ key = \"population.trend.mean\", low = 1.01, high = 1.05 }]" } " in " code { "[decision]" } "." }
            };
        };
        let longest =
            self.bars.iter().flat_map(|bar| &bar.ends).fold(0.0, |most: f64, (_, change, _)| most.max(change.abs()));
        html! {
            p { "Loss of a " (self.bad_year) " under " b { (contract) } ": " (base.in_sentence()) ". It changes by:" }
            @for bar in &self.bars { (bar.markup(longest)) }
            @if self.left_out > 0 { p.fine { (self.left_out) @if self.left_out == 1 { " more key moves" } @else { " more keys move" } " it less, by the estimates." } }
        }
    }
}

fn bar(moved: &MovedKey) -> Bar {
    let end = |end: &MovedEnd| {
        let amount = Amount::of_figure(&end.change);
        let sign = if end.change.value > 0.0 { "+" } else { "" };
        (end.value.to_string(), end.change.value, Amount { amount: format!("{sign}{}", amount.amount), ..amount })
    };
    let is_beyond = |end: &MovedEnd| end.change.interval.lower > 0.0 || end.change.interval.upper < 0.0;
    Bar {
        words: moved.in_words(),
        key: moved.key.clone(),
        ends: [end(&moved.low), end(&moved.high)],
        is_beyond_chance: is_beyond(&moved.low) || is_beyond(&moved.high),
    }
}

impl Bar {
    fn text(&self) -> String {
        let [low, high] = &self.ends;
        format!("{}: {} at {}, {} at {}", self.words, low.2.text(), low.0, high.2.text(), high.0)
    }

    /// Whether neither value changes the loss in any trial that decides it.
    fn is_nothing(&self) -> bool {
        self.ends.iter().all(|(_, change, amount)| *change == 0.0 && amount.interval.is_empty())
    }

    fn markup(&self, longest: f64) -> Markup {
        html! {
            div.bar {
                p { b { (self.words) } ": "
                    @if self.is_nothing() { "nothing, from " (self.ends[0].0) " to " (self.ends[1].0) } @else {
                        @for (index, (value, _, change)) in self.ends.iter().enumerate() {
                            @if index > 0 { "; " }
                            (change.in_sentence()) " at " (value)
                        }
                        @if !self.is_beyond_chance { "; this run cannot say that it changes anything" }
                    }
                    ". " span.fine { (key(&self.key)) } }
                @if !self.is_nothing() { (self.picture(longest)) }
            }
        }
    }

    /// The two changes about the loss as it is: the lower value dark, the higher one light.
    fn picture(&self, longest: f64) -> Markup {
        let middle = WIDTH / 2.0;
        let length = |change: f64| if longest > 0.0 { change / longest * middle } else { 0.0 };
        let half = HEIGHT / 2.0;
        html! {
            svg.change viewBox=(format!("-1 -1 {} {}", WIDTH + 2.0, HEIGHT + 2.0)) role="img" aria-label=(self.text()) {
                title { (self.text()) }
                @for (index, (fill, (_, change, _))) in ["#1c2430", "#a9bccb"].iter().zip(&self.ends).enumerate() {
                    @let length = length(*change);
                    rect x=(format!("{:.2}", middle + length.min(0.0))) y=(format!("{:.1}", half * index as f64))
                        width=(format!("{:.2}", length.abs())) height=(half) fill=(fill) stroke="#1c2430" stroke-width="0.5" {}
                }
                line x1=(middle) x2=(middle) y1="-1" y2=(HEIGHT + 1.0) stroke="#1c2430" {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Figure, Unit};
    use twosided_prob::Estimate;

    fn end(value: f64, change: f64, error: f64) -> MovedEnd {
        let (lower, upper) = (change - 2.0 * error, change + 2.0 * error);
        let estimate = Estimate { value: change, standard_error: error, lower, upper, caution: None };
        MovedEnd { value, change: Figure::new(Unit::UsdAYear, estimate) }
    }

    #[test]
    fn a_bar_says_what_each_value_changes() {
        let key = "population.trend.mean".to_owned();
        let bar = bar(&MovedKey { key, low: end(1.01, -4e5, 1e4), high: end(1.05, 5e5, 1e4) });
        let text = bar.markup(5e5).into_string();
        assert!(
            text.contains("trend mean: -$400k (-$420k to -$380k) at 1.01, +$500k ($480k to $520k) at 1.05"),
            "{text}"
        );
        assert!(text.contains("; +$500k <small>($480k to $520k)</small> at 1.05. <span"), "{text}");
    }

    #[test]
    fn a_change_within_chance_is_none() {
        let bar = bar(&MovedKey { key: "a.b".to_owned(), low: end(1.0, 1e3, 1e4), high: end(2.0, -1e3, 1e4) });
        assert!(bar.markup(1e3).into_string().contains("; this run cannot say that it changes anything."));
    }

    #[test]
    fn what_changes_nothing_has_no_picture() {
        let bar = bar(&MovedKey { key: "a.b".to_owned(), low: end(1.0, 0.0, 0.0), high: end(2.0, 0.0, 0.0) });
        let text = bar.markup(1e3).into_string();
        assert!(text.contains("<b>b</b>: nothing, from 1 to 2. ") && !text.contains("<svg"), "{text}");
    }
}
