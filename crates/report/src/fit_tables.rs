//! A fit as a table for a terminal, and as JSON.

use comfy_table::{Cell, ContentArrangement, Table};
use serde_json::{Value, json};
use twosided_fit::{
    AmountFit, Candidate, Exposure, Figure, Fit, FrequencyFit, Goodness, Pair, SegmentFit, ServiceFit, Unmatched, Usage,
};

use crate::{
    FitReport, ReportError,
    fit_names::written,
    terminal::{STYLE, right},
    text::{dollars_with_error, percent_with_error, plain_with_error},
};

/// One row a service of a segment.
pub(crate) fn terminal(fit: &Fit, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width.unwrap_or(160).max(60));
    table.set_header([
        "Segment",
        "Service",
        "$ a person-year",
        "$ of the laws",
        "Use",
        "Law of use",
        "Law of amounts",
        "AD p",
        "Loading",
    ]);
    for segment in &fit.segments {
        for (service, loading) in segment.services.iter().zip(&segment.frailty.loadings) {
            let mut row = vec![Cell::new(&segment.name), Cell::new(&service.name)];
            row.push(right(joined(dollars_with_error(service.mean.value, service.mean.standard_error))));
            row.push(right(joined(dollars_with_error(service.law_mean(), 0.0))));
            row.push(right(use_of(service)));
            row.push(Cell::new(match &service.usage {
                Usage::Events(frequency) => written(frequency.tried[frequency.chosen].key),
                Usage::Annual(_) => "zero mass".to_owned(),
            }));
            row.push(Cell::new(written(&service.amount.law.title())));
            let goodness = chosen(&service.amount).and_then(|candidate| candidate.goodness);
            row.push(right(goodness.map_or("–".to_owned(), |goodness| format!("{:.2}", goodness.anderson_darling.p))));
            row.push(right(joined(plain_with_error(loading.value, loading.standard_error))));
            table.add_row(row);
        }
    }
    format!("{table}\n")
}

/// Events a person-year, or the share of users.
fn use_of(service: &ServiceFit) -> String {
    match &service.usage {
        Usage::Events(frequency) => {
            format!("{} a year", joined(plain_with_error(frequency.mean.value, frequency.mean.standard_error)))
        }
        Usage::Annual(zero) => format!("{} none", joined(percent_with_error(zero.value, zero.standard_error))),
    }
}

fn joined((value, error): (String, String)) -> String {
    if error == "± 0" { value } else { format!("{value} {error}") }
}

/// The candidate that was chosen; none where quantiles stand for the amounts.
pub(crate) fn chosen(amount: &AmountFit) -> Option<&Candidate> {
    amount.tried[amount.chosen?].outcome.as_ref().ok()
}

fn figure(figure: &Figure) -> Value {
    json!({ "value": figure.value, "standard_error": figure.standard_error })
}

fn goodness(of: Option<&Goodness>) -> Value {
    of.map_or(Value::Null, |of| {
        json!({
            "kolmogorov_smirnov": of.kolmogorov_smirnov.statistic, "kolmogorov_smirnov_p": of.kolmogorov_smirnov.p,
            "anderson_darling": of.anderson_darling.statistic, "anderson_darling_p": of.anderson_darling.p,
            "bootstrap_samples": of.samples,
        })
    })
}

/// Everything that the page shows, in one object.
pub(crate) fn json(report: &FitReport<'_>) -> Result<Vec<u8>, ReportError> {
    let FitReport { fit, version, commit } = report;
    let columns = &fit.columns;
    let services: Vec<Value> = columns
        .services
        .iter()
        .zip(&fit.mended)
        .map(|(service, [without_event, without_cost])| {
            json!({
                "name": service.name, "cost": service.cost, "count": service.count,
                "rows_of_cost_taken_as_one_event": without_event, "rows_of_events_left_out": without_cost,
            })
        })
        .collect();
    let (share, months) = match &columns.exposure {
        Exposure::WholeYears => (None, None),
        Exposure::Share(column) => (Some(column), None),
        Exposure::Months(column) => (None, Some(column)),
    };
    let value = json!({
        "file": fit.file, "rows": fit.rows, "years": fit.years,
        "columns": {
            "person": columns.person, "year": columns.year, "exposure": share, "months": months,
            "segment": columns.segments, "services": services, "mended": columns.unmatched == Unmatched::Mend,
        },
        "seed": fit.settings.seed, "bootstrap": fit.settings.samples, "tail_above": fit.settings.tail_above,
        "criterion": fit.settings.criterion.title(),
        "segments": fit.segments.iter().map(segment).collect::<Vec<Value>>(),
        "version": version, "commit": commit,
    });
    Ok(serde_json::to_vec_pretty(&value)?)
}

