//! Laws of frequency and severity, by the actuary's parameters.
//!
//! Over 400 lines: the keys of every law stand beside the one reader that chooses among them.

use twosided_form::{At, Key, List, Nested, Range, Section, Unit, figure, keys};
use twosided_prob::{Family, Frequency, ParameterError, Severity};
use twosided_units::Share;

/// The name of the groups of laws of which a table holds one.
pub(crate) const LAW: &str = "law";

keys! {
    /// A frequency law: exactly one.
    pub(crate) struct FrequencyKeys "frequency" {
        POISSON: Nested = Key::table("poisson", PoissonKeys::TABLE).one_of(LAW, "{ mean = 0.3 }").meaning("a Poisson law");
        NEGATIVE_BINOMIAL: Nested = Key::table("negative_binomial", NegativeBinomialKeys::TABLE)
            .one_of(LAW, "{ mean = 0.3, dispersion = 0.7 }").meaning("a negative binomial law");
        BERNOULLI: Nested = Key::table("bernoulli", BernoulliKeys::TABLE)
            .one_of(LAW, "{ probability = 0.1 }").meaning("at most one event a year");
        ZERO_INFLATED_POISSON: Nested = Key::table("zero_inflated_poisson", ZeroInflatedPoissonKeys::TABLE)
            .one_of(LAW, "{ mean = 0.3, zero_inflation = 0.5 }").meaning("a Poisson law among those who can have events");
        ZERO_INFLATED_NEGATIVE_BINOMIAL: Nested =
            Key::table("zero_inflated_negative_binomial", ZeroInflatedNegativeBinomialKeys::TABLE)
                .one_of(LAW, "{ mean = 0.3, dispersion = 0.7, zero_inflation = 0.5 }")
                .meaning("a negative binomial law among those who can have events");
    }
}

/// Events per person-year, everyone counted.
const MEAN_EVENTS: Key<f64> = Key::number("mean", Range::of(1e-9, 1_000.0))
    .required("0.25")
    .meaning("the mean events per person-year, everyone counted");
const DISPERSION: Key<f64> = Key::number("dispersion", Range::above(0.0, 1e9))
    .required("0.7")
    .meaning("the shape of the gamma law by which people's means differ")
    .more("Smaller is more spread: variance = mean + mean² / dispersion among the people who can have events");
const ZERO_INFLATION: Key<f64> = Key::number("zero_inflation", Range::below(0.0, 1.0))
    .required("0.5")
    .meaning("the share of people who cannot have an event")
    .more("`mean` stays the overall mean; the others' is mean / (1 - zero_inflation)");

keys! {
    /// A Poisson law.
    struct PoissonKeys "frequency.poisson" {
        MEAN: f64 = MEAN_EVENTS;
    }
}

keys! {
    /// A negative binomial law.
    struct NegativeBinomialKeys "frequency.negative_binomial" {
        MEAN: f64 = MEAN_EVENTS;
        DISPERSION: f64 = DISPERSION;
    }
}

keys! {
    /// At most one event a year.
    struct BernoulliKeys "frequency.bernoulli" {
        PROBABILITY: Share = Key::share("probability").required("0.1").meaning("the chance of the event in a year");
    }
}

keys! {
    /// A Poisson law among those who can have events.
    struct ZeroInflatedPoissonKeys "frequency.zero_inflated_poisson" {
        MEAN: f64 = MEAN_EVENTS;
        ZERO_INFLATION: f64 = ZERO_INFLATION;
    }
}

keys! {
    /// A negative binomial law among those who can have events.
    struct ZeroInflatedNegativeBinomialKeys "frequency.zero_inflated_negative_binomial" {
        MEAN: f64 = MEAN_EVENTS;
        DISPERSION: f64 = DISPERSION;
        ZERO_INFLATION: f64 = ZERO_INFLATION;
    }
}

/// The mean of an amount.
const MEAN_AMOUNT: Key<f64> =
    Key::quantity("mean", Unit::DOLLARS, Range::of(1e-6, 1e12)).required("15_000").meaning("the mean");
