//! The `[population]` block: segments, their services, and the year's trend.

use twosided_population::{Population, Segment, Service, Trend, Utilization};
use twosided_prob::{Family, Frequency, ParameterError, Severity};
use twosided_units::Dollars;

use crate::section::{At, Section};

const MOST_SEGMENTS: usize = 1_000;
const MOST_SERVICES: usize = 100;
/// More people than this, and one trial alone takes hours.
const MOST_MEMBERS: u64 = 1_000_000_000;

/// Reads the block; `None` when anything in it is wrong.
pub(crate) fn read(root: &Section<'_>) -> Option<Population> {
    if !root.has("population") {
        root.missing("population", "describe the people: one [[population.segments]] or more");
        return None;
    }
    let section = root.section("population")?;
    let trend = section.section("trend").map_or(Some(Trend::NONE), |trend| read_trend(trend));
    let mut segments = Vec::new();
    let mut complete = true;
    if !section.has("segments") {
        section.missing("segments", "add at least one [[population.segments]] with name, members and services");
        complete = false;
    }
    let sections = section.sections("segments", MOST_SEGMENTS);
    let mut names: Vec<At<String>> = Vec::new();
    for segment in sections {
        let read = read_segment(segment, &mut names);
        complete &= read.is_some();
        segments.extend(read);
    }
    let (span, findings) = (section.span.clone(), section.findings);
    section.finish();
    let (true, Some(trend)) = (complete, trend) else { return None };
    match Population::new(segments, trend) {
        Ok(population) => Some(population),
        Err(error) => {
            findings.wrong(&span, error.to_string(), "add at least one [[population.segments]]");
            None
        }
    }
}

fn read_trend(section: Section<'_>) -> Option<Trend> {
    let mean = section.number("mean");
    let cv = section.number("cv");
    let (mean_given, cv_given) = (section.has("mean"), section.has("cv"));
    let values = (mean.as_ref().map_or(1.0, |at| at.value), cv.as_ref().map_or(0.0, |at| at.value));
    let trend = if (mean_given && mean.is_none()) || (cv_given && cv.is_none()) {
        None
    } else {
        checked(&section, Trend::new(values.0, values.1))
    };
    section.finish();
    trend
}

fn read_segment(section: Section<'_>, names: &mut Vec<At<String>>) -> Option<Segment> {
    let name = section.name("name").filter(|name| unique(&section, names, name, "segment"));
    if !section.has("members") {
        section.missing("members", "give the number of people, as members = 5_000");
    }
    let members = section.count("members", 1, MOST_MEMBERS, "members is a whole number from 1 to 1,000,000,000");
    let risk_score = optional(&section, "risk_score", |section| {
        section.number_within(
            "risk_score",
            0.01,
            100.0,
            "risk_score is the segment's mean score, near 1, from 0.01 to 100",
        )
    });
    let truncation_point = optional(&section, "truncation_point", |section| {
        section.number_within("truncation_point", 1.0, 1e12, "truncation_point is dollars a year, above 0")
    });
    let services = read_services(&section);
    section.finish();
    Some(Segment {
        name: name?.value,
        members: members?.value,
        risk_score: risk_score?.map(|at| at.value),
        truncation_point: truncation_point?.map(|at| Dollars(at.value)),
        services: services?,
    })
}

/// A key that may be absent: `Some(None)` then, and `None` when it is there and wrong.
pub(crate) fn optional<'a, T>(
    section: &Section<'a>,
    key: &'static str,
    read: impl FnOnce(&Section<'a>) -> Option<T>,
) -> Option<Option<T>> {
    if section.has(key) { read(section).map(Some) } else { Some(None) }
}

/// Notes a name that was used before; remembers it.
pub(crate) fn unique(section: &Section<'_>, names: &mut Vec<At<String>>, name: &At<String>, what: &str) -> bool {
    let known = names.iter().any(|known| known.value == name.value);
    if known {
        let message = format!("the {what} name \"{}\" is used twice", name.value);
        section.wrong(&name.span, message, format!("results are reported by name; give each {what} its own"));
    }
    names.push(name.clone());
    !known
}

