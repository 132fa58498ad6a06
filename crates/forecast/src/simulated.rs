//! Histories simulated from a law that is known: the fit finds it again, and forecasts from it are calibrated.

use twosided_prob::{Purpose, Stream, StreamKey, name_key, upper_probability};

use crate::{
    Deviation, Innovation, OrganizationLaw, Outlook, Panel, Parameter, Program, Rebasing, Series, Target, Year,
    YearLevel, fit, panel::is_new_agreement, state::State,
};

const FIRST_YEAR: u16 = 2014;
const LAST_YEAR: u16 = 2022;

fn law() -> OrganizationLaw {
    OrganizationLaw {
        persistence: 0.85,
        renewal: 0.017,
        entrant: -0.01,
        rebasing: Rebasing { kept: 0.4, shift: 0.004, sd: 0.018 },
        deviation: Deviation { persistence: 0.6, of_one: 3.2 },
        claims_cv: 1.85,
        innovation: Innovation { weight: 0.15, ratio: 2.2 },
    }
}

/// The program's level of a year.
fn level(year: u16) -> f64 {
    0.005 + 0.004 * f64::from(year - FIRST_YEAR) + if year == 2020 { 0.01 } else { 0.0 }
}

fn program(last: u16) -> Program {
    let of = |year: u16| YearLevel { year, level: Parameter { value: level(year), error: 0.0 } };
    let none = Parameter { value: 0.0, error: 0.0 };
    Program {
        levels: (FIRST_YEAR..=last).map(of).collect(),
        drift: Parameter { value: 0.004, error: 0.0 },
        sd: 0.0,
        trend: (0.0, 0.0),
        on_trend: none,
        beside_trend: 0.0,
    }
}

/// One organization from its first year on; with a bad result it is likelier to leave.
fn simulate(law: &OrganizationLaw, index: u64, stream: &mut Stream, leaves: bool) -> Series {
    let mut uniform = || upper_probability(stream.normal());
    let people = 5_000.0 * libm::exp(2.5 * uniform());
    let first = FIRST_YEAR + (index % 5) as u16;
    let mut start = first;
    let mut state = State::first(law, people, first > FIRST_YEAR);
    let mut years: Vec<Year> = Vec::new();
    for year in first..=LAST_YEAR {
        if let Some(last) = years.last() {
            if year >= start + 3 {
                start = year;
            }
            state = state.next(law, people, is_new_agreement(last, Some(start)));
        }
        let claims = law.claims_variance(people, 1.0);
        let surprise = law.innovation.quantile(uniform(), state.variance() + claims, 0.0);
        let seen = state.mean() + surprise;
        state = state.after(seen, claims);
        years.push(Year {
            year,
            log_ratio: seen + level(year),
            people,
            part: 1.0,
            agreement_start: Some(start),
            per_capita: None,
            is_initial: None,
        });
        if leaves && uniform() < 0.12 * libm::exp(-15.0 * seen) {
            break;
        }
    }
    Series { key: format!("A{index:04}"), name: String::new(), years }
}

fn panel(organizations: u64, leaves: bool) -> Panel {
    let law = law();
    let series = (0..organizations).map(|index| {
        let service = name_key("organization");
        let key = StreamKey { seed: 16, purpose: Purpose::Factor, segment: 0, service, trial: index, year: 0 };
        simulate(&law, index, &mut Stream::new(&key), leaves)
    });
    let linked = crate::panel::Linked::default();
    let identified = std::collections::BTreeSet::new();
    Panel { first_year: FIRST_YEAR, last_year: LAST_YEAR, organizations: series.collect(), linked, identified }
}

#[test]
fn the_fit_finds_the_law_although_bad_results_lead_to_exits() {
    let fitted = fit(&panel(1_000, true), 1.85).expect("enough organizations");
    let truth = law();
    let expected = [
        truth.persistence,
        truth.renewal,
        truth.rebasing.kept,
        truth.rebasing.sd,
        truth.rebasing.shift,
        truth.entrant,
        truth.deviation.persistence,
        truth.deviation.of_one,
        truth.innovation.weight,
        truth.innovation.ratio,
    ];
    for ((name, found), expected) in fitted.parameters.iter().zip(expected) {
        let off = (found.value - expected) / found.error;
        assert!(off.abs() < 4.0, "{name}: {} ± {}, which is {off:.1} errors from {expected}", found.value, found.error);
    }
    for found in &fitted.program.levels {
        let off = (found.level.value - level(found.year)) / found.level.error;
        assert!(off.abs() < 4.0, "{}: {off:.1}", found.year);
    }
}

