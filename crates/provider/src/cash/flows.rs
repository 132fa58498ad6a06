//! The months in which a year's lines are paid.

use twosided_contracts::Timing;
use twosided_units::Dollars;

use crate::{CashCalendar, Line, Lines};

/// Months of a year.
const MONTHS: usize = 12;

/// How long the provider's own receipts and payments take, in months. What contracts settle has a [`Timing`] of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Flows {
    /// From a service to its fee, by payer.
    pub fees: Vec<f64>,
    /// From own care to the payment of its cost.
    pub cost: f64,
    /// From care of others to the payment of their claims.
    pub claims: f64,
    /// From the end of the year to stop-loss recoveries.
    pub recoveries: f64,
}

/// One year of a trial under one contract, or several that are held at once.
#[derive(Clone, Copy, Debug)]
pub struct CashYear<'a> {
    /// The lines of the margin.
    pub lines: &'a Lines,
    /// Fees by payer, which add up to their line.
    pub fees: &'a [Dollars],
    /// What is advanced in the first month, and what is advanced each quarter, among care-management fees.
    pub advances: [Dollars; 2],
    /// What each contract settles.
    pub held: &'a [HeldYear],
    /// The part of investments that is a cost of the year.
    pub written_off: Dollars,
    /// What is invested in the first month.
    pub invested: Dollars,
}

/// What one contract settles of a year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeldYear {
    /// Settled after the year.
    pub reconciliation: Dollars,
    /// Change in fees.
    pub fee_adjustment: Dollars,
    /// Capitation.
    pub capitation: Dollars,
    /// Held back during the year, and paid with the settlement.
    pub withheld: Dollars,
    /// When they are paid.
    pub timing: Timing,
    /// By how many months the settlement is late.
    pub delay: u32,
}

impl Flows {
    /// The months that hold all payments of some years under contracts with these timings.
    pub fn months(&self, years: u32, timings: impl Iterator<Item = Timing>) -> usize {
        let longest = self.fees.iter().copied().fold(self.cost.max(self.claims).max(self.recoveries), f64::max);
        let of_contracts = timings.map(|timing| timing.last() as usize).max().unwrap_or(0);
        (years as usize - 1) * MONTHS + of_contracts.max(MONTHS + longest.ceil() as usize)
    }

