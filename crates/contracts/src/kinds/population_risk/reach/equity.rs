//! The health-equity adjustment of ACO REACH.

use twosided_form::{Key, Literal::Number, Section, keys};
use twosided_units::{Dollars, Pmpm, Share};

use crate::{AGREED, OBSERVED, Settlement, Year};

use super::rules::ReachRules;

/// Shares of beneficiary months by decile of the equity score.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Equity {
    /// The highest decile.
    pub top: Share,
    /// The second.
    pub second: Share,
    /// The third.
    pub third: Share,
    /// The lower half.
    pub bottom_half: Share,
}

keys! {
    /// Shares of beneficiary months by decile of the equity score.
    pub(crate) struct EquityKeys "terms.reach.equity" {
        TOP: Share = months("top").meaning("the share of beneficiary months in the highest decile");
        SECOND: Share = months("second").meaning("the share of beneficiary months in the second decile");
        THIRD: Share = months("third").meaning("the share of beneficiary months in the third decile");
        BOTTOM_HALF: Share = months("bottom_half").meaning("the share of beneficiary months in the lower half")
            .more("All four add to at most 1");
    }
}

/// The key of a share of beneficiary months.
const fn months(name: &'static str) -> Key<Share> {
    Key::share(name).default(Number(0.0))
}

impl Equity {
    /// What the benchmark is adjusted by.
    pub(super) fn settle(&self, rules: &ReachRules, settlement: &mut Settlement, year: &Year<'_>) -> Dollars {
        let Self { top, second, third, bottom_half } = *self;
        if *self == Self::default() {
            return settlement.dollars("health-equity adjustment", AGREED, Dollars::ZERO);
        }
        let by_decile = [
            ("highest decile", top, rules.equity_top.0),
            ("second decile", second, rules.equity_second.0),
            ("third decile", third, rules.equity_third.0),
            ("lower half", bottom_half, -rules.equity_bottom_half.0),
        ];
        let rate = by_decile.iter().map(|(_, share, rate)| share.value() * rate).sum();
        if settlement.records_steps() {
            let mut terms = Vec::new();
            for (decile, share, rate) in by_decile {
                settlement.share(format!("months in the {decile}"), AGREED, share.value());
                settlement.pmpm(format!("adjustment of the {decile}"), AGREED, Pmpm(rate));
                terms.push(format!("{{months in the {decile}}} × {{adjustment of the {decile}}}"));
            }
            settlement.pmpm("health-equity rate", terms.join(" + "), Pmpm(rate));
            settlement.number("beneficiary months", OBSERVED, year.exposure.0);
        }
        let how = "{health-equity rate} × {beneficiary months}";
        settlement.dollars("health-equity adjustment", how, Pmpm(rate) * year.exposure)
    }

    pub(super) fn read(section: Section<'_>) -> Option<Self> {
        type Keys = EquityKeys;
        let read = [&Keys::TOP, &Keys::SECOND, &Keys::THIRD, &Keys::BOTTOM_HALF].map(|key| section.read(key));
        let sum: f64 = read.iter().flatten().map(|share| share.value()).sum();
        let within = sum <= 1.0 + 1e-9;
        if !within {
            let message = format!("{}: shares of months add to more than 1", section.path);
            section.wrong(&section.span, message, "deciles and the lower half are parts of one whole");
        }
        section.finish();
        let [top, second, third, bottom_half] = read;
        within.then_some(())?;
        Some(Self { top: top?, second: second?, third: third?, bottom_half: bottom_half? })
    }
}
