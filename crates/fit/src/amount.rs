//! What an event, or a year of a user, costs: every law tried, compared, and the one of the least criterion.

use std::sync::atomic::AtomicBool;

use twosided_prob::{AmountLaw, Empirical, Severity, Stream};

use crate::{
    coordinates::{coordinates, freedom, law_at, mean_excess},
    criterion::{Criteria, Criterion},
    error::{Figure, clustered, covariance, figures},
    families::{FamilyKind, Reason},
    goodness::{Goodness, Stopped, go_on, test},
    mixture::likeliest as likeliest_mixture,
    observations::Observations,
    stated::{parameters, stated},
    tail::{Tail, best_body, likeliest_spliced, tail},
};

/// Amounts below which no law is fitted: their quantiles stand for them.
const FEWEST: usize = 20;
/// Shares of the weight below the amounts above which costs are compared, and the fewest amounts above.
const COMPARED: [f64; 2] = [0.9, 0.99];
const FEWEST_ABOVE: usize = 20;
/// Points of a quantile plot, and of a mean-excess plot.
const MOST_POINTS: usize = 240;

/// A law that was fitted, with how well it fits.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The law.
    pub law: Severity,
    /// Its numbers as a population file states them.
    pub parameters: Vec<(String, Figure)>,
    /// Its mean.
    pub mean: Figure,
    /// Log-likelihood, weights adding to the number of amounts.
    pub log_likelihood: f64,
    /// Its likelihood weighed against its numbers.
    pub criteria: Criteria,
    /// Of the law with the mean and cv of the data instead, where there is one: the method of moments.
    pub aic_by_moments: Option<f64>,
    /// Tests.
    pub goodness: Option<Goodness>,
}

/// A law that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// What it is called.
    pub title: String,
    /// What came of it, or why it is not offered.
    pub outcome: Result<Candidate, Reason>,
}

/// The mean by which amounts above a point exceed it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanExcess {
    /// Dollars.
    pub above: f64,
    /// Of the data.
    pub observed: Figure,
    /// Of the chosen law.
    pub of_law: f64,
}

/// What amounts cost above a point, for each amount of all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExcessCost {
    /// Dollars.
    pub above: f64,
    /// Of the data.
    pub observed: Figure,
    /// Of the chosen law.
    pub of_law: f64,
}

/// Amounts and their law.
#[derive(Clone, Debug, PartialEq)]
pub struct AmountFit {
    /// How many amounts.
    pub amounts: usize,
    /// Of how many people.
    pub people: usize,
    /// Mean and cv by moments.
    pub moments: [Figure; 2],
    /// Laws, in the order of trying.
    pub tried: Vec<Tried>,
    /// Which has the least criterion; none where quantiles stand for the amounts.
    pub chosen: Option<usize>,
    /// The law, before any credibility.
    pub law: Severity,
    /// Its mean.
    pub mean: Figure,
    /// The generalized Pareto above the threshold.
    pub tail: Result<Tail, Reason>,
    /// Quantile of the law, quantile of the data.
    pub quantiles: Vec<[f64; 2]>,
    /// Mean excesses above rising points.
    pub excesses: Vec<MeanExcess>,
    /// Costs above high amounts.
    pub excess_costs: Vec<ExcessCost>,
    /// The largest amount, in dollars.
    pub largest: f64,
    /// Its share of all cost.
    pub largest_share: f64,
    /// What amounts of the law cost above the largest of the data, for each amount of all.
    pub beyond: f64,
}

/// A kind of law, to be fitted to data and to samples alike.
#[derive(Clone, Copy, Debug)]
enum Model {
    Family(FamilyKind),
    Mixture(usize),
    Spliced(FamilyKind),
}

impl Model {
    fn likeliest(self, data: &Observations, tail_above: f64, start: Option<&Severity>) -> Result<Severity, Reason> {
        match self {
            Self::Family(kind) => kind.likeliest(data).map(Severity::Family),
            Self::Mixture(components) => {
                let start = match start {
                    Some(Severity::LognormalMixture(mixture)) => Some(mixture),
                    _ => None,
                };
                likeliest_mixture(data, components, start).map(Severity::LognormalMixture)
            }
            Self::Spliced(body) => likeliest_spliced(data, tail_above, body).map(Severity::Spliced),
        }
    }

    fn title(self) -> String {
        match self {
            Self::Family(kind) => kind.key().to_owned(),
            Self::Mixture(components) => format!("mixture of {components} lognormals"),
            Self::Spliced(body) => format!("{} with Pareto tail", body.key()),
        }
    }
}

/// How laws of amounts are tried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trying<'a> {
    /// Share of the weight below the threshold of a tail.
    pub tail_above: f64,
    /// Bootstrap samples a law.
    pub samples: u32,
    pub criterion: Criterion,
    pub stop: &'a AtomicBool,
}

