//! A contract as signed: a name, its terms, and the covers around them.

use twosided_form::{At, Key, List, Literal::Number, Nested, Range, Section, Status, Unit, keys, shortened, unique};
use twosided_population::{Observation, Plan, ServiceScope};
use twosided_units::{Dollars, Pmpm, Share};

use crate::{
    Agreement, Carried, CoverPayments, Covers, Known, Lan, Payment, Settle, Settlement, Terms, Year,
    agreement::AgreementKeys, covers::CoverKeys, kinds::SettleTerms,
};

/// A contract as signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrangement {
    /// Unique name; results are reported by it.
    pub name: String,
    /// Where it stands on the continuum.
    pub lan: Lan,
    /// What the parties agreed.
    pub terms: Terms,
    /// What wraps the terms.
    pub covers: Covers,
    /// What taking part costs the provider, per member.
    pub administration: Pmpm,
    /// How it goes on from year to year.
    pub agreement: Agreement,
    /// Other terms in later years.
    pub later: Vec<Later>,
    /// Programs that are run under it; all of them where absent, but none under fee-for-service.
    pub programs: Option<Vec<String>>,
    /// What is left of a fee for one more service, as an incentive; by what becomes of fees where absent.
    pub incentive: Option<Share>,
}

/// The terms of an arrangement from a later year on.
#[derive(Clone, Debug, PartialEq)]
pub struct Later {
    /// The first year, counted from 0.
    pub from: u32,
    /// The arrangement from then on.
    pub arrangement: Arrangement,
}

/// Everything one year comes to under an arrangement, before the provider's own books.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settled {
    /// What the terms pay, covers applied.
    pub settlement: Settlement,
    /// Paid by stop-loss and for it.
    pub stop_loss: CoverPayments,
    /// What taking part costs.
    pub administration: Dollars,
}

impl Settled {
    /// Settles one year, given as the figures of [`Settle::observes`], under terms alone: without covers or cost.
    pub fn of<T: Settle>(terms: &T, year: &Year<'_>) -> Self {
        settled(terms, &Covers::default(), Pmpm(0.0), year)
    }
}

/// Settles one year under terms within covers, its figures first those that the terms observe.
fn settled(terms: &dyn SettleTerms, covers: &Covers, administration: Pmpm, year: &Year<'_>) -> Settled {
    let (of_terms, of_covers) = year.figures.split_at(year.figures.len() - covers.figures());
    let settle = |of_terms: Year<'_>, of_covers: Year<'_>| {
        let mut settlement = terms.settle(&of_terms);
        let stop_loss = covers.settle(&of_covers, &mut settlement);
        (settlement, stop_loss)
    };
    let expected = year.updates.expected;
    if expected == 1.0 {
        let (settlement, stop_loss) = settle(Year { figures: of_terms, ..*year }, Year { figures: of_covers, ..*year });
        let administration = administration * year.exposure + settlement.administration;
        return Settled { settlement, stop_loss, administration };
    }
    // Rules are the same in any currency: the year is settled in dollars of the first year.
    let observed = terms.observes().into_iter().chain(covers.observes(&terms.services()));
    let in_first_year = |(figure, observation): (&f64, Observation)| {
        if observation.is_dollars() { figure / expected } else { *figure }
    };
    let figures: Vec<f64> = year.figures.iter().zip(observed).map(in_first_year).collect();
    let (of_terms, of_covers) = figures.split_at(of_terms.len());
    let advance_balance = year.advance_balance.map(|balance| balance * (1.0 / expected));
    let own_fees = year.own_fees * (1.0 / expected);
    let first_year = Year { own_fees, advance_balance, ..*year };
    let (settlement, stop_loss) =
        settle(Year { figures: of_terms, ..first_year }, Year { figures: of_covers, ..first_year });
    let settlement = settlement.scaled(expected).updated_by(expected);
    let administration = administration * year.exposure * expected + settlement.administration;
    Settled { settlement, stop_loss: stop_loss.scaled(expected), administration }
}

