//! Attribution with a random head count, from scenario files to settlements.

use twosided::{Overrides, Simulated};
use twosided_population::{Assignment, Observation};

use crate::support::{Run, parse, text as words, twosided};
