//! Covers beside what a contract bears, and beside their premiums.

use twosided::report::Expected;

use crate::support::{Verdict, assert_mean, check, covered, parse, summary, unwrapped};

#[test]
fn covers_are_shown_beside_their_premiums() {
    // 1% of people cost 100,000 on average, of which 50,000 are above the attachment point and half are paid: 250 a year.
    let covers = "covers.specific = { attachment_point = 50_000, coinsurance = 0.5, premium_pmpm = 30 }\n\
                  covers.aggregate = { attachment_ratio = 1.0, expected_pmpm = 62.5, premium_pmpm = 2 }\n";
    let text = covered("capitation = { pmpm = 90 }", covers);
    let Expected { covers, .. } = summary(&parse(&text), 500).expected;
    let [specific, aggregate] = &covers[..] else { panic!("{covers:?}") };
    assert_mean(specific.pure_premium, 250.0 / 12.0, "the specific cover");
    let ratio = specific.loss_ratio.expect("it has a premium");
    assert!((ratio.value - specific.pure_premium.value / 30.0).abs() < 1e-12);
    // Net claims are 750 a year of 4,000 people with a variance of 75,000² × 0.01 each, about; half a normal's excess.
    let (people, spread) = (4_000.0_f64, 75_000.0 * 0.1 * 0.99_f64.sqrt());
    let excess = spread / people.sqrt() / std::f64::consts::TAU.sqrt() / 12.0;
    assert!((aggregate.pure_premium.value / excess - 1.0).abs() < 0.2, "{aggregate:?}, about {excess}");
    let (verdict, said) = check(&text);
    assert_ne!(verdict, Verdict::Refused, "{said}");
    assert!(said.contains("specific cover: pure premium $20.") && said.contains("loss ratio"), "{said}");
    assert!(said.contains("aggregate cover: pure premium"), "{said}");
}

#[test]
fn a_cover_of_what_a_contract_does_not_bear_is_warned_of() {
    let cover = "covers.specific = { attachment_point = 50_000, coinsurance = 0.5, premium_pmpm = 30 }\n";
    let not_borne = "pays what its contract does not bear";
    for (terms, covers, warned) in [
        ("mssp = { track = \"enhanced\", benchmark.per_capita = 1_000 }", cover, true),
        (
            "shared_savings = { benchmark.per_capita = 1_000, truncation_point = 60_000, savings.sharing_rate = 0.5, \
             losses.sharing_rate = 0.5 }",
            cover,
            true,
        ),
        (
            "shared_savings = { benchmark.per_capita = 1_000, savings.sharing_rate = 0.5, losses.sharing_rate = 0.5 }",
            cover,
            false,
        ),
        ("capitation = { pmpm = 90 }", cover, false),
        ("care_management = { pmpm = 5 }", cover, true),
        ("mssp = { track = \"enhanced\", benchmark.per_capita = 1_000 }", "", false),
        (
            "mssp = { track = \"enhanced\", benchmark.per_capita = 1_000 }",
            "covers.specific = { attachment_point = 20_000, limit = 10_000, premium_pmpm = 10 }\n",
            false,
        ),
    ] {
        let (verdict, said) = check(&covered(terms, covers));
        assert_eq!(said.contains(not_borne), warned, "{terms} {covers}: {said}");
        assert!(!warned || verdict == Verdict::Warned, "{terms} {covers}: {said}");
    }
}

