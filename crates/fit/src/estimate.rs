//! From a file's rows to the laws of its segments.

use std::{
    num::NonZeroUsize,
    sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    thread,
};

use twosided_form::{figure, shortened};
use twosided_prob::{ParameterError, Purpose, Severity, Stream, StreamKey, name_key};

use crate::{
    amount::{AmountFit, Trying},
    columns::ColumnRoles,
    credibility::{Credibility, CredibilityMethod, Prior},
    criterion::Criterion,
    data::{Data, SegmentData},
    error::{Figure, clustered},
    frailty::{FrailtyFit, Histories},
    frequency::{Counts, FrequencyFit},
    goodness::{Stopped, go_on},
    observations::Observations,
    stated::stated,
    warning::{Warning, warnings},
    zero::zero_mass,
};

/// Exposure from which a year is full enough to be ranked against others for frailty.
const FULL_YEAR: f64 = 0.9;

/// What is asked of a fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Key of all random streams.
    pub seed: u64,
    /// Bootstrap samples a law, and samples of people for the frailty's errors.
    pub samples: u32,
    /// Share of the amounts below the threshold of a tail.
    pub tail_above: f64,
    /// By what laws are compared.
    pub criterion: Criterion,
    /// Prior means.
    pub prior: Prior,
    /// How the data weigh against them.
    pub rule: CredibilityMethod,
}

/// How a running fit is watched and stopped.
#[derive(Clone, Copy, Debug)]
pub struct Watch<'a> {
    /// Set to stop soon.
    pub stop: &'a AtomicBool,
    /// Services fitted.
    pub done: &'a AtomicU64,
}

/// How a service is used.
#[derive(Clone, Debug, PartialEq)]
pub enum Usage {
    /// Events with a cost each.
    Events(FrequencyFit),
    /// One amount a year; the share of people without.
    Annual(Figure),
}

/// A service, fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceFit {
    /// Its name.
    pub name: String,
    /// Cost per person-year, as observed: dollars over exposure.
    pub mean: Figure,
    /// Standard deviation of a person-year's cost, as observed, parts of a year annualized.
    pub sd: f64,
    /// Person-years with cost, of all rows.
    pub users: usize,
    /// How it is used.
    pub usage: Usage,
    /// What an event, or a user's year, costs.
    pub amount: AmountFit,
    /// The mean between data and prior, where a prior is given.
    pub credibility: Option<Credibility>,
    /// The law of the cost of an event or a user's year, credibility applied.
    pub law: Severity,
    /// Where the law, before any credibility, departs from the data.
    pub warnings: Vec<Warning>,
}

/// Why nothing was fitted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FitError {
    /// The work was told to stop.
    #[error("stopped")]
    Stopped,
    /// A law that was moved to a prior mean lies outside what a population file may state.
    #[error(
        "segment \"{segment}\": weighed against a prior of ${prior} a person-year, {service} cannot be stated: {reason}; give \
         another prior"
    )]
    Prior {
        /// The segment.
        segment: String,
        /// The service.
        service: String,
        /// Dollars a person-year.
        prior: String,
        /// What a population file refuses.
        reason: ParameterError,
    },
}

impl From<Stopped> for FitError {
    fn from(Stopped: Stopped) -> Self {
        Self::Stopped
    }
}

/// A segment, fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentFit {
    /// Its name.
    pub name: String,
    /// Rows.
    pub rows: usize,
    /// People.
    pub people: usize,
    /// Years enrolled, summed.
    pub person_years: f64,
    /// People enrolled in a year, on average: the members of the population file.
    pub members: u64,
    /// Its services, those that nobody used left out.
    pub services: Vec<ServiceFit>,
    /// Services that nobody used.
    pub unused: Vec<String>,
    /// What services and years of a person have in common.
    pub frailty: FrailtyFit,
}

/// A file, fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The file.
    pub file: String,
    /// Its rows.
    pub rows: usize,
    /// Different years.
    pub years: usize,
    /// What was read as what.
    pub columns: ColumnRoles,
    /// What was asked.
    pub settings: Settings,
    /// Segments in the order of their names.
    pub segments: Vec<SegmentFit>,
    /// Rows of each service in which cost without an event was taken as one event, and in which events without cost were left out.
    pub mended: Vec<[usize; 2]>,
}

