//! The `[[population.measures]]`.

use std::collections::BTreeMap;

use twosided_contracts::Known;
use twosided_form::{At, ByName, Holds, Key, List, Literal::Number, Nested, Range, Section, Unit, keys, unique};
use twosided_population::{Cases, Measured, PeopleMeasure, PersonLaw, QualityMeasure};
use twosided_units::Share;

/// The quality measures of a population.
pub(crate) const MEASURES: Key<List> = Key::tables("measures", MeasureKeys::TABLE, 100)
    .absent("none", "[{ name = \"blood pressure control\", denominator = 0.25, rate = 0.7 }]")
    .meaning("the quality measures");

keys! {
    /// A quality measure.
    pub(crate) struct MeasureKeys "population.measures" {
        NAME: String = Key::name().more("Unique among measures");
        RATE: Share = Key::share("rate").one_of("kind", "0.7").meaning("the share of cases who meet it");
        MEAN: Nested = Key::table("mean", MeanKeys::TABLE).one_of("kind", "{ value = 7.6, sd = 1.5 }")
            .meaning("an amount of each case, of which the mean is the score, such as a blood pressure");
        SURVEY: Nested = Key::table("survey", SurveyKeys::TABLE).one_of("kind", "{ mean = 82, sd = 21, respondents = 300 }")
            .meaning("what those who answer a survey say, of which the mean is the score");
        EVENTS: Nested = Key::table("events", EventKeys::TABLE).one_of("kind", "{ of = [\"ED visits\"] }")
            .meaning("events of the sampled year, over years lived or over other events")
            .more("Programs that change the use of services change it, and nothing more is drawn");
        DENOMINATOR: Share = Key::share("denominator").absent("required with `rate` or `mean`", "0.25")
            .meaning("the share of people whom it concerns");
        EXCLUDED: Share = Key::share("excluded").default(Number(0.0))
            .meaning("the part of them that is excluded, as for hospice");
        COMPLETENESS: Share = Key::share("completeness").default(Number(1.0))
            .meaning("the part of the others that is reported").more("Who is not reported is no case");
        SEGMENTS: ByName<f64> = Key::by_name("segments", "segment", &LEVELS).absent("none", "{ aged = 0.75 }")
            .meaning("the rates or means of segments that have their own");
        FRAILTY_LOADING: f64 = Key::number("frailty_loading", Range::of(-0.95, 0.95)).default(Number(0.0))
            .meaning("the correlation of what is found of a person with their frailty score")
            .more("Below 0 the frail, who cost more, meet it less or have less. It acts where some service, risk score or mortality depends on frailty");
        SOCIAL_RISK_EFFECT: f64 = Key::number("social_risk_effect", Range::of(-1e6, 1e6)).default(Number(0.0))
            .meaning("the change of the rate or mean in segments whose `social_risk.cost` is above 1");
        SD_BETWEEN_YEARS: f64 = Key::number("sd_between_years", Range::of(0.0, 1e6)).default(Number(0.0))
            .meaning("the standard deviation between years of the rate or mean, beside chance, of all segments together")
            .more("Of a rate it is so to the first order; the mean rate is exact");
    }
}

keys! {
    /// An amount of each person.
    pub(crate) struct MeanKeys "population.measures.mean" {
        VALUE: f64 = Key::number("value", AMOUNTS).required("7.6").meaning("the mean");
        SD: f64 = Key::number("sd", Range::of(0.0, 1e9)).required("1.5").meaning("the standard deviation between people");
    }
}

keys! {
    /// A survey.
    pub(crate) struct SurveyKeys "population.measures.survey" {
        MEAN: f64 = Key::number("mean", AMOUNTS).required("82").meaning("the mean score");
        SD: f64 = Key::number("sd", Range::of(0.0, 1e9)).required("21").meaning("the standard deviation between people");
        RESPONDENTS: u64 = Key::whole("respondents", 1, 1_000_000_000).unit(Unit::PEOPLE).required("300")
            .meaning("how many answer").more("In all, divided among segments in proportion to their members");
    }
}

