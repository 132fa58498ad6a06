//! What a segment says of its people's lives: risk scores, social risk, frailty, death, and coming and going.

use twosided_form::{ByName, Holds, Key, Literal::Number, Names, Nested, Range, Section, Unit, figure, keys};
use twosided_population::{EndOfLife, Life, Mortality, RiskScore, SocialRisk, Turnover};
use twosided_units::Share;

use crate::{
    attribution::{AttributionKeys, read_attribution},
    laws::{SeverityKeys, read_severity},
};

/// A loading: a correlation with the frailty score.
pub(crate) const FRAILTY_LOADING: Key<f64> = Key::number("frailty_loading", Range::of(-1.0, 1.0))
    .default(Number(0.0))
    .meaning("the correlation with the person's frailty score")
    .more("Refused with `follows`: such events have the frailty of the service that they follow");

const MEAN_SCORE: Range = Range::of(0.01, 100.0);
const COST_FACTOR: Range = Range::of(0.01, 100.0);
const SOCIAL_FACTOR: Range = Range::of(0.1, 10.0);

keys! {
    /// The keys of a segment on its people's lives.
    pub(crate) struct LifeKeys "life" {
        RISK_SCORE: f64 = Key::new(
                "risk_score",
                Holds::Either(&[Holds::Number(MEAN_SCORE), Holds::Table(RiskScoreKeys::TABLE)]),
            )
            .absent("none", "1.02")
            .meaning("the mean risk score, near 1, or a table")
            .more("Contracts with `agreement.risk_adjustment` follow it");
        SOCIAL_RISK: Nested = Key::table("social_risk", SocialRiskKeys::TABLE)
            .absent("no difference", "{ cost = 1.1 }")
            .meaning("what social risk does to cost and to risk scores")
            .more("Whoever states a benchmark does not expect it: a contract with `agreement.risk_adjustment` pays by the score, so social risk that raises cost more than scores shows up as an underpaid provider");
        FRAILTY: Nested = Key::table("frailty", FrailtyKeys::TABLE)
            .absent("independent years", "{ persistence = 0.8 }")
            .meaning("how a person's frailty lasts");
        MORTALITY: Nested = Key::table("mortality", MortalityKeys::TABLE)
            .absent("nobody dies", "{ probability = 0.045 }")
            .meaning("who dies");
        TURNOVER: Nested = Key::table("turnover", TurnoverKeys::TABLE)
            .absent("nobody leaves", "{ rate = 0.16 }")
            .meaning("who leaves").more("Not with `attribution`");
        ATTRIBUTION: Nested = Key::table("attribution", AttributionKeys::TABLE)
            .absent("all members are assigned", "{ eligible = 14_000, visits = 3.2, share = 0.62 }")
            .meaning("who is assigned to the provider by whom they visit, in place of `members`");
    }
}

keys! {
    /// A risk score that differs between people.
    pub(crate) struct RiskScoreKeys "population.segments.risk_score" {
        MEAN: f64 = Key::number("mean", MEAN_SCORE).required("1.02").meaning("the mean score in the first year");
        CV: f64 = Key::number("cv", Range::of(0.0, 20.0)).default(Number(0.0))
            .meaning("the standard deviation over the mean between people").more("Scores are lognormal");
        FRAILTY_LOADING: f64 = Key::number("frailty_loading", Range::of(-1.0, 1.0)).default(Number(0.0))
            .meaning("the correlation of the score's normal with the frailty score").more("What is left is its noise");
        CODING_GROWTH: f64 = Key::number("coding_growth", Range::of(-0.2, 0.2)).default(Number(0.0))
            .meaning("the relative growth of scores a year by more complete coding");
    }
}

keys! {
    /// What social risk does.
    pub(crate) struct SocialRiskKeys "social_risk" {
        COST: f64 = Key::number("cost", SOCIAL_FACTOR).default(Number(1.0)).meaning("the factor on cost");
        RISK_SCORE: f64 =
            Key::number("risk_score", SOCIAL_FACTOR).default(Number(1.0)).meaning("the factor on the risk score");
    }
}

keys! {
    /// How frailty lasts.
    pub(crate) struct FrailtyKeys "frailty" {
        PERSISTENCE: f64 = Key::number("persistence", Range::UNIT).required("0.8")
            .meaning("the correlation of a person's frailty score from year to year");
    }
}

keys! {
    /// Who dies.
    pub(crate) struct MortalityKeys "mortality" {
        PROBABILITY: f64 = Key::number("probability", Range::of(0.0, 0.9)).required("0.045")
            .meaning("the chance of dying in a year").more("The day is spread evenly over the year");
        FRAILTY_LOADING: f64 = Key::number("frailty_loading", Range::of(-1.0, 1.0)).default(Number(0.0))
            .meaning("the correlation of frailty with dying");
        END_OF_LIFE: Nested = Key::table("end_of_life", EndOfLifeKeys::TABLE)
            .absent("none", "{ amount = { gamma = { mean = 9_000, cv = 1 } }, services = { inpatient = 1 } }")
            .meaning("what a death costs").more("It comes on top of the months lived");
    }
}

keys! {
    /// What a death costs.
    pub(crate) struct EndOfLifeKeys "end_of_life" {
        AMOUNT: Nested = Key::table("amount", SeverityKeys::TABLE).required("{ lognormal = { mean = 20_000, cv = 1.2 } }")
            .unit(Unit { symbol: "$ a death", words: "dollars a death" }).meaning("the cost of a death");
        SERVICES: ByName<f64> = Key::by_name("services", "services of the segment", &Holds::Number(Range::UNIT))
            .required("{ inpatient = 0.7, hospice = 0.3 }").meaning("the parts of it that are spent on services")
            .more("They add to 1");
    }
}

