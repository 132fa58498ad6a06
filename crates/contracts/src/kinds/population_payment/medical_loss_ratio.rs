//! The medical loss ratio: the part of revenue that is spent on care, and what is paid back where it is too small.

use twosided_form::{Key, Literal::Number, Range, Section, Unit, keys};
use twosided_units::{Dollars, MemberMonths, Pmpm, Share};

use crate::{AGREED, Settlement};

/// A minimum medical loss ratio, and what counts beside claims and revenue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MinimumMedicalLossRatio {
    /// The ratio below which part of the revenue is paid back.
    pub minimum: Share,
    /// Spent on quality improvement, which counts as care.
    pub quality_improvement: Pmpm,
    /// Taxes and fees, which do not count as revenue.
    pub taxes_and_fees: Pmpm,
}

keys! {
    /// What counts beside claims and revenue.
    pub(crate) struct MedicalLossRatioKeys "medical_loss_ratio" {
        QUALITY_IMPROVEMENT_PMPM: Pmpm =
            Key::quantity("quality_improvement_pmpm", Unit::PMPM, Range::of(0.0, 100_000.0)).default(Number(0.0))
                .meaning("the spending on quality improvement, which counts as care");
        TAXES_AND_FEES_PMPM: Pmpm = Key::quantity("taxes_and_fees_pmpm", Unit::PMPM, Range::of(0.0, 100_000.0))
            .default(Number(0.0)).meaning("the taxes and fees, which do not count as revenue");
    }
}

impl MinimumMedicalLossRatio {
    /// Reads what counts beside claims and revenue.
    pub(crate) fn read(section: &Section<'_>, minimum: Option<Share>) -> Option<Self> {
        type Keys = MedicalLossRatioKeys;
        let quality_improvement = section.read(&Keys::QUALITY_IMPROVEMENT_PMPM);
        let taxes_and_fees = section.read(&Keys::TAXES_AND_FEES_PMPM);
        Some(Self { minimum: minimum?, quality_improvement: quality_improvement?, taxes_and_fees: taxes_and_fees? })
    }

    /// What is paid back of the revenue in the step of that name, for the claims in the other.
    ///
    /// ```text
    /// ratio      = (claims + quality improvement) / (revenue - taxes and fees)
    /// remittance = max(0, minimum - ratio) × (revenue - taxes and fees)
    /// ```
    ///
    /// # Source
    /// 42 USC § 1395w-27(e)(4).
    pub(crate) fn remittance(
        &self,
        settlement: &mut Settlement,
        (revenue_name, revenue): (&'static str, Dollars),
        (claims_name, claims): (&'static str, Dollars),
        exposure: MemberMonths,
    ) -> Dollars {
        settlement.share("minimum medical loss ratio", AGREED, self.minimum.value());
        settlement.pmpm("quality improvement rate", AGREED, self.quality_improvement);
        settlement.pmpm("taxes and fees rate", AGREED, self.taxes_and_fees);
        let spent = claims + self.quality_improvement * exposure;
        let left = revenue - self.taxes_and_fees * exposure;
        let how = settlement.how(|| format!("{{{claims_name}}} + {{quality improvement rate}} × {{member months}}"));
        settlement.dollars("claims and quality improvement", how, spent);
        let how = settlement.how(|| format!("{{{revenue_name}}} - {{taxes and fees rate}} × {{member months}}"));
        settlement.dollars("revenue after taxes and fees", how, left);
        if left <= Dollars::ZERO {
            settlement.remark("there is no revenue to pay back");
            return Dollars::ZERO;
        }
        let ratio = settlement.share(
            "medical loss ratio",
            "{claims and quality improvement} / {revenue after taxes and fees}",
            spent / left,
        );
        settlement.dollars(
            "remittance",
            "{revenue after taxes and fees} × max(0, {minimum medical loss ratio} - {medical loss ratio})",
            left * (self.minimum.value() - ratio).max(0.0),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Year;

    #[test]
    fn a_ratio_at_the_minimum_pays_nothing_back() {
        let terms = MinimumMedicalLossRatio {
            minimum: Share::new(0.85).expect("a share"),
            quality_improvement: Pmpm(0.0),
            taxes_and_fees: Pmpm(10.0),
        };
        let exposure = MemberMonths(1_000.0);
        let mut settlement = Settlement::of(&Year::new(exposure, 100, &[]));
        let mut remittance = |revenue: f64, claims: f64| {
            terms.remittance(&mut settlement, ("revenue", Dollars(revenue)), ("claims", Dollars(claims)), exposure).0
        };
        assert_eq!(remittance(110_000.0, 85_000.0), 0.0);
        assert!((remittance(110_000.0, 80_000.0) - 5_000.0).abs() < 1e-6);
        assert_eq!(remittance(10_000.0, 0.0), 0.0, "taxes take all of it");
    }
}
