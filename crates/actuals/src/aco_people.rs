//! The people of an ACO, as CMS's results file publishes them: person-years, spending and risk score of each enrollment type,
//! spending by service, utilization.

use std::collections::BTreeMap;

use crate::{ActualsError, Table, cms_columns, mssp_columns::required};

/// What a results file says of people, beside what settles the year.
#[derive(Debug)]
pub struct PeopleFile<'a> {
    table: &'a Table,
    person_years: usize,
    types: [[Option<usize>; 3]; 4],
    per_capita: Option<usize>,
    figures: BTreeMap<&'static str, usize>,
}

/// Enrollment types, in the order in which CMS names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnrollmentType {
    /// End-stage renal disease.
    Esrd,
    /// Disabled.
    Disabled,
    /// Aged, dually eligible for Medicaid.
    AgedDual,
    /// Aged, not dually eligible.
    AgedNonDual,
}

impl EnrollmentType {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Esrd, Self::Disabled, Self::AgedDual, Self::AgedNonDual];

    /// The name of the segment.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Esrd => "ESRD",
            Self::Disabled => "disabled",
            Self::AgedDual => "aged dual",
            Self::AgedNonDual => "aged non-dual",
        }
    }

    /// The columns of its person-years, truncated spending and risk score.
    pub const fn columns(self) -> [&'static str; 3] {
        match self {
            Self::Esrd => ["N_AB_Year_ESRD_PY", "Per_Capita_Exp_ALL_ESRD_PY", "CMS_HCC_RiskScore_ESRD_PY"],
            Self::Disabled => ["N_AB_Year_DIS_PY", "Per_Capita_Exp_ALL_DIS_PY", "CMS_HCC_RiskScore_DIS_PY"],
            Self::AgedDual => ["N_AB_Year_AGED_Dual_PY", "Per_Capita_Exp_ALL_AGDU_PY", "CMS_HCC_RiskScore_AGDU_PY"],
            Self::AgedNonDual => {
                ["N_AB_Year_AGED_NonDual_PY", "Per_Capita_Exp_ALL_AGND_PY", "CMS_HCC_RiskScore_AGND_PY"]
            }
        }
    }
}

/// What a row says of its people; where it is silent, nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct AcoPeople {
    /// Person-years of all types.
    pub person_years: f64,
    /// Truncated spending of all types, dollars a person-year.
    pub per_capita: Option<f64>,
    /// Of each type, in the order of [`EnrollmentType::ALL`].
    pub types: [TypeFigures; 4],
    /// By column, those that are published: dollars a person-year of services, events per 1,000 person-years.
    pub figures: BTreeMap<&'static str, f64>,
}

/// What a row says of one enrollment type.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TypeFigures {
    /// Person-years.
    pub person_years: Option<f64>,
    /// Truncated spending, dollars a person-year.
    pub per_capita: Option<f64>,
    /// Mean risk score.
    pub risk_score: Option<f64>,
}

/// The largest figure of a row that is believed: dollars a person-year, events per 1,000.
const MOST: f64 = 1e7;

impl<'a> PeopleFile<'a> {
    /// Finds the columns.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with every column that is missing: all person-years, and those and the spending of each type.
    pub fn new(table: &'a Table) -> Result<Self, ActualsError> {
        let mut problems = Vec::new();
        let person_years = required(table, &[cms_columns::PERSON_YEARS], "person-years", &mut problems);
        let types = EnrollmentType::ALL.map(|enrollment| {
            let [person_years, per_capita, risk_score] = enrollment.columns();
            let name = enrollment.name();
            [
                required(table, &[person_years], &format!("person-years, {name}"), &mut problems),
                required(table, &[per_capita], &format!("spending a person-year, {name}"), &mut problems),
                table.column(&[risk_score]),
            ]
        });
        let person_years = table.checked(person_years, problems)?;
        Ok(Self {
            table,
            person_years: person_years.expect("a column is missing only with a problem"),
            types,
            per_capita: table.column(&[cms_columns::PER_CAPITA]),
            figures: cms_columns::FIGURES.iter().filter_map(|&name| Some((name, table.column(&[name])?))).collect(),
        })
    }

    /// Reads a row.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with every cell that is wrong, and person-years where they are empty.
    pub fn people(&self, row: usize) -> Result<AcoPeople, ActualsError> {
        let mut problems = Vec::new();
        let mut read = |column: Option<usize>| {
            let column = column?;
            match self.table.number(row, column) {
                Ok(Some(number)) if !(0.0..=MOST).contains(&number) => {
                    problems.push(self.table.wrong(row, column, "a figure of a year is from 0 to 10,000,000"));
                    None
                }
                Ok(number) => number,
                Err(problem) => {
                    problems.push(problem);
                    None
                }
            }
        };
        let person_years = read(Some(self.person_years));
        let per_capita = read(self.per_capita);
        let types = self.types.map(|columns| {
            let [person_years, per_capita, risk_score] = columns.map(&mut read);
            TypeFigures { person_years, per_capita, risk_score }
        });
        let figures = self.figures.iter().filter_map(|(&name, &column)| Some((name, read(Some(column))?))).collect();
        match person_years {
            Some(person_years) if person_years >= 1.0 => {
                self.table.checked(AcoPeople { person_years, per_capita, types, figures }, problems)
            }
            _ => {
                if problems.is_empty() {
                    problems.push(self.table.wrong(
                        row,
                        self.person_years,
                        "without person-years there is no scenario",
                    ));
                }
                Err(ActualsError::Invalid { file: self.table.file().to_owned(), problems })
            }
        }
    }

    /// Truncated spending of each type over all rows that publish it, weighted by person-years, and how many rows do.
    pub fn means(&self) -> [(Option<f64>, usize); 4] {
        self.types.map(|[person_years, per_capita, _]| {
            let (mut dollars, mut years, mut rows) = (0.0, 0.0, 0);
            for row in 0..self.table.len() {
                let read = |column: Option<usize>| self.table.number(row, column?).ok().flatten();
                if let (Some(person_years), Some(per_capita)) = (read(person_years), read(per_capita)) {
                    dollars += person_years * per_capita;
                    years += person_years;
                    rows += 1;
                }
            }
            ((years > 0.0).then(|| dollars / years), rows)
        })
    }

    /// What is said of a row's cell that must be there.
    pub fn lacking(&self, row: usize, column: &str, why: &str) -> ActualsError {
        let line = self.table.line(row);
        let problem = format!("line {line}: {column} is missing; {why}");
        ActualsError::Invalid { file: self.table.file().to_owned(), problems: vec![problem] }
    }

    /// What is said of a row that cannot be.
    pub fn impossible(&self, row: usize, why: &str) -> ActualsError {
        let problem = format!("line {}: cannot build a scenario from this row: {why}", self.table.line(row));
        ActualsError::Invalid { file: self.table.file().to_owned(), problems: vec![problem] }
    }
}
