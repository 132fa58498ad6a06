use super::*;
use crate::{Assignment, Life, Mortality, Segment, SocialRisk};

fn terms() -> AttributionTerms {
    AttributionTerms {
        visits: 3.2,
        dispersion: None,
        share: 0.62,
        share_sd: 0.0,
        rivals: 1,
        frailty_loading: 0.0,
        persistence: 1.0,
    }
}

/// Of equal shares and no deaths.
fn uniform() -> AttributionTerms {
    AttributionTerms { share: 0.5, share_sd: 1.0 / 12.0_f64.sqrt(), ..terms() }
}

fn segment(terms: AttributionTerms, life: Life) -> Segment {
    let attribution = Attribution::new(10_000, terms).expect("valid terms");
    Segment {
        name: "aged".into(),
        group: None,
        payer: None,
        members: attribution.people().round() as u64,
        risk_score: None,
        social_risk: SocialRisk::NONE,
        life: Life { attribution: Some(attribution), ..life },
        truncation_point: None,
        services: Vec::new(),
    }
}

fn poisson(mean: f64, count: u32) -> f64 {
    Frequency::Poisson { mean }.log_probability(count).exp()
}

/// Visits of a Poisson number, each at one of several providers, are independent Poisson numbers.
#[test]
fn thinned_visits_have_the_plurality_of_independent_counts() {
    for rivals in [1, 2, 5] {
        let chance = Attribution::new(10_000, AttributionTerms { rivals, ..terms() }).expect("valid terms").chance();
        let (own, each) = (3.2 * 0.62, 3.2 * 0.38 / f64::from(rivals));
        let fewer = |own: u32| (0..own).map(|others| poisson(each, others)).sum::<f64>();
        let expected: f64 = (1..60).map(|count| poisson(own, count) * fewer(count).powi(rivals.cast_signed())).sum();
        assert!((chance - expected).abs() < 1e-12, "{rivals} rivals: {chance} against {expected}");
    }
}

/// With a uniform share every number of own visits is equally likely.
#[test]
fn a_uniform_share_makes_own_visits_uniform() {
    let of = |visits: u32| poisson(3.2, visits) * f64::from(visits.div_ceil(2)) / f64::from(visits + 1);
    let expected: f64 = (1..60).map(of).sum();
    for frailty_loading in [0.0, 0.6, -0.9] {
        let chance =
            Attribution::new(10_000, AttributionTerms { frailty_loading, ..uniform() }).expect("valid").chance();
        assert!((chance - expected).abs() < 2e-5, "loading {frailty_loading}: {chance} against {expected}");
    }
}

#[test]
fn leakage_is_that_of_the_visits_that_assign() {
    let (own, others) = (3.2 * 0.62, 3.2 * 0.38);
    let pairs = (1..60_u32).flat_map(|a| (0..a).map(move |b| (a, b)));
    let sums = pairs.fold([0.0; 2], |[elsewhere, all], (a, b)| {
        let chance = poisson(own, a) * poisson(others, b);
        [elsewhere + chance * f64::from(b), all + chance * f64::from(a + b)]
    });
    let found = segment(terms(), Life::default()).attributed(Assignment::Retrospective).expect("by visits");
    assert!((found.visits_elsewhere - sums[0] / sums[1]).abs() < 1e-12, "{found:?}");
    // Last year's visits say nothing of this year's where all have the same share.
    let later = segment(terms(), Life::default()).attributed(Assignment::Prospective).expect("by visits");
    assert!((later.visits_elsewhere - 0.38).abs() < 1e-12, "{later:?}");
    // A share that lasts is larger among the assigned, and so is this year's.
    let lasting = segment(uniform(), Life::default());
    let chance_at = |share: f64| -> f64 {
        (1..60_u32)
            .flat_map(|a| (0..a).map(move |b| (a, b)))
            .map(|(a, b)| poisson(3.2 * share, a) * poisson(3.2 * (1.0 - share), b))
            .sum()
    };
    let shares = (0..2_000).map(|step| (f64::from(step) + 0.5) / 2_000.0);
    let [sum, weighed] = shares.fold([0.0; 2], |[sum, weighed], share| {
        let chance = chance_at(share);
        [sum + chance, weighed + chance * (1.0 - share)]
    });
    let found = lasting.attributed(Assignment::Prospective).expect("by visits");
    assert!((found.visits_elsewhere - weighed / sum).abs() < 1e-4, "{found:?} against {}", weighed / sum);
}

#[test]
fn who_stays_is_who_is_assigned_twice_and_lives() {
    let both = [Assignment::Prospective, Assignment::Retrospective];
    for assignment in both {
        // Years that have nothing in common.
        let chance = Attribution::new(10_000, terms()).expect("valid").chance();
        let stayers = segment(terms(), Life::default()).stayers(assignment);
        assert!((stayers - chance).abs() < 1e-12, "{stayers} against {chance}");
        // Years with the same share.
        let chance_at = |share: f64| -> f64 {
            (1..60_u32)
                .flat_map(|a| (0..a).map(move |b| (a, b)))
                .map(|(a, b)| poisson(3.2 * share, a) * poisson(3.2 * (1.0 - share), b))
                .sum()
        };
        let shares = (0..2_000).map(|step| chance_at((f64::from(step) + 0.5) / 2_000.0));
        let [once, twice] = shares.fold([0.0; 2], |[once, twice], chance| [once + chance, twice + chance * chance]);
        let stayers = segment(uniform(), Life::default()).stayers(assignment);
        assert!((stayers - twice / once).abs() < 1e-4, "{stayers} against {}", twice / once);
        // Deaths that have nothing to do with visits.
        let mortality = Some(Mortality { probability: 0.1, frailty_loading: 0.0, end_of_life: None });
        let mortal = segment(uniform(), Life { mortality, ..Life::default() }).stayers(assignment);
        assert!((mortal - 0.9 * stayers).abs() < 1e-12, "{mortal} against {stayers}");
    }
}

#[test]
fn impossible_terms_are_refused_by_their_parameter() {
    let wrong = [
        ("visits", AttributionTerms { visits: 0.0, ..terms() }),
        ("visits", AttributionTerms { visits: f64::NAN, ..terms() }),
        ("dispersion", AttributionTerms { dispersion: Some(0.0), ..terms() }),
        ("share", AttributionTerms { share: 0.0, ..terms() }),
        ("share_sd", AttributionTerms { share_sd: 0.5, ..terms() }),
        ("share_sd", AttributionTerms { share: 1.0, share_sd: 0.1, ..terms() }),
        ("rivals", AttributionTerms { rivals: 0, ..terms() }),
        ("frailty_loading", AttributionTerms { frailty_loading: 1.0, ..terms() }),
        ("persistence", AttributionTerms { persistence: 1.1, ..terms() }),
    ];
    for (parameter, terms) in wrong {
        let refusal = Attribution::new(10_000, terms).expect_err("it is refused");
        assert_eq!(refusal.parameter, parameter);
    }
    assert_eq!(Attribution::new(40, terms()).expect_err("too few").parameter, "eligible");
}
