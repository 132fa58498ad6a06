//! Terms rewritten: other dollars, amounts near nothing, and lists in another order.

use toml_edit::{DocumentMut, Item, Value};
use twosided_contracts::{Arrangement, Terms, Year};
use twosided_population::Observation;
use twosided_units::Dollars;

use crate::{
    EXPOSURE, MEMBERS, figures,
    support::{all_terms, try_read},
};

/// Keys of terms whose numbers are dollars.
const DOLLAR_KEYS: &[&str] = &[
    "per_capita",
    "pmpm",
    "premium_pmpm",
    "pool_pmpm",
    "price",
    "episode_limit",
    "baseline",
    "charge_pmpm",
    "attachment_point",
    "enhanced_pmpm",
    "high_performers_pmpm",
    "regional",
    "national",
    "base_years",
    "prior_savings",
    "target_price",
    "budget",
    "budget_pmpm",
    "county_fee_for_service_pmpm",
    "pre_aca_cap_pmpm",
    "bid_pmpm",
    "part_d_pmpm",
    "quality_improvement_pmpm",
    "taxes_and_fees_pmpm",
    "post_episode_spending",
    "advance_balance",
    "participant_revenue",
];

fn times_ten(item: &mut Value, dollars: bool) {
    match item {
        Value::InlineTable(table) => {
            for (key, value) in table.iter_mut() {
                times_ten(value, DOLLAR_KEYS.contains(&key.get()));
            }
        }
        Value::Array(array) => array.iter_mut().for_each(|value| times_ten(value, dollars)),
        Value::Integer(number) if dollars => *item = Value::from(number.value() * 10),
        Value::Float(number) if dollars => *item = Value::from(number.value() * 10.0),
        _ => {}
    }
}

/// The terms with every amount of dollars ten times as large, and those numbers of its rules that are dollars.
fn ten_times(key: &str, terms: &str) -> [String; 2] {
    let kind = Terms::kinds().into_iter().find(|kind| kind.key == key).expect("a kind");
    let rules = kind.rules.into_iter().flatten().filter(|rule| rule.key.unit.symbol.starts_with('$'));
    let rules: Vec<&str> = rules.map(|rule| rule.key.name).collect();
    [1.0, 10.0].map(|factor| {
        let mut document: DocumentMut = format!("terms = {terms}").parse().expect("the terms are TOML");
        let Item::Value(value) = &mut document["terms"] else { panic!("terms are a value") };
        if factor > 1.0 {
            times_ten(value, false);
        }
        let table = value.as_inline_table_mut().expect("terms are a table");
        for rule in &rules {
            // Any amount, which both have, where the rule is read.
            let of_advances = rule.starts_with("quarterly_") || *rule == "one_time_payment";
            let home = if of_advances {
                table.get_mut("advance_payments").and_then(Value::as_inline_table_mut)
            } else {
                Some(&mut *table)
            };
            if let Some(home) = home {
                home.insert(*rule, Value::from(12.5 * factor));
            }
        }
        value.to_string().trim().to_owned()
    })
}

#[test]
fn ten_times_the_dollars_are_ten_times_the_result() {
    for (key, terms) in all_terms() {
        let [one, ten] = ten_times(key, terms)
            .map(|terms| try_read(key, &terms).unwrap_or_else(|problems| panic!("{terms}: {problems}")));
        for level in [0.3, 0.8, 0.97, 1.0, 1.04, 1.5, 2.5] {
            let small = figures(&one, level, 0.0);
            let large: Vec<f64> = one
                .observes()
                .iter()
                .zip(&small)
                .map(|(observation, figure)| match observation {
                    Observation::Count { .. } => *figure,
                    _ => 10.0 * figure,
                })
                .collect();
            let total = |contract: &Arrangement, figures: &[f64], fees: f64| {
                let year = Year::new(EXPOSURE, MEMBERS, figures).with_own_fees(Dollars(fees));
                let settled = contract.settle(&year).settlement;
                [settled.total().0, settled.administration.0]
            };
            let [small, large] = [total(&one, &small, 2.5e7), total(&ten, &large, 2.5e8)];
            for (small, large) in small.into_iter().zip(large) {
                assert!(
                    (large - 10.0 * small).abs() <= 1e-9 * large.abs().max(1.0),
                    "{key} {terms}, {level}: {small}, {large}"
                );
            }
        }
    }
}

