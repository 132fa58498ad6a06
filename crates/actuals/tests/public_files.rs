//! CMS's public results files in their many forms, settled row by row.

#[path = "../../../tests/support/columns.rs"]
mod columns;
mod support;

use std::path::Path;

use columns::with_column;
use support::{data, fee, file, folder, settle_terms, write};
use twosided_actuals::{ActualsError, MsspFile, ReachFile, SettledRows, Table, Tolerance};
use twosided_units::{Dollars, Share};

/// Scores are published rounded, so that what they scale agrees to a share.
fn rounded() -> Tolerance {
    Tolerance::dollar_or(Share::new(1e-4).expect("a share"))
}

fn settled(name: &str, year: u16) -> SettledRows {
    settled_table(&Table::load(&file("tests/data").join(name)).expect("the file is in the repository"), year)
}

fn settled_table(table: &Table, year: u16) -> SettledRows {
    MsspFile::new(table, year).expect("it has the columns").settle().expect("every row can be read")
}

/// The rows of a program's file under the rules of a year; or what is said of it.
fn settled_file(program: &str, path: &str, year: u16) -> Result<SettledRows, String> {
    let settle = || {
        let table = Table::load(Path::new(path))?;
        if program == "mssp" { MsspFile::new(&table, year)?.settle() } else { ReachFile::new(&table, year)?.settle() }
    };
    settle().map_err(|error: ActualsError| error.to_string())
}

/// Rows that agree on earned and on generated amounts, of those with published ones.
fn agreeing(rows: &SettledRows) -> [(usize, usize); 2] {
    let compared = rows.compared(rounded());
    [0, 1].map(|figure| (compared[figure].agree, compared[figure].compared))
}

fn step(rows: &SettledRows, row: usize, name: &str) -> f64 {
    rows.rows[row].settlement.step(name).expect("the row has the step")
}

#[test]
fn half_years_have_half_the_relief() {
    let rows = settled("mssp-py2019.csv", 2019);
    for (aco, relief) in [("A1498", 3870.0 / 2.0), ("A2021", 279.0 / 2.0), ("A3775", 3717.0)] {
        let row = rows.rows.iter().position(|row| row.labels[0] == aco).expect("the ACO is there");
        assert_eq!(step(&rows, row, "disaster relief"), relief, "{aco}");
    }
}

#[test]
fn one_row_does_not_tip_the_unit_of_a_column() {
    // The smallest ACO has a minimum rate of 25.4%; the others have 2.8% and 3.1%.
    let rows = settled("public/mssp-py2017-smallest.csv", 2017);
    assert!((step(&rows, 0, "minimum savings or loss rate") - 0.031213).abs() < 6e-5);
    assert_eq!(rows.rows[0].settlement.reconciliation.0, 0.0);
    assert_eq!(rows.rows[2].settlement.reconciliation.0, 0.0);
    assert_eq!(agreeing(&rows), [(3, 3), (3, 3)]);
    // The same rates in percents, and with percent signs in some rows.
    let folder = folder();
    let text_of_file = data("public/mssp-py2017-smallest.csv");
    let in_percents = |cell: &str| 100.0 * cell.parse::<f64>().expect("a number");
    let with_signs = |row: usize, cell: &str| {
        if row == 1 { format!("{}%", in_percents(cell)) } else { cell.to_owned() }
    };
    for text_of_file in [
        with_column(&text_of_file, "MinSavPerc", |_, cell| in_percents(cell).to_string()),
        with_column(&text_of_file, "MinSavPerc", with_signs),
    ] {
        let path = write(&folder, "puf.csv", text_of_file);
        let table = Table::load(Path::new(&path)).expect("a table");
        assert_eq!(agreeing(&settled_table(&table, 2017)), [(3, 3), (3, 3)]);
    }
}

#[test]
fn what_contradicts_the_other_rows_is_refused() {
    let folder = folder();
    for (column, odd) in [("MinSavPerc", "2.5"), ("QualScore", "93.5")] {
        let changed =
            with_column(&data("mssp-py2017.csv"), column, |row, cell| if row == 7 { odd } else { cell }.to_owned());
        let said = settled_file("mssp", &write(&folder, "puf.csv", changed), 2017).expect_err(column);
        assert!(said.contains(&format!("line 9: {column} is \"{odd}\"")) && said.contains("1 problem\n"), "{said}");
    }
    let mixed = with_column(&data("mssp-py2017.csv"), "QualScore", |row, cell| {
        if row % 3 == 0 { format!("{}", 100.0 * cell.parse::<f64>().expect("a number")) } else { cell.to_owned() }
    });
    let said = settled_file("mssp", &write(&folder, "puf.csv", mixed), 2017).expect_err("units are mixed");
    assert!(said.contains("write each percentage with a percent sign"), "{said}");
}

