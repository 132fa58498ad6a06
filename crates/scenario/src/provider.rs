//! The `[provider]` block: what the provider delivers itself, and at what cost.

use std::collections::BTreeMap;

use twosided_contracts::FeeSchedule;
use twosided_form::{Names, Section};
use twosided_provider::Provider;
use twosided_units::{Dollars, Share};

/// Reads the block; without it, a provider that delivers nothing itself.
pub(crate) fn read(root: &Section<'_>, services: &Names) -> Option<Provider> {
    if !root.has("provider") {
        return Some(Provider::default());
    }
    let section = root.section("provider")?;
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
    section.finish();
    Some(Provider {
        own_share: own_share?,
        variable_cost_share: variable_cost_share?,
        fixed_cost: fixed_cost?,
        fees: fees?,
    })
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
