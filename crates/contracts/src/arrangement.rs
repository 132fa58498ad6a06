//! A contract as signed: its name, its phases, and how it goes on from year to year.

use twosided_form::{At, Key, List, Literal::Whole, Nested, Section, keys, unique};
use twosided_population::Observation;
use twosided_units::{Dollars, Share};

use crate::{
    Agreement, Carried, Covered, FeeForService, Known, Phase, Portfolio, Settled, Terms, Timing, Year,
    agreement::AgreementKeys, phase::PhaseKeys, timing::TimingKeys,
};

/// A contract as signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrangement {
    /// Unique name; results are reported by it.
    pub name: String,
    /// Whose care it is about.
    pub covered: Covered,
    /// At least one: the first begins with the first year, and each other after the one before it.
    pub(crate) phases: Vec<Phase>,
    /// How it goes on from year to year.
    pub agreement: Agreement,
    /// Programs that are run under it; all of them where absent, but none under fee-for-service.
    pub programs: Option<Vec<String>>,
    /// What is left of a fee for one more service, as an incentive; by what becomes of fees where absent.
    pub incentive: Option<Share>,
    /// When what it settles is paid.
    pub timing: Timing,
    /// Quality measures that are reported under it, each of which has a cost.
    pub reported_measures: u32,
    /// The contracts that are held at once under this name, on top of fees alone; none for a single contract.
    pub portfolio: Option<Portfolio>,
}

keys! {
    /// A contract.
    pub struct ContractKeys "contracts" with [PhaseKeys::OWN] {
        NAME: String = Key::name().more("Unique among contracts");
        PAYERS: Vec<At<String>> = Key::names("payers", "names of [payers](scenario.md#payers)").absent("everyone", "[\"Medicare\"]")
            .meaning("the payers whose people it covers").more("It sees, settles and is paid for them alone");
        SEGMENTS: Vec<At<String>> = Key::names("segments", "names of segments").absent("everyone", "[\"aged\"]")
            .meaning("the segments that it covers, in place of `payers`");
        AGREEMENT: Nested = Key::table("agreement", AgreementKeys::TABLE)
            .absent("years have nothing to do with each other", "{ rebasing = { every = 5 } }")
            .meaning("updates, rebasing, losses carried, and an early end");
        LATER: List = Key::tables("later", LaterKeys::TABLE, 20)
            .absent("none", "[{ from_year = 2, terms = { fee_for_service = {} } }]").meaning("other terms in later years");
        PROGRAMS: Vec<At<String>> = Key::names("programs", "names of [programs](scenario.md#providerprograms)")
            .absent("all; none under `fee_for_service`", "[\"transitional care\"]")
            .meaning("the programs that are run under it");
        INCENTIVE: Share = Key::share("incentive").absent("0 where fees are given up, else 1", "0.5")
            .meaning("what is left of a fee for one more service, for [`provider.response`](scenario.md#providerresponse)");
        TIMING: Nested = Key::table("timing", TimingKeys::TABLE).absent("[by kind](terms.md#when-it-is-paid)", "{ settlement_month = 22 }")
            .meaning("when what it settles is paid").more("It moves [cash](scenario.md#cash) and no gain");
        REPORTED_MEASURES: u32 = Key::whole("reported_measures", 0, 1_000).default(Whole(0))
            .meaning("the quality measures that are reported under it")
            .more("Each costs [`provider.administration`](scenario.md#provideradministration)'s `per_measure` a year");
    }
}

keys! {
    /// Terms of later years.
    pub(crate) struct LaterKeys "contracts.later" with [PhaseKeys::OWN] {
        FROM_YEAR: u32 = Key::whole("from_year", 2, 100).required("2")
            .meaning("the first year of these terms, counted from 1, each later than the one before")
            .more("A year past the horizon is never reached");
    }
}

impl Arrangement {
    /// Terms alone, in every year, without covers or cost.
    pub fn of(name: &str, terms: Terms) -> Self {
        Self {
            name: name.to_owned(),
            covered: Covered::Everyone,
            timing: Timing::of_kind(&terms),
            phases: vec![Phase::of(terms)],
            agreement: Agreement::default(),
            programs: None,
            incentive: None,
            reported_measures: 0,
            portfolio: None,
        }
    }

    /// Contracts that are held at once.
    pub fn holding(name: &str, portfolio: Portfolio) -> Self {
        let mut fees = Self::of(name, Terms::FeeForService(FeeForService));
        fees.first_mut().lan = portfolio.lan();
        Self { portfolio: Some(portfolio), ..fees }
    }

