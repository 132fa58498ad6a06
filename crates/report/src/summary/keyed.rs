//! Lists that a file holds as an object: contracts by their names, figures by what they measure.

use std::{collections::BTreeMap, fmt};

use schemars::{Schema, SchemaGenerator, json_schema};
use serde::{
    Deserializer, Serializer,
    de::{Error, MapAccess, Visitor},
    ser::SerializeMap,
};

use crate::{ContractSummary, Figure};

/// One figure a key, in the order of the keys.
fn write<S: Serializer>(
    keys: impl Iterator<Item = &'static str>,
    figures: &[Figure],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(keys.zip(figures))
}

/// Reads a figure for each of the keys; others are left alone.
fn read<'de, D: Deserializer<'de>>(
    keys: impl Iterator<Item = &'static str>,
    deserializer: D,
) -> Result<Vec<Figure>, D::Error> {
    let figures: BTreeMap<String, Figure> = serde::Deserialize::deserialize(deserializer)?;
    keys.map(|key| figures.get(key).copied().ok_or_else(|| D::Error::missing_field(key))).collect()
}

fn schema(keys: impl Iterator<Item = &'static str>, generator: &mut SchemaGenerator) -> Schema {
    let figure = generator.subschema_for::<Figure>();
    let required: Vec<&str> = keys.collect();
    let properties: serde_json::Map<String, serde_json::Value> =
        required.iter().map(|&key| (key.to_owned(), figure.clone().to_value())).collect();
    json_schema!({ "type": "object", "properties": properties, "required": required })
}

/// Figures in the order of [`crate::RiskMeasure::ALL`], each under its key.
pub(super) mod by_measure {
    use schemars::{Schema, SchemaGenerator};
    use serde::{Deserializer, Serializer};

    use crate::{Figure, RiskMeasure};

    fn keys() -> impl Iterator<Item = &'static str> {
        RiskMeasure::ALL.into_iter().map(RiskMeasure::key)
    }

    pub(in crate::summary) fn serialize<S: Serializer>(figures: &[Figure], serializer: S) -> Result<S::Ok, S::Error> {
        super::write(keys(), figures, serializer)
    }

    pub(in crate::summary) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Figure>, D::Error> {
        super::read(keys(), deserializer)
    }

    pub(in crate::summary) fn schema(generator: &mut SchemaGenerator) -> Schema {
        super::schema(keys(), generator)
    }
}

/// Figures in the order of [`twosided_provider::Line::ALL`], each under its line's name.
pub(super) mod by_line {
    use schemars::{Schema, SchemaGenerator};
    use serde::{Deserializer, Serializer};
    use twosided_provider::Line;

    use crate::Figure;

    fn keys() -> impl Iterator<Item = &'static str> {
        Line::ALL.into_iter().map(Line::name)
    }

    pub(in crate::summary) fn serialize<S: Serializer>(figures: &[Figure], serializer: S) -> Result<S::Ok, S::Error> {
        super::write(keys(), figures, serializer)
    }

    pub(in crate::summary) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Figure>, D::Error> {
        super::read(keys(), deserializer)
    }

    pub(in crate::summary) fn schema(generator: &mut SchemaGenerator) -> Schema {
        super::schema(keys(), generator)
    }
}

/// Contracts, each under its name; their order is that of the object's entries.
pub(super) mod by_name {
    pub(in crate::summary) use super::{read_contracts as deserialize, write_contracts as serialize};
}

pub(super) fn write_contracts<S: Serializer>(contracts: &[ContractSummary], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(contracts.len()))?;
    for contract in contracts {
        map.serialize_entry(&contract.name, contract)?;
    }
    map.end()
}

pub(super) fn read_contracts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ContractSummary>, D::Error> {
    struct Contracts;

    impl<'de> Visitor<'de> for Contracts {
        type Value = Vec<ContractSummary>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object with one entry per contract")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut contracts: Vec<ContractSummary> = Vec::new();
            while let Some((name, contract)) = entries.next_entry::<String, ContractSummary>()? {
                if contracts.iter().any(|known| known.name == name) {
                    return Err(A::Error::custom(format!("the contract \"{name}\" stands there twice")));
                }
                contracts.push(ContractSummary { name, ..contract });
            }
            Ok(contracts)
        }
    }

    deserializer.deserialize_map(Contracts)
}
