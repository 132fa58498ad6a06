//! The Merit-based Incentive Payment System: a score of one year changes the prices of another.

use twosided_form::{
    At, Key,
    Literal::{Number, Truth},
    Range, Section, Table, keys,
};
use twosided_population::ServiceScope;
use twosided_units::{Dollars, Share};

use crate::{
    AGREED, Composite, Kind, Known, Lan, Listing, OBSERVED, Rule, Scored, Settle, Settlement, Year, read, rounding,
    rules::rules,
};

rules! {
    /// The numbers of a performance year; payment follows two years later.
    pub struct MipsRules {
        /// Performance threshold: the final score that changes nothing.
        performance_threshold: f64 [0.0, 100.0] {
            [] 2017 => Number(3.0), Unconfirmed, "42 CFR § 414.1405(b)";
            [] 2018 => Number(15.0), Unconfirmed, "42 CFR § 414.1405(b)";
            [] 2019 => Number(30.0), Unconfirmed, "42 CFR § 414.1405(b)";
            [] 2020 => Number(45.0), Unconfirmed, "42 CFR § 414.1405(b)";
            [] 2021 => Number(60.0), Unconfirmed, "42 CFR § 414.1405(b)";
            [] 2022 => Number(75.0), Unconfirmed, "42 CFR § 414.1405(b)";
            [] 2026 => Number(75.0), Secondary, "42 CFR § 414.1405(b)(10)(ii), payment year 2028";
        }
        /// The most that a price falls, and rises before the scaling factor.
        applicable_percent: Share {
            [] 2017 => Number(0.04), Regulation, "42 USC § 1395w-4(q)(6)(B), payment year 2019";
            [] 2018 => Number(0.05), Regulation, "42 USC § 1395w-4(q)(6)(B), payment year 2020";
            [] 2019 => Number(0.07), Regulation, "42 USC § 1395w-4(q)(6)(B), payment year 2021";
            [] 2020 => Number(0.09), Regulation, "42 USC § 1395w-4(q)(6)(B), payment year 2022 on";
        }
        /// What rises are multiplied by, for budget neutrality; CMS finds it each year.
        scaling_factor: f64 {
            [] 2017 => Number(0.2), Unconfirmed, "not published as such; those that can be inferred are far below 1";
        }
        /// Highest scaling factor.
        highest_scaling_factor: f64 {
            [] 2017 => Number(3.0), Regulation, "42 USC § 1395w-4(q)(6)(F)(i)";
        }
        /// Most that exceptional performance adds.
        highest_exceptional_adjustment: Share {
            [] 2017 => Number(0.10), Regulation, "42 USC § 1395w-4(q)(6)(C), (F)(iv), payment years 2019 to 2024";
            [] 2023 => Number(0.0), Regulation, "42 USC § 1395w-4(q)(6)(C), after payment year 2024";
        }
        /// Whether a score below a quarter of the threshold goes on losing in proportion, and not the whole percent at once.
        linear_below_quarter: bool {
            [] 2017 => Truth(false), Regulation, "42 USC § 1395w-4(q)(6)(A)(iv)(II), as written; fact sheets do not settle it";
        }
        /// What a qualifying participant of an advanced alternative payment model is paid instead.
        participant_incentive: Share {
            [] 2017 => Number(0.05), Secondary, "42 USC § 1395l(z), as restated in the CY 2027 proposed rule: payment years 2019 to 2024";
            [] 2023 => Number(0.035), Secondary, "42 USC § 1395l(z), as restated in the CY 2027 proposed rule: payment year 2025";
            [] 2024 => Number(0.0188), Secondary, "42 USC § 1395l(z), as restated in the CY 2027 proposed rule: payment year 2026";
            [] 2025 => Number(0.0), Secondary, "42 USC § 1395l(z), as restated in the CY 2027 proposed rule: payment year 2027";
            [] 2026 => Number(0.031), Secondary, "CY 2027 physician fee schedule proposed rule, payment year 2028";
            [] 2027 => Number(0.0), Unconfirmed, "none is known for payment year 2029 on";
        }
    }
}

