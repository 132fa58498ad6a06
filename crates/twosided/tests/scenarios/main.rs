//! Scenarios read, run and measured through the library: what is refused, what is warned of, and what contracts come to.

mod contracts;
mod covers;
mod expected;
mod figures;
mod growth;
mod includes;
#[path = "../../../../tests/support/lives.rs"]
mod lives;
mod plausible;
mod points;
mod precision;
mod stopped;
mod support;
#[path = "../../../../tests/support/whole_scenario.rs"]
mod whole_scenario;
mod wording;
