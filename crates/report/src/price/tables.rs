//! Prices as tables for a terminal and as CSV.

use comfy_table::{Cell, ContentArrangement, Table};
use twosided_form::{Cells, name_cell};
use twosided_prob::{Caution, Estimate};
use twosided_units::grouped;

use super::{PremiumRule, PriceFigure, PriceMeasure, PricePoint, PriceReport, PricedCover};
use crate::{
    ReportError, Unit,
    terminal::{STYLE, right},
    text::{dollars_known, percent, percent_with_error, plain_with_error},
};

/// Columns of `price.csv`.
const COLUMNS: [&str; 14] = [
    "scenario",
    "seed",
    "trials",
    "version",
    "contract",
    "cover",
    "attachment",
    "measure",
    "unit",
    "value",
    "standard_error",
    "lower_95",
    "upper_95",
    "note",
];

/// The columns of the provider's table.
const OF_PROVIDER: [PriceMeasure; 7] = [
    PriceMeasure::MeanGain,
    PriceMeasure::ChangeOfMeanGain,
    PriceMeasure::ProbabilityOfLoss,
    PriceMeasure::ValueAtRisk95,
    PriceMeasure::TailValueAtRisk95,
    PriceMeasure::ValueAtRisk99,
    PriceMeasure::TailValueAtRisk99,
];

