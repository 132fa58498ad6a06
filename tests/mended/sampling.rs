//! Sampled years: what a variant adds, and what numbers depend on.

use toml_edit::{DocumentMut, TableLike, Value};
use twosided_prob::Sample;
use twosided_provider::Line;
use twosided_scenario::Scenario;

use crate::support::{Run, parse, text, twosided};

/// A bundle under volume that grows by half for fee-for-service, so that a third of the episodes are added ones.
fn bundle(severity: &str, price: f64) -> Scenario {
    parse(&format!(
        "[run]\nname = \"bundle\"\n[provider]\nresponse = {{ elasticity = 0.5, incentive_of_data = 0, source = \"assumed\" }}\n\
         [[population.segments]]\nname = \"all\"\nmembers = 1_000\nservices.stays = {{ frequency = {{ poisson = {{ mean = 3 }} }}, \
         severity = {severity} }}\n[[contracts]]\nname = \"Bundle\"\nterms.bundle = {{ episodes = [{{ service = \"stays\", price = \
         {price}, episode_limit = 10_000 }}], gains = {{ sharing_rate = 1 }}, losses = {{ sharing_rate = 1 }} }}\n"
    ))
}

#[test]
fn row_2_4_added_events_are_capped_one_by_one() {
    // The price is what an episode counts on average up to its limit. Lognormal of mean 10,000 and cv 1, σ² = ln 2:
    // E[min(X, 10,000)] = 20,000 Φ(-σ/2). Exponential: 10,000 (1 - 1/e).
    let lognormal = 20_000.0 * 0.338_603_548_586_663_5;
    let exponential = 10_000.0 * (1.0 - (-1.0_f64).exp());
    for (severity, price) in [
        ("{ lognormal = { mean = 10_000, cv = 1 } }", lognormal),
        ("{ gamma = { mean = 10_000, cv = 1 } }", exponential),
    ] {
        let run = Run::of(&bundle(severity, price), 2_000, 5);
        let found = Sample::new(run.outcomes.line_of(0, Line::Reconciliation)).expect("finite").mean();
        let z = found.value / found.standard_error;
        assert!(z.abs() < 4.0, "{severity}: {} is {z:.1} standard errors from nothing", found.value);
    }
}

#[test]
fn row_2_4_a_limit_that_nothing_reaches_counts_what_no_limit_counts() {
    let contract = |name: &str, limit: &str| {
        format!(
            "[[contracts]]\nname = \"{name}\"\nterms.bundle = {{ episodes = [{{ service = \"stays\", price = 10_000{limit} }}, {{ service \
             = \"drugs\", price = 900{limit} }}, {{ service = \"rehab\", price = 9_000{limit} }}], gains = {{ sharing_rate = 1 }}, \
             losses = {{ sharing_rate = 1 }} }}\n"
        )
    };
    let people = "[[population.segments]]\nname = \"all\"\nmembers = 1_500\nfrailty = { persistence = 0.5 }\n\
                  turnover = { rate = 0.2, joiner_cost = 0.7, leaver_cost = 1.4 }\n\
                  mortality = { probability = 0.1, frailty_loading = 0.5, end_of_life = { amount = { gamma = { mean = 20_000, cv = 1 } }, \
                  services = { stays = 0.4, drugs = 0.6 } } }\n\
                  services.stays = { frequency = { poisson = { mean = 1 } }, severity = { gamma = { mean = 10_000, cv = 1 } } }\n\
                  services.rehab = { follows = \"stays\", frequency = { bernoulli = { probability = 0.3 } }, severity = { lognormal = { \
                  mean = 9_000, cv = 1 } } }\n\
                  services.drugs = { annual = { gamma = { mean = 900, cv = 1 }, zero = 0.5 } }\n";
    let text = format!(
        "[run]\nname = \"limit\"\nyears = 2\n[provider]\nresponse = {{ elasticity = 0.5, incentive_of_data = 0.5, source = \"assumed\" \
         }}\n{people}{}{}",
        contract("none", ""),
        contract("far", ", episode_limit = 1e12")
    );
    let run = Run::of(&parse(&text), 50, 5);
    let (none, far) = (run.outcomes.line_of(0, Line::Reconciliation), run.outcomes.line_of(1, Line::Reconciliation));
    for (none, far) in none.iter().zip(&far) {
        assert!((none - far).abs() < 1e-9 * none.abs().max(1e6), "{none} without a limit, {far} with one out of reach");
    }
}

