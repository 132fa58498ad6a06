//! The `[[provider.steps]]`: costs that rise in steps.

use twosided_form::{At, Key, List, Names, Range, Section, Unit, keys, unique};
use twosided_provider::{Capacity, Step};
use twosided_units::Dollars;

/// The costs of a provider that rise in steps.
pub(crate) const STEPS: Key<List> = Key::tables("steps", StepKeys::TABLE, 50)
    .absent("none", "[{ name = \"care manager\", cost = 95_000, per_members = 2_500 }]")
    .meaning("the costs that rise in steps");

keys! {
    /// A cost that rises in steps.
    pub(crate) struct StepKeys "provider.steps" {
        NAME: String = Key::name().more("Unique among steps");
        COST: Dollars = Key::quantity("cost", Unit::DOLLARS_A_YEAR, Range::of(0.0, 1e12)).required("95_000")
            .meaning("what one step costs");
        PER_MEMBERS: f64 = Key::quantity("per_members", Unit::PEOPLE, Range::above(0.0, 1e9)).one_of(SERVED, "2_500")
            .meaning("the person-years that one step serves").more("A step that is begun is paid in full");
        PER_EVENTS: f64 = Key::number("per_events", Range::above(0.0, 1e12)).one_of(SERVED, "4_000")
            .meaning("the events of a service, the provider's own share of them, that one step serves");
        SERVICE: String = Key::text("service").absent("required with `per_events`", "\"visits\"").meaning("the service of `per_events`");
    }
}

/// The group of keys of which a step has one.
const SERVED: &str = "served";

/// Reads the steps.
pub(crate) fn read(provider: &Section<'_>, services: &Names) -> Option<Vec<Step>> {
    let mut names: Vec<At<String>> = Vec::new();
    provider.optional_tables(&STEPS, |section| {
        type Keys = StepKeys;
        let name = section.read_at(&Keys::NAME).filter(|name| unique(&section, &mut names, name, "step"));
        let cost = section.read(&Keys::COST);
        let service = section.has(Keys::SERVICE.name).then(|| {
            let path = section.path_of(Keys::SERVICE.name);
            section.read_at(&Keys::SERVICE).filter(|service| services.has(service, &section, &path))
        });
        let of_events = || {
            let events = section.read(&Keys::PER_EVENTS);
            if service.is_none() {
                section.missing(Keys::SERVICE.name, "name the service whose events are counted");
            }
            Some(Capacity::Events { service: service.clone()??.value, events: events? })
        };
        let serves = section.choose(
            SERVED,
            &[
                (&Keys::PER_MEMBERS, &|| section.read(&Keys::PER_MEMBERS).map(Capacity::PersonYears)),
                (&Keys::PER_EVENTS, &of_events),
            ],
        );
        if service.is_some() && !section.has(Keys::PER_EVENTS.name) {
            let message = format!("{} has `service` without `per_events`", section.path);
            section.wrong(&section.span_of(Keys::SERVICE.name), message, "give per_events, or leave service out");
        }
        section.finish();
        Some(Step { name: name?.value, cost: cost?, serves: serves? })
    })
}
