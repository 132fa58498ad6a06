//! The table of those who are assigned by visits.

use maud::{Markup, html};
use twosided_units::grouped;

use crate::{
    AttributedSegment,
    page::{TableRow, table},
    text::percent,
};

/// The people of each segment who are assigned; nothing where visits do not decide.
pub(crate) fn assigned(segments: &[AttributedSegment]) -> Markup {
    if segments.is_empty() {
        return html! {};
    }
    let headers = [
        "Segment",
        "Eligible people",
        "Assigned, sampled",
        "Expected by the law",
        "Standard deviation of their number",
        "Assigned in the year before too",
        "Visits elsewhere",
    ];
    let rows = segments.iter().map(|of| {
        let figures = vec![
            html! { (grouped(&of.eligible.to_string())) },
            html! { (of.assigned.in_words()) },
            html! { (percent(of.expected_assigned, 1)) },
            html! { (grouped(&format!("{:.0}", of.people_sd))) },
            html! { (percent(of.stayers, 1)) },
            html! { (percent(of.visits_elsewhere, 1)) },
        ];
        TableRow::new(&of.segment, figures)
    });
    html! {
        p.note { "Who is assigned to the provider follows from whom people visit, so that the number of people differs from year to "
            "year. All figures but the sampled one are those of the law of visits, and have no error of simulation." }
        (table(&headers.map(str::to_owned), &rows.collect::<Vec<_>>()))
    }
}