#[test]
fn a_percent_sign_is_wrong_in_dollars() {
    let folder = folder();
    let terms = write(&folder, "cap.toml", "[contract]\nname = \"Cap\"\nterms.capitation = { pmpm = 500 }\n");
    let path = write(&folder, "data.csv", "member_months,expenditure\n12,7%\n12%,1000\n");
    let said = settle_terms(&terms, Path::new(&path)).expect_err("dollars are no percentage");
    assert!(said.contains("line 3: member_months is \"12%\""), "{said}");
}

#[test]
fn savings_of_2019_were_paid_without_sequestration() {
    let rows = settled("mssp-py2019.csv", 2019);
    assert_eq!(agreeing(&rows), [(474, 475), (475, 475)]);
    let differs = &rows.rows[rows.compared(rounded())[0].differ[0]];
    assert!(differs.labels[0] == "A2392" && differs.lacks.is_some(), "{:?}", differs.labels);
}

#[test]
fn an_unknown_column_of_amounts_is_named() {
    let folder = folder();
    for (program, year, name) in
        [("reach", 2023, "public/reach-py2023.csv"), ("mssp", 2019, "public/mssp-py2019-half-years.csv")]
    {
        let remarks = |path: &Path| {
            let rows = settled_file(program, path.to_str().expect("text"), year).expect("it settles");
            rows.remarks.join("\n")
        };
        let known = remarks(&file("tests/data").join(name));
        assert!(!known.contains("unknown columns"), "{known}");
        let lines = data(name);
        let more: String = (lines.lines().enumerate())
            .map(|(line, text)| {
                let cells = if line == 0 { "new_adjustment_amt,note,new_share" } else { "\"12,345.6\",x,0.5" };
                format!("{text},{cells}\n")
            })
            .collect();
        let said = remarks(Path::new(&write(&folder, "puf.csv", more)));
        assert!(said.contains("unknown columns of amounts, which are not used: new_adjustment_amt;"), "{said}");
    }
}

#[test]
fn losses_of_one_sided_acos_are_published_in_2018_and_2019_only() {
    for (year, negative) in [(2016, 0), (2017, 0), (2019, 50)] {
        let rows = settled(&format!("mssp-py{year}.csv"), year);
        let [_, (agree, compared)] = agreeing(&rows);
        assert_eq!(agree, compared, "{year}");
        let one_sided =
            rows.rows.iter().filter(|row| ["track_1", "basic_a", "basic_b"].contains(&row.labels[3].as_str()));
        let losses =
            one_sided.filter(|row| row.published[1].published.is_some_and(|generated| generated < Dollars::ZERO));
        assert_eq!(losses.count(), negative, "{year}");
    }
}

#[test]
fn a_likely_separator_is_named() {
    let folder = folder();
    let terms = write(&folder, "cap.toml", "[contract]\nname = \"Cap\"\nterms.capitation = { pmpm = 500 }\n");
    for (separator, name) in [(';', "semicolons"), ('\t', "tabs"), ('|', "vertical bars")] {
        for rows in ["member_months;expenditure;note\n12;1000;a\n", "member_months;expenditure\n12;\"1000,5\"\n"] {
            let path = write(&folder, "data.csv", rows.replace(';', &separator.to_string()));
            let said = settle_terms(&terms, Path::new(&path)).expect_err(name);
            assert!(said.contains(&format!("separated by {name}; save the file with commas")), "{said}");
        }
    }
    let fine = write(&folder, "data.csv", "member_months,expenditure;with;semicolons\n12,a;b\n");
    let settled = settle_terms(&fee(&folder, "member_months"), Path::new(&fine));
    assert!(settled.is_ok(), "{settled:?}");
}

