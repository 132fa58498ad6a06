//! What must hold of every contract, whatever the year.

mod rewritten;
#[path = "../support/mod.rs"]
mod support;

use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed},
};
use support::{all_terms, try_read, usual};
use twosided_contracts::{
    AggregateStopLoss, Arrangement, Band, Corridor, RemittanceOrder, Settlement, SpecificStopLoss, Terms, Year,
    minimum_savings_rate,
};
use twosided_population::{Attachment, Observation};
use twosided_units::{Dollars, MemberMonths, Pmpm, Share};

const EXPOSURE: MemberMonths = MemberMonths(120_000.0);
const MEMBERS: u64 = 10_000;

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(20_261_122), ..Config::default() }
}

fn contracts() -> Vec<(String, Arrangement)> {
    let read = |(key, terms): (&str, &str)| {
        let arrangement = try_read(key, terms).unwrap_or_else(|problems| panic!("{terms}: {problems}"));
        (terms.to_owned(), arrangement)
    };
    all_terms().into_iter().map(read).collect()
}

/// The figures of a year: counts as usual, spending at a level, and this many dollars more of each.
fn figures(contract: &Arrangement, level: f64, more: f64) -> Vec<f64> {
    let figure = |observation: &Observation| match observation {
        Observation::Count { .. } => usual(observation),
        spending => usual(spending) * level + more,
    };
    contract.observes().iter().map(figure).collect()
}

fn settled(contract: &Arrangement, figures: &[f64]) -> Settlement {
    let year = Year::new(EXPOSURE, MEMBERS, figures).with_own_fees(Dollars(2.5e7));
    contract.settle(&year).settlement
}

