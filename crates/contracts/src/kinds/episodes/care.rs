//! The care of an episode: the events of a service, each with the events of others that stem from it.

use twosided_form::{At, Key, Section, Unit};

use crate::{Known, read, step::in_steps};

/// The key of the service of an entry.
pub(super) const SERVICE: Key<String> =
    read::SERVICE.meaning("the service of which an event is an episode, or begins one");

/// The key of the services of an entry that count beside it.
pub(super) const FOLLOWING: Key<Vec<At<String>>> = Key::names(
    "following",
    "services that follow it",
)
.absent("none: an event is a whole episode", "[\"readmissions\", \"rehabilitation\"]")
.meaning("the services whose events count in the episode that they stem from")
.more("Directly or not; each stands in one episode only. Spending, `episode_limit` and own fees are then of the whole");

/// The key of the window of an entry.
pub(super) const WINDOW_DAYS: Key<u16> = Key::whole("window_days", 1, 366)
    .unit(Unit { symbol: "days", words: "days" })
    .absent("not stated", "90")
    .meaning("the days of an episode, which are shown")
    .more("They change no figure: the laws of the services that follow are to be those of these days");

/// The care of an episode, as an entry says it.
pub(super) struct EpisodeCare {
    pub(super) service: String,
    pub(super) following: Vec<String>,
    pub(super) window_days: Option<u16>,
}

impl EpisodeCare {
    pub(super) fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        let service = read::known_service(section, &SERVICE, known);
        let following = section.has(FOLLOWING.name).then(|| read_following(section, service.as_deref(), known));
        let window_days = section.optional(&WINDOW_DAYS);
        Some(Self {
            service: service?,
            following: following.unwrap_or_else(|| Some(Vec::new()))?,
            window_days: window_days?,
        })
    }
}

/// Reads the services that count in the episodes of another: those that follow it wherever there are any of them.
fn read_following(section: &Section<'_>, service: Option<&str>, known: &Known) -> Option<Vec<String>> {
    let named = section.read(&FOLLOWING)?;
    let path = section.path_of(FOLLOWING.name);
    if named.is_empty() {
        let help = "name at least one, or leave the key out where an event is a whole episode";
        section.wrong(&section.span_of(FOLLOWING.name), format!("{path} is empty"), help);
        return None;
    }
    let mut is_right = true;
    for name in &named {
        if !known.services.has(name, section, &path) {
            is_right = false;
            continue;
        }
        let Some(service) = service else { continue };
        let shown = in_steps(&name.value);
        let (message, help) = if name.value == service {
            let message = format!("{path}: \"{shown}\" is the service that begins the episode");
            (message, "name the services that follow it; it counts in any case".to_owned())
        } else if let Some(segment) = known.follows.breaks(&name.value, service) {
            let service = in_steps(service);
            let message = format!("{path}: \"{shown}\" does not follow \"{service}\" in the segment \"{segment}\"");
            (
                message,
                format!(
                    "give the service follows = \"{service}\" there, or that of one that follows it, or leave it out"
                ),
            )
        } else {
            continue;
        };
        section.wrong(&name.span, message, help);
        is_right = false;
    }
    let mut names: Vec<String> = named.into_iter().map(|name| name.value).collect();
    names.sort();
    names.dedup();
    is_right.then_some(names)
}
