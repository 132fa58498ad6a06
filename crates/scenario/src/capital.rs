//! The `[capital]` block: what the provider can pay with, and what a contract asks it to hold. No gain depends on it.

use twosided_form::{Key, Literal::Number, Nested, Range, Section, Status, Unit, Word, keys};
use twosided_provider::RiskBasedCapital;
use twosided_units::{Dollars, Share};

/// What the provider can pay with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Capital {
    /// What is set aside at the start for what is owed.
    pub reserve: Option<Dollars>,
    /// The part of what is received that stays in the reserve.
    pub retained: Share,
    /// How a repayment mechanism is held.
    pub repayment_mechanism: Option<HeldMechanism>,
    /// Capital as regulators of insurers measure it.
    pub risk_based: Option<RiskBasedCapital>,
    /// Attachment points at which specific stop-loss is compared.
    pub covers: Option<CoverTable>,
}

/// How a repayment mechanism is held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeldMechanism {
    /// The instrument.
    pub instrument: Instrument,
    /// What it costs a year, as a share of the amount, where the contract's terms do not say.
    pub fee: Option<Share>,
    /// The amount in place of that of the contract's rule.
    pub amount: Option<Dollars>,
}

/// What stands for a repayment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instrument {
    /// A bank promises to pay.
    LetterOfCredit,
    /// The money is set aside, out of the provider's reach.
    Escrow,
    /// An insurer promises to pay.
    SuretyBond,
}

impl Instrument {
    /// The instrument in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LetterOfCredit => "letter of credit",
            Self::Escrow => "escrow",
            Self::SuretyBond => "surety bond",
        }
    }
}

impl Word for Instrument {
    const WORDS: &'static [(&'static str, Self)] =
        &[("letter_of_credit", Self::LetterOfCredit), ("escrow", Self::Escrow), ("surety_bond", Self::SuretyBond)];
}

/// Attachment points of specific stop-loss that are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct CoverTable {
    /// The points, rising.
    pub attachment_points: Vec<Dollars>,
    /// What premiums are above the expected recoveries, as a share of these.
    pub premium_load: f64,
}

/// Most attachment points that are compared.
const MOST_POINTS: usize = 10;
/// A risk in dollars that is not stated is none.
const RISK: Range = Range::of(0.0, 1e12);

keys! {
    /// The block.
    pub(crate) struct CapitalKeys "capital" {
        RESERVE: Dollars = Key::quantity("reserve", Unit::DOLLARS, Range::of(0.0, 1e12))
            .absent("the chance that it is exhausted is not given", "2_000_000")
            .meaning("what is set aside at the start to pay what is owed");
        RETAINED: Share = Key::share("retained").default(Number(0.0))
            .meaning("the part of what is received that stays in the reserve")
            .more("The rest is distributed. With a `[surplus]`, its rules decide what it holds back, and this key what stays for the figures of `[capital]`");
        REPAYMENT_MECHANISM: Nested = Key::table("repayment_mechanism", MechanismKeys::TABLE)
            .absent("not said how it is held", "{ instrument = \"letter_of_credit\", fee = 0.015 }")
            .meaning("how the repayment mechanism of a two-sided contract is held");
        RBC: Nested = Key::table("rbc", RbcKeys::TABLE).absent("not given", "{ capital = 4_000_000, underwriting_factor = 0.09 }")
            .meaning("capital as regulators of insurers measure it")
            .more("`capital / (1.03 × (h0 + sqrt(h1² + h2² + h3² + h4²)) / 2)`, where h2 is `underwriting_factor` times a year's mean expenditure at the provider's risk. No action is called for from 200%; regulators act below 150%, 100% and 70%");
        ATTACHMENT_POINTS: Vec<f64> = Key::numbers("attachment_points", Range::above(0.0, 1e12)).unit(Unit::DOLLARS)
            .absent("none are compared", "[100_000, 250_000]")
            .meaning("attachment points at which contracts with specific stop-loss are settled besides, up to 10, rising")
            .more("On the same sampled years, with a premium that is the expected recovery and its load");
        PREMIUM_LOAD: f64 = Key::number("premium_load", Range::of(-0.9, 10.0)).absent("required beside `attachment_points`", "0.25")
            .ask("say what premiums are above expected recoveries, as premium_load = 0.25")
            .meaning("what the premium of a cover is above its expected recovery, as a share of it");
    }
}

