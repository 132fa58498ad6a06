//! What a year comes to under a contract, with the steps by which it comes to that.

use std::borrow::Cow;

use twosided_units::{Dollars, PerCapita, Pmpm};

use crate::{Step, StepUnit, UPDATED, Year, rounding};

/// A benchmark, and the expenditure that it is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Against {
    /// The benchmark.
    pub benchmark: Dollars,
    /// The expenditure.
    pub expenditure: Dollars,
}

/// What a year comes to under a contract. Positive amounts are paid to the provider, negative ones are owed by it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settlement {
    /// Settled after the year.
    pub reconciliation: Dollars,
    /// Paid in place of fees.
    pub capitation: Dollars,
    /// Paid per member on top of fees.
    pub care_management: Dollars,
    /// Change in the fees for the provider's own care, as by a price adjustment or a reduction against capitation.
    pub fee_adjustment: Dollars,
    /// The part of the reconciliation that only settles what was paid in advance.
    pub advances_settled: Dollars,
    /// Paid in advance less what is repaid of advances, among all payments: neither a gain nor a loss.
    pub advances: Dollars,
    /// Paid in advance, among all payments: a debt until it is repaid.
    pub advances_paid: Dollars,
    /// Held back from payments during the year, and paid with its settlement.
    pub withheld: Dollars,
    /// What the provider gives up for the payments: its own fees that they replace, and claims at its risk.
    pub given_up: Dollars,
    /// What the contract makes the provider spend on administration, as a positive amount.
    pub administration: Dollars,
    /// The comparison, where the contract has a benchmark.
    pub against: Option<Against>,
    /// Advances that are still to be recouped after the year.
    pub advance_balance: Dollars,
    /// Stop-loss recoveries less premiums, where a corridor shares them; zero without a corridor.
    pub stop_loss_shared: Dollars,
    /// Earned under the terms, or owed if negative: the reconciliation before covers and without advances.
    pub earned_before_covers: Dollars,
    /// The composite of the contract's quality measures, where it has any.
    pub composite: Option<f64>,
    records_steps: bool,
    earlier_advances: Option<Dollars>,
    rule: &'static str,
    steps: Vec<Step>,
}

impl Settlement {
    /// An empty settlement, which records its steps if the year asks for them.
    #[inline]
    pub fn of(year: &Year<'_>) -> Self {
        Self { records_steps: year.explain, earlier_advances: year.advance_balance, ..Self::default() }
    }

    /// Advances of earlier years that are still to be recouped; `None` in the first year, when the terms state them.
    pub(crate) fn earlier_advances(&self) -> Option<Dollars> {
        self.earlier_advances
    }

    /// Earned so far, or owed if negative, without what only settles advances.
    pub(crate) fn earned(&self) -> Dollars {
        self.reconciliation - self.advances_settled
    }

    /// All payments of the contract.
    #[inline]
    pub fn total(&self) -> Dollars {
        self.reconciliation + self.capitation + self.care_management + self.fee_adjustment
    }

    /// What the year comes to for the provider under the contract: a loss where it is negative.
    ///
    /// ```text
    /// result = payments - what they replace, at the provider's risk - advances paid + advances repaid
    ///          + stop-loss that a corridor shares
    /// ```
    ///
    /// Corridors, remittances, quality gates and withholds count, so that part of a gain handed back is no loss. A corridor is
    /// computed on recoveries less premiums too, so beside one they count. Without one they do not, and administration and
    /// programs never do: they are between the provider and others.
    #[inline]
    pub fn result(&self) -> Dollars {
        self.total() - self.given_up - self.advances + self.stop_loss_shared
    }

    /// Whether the year is a loss to the provider, by more than rounding.
    #[inline]
    pub fn is_loss(&self) -> bool {
        rounding::exceeds(0.0, self.result().0, self.magnitude())
    }

    /// The size of the amounts that enter the result, by which its rounding is judged.
    #[inline]
    pub(crate) fn magnitude(&self) -> f64 {
        let compared = self.against.map_or(0.0, |against| against.benchmark.0.abs() + against.expenditure.0.abs());
        let amounts = [
            self.reconciliation,
            self.capitation,
            self.care_management,
            self.fee_adjustment,
            self.given_up,
            self.advances,
            self.stop_loss_shared,
        ];
        compared + amounts.iter().map(|amount| amount.0.abs()).sum::<f64>()
    }

    /// The steps in order; none unless the year asks for them.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The figure of a step, if the settlement took it and records its steps.
    pub fn step(&self, name: &str) -> Option<f64> {
        self.steps.iter().find(|step| step.name == name).map(|step| step.value)
    }

    /// Whether the settlement records its steps, so that their names are needed.
    pub fn records_steps(&self) -> bool {
        self.records_steps
    }

    /// How a step follows, which is worked out only where steps are recorded.
    pub(crate) fn how(&self, text: impl FnOnce() -> String) -> String {
        if self.records_steps { text() } else { String::new() }
    }

    /// The rule that the steps from here on follow.
    pub(crate) fn rule(&mut self, rule: &'static str) {
        self.rule = rule;
    }

    /// Adds the steps of another settlement, each under a name that begins with a prefix.
    pub(crate) fn append(&mut self, of: &str, other: Self) {
        for step in other.steps {
            let name = format!("{of}: {}", step.name);
            let how = step.how.replace('{', &format!("{{{of}: "));
            self.rule = step.rule;
            self.push(name, how, step.value, step.unit);
        }
    }