    /// Adds the payments of a year, counted from 0: their sum is that of its lines, with what is invested in place of what is
    /// written off.
    pub fn add(&self, year: u32, of_year: &CashYear<'_>, calendar: &mut CashCalendar) {
        let first = year as usize * MONTHS + 1;
        let line = |line: Line| Dollars(of_year.lines.0[line as usize]);
        let mut monthly = |lag: f64, amount: Dollars| {
            for month in 0..MONTHS {
                calendar.add_at(first + month, lag, amount * (1.0 / MONTHS as f64));
            }
        };
        for (&lag, &fees) in self.fees.iter().zip(of_year.fees) {
            monthly(lag, fees);
        }
        let [at_once, quarterly] = of_year.advances;
        monthly(0.0, line(Line::CareManagement) - at_once - quarterly);
        monthly(0.0, line(Line::Premiums) + line(Line::Administration) + line(Line::Programs));
        monthly(self.claims, line(Line::ClaimsToOthers));
        // What is written off is no payment.
        monthly(self.cost, line(Line::CostOfCare) + of_year.written_off);
        for HeldYear { capitation, withheld, timing, .. } in of_year.held {
            monthly(0.0, -*withheld);
            let (corrected, after) = timing.corrected;
            monthly(0.0, *capitation * corrected.complement());
            monthly(f64::from(after), *capitation * corrected);
        }
        calendar.add_at(first + MONTHS, self.recoveries, line(Line::Recoveries));
        calendar.add(first, at_once - of_year.invested);
        for quarter in 0..4 {
            calendar.add(first + 3 * quarter, quarterly * 0.25);
        }
        for HeldYear { reconciliation, fee_adjustment, withheld, timing, delay, .. } in of_year.held {
            calendar.add(first + (timing.settlement + delay) as usize - 1, *withheld);
            let month = if *reconciliation < Dollars::ZERO { timing.loss } else { timing.settlement };
            calendar.add(first + (month + delay) as usize - 1, *reconciliation);
            for month in 0..timing.adjustment_months {
                let part = *fee_adjustment * (1.0 / f64::from(timing.adjustment_months));
                calendar.add(first + (timing.adjustment + month) as usize - 1, part);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_contracts::{FeeForService, Terms};
    use twosided_units::Share;

    fn timing() -> Timing {
        Timing::of_kind(&Terms::FeeForService(FeeForService))
    }

    /// A number from 0 to 1 that looks random.
    fn numbers() -> impl FnMut() -> f64 {
        let mut state = 20_261_127_u64;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        }
    }

    #[test]
    fn cash_over_a_long_enough_horizon_equals_the_lines() {
        let mut number = numbers();
        for _ in 0..200 {
            let years = 1 + (5.0 * number()) as u32;
            let flows = Flows {
                fees: vec![4.0 * number(), 2.0 * number()],
                cost: 3.0 * number(),
                claims: 6.0 * number(),
                recoveries: 9.0 * number(),
            };
            let timings = [(); 2].map(|()| Timing {
                settlement: 12 + (20.0 * number()) as u32,
                loss: 12 + (20.0 * number()) as u32,
                delay: 6,
                adjustment: 1 + (30.0 * number()) as u32,
                adjustment_months: 1 + (12.0 * number()) as u32,
                corrected: (Share::new(number()).expect("a share"), 1 + (6.0 * number()) as u32),
                ..timing()
            });
            let mut calendar = CashCalendar::new(flows.months(years, timings.into_iter()));
            let mut expected = 0.0;
            for year in 0..years {
                let mut amount = || Dollars(2e6 * (number() - 0.4));
                let held = timings.map(|timing| HeldYear {
                    reconciliation: amount(),
                    fee_adjustment: amount(),
                    capitation: amount(),
                    withheld: amount(),
                    timing,
                    delay: year % 7,
                });
                let fees = [amount(), amount()];
                let mut lines = Lines::default();
                for line in &mut lines.0 {
                    *line = amount().0;
                }
                let sum = |of: fn(&HeldYear) -> Dollars| held.iter().map(of).sum::<Dollars>().0;
                lines.0[Line::Fees as usize] = (fees[0] + fees[1]).0;
                lines.0[Line::Capitation as usize] = sum(|held| held.capitation);
                lines.0[Line::Reconciliation as usize] = sum(|held| held.reconciliation);
                lines.0[Line::FeeAdjustment as usize] = sum(|held| held.fee_adjustment);
                let (written_off, invested) = (amount(), amount());
                let advances = [amount(), amount()];
                expected += (lines.margin() + written_off - invested).0;
                let of_year = CashYear { lines: &lines, fees: &fees, advances, held: &held, written_off, invested };
                flows.add(year, &of_year, &mut calendar);
            }
            assert!((calendar.total().0 - expected).abs() < 1e-3, "{} {expected}", calendar.total().0);
        }
    }

    #[test]
    fn a_settlement_is_paid_in_its_month_and_a_fee_after_its_lag() {
        let flows = Flows { fees: vec![1.5], cost: 0.0, claims: 0.0, recoveries: 3.0 };
        let timing = Timing { settlement: 22, loss: 23, delay: 2, ..timing() };
        let held = |reconciliation: f64, delay| HeldYear {
            reconciliation: Dollars(reconciliation),
            fee_adjustment: Dollars::ZERO,
            capitation: Dollars::ZERO,
            withheld: Dollars(if delay == 0 { 120.0 } else { 0.0 }),
            timing,
            delay,
        };
        let mut lines = Lines::default();
        lines.0[Line::Fees as usize] = 1_200.0;
        lines.0[Line::Recoveries as usize] = 70.0;
        let mut calendar = CashCalendar::new(flows.months(2, [timing].into_iter()));
        for (year, held) in [held(600.0, 0), held(-300.0, 2)].into_iter().enumerate() {
            let nothing = Dollars::ZERO;
            let fees = [Dollars(if year == 0 { 1_200.0 } else { 0.0 })];
            let lines = if year == 0 { lines } else { Lines::default() };
            let of_year = CashYear {
                lines: &lines,
                fees: &fees,
                advances: [nothing; 2],
                held: &[held],
                written_off: nothing,
                invested: nothing,
            };
            flows.add(year as u32, &of_year, &mut calendar);
        }
        let month = |month: usize| calendar.months()[month - 1].0;
        // $100 a month, half a month after the first of the next; $10 a month is held back.
        let first = [month(1), month(2), month(3), month(12), month(13), month(14)];
        assert_eq!(first, [-10.0, 40.0, 90.0, 90.0, 100.0, 50.0]);
        // The end of the year, three months on; then the first settlement with what was held back, and the second in month 12 + 23 + 2.
        assert_eq!([month(16), month(22), month(37)], [70.0, 720.0, -300.0]);
        assert!((calendar.total().0 - 1_570.0).abs() < 1e-9);
    }
}
