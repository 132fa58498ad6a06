//! Every law as it is written: 200,000 draws of each, in batches and at normal scores, against its distribution function and its
//! moments, and its amounts far out in the tail.

mod amounts;
mod counts;
mod parts;
mod tails;

use twosided_prob::{
    Family, ParameterError, Purpose, Severity, Stream, StreamKey, scores_at, upper_probability, upper_score,
};

/// Draws of each law.
const DRAWS: usize = 200_000;
/// Most standard errors between a figure of the draws and that of the law.
const MOST_STANDARD_ERRORS: f64 = 4.0;
/// Correlation of the scores of two services of one person.
const LOADING: f32 = 0.6;

/// A stream of its own for each law and each way of drawing.
fn stream(law: usize, purpose: Purpose) -> Stream {
    Stream::new(&StreamKey { seed: 20, purpose, segment: law as u64, service: 0, trial: 0, year: 0 })
}

/// Normals of words of 32 bits.
fn normals(law: usize) -> Vec<f32> {
    let mut normals = vec![0.0; DRAWS];
    stream(law, Purpose::Frailty).fill_normals(&mut normals);
    normals
}

/// Normal scores of people whose frailty is part of them.
fn scores(law: usize) -> Vec<f32> {
    let (mut words, mut scores) = (vec![0; DRAWS], vec![0.0; DRAWS]);
    stream(law, Purpose::Frequency).fill_half_words(&mut words);
    scores_at(&words, &normals(law), LOADING, (1.0 - LOADING * LOADING).sqrt(), &mut scores);
    scores
}

/// Laws of amounts of every kind, each with its name: gammas of small, middle and large shapes among them.
fn laws() -> Vec<(&'static str, Severity)> {
    let family = |family: Result<Family, ParameterError>| family.expect("valid parameters");
    let valid = |law: Result<Severity, ParameterError>| law.expect("valid parameters");
    vec![
        ("lognormal of cv 0.4", Severity::Family(family(Family::lognormal(700.0, 0.4)))),
        ("lognormal of cv 1.6", Severity::Family(family(Family::lognormal(15_000.0, 1.6)))),
        ("gamma of shape 0.16", Severity::Family(family(Family::gamma(900.0, 2.5)))),
        ("gamma of shape 0.83", Severity::Family(family(Family::gamma(900.0, 1.1)))),
        ("gamma of shape 1", Severity::Family(family(Family::gamma(900.0, 1.0)))),
        ("gamma of shape 2.8", Severity::Family(family(Family::gamma(900.0, 0.6)))),
        ("gamma of shape 2,500", Severity::Family(family(Family::gamma(900.0, 0.02)))),
        ("Weibull of cv 0.5", Severity::Family(family(Family::weibull(4_000.0, 0.5)))),
        ("Weibull of cv 2", Severity::Family(family(Family::weibull(4_000.0, 2.0)))),
        ("Pareto of shape 8", Severity::Family(family(Family::pareto_of_shape(20_000.0, 8.0)))),
        ("Pareto of shape 1.8", Severity::Family(family(Family::pareto_of_shape(20_000.0, 1.8)))),
        (
            "mixture",
            valid(Severity::lognormal_mixture(&[(0.7, 900.0, 0.5), (0.25, 4_000.0, 1.0), (0.05, 60_000.0, 0.8)])),
        ),
        (
            "spliced",
            valid(Severity::spliced(
                family(Family::lognormal(9_000.0, 1.2)),
                family(Family::pareto_of_shape(80_000.0, 7.0)),
                50_000.0,
                0.03,
            )),
        ),
        (
            "empirical",
            valid(Severity::empirical(&[(0.0, 0.0), (0.5, 1_000.0), (0.9, 6_000.0), (0.999, 40_000.0), (1.0, 9e5)])),
        ),
    ]
}

/// Mean, standard deviation and skewness of a law, with what one draw adds to the error of each; none of an error whose
/// moments are infinite.
struct Figures {
    figures: [f64; 3],
    of_one_draw: [Option<f64>; 3],
}

