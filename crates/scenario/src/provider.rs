//! The `[provider]` block: what the provider delivers itself, and at what cost.

use std::collections::BTreeMap;

use toml::{Spanned, de::DeValue};
use twosided_contracts::FeeSchedule;
use twosided_provider::Provider;
use twosided_units::{Dollars, Share};

use crate::{
    population::People,
    section::{At, Section},
};

/// Reads the block; without it, a provider that delivers nothing itself.
pub(crate) fn read(root: &Section<'_>, people: &People) -> Option<Provider> {
    if !root.has("provider") {
        return Some(Provider::default());
    }
    let section = root.section("provider")?;
    let own_share =
        section.or("own_share", BTreeMap::new(), |section| read_shares(section.section("own_share")?, people));
    let variable_cost_share = section.or("variable_cost_share", BTreeMap::new(), |section| {
        read_shares(section.section("variable_cost_share")?, people)
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

fn read_shares(section: Section<'_>, people: &People) -> Option<BTreeMap<String, Share>> {
    let read_share = |(name, value): (At<String>, &Spanned<DeValue<'_>>)| {
        let known = people.has_service(&name, &section, &section.path);
        let number = section.number_of(&name.value, value)?;
        let share = section.share_of(&name.value, &number)?;
        known.then_some((name.value, share))
    };
    let shares: Vec<Option<(String, Share)>> = section.named().map(read_share).collect();
    section.finish_named();
    shares.into_iter().collect()
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
