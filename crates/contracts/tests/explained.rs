//! Every step that a settlement records is computed again from the formula that it states.

mod support;

use std::collections::BTreeMap;

use support::{all_terms, try_read, usual};

use twosided_contracts::{AGREED, Arrangement, Known, OBSERVED, SO_FAR, Settlement, StepUnit, UPDATED, Updates, Year};
use twosided_form::Document;
use twosided_units::{Dollars, MemberMonths};

/// The steps so far, and the largest figure that an expression has used, which sets its rounding error.
struct Calculator<'a> {
    steps: &'a BTreeMap<String, f64>,
    rest: &'a str,
    largest: f64,
}

impl Calculator<'_> {
    /// The value of a whole expression.
    fn expression(how: &str, steps: &BTreeMap<String, f64>) -> Result<(f64, f64), String> {
        let mut calculator = Calculator { steps, rest: how, largest: 0.0 };
        let value = calculator.sum()?;
        calculator.spaces();
        if calculator.rest.is_empty() { Ok((value, calculator.largest)) } else { Err(calculator.stuck("the end")) }
    }

    fn stuck(&self, wanted: &str) -> String {
        format!("{wanted} is wanted where it says `{}`", self.rest)
    }

    fn spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn takes(&mut self, sign: char) -> bool {
        self.spaces();
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, sign: char) -> Result<(), String> {
        if self.takes(sign) { Ok(()) } else { Err(self.stuck(&sign.to_string())) }
    }

    fn sum(&mut self) -> Result<f64, String> {
        let mut value = self.product()?;
        loop {
            if self.takes('+') {
                value += self.product()?;
            } else if self.takes('-') {
                value -= self.product()?;
            } else {
                return Ok(value);
            }
        }
    }

    fn product(&mut self) -> Result<f64, String> {
        let mut value = self.factor()?;
        loop {
            if self.takes('×') {
                value *= self.factor()?;
            } else if self.takes('/') {
                value /= self.factor()?;
            } else {
                return Ok(value);
            }
        }
    }

    fn factor(&mut self) -> Result<f64, String> {
        if self.takes('-') {
            return Ok(-self.factor()?);
        }
        if self.takes('(') {
            let value = self.sum()?;
            self.expect(')')?;
            return Ok(value);
        }
        if self.takes('{') {
            let (name, rest) = self.rest.split_once('}').ok_or_else(|| self.stuck("}"))?;
            let value = *self.steps.get(name).ok_or_else(|| format!("no earlier step is named `{name}`"))?;
            self.rest = rest;
            self.largest = self.largest.max(value.abs());
            return Ok(value);
        }
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if let Ok(number) = word.parse::<f64>() {
            self.rest = rest;
            return Ok(number);
        }
        let (word, before) = (word.to_owned(), self.stuck("a number, a name in braces or a function"));
        self.rest = rest;
        if word.is_empty() || !self.takes('(') {
            return Err(before);
        }
        let mut arguments = vec![self.sum()?];
        while self.takes(',') {
            arguments.push(self.sum()?);
        }
        self.expect(')')?;
        match (word.as_str(), &arguments[..]) {
            ("min", [first, others @ ..]) => Ok(others.iter().fold(*first, |least, x| least.min(*x))),
            ("max", [first, others @ ..]) => Ok(others.iter().fold(*first, |most, x| most.max(*x))),
            ("abs", [x]) => Ok(x.abs()),
            ("sign", [x]) => Ok(if *x < 0.0 { -1.0 } else { 1.0 }),
            ("round4", [x]) => Ok((x * 1e4).round() / 1e4),
            ("clamp", [x, low, high]) => Ok(x.max(*low).min(*high)),
            ("part", [x, low, high]) => Ok(x.max(*low).min(*high) - low),
            _ => Err(format!("no function {word} of {} arguments", arguments.len())),
        }
    }
}

fn amounts(settlement: &Settlement) -> [f64; 5] {
    let Settlement { reconciliation, capitation, care_management, fee_adjustment, administration, .. } = settlement;
    [reconciliation, capitation, care_management, fee_adjustment, administration].map(|amount| amount.0)
}

