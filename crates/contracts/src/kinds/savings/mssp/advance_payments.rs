//! Advance investment payments of the Medicare Shared Savings Program: what an ACO is paid before it has saved anything.
//!
//! # Source
//! 42 CFR § 425.630; amounts from accounts of it, of which the largest balances published for 2024 are multiples.

use twosided_form::{
    At, Key,
    Literal::{Truth, Whole},
    Section, keys,
};
use twosided_units::Dollars;

use crate::{AGREED, OBSERVED, Settlement, rounding, rules::rules};

/// The payments of one performance year.
#[derive(Clone, Debug, PartialEq)]
pub struct AdvancePayments {
    /// The numbers of the rule.
    pub rules: AdvanceRules,
    /// Whether the one-time payment is made in this year.
    pub one_time: bool,
    /// Quarters of the year with a payment.
    pub quarters: u16,
    /// Beneficiaries by their risk factors-based score, highest first.
    pub beneficiaries: Vec<(f64, f64)>,
}

rules! {
    /// The amounts of advance investment payments.
    pub struct AdvanceRules {
        /// Paid once.
        one_time_payment: Dollars {
            [] 2024 => Number(250_000.0), Secondary, "42 CFR § 425.630(f)(1)";
        }
        /// Most beneficiaries that are paid for, those with the highest scores.
        most_beneficiaries: f64 {
            [] 2024 => Number(10_000.0), Secondary, "42 CFR § 425.630(f)(2)";
        }
        /// A quarter's payment for a beneficiary with a score from 25 to 34.
        quarterly_25: Dollars {
            [] 2024 => Number(20.0), Secondary, "42 CFR § 425.630(f)(2)";
        }
        /// The same, from 35 to 44.
        quarterly_35: Dollars {
            [] 2024 => Number(24.0), Secondary, "42 CFR § 425.630(f)(2)";
        }
        /// The same, from 45 to 54.
        quarterly_45: Dollars {
            [] 2024 => Number(28.0), Secondary, "42 CFR § 425.630(f)(2)";
        }
        /// The same, from 55 to 64.
        quarterly_55: Dollars {
            [] 2024 => Number(32.0), Secondary, "42 CFR § 425.630(f)(2)";
        }
        /// The same, from 65 to 74.
        quarterly_65: Dollars {
            [] 2024 => Number(36.0), Secondary, "42 CFR § 425.630(f)(2)";
        }
        /// The same, from 75 to 84.
        quarterly_75: Dollars {
            [] 2024 => Number(40.0), Secondary, "42 CFR § 425.630(f)(2)";
        }
        /// The same, from 85 on; those dually eligible or with the low-income subsidy have 100.
        quarterly_85: Dollars {
            [] 2024 => Number(45.0), Secondary, "42 CFR § 425.630(f)(2); consistent with the largest balance of PY2024";
        }
    }
}

keys! {
    /// Advance investment payments of a year.
    pub(crate) struct AdvancePaymentKeys "terms.mssp.advance_payments" with [AdvanceRules::KEYS] {
        ONE_TIME: bool =
            Key::truth("one_time").default(Truth(false)).meaning("whether the one-time payment is made in this year");
        QUARTERS: u16 = Key::whole("quarters", 0, 4).default(Whole(4)).meaning("the quarters of the year with a payment");
        BENEFICIARIES: Vec<At<(f64, f64)>> = Key::pairs("beneficiaries", "`[score, people]`")
            .required("[[40, 3_000], [90, 2_000]]")
            .ask("give them by score, as beneficiaries = [[40, 3_000], [90, 2_000]]")
            .meaning("the beneficiaries by their risk factors-based score")
            .more("Those with the highest scores are paid for. A score is from 0 to 100, and people from 0 to 10,000,000");
    }
}

