//! What a contract carries from one year to the next: updates and rebasing of its benchmark, losses carried forward, and its
//! end.

use twosided_form::Section;
use twosided_units::{Dollars, PerCapita, Share};

use crate::{AGREED, CARRIED, SO_FAR, Settlement, Terms, Year, read, rounding};

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

/// How a benchmark is built anew.
#[derive(Clone, Debug, PartialEq)]
pub struct Rebasing {
    /// Years of an agreement: the benchmark is rebased after each of them.
    pub every: u32,
    /// Weights of the base years, the last year before the rebasing last; fewer years weigh in proportion.
    pub weights: Vec<f64>,
    /// Part of the average savings of the base years that is given back.
    pub prior_savings: Share,
    /// Most that is given back, as a share of the benchmark.
    pub prior_savings_cap: Share,
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

/// What a contract's terms stated in dollars of the first year are worth in another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Updates {
    /// What was expected: of rates, thresholds and prices set before the year.
    pub expected: f64,
    /// What was found after the year: of benchmarks updated retrospectively, with what makes them differ from their people.
    pub benchmark: f64,
    /// Mean risk score of the people assigned over what was expected of them in the first year.
    pub risk_score: f64,
}

impl Updates {
    /// The first year of terms that state what they mean.
    pub const NONE: Self = Self { expected: 1.0, benchmark: 1.0, risk_score: 1.0 };
}

/// What has become of a contract in the years before.
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    year: u32,
    /// The benchmark over what it would be without rebasing.
    level: f64,
    /// The year in which the benchmark was set, counted from 0.
    set_in: u32,
    past: Vec<PastYear>,
    losses: Dollars,
    advance_balance: Option<Dollars>,
    losses_in_a_row: u32,
    results: Dollars,
    ended: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct PastYear {
    /// Per person-year, before rebasing, without the year's error.
    benchmark: f64,
    /// Per person-year, as it was settled.
    settled_benchmark: f64,
    expenditure: f64,
    /// Of benchmarks since the first year, without the year's error.
    update: f64,
}

impl Default for Carried {
    fn default() -> Self {
        Self {
            year: 0,
            level: 1.0,
            set_in: 0,
            past: Vec::new(),
            losses: Dollars::ZERO,
            advance_balance: None,
            losses_in_a_row: 0,
            results: Dollars::ZERO,
            ended: false,
        }
    }
}

impl Carried {
    /// The year to be settled next, counted from 0.
    pub(crate) fn year(&self) -> u32 {
        self.year
    }

    /// Whether the contract has ended.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// The benchmark over what it would be without rebasing.
    pub fn level(&self) -> f64 {
        self.level
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
            let rebased = matches!(terms, Terms::Mssp(_) | Terms::SharedSavings(_));
            let compares = rebased || matches!(terms, Terms::Reach(_) | Terms::Lead(_));
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

impl Rebasing {
    fn read(section: Section<'_>) -> Option<Self> {
        section.require("every", "give the years of an agreement, as every = 5");
        let every = section.count("every", 1, 100, "every is a whole number of years from 1 to 100");
        let help = "weights are from 1 to 10 numbers of zero or more, the last year's last, as [0.1, 0.3, 0.6]";
        let weights = section.or("weights", vec![1.0, 1.0, 1.0], |section| section.numbers("weights", 0.0, 1e6, help));
        let weights = weights.filter(|weights| {
            let fine = (1..=10).contains(&weights.len()) && weights.iter().any(|weight| *weight > 0.0);
            if !fine {
                let message = format!("{} has no weight, or more than ten", section.path_of("weights"));
                section.wrong(&section.span_of("weights"), message, help);
            }
            fine
        });
        let prior_savings = read::share_or(&section, "prior_savings", Share::new(0.5).expect("a share"));
        let prior_savings_cap = read::share_or(&section, "prior_savings_cap", Share::new(0.05).expect("a share"));
        section.finish();
        Some(Self {
            every: every?.value as u32,
            weights: weights?,
            prior_savings: prior_savings?,
            prior_savings_cap: prior_savings_cap?,
        })
    }

    /// The rebased benchmark over what it would be without rebasing.
    ///
    /// ```text
    /// rebased = mean of base years (weight × expenditure × update since) + prior savings
    /// prior savings = min(share × max(0, mean of (benchmark - expenditure) × update since), cap × mean of base years)
    /// ```
    ///
    /// What was spent carries no error of the benchmarks of its year, so that updates since leave theirs out; the year's own error
    /// comes on top.
    fn level(&self, past: &[PastYear], update: f64) -> f64 {
        let years = past.iter().rev().zip(self.weights.iter().rev());
        let (mut weight, mut spent, mut saved, mut count) = (0.0, 0.0, 0.0, 0.0);
        for (year, &of_year) in years {
            let since = update / year.update;
            weight += of_year;
            spent += of_year * year.expenditure * since;
            saved += (year.settled_benchmark - year.expenditure) * since;
            count += 1.0;
        }
        let Some(last) = past.last().filter(|_| weight > 0.0) else { return 1.0 };
        let without = PerCapita(last.benchmark / last.update * update);
        let spent = spent / weight;
        // Nothing was spent, or there was no benchmark: nothing to rebase on.
        if spent <= 0.0 || without.0 <= 0.0 {
            return last.settled_benchmark / last.benchmark.max(f64::MIN_POSITIVE);
        }
        let given_back =
            (self.prior_savings.value() * (saved / count).max(0.0)).min(self.prior_savings_cap.value() * spent);
        (spent + given_back) / without.0
    }
}

/// What a settlement compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Against {
    /// The benchmark.
    pub benchmark: Dollars,
    /// The expenditure.
    pub expenditure: Dollars,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Arrangement, Known, Settle, SharedSavings};
    use twosided_form::Document;
    use twosided_units::MemberMonths;

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    /// An upside-only contract of half the savings against a benchmark of $10,000 for 1,000 people.
    fn arrangement(agreement: Agreement) -> Arrangement {
        let text = "benchmark = { per_capita = 10_000 }\nsavings = { minimum_rate = 0.0, sharing_rate = 0.5 }";
        let document = Document::new("test", text);
        let (terms, _) = document
            .read(|root| {
                let terms = SharedSavings::read(&root, &Known::anything());
                root.finish();
                terms
            })
            .expect("valid terms");
        Arrangement { agreement, ..Arrangement::of("test", crate::Terms::SharedSavings(terms)) }
    }

