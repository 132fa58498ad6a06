//! What a fit leaves behind: the population, a page, the figures for programs, and the plots.

use std::sync::atomic::AtomicBool;

use twosided_files::{Kept, OutputFolder};
use twosided_fit::{Fit, SegmentFit, ServiceFit, population_file};
use twosided_form::toml_text;

use crate::{
    ReportError, Stop,
    charts::{Canvas, Chart, Excesses, Quantiles, mean_excess, quantiles},
    fit_html,
    fit_names::written,
    fit_tables, save,
};

/// The files of a fit, plots aside (`quantiles-01.svg` and `.png`, `mean-excess-01.svg` and `.png`, …, in the order of the page).
pub const FIT_FILES: [&str; 3] = ["population.toml", "fit.html", "fit.json"];

/// Names of all files that a fit of a number of services, those of each segment counted, may have.
pub fn fit_files(services: usize) -> Vec<String> {
    let plots = (1..=services).flat_map(|index| {
        ["quantiles", "mean-excess"]
            .into_iter()
            .flat_map(move |stem| ["svg", "png"].map(|kind| format!("{stem}-{index:02}.{kind}")))
    });
    FIT_FILES.iter().map(|name| (*name).to_owned()).chain(plots).collect()
}

/// Everything that the report of a fit needs.
#[derive(Clone, Copy, Debug)]
pub struct FitReport<'a> {
    /// What was found.
    pub fit: &'a Fit,
    /// Version of the program.
    pub version: &'static str,
    /// Commit of the program, where it is known.
    pub commit: &'static str,
}

/// The plots of a service, as SVG.
pub(crate) struct Plots {
    pub(crate) quantiles: String,
    pub(crate) mean_excess: Option<String>,
}

impl FitReport<'_> {
    /// The fit as a table for a terminal of that width, in characters.
    pub fn table(&self, width: Option<u16>) -> String {
        fit_tables::terminal(self.fit, width)
    }

    /// Writes the files and, when all are complete, puts them in place of an older fit. Files of a user that stood in their way
    /// are kept.
    ///
    /// # Errors
    /// [`ReportError`]; an older fit is then as it was.
    pub fn write(&self, destination: &OutputFolder, stop: &AtomicBool) -> Result<Vec<Kept>, ReportError> {
        let stop = Stop(stop);
        let folder = destination.staging();
        let write = |name: &str, bytes: &[u8]| {
            stop.check()?;
            save(&folder, name, bytes)
        };
        let mut canvas = Canvas::default();
        let mut draw = |chart: &Chart, index: usize| {
            let svg = chart.svg()?;
            write(&format!("{}-{index:02}.svg", chart.stem), svg.as_bytes())?;
            write(&format!("{}-{index:02}.png", chart.stem), &chart.png(&mut canvas)?)?;
            Ok::<_, ReportError>(svg)
        };
        let services =
            self.fit.segments.iter().flat_map(|segment| segment.services.iter().map(move |of| (segment, of)));
        let mut plots = Vec::new();
        for (index, (segment, service)) in (1..).zip(services) {
            plots.push(Plots {
                quantiles: draw(&quantile_plot(segment, service), index)?,
                mean_excess: excess_plot(segment, service).map(|chart| draw(&chart, index)).transpose()?,
            });
        }
        write("population.toml", toml_text(&population_file(self.fit)).as_bytes())?;
        write("fit.html", fit_html::page(self, &plots).as_bytes())?;
        write("fit.json", &fit_tables::json(self)?)?;
        stop.check()?;
        Ok(destination.complete()?)
    }
}

fn name_of(segment: &SegmentFit, service: &ServiceFit) -> String {
    format!("{}, {}", segment.name, service.name)
}

fn quantile_plot(segment: &SegmentFit, service: &ServiceFit) -> Chart {
    let law = written(&service.amount.law.title());
    quantiles(&Quantiles { name: &name_of(segment, service), law: &law, points: &service.amount.quantiles })
}

fn excess_plot(segment: &SegmentFit, service: &ServiceFit) -> Option<Chart> {
    let amount = &service.amount;
    let points: Vec<[f64; 4]> = amount
        .excesses
        .iter()
        .map(|point| [point.above, point.observed.value, point.observed.standard_error, point.of_law])
        .collect();
    let threshold = amount.tail.as_ref().ok().map(|tail| tail.threshold);
    let (name, law) = (name_of(segment, service), written(&amount.law.title()));
    (points.len() > 1).then(|| mean_excess(&Excesses { name: &name, law: &law, points: &points, threshold }))
}
