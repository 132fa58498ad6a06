//! The `[[contracts]]`: terms, covers, and where they stand on the continuum.

use twosided_contracts::{
    AggregateStopLoss, Arrangement, Band, Capitation, CapitationRate, Corridor, CorridorError, Covers, DisasterRelief,
    FeeForService, Lan, MinimumRate, Mssp, QualityStandard, RevenueCategory, SharedSavings, Side, SpecificStopLoss,
    Terms, Track,
};
use twosided_population::ServiceScope;
use twosided_units::{Dollars, PerCapita, Pmpm, Share};

use crate::{
    population::{People, read_truncation_point, unique},
    section::{At, Section},
    wording::figure,
};

const MOST_CONTRACTS: usize = 100;

/// Reads the contracts; `None` when anything in them is wrong.
pub(crate) fn read(root: &Section<'_>, people: &People) -> Option<Vec<Arrangement>> {
    root.require("contracts", "add at least one [[contracts]] with a name and terms");
    let mut names = Vec::new();
    root.each("contracts", MOST_CONTRACTS, |section| read_contract(section, people, &mut names))
}

fn read_contract(section: Section<'_>, people: &People, names: &mut Vec<At<String>>) -> Option<Arrangement> {
    let name = section.name("name").filter(|name| unique(&section, names, name, "contract"));
    section.require("terms", "say what was agreed, as terms.fee_for_service = {} or terms.mssp = { … }");
    let terms = if section.is_text("terms") { named_terms(&section) } else { section.section("terms") };
    let terms = terms.and_then(|terms| read_terms(terms, people));
    let lan = section.or("lan", None, |section| {
        let codes: Vec<(&'static str, Lan)> =
            Lan::codes().filter_map(|code| Some((code, code.parse().ok()?))).collect();
        section.choice("lan", &codes).map(Some)
    });
    let covers = section.section("covers").map_or(Some(Covers::default()), read_covers);
    let administration = dollars_or(&section, "administration_pmpm", 0.0, 0.0, 100_000.0);
    section.finish();
    let terms = terms?;
    Some(Arrangement {
        name: name?.value,
        lan: lan?.unwrap_or_else(|| Arrangement::default_lan(&terms)),
        terms,
        covers: covers?,
        administration: Pmpm(administration?),
    })
}

/// Notes a kind of terms written as text, and how it is written.
fn named_terms<'a>(section: &Section<'a>) -> Option<Section<'a>> {
    let text = section.text("terms")?;
    let message = format!("{}.terms is the text \"{}\"", section.path, crate::shortened(text.value, 60));
    let help = match section.findings.suggestions.nearest(text.value, Terms::KEYS.iter().copied()) {
        Some("fee_for_service") => "write terms.fee_for_service = {}".to_owned(),
        Some(kind) => format!("write a table, as terms.{kind} = {{ … }}"),
        None => "write a table, as terms.mssp = { … }".to_owned(),
    };
    section.wrong(&text.span, message, help);
    None
}

fn read_terms(section: Section<'_>, people: &People) -> Option<Terms> {
    let terms = section.one_of(Terms::KEYS, |kind| {
        let terms = section.section(kind)?;
        let read = match kind {
            "fee_for_service" => Some(Terms::FeeForService(FeeForService)),
            "mssp" => read_mssp(&terms).map(Terms::Mssp),
            "shared_savings" => read_shared_savings(&terms, people).map(Terms::SharedSavings),
            "capitation" => read_capitation(&terms, people).map(Terms::Capitation),
            _ => unreachable!("the keys of Terms are read above"),
        };
        terms.finish();
        read
    });
    section.finish();
    terms
}

/// Dollars within a range, or a default.
fn dollars_or(section: &Section<'_>, key: &'static str, default: f64, low: f64, high: f64) -> Option<f64> {
    let help = format!("{key} is dollars, from {} to {}", figure(low), figure(high));
    section.or(key, default, |section| Some(section.number_within(key, low, high, &help)?.value))
}

