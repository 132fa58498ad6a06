//! The normal scores of factors: correlated with each other in every year, and from year to year.

use twosided_prob::{CorrelationError, CorrelationMatrix, Draws, Purpose, StreamKey, TCopula, name_key};

use crate::Factor;

/// How the normal scores of factors are correlated: in every year by the matrix that is stated, from year to year by the
/// factors' persistences.
///
/// Under a t copula the scores are those of normals over a mixing that all factors share. The mixing persists as the most
/// persistent factor does, so that every year has the same copula, and years are independent where nothing persists.
#[derive(Clone, Debug, PartialEq)]
pub struct FactorCorrelation {
    /// Of the normals in the first year.
    first: CorrelationMatrix,
    /// Of what is new in a later year: of normals that persist differently, more or less than that of the normals.
    renewed: CorrelationMatrix,
    /// What each factor's normal keeps of the one before.
    kept: Vec<f64>,
    copula: Option<TCopula>,
    /// What the mixing's normal keeps of the one before.
    mixing_kept: f64,
}

/// Factors that cannot be correlated so, with correlations of their scores that can be.
#[derive(Clone, Debug, PartialEq)]
pub enum FactorCorrelationError {
    /// The matrix as stated.
    Stated(CorrelationError),
    /// What must be new in later years.
    Renewed(CorrelationError),
}

impl FactorCorrelation {
    /// Factors whose scores have the correlations of a matrix, of which the lower triangle is read; extremes meet as those
    /// of Student's t with these degrees of freedom where they are given, as those of normals elsewhere.
    ///
    /// # Errors
    /// [`FactorCorrelationError`] where no normals have such scores.
    pub fn new(matrix: &[Vec<f64>], factors: &[Factor], freedom: Option<f64>) -> Result<Self, FactorCorrelationError> {
        let mixing_kept = factors.iter().map(|factor| factor.persistence.abs()).fold(0.0, f64::max);
        let copula = freedom.map(|freedom| TCopula::new(freedom, mixing_kept));
        let of = |stated: f64| copula.as_ref().map_or(stated, |copula| copula.dispersion(stated));
        let stated_by = |normals: f64| copula.as_ref().map_or(normals, |copula| copula.correlation(normals));
        let kept: Vec<f64> = factors
            .iter()
            .map(|factor| copula.as_ref().map_or(factor.persistence, |copula| copula.step(factor.persistence)))
            .collect();
        let each = |matrix: &[Vec<f64>], of: &dyn Fn(usize, usize, f64) -> f64| -> Vec<Vec<f64>> {
            let row = |(row, values): (usize, &Vec<f64>)| {
                values.iter().enumerate().take(row).map(|(column, &value)| of(row, column, value)).collect()
            };
            matrix.iter().enumerate().map(row).collect()
        };
        // What two new parts must be correlated by for their normals to be so in every year.
        let renewal = |row: usize, column: usize| {
            let (a, b): (f64, f64) = (kept[row], kept[column]);
            (1.0 - a * b) / ((1.0 - a * a) * (1.0 - b * b)).sqrt()
        };
        let normals = each(matrix, &|_, _, value| of(value));
        let first = CorrelationMatrix::new(&normals).map_err(|error| {
            let nearest = each(&error.nearest, &|_, _, value| stated_by(value));
            FactorCorrelationError::Stated(CorrelationError { nearest, ..error })
        })?;
        let renewed = each(&normals, &|row, column, value| value * renewal(row, column));
        let renewed = CorrelationMatrix::new(&renewed).map_err(|error| {
            let nearest = each(&error.nearest, &|row, column, value| stated_by(value / renewal(row, column)));
            FactorCorrelationError::Renewed(CorrelationError { nearest, ..error })
        })?;
        Ok(Self { first, renewed, kept, copula, mixing_kept })
    }

    /// The scores of the first year of these independent normals; none under a t copula, which needs its mixing as well.
    pub(crate) fn first_scores(&self, normals: &[f64]) -> Option<Vec<f64>> {
        self.copula.is_none().then(|| self.first.correlate(normals))
    }

    /// Correlation of the normal scores of two factors; none where extremes go together otherwise than in a Gaussian copula.
    pub(crate) fn of_scores(&self, one: usize, other: usize) -> Option<f64> {
        if self.copula.is_some() { None } else { Some(self.first.of(one, other)) }
    }
}

/// The scores of a trial's factors, from year to year.
#[derive(Default)]
pub(crate) struct FactorScores {
    /// Standard normals, those of the scores or, under a t copula, behind them.
    normals: Vec<f64>,
    mixing: f64,
}

impl FactorScores {
    /// Draws the next year, counted from 0.
    ///
    /// Draw order: each factor from the stream of its name and the year; the mixing of a t copula, one normal from a stream of
    /// the year. `scores` takes the independent normals of the factors, before anything correlates them.
    pub(crate) fn next(
        &mut self,
        draws: Draws,
        (seed, trial, year): (u64, u64, u32),
        factors: &[Factor],
        correlation: Option<&FactorCorrelation>,
        scores: &mut Vec<f64>,
    ) -> Vec<f64> {
        self.normals.resize(factors.len(), 0.0);
        let score =
            |service| draws.score(&StreamKey { seed, purpose: Purpose::Factor, segment: 0, service, trial, year });
        let mut fresh: Vec<f64> = factors.iter().map(|factor| score(name_key(&factor.name))).collect();
        scores.extend(&fresh);
        if let Some(FactorCorrelation { first, renewed, .. }) = correlation {
            fresh = if year == 0 { first } else { renewed }.correlate(&fresh);
        }
        let persisting = |before: f64, fresh: f64, kept: f64| {
            let kept = if year == 0 { 0.0 } else { kept };
            kept * before + (1.0 - kept * kept).sqrt() * fresh
        };
        for (index, (normal, fresh)) in self.normals.iter_mut().zip(fresh).enumerate() {
            let kept = correlation.map_or(factors[index].persistence, |known| known.kept[index]);
            *normal = persisting(*normal, fresh, kept);
        }
        let Some(FactorCorrelation { copula: Some(copula), mixing_kept, .. }) = correlation else {
            return self.normals.clone();
        };
        self.mixing = persisting(self.mixing, score(0), *mixing_kept);
        copula.scores(&self.normals, self.mixing)
    }
}
