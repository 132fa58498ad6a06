//! A scenario with every block in which text of others stands.

/// The text.
pub const SCENARIO: &str = "\
[run]
name = \"Test\"
trials = 200
[[population.segments]]
name = \"everyone\"
members = 1_000
services.visits.annual = { gamma = { mean = 4_000, cv = 1.5 } }
[[system.factors]]
name = \"shock\"
lognormal = { mean = 1, cv = 0.1 }
[[provider.programs]]
name = \"coaching\"
cost_pmpm = 1
[[contracts]]
name = \"Track\"
terms.mssp = { track = \"enhanced\", performance_year = 2022, benchmark = { per_capita = 4_100 }, quality_score = 0.9 }
[[contracts]]
name = \"Fixed\"
terms.capitation = { pmpm = 340 }
";
