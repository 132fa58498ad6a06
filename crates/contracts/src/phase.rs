//! What the parties agree for some years: terms, the covers around them, and what taking part costs.

use twosided_form::{Section, shortened};
use twosided_population::{Observation, Plan, ServiceScope};
use twosided_units::{Dollars, Pmpm};

use crate::{CoverPayments, Covers, Known, Lan, Payment, Settlement, Terms, Year, lan::LAN_CODES, read};

/// A contract from one year until the next phase begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    /// Its first year, counted from 0.
    pub from: u32,
    /// Where it stands on the continuum.
    pub lan: Lan,
    /// What the parties agreed.
    pub terms: Terms,
    /// What wraps the terms.
    pub covers: Covers,
    /// What taking part costs the provider, per member.
    pub administration: Pmpm,
}

/// Everything that one year comes to under a contract, before the provider's own books.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settled {
    /// What the terms pay, after covers.
    pub settlement: Settlement,
    /// Stop-loss recoveries and premiums.
    pub stop_loss: CoverPayments,
    /// What taking part costs.
    pub administration: Dollars,
}

impl Phase {
    /// Terms alone, from the first year on, without covers or cost.
    pub fn of(terms: Terms) -> Self {
        Self { from: 0, lan: terms.as_settle().lan(), terms, covers: Covers::default(), administration: Pmpm(0.0) }
    }

    /// Reads terms, category, covers and cost; `None` when anything in them is wrong.
    pub(crate) fn read(section: &Section<'_>, known: &Known, from: u32) -> Option<Self> {
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
        Some(Self { from, lan: lan?, terms: terms?, covers: covers?, administration: Pmpm(administration?) })
    }

    /// Whether it is fee-for-service and nothing else.
    pub fn is_fee_for_service_alone(&self) -> bool {
        self.terms.is_fee_for_service() && self.covers == Covers::default() && self.administration == Pmpm::default()
    }

    /// The services whose cost the terms depend on.
    pub fn services(&self) -> ServiceScope {
        self.terms.as_settle().services()
    }

    /// What becomes of the fees for services.
    pub fn payment(&self) -> Payment {
        self.terms.as_settle().payment()
    }

    /// The services whose fees for the provider's own care are [`Year::own_fees`].
    pub fn own_fees(&self) -> ServiceScope {
        self.terms.as_settle().own_fees()
    }

    /// What it settles on, in the order of a year's figures: first the terms, then the covers.
    pub fn observes(&self) -> Vec<Observation> {
        let terms = self.terms.as_settle();
        terms.observes().into_iter().chain(self.covers.observes(&terms.services())).collect()
    }

    /// Columns of the plan that hold what it settles on; those that the plan lacks are added.
    pub fn columns(&self, plan: &mut Plan) -> Vec<usize> {
        self.observes().into_iter().map(|observation| plan.column(observation)).collect()
    }

    /// Settles one year, given the figures of [`Phase::observes`].
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
