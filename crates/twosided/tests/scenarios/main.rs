//! Scenarios read, run and measured through the library: what is refused, what is warned of, and what contracts come to.

mod contracts;
mod covers;
mod expected;
mod figures;
mod growth;
mod includes;
mod plausible;
mod support;
mod wording;
