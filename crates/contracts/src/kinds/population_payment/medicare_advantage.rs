//! Medicare Advantage: a percent of what CMS pays a plan, from its bid, benchmark and stars.

mod rules;
#[cfg(test)]
mod tests;

pub use rules::{MedicareAdvantageRules, QuartileRules};

use twosided_form::{
    At, Key,
    Literal::{Number, Truth, Whole},
    Range, Section, Status, Table, Unit, keys,
};
use twosided_population::{Observation, ServiceScope};
use twosided_units::{Dollars, Pmpm, Share};

use crate::{
    AGREED, CARRIED, Composite, Kind, Known, Lan, Listing, OBSERVED, Payment, Rule, Scored, Settle, Settlement,
    UPDATED, Year, read, rounding,
};

use super::medical_loss_ratio::{MedicalLossRatioKeys, MinimumMedicalLossRatio};
use rules::{QuartileKeys, read_quartiles};

keys! {
    /// The terms of a plan and its provider.
    pub(crate) struct MedicareAdvantageKeys "terms.medicare_advantage" with [
        QuartileKeys::OWN,
        QuartileRules::KEYS,
        MedicareAdvantageRules::KEYS,
        MedicalLossRatioKeys::OWN,
    ] {
        PERFORMANCE_YEAR: u16 = read::year("performance_year", read::ANY_YEAR, MedicareAdvantage::PERFORMANCE_YEAR)
            .meaning("the plan year, which picks the dated numbers")
            .more("The defaults of the dated numbers begin in 2014; those without a later default keep their last");
        COUNTY_FEE_FOR_SERVICE_PMPM: Pmpm = read::rate("county_fee_for_service_pmpm").required("1_050")
            .meaning("the fee-for-service cost of the plan's counties, at a risk score of 1");
        NEW_PLAN: bool = Key::truth("new_plan").default(Truth(false)).meaning("whether the plan is new and without stars");
        STARS: f64 = Key::number("stars", Range::of(1.0, 5.0)).absent("required, refused with `new_plan`", "4.5")
            .meaning("the star rating").more("With `quality` it is that of the years before the first composite counts");
        STARS_LAG: u32 = Key::whole("stars_lag", 0, 10).default(Whole(3))
            .meaning("the years from the care that a composite of `quality` measures to the plan year that its stars pay")
            .more("Stars are five times the composite, rounded to halves. Care of 2023 is rated in 2025; that this rating pays 2026 needs checking")
            .status(Status::Unconfirmed);
        DOUBLE_BONUS_COUNTY: bool = Key::truth("double_bonus_county").default(Truth(false))
            .meaning("whether the bonus is doubled, in a qualifying county");
        PRE_ACA_CAP_PMPM: Pmpm = read::rate("pre_aca_cap_pmpm").absent("none", "1_150")
            .meaning("the amount before the Affordable Care Act, which limits the benchmark with its bonus");
        BID_PMPM: Pmpm = read::rate("bid_pmpm").required("980").meaning("the plan's bid, at a risk score of 1");
        RISK_SCORE: f64 = Key::number("risk_score", Range::of(0.0, 100.0)).default(Number(1.0))
            .meaning("the risk score of the members, after normalization and coding adjustment, which are not modeled")
            .more("That it multiplies the base payment and not the rebate needs checking").status(Status::Unconfirmed);
        PART_D_PMPM: Pmpm = Key::quantity("part_d_pmpm", Unit::PMPM, Range::of(0.0, 100_000.0)).default(Number(0.0))
            .meaning("the Part D payment in the premium");
        PLAN_IS_PROVIDER: bool = Key::truth("plan_is_provider").default(Truth(false))
            .meaning("whether plan and provider are one")
            .more("Then all of the premium, the rebate and any member premium are received, and the minimum medical loss ratio is settled; `quality_improvement_pmpm` and `taxes_and_fees_pmpm` are given only then");
        PERCENT_OF_PREMIUM: Share = Key::share("percent_of_premium")
            .absent("required without `plan_is_provider`, refused with it", "0.85")
            .meaning("the part of the premium that the provider is paid")
            .more("The premium is CMS's payment and Part D after sequestration, without the member premium of a bid above the benchmark");
        PREMIUM_INCLUDES_REBATE: bool = Key::truth("premium_includes_rebate")
            .absent("required without `plan_is_provider`, refused with it", "true")
            .ask("say whether the premium includes the rebate, as premium_includes_rebate = true")
            .meaning("whether the rebate is part of the premium");
        SERVICES: Vec<At<String>> = read::SERVICES.meaning("the services that the provider is at risk for");
    }
}

