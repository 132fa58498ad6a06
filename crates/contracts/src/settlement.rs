//! What goes into a settlement and what comes out.

use std::{borrow::Cow, fmt};

use twosided_form::{Names, Section};
use twosided_population::{Observation, ServiceScope};
use twosided_units::{Dollars, MemberMonths, PerCapita, Pmpm, grouped};

use crate::{Against, Lan, Rule, Updates, rounding};

/// A contract that settles an observed year.
///
/// A contract of one's own needs [`Settle::lan`] and [`Settle::settle`], and [`Settle::observes`] to see more than exposure and
/// own fees. What scenario files and `docs/contracts.md` say of a kind is for those that are listed in `kinds`.
pub trait Settle: Sized {
    /// Its key in a scenario file, after `terms.`; empty for a contract that no file can name.
    const KEY: &'static str = "";
    /// One line on what this kind of contract is.
    const SUMMARY: &'static str = "";
    /// Its row in `docs/contracts.md`.
    const ROW: Listing = Listing { lan: "", settles_on: "", source: "" };
    /// Terms as a scenario file writes them: what is after `terms.KEY =`.
    const EXAMPLE: &'static str = "";

    /// The tables of its dated numbers.
    fn rules() -> Vec<&'static [Rule]> {
        Vec::new()
    }

    /// Reads the terms; `None` when anything in them is wrong, and for a contract that no file can name.
    fn read(_section: &Section<'_>, _known: &Known) -> Option<Self> {
        None
    }

    /// Where these terms stand on the HCP-LAN continuum unless the scenario says otherwise.
    fn lan(&self) -> Lan;

    /// The services whose cost these terms concern, and which covers see.
    fn services(&self) -> ServiceScope {
        ServiceScope::All
    }

    /// What becomes of fees.
    fn payment(&self) -> Payment {
        Payment::Fees
    }

    /// The services whose fees for the provider's own care are [`Year::own_fees`].
    fn own_fees(&self) -> ServiceScope {
        self.services()
    }

    /// What the contract must see of a year beside exposure and own fees; [`Year::figure`] counts in this order.
    fn observes(&self) -> Vec<Observation> {
        Vec::new()
    }

    /// The settlement of an observed year.
    fn settle(&self, year: &Year<'_>) -> Settlement;
}

/// A contract's row in `docs/contracts.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The LAN categories that it has by default, and when.
    pub lan: &'static str,
    /// What it settles on.
    pub settles_on: &'static str,
    /// Where its rule is from.
    pub source: &'static str,
}

/// Names of the population that terms may refer to.
#[derive(Clone, Debug)]
pub struct Known {
    /// Services of the segments.
    pub services: Names,
    /// Segments.
    pub segments: Names,
    /// Quality measures.
    pub measures: Names,
    /// Programs.
    pub programs: Names,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            services: Names::new("no segment has the service"),
            segments: Names::new("there is no segment"),
            measures: Names::new("the population has no measure"),
            programs: Names::new("there is no program"),
        }
    }
}

impl Known {
    /// Any names, where there is no population.
    pub fn anything() -> Self {
        let any = Names::any;
        Self { services: any(), segments: any(), measures: any(), programs: any() }
    }
}

/// What becomes of the fees for services under a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payment {
    /// They are paid as before.
    Fees,
    /// A payment takes the place of the provider's own fees; what others bill is the payer's.
    InPlaceOfFees(ServiceScope),
    /// A payment takes the place of the provider's own fees, and the provider pays what others bill.
    AtRisk(ServiceScope),
}

impl Payment {
    /// Whether it takes the place of the fees for a service, and leaves what others bill at the provider's risk.
    pub fn of(&self, service: &str) -> ServicePayment {
        match self {
            Self::InPlaceOfFees(services) if services.includes(service) => ServicePayment::InPlaceOfFees,
            Self::AtRisk(services) if services.includes(service) => ServicePayment::AtRisk,
            Self::Fees | Self::InPlaceOfFees(_) | Self::AtRisk(_) => ServicePayment::Fees,
        }
    }
}

/// What becomes of the fees for one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServicePayment {
    /// They are paid as before.
    Fees,
    /// A payment takes the place of the provider's own.
    InPlaceOfFees,
    /// A payment takes the place of the provider's own, and the provider pays others'.
    AtRisk,
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
    /// Fees for the provider's own care under plain fee-for-service, for the services of [`Settle::own_fees`].
    pub own_fees: Dollars,
    /// Whether the settlement is to tell its steps.
    pub explained: bool,
    /// What dollars stated for the first year are worth.
    pub updates: Updates,
    /// The part of the benchmark's update that is its error, by the year in which the benchmark was set, the first year first; none
    /// where it has no error.
    pub benchmark_errors: &'a [f64],
    /// Advances of the years before that are still to be recouped; what the terms say in the first year.
    pub advance_balance: Option<Dollars>,
}

