//! What a year comes to under a contract, with the steps that lead there.

use std::borrow::Cow;

use twosided_units::{Dollars, PerCapita, Pmpm};

use crate::{Step, StepUnit, UPDATED, Year, rounding};

/// What a settlement compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Against {
    /// The benchmark.
    pub benchmark: Dollars,
    /// The expenditure.
    pub expenditure: Dollars,
}

/// What a year comes to under a contract. All amounts are to the provider; negative is owed by it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settlement {
    /// Settled after the year.
    pub reconciliation: Dollars,
    /// Paid in place of fees.
    pub capitation: Dollars,
    /// Paid per member on top of fees.
    pub care_management: Dollars,
    /// What changes in the fees for the provider's own care, as by a price adjustment or a reduction against capitation.
    pub fee_adjustment: Dollars,
    /// The part of the reconciliation that only settles what was paid in advance.
    pub advances_settled: Dollars,
    /// What of all payments was paid in advance, less what was repaid of it: no gain, and no loss.
    pub advances: Dollars,
    /// What the provider gives up for the payments: fees of its own that they replace, and claims at its risk.
    pub given_up: Dollars,
    /// What the contract makes the provider spend, as a positive amount.
    pub administration: Dollars,
    /// What was compared, where the contract has a benchmark.
    pub against: Option<Against>,
    /// Advances that are still to be recouped after the year.
    pub advance_balance: Dollars,
    /// What a corridor shares of stop-loss: recoveries less premiums. Nothing without a corridor.
    pub stop_loss_shared: Dollars,
    /// Earned under the terms, or owed where negative: the reconciliation before covers, without advances.
    pub earned_before_covers: Dollars,
    explained: bool,
    earlier_advances: Option<Dollars>,
    rule: &'static str,
    steps: Vec<Step>,
}

impl Settlement {
    /// A settlement of nothing yet, which tells its steps if the year asks for them.
    pub fn of(year: &Year<'_>) -> Self {
        Self { explained: year.explained, earlier_advances: year.advance_balance, ..Self::default() }
    }

    /// Advances of the years before that are still to be recouped, where they are not what the terms say.
    pub(crate) fn earlier_advances(&self) -> Option<Dollars> {
        self.earlier_advances
    }

    /// What is earned so far, or owed where negative, without what only settles advances.
    pub(crate) fn earned(&self) -> Dollars {
        self.reconciliation - self.advances_settled
    }

    /// All payments of the contract together.
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
    pub fn result(&self) -> Dollars {
        self.total() - self.given_up - self.advances + self.stop_loss_shared
    }

    /// Whether the year is a loss to the provider, by more than rounding.
    pub fn is_loss(&self) -> bool {
        rounding::exceeds(0.0, self.result().0, self.magnitude())
    }

    /// The size of the amounts that the result is the difference of.
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

    /// The steps in order; none where the year asks for none.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The figure of a step, if the settlement took it and tells.
    pub fn step(&self, name: &str) -> Option<f64> {
        self.steps.iter().find(|step| step.name == name).map(|step| step.value)
    }

    /// Whether steps are told, so that their names need to be made.
    pub fn is_explained(&self) -> bool {
        self.explained
    }

    /// A text that only told steps need; empty where none are told.
    pub(crate) fn if_explained(&self, text: impl FnOnce() -> String) -> String {
        if self.explained { text() } else { String::new() }
    }

    /// The rule that the steps from here on follow.
    pub(crate) fn rule(&mut self, rule: &'static str) {
        self.rule = rule;
    }

    /// Adds the steps of another settlement, each under a name that begins with what they are of.
    pub(crate) fn aside(&mut self, of: &str, other: Self) {
        for step in other.steps {
            let name = format!("{of}: {}", step.name);
            let how = step.how.replace('{', &format!("{{{of}: "));
            self.rule = step.rule;
            self.push(name, how, step.value, step.unit);
        }
    }

    /// A settlement of nothing yet that tells its steps as this one does.
    pub(crate) fn beside(&self) -> Self {
        Self { explained: self.explained, ..Self::default() }
    }

    /// The same in dollars worth another amount: every sum and every step of dollars is multiplied.
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

    /// Tells first what a dollar of the terms is worth.
    pub(crate) fn updated_by(mut self, factor: f64) -> Self {
        if self.explained && factor != 1.0 {
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

    /// A benchmark per person-year as the year makes it, under the name of its step: a benchmark alone follows what was found after
    /// the year.
    pub(crate) fn of_the_year(
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
        let how = self.if_explained(|| format!("{{{name}}} × {{the benchmark is multiplied by}}"));
        (OF_THE_YEAR, self.per_capita(OF_THE_YEAR, how, PerCapita(per_capita.0 * factor)))
    }

    /// Notes what is compared.
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
        if self.explained {
            self.steps.push(Step { name: name.into(), value, unit, how: how.into(), rule: self.rule });
        }
    }
}
