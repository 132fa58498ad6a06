//! Laws that are known in closed form.

use twosided_oracle::Oracle;
use twosided_scenario::Scenario;
use twosided_units::Share;

const PEOPLE: f64 = 500.0;
/// Events of a person-year, and dollars of an event.
const EVENTS: f64 = 0.4;
const DOLLARS: f64 = 10_000.0;
const CAPITATION: f64 = 370.0 * 12.0;

fn scenario(life: &str) -> Scenario {
    let text = format!(
        "[run]\nname = \"t\"\n[[population.segments]]\nname = \"all\"\nmembers = 500\n{life}services.stays = {{ frequency = {{ poisson = {{ mean \
         = 0.4 }} }}, severity = {{ gamma = {{ mean = 10_000, cv = 1 }} }} }}\n[[contracts]]\nname = \"c\"\nterms.capitation = {{ pmpm = 370 }}\n"
    );
    Scenario::parse("test.toml", &text).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Probability of a total above an amount, and the mean of the total there: a Poisson number of exponential amounts.
///
/// ```text
/// P(S > x) = Σ over n of p(n) P(gamma(n) > x),  E[S; S > x] = Σ over n of p(n) n P(gamma(n + 1) > x)
/// ```
fn above(x: f64) -> (f64, f64) {
    let (mean, x) = (PEOPLE * EVENTS, x / DOLLARS);
    // P(gamma(n) > x) = Σ over j below n of exp(-x) x^j / j!.
    let mut term = (-x).exp();
    let mut gamma_above = 0.0;
    let mut probability = (-mean).exp();
    let (mut tail, mut dollars) = (0.0, 0.0);
    for n in 1..2_000 {
        let n = f64::from(n);
        probability *= mean / n;
        gamma_above += term;
        term *= x / n;
        tail += probability * gamma_above;
        dollars += probability * n * (gamma_above + term);
    }
    (tail, dollars * DOLLARS)
}

#[test]
fn a_poisson_number_of_exponential_amounts_has_its_law() {
    let scenario = scenario("");
    let job = scenario.job();
    let mut oracle = Oracle::new(&job).expect("one year");
    let nodes = oracle.nodes().expect("no factor");
    assert_eq!(nodes.len(), 1);
    let law = oracle.law(0, &nodes).expect("an exact law");
    let paid = PEOPLE * CAPITATION;
    let mean = paid - PEOPLE * EVENTS * DOLLARS;
    let sd = (PEOPLE * EVENTS * 2.0).sqrt() * DOLLARS;
    assert!((law.mean().value - mean).abs() < 1e-6 * sd, "{:?} against {mean}", law.mean());
    assert!((law.sd().value / sd - 1.0).abs() < 1e-5, "{:?} against {sd}", law.sd());
    let loss = above(paid).0;
    assert!(
        (law.probability_of_loss().value / loss - 1.0).abs() < 1e-5,
        "{:?} against {loss}",
        law.probability_of_loss()
    );
    for level in [0.9, 0.95, 0.99, 0.999] {
        let share = Share::new(level).expect("a share");
        let at_risk = law.value_at_risk(share).value;
        let (tail, dollars) = above(paid + at_risk);
        assert!((tail / (1.0 - level) - 1.0).abs() < 1e-4, "{level}: {tail}");
        let exact = dollars / tail - paid;
        let found = law.tail_value_at_risk(share);
        assert!((found.value - exact).abs() < 1e-5 * sd, "{level}: {found:?} against {exact}");
    }
}

#[test]
fn those_who_die_have_the_events_of_the_time_they_live() {
    // Of a Poisson, what falls into a part τ of the year is Poisson of the mean times τ, so a person's cost has the cumulants
    // E[N] d and, with N = λτ given τ, Var = 2 d² λ E[τ] + λ² d² Var(τ).
    let scenario = scenario("mortality = { probability = 0.3, frailty_loading = 0 }\n");
    let job = scenario.job();
    let mut oracle = Oracle::new(&job).expect("one year");
    let nodes = oracle.nodes().expect("no factor");
    let law = oracle.law(0, &nodes).expect("an exact law");
    let (lived, square) = (1.0 - 0.5 * 0.3, 0.7 + 0.3 / 3.0);
    let variance_lived = square - lived * lived;
    let mean = PEOPLE * lived * (CAPITATION - EVENTS * DOLLARS);
    // The capitation follows the time lived as well: gain = (capitation - λ d) τ, and the noise of the events.
    let per_year = CAPITATION - EVENTS * DOLLARS;
    let variance = 2.0 * DOLLARS * DOLLARS * EVENTS * lived + per_year * per_year * variance_lived;
    let sd = (PEOPLE * variance).sqrt();
    assert!((law.mean().value - mean).abs() < 1e-6 * sd, "{:?} against {mean}", law.mean());
    assert!((law.sd().value / sd - 1.0).abs() < 1e-5, "{:?} against {sd}", law.sd());
}