const RESPONSE: &str = "response = { elasticity = 0.4, incentive_of_data = 0.3, services = [\"stays\", \"visits\"], source = \
                        \"assumed\" }\n";

/// A scenario in pieces, each of which can be left out or stand elsewhere in the file.
#[derive(Clone)]
struct Pieces {
    /// Segments, each with its services.
    segments: Vec<(String, Vec<String>)>,
    measures: Vec<String>,
    tiers: Vec<String>,
    response: &'static str,
    programs: Vec<String>,
    factors: Vec<String>,
    contracts: Vec<String>,
}

/// All layers at once: plain people and frail ones, deaths, turnover, risk scores, services that follow, tiers, measures,
/// factors that are correlated and persist, an uncertain trend, programs, a response above one, covers and limits.
fn everything() -> Pieces {
    let of = |pieces: &[&str]| pieces.iter().map(|&piece| piece.to_owned()).collect::<Vec<_>>();
    Pieces {
        segments: vec![
            (
                "name = \"plain\"\nmembers = 1_101\nrisk_score = { mean = 0.9 }\n".to_owned(),
                of(&[
                    "drugs = { annual = { gamma = { mean = 900, cv = 1 }, zero = 0.2 } }",
                    "clinic = { annual = { lognormal = { mean = 700, cv = 1 }, zero = 0.6 } }",
                    "stays = { frequency = { negative_binomial = { mean = 0.3, dispersion = 0.5 } }, severity = { lognormal = { mean = \
                     9_000, cv = 1 } } }",
                    "visits = { frequency = { poisson = { mean = 4 } }, severity = { gamma = { mean = 110, cv = 0.6 } } }",
                ]),
            ),
            (
                "name = \"frail\"\nmembers = 1_033\nfrailty = { persistence = 0.7 }\nturnover = { rate = 0.1, joiner_cost = 0.8 }\n\
                 mortality = { probability = 0.05, frailty_loading = 0.5, end_of_life = { amount = { gamma = { mean = 9_000, cv = 1 } }, \
                 services = { stays = 1 } } }\nrisk_score = { mean = 1.2, cv = 0.6, frailty_loading = 0.5, coding_growth = 0.01 }\n"
                    .to_owned(),
                of(&[
                    "drugs = { annual = { gamma = { mean = 2_000, cv = 1 }, zero = 0.2 }, frailty_loading = 0.6 }",
                    "stays = { frequency = { poisson = { mean = 0.5 } }, severity = { gamma = { mean = 9_000, cv = 1 } }, frailty_loading \
                     = 0.8 }",
                    "rehab = { follows = \"stays\", frequency = { poisson = { mean = 0.6 } }, severity = { gamma = { mean = 4_000, cv = 1 \
                     } } }",
                    "visits = { frequency = { poisson = { mean = 7 } }, severity = { gamma = { mean = 120, cv = 0.6 } } }",
                ]),
            ),
            (
                "name = \"third\"\nmembers = 301\nsocial_risk = { cost = 1.1, risk_score = 0.9 }\n".to_owned(),
                of(&["visits = { frequency = { poisson = { mean = 3 } }, severity = { weibull = { mean = 90, cv = 0.8 } } }"]),
            ),
        ],
        measures: of(&[
            "name = \"A1c\"\ndenominator = 0.3\nrate = 0.6\n",
            "name = \"flu\"\ndenominator = 0.8\nrate = 0.5\n",
        ]),
        tiers: of(&[
            "name = \"low\"\nshare = 0.5\nuse = 0.4\n",
            "name = \"high\"\nshare = 0.2\nuse = 3.3\n",
            "name = \"middle\"\nshare = 0.3\nuse = 1.1\n",
        ]),
        response: RESPONSE,
        programs: of(&[
            "name = \"transitions\"\ncost_pmpm = 3\neffect = { stays = { mean = -0.1, sd = 0.05 }, visits = { mean = 0.07 } }\n",
            "name = \"home\"\ncost_pmpm = 2.1\neffect = { stays = { mean = -0.07, sd = 0.03 } }\nsegments = [\"frail\"]\n",
            "name = \"calls\"\ncost_pmpm = 1.7\neffect = { stays = { mean = -0.03, sd = 0.03 } }\ncloses = { \"A1c\" = { mean = 0.4, sd = \
             0.1 } }\n",
        ]),
        factors: of(&[
            "name = \"price\"\nlognormal = { mean = 1.02, cv = 0.03 }\nloading = { services = { stays = 1.3, drugs = 0.2 } }\n\
             compounding = true\n",
            "name = \"pandemic\"\nshock = { probability = 0.2, mean = 0.9, cv = 0.05 }\n",
            "name = \"wages\"\ngamma = { mean = 1.01, cv = 0.02 }\nloading = { benchmark = 0.5 }\npersistence = 0.6\n",
            "name = \"new drugs\"\nlognormal = { mean = 1.1, cv = 0.1 }\nloading = { cost = 0, services = { drugs = 1 } }\n",
        ]),
        contracts: of(&[
            "name = \"fees\"\nterms.fee_for_service = {}\n",
            "name = \"two-sided\"\nterms.shared_savings = { benchmark = { per_capita = 6_000 }, savings = { sharing_rate = 0.5 }, losses = \
             { sharing_rate = 0.5 } }\nprograms = [\"home\", \"transitions\", \"calls\"]\n\
             covers.specific = { attachment_point = 50_000, coinsurance = 0.9, premium_pmpm = 20 }\n",
            "name = \"capitation\"\nterms.capitation = { pmpm = 500 }\nprograms = [\"home\"]\n",
            "name = \"bundle\"\nterms.bundle = { episodes = [{ service = \"stays\", price = 9_000, episode_limit = 12_000 }, { service = \
             \"rehab\", price = 4_000, episode_limit = 5_000 }, { service = \"visits\", price = 113 }], gains = { sharing_rate = 1 }, losses = { sharing_rate = 1 } }\n\
             programs = [\"calls\"]\nincentive = 0.4\n",
            "name = \"savings\"\nterms.shared_savings = { benchmark = { per_capita = 6_000 }, savings = { sharing_rate = 0.5 } }\n\
             programs = []\nagreement.risk_adjustment = { cap = 0.03 }\n",
            "name = \"bpci\"\nterms.bpci_advanced = { composite_quality_score = 80, episodes = [{ service = \"rehab\", price = 4_000 }, { \
             service = \"visits\", price = 113 }, { service = \"stays\", category = \"medical\", price = 9_000, episode_limit = 12_000 }] \
             }\nprograms = []\n",
            "name = \"cjr\"\nterms.cjr = { quality_category = \"good\", episodes = [{ service = \"visits\", price = 113 }, { service = \
             \"stays\", price = 9_000 }, { service = \"rehab\", price = 4_000 }] }\nprograms = []\n",
            "name = \"team\"\nterms.team = { track = 3, composite_quality_score = 70, episodes = [{ category = \"lejr\", service = \
             \"stays\", price = 9_000 }, { category = \"lejr\", service = \"visits\", price = 113 }, { category = \"lejr\", service = \
             \"rehab\", price = 4_000 }] }\nprograms = []\n",
            "name = \"prospective\"\nterms.prospective_bundle = { episodes = [{ service = \"stays\", price = 9_000, episode_limit = 12_000 \
             }, { service = \"visits\", price = 113 }, { service = \"rehab\", price = 4_000 }] }\nprograms = []\n",
            "name = \"lead\"\nterms.lead = { option = \"professional\", benchmark.per_capita = 6_000, specialists = [{ service = \"stays\", \
             target_price = 9_000, share_of_gains = 0.5, share_of_losses = 0.3 }, { service = \"visits\", target_price = 113, \
             share_of_gains = 0.3 }, { service = \"rehab\", target_price = 4_000, share_of_gains = 0.2, share_of_losses = 0.7 }] }\n\
             programs = []\n",
            "name = \"measures\"\nterms.pay_for_performance = { pool_share = 0.05, services = [\"visits\", \"clinic\", \"stays\"], measures = \
             [{ name = \"A1c\", counted = \"A1c\", threshold = 0.2, benchmark = 0.9 }, { name = \"flu\", counted = \"flu\", threshold = 0.2, \
             benchmark = 0.8, weight = 3 }, { name = \"access\", score = 4.2, weight = 1.7, threshold = 3, benchmark = 4.7 }] }\n\
             programs = []\n",
        ]),
    }
}

