//! `twosided fit`.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use clap::{ArgGroup, Args, ValueEnum};
use twosided_actuals::Table;
use twosided_files::Request;
use twosided_fit::{
    ColumnRoles, CredibilityMethod, Criterion, Data, Exposure, Fit, FitError, Prior, ServiceColumns, Settings,
    Unmatched, Watch,
};
use twosided_form::{Document, figure, name_fault, printable, shortened};
use twosided_report::{FitReport, fit_files};
use twosided_scenario::read_population;
use twosided_sim::Control;

use crate::{
    Failure,
    counts::{count, counted},
    print, progress, say,
    scenario::IncludeArguments,
    stop::{open_folder, say_what_is_kept},
};

/// Fit the laws of a population to a member-level file, one row a person and year.
///
/// The folder that is written holds population.toml, which a scenario can include, and fit.html, which says how well each law
/// fits. docs/fit.md has the method.
#[derive(Args)]
#[command(
    group = ArgGroup::new("enrolled").args(["exposure", "months"]),
    after_long_help = "\
Example:
  twosided fit tests/data/randhie.csv --person zper --year year --exposure time --segment child --unmatched mend \\
    --service inpatient=cost:inpdol,count:totadm --service drugs=cost:drugdol --out fits/randhie"
)]
pub(crate) struct FitArguments {
    /// Member-level file, one row a person and year (CSV or Parquet).
    file: PathBuf,
    /// Column that identifies the person.
    #[arg(long, value_name = "COLUMN")]
    person: String,
    /// Column of the year.
    #[arg(long, value_name = "COLUMN")]
    year: String,
    /// Service and its columns: NAME=cost:COLUMN for an amount a year, NAME=cost:COLUMN,count:COLUMN for events; repeat it for several.
    #[arg(long = "service", value_name = "NAME=…", required = true)]
    services: Vec<ServiceColumns>,
    /// Column of the enrolled share of the year [default: everyone is enrolled for the whole year].
    #[arg(long, value_name = "COLUMN")]
    exposure: Option<String>,
    /// Column of the months enrolled [default: everyone is enrolled for the whole year].
    #[arg(long, value_name = "COLUMN")]
    months: Option<String>,
    /// Columns whose values together name a segment [default: one segment of everyone].
    #[arg(long = "segment", value_name = "COLUMN", value_delimiter = ',')]
    segments: Vec<String>,
    /// Treatment of rows with cost but no event, or with events but no cost.
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = UnmatchedRows::Refuse)]
    unmatched: UnmatchedRows,
    /// Population or scenario whose means the data are weighed against.
    #[arg(long, value_name = "FILE")]
    prior: Option<PathBuf>,
    /// Mean of one service to weigh against, in dollars a person-year; it goes before --prior; repeat it for several.
    #[arg(long, value_name = "SERVICE=DOLLARS")]
    prior_mean: Vec<PriorMean>,
    /// Person-years at which data and prior count half each (Bühlmann's k).
    #[arg(long, value_name = "K", conflicts_with = "full_credibility")]
    credibility: Option<f64>,
    /// Standard of limited fluctuation: the data count fully if their mean lies WITHIN this share of itself with this PROBABILITY [default: 0.9,0.05].
    #[arg(long, value_name = "PROBABILITY,WITHIN", value_delimiter = ',', num_args = 1)]
    full_credibility: Vec<f64>,
    /// Share of the amounts below the threshold above which a tail is fitted by itself, from 0.5 to 0.99.
    #[arg(long, value_name = "SHARE", default_value_t = 0.9)]
    tail_above: f64,
    /// Criterion by which laws are compared.
    #[arg(long, value_name = "CRITERION", value_enum, default_value_t = By::Bic)]
    criterion: By,
    /// Key of all random streams.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = count::<u64>(0..=i64::MAX as u64))]
    seed: u64,
    /// Number of data sets drawn from each law for its p-values, and from the people for the errors of frailty; 0 for no p-values.
    #[arg(long, value_name = "N", default_value_t = 99, value_parser = count::<u32>(0..=10_000))]
    bootstrap: u32,
    /// Folder of the fit [default: fits/ and the name of the file].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace the fit of another file in that folder, and move files in the way into a folder kept-1.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    include: IncludeArguments,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum UnmatchedRows {
    /// Name them, and fit nothing
    Refuse,
    /// Take cost without an event as one event, and leave out events without cost
    Mend,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum By {
    /// Twice the number of parameters counts against a law
    Aic,
    /// The logarithm of the number of amounts times the number of parameters counts against a law
    Bic,
}

