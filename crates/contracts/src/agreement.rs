//! What a contract carries from one year to the next: updates and rebasing of its benchmark, losses carried forward, and its
//! end.

use twosided_form::{
    Key,
    Literal::{Number, Whole, Word},
    Nested, Range, Section, Status, Unit, keys,
};
use twosided_units::{Dollars, Share};

use crate::{
    AGREED, Advance, Against, BenchmarkUse, CARRIED, Carried, Rebasing, SO_FAR, Settlement, Terms, Unrecouped, Updates,
    Year, advance::AdvanceKeys, carried::PastYear, rebasing::RebasingKeys, rounding,
};

/// How a contract goes on from year to year.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Agreement {
    /// What the contract's dollars are updated by each year; the system's update where absent.
    pub update: Option<f64>,
    /// Whether the benchmark follows the risk scores of the people assigned.
    pub risk_adjustment: Option<RiskAdjustment>,
    /// When the benchmark is built anew from what was spent.
    pub rebasing: Option<Rebasing>,
    /// Part of what was spent above the benchmark, and not owed, that is taken from later savings.
    pub carried_losses: Option<Share>,
    /// What is paid before it is earned, besides what the terms say.
    pub advance: Option<Advance>,
    /// When the contract ends early.
    pub ends: Ends,
}

/// How a benchmark follows risk scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RiskAdjustment {
    /// Most that the ratio to the first year's expected score may rise.
    pub cap: Share,
    /// Most that it may fall.
    pub floor: Share,
    /// Growth of scores a year that is normalized away.
    pub normalization: f64,
    /// The part that is taken off for more complete coding.
    pub coding_adjustment: Share,
    /// Years by which the scores are old.
    pub lag: usize,
}

/// When a contract ends before its horizon does. After the year in which it ends, the provider is paid its fees alone.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ends {
    /// Years in a row with a loss; see [`Settlement::result`].
    pub losses_in_a_row: Option<u32>,
    /// Dollars lost in all, less what was gained, above which it ends.
    pub cumulative_loss: Option<Dollars>,
    /// Years after which it ends in any case.
    pub after_years: Option<u32>,
    /// What becomes of advances that are not recouped when losses end it.
    pub advances: Unrecouped,
}

keys! {
    /// How a contract goes on from year to year.
    pub(crate) struct AgreementKeys "agreement" {
        BENCHMARK_UPDATE: f64 = Key::number("benchmark_update", Range::of(0.5, 2.0)).absent("the system's", "1.035")
            .meaning("the factor a year on the contract's dollars, in place of what was expected: 1.035 is 3.5% up")
            .more("Attachment and truncation points do not follow it");
        RISK_ADJUSTMENT: Nested = Key::table("risk_adjustment", RiskAdjustmentKeys::TABLE)
            .absent("neither follows scores", "{ cap = 0.03 }")
            .meaning("how the benchmark, or a rate per member, follows risk scores")
            .more("Of kinds with a benchmark, and of the rates of `primary_care_capitation`, `shared_risk_pool`, `capitation`, `medicare_advantage` and `medicaid_corridor`. MSSP caps rises alone (`floor = 1`), by type and anew in each agreement; here the first year stays the anchor, for everyone together");
        REBASING: Nested = Key::table("rebasing", RebasingKeys::TABLE).absent("never", "{ every = 5 }")
            .meaning("how the benchmark of `mssp` or `shared_savings` is built anew");
        CARRIED_LOSSES: Share = Key::share("carried_losses").absent("none", "0.5")
            .meaning("the part of what was spent above the benchmark that is carried forward, in years in which nothing is owed under the terms, before covers")
            .more("It is taken from later savings, as far as covers leave them, after advances are recouped from them. An advance that is repaid is not owed in this sense");
        ENDS: Nested = Key::table("ends", EndKeys::TABLE).absent("with the horizon", "{ losses_in_a_row = 2 }")
            .meaning("when the contract ends early")
            .more("From the next year on, fees alone are paid");
        ADVANCE: Nested = Key::table("advance", AdvanceKeys::TABLE).absent("none", "{ amount = 250_000 }")
            .meaning("what is paid before it is earned, for kinds with a benchmark, besides `advance_payments` of `mssp`");
    }
}

keys! {
    /// How a benchmark follows risk scores.
    pub(crate) struct RiskAdjustmentKeys "agreement.risk_adjustment" {
        CAP: Share = Key::share("cap").default(Number(0.03))
            .meaning("the most that the ratio of the people's mean score to what was expected in the first year raises the benchmark or rate");
        FLOOR: Share = Key::share("floor").absent("as `cap`", "1").meaning("the most that it lowers it");
        NORMALIZATION: f64 = Key::number("normalization", Range::of(-0.5, 0.5)).default(Number(0.0))
            .meaning("the growth of scores a year that is taken out");
        CODING_ADJUSTMENT: Share = Key::share("coding_adjustment").default(Number(0.0))
            .meaning("the part that is taken off for more complete coding, such as 0.059 in Medicare Advantage");
        LAG: u32 = Key::whole("lag", 0, 10).default(Whole(0)).meaning("the years by which scores are old")
            .more("Before the first year they are as expected");
    }
}