impl Pieces {
    /// The text of the file.
    fn text(&self) -> String {
        let tables = |name: &str, pieces: &[String]| -> String {
            pieces.iter().map(|piece| format!("[[{name}]]\n{piece}")).collect()
        };
        let segments: String = self
            .segments
            .iter()
            .map(|(segment, services)| {
                let services: String = services.iter().map(|service| format!("services.{service}\n")).collect();
                format!("[[population.segments]]\n{segment}{services}")
            })
            .collect();
        let correlations =
            if self.factors.iter().filter(|text| text.contains("price") || text.contains("wages")).count() == 2 {
                "[[system.correlations]]\nbetween = [\"price\", \"wages\"]\nvalue = 0.5\n"
            } else {
                ""
            };
        format!(
            "[run]\nname = \"everything\"\nyears = 2\n[population]\ntrend = {{ cv = 0.03 }}\n[organization]\nbenchmark_error = {{ sd = 0.02, \
             persistence = 0.7 }}\n[provider]\nown_share = {{ visits = 0.8, stays = 0.3 }}\n{}{}{}{}{}{}{correlations}{}",
            self.response,
            segments,
            tables("population.measures", &self.measures),
            tables("population.tiers", &self.tiers),
            tables("provider.programs", &self.programs),
            tables("system.factors", &self.factors),
            tables("contracts", &self.contracts),
        )
    }

