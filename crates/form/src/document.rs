//! A file read into memory, and what is wrong with it.

use std::{fmt, fs, ops::Range, path::Path, sync::Arc};

use miette::{GraphicalReportHandler, Severity};
use toml::{Spanned, de::DeTable};
use twosided_files::read_input;

use crate::{
    Findings, Problem, Section, Setting, SourceNote, Table,
    edit::edited,
    merge::{merge, merged_text, moved},
    printable,
    problem::{Shown, Text},
    put::{Step, all_steps, put, put_all, value_of},
    syntax,
    warnings::{Warnings, indices},
    wording,
};

/// A file that cannot be used.
#[derive(Debug)]
pub enum DocumentError {
    /// The file cannot be read.
    Unreadable {
        /// The file.
        file: String,
        /// Why, and what would be right.
        reason: String,
    },
    /// The file has problems.
    Invalid {
        /// The problems, in the order of their places.
        problems: Vec<Problem>,
        /// How many more there are, which were only counted.
        more: usize,
        /// The text in which they stand.
        text: ProblemText,
    },
}

/// A file as text.
#[derive(Clone, Debug)]
pub struct Document {
    /// The files that the text is of, each with where it starts; after them the settings.
    files: Vec<(usize, String)>,
    text: String,
    /// What holds in place of what the files say, each with where it starts in the text.
    settings: Vec<(usize, Setting)>,
    /// Whether the file was reached by a link out of a folder, so that none of its lines is shown.
    withheld: bool,
}

/// The text of a file with problems.
#[derive(Clone, Debug, PartialEq)]
pub struct ProblemText(Arc<Text>);

/// What a file says, and what is to be said of it.
#[derive(Clone, Debug)]
pub struct Examined<T> {
    /// What it says.
    pub value: T,
    /// Where its assumptions come from.
    pub sources: Vec<SourceNote>,
    /// What is likely to be meant otherwise.
    pub warnings: Warnings,
}

/// Largest file read.
const MOST_BYTES: u64 = 4 * 1024 * 1024;
/// Longest text of which all that is not TOML is found, which takes far more memory than the text; of a longer one, the
/// first fault alone is.
const MOST_RECOVERED: usize = 1024 * 1024;
/// What is said of its first fault.
const ONE_RECOVERED: &str = " (of a file above 1 MiB the first fault alone is looked for)";
/// Where settings come from, for messages.
const SET: &str = "--set";
/// Problems shown in full.
pub(crate) const MOST_PROBLEMS: usize = 50;

impl Document {
    /// A file's text that is in memory; a byte-order mark before it is no part of it.
    pub fn new(file: impl Into<String>, text: impl Into<String>) -> Self {
        let text: String = text.into();
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        Self { files: vec![(0, file.into())], text, settings: Vec::new(), withheld: false }
    }

    /// Reads a file. Where a link on the way to it leads out of the folder that the link is in, none of its lines is ever
    /// shown: whoever wrote the link may not be whoever may read the file.
    ///
    /// # Errors
    /// [`DocumentError::Unreadable`].
    pub fn load(path: &Path) -> Result<Self, DocumentError> {
        let file = printable(&path.display().to_string());
        let unreadable = |reason: String| DocumentError::Unreadable { file: file.clone(), reason };
        let bytes = read_input(path, MOST_BYTES).map_err(|error| unreadable(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let index = error.utf8_error().valid_up_to();
            unreadable(if syntax::is_data(&file) {
                syntax::NOT_TOML.to_owned()
            } else {
                format!("it is not UTF-8 text (byte {index}); save it as UTF-8")
            })
        })?;
        Ok(Self { withheld: leads_out(path), ..Self::new(file, text) })
    }

    /// The same with keys set, as if the file said so. What is wrong with a setting is shown in its own text, as that of a file
    /// named `--set`.
    #[must_use]
    pub fn with(mut self, settings: impl IntoIterator<Item = Setting>) -> Self {
        for setting in settings {
            self.push(SET.to_owned(), &setting.to_string());
            let (start, _) = self.files[self.files.len() - 1];
            self.settings.push((start, setting));
        }
        self
    }

    /// Adds a part behind the rest.
    pub(crate) fn push(&mut self, file: String, text: &str) {
        if !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        self.files.push((self.text.len(), file));
        self.text.push_str(text);
    }

    /// Blanks a stretch of the text, byte for byte, so that places stay where they are.
    pub(crate) fn blank(&mut self, span: Range<usize>) {
        let blank =
            self.text[span.clone()].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect::<String>();
        self.text.replace_range(span, &blank);
    }