#[derive(Clone, Debug)]
struct PriorMean {
    service: String,
    dollars: f64,
}

impl std::str::FromStr for PriorMean {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let help = || format!("\"{}\" is not SERVICE=DOLLARS, dollars a person-year above 0", shortened(text, 80));
        let (service, dollars) = text.rsplit_once('=').ok_or_else(help)?;
        let dollars: f64 = dollars.parse().map_err(|_| help())?;
        if !(dollars > 0.0 && dollars <= 1e12) || name_fault(service).is_some() {
            return Err(help());
        }
        Ok(Self { service: service.to_owned(), dollars })
    }
}

pub(crate) fn fit(arguments: &FitArguments) -> Result<(), Failure> {
    let rule = arguments.rule()?;
    let columns = arguments.columns()?;
    let folder = arguments.out.clone().unwrap_or_else(|| default_folder(&arguments.file));
    let prior = arguments.prior()?;
    let data = Data::read(&Table::load(&arguments.file)?, &columns)?;
    let criterion = match arguments.criterion {
        By::Aic => Criterion::Aic,
        By::Bic => Criterion::Bic,
    };
    let (seed, samples, tail_above) = (arguments.seed, arguments.bootstrap, arguments.tail_above);
    let settings = Settings { seed, samples, tail_above, criterion, prior, rule };
    let inputs: Vec<&Path> =
        [Some(&arguments.file), arguments.prior.as_ref()].into_iter().flatten().map(PathBuf::as_path).collect();
    let control = Arc::new(Control::default());
    let request = Request {
        folder: &folder,
        command: "fit",
        inputs: &inputs,
        names: &fit_files(data.segments.len() * columns.services.len()),
        replace: arguments.replace,
    };
    let destination = open_folder(&request, &control, None)?;
    let watch = Watch { stop: &control.stop, done: &control.done };
    let started = Instant::now();
    let fit = progress::watched(Fit::work(&data), "services", &control, || Fit::new(&data, &columns, &settings, watch));
    let fit = fit.map_err(|error| match error {
        FitError::Stopped => Failure::Stopped,
        FitError::Prior { .. } => Failure::Message(error.to_string()),
    })?;
    let seconds = started.elapsed().as_secs_f64();
    let report = FitReport { fit: &fit, version: twosided::VERSION, commit: twosided::COMMIT };
    let kept = report.write(&destination, &control.stop)?;
    print(&format!(
        "{}: laws with the lowest {}, ± one standard error\n{}AD p: p-value; a small one means a poor fit.\n",
        fit.file,
        criterion.title(),
        report.table(terminal_size::terminal_size().map(|(width, _)| width.0))
    ))?;
    say_warnings(&fit);
    say_what_was_left_out(&fit);
    say(&format!(
        "{} in {seconds:.1} s; population in {}, report in {}\n",
        counted(fit.rows as u64, "row", "rows"),
        printable(&folder.join("population.toml").display().to_string()),
        printable(&folder.join("fit.html").display().to_string())
    ));
    kept.iter().for_each(say_what_is_kept);
    Ok(())
}

fn say_warnings(fit: &Fit) {
    for segment in &fit.segments {
        for service in &segment.services {
            for warning in &service.warnings {
                let (segment, service) = (shortened(&segment.name, 80), shortened(&service.name, 80));
                say(&format!("warning: {segment}, {service}: {warning}\n"));
            }
        }
    }
}

fn say_what_was_left_out(fit: &Fit) {
    for segment in &fit.segments {
        let name = shortened(&segment.name, 80);
        for service in &segment.unused {
            say(&format!("{name}: nobody used {}; the service is left out\n", shortened(service, 80)));
        }
        for note in &segment.frailty.notes {
            say(&format!("{name}: {note}\n"));
        }
    }
    for (service, [costs, events]) in fit.columns.services.iter().zip(&fit.mended) {
        if costs + events > 0 {
            let name = shortened(&service.name, 80);
            say(&format!(
                "{name}: cost taken as one event in {}, events without cost left out in {}\n",
                counted(*costs as u64, "row", "rows"),
                counted(*events as u64, "row", "rows")
            ));
        }
    }
}

