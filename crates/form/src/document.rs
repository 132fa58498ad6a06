//! A file read into memory, and what is wrong with it.

use std::{
    borrow::Cow,
    fmt,
    fs::{self, File},
    io::{self, Read},
    path::Path,
    sync::Arc,
};

use miette::GraphicalReportHandler;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    Findings, Problem, Section, SourceNote, printable,
    problem::{Shown, Text},
    syntax, wording,
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
        /// The text in which they stand.
        text: ProblemText,
    },
}

/// A file as text.
#[derive(Clone, Debug)]
pub struct Document {
    file: String,
    text: String,
}

/// The text of a file with problems.
#[derive(Clone, Debug)]
pub struct ProblemText(Arc<Text>);

/// Largest file read.
const MOST_BYTES: u64 = 4 * 1024 * 1024;
/// Longest text of which all that is not TOML is found, which takes far more memory than the text; of a longer one, the
/// first fault alone is.
const MOST_RECOVERED: usize = 1024 * 1024;
/// Problems shown in full.
pub(crate) const MOST_PROBLEMS: usize = 50;

impl Document {
    /// A file's text that is in memory.
    pub fn new(file: impl Into<String>, text: impl Into<String>) -> Self {
        Self { file: file.into(), text: text.into() }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`DocumentError::Unreadable`].
    pub fn load(path: &Path) -> Result<Self, DocumentError> {
        let file = printable(&path.display().to_string());
        let unreadable = |reason: String| DocumentError::Unreadable { file: file.clone(), reason };
        let of_io = |error: &io::Error| match error.kind() {
            io::ErrorKind::NotFound => "there is no such file".to_owned(),
            _ => error.to_string(),
        };
        let metadata = fs::metadata(path).map_err(|error| unreadable(of_io(&error)))?;
        if !metadata.is_file() {
            return Err(unreadable(
                "it is not a file; give the path of a scenario, as scenarios/first-steps.toml".into(),
            ));
        }
        // A file may hold more than it says, as those of /proc do.
        let mut bytes = Vec::new();
        let file_of_bytes = File::open(path).map_err(|error| unreadable(of_io(&error)))?;
        file_of_bytes.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(of_io(&error)))?;
        if bytes.len() as u64 > MOST_BYTES {
            let most = wording::count(MOST_BYTES);
            return Err(unreadable(format!("it has more than {most} bytes, the most that a scenario may have")));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let place = error.utf8_error().valid_up_to();
            unreadable(format!("it is not UTF-8 text (byte {place}); save it as UTF-8"))
        })?;
        Ok(Self { file, text })
    }

    /// The file's name, safe to print.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Reads what the text says, with the notes of where it comes from.
    ///
    /// # Errors
    /// [`DocumentError::Invalid`], with every problem of the text.
    pub fn read<T>(&self, read: impl FnOnce(Section<'_>) -> Option<T>) -> Result<(T, Vec<SourceNote>), DocumentError> {
        self.read_with(&[], read)
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
        let findings = Findings::default();
        let text = self.text.as_str();
        let (mut table, syntax_errors) = match DeTable::parse(text) {
            Ok(table) => (table, Vec::new()),
            Err(first) if text.len() > MOST_RECOVERED => (Spanned::new(0..0, DeTable::new()), vec![first]),
            Err(_) => DeTable::parse_recoverable(text),
        };
        for (path, cell) in values {
            put(table.get_mut(), path, cell);
        }
        let said = read(Section::new(table.get_ref(), String::new(), 0..0, &findings));
        let mut problems = findings.problems.into_inner();
        if syntax_errors.is_empty() && problems.is_empty() {
            let said = said.expect("what cannot be read has a problem that was noted");
            return Ok((said, findings.sources.into_inner()));
        }
        let text = Text::new(self.file.clone(), text);
        syntax::add(&syntax_errors, &text, &mut problems);
        problems.sort_by_key(|problem| problem.span.start);
        Err(DocumentError::Invalid { problems, text: ProblemText(Arc::new(text)) })
    }
}

/// Puts a cell where its path says; what stands in the way is replaced.
fn put<'a>(table: &mut DeTable<'a>, path: &'a [String], cell: &'a str) {
    let Some((key, rest)) = path.split_first() else { return };
    let spanned_key = Spanned::new(0..0, Cow::Borrowed(key.as_str()));
    if rest.is_empty() {
        let value = DeValue::parse(cell).map(Spanned::into_inner);
        let value = value.unwrap_or(DeValue::String(Cow::Borrowed(cell)));
        table.insert(spanned_key, Spanned::new(0..0, value));
        return;
    }
    let within = table.entry(spanned_key).or_insert_with(|| Spanned::new(0..0, DeValue::Table(DeTable::new())));
    if !matches!(within.get_ref(), DeValue::Table(_)) {
        *within.get_mut() = DeValue::Table(DeTable::new());
    }
    if let DeValue::Table(within) = within.get_mut() {
        put(within, rest, cell);
    }
}

impl std::error::Error for DocumentError {}

impl fmt::Display for DocumentError {
    /// One line: what is wrong with the file as a whole.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { file, reason } => write!(f, "cannot read {file}: {reason}"),
            Self::Invalid { problems, text } => {
                let plural = if problems.len() == 1 { "" } else { "s" };
                write!(f, "{} has {} problem{plural}", text.0.name(), wording::count(problems.len() as u64))
            }
        }
    }
}

impl DocumentError {
    /// Every problem with its line, the text there and what would be right, drawn by the handler; then the summary line.
    pub fn render(&self, handler: &GraphicalReportHandler) -> String {
        let mut out = String::new();
        if let Self::Invalid { problems, text } = self {
            for problem in problems.iter().take(MOST_PROBLEMS) {
                let Problem { span, message, help, .. } = problem.clone();
                let shown = Shown { message, help, span, text: Arc::clone(&text.0) };
                handler.render_report(&mut out, &shown).expect("writing to a string cannot fail");
                out.push('\n');
            }
            if problems.len() > MOST_PROBLEMS {
                let others = wording::count((problems.len() - MOST_PROBLEMS) as u64);
                out.push_str(&format!("… and {others} more\n"));
            }
        }
        out.push_str(&format!("{self}\n"));
        out
    }
}

impl ProblemText {
    /// Line and column of a problem, both counted from one.
    pub fn position(&self, problem: &Problem) -> (usize, usize) {
        self.0.position(problem.span.start)
    }
}