/// The terms of a plan, and what its provider is paid of its premium.
#[derive(Clone, Debug, PartialEq)]
pub struct MedicareAdvantage {
    /// The numbers of the performance year.
    pub rules: MedicareAdvantageRules,
    /// Fee-for-service cost of the plan's counties.
    pub county_fee_for_service: Pmpm,
    /// Applicable percents of the counties' quartiles this year and last; their mean holds.
    pub applicable_percents: [f64; 2],
    /// Star rating; none for a new plan.
    pub stars: Option<f64>,
    /// Years from measured care to the plan year that its stars pay.
    pub stars_lag: usize,
    /// Whether the bonus is doubled, in a qualifying county.
    pub double_bonus: bool,
    /// The amount before the Affordable Care Act, which limits the benchmark.
    pub pre_aca_cap: Option<Pmpm>,
    /// The plan's bid.
    pub bid: Pmpm,
    /// Risk score of the members.
    pub risk_score: f64,
    /// What the provider is paid of the premium; all of it where the plan is the provider.
    pub percent_of_premium: Share,
    /// Whether the premium includes the rebate.
    pub premium_includes_rebate: bool,
    /// Part D payment in the premium.
    pub part_d: Pmpm,
    /// What limits the margin of a plan that is the provider.
    pub plan_is_provider: Option<MinimumMedicalLossRatio>,
    /// The services that the provider is at risk for.
    pub services: ServiceScope,
}

impl MedicareAdvantage {
    const PERFORMANCE_YEAR: u16 = 2025;

    /// The benchmark, per member of average risk.
    ///
    /// ```text
    /// fee-for-service cost × (mean of applicable percents + bonus), at most the pre-ACA amount
    /// ```
    ///
    /// # Source
    /// 42 USC § 1395w-23(n), (o).
    fn benchmark(&self, settlement: &mut Settlement) -> Pmpm {
        settlement.rule("42 USC § 1395w-23(n), (o)");
        let cost = settlement.pmpm("county fee-for-service cost", AGREED, self.county_fee_for_service);
        let [this, last] = self.applicable_percents;
        settlement.share("percent of this year's quartile", AGREED, this);
        settlement.share("percent of last year's quartile", AGREED, last);
        let percent = settlement.share(
            "applicable percent",
            "({percent of this year's quartile} + {percent of last year's quartile}) / 2",
            0.5 * (this + last),
        );
        let bonus = match self.stars {
            None => {
                settlement.remark("a new plan has a bonus of its own");
                self.rules.new_plan_bonus
            }
            Some(stars) => {
                settlement.number("stars", AGREED, stars);
                if rounding::reaches(stars, self.rules.bonus_from_stars, stars) {
                    self.rules.quality_bonus
                } else {
                    Share::ZERO
                }
            }
        };
        settlement.share("bonus of a county", AGREED, bonus.value());
        let bonus = if self.double_bonus {
            settlement.share("bonus", "2 × {bonus of a county}", 2.0 * bonus.value())
        } else {
            settlement.share("bonus", "{bonus of a county}", bonus.value())
        };
        let raised = settlement.pmpm(
            "benchmark before the cap",
            "{county fee-for-service cost} × ({applicable percent} + {bonus})",
            Pmpm(cost.0 * (percent + bonus)),
        );
        match self.pre_aca_cap {
            Some(cap) => {
                settlement.pmpm("pre-ACA cap", AGREED, cap);
                let capped = Pmpm(raised.0.min(cap.0));
                settlement.pmpm("benchmark", "min({benchmark before the cap}, {pre-ACA cap})", capped)
            }
            None => settlement.pmpm("benchmark", "{benchmark before the cap}", raised),
        }
    }

    fn rebate_share(&self) -> Share {
        let rules = &self.rules;
        match self.stars {
            Some(stars) if rounding::reaches(stars, rules.high_rebate_from_stars, stars) => rules.high_rebate,
            Some(stars) if !rounding::reaches(stars, rules.middle_rebate_from_stars, stars) => rules.low_rebate,
            Some(_) | None => rules.middle_rebate,
        }
    }