impl AdvancePayments {
    pub(crate) fn read(section: Section<'_>, performance_year: u16) -> Option<Self> {
        type Keys = AdvancePaymentKeys;
        let rules = AdvanceRules::read(&section, performance_year, "");
        let one_time = section.read(&Keys::ONE_TIME);
        let quarters = section.read(&Keys::QUARTERS);
        let groups = section.read(&Keys::BENEFICIARIES).and_then(|groups| {
            let wrong = groups.iter().find(|group| {
                let (score, people) = group.value;
                !(0.0..=100.0).contains(&score) || !(0.0..=1e7).contains(&people)
            });
            if let Some(wrong) = wrong {
                let path = section.path_of(Keys::BENEFICIARIES.name);
                let message = format!("{path}: [{}, {}]", wrong.value.0, wrong.value.1);
                section.wrong(&wrong.span, message, "a score is from 0 to 100, and so many people have it");
                return None;
            }
            let mut groups: Vec<(f64, f64)> = groups.into_iter().map(|group| group.value).collect();
            groups.sort_by(|one, other| other.0.total_cmp(&one.0).then(other.1.total_cmp(&one.1)));
            Some(groups)
        });
        section.finish();
        Some(Self { rules: rules?, one_time: one_time?, quarters: quarters?, beneficiaries: groups? })
    }

    /// A quarter's payment for a beneficiary.
    pub fn quarterly(&self, score: f64) -> Dollars {
        let rules = &self.rules;
        let steps = [
            (85.0, rules.quarterly_85),
            (75.0, rules.quarterly_75),
            (65.0, rules.quarterly_65),
            (55.0, rules.quarterly_55),
            (45.0, rules.quarterly_45),
            (35.0, rules.quarterly_35),
            (25.0, rules.quarterly_25),
        ];
        steps
            .into_iter()
            .find(|&(from, _)| rounding::reaches(score, from, from))
            .map_or(Dollars::ZERO, |(_, payment)| payment)
    }

    /// What is paid in the year, in dollars of which `dollar` are one of the rule's: the amounts are not updated. The one-time
    /// payment is of the first year alone.
    pub(crate) fn settle(&self, settlement: &mut Settlement, dollar: f64, first_year: bool) -> Dollars {
        settlement.rule("42 CFR § 425.630(f)");
        let mut left = self.rules.most_beneficiaries;
        let (mut quarterly, mut terms) = (Dollars::ZERO, Vec::new());
        for (index, &(score, people)) in (1..).zip(&self.beneficiaries) {
            let paid_for = people.min(left);
            left -= paid_for;
            let payment = self.quarterly(score) * dollar;
            quarterly += payment * paid_for;
            if settlement.records_steps() {
                settlement.number(format!("beneficiaries paid for, group {index}"), OBSERVED, paid_for);
                settlement.dollars(format!("quarterly payment, group {index}"), AGREED, payment);
                terms.push(format!("{{beneficiaries paid for, group {index}}} × {{quarterly payment, group {index}}}"));
            }
        }
        let how = if terms.is_empty() { "0".to_owned() } else { terms.join(" + ") };
        settlement.dollars("quarterly payments", how, quarterly);
        settlement.number("quarters", AGREED, f64::from(self.quarters));
        let one_time = if self.one_time && first_year { self.rules.one_time_payment * dollar } else { Dollars::ZERO };
        settlement.dollars("one-time payment", AGREED, one_time);
        settlement.dollars(
            "advance investment payments",
            "{one-time payment} + {quarterly payments} × {quarters}",
            one_time + quarterly * f64::from(self.quarters),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_scores_are_paid_for_first() {
        let payments = AdvancePayments {
            rules: AdvanceRules::of(2024, "").expect("its year has rules"),
            one_time: true,
            quarters: 4,
            beneficiaries: vec![(100.0, 9_000.0), (60.0, 3_000.0), (10.0, 500.0)],
        };
        let paid = payments.settle(&mut Settlement::default(), 1.0, true);
        assert_eq!(paid, Dollars(250_000.0 + 4.0 * (9_000.0 * 45.0 + 1_000.0 * 32.0)));
        assert_eq!(payments.quarterly(24.9), Dollars::ZERO);
        // The largest balance of 2024: everyone at the highest score for a year.
        let all = AdvancePayments { beneficiaries: vec![(100.0, 12_000.0)], ..payments };
        assert_eq!(all.settle(&mut Settlement::default(), 1.0, true), Dollars(2_050_000.0));
    }
}
