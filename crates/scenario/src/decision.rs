//! The `[decision]` block: what the first page of a report says of the question, and what it varies. No figure of a run depends on it.

use std::ops;

use twosided_contracts::Arrangement;
use twosided_form::{
    Document, DocumentError, Holds, Key, List, Nested, Range, Section, Setting, SettingError, keys, shortened,
};

use crate::{Overrides, RootKeys, limits::is_contract};

/// Blocks whose keys stay as they are: figures of other trials or another horizon cannot be compared, and the others move nothing.
const FIXED: [&str; 4] = ["run", "decision", "forecast", "replay"];

/// What is to be decided, in the scenario's own words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    /// The question.
    pub question: Option<String>,
    /// Whom it is for.
    pub whom: Option<String>,
    /// Who prepared the report.
    pub prepared_by: Option<String>,
    /// When, as the scenario writes it.
    pub date: Option<String>,
    /// The contract that is preferred.
    pub preference: Option<Preference>,
    /// Keys that are moved one at a time, in the order of the file.
    pub vary: Vec<Varied>,
}

/// A contract that is preferred, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preference {
    /// Its name.
    pub contract: String,
    /// Why, in the scenario's words.
    pub reason: String,
}

/// A key with two values between which it may lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Varied {
    /// The key, as `--set` has it.
    pub key: String,
    /// The lower value.
    pub low: f64,
    /// The higher value.
    pub high: f64,
}

impl Varied {
    /// The settings of the lower and the higher value.
    ///
    /// # Errors
    /// [`SettingError`] for a text that is no key.
    pub fn settings(&self) -> Result<[Setting; 2], SettingError> {
        Ok([Setting::new(&self.key, &self.low.to_string())?, Setting::new(&self.key, &self.high.to_string())?])
    }
}

keys! {
    /// The block.
    pub(crate) struct DecisionKeys "decision" {
        QUESTION: String = Key::new("question", Holds::Name).absent("not stated", "\"Which track for 2027?\"")
            .meaning("the question, in one sentence");
        WHOM: String = Key::new("whom", Holds::Name).absent("not stated", "\"the board of the medical group\"")
            .meaning("whom the question is for");
        PREPARED_BY: String = Key::new("prepared_by", Holds::Name).absent("not stated", "\"J. Doe, actuary\"")
            .meaning("who prepared the report");
        DATE: String = Key::new("date", Holds::Name).absent("not stated", "\"2026-11-27\"")
            .meaning("when it was prepared").more("It is shown as written");
        PREFER: String = Key::new("prefer", Holds::Name).absent("no contract is recommended", "\"Track\"")
            .meaning("the name of the contract that is recommended").more("It needs a `reason`");
        REASON: String = Key::text("reason").absent("required beside `prefer`", "\"its largest loss is within the reserve\"")
            .ask("say why, as reason = \"its largest loss is within the reserve\"")
            .meaning("why that contract is recommended");
        VARY: List = Key::tables("vary", VariedKeys::TABLE, 10)
            .absent("none", "[{ key = \"population.trend.mean\", low = 1.01, high = 1.05 }]")
            .meaning("keys that are moved one at a time, on the same years, to see what changes the answer")
            .more("Each adds two simulations to a run");
    }
}

keys! {
    /// A key that is moved.
    pub(crate) struct VariedKeys "decision.vary" {
        KEY: String = Key::text("key").required("\"population.trend.mean\"")
            .meaning("the key, written as `--set` takes it").more("Its value is a number");
        LOW: f64 = Key::number("low", Range::of(-1e15, 1e15)).required("1.01").meaning("the lower value");
        HIGH: f64 = Key::number("high", Range::of(-1e15, 1e15)).required("1.05").meaning("the higher value");
    }
}

/// The block as read, with the places of the keys that are varied.
#[derive(Default)]
pub(crate) struct Read {
    pub(crate) decision: Decision,
    spans: Vec<ops::Range<usize>>,
}

