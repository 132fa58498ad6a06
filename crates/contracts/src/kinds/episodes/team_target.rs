//! Target prices of the Transforming Episode Accountability Model.

use twosided_form::{Key, Literal::Number, Range, Section, Unit, keys};
use twosided_units::{Dollars, Share};

use crate::{AGREED, Settlement, read, rules::rules};

rules! {
    /// How far a target price moves between performance and reconciliation.
    pub struct TeamPriceRules {
        /// Most that the final normalization differs from the preliminary one, as a share of it.
        normalization_limit: Share {
            [] 2026 => Number(0.05), Unconfirmed, "42 CFR § 512.545";
        }
        /// Most that the retrospective trend differs from 1.
        trend_limit: Share {
            [] 2026 => Number(0.03), Unconfirmed, "42 CFR § 512.540";
        }
    }
}

rules! {
    /// The numbers of a category of episodes.
    pub struct TeamEpisodeRules {
        /// CMS's part of the price.
        discount: Share {
            ["lejr", "shfft", "spinal_fusion"] 2026 => Number(0.02), Secondary, "42 CFR § 512.540; CMS fact sheet";
            ["cabg", "major_bowel"] 2026 => Number(0.015), Secondary, "42 CFR § 512.540; CMS fact sheet";
        }
    }
}

keys! {
    /// What a target price is built from.
    pub(crate) struct TeamTargetKeys "terms.team.episodes.target" with [TeamEpisodeRules::KEYS] {
        BASELINE: Dollars = read::amount("baseline", Unit::PER_EPISODE).required("25_000")
            .meaning("the mean spending on an episode in the region's baseline");
        PROSPECTIVE_TREND: f64 = factor("prospective_trend")
            .meaning("the trend from the baseline to the performance year, as foreseen");
        PRELIMINARY_NORMALIZATION: f64 =
            factor("preliminary_normalization").meaning("the normalization factor, as foreseen");
        RISK_MULTIPLIER: f64 = factor("risk_multiplier").meaning("the risk adjustment of the hospital's patients");
        FINAL_NORMALIZATION: f64 = factor("final_normalization").absent("`preliminary_normalization`", "1.08")
            .meaning("the normalization factor of the performance year");
        RETROSPECTIVE_TREND: f64 = factor("retrospective_trend")
            .meaning("the trend of the performance year over the one foreseen");
    }
}

/// The key of a factor of the price.
const fn factor(name: &'static str) -> Key<f64> {
    Key::number(name, Range::of(0.1, 10.0)).default(Number(1.0))
}

/// What a target price is built from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TeamTarget {
    /// Mean spending on an episode in the region's baseline.
    pub baseline: Dollars,
    /// Trend from the baseline to the performance year, as foreseen.
    pub prospective_trend: f64,
    /// Normalization factor, as foreseen.
    pub preliminary_normalization: f64,
    /// CMS's part of the price.
    pub discount: Share,
    /// Risk adjustment of the hospital's patients.
    pub risk_multiplier: f64,
    /// Normalization factor of the performance year.
    pub final_normalization: f64,
    /// Trend of the performance year over the one foreseen.
    pub retrospective_trend: f64,
}

impl TeamTarget {
    /// The price that is known before the performance year.
    ///
    /// ```text
    /// baseline × trend × normalization × (1 - discount)
    /// ```
    pub fn preliminary(&self) -> Dollars {
        self.baseline * self.prospective_trend * self.preliminary_normalization * self.discount.complement()
    }

    /// The price against which a performance year is settled.
    ///
    /// ```text
    /// preliminary × risk × clamp(final / preliminary normalization, 0.95, 1.05) × clamp(retrospective trend, 0.97, 1.03)
    /// ```
    pub fn reconciliation(&self, rules: &TeamPriceRules) -> Dollars {
        self.preliminary() * self.risk_multiplier * self.normalization(rules) * self.trend(rules)
    }

    fn normalization(&self, rules: &TeamPriceRules) -> f64 {
        let limit = rules.normalization_limit.value();
        (self.final_normalization / self.preliminary_normalization).clamp(1.0 - limit, 1.0 + limit)
    }