fn share_or(section: &Section<'_>, key: &'static str, default: Share) -> Option<Share> {
    section.or(key, default, |section| section.share(key))
}

/// A benchmark, `{ per_capita = … }` or `{ pmpm = … }`.
fn read_benchmark(section: &Section<'_>) -> Option<PerCapita> {
    section.require("benchmark", "give the target for expenditure, as benchmark = { per_capita = 11_800 }");
    let benchmark = section.section("benchmark")?;
    let amount = benchmark.one_of(&["per_capita", "pmpm"], |unit| {
        let help = "a benchmark is dollars, above 0 and at most 1e9";
        let amount = benchmark.number_within(unit, f64::MIN_POSITIVE, 1e9, help)?;
        Some(PerCapita(if unit == "pmpm" { 12.0 * amount.value } else { amount.value }))
    });
    benchmark.finish();
    amount
}

/// Services that a contract covers; each must be one that some segment has.
fn read_services(section: &Section<'_>, people: &People) -> Option<ServiceScope> {
    if !section.has("services") {
        return Some(ServiceScope::All);
    }
    let names = section.texts("services")?;
    let path = section.path_of("services");
    let known = names.iter().filter(|name| people.has_service(name, section, &path)).count();
    if names.is_empty() {
        let help = "name at least one, or leave the key out for all";
        section.wrong(&section.span_of("services"), format!("{path} is empty"), help);
        return None;
    }
    (known == names.len()).then(|| ServiceScope::only(names.into_iter().map(|name| name.value).collect()))
}

fn read_mssp(section: &Section<'_>) -> Option<Mssp> {
    section.require("track", "give the track, as track = \"basic_e\" or \"enhanced\"");
    let track = section.choice("track", &Track::NAMES);
    let benchmark = read_benchmark(section);
    let minimum_rate = section.or("minimum_rate", MinimumRate::Variable, |section| {
        if !section.is_text("minimum_rate") {
            return section.share("minimum_rate").map(MinimumRate::Fixed);
        }
        let text = section.text("minimum_rate").filter(|text| text.value != "variable");
        let Some(At { value, span }) = text else { return Some(MinimumRate::Variable) };
        let message = format!("{}.minimum_rate is \"{}\"", section.path, crate::shortened(value, 60));
        section.wrong(&span, message, "write a share as 0.02, or \"variable\"");
        None
    });
    let assigned_beneficiaries = section.or("assigned_beneficiaries", None, |section| {
        let help = "assigned_beneficiaries is a whole number from 1 to 100,000,000";
        Some(Some(section.count("assigned_beneficiaries", 1, 100_000_000, help)?.value))
    });
    let quality_score = share_or(section, "quality_score", Share::ONE);
    let quality_standard = section.or("quality_standard", QualityStandard::Full, |section| {
        let standards = [
            ("full", QualityStandard::Full),
            ("alternative", QualityStandard::Alternative),
            ("neither", QualityStandard::Neither),
        ];
        section.choice("quality_standard", &standards)
    });
    let agreement_start = section.or("agreement_start_year", 2024, |section| {
        let help = "agreement_start_year is a year from 2019 to 2100";
        Some(section.count("agreement_start_year", 2019, 2100, help)?.value as u16)
    });
    let revenue_category = section.or("revenue_category", RevenueCategory::High, |section| {
        section.choice("revenue_category", &[("low", RevenueCategory::Low), ("high", RevenueCategory::High)])
    });
    let participant_revenue = section.or("participant_revenue", None, |section| {
        let help = "participant_revenue is dollars a year, from 0 to 1e12";
        Some(Some(Dollars(section.number_within("participant_revenue", 0.0, 1e12, help)?.value)))
    });
    let disaster_relief = share_or(section, "disaster_relief", Share::ZERO);
    let guardrail = section.or("guardrail", false, |section| section.truth("guardrail"));
    let two_percent = Share::new(0.02).expect("two percent is a share");
    let sequestration = share_or(section, "sequestration", two_percent);
    Some(Mssp {
        track: track?,
        benchmark: benchmark?,
        minimum_rate: minimum_rate?,
        assigned_beneficiaries: assigned_beneficiaries?,
        quality_score: quality_score?,
        quality_standard: quality_standard?,
        agreement_start: agreement_start?,
        revenue_category: revenue_category?,
        participant_revenue: participant_revenue?,
        disaster_relief: DisasterRelief::Share(disaster_relief?),
        guardrail: guardrail?,
        sequestration: sequestration?,
    })
}

