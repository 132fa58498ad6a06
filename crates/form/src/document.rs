//! A file read into memory, and what is wrong with it.

use std::{
    borrow::Cow,
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use miette::GraphicalReportHandler;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use twosided_files::read_input;

use crate::{
    Findings, Problem, Section, SourceNote, printable,
    problem::{Shown, Text},
    shortened, syntax, wording,
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
    /// The files that the text is of, each with where it starts.
    files: Vec<(usize, String)>,
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
/// Most files that a file may include.
const MOST_INCLUDED: usize = 10;
/// What an included file may hold.
const INCLUDABLE: &[&str] = &["population", "system", "organisation"];
/// Problems shown in full.
pub(crate) const MOST_PROBLEMS: usize = 50;

impl Document {
    /// A file's text that is in memory.
    pub fn new(file: impl Into<String>, text: impl Into<String>) -> Self {
        Self { files: vec![(0, file.into())], text: text.into() }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`DocumentError::Unreadable`].
    pub fn load(path: &Path) -> Result<Self, DocumentError> {
        let file = printable(&path.display().to_string());
        let unreadable = |reason: String| DocumentError::Unreadable { file: file.clone(), reason };
        let bytes = read_input(path, MOST_BYTES).map_err(|error| unreadable(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let place = error.utf8_error().valid_up_to();
            unreadable(format!("it is not UTF-8 text (byte {place}); save it as UTF-8"))
        })?;
        Ok(Self { files: vec![(0, file)], text })
    }

    /// Reads a file with the files that its key `include` names, relative to its folder, behind it: one text, in which the key
    /// has become a remark, so that the text is the same scenario by itself.
    ///
    /// # Errors
    /// [`DocumentError::Unreadable`] for any of the files, or one that holds what may not be included.
    pub fn load_with_included(path: &Path) -> Result<Self, DocumentError> {
        let mut document = Self::load(path)?;
        for (place, included) in document.take_included()? {
            let whole = path.parent().map_or_else(|| PathBuf::from(&included), |folder| folder.join(&included));
            let of_main = |reason: String| {
                let file = format!("{} (line {place} includes {})", document.file(), shortened(&included, 100));
                DocumentError::Unreadable { file, reason }
            };
            let part = Self::load(&whole).map_err(|error| match error {
                DocumentError::Unreadable { reason, .. } => of_main(reason),
                invalid @ DocumentError::Invalid { .. } => invalid,
            })?;
            if let Ok(table) = DeTable::parse(&part.text)
                && let Some(key) = table.get_ref().keys().find(|key| !INCLUDABLE.contains(&key.get_ref().as_ref()))
            {
                let most = wording::list(INCLUDABLE.iter().copied());
                let key = shortened(key.get_ref(), 60);
                return Err(of_main(format!("it has the key `{key}`; an included file may have {most}")));
            }
            if !document.text.ends_with('\n') {
                document.text.push('\n');
            }
            document.files.push((document.text.len(), part.file().to_owned()));
            document.text.push_str(&part.text);
        }
        Ok(document)
    }

    /// The files that the key `include` names, each with its line, and the text without the key.
    fn take_included(&mut self) -> Result<Vec<(usize, String)>, DocumentError> {
        let Ok(table) = DeTable::parse(&self.text) else { return Ok(Vec::new()) };
        let Some((key, value)) = table.get_ref().get_key_value("include") else { return Ok(Vec::new()) };
        let names: Option<Vec<String>> = match value.get_ref() {
            DeValue::String(name) => Some(vec![name.to_string()]),
            DeValue::Array(names) => names.iter().map(|name| Some(name.get_ref().as_str()?.to_owned())).collect(),
            _ => None,
        };
        let text = Text::new(self.files.clone(), &self.text);
        let (line, _) = text.position(key.span().start);
        let Some(names) = names.filter(|names| names.len() <= MOST_INCLUDED) else {
            let reason = format!(
                "line {line}: include names at most {MOST_INCLUDED} files, as include = \"populations/medicare-2022.toml\""
            );
            return Err(DocumentError::Unreadable { file: self.file().to_owned(), reason });
        };
        let (start, end) = (key.span().start, value.span().end);
        // Byte for byte, so that places stay where they are.
        let blank =
            |text: &str| -> String { text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect() };
        let remark = match &names[..] {
            [name] if !self.text[start..end].contains('\n') => format!("# from {name}"),
            _ => "# from files".to_owned(),
        };
        let mut replaced = blank(&self.text[start..end]);
        let first_line = replaced.find('\n').unwrap_or(replaced.len());
        if remark.len() <= first_line {
            replaced.replace_range(..remark.len(), &remark);
        }
        self.text.replace_range(start..end, &replaced);
        Ok(names.into_iter().map(|name| (line, name)).collect())
    }

    /// The file's name, safe to print.
    pub fn file(&self) -> &str {
        &self.files[0].1
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
        let text = Text::new(self.files.clone(), text);
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