/// Reads the block; `None` when anything in it is wrong. Of contracts that could not be read, nothing is said.
pub(crate) fn read(root: &Section<'_>, key: &Key<Nested>, contracts: Option<&[Arrangement]>) -> Option<Read> {
    root.optional_table(key, |section| read_block(section, contracts)).map(Option::unwrap_or_default)
}

fn read_block(section: Section<'_>, contracts: Option<&[Arrangement]>) -> Option<Read> {
    type Keys = DecisionKeys;
    let [question, whom, prepared_by, date] =
        [&Keys::QUESTION, &Keys::WHOM, &Keys::PREPARED_BY, &Keys::DATE].map(|key| section.optional(key));
    let preference = read_preference(&section, contracts);
    let mut spans = Vec::new();
    let mut known: Vec<String> = Vec::new();
    let vary = section.optional_tables(&Keys::VARY, |section| {
        spans.push(section.span_of(VariedKeys::KEY.name));
        read_varied(section, &mut known)
    });
    section.finish();
    let decision = Decision {
        question: question?,
        whom: whom?,
        prepared_by: prepared_by?,
        date: date?,
        preference: preference?,
        vary: vary?,
    };
    Some(Read { decision, spans })
}

#[expect(clippy::option_option, reason = "none where it is wrong; some of none where it is absent")]
fn read_preference(section: &Section<'_>, contracts: Option<&[Arrangement]>) -> Option<Option<Preference>> {
    type Keys = DecisionKeys;
    let reason = section.optional(&Keys::REASON);
    if !section.has(Keys::PREFER.name) {
        if section.has(Keys::REASON.name) {
            let message = format!("{} is the reason for no contract", section.path_of(Keys::REASON.name));
            section.wrong(&section.span_of(Keys::REASON.name), message, "add prefer = \"…\", the name of a contract");
            return None;
        }
        return Some(None);
    }
    let contract = section.read_at(&Keys::PREFER).filter(|name| is_contract(section, name, contracts));
    section.need(&Keys::REASON);
    Some(Some(Preference { contract: contract?.value, reason: reason?? }))
}

fn read_varied(section: Section<'_>, known: &mut Vec<String>) -> Option<Varied> {
    type Keys = VariedKeys;
    let (key, low, high) = (section.read_at(&Keys::KEY), section.read(&Keys::LOW), section.read(&Keys::HIGH));
    let mut is_fine = true;
    let mut wrong = |span: &ops::Range<usize>, message: String, help: &str| {
        section.wrong(span, message, help);
        is_fine = false;
    };
    if let (Some(low), Some(high)) = (low, high)
        && low >= high
    {
        let message = format!("{} is {high}, which is not above low, {low}", section.path_of(Keys::HIGH.name));
        wrong(&section.span_of(Keys::HIGH.name), message, "write a value above low");
    }
    if let Some(key) = &key {
        let path = section.path_of(Keys::KEY.name);
        let block = key.value.split(['.', '[', '=']).next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        if let Err(error) = Setting::new(&key.value, "0") {
            wrong(
                &key.span,
                format!("{path}: {error}"),
                "write a key as --set takes it, such as population.trend.mean",
            );
        } else if FIXED.contains(&block) {
            let message = format!("{path} is {}, which cannot be varied", shortened(&key.value, 80));
            wrong(&key.span, message, "vary a key of the population, the provider or a contract");
        } else if known.contains(&key.value) {
            let message = format!("{path} is {} once more", shortened(&key.value, 80));
            wrong(&key.span, message, "name each key once");
        }
        known.push(key.value.clone());
    }
    section.finish();
    let varied = Varied { key: key?.value, low: low?, high: high? };
    is_fine.then_some(varied)
}

