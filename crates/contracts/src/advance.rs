//! What is paid before it is earned: a debt, recouped from what is earned later.

use twosided_form::{Key, Literal, Range, Section, Status, Unit, Word, keys};
use twosided_units::Dollars;

use crate::{AGREED, CARRIED, SO_FAR, Settlement};

/// What is paid before it is earned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Advance {
    /// The amount, in dollars of the day.
    pub amount: Dollars,
    /// The year in whose first month it is paid, counted from 0.
    pub year: u32,
    /// How it is recouped.
    pub recouped: Recouped,
}

/// How an advance is recouped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recouped {
    /// From what is earned, as far as that goes; the rest is carried on.
    #[default]
    FromSavings,
    /// In the settlement of the year in which it is paid: what is not earned is owed.
    InFull,
}

impl Word for Recouped {
    const WORDS: &'static [(&'static str, Self)] = &[("savings", Self::FromSavings), ("in_full", Self::InFull)];
}

/// What becomes of advances that are not recouped when a contract ends early.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unrecouped {
    /// They are owed with the last settlement.
    #[default]
    Owed,
    /// The provider keeps them.
    Kept,
}

impl Word for Unrecouped {
    const WORDS: &'static [(&'static str, Self)] = &[("owed", Self::Owed), ("kept", Self::Kept)];
}

keys! {
    /// What is paid before it is earned.
    pub(crate) struct AdvanceKeys "agreement.advance" {
        AMOUNT: Dollars = Key::quantity("amount", Unit::DOLLARS, Range::of(0.0, 1e12)).required("250_000")
            .meaning("what is paid in advance, in dollars of the day");
        YEAR: u32 = Key::whole("year", 1, 100).default(Literal::Whole(1))
            .meaning("the year in whose first month it is paid, counted from 1");
        RECOUPED: Recouped = Key::word("recouped").default(Literal::Word("savings"))
            .meaning("how it is recouped: `\"savings\"`, from what is earned, as far as that goes; `\"in_full\"`, in the settlement of its year, in which what is not earned is owed")
            .more("Prepaid shared savings are repaid in full. It is a debt until then: it moves cash, and no gain that repays it")
            .status(Status::Unconfirmed);
    }
}

impl Advance {
    pub(crate) fn read(section: Section<'_>) -> Option<Self> {
        type Keys = AdvanceKeys;
        let (amount, year) = (section.read(&Keys::AMOUNT), section.read(&Keys::YEAR));
        let recouped = section.read(&Keys::RECOUPED);
        section.finish();
        Some(Self { amount: amount?, year: year? - 1, recouped: recouped? })
    }

    /// Pays and recoups in a year, counted from 0; returns the balance, given that of earlier years.
    pub(crate) fn settle(&self, year: u32, settlement: &mut Settlement, earlier: Dollars) -> Dollars {
        if year < self.year || (year > self.year && earlier == Dollars::ZERO) {
            return earlier;
        }
        settlement.rule("a term of the agreement");
        settlement.dollars("advance of earlier years", CARRIED, earlier);
        let paid = if year == self.year { self.amount } else { Dollars::ZERO };
        settlement.dollars("advance paid", AGREED, paid);
        let balance =
            settlement.dollars("advance to be recouped", "{advance of earlier years} + {advance paid}", earlier + paid);
        settlement.care_management += paid;
        settlement.advances += paid;
        settlement.advances_paid += paid;
        let recouped = match self.recouped {
            Recouped::FromSavings => {
                let earned = settlement.dollars("settled before the advance", SO_FAR, settlement.reconciliation);
                settlement.dollars(
                    "advance recouped",
                    "max(0, min({settled before the advance}, {advance to be recouped}))",
                    earned.min(balance).max(Dollars::ZERO),
                )
            }
            Recouped::InFull => settlement.dollars("advance recouped", "{advance to be recouped}", balance),
        };
        settlement.repay(recouped);
        balance - recouped
    }
}

impl Settlement {
    /// Repays a part of what was advanced.
    fn repay(&mut self, amount: Dollars) {
        self.reconciliation += -amount;
        self.advances_settled += -amount;
        self.advances += -amount;
    }

    /// Repays what is left of advances because the contract ends early.
    pub(crate) fn repay_on_early_end(&mut self, balance: Dollars) {
        if balance > Dollars::ZERO {
            self.rule("42 CFR § 425.630; unconfirmed");
            self.dollars("advances owed as the contract ends early", CARRIED, balance);
            self.repay(balance);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(reconciliation: f64) -> Settlement {
        let mut settlement = Settlement::default();
        settlement.reconciliation = Dollars(reconciliation);
        settlement
    }

    #[test]
    fn an_advance_is_recouped_from_savings_as_far_as_they_go() {
        let advance = Advance { amount: Dollars(250.0), year: 0, recouped: Recouped::FromSavings };
        let mut first = settled(100.0);
        let balance = advance.settle(0, &mut first, Dollars::ZERO);
        assert_eq!((balance, first.total(), first.result()), (Dollars(150.0), Dollars(250.0), Dollars(100.0)));
        let mut loss = settled(-80.0);
        assert_eq!((advance.settle(1, &mut loss, balance), loss.total()), (Dollars(150.0), Dollars(-80.0)));
        let mut third = settled(600.0);
        assert_eq!(advance.settle(2, &mut third, balance), Dollars::ZERO);
        assert_eq!((third.total(), third.result()), (Dollars(450.0), Dollars(600.0)));
        // Repaid in full, it has moved 250 from the first years to the last.
        assert_eq!(first.total() + loss.total() + third.total(), Dollars(100.0 - 80.0 + 600.0));
    }

    #[test]
    fn what_is_prepaid_and_not_earned_is_owed() {
        let advance = Advance { amount: Dollars(250.0), year: 0, recouped: Recouped::InFull };
        let mut settlement = settled(100.0);
        assert_eq!(advance.settle(0, &mut settlement, Dollars::ZERO), Dollars::ZERO);
        assert_eq!((settlement.reconciliation, settlement.total()), (Dollars(-150.0), Dollars(100.0)));
        assert_eq!((settlement.earned(), settlement.result()), (Dollars(100.0), Dollars(100.0)));
    }
}
