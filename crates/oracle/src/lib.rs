//! The exact law of a contract's gain in one year, without sampling, and a bound on its own error.
//!
//! Given the factors of the year, people are independent, and the sum that decides a contract has the characteristic function
//!
//! ```text
//! φ(u) = Π over segments of  (E exp(i u f(total of a person)))^members
//! ```
//!
//! A person's total has its law by Fourier transforms on a grid (`grid`, `service`, `person`): counts by their generating functions,
//! frailty and times of death by quadrature. The sum of many people is smooth, so a few frequencies are all that matters of it
//! (`segment_law`, `panel`); its probabilities and partial means are those of a short Fourier series (`series`). The gain is a
//! function of the sum, which `sim` settles: straight pieces between bends and jumps that are found by bisection (`deciding`,
//! `pieces`). Over factors the law is a mixture (`nodes`, `gain_law`).
//!
//! The page `docs/oracle.md` explains the method, and what has no exact law.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod complex;
mod deciding;
mod gain_law;
mod grid;
mod measure;
mod nodes;
mod oracle;
mod panel;
mod person;
mod pieces;
mod quadrature;
mod refusal;
mod segment_law;
mod series;
mod service;
mod sum;

pub use gain_law::{Exact, GainLaw};
pub use measure::Measure;
pub use nodes::Node;
pub use oracle::{Oracle, TotalLaw};
pub use refusal::NoExactLaw;
