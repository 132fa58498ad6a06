//! Costs that volume does not move one by one: steps, investments, and taking part in several contracts.

use twosided_units::{Dollars, Share};

/// A cost that rises in steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Unique name.
    pub name: String,
    /// What one step costs a year.
    pub cost: Dollars,
    /// What one step serves.
    pub serves: Capacity,
}

/// What one step of a cost serves.
#[derive(Clone, Debug, PartialEq)]
pub enum Capacity {
    /// Person-years.
    PersonYears(f64),
    /// Events of a service, the provider's own.
    Events {
        /// The service.
        service: String,
        /// How many.
        events: f64,
    },
}

impl Step {
    /// What a number of person-years or events costs a year: a step for each capacity that is begun.
    pub fn cost_of(&self, volume: f64) -> Dollars {
        let (Capacity::PersonYears(capacity) | Capacity::Events { events: capacity, .. }) = self.serves;
        // Person-years are sums: a capacity that is met is not begun again by rounding.
        self.cost * (volume / capacity - 1e-9).ceil().max(0.0)
    }
}

/// Money that is spent once and serves some years.
#[derive(Clone, Debug, PartialEq)]
pub struct Investment {
    /// Unique name.
    pub name: String,
    /// What is spent, in dollars of the day.
    pub cost: Dollars,
    /// The year in which it is spent, counted from 0.
    pub year: u32,
    /// The years that it serves, in each of which an equal part is a cost.
    pub life: u32,
    /// The contracts for which it is made; none where it is made in any case.
    pub contracts: Option<Vec<String>>,
}

impl Investment {
    /// Whether it is made by who holds contracts of these names.
    pub fn is_made<'a>(&self, mut held: impl Iterator<Item = &'a str>) -> bool {
        self.contracts.as_ref().is_none_or(|contracts| held.any(|name| contracts.iter().any(|known| known == name)))
    }

    /// The part that is a cost of a year, counted from 0.
    pub fn cost_in(&self, year: u32) -> Dollars {
        let serves = year >= self.year && year - self.year < self.life;
        if serves { self.cost * (1.0 / f64::from(self.life)) } else { Dollars::ZERO }
    }

    /// What is spent in a year, counted from 0.
    pub fn spent_in(&self, year: u32) -> Dollars {
        if year == self.year { self.cost } else { Dollars::ZERO }
    }
}

/// What reporting costs, and what several contracts have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Administration {
    /// What reporting a quality measure costs a year.
    pub per_measure: Dollars,
    /// The part of each contract's administration that contracts held at once share: it is paid for the costliest alone.
    pub shared: Share,
}

impl Administration {
    /// What contracts that cost so much each cost together.
    ///
    /// ```text
    /// together = sum - shared × (sum - largest)
    /// ```
    pub fn together(&self, each: impl Iterator<Item = Dollars> + Clone) -> Dollars {
        let largest = each.clone().fold(0.0, |largest: f64, cost| largest.max(cost.0));
        let sum: Dollars = each.sum();
        sum - (sum - Dollars(largest)) * self.shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_paid_for_each_capacity_that_is_begun() {
        let step = Step { name: "nurse".into(), cost: Dollars(90_000.0), serves: Capacity::PersonYears(2_500.0) };
        let costs = [0.0, 1.0, 2_500.0, 2_500.1, 7_000.0].map(|volume| step.cost_of(volume).0);
        assert_eq!(costs, [0.0, 90_000.0, 90_000.0, 180_000.0, 270_000.0]);
    }

    #[test]
    fn an_investment_is_spent_once_and_is_a_cost_of_the_years_that_it_serves() {
        let contracts = Some(vec!["MSSP".to_owned()]);
        let system = Investment { name: "registry".into(), cost: Dollars(300.0), year: 1, life: 3, contracts };
        assert_eq!([0, 1, 2, 3, 4].map(|year| system.cost_in(year).0), [0.0, 100.0, 100.0, 100.0, 0.0]);
        assert_eq!([0, 1, 2].map(|year| system.spent_in(year).0), [0.0, 300.0, 0.0]);
        assert!(system.is_made(["MIPS", "MSSP"].into_iter()) && !system.is_made(["MIPS"].into_iter()));
        let any = Investment { contracts: None, ..system };
        assert!(any.is_made(std::iter::empty()));
    }

    #[test]
    fn the_shared_part_of_administration_is_paid_once() {
        let shared = Share::new(0.4).expect("a share");
        let administration = Administration { per_measure: Dollars::ZERO, shared };
        let together = administration.together([100.0, 60.0].map(Dollars).into_iter());
        // Two worlds cost more than one, and less than both.
        assert!((together.0 - (0.6 * 160.0 + 0.4 * 100.0)).abs() < 1e-12);
        assert_eq!(administration.together([Dollars(0.1)].into_iter()), Dollars(0.1));
    }
}