fn segment(of: &SegmentFit) -> Value {
    let name = |index: usize| of.services[index].name.as_str();
    let correlations: Vec<Value> = of
        .frailty
        .correlations
        .iter()
        .map(|correlation| {
            let (services, apart) = match correlation.pair {
                Pair::Services(a, b) => ([name(a), name(b)], 0),
                Pair::Years(service, apart) => ([name(service), name(service)], apart),
            };
            json!({
                "services": services, "years_apart": apart, "pairs": correlation.pairs,
                "observed": figure(&correlation.observed), "fitted": correlation.fitted,
            })
        })
        .collect();
    let services: Vec<Value> =
        of.services.iter().zip(&of.frailty.loadings).map(|(of, loading)| service(of, loading)).collect();
    json!({
        "name": of.name, "rows": of.rows, "people": of.people, "person_years": of.person_years, "members": of.members,
        "unused_services": of.unused, "services": services,
        "frailty": {
            "persistence": figure(&of.frailty.persistence), "correlations": correlations, "notes": of.frailty.notes,
        },
    })
}

fn service(of: &ServiceFit, loading: &Figure) -> Value {
    let (zero, frequency) = match &of.usage {
        Usage::Events(frequency) => (Value::Null, frequency_json(frequency)),
        Usage::Annual(zero) => (figure(zero), Value::Null),
    };
    let credibility =
        of.credibility.map(|of| json!({ "prior": of.prior, "weight": of.weight, "mean": figure(&of.mean) }));
    json!({
        "name": of.name, "users": of.users, "mean": figure(&of.mean), "sd": of.sd,
        "law_mean": of.law_mean(), "law_sd": of.law_sd(), "zero": zero, "frequency": frequency,
        "amount": amount(&of.amount), "credibility": credibility, "frailty_loading": figure(loading),
        "warnings": of.warnings.iter().map(ToString::to_string).collect::<Vec<String>>(),
    })
}

fn parameters<'a>(of: impl Iterator<Item = (&'a str, &'a Figure)>) -> Value {
    Value::Object(of.map(|(name, value)| (name.to_owned(), figure(value))).collect())
}

fn amount(of: &AmountFit) -> Value {
    let tried: Vec<Value> = of
        .tried
        .iter()
        .map(|tried| match &tried.outcome {
            Ok(candidate) => json!({
                "law": tried.title, "key": candidate.law.key(), "mean": figure(&candidate.mean),
                "parameters": parameters(candidate.parameters.iter().map(|(name, figure)| (name.as_str(), figure))),
                "log_likelihood": candidate.log_likelihood, "aic": candidate.criteria.aic, "bic": candidate.criteria.bic,
                "aic_by_moments": candidate.aic_by_moments, "goodness": goodness(candidate.goodness.as_ref()),
            }),
            Err(reason) => json!({ "law": tried.title, "not_offered": reason }),
        })
        .collect();
    let tail = match &of.tail {
        Ok(tail) => json!({
            "threshold": tail.threshold, "amounts": tail.amounts,
            "shape": figure(&tail.shape), "scale": figure(&tail.scale),
        }),
        Err(reason) => json!({ "not_fitted": reason }),
    };
    json!({
        "amounts": of.amounts, "people": of.people, "chosen": of.law.title(), "mean": figure(&of.mean),
        "moments": { "mean": figure(&of.moments[0]), "cv": figure(&of.moments[1]) }, "laws": tried,
        "generalized_pareto": tail, "quantiles": of.quantiles,
        "mean_excess": of.excesses.iter().map(|point| json!({
            "above": point.above, "observed": figure(&point.observed), "of_law": point.of_law,
        })).collect::<Vec<Value>>(),
        "excess_cost": of.excess_costs.iter().map(|cost| json!({
            "above": cost.above, "observed": figure(&cost.observed), "of_law": cost.of_law,
        })).collect::<Vec<Value>>(),
        "largest": of.largest, "largest_share": of.largest_share, "of_law_above_largest": of.beyond,
    })
}

fn frequency_json(of: &FrequencyFit) -> Value {
    let tried: Vec<Value> = of
        .tried
        .iter()
        .map(|tried| match &tried.outcome {
            Ok(candidate) => json!({
                "law": tried.key, "parameters": parameters(candidate.parameters.iter().map(|(name, figure)| (*name, figure))),
                "log_likelihood": candidate.log_likelihood, "aic": candidate.criteria.aic, "bic": candidate.criteria.bic,
                "goodness": goodness(candidate.goodness.as_ref()),
            }),
            Err(reason) => json!({ "law": tried.key, "not_offered": reason }),
        })
        .collect();
    json!({
        "mean": figure(&of.mean), "chosen": of.tried[of.chosen].key, "laws": tried,
        "rows_by_count": of.table.iter().map(|[data, law]| json!({ "observed": data, "expected": law })).collect::<Vec<Value>>(),
    })
}
