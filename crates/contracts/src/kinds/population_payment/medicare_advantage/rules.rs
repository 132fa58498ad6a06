//! The numbers of Medicare Advantage, by quartile of counties and by performance year.

use twosided_form::{Key, KeySpec, Section, keys};
use twosided_units::Share;

use crate::{Rule, rules::rules};

rules! {
    /// The numbers of a quartile of counties, of which the first has the highest fee-for-service cost.
    pub struct QuartileRules {
        /// Benchmark before the bonus, as a part of fee-for-service cost.
        applicable_percent: f64 [0.0, 10.0] {
            ["1"] 2012 => Number(0.95), Regulation, "42 USC § 1395w-23(n)(2)(B)";
            ["2"] 2012 => Number(1.0), Regulation, "42 USC § 1395w-23(n)(2)(B)";
            ["3"] 2012 => Number(1.075), Regulation, "42 USC § 1395w-23(n)(2)(B)";
            ["4"] 2012 => Number(1.15), Regulation, "42 USC § 1395w-23(n)(2)(B)";
        }
    }
}

rules! {
    /// The numbers of a performance year.
    pub struct MedicareAdvantageRules {
        /// What stars add to the applicable percent.
        quality_bonus: Share {
            [] 2012 => Number(0.05), Regulation, "42 USC § 1395w-23(o)(1)";
        }
        /// Stars from which there is a quality bonus.
        bonus_from_stars: f64 {
            [] 2012 => Number(4.0), Regulation, "42 USC § 1395w-23(o)(3)";
        }
        /// What a new plan's applicable percent is raised by.
        new_plan_bonus: Share {
            [] 2012 => Number(0.035), Regulation, "42 USC § 1395w-23(o)(3)";
        }
        /// Part of savings below the benchmark that is the rebate at high stars.
        high_rebate: Share {
            [] 2014 => Number(0.70), Regulation, "42 USC § 1395w-24(b)(1)(C)(v)";
        }
        /// Stars of the high rebate.
        high_rebate_from_stars: f64 {
            [] 2012 => Number(4.5), Regulation, "42 USC § 1395w-24(b)(1)(C)(v)";
        }
        /// Part of savings below the benchmark that is the rebate at middle stars, and, unconfirmed, of a new plan.
        middle_rebate: Share {
            [] 2014 => Number(0.65), Regulation, "42 USC § 1395w-24(b)(1)(C)(v)";
        }
        /// Stars of the middle rebate.
        middle_rebate_from_stars: f64 {
            [] 2012 => Number(3.5), Regulation, "42 USC § 1395w-24(b)(1)(C)(v)";
        }
        /// Part of savings below the benchmark that is the rebate at low stars.
        low_rebate: Share {
            [] 2014 => Number(0.50), Regulation, "42 USC § 1395w-24(b)(1)(C)(v)";
        }
        /// Cut from what CMS pays.
        sequestration: Share {
            [] 2013 => Number(0.02), Unconfirmed, "2% from April 2013";
            [] 2020 => Number(0.006_666_666_666_666_667), Unconfirmed, "suspended from May 2020: four months of 2%";
            [] 2021 => Number(0.0), Unconfirmed, "suspended all year";
            [] 2022 => Number(0.0125), Unconfirmed, "suspended to March 2022, 1% to June, 2% from July";
            [] 2023 => Number(0.02), Unconfirmed, "2%";
        }
        /// Medical loss ratio below which a plan pays back.
        minimum_medical_loss_ratio: Share {
            [] 2014 => Number(0.85), Regulation, "42 USC § 1395w-27(e)(4)";
        }
    }
}

keys! {
    /// The quartiles of a plan's counties.
    pub(crate) struct QuartileKeys "terms.medicare_advantage.quartiles" {
        QUARTILE: u32 = Key::whole("quartile", 1, 4).required("3")
            .ask("give the quartile of the counties' cost, as quartile = 3; 1 has the highest cost")
            .meaning("the quartile of the counties' cost, of which 1 has the highest cost and the lowest percent");
        PRIOR_YEAR_QUARTILE: u32 = Key::whole("prior_year_quartile", 1, 4).absent("`quartile`", "2")
            .meaning("the quartile of the year before").more("The mean of both percents holds");
    }
}

/// The applicable percents of this year's quartile and last year's.
pub(super) fn read_quartiles(section: &Section<'_>, year: u16) -> Option<[f64; 2]> {
    let quartile = section.read(&QuartileKeys::QUARTILE);
    let prior = section.optional(&QuartileKeys::PRIOR_YEAR_QUARTILE).map(|prior| prior.or(quartile).unwrap_or(1));
    // One override holds for both.
    let this = QuartileRules::read(section, year, &quartile.unwrap_or(1).to_string());
    let [Rule { key: KeySpec { name: key, .. }, .. }] = QuartileRules::TABLE else {
        unreachable!("a quartile has one number")
    };
    let this = this.map(|rules| rules.applicable_percent);
    let last = match prior {
        Some(prior) if !section.has(key) => {
            QuartileRules::of(year, &prior.to_string()).map(|rules| rules.applicable_percent)
        }
        _ => this,
    };
    quartile?;
    prior?;
    Some([this?, last?])
}