    fn run(&self) -> Found {
        let scenario = parse(&self.text());
        let run = Run::of(&scenario, 12, 7);
        Found { scenario, run }
    }

    fn permuted(&self, permute: impl Fn(&mut dyn Permute)) -> Self {
        let mut pieces = self.clone();
        permute(&mut pieces.segments);
        for (_, services) in &mut pieces.segments {
            permute(services);
        }
        for list in
            [&mut pieces.measures, &mut pieces.tiers, &mut pieces.programs, &mut pieces.factors, &mut pieces.contracts]
        {
            permute(list);
        }
        for contract in &mut pieces.contracts {
            let mut document: DocumentMut = contract.parse().expect("a contract is TOML");
            permute_lists(document.as_table_mut(), &permute);
            *contract = document.to_string();
        }
        pieces
    }
}

/// Puts the lists inside of a contract in another order, but for those whose order says something.
fn permute_lists(table: &mut dyn TableLike, permute: &dyn Fn(&mut dyn Permute)) {
    for (key, item) in table.iter_mut() {
        if let Some(array) = item.as_array_mut().filter(|_| LISTS.contains(&key.get())) {
            let mut list: Vec<Value> = array.iter().cloned().collect();
            permute(&mut list);
            *array = list.into_iter().collect();
        } else if let Some(table) = item.as_table_like_mut() {
            permute_lists(table, permute);
        }
    }
}

/// Keys of the lists inside of contracts whose order says nothing.
const LISTS: &[&str] = &["episodes", "specialists", "measures", "services", "programs"];

/// A list in another order.
trait Permute {
    fn turn(&mut self);
    fn shift(&mut self);
}

impl<T> Permute for Vec<T> {
    fn turn(&mut self) {
        self.reverse();
    }

    fn shift(&mut self) {
        if !self.is_empty() {
            self.rotate_left(1);
        }
    }
}

/// A run, asked by names.
struct Found {
    scenario: Scenario,
    run: Run,
}

impl Found {
    /// All lines of a contract, to the bit.
    fn contract(&self, name: &str) -> Vec<u64> {
        let index = self.scenario.contracts.iter().position(|contract| contract.name == name).expect("it is there");
        let lines = self.run.outcomes.lines.index_axis(ndarray::Axis(2), index);
        lines.iter().map(|line| line.to_bits()).collect()
    }

    fn contracts(&self) -> Vec<String> {
        self.scenario.contracts.iter().map(|contract| contract.name.clone()).collect()
    }

