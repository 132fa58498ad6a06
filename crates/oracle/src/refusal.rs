//! Why there is no exact law.

use twosided_population::PopulationError;

/// Why a contract's gain has no exact law here. Each is a sentence.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoExactLaw {
    /// More years than one.
    #[error("the scenario has {0} years, and the law of years that depend on each other is only simulated")]
    SeveralYears(u32),
    /// A random number of people.
    #[error(
        "the people of segment `{0}` are assigned by visits, and the law of a random number of people is only simulated"
    )]
    Attribution(String),
    /// Programs or volume.
    #[error(
        "programs or a response of volume change the year under the contract, and a changed year is only simulated"
    )]
    Changed,
    /// Amounts that depend on others.
    #[error(
        "the cost of `{0}` moves with that of the event that it follows, and the oracle knows independent costs alone"
    )]
    Elastic(String),
    /// Some of the people, or several contracts.
    #[error("contracts that cover some of the people, or that are held at once, are only simulated")]
    SomePeople,
    /// Costs counted otherwise than as sums per person.
    #[error("the contract depends on {0}, whose law is only simulated")]
    Observation(String),
    /// Sums of costs that are not one.
    #[error(
        "the contract depends on more than one sum of people's costs, and the oracle knows the law of one at a time"
    )]
    SeveralSums,
    /// Sums of different scopes in one.
    #[error(
        "the contract counts a person's costs of different services up to different limits, and the oracle knows the law of one total a person"
    )]
    SeveralTotals,
    /// A t copula.
    #[error("factors are tied by a t copula, and the oracle knows the Gaussian one alone")]
    Copula,
    /// A shock that is correlated with other factors.
    #[error("the shock `{0}` is correlated with other factors, and the oracle knows independent shocks alone")]
    CorrelatedShock(String),
    /// Too many factors.
    #[error("{0} factors vary, which makes more than the {1} combinations of values that the oracle takes")]
    ManyFactors(usize, usize),
    /// Costs without a variance.
    #[error("a cost without an upper limit has no variance, so the spread of the sum has no bound")]
    NoVariance,
    /// A law of few people.
    #[error("so few people decide the sum that its law is not smooth, and the oracle knows smooth laws alone")]
    FewPeople,
    /// A population that cannot be.
    #[error("{0}")]
    Population(PopulationError),
}
