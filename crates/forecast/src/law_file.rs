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
        let found: Self = serde_json::from_str(text).map_err(|error| failed(error.to_string()))?;
        match found.impossible() {
            Some(problem) => Err(failed(problem.to_owned())),
            None => Ok(found),
        }
    }

    /// What of the numbers no law can have.
    fn impossible(&self) -> Option<&'static str> {
        let law = &self.law;
        let persistences = [law.persistence, law.deviation.persistence];
        if persistences.iter().any(|persistence| persistence.abs() >= 1.0) {
            return Some("a persistence lies between -1 and 1");
        }
        let sds = [law.renewal, law.rebasing.sd, law.deviation.of_one, self.program.sd];
        if sds.iter().any(|sd| !(0.0..100.0).contains(sd)) || law.renewal == 0.0 {
            return Some("a standard deviation is from 0 to 100, and that of level.renewal is above 0");
        }
        if !(0.1..100.0).contains(&law.claims_cv) {
            return Some("the coefficient of variation of a person's spending is from 0.1 to 100");
        }
        let shares = [law.innovation.weight, law.rebasing.kept, self.spending.explained];
        if shares.iter().any(|share| !(0.0..=1.0).contains(share)) || !(1.0..100.0).contains(&law.innovation.ratio) {
            return Some(
                "weight, kept and explained are from 0 to 1, and a ratio of standard deviations is from 1 to 100",
            );
        }
        let means = [law.entrant, law.rebasing.shift, self.program.drift.value];
        let levels = &self.program.levels;
        if means.into_iter().chain(levels.iter().map(|level| level.level.value)).any(|mean| mean.abs() > 1.0) {
            return Some("levels, shifts and drifts are logarithms, from -1 to 1");
        }
        let consecutive = levels.windows(2).all(|pair| pair[1].year == pair[0].year + 1);
        (levels.len() < 2 || !consecutive).then_some("levels need at least two consecutive years")
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
        assert!(LawFile::parse("law.json", "{").expect_err("no JSON").to_string().contains("line 1"));
    }
}