impl PricedCover {
    /// A point to a reader: whole dollars, or a ratio in percent.
    pub(crate) fn point(self, attachment: f64) -> String {
        if self.is_dollars() {
            return format!("${}", grouped(&format!("{attachment:.0}")));
        }
        let digits = format!("{:.4}", 100.0 * attachment);
        format!("{}%", digits.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl PremiumRule {
    /// The rule to a reader.
    pub(crate) fn say(self) -> String {
        let share = |share: f64| {
            let digits = format!("{:.2}", 100.0 * share);
            format!("{}%", digits.trim_end_matches('0').trim_end_matches('.'))
        };
        match self {
            Self::Loaded { load: 0.0, load_sd: 0.0 } => "the pure premium, without a load".to_owned(),
            Self::Loaded { load, load_sd: 0.0 } => format!("the pure premium plus {}", share(load)),
            Self::Loaded { load: 0.0, load_sd } => {
                format!("the pure premium plus {} of the standard deviation", share(load_sd))
            }
            Self::Loaded { load, load_sd } => {
                format!("the pure premium plus {} plus {} of the standard deviation", share(load), share(load_sd))
            }
            Self::LossRatio(ratio) => format!("the pure premium over a loss ratio of {}", share(ratio)),
        }
    }
}

impl PriceReport {
    /// Two tables for a terminal of that width, in characters: the cover, and the provider with it. Below them stands what is not known.
    pub fn table(&self, width: Option<u16>) -> String {
        let width = width.unwrap_or(160).max(60);
        let of_cover = [
            Some(PriceMeasure::CededCost),
            Some(PriceMeasure::SdOfCededCost),
            Some(PriceMeasure::PurePremium),
            Some(PriceMeasure::Premium),
            self.trend.map(|_| PriceMeasure::LeveragedTrend),
            matches!(self.cover, PricedCover::Specific | PricedCover::AggregatingDeductible)
                .then_some(PriceMeasure::PeopleAbove),
            Some(PriceMeasure::ProbabilityOfPayment),
            Some(PriceMeasure::ShareBorne),
        ];
        let of_cover: Vec<PriceMeasure> = of_cover.into_iter().flatten().collect();
        let cover = self.rows(width, "Cover", &of_cover, &self.points.iter().collect::<Vec<_>>());
        let all: Vec<&PricePoint> = [&self.uncovered].into_iter().chain(&self.points).collect();
        let provider = self.rows(width, "Provider", &OF_PROVIDER, &all);
        let mut notes: Vec<String> = self.assumptions.clone();
        notes.push(format!("Premium: {}.", self.rule.say()));
        if let Some(trend) = self.trend {
            notes.push(format!(
                "Leveraged trend: growth of the ceded cost where all claims grow by {}.",
                percent(trend, 1)
            ));
        }
        for reason in self.unknown() {
            notes.push(format!("Not known: {reason}."));
        }
        format!("{cover}\n\n{provider}\n\n{}\n", notes.join("\n"))
    }

    fn rows(&self, width: u16, title: &str, measures: &[PriceMeasure], points: &[&PricePoint]) -> Table {
        let mut table = Table::new();
        table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(width);
        table.set_header([title].into_iter().chain(measures.iter().map(|measure| measure.label())));
        for point in points {
            let name = point.attachment.map_or("no cover".to_owned(), |attachment| self.cover.point(attachment));
            let figures = measures.iter().map(|&measure| right(shown(measure, point.figure(measure))));
            table.add_row([Cell::new(name)].into_iter().chain(figures));
        }
        table
    }

    /// Why figures are not known, each reason once.
    fn unknown(&self) -> Vec<&str> {
        let mut reasons: Vec<&str> = Vec::new();
        for figure in self.points.iter().flat_map(|point| &point.figures) {
            if let Some(Err(reason)) = figure
                && !reasons.contains(&reason.as_str())
            {
                reasons.push(reason);
            }
        }
        reasons
    }

    /// One row a figure; without the cover, the attachment is empty.
    pub(crate) fn csv(&self) -> Result<Vec<u8>, ReportError> {
        let mut out = Cells::new(Vec::new());
        out.row(COLUMNS)?;
        let (scenario, contract) = (name_cell(&self.scenario), name_cell(&self.contract));
        let (seed, trials) = (self.seed.to_string(), self.trials.to_string());
        // What is not known is an empty cell.
        let cell = |figure: f64| if figure.is_finite() { figure.to_string() } else { String::new() };
        for point in [&self.uncovered].into_iter().chain(&self.points) {
            let attachment = point.attachment.map_or(String::new(), |attachment| attachment.to_string());
            for (measure, figure) in PriceMeasure::ALL.into_iter().zip(&point.figures) {
                let Some(figure) = figure else { continue };
                let (figures, note) = match figure {
                    Ok(Estimate { value, standard_error, lower, upper, caution }) => (
                        [*value, *standard_error, *lower, *upper].map(cell),
                        caution.map_or(String::new(), |caution| caution.reason().to_owned()),
                    ),
                    Err(reason) => ([const { String::new() }; 4], format!("not known: {reason}")),
                };
                let run = [&*scenario, &seed, &trials, &self.version, &*contract, self.cover.name(), &attachment];
                let cells = run.into_iter().chain([measure.key(), measure.unit().name()]);
                out.row(cells.chain(figures.iter().map(String::as_str)).chain([note.as_str()]))?;
            }
        }
        Ok(out.finish()?)
    }
}

/// A figure with its error, for one cell.
fn shown(measure: PriceMeasure, figure: &PriceFigure) -> String {
    let estimate = match figure {
        None => return String::new(),
        Some(Err(_)) => return "not known".to_owned(),
        Some(Ok(estimate)) => estimate,
    };
    let Estimate { value, standard_error, caution, .. } = *estimate;
    if standard_error == f64::INFINITY && caution == Some(Caution::FewTrials) && value == 0.0 {
        return "none seen".to_owned();
    }
    let (figure, error) = match measure.unit() {
        Unit::Probability | Unit::Share if standard_error.is_finite() => percent_with_error(value, standard_error),
        Unit::Probability | Unit::Share => (percent(value, 1), "(heavy tail)".to_owned()),
        Unit::PerThousand => plain_with_error(value, standard_error),
        _ => dollars_known(estimate),
    };
    if standard_error > 0.0 { format!("{figure} {error}") } else { figure }
}