fn read_services(section: &Section<'_>) -> Option<Vec<Service>> {
    if !section.has("services") {
        section.missing("services", "add at least one, as [population.segments.services.inpatient]");
        return None;
    }
    let services = section.section("services")?;
    let named = services.named_sections();
    if named.is_empty() || named.len() > MOST_SERVICES {
        let message = format!("{} has {} services", services.path, named.len());
        services.wrong(&services.span, message, format!("a segment has from 1 to {MOST_SERVICES} services"));
        return None;
    }
    let read: Vec<Option<Service>> = named
        .into_iter()
        .map(|(name, service)| {
            let valid = service.checked_name(&name.value, &name.span);
            let utilization = read_utilization(service);
            Some(Service { name: valid.then_some(name.value)?, utilization: utilization? })
        })
        .collect();
    services.finish_named();
    read.into_iter().collect()
}

fn read_utilization(section: Section<'_>) -> Option<Utilization> {
    let annual = section.has("annual");
    let events = section.has("frequency") || section.has("severity");
    if annual && events {
        let message = format!("{} has both `annual` and `frequency` or `severity`", section.path);
        section.wrong(&section.span, message, "a service is either events with a cost each, or one annual amount");
    }
    let utilization = if annual {
        section.section("annual").and_then(read_annual)
    } else {
        for key in ["frequency", "severity"] {
            if !section.has(key) {
                section.missing(key, "a service needs `frequency` and `severity`, or `annual`");
            }
        }
        let frequency = section.section("frequency").and_then(read_frequency);
        let severity = section.section("severity").and_then(|section| {
            let severity = read_severity(&section);
            section.finish();
            severity
        });
        frequency.zip(severity).map(|(frequency, severity)| Utilization::Events { frequency, severity })
    };
    section.finish();
    utilization.filter(|_| !(annual && events))
}

fn read_annual(section: Section<'_>) -> Option<Utilization> {
    let zero = optional(&section, "zero", |section| section.share("zero"));
    let zero = zero.map(|zero| zero.map_or(0.0, twosided_units::Share::value));
    let all_zero = zero == Some(1.0);
    if all_zero {
        section.wrong(
            &section.span,
            format!("{}.zero is 1", section.path),
            "nobody would use the service; leave it out",
        );
    }
    let amount = read_severity(&section);
    section.finish();
    Some(Utilization::Annual { zero: zero.filter(|_| !all_zero)?, amount: amount? })
}

const MEAN_EVENTS: &str = "give the mean events per person-year, as mean = 0.25";

fn read_frequency(section: Section<'_>) -> Option<Frequency> {
    const LAWS: &[&str] =
        &["poisson", "negative_binomial", "bernoulli", "zero_inflated_poisson", "zero_inflated_negative_binomial"];
    let law = section.alternative(LAWS);
    let frequency =
        law.and_then(|law| section.section(law).map(|parameters| (law, parameters))).and_then(|(law, parameters)| {
            let frequency = read_law(law, &parameters);
            let checked = frequency.and_then(|frequency| checked(&parameters, frequency.table().map(|_| frequency)));
            parameters.finish();
            checked
        });
    section.finish();
    frequency
}

fn read_law(law: &str, parameters: &Section<'_>) -> Option<Frequency> {
    if law == "bernoulli" {
        let probability = parameters.required_number("probability", "give the chance of an event in a year")?;
        return Some(Frequency::Bernoulli { probability: parameters.share_of("probability", &probability)?.value() });
    }
    let mean = parameters.required_number("mean", MEAN_EVENTS);
    let dispersion = || {
        let help =
            "give the shape of the gamma mixing law, as dispersion = 0.7 (variance = mean + mean^2 / dispersion)";
        parameters.required_number("dispersion", help)
    };
    let zero_inflation =
        || parameters.required_number("zero_inflation", "give the share of people who can have no event");
    match law {
        "poisson" => Some(Frequency::Poisson { mean: mean?.value }),
        "negative_binomial" => {
            let dispersion = dispersion();
            Some(Frequency::NegativeBinomial { mean: mean?.value, dispersion: dispersion?.value })
        }
        "zero_inflated_poisson" => {
            let zero_inflation = zero_inflation();
            Some(Frequency::ZeroInflatedPoisson { mean: mean?.value, zero_inflation: zero_inflation?.value })
        }
        _ => {
            let (dispersion, zero_inflation) = (dispersion(), zero_inflation());
            Some(Frequency::ZeroInflatedNegativeBinomial {
                mean: mean?.value,
                dispersion: dispersion?.value,
                zero_inflation: zero_inflation?.value,
            })
        }
    }
}

