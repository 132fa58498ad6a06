//! What the provider must be able to pay: reserves, and capital as regulators of insurers measure it.

use twosided_units::{Dollars, Share};

/// The least opening reserve that never falls below zero over the years of a future, when what is owed is paid from it and a part of
/// what is received stays in it. Positive amounts are received, negative ones owed.
pub fn reserve_needed(settled: impl IntoIterator<Item = Dollars>, retained: Share) -> Dollars {
    let (mut balance, mut lowest) = (Dollars::ZERO, Dollars::ZERO);
    for amount in settled {
        balance += if amount.0 < 0.0 { amount } else { amount * retained };
        lowest = lowest.min(balance);
    }
    // Not -0 where nothing is ever owed.
    Dollars::ZERO - lowest
}

/// Capital and what it stands against, in the manner of the risk-based capital of health insurers.
///
/// ```text
/// required                 = 1.03 × (H0 + sqrt(H1² + H2² + H3² + H4²)), where H2 = underwriting factor × what is at risk
/// authorized control level = required / 2
/// ratio                    = capital / authorized control level
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RiskBasedCapital {
    /// Total adjusted capital.
    pub capital: Dollars,
    /// The underwriting risk of a dollar at the provider's risk.
    pub underwriting_factor: Share,
    /// H0, the risk of assets in affiliates.
    pub affiliates: Dollars,
    /// H1, the risk of other assets.
    pub assets: Dollars,
    /// H3, the risk of credit.
    pub credit: Dollars,
    /// H4, the risk of business.
    pub business: Dollars,
}

impl RiskBasedCapital {
    /// The factor for operational risk on the whole.
    const OPERATIONAL: f64 = 1.03;

    /// The authorized control level where this much a year is at risk.
    pub fn authorized_control_level(&self, at_risk: Dollars) -> Dollars {
        let underwriting = at_risk * self.underwriting_factor;
        let squares: f64 =
            [self.assets, underwriting, self.credit, self.business].iter().map(|risk| risk.0 * risk.0).sum();
        (self.affiliates + Dollars(squares.sqrt())) * (Self::OPERATIONAL / 2.0)
    }

    /// Capital as a multiple of the authorized control level; none where no capital is required.
    pub fn ratio(&self, at_risk: Dollars) -> Option<f64> {
        let level = self.authorized_control_level(at_risk);
        (level.0 > 0.0).then(|| self.capital.0 / level.0)
    }

    /// How much the ratio changes with a dollar more at risk; none where there is no ratio.
    pub fn slope(&self, at_risk: Dollars) -> Option<f64> {
        let ratio = self.ratio(at_risk)?;
        let level = self.authorized_control_level(at_risk).0;
        let root = level / (Self::OPERATIONAL / 2.0) - self.affiliates.0;
        if root <= 0.0 {
            return Some(0.0);
        }
        let factor = self.underwriting_factor.value();
        Some(-ratio / level * (Self::OPERATIONAL / 2.0) * factor * factor * at_risk.0 / root)
    }
}

/// What a ratio of capital calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ActionLevel {
    /// From 200%: nothing.
    NoAction,
    /// From 150%: the company says how it mends it.
    Company,
    /// From 100%: the regulator examines it.
    Regulatory,
    /// From 70%: the regulator may take control.
    AuthorizedControl,
    /// Below: the regulator takes control.
    MandatoryControl,
}

impl ActionLevel {
    /// The level of a ratio of capital to the authorized control level.
    pub fn of(ratio: f64) -> Self {
        match ratio {
            ratio if ratio >= 2.0 => Self::NoAction,
            ratio if ratio >= 1.5 => Self::Company,
            ratio if ratio >= 1.0 => Self::Regulatory,
            ratio if ratio >= 0.7 => Self::AuthorizedControl,
            _ => Self::MandatoryControl,
        }
    }

    /// The level in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoAction => "no action",
            Self::Company => "company action level",
            Self::Regulatory => "regulatory action level",
            Self::AuthorizedControl => "authorized control level",
            Self::MandatoryControl => "mandatory control level",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    fn needed(settled: &[f64], retained: f64) -> f64 {
        reserve_needed(settled.iter().copied().map(Dollars), share(retained)).0
    }

    #[test]
    fn a_reserve_meets_all_that_is_owed() {
        assert_eq!(needed(&[-3.0, 10.0, -4.0], 0.0), 7.0);
        // Half of what is received stays: 5, of which 4 are owed.
        assert_eq!(needed(&[-3.0, 10.0, -4.0], 0.5), 3.0);
        // What is received later does not help, and what is received first does.
        assert_eq!([needed(&[-3.0, 10.0], 1.0), needed(&[10.0, -3.0], 1.0)], [3.0, 0.0]);
        assert_eq!(needed(&[-3.0, 2.0, -4.0, 9.0, -5.0], 1.0), 5.0);
        assert!(needed(&[5.0, 0.0], 0.0).is_sign_positive() && needed(&[], 1.0) == 0.0);
    }

    /// $4m of capital against $1m of H0, H1 = 0.3, H3 = 0.2, H4 = 0.6, and 9% of what is at risk.
    fn held() -> RiskBasedCapital {
        RiskBasedCapital {
            capital: Dollars(4e6),
            underwriting_factor: share(0.09),
            affiliates: Dollars(1e6),
            assets: Dollars(0.3e6),
            credit: Dollars(0.2e6),
            business: Dollars(0.6e6),
        }
    }

    #[test]
    fn capital_is_compared_with_risks_that_are_not_added_up() {
        // H2 = 2.4m: the squares are 0.09 + 5.76 + 0.04 + 0.36 = 6.25, the root 2.5m, 1.03 × 3.5m = 3.605m, half of it 1.8025m.
        let at_risk = Dollars(2.4e6 / 0.09);
        assert!((held().authorized_control_level(at_risk).0 - 1.8025e6).abs() < 1e-6);
        let ratio = held().ratio(at_risk).expect("capital is required");
        assert!((ratio - 4.0 / 1.8025).abs() < 1e-12 && ActionLevel::of(ratio) == ActionLevel::NoAction, "{ratio}");
        let more = held().ratio(Dollars(at_risk.0 + 1.0)).expect("capital is required");
        let slope = held().slope(at_risk).expect("capital is required");
        assert!(((more - ratio) / slope - 1.0).abs() < 1e-6, "{} {slope}", more - ratio);
    }

    #[test]
    fn without_any_risk_there_is_no_ratio() {
        let none = RiskBasedCapital {
            affiliates: Dollars::ZERO,
            assets: Dollars::ZERO,
            credit: Dollars::ZERO,
            business: Dollars::ZERO,
            ..held()
        };
        assert_eq!((none.ratio(Dollars::ZERO), none.slope(Dollars::ZERO)), (None, None));
        let of_affiliates = RiskBasedCapital { affiliates: Dollars(1e6), ..none };
        assert_eq!(of_affiliates.slope(Dollars::ZERO), Some(0.0));
    }

    #[test]
    fn levels_begin_at_their_lower_ends() {
        let levels = [3.0, 2.0, 1.99, 1.5, 1.49, 1.0, 0.99, 0.7, 0.69].map(ActionLevel::of);
        use ActionLevel::{AuthorizedControl, Company, MandatoryControl, NoAction, Regulatory};
        assert_eq!(
            levels,
            [
                NoAction,
                NoAction,
                Company,
                Company,
                Regulatory,
                Regulatory,
                AuthorizedControl,
                AuthorizedControl,
                MandatoryControl
            ]
        );
    }
}