impl Figures {
    /// Of a law as a list of values and their probabilities, with moments below an order.
    fn of(weighted: &[(f64, f64)], order: f64) -> Self {
        let mean_of = |figure: &dyn Fn(f64) -> f64| -> f64 {
            weighted.iter().map(|&(value, probability)| figure(value) * probability).sum()
        };
        let mean = mean_of(&|x| x);
        let sd = mean_of(&|x| (x - mean).powi(2)).sqrt();
        let skewness = mean_of(&|x| ((x - mean) / sd).powi(3));
        let error = |influence: &dyn Fn(f64) -> f64| mean_of(&|x| influence((x - mean) / sd).powi(2)).sqrt();
        let errors = [
            sd * error(&|z| z),
            sd * error(&|z| 0.5 * (z * z - 1.0)),
            error(&|z| z.powi(3) - 3.0 * z - skewness - 1.5 * skewness * (z * z - 1.0)),
        ];
        let mut of_one_draw = errors.map(Some);
        for (index, error) in of_one_draw.iter_mut().enumerate() {
            *error = error.filter(|_| order > 2.0 * (index as f64 + 1.0));
        }
        Self { figures: [mean, sd, skewness], of_one_draw }
    }

    /// Of a law of amounts, by its quantiles at normal scores.
    fn of_amounts(zero: f64, law: &Severity) -> Self {
        const STEPS: i32 = 1_600;
        let mut weighted = vec![(0.0, zero)];
        for step in -STEPS..STEPS {
            let [low, middle, high] = [0.0, 0.5, 1.0].map(|part| 8.0 * (f64::from(step) + part) / f64::from(STEPS));
            let probability = upper_probability(low) - upper_probability(high);
            weighted.push((law.quantile_above(upper_probability(middle)), (1.0 - zero) * probability));
        }
        Self::of(&weighted, law.tail_index())
    }

    /// Compares them with those of draws.
    fn assert_met(&self, what: &str, draws: &[f64]) {
        let n = draws.len() as f64;
        let [mean, ..] = self.figures;
        let found_mean = draws.iter().sum::<f64>() / n;
        let moment = |power: i32| draws.iter().map(|x| (x - found_mean).powi(power)).sum::<f64>() / n;
        let sd = moment(2).sqrt();
        let found = [found_mean, sd, moment(3) / sd.powi(3)];
        for (index, title) in ["mean", "sd", "skewness"].into_iter().enumerate() {
            let Some(error) = self.of_one_draw[index] else { continue };
            let off = (found[index] - self.figures[index]) / (error / n.sqrt());
            // The law's figures are sums over a grid, good to this part of the mean or of one.
            let grid = 1e-4 * if index == 2 { 1.0 } else { mean } / (error / n.sqrt());
            assert!(
                off.abs() < MOST_STANDARD_ERRORS + grid.min(1.0),
                "{what}: {title} {} against {}, {off:.1} standard errors",
                found[index],
                self.figures[index]
            );
        }
    }
}

/// The word whose normal is exceeded with a probability.
fn word_of(probability: f64) -> u32 {
    (probability * 4_294_967_296.0 - 0.5).round() as u32
}

/// The normal of a word.
fn normal_of(word: u32) -> f32 {
    let mut normal = [0.0];
    scores_at(&[word], &[0.0], 0.0, 1.0, &mut normal);
    normal[0]
}

#[test]
fn normals_at_scores_have_the_correlation_of_their_loading() {
    let (frailty, scores) = (normals(0), scores(0));
    let n = DRAWS as f64;
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>() / n;
    for (what, found, expected, variance) in [
        ("variance", product(&scores, &scores), 1.0, 2.0),
        ("covariance with frailty", product(&frailty, &scores), f64::from(LOADING), 1.0 + f64::from(LOADING).powi(2)),
    ] {
        let off = (found - expected) / (variance / n).sqrt();
        assert!(off.abs() < MOST_STANDARD_ERRORS, "{what}: {found}, {off:.1} standard errors");
    }
    assert!((f64::from(normal_of(word_of(0.01))) - upper_score(0.01)).abs() < 1e-5);
}
