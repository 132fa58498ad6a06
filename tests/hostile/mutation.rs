//! Mutations of text, tables and binary files.

use crate::dice::Dice;

/// Numbers at which code fails: ends of ranges, ends of types, and what is no number.
const NUMBERS: [&str; 42] = [
    "0",
    "-0.0",
    "1",
    "-1",
    "2",
    "3",
    "0.5",
    "0.999999",
    "1.000001",
    "1e-6",
    "1e-9",
    "1e-12",
    "1e-300",
    "5e-324",
    "0.01",
    "0.02",
    "6",
    "9.5",
    "50",
    "99",
    "100",
    "100.0000001",
    "101",
    "365",
    "1000",
    "65535",
    "65536",
    "1000000",
    "4294967296",
    "1e9",
    "1e12",
    "1e15",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "1e100",
    "1e308",
    "1e309",
    "-1e308",
    "nan",
    "inf",
    "-inf",
];
/// Text at which readers and terminals fail.
const TEXTS: [&str; 24] = [
    "\u{feff}",
    "\u{fffe}",
    "\0",
    "\u{1b}[31m",
    "\u{202e}",
    "'''",
    "\"\"\"",
    "\"",
    "'",
    "\r",
    "\r\n",
    "\t",
    ",",
    ";",
    "=",
    "{",
    "}",
    "[[",
    "]]",
    "#",
    "é",
    "🩺",
    "\\u0000",
    "=cmd|' /C calc'!A0",
];
/// Keys and words of scenarios, to be put where another word stands.
const WORDS: [&str; 40] = [
    "lognormal",
    "gamma",
    "weibull",
    "pareto",
    "spliced",
    "lognormal_mixture",
    "empirical",
    "poisson",
    "negative_binomial",
    "bernoulli",
    "zero_inflated_poisson",
    "zero_inflated_negative_binomial",
    "mean",
    "cv",
    "shape",
    "zero",
    "annual",
    "severity",
    "frequency",
    "frailty_loading",
    "persistence",
    "capitation",
    "mssp",
    "reach",
    "shared_savings",
    "bundle",
    "mips",
    "hrrp",
    "team",
    "lead",
    "stop_loss",
    "corridor",
    "benchmark",
    "pmpm",
    "per_capita",
    "true",
    "false",
    "limit",
    "attachment_point",
    "sharing_rate",
];
/// Cells of tables.
const CELLS: [&str; 16] = [
    "",
    " ",
    "-",
    "*",
    "NQ",
    "N/A",
    "Too Few to Report",
    "nan",
    "1,234.5",
    "$5",
    "50%",
    "(3)",
    "0x10",
    "1_000",
    "2024-01-01",
    "∞",
];

/// Mutates a scenario, a population or terms; `other` is a file to take lines from.
pub fn toml(dice: &mut Dice, bytes: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.below(3) {
        bytes = match dice.below(20) {
            0..9 => replace_token(dice, &bytes, is_number, number),
            9..12 => replace_token(dice, &bytes, is_word, |dice, _| dice.one_of(&WORDS).as_bytes().to_vec()),
            12..16 => lines(dice, &bytes, other),
            16 | 17 => insert(dice, &bytes),
            _ => raw(dice, &bytes),
        };
    }
    bytes
}

/// Mutates a table in CSV.
pub fn csv(dice: &mut Dice, bytes: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.below(3) {
        bytes = match dice.below(20) {
            0..8 => replace_token(dice, &bytes, is_number, number),
            8..11 => columns(dice, &bytes),
            11..15 => lines(dice, &bytes, other),
            15 | 16 => replace_token(dice, &bytes, is_number, |dice, _| dice.one_of(&CELLS).as_bytes().to_vec()),
            17 | 18 => insert(dice, &bytes),
            _ => raw(dice, &bytes),
        };
    }
    bytes
}

/// Mutates a binary file, its end more often than its middle.
pub fn binary(dice: &mut Dice, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.below(4) {
        let from = if dice.chance(0.5) { bytes.len().saturating_sub(400) } else { 0 };
        let index = from + dice.below(bytes.len() - from);
        match dice.below(6) {
            0..3 => bytes[index] = dice.byte(),
            3 => {
                let extreme = *dice.one_of(&[0_u32, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]);
                let end = (index + 4).min(bytes.len());
                bytes[index..end].copy_from_slice(&extreme.to_le_bytes()[..end - index]);
            }
            4 => bytes.truncate(index.max(1)),
            _ => {
                let end = (index + 1 + dice.below(64)).min(bytes.len());
                let part = bytes[index..end].to_vec();
                if dice.chance(0.5) {
                    bytes.splice(index..index, part);
                } else if end - index < bytes.len() {
                    bytes.drain(index..end);
                }
            }
        }
    }
    bytes
}

