//! A row of a file of published or derived cases.

use std::path::Path;

use csv::StringRecord;
use twosided_units::Share;

/// Half of the last digit of a figure in cents.
pub const CENT: f64 = 0.0051;
/// Half of the last digit of a share or score of six decimals.
pub const MILLIONTH: f64 = 6e-7;

pub struct Row {
    headers: StringRecord,
    record: StringRecord,
}

impl Row {
    pub fn text(&self, column: &str) -> &str {
        let index = self.headers.iter().position(|header| header == column);
        &self.record[index.unwrap_or_else(|| panic!("no column {column}"))]
    }

    pub fn optional(&self, column: &str) -> Option<f64> {
        let text = self.text(column);
        (!text.is_empty()).then(|| text.parse().unwrap_or_else(|_| panic!("{column} is {text}")))
    }

    pub fn number(&self, column: &str) -> f64 {
        self.optional(column).unwrap_or_else(|| panic!("{column} is empty"))
    }

    pub fn flag(&self, column: &str) -> bool {
        self.text(column) == "1"
    }

    pub fn assert_near(&self, column: &str, ours: f64, tolerance: f64) {
        let expected = self.number(column);
        let case = self.text("case_id");
        assert!((ours - expected).abs() <= tolerance, "{case}: {column} is {ours}, expected {expected}");
    }
}

/// The rows of a file, which must be as many as it is known to have.
pub fn rows(name: &str, count: usize) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/published").join(name);
    let mut reader = csv::Reader::from_path(path).expect("the file is in the repository");
    let headers = reader.headers().expect("a header line").clone();
    let rows: Vec<Row> = reader
        .records()
        .map(|record| Row { headers: headers.clone(), record: record.expect("a well-formed row") })
        .collect();
    assert_eq!(rows.len(), count, "rows of {name}");
    rows
}

pub fn share(value: f64) -> Share {
    Share::new(value).expect("a share")
}
