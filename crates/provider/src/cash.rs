//! When amounts become cash.

use twosided_units::Dollars;

/// Amounts by the month in which they are paid, counted from one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CashCalendar {
    months: Vec<Dollars>,
}

/// The lowest point of cumulative cash.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CashLow {
    /// The month, zero if cash never falls below where it starts.
    pub month: usize,
    /// Cumulative cash in it: what must be financed, as a negative amount.
    pub cumulative: Dollars,
}

impl CashCalendar {
    /// An empty calendar of so many months.
    pub fn new(months: usize) -> Self {
        Self { months: vec![Dollars::ZERO; months] }
    }

    /// Adds an amount in a month; amounts past the last month do not count.
    pub fn add(&mut self, month: usize, amount: Dollars) {
        if let Some(index) = month.checked_sub(1)
            && let Some(total) = self.months.get_mut(index)
        {
            *total += amount;
        }
    }

    /// Cash over all months.
    pub fn total(&self) -> Dollars {
        self.months.iter().copied().sum()
    }

    /// The lowest cumulative cash, in the first month that has it.
    pub fn low(&self) -> CashLow {
        let mut low = CashLow { month: 0, cumulative: Dollars::ZERO };
        let mut cumulative = Dollars::ZERO;
        for (month, &amount) in (1..).zip(&self.months) {
            cumulative += amount;
            if cumulative < low.cumulative {
                low = CashLow { month, cumulative };
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn savings_that_come_late_must_be_financed() {
        let mut calendar = CashCalendar::new(24);
        (1..=12).for_each(|month| calendar.add(month, Dollars(-20.0)));
        calendar.add(22, Dollars(600.0));
        calendar.add(30, Dollars(1.0));
        assert_eq!(calendar.total(), Dollars(360.0));
        assert_eq!(calendar.low(), CashLow { month: 12, cumulative: Dollars(-240.0) });
    }
}
