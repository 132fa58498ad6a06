//! Changed columns of a table.

/// Replaces the cells of a column by what a function makes of row (counted from zero) and cell.
pub fn with_column(text: &str, column: &str, cell: impl Fn(usize, &str) -> String) -> String {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().expect("a header").clone();
    let index = headers.iter().position(|header| header == column).expect("a column");
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headers).expect("memory can be written");
    for (number, row) in reader.records().enumerate() {
        let row = row.expect("well-formed");
        let cells = row.iter().enumerate();
        let cells: Vec<String> =
            cells.map(|(at, old)| if at == index { cell(number, old) } else { old.to_owned() }).collect();
        writer.write_record(&cells).expect("memory can be written");
    }
    String::from_utf8(writer.into_inner().expect("memory can be written")).expect("text")
}