fn is_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-')
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// A hostile number, or the old one moved a little or by powers of ten.
fn number(dice: &mut Dice, old: &[u8]) -> Vec<u8> {
    let old: Option<f64> = String::from_utf8_lossy(old).replace('_', "").parse().ok();
    let moved = match (dice.below(8), old) {
        (0, Some(old)) => -old,
        (1, Some(old)) => old + 1.0,
        (2, Some(old)) => old * 1e6,
        (3, Some(old)) => old * 1e-6,
        (4, Some(old)) => old * (1.0 + 1e-12),
        _ => return dice.one_of(&NUMBERS).as_bytes().to_vec(),
    };
    moved.to_string().into_bytes()
}

/// Replaces one run of bytes of a kind.
fn replace_token(
    dice: &mut Dice,
    bytes: &[u8],
    is_part: impl Fn(u8) -> bool,
    replacement: impl Fn(&mut Dice, &[u8]) -> Vec<u8>,
) -> Vec<u8> {
    let starts: Vec<usize> = (0..bytes.len())
        .filter(|&at| {
            is_part(bytes[at]) && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric() && !is_part(bytes[at - 1]))
        })
        .collect();
    if starts.is_empty() {
        return bytes.to_vec();
    }
    let start = *dice.one_of(&starts);
    let end = (start..bytes.len()).find(|&at| !is_part(bytes[at])).unwrap_or(bytes.len());
    let new = replacement(dice, &bytes[start..end]);
    [&bytes[..start], &new, &bytes[end..]].concat()
}

/// Deletes, repeats, moves or replaces a line.
fn lines(dice: &mut Dice, bytes: &[u8], other: &[u8]) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
    let others: Vec<&[u8]> = other.split_inclusive(|&byte| byte == b'\n').collect();
    if lines.is_empty() || others.is_empty() {
        return bytes.to_vec();
    }
    let index = dice.below(lines.len());
    match dice.below(5) {
        0 => drop(lines.remove(index)),
        1 => lines.insert(index, lines[index]),
        2 => {
            let line = lines.remove(index);
            lines.insert(dice.below(lines.len() + 1), line);
        }
        3 => lines[index] = others[dice.below(others.len())],
        _ => lines.insert(index, others[dice.below(others.len())]),
    }
    lines.concat()
}

/// Puts in hostile text, now and then very often.
fn insert(dice: &mut Dice, bytes: &[u8]) -> Vec<u8> {
    let text = dice.one_of(&TEXTS).repeat(*dice.one_of(&[1, 1, 1, 1, 1, 1, 300, 20_000]));
    let index = dice.below(bytes.len() + 1);
    [&bytes[..index], text.as_bytes(), &bytes[index..]].concat()
}

/// Changes a byte, cuts the end off, or doubles the file.
fn raw(dice: &mut Dice, bytes: &[u8]) -> Vec<u8> {
    let index = dice.below(bytes.len());
    let mut bytes = bytes.to_vec();
    match dice.below(6) {
        0 => bytes.truncate(index),
        1 => bytes = bytes.repeat(2),
        _ if bytes.is_empty() => {}
        _ => bytes[index] = dice.byte(),
    }
    bytes
}

/// Changes a column: removes, repeats, renames or empties it, or writes the table with another separator.
fn columns(dice: &mut Dice, bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mut rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    let Some(width) = rows.first().map(Vec::len) else { return bytes.to_vec() };
    let (index, kind) = (dice.below(width), dice.below(6));
    let separator = if kind == 5 { *dice.one_of(&[";", "\t", "|", ", "]) } else { "," };
    let value = *dice.one_of(&NUMBERS);
    for (line, row) in rows.iter_mut().enumerate() {
        match kind {
            _ if index >= row.len() => {}
            0 => drop(row.remove(index)),
            1 => row.insert(index, row[index]),
            2 if line == 0 => row[index] = CELLS[value.len() % CELLS.len()],
            3 if line > 0 => row[index] = "",
            4 if line > 0 => row[index] = value,
            _ => {}
        }
    }
    rows.iter().map(|row| row.join(separator) + "\n").collect::<String>().into_bytes()
}
