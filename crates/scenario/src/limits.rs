//! The `[[limits]]`: what a contract is required to keep to, and the small language of statements.

mod cursor;
mod parse;
mod statement;
#[cfg(test)]
mod tests;

pub use cursor::StatementError;
pub use statement::{Base, Comparison, Event, Quantity, Statement, Subject, When};