    /// The file itself and the parts that it includes: where each starts, its name and its text.
    fn parts(&self) -> impl Iterator<Item = (usize, &str, &str)> {
        let ends = self.files.iter().skip(1).map(|&(start, _)| start).chain([self.text.len()]);
        let parts = self.files.iter().zip(ends).take(self.files.len() - self.settings.len());
        parts.map(|((start, file), end)| (*start, file.as_str(), &self.text[*start..end]))
    }

    /// The file's name, safe to print.
    pub fn file(&self) -> &str {
        &self.files[0].1
    }

    /// The text, with that of included files behind it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// One text that says by itself what the file says with those that it includes and with what is set, their remarks kept.
    ///
    /// # Errors
    /// [`DocumentError::Unreadable`] for a text that is not TOML, or a setting that goes nowhere in it.
    pub fn whole_text(&self) -> Result<String, DocumentError> {
        let unreadable =
            |reason: &str| DocumentError::Unreadable { file: self.file().to_owned(), reason: reason.to_owned() };
        let mut parts = self.parts();
        let main = parts.next().map_or("", |(.., text)| text);
        let included: Vec<(&str, &str)> = parts.map(|(_, file, text)| (file, text)).collect();
        let text = if included.is_empty() {
            main.to_owned()
        } else {
            let merged = merged_text(main, &included);
            merged.map_err(|_| unreadable("it cannot be written as one file with those that it includes"))?
        };
        if self.settings.is_empty() {
            return Ok(text);
        }
        let findings = Findings::default();
        let table = DeTable::parse(&text).map_err(|_| unreadable("it is not TOML"))?;
        let settings = all_steps(&self.settings, table.get_ref(), &findings).into_iter();
        let settings: Vec<_> = settings.map(|(_, setting, steps)| (steps, setting.value())).collect();
        let is_all = settings.len() == self.settings.len();
        let text = edited(&text, &settings).ok().flatten().filter(|_| is_all);
        text.ok_or_else(|| unreadable("it cannot be written with what is set by --set"))
    }

