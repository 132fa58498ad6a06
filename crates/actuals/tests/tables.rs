//! Tables of a user's own: Parquet of every kind, and tables that are too large or named by nothing.

mod support;

use std::{fs, path::Path};

use support::{fee, file, folder, settle_terms, write};
use twosided_actuals::{SettledRows, Table};

fn settle_parquet(terms: &str, name: &str) -> Result<SettledRows, String> {
    settle_terms(terms, &file("tests/data/parquet").join(name))
}

/// The rows as they are written.
fn written(rows: &SettledRows) -> String {
    let mut written = Vec::new();
    rows.write(&mut written).expect("memory can be written");
    String::from_utf8(written).expect("UTF-8")
}

#[test]
fn parquet_keeps_every_type_that_is_stated() {
    let folder = folder();
    let terms = fee(&folder, "i32");
    for name in ["types.parquet", "types-zstd.parquet", "types-lz4.parquet"] {
        let rows = written(&settle_parquet(&terms, name).unwrap_or_else(|said| panic!("{name}: {said}")));
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
fn other_parquet_columns_are_refused_by_name() {
    let folder = folder();
    let terms = fee(&folder, "member_months");
    for (name, said) in [
        ("lists.parquet", "column expenditure holds lists or nested values"),
        ("dates.parquet", "column expenditure holds dates"),
        ("wide-decimal.parquet", "column expenditure holds decimals of more than 38 digits"),
        ("types-gzip.parquet", "it is compressed by gzip; write it with Snappy, Zstandard or LZ4"),
        ("six-million-rows.parquet", "it has more than 5,000,000 rows"),
    ] {
        let refused = settle_parquet(&terms, name).expect_err(name);
        assert!(refused.contains(said), "{name}: {refused}");
    }
}

#[test]
fn a_corrupt_parquet_file_is_an_error() {
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
fn blank_columns_are_named_one_after_the_other() {
    let folder = folder();
    let terms = fee(&folder, "member_months");
    let blank = ",".repeat(16_000);
    let path = write(&folder, "blank.csv", format!("member_months{blank}\n12{blank}\n"));
    let written = written(&settle_terms(&terms, Path::new(&path)).expect("it settles"));
    let headers: Vec<&str> = written.lines().next().expect("a header").split(',').collect();
    let distinct: std::collections::BTreeSet<&str> = headers.iter().copied().collect();
    assert!(distinct.len() == headers.len() && headers.len() > 16_000);
    assert_eq!(headers[..4], ["\"\"", "label_", "label__2", "label__3"].map(|name| name.trim_matches('"')));
}

#[test]
fn a_table_that_is_too_large_is_refused() {
    let folder = folder();
    let terms = fee(&folder, "member_months");
    let path = write(&folder, "rows.csv", format!("member_months\n{}", "1\n".repeat(500_001)));
    let refused = settle_terms(&terms, Path::new(&path)).expect_err("it is too large");
    assert!(refused.contains("500,001 rows, and 500,000 are settled at once"), "{refused}");
    let path = write(&folder, "rows.csv", format!("member_months\n{}", "1\n".repeat(5_000_001)));
    let error = Table::load(Path::new(&path)).expect_err("it is too large").to_string();
    assert!(error.contains("more than 5,000,000 rows"), "{error}");
}
