//! What a forecast is made from, where it is likely to be meant otherwise.

use twosided_forecast::{Course, QuarterFile, Series};

use crate::{ForecastError, ForecastOptions};

/// Quarters that are far from what was expected are of other people, other dollars, or several quarters together.
pub(crate) fn plausible(
    quarters: &QuarterFile,
    course: &Course,
    people: f64,
    expected: f64,
) -> Result<(), ForecastError> {
    for (quarter, &(dollars, lived)) in (1..).zip(&quarters.quarters) {
        let years = 4.0 * lived;
        if !(0.6 * people..1.6 * people).contains(&years) {
            return Err(ForecastError::Quarters(format!(
                "quarter {quarter} has {lived:.0} person-years; {people:.0} beneficiaries live about {:.0} in a quarter",
                people / 4.0
            )));
        }
        let per_capita = dollars / (course.completion * years * course.seasons[quarter - 1]);
        if !(0.6 * expected..expected / 0.6).contains(&per_capita) {
            return Err(ForecastError::Quarters(format!(
                "quarter {quarter} has ${dollars:.0} for {lived:.0} person-years, which is ${per_capita:.0} for a whole year; ${expected:.0} is expected. Write \
                 the dollars of each quarter by itself, truncated as the benchmark's are"
            )));
        }
    }
    Ok(())
}

/// What a history lacks, or does not fit.
pub(crate) fn history_remarks(series: &Series, options: &ForecastOptions<'_>, year: u16) -> Vec<String> {
    let mut remarks = Vec::new();
    let years = series.until(year);
    let has = |own: u16| years.iter().any(|known| known.year == own);
    let missing: Vec<String> =
        options.history.iter().map(|file| file.year).filter(|&own| !has(own)).map(|own| own.to_string()).collect();
    if options.history.len() == 1 {
        remarks.push("no --history is given: the forecast rests on one year of the ACO's own".to_owned());
    }
    if !missing.is_empty() {
        remarks.push(format!(
            "the ACO has no row of 5,000 beneficiaries or more in the results of {}",
            missing.join(", ")
        ));
    }
    if let [.., before, last] = years
        && !(1.0 / MUCH..MUCH).contains(&(last.people / before.people))
    {
        remarks.push(format!(
            "the ACO went from {:.0} to {:.0} beneficiaries in {}: earlier years are largely of other people, and the law does not know that",
            before.people, last.people, last.year
        ));
    }
    remarks
}

/// Growth of an ACO in a year that is said to be much.
const MUCH: f64 = 1.5;