impl Read {
    /// Notes the keys whose values the document does not take, each where it stands.
    pub(crate) fn check(&self, document: &Document, overrides: &Overrides, findings: &twosided_form::Findings) {
        for (varied, span) in self.decision.vary.iter().zip(&self.spans) {
            let Ok(settings) = varied.settings() else { continue };
            for setting in settings {
                let shown = setting.to_string();
                let moved = document.clone().with([setting]);
                let Err(error) = moved.examine(&[], |root| crate::read(root.of(RootKeys::TABLE), overrides, None))
                else {
                    continue;
                };
                let (reason, help) = match error {
                    DocumentError::Invalid { problems, .. } => problems
                        .into_iter()
                        .next()
                        .map_or_else(Default::default, |problem| (problem.message, problem.help)),
                    DocumentError::Unreadable { reason, .. } => (reason, String::new()),
                };
                findings.wrong(span, format!("{}: {reason}", shortened(&shown, 80)), help);
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Scenario;

    fn scenario(decision: &str) -> String {
        format!(
            "[run]\nname = \"x\"\ntrials = 10\n{decision}\n[population]\ntrend = {{ mean = 1.02 }}\n\
             [[population.segments]]\nname = \"all\"\nmembers = 100\n\
             services.care.annual = {{ gamma = {{ mean = 5_000, cv = 2 }} }}\n\
             [[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {{}}\n\
             [[contracts]]\nname = \"Rate\"\nterms.capitation = {{ pmpm = 420 }}\n"
        )
    }

    fn problems(decision: &str) -> Vec<String> {
        match Scenario::parse("x.toml", &scenario(decision)) {
            Err(twosided_form::DocumentError::Invalid { problems, .. }) => {
                problems.into_iter().map(|problem| problem.message).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_decision_is_read_as_it_is_written() {
        let text = "[decision]\nquestion = \"Which?\"\nwhom = \"us\"\nprepared_by = \"me\"\ndate = \"2026\"\n\
                    prefer = \"Rate\"\nreason = \"it is within the reserve\"\n\
                    vary = [{ key = \"population.trend.mean\", low = 1.0, high = 1.04 }]\n";
        let read = Scenario::parse("x.toml", &scenario(text)).expect("it is fine");
        let decision = &read.decision;
        assert_eq!(decision.preference.as_ref().map(|prefer| prefer.contract.as_str()), Some("Rate"));
        assert_eq!((decision.vary.len(), decision.whom.as_deref()), (1, Some("us")));
        assert!(read.is_as_written());
        let [low, _] = decision.vary[0].settings().expect("a key");
        let moved = read.with_settings([low]).expect("it takes it");
        assert!(moved.population != read.population && moved.contracts == read.contracts);
    }

    #[test]
    fn every_fault_of_a_decision_is_noted() {
        let found = problems("[decision]\nprefer = \"Rte\"\nvary = [{ key = \"run.trials\", low = 2, high = 1 }]\n");
        for said in ["no contract is named \"Rte\"", "decision.reason is missing", "is 1, which is not above low, 2"] {
            assert!(found.iter().any(|message| message.contains(said)), "{said}: {found:?}");
        }
        assert!(found.iter().any(|message| message.ends_with("is run.trials, which cannot be varied")), "{found:?}");
        let found = problems("[decision]\nreason = \"cheap\"\n");
        assert_eq!(found, ["decision.reason is the reason for no contract"]);
    }

    #[test]
    fn a_value_that_the_scenario_does_not_take_is_noted_where_it_is_asked_for() {
        let vary = |key: &str, high: f64| {
            problems(&format!("[decision]\nvary = [{{ key = \"{key}\", low = 0.5, high = {high} }}]\n"))
        };
        assert_eq!(vary("population.trend.man", 1.0).len(), 1);
        assert!(vary("population.trend.man", 1.0)[0].starts_with("population.trend.man=0.5: unknown key"));
        assert!(vary("population.trend.cv", 2.0)[0].starts_with("population.trend.cv=2: population.trend.cv is 2"));
        assert!(vary("contracts.Rte.terms.capitation.pmpm", 1.0)[0].starts_with("contracts.Rte"));
    }
}
