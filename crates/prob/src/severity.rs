//! What an event, or a year of a service, costs.

use crate::{
    AmountLaw, Empirical, Family, Gamma, LognormalMixture, ParameterError, Spliced, Stream,
    amount::{SeverityScratch, fill_gammas},
};

/// The law of a cost in dollars.
#[derive(Clone, Debug, PartialEq)]
pub enum Severity {
    /// One family.
    Family(Family),
    /// Several lognormals, each with its weight.
    LognormalMixture(LognormalMixture),
    /// A body up to a threshold and a tail of excesses beyond it.
    Spliced(Spliced),
    /// Quantiles, with straight lines between them.
    Empirical(Empirical),
}

impl Severity {
    /// A mixture of lognormals given as `(weight, mean, cv)`; weights must add to one.
    ///
    /// # Errors
    /// As for [`LognormalMixture::new`].
    pub fn lognormal_mixture(parts: &[(f64, f64, f64)]) -> Result<Self, ParameterError> {
        LognormalMixture::new(parts).map(Self::LognormalMixture)
    }

    /// A body up to a threshold and a tail of excesses beyond it.
    ///
    /// # Errors
    /// As for [`Spliced::new`].
    pub fn spliced(body: Family, tail: Family, threshold: f64, tail_weight: f64) -> Result<Self, ParameterError> {
        Spliced::new(body, tail, threshold, tail_weight).map(Self::Spliced)
    }

    /// Quantiles given as `(probability, dollars)`, the first at 0 and the last at 1.
    ///
    /// # Errors
    /// As for [`Empirical::new`].
    pub fn empirical(points: &[(f64, f64)]) -> Result<Self, ParameterError> {
        Empirical::new(points).map(Self::Empirical)
    }

    /// The law itself, which answers everything.
    pub fn law(&self) -> &dyn AmountLaw {
        match self {
            Self::Family(family) => family.law(),
            Self::LognormalMixture(law) => law,
            Self::Spliced(law) => law,
            Self::Empirical(law) => law,
        }
    }

