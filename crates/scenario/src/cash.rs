//! The `[cash]` block: when the provider's own receipts and payments fall due, and what it has to pay with.

use twosided_form::{Key, Literal::Number, Nested, Range, Section, Unit, keys};
use twosided_provider::{Financing, Flows, Payer};
use twosided_units::Dollars;

/// What a scenario says of cash.
#[derive(Clone, Debug, PartialEq)]
pub struct Cash {
    /// What the provider has to pay with.
    pub financing: Financing,
    /// Months from a service to its fee, where its payer does not say.
    pub fee_lag: f64,
    /// Months from own care to the payment of its cost.
    pub cost_lag: f64,
    /// Months from care of others to the payment of their claims.
    pub claims_lag: f64,
    /// Months from the end of the year to stop-loss recoveries.
    pub recoveries_lag: f64,
    /// Fees of before the first month, which are collected in the months of the lag.
    pub receivables: Dollars,
    /// Months that are shown; as many as hold all payments where absent.
    pub months: Option<usize>,
}

keys! {
    /// Cash.
    pub(crate) struct CashKeys "cash" {
        OPENING: Dollars = Key::quantity("opening", Unit::DOLLARS, Range::of(0.0, 1e12)).default(Number(0.0))
            .meaning("the cash before the first month");
        CREDIT_LINE: Nested = Key::table("credit_line", CreditKeys::TABLE).absent("none", "{ limit = 1_000_000, rate = 0.08 }")
            .meaning("what can be borrowed where cash runs short");
        DISCOUNT_RATE: f64 = Key::number("discount_rate", Range::of(0.0, 1.0)).default(Number(0.0))
            .meaning("the rate a year at which cash of later months is discounted: `0.08` is 8%");
        FEE_LAG_MONTHS: f64 = lag("fee_lag_months").default(Number(1.0))
            .meaning("the time from a service to its fee").more("A payer may have its own `lag_months`");
        COST_LAG_MONTHS: f64 = lag("cost_lag_months").default(Number(0.0))
            .meaning("the time from own care to the payment of what it costs");
        CLAIMS_LAG_MONTHS: f64 = lag("claims_lag_months").default(Number(2.0))
            .meaning("the time from care of others at the provider's risk to the payment of their claims");
        RECOVERIES_LAG_MONTHS: f64 = lag("recoveries_lag_months").default(Number(3.0))
            .meaning("the time from the end of the year to stop-loss recoveries");
        RECEIVABLES: Dollars = Key::quantity("receivables", Unit::DOLLARS, Range::of(0.0, 1e12)).default(Number(0.0))
            .meaning("the fees of before the first month that are still to come")
            .more("They are collected in equal parts in the months of the lag. Without them, a practice begins with the costs of its first month and no fees");
        MONTHS: u64 = Key::whole("months", 1, 1_200).absent("as many as hold all payments", "36").meaning("the months that are shown");
    }
}

keys! {
    /// A credit line.
    pub(crate) struct CreditKeys "cash.credit_line" {
        LIMIT: Dollars = Key::quantity("limit", Unit::DOLLARS, Range::of(0.0, 1e12)).required("1_000_000").meaning("the most that can be drawn");
        RATE: f64 = Key::number("rate", Range::of(0.0, 1.0)).required("0.08").meaning("the interest a year on what is drawn");
    }
}

const fn lag(name: &'static str) -> Key<f64> {
    Key::quantity(name, Unit::MONTHS, Range::of(0.0, 36.0))
}

impl Cash {
    /// How long receipts and payments take, with the lags of these payers; the first lag is that of people whose payer is not
    /// stated.
    pub fn flows(&self, payers: &[Payer]) -> Flows {
        let of_payers = payers.iter().map(|payer| payer.lag_months.unwrap_or(self.fee_lag));
        Flows {
            fees: [self.fee_lag].into_iter().chain(of_payers).collect(),
            cost: self.cost_lag,
            claims: self.claims_lag,
            recoveries: self.recoveries_lag,
        }
    }

    pub(crate) fn read(section: Section<'_>) -> Option<Self> {
        type Keys = CashKeys;
        let opening = section.read(&Keys::OPENING);
        let credit = section.optional_table(&Keys::CREDIT_LINE, |credit| {
            let (limit, rate) = (credit.read(&CreditKeys::LIMIT), credit.read(&CreditKeys::RATE));
            credit.finish();
            Some((limit?, rate?))
        });
        let discount_rate = section.read(&Keys::DISCOUNT_RATE);
        let (fee_lag, cost_lag) = (section.read(&Keys::FEE_LAG_MONTHS), section.read(&Keys::COST_LAG_MONTHS));
        let claims_lag = section.read(&Keys::CLAIMS_LAG_MONTHS);
        let recoveries_lag = section.read(&Keys::RECOVERIES_LAG_MONTHS);
        let (receivables, months) = (section.read(&Keys::RECEIVABLES), section.optional(&Keys::MONTHS));
        section.finish();
        let (credit_line, credit_rate) = credit?.unwrap_or_default();
        let financing = Financing { opening: opening?, credit_line, credit_rate, discount_rate: discount_rate? };
        Some(Self {
            financing,
            fee_lag: fee_lag?,
            cost_lag: cost_lag?,
            claims_lag: claims_lag?,
            recoveries_lag: recoveries_lag?,
            receivables: receivables?,
            months: months?.map(|months| months as usize),
        })
    }
}
