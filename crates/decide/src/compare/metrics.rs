//! The second run's figures in OpenMetrics text.

use twosided_report::{Provenance, Summary, Unit};

use super::{
    Subject, bench,
    family::{Entry, entries},
};

/// Units as metrics name them, at the end of the name.
const UNITS: [&str; 5] = ["usd", "usd_per_person_year", "usd_per_member_month", "per_thousand_person_years", "ratio"];

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::UsdAYear | Unit::UsdOverAllYears | Unit::UsdSinceTheStart => UNITS[0],
        Unit::UsdAPersonYear => UNITS[1],
        Unit::UsdPmpm => UNITS[2],
        Unit::PerThousand => UNITS[3],
        Unit::Probability
        | Unit::Share
        | Unit::Acos
        | Unit::Ratio
        | Unit::Months
        | Unit::Days
        | Unit::Measure
        | Unit::Correlation => UNITS[4],
    }
}

/// The value of a label.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn labels(entry: &Entry) -> String {
    let (kind, names) = match &entry.subject {
        Subject::Contract(name) => ("contract", vec![("contract", name.as_str())]),
        Subject::Population { segment, service } => {
            ("population", vec![("segment", segment.as_str()), ("service", service.as_str())])
        }
    };
    let year = entry.year.map(|year| year.to_string());
    let mut labels = vec![("of", kind)];
    labels.extend(names);
    labels.push(("measure", &entry.measure));
    labels.extend(year.iter().map(|year| ("year", year.as_str())));
    let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    labels.join(",")
}

/// What is stated of a figure: the name of a family of metrics, what it helps to know, and the number, if it is known.
type Stated = (&'static str, &'static str, fn(&Entry) -> Option<f64>);

const STATED: [Stated; 4] = [
    ("", "Figure of a twosided run", |entry| Some(entry.figure.value)),
    ("_standard_error", "Standard error of a figure", |entry| {
        Some(entry.figure.shown().standard_error).filter(|error| error.is_finite())
    }),
    ("_lower_95", "Lower end of a figure's 95% interval", |entry| bench::ends(&entry.figure)[0]),
    ("_upper_95", "Upper end of a figure's 95% interval", |entry| bench::ends(&entry.figure)[1]),
];

/// Figures as gauges: a family of metrics for each unit, and its errors and intervals as families of their own.
pub fn metrics(summary: &Summary) -> String {
    let Provenance { scenario, trials, years, seed, version, commit, .. } = &summary.provenance;
    let mut text = "# HELP twosided_run What was run, with what.\n# TYPE twosided_run info\n".to_owned();
    text += &format!(
        "twosided_run_info{{scenario=\"{}\",trials=\"{trials}\",years=\"{years}\",seed=\"{seed}\",version=\"{}\",commit=\"{}\"}} 1\n",
        escaped(scenario),
        escaped(version),
        escaped(commit)
    );
    let entries = entries(summary);
    for name in UNITS {
        let of_unit: Vec<&Entry> = entries.iter().filter(|entry| unit(entry.figure.unit) == name).collect();
        for (what, help, number) in STATED {
            let samples: Vec<(String, f64)> =
                of_unit.iter().filter_map(|entry| Some((labels(entry), number(entry)?))).collect();
            if samples.is_empty() {
                continue;
            }
            let family = format!("twosided_figure{what}_{name}");
            text += &format!("# HELP {family} {help}.\n# TYPE {family} gauge\n# UNIT {family} {name}\n");
            for (labels, number) in samples {
                text += &format!("{family}{{{labels}}} {number}\n");
            }
        }
    }
    text + "# EOF\n"
}
