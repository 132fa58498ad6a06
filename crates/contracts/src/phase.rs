//! What the parties agree for some years: terms, the covers around them, and what taking part costs.

use twosided_form::{Key, Literal::Number, Nested, Range, Section, Status, Unit, keys, shortened};
use twosided_population::{Observation, Plan, ServiceScope};
use twosided_units::{Dollars, Pmpm, Share};

use crate::{
    BenchmarkUse, Composite, CoverPayments, Covers, Known, Lan, Payment, Quality, Settle, Settlement, Terms, Year,
    covers::CoverKeys, quality::QualityKeys,
};

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
    /// What builds the score that terms and covers otherwise are given.
    pub quality: Option<Quality>,
    /// What taking part costs the provider, per member.
    pub administration: Pmpm,
    /// What taking part costs a year, whatever the members.
    pub fixed_administration: Dollars,
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

keys! {
    /// What the parties sign at one time.
    pub struct PhaseKeys "phase" {
        TERMS: Nested = Key::table("terms", Terms::TABLE).required("{ fee_for_service = {} }")
            .ask("say what was agreed, as terms.fee_for_service = {} or terms.mssp = { … }")
            .meaning("what was agreed: exactly one of the kinds below");
        LAN: Lan = Key::word("lan").absent("[by kind](contracts.md)", "\"4B\"")
            .meaning("the category of the Health Care Payment Learning and Action Network")
            .more("It changes no figure. What the categories mean needs checking").status(Status::Unconfirmed);
        ADMINISTRATION_PMPM: Pmpm = Key::quantity("administration_pmpm", Unit::PMPM, Range::of(0.0, 100_000.0))
            .default(Number(0.0)).meaning("what taking part costs the provider");
        FIXED_ADMINISTRATION: Dollars = Key::quantity("fixed_administration", Unit::DOLLARS_A_YEAR, Range::of(0.0, 1e12))
            .default(Number(0.0)).meaning("what taking part costs the provider whatever the members");
        COVERS: Nested = Key::table("covers", CoverKeys::TABLE)
            .absent("none", "{ specific = { attachment_point = 250_000, premium_pmpm = 9 } }").meaning("what wraps the terms");
        QUALITY: Nested = Key::table("quality", QualityKeys::TABLE)
            .absent("scores are as given", "{ measures = [{ name = \"blood pressure\", counted = \"blood pressure control\", threshold = 0.5, benchmark = 0.9 }] }")
            .meaning("the [measures](#quality) that build a composite, in place of the scores that terms and covers are given");
    }
}

impl Phase {
    /// Terms alone, from the first year on, without covers or cost.
    pub fn of(terms: Terms) -> Self {
        Self {
            from: 0,
            lan: terms.as_settle().lan(),
            terms,
            covers: Covers::default(),
            quality: None,
            administration: Pmpm(0.0),
            fixed_administration: Dollars::ZERO,
        }
    }

    /// Reads terms, category, covers and cost; `None` when anything in them is wrong.
    pub(crate) fn read(section: &Section<'_>, known: &Known, from: u32) -> Option<Self> {
        type Keys = PhaseKeys;
        let terms = if section.is_text(Keys::TERMS.name) { named_terms(section) } else { section.table(&Keys::TERMS) };
        let scored;
        let known = if section.has(Keys::QUALITY.name) {
            scored = Known { has_quality: true, ..known.clone() };
            &scored
        } else {
            known
        };
        let terms = terms.and_then(|terms| Terms::read(terms, known));
        let covers = section.optional_table(&Keys::COVERS, |section| Covers::read(section, known));
        let administration = section.read(&Keys::ADMINISTRATION_PMPM);
        let fixed_administration = section.read(&Keys::FIXED_ADMINISTRATION);
        let lan = section.optional(&Keys::LAN);
        let by_kind = terms.as_ref().map(|terms| terms.as_settle().lan());
        let lan = lan.and_then(|lan| lan.or(by_kind));
        let quality = section.optional_table(&Keys::QUALITY, |section| Quality::read(section, known));
        let covers = covers?.unwrap_or_default();
        if let Some(Terms::Mssp(terms)) = &terms
            && terms.year_to_date.is_some()
            && from > 0
        {
            let message = format!("{} of terms.mssp has a year_to_date, and begins after the first year", section.path);
            let help = "leave it out: a part of the first year alone can have happened already";
            section.wrong(&section.span_of(Keys::TERMS.name), message, help);
            return None;
        }
        if let Some(terms) = &terms
            && known.has_quality
            && !takes_composite(terms, &covers)
        {
            let message =
                format!("{} is given, and no score enters {}", section.path_of(Keys::QUALITY.name), terms.key());
            let help = "leave it out, or add covers.quality_gate or covers.withhold, which take its composite";
            section.wrong(&section.span_of(Keys::QUALITY.name), message, help);
            return None;
        }
        Some(Self {
            from,
            lan: lan?,
            terms: terms?,
            covers,
            quality: quality?,
            administration: administration?,
            fixed_administration: fixed_administration?,
        })
    }

    /// Whether it is fee-for-service and nothing else.
    pub fn is_fee_for_service_alone(&self) -> bool {
        self.terms.is_fee_for_service()
            && self.covers == Covers::default()
            && self.administration == Pmpm::default()
            && self.fixed_administration == Dollars::ZERO
    }

    /// Whether it settles episodes of care.
    pub fn is_of_episodes(&self) -> bool {
        matches!(
            self.terms,
            Terms::Bundle(_) | Terms::BpciAdvanced(_) | Terms::Cjr(_) | Terms::Team(_) | Terms::ProspectiveBundle(_)
        )
    }