impl ServiceFit {
    /// Cost per person-year that the laws make.
    pub fn law_mean(&self) -> f64 {
        match &self.usage {
            Usage::Events(frequency) => frequency.law.mean() * self.law.mean(),
            Usage::Annual(zero) => (1.0 - zero.value) * self.law.mean(),
        }
    }

    /// Standard deviation of a person-year's cost that the laws make; infinite where there is none.
    pub fn law_sd(&self) -> f64 {
        let (mean, sd) = (self.law.mean(), self.law.law().variance().sqrt());
        match &self.usage {
            Usage::Events(frequency) => {
                (frequency.law.mean() * sd * sd + frequency.law.variance() * mean * mean).sqrt()
            }
            Usage::Annual(zero) => {
                let users = 1.0 - zero.value;
                (users * (sd * sd + mean * mean) - (users * mean).powi(2)).sqrt()
            }
        }
    }
}

impl Fit {
    /// How many services of segments there are to fit.
    pub fn work(data: &Data) -> u64 {
        data.segments.iter().map(|segment| segment.years[0].uses.len() as u64).sum()
    }

    /// Fits every service of every segment, on all cores; results do not depend on how many there are.
    ///
    /// # Errors
    /// [`FitError`]: stopped when told so, or a prior that no law can meet.
    pub fn new(data: &Data, columns: &ColumnRoles, settings: &Settings, watch: Watch<'_>) -> Result<Self, FitError> {
        let services = columns.services.len();
        let indices: Vec<(usize, usize)> =
            (0..data.segments.len()).flat_map(|segment| (0..services).map(move |service| (segment, service))).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(&(segment, service)) = indices.get(at) else { return Ok(done) };
                done.push((at, fit_service(&data.segments[segment], service, columns, settings, watch.stop)?));
                watch.done.fetch_add(1, Ordering::Relaxed);
            }
        };
        let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(indices.len());
        let mut fitted: Vec<(usize, Option<ServiceFit>)> = thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let join = |worker: thread::ScopedJoinHandle<'_, _>| worker.join().expect("a worker does not panic");
            workers.into_iter().map(join).collect::<Result<Vec<Vec<_>>, FitError>>()
        })?
        .into_iter()
        .flatten()
        .collect();
        fitted.sort_by_key(|(at, _)| *at);
        let mut by_segment = fitted.into_iter().map(|(_, service)| service);
        let segments = data.segments.iter().map(|segment| {
            let of_segment: Vec<Option<ServiceFit>> = by_segment.by_ref().take(services).collect();
            fit_segment(segment, of_segment, data, columns, settings, watch.stop)
        });
        Ok(Self {
            file: data.file.clone(),
            rows: data.rows,
            years: data.years,
            columns: columns.clone(),
            settings: settings.clone(),
            segments: segments.collect::<Result<_, Stopped>>()?,
            mended: data.mended.clone(),
        })
    }
}

fn fit_segment(
    data: &SegmentData,
    services: Vec<Option<ServiceFit>>,
    all: &Data,
    columns: &ColumnRoles,
    settings: &Settings,
    stop: &AtomicBool,
) -> Result<SegmentFit, Stopped> {
    go_on(stop)?;
    let full: Vec<_> = data.years.iter().filter(|year| year.exposure >= FULL_YEAR).collect();
    let used: Vec<usize> = (0..services.len()).filter(|&index| services[index].is_some()).collect();
    let amount = |index: usize| {
        full.iter().map(|year| year.uses[index].count.map_or(year.uses[index].cost, f64::from)).collect()
    };
    let histories = Histories {
        years: full.iter().map(|year| (year.person, year.year)).collect(),
        amounts: used.into_iter().map(amount).collect(),
    };
    let key = StreamKey {
        seed: settings.seed,
        purpose: Purpose::Resample,
        segment: name_key(&data.name),
        service: 0,
        trial: 0,
        year: 0,
    };
    let unused = columns.services.iter().zip(&services).filter(|(_, fit)| fit.is_none());
    Ok(SegmentFit {
        name: data.name.clone(),
        rows: data.years.len(),
        people: data.people(),
        person_years: data.person_years(),
        members: (data.person_years() / all.years as f64).round().max(1.0) as u64,
        unused: unused.map(|(columns, _)| columns.name.clone()).collect(),
        frailty: histories.fit(settings.samples, &mut Stream::new(&key)),
        services: services.into_iter().flatten().collect(),
    })
}