fn read_shared_savings(section: &Section<'_>, people: &People) -> Option<SharedSavings> {
    let benchmark = read_benchmark(section);
    let services = read_services(section, people);
    let truncation_point = section.or("truncation_point", None, |section| read_truncation_point(section).map(Some));
    section.require("savings", "say how savings are shared, as savings = { sharing_rate = 0.5 }");
    let savings = section.section("savings").and_then(read_side);
    let losses = section.or("losses", None, |section| section.section("losses").and_then(read_side).map(Some));
    Some(SharedSavings {
        benchmark: benchmark?,
        services: services?,
        truncation_point: truncation_point?,
        savings: savings?,
        losses: losses?,
    })
}

fn read_side(section: Section<'_>) -> Option<Side> {
    let minimum_rate = share_or(&section, "minimum_rate", Share::ZERO);
    let limit = section.or("limit", None, |section| section.share("limit").map(Some));
    let corridor = section.one_of(&["sharing_rate", "corridor"], |key| match key {
        "sharing_rate" => section.share("sharing_rate").map(Corridor::flat),
        _ => read_corridor(&section),
    });
    section.finish();
    Some(Side { minimum_rate: minimum_rate?, corridor: corridor?, limit: limit? })
}

fn read_corridor(section: &Section<'_>) -> Option<Corridor> {
    let bands = section.each("corridor", 50, |band| Some((band.span.clone(), read_band(band)?)))?;
    let (spans, bands): (Vec<_>, Vec<Band>) = bands.into_iter().unzip();
    let corridor = Corridor::new(bands);
    if let Err(error) = &corridor {
        let span = match error {
            CorridorError::Empty => section.span_of("corridor"),
            CorridorError::NotRising { place, .. } | CorridorError::AfterLast { place } => spans[place - 1].clone(),
        };
        let help = "write bands from nothing up, as [{ up_to = 0.05, share = 0.5 }, { share = 0.3 }]";
        section.wrong(&span, format!("{}.corridor: {error}", section.path), help);
    }
    corridor.ok()
}

fn read_band(section: Section<'_>) -> Option<Band> {
    let up_to = section.or("up_to", None, |section| {
        let help = "up_to is the end of the band as a share of benchmark, as 0.05 for 5%, at most 10";
        Some(Some(section.number_within("up_to", 0.0, 10.0, help)?.value))
    });
    section.require("share", "give the provider's share within the band, as share = 0.5");
    let share = section.share("share");
    section.finish();
    Some(Band { up_to: up_to?, share: share? })
}

fn read_capitation(section: &Section<'_>, people: &People) -> Option<Capitation> {
    let services = read_services(section, people);
    let help = "a rate is dollars per member per month, above 0 and at most 1e6";
    let amount = |key: &'static str| section.number_within(key, f64::MIN_POSITIVE, 1e6, help).map(|at| Pmpm(at.value));
    let premium = amount("premium_pmpm");
    let [pmpm, percent, premium_given] = ["pmpm", "percent_of_premium", "premium_pmpm"].map(|key| section.has(key));
    if premium_given && !percent {
        if pmpm {
            let message = format!("{} has both `pmpm` and `premium_pmpm`", section.path);
            section.wrong(&section.span, message, "a premium goes with `percent_of_premium`");
        } else {
            section.missing("percent_of_premium", "a premium needs the share of it that is paid, as 0.85");
        }
        amount("pmpm");
        return None;
    }
    if percent && !pmpm {
        section.require("premium_pmpm", "a percent of premium needs the premium, as premium_pmpm = 1_050");
    }
    let rate = section.one_of(&["pmpm", "percent_of_premium"], |key| {
        if key == "pmpm" {
            return amount("pmpm").map(CapitationRate::Pmpm);
        }
        let percent = section.share("percent_of_premium")?;
        Some(CapitationRate::PercentOfPremium { percent, premium: premium? })
    });
    Some(Capitation { rate: rate?, services: services? })
}