keys! {
    /// The terms of the Merit-based Incentive Payment System.
    pub(crate) struct MipsKeys "terms.mips" with [MipsRules::KEYS] {
        PERFORMANCE_YEAR: u16 = read::year("performance_year", read::ANY_YEAR, Mips::PERFORMANCE_YEAR)
            .meaning("the year of the score, which picks the dated numbers")
            .more("They begin in 2017; those without a later default keep their last");
        FINAL_SCORE: f64 = Key::number("final_score", Range::of(0.0, 100.0)).absent(read::UNLESS_SCORED, "87.5").meaning("the final score");
        EXCEPTIONAL_ADJUSTMENT: Share = Key::share("exceptional_adjustment").default(Number(0.0))
            .meaning("what exceptional performance adds, before its limit");
        QUALIFYING_PARTICIPANT: bool = Key::truth("qualifying_participant").default(Truth(false))
            .meaning("whether the clinician is exempt as a participant of an advanced alternative payment model")
            .more("Then own fees × `participant_incentive` is paid");
        SERVICES: Vec<At<String>> = read::SERVICES.meaning("the services whose prices change");
    }
}

/// The terms of a clinician or group.
///
/// The adjustment is booked in the year that earns it, though it is paid two years later.
#[derive(Clone, Debug, PartialEq)]
pub struct Mips {
    /// The numbers of the performance year.
    pub rules: MipsRules,
    /// Final score, from 0 to 100.
    pub final_score: f64,
    /// What exceptional performance adds, before its limit.
    pub exceptional_adjustment: Share,
    /// Whether the clinician is a qualifying participant of an advanced alternative payment model, and so exempt.
    pub qualifying_participant: bool,
    /// The services whose prices change.
    pub services: ServiceScope,
}

impl Mips {
    const PERFORMANCE_YEAR: u16 = 2024;

    /// The change in prices.
    ///
    /// ```text
    /// score = T      : 0
    /// score > T      : +applicable percent × min(scaling factor, 3) × (score - T) / (100 - T)
    /// T/4 < score < T: -applicable percent × (T - score) / T
    /// score <= T/4   : -applicable percent
    /// ```
    ///
    /// # Source
    /// 42 USC § 1395w-4(q)(6)(A), (F).
    fn adjustment(&self, settlement: &mut Settlement) -> f64 {
        let MipsRules { performance_threshold: threshold, applicable_percent: percent, .. } = self.rules;
        let (score, percent) = (self.final_score, percent.value());
        settlement.rule("42 USC § 1395w-4(q)(6)");
        settlement.number("final score", AGREED, score);
        settlement.number("performance threshold", AGREED, threshold);
        settlement.share("applicable percent", AGREED, percent);
        if rounding::exceeds(threshold, score, threshold) {
            if rounding::reaches(threshold, 4.0 * score, threshold) && !self.rules.linear_below_quarter {
                settlement.remark("the score is at most a quarter of the threshold: the whole percent is lost");
                return settlement.share("adjustment", "-{applicable percent}", -percent);
            }
            return settlement.share(
                "adjustment",
                "-{applicable percent} × ({performance threshold} - {final score}) / {performance threshold}",
                -percent * (threshold - score) / threshold,
            );
        }
        if !rounding::exceeds(score, threshold, threshold) {
            settlement.remark("the score is at the threshold: prices stay");
            return 0.0;
        }
        settlement.number("scaling factor", AGREED, self.rules.scaling_factor);
        settlement.number("highest scaling factor", AGREED, self.rules.highest_scaling_factor);
        let factor = self.rules.scaling_factor.min(self.rules.highest_scaling_factor);
        let scaled = settlement.share(
            "scaled adjustment",
            "{applicable percent} × min({scaling factor}, {highest scaling factor}) × ({final score} - {performance threshold}) / (100 - {performance threshold})",
            percent * factor * (score - threshold) / (100.0 - threshold),
        );
        if self.exceptional_adjustment == Share::ZERO {
            return settlement.share("adjustment", "{scaled adjustment}", scaled);
        }
        settlement.share("exceptional performance", AGREED, self.exceptional_adjustment.value());
        let highest = self.rules.highest_exceptional_adjustment.value();
        settlement.share("highest exceptional adjustment", AGREED, highest);
        settlement.share(
            "adjustment",
            "{scaled adjustment} + min({exceptional performance}, {highest exceptional adjustment})",
            scaled + self.exceptional_adjustment.value().min(highest),
        )
    }

    /// The incentive of a qualifying participant.
    fn incentive(&self, settlement: &mut Settlement, own_fees: Dollars) -> Dollars {
        settlement.rule("42 USC § 1395l(z)");
        settlement.remark("a qualifying participant has no adjustment, but an incentive");
        settlement.share("incentive share", AGREED, self.rules.participant_incentive.value());
        settlement.dollars(
            "incentive",
            "{covered services} × {incentive share}",
            own_fees * self.rules.participant_incentive,
        )
    }
}