    /// Adds the amounts of another settlement, and its steps under names that begin with a prefix.
    pub(crate) fn add(&mut self, of: &str, other: Self) {
        self.reconciliation += other.reconciliation;
        self.capitation += other.capitation;
        self.care_management += other.care_management;
        self.fee_adjustment += other.fee_adjustment;
        self.advances_settled += other.advances_settled;
        self.advances += other.advances;
        self.advances_paid += other.advances_paid;
        self.withheld += other.withheld;
        self.given_up += other.given_up;
        self.administration += other.administration;
        self.advance_balance += other.advance_balance;
        self.stop_loss_shared += other.stop_loss_shared;
        self.earned_before_covers += other.earned_before_covers;
        self.records_steps |= other.records_steps;
        self.append(of, other);
    }

    /// An empty settlement that records its steps if this one does.
    pub(crate) fn empty_alike(&self) -> Self {
        Self { records_steps: self.records_steps, ..Self::default() }
    }

    /// The settlement in other dollars: every amount and every step in dollars is multiplied.
    pub(crate) fn scaled(mut self, factor: f64) -> Self {
        if factor == 1.0 {
            return self;
        }
        for amount in [
            &mut self.reconciliation,
            &mut self.capitation,
            &mut self.care_management,
            &mut self.fee_adjustment,
            &mut self.advances_settled,
            &mut self.advances,
            &mut self.withheld,
            &mut self.advances_paid,
            &mut self.given_up,
            &mut self.administration,
            &mut self.advance_balance,
            &mut self.stop_loss_shared,
            &mut self.earned_before_covers,
        ] {
            *amount = *amount * factor;
        }
        if let Some(Against { benchmark, expenditure }) = &mut self.against {
            *benchmark = *benchmark * factor;
            *expenditure = *expenditure * factor;
        }
        for step in &mut self.steps {
            match step.unit {
                StepUnit::Dollars | StepUnit::Pmpm | StepUnit::PerCapita => step.value *= factor,
                StepUnit::Share | StepUnit::Number | StepUnit::Remark => {}
            }
        }
        self
    }

    /// Records first what a dollar of the terms is worth.
    pub(crate) fn updated_by(mut self, factor: f64) -> Self {
        if self.records_steps && factor != 1.0 {
            let step = Step {
                name: "dollars of the first year are multiplied by".into(),
                value: factor,
                unit: StepUnit::Number,
                how: UPDATED.into(),
                rule: "expected updates since the first year",
            };
            self.steps.insert(0, step);
        }
        self
    }

    /// Records first how a composite comes about.
    pub(crate) fn scored_by(&mut self, composite: Self, value: f64) {
        self.composite = Some(value);
        self.steps.splice(0..0, composite.steps);
    }

    /// Says of steps that they follow from others, in place of what they say.
    pub(crate) fn follow(&mut self, steps: &[&str], how: &'static str) {
        for step in self.steps.iter_mut().filter(|step| steps.contains(&step.name.as_ref())) {
            step.how = how.into();
        }
    }

    /// The year's benchmark per person-year, with the name of its step: only a benchmark follows updates that are known after the
    /// year.
    pub(crate) fn benchmark_of_year(
        &mut self,
        year: &Year<'_>,
        (name, per_capita): (&'static str, PerCapita),
    ) -> (&'static str, PerCapita) {
        const OF_THE_YEAR: &str = "benchmark per capita of the year";
        let factor = year.benchmark_factor();
        if factor == 1.0 {
            return (name, per_capita);
        }
        self.number("the benchmark is multiplied by", UPDATED, factor);
        let how = self.how(|| format!("{{{name}}} × {{the benchmark is multiplied by}}"));
        (OF_THE_YEAR, self.per_capita(OF_THE_YEAR, how, PerCapita(per_capita.0 * factor)))
    }

    /// Notes the benchmark and the expenditure.
    pub(crate) fn compare(&mut self, benchmark: Dollars, expenditure: Dollars) {
        self.against = Some(Against { benchmark, expenditure });
    }

    /// A remark.
    pub(crate) fn remark(&mut self, text: &'static str) {
        self.push(text, "", 0.0, StepUnit::Remark);
    }

    pub(crate) fn dollars(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        how: impl Into<Cow<'static, str>>,
        amount: Dollars,
    ) -> Dollars {
        self.push(name, how, amount.0, StepUnit::Dollars);
        amount
    }

    pub(crate) fn share(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        how: impl Into<Cow<'static, str>>,
        value: f64,
    ) -> f64 {
        self.push(name, how, value, StepUnit::Share);
        value
    }

    pub(crate) fn number(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        how: impl Into<Cow<'static, str>>,
        value: f64,
    ) -> f64 {
        self.push(name, how, value, StepUnit::Number);
        value
    }

    pub(crate) fn pmpm(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        how: impl Into<Cow<'static, str>>,
        rate: Pmpm,
    ) -> Pmpm {
        self.push(name, how, rate.0, StepUnit::Pmpm);
        rate
    }

    pub(crate) fn per_capita(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        how: impl Into<Cow<'static, str>>,
        rate: PerCapita,
    ) -> PerCapita {
        self.push(name, how, rate.0, StepUnit::PerCapita);
        rate
    }

    fn push(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        how: impl Into<Cow<'static, str>>,
        value: f64,
        unit: StepUnit,
    ) {
        if self.records_steps {
            self.steps.push(Step { name: name.into(), value, unit, how: how.into(), rule: self.rule });
        }
    }
}
