//! Box 3: of 100 years, how many pay, how many receive, and in how many nothing moves.

use maud::{Markup, html};
use twosided_prob::Estimate;

use crate::{ContractSummary, Figure, SettledBy};

/// What happens in a year, in the order of the bar.
const WORDS: [&str; 3] = ["we pay", "nothing moves", "we receive"];
/// The fill of each part, from dark to light so that black and white tell them apart, and the ink on it.
const FILLS: [(&str, &str); 3] = [("#1c2430", "#ffffff"), ("#ffffff", "#1c2430"), ("#a9bccb", "#1c2430")];
/// Width and height of a bar, and the least width of a part that holds its number.
const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 18.0;
const LEAST_LABELED: f64 = 16.0;

/// How many of 100 years, as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    /// So many; 0 only of what never happened.
    Years(u32),
    /// It happened, in fewer than one.
    BelowOne,
    /// In more than 99, and others happened too.
    Above99,
}

impl Count {
    fn text(self) -> String {
        match self {
            Self::Years(years) => years.to_string(),
            Self::BelowOne => "<1".to_owned(),
            Self::Above99 => ">99".to_owned(),
        }
    }

    fn spoken(self) -> String {
        match self {
            Self::Years(years) => years.to_string(),
            Self::BelowOne => "fewer than 1".to_owned(),
            Self::Above99 => "more than 99".to_owned(),
        }
    }
}

/// The years of one option.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct HundredYears {
    name: String,
    /// Shares of years, in the order of the bar.
    shares: [Estimate; 3],
    is_gain: bool,
}

impl HundredYears {
    pub(super) fn new(contract: &ContractSummary) -> Option<Self> {
        let owed = contract.owed.as_ref()?;
        let shares = [&owed.years_owed, &owed.years_of_neither, &owed.years_received].map(Figure::estimate);
        Some(Self { name: contract.name.clone(), shares, is_gain: owed.basis != SettledBy::Reconciliation })
    }

    /// The name of the row.
    fn marked(&self) -> String {
        if self.is_gain { format!("{}\u{a0}†", self.name) } else { self.name.clone() }
    }

    fn values(&self) -> [f64; 3] {
        self.shares.map(|share| share.value)
    }

    fn text(&self) -> String {
        let counts = counts(self.values());
        let parts: Vec<String> =
            WORDS.iter().zip(counts).map(|(words, count)| format!("{words} in {}", count.spoken())).collect();
        format!("{}: of 100 years, {}", self.name, parts.join(", "))
    }