fn check(arrangement: &Arrangement, year: &Year<'_>) {
    let explained = arrangement.settle(year).settlement;
    let name = &arrangement.name;
    assert!(
        amounts(&explained).iter().all(|amount| amount.is_finite()),
        "{name}: {:?} of {year:?}",
        amounts(&explained)
    );
    let unexplained = arrangement.settle(&Year { explain: false, ..*year }).settlement;
    assert_eq!(amounts(&explained), amounts(&unexplained), "{name}: with steps or without");
    assert!(unexplained.steps().is_empty(), "{name} records steps though it is not asked to");
    let mut steps = BTreeMap::new();
    for step in explained.steps() {
        if step.unit == StepUnit::Remark {
            continue;
        }
        if ![OBSERVED, AGREED, SO_FAR, UPDATED].contains(&step.how.as_ref()) {
            let (again, largest) = Calculator::expression(&step.how, &steps)
                .unwrap_or_else(|error| panic!("{name}: `{}` is `{}`: {error}", step.name, step.how));
            let error = 1e-9 * step.value.abs().max(again.abs()) + 1e-13 * largest;
            let near = (again - step.value).abs() <= error;
            assert!(near, "{name}: `{}` is {}, and {again} by `{}`", step.name, step.value, step.how);
        }
        assert!(step.value.is_finite(), "{name}: `{}` is {}", step.name, step.value);
        steps.insert(step.name.clone().into_owned(), step.value);
    }
}

/// Settles years near to usual ones and far from them.
fn check_years(arrangement: &Arrangement, scales: &[f64]) {
    let usual: Vec<f64> = arrangement.observes().iter().map(usual).collect();
    for &scale in scales {
        // Figures that move together, and each by itself.
        for alone in std::iter::once(None).chain((0..usual.len()).map(Some)) {
            let moves = |index: usize| alone.is_none_or(|at| at == index);
            let figures =
                usual.iter().enumerate().map(|(index, usual)| if moves(index) { scale * usual } else { *usual });
            let figures: Vec<f64> = figures.collect();
            for (months, members) in [(120_000.0, 10_000), (118_345.5, 9_999), (12.0, 1), (0.0, 0)] {
                let year = Year::new(MemberMonths(months), members, &figures);
                check(arrangement, &year);
                check(arrangement, &year.with_own_fees(Dollars(scale * 2.5e7)));
                let updates = Updates { benchmark: 1.03, ..Updates::NONE };
                check(arrangement, &Year { updates, ..year });
            }
        }
    }
}

/// Covers, around contracts that pay in each of the ways.
const COVERS: [&str; 3] = [
    "specific = { attachment_point = 200_000, coinsurance = 0.9, aggregating_deductible = 50_000, premium_pmpm = 12 }",
    "aggregate = { attachment_ratio = 1.02, expected_pmpm = 800, coinsurance = 0.8, limit = 3_000_000, premium_pmpm = 9 }, quality_gate = { score = 0.8, minimum = 0.7, scaled = true }",
    "corridor = { expected_pmpm = 850, gains = [{ up_to = 0.02, share = 1 }, { share = 0.5 }], losses = [{ up_to = 0.04, share = 0.6 }] }, withhold = { share = 0.05, earned = 0.6 }",
];

#[test]
fn every_step_of_a_cover_follows_too() {
    for (key, terms) in all_terms() {
        for covers in COVERS.into_iter().map(str::to_owned).chain([COVERS.join(", ")]) {
            let text = format!("name = \"x\"\nterms.{key} = {terms}\ncovers = {{ {covers} }}");
            let known = Known::anything();
            let read = Document::new("x", text).read(|root| Arrangement::read(root, &known, &mut Vec::new()));
            let (arrangement, _) = read.unwrap_or_else(|problems| panic!("{key} {covers}: {problems:?}"));
            check_years(&arrangement, &[0.0, 0.5, 0.97, 1.0, 1.2, 3.0]);
        }
    }
}

#[test]
fn every_step_follows_from_earlier_ones_as_it_says() {
    for (key, terms) in all_terms() {
        let arrangement = try_read(key, terms).unwrap_or_else(|problems| panic!("{terms}: {problems}"));
        check_years(&arrangement, &[0.0, 0.2, 0.5, 0.9, 0.97, 0.995, 1.0, 1.004, 1.03, 1.2, 1.6, 3.0]);
    }
}

