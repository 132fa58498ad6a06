//! The segments as a population that a scenario can hold.

use twosided_form::count;
use twosided_population::{Life, Segment, Service, SocialRisk, Utilization};
use twosided_scenario::{Layout, Notes, Writer, segment_path};

use crate::{
    amount::AmountFit,
    estimate::{Fit, SegmentFit, ServiceFit, Usage},
    stated::DIGITS,
};

/// What stands above the population.
const COMMENT: [&str; 5] = [
    "Fitted by twosided fit. A scenario includes it and says how many people it has:",
    "    include = \"population.toml\"",
    "    [population]",
    "    members = 20_000",
    "To run it by itself, add [run] and [[contracts]].",
];

/// The text of `population.toml`.
pub fn population_file(fit: &Fit) -> String {
    let mut notes = Notes::default();
    let (rows, years) = (count(fit.rows as u64), if fit.years == 1 { "year" } else { "years" });
    let source =
        format!("twosided fit of {}: {rows} rows, {} {years}, seed {}", fit.file, fit.years, fit.settings.seed);
    notes.source("population", source);
    for (index, segment) in fit.segments.iter().enumerate() {
        let path = segment_path(index);
        for service in &segment.services {
            notes.source(format!("{path}.services.{}", service.name), source_of_service(service, fit));
        }
        notes.source(path, source_of_segment(segment, fit));
    }
    let mut writer = Writer::new(Layout { digits: DIGITS, services: &[] }, &notes, COMMENT);
    writer.population();
    writer.segments(&fit.segments.iter().map(SegmentFit::segment).collect::<Vec<_>>());
    writer.finish()
}

impl SegmentFit {
    /// The segment with the laws that were fitted.
    pub fn segment(&self) -> Segment {
        let service = |(service, loading): (&ServiceFit, f64)| {
            let amount = service.law.clone();
            let utilization = match &service.usage {
                Usage::Events(frequency) => Utilization::Events { frequency: frequency.law, severity: amount },
                Usage::Annual(zero) => Utilization::Annual { zero: zero.value, amount },
            };
            Service { name: service.name.clone(), utilization, frailty_loading: loading }
        };
        let loadings = self.frailty.loadings.iter().map(|loading| loading.value);
        Segment {
            name: self.name.clone(),
            group: None,
            payer: None,
            members: self.members,
            risk_score: None,
            social_risk: SocialRisk::NONE,
            life: Life { persistence: self.frailty.persistence.value, ..Life::default() },
            truncation_point: None,
            services: self.services.iter().zip(loadings).map(service).collect(),
        }
    }
}

/// Where a segment's people are from, in a sentence.
fn source_of_segment(segment: &SegmentFit, fit: &Fit) -> String {
    let unused = match &segment.unused[..] {
        [] => String::new(),
        unused => format!("; nobody used {}", unused.join(", ")),
    };
    format!(
        "{}: {} rows of {} people, {} person-years; members are the mean of a year{unused}",
        fit.file,
        count(segment.rows as u64),
        count(segment.people as u64),
        count(segment.person_years.round() as u64),
    )
}

/// Where a service's numbers come from, in a sentence.
fn source_of_service(service: &ServiceFit, fit: &Fit) -> String {
    let criterion = fit.settings.criterion.title();
    let AmountFit { law, chosen, amounts, .. } = &service.amount;
    let amount = match chosen {
        Some(_) => format!("{} by maximum likelihood, least {criterion}", law.title()),
        None => "quantiles of the data, too few or too alike for a law".to_owned(),
    };
    let usage = match &service.usage {
        Usage::Events(frequency) => format!(
            "frequency {} by maximum likelihood, least {criterion}; severity {amount}, of the mean cost of an event in {} rows",
            frequency.tried[frequency.chosen].key.replace('_', " "),
            count(*amounts as u64)
        ),
        Usage::Annual(_) => format!("annual {amount}, of {} rows with cost", count(*amounts as u64)),
    };
    let weighed = match &service.credibility {
        Some(credibility) => format!(
            "{usage}; mean weighed {:.3} against a prior of ${:.2} a person-year",
            credibility.weight, credibility.prior
        ),
        None => usage,
    };
    service.warnings.iter().fold(weighed, |text, warning| format!("{text}. Warning: {warning}"))
}
