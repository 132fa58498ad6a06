//! A TOML file as a form: each key asked for by name, every problem noted with its place, none stopping the rest.
//!
//! What a file says is read by whoever knows its meaning, beside the thing that is read; this crate knows only how to ask, and
//! how to show what is wrong.

mod document;
mod edit;
mod include;
mod key;
mod merge;
mod names;
mod problem;
mod put;
mod read;
mod reference;
mod schema;
mod section;
mod setting;
mod sink;
mod slips;
mod steering;
mod syntax;
mod toml_text;
mod value;
mod warnings;
mod wording;

pub use document::{Document, DocumentError, Examined, ProblemText};
pub use key::{
    Absent, ByName, Holds, Key, KeySpec, List, Literal, Nested, Range, Status, Table, TablesByName, Unit, Word,
};
pub use names::{Names, unique};
pub use problem::{Problem, printable, shortened};
pub use read::{KeyValue, Value};
pub use schema::json_of_toml;
pub use section::{At, Findings, Section, SourceNote};
pub use setting::{Setting, SettingError};
pub use sink::{Cells, cell, colored_terminal, markup, name_cell, terminal};
pub use toml_text::toml_text;
pub use value::name_fault;
pub use warnings::{Figures, Warnings};
pub use wording::{Suggestions, count, figure, list};
