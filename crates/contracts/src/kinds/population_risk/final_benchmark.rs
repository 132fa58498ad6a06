//! What ACO REACH and LEAD have in common: from a benchmark before discount to what an ACO keeps of the difference.

use twosided_form::{Key, Literal::Number};
use twosided_units::{Dollars, PerCapita, Share};

use crate::{AGREED, Corridor, OBSERVED, Settlement, Year};

use super::risk_score::{BenchmarkScore, ScoreCaps};

/// The key of a quality score.
pub(crate) const QUALITY_SCORE: Key<Share> = Key::share("quality_score")
    .default(Number(1.0))
    .meaning("the quality score: the part of the quality withhold that is earned back");

/// The benchmark before discount: per capita, times person-years, times the risk score where there is one.
pub(crate) fn before_discount(
    settlement: &mut Settlement,
    year: &Year<'_>,
    (per_capita, how): (PerCapita, &'static str),
    score: Option<(BenchmarkScore, ScoreCaps)>,
) -> Dollars {
    let agreed = settlement.per_capita("benchmark per capita", how, per_capita);
    let (name, per_capita) = settlement.benchmark_of_year(year, ("benchmark per capita", agreed));
    let years = year.exposure.person_years();
    settlement.number("person-years", OBSERVED, years.0);
    let Some((score, caps)) = score else {
        let how = settlement.how(|| format!("{{{name}}} × {{person-years}}"));
        return settlement.dollars("benchmark before discount", how, per_capita * years);
    };
    let score = if settlement.records_steps() {
        score.record(caps, settlement)
    } else {
        score.benchmark_score(caps.symmetric, caps.since_2019)
    };
    let how = settlement.how(|| format!("{{{name}}} × {{person-years}} × {{benchmark risk score}}"));
    settlement.dollars("benchmark before discount", how, per_capita * years * score)
}

/// A final benchmark's parts.
pub(crate) struct FinalBenchmark {
    pub(crate) before_discount: Dollars,
    pub(crate) discount: Share,
    /// Added to the benchmark before discount, as a share of it.
    pub(crate) add_on: Share,
    pub(crate) quality_withhold: Share,
    /// Part of the withhold that quality earns back.
    pub(crate) earned: Share,
    /// Whether the withhold is a share of the benchmark after discount.
    pub(crate) withhold_after_discount: bool,
    /// Health-equity adjustment, of either sign, where the model has one.
    pub(crate) equity: Option<Dollars>,
}

impl FinalBenchmark {
    pub(crate) fn settle(&self, settlement: &mut Settlement) -> Dollars {
        let mut before = self.before_discount;
        let mut base = "benchmark before discount";
        if self.add_on > Share::ZERO {
            settlement.share("add-on", AGREED, self.add_on.value());
            before = settlement.dollars(
                "benchmark with add-on",
                "{benchmark before discount} × (1 + {add-on})",
                before + before * self.add_on,
            );
            base = "benchmark with add-on";
        }
        settlement.share("discount", AGREED, self.discount.value());
        let discounted = before * self.discount.complement();
        let how = settlement.how(|| format!("{{{base}}} × (1 - {{discount}})"));
        settlement.dollars("benchmark after discount", how, discounted);
        settlement.share("quality withhold", AGREED, self.quality_withhold.value());
        settlement.share("quality withhold earned", AGREED, self.earned.value());
        let (of, withheld_from) =
            if self.withhold_after_discount { ("benchmark after discount", discounted) } else { (base, before) };
        let forfeited = withheld_from * self.quality_withhold * self.earned.complement();
        let how = settlement.how(|| format!("{{{of}}} × {{quality withhold}} × (1 - {{quality withhold earned}})"));
        settlement.dollars("quality withhold forfeited", how, forfeited);
        let Some(equity) = self.equity else {
            let how = "{benchmark after discount} - {quality withhold forfeited}";
            return settlement.dollars("final benchmark", how, discounted - forfeited);
        };
        settlement.dollars(
            "final benchmark",
            "{benchmark after discount} - {quality withhold forfeited} + {health-equity adjustment}",
            discounted - forfeited + equity,
        )
    }
}

/// Who bears what of the difference between final benchmark and cost.
pub(crate) struct SharedDifference<'a> {
    pub(crate) gains: &'a Corridor,
    pub(crate) losses: &'a Corridor,
    pub(crate) sequestration: Share,
    pub(crate) sequesters_losses: bool,
}

impl SharedDifference<'_> {
    /// What the ACO keeps or owes, after sequestration.
    pub(crate) fn settle(&self, settlement: &mut Settlement, benchmark: Dollars, cost: Dollars) -> Dollars {
        let gross = settlement.dollars("gross savings or losses", "{final benchmark} - {cost}", benchmark - cost);
        if benchmark <= Dollars::ZERO {
            settlement.remark("there is no benchmark, and so nothing is shared");
            return settlement.dollars("after sequestration", AGREED, Dollars::ZERO);
        }
        let rate = settlement.share("gross rate", "{gross savings or losses} / {final benchmark}", gross / benchmark);
        let corridor = if rate > 0.0 { self.gains } else { self.losses };
        let kept = corridor.settle(settlement, "rate after corridors", ("gross rate", rate));
        let shared = settlement.dollars(
            "shared savings or losses",
            "{rate after corridors} × {final benchmark}",
            benchmark * kept,
        );
        if shared < Dollars::ZERO && !self.sequesters_losses {
            settlement.remark("losses are not sequestered");
            return settlement.dollars("after sequestration", "{shared savings or losses}", shared);
        }
        settlement.share("sequestration", AGREED, self.sequestration.value());
        settlement.dollars(
            "after sequestration",
            "{shared savings or losses} × (1 - {sequestration})",
            shared * self.sequestration.complement(),
        )
    }
}