const CV: Key<f64> = Key::number("cv", Range::of(1e-6, 100.0))
    .required("1.1")
    .meaning("the coefficient of variation, the standard deviation over the mean");

keys! {
    /// A severity law: exactly one.
    pub(crate) struct SeverityKeys "severity" {
        LOGNORMAL: Nested = FamilyKeys::LOGNORMAL;
        GAMMA: Nested = FamilyKeys::GAMMA;
        WEIBULL: Nested = FamilyKeys::WEIBULL;
        PARETO: Nested = FamilyKeys::PARETO;
        LOGNORMAL_MIXTURE: List = Key::tables("lognormal_mixture", ComponentKeys::TABLE, 16)
            .one_of(LAW, "[{ weight = 0.9, mean = 300, cv = 1 }, { weight = 0.1, mean = 9_000, cv = 2 }]")
            .meaning("several lognormal laws, of which each draw is of one");
        SPLICED: Nested = Key::table("spliced", SplicedKeys::TABLE)
            .one_of(LAW, "{ threshold = 50_000, tail_weight = 0.02, body = { lognormal = { mean = 9_000, cv = 1 } }, tail = { pareto = { mean = 30_000, cv = 2 } } }")
            .meaning("a body and a tail above a threshold");
        EMPIRICAL: Vec<At<(f64, f64)>> = Key::pairs("empirical", "`[probability, dollars]`")
            .one_of(LAW, "[[0.0, 0], [0.5, 1_000], [1.0, 40_000]]")
            .meaning("quantiles, between which the quantile is a straight line");
    }
}

keys! {
    /// The laws of one family.
    struct FamilyKeys "severity.family" {
        LOGNORMAL: Nested = Key::table("lognormal", MeanAndCvKeys::TABLE)
            .one_of(LAW, "{ mean = 15_000, cv = 1.1 }").meaning("a lognormal law");
        GAMMA: Nested = Key::table("gamma", MeanAndCvKeys::TABLE)
            .one_of(LAW, "{ mean = 15_000, cv = 1.1 }").meaning("a gamma law");
        WEIBULL: Nested = Key::table("weibull", WeibullKeys::TABLE)
            .one_of(LAW, "{ mean = 15_000, cv = 1.1 }").meaning("a Weibull law");
        PARETO: Nested = Key::table("pareto", ParetoKeys::TABLE)
            .one_of(LAW, "{ mean = 15_000, cv = 2.5 }").meaning("a Pareto law of the second kind (Lomax)");
    }
}

keys! {
    /// A law by its mean and spread.
    struct MeanAndCvKeys "severity.lognormal" {
        MEAN: f64 = MEAN_AMOUNT;
        CV: f64 = CV;
    }
}

keys! {
    /// A Weibull law.
    struct WeibullKeys "severity.weibull" {
        MEAN: f64 = MEAN_AMOUNT;
        CV: f64 = Key::number("cv", Range::of(0.01, 50.0)).required("1.1")
            .meaning("the coefficient of variation, the standard deviation over the mean");
    }
}

keys! {
    /// A Pareto law.
    struct ParetoKeys "severity.pareto" {
        MEAN: f64 = MEAN_AMOUNT;
        CV: f64 = Key::number("cv", Range::above(1.0, 100.0)).one_of("spread", "2.5")
            .meaning("the coefficient of variation, the standard deviation over the mean");
        SHAPE: f64 = Key::number("shape", Range::above(1.0, 1e6)).one_of("spread", "3")
            .meaning("the tail index").more("At 1 or below the mean does not exist; at 2 or below the variance is infinite");
    }
}

keys! {
    /// One component of a mixture.
    struct ComponentKeys "severity.lognormal_mixture" {
        WEIGHT: f64 = Key::number("weight", Range::above(0.0, 1.0)).required("0.9")
            .meaning("the component's probability").more("The weights add to 1 within 1e-6");
        MEAN: f64 = MEAN_AMOUNT;
        CV: f64 = CV;
    }
}

