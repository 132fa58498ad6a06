//! What the provider does: programs, volume that answers to incentives, and measures.

use twosided_population::Observation;
use twosided_prob::Sample;
use twosided_provider::Line;

use crate::{
    observations::{CAPITATION, FEES, FRAIL, MORTAL, assert_mean, expenditure},
    support::{Run, parse},
};

const PROGRAM: &str = r#"
[[provider.programs]]
name = "transitional care"
cost_pmpm = 4
effect = { inpatient = { mean = -0.1 }, drugs = { mean = 0.05 } }
ramp = [0.5]
"#;

#[test]
fn a_program_avoids_what_happened_and_leaves_the_reference_as_it_was() {
    let text = |program: &str| format!("[run]\nname = \"program\"\nyears = 2\n{FRAIL}\n{program}{FEES}{CAPITATION}");
    let (without, with) = (Run::of(&parse(&text("")), 300, 7), Run::of(&parse(&text(PROGRAM)), 300, 7));
    assert_eq!(without.observed.segments, with.observed.segments, "what would have been is the same");
    let claims = |run: &Run, year: usize| -> Vec<f64> {
        let lines = run.outcomes.lines.outer_iter();
        lines.map(|trial| -trial[(year, 1, Line::ClaimsToOthers as usize)]).collect()
    };
    for (year, strength) in [(0, 0.5), (1, 1.0)] {
        let (before, after) = (claims(&without, year), claims(&with, year));
        let difference: Vec<f64> = before.iter().zip(&after).map(|(before, after)| before - after).collect();
        // A tenth of admissions and what follows them, and a twentieth more drugs.
        let inpatient = 2_000.0 * (0.3 * 12_000.0 + 0.06 * 9_000.0);
        let drugs = 2_000.0 * 0.7 * (0.9 * 900.0 + 0.1 * 12_000.0);
        let expected = strength * (0.1 * inpatient - 0.05 * drugs);
        let found = Sample::new(difference).expect("finite").mean();
        let z = (found.value - expected) / found.standard_error;
        assert!(z.abs() < 4.0, "year {year}: {} against {expected}, {z:.1} standard errors", found.value);
        let spread = Sample::new(before).expect("finite").mean().standard_error;
        assert!(found.standard_error < 0.5 * spread, "both years are coupled");
    }
    let cost = with.outcomes.lines[(0, 0, 1, Line::Programs as usize)];
    assert!((cost + 2_000.0 * 48.0).abs() < 1e-6, "{cost}");
    assert_eq!(with.outcomes.lines[(0, 0, 0, Line::Programs as usize)], 0.0, "none is run under fee-for-service");
}

#[test]
fn volume_answers_to_incentives_only_where_it_is_said_to() {
    let provider = |incentive: f64| {
        format!(
            "[provider]\nresponse = {{ elasticity = 0.2, incentive_of_data = {incentive}, services = [\"visits\"], source = \"assumed\" }}\n"
        )
    };
    let of = |incentive: f64| {
        let text = format!("[run]\nname = \"response\"\n{}\n{}{FEES}{CAPITATION}", MORTAL, provider(incentive));
        Run::of(&parse(&text), 400, 8)
    };
    let visits = 2_000.0 * 6.0 * 0.95 * 100.0;
    let claims = |run: &Run, contract: usize| -> Vec<f64> {
        run.outcomes.lines.outer_iter().map(|trial| -trial[(0, contract, Line::ClaimsToOthers as usize)]).collect()
    };
    let total = |run: &Run| -> f64 {
        ["care", "hospice", "visits"]
            .iter()
            .map(|service| run.observed.observation(&expenditure(service)).expect("observed").1.mean())
            .sum()
    };
    for (incentive, capitated) in [(1.0, 0.8), (0.0, 1.0)] {
        let run = of(incentive);
        let found = Sample::new(claims(&run, 1)).expect("finite").mean();
        let expected = total(&run) + (capitated - 1.0) * visits;
        let z = (found.value - expected) / found.standard_error;
        assert!(z.abs() < 4.0, "data of incentive {incentive}: {} against {expected}, {z:.1}", found.value);
        assert!(run.outcomes.gains_of(0).iter().all(|gain| *gain == 0.0), "fee-for-service is the zero line");
    }
}

#[test]
fn what_follows_answers_once_with_what_it_follows() {
    let chain = r#"
[provider]
response = { elasticity = 0.2, source = "assumed" }
[[population.segments]]
name = "chain"
members = 4_000
services.a = { frequency = { poisson = { mean = 1 } }, severity = { gamma = { mean = 100, cv = 0.5 } } }
services.b = { follows = "a", frequency = { poisson = { mean = 1 } }, severity = { gamma = { mean = 100, cv = 0.5 } } }
services.c = { follows = "b", frequency = { poisson = { mean = 1 } }, severity = { gamma = { mean = 100, cv = 0.5 } } }
"#;
    let run = Run::of(&parse(&format!("[run]\nname = \"chain\"\n{chain}{FEES}{CAPITATION}")), 400, 13);
    let claims: Vec<f64> = run.outcomes.line_of(1, Line::ClaimsToOthers).iter().map(|claims| -claims).collect();
    let found = Sample::new(claims).expect("finite").mean();
    let z = (found.value - 0.8 * 4_000.0 * 300.0) / found.standard_error;
    assert!(z.abs() < 4.0, "{}, {z:.1} standard errors", found.value);
}

#[test]
fn measures_are_counted_and_programs_close_their_gaps() {
    let text = format!(
        "[run]\nname = \"quality\"\n[[population.measures]]\nname = \"A1c\"\ndenominator = 0.25\nrate = 0.6\n{FRAIL}\n\
         [[provider.programs]]\nname = \"outreach\"\ncloses = {{ \"A1c\" = {{ mean = 0.5 }} }}\n{FEES}\
         [[contracts]]\nname = \"Bonus\"\nterms.pay_for_performance = {{ pool_pmpm = 1, measures = [{{ name = \"control\", counted = \
         \"A1c\", threshold = 0.0, benchmark = 1.0 }}] }}\n"
    );
    let run = Run::of(&parse(&text), 1_000, 10);
    assert_mean(&run, 0, &Observation::Denominator { measure: "A1c".into() }, 500.0);
    assert_mean(&run, 0, &Observation::Numerator { measure: "A1c".into() }, 300.0);
    // The bonus is $24,000 times a rate of 0.6 and half of what is open.
    let bonus = Sample::new(run.outcomes.line_of(1, Line::Reconciliation)).expect("finite").mean();
    let z = (bonus.value - 24_000.0 * 0.8) / bonus.standard_error;
    assert!(z.abs() < 4.0, "{} against 19,200, {z:.1} standard errors", bonus.value);
}
