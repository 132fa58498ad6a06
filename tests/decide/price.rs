//! `twosided price`: figures against closed forms and exact laws, shares by hand, files, and what it refuses.

use std::{fs, sync::Arc};

use tempfile::TempDir;
use twosided::{
    PriceError, PriceRequest, RunOptions, price,
    report::{PremiumRule, PriceMeasure, PricePoint, PriceReport, PricedCover},
};
use twosided_oracle::Oracle;
use twosided_prob::{Estimate, Sample, upper_probability};
use twosided_scenario::Scenario;
use twosided_sim::{Control, simulate};

use crate::support::{parse, scenario, text, twosided};

const SEED: u64 = 20_261_127;
const PLAIN: PremiumRule = PremiumRule::Loaded { load: 0.0, load_sd: 0.0 };

fn request(contract: &str, cover: PricedCover, points: &[f64]) -> PriceRequest {
    PriceRequest { contract: contract.to_owned(), cover, points: points.to_vec(), rule: PLAIN, trend: None }
}

fn priced(scenario: &Scenario, request: &PriceRequest) -> PriceReport {
    price(scenario, request, &RunOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn known(point: &PricePoint, measure: PriceMeasure) -> Estimate {
    point.known(measure).unwrap_or_else(|| panic!("{measure:?} is known: {:?}", point.figure(measure)))
}

fn assert_near(what: &str, found: Estimate, expected: f64) {
    let z = (found.value - expected) / found.standard_error;
    assert!(
        z.abs() < 4.0,
        "{what}: {} ± {} against {expected}, {z:.1} standard errors",
        found.value,
        found.standard_error
    );
}

/// A lognormal cost of a person's year.
struct Lognormal {
    mean: f64,
    scale: f64,
}

impl Lognormal {
    fn new(mean: f64, cv: f64) -> Self {
        Self { mean, scale: (cv * cv).ln_1p().sqrt() }
    }

    /// The score of an amount, counted from the moment of an order.
    fn score(&self, amount: f64, order: f64) -> f64 {
        let location = self.mean.ln() - 0.5 * self.scale * self.scale;
        (amount.ln() - location) / self.scale - order * self.scale
    }

    fn above(&self, amount: f64) -> f64 {
        upper_probability(self.score(amount, 0.0))
    }

    /// The mean of what is above an amount.
    fn excess(&self, amount: f64) -> f64 {
        self.mean * upper_probability(self.score(amount, 1.0)) - amount * self.above(amount)
    }

    /// The mean of its square.
    fn squared_excess(&self, amount: f64) -> f64 {
        let second = self.mean * self.mean * (self.scale * self.scale).exp();
        second * upper_probability(self.score(amount, 2.0))
            - 2.0 * amount * self.mean * upper_probability(self.score(amount, 1.0))
            + amount * amount * self.above(amount)
    }
}

const MEMBERS: f64 = 2_000.0;

fn one_law(trials: u64, contract: &str) -> Scenario {
    parse(&format!(
        "[run]\nname = \"one law\"\ntrials = {trials}\nseed = {SEED}\n[[population.segments]]\nname = \"all\"\nmembers = {MEMBERS}\n\
         services.care.annual = {{ lognormal = {{ mean = 6_000, cv = 2 }} }}\n[[contracts]]\nname = \"Capitation\"\n\
         terms.capitation = {{ pmpm = 500 }}\n{contract}"
    ))
}

#[test]
fn specific_cover_of_a_lognormal_has_its_closed_form() {
    let (law, trend) = (Lognormal::new(6_000.0, 2.0), 0.08);
    let points = [20_000.0, 50_000.0, 100_000.0];
    let request = PriceRequest { trend: Some(trend), ..request("Capitation", PricedCover::Specific, &points) };
    let report = priced(&one_law(20_000, ""), &request);
    for (point, attachment) in report.points.iter().zip(points) {
        let what = |figure: &str| format!("{figure} at {attachment}");
        let mean = MEMBERS * law.excess(attachment);
        assert_near(&what("mean"), known(point, PriceMeasure::CededCost), mean);
        let variance = MEMBERS * (law.squared_excess(attachment) - law.excess(attachment).powi(2));
        assert_near(&what("sd"), known(point, PriceMeasure::SdOfCededCost), variance.sqrt());
        assert_near(&what("pure premium"), known(point, PriceMeasure::PurePremium), mean / (12.0 * MEMBERS));
        assert_near(&what("people above"), known(point, PriceMeasure::PeopleAbove), 1_000.0 * law.above(attachment));
        let growth = (1.0 + trend) * law.excess(attachment / (1.0 + trend)) / law.excess(attachment) - 1.0;
        assert_near(&what("leveraged trend"), known(point, PriceMeasure::LeveragedTrend), growth);
        let pays = 1.0 - (1.0 - law.above(attachment)).powf(MEMBERS);
        assert_near(&what("probability"), known(point, PriceMeasure::ProbabilityOfPayment), pays);
        let borne = known(point, PriceMeasure::ShareBorne);
        assert!((borne.value - 1.0).abs() < 1e-9 && borne.standard_error < 1e-9, "{borne:?}");
    }
}

#[test]
fn coinsurance_limit_and_lasers_of_the_contracts_own_cover_are_kept() {
    let law = Lognormal::new(6_000.0, 2.0);
    let own =
        "covers.specific = { attachment_point = 1_000_000, coinsurance = 0.8, limit = 40_000, premium_pmpm = 99 }";
    let request = request("Capitation", PricedCover::Specific, &[30_000.0]);
    let report = priced(&one_law(10_000, own), &request);
    // 80% of the 50,000 above 30,000.
    let expected = 0.8 * MEMBERS * (law.excess(30_000.0) - law.excess(80_000.0));
    assert_near("mean", known(&report.points[0], PriceMeasure::CededCost), expected);
    let laser = own.replace("premium_pmpm", "lasers = { all = 60_000 }, premium_pmpm");
    let report = priced(&one_law(10_000, &laser), &request);
    let expected = 0.8 * MEMBERS * (law.excess(60_000.0) - law.excess(110_000.0));
    assert_near("mean with a laser", known(&report.points[0], PriceMeasure::CededCost), expected);
    assert!(report.assumptions[0].contains("pays 80%") && report.assumptions[0].contains("its lasers"), "{report:?}");
}

#[test]
fn premiums_follow_their_rules() {
    let scenario = one_law(5_000, "");
    let of = |rule| {
        let request = PriceRequest { rule, ..request("Capitation", PricedCover::Specific, &[50_000.0]) };
        priced(&scenario, &request)
    };
    let premium = |rule| known(&of(rule).points[0], PriceMeasure::Premium);
    let plain = of(PLAIN);
    let [pure, sd] =
        [PriceMeasure::PurePremium, PriceMeasure::SdOfCededCost].map(|measure| known(&plain.points[0], measure));
    assert_eq!(premium(PLAIN), pure);
    let loaded = premium(PremiumRule::Loaded { load: 0.25, load_sd: 0.0 });
    assert!((loaded.value / pure.value - 1.25).abs() < 1e-12);
    assert!((loaded.standard_error / pure.standard_error - 1.25).abs() < 1e-9);
    let target = premium(PremiumRule::LossRatio(0.75));
    assert!((target.value * 0.75 / pure.value - 1.0).abs() < 1e-12);
    let risk = premium(PremiumRule::Loaded { load: 0.0, load_sd: 0.2 });
    assert!((risk.value - pure.value - 0.2 * sd.value / (12.0 * MEMBERS)).abs() < 1e-9);
    assert!(risk.standard_error > pure.standard_error, "the error of the standard deviation counts");
    // Of an aggregate cover that pays the pure premium back, the mean does not move.
    let change = known(&plain.points[0], PriceMeasure::ChangeOfMeanGain);
    assert!(change.value.abs() < 1e-6 * known(&plain.uncovered, PriceMeasure::MeanGain).value.abs(), "{change:?}");
}

#[test]
fn aggregate_cover_has_the_mean_of_the_exact_law() {
    let people = "[[population.segments]]\nname = \"all\"\nmembers = 1_500\nservices.stays = { frequency = { poisson = { mean = 0.3 } }, \
                  severity = { gamma = { mean = 12_000, cv = 1.2 } } }\nservices.visits = { annual = { lognormal = { mean = 2_400, cv = 1.1 } } }\n";
    let contract = |name: &str, covers: &str| {
        format!("[[contracts]]\nname = \"{name}\"\nterms.capitation = {{ pmpm = 510 }}\n{covers}\n")
    };
    let cover = |ratio: f64| format!("covers.aggregate = {{ attachment_ratio = {ratio}, expected_pmpm = 500 }}");
    let ratios = [1.0, 1.05];
    let with = |name: &str, ratio| contract(name, &cover(ratio));
    let scenario = parse(&format!(
        "[run]\nname = \"aggregate\"\ntrials = 20_000\nseed = {SEED}\n{people}{}{}{}",
        contract("None", ""),
        with("A", ratios[0]),
        with("B", ratios[1])
    ));
    let job = scenario.job();
    let mut oracle = Oracle::new(&job).expect("one year");
    let nodes = oracle.nodes().expect("few factors");
    let [none, a, b] = [0, 1, 2].map(|index| oracle.law(index, &nodes).expect("an exact law").mean().value);
    // The cover of A is the base, another ratio in its place.
    let report = priced(&scenario, &request("A", PricedCover::Aggregate, &ratios));
    for (point, exact) in report.points.iter().zip([a - none, b - none]) {
        assert_near("aggregate", known(point, PriceMeasure::CededCost), exact);
        let borne = known(point, PriceMeasure::ShareBorne);
        assert!((borne.value - 1.0).abs() < 1e-9, "{borne:?}");
    }
    // Without a cover of its own, the expected claims are the simulated mean, and that is said.
    let report = priced(&scenario, &request("None", PricedCover::Aggregate, &ratios));
    assert!(report.assumptions[1].contains("the simulated mean"), "{:?}", report.assumptions);
    // All people together: a normal law's mean excess over its own mean is its standard deviation over the root of 2π.
    let sd = (1_500.0_f64 * (0.3 * 12_000.0_f64.powi(2) * (1.0 + 1.44) + (2_400.0_f64 * 1.1).powi(2))).sqrt();
    let ceded = known(&report.points[0], PriceMeasure::CededCost);
    assert!((ceded.value / (sd / std::f64::consts::TAU.sqrt()) - 1.0).abs() < 0.03, "{ceded:?} against sd {sd}");
}

/// A thousand people who cost 5,000 each and ten who cost 300,000.
fn ten_large(contracts: &str) -> Scenario {
    let segment = |name: &str, members: u32, cost: u32| {
        format!(
            "[[population.segments]]\nname = \"{name}\"\nmembers = {members}\nservices.care = {{ annual = {{ empirical = [[0.0, {cost}], [1.0, {cost}]] }} }}\n"
        )
    };
    parse(&format!(
        "[run]\nname = \"by hand\"\ntrials = 50\nseed = {SEED}\n{}{}[provider]\nown_share = {{ care = 0.4 }}\n{contracts}",
        segment("most", 1_000, 5_000),
        segment("few", 10, 300_000)
    ))
}

/// $8m of claims against a benchmark of $7m: three quarters of the loss from the first dollar, if it is 2% or more.
const THREE_QUARTERS: &str = "[[contracts]]\nname = \"Shared\"\nterms.shared_savings = { benchmark = { per_capita = 6_930.693_069_306_931 }, \
                              savings = { sharing_rate = 0.75 }, losses = { minimum_rate = 0.02, sharing_rate = 0.75 } TRUNCATED }\n";

#[test]
fn what_a_contract_bears_is_checked_by_hand() {
    let borne = |contracts: &str, name: &str, points: &[f64]| -> Vec<f64> {
        let report = priced(&ten_large(contracts), &request(name, PricedCover::Specific, points));
        report.points.iter().map(|point| known(point, PriceMeasure::ShareBorne).value).collect()
    };
    let near = |found: &[f64], expected: &[f64]| {
        assert_eq!(found.len(), expected.len());
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?} against {expected:?}");
    };
    let fees = "[[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {}\n";
    near(&borne(fees, "Fees", &[200_000.0]), &[0.0]);
    let capitation = "[[contracts]]\nname = \"Capitation\"\nterms.capitation = { pmpm = 600 }\n";
    near(&borne(capitation, "Capitation", &[100_000.0, 250_000.0]), &[1.0, 1.0]);
    // Without $0.5m, the loss is $0.5m and three quarters of the difference is borne; without $0.9m, it is $0.1m, below 2% of the benchmark, and
    // nothing is owed: $0.75m of $0.9m.
    let whole = THREE_QUARTERS.replace("TRUNCATED", "");
    near(&borne(&whole, "Shared", &[210_000.0, 250_000.0]), &[0.75 / 0.9, 0.75]);
    // Claims that are cut off at $200,000 are not borne; above $150,000, half of the claims are, by three quarters.
    let cut = THREE_QUARTERS
        .replace("TRUNCATED", ", truncation_point = 200_000")
        .replace("6_930.693_069_306_931", "5_445.544_554_455_446");
    near(&borne(&cut, "Shared", &[150_000.0, 200_000.0, 250_000.0]), &[0.25, 0.0, 0.0]);
}

#[test]
fn medicare_shared_savings_bear_nothing_above_their_truncation_points() {
    let reference = Scenario { trials: 1_000, seed: SEED, ..scenario("reference-job.toml") };
    let report = priced(&reference, &request("MSSP ENHANCED", PricedCover::Specific, &[100_000.0, 500_000.0]));
    let [low, high] = [0, 1].map(|index| known(&report.points[index], PriceMeasure::ShareBorne));
    assert!(low.value > 0.3 && low.value < 0.75, "{low:?}");
    assert_eq!((high.value, high.standard_error), (0.0, 0.0));
    // The truncation points of a population do not move with a trend, and a specific cover does not care.
    let request = PriceRequest { trend: Some(0.08), ..request("MSSP ENHANCED", PricedCover::Corridor, &[0.01]) };
    let corridor = priced(&reference, &request);
    let unknown = corridor.points[0].figure(PriceMeasure::LeveragedTrend).clone().expect("asked for");
    assert!(unknown.is_err_and(|reason| reason.contains("truncation point")));
}

#[test]
fn what_is_not_known_by_person_is_not_known() {
    let continuum = Scenario { trials: 100, seed: SEED, ..scenario("continuum.toml") };
    let reason = |name: &str| {
        let report = priced(&continuum, &request(name, PricedCover::Specific, &[100_000.0]));
        report.points[0].figure(PriceMeasure::ShareBorne).clone().expect("asked for").expect_err("not known")
    };
    assert!(reason("MIPS").contains("fees for the provider's own care"));
    assert!(reason("Commercial bundle").contains("cost of a service"));
    let truncated = priced(&continuum, &request("MSSP BASIC E", PricedCover::Aggregate, &[1.0]));
    let figure = truncated.points[0].figure(PriceMeasure::ShareBorne).clone().expect("asked for");
    assert!(figure.is_err_and(|reason| reason.contains("a part of each person's cost")));
}

#[test]
fn the_provider_is_that_of_a_run_with_the_premium_in_its_file() {
    let own = "[[contracts]]\nname = \"Covered\"\nterms.capitation = { pmpm = 500 }\ncovers.specific = { attachment_point = 50_000, \
               premium_pmpm = PREMIUM }\ncovers.corridor = { expected_pmpm = 500, gains = [{ share = 0.6 }], losses = [{ share = 0.7 }] }\n";
    let of = |premium: f64| one_law(2_000, &own.replace("PREMIUM", &premium.to_string()));
    let request = PriceRequest {
        rule: PremiumRule::Loaded { load: 0.3, load_sd: 0.1 },
        ..request("Covered", PricedCover::Specific, &[50_000.0])
    };
    let report = priced(&of(1.0), &request);
    let premium = known(&report.points[0], PriceMeasure::Premium).value;
    let scenario = of(premium);
    let run = simulate(&scenario.job(), None, &Control::default()).expect("nothing stops it");
    let gains = run.outcomes.gains_of(1).to_vec();
    let sample = Sample::drawn_by(&Arc::clone(&run.design), gains).expect("finite");
    let found = known(&report.points[0], PriceMeasure::MeanGain);
    assert!((sample.mean().value / found.value - 1.0).abs() < 1e-9, "{:?} against {found:?}", sample.mean());
    // Without the cover, the years are those of the run too, to the bit.
    let plain = priced(&scenario, &self::request("Capitation", PricedCover::Specific, &[50_000.0]));
    let alone = run.outcomes.gains_of(0).to_vec();
    let alone = Sample::drawn_by(&Arc::clone(&run.design), alone).expect("finite").mean();
    assert_eq!(known(&plain.uncovered, PriceMeasure::MeanGain), alone);
}

#[test]
fn deductibles_and_corridors_lower_what_is_ceded() {
    let own = "covers.specific = { attachment_point = 30_000 }";
    let scenario = one_law(2_000, own);
    let report = priced(&scenario, &request("Capitation", PricedCover::AggregatingDeductible, &[0.0, 100_000.0, 1e9]));
    let [none, some, all] = [0, 1, 2].map(|index| known(&report.points[index], PriceMeasure::CededCost));
    assert!((none.value - some.value - 1e5).abs() < 1.0, "it pays more in every year");
    // What pays in no trial has no error that a sample could know.
    assert!(all.value == 0.0 && all.standard_error.is_infinite() && all.upper.is_infinite(), "{all:?}");
    let corridor = PriceRequest { trend: Some(0.05), ..request("Capitation", PricedCover::Corridor, &[0.0125, 0.02]) };
    let report = priced(&one_law(2_000, ""), &corridor);
    let [low, high] = [0, 1].map(|index| known(&report.points[index], PriceMeasure::CededCost));
    assert!(low.value > high.value && high.value > 0.0);
    assert!(known(&report.points[0], PriceMeasure::LeveragedTrend).value > 0.05);
    // Of the losses, no more than the band is left, and the premium on top.
    let worst = known(&report.points[0], PriceMeasure::ValueAtRisk99).value;
    let premium = known(&report.points[0], PriceMeasure::Premium).value * 12.0 * MEMBERS;
    let expected = known(&report.points[0], PriceMeasure::PurePremium);
    assert!(expected.value > 0.0 && worst < 0.0125 * 6_000.0 * MEMBERS * 1.02 + premium, "{worst}");
}

#[test]
fn the_book_of_large_claims_is_within_what_was_reported() {
    // Claims of $1m and more per million covered employees in 2024 (Sun Life): 221; per million people, about half of that.
    let book = Scenario { trials: 1_000, seed: SEED, ..scenario("commercial.toml") };
    let report = priced(&book, &request("Global capitation", PricedCover::Specific, &[1e6]));
    let people = known(&report.points[0], PriceMeasure::PeopleAbove);
    assert!(1_000.0 * people.lower > 60.0 && 1_000.0 * people.upper < 221.0, "{people:?} per thousand");
}

#[test]
fn the_command_prints_and_writes_what_it_found() {
    let folder = TempDir::new().expect("a folder");
    let out = folder.path().join("price");
    let arguments =
        ["price", "scenarios/first-steps.toml", "--contract", "Capitation with stop-loss", "--cover", "specific"];
    let more = ["--at", "100_000,150000", "--loss-ratio", "75%", "--trend", "8%", "--trials", "500", "--out"];
    let done = twosided(&[&arguments[..], &more, &[out.to_str().expect("UTF-8")]].concat());
    assert!(done.status.success(), "{}", text(&done.stderr));
    let printed = text(&done.stdout);
    for expected in ["$150,000", "no cover", "over a loss ratio of 75%", "it pays 90%", "all claims grow by 8.0%"] {
        assert!(printed.contains(expected), "{expected}: {printed}");
    }
    let csv = text(&fs::read(out.join("price.csv")).expect("it is written"));
    // Six figures without the cover, and all of each point.
    assert_eq!(csv.lines().count(), 1 + 6 + 2 * PriceMeasure::ALL.len());
    assert!(fs::read(out.join("price.svg")).is_ok() && fs::read(out.join("price.png")).is_ok());
    // Evenly spaced points are those of a list, and a number of threads decides nothing.
    let spaced = [
        "--from",
        "100_000",
        "--to",
        "150_000",
        "--steps",
        "2",
        "--loss-ratio",
        "0.75",
        "--trend",
        "0.08",
        "--trials",
        "500",
        "--threads",
        "1",
    ];
    let again = twosided(&[&arguments[..], &spaced].concat());
    assert_eq!(text(&again.stdout), printed);
}

#[test]
fn what_cannot_be_priced_is_refused() {
    let refused = |arguments: &[&str], code: i32, says: &str| {
        let all = [&["price", "scenarios/first-steps.toml", "--trials", "100"], arguments].concat();
        let done = twosided(&all);
        let message = text(&done.stderr);
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {message}");
        assert!(message.contains(says), "{arguments:?}: {message}");
    };
    let capitation = ["--contract", "Capitation with stop-loss", "--cover"];
    let with = |more: &[&'static str]| -> Vec<&'static str> { [&capitation[..], more].concat() };
    refused(
        &["--contract", "X", "--cover", "specific", "--at", "1000"],
        2,
        "no contract is named `X`; the scenario has `Fee-for-service`",
    );
    refused(&with(&["specific", "--at", "2000,1000"]), 2, "1000 comes after 2000");
    refused(&with(&["specific", "--at", "0.5"]), 2, "outside of 1 to");
    refused(&with(&["aggregate", "--at", "110"]), 2, "110% is 1.1");
    refused(&with(&["specific", "--at", "1e5"]), 2, "write dollars as 50_000");
    refused(&with(&["specific"]), 2, "--at");
    refused(&with(&["specific", "--from", "1000"]), 2, "--to");
    refused(&with(&["specific", "--at", "1000", "--load", "25"]), 2, "write 25% for 25 percent");
    refused(&with(&["specific", "--at", "1000", "--load", "25%", "--loss-ratio", "75%"]), 2, "cannot be used with");
    refused(&with(&["specific", "--at", "1000", "--loss-ratio", "150%"]), 2, "loss ratio 1.5 is outside of 0.01 to 1");
    refused(&with(&["specific", "--at", "1000", "--trend=-60%"]), 2, "trend -0.6 is outside");
    let shared =
        ["--contract", "Half of the savings, half of the losses", "--cover", "aggregating-deductible", "--at", "1000"];
    refused(&shared, 1, "has no covers.specific");
}

#[test]
fn a_band_that_would_end_above_the_next_is_refused_and_a_request_that_is_too_large() {
    let own = "covers.corridor = { expected_pmpm = 500, gains = [{ share = 1 }], losses = [{ up_to = 0.01, share = 1 }, { up_to = 0.05, share = 0.5 }] }";
    let scenario = one_law(100, own);
    let request = request("Capitation", PricedCover::Corridor, &[0.02, 0.06]);
    let refused = price(&scenario, &request, &RunOptions::default());
    assert!(matches!(refused, Err(PriceError::Corridor { point, .. }) if point == 0.06), "{refused:?}");
    let fine = PriceRequest { points: vec![0.02, 0.04], ..request.clone() };
    assert!(price(&scenario, &fine, &RunOptions::default()).is_ok());
    let many = PriceRequest { points: (1..=101).map(f64::from).collect(), ..request };
    assert!(matches!(price(&scenario, &many, &RunOptions::default()), Err(PriceError::Count(101))));
    let large =
        PriceRequest { cover: PricedCover::Specific, points: (1..=100).map(|k| 1e3 * f64::from(k)).collect(), ..many };
    let large = price(&one_law(5_000_000, ""), &large, &RunOptions::default());
    assert!(matches!(large, Err(PriceError::Memory { points: 100, .. } | PriceError::Run(_))), "{large:?}");
}
