//! Composites by hand.

use super::*;

fn measure(name: &str, score: f64, weight: f64, category: Option<&str>) -> ScoredMeasure {
    ScoredMeasure {
        name: name.to_owned(),
        score: Score::Given(score),
        weight,
        scale: ScoringScale::Linear { threshold: 0.0, benchmark: 1.0, previous_score: Some(0.5) },
        category: category.map(str::to_owned),
        alternative: None,
        denominator: None,
    }
}

#[test]
fn categories_without_measures_leave_their_weight_to_the_others() {
    let measures = vec![
        measure("a", 0.8, 1.0, Some("outcomes")),
        measure("b", 0.6, 3.0, Some("outcomes")),
        measure("c", 0.2, 1.0, Some("process")),
    ];
    let categories =
        [("outcomes", 2.0), ("process", 1.0), ("cost", 5.0)].map(|(name, weight)| (name.to_owned(), weight));
    let quality = Quality { categories: categories.into(), ..Quality::of(measures, 0.0) };
    // Points of 0.2 are those of attainment: improvement from 0.5 is none.
    let expected = (2.0 * (0.8 + 3.0 * 0.6) / 4.0 + 0.2) / 3.0;
    assert!((quality.composite(&[]).expect("measures count") - expected).abs() < 1e-12);
    let most = Quality { bonus: Share::ONE, ..quality };
    assert_eq!(most.composite(&[]), Some(1.0));
}

#[test]
fn fewer_measures_than_must_count_make_no_composite() {
    let counted = ScoredMeasure { score: Score::Counted("x".into()), ..measure("x", 0.0, 1.0, None) };
    let quality = Quality { least_measures: 2, ..Quality::of(vec![measure("a", 0.8, 1.0, None), counted], 20.0) };
    assert_eq!(quality.composite(&[19.0, 19.0]), None);
    assert_eq!(quality.composite(&[20.0, 12.0]), Some(0.7));
    let neutral = Quality { if_none_counts: Share::new(0.4).expect("a share"), ..quality };
    assert_eq!(neutral.settle(&mut Settlement::default(), &[0.0, 0.0], &[]).value, 0.4);
}

#[test]
fn improvement_and_the_alternative_standard_are_of_scores() {
    let mut better = measure("a", 0.6, 1.0, None);
    better.alternative = Some(0.6);
    let quality = Quality { least_improved: 1, ..Quality::of(vec![better, measure("b", 0.5, 1.0, None)], 0.0) };
    let composite = quality.settle(&mut Settlement::default(), &[], &[]);
    assert_eq!((composite.improved, composite.alternative), (Some(true), true));
    let asked = Quality { least_improved: 2, ..quality };
    assert_eq!(asked.settle(&mut Settlement::default(), &[], &[]).improved, Some(false), "0.5 is as before");
}