    /// What the plan has of a member, after sequestration.
    ///
    /// # Source
    /// 42 USC § 1395w-24(b).
    fn premium(&self, settlement: &mut Settlement, year: &Year<'_>) -> Pmpm {
        let benchmark = self.benchmark(settlement);
        settlement.rule("42 USC § 1395w-24(b)");
        let bid = settlement.pmpm("bid", AGREED, self.bid);
        let share = settlement.share("rebate share", AGREED, self.rebate_share().value());
        let rebate = settlement.pmpm(
            "rebate",
            "{rebate share} × max(0, {benchmark} - {bid})",
            Pmpm(share * (benchmark.0 - bid.0).max(0.0)),
        );
        let member =
            settlement.pmpm("member premium", "max(0, {bid} - {benchmark})", Pmpm((bid.0 - benchmark.0).max(0.0)));
        let mut score = settlement.number("risk score", AGREED, self.risk_score);
        let mut how = "min({bid}, {benchmark}) × {risk score}";
        if year.updates.rate != 1.0 {
            settlement.number("the risk score is multiplied by", UPDATED, year.updates.rate);
            score *= year.updates.rate;
            how = "min({bid}, {benchmark}) × {risk score} × {the risk score is multiplied by}";
        }
        let base = settlement.pmpm("base payment", how, Pmpm(bid.0.min(benchmark.0) * score));
        settlement.pmpm("payment of CMS", "{base payment} + {rebate}", Pmpm(base.0 + rebate.0));
        settlement.pmpm("Part D payment", AGREED, self.part_d);
        settlement.share("sequestration", AGREED, self.rules.sequestration.value());
        let kept = self.rules.sequestration.complement().value();
        if self.plan_is_provider.is_some() {
            return settlement.pmpm(
                "premium",
                "({payment of CMS} + {Part D payment}) × (1 - {sequestration}) + {member premium}",
                Pmpm((base.0 + rebate.0 + self.part_d.0) * kept + member.0),
            );
        }
        if self.premium_includes_rebate {
            settlement.pmpm(
                "premium",
                "({payment of CMS} + {Part D payment}) × (1 - {sequestration})",
                Pmpm((base.0 + rebate.0 + self.part_d.0) * kept),
            )
        } else {
            settlement.pmpm(
                "premium",
                "({base payment} + {Part D payment}) × (1 - {sequestration})",
                Pmpm((base.0 + self.part_d.0) * kept),
            )
        }
    }
}

impl Kind for MedicareAdvantage {
    const KEY: &'static str = "medicare_advantage";
    const KEYS: &'static Table = MedicareAdvantageKeys::TABLE;
    const SUMMARY: &'static str =
        "a percent of a Medicare Advantage plan's premium, for services at the provider's risk";
    const LISTING: Listing = Listing {
        lan: "4N (all services), 4A (some), 4C with `plan_is_provider`; 4B by `lan` where quality counts",
        settles_on: "member months, and expenditure on its services",
        source: "42 USC § 1395w-23(n), (o), § 1395w-24(b), § 1395w-27(e)(4); the percent is a commercial term",
    };
    const EXAMPLE: &'static str = "{ county_fee_for_service_pmpm = 1_050, quartile = 3, prior_year_quartile = 2, stars = 4.5, bid_pmpm = 980, risk_score = 1.08, percent_of_premium = 0.86, premium_includes_rebate = true }";

