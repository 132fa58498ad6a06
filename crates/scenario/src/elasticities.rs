//! The `[[population.elasticities]]`: what care does to later care.

use twosided_contracts::Known;
use twosided_form::{At, Key, List, Literal::Whole, Range, Section, keys, shortened};
use twosided_population::{Cause, Population, Strength, UseElasticity, Utilization};

/// The elasticities of a population.
pub(crate) const ELASTICITIES: Key<List> = Key::tables("elasticities", ElasticityKeys::TABLE, 100)
    .absent("none", "[{ of = \"inpatient\", to_service = \"primary care\", elasticity = -0.1, source = \"assumed\" }]")
    .meaning("how the use of a service answers to that of another, or to quality");

keys! {
    /// How the use of a service answers to a change elsewhere.
    pub(crate) struct ElasticityKeys "population.elasticities" {
        OF: String = Key::text("of").required("\"inpatient\"").meaning("the service whose use answers");
        TO_SERVICE: String = Key::text("to_service").one_of("cause", "\"primary care\"")
            .meaning("the service to whose use it answers, as programs and incentives change it");
        TO_MEASURE: String = Key::text("to_measure").one_of("cause", "\"blood pressure control\"")
            .meaning("the quality measure with a `rate` to which it answers, as programs close its gaps");
        ELASTICITY: f64 = Key::number("elasticity", Range::of(-5.0, 5.0)).one_of("strength", "-0.1")
            .meaning("the power of the relative change of the cause that use is multiplied by: at -0.1, a tenth less of the cause is about 1% more");
        SUBSTITUTES: f64 = Key::number("substitutes", Range::of(0.0, 5.0)).one_of("strength", "0.6")
            .meaning("the events whose place each event more of the cause takes, such as visits for telehealth")
            .more("Both services have events");
        LAG_YEARS: u32 = Key::whole("lag_years", 0, 50).default(Whole(0)).meaning("the years until it answers");
        SEGMENTS: Vec<At<String>> = Key::names("segments", "names of segments").absent("all", "[\"aged\"]")
            .meaning("the segments in which it does");
    }
}

/// Reads the elasticities of a population, each with the places of its names.
pub(crate) fn read_elasticities(population: &Section<'_>, known: &Known) -> Option<Vec<UseElasticity>> {
    let mut spans = Vec::new();
    let elasticities = population.optional_tables(&ELASTICITIES, |section| {
        type Keys = ElasticityKeys;
        spans.push(section.span.clone());
        let service = |key: &Key<String>| {
            let service = section.read_at(key)?;
            known.services.has(&service, &section, &section.path_of(key.name)).then_some(service.value)
        };
        let measure = || {
            let measure = section.read_at(&Keys::TO_MEASURE)?;
            let path = section.path_of(Keys::TO_MEASURE.name);
            known.counted_measures.has(&measure, &section, &path).then_some(measure.value)
        };
        let of = service(&Keys::OF);
        let to = section.choose(
            "cause",
            &[
                (&Keys::TO_SERVICE, &|| service(&Keys::TO_SERVICE).map(Cause::Service)),
                (&Keys::TO_MEASURE, &|| measure().map(Cause::Measure)),
            ],
        );
        let strength = section.choose(
            "strength",
            &[
                (&Keys::ELASTICITY, &|| section.read(&Keys::ELASTICITY).map(Strength::Elasticity)),
                (&Keys::SUBSTITUTES, &|| section.read(&Keys::SUBSTITUTES).map(Strength::Substitutes)),
            ],
        );
        let lag = section.read(&Keys::LAG_YEARS);
        let segments = match section.optional(&Keys::SEGMENTS) {
            Some(Some(named)) => known.segments.all_of(named, &section, &Keys::SEGMENTS).map(Some),
            other => other.map(|_| None),
        };
        if let (Some(Cause::Measure(_)), Some(Strength::Substitutes(_))) = (&to, &strength) {
            let message = format!("{} is of a measure", section.path_of(Keys::SUBSTITUTES.name));
            section.wrong(
                &section.span_of(Keys::SUBSTITUTES.name),
                message,
                "a measure has no events; give an elasticity",
            );
            return None;
        }
        section.finish();
        Some(UseElasticity { of: of?, to: to?, strength: strength?, lag: lag?, segments: segments? })
    })?;
    for (index, span) in spans.iter().enumerate().take(elasticities.len()) {
        if let Some(path) = circle(&elasticities, index) {
            let message = format!("{}[{}] closes a circle: {path}", population.path_of(ELASTICITIES.name), index + 1);
            population.wrong(span, message, "care acts on later care in one direction; leave one of them out");
            return None;
        }
    }
    Some(elasticities)
}

/// The services that an elasticity leads through if they come back to its own.
fn circle(elasticities: &[UseElasticity], first: usize) -> Option<String> {
    let mut path = vec![elasticities[first].of.as_str()];
    let mut seen = vec![first];
    let found = leads(elasticities, first, elasticities[first].of.as_str(), &mut path, &mut seen);
    found.then(|| path.iter().map(|name| shortened(name, 60)).collect::<Vec<_>>().join(", "))
}

fn leads<'a>(
    elasticities: &'a [UseElasticity],
    at: usize,
    home: &str,
    path: &mut Vec<&'a str>,
    seen: &mut Vec<usize>,
) -> bool {
    let Cause::Service(cause) = &elasticities[at].to else { return false };
    path.push(cause);
    if cause == home {
        return true;
    }
    for (index, next) in elasticities.iter().enumerate() {
        if next.of == *cause && !seen.contains(&index) {
            seen.push(index);
            if leads(elasticities, index, home, path, seen) {
                return true;
            }
        }
    }
    path.pop();
    false
}

/// Notes substitutions of services that are annual amounts, which have no events.
pub(crate) fn check_substitutions(population: &Population, section: &Section<'_>) -> bool {
    let is_annual = |name: &str| {
        let of = |segment: &twosided_population::Segment| {
            let index = segment.index(name)?;
            Some(matches!(segment.services[index].utilization, Utilization::Annual { .. }))
        };
        population.segments().iter().filter_map(of).any(|annual| annual)
    };
    for link in population.elasticities.iter().filter(|link| matches!(link.strength, Strength::Substitutes(_))) {
        let services =
            [Some(link.of.as_str()), if let Cause::Service(service) = &link.to { Some(service) } else { None }];
        if let Some(annual) = services.into_iter().flatten().find(|service| is_annual(service)) {
            let message =
                format!("the service \"{}\" is an annual amount, and events are substituted", shortened(annual, 60));
            section.wrong(
                &section.span_of(ELASTICITIES.name),
                message,
                "give it frequency and severity, or an elasticity",
            );
            return false;
        }
    }
    true
}