    /// Whether it compares expenditure with a benchmark: the expenditure is then the first figure that it settles on.
    pub fn compares(&self) -> bool {
        self.terms.benchmark() != BenchmarkUse::None
    }

    /// The services whose cost the terms depend on.
    pub fn services(&self) -> ServiceScope {
        self.terms.as_settle().services()
    }

    /// What becomes of the fees for services.
    pub fn payment(&self) -> Payment {
        self.terms.as_settle().payment()
    }

    /// The services whose own fees are given up, and the share of them.
    pub fn fees_given_up(&self) -> Option<(ServiceScope, Share)> {
        self.terms.as_settle().fees_given_up().filter(|(_, share)| *share > Share::ZERO)
    }

    /// The services whose fees for the provider's own care are [`Year::own_fees`].
    pub fn own_fees(&self) -> ServiceScope {
        self.terms.as_settle().own_fees()
    }

    /// What it settles on, in the order of a year's figures: first the terms, then the covers.
    pub fn observes(&self) -> Vec<Observation> {
        let terms = self.terms.as_settle();
        let covers = self.covers.observes(&terms.services());
        let quality = self.quality.iter().flat_map(Quality::observes);
        terms.observes().into_iter().chain(covers).chain(quality).collect()
    }

    /// Whether a score enters its terms or its covers.
    pub fn takes_score(&self) -> bool {
        matches!(self.terms, Terms::PayForPerformance(_) | Terms::Hrrp(_)) || takes_composite(&self.terms, &self.covers)
    }

    /// Whether that score follows from measures of the sampled year, at least in part.
    pub fn is_score_sampled(&self) -> bool {
        let own = match &self.terms {
            Terms::PayForPerformance(terms) => Some(&terms.quality),
            _ => None,
        };
        let readmissions = matches!(&self.terms, Terms::Hrrp(terms) if terms.is_sampled());
        readmissions || self.quality.iter().chain(own).any(Quality::is_sampled)
    }

    /// Columns of the plan that hold what it settles on; those that the plan lacks are added.
    pub fn columns(&self, plan: &mut Plan) -> Vec<usize> {
        self.observes().into_iter().map(|observation| plan.column(observation)).collect()
    }

    /// Settles one year, given the figures of [`Phase::observes`].
    pub fn settle(&self, year: &Year<'_>) -> Settled {
        let terms = self.terms.as_settle();
        let mut settled = match &self.quality {
            None => settled(terms, &self.covers, self.administration, year),
            Some(quality) => self.settle_scored(terms, quality, year),
        };
        settled.administration += self.fixed_administration * year.updates.expected;
        settled
    }

    /// Settles one year with the composite of its measures, the last figures of the year.
    fn settle_scored(&self, terms: &dyn Settle, quality: &Quality, year: &Year<'_>) -> Settled {
        let (others, measured) = year.figures.split_at(year.figures.len() - quality.figures());
        let mut steps = Settlement::of(year);
        let composite = quality.settle(&mut steps, measured, year.earlier_composites);
        let scored = terms.scored(&composite, &mut steps);
        let covers = self.covers.scored(composite.share());
        let of_terms = scored.as_ref().map_or(terms, |scored| scored.terms.as_ref());
        let year = Year { figures: others, ..*year };
        let mut settled = settled(of_terms, covers.as_ref().unwrap_or(&self.covers), self.administration, &year);
        let (steps_of_terms, how) = scored.map_or((&[][..], ""), |scored| (scored.steps, scored.how));
        settled.settlement.follow(steps_of_terms, how);
        settled.settlement.follow(&["gate score", "earned back"], "{composite}");
        settled.settlement.scored_by(steps, composite.value);
        settled
    }
}

/// Whether a composite enters terms or covers.
fn takes_composite(terms: &Terms, covers: &Covers) -> bool {
    let any = Composite { value: 1.0, gate: Share::ZERO, alternative: false, improved: None, earlier: &[] };
    terms.as_settle().scored(&any, &mut Settlement::default()).is_some() || covers.scored(Share::ONE).is_some()
}

impl Settled {
    /// What contracts that are held at once come to together, the steps of each under its name. Nothing is compared: each contract
    /// compares for itself.
    pub fn together(parts: Vec<(&str, Self)>) -> Self {
        let mut all = Self::default();
        for (name, Self { settlement, stop_loss, administration }) in parts {
            all.stop_loss.recoveries += stop_loss.recoveries;
            all.stop_loss.of_specific += stop_loss.of_specific;
            all.stop_loss.premiums += stop_loss.premiums;
            all.administration += administration;
            all.settlement.add(name, settlement);
        }
        all
    }

    /// Settles one year, given as the figures of [`Settle::observes`], under terms alone: without covers or cost.
    pub fn of(terms: &dyn Settle, year: &Year<'_>) -> Self {
        settled(terms, &Covers::default(), Pmpm(0.0), year)
    }
}

/// Settles one year under terms within covers, its figures first those that the terms observe.
fn settled(terms: &dyn Settle, covers: &Covers, administration: Pmpm, year: &Year<'_>) -> Settled {
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

/// Notes a kind of terms written as text, and how it is written.
fn named_terms<'a>(section: &Section<'a>) -> Option<Section<'a>> {
    let text = section.text(PhaseKeys::TERMS.name)?;
    let message = format!("{} is the text \"{}\"", section.path_of(PhaseKeys::TERMS.name), shortened(text.value, 60));
    let help = match section.findings.suggestions.nearest(text.value, Terms::TABLE.keys().map(|key| key.name)) {
        Some("fee_for_service") => "write terms.fee_for_service = {}".to_owned(),
        Some(kind) => format!("write a table, as terms.{kind} = {{ … }}"),
        None => "write a table, as terms.mssp = { … }".to_owned(),
    };
    section.wrong(&text.span, message, help);
    None
}