    /// The law's key in a file.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Family(family) => family.key(),
            Self::LognormalMixture(_) => "lognormal_mixture",
            Self::Spliced(_) => "spliced",
            Self::Empirical(_) => "empirical",
        }
    }

    /// What the law is called.
    pub fn title(&self) -> String {
        match self {
            Self::LognormalMixture(law) => format!("mixture of {} lognormals", law.components().len()),
            Self::Spliced(law) => format!("{} with {} tail", law.body.key(), law.tail.law().name()),
            Self::Family(_) | Self::Empirical(_) => self.key().to_owned(),
        }
    }

    /// The law whose stated numbers are these after a function, such as rounding: what a file says, and a scenario reads back.
    ///
    /// # Errors
    /// A number that the law cannot have, such as the mean of a Pareto without one.
    pub fn restated(&self, number: &dyn Fn(f64) -> f64) -> Result<Self, ParameterError> {
        match self {
            Self::Family(family) => family.restated(number).map(Self::Family),
            Self::LognormalMixture(law) => {
                let parts = law.components().map(|(weight, law)| {
                    let [(_, mean), (_, cv)] = Family::Lognormal(law).parameters();
                    (number(weight), number(mean), number(cv))
                });
                Self::lognormal_mixture(&parts.collect::<Vec<_>>())
            }
            Self::Spliced(Spliced { body, tail, threshold, tail_weight }) => {
                let (body, tail) = (body.restated(number)?, tail.restated(number)?);
                Self::spliced(body, tail, number(*threshold), number(*tail_weight))
            }
            Self::Empirical(law) => {
                let points = law.points().map(|(probability, value)| (number(probability), number(value)));
                Self::empirical(&points.collect::<Vec<_>>())
            }
        }
    }

    /// The law of the amount times a factor; the factor is above zero.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        match self {
            Self::Family(family) => Self::Family(family.scaled(factor)),
            Self::LognormalMixture(law) => Self::LognormalMixture(law.scaled(factor)),
            Self::Spliced(law) => Self::Spliced(law.scaled(factor)),
            Self::Empirical(law) => Self::Empirical(law.scaled(factor)),
        }
    }

    /// Tail index: moments of this order and above do not exist. Infinite where all exist.
    pub fn tail_index(&self) -> f64 {
        self.law().tail_index()
    }

    /// Mean, in dollars; infinite where there is none.
    pub fn mean(&self) -> f64 {
        self.law().mean()
    }

    /// Moment of the amount over its mean: see [`AmountLaw::relative_moment`].
    pub fn relative_moment(&self, order: f64) -> f64 {
        self.law().relative_moment(order)
    }

    /// Probability of an amount above `x`.
    pub fn survival(&self, x: f64) -> f64 {
        self.law().survival(x)
    }

    /// The amount that is exceeded with a probability: see [`AmountLaw::quantile_above`].
    pub fn quantile_above(&self, probability: f64) -> f64 {
        self.law().quantile_above(probability)
    }

    /// The same, found sooner where a guess is close.
    pub fn quantile_near(&self, probability: f64, guess: f64) -> f64 {
        self.law().quantile_near(probability, guess)
    }

    /// Fills a batch with draws, in the draw order that the law documents.
    pub fn fill(&self, stream: &mut Stream, out: &mut [f64], scratch: &mut SeverityScratch) {
        self.law().fill(stream, out, scratch);
    }

    /// Fills a batch with sums: `out[i]` is the total of `counts[i]` draws.
    ///
    /// Draw order: a gamma takes one draw per sum, since a sum of gammas is a gamma; any other law draws all amounts in
    /// one batch, in the order of the sums.
    pub fn fill_sums(&self, stream: &mut Stream, counts: &[u32], out: &mut [f64], scratch: &mut SeverityScratch) {
        if let Self::Family(Family::Gamma(Gamma { shape, scale })) = *self {
            scratch.gammas.shapes.clear();
            scratch.gammas.shapes.extend(counts.iter().map(|&count| shape as f32 * count as f32));
            fill_gammas(stream, out, &mut scratch.gammas, scale);
            return;
        }
        let mut parts = std::mem::take(&mut scratch.parts);
        parts.resize(counts.iter().map(|&count| count as usize).sum(), 0.0);
        self.fill(stream, &mut parts, scratch);
        let mut rest = parts.as_slice();
        for (sum, &count) in out.iter_mut().zip(counts) {
            let (own, others) = rest.split_at(count as usize);
            *sum = own.iter().sum();
            rest = others;
        }
        scratch.parts = parts;
    }

    /// The single amounts behind the sums that [`Severity::fill_sums`] has just drawn for these counts, in their order.
    ///
    /// Draw order: gammas, which are drawn as sums, take one batch of gammas that share out each sum, as gammas given their
    /// sum do; any other law draws nothing.
    pub fn amounts_of<'a>(
        &self,
        stream: &mut Stream,
        counts: &[u32],
        sums: &[f64],
        scratch: &'a mut SeverityScratch,
    ) -> &'a [f64] {
        if let Self::Family(Family::Gamma(gamma)) = self {
            let mut parts = std::mem::take(&mut scratch.parts);
            parts.resize(counts.iter().map(|&count| count as usize).sum(), 0.0);
            gamma.fill(stream, &mut parts, scratch);
            let mut rest = parts.as_mut_slice();
            for (&sum, &count) in sums.iter().zip(counts) {
                let (own, others) = rest.split_at_mut(count as usize);
                let factor = sum / own.iter().sum::<f64>();
                for amount in own.iter_mut() {
                    *amount *= factor;
                }
                rest = others;
            }
            scratch.parts = parts;
        }
        &scratch.parts
    }

    /// The share of each sum that [`Severity::fill_sums`] has just drawn that its first `kept` amounts make.
    ///
    /// Draw order: gammas, which are drawn as sums, take two gammas for each sum of which some are kept and some not, first all of
    /// those kept, then all others: given their sum, parts of gammas are shared as gammas are. Any other law draws nothing.
    pub fn kept_shares(
        &self,
        stream: &mut Stream,
        counts: &[u32],
        kept: &[u32],
        shares: &mut Vec<f64>,
        scratch: &mut SeverityScratch,
    ) {
        shares.clear();
        if let Self::Family(Family::Gamma(Gamma { shape, .. })) = self {
            let parted = || counts.iter().zip(kept).filter(|(count, kept)| **kept > 0 && kept < count);
            let SeverityScratch { gammas, parts, .. } = scratch;
            gammas.shapes.clear();
            gammas.shapes.extend(parted().map(|(_, &kept)| *shape as f32 * kept as f32));
            gammas.shapes.extend(parted().map(|(&count, &kept)| *shape as f32 * (count - kept) as f32));
            parts.resize(gammas.shapes.len(), 0.0);
            fill_gammas(stream, parts, gammas, 1.0);
            let (of_kept, of_others) = parts.split_at(parts.len() / 2);
            let mut drawn = of_kept.iter().zip(of_others).zip(parted()).map(|((of_kept, of_others), (count, kept))| {
                let sum = of_kept + of_others;
                // Gammas of tiny shapes end at 1e-304, where only the mean of their share is known.
                if sum > 1e-290 { of_kept / sum } else { f64::from(*kept) / f64::from(*count) }
            });
            shares.extend(counts.iter().zip(kept).map(|(count, kept)| match kept {
                0 => 0.0,
                kept if kept < count => drawn.next().expect("a share for each sum in parts"),
                _ => 1.0,
            }));
            return;
        }
        let mut rest = scratch.parts.as_slice();
        shares.extend(counts.iter().zip(kept).map(|(&count, &kept)| {
            let (own, others) = rest.split_at(count as usize);
            rest = others;
            if kept >= count {
                return 1.0;
            }
            let total: f64 = own.iter().sum();
            if total > 0.0 { own[..kept as usize].iter().sum::<f64>() / total } else { 0.0 }
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Purpose, StreamKey};

    fn stream() -> Stream {
        Stream::new(&StreamKey { seed: 5, purpose: Purpose::Severity, segment: 1, service: 2, trial: 3, year: 0 })
    }

    fn severities() -> Vec<Severity> {
        let family = |family: Result<Family, ParameterError>| family.expect("valid parameters");
        [
            Ok(Severity::Family(family(Family::lognormal(15_000.0, 1.1)))),
            Ok(Severity::Family(family(Family::gamma(900.0, 0.8)))),
            Severity::lognormal_mixture(&[(0.9, 4_000.0, 1.0), (0.1, 60_000.0, 0.8)]),
            Severity::spliced(
                family(Family::lognormal(9_000.0, 1.2)),
                family(Family::pareto_of_shape(80_000.0, 3.0)),
                50_000.0,
                0.03,
            ),
            Severity::empirical(&[(0.0, 0.0), (0.5, 1_000.0), (0.9, 6_000.0), (1.0, 40_000.0)]),
        ]
        .into_iter()
        .map(|severity| severity.expect("valid parameters"))
        .collect()
    }

    #[test]
    fn means_agree_with_draws() {
        for severity in severities() {
            let mut sample = vec![0.0; 400_000];
            severity.fill(&mut stream(), &mut sample, &mut SeverityScratch::default());
            let n = sample.len() as f64;
            let mean = sample.iter().sum::<f64>() / n;
            let variance = sample.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
            let z = (mean - severity.mean()) / (variance / n).sqrt();
            assert!(z.abs() < 4.0, "{severity:?}: {z:.1} standard errors");
        }
    }

    #[test]
    fn scaled_laws_have_scaled_means_and_quantiles() {
        for severity in severities() {
            let scaled = severity.scaled(3.0);
            assert!((scaled.mean() / severity.mean() - 3.0).abs() < 1e-9, "{severity:?}");
            for probability in [0.9, 0.5, 0.01] {
                let (ours, thrice) = (scaled.quantile_above(probability), 3.0 * severity.quantile_above(probability));
                assert!((ours - thrice).abs() < 1e-9 * thrice, "{severity:?}");
            }
        }
    }

    #[test]
    fn a_sum_is_the_total_of_as_many_draws() {
        let counts: Vec<u32> = (0..200_000).map(|person| 1 + person % 3).collect();
        for severity in severities() {
            let mut sums = vec![0.0; counts.len()];
            severity.fill_sums(&mut stream(), &counts, &mut sums, &mut SeverityScratch::default());
            let excess: Vec<f64> =
                sums.iter().zip(&counts).map(|(sum, &count)| sum - f64::from(count) * severity.mean()).collect();
            let n = excess.len() as f64;
            let mean = excess.iter().sum::<f64>() / n;
            let variance = excess.iter().map(|x| x * x).sum::<f64>() / n;
            let z = mean / (variance / n).sqrt();
            assert!(z.abs() < 4.0, "{severity:?}: {z:.1} standard errors");
        }
    }

    #[test]
    fn spliced_amounts_pass_the_threshold_as_often_as_the_tail_weighs() {
        let severity = &severities()[3];
        let mut sample = vec![0.0; 400_000];
        severity.fill(&mut stream(), &mut sample, &mut SeverityScratch::default());
        let above = sample.iter().filter(|&&x| x > 50_000.0).count() as f64;
        let n = sample.len() as f64;
        let z = (above - 0.03 * n) / (n * 0.03 * 0.97).sqrt();
        assert!(z.abs() < 4.0, "{z:.1} standard errors");
    }

    #[test]
    fn empirical_draws_meet_their_quantiles() {
        let severity = &severities()[4];
        assert!((severity.mean() - (0.5 * 500.0 + 0.4 * 3_500.0 + 0.1 * 23_000.0)).abs() < 1e-9);
        let mut sample = vec![0.0; 100_000];
        severity.fill(&mut stream(), &mut sample, &mut SeverityScratch::default());
        for (dollars, probability) in [(1_000.0, 0.5), (6_000.0, 0.9), (40_000.0, 1.0)] {
            let below = sample.iter().filter(|&&x| x <= dollars).count() as f64;
            let n = sample.len() as f64;
            let sd = (n * probability * (1.0 - probability)).sqrt();
            assert!((below - n * probability).abs() <= 4.0 * sd, "{below} at or below {dollars}");
        }
    }

    #[test]
    fn impossible_parameters_are_refused() {
        let body = Family::lognormal(100.0, 0.1).expect("valid parameters");
        assert!(Severity::lognormal_mixture(&[]).is_err());
        assert!(Severity::lognormal_mixture(&[(0.5, 1.0, 1.0), (0.4, 1.0, 1.0)]).is_err());
        assert!(Severity::lognormal_mixture(&[(1.5, 1.0, 1.0), (-0.5, 1.0, 1.0)]).is_err());
        assert!(Severity::spliced(body, body, 10.0, 0.1).is_err(), "nothing of the body is below its threshold");
        assert!(Severity::spliced(body, body, 100.0, 1.0).is_err());
        assert!(Severity::empirical(&[(0.0, 5.0)]).is_err());
        assert!(Severity::empirical(&[(0.0, 5.0), (1.0, 4.0)]).is_err());
        assert!(Severity::empirical(&[(0.0, 5.0), (0.0, 6.0), (1.0, 7.0)]).is_err());
        assert!(Severity::empirical(&[(0.0, 5.0), (f64::NAN, 6.0), (1.0, 7.0)]).is_err());
    }
}