    fn trend(&self, rules: &TeamPriceRules) -> f64 {
        let limit = rules.trend_limit.value();
        self.retrospective_trend.clamp(1.0 - limit, 1.0 + limit)
    }

    /// Tells how the price of the service of that name comes to be.
    pub(crate) fn record(&self, settlement: &mut Settlement, name: &str, rules: &TeamPriceRules) -> Dollars {
        let price = self.reconciliation(rules);
        if !settlement.records_steps() {
            return price;
        }
        settlement.dollars(format!("{name}: baseline"), AGREED, self.baseline);
        settlement.number(format!("{name}: prospective trend"), AGREED, self.prospective_trend);
        settlement.number(format!("{name}: preliminary normalization"), AGREED, self.preliminary_normalization);
        settlement.share(format!("{name}: discount"), AGREED, self.discount.value());
        let how = format!(
            "{{{name}: baseline}} × {{{name}: prospective trend}} × {{{name}: preliminary normalization}} × (1 - {{{name}: discount}})"
        );
        settlement.dollars(format!("{name}: preliminary target price"), how, self.preliminary());
        settlement.number(format!("{name}: risk multiplier"), AGREED, self.risk_multiplier);
        settlement.number(format!("{name}: final normalization"), AGREED, self.final_normalization);
        settlement.share(format!("{name}: normalization limit"), AGREED, rules.normalization_limit.value());
        let how = format!(
            "clamp({{{name}: final normalization}} / {{{name}: preliminary normalization}}, 1 - {{{name}: normalization limit}}, 1 + {{{name}: normalization limit}})"
        );
        settlement.number(format!("{name}: change of normalization"), how, self.normalization(rules));
        settlement.number(format!("{name}: retrospective trend"), AGREED, self.retrospective_trend);
        settlement.share(format!("{name}: trend limit"), AGREED, rules.trend_limit.value());
        let how = format!(
            "{{{name}: preliminary target price}} × {{{name}: risk multiplier}} × {{{name}: change of normalization}} × clamp({{{name}: retrospective trend}}, 1 - {{{name}: trend limit}}, 1 + {{{name}: trend limit}})"
        );
        settlement.dollars(format!("{name}: target price"), how, price)
    }

    pub(crate) fn read(section: Section<'_>, performance_year: u16, category: &str) -> Option<Self> {
        type Keys = TeamTargetKeys;
        let baseline = section.read(&Keys::BASELINE);
        let prospective_trend = section.read(&Keys::PROSPECTIVE_TREND);
        let preliminary_normalization = section.read(&Keys::PRELIMINARY_NORMALIZATION);
        let risk_multiplier = section.read(&Keys::RISK_MULTIPLIER);
        let final_normalization = section.optional(&Keys::FINAL_NORMALIZATION);
        let retrospective_trend = section.read(&Keys::RETROSPECTIVE_TREND);
        let rules = TeamEpisodeRules::read(&section, performance_year, category);
        section.finish();
        let preliminary_normalization = preliminary_normalization?;
        Some(Self {
            baseline: baseline?,
            prospective_trend: prospective_trend?,
            preliminary_normalization,
            discount: rules?.discount,
            risk_multiplier: risk_multiplier?,
            final_normalization: final_normalization?.unwrap_or(preliminary_normalization),
            retrospective_trend: retrospective_trend?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corrections_after_the_year_stay_within_their_limits() {
        let target = TeamTarget {
            baseline: Dollars(10_000.0),
            prospective_trend: 1.0,
            preliminary_normalization: 0.8,
            discount: Share::ZERO,
            risk_multiplier: 1.0,
            final_normalization: 0.84,
            retrospective_trend: 1.03,
        };
        let rules = TeamPriceRules::of(2026, "").expect("a year of the table");
        let price = |target: &TeamTarget| target.reconciliation(&rules).0;
        assert!((price(&target) - 8_652.0).abs() < 1e-6, "exactly at both limits");
        let beyond = TeamTarget { final_normalization: 0.9, retrospective_trend: 1.2, ..target };
        assert!((price(&beyond) - 8_652.0).abs() < 1e-6);
        let below = TeamTarget { final_normalization: 0.1, retrospective_trend: 0.1, ..target };
        assert!((price(&below) - 8_000.0 * 0.95 * 0.97).abs() < 1e-6);
    }
}