/// `None` of a service that nobody used.
fn fit_service(
    data: &SegmentData,
    index: usize,
    columns: &ColumnRoles,
    settings: &Settings,
    stop: &AtomicBool,
) -> Result<Option<ServiceFit>, FitError> {
    go_on(stop)?;
    let name = &columns.services[index].name;
    let rows = || data.years.iter().map(|year| (year, year.uses[index]));
    let users = rows().filter(|(_, service)| service.cost > 0.0).count();
    if users == 0 {
        return Ok(None);
    }
    // The trial's place holds which law is tested, counts from 100 on.
    let stream_of = |trial: u64| {
        let (segment, service) = (name_key(&data.name), name_key(name));
        Stream::new(&StreamKey { seed: settings.seed, purpose: Purpose::Refit, segment, service, trial, year: 0 })
    };
    let observed = rows().filter(|(_, service)| service.cost > 0.0).map(|(year, service)| match service.count {
        Some(count) => (service.cost / f64::from(count), f64::from(count), year.person),
        None => (service.cost / year.exposure, year.exposure, year.person),
    });
    let trying =
        Trying { tail_above: settings.tail_above, samples: settings.samples, criterion: settings.criterion, stop };
    let amount = trying.fit(&Observations::new(observed.collect()), stream_of)?;
    let usage = if columns.services[index].count.is_some() {
        let counts = rows().map(|(year, service)| (service.count.unwrap_or_default(), year.exposure, year.person));
        let counts = Counts { rows: counts.collect() };
        Usage::Events(counts.fit(settings.samples, settings.criterion, |index| stream_of(100 + index), stop)?)
    } else {
        let used: Vec<_> = rows().map(|(year, service)| (service.cost > 0.0, year.exposure, year.person)).collect();
        Usage::Annual(zero_mass(&used))
    };
    let (mean, sd) = per_person_year(data, index);
    let law = amount.law.clone();
    let warnings = Vec::new();
    let mut fit = ServiceFit { name: name.clone(), mean, sd, users, usage, law, amount, credibility: None, warnings };
    fit.warnings = warnings_of(&fit);
    if let Some(prior) = settings.prior.mean(&data.name, name) {
        let weighed = settings.rule.weigh(mean, data.person_years(), prior);
        fit.law = fit.amount.law.scaled(weighed.mean.value / fit.law_mean());
        stated(&fit.law).map_err(|reason| FitError::Prior {
            segment: shortened(&data.name, 80),
            service: shortened(name, 80),
            prior: figure(prior),
            reason,
        })?;
        fit.credibility = Some(weighed);
    }
    Ok(Some(fit))
}

fn warnings_of(fit: &ServiceFit) -> Vec<Warning> {
    warnings(&fit.amount, fit.mean, fit.law_mean(), fit.sd, fit.law_sd())
}

/// Mean cost over exposure with its error, and the standard deviation of annualized cost weighted by exposure.
fn per_person_year(data: &SegmentData, index: usize) -> (Figure, f64) {
    let exposure = data.person_years();
    let cost = |at: usize| data.years[at].uses[index].cost;
    let mean = (0..data.years.len()).map(cost).sum::<f64>() / exposure;
    let persons: Vec<u32> = data.years.iter().map(|year| year.person).collect();
    let spread = clustered(&persons, 1, |at| vec![cost(at) - mean * data.years[at].exposure]);
    let square: f64 = (0..data.years.len())
        .map(|at| data.years[at].exposure * (cost(at) / data.years[at].exposure - mean).powi(2))
        .sum();
    (Figure { value: mean, standard_error: spread[0][0].sqrt() / exposure }, (square / exposure).sqrt())
}