keys! {
    /// When a contract ends early.
    pub(crate) struct EndKeys "agreement.ends" {
        LOSSES_IN_A_ROW: u32 = Key::whole("losses_in_a_row", 1, 100).absent("none", "2")
            .meaning("the years in a row with a [loss](#losses) after which it ends");
        CUMULATIVE_LOSS: Dollars = Key::quantity("cumulative_loss", Unit::DOLLARS, Range::of(0.0, 1e12)).absent("none", "2_000_000")
            .meaning("the dollars lost in all, less what was gained, more than which ends it").more("Not updated");
        AFTER_YEARS: u32 = Key::whole("after_years", 1, 100).absent("none", "5").meaning("the years after which it ends");
        ADVANCES: Unrecouped = Key::word("advances").default(Word("owed"))
            .meaning("what becomes of advances that are not recouped when losses end it: `\"owed\"` with the last settlement, or `\"kept\"`")
            .more("42 CFR § 425.630 asks an ACO that leaves its agreement to repay; whether that holds for an end by losses needs checking")
            .status(Status::Unconfirmed);
    }
}

impl Agreement {
    /// What the year's dollars are worth, and what is carried into it.
    pub(crate) fn begin<'a>(&self, year: &Year<'a>, carried: &mut Carried) -> Year<'a> {
        let mut updates = year.updates;
        if let Some(update) = self.update {
            let own = libm::pow(update, f64::from(carried.year));
            updates.benchmark *= own / updates.expected;
            updates.expected = own;
        }
        let ratio = self.risk_adjustment.map_or(1.0, |adjustment| {
            carried.risk_scores.push(updates.risk_score);
            let measured = carried.risk_scores.len().checked_sub(adjustment.lag + 1);
            let (score, years) = measured.map_or((1.0, 0), |year| (carried.risk_scores[year], year));
            let normalized = score / libm::pow(1.0 + adjustment.normalization, years as f64);
            let capped = normalized.clamp(1.0 - adjustment.floor.value(), 1.0 + adjustment.cap.value());
            capped * adjustment.coding_adjustment.complement().value()
        });
        updates.rate = ratio;
        updates.benchmark *= ratio / year.benchmark_error(0);
        if let Some(rebasing) = &self.rebasing
            && carried.year > 0
            && carried.year.is_multiple_of(rebasing.every)
        {
            carried.level = rebasing.level(&carried.past, updates.benchmark);
            carried.set_in = carried.year;
        }
        let error = year.benchmark_error(carried.set_in);
        Year {
            updates: Updates { benchmark: updates.benchmark * error * carried.level, ..updates },
            advance_balance: carried.advance_balance,
            ..*year
        }
    }

    /// Carries the year's result on, and takes earlier losses from what it earned.
    pub(crate) fn end(&self, year: &Year<'_>, settlement: &mut Settlement, carried: &mut Carried) {
        let person_years = year.exposure.person_years().0;
        if let Some(Against { benchmark, expenditure }) = settlement.against
            && person_years > 0.0
        {
            if self.rebasing.is_some() {
                let settled_benchmark = benchmark.0 / person_years;
                let besides = carried.level * year.benchmark_error(carried.set_in);
                carried.past.push(PastYear {
                    benchmark: settled_benchmark / besides,
                    settled_benchmark,
                    expenditure: expenditure.0 / person_years,
                    update: year.updates.benchmark / besides,
                });
            }
            if let Some(share) = self.carried_losses {
                carried.losses = carry(settlement, (expenditure - benchmark).max(Dollars::ZERO), share, carried.losses);
            }
        }
        carried.advance_balance = Some(settlement.advance_balance);
        carried.results += settlement.result();
        carried.losses_in_a_row = if settlement.is_loss() { carried.losses_in_a_row + 1 } else { 0 };
        carried.year += 1;
        let Ends { losses_in_a_row, cumulative_loss, after_years, advances } = self.ends;
        let ends_by_losses = losses_in_a_row.is_some_and(|most| carried.losses_in_a_row >= most)
            || cumulative_loss
                .is_some_and(|most| rounding::exceeds(-carried.results.0, most.0, settlement.magnitude()));
        carried.ended = ends_by_losses || after_years.is_some_and(|years| carried.year >= years);
        if let Some(advance) = &self.advance {
            carried.advance = advance.settle(carried.year - 1, settlement, carried.advance);
        }
        if ends_by_losses && advances == Unrecouped::Owed {
            settlement.repay_on_early_end(settlement.advance_balance + carried.advance);
            settlement.advance_balance = Dollars::ZERO;
            carried.advance = Dollars::ZERO;
        }
        settlement.advance_balance += carried.advance;
    }

    /// Reads the table. What needs a benchmark is refused of kinds without one, and rebasing of kinds that are not rebased.
    pub(crate) fn read(section: Section<'_>, terms: Option<&Terms>) -> Option<Self> {
        type Keys = AgreementKeys;
        if let Some(terms) = terms {
            let rebased = terms.benchmark() == BenchmarkUse::Rebased;
            let compares = terms.benchmark() != BenchmarkUse::None;
            let keys = [
                (Keys::RISK_ADJUSTMENT.name, compares || terms.has_risk_adjusted_rate()),
                (Keys::REBASING.name, rebased),
                (Keys::CARRIED_LOSSES.name, compares),
                (Keys::ADVANCE.name, compares),
            ];
            for (key, applies) in keys {
                if section.has(key) && !applies {
                    let message = format!("{} does not apply to {}", section.path_of(key), terms.key());
                    let kinds = if key == Keys::REBASING.name {
                        "it is of the benchmarks of mssp and shared_savings; leave it out"
                    } else if key == Keys::RISK_ADJUSTMENT.name {
                        "it is of benchmarks, and of the rates of primary_care_capitation, shared_risk_pool, capitation, medicare_advantage and medicaid_corridor; leave it out"
                    } else {
                        "it is of the benchmarks of mssp, shared_savings, reach and lead; leave it out"
                    };
                    section.wrong(&section.span_of(key), message, kinds);
                }
            }
        }
        let update = section.optional(&Keys::BENCHMARK_UPDATE);
        let risk_adjustment = section.optional_table(&Keys::RISK_ADJUSTMENT, RiskAdjustment::read);
        let rebasing = section.optional_table(&Keys::REBASING, Rebasing::read);
        let carried_losses = section.optional(&Keys::CARRIED_LOSSES);
        let ends = section.optional_table(&Keys::ENDS, Ends::read);
        let advance = section.optional_table(&Keys::ADVANCE, Advance::read);
        section.finish();
        Some(Self {
            update: update?,
            risk_adjustment: risk_adjustment?,
            rebasing: rebasing?,
            carried_losses: carried_losses?,
            ends: ends?.unwrap_or_default(),
            advance: advance?,
        })
    }
}

