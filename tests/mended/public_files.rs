//! Public results files and tables in their many forms.

use std::{fs, path::Path, process::Output};

use tempfile::TempDir;
use twosided_actuals::{MsspFile, SettledRows, Table, Tolerance};
use twosided_units::{Dollars, Share};

use crate::support::{file, text, twosided};

/// Scores are published rounded, so that what they scale agrees to a share.
fn rounded() -> Tolerance {
    Tolerance::dollar_or(Share::new(1e-4).expect("a share"))
}

fn data(name: &str) -> String {
    fs::read_to_string(file("tests/data").join(name)).expect("the file is in the repository")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn write(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder.path().join(name);
    fs::write(&path, content).expect("it can be written");
    path.to_str().expect("paths of tests are text").to_owned()
}

fn settle_puf(program: &str, puf: &str, year: &str, more: &[&str]) -> Output {
    twosided(&[&["settle", program, puf, "--performance-year", year][..], more].concat())
}

fn settled(name: &str, year: u16) -> SettledRows {
    settled_table(&Table::load(&file("tests/data").join(name)).expect("the file is in the repository"), year)
}

fn settled_table(table: &Table, year: u16) -> SettledRows {
    MsspFile::new(table, year).expect("it has the columns").settle().expect("every row can be read")
}

/// Rows that agree on earned and on generated amounts, of those with published ones.
fn agreeing(rows: &SettledRows) -> [(usize, usize); 2] {
    let compared = rows.compared(rounded());
    [0, 1].map(|figure| (compared[figure].agree, compared[figure].compared))
}

/// Replaces the cells of a column by what a function makes of row (counted from zero) and cell.
fn with_column(text: &str, column: &str, cell: impl Fn(usize, &str) -> String) -> String {
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

fn step(rows: &SettledRows, row: usize, name: &str) -> f64 {
    rows.rows[row].settlement.step(name).expect("the row has the step")
}

#[test]
fn row_3_1_one_row_does_not_tip_the_unit_of_a_column() {
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
fn row_3_1_what_contradicts_the_other_rows_is_refused() {
    let folder = folder();
    for (column, odd) in [("MinSavPerc", "2.5"), ("QualScore", "93.5")] {
        let changed =
            with_column(&data("mssp-py2017.csv"), column, |row, cell| if row == 7 { odd } else { cell }.to_owned());
        let refused = settle_puf("mssp", &write(&folder, "puf.csv", changed), "2017", &[]);
        assert_eq!(refused.status.code(), Some(1), "{column}");
        let said = text(&refused.stderr);
        assert!(said.contains(&format!("line 9: {column} is \"{odd}\"")) && said.contains("1 problem\n"), "{said}");
    }
    let mixed = with_column(&data("mssp-py2017.csv"), "QualScore", |row, cell| {
        if row % 3 == 0 { format!("{}", 100.0 * cell.parse::<f64>().expect("a number")) } else { cell.to_owned() }
    });
    let refused = settle_puf("mssp", &write(&folder, "puf.csv", mixed), "2017", &[]);
    assert!(text(&refused.stderr).contains("write each percentage with a percent sign"), "{}", text(&refused.stderr));
}

#[test]
fn row_3_1_a_new_scenario_has_the_rates_of_its_row() {
    let folder = folder();
    let text_of_file = data("public/mssp-py2019-people.csv");
    let row = text_of_file.lines().nth(1).expect("a row");
    let small = row.replacen("X0001", "X0002", 1).replacen(",0.02,", ",0.25419,", 1);
    let puf = write(&folder, "puf.csv", format!("{text_of_file}{small}\n"));
    let new = twosided(&["new", "aco", &puf, "--id", "X0001", "--performance-year", "2019"]);
    assert!(new.status.success(), "{}", text(&new.stderr));
    let scenario = text(&new.stdout);
    assert!(
        scenario.contains("minimum_rate = \"variable\"\n") && !scenario.contains("minimum_rate = 0.0"),
        "{scenario}"
    );
}

#[test]
fn row_3_1_a_percent_sign_is_wrong_in_dollars() {
    let folder = folder();
    let terms = write(&folder, "cap.toml", "[contract]\nname = \"Cap\"\nterms.capitation = { pmpm = 500 }\n");
    let path = write(&folder, "data.csv", "member_months,expenditure\n12,7%\n12%,1000\n");
    let refused = twosided(&["settle", "terms", &terms, &path]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("line 3: member_months is \"12%\""), "{}", text(&refused.stderr));
}

#[test]
fn row_3_2_savings_of_2019_were_paid_without_sequestration() {
    let rows = settled("mssp-py2019.csv", 2019);
    assert_eq!(agreeing(&rows), [(474, 475), (475, 475)]);
    let differs = &rows.rows[rows.compared(rounded())[0].differ[0]];
    assert!(differs.labels[0] == "A2392" && differs.lacks.is_some(), "{:?}", differs.labels);
}

#[test]
fn row_3_3_half_years_have_half_the_relief_and_a_whole_benchmark_per_capita() {
    let rows = settled("mssp-py2019.csv", 2019);
    for (aco, relief) in [("A1498", 3870.0 / 2.0), ("A2021", 279.0 / 2.0), ("A3775", 3717.0)] {
        let row = rows.rows.iter().position(|row| row.labels[0] == aco).expect("the ACO is there");
        assert_eq!(step(&rows, row, "disaster relief"), relief, "{aco}");
    }
    let puf = file("tests/data/public/mssp-py2019-people.csv");
    let puf = puf.to_str().expect("text");
    let new = twosided(&["new", "aco", puf, "--id", "X0001", "--performance-year", "2019"]);
    assert!(new.status.success(), "{}", text(&new.stderr));
    let scenario = text(&new.stdout);
    assert!(scenario.contains("benchmark = { per_capita = 14310.09 }"), "{scenario}");
    assert!(text(&new.stderr).contains("the row is of January to June"), "{}", text(&new.stderr));
}

#[test]
fn row_3_3_totals_that_contradict_figures_per_capita_are_refused() {
    let folder = folder();
    let cases = [
        (
            "UpdatedBnchmk",
            "2019",
            "20000",
            "ABtotBnchmk is \"523183929.0\"; UpdatedBnchmk × n_ab_year_py of the row is",
        ),
        ("per_capita_exp_total_py", "2019", "6375", "ABtotExp is \"466136177.0\"; its benchmark is of six months"),
        // In no other year are there rows of six months.
        (
            "UpdatedBnchmk",
            "2018",
            "14310",
            "ABtotBnchmk is \"523183929.0\"; UpdatedBnchmk × n_ab_year_py of the row is",
        ),
    ];
    for (column, year, value, said) in cases {
        let changed = with_column(&data("public/mssp-py2019-people.csv"), column, |_, _| value.to_owned());
        let puf = write(&folder, "puf.csv", changed);
        for command in [
            &["settle", "mssp", &puf, "--performance-year", year][..],
            &["new", "aco", &puf, "--id", "X0001", "--performance-year", year],
        ] {
            let refused = twosided(command);
            assert_eq!(refused.status.code(), Some(1), "{column}");
            assert!(text(&refused.stderr).contains(said), "{column}: {}", text(&refused.stderr));
        }
    }
    // What only the results say twice is explained, not refused.
    let changed = with_column(&data("public/mssp-py2019-people.csv"), "EarnSaveLoss", |_, _| "1000000".to_owned());
    let changed = with_column(&changed, "GenSaveLoss", |_, _| "2000000".to_owned());
    let puf = write(&folder, "puf.csv", changed);
    let new = twosided(&["new", "aco", &puf, "--id", "X0001", "--performance-year", "2019"]);
    let said = text(&new.stderr);
    assert!(new.status.success() && said.contains("$2,000,000") && said.contains("$1,000,000"), "{said}");
}

#[test]
fn row_3_4_a_hint_is_given_only_where_it_can_be_right() {
    let folder = folder();
    let with_loss = |loss: &str| {
        let text = data("public/mssp-py2019-half-years.csv");
        let text = with_column(&text, "EarnSaveLoss", |row, cell| if row == 2 { loss } else { cell }.to_owned());
        let said = settle_puf("mssp", &write(&folder, "puf.csv", text), "2019", &["--expect"]);
        self::text(&said.stdout)
    };
    // Ours is a loss of $702,674.
    let larger = with_loss("-800000");
    assert!(larger.contains("X0003") && !larger.contains("participant revenue"), "{larger}");
    let smaller = with_loss("-600000");
    assert!(smaller.contains("participant revenue"), "{smaller}");
    // A wrong year is named only where another one is better.
    let puf = file("tests/data/mssp-py2021.csv");
    let puf = puf.to_str().expect("text");
    let said = text(&settle_puf("mssp", puf, "2020", &["--expect"]).stderr);
    assert!(said.contains("under the rules of --performance-year 202"), "{said}");
    let odd = with_column(&data("mssp-py2016.csv"), "EarnSaveLoss", |_, _| "12345".to_owned());
    let said = text(&settle_puf("mssp", &write(&folder, "puf.csv", odd), "2016", &["--expect"]).stderr);
    assert!(!said.contains("--performance-year"), "{said}");
}

#[test]
fn row_3_5_reach_counts_the_equity_adjustment_from_2023_on() {
    let puf = file("tests/data/public/reach-py2023.csv");
    let puf = puf.to_str().expect("text");
    let said = text(&settle_puf("reach", puf, "2023", &["--expect"]).stdout);
    assert!(said.contains("shared savings or losses: 4 of 4 rows agree to $1"), "{said}");
    assert!(said.contains("gross savings or losses: 4 of 4 rows agree to $1"), "{said}");
    let folder = folder();
    let without = data("public/reach-py2023.csv").replacen("heba_down_amt", "heba_other_amt", 1);
    let refused = settle_puf("reach", &write(&folder, "puf.csv", without), "2023", &[]);
    assert!(text(&refused.stderr).contains("there is no column heba_down_amt"), "{}", text(&refused.stderr));
    let positive = with_column(&data("public/reach-py2023.csv"), "heba_down_amt", |_, cell| cell.replace('-', ""));
    let refused = settle_puf("reach", &write(&folder, "puf.csv", positive), "2023", &[]);
    assert!(text(&refused.stderr).contains("line 2: heba_down_amt is \"595650.0\""), "{}", text(&refused.stderr));
}

#[test]
fn row_3_5_an_unknown_column_of_amounts_is_named() {
    let folder = folder();
    for (program, year, name) in
        [("reach", "2023", "public/reach-py2023.csv"), ("mssp", "2019", "public/mssp-py2019-half-years.csv")]
    {
        let known = settle_puf(program, file("tests/data").join(name).to_str().expect("text"), year, &[]);
        assert!(!text(&known.stderr).contains("unknown columns"), "{}", text(&known.stderr));
        let lines = data(name);
        let more: String = (lines.lines().enumerate())
            .map(|(line, text)| {
                let cells = if line == 0 { "new_adjustment_amt,note,new_share" } else { "\"12,345.6\",x,0.5" };
                format!("{text},{cells}\n")
            })
            .collect();
        let said = text(&settle_puf(program, &write(&folder, "puf.csv", more), year, &[]).stderr);
        assert!(said.contains("unknown columns of amounts, which are not used: new_adjustment_amt;"), "{said}");
    }
}

#[test]
fn row_3_8_losses_of_one_sided_acos_are_published_in_2018_and_2019_only() {
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
fn row_3_11_a_likely_separator_is_named() {
    let folder = folder();
    let terms = write(&folder, "cap.toml", "[contract]\nname = \"Cap\"\nterms.capitation = { pmpm = 500 }\n");
    for (separator, name) in [(';', "semicolons"), ('\t', "tabs"), ('|', "vertical bars")] {
        for rows in ["member_months;expenditure;note\n12;1000;a\n", "member_months;expenditure\n12;\"1000,5\"\n"] {
            let path = write(&folder, "data.csv", rows.replace(';', &separator.to_string()));
            let refused = twosided(&["settle", "terms", &terms, &path]);
            assert_eq!(refused.status.code(), Some(1));
            let said = text(&refused.stderr);
            assert!(said.contains(&format!("separated by {name}; save the file with commas")), "{said}");
        }
    }
    let fine = write(&folder, "data.csv", "member_months,expenditure;with;semicolons\n12,a;b\n");
    let settled = twosided(&["settle", "terms", &fee(&folder, "member_months"), &fine]);
    assert!(settled.status.success(), "{}", text(&settled.stderr));
}

#[test]
fn row_3_11_words_for_no_figure_are_empty_where_none_is_needed() {
    let folder = folder();
    let marked = ["NQ", "N/A", "Too Few to Report", "Not Available", "#N/A", "NULL", "nan", "*", "-"];
    for word in marked {
        let text_of_file = with_column(&data("mssp-py2024.csv"), "QualScore", |row, cell| {
            // A row whose score makes no difference.
            if row == 0 { word } else { cell }.to_owned()
        });
        let path = write(&folder, "puf.csv", text_of_file);
        let settled = settle_puf("mssp", &path, "2024", &["--expect", "--at-least", "21"]);
        assert!(settled.status.success(), "{word}: {}", text(&settled.stderr));
        let text_of_file = with_column(&data("mssp-py2024.csv"), "ABtotExp", |row, cell| {
            if row == 0 { word } else { cell }.to_owned()
        });
        let settled = settle_puf("mssp", &write(&folder, "puf.csv", text_of_file), "2024", &[]);
        let said = text(&settled.stderr);
        assert!(said.contains("line 2 is not settled: the file lacks ABtotExp"), "{word}: {said}");
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
    let said = text(&twosided(&["settle", "terms", &terms, &path]).stderr);
    assert!(said.contains("line 2: expenditure is \"Too Few to Report\"; that is no figure"), "{said}");
    assert!(said.contains("line 3: expenditure is \"inf\"; write a number"), "{said}");
    assert!(said.contains("line 4") && said.contains("not negative") && !said.contains("line 5"), "{said}");
}

#[test]
fn row_3_years_whole_files_agree_as_the_docs_say() {
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

/// A contract that settles on nothing but member months.
fn fee(folder: &TempDir, months: &str) -> String {
    let terms = "[contract]\nname = \"Fee\"\nterms.care_management = { pmpm = 2 }\n[columns]\n";
    write(folder, "fee.toml", format!("{terms}member_months = \"{months}\"\n"))
}

fn settle_parquet(terms: &str, name: &str) -> Output {
    let path = file("tests/data/parquet").join(name);
    twosided(&["settle", "terms", terms, path.to_str().expect("text")])
}

#[test]
fn row_5_7_parquet_keeps_every_type_that_is_stated() {
    let folder = folder();
    let terms = fee(&folder, "i32");
    for name in ["types.parquet", "types-zstd.parquet", "types-lz4.parquet"] {
        let settled = settle_parquet(&terms, name);
        assert!(settled.status.success(), "{name}: {}", text(&settled.stderr));
        let rows = text(&settled.stdout);
        for line in [
            "member,i8,i16,u8,u16,u32,u64,d9,d18,d38,f16,f32,f64,dict,dict_int,text,large,truth,nothing,",
            "9007199254740993,-128,-32768,255,65535,4294967295,18446744073709551615,1234567.89,1234567890123456.78,12345678901234567890123456789012345678,1.5,0.1,0.1,a,7,\"x, \"\"y\"\"\",é,true,,",
            "9007199254740992,,1,0,0,0,0,-0.05,-0.05,-1,-0.25,-2.5,10000000000000,b,8,,b,false,,",
            "-9223372036854775808,127,,1,1,1,,,0.00,,65504,,NaN,a,7,,c,,,",
        ] {
            assert!(rows.lines().any(|row| row.starts_with(line)), "{line}\n{rows}");
        }
    }
}

#[test]
fn row_5_7_other_parquet_columns_are_refused_by_name() {
    let folder = folder();
    let terms = fee(&folder, "member_months");
    for (name, said) in [
        ("lists.parquet", "column expenditure holds lists or nested values"),
        ("dates.parquet", "column expenditure holds dates"),
        ("wide-decimal.parquet", "column expenditure holds decimals of more than 38 digits"),
        ("types-gzip.parquet", "it is compressed by gzip; write it with Snappy, Zstandard or LZ4"),
        ("six-million-rows.parquet", "it has more than 5,000,000 rows"),
    ] {
        let refused = settle_parquet(&terms, name);
        assert_eq!(refused.status.code(), Some(1), "{name}");
        assert!(text(&refused.stderr).contains(said), "{name}: {}", text(&refused.stderr));
    }
}

#[test]
fn row_5_7_a_corrupt_parquet_file_is_an_error() {
    let folder = folder();
    let path = folder.path().join("corrupt.parquet");
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let mut refused = 0;
    for name in ["types.parquet", "types-zstd.parquet", "types-lz4.parquet", "lists.parquet"] {
        let whole = fs::read(file("tests/data/parquet").join(name)).expect("the file is in the repository");
        for _ in 0..2_000 {
            let mut bytes = whole.clone();
            match next(4) {
                0 => bytes.truncate(next(whole.len())),
                1 => {
                    let (from, to) = (next(whole.len()), next(whole.len()));
                    bytes[to] = whole[from];
                }
                2 => bytes.iter_mut().skip(next(whole.len())).take(8).for_each(|byte| *byte = 0xff),
                _ => (0..=next(4)).for_each(|_| bytes[next(whole.len())] = next(256) as u8),
            }
            fs::write(&path, bytes).expect("it can be written");
            // Whatever it is, it returns.
            refused += usize::from(Table::load(&path).is_err());
        }
    }
    assert!(refused > 2_000, "{refused}");
}

#[test]
fn row_5_12_blank_columns_are_named_one_after_the_other() {
    let folder = folder();
    let terms = fee(&folder, "member_months");
    let blank = ",".repeat(16_000);
    let path = write(&folder, "blank.csv", format!("member_months{blank}\n12{blank}\n"));
    let settled = twosided(&["settle", "terms", &terms, &path]);
    assert!(settled.status.success(), "{}", text(&settled.stderr));
    let written = text(&settled.stdout);
    let headers: Vec<&str> = written.lines().next().expect("a header").split(',').collect();
    let distinct: std::collections::BTreeSet<&str> = headers.iter().copied().collect();
    assert!(distinct.len() == headers.len() && headers.len() > 16_000);
    assert_eq!(headers[..4], ["\"\"", "label_", "label__2", "label__3"].map(|name| name.trim_matches('"')));
}

#[test]
fn row_5_12_a_table_that_is_too_large_is_refused() {
    let folder = folder();
    let terms = fee(&folder, "member_months");
    let path = write(&folder, "rows.csv", format!("member_months\n{}", "1\n".repeat(500_001)));
    let refused = twosided(&["settle", "terms", &terms, &path]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("500,001 rows, and 500,000 are settled at once"),
        "{}",
        text(&refused.stderr)
    );
    let path = write(&folder, "rows.csv", format!("member_months\n{}", "1\n".repeat(5_000_001)));
    let error = Table::load(Path::new(&path)).expect_err("it is too large").to_string();
    assert!(error.contains("more than 5,000,000 rows"), "{error}");
}

/// What is said of a command that is refused.
fn refused(arguments: &[&str], code: i32) -> String {
    let refused = twosided(arguments);
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(code), "{arguments:?}: {said}");
    said
}

fn shared_savings(folder: &TempDir, more: &str) -> String {
    let terms =
        "[contract]\nname = \"Group\"\nterms.shared_savings = { benchmark.pmpm = 500, savings.sharing_rate = 0.5 }\n";
    write(folder, "terms.toml", format!("{terms}{more}"))
}

#[test]
fn row_5_12_an_open_quote_loses_no_row() {
    let folder = folder();
    let terms = shared_savings(&folder, "");
    let open = write(&folder, "open.csv", "member_months,expenditure,name\n12,5,\"A\n12,6,B\n12,7,C\n");
    let said = refused(&["settle", "terms", &terms, &open], 1);
    assert!(said.contains("open.csv: the quote that opens in line 2 is still open at the end"), "{said}");
    let flags = ["--person", "member_months", "--year", "expenditure", "--service", "a=cost:expenditure"];
    let said = refused(&[&["fit", &open][..], &flags].concat(), 1);
    assert!(said.contains("the quote that opens in line 2 is still open at the end"), "{said}");
    let whole = write(&folder, "whole.csv", "member_months,expenditure,name\n12,5,\"A\nB\"\n12,6,\"B \"\"b\"\"\"\n");
    let settled = twosided(&["settle", "terms", &terms, &whole]);
    assert!(settled.status.success() && text(&settled.stderr).contains("2 rows settled"), "{}", text(&settled.stderr));
}

#[test]
fn row_5_7_of_a_corrupt_parquet_file_only_the_error_is_said() {
    let folder = folder();
    let terms = shared_savings(&folder, "");
    // The library panics on this one.
    let output = settle_parquet(&terms, "corrupt-lengths.parquet");
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.starts_with("error: cannot read ") && said.lines().count() == 1, "{said}");
    assert!(said.ends_with("it is not a whole Parquet file\n"), "{said}");
}

#[test]
fn row_3_11_a_file_of_another_kind_is_named() {
    let folder = folder();
    let data = |name: &str| file("tests/data").join(name).to_str().expect("text").to_owned();
    let (mssp, reach) = (data("mssp-py2022.csv"), data("reach-2021-2022.csv"));
    let terms = shared_savings(&folder, "");
    let csv = write(&folder, "data.csv", "member_months,expenditure\n12,5\n");
    let toml = write(&folder, "terms.txt", "# Terms\n[contract]\nname = \"Group\"\n");
    let workbook = write(&folder, "book.csv", b"PK\x03\x04 and more");
    let scenario = file("scenarios/first-steps.toml");
    let scenario = scenario.to_str().expect("text");
    let of_puf = |program, puf| ["settle", program, puf, "--performance-year", "2022"];
    for (arguments, code, said, not) in [
        (
            &of_puf("mssp", &reach)[..],
            1,
            "1 problem\n  this looks like the REACH file; use `settle reach`",
            "no column",
        ),
        (
            &of_puf("reach", &mssp),
            1,
            "this looks like the Shared Savings Program's file; use `settle mssp`",
            "no column",
        ),
        (&of_puf("mssp", &terms), 1, "this is TOML, not CSV", "cells"),
        (&["settle", "terms", &terms, &toml], 1, "this is TOML, not CSV", "cells"),
        (&["settle", "terms", &terms, &workbook], 1, "this is a workbook or an archive, not CSV", "UTF-8"),
        (&["settle", "terms", scenario, &csv], 1, "this is a scenario", "unknown"),
        (&["settle", "terms", &csv, &csv], 2, "is a table; the file of terms comes first", "TOML parse"),
        (&of_puf("MSSP", &mssp), 2, "write `twosided settle mssp FILE --performance-year YYYY`", "needs"),
        (
            &["settle", "raech", &reach, "--performance-year", "2022"],
            2,
            "a similar subcommand exists: 'reach'",
            "needs",
        ),
    ] {
        let output = refused(arguments, code);
        assert!(output.contains(said) && !output.contains(not), "{arguments:?}: {output}");
    }
}

#[test]
fn row_3_11_a_file_of_another_year_is_told_once() {
    let puf = file("tests/data/mssp-py2022.csv");
    let puf = puf.to_str().expect("text");
    for (year, said) in [
        ("2021", "of 482 rows have agreements that begin after 2021; is this the file of another year?"),
        ("2016", "of 482 rows have tracks that there were not in 2016; is this the file of another year?"),
    ] {
        let output = refused(&["settle", "mssp", puf, "--performance-year", year], 1);
        assert!(output.contains(said) && !output.contains("line "), "{year}: {output}");
    }
}

#[test]
fn row_3_11_a_column_that_is_missing_is_told_once() {
    let folder = folder();
    for (named, data) in [
        ("expenditure = \"Allowed amount\"", "member_months,paid\n12,5\n"),
        ("member_months = \"Allowed amount\"", "expenditure,paid\n12,5\n"),
    ] {
        let terms = shared_savings(&folder, &format!("[columns]\n{named}\n"));
        let data = write(&folder, "data.csv", data);
        let said = refused(&["settle", "terms", &terms, &data], 1);
        assert!(said.contains("1 problem\n") && said.contains("\"Allowed amount\", which [columns] names"), "{said}");
    }
}

#[test]
fn row_3_11_explain_says_what_it_needs_and_names_near_rows() {
    let scenario = file("scenarios/first-steps.toml");
    let said = refused(&["explain", "scenario", scenario.to_str().expect("text")], 2);
    assert!(said.contains("not provided:\n  --trial <N|worst|p95>"), "{said}");
    let help = text(&twosided(&["explain", "scenario", "--help"]).stdout);
    assert!(help.contains("a report's run.toml"), "{help}");
    let puf = file("tests/data/mssp-py2022.csv");
    let explain = ["explain", "mssp", puf.to_str().expect("text"), "--performance-year", "2022", "--id"];
    for (row, near) in [("Amarillo", "did you mean A1736 (Amarillo"), ("A173", "did you mean A1736")] {
        let said = refused(&[&explain[..], &[row]].concat(), 1);
        assert!(said.contains(near), "{row}: {said}");
    }
}

#[test]
fn row_3_11_explained_steps_say_where_they_are_from() {
    let folder = folder();
    let data = write(&folder, "data.csv", "member_months,expenditure\n12,5000\n");
    let explained = twosided(&["explain", "terms", &shared_savings(&folder, ""), &data, "--row", "1"]);
    let said = text(&explained.stdout);
    assert!(explained.status.success() && said.contains("\nterms of the contract\n   1. "), "{said}");
}

#[test]
fn row_3_11_first_steps_say_how_the_written_file_is_run() {
    let folder = folder();
    let out = folder.path().join("mine.toml");
    let out = out.to_str().expect("text");
    assert!(twosided(&["new", "scenario", "--out", out]).status.success());
    let written = fs::read_to_string(out).expect("it was written");
    assert!(written.contains(&format!("#   twosided run {out}\n")) && !written.contains("cargo run"), "{written}");
    assert!(twosided(&["check", out]).status.success());
}
