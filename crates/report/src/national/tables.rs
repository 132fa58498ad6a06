//! The figures of a national run as tables: for a terminal, and as files that programs read.

use comfy_table::{Cell, ContentArrangement, Table};
use twosided_form::{Cells, name_cell};
use twosided_prob::{Caution, Estimate};
use twosided_units::grouped;

use crate::{
    AcoFigures, Figure, GroupFigures, NationalSummary, QuantityFigures, ReportError, Unit,
    figures::joined,
    terminal::{STYLE, right},
    text::{dollars_beside, dollars_known, percent_with_error, plain_with_error},
};

/// A figure and its error, in words of its unit; what cannot vary has no error.
pub(super) fn shown(figure: &Figure) -> (String, String) {
    let Estimate { value, standard_error, .. } = figure.estimate();
    let (text, error) = match figure.unit {
        // A quantile of counts is one of them, and its error by the density of a smooth law means little.
        Unit::Acos if value.fract() == 0.0 => return (grouped(&format!("{value:.0}")), String::new()),
        Unit::Acos => plain_with_error(value, standard_error),
        Unit::Share | Unit::Probability => percent_with_error(value, standard_error),
        _ => dollars_known(&figure.estimate()),
    };
    (text, if standard_error > 0.0 { error } else { String::new() })
}

/// The figure alone, to the digits that its error allows.
pub(super) fn value_of(figure: &Figure) -> String {
    shown(figure).0
}

/// The 5% and the 95% quantile.
pub(super) fn between(low: &Figure, high: &Figure) -> String {
    format!("{} to {}", value_of(low), value_of(high))
}

/// What the figures are of: `All ACOs`, or `These ACOs` of a selection.
pub(super) fn all_or_these(summary: &NationalSummary) -> &'static str {
    if summary.provenance.selected.is_some() { "These ACOs" } else { "All ACOs" }
}

/// The nation's sums, then groups of ACOs.
pub(super) fn terminal(summary: &NationalSummary, width: Option<u16>) -> String {
    let table = |header: &[&str]| {
        let mut table = Table::new();
        table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(width.unwrap_or(160).max(60));
        table.set_header(header);
        table
    };
    let mut national =
        table(&[&format!("{}, a year", all_or_these(summary)), "Mean", "SD", "5%", "Median", "95%", "As published"]);
    for ((_, title, figures), published) in summary.national.all().into_iter().zip(published(summary)) {
        let QuantityFigures { mean, sd, quantile_05, quantile_50, quantile_95, .. } = figures;
        let quantiles = [quantile_05, quantile_50, quantile_95].map(|figure| right(value_of(figure)));
        let row = [Cell::new(title), right(joined(shown(mean))), right(joined(shown(sd)))];
        national.add_row(row.into_iter().chain(quantiles).chain([right(published)]));
    }
    let groups = |title: &str, groups: &[GroupFigures]| {
        let mut table = table(&[title, "ACOs", "Mean gain", "SD", "5% to 95%", "Earn", "Owe", "Gain as published"]);
        for group in groups {
            let figures = [
                grouped(&group.acos.to_string()),
                joined(shown(&group.mean_gain)),
                joined(shown(&group.sd_gain)),
                between(&group.gain_quantile_05, &group.gain_quantile_95),
                joined(shown(&group.share_earning)),
                joined(shown(&group.share_owing)),
                dollars_beside(group.published.net_payments(), &group.mean_gain.estimate()),
            ];
            table.add_row([Cell::new(&group.name)].into_iter().chain(figures.map(right)));
        }
        table
    };
    format!(
        "{national}\n\n{}\n\n{}\n",
        groups("By track", &summary.tracks),
        groups("By assigned beneficiaries", &summary.sizes)
    )
}

/// The nation's sums as CMS published them, in the order of the figures and to the digits of their means.
pub(super) fn published(summary: &NationalSummary) -> [String; 8] {
    let (published, of) = (&summary.published, &summary.national);
    let amounts = [
        (published.benchmark, &of.benchmark),
        (published.expenditure, &of.expenditure),
        (published.paid, &of.paid),
        (published.owed, &of.owed),
        (published.net_payments(), &of.net_payments),
        (published.net_savings(), &of.net_savings),
    ];
    let [benchmark, expenditure, paid, owed, net_payments, net_savings] =
        amounts.map(|(amount, simulated)| dollars_beside(amount, &simulated.mean.estimate()));
    let [earning, owing] = [published.acos_earning, published.acos_owing].map(|count| grouped(&count.to_string()));
    [benchmark, expenditure, paid, owed, net_payments, net_savings, earning, owing]
}

