//! A contract as signed: a name, its terms, and the covers around them.

use twosided_form::{At, Section, shortened, unique};
use twosided_population::{Observation, Plan, ServiceScope};
use twosided_units::{Dollars, Pmpm, Share};

use crate::{
    Agreement, Carried, CoverPayments, Covers, Known, Lan, Payment, Settlement, Terms, Year, lan::LAN_CODES, read,
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
        let name = section.name("name").filter(|name| unique(&section, names, name, "contract"));
        let signed = Signed::read(&section, known);
        let agreement = section.or("agreement", Agreement::default(), |section| {
            let terms = signed.as_ref().map(|signed| &signed.terms);
            section.section("agreement").and_then(|section| Agreement::read(section, terms))
        });
        let later = section.or("later", Vec::new(), |section| read_later(section, known));
        let programs = section.or("programs", None, |section| {
            let named = section.texts("programs")?;
            let path = section.path_of("programs");
            let found = named.iter().filter(|name| known.programs.has(name, section, &path)).count();
            (found == named.len()).then(|| Some(named.into_iter().map(|name| name.value).collect()))
        });
        let incentive = section.or("incentive", None, |section| section.share("incentive").map(Some));
        section.finish();
        let (name, signed) = (name?.value, signed?);
        let later = later?.into_iter().map(|(from, later)| Later { from, arrangement: later.arrangement(&name) });
        let later = later.collect();
        let arrangement = signed.arrangement(&name);
        Some(Self { agreement: agreement?, later, programs: programs?, incentive: incentive?, ..arrangement })
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
        let (of_terms, of_covers) = year.figures.split_at(year.figures.len() - self.covers.figures());
        let settle = |terms: Year<'_>, covers: Year<'_>| {
            let mut settlement = self.terms.as_settle().settle(&terms);
            let stop_loss = self.covers.settle(&covers, &mut settlement);
            (settlement, stop_loss)
        };
        let expected = year.updates.expected;
        if expected == 1.0 {
            let (settlement, stop_loss) =
                settle(Year { figures: of_terms, ..*year }, Year { figures: of_covers, ..*year });
            let administration = self.administration * year.exposure + settlement.administration;
            return Settled { settlement, stop_loss, administration };
        }
        // Rules are the same in any currency: the year is settled in dollars of the first year.
        let in_first_year = |(figure, observation): (&f64, Observation)| {
            if observation.is_dollars() { figure / expected } else { *figure }
        };
        let figures: Vec<f64> = year.figures.iter().zip(self.observes()).map(in_first_year).collect();
        let (of_terms, of_covers) = figures.split_at(of_terms.len());
        let advance_balance = year.advance_balance.map(|balance| balance * (1.0 / expected));
        let own_fees = year.own_fees * (1.0 / expected);
        let first_year = Year { own_fees, advance_balance, ..*year };
        let (settlement, stop_loss) =
            settle(Year { figures: of_terms, ..first_year }, Year { figures: of_covers, ..first_year });
        let settlement = settlement.scaled(expected).updated_by(expected);
        let administration = self.administration * year.exposure * expected + settlement.administration;
        Settled { settlement, stop_loss: stop_loss.scaled(expected), administration }
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
        section.require("terms", "say what was agreed, as terms.fee_for_service = {} or terms.mssp = { … }");
        let terms = if section.is_text("terms") { named_terms(section) } else { section.section("terms") };
        let terms = terms.and_then(|terms| Terms::read(terms, known));
        let covers = section.or("covers", Covers::default(), |section| Covers::read(section.section("covers")?, known));
        let administration = read::dollars_or(section, "administration_pmpm", 0.0, 0.0, 100_000.0);
        let by_kind = terms.as_ref().map(|terms| terms.as_settle().lan());
        let lan = if section.has("lan") {
            let codes: Vec<(&'static str, Lan)> = LAN_CODES.iter().map(|&(lan, code)| (code, lan)).collect();
            section.choice("lan", &codes)
        } else {
            by_kind
        };
        Some(Self { lan: lan?, terms: terms?, covers: covers?, administration: Pmpm(administration?) })
    }

    fn arrangement(self, name: &str) -> Arrangement {
        let Self { lan, terms, covers, administration } = self;
        Arrangement { lan, covers, administration, ..Arrangement::of(name, terms) }
    }
}

/// Most times that terms may change.
const MOST_LATER: usize = 20;

/// Reads terms of later years, each from a year after that of the one before.
fn read_later(section: &Section<'_>, known: &Known) -> Option<Vec<(u32, Signed)>> {
    let mut last = 1;
    section.each("later", MOST_LATER, |section| {
        section.require("from_year", "give the first year of these terms, as from_year = 2");
        let help = format!("from_year is a whole number from {} to 100, counted from 1 and rising", last + 1);
        let from = section.count("from_year", last + 1, 100, &help);
        last = from.as_ref().map_or(last, |from| from.value);
        let signed = Signed::read(&section, known);
        section.finish();
        Some((from?.value as u32 - 1, signed?))
    })
}

/// Notes a kind of terms written as text, and how it is written.
fn named_terms<'a>(section: &Section<'a>) -> Option<Section<'a>> {
    let text = section.text("terms")?;
    let message = format!("{}.terms is the text \"{}\"", section.path, shortened(text.value, 60));
    let help = match section.findings.suggestions.nearest(text.value, Terms::KEYS.iter().copied()) {
        Some("fee_for_service") => "write terms.fee_for_service = {}".to_owned(),
        Some(kind) => format!("write a table, as terms.{kind} = {{ … }}"),
        None => "write a table, as terms.mssp = { … }".to_owned(),
    };
    section.wrong(&text.span, message, help);
    None
}
