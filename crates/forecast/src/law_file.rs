//! A fitted law as a file, written by one command and read by others.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Exit, FigureCredibility, Fitted, OrganizationLaw, Program, Spending};

/// A law with all that forecasts need besides.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LawFile {
    /// The files that it is fitted to.
    pub source: String,
    /// The law of organizations.
    pub law: OrganizationLaw,
    /// Standard errors of its parameters, by [`Fitted::NAMES`].
    pub errors: BTreeMap<String, f64>,
    /// The program.
    pub program: Program,
    /// What a year's surprise has to do with spending.
    pub spending: Spending,
    /// Who leaves; nothing where it could not be fitted.
    pub exit: Option<Exit>,
    /// Credibility of figures.
    pub figures: Vec<FigureCredibility>,
    /// Organizations that it is fitted to.
    pub organizations: usize,
    /// Years of organizations that it is fitted to.
    pub years: usize,
    /// Greatest log likelihood.
    pub log_likelihood: f64,
}

/// A file that is no law.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}; `twosided history` writes such a file")]
pub struct LawFileError {
    file: String,
    problem: String,
}

/// The law of 2014 to 2022, which is used where no other is given.
const DEFAULT: &str = include_str!("../mssp-2014-2022.json");

impl LawFile {
    /// What was fitted, as a file.
    pub fn new(source: String, fitted: &Fitted, exit: Option<Exit>, figures: Vec<FigureCredibility>) -> Self {
        let errors = fitted.parameters.iter().map(|(name, parameter)| ((*name).to_owned(), parameter.error));
        Self {
            source,
            law: fitted.law,
            errors: errors.collect(),
            program: fitted.program.clone(),
            spending: fitted.spending,
            exit,
            figures,
            organizations: fitted.organizations,
            years: fitted.years,
            log_likelihood: fitted.log_likelihood,
        }
    }