impl RiskAdjustment {
    fn read(section: Section<'_>) -> Option<Self> {
        type Keys = RiskAdjustmentKeys;
        let (cap, floor) = (section.read(&Keys::CAP), section.optional(&Keys::FLOOR));
        let normalization = section.read(&Keys::NORMALIZATION);
        let (coding_adjustment, lag) = (section.read(&Keys::CODING_ADJUSTMENT), section.read(&Keys::LAG));
        section.finish();
        let cap = cap?;
        Some(Self {
            cap,
            floor: floor?.unwrap_or(cap),
            normalization: normalization?,
            coding_adjustment: coding_adjustment?,
            lag: lag? as usize,
        })
    }
}

impl Ends {
    fn read(section: Section<'_>) -> Option<Self> {
        type Keys = EndKeys;
        let losses_in_a_row = section.optional(&Keys::LOSSES_IN_A_ROW);
        let (after_years, cumulative_loss) =
            (section.optional(&Keys::AFTER_YEARS), section.optional(&Keys::CUMULATIVE_LOSS));
        let advances = section.read(&Keys::ADVANCES);
        section.finish();
        Some(Self {
            losses_in_a_row: losses_in_a_row?,
            cumulative_loss: cumulative_loss?,
            after_years: after_years?,
            advances: advances?,
        })
    }
}

/// Takes earlier losses from what was earned; returns what is left of them, with the part of what was lost and is not owed.
///
/// Whether a loss is owed is a matter of the terms: a corridor may take part of a stop-loss recovery in a year without a loss, or
/// pay in one. Losses are taken from savings under the terms, as far as covers leave them.
fn carry(settlement: &mut Settlement, lost: Dollars, share: Share, earlier: Dollars) -> Dollars {
    settlement.rule("a commercial term");
    let earned = settlement.dollars("earned or owed before covers", SO_FAR, settlement.earned_before_covers);
    let left = settlement.dollars("earned or owed, without advances", SO_FAR, settlement.earned());
    settlement.dollars("losses carried into the year", CARRIED, earlier);
    let taken = settlement.dollars(
        "taken from savings",
        "max(0, min({earned or owed before covers}, {earned or owed, without advances}, {losses carried into the year}))",
        earned.min(left).min(earlier).max(Dollars::ZERO),
    );
    settlement.reconciliation += -taken;
    if rounding::exceeds(0.0, earned.0, settlement.magnitude()) {
        settlement.remark("the loss is owed, and not carried");
        return earlier - taken;
    }
    settlement.dollars("expenditure above the benchmark", SO_FAR, lost);
    settlement.share("part of a loss that is carried", AGREED, share.value());
    settlement.dollars(
        "losses carried on",
        "{losses carried into the year} - {taken from savings} + {expenditure above the benchmark} × {part of a loss that is carried}",
        earlier - taken + lost * share,
    )
}

#[cfg(test)]
mod tests;
