//! The `[provider]` block: what the provider delivers itself, at what cost, and what it does to change use.

use std::collections::BTreeMap;

use twosided_contracts::{FeeSchedule, Known};
use twosided_form::{Names, Section};
use twosided_population::{Program, ServiceScope};
use twosided_provider::{Provider, Response};
use twosided_units::{Dollars, Share};

use crate::programs::read_programs;

/// Reads the block, with the programs; without it, a provider that delivers nothing itself.
pub(crate) fn read(root: &Section<'_>, known: &mut Known) -> Option<(Provider, Vec<Program>)> {
    if !root.has("provider") {
        known.programs.complete();
        return Some((Provider::default(), Vec::new()));
    }
    let section = root.section("provider");
    if section.is_none() {
        known.programs.may_be_more();
    }
    let section = section?;
    let programs = read_programs(&section, known);
    known.programs.complete();
    let services = &known.services;
    let own_share =
        section.or("own_share", BTreeMap::new(), |section| read_shares(section.section("own_share")?, services));
    let variable_cost_share = section.or("variable_cost_share", BTreeMap::new(), |section| {
        read_shares(section.section("variable_cost_share")?, services)
    });
    let fixed_cost = section.or("fixed_cost", Dollars::ZERO, |section| {
        let help = "fixed_cost is dollars a year, from 0 to 1e12";
        Some(Dollars(section.number_within("fixed_cost", 0.0, 1e12, help)?.value))
    });
    let fees = section.or("fees", FeeSchedule::default(), |section| section.section("fees").and_then(read_fees));
    let response =
        section.or("response", None, |section| read_response(section.section("response")?, services).map(Some));
    section.finish();
    let provider = Provider {
        own_share: own_share?,
        variable_cost_share: variable_cost_share?,
        fixed_cost: fixed_cost?,
        fees: fees?,
        response: response?,
    };
    Some((provider, programs?))
}

fn read_response(section: Section<'_>, services: &Names) -> Option<Response> {
    section.require(
        "elasticity",
        "give the change of volume from no incentive to that of fee-for-service, as elasticity = 0.1",
    );
    let elasticity = section.number_within("elasticity", 0.0, 0.9, "elasticity is a decimal from 0 to 0.9");
    let incentive_of_data = section.or("incentive_of_data", Share::ONE, |section| section.share("incentive_of_data"));
    let scope = section.or("services", ServiceScope::All, |section| {
        let named = section.texts("services")?;
        let path = section.path_of("services");
        let found = named.iter().filter(|name| services.has(name, section, &path)).count();
        let names: Vec<String> = named.into_iter().map(|name| name.value).collect();
        (found == names.len()).then(|| ServiceScope::only(names))
    });
    if !section.has("source") {
        let help = "an elasticity is an assumption that the report must be able to cite, as source = \"…\"";
        section.missing("source", help);
    }
    section.finish();
    Some(Response { elasticity: elasticity?.value, incentive_of_data: incentive_of_data?, services: scope? })
}

fn read_shares(section: Section<'_>, services: &Names) -> Option<BTreeMap<String, Share>> {
    let shares = section.shares_by_name(services);
    section.finish_named();
    shares
}

fn read_fees(section: Section<'_>) -> Option<FeeSchedule> {
    let share = |key, default| section.or(key, default, |section| section.share(key));
    let fees = FeeSchedule::default();
    let cost_share: Option<Share> = share("cost_share", fees.cost_share);
    let sequestration = share("sequestration", fees.sequestration);
    let collection = share("collection", fees.collection);
    section.finish();
    Some(FeeSchedule { cost_share: cost_share?, sequestration: sequestration?, collection: collection? })
}
