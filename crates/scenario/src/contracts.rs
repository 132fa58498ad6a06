//! The `[[contracts]]`: terms, covers, and where they stand on the continuum.

use twosided_contracts::{
    AggregateStopLoss, Arrangement, Band, Capitation, CapitationRate, Corridor, Covers, DisasterRelief, FeeForService,
    Lan, MinimumRate, Mssp, QualityStandard, RevenueCategory, SharedSavings, Side, SpecificStopLoss, Terms, Track,
};
use twosided_population::{Population, ServiceScope};
use twosided_units::{Dollars, PerCapita, Pmpm, Share};

use crate::{
    population::{optional, unique},
    section::{At, Section, suggestion},
};

const MOST_CONTRACTS: usize = 100;

/// Reads the contracts; `None` when anything in them is wrong.
pub(crate) fn read(root: &Section<'_>, population: Option<&Population>) -> Option<Vec<Arrangement>> {
    if !root.has("contracts") {
        root.missing("contracts", "add at least one [[contracts]] with a name and terms");
        return None;
    }
    let sections = root.sections("contracts", MOST_CONTRACTS);
    if sections.is_empty() {
        return None;
    }
    let mut names = Vec::new();
    let read: Vec<Option<Arrangement>> =
        sections.into_iter().map(|section| read_contract(section, population, &mut names)).collect();
    read.into_iter().collect()
}