    fn rules() -> Vec<&'static [Rule]> {
        vec![QuartileRules::TABLE, MedicareAdvantageRules::TABLE]
    }

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        type Keys = MedicareAdvantageKeys;
        let performance_year = section.read(&Keys::PERFORMANCE_YEAR);
        let year = performance_year.unwrap_or(Self::PERFORMANCE_YEAR);
        let rules = MedicareAdvantageRules::read(section, year, "");
        let cost = section.read(&Keys::COUNTY_FEE_FOR_SERVICE_PMPM);
        let applicable_percents = read_quartiles(section, year);
        let new_plan = section.read(&Keys::NEW_PLAN);
        let rated = section.has(Keys::STARS.name);
        let stars =
            if new_plan == Some(true) && !rated { Some(None) } else { read::needed(section, &Keys::STARS).map(Some) };
        if new_plan == Some(true) && rated {
            let key = Keys::STARS.name;
            let message = format!("{} is given for a new plan", section.path_of(key));
            section.wrong(&section.span_of(key), message, "a new plan has no stars; leave one of them out");
        }
        let stars_lag = section.read(&Keys::STARS_LAG);
        let double_bonus = section.read(&Keys::DOUBLE_BONUS_COUNTY);
        let pre_aca_cap = section.optional(&Keys::PRE_ACA_CAP_PMPM);
        let bid = section.read(&Keys::BID_PMPM);
        let risk_score = section.read(&Keys::RISK_SCORE);
        let part_d = section.read(&Keys::PART_D_PMPM);
        let is_provider = section.read(&Keys::PLAN_IS_PROVIDER);
        let (percent, includes_rebate, ratio) = if is_provider == Some(true) {
            let minimum = rules.as_ref().map(|rules| rules.minimum_medical_loss_ratio);
            let ratio = MinimumMedicalLossRatio::read(section, minimum);
            (Some(Share::ONE), Some(true), ratio.map(Some))
        } else {
            let percent = read::needed(section, &Keys::PERCENT_OF_PREMIUM);
            (percent, read::needed(section, &Keys::PREMIUM_INCLUDES_REBATE), Some(None))
        };
        let services = read::scope(section, &Keys::SERVICES, known);
        performance_year?;
        new_plan?;
        is_provider?;
        Some(Self {
            rules: rules?,
            county_fee_for_service: cost?,
            applicable_percents: applicable_percents?,
            stars: stars?,
            stars_lag: stars_lag? as usize,
            double_bonus: double_bonus?,
            pre_aca_cap: pre_aca_cap?,
            bid: bid?,
            risk_score: risk_score?,
            percent_of_premium: percent?,
            premium_includes_rebate: includes_rebate?,
            part_d: part_d?,
            plan_is_provider: ratio?,
            services: services?,
        })
    }
}

impl Settle for MedicareAdvantage {
    fn lan(&self) -> Lan {
        if self.plan_is_provider.is_some() { Lan::Integrated } else { Lan::of_capitation(&self.services) }
    }

    fn services(&self) -> ServiceScope {
        self.services.clone()
    }

    fn payment(&self) -> Payment {
        Payment::AtRisk(self.services.clone())
    }

    fn observes(&self) -> Vec<Observation> {
        vec![Observation::total(self.services.clone())]
    }

    fn scored(&self, composite: &Composite<'_>, settlement: &mut Settlement) -> Option<Scored> {
        let measured = match self.stars_lag {
            0 => Some(composite.value),
            lag => composite.earlier.len().checked_sub(lag).map(|year| composite.earlier[year]),
        };
        settlement.number("years from measured care to its stars", AGREED, self.stars_lag as f64);
        self.stars?;
        let Some(measured) = measured else {
            settlement.remark("the stars of the year are of care before the first year");
            return Some(Scored { terms: Box::new(self.clone()), steps: &[], how: "" });
        };
        settlement.share("composite of the measured year", CARRIED, measured);
        let stars = (0.5 * (10.0 * measured).round()).clamp(1.0, 5.0);
        let terms = Self { stars: Some(stars), ..self.clone() };
        let how = "5 × {composite of the measured year}, rounded to halves";
        Some(Scored { terms: Box::new(terms), steps: &["stars"], how })
    }

    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        let premium = self.premium(&mut settlement, year);
        settlement.rule("");
        settlement.number("member months", OBSERVED, year.exposure.0);
        settlement.share("percent of premium", AGREED, self.percent_of_premium.value());
        settlement.capitation = settlement.dollars(
            "capitation",
            "{percent of premium} × {premium} × {member months}",
            Pmpm(self.percent_of_premium.value() * premium.0) * year.exposure,
        );
        let at_risk = settlement.dollars("expenditure at risk", OBSERVED, year.figure(0));
        settlement.given_up = at_risk;
        if let Some(terms) = &self.plan_is_provider {
            settlement.rule("42 USC § 1395w-27(e)(4)");
            let revenue = ("capitation", settlement.capitation);
            let remittance =
                terms.remittance(&mut settlement, revenue, ("expenditure at risk", at_risk), year.exposure);
            if remittance > Dollars::ZERO {
                settlement.reconciliation = settlement.dollars("paid back", "-{remittance}", -remittance);
            }
        }
        settlement
    }
}