    /// One line on what it is.
    pub fn summary(&self) -> String {
        let Some(portfolio) = &self.portfolio else { return self.first().terms.summary().to_owned() };
        let names: Vec<&str> = portfolio.contracts.iter().map(|contract| contract.name.as_str()).collect();
        format!("held at once: {}", names.join(", "))
    }

    /// The contracts that are settled under it: those of a portfolio, or itself.
    pub fn held(&self) -> &[Self] {
        self.portfolio.as_ref().map_or(std::slice::from_ref(self), |portfolio| &portfolio.contracts)
    }

    /// Reads one contract; `None` when anything in it is wrong.
    pub fn read(section: Section<'_>, known: &Known, names: &mut Vec<At<String>>) -> Option<Self> {
        type Keys = ContractKeys;
        let name = section.read_at(&Keys::NAME).filter(|name| unique(&section, names, name, "contract"));
        let covered = Covered::read(&section, known, [&Keys::PAYERS, &Keys::SEGMENTS]);
        let first = Phase::read(&section, known, 0);
        let agreement = section.optional_table(&Keys::AGREEMENT, |section| {
            Agreement::read(section, first.as_ref().map(|first| &first.terms))
        });
        let later = read_later(&section, known);
        let programs = match section.optional(&Keys::PROGRAMS) {
            Some(Some(named)) => known.programs.all_of(named, &section, &Keys::PROGRAMS).map(Some),
            other => other.map(|_| None),
        };
        let incentive = section.optional(&Keys::INCENTIVE);
        let timing = section
            .optional_table(&Keys::TIMING, |section| Timing::read(section, first.as_ref().map(|first| &first.terms)));
        let reported_measures = section.read(&Keys::REPORTED_MEASURES);
        section.finish();
        let (timing, first) = (timing?, first?);
        Some(Self {
            name: name?.value,
            covered: covered?,
            timing: timing.unwrap_or_else(|| Timing::of_kind(&first.terms)),
            phases: [first].into_iter().chain(later?).collect(),
            agreement: agreement?.unwrap_or_default(),
            programs: programs?,
            incentive: incentive?,
            reported_measures: reported_measures?,
            portfolio: None,
        })
    }

    /// What was agreed, in the order of years.
    #[inline]
    pub fn phases(&self) -> &[Phase] {
        &self.phases
    }

    /// The phase of the first year.
    pub fn first(&self) -> &Phase {
        &self.phases[0]
    }

    /// The phase of the first year, to be changed.
    pub fn first_mut(&mut self) -> &mut Phase {
        &mut self.phases[0]
    }

    /// The same without stop-loss in any phase, or none where there is nothing to take away.
    #[must_use]
    pub fn without_stop_loss(&self) -> Option<Self> {
        let has_any = self.held().iter().flat_map(Self::phases).any(|phase| phase.covers.has_stop_loss());
        has_any.then(|| {
            let mut bare = self.clone();
            let held = bare.portfolio.iter_mut().flat_map(|portfolio| &mut portfolio.contracts);
            for phase in held.flat_map(|contract| &mut contract.phases).chain(&mut bare.phases) {
                (phase.covers.specific, phase.covers.aggregate) = (None, None);
            }
            bare
        })
    }

    /// What was agreed, to be changed.
    pub fn phases_mut(&mut self) -> &mut [Phase] {
        &mut self.phases
    }

    /// The phase of a year, counted from 0.
    #[inline]
    pub fn phase(&self, year: u32) -> &Phase {
        &self.phases[self.phase_index(year)]
    }

    /// Which of [`Arrangement::phases`] a year, counted from 0, is in.
    #[inline]
    pub fn phase_index(&self, year: u32) -> usize {
        self.phases.partition_point(|phase| phase.from <= year) - 1
    }

