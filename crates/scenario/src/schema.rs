//! The scenario file as a JSON Schema, with which an editor completes and checks it.

use serde_json::Value;

use crate::RootKeys;

/// The JSON Schema of a scenario file, made from the keys as their readers declare them.
///
/// What it says of a file is less than what the reader says: that names are unique, or that shares add to one, no schema knows.
pub fn schema() -> Value {
    RootKeys::TABLE
        .schema("twosided scenario", "Who is covered, what the provider delivers, and the contracts to compare.")
}