/// Keys of terms of which something is a share, or that are multiplied into what is.
const DIVIDED_BY: &[&str] = &[
    "per_capita",
    "pmpm",
    "premium_pmpm",
    "pool_pmpm",
    "price",
    "baseline",
    "budget",
    "budget_pmpm",
    "county_fee_for_service_pmpm",
    "pre_aca_cap_pmpm",
    "bid_pmpm",
];

/// The terms with each of the values that a test picks changed in turn.
fn changed(terms: &str, change: &dyn Fn(&str, &mut Value) -> bool) -> Vec<String> {
    fn visit(key: &str, value: &mut Value, left: &mut usize, change: &dyn Fn(&str, &mut Value) -> bool) {
        if *left > 0 && change(key, &mut value.clone()) {
            *left -= 1;
            if *left == 0 {
                change(key, value);
            }
        }
        match value {
            Value::InlineTable(table) => {
                table.iter_mut().for_each(|(key, value)| visit(key.get(), value, left, change));
            }
            Value::Array(array) => array.iter_mut().for_each(|value| visit("", value, left, change)),
            _ => {}
        }
    }
    let whole: DocumentMut = format!("terms = {terms}").parse().expect("the terms are TOML");
    let mut found = Vec::new();
    for index in 1.. {
        let mut document = whole.clone();
        let Item::Value(value) = &mut document["terms"] else { panic!("terms are a value") };
        let mut left = index;
        visit("", value, &mut left, change);
        if left > 0 {
            break;
        }
        found.push(value.to_string().trim().to_owned());
    }
    found
}

#[test]
fn row_5_10_dollars_that_are_divided_by_are_at_least_a_cent() {
    let mut keys = 0;
    for (key, terms) in all_terms() {
        for (amount, fine) in [(0.01, true), (0.009_999, false), (1e-300, false), (5e-324, false), (0.0, false)] {
            let set = |key: &str, value: &mut Value| {
                let is_divided_by = DIVIDED_BY.contains(&key) && (value.is_float() || value.is_integer());
                if is_divided_by {
                    *value = Value::from(amount);
                }
                is_divided_by
            };
            for terms in changed(terms, &set) {
                let read = try_read(key, &terms);
                assert_eq!(read.is_ok(), fine, "{terms}");
                assert!(read.err().is_none_or(|problems| problems.contains("from 0.01 to ")), "{terms}");
                keys += 1;
            }
        }
    }
    assert!(keys > 5 * 40, "{keys}");
}

#[test]
fn row_5_10_a_benchmark_that_adjustments_take_away_is_refused() {
    // What prior losses take from everyone is more than the one type whose people are left has cost.
    let read = |prior_savings: i32| {
        let of_type = "base_share = 1, share = 0, base_years = [90_000, 90_000, 90_000], national = 9e6, regional = 1";
        let left = "base_share = 0, share = 1, base_years = [100, 100, 100], national = 9e6, regional = 1";
        let terms = format!(
            "{{ track = \"basic_e\", agreement_start_year = 2022, benchmark = {{ constructed = {{ market_share = 0, \
             regional_weight_higher = 1, prior_savings_weight = 1, prior_savings = {prior_savings}, types = [{{ name = \"aged\", {of_type} \
             }}, {{ name = \"dual\", {left} }}] }} }} }}"
        );
        try_read("mssp", &terms)
    };
    assert!(read(-99).is_ok());
    assert!(read(-100).is_err_and(|problems| problems.contains("a benchmark is dollars, from 0.01 on")));
}

/// Lists whose order says something: bands, and figures that go with years.
const IN_ORDER: &[&str] = &[
    "corridor",
    "gains",
    "losses",
    "savings",
    "steps",
    "base_years",
    "national_trend",
    "regional_trend",
    "risk_scores",
];

#[test]
fn row_5_9_the_order_of_lists_changes_no_terms() {
    let turn = |key: &str, value: &mut Value| {
        let Value::Array(array) = value else { return false };
        // What has no key is a pair.
        let turns = array.len() > 1 && !key.is_empty() && !IN_ORDER.contains(&key);
        if turns {
            let mut list: Vec<Value> = array.iter().cloned().collect();
            list.reverse();
            *array = list.into_iter().collect();
        }
        turns
    };
    let mut turned = 0;
    for (key, terms) in all_terms() {
        let before = try_read(key, terms).unwrap_or_else(|problems| panic!("{terms}: {problems}"));
        for terms in changed(terms, &turn) {
            let after = try_read(key, &terms).unwrap_or_else(|problems| panic!("{terms}: {problems}"));
            assert_eq!(before, after, "{terms}");
            turned += 1;
        }
    }
    assert!(turned >= 10, "{turned}");
}