/// Reads the severity that a table holds under one of its keys; the caller finishes the table.
fn read_severity(section: &Section<'_>) -> Option<Severity> {
    const LAWS: &[&str] = &["lognormal", "gamma", "weibull", "pareto", "lognormal_mixture", "spliced", "empirical"];
    match section.alternative(LAWS)? {
        "lognormal_mixture" => {
            let components = section.sections("lognormal_mixture", 16);
            let span = components.first().map_or_else(|| section.span.clone(), |first| first.span.clone());
            let parts: Vec<Option<(f64, f64, f64)>> = components.into_iter().map(read_component).collect();
            let parts: Vec<(f64, f64, f64)> = parts.into_iter().collect::<Option<_>>()?;
            checked_at(section, &span, Severity::lognormal_mixture(&parts))
        }
        "spliced" => {
            let spliced = section.section("spliced")?;
            let threshold = spliced.required_number("threshold", "give the dollars where the tail begins");
            let tail_weight = spliced.required_number("tail_weight", "give the probability of the tail, as 0.02");
            let part = |key: &'static str, help: &str| {
                if !spliced.has(key) {
                    spliced.missing(key, help);
                }
                let part = spliced.section(key)?;
                let family = part.alternative(FAMILIES).and_then(|family| read_family(&part, family));
                part.finish();
                family
            };
            let body = part("body", "give the law below the threshold, as body = { lognormal = { … } }");
            let tail = part("tail", "give the law of the excess over the threshold, as tail = { pareto = { … } }");
            let severity = match (body, tail, threshold, tail_weight) {
                (Some(body), Some(tail), Some(threshold), Some(tail_weight)) => {
                    checked(&spliced, Severity::spliced(body, tail, threshold.value, tail_weight.value))
                }
                _ => None,
            };
            spliced.finish();
            severity
        }
        "empirical" => {
            let points = section.pairs("empirical")?;
            checked_at(section, &points.span, Severity::empirical(&points.value))
        }
        family => read_family(section, family).map(Severity::Family),
    }
}

fn read_component(section: Section<'_>) -> Option<(f64, f64, f64)> {
    let weight = section.required_number("weight", "give the component's probability, as weight = 0.9");
    let mean = section.required_number("mean", "give the component's mean in dollars");
    let cv = section.required_number("cv", "give the component's standard deviation over its mean");
    let family = mean
        .as_ref()
        .zip(cv.as_ref())
        .and_then(|(mean, cv)| checked(&section, Family::lognormal(mean.value, cv.value)));
    section.finish();
    family.and(Some((weight?.value, mean?.value, cv?.value)))
}

const FAMILIES: &[&str] = &["lognormal", "gamma", "weibull", "pareto"];

fn read_family(section: &Section<'_>, family: &'static str) -> Option<Family> {
    let parameters = section.section(family)?;
    let mean = parameters.required_number("mean", "give the mean in dollars");
    let read = if family == "pareto" && parameters.has("shape") {
        let shape = parameters.number("shape");
        if parameters.has("cv") {
            let message = format!("{} has both `cv` and `shape`", parameters.path);
            parameters.wrong(&parameters.span, message, "keep one: each settles the tail of a Pareto");
        }
        mean.zip(shape).and_then(|(mean, shape)| checked(&parameters, Family::pareto_of_shape(mean.value, shape.value)))
    } else {
        let cv = parameters.required_number("cv", "give the coefficient of variation: standard deviation over mean");
        mean.zip(cv).and_then(|(mean, cv)| {
            let law = match family {
                "lognormal" => Family::lognormal,
                "gamma" => Family::gamma,
                "weibull" => Family::weibull,
                _ => Family::pareto,
            };
            checked(&parameters, law(mean.value, cv.value))
        })
    };
    parameters.finish();
    read
}

/// Notes a parameter that a law refuses, at the key that gave it.
fn checked<T>(section: &Section<'_>, law: Result<T, ParameterError>) -> Option<T> {
    let span = match &law {
        Ok(_) => section.span.clone(),
        Err(error) => section.span_of(error.parameter),
    };
    checked_at(section, &span, law)
}

fn checked_at<T>(section: &Section<'_>, span: &std::ops::Range<usize>, law: Result<T, ParameterError>) -> Option<T> {
    match law {
        Ok(law) => Some(law),
        Err(ParameterError { parameter, value, expected }) => {
            section.wrong(span, format!("{}: {parameter} is {value}", section.path), expected);
            None
        }
    }
}
