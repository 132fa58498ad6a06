//! Episodes of several services, from scenario files to gains.

use twosided::Scenario;
use twosided_prob::Sample;
use twosided_sim::{Control, simulate};

const PEOPLE: &str = "[run]\nname = \"episodes\"\ntrials = 200\nseed = 12\n\
    [[population.segments]]\nname = \"aged\"\nmembers = 4_000\n[population.segments.services]\n\
    joints = { frequency.poisson.mean = 0.05, severity.lognormal = { mean = 14_000, cv = 0.6 } }\n\
    readmissions = { follows = \"joints\", frequency.poisson.mean = 0.08, severity.gamma = { mean = 11_000, cv = 1 } }\n\
    rehab = { follows = \"joints\", frequency.negative_binomial = { mean = 0.5, dispersion = 1.5 }, severity.gamma = { mean = 6_000, cv = 1.2 } }\n\
    visits = { annual.gamma = { mean = 2_000, cv = 1 } }\n\
    [[population.segments]]\nname = \"others\"\nmembers = 1_000\n[population.segments.services]\n\
    visits = { annual.gamma = { mean = 2_000, cv = 1 } }\nscans = { frequency.poisson.mean = 0.5, severity.gamma = { mean = 300, cv = 1 } }\n";

/// A hospital of which any gain or loss counts in full.
fn team(name: &str, episode: &str, programs: &str) -> String {
    format!(
        "[[contracts]]\nname = \"{name}\"\nprograms = {programs}\nterms.team = {{ track = 3, composite_quality_score = 100, \
         stop_gain = 1, stop_loss = 1, loss_adjustment = 0, episodes = [{{ category = \"lejr\", service = \"joints\", price = 30_000, {episode} }}] }}\n"
    )
}

fn parse(text: &str) -> Result<Scenario, String> {
    Scenario::parse("episodes.toml", text).map_err(|error| format!("{error:?}"))
}

/// The gains of each contract in each trial.
fn gains(text: &str) -> Vec<Vec<f64>> {
    let scenario = parse(text).unwrap_or_else(|error| panic!("{error}"));
    let outcomes = simulate(&scenario.job(), None, &Control::default()).expect("nothing stops it").outcomes;
    (0..outcomes.gains.ncols()).map(|contract| outcomes.gains_of(contract).to_vec()).collect()
}

fn assert_mean(what: &str, values: &[f64], expected: f64) {
    let mean = Sample::new(values.to_vec()).expect("finite").mean();
    let off = (mean.value - expected) / mean.standard_error;
    assert!(off.abs() < 4.0, "{what}: {} against {expected}, {off:.1} standard errors", mean.value);
}

const WHOLE: &str = "following = [\"readmissions\", \"rehab\"], window_days = 30";

#[test]
fn what_a_program_saves_of_what_follows_is_gained() {
    let programs = "[[provider.programs]]\nname = \"home\"\neffect = { rehab = { mean = -0.9 } }\n\
        [[provider.programs]]\nname = \"prices\"\ncosts = { rehab = { mean = -0.9 } }\n";
    let contracts = [
        team("alone", "following = [\"readmissions\"]", "[]"),
        team("whole", WHOLE, "[]"),
        team("prices", WHOLE, "[\"prices\"]"),
        team("home", WHOLE, "[\"home\"]"),
        team("capped", &format!("{WHOLE}, episode_limit = 40_000"), "[]"),
        team("capped, prices", &format!("{WHOLE}, episode_limit = 40_000"), "[\"prices\"]"),
    ];
    let gains = gains(&format!("{PEOPLE}{programs}{}", contracts.concat()));
    let [alone, whole, prices, home, capped, capped_prices] = &gains[..] else { panic!("six contracts") };
    let mut off = Vec::new();
    for trial in 0..whole.len() {
        let rehab = alone[trial] - whole[trial];
        assert!(rehab > 0.0);
        assert!(((prices[trial] - whole[trial]) / (0.9 * rehab) - 1.0).abs() < 1e-9, "trial {trial}");
        off.push(home[trial] - whole[trial] - 0.9 * rehab);
        // Of an episode above the limit, a part is the payer's.
        assert!(capped[trial] > whole[trial]);
        let saved = capped_prices[trial] - capped[trial];
        assert!(saved > 0.0 && saved < prices[trial] - whole[trial], "trial {trial}: {saved}");
    }
    assert_mean("avoided rehabilitation", &off, 0.0);
    // 200 episodes a year: $30,000 less $14,000, 0.08 × $11,000 and 0.5 × $6,000.
    assert_mean("the whole episode", whole, 200.0 * (30_000.0 - 14_000.0 - 880.0 - 3_000.0));
}