keys! {
    /// Events over years lived, or over other events.
    pub(crate) struct EventKeys "population.measures.events" {
        OF: Vec<At<String>> = Key::names("of", "services that some segment has").required("[\"ED visits\"]")
            .meaning("the services whose events are counted");
        PER: String = Key::text("per").absent("years lived", "\"inpatient\"")
            .meaning("the service over whose events they are, such as stays that readmissions follow");
        SCALE: f64 = Key::number("scale", Range::above(0.0, 1e6)).default(Number(1.0))
            .meaning("what the rate is multiplied by: 1,000 for a rate per 1,000 person-years");
    }
}

const AMOUNTS: Range = Range::of(-1e9, 1e9);
const LEVELS: Holds = Holds::Number(AMOUNTS);
const KIND: &str = "kind";

/// Reads the measures; their names are known from then on.
pub(crate) fn read_measures(population: &Section<'_>, known: &mut Known) -> Option<Vec<QualityMeasure>> {
    let mut names = Vec::new();
    let measures = population.optional_tables(&MEASURES, |section| read_measure(section, known, &mut names));
    known.measures.extend(names.into_iter().map(|name| name.value));
    let Some(read) = &measures else {
        known.measures.may_be_more();
        known.counted_measures.may_be_more();
        known.mean_measures.may_be_more();
        return None;
    };
    for measure in read {
        let Measured::People(people) = &measure.measured else { continue };
        let kind = match people.law {
            PersonLaw::Met { .. } => &mut known.counted_measures,
            PersonLaw::Amount { .. } => &mut known.mean_measures,
        };
        kind.extend([measure.name.clone()]);
    }
    measures
}

/// What a measure is, before what all measures of people have.
enum Kind {
    People(PersonLaw, Option<u64>),
    Events(Measured),
}

fn read_measure(section: Section<'_>, known: &Known, names: &mut Vec<At<String>>) -> Option<QualityMeasure> {
    type Keys = MeasureKeys;
    let name = section.read_at(&Keys::NAME).filter(|name| unique(&section, names, name, "measure"));
    let kind = section.choose(
        KIND,
        &[
            (&Keys::RATE, &|| {
                section.read(&Keys::RATE).map(|rate| Kind::People(PersonLaw::Met { rate: rate.value() }, None))
            }),
            (&Keys::MEAN, &|| section.table(&Keys::MEAN).and_then(read_mean)),
            (&Keys::SURVEY, &|| section.table(&Keys::SURVEY).and_then(read_survey)),
            (&Keys::EVENTS, &|| section.table(&Keys::EVENTS).and_then(|section| read_events(section, known))),
        ],
    );
    let people = read_people(&section, kind.as_ref(), known);
    section.finish();
    let measured = match kind? {
        Kind::Events(events) => people.is_some().then_some(events),
        Kind::People(..) => people?.map(Measured::People),
    };
    Some(QualityMeasure { name: name?.value, measured: measured? })
}