#[test]
fn words_for_no_figure_are_empty_where_none_is_needed() {
    let folder = folder();
    let marked = ["NQ", "N/A", "Too Few to Report", "Not Available", "#N/A", "NULL", "nan", "*", "-"];
    for word in marked {
        let text_of_file = with_column(&data("mssp-py2024.csv"), "QualScore", |row, cell| {
            // A row whose score makes no difference.
            if row == 0 { word } else { cell }.to_owned()
        });
        let path = write(&folder, "puf.csv", text_of_file);
        let settled = settled_file("mssp", &path, 2024).unwrap_or_else(|said| panic!("{word}: {said}"));
        assert!(settled.compared(Tolerance::DOLLAR)[0].agree >= 21, "{word}");
        let text_of_file = with_column(&data("mssp-py2024.csv"), "ABtotExp", |row, cell| {
            if row == 0 { word } else { cell }.to_owned()
        });
        let settled = settled_file("mssp", &write(&folder, "puf.csv", text_of_file), 2024);
        let row = &settled.unwrap_or_else(|said| panic!("{word}: {said}")).rows[0];
        assert!(row.line == 2 && row.settlement.steps().is_empty(), "{word}");
        assert!(row.lacks.as_ref().is_some_and(|lacks| lacks.starts_with("ABtotExp")), "{word}: {:?}", row.lacks);
    }
    let terms = write(
        &folder,
        "cap.toml",
        "[contract]\nname = \"Cap\"\nterms.shared_savings = { benchmark.pmpm = 500, savings.sharing_rate = 0.5 }\n",
    );
    let path = write(
        &folder,
        "data.csv",
        "member_months,expenditure\n12,Too Few to Report\n12,inf\n12,\u{2212}5\n12,$ 5000\n",
    );
    let said = settle_terms(&terms, Path::new(&path)).expect_err("three cells are wrong");
    assert!(said.contains("line 2: expenditure is \"Too Few to Report\"; that is no figure"), "{said}");
    assert!(said.contains("line 3: expenditure is \"inf\"; write a number"), "{said}");
    assert!(said.contains("line 4") && said.contains("not negative") && !said.contains("line 5"), "{said}");
}

#[test]
fn whole_files_agree_as_the_docs_say() {
    for (year, agree, rows) in [
        (2016, 432, 432),
        (2017, 472, 472),
        (2018, 548, 548),
        (2019, 474, 475),
        (2020, 513, 513),
        (2021, 472, 475),
        (2022, 481, 482),
    ] {
        let settled = settled(&format!("mssp-py{year}.csv"), year);
        assert_eq!(agreeing(&settled), [(agree, rows), (rows, rows)], "{year}");
    }
    // The files of 2014 and 2015 carry neither track nor start nor the quality standard. Those are added: Track 2 where the
    // sharing rate or a minimum rate of 2% shows it, a standard not met where savings share nothing, and a full score of ACOs
    // in their first year, which have none.
    let folder = folder();
    for (year, rows) in [(2014, 333), (2015, 392)] {
        let text_of_file = data(&format!("mssp-py{year}.csv"));
        let text_of_file =
            with_column(&text_of_file, "QualScore", |_, cell| if cell.is_empty() { "1" } else { cell }.to_owned());
        let mut reader = csv::Reader::from_reader(text_of_file.as_bytes());
        let headers = reader.headers().expect("a header").clone();
        let index = |name: &str| headers.iter().position(|header| header == name).expect("a column");
        let [rate, shared, beneficiaries, generated] =
            ["MinSavPerc", "FinalShareRate", "N_AB", "GenSaveLoss"].map(index);
        let mut writer = csv::Writer::from_writer(Vec::new());
        let added = ["Current_Start_Date", "Current_Track_1", "Current_Track_2", "Met_QPS"];
        writer.write_record(headers.iter().chain(added)).expect("memory can be written");
        for row in reader.records() {
            let row = row.expect("well-formed");
            let number = |column: usize| row[column].parse::<f64>().unwrap_or_default();
            let is_track_2 = number(shared) > 0.5 || (number(rate) == 0.0002 && number(beneficiaries) < 60_000.0);
            let is_unmet = number(shared) == 0.0 && number(generated) > 0.0;
            let flags = [!is_track_2, is_track_2, !is_unmet].map(|flag| if flag { "1" } else { "0" });
            writer.write_record(row.iter().chain(["1/1/2013"]).chain(flags)).expect("memory can be written");
        }
        let path = write(&folder, "puf.csv", writer.into_inner().expect("memory can be written"));
        let table = Table::load(Path::new(&path)).expect("a table");
        assert_eq!(agreeing(&settled_table(&table, year)), [(rows, rows), (rows, rows)], "{year}");
    }
}
