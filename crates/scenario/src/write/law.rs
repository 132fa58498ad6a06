//! Laws of frequency and severity.

use twosided_prob::{Family, Frequency, Severity, Spliced};

use super::{Writer, text::braced};

impl Writer<'_> {
    /// A law of counts as a table that holds it.
    pub(super) fn frequency(&self, law: &Frequency) -> String {
        braced([format!("{} = {}", law.key(), self.parameters(law.parameters()))])
    }

    /// A law of amounts under its key.
    pub(super) fn severity(&self, law: &Severity) -> String {
        let value = match law {
            Severity::Family(family) => return self.family(*family),
            Severity::LognormalMixture(mixture) => {
                let parts = mixture.components().map(|(weight, law)| {
                    let [mean, cv] = Family::Lognormal(law).parameters();
                    self.parameters([("weight", weight), mean, cv])
                });
                format!("[{}]", parts.collect::<Vec<_>>().join(", "))
            }
            Severity::Spliced(Spliced { body, tail, threshold, tail_weight }) => braced([
                format!("threshold = {}", self.number(*threshold)),
                format!("tail_weight = {}", self.number(*tail_weight)),
                format!("body = {}", braced([self.family(*body)])),
                format!("tail = {}", braced([self.family(*tail)])),
            ]),
            Severity::Empirical(quantiles) => {
                let pairs = quantiles.points().map(|(share, value)| {
                    let [share, value] = [share, value].map(|figure| self.number(figure));
                    format!("[{share}, {value}]")
                });
                format!("[{}]", pairs.collect::<Vec<_>>().join(", "))
            }
        };
        format!("{} = {value}", law.key())
    }

    fn family(&self, family: Family) -> String {
        format!("{} = {}", family.key(), self.parameters(family.parameters()))
    }

    fn parameters(&self, parameters: impl IntoIterator<Item = (&'static str, f64)>) -> String {
        braced(parameters.into_iter().map(|(key, value)| format!("{key} = {}", self.number(value))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Layout, Notes};

    #[test]
    fn laws_are_written_as_a_scenario_reads_them() {
        let notes = Notes::default();
        let writer = Writer::new(Layout { digits: 7, services: &[] }, &notes, []);
        let pareto = Family::pareto_of_shape(1_000.0, 2.5).expect("valid parameters");
        let body = Family::gamma(200.0, 0.5).expect("valid parameters");
        let spliced = Severity::spliced(body, pareto, 12_400.0, 0.1).expect("valid parameters");
        assert_eq!(
            writer.severity(&spliced),
            "spliced = { threshold = 12_400, tail_weight = 0.1, body = { gamma = { mean = 200, cv = 0.5 } }, tail = { pareto = \
             { mean = 1000, shape = 2.5 } } }"
        );
        let mixture = Severity::lognormal_mixture(&[(0.9, 4_000.0, 1.0), (0.1, 60_000.0, 0.8)]).expect("valid");
        assert_eq!(
            writer.severity(&mixture),
            "lognormal_mixture = [{ weight = 0.9, mean = 4000, cv = 1 }, { weight = 0.1, mean = 60_000, cv = 0.8 }]"
        );
        let quantiles = Severity::empirical(&[(0.0, 5.0), (1.0, 10.25)]).expect("valid");
        assert_eq!(writer.severity(&quantiles), "empirical = [[0, 5], [1, 10.25]]");
        let counts = Frequency::ZeroInflatedPoisson { mean: 0.3, zero_inflation: 0.25 };
        assert_eq!(writer.frequency(&counts), "{ zero_inflated_poisson = { mean = 0.3, zero_inflation = 0.25 } }");
    }
}