keys! {
    /// A body and a tail.
    struct SplicedKeys "severity.spliced" {
        THRESHOLD: f64 = Key::quantity("threshold", Unit::DOLLARS, Range::of(1e-6, 1e12)).required("50_000")
            .meaning("the amount where the tail begins");
        TAIL_WEIGHT: f64 = Key::number("tail_weight", Range::between(0.0, 1.0)).required("0.02")
            .meaning("the probability of the tail");
        BODY: Nested = Key::table("body", FamilyKeys::TABLE).required("{ lognormal = { mean = 9_000, cv = 1 } }")
            .meaning("the law below the threshold")
            .more("Draws above it are **drawn again**; at least 5% of it must lie below");
        TAIL: Nested = Key::table("tail", FamilyKeys::TABLE).required("{ pareto = { mean = 30_000, cv = 2 } }")
            .meaning("the law of the excess over the threshold");
    }
}

/// A law of several parameters, each given with a value that would be fine. Where the law refuses them, each is judged
/// among fine ones, so that all that are wrong are noted.
pub(crate) fn law_of<T, const N: usize>(
    section: &Section<'_>,
    parameters: [(Option<f64>, f64); N],
    law: impl Fn([f64; N]) -> Result<T, ParameterError>,
) -> Option<T> {
    let fine = parameters.map(|(_, fine)| fine);
    let given = parameters.map(|(given, fine)| given.unwrap_or(fine));
    let refusal = match law(given) {
        Ok(law) => return parameters.iter().all(|(given, _)| given.is_some()).then_some(law),
        Err(refusal) => refusal,
    };
    let alone = (0..N).filter_map(|index| {
        let mut values = fine;
        values[index] = given[index];
        law(values).err().filter(|refusal| refusal.value == given[index])
    });
    let mut refusals: Vec<ParameterError> = alone.collect();
    if refusals.is_empty() && parameters.iter().all(|(given, _)| given.is_some()) {
        refusals.push(refusal);
    }
    for ParameterError { parameter, value, expected } in refusals {
        section.wrong(
            &section.span_of(parameter),
            format!("{}: {parameter} is {}", section.path, figure(value)),
            expected,
        );
    }
    None
}

pub(crate) fn read_frequency(section: Section<'_>) -> Option<Frequency> {
    type Keys = FrequencyKeys;
    let law = |key: &Key<Nested>, read: &dyn Fn(&Section<'_>) -> Option<Frequency>| {
        let parameters = section.table(key)?;
        let frequency = read(&parameters);
        parameters.finish();
        frequency
    };
    let frequency = section.choose(
        LAW,
        &[
            (&Keys::POISSON, &|| law(&Keys::POISSON, &read_poisson)),
            (&Keys::NEGATIVE_BINOMIAL, &|| law(&Keys::NEGATIVE_BINOMIAL, &read_negative_binomial)),
            (&Keys::BERNOULLI, &|| law(&Keys::BERNOULLI, &read_bernoulli)),
            (&Keys::ZERO_INFLATED_POISSON, &|| law(&Keys::ZERO_INFLATED_POISSON, &read_zero_inflated_poisson)),
            (&Keys::ZERO_INFLATED_NEGATIVE_BINOMIAL, &|| {
                law(&Keys::ZERO_INFLATED_NEGATIVE_BINOMIAL, &read_zero_inflated_negative_binomial)
            }),
        ],
    );
    section.finish();
    frequency
}

fn checked(frequency: Frequency) -> Result<Frequency, ParameterError> {
    frequency.check().map(|()| frequency)
}

fn read_poisson(section: &Section<'_>) -> Option<Frequency> {
    law_of(section, [(section.read(&PoissonKeys::MEAN), 1.0)], |[mean]| checked(Frequency::Poisson { mean }))
}

fn read_negative_binomial(section: &Section<'_>) -> Option<Frequency> {
    type Keys = NegativeBinomialKeys;
    let parameters = [(section.read(&Keys::MEAN), 1.0), (section.read(&Keys::DISPERSION), 1.0)];
    law_of(section, parameters, |[mean, dispersion]| checked(Frequency::NegativeBinomial { mean, dispersion }))
}

fn read_bernoulli(section: &Section<'_>) -> Option<Frequency> {
    Some(Frequency::Bernoulli { probability: section.read(&BernoulliKeys::PROBABILITY)?.value() })
}

