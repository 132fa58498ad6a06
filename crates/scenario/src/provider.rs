//! The `[provider]` block: what the provider delivers itself, and at what cost.

use std::collections::BTreeMap;

use twosided_contracts::FeeSchedule;
use twosided_population::Population;
use twosided_provider::Provider;
use twosided_units::{Dollars, Share};

use crate::{
    population::optional,
    section::{Section, suggestion},
};

/// Reads the block; without it, a provider that delivers nothing itself.
pub(crate) fn read(root: &Section<'_>, population: Option<&Population>) -> Option<Provider> {
    if !root.has("provider") {
        return Some(Provider::default());
    }
    let section = root.section("provider")?;
    let own_share = optional(&section, "own_share", |section| read_shares(section.section("own_share")?, population));
    let variable_cost_share = optional(&section, "variable_cost_share", |section| {
        read_shares(section.section("variable_cost_share")?, population)
    });
    let fixed_cost = optional(&section, "fixed_cost", |section| {
        section.number_within("fixed_cost", 0.0, 1e12, "fixed_cost is dollars a year, 0 or more")
    });
    let fees = optional(&section, "fees", |section| section.section("fees").and_then(read_fees));
    section.finish();
    Some(Provider {
        own_share: own_share?.unwrap_or_default(),
        variable_cost_share: variable_cost_share?.unwrap_or_default(),
        fixed_cost: fixed_cost?.map_or(Dollars::ZERO, |at| Dollars(at.value)),
        fees: fees?.unwrap_or_default(),
    })
}

fn read_shares(section: Section<'_>, population: Option<&Population>) -> Option<BTreeMap<String, Share>> {
    let known: Option<Vec<&str>> = population.map(|population| population.service_names().into_iter().collect());
    let shares: Vec<Option<(String, Share)>> = section
        .named_numbers()
        .into_iter()
        .map(|(name, number)| {
            if let Some(known) = known.as_ref().filter(|known| !known.contains(&name.value.as_str())) {
                let message =
                    format!("{}: no segment has the service \"{}\"", section.path, crate::printable(&name.value));
                section.wrong(&name.span, message, suggestion(&name.value, known, "the population has"));
                return None;
            }
            Some((name.value.clone(), section.share_of(&name.value, &number)?))
        })
        .collect();
    section.finish_named();
    shares.into_iter().collect()
}

fn read_fees(section: Section<'_>) -> Option<FeeSchedule> {
    let share = |key, default| Some(optional(&section, key, |section| section.share(key))?.unwrap_or(default));
    let fees = FeeSchedule::default();
    let cost_share: Option<Share> = share("cost_share", fees.cost_share);
    let sequestration = share("sequestration", fees.sequestration);
    let collection = share("collection", fees.collection);
    section.finish();
    Some(FeeSchedule { cost_share: cost_share?, sequestration: sequestration?, collection: collection? })
}