fn read_contract(
    section: Section<'_>,
    population: Option<&Population>,
    names: &mut Vec<At<String>>,
) -> Option<Arrangement> {
    let name = section.name("name").filter(|name| unique(&section, names, name, "contract"));
    if !section.has("terms") {
        section.missing("terms", "say what was agreed, as terms.fee_for_service = {} or terms.mssp = { … }");
    }
    let terms = section.section("terms").and_then(|terms| read_terms(terms, population));
    let lan = optional(&section, "lan", |section| {
        let codes: Vec<(&'static str, Lan)> =
            Lan::codes().filter_map(|code| Some((code, code.parse().ok()?))).collect();
        section.choice("lan", &codes)
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

fn read_terms(section: Section<'_>, population: Option<&Population>) -> Option<Terms> {
    let kind = section.alternative(Terms::KEYS);
    let terms = kind.and_then(|kind| Some((kind, section.section(kind)?))).and_then(|(kind, terms)| {
        let read = match kind {
            "fee_for_service" => Some(Terms::FeeForService(FeeForService)),
            "mssp" => read_mssp(&terms).map(Terms::Mssp),
            "shared_savings" => read_shared_savings(&terms, population).map(Terms::SharedSavings),
            "capitation" => read_capitation(&terms, population).map(Terms::Capitation),
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
    let help = format!("{key} is dollars, from {low} to {high}");
    let read = optional(section, key, |section| section.number_within(key, low, high, &help))?;
    Some(read.map_or(default, |at| at.value))
}

fn share_or(section: &Section<'_>, key: &'static str, default: Share) -> Option<Share> {
    Some(optional(section, key, |section| section.share(key))?.unwrap_or(default))
}

/// A benchmark, `{ per_capita = … }` or `{ pmpm = … }`.
fn read_benchmark(section: &Section<'_>) -> Option<PerCapita> {
    if !section.has("benchmark") {
        section.missing("benchmark", "give the target for expenditure, as benchmark = { per_capita = 11_800 }");
    }
    let benchmark = section.section("benchmark")?;
    let unit = benchmark.alternative(&["per_capita", "pmpm"]);
    let amount = unit.and_then(|unit| {
        let help = "a benchmark is dollars, above 0 and at most 1e9";
        let amount = benchmark.number_within(unit, f64::MIN_POSITIVE, 1e9, help)?;
        Some(PerCapita(if unit == "pmpm" { 12.0 * amount.value } else { amount.value }))
    });
    benchmark.finish();
    amount
}

/// Services that a contract covers; each must be one that some segment has.
fn read_services(section: &Section<'_>, population: Option<&Population>) -> Option<ServiceScope> {
    let Some(names) = optional(section, "services", |section| section.texts("services"))? else {
        return Some(ServiceScope::All);
    };
    let mut known_all = true;
    if let Some(population) = population {
        let known: Vec<&str> = population.service_names().into_iter().collect();
        for name in names.iter().filter(|name| !known.contains(&name.value.as_str())) {
            let message =
                format!("{}.services: no segment has the service \"{}\"", section.path, crate::printable(&name.value));
            section.wrong(&name.span, message, suggestion(&name.value, &known, "the population has"));
            known_all = false;
        }
    }
    if names.is_empty() {
        section.wrong(
            &section.span_of("services"),
            format!("{}.services is empty", section.path),
            "name at least one, or leave the key out for all",
        );
        known_all = false;
    }
    known_all.then(|| ServiceScope::only(names.into_iter().map(|name| name.value).collect()))
}

fn read_mssp(section: &Section<'_>) -> Option<Mssp> {
    if !section.has("track") {
        section.missing("track", "give the track, as track = \"basic_e\" or \"enhanced\"");
    }
    let track = section.choice("track", &Track::NAMES);
    let benchmark = read_benchmark(section);
    let minimum_rate = optional(section, "minimum_rate", |section| {
        if section.is_text("minimum_rate") {
            return section.choice("minimum_rate", &[("variable", MinimumRate::Variable)]);
        }
        section.share("minimum_rate").map(MinimumRate::Fixed)
    });
    let assigned_beneficiaries = optional(section, "assigned_beneficiaries", |section| {
        section.count("assigned_beneficiaries", 1, 100_000_000, "assigned_beneficiaries is a whole number of people")
    });
    let quality_score = share_or(section, "quality_score", Share::ONE);
    let quality_standard = optional(section, "quality_standard", |section| {
        let standards = [
            ("full", QualityStandard::Full),
            ("alternative", QualityStandard::Alternative),
            ("neither", QualityStandard::Neither),
        ];
        section.choice("quality_standard", &standards)
    });
    let agreement_start = optional(section, "agreement_start_year", |section| {
        section.count("agreement_start_year", 2019, 2100, "agreement_start_year is a year from 2019 on")
    });
    let revenue_category = optional(section, "revenue_category", |section| {
        section.choice("revenue_category", &[("low", RevenueCategory::Low), ("high", RevenueCategory::High)])
    });
    let participant_revenue = optional(section, "participant_revenue", |section| {
        section.number_within("participant_revenue", 0.0, 1e12, "participant_revenue is dollars a year, 0 or more")
    });
    let disaster_relief = share_or(section, "disaster_relief", Share::ZERO);
    let guardrail = optional(section, "guardrail", |section| section.truth("guardrail"));
    let two_percent = Share::new(0.02).expect("two percent is a share");
    let sequestration = share_or(section, "sequestration", two_percent);
    Some(Mssp {
        track: track?,
        benchmark: benchmark?,
        minimum_rate: minimum_rate?.unwrap_or(MinimumRate::Variable),
        assigned_beneficiaries: assigned_beneficiaries?.map(|at| at.value),
        quality_score: quality_score?,
        quality_standard: quality_standard?.unwrap_or(QualityStandard::Full),
        agreement_start: agreement_start?.map_or(2024, |at| at.value as u16),
        revenue_category: revenue_category?.unwrap_or(RevenueCategory::High),
        participant_revenue: participant_revenue?.map(|at| Dollars(at.value)),
        disaster_relief: DisasterRelief::Share(disaster_relief?),
        guardrail: guardrail?.unwrap_or(false),
        sequestration: sequestration?,
    })
}

fn read_shared_savings(section: &Section<'_>, population: Option<&Population>) -> Option<SharedSavings> {
    let benchmark = read_benchmark(section);
    let services = read_services(section, population);
    let truncation_point = optional(section, "truncation_point", |section| {
        section.number_within("truncation_point", 1.0, 1e12, "truncation_point is dollars a year, above 0")
    });
    if !section.has("savings") {
        section.missing("savings", "say how savings are shared, as savings = { sharing_rate = 0.5 }");
    }
    let savings = section.section("savings").and_then(read_side);
    let losses = optional(section, "losses", |section| section.section("losses").and_then(read_side));
    Some(SharedSavings {
        benchmark: benchmark?,
        services: services?,
        truncation_point: truncation_point?.map(|at| Dollars(at.value)),
        savings: savings?,
        losses: losses?,
    })
}

fn read_side(section: Section<'_>) -> Option<Side> {
    let minimum_rate = share_or(&section, "minimum_rate", Share::ZERO);
    let limit = optional(&section, "limit", |section| section.share("limit"));
    let corridor = section.alternative(&["sharing_rate", "corridor"]).and_then(|key| match key {
        "sharing_rate" => section.share("sharing_rate").map(Corridor::flat),
        _ => {
            let bands: Vec<Option<Band>> = section.sections("corridor", 50).into_iter().map(read_band).collect();
            let bands: Vec<Band> = bands.into_iter().collect::<Option<_>>()?;
            let corridor = Corridor::new(bands);
            if let Err(error) = &corridor {
                let help = "write bands from nothing up, as [{ up_to = 0.05, share = 0.5 }, { share = 0.3 }]";
                section.wrong(&section.span_of("corridor"), format!("{}.corridor: {error}", section.path), help);
            }
            corridor.ok()
        }
    });
    section.finish();
    Some(Side { minimum_rate: minimum_rate?, corridor: corridor?, limit: limit? })
}

fn read_band(section: Section<'_>) -> Option<Band> {
    let up_to = optional(&section, "up_to", |section| {
        section.number_within(
            "up_to",
            0.0,
            10.0,
            "up_to is the end of the band as a share of benchmark, as 0.05 for 5%",
        )
    });
    if !section.has("share") {
        section.missing("share", "give the provider's share within the band, as share = 0.5");
    }
    let share = section.share("share");
    section.finish();
    Some(Band { up_to: up_to?.map(|at| at.value), share: share? })
}

fn read_capitation(section: &Section<'_>, population: Option<&Population>) -> Option<Capitation> {
    let services = read_services(section, population);
    let help = "a rate is dollars per member per month, above 0 and at most 1e6";
    let amount = |key: &'static str| section.number_within(key, f64::MIN_POSITIVE, 1e6, help).map(|at| Pmpm(at.value));
    let rate = match section.alternative(&["pmpm", "percent_of_premium"]) {
        Some("pmpm") => {
            if section.has("premium_pmpm") {
                let message = format!("{} has both `pmpm` and `premium_pmpm`", section.path);
                section.wrong(&section.span, message, "a premium goes with `percent_of_premium`");
            }
            amount("pmpm").map(CapitationRate::Pmpm)
        }
        Some(_) => {
            let percent = section.share("percent_of_premium");
            if !section.has("premium_pmpm") {
                section.missing("premium_pmpm", "a percent of premium needs the premium, as premium_pmpm = 1_050");
            }
            let premium = amount("premium_pmpm");
            percent.zip(premium).map(|(percent, premium)| CapitationRate::PercentOfPremium { percent, premium })
        }
        None => None,
    };
    Some(Capitation { rate: rate?, services: services? })
}

fn read_covers(section: Section<'_>) -> Option<Covers> {
    let specific = optional(&section, "specific", |section| section.section("specific").and_then(read_specific));
    let aggregate = optional(&section, "aggregate", |section| section.section("aggregate").and_then(read_aggregate));
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

fn read_limit(section: &Section<'_>) -> Option<Option<Dollars>> {
    let limit = optional(section, "limit", |section| {
        section.number_within("limit", 1.0, 1e12, "limit is the most dollars that the cover pays, above 0")
    });
    Some(limit?.map(|at| Dollars(at.value)))
}

fn read_specific(section: Section<'_>) -> Option<SpecificStopLoss> {
    let help = "attachment_point is dollars a member and year, above 0";
    if !section.has("attachment_point") {
        section.missing("attachment_point", "give the dollars a member at which the cover starts, as 250_000");
    }
    let attachment_point = section.number_within("attachment_point", 1.0, 1e12, help);
    let coinsurance = read_coinsurance(&section);
    let limit = read_limit(&section);
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
        if !section.has(key) {
            section.missing(key, help);
        }
    }
    let help = "attachment_ratio is a ratio to expected claims, from 0.1 to 10: 110% is written 1.1";
    let attachment_ratio = section.number_within("attachment_ratio", 0.1, 10.0, help);
    let help = "expected_pmpm is dollars per member per month, above 0 and at most 1e6";
    let expected = section.number_within("expected_pmpm", f64::MIN_POSITIVE, 1e6, help);
    let coinsurance = read_coinsurance(&section);
    let limit = read_limit(&section);
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