    /// What was observed of each segment, by the names of the segment and the observation; totals under no name.
    fn observed(&self) -> Vec<(String, String, String)> {
        let observed = &self.run.observed;
        let mut found = Vec::new();
        for (column, observation) in observed.plan.observations().iter().enumerate() {
            for year in 0..self.run.outcomes.years() {
                for (index, segment) in self.scenario.population.segments().iter().enumerate() {
                    let moments = format!("{:?}", observed.segments[(year, index, column)]);
                    found.push((segment.name.clone(), format!("{observation:?} in {year}"), moments));
                }
                let total = format!("{:?}", observed.total[(year, column)]);
                found.push((String::new(), format!("{observation:?} in {year}"), total));
            }
        }
        found.sort();
        found
    }

    /// What both observe, where the filter passes the segment and the observation, is the same.
    fn assert_same_observed(&self, other: &Self, what: &str, counts: impl Fn(&str, &str) -> bool) {
        let others = other.observed();
        let mut compared = 0;
        for (segment, observation, moments) in self.observed() {
            let same = others.iter().find(|(name, of, _)| *name == segment && *of == observation);
            if let Some((.., others)) = same.filter(|_| counts(&segment, &observation)) {
                assert_eq!(moments, *others, "{what}: {observation} of {segment}");
                compared += 1;
            }
        }
        assert!(compared > 10, "{what}: something is compared");
    }

    fn assert_same_contracts(&self, other: &Self, what: &str, counts: impl Fn(&str) -> bool) {
        let others = other.contracts();
        for name in self.contracts().iter().filter(|name| others.contains(name) && counts(name)) {
            assert_eq!(self.contract(name), other.contract(name), "{what}: {name}");
        }
    }
}

#[test]
fn row_5_9_the_order_of_a_file_changes_no_bit() {
    let whole = everything();
    let before = whole.run();
    assert!(before.contract("two-sided") != before.contract("savings"), "contracts differ");
    for (what, turned) in [
        ("turned", whole.permuted(|list: &mut dyn Permute| list.turn())),
        ("shifted", whole.permuted(|list: &mut dyn Permute| list.shift())),
    ] {
        let after = turned.run();
        before.assert_same_contracts(&after, what, |_| true);
        before.assert_same_observed(&after, what, |_, _| true);
    }
}

#[test]
fn row_5_9_a_contract_changes_no_other() {
    let whole = everything();
    let before = whole.run();
    for index in 0..whole.contracts.len() {
        let mut fewer = whole.clone();
        let removed = fewer.contracts.remove(index);
        let after = fewer.run();
        before.assert_same_contracts(&after, &format!("without {removed}"), |_| true);
        before.assert_same_observed(&after, &format!("without {removed}"), |_, _| true);
        let mut alone = whole.clone();
        alone.contracts = vec![removed];
        alone.run().assert_same_contracts(&before, "alone", |_| true);
    }
}

#[test]
fn row_5_9_a_program_changes_only_who_runs_it() {
    let whole = everything();
    let before = whole.run();
    for (index, runs) in
        [(0, vec!["two-sided"]), (1, vec!["two-sided", "capitation"]), (2, vec!["two-sided", "bundle"])]
    {
        let mut fewer = whole.clone();
        let removed = fewer.programs.remove(index);
        let name = removed.split('"').nth(1).expect("a name").to_owned();
        for contract in &mut fewer.contracts {
            *contract = contract.replace(&format!("\"{name}\", "), "").replace(&format!(", \"{name}\""), "");
            *contract = contract.replace(&format!("[\"{name}\"]"), "[]");
        }
        let after = fewer.run();
        before.assert_same_contracts(&after, &name, |contract| !runs.contains(&contract));
        before.assert_same_observed(&after, &name, |_, _| true);
    }
    // Without any program or response, plain people are drawn the short way: the same to the bit.
    let mut none = whole.clone();
    none.programs.clear();
    none.response = "";
    none.contracts = vec![none.contracts[0].clone()];
    none.run().assert_same_observed(&before, "no program", |_, _| true);
}

