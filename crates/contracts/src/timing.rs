//! When what a contract settles is paid.

use twosided_form::{Key, Section, Status, keys};
use twosided_units::Share;

use crate::Terms;

/// When what a contract settles is paid. Months are counted from 1, the first of the performance year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// The month in which what is earned is paid.
    pub settlement: u32,
    /// The month in which what is owed is paid.
    pub loss: u32,
    /// The months by which both may be later, all equally likely.
    pub delay: u32,
    /// The month from which a change in fees is paid.
    pub adjustment: u32,
    /// The months over which it is paid.
    pub adjustment_months: u32,
    /// The share of capitation that is corrected later, and the months until then.
    pub corrected: (Share, u32),
    /// Whether nobody confirmed the months of its settlement, which are a default.
    pub is_unconfirmed: bool,
}

keys! {
    /// When what a contract settles is paid.
    pub(crate) struct TimingKeys "contracts.timing" {
        SETTLEMENT_MONTH: u32 = month("settlement_month").absent("[by kind](terms.md#when-it-is-paid)", "22")
            .meaning("the month in which what is earned is paid, counted from 1, the first of the performance year");
        LOSS_MONTH: u32 = month("loss_month").absent("[by kind](terms.md#when-it-is-paid)", "25")
            .meaning("the month in which what is owed is paid")
            .more("Where `settlement_month` alone is stated, it is as long after that as by kind");
        DELAY_MONTHS: u32 = Key::whole("delay_months", 0, 60).absent("[by kind](terms.md#when-it-is-paid)", "3")
            .meaning("the months by which both may be later").more("Each number of months up to it is equally likely, year by year");
        ADJUSTMENT_MONTH: u32 = month("adjustment_month").absent("[by kind](terms.md#when-it-is-paid)", "25")
            .meaning("the month from which a change in fees, as by MIPS, is paid");
        ADJUSTMENT_MONTHS: u32 = Key::whole("adjustment_months", 1, 60).absent("12", "12")
            .meaning("the months over which it is paid");
        CORRECTED: Share = Key::share("corrected").absent("0", "0.03")
            .meaning("the share of each month's capitation that is paid later, after retroactive corrections of who is enrolled");
        CORRECTED_AFTER: u32 = Key::whole("corrected_after", 1, 60).absent("3", "3").meaning("the months until then");
    }
}

const fn month(name: &'static str) -> Key<u32> {
    Key::whole(name, 1, 240).status(Status::Unconfirmed)
}

impl Timing {
    /// The defaults of a kind.
    ///
    /// | kind | earned | owed | later by up to |
    /// |---|---|---|---|
    /// | MSSP | 22 | 25 | 0 |
    /// | ACO REACH, LEAD | 18 | 18 | 2 |
    /// | TEAM, CJR, BPCI Advanced | 19 | 19 | 3 |
    /// | shared-risk pools, capitation, Medicare Advantage, Medicaid | 18 | 18 | 3 |
    /// | all others | 16 | 16 | 5 |
    ///
    /// # Source
    /// Reconciliation about nine months after the year, with losses due 90 days after notice (42 CFR § 425.605(e)); the others are
    /// customary. None is confirmed.
    pub fn of_kind(terms: &Terms) -> Self {
        let (settlement, loss, delay) = match terms {
            Terms::Mssp(_) => (22, 25, 0),
            Terms::Reach(_) | Terms::Lead(_) => (18, 18, 2),
            Terms::Team(_) | Terms::Cjr(_) | Terms::BpciAdvanced(_) => (19, 19, 3),
            Terms::SharedRiskPool(_)
            | Terms::Capitation(_)
            | Terms::MedicareAdvantage(_)
            | Terms::MedicaidCorridor(_)
            | Terms::HospitalGlobalBudget(_) => (18, 18, 3),
            Terms::FeeForService(_)
            | Terms::CareManagement(_)
            | Terms::Mips(_)
            | Terms::PayForPerformance(_)
            | Terms::Hrrp(_)
            | Terms::HospitalVbp(_)
            | Terms::SharedSavings(_)
            | Terms::Bundle(_)
            | Terms::ProspectiveBundle(_)
            | Terms::PrimaryCareFirst(_)
            | Terms::PrimaryCareCapitation(_) => (16, 16, 5),
        };
        // MIPS changes the prices of the second year after that of its score.
        let adjustment = if matches!(terms, Terms::Mips(_)) { 25 } else { 1 };
        let corrected = (Share::ZERO, 3);
        Self { settlement, loss, delay, adjustment, adjustment_months: 12, corrected, is_unconfirmed: true }
    }

    /// Reads the table over the defaults of a kind.
    pub(crate) fn read(section: Section<'_>, terms: Option<&Terms>) -> Option<Self> {
        type Keys = TimingKeys;
        let (settlement, loss) = (section.optional(&Keys::SETTLEMENT_MONTH), section.optional(&Keys::LOSS_MONTH));
        let delay = section.optional(&Keys::DELAY_MONTHS);
        let (adjustment, adjustment_months) =
            (section.optional(&Keys::ADJUSTMENT_MONTH), section.optional(&Keys::ADJUSTMENT_MONTHS));
        let (corrected, corrected_after) =
            (section.optional(&Keys::CORRECTED), section.optional(&Keys::CORRECTED_AFTER));
        section.finish();
        let by_kind = Self::of_kind(terms?);
        let (settlement, loss) = (settlement?, loss?);
        // What is owed is not known before what is earned is.
        let after = |settlement: u32| settlement + by_kind.loss - by_kind.settlement;
        Some(Self {
            settlement: settlement.unwrap_or(by_kind.settlement),
            loss: loss.or(settlement.map(after)).unwrap_or(by_kind.loss),
            // Months that are stated are meant.
            delay: delay?.unwrap_or(if settlement.is_some() { 0 } else { by_kind.delay }),
            adjustment: adjustment?.unwrap_or(by_kind.adjustment),
            adjustment_months: adjustment_months?.unwrap_or(by_kind.adjustment_months),
            corrected: (corrected?.unwrap_or_default(), corrected_after?.unwrap_or(by_kind.corrected.1)),
            is_unconfirmed: settlement.is_none() || loss.is_none(),
        })
    }

    /// The last month in which anything of a performance year is paid.
    pub fn last(&self) -> u32 {
        let settled = self.settlement.max(self.loss) + self.delay;
        settled.max(self.adjustment + self.adjustment_months - 1).max(12 + self.corrected.1)
    }
}