/// Where the values of a text of terms stand.
fn values(terms: &str) -> Vec<std::ops::Range<usize>> {
    let mut values = Vec::new();
    let mut start = None;
    let mut quoted = false;
    for (index, letter) in terms.char_indices() {
        quoted ^= letter == '"';
        if quoted || letter == '"' || letter.is_ascii_alphanumeric() || "._-".contains(letter) {
            start = start.or(Some(index));
        } else if let Some(start) = start.take() {
            let key = terms[index..].trim_start().starts_with('=');
            values.extend((!key).then_some(start..index));
        }
    }
    values
}

#[test]
fn terms_with_one_value_changed_are_refused_or_settle() {
    let others =
        ["0", "1", "-1", "0.5", "2", "4", "1e-300", "1e6", "1e9", "1e300", "nan", "true", "\"\"", "\"x\"", "[]", "{}"];
    let (mut refused, mut settled) = (0, 0);
    for (key, terms) in all_terms() {
        for value in values(terms) {
            for other in others {
                let changed = format!("{}{other}{}", &terms[..value.start], &terms[value.end..]);
                match try_read(key, &changed) {
                    Ok(arrangement) => {
                        check_years(&arrangement, &[0.0, 0.9, 1.1]);
                        settled += 1;
                    }
                    Err(_) => refused += 1,
                }
            }
        }
    }
    assert!(refused > 1_000 && settled > 1_000, "{refused} refused, {settled} settled");
}

/// The text with each key left out in turn, with its value.
fn without_a_key(terms: &str) -> Vec<String> {
    let quoted_before = |index: usize| terms[..index].matches('"').count() % 2 == 1;
    let equals = terms.match_indices('=').map(|(index, _)| index).filter(|index| !quoted_before(*index));
    equals
        .map(|equals| {
            let key = terms[..equals].rfind(['{', ',']).map_or(0, |before| before + 1);
            let mut depth = 0;
            let ends = |&(index, letter): &(usize, char)| {
                if quoted_before(index) {
                    return false;
                }
                depth += i32::from("{[".contains(letter));
                let ends = depth == 0 && ",}]".contains(letter);
                depth -= i32::from("}]".contains(letter));
                ends
            };
            let end = terms[equals..].char_indices().map(|(index, letter)| (equals + index, letter)).find(ends);
            let (end, _) = end.expect("a value ends within its table");
            let before = terms[..key].trim_end_matches([',', ' ']);
            let comma = if before.ends_with('{') || !terms[end..].starts_with(',') { "" } else { "," };
            let rest = terms[end..].trim_start_matches(',');
            format!("{before}{comma}{rest}")
        })
        .collect()
}

#[test]
fn terms_without_one_key_are_refused_or_settle() {
    assert_eq!(
        without_a_key("{ a = 1, b = { c = [2, 3] }, d = 4 }"),
        [
            "{ b = { c = [2, 3] }, d = 4 }",
            "{ a = 1, d = 4 }",
            "{ a = 1, b = {}, d = 4 }",
            "{ a = 1, b = { c = [2, 3] }}",
        ]
    );
    let (mut refused, mut settled) = (0, 0);
    for (key, terms) in all_terms() {
        for less in without_a_key(terms) {
            match try_read(key, &less) {
                Ok(arrangement) => {
                    check_years(&arrangement, &[0.0, 0.9, 1.1]);
                    settled += 1;
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 50 && settled > 50, "{refused} refused, {settled} settled");
}

#[test]
fn the_calculator_knows_what_steps_say() {
    let steps = BTreeMap::from([("a b".to_owned(), 3.0), ("c".to_owned(), -4.0)]);
    for (how, value) in [
        ("{a b} - {c} × 2", 11.0),
        ("-({a b} + 1) / 8", -0.5),
        ("max(abs({c}), {a b}, 1)", 4.0),
        ("clamp({c}, -{a b}, {a b})", -3.0),
        ("part({a b}, 1, 2) + sign({c}) × 0.5", 0.5),
        ("round4(0.99995)", 1.0),
    ] {
        assert_eq!(Calculator::expression(how, &steps).map(|(value, _)| value), Ok(value), "{how}");
    }
    for wrong in ["", "{d}", "1 +", "mean(1)", "(1", "2 of {c}", "clamp(1)"] {
        assert!(Calculator::expression(wrong, &steps).is_err(), "{wrong}");
    }
}