    /// The phases of this contract and of another that are in force in the same year.
    pub(crate) fn phases_at_once<'a>(&'a self, other: &'a Self) -> Vec<(&'a Phase, &'a Phase)> {
        let begins = self.phases.iter().chain(&other.phases).map(|phase| phase.from);
        begins.map(|year| (self.phase(year), other.phase(year))).collect()
    }

    /// Whether it is fee-for-service in every year, and nothing else: the reference of every gain.
    pub fn is_fee_for_service_alone(&self) -> bool {
        self.portfolio.is_none()
            && self.reported_measures == 0
            && self.phases.len() == 1
            && self.first().is_fee_for_service_alone()
            && self.programs.as_ref().is_none_or(Vec::is_empty)
            && self.incentive.is_none()
    }

    /// What it advances in the first month of a year, counted from 0, at most; other advances come each quarter.
    pub fn advanced_at_once(&self, year: u32) -> Dollars {
        let own = self.agreement.advance.filter(|advance| advance.year == year).map_or(Dollars::ZERO, |own| own.amount);
        let of_terms = match &self.phase(year).terms {
            Terms::Mssp(terms) if year == 0 => {
                let payments = terms.advance_payments.as_ref().filter(|payments| payments.one_time);
                payments.map_or(Dollars::ZERO, |payments| payments.rules.one_time_payment)
            }
            _ => Dollars::ZERO,
        };
        own + of_terms
    }

    /// Whether it pays something in advance.
    pub fn may_advance(&self) -> bool {
        self.agreement.advance.is_some()
            || self
                .phases
                .iter()
                .any(|phase| matches!(&phase.terms, Terms::Mssp(terms) if terms.advance_payments.is_some()))
    }

    /// Whether a program is run in a phase: it is named, or no program is and the terms are not fee-for-service.
    pub fn runs(&self, program: &str, phase: &Phase) -> bool {
        match &self.programs {
            Some(named) => named.iter().any(|name| name == program),
            None => !phase.terms.is_fee_for_service(),
        }
    }

    /// What the first phase settles on; see [`Phase::observes`].
    pub fn observes(&self) -> Vec<Observation> {
        self.first().observes()
    }

    /// Settles one year as the first phase does; see [`Phase::settle`].
    pub fn settle(&self, year: &Year<'_>) -> Settled {
        self.first().settle(year)
    }

    /// Settles the next year of several, with what earlier years leave, and notes what it leaves itself. A contract that has ended
    /// settles nothing.
    #[inline]
    pub fn settle_carrying(&self, year: &Year<'_>, carried: &mut Carried) -> Settled {
        if carried.ended {
            return Settled::default();
        }
        let composites = std::mem::take(&mut carried.composites);
        let begun = Year { earlier_composites: &composites, ..self.agreement.begin(year, carried) };
        let mut settled = self.phase(carried.year).settle(&begun);
        self.agreement.end(&begun, &mut settled.settlement, carried);
        carried.composites = composites;
        carried.composites.extend(settled.settlement.composite);
        settled
    }
}

/// Reads the phases of later years, each from a year after that of the one before.
fn read_later(section: &Section<'_>, known: &Known) -> Option<Vec<Phase>> {
    let mut last = 1;
    section.optional_tables(&ContractKeys::LATER, |section| {
        let key = &LaterKeys::FROM_YEAR;
        let from = section.read(key).filter(|&from| {
            let rises = from > last;
            if !rises {
                let help =
                    format!("{} is a whole number from {} to 100, counted from 1 and rising", key.name, last + 1);
                section.wrong(&section.span_of(key.name), format!("{} is {from}", section.path_of(key.name)), help);
            }
            rises
        });
        last = from.unwrap_or(last);
        let phase = Phase::read(&section, known, last - 1);
        section.finish();
        from.and(phase)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_in_the_last_phase_that_has_begun() {
        let fees = Arrangement::of("fees", Terms::FeeForService(FeeForService));
        let later = |from| Phase { from, ..fees.first().clone() };
        let contract = Arrangement { phases: vec![later(0), later(2), later(5)], ..fees.clone() };
        assert_eq!([0, 1, 2, 4, 5, 99].map(|year| contract.phase_index(year)), [0, 0, 1, 1, 2, 2]);
        assert_eq!([3, 99].map(|year| contract.phase(year).from), [2, 5]);
        assert!(!contract.is_fee_for_service_alone() && fees.is_fee_for_service_alone());
    }

    #[test]
    fn what_is_added_to_fee_for_service_makes_it_another_contract() {
        let fees = Arrangement::of("fees", Terms::FeeForService(FeeForService));
        let program = Arrangement { programs: Some(vec!["calls".to_owned()]), ..fees.clone() };
        let none = Arrangement { programs: Some(Vec::new()), ..fees.clone() };
        let incentive = Arrangement { incentive: Some(Share::ONE), ..fees.clone() };
        let mut costly = fees.clone();
        costly.phases[0].administration = twosided_units::Pmpm(1.0);
        let alone = [&fees, &none, &program, &incentive, &costly].map(Arrangement::is_fee_for_service_alone);
        assert_eq!(alone, [true, true, false, false, false]);
        assert!(program.runs("calls", program.first()) && !program.runs("visits", program.first()));
        assert!(!fees.runs("calls", fees.first()));
    }
}