    /// Reads what the text says, with the notes of where it comes from.
    ///
    /// # Errors
    /// [`DocumentError::Invalid`], with every problem of the text.
    pub fn read<T>(&self, read: impl FnOnce(Section<'_>) -> Option<T>) -> Result<(T, Vec<SourceNote>), DocumentError> {
        self.read_with(&[], read)
    }

    /// Reads what the text says by a table whose keys are declared.
    ///
    /// # Errors
    /// [`DocumentError::Invalid`], with every problem of the text.
    pub fn read_table<T>(
        &self,
        table: &'static Table,
        read: impl FnOnce(Section<'_>) -> Option<T>,
    ) -> Result<(T, Vec<SourceNote>), DocumentError> {
        self.read(|section| read(section.of(table)))
    }

    /// Reads what the text says with some values put in or replaced, each given by the path of its key and the value as a
    /// cell of a table holds it: TOML, or else text.
    ///
    /// # Errors
    /// [`DocumentError::Invalid`], with every problem of the text or the values.
    pub fn read_with<T>(
        &self,
        values: &[(&[String], &str)],
        read: impl FnOnce(Section<'_>) -> Option<T>,
    ) -> Result<(T, Vec<SourceNote>), DocumentError> {
        self.examine(values, read).map(|read| (read.value, read.sources))
    }

    /// Reads the same, with what is likely to be meant otherwise.
    ///
    /// # Errors
    /// [`DocumentError::Invalid`], with every problem of the text or the values.
    pub fn examine<T>(
        &self,
        values: &[(&[String], &str)],
        read: impl FnOnce(Section<'_>) -> Option<T>,
    ) -> Result<Examined<T>, DocumentError> {
        let findings = Findings::default();
        let mut parts = self.parts();
        let main = parts.next().map_or("", |(.., text)| text);
        let mut table = match DeTable::parse(main) {
            Ok(table) => table,
            Err(first) => {
                let errors = if main.len() > MOST_RECOVERED { vec![first] } else { DeTable::parse_recoverable(main).1 };
                let text = self.problem_text();
                let (mut problems, more) = syntax::problems(&errors, &text.0);
                if main.len() > MOST_RECOVERED {
                    for problem in &mut problems {
                        problem.help.push_str(ONE_RECOVERED);
                    }
                }
                return Err(DocumentError::Invalid { problems, more, text });
            }
        };
        for (start, file, text) in parts {
            let Ok(part) = DeTable::parse(text) else {
                let reason = "it is not TOML by itself".to_owned();
                return Err(DocumentError::Unreadable { file: file.to_owned(), reason });
            };
            let text = || Text::new(self.files.clone(), &self.text);
            merge(table.get_mut(), moved(part.into_inner(), start), "", &text, &findings);
        }
        put_all(&self.settings, table.get_mut(), &findings);
        for (path, cell) in values {
            let steps: Vec<_> = path.iter().map(|key| (Step::Key(key), 0..0)).collect();
            let value = Spanned::new(0..0, value_of(cell).into_inner());
            put(table.get_mut(), &steps, value);
        }
        let value = read(Section::new(table.get_ref(), String::new(), 0..0, &findings));
        let misplaced = findings.misplaced.into_inner();
        let mut problems = findings.problems.into_inner();
        if !misplaced.is_empty() {
            // What else seems wrong or missing may be in what is to be included.
            problems = misplaced;
        }
        if problems.is_empty() {
            let value = value.expect("what cannot be read has a problem that was noted");
            let indices = indices(table.get_ref());
            let warnings = Warnings::new(findings.doubts.into_inner(), indices, self.problem_text());
            return Ok(Examined { value, sources: findings.sources.into_inner(), warnings });
        }
        problems.sort_by_key(|problem| problem.span.start);
        Err(DocumentError::Invalid { problems, more: 0, text: self.problem_text() })
    }

    pub(crate) fn problem_text(&self) -> ProblemText {
        ProblemText(Arc::new(Text::new(self.files.clone(), &self.text).withheld(self.withheld)))
    }
}

/// Whether a link on the way of a path leads out of the folder that it is in.
fn leads_out(path: &Path) -> bool {
    let folder = |part: &Path| match part.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => fs::canonicalize(folder),
        _ => fs::canonicalize("."),
    };
    path.ancestors().filter(|part| part.is_symlink()).any(|part| match (fs::canonicalize(part), folder(part)) {
        (Ok(target), Ok(folder)) => !target.starts_with(folder),
        _ => true,
    })
}

impl std::error::Error for DocumentError {}

impl fmt::Display for DocumentError {
    /// One line: what is wrong with the file as a whole.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { file, reason } => write!(f, "cannot read {file}: {reason}"),
            Self::Invalid { problems, more, text } => {
                let count = problems.len() + more;
                let plural = if count == 1 { "" } else { "s" };
                write!(f, "{} has {} problem{plural}", text.0.name(), wording::count(count as u64))
            }
        }
    }
}

impl DocumentError {
    /// The summary line, with the first problem and its place: for a file that the program wrote, or is one of many.
    pub fn in_short(&self) -> String {
        match self {
            Self::Invalid { problems, text, .. } if !problems.is_empty() => {
                let Problem { message, span, .. } = &problems[0];
                let (line, column) = text.position(&problems[0]);
                let (start, file) = text.0.file(span.start);
                let elsewhere = if start > 0 { format!(" of {file}") } else { String::new() };
                format!("{self}; the first, at line {line}, column {column}{elsewhere}: {message}")
            }
            Self::Invalid { .. } | Self::Unreadable { .. } => self.to_string(),
        }
    }

    /// Every problem with its line, the text there and what would be right, drawn by the handler; then the summary line.
    pub fn render(&self, handler: &GraphicalReportHandler) -> String {
        let mut out = match self {
            Self::Invalid { problems, more, text } => drawn(problems, *more, text, Severity::Error, handler),
            Self::Unreadable { .. } => String::new(),
        };
        out.push_str(&format!("{self}\n"));
        out
    }
}

/// Problems drawn one after the other, the first of many; the others, and `more`, are counted.
pub(crate) fn drawn(
    problems: &[Problem],
    more: usize,
    text: &ProblemText,
    severity: Severity,
    handler: &GraphicalReportHandler,
) -> String {
    let mut out = String::new();
    for problem in problems.iter().take(MOST_PROBLEMS) {
        let Problem { span, mut message, help } = problem.clone();
        if text.0.is_withheld() {
            let (line, column) = text.position(problem);
            message.push_str(&format!(" (line {line}, column {column})"));
        }
        let shown = Shown { message, help, span, severity, text: Arc::clone(&text.0) };
        handler.render_report(&mut out, &shown).expect("writing to a string cannot fail");
        out.push('\n');
    }
    let others = problems.len().saturating_sub(MOST_PROBLEMS) + more;
    if others > 0 {
        out.push_str(&format!("… and {} more\n", wording::count(others as u64)));
    }
    if text.0.is_withheld() && !problems.is_empty() {
        let name = text.0.name();
        out.push_str(&format!("no line of {name} is shown, as a link in this path leads out of its folder\n"));
    }
    out
}

impl ProblemText {
    /// Line and column of a problem, both counted from one.
    pub fn position(&self, problem: &Problem) -> (usize, usize) {
        self.0.position(problem.span.start)
    }
}
