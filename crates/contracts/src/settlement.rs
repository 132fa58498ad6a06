//! What goes into a settlement and what comes out.

use std::fmt;

use twosided_population::{Observation, ServiceScope};
use twosided_units::{Dollars, MemberMonths};

use crate::Lan;

/// A contract that settles an observed year.
pub trait Settle {
    /// One line on what this kind of contract is.
    const SUMMARY: &'static str;

    /// Where these terms stand on the HCP-LAN continuum unless the scenario says otherwise.
    fn lan(&self) -> Lan;

    /// The services whose cost these terms concern.
    fn services(&self) -> ServiceScope {
        ServiceScope::All
    }

    /// Whether the payment replaces the fees of those services.
    fn is_capitated(&self) -> bool {
        false
    }

    /// What the contract must see of a year; [`Year::figure`] counts in this order.
    fn observes(&self) -> Vec<Observation>;

    /// The settlement of an observed year.
    fn settle(&self, year: &Year<'_>) -> Settlement;
}

/// One year as a contract sees it.
#[derive(Clone, Copy, Debug)]
pub struct Year<'a> {
    /// Months enrolled.
    pub exposure: MemberMonths,
    /// People.
    pub members: u64,
    /// The contract's observations, summed over segments, in the order in which it declared them.
    pub figures: &'a [f64],
}

impl Year<'_> {
    /// The contract's observation of that place.
    pub fn figure(&self, place: usize) -> Dollars {
        Dollars(self.figures[place])
    }
}

/// What a year comes to under a contract.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settlement {
    /// Paid to the provider after the year; negative is owed by it.
    pub reconciliation: Dollars,
    /// Paid to the provider in place of fees, and with them the duty to pay for the services.
    pub capitation: Option<Dollars>,
    /// How it came about, in order.
    pub steps: Vec<Step>,
}

/// One intermediate figure of a settlement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// What the figure is.
    pub name: &'static str,
    /// The figure.
    pub value: f64,
    /// What it counts.
    pub unit: StepUnit,
}

/// What a step's figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepUnit {
    /// Dollars.
    Dollars,
    /// A decimal share.
    Share,
    /// Dollars per member per month.
    Pmpm,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            StepUnit::Dollars => write!(f, "{}: {}", self.name, Dollars(self.value)),
            StepUnit::Share => write!(f, "{}: {:.2}%", self.name, 100.0 * self.value),
            StepUnit::Pmpm => write!(f, "{}: ${:.2} PMPM", self.name, self.value),
        }
    }
}

impl Settlement {
    /// The figure of a step, if the settlement took it.
    pub fn step(&self, name: &str) -> Option<f64> {
        self.steps.iter().find(|step| step.name == name).map(|step| step.value)
    }

    pub(crate) fn dollars(&mut self, name: &'static str, amount: Dollars) -> Dollars {
        self.steps.push(Step { name, value: amount.0, unit: StepUnit::Dollars });
        amount
    }

    pub(crate) fn share(&mut self, name: &'static str, value: f64) -> f64 {
        self.steps.push(Step { name, value, unit: StepUnit::Share });
        value
    }
}
