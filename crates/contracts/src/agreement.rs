//! What a contract carries from one year to the next: updates and rebasing of its benchmark, losses carried forward, and its
//! end.

use twosided_form::Section;
use twosided_units::{Dollars, Share};

use crate::{
    AGREED, Against, BenchmarkUse, CARRIED, Carried, Rebasing, SO_FAR, Settlement, Terms, Updates, Year,
    carried::PastYear, read, rounding,
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
            let normalized = updates.risk_score / libm::pow(1.0 + adjustment.normalization, f64::from(carried.year));
            normalized.clamp(1.0 - adjustment.floor.value(), 1.0 + adjustment.cap.value())
        });
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
            let settled_benchmark = benchmark.0 / person_years;
            let besides = carried.level * year.benchmark_error(carried.set_in);
            carried.past.push(PastYear {
                benchmark: settled_benchmark / besides,
                settled_benchmark,
                expenditure: expenditure.0 / person_years,
                update: year.updates.benchmark / besides,
            });
            if let Some(share) = self.carried_losses {
                carried.losses = carry(settlement, (expenditure - benchmark).max(Dollars::ZERO), share, carried.losses);
            }
        }
        carried.advance_balance = Some(settlement.advance_balance);
        carried.results += settlement.result();
        carried.losses_in_a_row = if settlement.is_loss() { carried.losses_in_a_row + 1 } else { 0 };
        carried.year += 1;
        let Ends { losses_in_a_row, cumulative_loss, after_years } = self.ends;
        carried.ended = losses_in_a_row.is_some_and(|most| carried.losses_in_a_row >= most)
            || cumulative_loss
                .is_some_and(|most| rounding::exceeds(-carried.results.0, most.0, settlement.magnitude()))
            || after_years.is_some_and(|years| carried.year >= years);
    }

    /// Reads the table. What needs a benchmark is refused of kinds without one, and rebasing of kinds that are not rebased.
    pub(crate) fn read(section: Section<'_>, terms: Option<&Terms>) -> Option<Self> {
        if let Some(terms) = terms {
            let rebased = terms.benchmark() == BenchmarkUse::Rebased;
            let compares = terms.benchmark() != BenchmarkUse::None;
            for (key, applies) in [("risk_adjustment", compares), ("rebasing", rebased), ("carried_losses", compares)] {
                if section.has(key) && !applies {
                    let message = format!("{} does not apply to {}", section.path_of(key), terms.key());
                    let kinds = if key == "rebasing" {
                        "it is of the benchmarks of mssp and shared_savings; leave it out"
                    } else {
                        "it is of the benchmarks of mssp, shared_savings, reach and lead; leave it out"
                    };
                    section.wrong(&section.span_of(key), message, kinds);
                }
            }
        }
        let update = section.or("benchmark_update", None, |section| {
            let help = "benchmark_update is a factor a year, from 0.5 to 2, as 1.035 for 3.5% up";
            section.number_within("benchmark_update", 0.5, 2.0, help).map(|at| Some(at.value))
        });
        let risk_adjustment = section.or("risk_adjustment", None, |section| {
            let section = section.section("risk_adjustment")?;
            let cap = read::share_or(&section, "cap", Share::new(0.03).expect("a share"));
            let floor = section.or("floor", cap, |section| section.share("floor").map(Some));
            let normalization = read::number_or(&section, "normalization", 0.0, -0.5, 0.5);
            section.finish();
            let (cap, floor) = (cap?, floor??);
            Some(Some(RiskAdjustment { cap, floor, normalization: normalization? }))
        });
        let rebasing = section.or("rebasing", None, |section| Rebasing::read(section.section("rebasing")?).map(Some));
        let carried_losses = section.or("carried_losses", None, |section| section.share("carried_losses").map(Some));
        let ends = section.or("ends", Ends::default(), |section| {
            let section = section.section("ends")?;
            let years = |key| {
                section.or(key, None, |section| {
                    let help = "a number of years is a whole number from 1 to 100";
                    section.count(key, 1, 100, help).map(|at| Some(at.value as u32))
                })
            };
            let (losses_in_a_row, after_years) = (years("losses_in_a_row"), years("after_years"));
            let cumulative_loss = read::optional_dollars(&section, "cumulative_loss");
            section.finish();
            Some(Ends {
                losses_in_a_row: losses_in_a_row?,
                cumulative_loss: cumulative_loss?,
                after_years: after_years?,
            })
        });
        section.finish();
        Some(Self {
            update: update?,
            risk_adjustment: risk_adjustment?,
            rebasing: rebasing?,
            carried_losses: carried_losses?,
            ends: ends?,
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