/// Contracts under which more spending may pay more, as `docs/contracts.md` says: where specialists bear more of a loss than
/// the ACO does, and where a Medicaid plan's minimum ratio counts revenue after a corridor that returns every dollar.
fn may_pay_more(contract: &Arrangement) -> bool {
    match &contract.first().terms {
        Terms::Lead(lead) => !lead.specialists.is_empty(),
        Terms::MedicaidCorridor(plan) => {
            plan.minimum_ratio.as_ref().is_some_and(|(order, _)| *order == RemittanceOrder::AfterCorridor)
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn more_spending_never_pays_more(level in 0.0..3.0f64, more in 0.0..1e7f64) {
        for (terms, contract) in contracts() {
            if may_pay_more(&contract) {
                continue;
            }
            let before = settled(&contract, &figures(&contract, level, 0.0)).result().0;
            let after = settled(&contract, &figures(&contract, level, more)).result().0;
            prop_assert!(after <= before + 1e-6 * before.abs().max(1.0), "{terms}: {before} and {after}");
        }
    }

    /// Of a difference from a target, the provider has a part and the payer the rest, and neither has more than all of it.
    #[test]
    fn the_sides_of_a_difference_sum_to_it(level in 0.0..3.0f64) {
        let shares = [
            ("shared_savings", "savings", "shared"),
            ("bundle", "reconciliation amount", "shared"),
            ("bpci_advanced", "reconciliation amount", "after limits"),
            ("cjr", "reconciliation amount", "after limits"),
            ("team", "reconciliation amount", "after limits"),
            ("mssp", "generated savings or losses", "earned"),
            ("reach", "gross savings or losses", "shared savings or losses"),
            ("lead", "gross savings or losses", "shared savings or losses"),
            ("shared_risk_pool", "pool balance", "share of the pool"),
            ("medicaid_corridor", "gain", "gain kept"),
        ];
        let mut seen = 0;
        for (terms, contract) in contracts() {
            let settlement = settled(&contract, &figures(&contract, level, 0.0));
            for (key, difference, provider) in shares.iter().filter(|(key, ..)| *key == contract.first().terms.key()) {
                let (Some(whole), Some(part)) = (settlement.step(difference), settlement.step(provider)) else { continue };
                let rest = whole - part;
                let within = |side: f64| side * whole.signum() >= -1e-6 && side.abs() <= whole.abs() + 1e-6;
                prop_assert!(within(part) && within(rest), "{key} {terms}: {part} and {rest} of {whole}");
                seen += 1;
            }
        }
        prop_assert!(seen > 5, "{seen}");
    }

    #[test]
    fn no_limit_is_passed(level in 0.0..4.0f64) {
        for (terms, contract) in contracts() {
            let settlement = settled(&contract, &figures(&contract, level, 0.0));
            let step = |name: &str| settlement.step(name);
            let bounds = [
                ("earned", "performance payment limit", 1.0),
                ("loss after limit", "loss recoupment limit", 1.0),
                ("share of benchmark after limit", "limit", 1.0),
                ("share of target after limit", "limit", 1.0),
                ("disaster relief", "loss after limit", 1.0),
                ("recouped", "advance investment balance", 1.0),
                ("reduction", "reduction limit", 1.0),
                ("adjustment", "applicable percent", 4.0),
            ];
            for (name, limit, times) in bounds {
                if let (Some(value), Some(limit)) = (step(name), step(limit)) {
                    prop_assert!(value.abs() <= times * limit + 1e-9 * limit.abs(), "{terms}: {name} {value}, {limit}");
                }
            }
            if let (Some(after), Some(target)) = (step("after limits"), step("aggregate target")) {
                let (gain, loss) = (step("stop-gain limit").unwrap_or(1.0), step("stop-loss limit").unwrap_or(1.0));
                prop_assert!(after <= gain * target + 1e-6 && after >= -loss * target - 1e-6, "{terms}: {after} of {target}");
            }
            if let (Some(share), Some(limit)) = (step("share of the pool"), step("limit of a deficit")) {
                prop_assert!(share >= -limit - 1e-6, "{terms}: {share}, {limit}");
            }
        }
    }

    #[test]
    fn one_sided_contracts_never_take(level in 0.0..4.0f64) {
        for (terms, contract) in contracts() {
            let one_sided = match &contract.first().terms {
                Terms::Mssp(mssp) => !mssp.is_two_sided(),
                Terms::SharedSavings(shared) => shared.losses.is_none(),
                Terms::Bundle(bundle) => bundle.losses.is_none(),
                _ => false,
            };
            if one_sided {
                let paid = settled(&contract, &figures(&contract, level, 0.0)).reconciliation;
                prop_assert!(paid >= Dollars::ZERO, "{terms}: {paid}");
            }
        }
    }

    #[test]
    fn bands_and_their_complements_sum_to_the_whole(
        widths in prop::collection::vec(0.01..0.3f64, 1..6),
        shares in prop::collection::vec(0.0..=1.0f64, 6),
        difference in -3.0..3.0f64,
    ) {
        let corridor = |of: fn(f64) -> f64| {
            let mut end = 0.0;
            let ends: Vec<Option<f64>> = widths.iter().map(|width| { end += width; Some(end) }).chain([None]).collect();
            let band = |(up_to, share): (Option<f64>, &f64)| {
                Band { up_to, share: Share::new(of(*share)).expect("a share") }
            };
            Corridor::new(ends.into_iter().zip(&shares).map(band).collect()).expect("rising bands")
        };
        let (ours, theirs) = (corridor(|share| share), corridor(|share| 1.0 - share));
        prop_assert!((ours.kept(difference) + theirs.kept(difference) - difference).abs() < 1e-12);
        prop_assert!((ours.kept(-difference) + ours.kept(difference)).abs() < 1e-15);
    }

    #[test]
    fn stop_loss_pays_no_more_than_claims_nor_than_its_limit(
        claims in 0.0..1e8f64, point in 1e4..1e6f64, limit in 1e4..1e7f64, coinsurance in 0.01..=1.0f64, deductible in 0.0..1e6f64,
    ) {
        let share = Share::new(coinsurance).expect("a share");
        let specific = SpecificStopLoss {
            attachment: Attachment { point: Dollars(point), ..Attachment::ZERO },
            coinsurance: share,
            limit: Some(Dollars(limit)),
            aggregating_deductible: Dollars(deductible),
            premium: Pmpm(0.0),
        };
        let in_layer = (claims - point).clamp(0.0, limit / coinsurance);
        let recovered = specific.recovery(Dollars(in_layer)).0;
        prop_assert!((0.0..=limit * (1.0 + 1e-12)).contains(&recovered) && recovered <= claims);
        let aggregate = AggregateStopLoss {
            expected: Pmpm(200.0), attachment_ratio: 1.1, coinsurance: share, limit: Some(Dollars(limit)), premium: Pmpm(0.0),
        };
        let recovered = aggregate.recovery(Dollars(claims), EXPOSURE).0;
        prop_assert!((0.0..=limit).contains(&recovered) && recovered <= claims);
    }

    #[test]
    fn a_larger_aco_never_has_a_larger_minimum_rate(n in 0u64..100_000, more in 0u64..5_000) {
        prop_assert!(minimum_savings_rate(n + more).value() <= minimum_savings_rate(n).value() + 1e-15);
    }
}

/// How often a settlement jumps as spending grows from nothing to four times the usual, by kind and by its place among the
/// terms of the kind. Each is one of those that `docs/contracts.md` lists under Jumps; all others have none.
const JUMPS: &[(&str, usize, usize)] = &[
    // Minimum savings and loss rates.
    ("shared_savings", 0, 2),
    ("mssp", 0, 2),
    ("mssp", 1, 2),
    ("mssp", 3, 2),
    ("mssp", 4, 1),
    ("mssp", 5, 2),
    ("bundle", 2, 1),
    // No bonus where expenditure exceeds the target.
    ("pay_for_performance", 0, 1),
];

#[test]
fn settlements_jump_only_where_the_rule_does() {
    const STEPS: usize = 40_000;
    let mut found: Vec<(&str, usize, usize)> = Vec::new();
    let mut indices: Vec<&str> = Vec::new();
    for (key, terms) in all_terms() {
        let index = indices.iter().filter(|known| **known == key).count();
        indices.push(key);
        let contract = try_read(key, terms).unwrap_or_else(|problems| panic!("{terms}: {problems}"));
        let at = |step: usize| {
            let figures = figures(&contract, 4.0 * step as f64 / STEPS as f64, 0.0);
            (settled(&contract, &figures).result().0, figures.iter().sum::<f64>())
        };
        let mut jumps = 0;
        let mut before = at(0);
        for step in 1..=STEPS {
            let now = at(step);
            // Nobody gains or loses more than the dollars spent, and two percent for completion.
            if (now.0 - before.0).abs() > 1.02 * (now.1 - before.1).abs() + 1e-6 {
                jumps += 1;
            }
            before = now;
        }
        if jumps > 0 {
            found.push((key, index, jumps));
        }
    }
    found.sort_unstable();
    let mut expected = JUMPS.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected);
}
