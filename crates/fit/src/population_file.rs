//! The segments as a population that a scenario can hold.

use toml_edit::{Key, Value};
use twosided_form::count;
use twosided_prob::{Family, Frequency, Severity, Spliced};

use crate::{
    amount::AmountFit,
    estimate::{Fit, SegmentFit, ServiceFit, Usage},
    stated::rounded,
};

/// The text of `population.toml`.
pub fn population_file(fit: &Fit) -> String {
    let mut text = format!(
        "# Fitted by twosided fit. A scenario includes it and says how many people it has:\n\
         #     include = \"population.toml\"\n#     [population]\n#     members = 20_000\n\
         # To run it by itself, add [run] and [[contracts]].\n\n[population]\n\
         source = {}\n",
        quoted(&format!(
            "twosided fit of {}: {} rows, {}, seed {}",
            fit.file,
            count(fit.rows as u64),
            years(fit.years),
            fit.settings.seed
        ))
    );
    for segment in &fit.segments {
        of_segment(&mut text, segment, fit);
    }
    text
}

fn years(years: usize) -> String {
    if years == 1 { "1 year".to_owned() } else { format!("{years} years") }
}

fn of_segment(text: &mut String, segment: &SegmentFit, fit: &Fit) {
    let unused = match &segment.unused[..] {
        [] => String::new(),
        unused => format!("; nobody used {}", unused.join(", ")),
    };
    let source = format!(
        "{}: {} rows of {} people, {} person-years; members are the mean of a year{unused}",
        fit.file,
        count(segment.rows as u64),
        count(segment.people as u64),
        count(segment.person_years.round() as u64),
    );
    text.push_str(&format!(
        "\n[[population.segments]]\nname = {}\nmembers = {}\nfrailty = {{ persistence = {} }}\nsource = {}\n",
        quoted(&segment.name),
        segment.members,
        number(segment.frailty.persistence.value),
        quoted(&source),
    ));
    for (service, loading) in segment.services.iter().zip(&segment.frailty.loadings) {
        text.push_str(&format!("\n[population.segments.services.{}]\n", Key::new(&service.name).display_repr()));
        match &service.usage {
            Usage::Events(frequency) => {
                text.push_str(&format!("frequency = {{ {} }}\n", frequency_text(frequency.law)));
                text.push_str(&format!("severity = {{ {} }}\n", law_text(&service.law)));
            }
            Usage::Annual(zero) => {
                text.push_str(&format!("annual = {{ {}, zero = {} }}\n", law_text(&service.law), number(zero.value)));
            }
        }
        text.push_str(&format!("frailty_loading = {}\n", number(loading.value)));
        text.push_str(&format!("source = {}\n", quoted(&source_of(service, fit))));
    }
}

/// Where a service's numbers come from, in a sentence.
fn source_of(service: &ServiceFit, fit: &Fit) -> String {
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

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A number to seven digits.
fn number(value: f64) -> String {
    rounded(value).to_string()
}

fn parameters_text(parameters: &[(&'static str, f64)]) -> String {
    let parts: Vec<String> = parameters.iter().map(|(key, value)| format!("{key} = {}", number(*value))).collect();
    format!("{{ {} }}", parts.join(", "))
}

fn frequency_text(law: Frequency) -> String {
    format!("{} = {}", law.key(), parameters_text(&law.parameters()))
}

fn family_text(family: Family) -> String {
    format!("{} = {}", family.key(), parameters_text(&family.parameters()))
}

fn law_text(law: &Severity) -> String {
    match law {
        Severity::Family(family) => family_text(*family),
        Severity::LognormalMixture(mixture) => {
            let parts = mixture.components().map(|(weight, law)| {
                let [mean, cv] = Family::Lognormal(law).parameters();
                parameters_text(&[("weight", weight), mean, cv])
            });
            format!("lognormal_mixture = [{}]", parts.collect::<Vec<_>>().join(", "))
        }
        Severity::Spliced(Spliced { body, tail, threshold, tail_weight }) => format!(
            "spliced = {{ threshold = {}, tail_weight = {}, body = {{ {} }}, tail = {{ {} }} }}",
            number(*threshold),
            number(*tail_weight),
            family_text(*body),
            family_text(*tail)
        ),
        Severity::Empirical(quantiles) => {
            let pairs = quantiles.points().map(|(share, value)| format!("[{}, {}]", number(share), number(value)));
            format!("empirical = [{}]", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laws_are_written_as_a_scenario_reads_them() {
        let pareto = Family::pareto_of_shape(1_000.0, 2.5).expect("valid parameters");
        let body = Family::gamma(200.0, 0.5).expect("valid parameters");
        let spliced = Severity::spliced(body, pareto, 400.0, 0.1).expect("valid parameters");
        assert_eq!(
            law_text(&spliced),
            "spliced = { threshold = 400, tail_weight = 0.1, body = { gamma = { mean = 200, cv = 0.5 } }, tail = { pareto = \
             { mean = 1000, shape = 2.5 } } }"
        );
        assert_eq!(
            law_text(&Severity::empirical(&[(0.0, 5.0), (1.0, 10.25)]).expect("valid")),
            "empirical = [[0, 5], [1, 10.25]]"
        );
        assert_eq!(number(1234567.891), "1234568");
        assert_eq!(number(0.123456789), "0.1234568");
    }
}
