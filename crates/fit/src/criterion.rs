//! The number by which laws are compared.

/// How a law's likelihood is weighed against its numbers. Less is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Criterion {
    /// `2 × numbers fitted - 2 × log-likelihood` \[A74\].
    Aic,
    /// `ln(amounts) × numbers fitted - 2 × log-likelihood` \[S78\].
    #[default]
    Bic,
}

/// A law's AIC and BIC.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Criteria {
    /// AIC.
    pub aic: f64,
    /// BIC.
    pub bic: f64,
}

impl Criteria {
    /// The criteria of a law with a number of parameters, fitted to a number of amounts.
    pub(crate) fn new(numbers: usize, amounts: usize, log_likelihood: f64) -> Self {
        let of = |price: f64| price * numbers as f64 - 2.0 * log_likelihood;
        Self { aic: of(2.0), bic: of((amounts as f64).ln()) }
    }

    /// The number by which laws are compared.
    pub fn by(self, criterion: Criterion) -> f64 {
        match criterion {
            Criterion::Aic => self.aic,
            Criterion::Bic => self.bic,
        }
    }
}

impl Criterion {
    /// Its name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Aic => "AIC",
            Self::Bic => "BIC",
        }
    }

    /// The index of the law with the least number; `None` if no law has one.
    pub(crate) fn least(self, laws: impl Iterator<Item = Option<Criteria>>) -> Option<usize> {
        let numbers = laws.enumerate().filter_map(|(index, criteria)| Some((index, criteria?.by(self))));
        let finite = numbers.filter(|(_, number)| number.is_finite());
        finite.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(index, _)| index)
    }
}