#[test]
fn what_a_contract_bears_follows_from_its_terms() {
    let specific = "covers.specific = { attachment_point = 40_000, premium_pmpm = 50 }\n";
    let half = "covers.specific = { attachment_point = 40_000, coinsurance = 0.5, premium_pmpm = 25 }\n";
    let below = "covers.specific = { attachment_point = 20_000, limit = 20_000, premium_pmpm = 17 }\n";
    let aggregate = "covers.aggregate = { attachment_ratio = 1.1, expected_pmpm = 83, premium_pmpm = 1 }\n";
    let limited =
        "covers.aggregate = { attachment_ratio = 1.1, expected_pmpm = 83, limit = 100_000, premium_pmpm = 1 }\n";
    let reach = |payout: &str| {
        format!(
            "reach = {{ risk_arrangement = \"global\", performance_year = 2025, benchmark.per_capita = 1_000, \
             stop_loss = {{ charge_pmpm = 50, attachment_point = 40_000, payout_rate = {payout} }} }}"
        )
    };
    let (twice, half_twice) = (reach("1"), reach("0.5"));
    let savings = "savings = { sharing_rate = 0.5 }";
    let gate = "pay_for_performance = { pool_pmpm = 5, target = { pmpm = 83 }, measures = [{ name = \"a\", score = 0.9, \
                threshold = 0.5, benchmark = 0.9 }] }";
    let episodes = |kind: &str, rest: &str, limit: &str| {
        format!("{kind} = {{ {rest} episodes = [{{ service = \"rare\", price = 90_000{limit} }}] }}")
    };
    let prices = episodes("prospective_bundle", "", "");
    let capped_prices = episodes("prospective_bundle", "", ", episode_limit = 95_000");
    let bundle = episodes("bundle", "gains.sharing_rate = 0.5, losses.sharing_rate = 0.5,", ", episode_limit = 95_000");
    let one_sided = episodes("bundle", "gains.sharing_rate = 0.5,", "");
    let fixed = "hospital_global_budget = { budget = 4_000_000, services = [\"rare\"] }";
    let delivered = "[provider]\nown_share.rare = 1\n";
    let carried = "agreement.carried_losses = 1\n";
    let (owes_nothing, not_own) = ("owes nothing in any year", "the provider's own fees alone");
    for (terms, covers, reason) in [
        (twice.as_str(), specific, Some("above $40,000 the contract's own stop_loss pays 100% already")),
        (&twice, aggregate, Some("the contract's own stop_loss pays 100% already")),
        (&twice, below, None),
        (&half_twice, specific, Some("pays 50% already: the cover pays 100% of it once more")),
        (&half_twice, half, None),
        ("reach = { risk_arrangement = \"global\", benchmark.per_capita = 1_000 }", specific, None),
        ("lead = { option = \"professional\", benchmark.per_capita = 1_000 }", specific, None),
        ("mssp = { track = \"basic_a\", minimum_rate = 0, benchmark.per_capita = 1_000 }", below, Some(owes_nothing)),
        ("mssp = { track = \"basic_e\", minimum_rate = 0, benchmark.per_capita = 1_000 }", below, None),
        (
            "mssp = { track = \"enhanced\", benchmark.per_capita = 1_000, year_to_date = { share = 0.5, per_capita = 500 } }",
            below,
            Some("of which a part has already happened"),
        ),
        (
            "mssp = { track = \"enhanced\", benchmark.per_capita = 1_000, prorated_losses = 0 }",
            below,
            Some(owes_nothing),
        ),
        (&format!("shared_savings = {{ benchmark.per_capita = 1_000, {savings} }}"), specific, Some(owes_nothing)),
        (
            &format!("shared_savings = {{ benchmark.per_capita = 1_000, {savings} }}"),
            &format!("{specific}{carried}"),
            None,
        ),
        (
            &format!("shared_savings = {{ benchmark.per_capita = 1_000, {savings}, losses = {{ sharing_rate = 0 }} }}"),
            aggregate,
            Some(owes_nothing),
        ),
        (gate, specific, Some("no more than its pool of $240,000 a year")),
        (gate, aggregate, Some("no more than its pool")),
        (gate, limited, None),
        (&gate.replace("target = { pmpm = 83 }, ", ""), limited, Some("fees pay for each service")),
        (&one_sided, specific, Some(owes_nothing)),
        (&bundle, specific, Some("an episode of rare counts up to $95,000")),
        (&bundle, below, None),
        (&capped_prices, specific, Some("an episode of rare counts up to $95,000")),
        (&prices, specific, None),
        (fixed, specific, Some(not_own)),
        (fixed, &format!("{specific}{delivered}"), None),
        ("fee_for_service = {}", aggregate, Some("fees pay for each service")),
        (
            "medicaid_corridor = { pmpm = 95, target_medical_loss_ratio = 0.88, corridor = [{ share = 1 }] }",
            specific,
            None,
        ),
    ] {
        let (verdict, said) = check(&covered(terms, covers));
        let said = unwrapped(&said);
        assert_eq!(said.contains("pays what its contract does not bear"), reason.is_some(), "{terms} {covers}: {said}");
        assert_ne!(verdict, Verdict::Refused, "{terms} {covers}: {said}");
        assert!(said.contains(reason.unwrap_or_default()), "{terms} {covers}: {said}");
    }
}
