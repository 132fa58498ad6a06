//! Declared keys as a JSON Schema, with which an editor completes and checks a file.

use serde_json::{Map, Value, json};
use toml::de::{DeTable, DeValue};

use crate::{Absent, Holds, KeySpec, Literal, Range, Table};

/// The dialect that editors of TOML understand.
const DIALECT: &str = "http://json-schema.org/draft-07/schema#";

impl Table {
    /// The schema of a file whose root is this table.
    pub fn schema(&'static self, title: &str, description: &str) -> Value {
        let definitions = self.all().into_iter().skip(1).map(|table| (table.name.to_owned(), table.object()));
        let mut schema = json!({ "$schema": DIALECT, "title": title, "description": description });
        let object = schema.as_object_mut().expect("it is an object");
        if let Value::Object(root) = self.object() {
            object.extend(root);
        }
        object.insert("definitions".to_owned(), Value::Object(definitions.collect()));
        schema
    }

    fn object(&self) -> Value {
        let mut properties: Map<String, Value> = self.keys().map(|key| (key.name.to_owned(), key.property())).collect();
        properties.entry("source").or_insert_with(|| json!({ "type": "string", "description": "where this is from" }));
        let required = self.keys().filter(|key| matches!(key.absent, Absent::Required { .. })).map(|key| key.name);
        let mut object = json!({
            "type": "object",
            "properties": properties,
            "required": required.collect::<Vec<_>>(),
            "additionalProperties": false,
        });
        let groups = self.groups();
        if !groups.is_empty() {
            let one_of = |names: &[&str]| json!({ "oneOf": names.iter().map(|name| json!({ "required": [name] })).collect::<Vec<_>>() });
            object["allOf"] = groups.iter().map(|group| one_of(&self.group(group))).collect();
        }
        object
    }

    /// The names of its groups of keys of which exactly one must be there.
    fn groups(&self) -> Vec<&'static str> {
        let mut groups = Vec::new();
        for key in self.keys() {
            if let Absent::OneOf { group, .. } = key.absent
                && !groups.contains(&group)
            {
                groups.push(group);
            }
        }
        groups
    }
}

impl KeySpec {
    fn property(&self) -> Value {
        let mut property = self.holds.schema();
        let object = property.as_object_mut().expect("it is an object");
        let unit = if self.unit.symbol.is_empty() { String::new() } else { format!(" ({})", self.unit.symbol) };
        object.insert("description".to_owned(), json!(format!("{}{unit}", self.explanation())));
        match self.absent {
            Absent::Default(Literal::Number(number)) => object.insert("default".to_owned(), json!(number)),
            Absent::Default(Literal::Whole(number)) => object.insert("default".to_owned(), json!(number)),
            Absent::Default(Literal::Truth(truth)) => object.insert("default".to_owned(), json!(truth)),
            Absent::Default(Literal::Word(word)) => object.insert("default".to_owned(), json!(word)),
            Absent::Default(Literal::Bands(_) | Literal::Absent)
            | Absent::Required { .. }
            | Absent::Means { .. }
            | Absent::OneOf { .. } => None,
        };
        if let Some(example) = json_of_value(&self.example()) {
            object.insert("examples".to_owned(), json!([example]));
        }
        property
    }
}

impl Holds {
    fn schema(&self) -> Value {
        match self {
            Self::Number(range) | Self::Share(range) => range.schema(),
            Self::Whole { low, high } => json!({ "type": "integer", "minimum": low, "maximum": high }),
            Self::Truth => json!({ "type": "boolean" }),
            Self::Text => json!({ "type": "string" }),
            Self::Name => json!({ "type": "string", "minLength": 1, "maxLength": crate::value::LONGEST_NAME }),
            Self::Word(words) => json!({ "type": "string", "enum": words() }),
            Self::Names { .. } => json!({ "type": "array", "items": { "type": "string" } }),
            Self::Numbers(range) => json!({ "type": "array", "items": range.schema() }),
            Self::Pairs { .. } => {
                let pair = json!({ "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 });
                json!({ "type": "array", "items": pair })
            }
            // Beside a reference, this dialect reads nothing else.
            Self::Table(table) => json!({ "allOf": [reference(table)] }),
            Self::Tables { each, most } => {
                json!({ "type": "array", "items": reference(each), "minItems": 1, "maxItems": most })
            }
            Self::TablesByName { each, .. } => json!({
                "type": "object",
                "properties": { "source": { "anyOf": [{ "type": "string" }, reference(each)] } },
                "additionalProperties": reference(each),
                "minProperties": 1,
            }),
            Self::ByName { each, .. } => json!({
                "type": "object",
                "properties": { "source": { "anyOf": [{ "type": "string" }, each.schema()] } },
                "additionalProperties": each.schema(),
            }),
            Self::Either(several) => json!({ "anyOf": several.iter().map(Self::schema).collect::<Vec<_>>() }),
        }
    }
}

fn reference(table: &Table) -> Value {
    json!({ "$ref": format!("#/definitions/{}", table.name) })
}

impl Range {
    fn schema(&self) -> Value {
        let (above, below) = self.open();
        let low = if above { "exclusiveMinimum" } else { "minimum" };
        let high = if below { "exclusiveMaximum" } else { "maximum" };
        json!({ "type": "number", low: self.low, high: self.high })
    }
}

/// A value of a TOML file as JSON; none for text that is not TOML.
fn json_of_value(text: &str) -> Option<Value> {
    if text.is_empty() {
        return None;
    }
    DeValue::parse(text).ok().map(|value| json(value.get_ref()))
}

/// A TOML file as JSON, as a validator of schemas takes it; none for text that is not TOML.
pub fn json_of_toml(text: &str) -> Option<Value> {
    DeTable::parse(text).ok().map(|table| object(table.get_ref()))
}

fn object(table: &DeTable<'_>) -> Value {
    table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref()))).collect::<Map<_, _>>().into()
}

fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => json!(text),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => json!(number),
            Err(_) => json!(number.to_string()),
        },
        // What JSON has no number for is left as text, which no schema takes for one.
        DeValue::Float(number) => match number.as_str().parse::<f64>().ok().filter(|number| number.is_finite()) {
            Some(number) => json!(number),
            None => json!(number.as_str()),
        },
        DeValue::Boolean(truth) => json!(truth),
        DeValue::Datetime(time) => json!(time.to_string()),
        DeValue::Array(array) => array.iter().map(|entry| json(entry.get_ref())).collect(),
        DeValue::Table(table) => object(table),
    }
}
