//! The `[[payers]]`.

use twosided_contracts::{FeeSchedule, Known};
use twosided_form::{At, Key, List, Literal::Number, Nested, Range, Section, Unit, Word, keys, unique};
use twosided_provider::{Denials, Payer, PayerKind};
use twosided_units::Share;

use crate::provider::{FeesKeys, read_fees};

/// The payers of a scenario.
pub(crate) const PAYERS: Key<List> = Key::tables("payers", PayerKeys::TABLE, 50)
    .absent("payers are not distinguished", "[{ name = \"Medicare\", kind = \"medicare\" }]")
    .meaning("who pays for care: segments, contracts and books are by payer");

keys! {
    /// A payer.
    pub(crate) struct PayerKeys "payers" {
        NAME: String = Key::name().more("Unique among payers. Segments name it as their `payer`, and contracts in `payers`");
        KIND: Kind = Key::word("kind").required("\"medicare\"").meaning("what kind of payer it is");
        FEES: Nested = Key::table("fees", FeesKeys::TABLE).absent("as [`provider.fees`](#providerfees)", "{ cost_share = 0.2 }")
            .meaning("what part of an allowed amount becomes revenue");
        DENIALS: Nested = Key::table("denials", DenialKeys::TABLE).absent("none", "{ rate = 0.1, recovered = 0.6 }")
            .meaning("what is billed and not paid at first");
        LAG_MONTHS: f64 = Key::quantity("lag_months", Unit::MONTHS, Range::of(0.0, 36.0)).absent("that of `[cash]`", "1.5")
            .meaning("the time from a service to its payment");
    }
}

keys! {
    /// What is billed and not paid at first.
    pub(crate) struct DenialKeys "payers.denials" {
        RATE: Share = Key::share("rate").required("0.1").meaning("the share of billed amounts that is denied");
        RECOVERED: Share = Key::share("recovered").default(Number(0.0)).meaning("the share of denied amounts that is paid after rework");
        REWORK_COST: Share = Key::share("rework_cost").default(Number(0.0)).meaning("what rework costs for each dollar denied");
    }
}

/// A kind of payer, as a file says it.
#[derive(Clone, Copy)]
pub(crate) struct Kind(PayerKind);

impl Word for Kind {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("medicare", Self(PayerKind::Medicare)),
        ("medicare_advantage", Self(PayerKind::MedicareAdvantage)),
        ("commercial", Self(PayerKind::Commercial)),
        ("medicaid", Self(PayerKind::Medicaid)),
        ("self_pay", Self(PayerKind::SelfPay)),
    ];
}

/// A payer whose fees may be those of the provider.
pub(crate) struct PayerBlock {
    payer: Payer,
    has_fees: bool,
}

impl PayerBlock {
    /// The payer, where the provider has these fees.
    pub(crate) fn with(self, fees: FeeSchedule) -> Payer {
        let Self { payer, has_fees } = self;
        if has_fees { payer } else { Payer { fees, ..payer } }
    }
}

/// Reads the payers; their names are known from then on.
pub(crate) fn read(root: &Section<'_>, known: &mut Known) -> Option<Vec<PayerBlock>> {
    let mut names: Vec<At<String>> = Vec::new();
    let payers = root.optional_tables(&PAYERS, |section| {
        type Keys = PayerKeys;
        let name = section.read_at(&Keys::NAME).filter(|name| unique(&section, &mut names, name, "payer"));
        let kind = section.read(&Keys::KIND);
        let fees = section.optional_table(&Keys::FEES, read_fees);
        let denials = section.optional_table(&Keys::DENIALS, |denials| {
            type Keys = DenialKeys;
            let (rate, recovered) = (denials.read(&Keys::RATE), denials.read(&Keys::RECOVERED));
            let rework_cost = denials.read(&Keys::REWORK_COST);
            denials.finish();
            Some(Denials { rate: rate?, recovered: recovered?, rework_cost: rework_cost? })
        });
        let lag_months = section.optional(&Keys::LAG_MONTHS);
        section.finish();
        let fees = fees?;
        let (has_fees, fees) = (fees.is_some(), fees.unwrap_or_default());
        let payer = Payer {
            name: name?.value,
            kind: kind?.0,
            fees,
            denials: denials?.unwrap_or_default(),
            lag_months: lag_months?,
        };
        Some(PayerBlock { payer, has_fees })
    });
    known.payers.extend(names.into_iter().map(|name| name.value));
    if payers.is_none() {
        known.payers.may_be_more();
    }
    known.payers.complete();
    payers
}