#[test]
fn row_5_9_segments_services_measures_and_factors_change_no_others() {
    let mut whole = everything();
    // What benchmarks, rates and shares are tuned to may refer to what is left out.
    whole.contracts.truncate(1);
    whole.programs.clear();
    whole.response = "";
    let before = whole.run();
    for index in 0..whole.segments.len() {
        let mut fewer = whole.clone();
        let (removed, _) = fewer.segments.remove(index);
        fewer.run().assert_same_observed(&before, &format!("without {removed}"), |segment, _| !segment.is_empty());
    }
    for (segment, service) in [(0, 0), (0, 1), (1, 0), (1, 2)] {
        let mut fewer = whole.clone();
        let removed = fewer.segments[segment].1.remove(service);
        let is_of_a_service =
            |observation: &str| observation.starts_with("Expenditure") || observation.starts_with("Count");
        let name = removed.split(' ').next().expect("a name");
        fewer.run().assert_same_observed(&before, &format!("without {removed}"), |segment, observation| {
            !segment.is_empty() && is_of_a_service(observation) && !observation.contains(name)
        });
    }
    for index in 0..whole.measures.len() {
        let mut fewer = whole.clone();
        let removed = fewer.measures.remove(index);
        fewer.run().assert_same_observed(&before, &format!("without {removed}"), |_, _| true);
    }
    // The last factor moves drugs alone, and is correlated with none.
    let mut fewer = whole.clone();
    let removed = fewer.factors.pop().expect("factors");
    fewer.run().assert_same_observed(&before, &format!("without {removed}"), |_, observation| {
        !observation.contains("drugs") && !observation.starts_with("Layer")
    });
    // A layer on one service leaves the others alone.
    let mut layered = whole.clone();
    layered.segments[0].1[3].push_str(", frailty_loading = 0.5 }");
    layered.segments[0].1[3] = layered.segments[0].1[3].replace(" } }, frailty", " }, frailty");
    layered.run().assert_same_observed(&before, "a layer", |_, observation| {
        !observation.contains("visits") && !observation.starts_with("Layer")
    });
}

/// Most memory that the program held, in bytes, and the seconds of one core that it took; what it last said of itself while it ran.
#[cfg(target_os = "linux")]
fn held_and_taken(arguments: &[&str]) -> (f64, f64) {
    use std::{fs, process::Command, thread, time::Duration};
    let mut child = Command::new(env!("CARGO_BIN_EXE_twosided"))
        .args(arguments)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the program runs");
    let (status, stat) = (format!("/proc/{}/status", child.id()), format!("/proc/{}/stat", child.id()));
    let (mut kibibytes, mut ticks) = (0.0_f64, 0.0_f64);
    while child.try_wait().expect("it can be waited for").is_none() {
        let status = fs::read_to_string(&status).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse().ok());
        kibibytes = kibibytes.max(peak.unwrap_or(0.0));
        // Of the fields after the name, the 12th and 13th are ticks in the program and in the system, a hundredth of a second each.
        let stat = fs::read_to_string(&stat).unwrap_or_default();
        let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields).split(' ').skip(11).take(2);
        ticks = ticks.max(fields.filter_map(|field| field.parse::<f64>().ok()).sum());
        thread::sleep(Duration::from_millis(2));
    }
    assert!(child.wait().expect("it ended").success());
    (kibibytes * 1024.0, ticks / 100.0)
}

/// The figure that stands before a unit in what the program said.
#[cfg(target_os = "linux")]
fn figure_before(unit: &str, said: &str) -> f64 {
    let before = said.rsplit_once(unit).and_then(|(before, _)| before.rsplit_once(' ')).expect("it is said").1;
    before.replace(',', "").parse().expect("a number")
}

