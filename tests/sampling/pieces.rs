//! A scenario in pieces that uses all layers at once.

use toml_edit::{DocumentMut, TableLike, Value};

const RESPONSE: &str = "response = { elasticity = 0.4, incentive_of_data = 0.3, services = [\"stays\", \"visits\"], source = \
                        \"assumed\" }\n";

/// A scenario in pieces, each of which can be left out or stand elsewhere in the file.
#[derive(Clone)]
pub struct Pieces {
    /// Segments, each with its services.
    pub segments: Vec<(String, Vec<String>)>,
    pub measures: Vec<String>,
    pub tiers: Vec<String>,
    pub response: &'static str,
    pub programs: Vec<String>,
    pub factors: Vec<String>,
    pub contracts: Vec<String>,
}

/// All layers at once: plain people and frail ones, deaths, turnover, risk scores, services that follow, tiers, measures,
/// factors that are correlated and persist, an uncertain trend, programs, a response above one, covers and limits.
pub fn everything() -> Pieces {
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
    pub fn text(&self) -> String {
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

    /// The same with every list in another order.
    pub fn permuted(&self, permute: impl Fn(&mut dyn Permute)) -> Self {
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
pub trait Permute {
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
