//! The scenario of a row: the national population with the row's figures, and a note beside each of where it is from.

use twosided_actuals::{AcoPeople, AcoYear, cms_columns as column};
use twosided_contracts::Mssp;
use twosided_forecast::{LawFile, Outlook, Target, Year};
use twosided_form::{count, name_fault, printable};
use twosided_population::{Segment, Trend};
use twosided_scenario::{LastingFactor, Layout, Notes, Replay, Writer, rounded, segment_path};
use twosided_units::{Dollars, Share};

use crate::{
    contracts::contracts,
    national::SERVICES,
    next_year::{NextYear, whole_year},
    people::EnrollmentGroup,
    scale::DIGITS,
    targets::{COUNTS, DOLLARS, Targets},
};

/// What a scenario is composed from.
pub(crate) struct Source<'a> {
    pub(crate) file: &'a str,
    pub(crate) year: u16,
    pub(crate) aco: &'a AcoYear,
    pub(crate) figures: &'a AcoPeople,
    pub(crate) kinds: &'a [EnrollmentGroup],
    pub(crate) targets: &'a Targets,
    pub(crate) points: &'a [f64],
    pub(crate) remarks: &'a [String],
    pub(crate) over: f64,
    /// The year that is simulated and settled.
    pub(crate) settled_year: u16,
    /// The terms of that year.
    pub(crate) terms: Mssp,
    /// Its benchmark, dollars per person-year.
    pub(crate) benchmark: f64,
    /// What is forecast of it; nothing where the row is simulated again.
    pub(crate) next: Option<&'a NextYear>,
}

/// Longest name of a scenario.
const LONGEST_NAME: usize = 80;
/// The provider's own kinds of care, and its share of each.
const OWN: [&str; 3] = ["professional", "primary care visits", "specialist visits"];
const OWN_SHARE: f64 = 0.4;
const TRIALS: u64 = 2_000;

