//! What changes no bit: other variants, more columns, other segments.

use twosided_population::{Attachment, Limit, Observation, Plan, Population, ServiceScope, System, Variant, Volume};
use twosided_units::Dollars;

use crate::{YEARS, observe, population};

const TRIALS: u64 = 4;

fn variants() -> Vec<Variant> {
    let volume =
        |services, factor| Variant { programs: Vec::new(), volume: vec![Volume { services, segments: None, factor }] };
    vec![
        Variant { programs: vec![0], volume: Vec::new() },
        Variant {
            programs: vec![0, 1],
            volume: vec![Volume { services: ServiceScope::only(vec!["visits".into()]), segments: None, factor: 0.8 }],
        },
        volume(ServiceScope::All, 1.3),
        volume(ServiceScope::only(vec!["drugs".into(), "scans".into()]), 0.5),
    ]
}

fn with_reference(variants: &[Variant]) -> Vec<Variant> {
    [Variant::default()].into_iter().chain(variants.iter().cloned()).collect()
}

/// Layers of all cost and of some services, and events up to a limit.
fn wide_plan() -> Plan {
    let mut plan = Plan::for_population(&population());
    for service in population().service_names() {
        plan.column(Observation::CappedExpenditure { service: service.to_owned(), limit: Dollars(1_500.0) });
    }
    for services in [ServiceScope::All, ServiceScope::only(vec!["stays".into(), "drugs".into()])] {
        let attachment = Attachment { point: Dollars(20_000.0), ..Attachment::ZERO };
        plan.column(Observation::PeopleAbove { services: services.clone(), attachment: attachment.clone() });
        plan.column(Observation::Layer { services, attachment, limit: Limit::Unlimited });
    }
    plan
}

#[test]
fn no_variant_depends_on_which_others_there_are() {
    let all = observe(&population(), &wide_plan(), &with_reference(&variants()), TRIALS);
    for (index, variant) in variants().into_iter().enumerate() {
        let alone = observe(&population(), &wide_plan(), &with_reference(&[variant]), TRIALS);
        for trial in 0..TRIALS as usize {
            for year in 0..YEARS as usize {
                for segment in 0..2 {
                    for (in_all, in_alone) in [(0, 0), (index + 1, 1)] {
                        let (one, other) =
                            (all.row(trial, in_all, year, segment), alone.row(trial, in_alone, year, segment));
                        assert_eq!(bits(one), bits(other), "variant {index} alone, trial {trial}, year {year}");
                    }
                }
            }
        }
    }
}

#[test]
fn more_columns_change_no_figure_of_the_others() {
    let narrow = Plan::for_population(&population());
    let of = |plan: &Plan| observe(&population(), plan, &with_reference(&variants()), TRIALS);
    let (few, many) = (of(&narrow), of(&wide_plan()));
    for trial in 0..TRIALS as usize {
        for variant in 0..=variants().len() {
            for year in 0..YEARS as usize {
                for segment in 0..2 {
                    let (few, many) = (few.row(trial, variant, year, segment), many.row(trial, variant, year, segment));
                    for (column, observation) in narrow.observations().iter().enumerate() {
                        let what = format!("{observation:?} of variant {variant}, trial {trial}, year {year}");
                        assert_eq!(few[column].to_bits(), many[column].to_bits(), "{what}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_segment_is_the_same_alone_and_in_another_order() {
    let of = |segments: Vec<_>| {
        let mut some = Population::new(segments, System::default()).expect("valid");
        some.programs = population().programs;
        observe(&some, &wide_plan(), &with_reference(&variants()), TRIALS)
    };
    let segments = population().segments().to_vec();
    let both = of(segments.clone());
    let turned = of(segments.iter().rev().cloned().collect());
    for (index, segment) in segments.into_iter().enumerate() {
        let alone = of(vec![segment]);
        for trial in 0..TRIALS as usize {
            for variant in 0..=variants().len() {
                for year in 0..YEARS as usize {
                    let row = bits(both.row(trial, variant, year, index));
                    assert_eq!(row, bits(alone.row(trial, variant, year, 0)), "segment {index} alone");
                    assert_eq!(row, bits(turned.row(trial, variant, year, 1 - index)), "segment {index} turned");
                }
            }
        }
    }
}

fn bits(row: &[f64]) -> Vec<u64> {
    row.iter().map(|figure| figure.to_bits()).collect()
}
