//! What a segment says of its people's lives: risk scores, social risk, frailty, death, and coming and going.

use twosided_form::{Names, Section, figure};
use twosided_population::{EndOfLife, Life, Mortality, RiskScore, SocialRisk, Turnover};

use crate::laws::read_severity;

/// A loading: a correlation with the frailty score.
pub(crate) fn read_loading(section: &Section<'_>) -> Option<f64> {
    section.or("frailty_loading", 0.0, |section| {
        let help = "frailty_loading is a correlation with the person's frailty score, from -1 to 1";
        section.number_within("frailty_loading", -1.0, 1.0, help).map(|at| at.value)
    })
}

fn number_or(
    section: &Section<'_>,
    key: &'static str,
    absent: f64,
    (low, high): (f64, f64),
    help: &str,
) -> Option<f64> {
    section.or(key, absent, |section| section.number_within(key, low, high, help).map(|at| at.value))
}

/// A risk score: a mean, or a table.
pub(crate) fn read_risk_score(segment: &Section<'_>) -> Option<RiskScore> {
    let help = "risk_score is the segment's mean score, near 1, from 0.01 to 100";
    if !segment.is_table("risk_score") {
        let mean = segment.number_within("risk_score", 0.01, 100.0, help)?.value;
        return Some(RiskScore { mean, cv: 0.0, frailty_loading: 0.0, coding_growth: 0.0 });
    }
    let section = segment.section("risk_score")?;
    section.require("mean", "give the mean score in the first year, as mean = 1.02");
    let mean = section.number_within("mean", 0.01, 100.0, help);
    let cv = number_or(&section, "cv", 0.0, (0.0, 20.0), "cv is the standard deviation of scores over their mean");
    let frailty_loading = read_loading(&section);
    let growth = "coding_growth is the relative growth of scores a year by coding, from -0.2 to 0.2";
    let coding_growth = number_or(&section, "coding_growth", 0.0, (-0.2, 0.2), growth);
    section.finish();
    let (frailty_loading, coding_growth) = (frailty_loading?, coding_growth?);
    Some(RiskScore { mean: mean?.value, cv: cv?, frailty_loading, coding_growth })
}

pub(crate) fn read_social_risk(segment: &Section<'_>) -> Option<SocialRisk> {
    segment.or("social_risk", SocialRisk::NONE, |segment| {
        let section = segment.section("social_risk")?;
        let help = "a factor from 0.1 to 10; 1 is no difference";
        let cost = number_or(&section, "cost", 1.0, (0.1, 10.0), help);
        let risk_score = number_or(&section, "risk_score", 1.0, (0.1, 10.0), help);
        section.finish();
        Some(SocialRisk { cost: cost?, risk_score: risk_score? })
    })
}

/// The keys `frailty`, `mortality` and `turnover`, and the services that deaths are spent on, which the segment must have.
pub(crate) fn read_life(segment: &Section<'_>, services: &[String]) -> Option<Life> {
    let persistence = segment.or("frailty", 0.0, |segment| {
        let section = segment.section("frailty")?;
        section.require(
            "persistence",
            "give the correlation of a person's frailty from year to year, as persistence = 0.8",
        );
        let help = "persistence is a correlation from year to year, from 0 to 1";
        let persistence = section.number_within("persistence", 0.0, 1.0, help);
        section.finish();
        Some(persistence?.value)
    });
    let mortality = segment.or("mortality", None, |segment| {
        let section = segment.section("mortality")?;
        section.require("probability", "give the chance of dying in a year, as probability = 0.045");
        let probability =
            section.number_within("probability", 0.0, 0.9, "a chance of dying in a year is from 0 to 0.9");
        let frailty_loading = read_loading(&section);
        let end_of_life = section
            .or("end_of_life", None, |section| read_end_of_life(section.section("end_of_life")?, services).map(Some));
        section.finish();
        let (frailty_loading, end_of_life) = (frailty_loading?, end_of_life?);
        Some(Some(Mortality { probability: probability?.value, frailty_loading, end_of_life }))
    });
    let turnover = segment.or("turnover", None, |segment| {
        let section = segment.section("turnover")?;
        section.require("rate", "give the share of people who leave in a year, as rate = 0.16");
        let rate =
            section.number_within("rate", 0.0, 1.0, "rate is the share of people who leave in a year, from 0 to 1");
        let help = "a factor on cost, from 0.01 to 100; 1 is no difference";
        let joiner_cost = number_or(&section, "joiner_cost", 1.0, (0.01, 100.0), help);
        let leaver_cost = number_or(&section, "leaver_cost", 1.0, (0.01, 100.0), help);
        section.finish();
        Some(Some(Turnover { rate: rate?.value, joiner_cost: joiner_cost?, leaver_cost: leaver_cost? }))
    });
    Some(Life { persistence: persistence?, mortality: mortality?, turnover: turnover? })
}

fn read_end_of_life(section: Section<'_>, services: &[String]) -> Option<EndOfLife> {
    section.require("amount", "give the cost of a death, as amount = { lognormal = { mean = 20_000, cv = 1.2 } }");
    let amount = section.section("amount").and_then(|amount| {
        let severity = read_severity(&amount);
        amount.finish();
        severity
    });
    section.require("services", "say what it is spent on, as services = { inpatient = 0.7, hospice = 0.3 }");
    let parts = section.section("services").and_then(|section| {
        let mut names = Names::new("the segment does not have the service");
        names.extend(services.iter().cloned());
        let parts = section.shares_by_name(&names);
        let parts = parts.map(|parts| parts.into_iter().map(|(name, share)| (name, share.value())).collect::<Vec<_>>());
        let total = parts.as_ref().map_or(1.0, |parts| parts.iter().map(|(_, part)| part).sum());
        let adds = f64::abs(total - 1.0) <= 1e-6;
        if !adds {
            let message = format!("{}: the parts add to {}", section.path, figure(total));
            section.wrong(&section.span, message, "the parts of an amount add to 1");
        }
        section.finish_named();
        parts.filter(|_| adds)
    });
    section.finish();
    Some(EndOfLife { amount: amount?, services: parts? })
}