impl Source<'_> {
    /// The whole text, of segments whose laws are already those of the row.
    pub(crate) fn scenario(&self, mut segments: Vec<Segment>) -> String {
        let mut notes = Notes::default();
        self.note_blocks(&mut notes);
        for (index, segment) in segments.iter_mut().enumerate() {
            self.complete(segment, index);
            self.note_segment(&mut notes, segment, index);
        }
        let contracts = contracts(self);
        // Before them stands fee-for-service.
        for (index, contract) in (1..).zip(&contracts) {
            contract.note(&mut notes, index);
        }
        let comment = self.comment();
        let layout = Layout { digits: DIGITS, services: &SERVICES };
        let mut writer = Writer::new(layout, &notes, comment.iter().map(String::as_str));
        writer.run(&self.name(), TRIALS, u64::from(self.settled_year));
        match self.next {
            Some(next) => writer.forecast(&next.block(&contracts[0].name)),
            None => writer.replay(Replay { year: self.year.into() }),
        }
        writer.organization(&self.benchmark_error());
        writer.trend(
            &self.next.map_or_else(|| Trend::new(1.0, 0.01).expect("one percent either way"), |next| next.trend),
        );
        if let Some(next) = self.next.filter(|next| next.program_cv > 0.0) {
            writer.benchmark_factor("program", next.program_cv);
        }
        writer.provider(&own_share(&segments));
        writer.segments(&segments);
        writer.fee_for_service("Fee-for-service");
        for contract in &contracts {
            writer.mssp(&contract.name, &contract.terms, self.settled_year);
        }
        writer.finish()
    }

    /// Where a figure of the row stands.
    pub(crate) fn row(&self) -> String {
        let from = if self.next.is_some() { "forecast from " } else { "" };
        format!("{from}PY{} results, {}", self.year, printable(&self.aco.aco))
    }

    /// How far the benchmark is off: what is not known of the year's forecast, or, of a year that is simulated again, of the year
    /// after it.
    fn benchmark_error(&self) -> LastingFactor {
        let error = self.next.map_or_else(|| self.of_row_alone(), |next| next.benchmark_error);
        let digits = |figure: f64| rounded(figure, DIGITS);
        LastingFactor {
            mean: digits(error.mean),
            sd: digits(error.sd),
            persistence: (error.persistence * 1e3).round() / 1e3,
            tail: error.tail.map(|(weight, ratio)| (digits(weight), digits(ratio))),
        }
    }

    /// The same from the row alone.
    fn of_row_alone(&self) -> LastingFactor {
        let LawFile { law, program, .. } = LawFile::of_2014_to_2022();
        let (people, start) = (self.aco.totals.assigned_beneficiaries.max(1) as f64, Some(self.terms.agreement_start));
        let row = Year {
            year: self.year,
            log_ratio: 0.0,
            people,
            part: self.aco.part_of_year,
            agreement_start: start,
            per_capita: None,
            is_initial: None,
        };
        let target = Target { year: self.year + 1, people, agreement_start: start };
        LastingFactor { mean: 1.0, ..whole_year(&Outlook::new(&law, &program, &[row], target)) }
    }

    /// The row's figures of a segment's people.
    fn complete(&self, segment: &mut Segment, index: usize) {
        let kind = &self.kinds[index];
        segment.members = kind.members;
        segment.truncation_point = Some(Dollars(self.points[index]));
        if let Some(score) = &mut segment.risk_score {
            score.mean = rounded(kind.risk_score, DIGITS);
        }
    }

    fn note_segment(&self, notes: &mut Notes, segment: &Segment, index: usize) {
        let (kind, path) = (&self.kinds[index], segment_path(index));
        let [years, per_capita, score] = kind.enrollment.columns();
        let person_years = count(kind.person_years.round() as u64);
        notes.remark(format!("{path}.members"), format!("who live {person_years} person-years"));
        let moved = "default: the national population's, moved by what the type costs in the file";
        notes.remark(format!("{path}.truncation_point"), moved);
        let inferred = kind.inferred.map_or(String::new(), |inferred| format!("; {inferred}"));
        let spent = count(kind.per_capita.round() as u64);
        notes.source(&path, format!("{}: {years}, {per_capita} ${spent}{inferred}", self.row()));
        let score = format!("mean: {}, {score}; default: cv, frailty_loading (national population)", self.row());
        notes.source(format!("{path}.risk_score"), score);
        for (key, more) in [("frailty", ""), ("mortality", "; amount and parts scaled as services"), ("turnover", "")] {
            notes.source(format!("{path}.{key}"), format!("default: national population{more}"));
        }
        for service in &segment.services {
            notes.source(format!("{path}.services.{}", service.name), self.note_of(&service.name));
        }
    }

    /// Where the figures of a service are from.
    fn note_of(&self, service: &str) -> String {
        let counts = COUNTS.iter().filter(|measure| measure.services.contains(&service)).map(|measure| measure.column);
        let days = (service == "skilled nursing days").then_some(column::SKILLED_NURSING_DAYS);
        let dollars =
            DOLLARS.iter().filter(|measure| measure.services.contains(&service)).map(|measure| measure.column);
        let columns = counts.chain(days).chain(dollars);
        let (defaults, published): (Vec<&str>, Vec<&str>) =
            columns.partition(|column| self.targets.defaults.contains(column));
        let rows =
            if published.is_empty() { String::new() } else { format!("{}: {}; ", self.row(), published.join(", ")) };
        let hidden =
            if defaults.is_empty() { String::new() } else { format!("{} not in the row, ", defaults.join(", ")) };
        format!("{rows}default: {hidden}shape, split by type and within the figure (national population)")
    }

    /// What it is, what happened, and what does not agree.
    fn comment(&self) -> Vec<String> {
        let Self { aco, year, figures, .. } = self;
        let name = if aco.name.is_empty() { "An ACO".to_owned() } else { printable(&aco.name) };
        let (id, file) = (printable(&aco.aco), printable(self.file));
        let totals = &aco.totals;
        let gap = totals.gap.unwrap_or(totals.benchmark - totals.expenditure);
        let earned = aco.earned.map_or(String::new(), |earned| format!("; earned or owed, as published: {earned}"));
        let is_whole = |name: &str| {
            let parts = [column::LONG_TERM_HOSPITAL, column::REHABILITATION, column::PSYCHIATRIC, column::AMBULANCE];
            !parts.contains(&name)
        };
        let whole = DOLLARS.iter().filter(|measure| is_whole(measure.column));
        let services: f64 = whole.filter_map(|measure| figures.figures.get(measure.column)).sum();
        let total =
            figures.per_capita.map_or(String::new(), |total| format!(" against ${total:.0} of truncated spending"));
        let mut lines = vec![
            match self.next {
                Some(_) => format!("{name} ({id}), performance year {}, forecast from {file} and its history.", self.settled_year),
                None => format!("{name} ({id}), performance year {year}, from {file} of CMS's public results."),
            },
            "Written by `twosided new aco`; the method is in docs/new.md. What a note gives after \"default:\" is no figure"
                .to_owned(),
            "of the row: it is for you to replace.".to_owned(),
            String::new(),
            format!(
                "What happened in {year}: benchmark {}, expenditure {}, difference {gap}{earned}.",
                totals.benchmark, totals.expenditure
            ),
        ];
        match self.next {
            Some(next) => lines.extend(next.steps.iter().cloned()),
            None => lines.push("The scenario expects that year's spending again, chance in it included.".to_owned()),
        }
        lines.extend([
            format!("Services in the row add to ${services:.0} a person-year{total}."),
            format!(
                "For types to be met after truncation, each service is {:+.1}% off its figure here.",
                100.0 * (self.over - 1.0)
            ),
        ]);
        if !self.remarks.is_empty() {
            lines.push(String::new());
            lines.extend(self.remarks.iter().map(|remark| format!("Remark: {remark}.")));
        }
        lines
    }

    /// A name that a scenario can have.
    fn name(&self) -> String {
        let clean = |text: &str| printable(text).replace(['/', '\\'], " ");
        let after = format!(" ({}), performance year {}", clean(&self.aco.aco), self.settled_year);
        let room = LONGEST_NAME.saturating_sub(after.chars().count());
        let shown: String = clean(&self.aco.name).trim().chars().take(room).collect();
        let shown = if shown.trim().is_empty() { "ACO" } else { shown.trim() };
        let name = format!("{shown}{after}");
        if name_fault(&name).is_none() { name } else { format!("An ACO, performance year {}", self.settled_year) }
    }

    /// Notes of the blocks that no row decides.
    fn note_blocks(&self, notes: &mut Notes) {
        notes.remark("run.trials", "--trials overrides it");
        let (error, trend) = if self.next.is_some() {
            notes.source("forecast", "the steps in the heading; docs/forecast.md has the law and its proof");
            notes.source(
                "system.factors",
                "default: the program's level beside what follows the trend, law of ACOs over time",
            );
            (
                "default: what is not known of the forecast besides claims noise, law of ACOs over time",
                "default: growth about its mean, and what of it benchmarks follow, law of ACOs over time",
            )
        } else {
            (
                "default: what one year's row leaves unknown of the next, law of ACOs over time (2014 to 2022)",
                "default: assumed, one percent either way",
            )
        };
        notes.source("organization.benchmark_error", error);
        notes.source("population.trend", trend);
        notes.source("provider", "default: assumed, an ACO of physicians; moves no gain of shared savings");
    }
}

/// The provider's share of its own kinds of care, of those that there are.
fn own_share(segments: &[Segment]) -> Vec<(&'static str, Share)> {
    let share = Share::new(OWN_SHARE).expect("a share");
    let own = OWN.into_iter().filter(|service| segments.iter().any(|segment| segment.index(service).is_some()));
    own.map(|service| (service, share)).collect()
}