fn read_covers(section: Section<'_>) -> Option<Covers> {
    let specific =
        section.or("specific", None, |section| section.section("specific").and_then(read_specific).map(Some));
    let aggregate =
        section.or("aggregate", None, |section| section.section("aggregate").and_then(read_aggregate).map(Some));
    section.finish();
    Some(Covers { specific: specific?, aggregate: aggregate? })
}

/// The share that a cover pays: all of it unless given, and never nothing.
fn read_coinsurance(section: &Section<'_>) -> Option<Share> {
    let coinsurance = share_or(section, "coinsurance", Share::ONE)?;
    if coinsurance == Share::ZERO {
        let message = format!("{}.coinsurance is 0", section.path);
        section.wrong(&section.span_of("coinsurance"), message, "it is the share that the cover pays, as 0.9");
        return None;
    }
    Some(coinsurance)
}

fn read_limit(section: &Section<'_>) -> Option<Dollars> {
    let help = "limit is the most dollars that the cover pays, from 1 to 1e12";
    section.number_within("limit", 1.0, 1e12, help).map(|at| Dollars(at.value))
}

fn read_specific(section: Section<'_>) -> Option<SpecificStopLoss> {
    let help = "attachment_point is dollars a member and year, from 1 to 1e12";
    section.require("attachment_point", "give the dollars a member at which the cover starts, as 250_000");
    let attachment_point = section.number_within("attachment_point", 1.0, 1e12, help);
    let coinsurance = read_coinsurance(&section);
    let limit = section.or("limit", None, |section| read_limit(section).map(Some));
    let aggregating_deductible = dollars_or(&section, "aggregating_deductible", 0.0, 0.0, 1e12);
    let premium = dollars_or(&section, "premium_pmpm", 0.0, 0.0, 100_000.0);
    section.finish();
    Some(SpecificStopLoss {
        attachment_point: Dollars(attachment_point?.value),
        coinsurance: coinsurance?,
        limit: limit?,
        aggregating_deductible: Dollars(aggregating_deductible?),
        premium: Pmpm(premium?),
    })
}

fn read_aggregate(section: Section<'_>) -> Option<AggregateStopLoss> {
    for (key, help) in [
        ("attachment_ratio", "give the ratio to expected claims at which the cover starts, as 1.1"),
        ("expected_pmpm", "give the claims expected, in dollars per member per month"),
    ] {
        section.require(key, help);
    }
    let help = "attachment_ratio is a ratio to expected claims, from 0.1 to 10: 110% is written 1.1";
    let attachment_ratio = section.number_within("attachment_ratio", 0.1, 10.0, help);
    let help = "expected_pmpm is dollars per member per month, above 0 and at most 1e6";
    let expected = section.number_within("expected_pmpm", f64::MIN_POSITIVE, 1e6, help);
    let coinsurance = read_coinsurance(&section);
    let limit = section.or("limit", None, |section| read_limit(section).map(Some));
    let premium = dollars_or(&section, "premium_pmpm", 0.0, 0.0, 100_000.0);
    section.finish();
    Some(AggregateStopLoss {
        expected: Pmpm(expected?.value),
        attachment_ratio: attachment_ratio?.value,
        coinsurance: coinsurance?,
        limit: limit?,
        premium: Pmpm(premium?),
    })
}