#[test]
fn forecasts_of_2000_organizations_are_calibrated() {
    let (law, program) = (law(), program(LAST_YEAR - 1));
    let all = panel(2_000, false);
    let places: Vec<f64> = all
        .organizations
        .iter()
        .filter_map(|series| {
            let (last, before) = series.years.split_last()?;
            let target = Target { year: last.year, people: last.people, agreement_start: last.agreement_start };
            Some(Outlook::new(&law, &program, before, target).below(last.log_ratio))
        })
        .collect();
    assert_eq!(places.len(), 2_000);
    for level in [0.5, 0.8, 0.9, 0.95] {
        let tail = 0.5 * (1.0 - level);
        let covered = places.iter().filter(|place| (tail..=1.0 - tail).contains(*place)).count() as f64 / 2_000.0;
        let error = (level * (1.0 - level) / 2_000.0).sqrt();
        assert!((covered - level).abs() < 4.0 * error, "{level}: {covered}");
    }
    let mean = places.iter().sum::<f64>() / 2_000.0;
    // The variance of an even place is 1/12.
    assert!((mean - 0.5).abs() < 4.0 / (12.0 * 2_000.0_f64).sqrt(), "{mean}");
}

#[test]
fn credibility_grows_with_size_and_history_and_falls_with_a_new_agreement() {
    let (law, program) = (law(), program(2021));
    let year = |year: u16, people: f64| Year {
        year,
        log_ratio: 0.05,
        people,
        part: 1.0,
        agreement_start: Some(2019),
        per_capita: None,
        is_initial: None,
    };
    let weight = |people: f64, years: u16, start: u16| -> f64 {
        let own: Vec<Year> = (2022 - years..2022).map(|own| year(own, people)).collect();
        let target = Target { year: 2022, people, agreement_start: Some(start) };
        let outlook = Outlook::new(&law, &program, &own, target);
        assert_eq!(outlook.weights.len(), usize::from(years));
        outlook.weights.iter().map(|own| own.credibility).sum()
    };
    assert!(weight(50_000.0, 1, 2019) > weight(5_000.0, 1, 2019));
    assert!(weight(10_000.0, 3, 2019) > weight(10_000.0, 1, 2019));
    assert!(weight(10_000.0, 3, 2022) < weight(10_000.0, 3, 2019));
    // One year alone: covariance with the next year over the variance of the year.
    let (people, claims) = (10_000.0, law.claims_variance(10_000.0, 1.0));
    let (level, deviation) = (law.level_variance(), law.deviation_variance(people));
    let expected = (law.persistence * level + law.deviation.persistence * deviation) / (level + deviation + claims);
    assert!((weight(people, 1, 2019) - expected).abs() < 1e-12);
}

#[test]
fn the_parts_of_a_year_add_up_and_weights_lead_to_the_forecast() {
    let (law, program) = (OrganizationLaw { entrant: 0.0, ..law() }, program(2021));
    let log_ratios = [0.01, 0.07, -0.02];
    let own: Vec<Year> = (2019..=2021)
        .zip(log_ratios)
        .map(|(year, log_ratio)| Year {
            year,
            log_ratio,
            people: 8_000.0,
            part: 1.0,
            agreement_start: Some(2019),
            per_capita: None,
            is_initial: None,
        })
        .collect();
    let outlook = Outlook::new(&law, &program, &own, Target { year: 2022, people: 8_000.0, agreement_start: None });
    let parts = outlook.last_program + outlook.level.value + outlook.deviation.value + outlook.luck.value;
    assert!((parts - -0.02).abs() < 1e-12);
    let by_weights: f64 = outlook.weights.iter().map(|own| own.credibility * own.difference).sum();
    assert!((outlook.own.value - by_weights).abs() < 1e-12);
    assert!((outlook.below(outlook.quantile(0.2)) - 0.2).abs() < 1e-9);
}
