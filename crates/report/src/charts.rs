//! Charts of the gains that contracts bring a provider, as SVG and PNG.
//!
//! A chart is laid out as data in a [`Chart`], and both formats are drawn from it. Dollars are nominal, per
//! year or over the horizon; a gain is the provider's, a loss is its opposite.

use twosided_prob::{Estimate, Sample};

mod amounts;
mod axis;
mod bitmap;
mod by_group;
mod canvas;
mod column;
mod continuum;
mod convergence;
mod curves;
mod distribution;
mod exceedance;
mod fan;
mod fit_plots;
mod heat_map;
mod histogram;
mod palette;
mod placing;
mod price;
mod return_on_risk;
mod scene;
mod svg;
#[cfg(test)]
mod tests;
mod tornado;

pub use amounts::{AmountMark, Amounts, amounts};
pub use by_group::{GroupPoint, GroupsUnder, by_group};
pub use canvas::Canvas;
pub use continuum::continuum;
pub use convergence::convergence;
pub use curves::{Curve, Curves, Values, curves};
pub use exceedance::exceedance;
pub use fan::{FanPoint, cash_fan, fan};
pub use fit_plots::{Excesses, Quantiles, mean_excess, quantiles};
pub use heat_map::{HeatMap, HeatPanel, heat_map};
pub use histogram::histogram;
pub use price::price;
pub use return_on_risk::{Ranked, return_on_risk};
pub use tornado::{Tornado, TornadoBar, TornadoPanel, tornado};

use scene::Scene;

use crate::{
    Period, RiskMeasure,
    figures::{self, joined},
};

/// One contract's gains, trial by trial.
#[derive(Clone, Copy, Debug)]
pub struct Gains<'a> {
    /// The contract's name, of any length.
    pub name: &'a str,
    /// Category of the HCP-LAN framework: `3B`.
    pub lan: &'a str,
    /// Dollars, in the order of the trials.
    pub trials: &'a [f64],
    /// The same gains, measured.
    pub sample: &'a Sample,
    /// Figures as the tables have them, in the order of [`RiskMeasure::ALL`].
    pub measures: [Estimate; RiskMeasure::ALL.len()],
    /// Whether it is fee-for-service and nothing else, by its terms.
    pub is_reference: bool,
    /// Whether the measures are those of its exact law.
    pub is_exact: bool,
    /// What they are gains of.
    pub period: Period,
}

impl Gains<'_> {
    fn measure(&self, measure: RiskMeasure) -> Estimate {
        self.measures[measure as usize]
    }

    /// An amount and what is known of it, as the tables have them.
    fn money(&self, estimate: Estimate) -> (String, String) {
        figures::money(estimate, self.is_exact)
    }

    /// The chance of a loss, in the same way.
    fn chance_of_loss(&self) -> (String, String) {
        figures::chance(self.measure(RiskMeasure::ProbabilityOfLoss), self.is_exact)
    }
}

/// What ± is on a chart of those contracts.
fn error_note(contracts: &[Gains]) -> &'static str {
    if contracts.iter().any(|contract| contract.is_exact) {
        "± as in the table of the report."
    } else {
        "± is one standard error of the simulation."
    }
}

/// What the gains of a chart's contracts are gains of.
fn period(contracts: &[Gains]) -> Period {
    contracts.first().map_or(Period { years: 1 }, |contract| contract.period)
}

/// A picture, laid out and ready to be drawn.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Name of its file, without folder and extension; the same for every chart of a kind.
    pub stem: &'static str,
    /// The title, which also stands in the picture.
    pub title: String,
    /// What the picture shows, in words, for those who cannot see it.
    pub alt: String,
    scene: Scene,
}

/// A chart that could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The drawing library refused a mark.
    #[error("a chart cannot be drawn: {0}")]
    Draw(String),
    /// The picture could not be written as PNG.
    #[error("a chart cannot be written as PNG: {0}")]
    Png(#[from] png::EncodingError),
}

impl Chart {
    /// The chart as an `<svg>` element, which may stand in a page or in a file of its own.
    ///
    /// # Errors
    /// [`ChartError`] when the drawing library fails.
    pub fn svg(&self) -> Result<String, ChartError> {
        svg::svg(&self.scene, &self.alt)
    }

    /// The chart as `<svg>` elements that each fit on a page of print; none where the whole does.
    ///
    /// # Errors
    /// [`ChartError`] when the drawing library fails.
    pub fn svg_slices(&self) -> Result<Vec<String>, ChartError> {
        svg::svg_slices(&self.scene, &self.alt)
    }

    /// The bytes of a PNG file, with two pixels for each of the SVG. One canvas serves any number of charts, one after another.
    ///
    /// # Errors
    /// [`ChartError`] when the encoder fails.
    pub fn png(&self, canvas: &mut Canvas) -> Result<Vec<u8>, ChartError> {
        bitmap::png(&self.scene, canvas)
    }
}
