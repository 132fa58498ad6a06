//! Fee-for-service, and when amounts become cash.

use std::iter;

use twosided_contracts::{FeeSchedule, ServicePayment, Settled};
use twosided_provider::{BooksYear, CashCalendar, Payer, Provider, ServiceYear};
use twosided_units::{Dollars, Share};

use crate::row::{CENT, rows, share};

#[test]
fn fee_for_service_revenue_cost_and_margin() {
    for row in rows("ffs.csv", 6) {
        let allowed = row.number("units") * row.number("allowed_per_unit");
        let fees = FeeSchedule {
            cost_share: share(row.number("cost_share_frac")),
            sequestration: share(row.number("sequestration")),
            collection: Share::ONE,
        };
        let provider = Provider { fixed_cost: Dollars(row.number("fixed_cost")), fees, ..Provider::default() };
        let variable_cost_share = share(row.number("var_cost_per_unit") / row.number("allowed_per_unit"));
        let payer = Payer::not_stated(fees);
        let visits = ServiceYear {
            expenditure: Dollars(allowed),
            own_share: Share::ONE,
            variable_cost_share,
            payment: ServicePayment::Fees,
            payer: &payer,
        };
        let year = BooksYear { price_index: 1.0, cost_index: 1.0, steps: Dollars::ZERO, investments: Dollars::ZERO };
        let margin = provider.lines(&Settled::default(), iter::once(visits), iter::empty(), &year).margin();
        let revenue = fees.revenue(Dollars(allowed));
        row.assert_near("exp_revenue", revenue.0, CENT);
        row.assert_near("exp_cost", (revenue - margin).0, CENT);
        row.assert_near("exp_margin", margin.0, CENT);
    }
}

#[test]
fn cash_over_three_years() {
    for row in rows("hybrid_timeline.csv", 3) {
        let streams: Vec<(String, f64, usize)> =
            serde_json::from_str(row.text("streams_json")).expect("streams of a name, an amount and a month");
        let mut calendar = CashCalendar::new(36);
        for (_, amount, month) in streams {
            calendar.add(month, Dollars(amount));
        }
        row.assert_near("exp_cumulative_36m", calendar.total().0, CENT);
        row.assert_near("exp_lowest_cumulative", calendar.low().cumulative.0, CENT);
        row.assert_near("exp_month_of_low", calendar.low().month as f64, 0.0);
    }
}