keys! {
    /// What the parties sign at one time.
    pub(crate) struct SignedKeys "signed" {
        TERMS: Nested = Key::table("terms", Terms::TABLE).required("{ fee_for_service = {} }")
            .ask("say what was agreed, as terms.fee_for_service = {} or terms.mssp = { … }")
            .meaning("what was agreed: exactly one of the kinds below");
        LAN: Lan = Key::word("lan").absent("[by kind](contracts.md)", "\"4B\"")
            .meaning("the category of the Health Care Payment Learning and Action Network")
            .more("It changes no figure. What the categories mean is what to check").status(Status::Unconfirmed);
        ADMINISTRATION_PMPM: Pmpm = Key::quantity("administration_pmpm", Unit::PMPM, Range::of(0.0, 100_000.0))
            .default(Number(0.0)).meaning("what taking part costs the provider");
        COVERS: Nested = Key::table("covers", CoverKeys::TABLE)
            .absent("none", "{ specific = { attachment_point = 250_000, premium_pmpm = 9 } }").meaning("what wraps the terms");
    }
}

keys! {
    /// A contract.
    pub struct ContractKeys "contracts" with [SignedKeys::OWN] {
        NAME: String = Key::name().more("Unique among contracts");
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
    }
}

keys! {
    /// Terms of later years.
    pub(crate) struct LaterKeys "contracts.later" with [SignedKeys::OWN] {
        FROM_YEAR: u32 = Key::whole("from_year", 2, 100).required("2")
            .meaning("the first year of these terms, counted from 1, each later than the one before")
            .more("A year past the horizon is never reached");
    }
}

impl Arrangement {
    /// Terms alone, without covers or cost.
    pub fn of(name: &str, terms: Terms) -> Self {
        Self {
            name: name.to_owned(),
            lan: terms.as_settle().lan(),
            terms,
            covers: Covers::default(),
            administration: Pmpm(0.0),
            agreement: Agreement::default(),
            later: Vec::new(),
            programs: None,
            incentive: None,
        }
    }

    /// Reads one contract: its name, terms, category, covers and cost; `None` when anything in it is wrong.
    pub fn read(section: Section<'_>, known: &Known, names: &mut Vec<At<String>>) -> Option<Self> {
        type Keys = ContractKeys;
        let name = section.read_at(&Keys::NAME).filter(|name| unique(&section, names, name, "contract"));
        let signed = Signed::read(&section, known);
        let agreement = section.optional_table(&Keys::AGREEMENT, |section| {
            Agreement::read(section, signed.as_ref().map(|signed| &signed.terms))
        });
        let later = read_later(&section, known);
        let programs = match section.optional(&Keys::PROGRAMS) {
            Some(Some(named)) => known.programs.all_of(named, &section, &Keys::PROGRAMS).map(Some),
            other => other.map(|_| None),
        };
        let incentive = section.optional(&Keys::INCENTIVE);
        section.finish();
        let (name, signed) = (name?.value, signed?);
        let later = later?.into_iter().map(|(from, later)| Later { from, arrangement: later.arrangement(&name) });
        let later = later.collect();
        let arrangement = signed.arrangement(&name);
        let agreement = agreement?.unwrap_or_default();
        Some(Self { agreement, later, programs: programs?, incentive: incentive?, ..arrangement })
    }

    /// The arrangement as first signed, and as it is from later years on; each with its first year, counted from 0.
    pub fn phases(&self) -> impl Iterator<Item = (u32, &Self)> {
        [(0, self)].into_iter().chain(self.later.iter().map(|later| (later.from, &later.arrangement)))
    }

    /// The services whose cost the terms concern.
    pub fn services(&self) -> ServiceScope {
        self.terms.as_settle().services()
    }