fn read_zero_inflated_poisson(section: &Section<'_>) -> Option<Frequency> {
    type Keys = ZeroInflatedPoissonKeys;
    let parameters = [(section.read(&Keys::MEAN), 1.0), (section.read(&Keys::ZERO_INFLATION), 0.0)];
    law_of(section, parameters, |[mean, zero_inflation]| {
        checked(Frequency::ZeroInflatedPoisson { mean, zero_inflation })
    })
}

fn read_zero_inflated_negative_binomial(section: &Section<'_>) -> Option<Frequency> {
    type Keys = ZeroInflatedNegativeBinomialKeys;
    let parameters = [
        (section.read(&Keys::MEAN), 1.0),
        (section.read(&Keys::DISPERSION), 1.0),
        (section.read(&Keys::ZERO_INFLATION), 0.0),
    ];
    law_of(section, parameters, |[mean, dispersion, zero_inflation]| {
        checked(Frequency::ZeroInflatedNegativeBinomial { mean, dispersion, zero_inflation })
    })
}

/// Reads the severity that a table holds under one of its keys; the caller finishes the table.
pub(crate) fn read_severity(section: &Section<'_>) -> Option<Severity> {
    type Keys = SeverityKeys;
    let family = |read: Option<Family>| read.map(Severity::Family);
    section.choose(
        LAW,
        &[
            (&Keys::LOGNORMAL, &|| family(read_by_cv(section, &Keys::LOGNORMAL, Family::lognormal))),
            (&Keys::GAMMA, &|| family(read_by_cv(section, &Keys::GAMMA, Family::gamma))),
            (&Keys::WEIBULL, &|| family(read_weibull(section))),
            (&Keys::PARETO, &|| family(read_pareto(section))),
            (&Keys::LOGNORMAL_MIXTURE, &|| read_mixture(section)),
            (&Keys::SPLICED, &|| section.table(&Keys::SPLICED).and_then(read_spliced)),
            (&Keys::EMPIRICAL, &|| read_empirical(section)),
        ],
    )
}

/// Whether a table holds a severity law.
pub(crate) fn has_severity(section: &Section<'_>) -> bool {
    SeverityKeys::OWN.iter().any(|key| section.has(key.name))
}

fn read_mixture(section: &Section<'_>) -> Option<Severity> {
    let key = &SeverityKeys::LOGNORMAL_MIXTURE;
    let parts = section.tables(key, read_component)?;
    let total: f64 = parts.iter().map(|&(weight, ..)| weight).sum();
    let severity = Severity::lognormal_mixture(&parts);
    if severity.is_err() {
        let message = format!("{}: the weights add to {}", section.path_of(key.name), figure(total));
        section.wrong(&section.span_of(key.name), message, "the weights of a mixture add to 1");
    }
    severity.ok()
}

fn read_component(section: Section<'_>) -> Option<(f64, f64, f64)> {
    let weight = section.read(&ComponentKeys::WEIGHT);
    let (mean, cv) = (section.read(&ComponentKeys::MEAN), section.read(&ComponentKeys::CV));
    let parameters =
        law_of(&section, [(mean, 1.0), (cv, 1.0)], |[mean, cv]| Family::lognormal(mean, cv).map(|_| (mean, cv)));
    section.finish();
    let (mean, cv) = parameters?;
    Some((weight?, mean, cv))
}

fn read_spliced(section: Section<'_>) -> Option<Severity> {
    let threshold = section.read(&SplicedKeys::THRESHOLD);
    let tail_weight = section.read(&SplicedKeys::TAIL_WEIGHT);
    let [body, tail] = [&SplicedKeys::BODY, &SplicedKeys::TAIL].map(|key| section.table(key).and_then(read_family));
    // Most of so spread a gamma lies below any threshold.
    let fine = Family::gamma(1.0, 100.0).expect("both are in range");
    let severity = law_of(&section, [(threshold, 1e12), (tail_weight, 0.5)], |[threshold, tail_weight]| {
        Severity::spliced(body.unwrap_or(fine), tail.unwrap_or(fine), threshold, tail_weight)
    });
    section.finish();
    severity.filter(|_| body.is_some() && tail.is_some())
}