    /// The bar, with numbers on it where they fit.
    fn bar(&self) -> Markup {
        let counts = counts(self.values());
        let mut from = 0.0;
        let parts = self.values().map(|share| {
            let start = from;
            from += share * WIDTH;
            (start, share * WIDTH)
        });
        html! {
            svg.hundred viewBox=(format!("-1 -1 {} {}", WIDTH + 2.0, HEIGHT + 2.0)) role="img" aria-label=(self.text()) {
                title { (self.text()) }
                @for (((start, width), (fill, ink)), count) in parts.into_iter().zip(FILLS).zip(counts) {
                    @if width > 0.0 {
                        rect x=(format!("{start:.2}")) y="0" width=(format!("{width:.2}")) height=(HEIGHT) fill=(fill) stroke="#1c2430" {}
                        @if width >= LEAST_LABELED {
                            text x=(format!("{:.2}", start + width / 2.0)) y="13" text-anchor="middle" font-size="11" fill=(ink) {
                                (count.text())
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Whole numbers of 100 for shares that add up to one: they add up to 100, those below one counting as nothing and that above 99 as all.
/// What happened is never 0.
///
/// The largest remainders are rounded up.
pub(super) fn counts(shares: [f64; 3]) -> [Count; 3] {
    let total: f64 = shares.iter().sum();
    let of_100 = shares.map(|share| if total > 0.0 { 100.0 * share / total } else { 0.0 });
    let mut whole = of_100.map(|share| (share + 1e-9).floor());
    let mut order = [0, 1, 2];
    order.sort_by(|&a, &b| (of_100[b] - whole[b]).total_cmp(&(of_100[a] - whole[a])));
    let missing = (100.0 - whole.iter().sum::<f64>()).max(0.0) as usize;
    for &index in order.iter().take(missing) {
        whole[index] += 1.0;
    }
    let happened = shares.iter().filter(|&&share| share > 0.0).count();
    let count = |index: usize| match whole[index] as u32 {
        0 if shares[index] > 0.0 => Count::BelowOne,
        100 if happened > 1 => Count::Above99,
        years => Count::Years(years),
    };
    [count(0), count(1), count(2)]
}

/// The interval of a share, in years of 100: `11 to 13`.
fn interval(share: Estimate) -> String {
    if share.standard_error == 0.0 {
        return String::new();
    }
    let end = |end: f64| {
        let years = 100.0 * end.clamp(0.0, 1.0);
        match years {
            _ if years == 0.0 || years == 100.0 => format!("{years:.0}"),
            ..0.1 => "<0.1".to_owned(),
            ..1.0 => format!("{years:.1}"),
            99.9.. => ">99.9".to_owned(),
            99.0.. => format!("{years:.1}"),
            _ => format!("{years:.0}"),
        }
    };
    let (lower, upper) = (end(share.lower), end(share.upper));
    if lower == upper { format!("({lower})") } else { format!("({lower} to {upper})") }
}

/// One bar a row, with its numbers beside it.
pub(super) fn markup(rows: &[HundredYears]) -> Markup {
    if rows.is_empty() {
        return html! { p { "Fee-for-service alone settles nothing after the year." } };
    }
    html! {
        p.legend { "Of 100 years: "
            @for (index, (words, (fill, _))) in WORDS.iter().zip(FILLS).enumerate() {
                @if index > 0 { ", " }
                svg.swatch viewBox="0 0 12 12" aria-hidden="true" { rect x="1" y="1" width="10" height="10" fill=(fill) stroke="#1c2430" {} }
                " " (words)
            }
            "." }
        div.hundreds { @for row in rows {
            div.row {
                span.name { (row.marked()) }
                (row.bar())
                span.numbers { @for (index, ((words, count), share)) in WORDS.iter().zip(counts(row.values())).zip(row.shares).enumerate() {
                    @if index > 0 { ", " }
                    span.part { (words) " " b { (count.text()) } " " small { (interval(share)) } }
                } }
            }
        } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(shares: [f64; 3]) -> [String; 3] {
        counts(shares).map(Count::text)
    }

    #[test]
    fn years_add_up_to_one_hundred() {
        for pay in 0..=60 {
            for receive in 0..=60 {
                let (pay, receive) = (f64::from(pay) / 61.0 * 0.6, f64::from(receive) / 67.0 * 0.4);
                let shares = [pay, 1.0 - pay - receive, receive];
                let sum: u32 = counts(shares)
                    .into_iter()
                    .map(|count| match count {
                        Count::Years(years) => years,
                        Count::BelowOne => 0,
                        Count::Above99 => 100,
                    })
                    .sum();
                assert_eq!(sum, 100, "{shares:?}");
                for (share, count) in shares.into_iter().zip(counts(shares)) {
                    assert_eq!(count == Count::Years(0), share == 0.0, "{shares:?}");
                    let near = match count {
                        Count::Years(years) => (100.0 * share - f64::from(years)).abs() < 1.0,
                        Count::BelowOne => share < 0.01,
                        Count::Above99 => share > 0.98,
                    };
                    assert!(near, "{shares:?}");
                }
            }
        }
    }

    #[test]
    fn what_happened_is_never_nothing() {
        assert_eq!(texts([0.003, 0.0, 0.997]), ["<1", "0", ">99"]);
        assert_eq!(texts([0.004, 0.498, 0.498]), ["<1", "50", "50"]);
        assert_eq!(texts([0.0, 0.0, 1.0]), ["0", "0", "100"]);
        assert_eq!(texts([1.0 / 3.0; 3]), ["34", "33", "33"]);
    }

    #[test]
    fn a_bar_says_its_figures() {
        let share = |value: f64, error: f64| Estimate {
            value,
            standard_error: error,
            lower: value - 2.0 * error,
            upper: value + 2.0 * error,
            caution: None,
        };
        let row = HundredYears {
            name: "Track <A>".to_owned(),
            shares: [share(0.12, 0.005), share(0.6, 0.01), share(0.28, 0.0)],
            is_gain: false,
        };
        let text = markup(&[row]).into_string();
        let alt = "Track &lt;A&gt;: of 100 years, we pay in 12, nothing moves in 60, we receive in 28";
        assert!(text.contains(&format!("aria-label=\"{alt}\"")), "{text}");
        assert!(text.contains("we pay <b>12</b> <small>(11 to 13)</small>"), "{text}");
        assert_eq!(text.matches("<rect").count(), 3 + 3);
    }
}