impl FitArguments {
    fn columns(&self) -> Result<ColumnRoles, Failure> {
        for (index, service) in self.services.iter().enumerate() {
            if self.services[..index].iter().any(|earlier| earlier.name == service.name) {
                return Err(Failure::Usage(format!("--service {} is given twice", shortened(&service.name, 80))));
            }
        }
        if self.services.len() > 100 {
            return Err(Failure::Usage("a population has at most 100 services".to_owned()));
        }
        let exposure = match (&self.exposure, &self.months) {
            (Some(column), _) => Exposure::Share(column.clone()),
            (None, Some(column)) => Exposure::Months(column.clone()),
            (None, None) => Exposure::WholeYears,
        };
        let unmatched = match self.unmatched {
            UnmatchedRows::Refuse => Unmatched::Refuse,
            UnmatchedRows::Mend => Unmatched::Mend,
        };
        Ok(ColumnRoles {
            person: self.person.clone(),
            year: self.year.clone(),
            exposure,
            services: self.services.clone(),
            segments: self.segments.clone(),
            unmatched,
        })
    }

    fn rule(&self) -> Result<CredibilityMethod, Failure> {
        if !(0.5..=0.99).contains(&self.tail_above) {
            let message = format!("--tail-above {} is not a share from 0.5 to 0.99", self.tail_above);
            return Err(Failure::Usage(message));
        }
        if (self.credibility.is_some() || !self.full_credibility.is_empty())
            && self.prior.is_none()
            && self.prior_mean.is_empty()
        {
            return Err(Failure::Usage("credibility needs --prior or --prior-mean to weigh against".to_owned()));
        }
        match (self.credibility, &self.full_credibility[..]) {
            (Some(k), _) if (0.0..=1e12).contains(&k) => Ok(CredibilityMethod::Buhlmann { k }),
            (Some(k), _) => Err(Failure::Usage(format!("--credibility {k} is not person-years from 0 to 1e12"))),
            (None, []) => Ok(CredibilityMethod::LimitedFluctuation { probability: 0.9, within: 0.05 }),
            (None, &[probability, within])
                if probability > 0.0 && probability < 1.0 && within > 0.0 && within <= 1.0 =>
            {
                Ok(CredibilityMethod::LimitedFluctuation { probability, within })
            }
            (None, _) => {
                let message =
                    "--full-credibility is PROBABILITY,WITHIN: a probability below 1 and a share, as 0.9,0.05";
                Err(Failure::Usage(message.to_owned()))
            }
        }
    }

    fn prior(&self) -> Result<Prior, Failure> {
        let mut prior = Prior::default();
        if let Some(path) = &self.prior {
            let population = read_population(&Document::load_with_included(path, &self.include.allow_include)?)?;
            let mut sums = std::collections::BTreeMap::new();
            for segment in population.segments() {
                for service in &segment.services {
                    let mean = segment.index(&service.name).map_or(0.0, |index| segment.mean_of(index).0);
                    prior.by_segment.insert((segment.name.clone(), service.name.clone()), mean);
                    let sum = sums.entry(service.name.clone()).or_insert((0.0, 0.0));
                    *sum = (sum.0 + mean * segment.members as f64, sum.1 + segment.members as f64);
                }
            }
            let means = sums.into_iter().map(|(service, (dollars, members))| (service, dollars / members));
            prior.by_service.extend(means);
        }
        for PriorMean { service, dollars } in &self.prior_mean {
            if !self.services.iter().any(|known| known.name == *service) {
                let known = twosided_form::list(self.services.iter().map(|service| service.name.as_str()));
                let (service, dollars) = (shortened(service, 80), figure(*dollars));
                let message = format!("--prior-mean {service}={dollars}: there is no such service; write {known}");
                return Err(Failure::Usage(message));
            }
            prior.by_segment.retain(|(_, name), _| name != service);
            prior.by_service.insert(service.clone(), *dollars);
        }
        Ok(prior)
    }
}

fn default_folder(file: &Path) -> PathBuf {
    Path::new("fits").join(file.file_stem().unwrap_or(file.as_os_str()))
}