fn read_family(section: Section<'_>) -> Option<Family> {
    type Keys = FamilyKeys;
    let family = section.choose(
        LAW,
        &[
            (&Keys::LOGNORMAL, &|| read_by_cv(&section, &Keys::LOGNORMAL, Family::lognormal)),
            (&Keys::GAMMA, &|| read_by_cv(&section, &Keys::GAMMA, Family::gamma)),
            (&Keys::WEIBULL, &|| read_weibull(&section)),
            (&Keys::PARETO, &|| read_pareto(&section)),
        ],
    );
    section.finish();
    family
}

fn read_by_cv(
    section: &Section<'_>,
    key: &Key<Nested>,
    law: impl Fn(f64, f64) -> Result<Family, ParameterError>,
) -> Option<Family> {
    let parameters = section.table(key)?;
    let (mean, cv) = (parameters.read(&MeanAndCvKeys::MEAN), parameters.read(&MeanAndCvKeys::CV));
    let family = law_of(&parameters, [(mean, 1.0), (cv, 2.0)], |[mean, cv]| law(mean, cv));
    parameters.finish();
    family
}

fn read_weibull(section: &Section<'_>) -> Option<Family> {
    let parameters = section.table(&FamilyKeys::WEIBULL)?;
    let (mean, cv) = (parameters.read(&WeibullKeys::MEAN), parameters.read(&WeibullKeys::CV));
    let family = law_of(&parameters, [(mean, 1.0), (cv, 2.0)], |[mean, cv]| Family::weibull(mean, cv));
    parameters.finish();
    family
}

fn read_pareto(section: &Section<'_>) -> Option<Family> {
    type Keys = ParetoKeys;
    let parameters = section.table(&FamilyKeys::PARETO)?;
    let mean = (parameters.read(&Keys::MEAN), 1.0);
    let family = if parameters.has(Keys::SHAPE.name) {
        if parameters.has(Keys::CV.name) {
            let message = format!("{} has both `cv` and `shape`", parameters.path);
            parameters.wrong(&parameters.span, message, "keep one: each settles the tail of a Pareto");
        }
        let shape = (parameters.read(&Keys::SHAPE), 2.0);
        law_of(&parameters, [mean, shape], |[mean, shape]| Family::pareto_of_shape(mean, shape))
    } else {
        parameters.need(&Keys::CV);
        let cv = (parameters.read(&Keys::CV), 2.0);
        law_of(&parameters, [mean, cv], |[mean, cv]| Family::pareto(mean, cv))
    };
    parameters.finish();
    family
}

fn read_empirical(section: &Section<'_>) -> Option<Severity> {
    let key = &SeverityKeys::EMPIRICAL;
    let points = section.read(key)?;
    let path = section.path_of(key.name);
    if points.len() < 2 {
        let message = format!("{path} has {} of the two points it needs", points.len());
        section.wrong(&section.span_of(key.name), message, "quantiles are pairs, as [[0.0, 100], [1.0, 5_000]]");
        return None;
    }
    let (mut fine, mut last) = (true, None);
    for (index, At { value: (probability, dollars), span }) in points.iter().enumerate() {
        let (before, least) = last.unwrap_or((f64::NEG_INFINITY, 0.0));
        let is_first = index == 0;
        let is_last = index + 1 == points.len();
        let help = if is_first && *probability != 0.0 {
            "the first quantile is at probability 0"
        } else if is_last && *probability != 1.0 {
            "the last quantile is at probability 1"
        } else if *probability <= before {
            "probabilities of quantiles rise from 0 to 1"
        } else if !(least..=1e12).contains(dollars) {
            "dollars of quantiles start at 0 or above, never fall, and are at most 1e12"
        } else {
            last = Some((*probability, *dollars));
            continue;
        };
        let pair = format!("[{}, {}]", figure(*probability), figure(*dollars));
        section.wrong(span, format!("{path}[{}] is {pair}", index + 1), help);
        fine = false;
    }
    let points: Vec<(f64, f64)> = points.into_iter().map(|point| point.value).collect();
    fine.then(|| Severity::empirical(&points).expect("each point is checked above"))
}