#[test]
#[cfg(target_os = "linux")]
fn row_5_11_a_run_holds_about_as_much_memory_as_check_says() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let segments: Vec<String> = (0..100)
        .map(|index| {
            format!(
                "[[population.segments]]\nname = \"s{index}\"\nmembers = 3\nservices.care = {{ annual = {{ gamma = {{ mean = 900, cv = 1 \
                 }} }} }}\n"
            )
        })
        .collect();
    let contracts: Vec<String> = (1..=20)
        .map(|index| {
            format!(
                "[[contracts]]\nname = \"c{index}\"\nterms.capitation = {{ pmpm = 70 }}\ncovers.specific = {{ attachment_point = {index}00, \
                 coinsurance = 1, premium_pmpm = 9 }}\n"
            )
        })
        .collect();
    let capitations: Vec<String> = (1..=60)
        .map(|index| format!("[[contracts]]\nname = \"k{index}\"\nterms.capitation = {{ pmpm = {index}00 }}\n"))
        .collect();
    let stays: String = (0..60)
        .map(|index| {
            format!(
                "services.v{index} = {{ frequency = {{ poisson = {{ mean = 2 }} }}, severity = {{ gamma = {{ mean = 4_000, cv = 1.5 }} }} \
                 }}\n"
            )
        })
        .collect();
    let stays = [format!("[[population.segments]]\nname = \"stays\"\nmembers = 5\n{stays}")];
    let bundles: Vec<String> = (0..60)
        .map(|contract| {
            let episodes = (0..60).map(|index| {
                format!("{{ service = \"v{index}\", price = 4_000, episode_limit = {} }}", 1_000 + contract + index)
            });
            let episodes = episodes.collect::<Vec<_>>().join(", ");
            format!(
                "[[contracts]]\nname = \"b{contract}\"\nterms.bundle = {{ episodes = [{episodes}], gains.sharing_rate = 1 }}\n"
            )
        })
        .collect();
    // Of the wide job, the moments of 50 blocks of trials would take 0.15 GB; of the long one, outcomes are most. Of contracts, charts
    // are most; of episodes, terms count too.
    for (name, years, trials, segments, contracts) in [
        ("wide", 50, 400, segments.as_slice(), contracts.as_slice()),
        ("long", 2, 20_000, &segments[..2], &contracts[..3]),
        ("contracts", 20, 500, &segments[..1], &capitations),
        ("episodes", 1, 64, &stays, &bundles),
    ] {
        let (segments, contracts) = (segments.concat(), contracts.concat());
        let scenario = format!("[run]\nname = \"{name}\"\nyears = {years}\ntrials = {trials}\n{segments}{contracts}");
        std::fs::write(path(name), scenario).expect("it can be written");
        let check = twosided(&["check", &path(name)]);
        assert!(check.status.success(), "{}", text(&check.stderr));
        let said = text(&check.stdout);
        let (bytes, seconds) = (1e6 * figure_before(" MB of memory", &said), figure_before(" CPU-seconds", &said));
        let (held, taken) = held_and_taken(&["run", &path(name), "--out", &path(&format!("{name}-report"))]);
        let most = if segments.len() == 1 { 1.3 } else { 2.0 };
        assert!(held < 1.3 * bytes && bytes < most * held, "{name}: {bytes} bytes said, {held} held");
        // Of the others, the time that is said is as good as a few trials of them.
        if segments.len() == 1 {
            assert!(taken < 2.0 * seconds && seconds < 2.0 * taken, "{name}: {seconds} seconds said, {taken} taken");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn row_5_8_outcomes_are_equal_on_a_machine_without_fused_multiplication() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let copula = "system.copula = { t = 4 }\n";
    let text = everything().text().replace("[run]\n", &format!("{copula}[run]\ntrials = 40\n"));
    std::fs::write(path("everything.toml"), text).expect("it can be written");
    let hash_of = |name: &str, scenario: &str, hardware: &str| -> String {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_twosided"));
        command.args(["run", scenario, "--out", &path(name)]).current_dir(crate::support::file(""));
        let done = command.env("GLIBC_TUNABLES", hardware).output().expect("the program runs");
        assert!(done.status.success(), "{}", crate::support::text(&done.stderr));
        let run = std::fs::read_to_string(folder.path().join(name).join("run.toml")).expect("a run file");
        run.lines().find(|line| line.starts_with("outcomes_sha256")).expect("a hash").to_owned()
    };
    // Of the system's functions, about one trial in a thousand of the small file differs in a last bit.
    let small = "tests/data/equal-bits.toml".to_owned();
    for (name, scenario) in [("everything", path("everything.toml")), ("small", small)] {
        let as_it_is = hash_of(name, &scenario, "");
        let without = hash_of(&format!("{name}-without"), &scenario, "glibc.cpu.hwcaps=-FMA,-AVX2");
        assert_eq!(as_it_is, without, "{scenario}");
    }
}