keys! {
    /// Who leaves.
    pub(crate) struct TurnoverKeys "turnover" {
        RATE: Share = Key::share("rate").required("0.16").meaning("the share of people who leave in a year")
            .more("Whoever comes instead has a frailty of their own");
        JOINER_COST: f64 = Key::number("joiner_cost", COST_FACTOR).default(Number(1.0))
            .meaning("the cost of joiners in their first year, over that of others")
            .more("In the first year of the horizon as many have just joined as in any other");
        LEAVER_COST: f64 = Key::number("leaver_cost", COST_FACTOR).default(Number(1.0))
            .meaning("the cost of leavers in their last year, over that of others")
            .more("Only with `assignment = \"prospective\"`, for otherwise who leaves does not count");
    }
}

/// A risk score: a mean, or a table.
#[expect(clippy::option_option, reason = "none where it is wrong; some of none where it is absent")]
pub(crate) fn read_risk_score(segment: &Section<'_>) -> Option<Option<RiskScore>> {
    type Keys = RiskScoreKeys;
    let key = &LifeKeys::RISK_SCORE;
    if !segment.has(key.name) {
        return Some(None);
    }
    let Some(section) = segment.either_table(key) else {
        let mean = segment.read(key)?;
        return Some(Some(RiskScore { mean, cv: 0.0, frailty_loading: 0.0, coding_growth: 0.0 }));
    };
    let (mean, cv) = (section.read(&Keys::MEAN), section.read(&Keys::CV));
    let (frailty_loading, coding_growth) = (section.read(&Keys::FRAILTY_LOADING), section.read(&Keys::CODING_GROWTH));
    section.finish();
    let (frailty_loading, coding_growth) = (frailty_loading?, coding_growth?);
    Some(Some(RiskScore { mean: mean?, cv: cv?, frailty_loading, coding_growth }))
}

pub(crate) fn read_social_risk(segment: &Section<'_>) -> Option<SocialRisk> {
    let read = segment.optional_table(&LifeKeys::SOCIAL_RISK, |section| {
        let (cost, risk_score) = (section.read(&SocialRiskKeys::COST), section.read(&SocialRiskKeys::RISK_SCORE));
        section.finish();
        Some(SocialRisk { cost: cost?, risk_score: risk_score? })
    });
    read.map(|read| read.unwrap_or(SocialRisk::NONE))
}

/// The keys `frailty`, `mortality`, `turnover` and `attribution`, and the services that deaths are spent on, which the segment must have.
pub(crate) fn read_life(segment: &Section<'_>, services: &[String]) -> Option<Life> {
    let persistence = segment.optional_table(&LifeKeys::FRAILTY, |section| {
        let persistence = section.read(&FrailtyKeys::PERSISTENCE);
        section.finish();
        persistence
    });
    let mortality = segment.optional_table(&LifeKeys::MORTALITY, |section| {
        type Keys = MortalityKeys;
        let (probability, frailty_loading) = (section.read(&Keys::PROBABILITY), section.read(&Keys::FRAILTY_LOADING));
        let end_of_life = section.optional_table(&Keys::END_OF_LIFE, |section| read_end_of_life(section, services));
        section.finish();
        let (frailty_loading, end_of_life) = (frailty_loading?, end_of_life?);
        Some(Mortality { probability: probability?, frailty_loading, end_of_life })
    });
    let turnover = segment.optional_table(&LifeKeys::TURNOVER, |section| {
        type Keys = TurnoverKeys;
        let rate = section.read(&Keys::RATE);
        let (joiner_cost, leaver_cost) = (section.read(&Keys::JOINER_COST), section.read(&Keys::LEAVER_COST));
        section.finish();
        Some(Turnover { rate: rate?.value(), joiner_cost: joiner_cost?, leaver_cost: leaver_cost? })
    });
    let attribution = segment.optional_table(&LifeKeys::ATTRIBUTION, read_attribution);
    let both = [LifeKeys::TURNOVER.name, LifeKeys::ATTRIBUTION.name].map(|key| segment.has(key));
    if both == [true; 2] {
        let message = format!("{} has both `turnover` and `attribution`", segment.path);
        let help = "who is assigned comes and goes by whom they visit; leave out one of the two";
        segment.wrong(&segment.span_of(LifeKeys::TURNOVER.name), message, help);
        return None;
    }
    Some(Life {
        persistence: persistence?.unwrap_or(0.0),
        mortality: mortality?,
        turnover: turnover?,
        attribution: attribution?,
    })
}

fn read_end_of_life(section: Section<'_>, services: &[String]) -> Option<EndOfLife> {
    type Keys = EndOfLifeKeys;
    let amount = section.table(&Keys::AMOUNT).and_then(|amount| {
        let severity = read_severity(&amount);
        amount.finish();
        severity
    });
    let mut names = Names::new("the segment does not have the service");
    names.extend(services.iter().cloned());
    let parts = section.by_name(&Keys::SERVICES, &names);
    let total: f64 = parts.as_ref().map_or(1.0, |parts| parts.values().sum());
    let adds = f64::abs(total - 1.0) <= 1e-6;
    if !adds {
        let (path, span) = (section.path_of(Keys::SERVICES.name), section.span_of(Keys::SERVICES.name));
        section.wrong(&span, format!("{path}: the parts add to {}", figure(total)), "the parts of an amount add to 1");
    }
    section.finish();
    Some(EndOfLife { amount: amount?, services: parts.filter(|_| adds)?.into_iter().collect() })
}
