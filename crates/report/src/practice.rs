//! The practice as a whole: what contracts that are held at once add to its gain and its tail, by payer, by category of payment, and where
//! programs save; and what each party of a contract has.

mod nation;

use maud::{Markup, html};

use crate::{
    Figure, HeldFigures, Ledger, MarginFigures, Period, PracticeSummary, Summary,
    figures::{amount, chance, joined, money, probability},
    page::{Cells, TableRow, table},
    text::listed,
};

/// What stands for a figure that there is not.
const UNKNOWN: &str = "–";

/// The section of the page, if contracts are held at once.
pub(crate) fn section(summary: &Summary) -> Option<Markup> {
    let period = summary.period();
    (!summary.practice.is_empty()).then(|| {
        html! {
            @for practice in &summary.practice {
                @if summary.practice.len() > 1 { h3 { (practice.name) } }
                (margin(practice, period))
                (contracts(practice, period))
                (alone(practice, period))
                (payers(practice, period))
                (revenue(practice, period))
                (programs(practice, period))
            }
        }
    })
}

/// What each party has, if lines are kept.
pub(crate) fn ledgers(summary: &Summary) -> Option<Markup> {
    let headers = [
        "Contract",
        "Payer and patients",
        "Provider",
        "Other providers",
        "Insurer of stop-loss",
        "Chance that the payer saves",
    ];
    let row = |ledger: &Ledger| {
        let dollars = [&ledger.payer, &ledger.provider, &ledger.others, &ledger.insurer].map(dollars);
        TableRow::new(&ledger.contract, dollars.into_iter().chain([share(&ledger.probability_of_savings)]).collect())
    };
    (!summary.ledgers.is_empty()).then(|| {
        html! {
            p { (summary.period().say("Mean dollars {a year} that each party has more than under fee-for-service alone, on the same {years}. "))
                "What one party pays another receives, so that a row adds up to nothing. The payer's figure is its net savings. The "
                "provider's is before its own costs: care, programs and administration are no transfer." }
            (table(&headers.map(str::to_owned), &summary.ledgers.iter().map(row).collect::<Vec<_>>()))
        }
    })
}

fn dollars(figure: &Figure) -> Markup {
    amount(figure.shown())
}

fn share(figure: &Figure) -> Markup {
    probability(figure.shown())
}

fn share_or_unknown(figure: Option<&Figure>) -> Markup {
    figure.map_or_else(|| html! { (UNKNOWN) }, share)
}

fn said(headers: &[&str], period: Period) -> Vec<String> {
    headers.iter().map(|header| period.say(header)).collect()
}

fn margin(practice: &PracticeSummary, period: Period) -> Markup {
    html! {
        p { "The margin is all receipts of the practice, for its fees and under its contracts, less all costs. In 5 of 100 "
            (period.say("{years}")) " it is below the figure under 5%." }
        (margin_table(&[(&practice.name, &practice.margin)], period))
    }
}

fn margin_table(margins: &[(&str, &MarginFigures)], period: Period) -> Markup {
    let headers = ["{Annual} margin", "Mean", "Standard deviation", "5%", "25%", "Median", "75%", "95%", "Below zero"];
    let rows = margins.iter().map(|(name, margin)| {
        let quantiles =
            [&margin.quantile_05, &margin.quantile_25, &margin.quantile_50, &margin.quantile_75, &margin.quantile_95];
        let figures = [&margin.mean, &margin.sd].into_iter().chain(quantiles).map(dollars);
        TableRow::new(name, figures.chain([share(&margin.probability_below_zero)]).collect())
    });
    table(&said(&headers, period), &rows.collect::<Vec<_>>())
}

/// The margin under every contract, if the provider has fees or costs of its own and lines are kept.
pub(crate) fn margins(summary: &Summary) -> Option<Markup> {
    let period = summary.period();
    let margins: Vec<(&str, &MarginFigures)> = summary
        .contracts
        .iter()
        .filter_map(|contract| Some((contract.name.as_str(), contract.margin.as_ref()?)))
        .collect();
    (!margins.is_empty()).then(|| {
        html! {
            h3 { "The margin under each contract" }
            p.note { "The margin is all receipts of the provider less all its costs; the gain is what it is above the margin of the same "
                (period.say("{years}")) " under fee-for-service alone. In 5 of 100 " (period.say("{years}"))
                " the margin is below the figure under 5%." }
            (margin_table(&margins, period))
        }
    })
}

/// The name of a contract with its payers, where those are stated.
fn named(held: &HeldFigures) -> String {
    let payers: Vec<&str> = held.payers.iter().map(String::as_str).collect();
    if payers.is_empty() { held.contract.clone() } else { format!("{} ({})", held.contract, listed(&payers)) }
}

