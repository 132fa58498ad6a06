//! A comparison for programs.

use serde::Serialize;
use twosided_report::{Figure, Provenance};

use super::{Change, Compared, Comparison, Pairing, Subject};

/// The version of the form; it rises when a key is renamed, removed, or means something else.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    moved: bool,
    a: Run<'a>,
    b: Run<'a>,
    paired: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_paired_because: Option<&'a str>,
    false_alarms: f64,
    threshold: f64,
    counts: Counts,
    only_in_a: &'a [String],
    only_in_b: &'a [String],
    notes: &'a [String],
    figures: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Run<'a> {
    name: &'a str,
    provenance: &'a Provenance,
}

#[derive(Serialize)]
struct Counts {
    figures: usize,
    identical: usize,
    within_noise: usize,
    not_decidable: usize,
    immaterial: usize,
    moved: usize,
}

#[derive(Serialize)]
struct Row<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    contract: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    segment: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    year: Option<u32>,
    measure: &'a str,
    verdict: &'static str,
    difference: f64,
    standard_error: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
    p_value: Option<f64>,
    a: &'a Figure,
    b: &'a Figure,
}

fn row(figure: &Compared) -> Row<'_> {
    let (contract, segment, service) = match &figure.subject {
        Subject::Contract(name) => (Some(name.as_str()), None, None),
        Subject::Population { segment, service } => (None, Some(segment.as_str()), Some(service.as_str())),
    };
    let known = |number: f64| number.is_finite().then_some(number);
    Row {
        contract,
        segment,
        service,
        year: figure.year,
        measure: &figure.measure,
        verdict: figure.change.key(),
        difference: figure.difference,
        standard_error: known(figure.standard_error),
        lower: known(figure.lower),
        upper: known(figure.upper),
        p_value: figure.p_value,
        a: &figure.a,
        b: &figure.b,
    }
}

impl Comparison {
    /// Everything in one JSON object.
    pub fn json(&self) -> String {
        let run = |side: usize| Run { name: &self.names[side], provenance: &self.provenance[side] };
        let document = Document {
            schema_version: SCHEMA_VERSION,
            moved: self.has_moved(),
            a: run(0),
            b: run(1),
            paired: self.pairing == Pairing::Paired,
            not_paired_because: match &self.pairing {
                Pairing::Paired => None,
                Pairing::Independent(reason) => Some(reason),
            },
            false_alarms: self.false_alarms,
            threshold: self.threshold,
            counts: Counts {
                figures: self.figures.len(),
                identical: self.count(Change::Identical),
                within_noise: self.count(Change::WithinNoise),
                not_decidable: self.count(Change::Undecidable),
                immaterial: self.count(Change::Immaterial),
                moved: self.count(Change::Moved),
            },
            only_in_a: &self.only_in_a,
            only_in_b: &self.only_in_b,
            notes: &self.notes,
            figures: self.figures.iter().map(row).collect(),
        };
        super::bench::pretty(&document)
    }
}
