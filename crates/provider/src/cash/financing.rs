//! What is borrowed where cash runs short, and what cash of later months is worth today.

use twosided_units::Dollars;

use crate::{CashCalendar, CashLow};

/// What the provider has to pay with.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Financing {
    /// Cash before the first month.
    pub opening: Dollars,
    /// The most that can be drawn on a credit line.
    pub credit_line: Dollars,
    /// Interest a year on what is drawn.
    pub credit_rate: f64,
    /// The rate a year at which later cash is discounted.
    pub discount_rate: f64,
}

/// Cash of one trial, with what is borrowed.
#[derive(Clone, Debug, PartialEq)]
pub struct Financed {
    /// Cash at the end of each month, without what is borrowed: below zero it must be financed.
    pub cash: Vec<Dollars>,
    /// The lowest of it.
    pub low: CashLow,
    /// The most that is drawn at once.
    pub drawn: Dollars,
    /// Interest that is paid.
    pub interest: Dollars,
    /// Whether more was needed than the credit line holds.
    pub exhausts_credit: bool,
    /// All months' cash, discounted to the start of the first; without interest.
    pub present_value: Dollars,
}

impl Financing {
    /// Finances the payments of a calendar. A month's shortfall is drawn, and is repaid as soon as cash allows; interest on what is
    /// drawn at the end of a month is paid in the next. What the credit line does not hold bears none.
    pub fn finance(&self, calendar: &CashCalendar) -> Financed {
        let monthly = self.credit_rate / 12.0;
        let mut cash = self.opening;
        let (mut interest, mut present_value) = (Dollars::ZERO, 0.0);
        let mut low = CashLow { month: 0, cumulative: self.opening };
        let rounding = calendar.rounding() + Dollars(self.opening.0.abs() * 1e-12);
        let mut balances = Vec::with_capacity(calendar.months().len());
        for (month, &amount) in (1..).zip(calendar.months()) {
            let owed = (-cash).max(Dollars::ZERO).min(self.credit_line) * monthly;
            interest += owed;
            cash += amount - owed;
            present_value += amount.0 * libm::pow(1.0 + self.discount_rate, -(month as f64) / 12.0);
            if cash.0.abs() <= rounding.0 {
                cash = Dollars::ZERO;
            }
            low = low.or(CashLow { month, cumulative: cash }, rounding);
            balances.push(cash);
        }
        let needed = (-low.cumulative).max(Dollars::ZERO);
        Financed {
            cash: balances,
            low,
            drawn: Dollars(needed.0.min(self.credit_line.0)),
            interest,
            exhausts_credit: needed > self.credit_line,
            present_value: Dollars(present_value),
        }
    }
}

/// Days that cash lasts at yearly payments of so much.
pub fn days_of_cash(cash: Dollars, payments_a_year: Dollars) -> f64 {
    if payments_a_year > Dollars::ZERO { cash / payments_a_year * 365.0 } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(amounts: &[f64]) -> CashCalendar {
        let mut calendar = CashCalendar::new(amounts.len());
        for (month, &amount) in (1..).zip(amounts) {
            calendar.add(month, Dollars(amount));
        }
        calendar
    }

    #[test]
    fn a_shortfall_is_drawn_with_interest_and_repaid() {
        let financing =
            Financing { opening: Dollars(50.0), credit_line: Dollars(120.0), credit_rate: 0.12, discount_rate: 0.0 };
        let financed = financing.finance(&calendar(&[-100.0, -100.0, 300.0, 0.0]));
        // 50 drawn after the first month, at 1% a month; then 150.5, of which the line holds 120.
        let cash: Vec<f64> = financed.cash.iter().map(|cash| cash.0).collect();
        for (found, expected) in cash.iter().zip([-50.0, -150.5, 148.3, 148.3]) {
            assert!((found - expected).abs() < 1e-9, "{cash:?}");
        }
        assert_eq!((financed.low.month, financed.exhausts_credit, financed.drawn), (2, true, Dollars(120.0)));
        assert!((financed.interest.0 - 1.7).abs() < 1e-9 && (financed.present_value.0 - 100.0).abs() < 1e-9);
    }

    #[test]
    fn the_low_point_is_the_lowest_of_all_months() {
        let financed = Financing::default().finance(&calendar(&[10.0, -30.0, 5.0, -1.0, 40.0]));
        let lowest = financed.cash.iter().map(|cash| cash.0).fold(0.0, f64::min);
        assert_eq!((financed.low.cumulative.0, financed.low.month), (lowest, 2));
        // Cash that never falls below where it starts is lowest there.
        let rising = Financing::default().finance(&calendar(&[10.0, 1.0]));
        assert_eq!(rising.low, CashLow { month: 0, cumulative: Dollars::ZERO });
    }

    #[test]
    fn of_random_payments_the_low_point_is_the_lowest_by_hand() {
        let mut state = 88_u64;
        let mut number = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        for _ in 0..500 {
            let amounts: Vec<f64> = (0..=(60.0 * number()) as usize).map(|_| 1e6 * (number() - 0.5)).collect();
            let opening = 5e5 * number();
            let financing = Financing { opening: Dollars(opening), ..Financing::default() };
            let financed = financing.finance(&calendar(&amounts));
            let balances: Vec<f64> =
                (0..=amounts.len()).map(|months| opening + amounts[..months].iter().sum::<f64>()).collect();
            let lowest = balances.iter().copied().fold(f64::INFINITY, f64::min);
            let month = balances.iter().position(|&cash| cash == lowest);
            assert!((financed.low.cumulative.0 - lowest).abs() < 1e-6, "{amounts:?}");
            assert_eq!(Some(financed.low.month), month, "{amounts:?}");
            assert_eq!(financed.exhausts_credit, lowest < 0.0);
        }
    }

    #[test]
    fn cash_that_is_used_up_to_the_last_cent_does_not_run_short() {
        // A tenth and two tenths are three tenths, but for rounding; cash then stays where it is.
        let financing = Financing { opening: Dollars(0.3), ..Financing::default() };
        let spent = calendar(&[-0.1, -0.2, 0.0, 1e-15, -2e-15]);
        let financed = financing.finance(&spent);
        assert_eq!((financed.low.cumulative, financed.low.month), (Dollars::ZERO, 2));
        assert!(!financed.exhausts_credit);
        // So does cash whose monthly amounts are what rounding leaves of equal fees and costs.
        let mut even = CashCalendar::new(12);
        for month in 1..=12 {
            even.add(month, Dollars(0.1));
            even.add(month, Dollars(0.2));
            even.add(month, Dollars(-0.3));
        }
        assert!(even.months()[0] != Dollars::ZERO);
        let low = CashLow { month: 0, cumulative: Dollars::ZERO };
        assert_eq!((Financing::default().finance(&even).low, even.low()), (low, low));
    }

    #[test]
    fn later_cash_is_worth_less() {
        let financing = Financing { discount_rate: 0.21, ..Financing::default() };
        let mut months = vec![0.0; 24];
        months[23] = 146.41;
        assert!((financing.finance(&calendar(&months)).present_value.0 - 100.0).abs() < 1e-9);
        assert!((days_of_cash(Dollars(50.0), Dollars(365.0)) - 50.0).abs() < 1e-9);
    }
}