impl Trying<'_> {
    /// Fits all laws and chooses. `stream_of` gives the stream of each law's samples by its place.
    pub fn fit(&self, data: &Observations, stream_of: impl Fn(u64) -> Stream) -> Result<AmountFit, Stopped> {
        let moments = data.moments();
        let tail = tail(data, self.tail_above);
        let last = data.len() - 1;
        let is_too_little = data.len() < FEWEST || data.is_constant();
        let tried = if is_too_little { Vec::new() } else { self.all(data, stream_of)? };
        let criteria = tried.iter().map(|tried| tried.outcome.as_ref().ok().map(|candidate| candidate.criteria));
        let chosen = self.criterion.least(criteria);
        let (law, mean) = match chosen.and_then(|at| tried[at].outcome.as_ref().ok()) {
            Some(candidate) => (candidate.law.clone(), candidate.mean),
            None => (empirical(data), moments[0]),
        };
        Ok(AmountFit {
            amounts: data.len(),
            people: data.people(),
            moments,
            chosen,
            mean,
            tail,
            quantiles: quantiles(data, &law),
            excesses: excesses(data, &law),
            excess_costs: excess_costs(data, &law),
            largest: data.values[last],
            largest_share: data.weights[last] * data.values[last] / (data.total() * data.mean()),
            beyond: law.law().excess_mean(data.values[last]),
            law,
            tried,
        })
    }

    fn all(&self, data: &Observations, stream_of: impl Fn(u64) -> Stream) -> Result<Vec<Tried>, Stopped> {
        let mut models = FamilyKind::ALL.map(Model::Family).to_vec();
        models.extend([Model::Mixture(2), Model::Mixture(3)]);
        let body = best_body(data, self.tail_above);
        models.extend(body.clone().map(Model::Spliced));
        let mut tried = Vec::new();
        for (index, model) in (0..).zip(models) {
            let outcome = self.one(data, model, &mut stream_of(index))?;
            tried.push(Tried { title: model.title(), outcome });
        }
        if let Err(reason) = body {
            tried.push(Tried { title: "body with Pareto tail".to_owned(), outcome: Err(reason) });
        }
        Ok(tried)
    }

    fn one(
        &self,
        data: &Observations,
        model: Model,
        stream: &mut Stream,
    ) -> Result<Result<Candidate, Reason>, Stopped> {
        go_on(self.stop)?;
        let law = match model.likeliest(data, self.tail_above, None) {
            Ok(law) => law,
            Err(reason) => return Ok(Err(reason)),
        };
        if let Err(error) = stated(&law) {
            return Ok(Err(format!("a population file cannot state it: {error}")));
        }
        let at = coordinates(&law);
        let of_rows = |at: &[f64]| law_at(&law, at).law().log_densities(&data.values, &data.logs);
        let Some(spread) = covariance(&at, &data.weights, &data.persons, of_rows) else {
            return Ok(Err("the likelihood is flat there, so that it has no standard error".to_owned()));
        };
        let values = |at: &[f64]| parameters(&law_at(&law, at)).iter().map(|parameter| parameter.value).collect();
        let names = parameters(&law).into_iter().map(|parameter| parameter.name);
        let parameters = names.zip(figures(&at, &spread, values)).collect();
        let mean = figures(&at, &spread, |at| vec![law_at(&law, at).mean()])[0];
        if !mean.standard_error.is_finite() {
            return Ok(Err("its mean has no standard error".to_owned()));
        }
        let log_likelihood_of = |law: &dyn AmountLaw| {
            let rows = law.log_densities(&data.values, &data.logs);
            rows.iter().zip(&data.weights).map(|(row, weight)| row * weight).sum::<f64>()
        };
        let log_likelihood = log_likelihood_of(law.law());
        let criteria_of = |log_likelihood: f64| Criteria::new(freedom(&law), data.len(), log_likelihood);
        let aic_by_moments = if let Model::Family(kind) = model {
            let [mean, cv] = data.moments();
            let of_moments = kind.of_moments(mean.value, cv.value).ok();
            of_moments.map(|family| criteria_of(log_likelihood_of(family.law())).aic)
        } else {
            None
        };
        let refit = |sample: &Observations| model.likeliest(sample, self.tail_above, Some(&law)).ok();
        let goodness = test(&law, data, refit, self.samples, stream, self.stop)?;
        Ok(Ok(Candidate {
            parameters,
            mean,
            log_likelihood,
            criteria: criteria_of(log_likelihood),
            aic_by_moments,
            goodness,
            law,
        }))
    }
}