keys! {
    /// How a repayment mechanism is held.
    pub(crate) struct MechanismKeys "capital.repayment_mechanism" {
        INSTRUMENT: Instrument = Key::word("instrument").required("\"letter_of_credit\"")
            .meaning("what stands for the repayment").more("In escrow, the amount is out of the provider's reach");
        FEE: Share = Key::share("fee").absent("that of the contract's terms", "0.015")
            .meaning("what the instrument costs a year, as a share of the amount")
            .more("It is reported and is no part of the margin. Where the terms of a contract state their own fee, which is part of its administration, that one holds");
        AMOUNT: Dollars = Key::quantity("amount", Unit::DOLLARS, Range::of(0.0, 1e12)).absent("by the contract's rule", "750_000")
            .meaning("the amount, in place of that of the contract's rule");
    }
}

keys! {
    /// Capital as regulators of insurers measure it.
    pub(crate) struct RbcKeys "capital.rbc" {
        CAPITAL: Dollars = Key::quantity("capital", Unit::DOLLARS, RISK).required("4_000_000")
            .meaning("the total adjusted capital");
        UNDERWRITING_FACTOR: Share = Key::share("underwriting_factor").required("0.09")
            .meaning("the risk in a dollar at the provider's risk")
            .more("Regulators set it by line of business and size; no default is known").status(Status::Unconfirmed);
        H0: Dollars = risk("h0").meaning("the risk of assets in affiliates");
        H1: Dollars = risk("h1").meaning("the risk of other assets");
        H3: Dollars = risk("h3").meaning("the risk of credit");
        H4: Dollars = risk("h4").meaning("the risk of business");
    }
}

const fn risk(name: &'static str) -> Key<Dollars> {
    Key::quantity(name, Unit::DOLLARS, RISK).default(Number(0.0))
}

/// Reads the block; `None` when anything in it is wrong.
#[expect(clippy::option_option, reason = "none where it is wrong; some of none where it is absent")]
pub(crate) fn read(root: &Section<'_>, key: &Key<Nested>) -> Option<Option<Capital>> {
    root.optional_table(key, |section| {
        type Keys = CapitalKeys;
        let (reserve, retained) = (section.optional(&Keys::RESERVE), section.read(&Keys::RETAINED));
        let repayment_mechanism = section.optional_table(&Keys::REPAYMENT_MECHANISM, read_mechanism);
        let risk_based = section.optional_table(&Keys::RBC, read_risk_based);
        let covers = read_covers(&section);
        section.finish();
        Some(Capital {
            reserve: reserve?,
            retained: retained?,
            repayment_mechanism: repayment_mechanism?,
            risk_based: risk_based?,
            covers: covers?,
        })
    })
}

fn read_mechanism(section: Section<'_>) -> Option<HeldMechanism> {
    type Keys = MechanismKeys;
    let instrument = section.read(&Keys::INSTRUMENT);
    let (fee, amount) = (section.optional(&Keys::FEE), section.optional(&Keys::AMOUNT));
    section.finish();
    Some(HeldMechanism { instrument: instrument?, fee: fee?, amount: amount? })
}

fn read_risk_based(section: Section<'_>) -> Option<RiskBasedCapital> {
    type Keys = RbcKeys;
    let (capital, underwriting_factor) = (section.read(&Keys::CAPITAL), section.read(&Keys::UNDERWRITING_FACTOR));
    let [affiliates, assets, credit, business] =
        [&Keys::H0, &Keys::H1, &Keys::H3, &Keys::H4].map(|key| section.read(key));
    section.finish();
    Some(RiskBasedCapital {
        capital: capital?,
        underwriting_factor: underwriting_factor?,
        affiliates: affiliates?,
        assets: assets?,
        credit: credit?,
        business: business?,
    })
}