    /// What becomes of fees.
    pub fn payment(&self) -> Payment {
        self.terms.as_settle().payment()
    }

    /// The services whose fees for the provider's own care are [`Year::own_fees`].
    pub fn own_fees(&self) -> ServiceScope {
        self.terms.as_settle().own_fees()
    }

    /// What this arrangement observes, in the order of a year's figures: first the terms, then the covers.
    pub fn observes(&self) -> Vec<Observation> {
        let terms = self.terms.as_settle();
        terms.observes().into_iter().chain(self.covers.observes(&terms.services())).collect()
    }

    /// Columns of the plan that hold what this arrangement observes; what the plan lacks is added.
    pub fn columns(&self, plan: &mut Plan) -> Vec<usize> {
        self.observes().into_iter().map(|observation| plan.column(observation)).collect()
    }

    /// Settles one year, given as the figures of [`Arrangement::columns`].
    pub fn settle(&self, year: &Year<'_>) -> Settled {
        settled(self.terms.as_settle(), &self.covers, self.administration, year)
    }

    /// Settles the next year of several: what the years before left is carried in, and what this one leaves is carried on.
    /// A contract that has ended settles nothing.
    pub fn settle_carrying(&self, year: &Year<'_>, carried: &mut Carried) -> Settled {
        if carried.ended() {
            return Settled::default();
        }
        let begun = self.agreement.begin(year, carried);
        let mut settled = self.phase(carried.year).settle(&begun);
        self.agreement.end(&begun, &mut settled.settlement, carried);
        settled
    }

    /// The arrangement as it is in a year, counted from 0.
    fn phase(&self, year: u32) -> &Self {
        let reached = self.phases().filter(|(from, _)| *from <= year);
        reached.last().map_or(self, |(_, arrangement)| arrangement)
    }
}

/// What the parties sign at one time.
struct Signed {
    lan: Lan,
    terms: Terms,
    covers: Covers,
    administration: Pmpm,
}

impl Signed {
    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = SignedKeys;
        let terms = if section.is_text(Keys::TERMS.name) { named_terms(section) } else { section.table(&Keys::TERMS) };
        let terms = terms.and_then(|terms| Terms::read(terms, known));
        let covers = section.optional_table(&Keys::COVERS, |section| Covers::read(section, known));
        let administration = section.read(&Keys::ADMINISTRATION_PMPM);
        let lan = section.optional(&Keys::LAN);
        let by_kind = terms.as_ref().map(|terms| terms.as_settle().lan());
        let lan = lan.and_then(|lan| lan.or(by_kind));
        let covers = covers?.unwrap_or_default();
        Some(Self { lan: lan?, terms: terms?, covers, administration: administration? })
    }

    fn arrangement(self, name: &str) -> Arrangement {
        let Self { lan, terms, covers, administration } = self;
        Arrangement { lan, covers, administration, ..Arrangement::of(name, terms) }
    }
}

/// Reads terms of later years, each from a year after that of the one before.
fn read_later(section: &Section<'_>, known: &Known) -> Option<Vec<(u32, Signed)>> {
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
        let signed = Signed::read(&section, known);
        section.finish();
        Some((from? - 1, signed?))
    })
}

/// Notes a kind of terms written as text, and how it is written.
fn named_terms<'a>(section: &Section<'a>) -> Option<Section<'a>> {
    let text = section.text(SignedKeys::TERMS.name)?;
    let message = format!("{} is the text \"{}\"", section.path_of(SignedKeys::TERMS.name), shortened(text.value, 60));
    let help = match section.findings.suggestions.nearest(text.value, Terms::TABLE.keys().map(|key| key.name)) {
        Some("fee_for_service") => "write terms.fee_for_service = {}".to_owned(),
        Some(kind) => format!("write a table, as terms.{kind} = {{ … }}"),
        None => "write a table, as terms.mssp = { … }".to_owned(),
    };
    section.wrong(&text.span, message, help);
    None
}
