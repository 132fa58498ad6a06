//! What the terms of several contracts have in common in a scenario file.

use twosided_form::{Absent, At, Key, KeyValue, Literal::Whole, Nested, Range, Section, Unit, figure, keys};
use twosided_population::ServiceScope;
use twosided_units::{Dollars, PerCapita, Pmpm};

use crate::Known;

/// The least amount of dollars that anything is a share of, a cent: rates of less are no rates, and of nothing they are none.
pub(crate) const LEAST: f64 = 0.01;

/// A number from a table of rules, within the range in which it means something.
pub(crate) fn ruled(section: &Section<'_>, key: &'static str, value: f64, low: f64, high: f64) -> Option<f64> {
    if (low..=high).contains(&value) {
        return Some(value);
    }
    let message = format!("{} is {}", section.path_of(key), figure(value));
    let help = format!("{key} is a number from {} to {}", figure(low), figure(high));
    section.wrong(&section.span_of(key), message, help);
    None
}

/// Annual cost of a person above which it does not count.
pub const TRUNCATION_POINT: Key<Dollars> =
    Key::quantity("truncation_point", Unit::PER_PERSON_YEAR, Range::of(1.0, 1e12))
        .absent("none: no truncation", "150_000")
        .meaning("the annual cost of a person above which it does not count");

/// A key for a rate per member per month, of at least a cent.
pub(crate) const fn rate(name: &'static str) -> Key<Pmpm> {
    Key::quantity(name, Unit::PMPM, Range::of(LEAST, 1e6))
}

/// A key for dollars of which something is a share, at least a cent.
pub(crate) const fn amount(name: &'static str, unit: Unit) -> Key<Dollars> {
    Key::quantity(name, unit, Range::of(LEAST, 1e12))
}

keys! {
    /// A benchmark, in one of its units.
    pub(crate) struct BenchmarkKeys "benchmark" {
        PER_CAPITA: PerCapita = Key::quantity("per_capita", Unit::PER_PERSON_YEAR, Range::of(LEAST, 1e9))
            .one_of("unit", "11_800").meaning("the target as CMS publishes it");
        PMPM: Pmpm = Key::quantity("pmpm", Unit::PMPM, Range::of(LEAST, 1e9))
            .one_of("unit", "980").meaning("the target per member per month, which is that of a year over twelve");
    }
}

/// The key of a benchmark that must be there.
pub(crate) const BENCHMARK: Key<Nested> = Key::table("benchmark", BenchmarkKeys::TABLE)
    .required("{ per_capita = 11_800 }")
    .meaning("the target for expenditure");

/// The services that a contract concerns, all unless named.
pub(crate) const SERVICES: Key<Vec<At<String>>> = Key::names("services", "services that some segment has")
    .absent("all services", "[\"inpatient\"]")
    .meaning("the services that the terms concern and covers see");

/// The services that a contract concerns, which must be named.
pub(crate) const NAMED_SERVICES: Key<Vec<At<String>>> = Key::names("services", "services that some segment has")
    .required("[\"inpatient\"]")
    .meaning("the services that the terms concern and covers see");

/// The one service that a contract concerns.
pub(crate) const SERVICE: Key<String> =
    Key::text("service").required("\"inpatient\"").meaning("the service, one that some segment has");

/// Reads a key that another makes necessary.
pub(crate) fn needed<T: KeyValue>(section: &Section<'_>, key: &Key<T>) -> Option<T> {
    section.need(key);
    section.read(key)
}

/// Reads a number whose place a composite takes: none where the contract builds one.
pub(crate) fn unless_scored<T: KeyValue>(section: &Section<'_>, key: &Key<T>, known: &Known, without: T) -> Option<T> {
    if !known.has_quality {
        return if matches!(key.absent, Absent::Default(_)) { section.read(key) } else { needed(section, key) };
    }
    if section.has(key.name) {
        let message = format!("{} is given, and so is the contract's quality", section.path_of(key.name));
        section.wrong(&section.span_of(key.name), message, "the composite takes its place: leave one of them out");
        return None;
    }
    Some(without)
}

/// When a number must be given.
pub(crate) const UNLESS_SCORED: &str = "required without `quality`";

/// Reads a target for expenditure.
pub(crate) fn target_of(section: &Section<'_>, key: &Key<Nested>) -> Option<PerCapita> {
    type Keys = BenchmarkKeys;
    let benchmark = section.table(key)?;
    let amount = benchmark.choose(
        "unit",
        &[
            (&Keys::PER_CAPITA, &|| benchmark.read(&Keys::PER_CAPITA)),
            (&Keys::PMPM, &|| benchmark.read(&Keys::PMPM).map(|pmpm| PerCapita(12.0 * pmpm.0))),
        ],
    );
    benchmark.finish();
    amount
}

/// Reads services that a contract concerns, each of which some segment must have; all where the key may be absent and is.
pub(crate) fn scope(section: &Section<'_>, key: &Key<Vec<At<String>>>, known: &Known) -> Option<ServiceScope> {
    let named = section.read(key);
    if !section.has(key.name) {
        return (!matches!(key.absent, Absent::Required { .. })).then_some(ServiceScope::All);
    }
    let named = named?;
    if named.is_empty() {
        let message = format!("{} is empty", section.path_of(key.name));
        section.wrong(&section.span_of(key.name), message, "name at least one, or leave the key out for all");
        return None;
    }
    known.services.all_of(named, section, key).map(ServiceScope::only)
}

/// Reads a service that some segment must have.
pub(crate) fn known_service(section: &Section<'_>, key: &Key<String>, known: &Known) -> Option<String> {
    let service = section.read_at(key)?;
    known.services.has(&service, section, &section.path_of(key.name)).then_some(service.value)
}

/// The first and the last year of a contract that has no end.
pub(crate) const ANY_YEAR: (u64, u64) = (2005, 2100);

/// The key of the year that picks dated numbers, from the first to the last that the contract has.
pub(crate) const fn year(name: &'static str, (first, last): (u64, u64), default: u16) -> Key<u16> {
    Key::whole(name, first, last)
        .default(Whole(default as u64))
        .meaning("the year that picks the dated numbers")
        .more("Numbers without a later default keep their last")
}