    fn settle(arrangement: &Arrangement, years: &[(f64, Updates)]) -> (Vec<f64>, Carried) {
        let mut carried = Carried::default();
        let settled = years.iter().map(|&(spent, updates)| {
            let figures = [spent];
            let year = Year { updates, ..Year::new(MemberMonths(12_000.0), 1_000, &figures) };
            arrangement.settle_carrying(&year, &mut carried).settlement.reconciliation.0
        });
        (settled.collect(), carried)
    }

    fn updated(factor: f64) -> Updates {
        Updates { expected: factor, benchmark: factor, ..Updates::NONE }
    }

    #[test]
    fn dollars_of_terms_are_those_of_the_first_year() {
        let (settled, _) = settle(&arrangement(Agreement::default()), &[(9.6e6, updated(1.0)), (10e6, updated(1.04))]);
        assert!((settled[0] - 0.2e6).abs() < 1e-6);
        assert!((settled[1] - 0.2e6).abs() < 1e-3);
        let own = Agreement { update: Some(1.05), ..Agreement::default() };
        let (settled, _) = settle(&arrangement(own), &[(9.6e6, updated(1.0)), (10e6, updated(1.04))]);
        assert!((settled[1] - 0.25e6).abs() < 1e-3);
    }

    #[test]
    fn a_rebased_benchmark_takes_savings_away_but_for_what_is_given_back() {
        let rebasing =
            Rebasing { every: 2, weights: vec![1.0, 3.0], prior_savings: share(0.5), prior_savings_cap: share(0.05) };
        let agreement = Agreement { rebasing: Some(rebasing), ..Agreement::default() };
        let years = [(9.8e6, updated(1.0)), (9.4e6, updated(1.0)), (9.5e6, updated(1.0))];
        let (settled, carried) = settle(&arrangement(agreement), &years);
        // Base: (9,800 + 3 × 9,400) / 4 = 9,500; average savings 400, half given back: 9,700.
        assert!((carried.level() - 0.97).abs() < 1e-12);
        assert!((settled[2] - 0.5 * 0.2e6).abs() < 1e-3);
    }

    #[test]
    fn carried_losses_are_taken_from_later_savings_once() {
        let agreement = Agreement { carried_losses: Some(share(0.5)), ..Agreement::default() };
        let years = [(10.4e6, updated(1.0)), (9.8e6, updated(1.0)), (9.5e6, updated(1.0)), (9.5e6, updated(1.0))];
        let (settled, _) = settle(&arrangement(agreement), &years);
        // $200,000 carried: $100,000 and $100,000 of the next two years' savings.
        for (settled, expected) in settled.iter().zip([0.0, 0.0, 0.15e6, 0.25e6]) {
            assert!((settled - expected).abs() < 1e-3, "{settled} against {expected}");
        }
    }

    #[test]
    fn risk_scores_move_the_benchmark_up_to_a_cap() {
        let risk_adjustment = Some(RiskAdjustment { cap: share(0.03), floor: share(0.03), normalization: 0.01 });
        let arrangement = arrangement(Agreement { risk_adjustment, ..Agreement::default() });
        let scored = |risk_score| Updates { risk_score, ..Updates::NONE };
        let (settled, _) = settle(&arrangement, &[(10e6, scored(1.02)), (10e6, scored(1.01)), (10e6, scored(1.10))]);
        for (settled, expected) in settled.iter().zip([0.1e6, 0.0, 0.15e6]) {
            assert!((settled - expected).abs() < 1e-3, "{settled} against {expected}");
        }
    }

    #[test]
    fn a_contract_ends_by_its_rules() {
        let ends = |ends, spent: &[f64]| {
            let mut two_sided = arrangement(Agreement { ends, ..Agreement::default() });
            if let crate::Terms::SharedSavings(terms) = &mut two_sided.terms {
                terms.losses = Some(terms.savings.clone());
            }
            let years: Vec<_> = spent.iter().map(|&spent| (spent, updated(1.0))).collect();
            settle(&two_sided, &years).1.ended()
        };
        let in_a_row = Ends { losses_in_a_row: Some(2), ..Ends::default() };
        assert!(!ends(in_a_row, &[11e6, 9e6, 11e6]));
        assert!(ends(in_a_row, &[9e6, 11e6, 11e6]));
        let cumulative = Ends { cumulative_loss: Some(Dollars(0.7e6)), ..Ends::default() };
        assert!(!ends(cumulative, &[11e6, 10.2e6]));
        assert!(ends(cumulative, &[11e6, 10.6e6]));
        assert!(ends(Ends { after_years: Some(2), ..Ends::default() }, &[9e6, 9e6]));
    }
}