impl Kind for Mips {
    const KEY: &'static str = "mips";
    const KEYS: &'static Table = MipsKeys::TABLE;
    const SUMMARY: &'static str = "Medicare fee-for-service, with prices that a score moves up or down";
    const LISTING: Listing = Listing {
        lan: "2C",
        settles_on: "the provider's own fees for its services, and a given score",
        source: "42 USC § 1395w-4(q); 42 CFR § 414.1405",
    };
    const EXAMPLE: &'static str =
        "{ performance_year = 2024, final_score = 87.5, scaling_factor = 0.2, services = [\"professional\"] }";

    fn rules() -> Vec<&'static [Rule]> {
        vec![MipsRules::TABLE]
    }

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = MipsKeys;
        let performance_year = section.read(&Keys::PERFORMANCE_YEAR);
        let rules = MipsRules::read(section, performance_year.unwrap_or(Self::PERFORMANCE_YEAR), "");
        let final_score = read::unless_scored(section, &Keys::FINAL_SCORE, known, 0.0);
        let exceptional_adjustment = section.read(&Keys::EXCEPTIONAL_ADJUSTMENT);
        let qualifying_participant = section.read(&Keys::QUALIFYING_PARTICIPANT);
        let services = read::scope(section, &Keys::SERVICES, known);
        performance_year?;
        Some(Self {
            rules: rules?,
            final_score: final_score?,
            exceptional_adjustment: exceptional_adjustment?,
            qualifying_participant: qualifying_participant?,
            services: services?,
        })
    }
}

impl Settle for Mips {
    fn lan(&self) -> Lan {
        Lan::Performance
    }

    fn services(&self) -> ServiceScope {
        self.services.clone()
    }

    fn scored(&self, composite: &Composite<'_>, _: &mut Settlement) -> Option<Scored> {
        let terms = Self { final_score: 100.0 * composite.value, ..self.clone() };
        Some(Scored { terms: Box::new(terms), steps: &["final score"], how: "100 × {composite}" })
    }

    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        let own_fees = settlement.dollars("covered services", OBSERVED, year.own_fees);
        if self.qualifying_participant {
            settlement.fee_adjustment = self.incentive(&mut settlement, own_fees);
            return settlement;
        }
        let adjustment = self.adjustment(&mut settlement);
        if adjustment != 0.0 {
            settlement.fee_adjustment =
                settlement.dollars("change in own fees", "{covered services} × {adjustment}", own_fees * adjustment);
        }
        settlement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_units::MemberMonths;

    fn mips(final_score: f64) -> Mips {
        Mips {
            rules: MipsRules::of(2024, "").expect("a year of the table"),
            final_score,
            exceptional_adjustment: Share::ZERO,
            qualifying_participant: false,
            services: ServiceScope::All,
        }
    }

    fn change(mips: &Mips) -> f64 {
        mips.settle(&Year::new(MemberMonths(0.0), 0, &[]).with_own_fees(Dollars(1e6))).fee_adjustment.0
    }

    #[test]
    fn the_curve_jumps_at_a_quarter_of_the_threshold_unless_it_is_straight() {
        assert!((change(&mips(18.75)) + 90_000.0).abs() < 1e-6);
        assert!((change(&mips(18.76)) + 67_488.0).abs() < 1e-6);
        let mut straight = mips(18.75);
        straight.rules.linear_below_quarter = true;
        assert!((change(&straight) + 67_500.0).abs() < 1e-6);
    }

    #[test]
    fn exceptional_performance_adds_while_there_was_money_for_it() {
        let mut clinician = Mips { exceptional_adjustment: Share::new(0.02).expect("a share"), ..mips(100.0) };
        assert!((change(&clinician) - 18_000.0).abs() < 1e-6);
        clinician.rules = MipsRules::of(2022, "").expect("a year of the table");
        assert!((change(&clinician) - 38_000.0).abs() < 1e-6);
    }

    #[test]
    fn a_qualifying_participant_has_the_incentive_of_its_payment_year() {
        assert!((change(&Mips { qualifying_participant: true, ..mips(0.0) }) - 18_800.0).abs() < 1e-6);
    }

    #[test]
    fn thresholds_at_the_ends_of_the_scale_divide_by_nothing() {
        let mut clinician = mips(100.0);
        clinician.rules.performance_threshold = 100.0;
        assert_eq!(change(&clinician), 0.0);
        clinician = mips(0.0);
        clinician.rules.performance_threshold = 0.0;
        assert_eq!(change(&clinician), 0.0);
    }
}