    /// The law fitted to the public results of 2014 to 2022.
    ///
    /// # Panics
    /// Never: a test reads it.
    pub fn of_2014_to_2022() -> Self {
        Self::parse("mssp-2014-2022.json", DEFAULT).expect("the law that comes with the program is a law")
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// [`LawFileError`], for a text that is no law and for numbers that no law has.
    pub fn parse(file: &str, text: &str) -> Result<Self, LawFileError> {
        let failed = |problem: String| LawFileError { file: file.to_owned(), problem };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let found: Self = serde_json::from_str(text).map_err(|error| failed(error.to_string()))?;
        match found.impossible() {
            Some(problem) => Err(failed(problem)),
            None => Ok(found),
        }
    }

    /// The first of the numbers that no law can have: its key, its value, and what would be right.
    fn impossible(&self) -> Option<String> {
        let Self { law, program, spending, .. } = self;
        let within = |low: f64, high: f64| move |value: f64| (low..=high).contains(&value);
        let persistence = within(-0.999, 0.999);
        let (share, mean, sd) = (within(0.0, 1.0), within(-0.5, 0.5), within(0.0, 0.5));
        let mut figures: Vec<(String, f64, bool, &str)> = Vec::new();
        let mut check = |key: &str, value: f64, is_right: bool, right: &'static str| {
            figures.push((key.to_owned(), value, is_right, right));
        };
        for (key, value) in
            [("law.persistence", law.persistence), ("law.deviation.persistence", law.deviation.persistence)]
        {
            check(key, value, persistence(value), "a persistence is from -0.999 to 0.999");
        }
        for (key, value) in [
            ("law.renewal", law.renewal),
            ("law.rebasing.sd", law.rebasing.sd),
            ("program.sd", program.sd),
            ("program.beside_trend", program.beside_trend),
            ("program.trend[2]", program.trend.1),
        ] {
            check(key, value, sd(value), "a standard deviation of a logarithm is from 0 to 0.5");
        }
        check("law.renewal", law.renewal, law.renewal > 0.0, "something is new of the level in each year");
        for (key, value) in [
            ("law.entrant", law.entrant),
            ("law.rebasing.shift", law.rebasing.shift),
            ("program.drift.value", program.drift.value),
            ("program.trend[1]", program.trend.0),
        ] {
            check(key, value, mean(value), "a mean of a logarithm is from -0.5 to 0.5");
        }
        for (key, value) in [
            ("law.innovation.weight", law.innovation.weight),
            ("law.rebasing.kept", law.rebasing.kept),
            ("spending.explained", spending.explained),
        ] {
            check(key, value, share(value), "a share is from 0 to 1");
        }
        check("law.innovation.weight", law.innovation.weight, law.innovation.weight < 1.0, "a weight is below 1");
        let ratio = law.innovation.ratio;
        check(
            "law.innovation.ratio",
            ratio,
            within(1.0, 20.0)(ratio),
            "a ratio of standard deviations is from 1 to 20",
        );
        let of_one = law.deviation.of_one;
        check("law.deviation.of_one", of_one, within(0.0, 30.0)(of_one), "the deviation of one person is from 0 to 30");
        check(
            "law.claims_cv",
            law.claims_cv,
            within(0.1, 30.0)(law.claims_cv),
            "a coefficient of variation is from 0.1 to 30",
        );
        let (on_trend, slope) = (program.on_trend.value, spending.slope.value);
        check(
            "program.on_trend.value",
            on_trend,
            within(-1.0, 1.0)(on_trend),
            "what follows the trend is from -1 to 1",
        );
        check("spending.slope.value", slope, within(-1.0, 2.0)(slope), "a slope is from -1 to 2");
        for (index, level) in (1..).zip(&program.levels) {
            let value = level.level.value;
            check(&format!("program.levels[{index}].level.value"), value, mean(value), "a level is from -0.5 to 0.5");
        }
        for own in &self.figures {
            for (key, value) in [("between", own.between), ("within", own.within), ("of_one", own.of_one)] {
                check(&format!("figures {}.{key}", own.column), value, value >= 0.0, "a variance is not negative");
            }
        }
        let errors = self.errors.iter().map(|(key, value)| (format!("errors.{key}"), *value));
        let others = [program.drift.error, program.on_trend.error, spending.slope.error];
        for (key, value) in errors.chain(others.map(|value| ("a standard error".to_owned(), value))) {
            check(&key, value, value >= 0.0, "a standard error is not negative");
        }
        let wrong = figures.into_iter().find(|(_, _, is_right, _)| !is_right);
        if let Some((key, value, _, right)) = wrong {
            return Some(format!("{key} is {value}; {right}"));
        }
        let levels = &program.levels;
        let consecutive = levels.windows(2).all(|pair| pair[1].year == pair[0].year + 1);
        (levels.len() < 3 || !consecutive).then(|| "program.levels need at least three consecutive years".to_owned())
    }

    /// The file's text.
    ///
    /// # Panics
    /// Never: every figure is finite.
    pub fn text(&self) -> String {
        let text = serde_json::to_value(self).map(rounded).and_then(|value| serde_json::to_string_pretty(&value));
        text.expect("a law of numbers") + "\n"
    }
}

/// Numbers to six significant digits, which is more than any of their errors allow.
fn rounded(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Number(number) if number.is_f64() => {
            let figure = number.as_f64().unwrap_or_default();
            format!("{figure:.5e}").parse::<f64>().map_or(Value::Number(number), Value::from)
        }
        Value::Array(values) => values.into_iter().map(rounded).collect(),
        Value::Object(fields) => Value::Object(fields.into_iter().map(|(key, value)| (key, rounded(value))).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_law_that_comes_with_the_program_is_read_and_written_alike() {
        let law = LawFile::of_2014_to_2022();
        assert_eq!(law.text(), DEFAULT);
        assert_eq!((law.program.levels[0].year, law.program.last().year), (2014, 2022));
    }

    #[test]
    fn what_is_no_law_is_refused() {
        let wrong = |from: &str, to: &str| {
            let text = DEFAULT.replacen(from, to, 1);
            assert_ne!(text, DEFAULT);
            LawFile::parse("law.json", &text).expect_err("it is no law").to_string()
        };
        assert!(wrong("\"claims_cv\"", "\"claims\"").contains("claims"));
        assert!(wrong("\"year\": 2015", "\"year\": 2019").contains("consecutive"));
        assert!(wrong("\"claims_cv\": 1", "\"claims_cv\": -1").contains("law.claims_cv is -1"));
        assert!(LawFile::parse("law.json", "{").expect_err("no JSON").to_string().contains("line 1"));
    }
}
