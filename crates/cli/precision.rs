//! `--precision`, `--measure` and `--max-trials`: how exact figures are to be.

use clap::Args;
use twosided::{FIRST_LOOK, Missed, Precision, RiskMeasure, report::Method};
use twosided_form::printable;
use twosided_units::{Share, grouped};

use crate::{Failure, counts::count, say};

/// The measures that precision may be asked of.
const MEASURES: [RiskMeasure; 7] = [
    RiskMeasure::MeanGain,
    RiskMeasure::SdGain,
    RiskMeasure::ProbabilityOfLoss,
    RiskMeasure::ValueAtRisk95,
    RiskMeasure::TailValueAtRisk95,
    RiskMeasure::ValueAtRisk99,
    RiskMeasure::TailValueAtRisk99,
];

/// How exact figures are to be.
#[derive(Args)]
pub(crate) struct PrecisionArguments {
    /// Run until the standard error of every measure named by --measure is at most this share of the measure, as 1% or 0.01, or of a tenth
    /// of the gain's standard deviation where that is more (for a probability, of 1 in 20). Variance is reduced, and run.toml states the
    /// trials that it took.
    #[arg(long, value_name = "SHARE", value_parser = share, conflicts_with_all = ["shard", "trials_range", "resume", "checkpoint"])]
    precision: Option<Share>,
    /// Measures of each contract's gain that --precision is of, with commas between: mean, sd, `p_loss`, var95, tvar95, var99, tvar99.
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = measure, default_value = "mean,tvar95", requires = "precision")]
    measure: Vec<RiskMeasure>,
    /// Trials at which --precision gives up: the report is written, what is missing is stated, and the exit code is 1.
    #[arg(long, value_name = "N", value_parser = count::<u64>(FIRST_LOOK..=1_000_000_000), default_value = "1_000_000", requires = "precision")]
    max_trials: u64,
}

impl PrecisionArguments {
    /// What is asked for, if anything is.
    pub(crate) fn precision(&self) -> Option<Precision> {
        let (measures, max_trials) = (self.measure.clone(), self.max_trials);
        self.precision.map(|share| Precision { share, measures, max_trials })
    }
}

/// Reads a share from a hundredth of a percent to a half, in percent or as a decimal.
fn share(text: &str) -> Result<Share, String> {
    let wrong = || "write a share from 0.01% to 50%, such as 1% or 0.01".to_owned();
    let (number, scale) = text.trim().strip_suffix('%').map_or((text.trim(), 1.0), |percent| (percent.trim(), 0.01));
    let number: f64 = number.parse().map_err(|_| wrong())?;
    if scale == 1.0 && (1.0..=50.0).contains(&number) {
        return Err(format!("write {number}% for {number} percent, or a decimal such as 0.01"));
    }
    let share = number * scale;
    if !(0.0001..=0.5).contains(&share) {
        return Err(wrong());
    }
    Share::new(share).map_err(|_| wrong())
}

/// Reads a measure's name.
fn measure(text: &str) -> Result<RiskMeasure, String> {
    let known = RiskMeasure::named(text).filter(|measure| MEASURES.contains(measure));
    known.ok_or_else(|| {
        let names = MEASURES.map(RiskMeasure::name);
        format!("write one of {}, or several with commas between", names.join(", "))
    })
}

/// Says that figures are as exact as was asked for, or fails with those that are not.
pub(crate) fn reached(precision: &Precision, missed: &[Missed], trials: u64) -> Result<(), Failure> {
    let share = format!("{}%", (precision.share.value() * 1e6).round() / 1e4);
    let measures: Vec<&str> = precision.measures.iter().map(|measure| measure.label()).collect();
    let measures = measures.join(", ");
    let trials = grouped(&trials.to_string());
    if missed.is_empty() {
        say(&format!("precision of {share} reached after {trials} trials: {measures}\n"));
        return Ok(());
    }
    let lines = missed.iter().map(|missed| {
        let Missed { contract, measure, .. } = missed;
        let ratio = missed.ratio();
        let error = if missed.method == Some(Method::ExactLaw) { "estimated bound" } else { "standard error" };
        let far = if ratio.is_finite() {
            format!("its {error} is {ratio:.2} times what was asked for")
        } else {
            "a heavy tail leaves no standard error".to_owned()
        };
        let few = missed.few.map(|few| {
            let trials = grouped(&few.to_string());
            match measure {
                RiskMeasure::ProbabilityOfLoss => format!("too few trials lie on one side of a loss of 0: {trials}"),
                _ => format!("too few trials lie beyond the VaR: {trials}"),
            }
        });
        let far = match few {
            Some(few) if ratio > 1.0 && ratio.is_finite() => format!("{far}; {few}"),
            Some(few) => few,
            None => far,
        };
        format!("\n  {}, {}: {far}", printable(contract), measure.label())
    });
    let lines: String = lines.collect();
    Err(Failure::Message(format!(
        "precision of {share} not reached after {trials} trials; the report is written{lines}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_read_in_percent_or_as_a_decimal() {
        let read = |text: &str| share(text).map(Share::value);
        assert!((read("1%").expect("a share") - 0.01).abs() < 1e-15);
        assert!((read("0.5 %").expect("a share") - 0.005).abs() < 1e-15);
        assert!((read("0.01").expect("a share") - 0.01).abs() < 1e-15);
        assert_eq!(read("1"), Err("write 1% for 1 percent, or a decimal such as 0.01".to_owned()));
        for text in ["0", "-1%", "60%", "0.001%", "one", "", "nan", "inf%"] {
            assert_eq!(read(text), Err("write a share from 0.01% to 50%, such as 1% or 0.01".to_owned()), "{text}");
        }
    }

    #[test]
    fn a_measure_is_read_by_its_name() {
        for known in MEASURES {
            assert_eq!(measure(known.name()), Ok(known));
        }
        assert!(measure("median").is_err_and(|error| error.starts_with("write one of mean, sd, p_loss")));
        assert!(measure("tvar90").is_err_and(|error| error.contains("var99, tvar99")));
    }
}