/// Columns of `summary.csv`.
const COLUMNS: [&str; 10] =
    ["group_kind", "group", "acos", "quantity", "measure", "unit", "value", "standard_error", "lower_95", "upper_95"];

/// One row a figure: of the nation, of a track, or of a size.
pub(super) fn summary_csv(summary: &NationalSummary) -> Result<Vec<u8>, ReportError> {
    let mut out = Cells::new(Vec::new());
    out.row(COLUMNS)?;
    let mut row = |group: [&str; 2], acos: u64, quantity: &str, measure: &str, figure: &Figure| {
        let Estimate { value, standard_error, lower, upper, .. } = figure.estimate();
        let figures = [value, standard_error, lower, upper].map(known);
        let cells = [group[0], group[1], &acos.to_string(), quantity, measure, figure.unit.name()].map(str::to_owned);
        out.row(cells.into_iter().chain(figures))
    };
    for (key, _, figures) in summary.national.all() {
        let QuantityFigures { mean, sd, quantile_05, quantile_50, quantile_95, bad_years } = figures;
        let measures = [
            ("mean", mean),
            ("sd", sd),
            ("quantile_05", quantile_05),
            ("quantile_50", quantile_50),
            ("quantile_95", quantile_95),
        ];
        let bad = bad_years.iter().flat_map(|bad| {
            [("var_95", &bad.var_95), ("tvar_95", &bad.tvar_95), ("var_99", &bad.var_99), ("tvar_99", &bad.tvar_99)]
        });
        for (measure, figure) in measures.into_iter().chain(bad) {
            row(["nation", ""], summary.acos, key, measure, figure)?;
        }
    }
    for (kind, groups) in [("track", &summary.tracks), ("size", &summary.sizes)] {
        for group in groups {
            for (quantity, measure, figure) in [
                ("gain", "mean", &group.mean_gain),
                ("gain", "sd", &group.sd_gain),
                ("gain", "quantile_05", &group.gain_quantile_05),
                ("gain", "quantile_95", &group.gain_quantile_95),
                ("share_earning", "mean", &group.share_earning),
                ("share_owing", "mean", &group.share_owing),
            ] {
                row([kind, &group.name], group.acos, quantity, measure, figure)?;
            }
        }
    }
    Ok(out.finish()?)
}

/// The whole summary in one object.
pub(super) fn summary_json(summary: &NationalSummary) -> Result<Vec<u8>, ReportError> {
    let mut out = serde_json::to_vec_pretty(summary)?;
    out.push(b'\n');
    Ok(out)
}

/// Columns of `acos.csv` before the figures.
const OF_ACO: [&str; 5] = ["aco_id", "aco_name", "track", "assigned_beneficiaries", "people"];

/// One row an ACO, each figure with its standard error.
pub(super) fn acos_csv(acos: &[AcoFigures]) -> Result<Vec<u8>, ReportError> {
    let figures = |aco: &AcoFigures| {
        [
            ("mean_benchmark", aco.benchmark),
            ("mean_expenditure", aco.expenditure),
            ("mean_gain", aco.mean_gain),
            ("sd_gain", aco.sd_gain),
            ("gain_quantile_05", aco.gain_quantile_05),
            ("gain_quantile_95", aco.gain_quantile_95),
            ("probability_of_gain", aco.earns),
            ("probability_of_loss", aco.owes),
        ]
    };
    let mut out = Cells::new(Vec::new());
    for (index, aco) in acos.iter().enumerate() {
        if index == 0 {
            let named = figures(aco).into_iter().flat_map(|(name, _)| [name.to_owned(), format!("{name}_se")]);
            let last = ["mean_expenditure_pool_se", "published_gain", "note"].map(str::to_owned);
            out.row(OF_ACO.iter().map(|&name| name.to_owned()).chain(named).chain(last))?;
        }
        let cells = [
            name_cell(&aco.id).into_owned(),
            name_cell(&aco.name).into_owned(),
            aco.track.to_owned(),
            aco.beneficiaries.to_string(),
            aco.people.to_string(),
        ];
        let numbers =
            figures(aco).into_iter().flat_map(|(_, figure)| [known(figure.value), known(figure.standard_error)]);
        let (pools, published) = (known(aco.pool_error), aco.published.map_or(String::new(), known));
        let note = figures(aco).into_iter().find_map(|(_, figure)| figure.caution).map_or("", Caution::reason);
        out.row(cells.into_iter().chain(numbers).chain([pools, published, note.to_owned()]))?;
    }
    Ok(out.finish()?)
}

/// A number; what is not known is an empty cell.
fn known(number: f64) -> String {
    if number.is_finite() { number.to_string() } else { String::new() }
}