#[expect(clippy::option_option, reason = "none where it is wrong; some of none where it is absent")]
fn read_covers(section: &Section<'_>) -> Option<Option<CoverTable>> {
    type Keys = CapitalKeys;
    let (points, load) = (section.optional(&Keys::ATTACHMENT_POINTS), section.optional(&Keys::PREMIUM_LOAD));
    let path = section.path_of(Keys::ATTACHMENT_POINTS.name);
    if !section.has(Keys::ATTACHMENT_POINTS.name) {
        if section.has(Keys::PREMIUM_LOAD.name) {
            let message = format!("{} is of no cover", section.path_of(Keys::PREMIUM_LOAD.name));
            section.wrong(
                &section.span_of(Keys::PREMIUM_LOAD.name),
                message,
                "add attachment_points = [100_000, 250_000]",
            );
            return None;
        }
        return Some(None);
    }
    section.need(&Keys::PREMIUM_LOAD);
    let points = points??;
    let span = section.span_of(Keys::ATTACHMENT_POINTS.name);
    if points.is_empty() || points.len() > MOST_POINTS {
        section.wrong(&span, format!("{path} has {} points", points.len()), format!("write from 1 to {MOST_POINTS}"));
        return None;
    }
    if let Some((one, other)) = points.iter().zip(&points[1..]).find(|(one, other)| one >= other) {
        section.wrong(&span, format!("{path} has {one} before {other}"), "write rising points");
        return None;
    }
    Some(Some(CoverTable { attachment_points: points.into_iter().map(Dollars).collect(), premium_load: load?? }))
}

#[cfg(test)]
mod tests {
    use twosided_units::{Dollars, Share};

    use super::Instrument;
    use crate::tests::of_blocks;

    #[test]
    fn a_block_is_read_as_it_is_written() {
        let read = of_blocks(
            "[capital]\nreserve = 2e6\nretained = 0.5\nrepayment_mechanism = { instrument = \"escrow\", amount = 5e5 }\n\
             rbc = { capital = 4e6, underwriting_factor = 0.09, h4 = 6e5 }\nattachment_points = [1e5, 2e5]\npremium_load = 0.25\n",
        );
        let capital = read.expect("it is fine").capital.expect("it is there");
        assert_eq!((capital.reserve, capital.retained.value()), (Some(Dollars(2e6)), 0.5));
        let held = capital.repayment_mechanism.expect("it is held");
        assert_eq!((held.instrument, held.amount, held.fee), (Instrument::Escrow, Some(Dollars(5e5)), None::<Share>));
        let risk_based = capital.risk_based.expect("it is there");
        assert_eq!([risk_based.business, risk_based.assets, risk_based.capital].map(|of| of.0), [6e5, 0.0, 4e6]);
        let covers = capital.covers.expect("points are compared");
        assert_eq!((covers.attachment_points.len(), covers.premium_load), (2, 0.25));
        assert!(of_blocks("").expect("it is fine").capital.is_none());
    }

    #[test]
    fn every_fault_is_noted() {
        let found = of_blocks(
            "[capital]\nretained = 1.5\nrepayment_mechanism = { instrument = \"cash\" }\nrbc = { capital = 1e6 }\nattachment_points = [2e5, 1e5]\n",
        )
        .expect_err("it is wrong");
        for said in [
            "capital.retained is 1.5",
            "capital.repayment_mechanism.instrument",
            "capital.rbc.underwriting_factor is missing",
            "capital.premium_load is missing",
            "capital.attachment_points has 200000 before 100000",
        ] {
            assert!(found.iter().any(|message| message.contains(said)), "{said}: {found:?}");
        }
        let found = of_blocks("[capital]\npremium_load = 0.25\n").expect_err("it is wrong");
        assert_eq!(found, ["capital.premium_load is of no cover"]);
    }
}