/// The data's own quantiles, at most a hundred steps, moved by one factor so that the law's mean is that of the data.
fn empirical(data: &Observations) -> Severity {
    let steps = data.len().min(100);
    let points: Vec<(f64, f64)> = (0..=steps)
        .map(|step| {
            let share = step as f64 / steps as f64;
            (share, if step == 0 { data.values[0] } else { data.quantile(share) })
        })
        .collect();
    let quantiles = Empirical::new(&points).expect("amounts above zero and up to 1e12, rising");
    Severity::Empirical(quantiles.scaled(data.mean() / quantiles.mean()))
}

/// Quantiles of the law and of the data at even shares, and at each of the greatest amounts.
fn quantiles(data: &Observations, law: &Severity) -> Vec<[f64; 2]> {
    let every = data.len().div_ceil(MOST_POINTS).max(1);
    let mut up_to = 0.0;
    let mut points = Vec::new();
    for (at, (&value, &weight)) in data.values.iter().zip(&data.weights).enumerate() {
        let share = (up_to + 0.5 * weight) / data.total();
        up_to += weight;
        if at % every == every / 2 || at + 20 >= data.len() {
            points.push([law.quantile_above(1.0 - share), value]);
        }
    }
    points
}

/// Mean excesses above every point of a few hundred, down to ten amounts above.
fn excesses(data: &Observations, law: &Severity) -> Vec<MeanExcess> {
    if data.len() < FEWEST || data.is_constant() {
        return Vec::new();
    }
    let every = (data.len() - 10).div_ceil(80).max(1);
    (0..data.len() - 10)
        .filter(|at| at % every == 0 || at + 40 >= data.len())
        .map(|at| {
            let above = data.values[at];
            let weight: f64 = data.weights[at + 1..].iter().sum();
            let rows = || data.values[at + 1..].iter().zip(&data.weights[at + 1..]);
            let mean = rows().map(|(value, weight)| weight * (value - above)).sum::<f64>() / weight;
            let error =
                rows().map(|(value, weight)| (weight * (value - above - mean)).powi(2)).sum::<f64>().sqrt() / weight;
            let observed = Figure { value: mean, standard_error: error };
            MeanExcess { above, observed, of_law: mean_excess(law.law(), above) }
        })
        .collect()
}

/// Costs above the high quantiles of the data.
fn excess_costs(data: &Observations, law: &Severity) -> Vec<ExcessCost> {
    let above = COMPARED.map(|share| data.quantile(share));
    let has_enough = |above: &f64| data.len() - data.values.partition_point(|value| value <= above) >= FEWEST_ABOVE;
    above
        .into_iter()
        .filter(has_enough)
        .map(|above| {
            let excess = |at: usize| (data.values[at] - above).max(0.0);
            let mean = data.mean_of(excess);
            let spread = clustered(&data.persons, 1, |at| vec![data.weights[at] * (excess(at) - mean)]);
            let observed = Figure { value: mean, standard_error: spread[0][0].sqrt() / data.total() };
            ExcessCost { above, observed, of_law: law.law().excess_mean(above) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_prob::{Lognormal, LognormalMixture, Purpose, StreamKey};

    fn fitted(rows: Vec<(f64, f64, u32)>) -> AmountFit {
        let stop = AtomicBool::new(false);
        let trying = Trying { tail_above: 0.9, samples: 19, criterion: Criterion::Bic, stop: &stop };
        let key = |trial| StreamKey { seed: 1, purpose: Purpose::Refit, segment: 0, service: 0, trial, year: 0 };
        trying.fit(&Observations::new(rows), |index| Stream::new(&key(index))).expect("nothing stops it")
    }

    #[test]
    fn few_or_equal_amounts_become_quantiles_of_their_mean() {
        for rows in [vec![(100.0, 1.0, 0), (300.0, 1.0, 1), (800.0, 2.0, 2)], vec![(50.0, 1.0, 0); 40]] {
            let mean = Observations::new(rows.clone()).mean();
            let fit = fitted(rows);
            assert_eq!((fit.chosen, fit.tried.len()), (None, 0));
            assert!((fit.law.mean() / mean - 1.0).abs() < 1e-9, "{:?}", fit.law);
            assert!(stated(&fit.law).is_ok());
        }
    }

    #[test]
    fn the_law_of_the_least_criterion_is_chosen() {
        let component = |location| (0.5, Lognormal { location, scale: 0.3 });
        let law = LognormalMixture::of([component(3.0), component(6.0)]);
        let fit = fitted(
            (0..400).map(|at| (law.quantile_above(1.0 - (f64::from(at) + 0.5) / 400.0), 1.0, at as u32)).collect(),
        );
        assert_eq!(fit.tried[fit.chosen.expect("a law fits")].title, "mixture of 2 lognormals");
        assert!(fit.quantiles.iter().all(|[law, data]| (law / data - 1.0).abs() < 0.2), "{:?}", fit.quantiles);
    }
}