#[test]
fn costs_that_move_what_follows_keep_means_and_widen_the_gain() {
    let text = |people: &str| format!("{people}{}", team("whole", WHOLE, "[]"));
    let moved = PEOPLE.replace("rehab = { follows", "rehab = { severity_elasticity = 1, follows");
    let [fixed, moved] = [text(PEOPLE), text(&moved)].map(|text| gains(&text).remove(0));
    let mean = 200.0 * (30_000.0 - 14_000.0 - 880.0 - 3_000.0);
    assert_mean("fixed", &fixed, mean);
    assert_mean("moved", &moved, mean);
    // A Poisson number of episodes: the variance is that of their second moment, in thousands.
    let second = |factor: f64, square: f64| {
        let (price, joints, readmissions) = (30.0, (14.0, 14.0 * 14.0 * 1.36), (0.88, 0.08 * 121.0 * 2.0));
        let rehab = 3.0;
        let rehab_square = square * (0.5 * 36.0 * 2.44 + 36.0 * (0.25 + 0.25 / 1.5));
        let readmissions_square = readmissions.1 + readmissions.0 * readmissions.0;
        price * price + joints.1 + readmissions_square + rehab_square
            - 2.0 * price * (joints.0 + readmissions.0 + rehab)
            + 2.0 * (joints.0 * readmissions.0 + factor * joints.0 * rehab + readmissions.0 * rehab)
    };
    for (gains, expected) in [(&fixed, second(1.0, 1.0)), (&moved, second(1.36, 1.36))] {
        let n = gains.len() as f64;
        let found = gains.iter().map(|gain| (gain - mean) * (gain - mean)).sum::<f64>() / n;
        let off = (found / (200.0 * expected * 1e6) - 1.0) / (2.0 / n).sqrt();
        assert!(off.abs() < 4.0, "{found} against {}: {off:.1} standard errors", 200.0 * expected * 1e6);
    }
}

#[test]
fn episodes_that_cannot_be_are_refused_each_with_its_reason() {
    let refused = |episode: &str| {
        let text = format!("{PEOPLE}{}", team("refused", episode, "[]"));
        parse(&text).map(drop).expect_err("it cannot be")
    };
    for (episode, reasons) in [
        ("following = [\"rehub\"]", &["no segment has the service \\\"rehub\\\"", "rehab"][..]),
        ("following = [\"visits\"]", &["\\\"visits\\\" does not follow \\\"joints\\\" in the segment \\\"aged\\\""]),
        ("following = [\"scans\"]", &["\\\"scans\\\" does not follow \\\"joints\\\" in the segment \\\"others\\\""]),
        ("following = [\"joints\"]", &["\\\"joints\\\" is the service that begins the episode"]),
        ("following = []", &["following is empty"]),
        ("following = [\"rehab\"], window_days = 0", &["window_days is 0"]),
        (
            "following = [\"rehab\"] }, { category = \"cabg\", price = 9_000, service = \"rehab\"",
            &["the service \\\"rehab\\\" counts in two episodes"],
        ),
    ] {
        let said = refused(episode);
        for reason in reasons {
            assert!(said.contains(reason) || said.contains(&reason.replace('\\', "")), "{episode}: {said}");
        }
    }
    for (change, reason) in [
        ("severity_elasticity = 1, frequency.poisson.mean = 0.05", "`severity_elasticity` without `follows`"),
        ("follows = \"joints\", severity_elasticity = 3, frequency.poisson.mean = 0.05", "severity_elasticity is 3"),
    ] {
        let people = PEOPLE.replace("frequency.poisson.mean = 0.5", change);
        let said = parse(&format!("{people}{}", team("any", WHOLE, "[]"))).map(drop).expect_err("it cannot be");
        assert!(said.contains(reason), "{change}: {said}");
    }
    let heavy = PEOPLE
        .replace("severity.lognormal = { mean = 14_000, cv = 0.6 }", "severity.pareto = { mean = 14_000, shape = 1.5 }")
        .replace("rehab = { follows", "rehab = { severity_elasticity = 0.75, follows");
    let said = parse(&format!("{heavy}{}", team("any", WHOLE, "[]"))).map(drop).expect_err("it cannot be");
    assert!(said.contains("half of the tail index of `joints`"), "{said}");
}

#[test]
fn contracts_held_at_once_see_all_services_of_an_episode() {
    let bundle = |name: &str, episode: &str| {
        format!(
            "[[contracts]]\nname = \"{name}\"\nterms.bundle = {{ episodes = [{{ price = 9_000, {episode} }}], gains = {{ sharing_rate = 1 }} }}\n"
        )
    };
    let of_joints = bundle("joints", "service = \"joints\", following = [\"rehab\"]");
    let held = |one: &str| {
        let of_rehab = bundle("rehab", one);
        let portfolio = "[[portfolios]]\nname = \"both\"\ncontracts = [\"joints\", \"rehab\"]\n";
        parse(&format!("{PEOPLE}{of_joints}{of_rehab}{portfolio}")).map(drop)
    };
    let said = held("service = \"rehab\"").expect_err("rehabilitation counts in both");
    assert!(said.contains("both settle the episodes of rehab"), "{said}");
    held("service = \"readmissions\"").expect("nothing counts in both");
}