/// Reads what measures of people have; some of none for a measure of events, which has none of it.
#[expect(clippy::option_option, reason = "none where it is wrong; some of none where it does not apply")]
fn read_people(section: &Section<'_>, kind: Option<&Kind>, known: &Known) -> Option<Option<PeopleMeasure>> {
    type Keys = MeasureKeys;
    let shares = [Keys::DENOMINATOR.name, Keys::EXCLUDED.name, Keys::COMPLETENESS.name];
    let others =
        [Keys::SEGMENTS.name, Keys::FRAILTY_LOADING.name, Keys::SOCIAL_RISK_EFFECT.name, Keys::SD_BETWEEN_YEARS.name];
    let refuse = |keys: &[&'static str], of: &str, help: &str| {
        for key in keys.iter().filter(|key| section.has(key)) {
            let message = format!("{} is given, and the measure is {of}", section.path_of(key));
            section.wrong(&section.span_of(key), message, help);
        }
        keys.iter().any(|key| section.has(key))
    };
    let is_survey = matches!(kind, Some(Kind::People(_, Some(_))));
    if matches!(kind, Some(Kind::Events(_))) {
        let keys: Vec<&'static str> = shares.into_iter().chain(others).collect();
        let refused = refuse(&keys, "one of events", "events are those of the sampled year: leave it out");
        return (!refused).then_some(None);
    }
    let refused = is_survey && refuse(&shares, "a survey", "a survey has `respondents`: leave it out");
    if !is_survey && kind.is_some() {
        section.need(&Keys::DENOMINATOR);
    }
    let denominator = section.optional(&Keys::DENOMINATOR);
    let (excluded, reported) = (section.read(&Keys::EXCLUDED), section.read(&Keys::COMPLETENESS));
    let segments = section.optional_by_name(&Keys::SEGMENTS, &known.segments);
    let frailty_loading = section.read(&Keys::FRAILTY_LOADING);
    let social_risk_effect = section.read(&Keys::SOCIAL_RISK_EFFECT);
    let sd_between_years = section.read(&Keys::SD_BETWEEN_YEARS);
    let &Kind::People(law, respondents) = kind? else { return None };
    let (excluded, reported) = (excluded?, reported?);
    let cases = match respondents {
        Some(respondents) => Cases::Respondents(respondents),
        None => Cases::Share { denominator: denominator??, excluded, reported },
    };
    let segments: BTreeMap<String, f64> = segments?;
    let is_rate = matches!(law, PersonLaw::Met { .. });
    let (social_risk_effect, sd_between_years) = (social_risk_effect?, sd_between_years?);
    let shares = segments.values().copied().all(|rate| (0.0..=1.0).contains(&rate));
    let wrong = |key: &'static str, message: &str, help: &str| {
        section.wrong(&section.span_of(key), format!("{} {message}", section.path_of(key)), help);
    };
    let mut sound = !refused;
    if is_rate && !shares {
        wrong(Keys::SEGMENTS.name, "has a rate that is no share", "rates are decimals from 0 to 1");
        sound = false;
    }
    if is_rate && social_risk_effect.abs() > 1.0 {
        wrong(Keys::SOCIAL_RISK_EFFECT.name, "moves a rate by more than 1", "give a number from -1 to 1");
        sound = false;
    }
    if is_rate && sd_between_years > 0.5 {
        wrong(Keys::SD_BETWEEN_YEARS.name, "is above 0.5, more than any rate can have", "give a number from 0 to 0.5");
        sound = false;
    }
    let frailty_loading = frailty_loading?;
    sound.then_some(Some(PeopleMeasure { cases, law, segments, frailty_loading, social_risk_effect, sd_between_years }))
}

fn read_mean(section: Section<'_>) -> Option<Kind> {
    let (mean, sd) = (section.read(&MeanKeys::VALUE), section.read(&MeanKeys::SD));
    section.finish();
    Some(Kind::People(PersonLaw::Amount { mean: mean?, sd: sd? }, None))
}

fn read_survey(section: Section<'_>) -> Option<Kind> {
    let (mean, sd) = (section.read(&SurveyKeys::MEAN), section.read(&SurveyKeys::SD));
    let respondents = section.read(&SurveyKeys::RESPONDENTS);
    section.finish();
    Some(Kind::People(PersonLaw::Amount { mean: mean?, sd: sd? }, Some(respondents?)))
}

fn read_events(section: Section<'_>, known: &Known) -> Option<Kind> {
    type Keys = EventKeys;
    let of = section.read(&Keys::OF).filter(|named| {
        if named.is_empty() {
            let message = format!("{} is empty", section.path_of(Keys::OF.name));
            section.wrong(&section.span_of(Keys::OF.name), message, "name at least one service");
        }
        !named.is_empty()
    });
    let of = of.and_then(|named| known.services.all_of(named, &section, &Keys::OF));
    let per = if section.has(Keys::PER.name) {
        let per = section.read_at(&Keys::PER);
        per.filter(|per| known.services.has(per, &section, &section.path_of(Keys::PER.name))).map(|per| Some(per.value))
    } else {
        Some(None)
    };
    let scale = section.read(&Keys::SCALE);
    section.finish();
    Some(Kind::Events(Measured::Events { of: of?, per: per?, scale: scale? }))
}
