//! What a variant changes.

use twosided_population::{Observation, Plan, ServiceScope, Variant, Volume};
use twosided_units::Dollars;

use crate::{Observed, YEARS, assert_mean, observe, population};

const TRIALS: u64 = 60;

/// Use of all services times a factor.
fn volume(factor: f64) -> Variant {
    Variant { programs: Vec::new(), volume: vec![Volume { services: ServiceScope::All, segments: None, factor }] }
}

/// Every service, in dollars, in events, and with each event up to a limit.
fn plan() -> Plan {
    let mut plan = Plan::for_population(&population());
    for service in population().service_names() {
        plan.column(Observation::CappedExpenditure { service: service.to_owned(), limit: Dollars(2_000.0) });
    }
    plan
}

/// Calls with the trial, year, segment and column of every figure.
fn for_each(observed: &Observed, mut call: impl FnMut(usize, usize, usize, usize)) {
    for trial in 0..observed.tables.len() {
        for year in 0..YEARS as usize {
            for segment in 0..2 {
                for column in 0..observed.columns {
                    call(trial, year, segment, column);
                }
            }
        }
    }
}

#[test]
fn the_same_use_gives_the_same_bits() {
    let observed = observe(&population(), &plan(), &[Variant::default(), volume(1.0), volume(0.7)], 8);
    for_each(&observed, |trial, year, segment, column| {
        let [reference, same] = [0, 1].map(|variant| observed.row(trial, variant, year, segment)[column]);
        assert_eq!(reference.to_bits(), same.to_bits(), "column {column}");
    });
}

#[test]
fn less_use_takes_events_away_and_adds_none() {
    let plan = plan();
    let fewer = Variant { programs: vec![0], volume: Vec::new() };
    let observed = observe(&population(), &plan, &[Variant::default(), volume(0.6), fewer], TRIALS);
    for_each(&observed, |trial, year, segment, column| {
        let reference = observed.row(trial, 0, year, segment)[column];
        for variant in [1, 2] {
            let figure = observed.row(trial, variant, year, segment)[column];
            let observation = &plan.observations()[column];
            // Gammas are drawn as sums, and split anew into the events that are kept.
            let is_split = matches!(observation, Observation::CappedExpenditure { service, .. }
                if ["visits", "rehab"].contains(&service.as_str()));
            let rounding = 1e-9 * reference;
            assert!(
                is_split || figure <= reference + rounding,
                "{observation:?} under variant {variant}: {figure}, not above {reference}"
            );
        }
    });
}

#[test]
fn use_moves_means_in_proportion() {
    let plan = plan();
    let factors = [0.6, 1.4, 2.0];
    let variants: Vec<Variant> = [Variant::default()].into_iter().chain(factors.map(volume)).collect();
    let observed = observe(&population(), &plan, &variants, TRIALS);
    for (column, observation) in plan.observations().iter().enumerate() {
        // Annual amounts are multiplied and keep their users; a death costs what it costs; what follows goes with its service.
        let (Observation::Expenditure { service } | Observation::Count { service }) = observation else { continue };
        let is_annual = ["clinic", "dental", "drugs", "exams", "homes"].contains(&service.as_str());
        for segment in 0..2 {
            for (index, factor) in factors.into_iter().enumerate() {
                if service == "homes" && segment == 0 {
                    continue;
                }
                let what = format!("{observation:?} of segment {segment} under {factor}");
                let is_count = matches!(observation, Observation::Count { .. });
                let expected = if is_annual && is_count { 1.0 } else { factor };
                let pair = |year| [0, index + 1].map(|variant| observed.column(variant, year, segment, column));
                let [reference, varied] = pair(0);
                let off: Vec<f64> = reference.iter().zip(&varied).map(|(one, other)| other - expected * one).collect();
                if is_annual || factor == 2.0 && is_count && service != "rehab" {
                    let exact = off.iter().zip(&reference).all(|(off, figure)| off.abs() <= 1e-9 * figure);
                    assert!(exact, "{what}: {off:?}");
                } else {
                    assert_mean(&what, &off, 0.0);
                }
            }
        }
    }
}

#[test]
fn no_use_gives_nothing() {
    let plan = plan();
    let observed = observe(&population(), &plan, &[Variant::default(), volume(0.0)], 8);
    for_each(&observed, |trial, year, segment, column| {
        let [reference, none] = [0, 1].map(|variant| observed.row(trial, variant, year, segment)[column]);
        match &plan.observations()[column] {
            Observation::Count { service }
                if !["clinic", "dental", "drugs", "exams", "homes"].contains(&service.as_str()) =>
            {
                assert_eq!(none, 0.0, "events of {service}");
            }
            Observation::Expenditure { service } | Observation::CappedExpenditure { service, .. }
                if service != "homes" =>
            {
                assert!(none.abs() <= 1e-9 * reference, "{service}: {none} of {reference}");
            }
            _ => {}
        }
    });
}
