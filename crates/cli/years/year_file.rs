//! Results files of several years, each with its year: `2021=FILE`, or a file in whose name one year stands.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

use rayon::prelude::*;
use twosided_actuals::{HistoryYear, Table};
use twosided_form::printable;

use crate::{Failure, say, years::performance_year};

/// A results file and the performance year that it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct YearFile {
    pub(crate) year: u16,
    pub(crate) file: PathBuf,
}

impl FromStr for YearFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((year, file)) = text.split_once('=')
            && year.len() == 4
            && year.bytes().all(|byte| byte.is_ascii_digit())
        {
            if file.is_empty() {
                return Err(format!("no file stands after the year; write it: {year}=FILE"));
            }
            return Ok(Self { year: performance_year(year)?, file: PathBuf::from(file) });
        }
        let file = PathBuf::from(text);
        let years = years_in_name(&file);
        match years[..] {
            [year] => Ok(Self { year, file }),
            [] => Err(format!("no year stands in the name of the file; write it before the file: 2021={text}")),
            _ => {
                Err(format!("several years stand in the name of the file; write the right one before it: 2021={text}"))
            }
        }
    }
}

/// The years that stand in the name of a file.
fn years_in_name(file: &Path) -> Vec<u16> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut years: Vec<u16> = name
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|digits| digits.len() == 4)
        .filter_map(|digits| performance_year(digits).ok())
        .collect();
    years.dedup();
    years
}

/// Says where a file is taken to be of another year than the one in its name.
pub(crate) fn remark_other_year(file: &Path, year: u16) {
    if let [named] = years_in_name(file)[..]
        && named != year
    {
        let shown = printable(&file.display().to_string());
        say(&format!("{shown} is read as results of {year}, and {named} stands in its name\n"));
    }
}

impl YearFile {
    /// The file as typed, with its year where its name does not say it.
    pub(crate) fn typed(&self) -> String {
        let file = printable(&self.file.display().to_string());
        if Self::from_str(&file).is_ok_and(|read| read == *self) { file } else { format!("{}={file}", self.year) }
    }
}

/// Reads results files and the histories in them.
pub(crate) fn histories(files: &[YearFile]) -> Result<(Vec<Table>, Vec<HistoryYear>), Failure> {
    let read = |own: &YearFile| -> Result<(Table, HistoryYear), Failure> {
        remark_other_year(&own.file, own.year);
        let table = Table::load(&own.file)?;
        let history = HistoryYear::read(&table, own.year)?;
        Ok((table, history))
    };
    let read: Vec<Result<(Table, HistoryYear), Failure>> = files.par_iter().map(read).collect();
    Ok(read.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().unzip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_is_before_the_file_or_in_its_name() {
        let read = |text: &str| text.parse::<YearFile>();
        let of = |year, file: &str| Ok(YearFile { year, file: PathBuf::from(file) });
        assert_eq!(read("2021=results.csv"), of(2021, "results.csv"));
        assert_eq!(read("2020/mssp-py2022.csv"), of(2022, "2020/mssp-py2022.csv"));
        assert_eq!(read("PY2022_of_2022.csv"), of(2022, "PY2022_of_2022.csv"));
        assert!(read("results.csv").is_err_and(|error| error.contains("no year")));
        assert!(read("2021-to-2022.csv").is_err_and(|error| error.contains("several years")));
        assert!(read("1999=x.csv").is_err());
        assert_eq!(read("2021=results.csv").map(|own| own.typed()), Ok("2021=results.csv".to_owned()));
        assert_eq!(read("2022.csv").map(|own| own.typed()), Ok("2022.csv".to_owned()));
    }
}