impl<'a> Year<'a> {
    /// A year whose settlement tells its steps, of a provider without own fees.
    pub fn new(exposure: MemberMonths, members: u64, figures: &'a [f64]) -> Self {
        Self {
            exposure,
            members,
            figures,
            own_fees: Dollars::ZERO,
            explained: true,
            updates: Updates::NONE,
            benchmark_errors: &[],
            advance_balance: None,
        }
    }

    /// The same with fees for the provider's own care.
    #[must_use]
    pub fn with_own_fees(self, own_fees: Dollars) -> Self {
        Self { own_fees, ..self }
    }

    /// What a benchmark is multiplied by, in dollars of the first year: what was found after the year over what was expected. No
    /// other dollars of the terms follow it.
    pub fn benchmark_factor(&self) -> f64 {
        self.updates.benchmark / self.updates.expected
    }

    /// The error of a benchmark that was set in a year, counted from 0.
    pub(crate) fn benchmark_error(&self, set_in: u32) -> f64 {
        self.benchmark_errors.get(set_in as usize).copied().unwrap_or(1.0)
    }

    /// The contract's observation of that place, in dollars.
    pub fn figure(&self, index: usize) -> Dollars {
        Dollars(self.figures[index])
    }

    /// The contract's observation of that place, as a count.
    pub fn count(&self, index: usize) -> f64 {
        self.figures[index]
    }
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

/// One figure of a settlement, or a remark.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it is, in the words of the rule.
    pub name: Cow<'static, str>,
    /// The figure.
    pub value: f64,
    /// What it counts.
    pub unit: StepUnit,
    /// How it follows from earlier steps, each in braces; or [`OBSERVED`], [`AGREED`] or [`SO_FAR`].
    pub how: Cow<'static, str>,
    /// The rule that it follows.
    pub rule: &'static str,
}

/// Of a step: seen in the year.
pub const OBSERVED: &str = "observed";
/// Of a step: a term of the contract, or a number of its rule.
pub const AGREED: &str = "agreed";

/// Of a step: what earlier steps, or the contract inside a cover, have come to.
pub const SO_FAR: &str = "from the steps above";

/// Of a step: what the years before have left.
pub const CARRIED: &str = "carried from the years before";

/// Of a step: what the system and the agreement make of the terms in the year.
pub const UPDATED: &str = "of the year's system and agreement";

/// What a step's figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepUnit {
    /// Dollars.
    Dollars,
    /// A decimal share.
    Share,
    /// Dollars per member per month.
    Pmpm,
    /// Dollars per person-year.
    PerCapita,
    /// A count, a score or a ratio.
    Number,
    /// Nothing: a remark, which is the step's name.
    Remark,
}

impl Step {
    /// The figure alone, with its unit.
    pub fn figure(&self) -> String {
        match self.unit {
            StepUnit::Dollars if self.value.abs() < 1000.0 => {
                let sign = if self.value < 0.0 { "-" } else { "" };
                format!("{sign}${:.2}", self.value.abs())
            }
            StepUnit::Dollars => Dollars(self.value).to_string(),
            StepUnit::Share => format!("{}%", trimmed(100.0 * self.value, 6)),
            StepUnit::Pmpm => format!("{} PMPM", dollars_with_decimals(self.value)),
            StepUnit::PerCapita => format!("{} a person-year", dollars_with_decimals(self.value)),
            StepUnit::Number if self.value.abs() >= 10_000.0 && self.value.fract() == 0.0 => {
                let sign = if self.value < 0.0 { "-" } else { "" };
                format!("{sign}{}", grouped(&format!("{:.0}", self.value.abs())))
            }
            StepUnit::Number => trimmed(self.value, 6),
            StepUnit::Remark => String::new(),
        }
    }
}

/// A name as steps carry it: without braces, which would end it in a formula.
pub(crate) fn in_steps(name: &str) -> String {
    name.replace('{', "(").replace('}', ")")
}

/// Dollars with thousands separators and at most four decimals.
fn dollars_with_decimals(amount: f64) -> String {
    let text = trimmed(amount.abs(), 4);
    let (whole, decimals) = text.split_once('.').map_or((text.as_str(), ""), |(whole, decimals)| (whole, decimals));
    let sign = if amount < 0.0 && text != "0" { "-" } else { "" };
    let point = if decimals.is_empty() { "" } else { "." };
    format!("{sign}${}{point}{decimals}", grouped(whole))
}

/// A number with at most so many decimals, without zeros at its end.
fn trimmed(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            StepUnit::Remark => f.write_str(&self.name),
            _ => write!(f, "{}: {}", self.name, self.figure()),
        }
    }
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
