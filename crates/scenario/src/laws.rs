//! Laws of frequency and severity, by the actuary's parameters.

use twosided_form::{At, Section, figure};
use twosided_prob::{Family, Frequency, ParameterError, Severity};

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
    const LAWS: &[&str] =
        &["poisson", "negative_binomial", "bernoulli", "zero_inflated_poisson", "zero_inflated_negative_binomial"];
    let frequency = section.one_of(LAWS, |law| {
        let parameters = section.section(law)?;
        let frequency = read_frequency_law(law, &parameters);
        parameters.finish();
        frequency
    });
    section.finish();
    frequency
}

fn read_frequency_law(law: &str, parameters: &Section<'_>) -> Option<Frequency> {
    if law == "bernoulli" {
        parameters.require("probability", "give the chance of an event in a year");
        return Some(Frequency::Bernoulli { probability: parameters.share("probability")?.value() });
    }
    let number = |key, help| parameters.required_number(key, help);
    let mean = (number("mean", "give the mean events per person-year, as mean = 0.25"), 1.0);
    let dispersion = || {
        let help =
            "give the shape of the gamma mixing law, as dispersion = 0.7 (variance = mean + mean^2 / dispersion)";
        (number("dispersion", help), 1.0)
    };
    let zero_inflation = || (number("zero_inflation", "give the share of people who can have no event"), 0.0);
    let checked = |frequency: Frequency| frequency.check().map(|()| frequency);
    match law {
        "poisson" => law_of(parameters, [mean], |[mean]| checked(Frequency::Poisson { mean })),
        "negative_binomial" => law_of(parameters, [mean, dispersion()], |[mean, dispersion]| {
            checked(Frequency::NegativeBinomial { mean, dispersion })
        }),
        "zero_inflated_poisson" => law_of(parameters, [mean, zero_inflation()], |[mean, zero_inflation]| {
            checked(Frequency::ZeroInflatedPoisson { mean, zero_inflation })
        }),
        _ => {
            let numbers = [mean, dispersion(), zero_inflation()];
            law_of(parameters, numbers, |[mean, dispersion, zero_inflation]| {
                checked(Frequency::ZeroInflatedNegativeBinomial { mean, dispersion, zero_inflation })
            })
        }
    }
}

/// Reads the severity that a table holds under one of its keys; the caller finishes the table.
pub(crate) fn read_severity(section: &Section<'_>) -> Option<Severity> {
    const LAWS: &[&str] = &["lognormal", "gamma", "weibull", "pareto", "lognormal_mixture", "spliced", "empirical"];
    section.one_of(LAWS, |law| match law {
        "lognormal_mixture" => read_mixture(section),
        "spliced" => section.section("spliced").and_then(read_spliced),
        "empirical" => read_empirical(section),
        family => read_family(section, family).map(Severity::Family),
    })
}

fn read_mixture(section: &Section<'_>) -> Option<Severity> {
    let parts = section.each("lognormal_mixture", 16, read_component)?;
    let total: f64 = parts.iter().map(|&(weight, ..)| weight).sum();
    let severity = Severity::lognormal_mixture(&parts);
    if severity.is_err() {
        let message = format!("{}.lognormal_mixture: the weights add to {}", section.path, figure(total));
        section.wrong(&section.span_of("lognormal_mixture"), message, "the weights of a mixture add to 1");
    }
    severity.ok()
}

fn read_component(section: Section<'_>) -> Option<(f64, f64, f64)> {
    section.require("weight", "give the component's probability, as weight = 0.9");
    let weight = section.number_within("weight", f64::MIN_POSITIVE, 1.0, "a weight is a decimal above 0 and at most 1");
    let mean = section.required_number("mean", "give the component's mean in dollars");
    let cv = section.required_number("cv", "give the component's standard deviation over its mean");
    let parameters =
        law_of(&section, [(mean, 1.0), (cv, 1.0)], |[mean, cv]| Family::lognormal(mean, cv).map(|_| (mean, cv)));
    section.finish();
    let (mean, cv) = parameters?;
    Some((weight?.value, mean, cv))
}

fn read_spliced(section: Section<'_>) -> Option<Severity> {
    let threshold = section.required_number("threshold", "give the dollars where the tail begins");
    let tail_weight = section.required_number("tail_weight", "give the probability of the tail, as 0.02");
    let body = read_part(&section, "body", "give the law below the threshold, as body = { lognormal = { … } }");
    let tail =
        read_part(&section, "tail", "give the law of the excess over the threshold, as tail = { pareto = { … } }");
    // Most of so spread a gamma lies below any threshold.
    let fine = Family::gamma(1.0, 100.0).expect("both are in range");
    let severity = law_of(&section, [(threshold, 1e12), (tail_weight, 0.5)], |[threshold, tail_weight]| {
        Severity::spliced(body.unwrap_or(fine), tail.unwrap_or(fine), threshold, tail_weight)
    });
    section.finish();
    severity.filter(|_| body.is_some() && tail.is_some())
}

fn read_part(spliced: &Section<'_>, key: &'static str, help: &str) -> Option<Family> {
    const FAMILIES: &[&str] = &["lognormal", "gamma", "weibull", "pareto"];
    spliced.require(key, help);
    let part = spliced.section(key)?;
    let family = part.one_of(FAMILIES, |family| read_family(&part, family));
    part.finish();
    family
}

fn read_empirical(section: &Section<'_>) -> Option<Severity> {
    let points = section.pairs("empirical")?;
    if points.len() < 2 {
        let message = format!("{}.empirical has {} of the two points it needs", section.path, points.len());
        section.wrong(&section.span_of("empirical"), message, "quantiles are pairs, as [[0.0, 100], [1.0, 5_000]]");
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
        section.wrong(span, format!("{}.empirical[{}] is {pair}", section.path, index + 1), help);
        fine = false;
    }
    let points: Vec<(f64, f64)> = points.into_iter().map(|point| point.value).collect();
    fine.then(|| Severity::empirical(&points).expect("each point is checked above"))
}

fn read_family(section: &Section<'_>, family: &'static str) -> Option<Family> {
    let parameters = section.section(family)?;
    let mean = (parameters.required_number("mean", "give the mean in dollars"), 1.0);
    let read = if family == "pareto" && parameters.has("shape") {
        let help = "a Pareto's shape (tail index) is above 1 and at most 1e6; at 1 or below its mean does not exist";
        let shape = parameters.number_within("shape", 1.0 + f64::EPSILON, 1e6, help).map(|at| at.value);
        if parameters.has("cv") {
            let message = format!("{} has both `cv` and `shape`", parameters.path);
            parameters.wrong(&parameters.span, message, "keep one: each settles the tail of a Pareto");
        }
        law_of(&parameters, [mean, (shape, 2.0)], |[mean, shape]| Family::pareto_of_shape(mean, shape))
    } else {
        let cv = parameters.required_number("cv", "give the coefficient of variation: standard deviation over mean");
        let law = match family {
            "lognormal" => Family::lognormal,
            "gamma" => Family::gamma,
            "weibull" => Family::weibull,
            _ => Family::pareto,
        };
        law_of(&parameters, [mean, (cv, 2.0)], |[mean, cv]| law(mean, cv))
    };
    parameters.finish();
    read
}
