//! Partial primary-care capitation: a payment per member in place of a part of primary care fees.

use twosided_form::{At, Key, Literal, Section, Table, Word, keys};
use twosided_population::ServiceScope;
use twosided_units::{Pmpm, Share};

use crate::{AGREED, Kind, Known, Lan, Listing, OBSERVED, Settle, Settlement, Year, read};

keys! {
    /// The terms of a primary-care capitation.
    pub(crate) struct PrimaryCareCapitationKeys "terms.primary_care_capitation" {
        PMPM: Pmpm = read::rate("pmpm").required("30").meaning("the payment");
        SHARE_OF_FEES: Share = Key::share("share_of_fees").required("0.5")
            .meaning("the part of own fees that the payment replaces");
        SERVICES: Vec<At<String>> = read::NAMED_SERVICES.meaning("the services of which fees are replaced");
        RECONCILIATION: CapitationReconciliation = Key::word("reconciliation").default(Literal::Word("none"))
            .meaning("what is reconciled")
            .more("`\"none\"`: nothing; `\"leakage\"`: the payment is cut by `leakage`; `\"true_up\"`: the payment is an advance, settled against the fees that it replaced");
        LEAKAGE: Share = Key::share("leakage").absent("required with `\"leakage\"`, refused without", "0.08")
            .meaning("the part of members' primary care visits that are made elsewhere");
    }
}

/// The part of visits is a key of its own.
impl Word for CapitationReconciliation {
    const WORDS: &'static [(&'static str, Self)] =
        &[("none", Self::None), ("leakage", Self::Leakage(Share::ZERO)), ("true_up", Self::TrueUp)];
}

/// A payment per member for which fees are reduced, as in CMS's primary care models.
///
/// CPC+ Track 2 is `share_of_fees` from 0.1 to 0.65 with `reconciliation = "leakage"`; Making Care Primary is 0.5 in Track 2
/// and 1 in Track 3; ACO Primary Care Flex is 1, beside the ACO's own settlement; the primary care capitation that an ACO draws
/// in advance is `reconciliation = "true_up"`. These settings are unconfirmed.
#[derive(Clone, Debug, PartialEq)]
pub struct PrimaryCareCapitation {
    /// What is paid.
    pub pmpm: Pmpm,
    /// The part of the provider's own fees that it replaces.
    pub share_of_fees: Share,
    /// What is reconciled.
    pub reconciliation: CapitationReconciliation,
    /// The services of which fees are replaced.
    pub services: ServiceScope,
}

/// What is reconciled of a primary-care capitation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CapitationReconciliation {
    /// Nothing.
    None,
    /// The rate is cut by the part of members' primary care visits that are made elsewhere.
    Leakage(Share),
    /// After the year, the capitation is settled against the fees that it replaced: it was an advance on them.
    TrueUp,
}

impl Kind for PrimaryCareCapitation {
    const KEY: &'static str = "primary_care_capitation";
    const KEYS: &'static Table = PrimaryCareCapitationKeys::TABLE;
    const SUMMARY: &'static str = "a payment per member in place of a part of primary care fees";
    const LISTING: Listing = Listing {
        lan: "4A",
        settles_on: "member months, and the provider's own fees for its services",
        source: "a commercial term; CMS's primary care models",
    };
    const EXAMPLE: &'static str = "{ pmpm = 30, share_of_fees = 0.5, services = [\"primary care\"], reconciliation = \"leakage\", leakage = 0.08 }";

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = PrimaryCareCapitationKeys;
        let pmpm = section.read(&Keys::PMPM);
        let share_of_fees = section.read(&Keys::SHARE_OF_FEES);
        let services = read::scope(section, &Keys::SERVICES, known);
        let leakage = section.optional(&Keys::LEAKAGE);
        let reconciliation = match section.read(&Keys::RECONCILIATION) {
            Some(CapitationReconciliation::Leakage(_)) => {
                section.need(&Keys::LEAKAGE);
                leakage.flatten().map(CapitationReconciliation::Leakage)
            }
            Some(_) if section.has(Keys::LEAKAGE.name) => {
                let message =
                    format!("{} is given, and nothing is reconciled for it", section.path_of(Keys::LEAKAGE.name));
                let help = "write reconciliation = \"leakage\", or leave it out";
                section.wrong(&section.span_of(Keys::LEAKAGE.name), message, help);
                None
            }
            other => other,
        };
        Some(Self { pmpm: pmpm?, share_of_fees: share_of_fees?, reconciliation: reconciliation?, services: services? })
    }
}

impl Settle for PrimaryCareCapitation {
    fn lan(&self) -> Lan {
        Lan::PartialPopulation
    }

    fn services(&self) -> ServiceScope {
        self.services.clone()
    }

    fn fees_given_up(&self) -> Option<(ServiceScope, Share)> {
        Some((self.services.clone(), self.share_of_fees))
    }

    /// ```text
    /// cash = rate × (1 - leakage) × member months + own fees × (1 - share of fees)
    /// ```
    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        settlement.number("member months", OBSERVED, year.exposure.0);
        let rate = settlement.pmpm("capitation rate", AGREED, self.pmpm);
        let (name, rate) = settlement.rate_of_year(year, ("capitation rate", rate));
        settlement.capitation = match self.reconciliation {
            CapitationReconciliation::Leakage(leakage) => {
                settlement.share("leakage", AGREED, leakage.value());
                let how = settlement.how(|| format!("{{{name}}} × {{member months}} × (1 - {{leakage}})"));
                settlement.dollars("capitation", how, rate * year.exposure * leakage.complement())
            }
            CapitationReconciliation::None | CapitationReconciliation::TrueUp => {
                let how = settlement.how(|| format!("{{{name}}} × {{member months}}"));
                settlement.dollars("capitation", how, rate * year.exposure)
            }
        };
        settlement.dollars("own fees", OBSERVED, year.own_fees);
        settlement.share("share of fees", AGREED, self.share_of_fees.value());
        let replaced =
            settlement.dollars("fees replaced", "{own fees} × {share of fees}", year.own_fees * self.share_of_fees);
        settlement.fee_adjustment = settlement.dollars("change in own fees", "-{fees replaced}", -replaced);
        if self.reconciliation == CapitationReconciliation::TrueUp {
            settlement.reconciliation = settlement.dollars(
                "settled to actual",
                "{fees replaced} - {capitation}",
                replaced - settlement.capitation,
            );
            settlement.advances_settled = settlement.reconciliation;
        }
        settlement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_units::{Dollars, MemberMonths};

    fn settled(reconciliation: CapitationReconciliation) -> Settlement {
        let contract = PrimaryCareCapitation {
            pmpm: Pmpm(30.0),
            share_of_fees: Share::new(0.5).expect("a share"),
            reconciliation,
            services: ServiceScope::only(vec!["visits".to_owned()]),
        };
        contract.settle(&Year::new(MemberMonths(12_000.0), 1_000, &[]).with_own_fees(Dollars(800_000.0)))
    }

    #[test]
    fn capitation_replaces_its_part_of_fees() {
        let settlement = settled(CapitationReconciliation::None);
        assert_eq!((settlement.capitation, settlement.fee_adjustment), (Dollars(360_000.0), Dollars(-400_000.0)));
        let leaked = settled(CapitationReconciliation::Leakage(Share::new(0.25).expect("a share")));
        assert_eq!(leaked.capitation, Dollars(270_000.0));
    }

    #[test]
    fn settled_to_actual_capitation_is_only_an_advance() {
        assert_eq!(settled(CapitationReconciliation::TrueUp).total(), Dollars::ZERO);
    }
}
