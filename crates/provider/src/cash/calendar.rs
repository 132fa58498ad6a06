//! Amounts by month.

use twosided_units::Dollars;

/// Amounts by the month in which they are paid, counted from one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CashCalendar {
    months: Vec<Dollars>,
    /// The sizes of all amounts, by which rounding is judged.
    turnover: Dollars,
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
    /// An empty calendar of this many months.
    pub fn new(months: usize) -> Self {
        Self { months: vec![Dollars::ZERO; months], turnover: Dollars::ZERO }
    }

    /// The same cut off after some months, or with empty months after its own.
    #[must_use]
    pub fn of_months(&self, months: usize) -> Self {
        let mut counted = self.months.clone();
        counted.resize(months, Dollars::ZERO);
        Self { months: counted, turnover: self.turnover }
    }

    /// Adds an amount in a month; past the last month it does not count.
    pub fn add(&mut self, month: usize, amount: Dollars) {
        if let Some(index) = month.checked_sub(1)
            && let Some(total) = self.months.get_mut(index)
        {
            *total += amount;
            self.turnover += Dollars(amount.0.abs());
        }
    }

    /// What the rounding of the amounts may add up to: less than a cent of ten billion dollars.
    pub fn rounding(&self) -> Dollars {
        self.turnover * 1e-12
    }

    /// The amount of each month, from the first.
    pub fn months(&self) -> &[Dollars] {
        &self.months
    }

    /// Adds an amount at a time in months, which may lie within one: what is paid so long after the start of a month that begins
    /// after `start` falls on the two months around it.
    pub fn add_at(&mut self, start: usize, lag: f64, amount: Dollars) {
        let whole = lag.floor();
        let part = lag - whole;
        let month = start + whole as usize;
        self.add(month, amount * (1.0 - part));
        if part > 0.0 {
            self.add(month + 1, amount * part);
        }
    }

    /// Cash of all months.
    pub fn total(&self) -> Dollars {
        self.months.iter().copied().sum()
    }

    /// The lowest cumulative cash, in the first month that has it.
    pub fn low(&self) -> CashLow {
        let mut low = CashLow { month: 0, cumulative: Dollars::ZERO };
        let mut cumulative = Dollars::ZERO;
        for (month, &amount) in (1..).zip(&self.months) {
            cumulative += amount;
            low = low.or(CashLow { month, cumulative }, self.rounding());
        }
        low
    }
}

impl CashLow {
    /// The lower of the two by more than rounding; the earlier of two that are equal.
    pub(crate) fn or(self, later: Self, rounding: Dollars) -> Self {
        if later.cumulative < self.cumulative - rounding { later } else { self }
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