/// What each contract adds to the gain and to the tail.
fn contracts(practice: &PracticeSummary, period: Period) -> Markup {
    let headers = [
        "Contract",
        "Mean gain {a year}",
        "Own VaR 95",
        "Own TVaR 95",
        "Own TVaR 99",
        "Adds to TVaR 95",
        "Adds to TVaR 99",
        "Share of TVaR 99",
    ];
    let all = || practice.contracts.iter().chain(&practice.rest);
    let rows = all().map(|held| {
        let own = [&held.mean_gain, &held.var_95, &held.tvar_95.own, &held.tvar_99.own];
        let parts = [&held.tvar_95.part, &held.tvar_99.part];
        let figures = own.into_iter().chain(parts).map(dollars);
        TableRow::new(&named(held), figures.chain([share_or_unknown(held.tvar_99.share.as_ref())]).collect())
    });
    let nothing = || html! {};
    let total = vec![
        dollars(&practice.mean_gain),
        nothing(),
        nothing(),
        nothing(),
        dollars(&practice.tvar_95),
        dollars(&practice.tvar_99),
        nothing(),
    ];
    let total = TableRow { total: true, ..TableRow::new(&practice.name, total) };
    let has_share = all().any(|held| held.tvar_99.share.is_some());
    let benefit = |figure: &Figure| joined(money(figure.shown(), false));
    html! {
        h4 { "What each contract adds" }
        p { "TVaR 99 is the mean loss of the worst 1% of " (period.say("{years}")) "; below zero, even those bring a gain on "
            "average. What a contract adds to it is the contract's own mean loss in the practice's worst 1%, so that the parts add up. A "
            "contract that adds less than nothing gains where the others lose." }
        (table(&said(&headers, period), &rows.chain([total]).collect::<Vec<_>>()))
        p { "The TVaR 95 of the practice is " (benefit(&practice.diversification_95)) " below the sum of the rows' own, and its TVaR 99 is "
            (benefit(&practice.diversification_99)) " below it: what one contract loses, another does not lose at the same time." }
        @if !has_share {
            p.note { "No share is shown: the TVaR 99 of the practice is not above zero beyond chance, or its error is not known." }
        }
    }
}

/// Each contract in the practice beside the same contract by itself.
fn alone(practice: &PracticeSummary, period: Period) -> Markup {
    let headers =
        ["Contract", "Adds to the mean gain", "Mean gain if the only one", "Own TVaR 95", "TVaR 95 if the only one"];
    let rows: Vec<TableRow> = practice
        .contracts
        .iter()
        .filter_map(|held| {
            let alone = held.alone.as_ref()?;
            let figures = [&held.mean_gain, &alone.mean_gain, &held.tvar_95.own, &alone.tvar_95];
            Some(TableRow::new(&held.contract, figures.into_iter().map(dollars).collect()))
        })
        .collect();
    html! {
        @if !rows.is_empty() {
            h4 { "Each contract if it is the only one" }
            p.note { "The only contract bears the programs that it runs and the fees that they cost. In the practice, these are paid "
                "once, and stand in a row of their own." }
            (table(&said(&headers, period), &rows))
        }
    }
}

fn payers(practice: &PracticeSummary, period: Period) -> Markup {
    let rows = practice.payers.iter().map(|payer| {
        let name = payer.payer.as_deref().map_or("Not stated".to_owned(), |name| {
            payer.kind.as_ref().map_or(name.to_owned(), |kind| format!("{name} ({kind})"))
        });
        let figures = [&payer.mean, &payer.sd].into_iter().map(dollars);
        TableRow::new(&name, figures.chain([share(&payer.probability_below_zero)]).collect())
    });
    let headers = ["Payer", "Mean margin {a year}", "Standard deviation", "Below zero"];
    html! {
        h4 { "By payer" }
        (table(&said(&headers, period), &rows.collect::<Vec<_>>()))
        p.note { "Before costs that no payer's people cause alone: fixed cost, steps and investments." }
    }
}

fn revenue(practice: &PracticeSummary, period: Period) -> Markup {
    let revenue = &practice.revenue;
    let rows = revenue.by_category.iter().map(|category| {
        TableRow::new(&category.lan, vec![dollars(&category.mean), share_or_unknown(category.share.as_ref())])
    });
    let own = vec![share_or_unknown(revenue.categories_3_and_4.as_ref()), share_or_unknown(revenue.two_sided.as_ref())];
    let own = TableRow { total: true, ..TableRow::new(&practice.name, own) };
    let published =
        |share: Option<f64>| html! { (share.map_or(UNKNOWN.to_owned(), |percent| format!("{percent:.1}%"))) };
    let nation = nation::PAYMENTS.iter().map(|line| TableRow {
        name: format!("US, {}", line.business),
        total: false,
        cells: Cells::Figures(vec![published(line.categories_3_and_4), published(line.two_sided)]),
    });
    html! {
        h4 { "Revenue by category of payment" }
        (table(&said(&["LAN category", "Mean revenue {a year}", "Share"], period), &rows.collect::<Vec<_>>()))
        (table(&["Payments", "Categories 3 and 4", "Two-sided: 3B and 4"].map(str::to_owned), &[own].into_iter().chain(nation).collect::<Vec<_>>()))
        p.note { (nation::NOTE) }
    }
}

fn programs(practice: &PracticeSummary, period: Period) -> Markup {
    let rows: Vec<TableRow> = practice
        .programs
        .iter()
        .map(|program| {
            let figures = [&program.avoided, &program.unshared].into_iter().map(dollars);
            TableRow::new(&program.program, figures.chain([share_or_unknown(program.spill_over.as_ref())]).collect())
        })
        .collect();
    let headers = ["Program", "Spending avoided {a year}", "Of that, shared by no contract", "Spill-over"];
    html! {
        @if !rows.is_empty() {
            h4 { "Where programs save" }
            p.note { "A program is paid for once and works on everyone whom it reaches. What it avoids for people whom no contract "
                "that shares savings covers goes to their payers alone: the spill-over." }
            (table(&said(&headers, period), &rows))
        }
    }
}

impl PracticeSummary {
    /// The practice in one line, for a terminal.
    pub(crate) fn in_short(&self) -> String {
        let margin = |figure: &Figure| joined(money(figure.shown(), false));
        format!(
            "{}: median margin {}, below zero in {}; 5% to 95% is {} to {}",
            self.name,
            margin(&self.margin.quantile_50),
            joined(chance(self.margin.probability_below_zero.shown(), false)),
            margin(&self.margin.quantile_05),
            margin(&self.margin.quantile_95)
        )
    }
}
