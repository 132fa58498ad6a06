//! Settled rows: written with every step, and compared with what was published.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    io,
};

use twosided_contracts::{CoverPayments, Settlement, StepUnit};
use twosided_form::{Cells, shortened};
use twosided_units::{Dollars, Share};

use crate::near::{SegmentName, find};

/// One row, settled.
#[derive(Clone, Debug)]
pub struct SettledRow {
    /// What identifies the row, in the order of [`SettledRows::labels`].
    pub labels: Vec<String>,
    /// Line of the file.
    pub line: u64,
    /// What it came to, with its steps.
    pub settlement: Settlement,
    /// What covers paid and cost, where the terms have any.
    pub covers: CoverPayments,
    /// What taking part cost.
    pub administration: Dollars,
    /// Figures that were published, in the order of [`SettledRows::published`].
    pub published: Vec<Published>,
    /// What the file lacks to settle the row as was published, if anything; without steps, it is not settled at all.
    pub lacks: Option<String>,
}

/// A published figure and ours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Published {
    /// As published; none where the file has none.
    pub published: Option<Dollars>,
    /// Ours; none where the row cannot be settled.
    pub ours: Option<Dollars>,
}

/// All rows of a file, settled.
#[derive(Clone, Debug)]
pub struct SettledRows {
    /// Names of the columns that identify a row.
    pub labels: Vec<String>,
    /// Names of the published figures; the first is what agreement is counted by.
    pub published: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<SettledRow>,
    /// What is to be said of the file, each a sentence.
    pub remarks: Vec<String>,
}

/// How far ours may be from what was published.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// An amount.
    pub dollars: Dollars,
    /// A share of the published figure; the larger of the two holds.
    pub share: Share,
}

impl Tolerance {
    /// To the dollar.
    pub const DOLLAR: Self = Self { dollars: Dollars(1.0), share: Share::ZERO };

    /// Within a dollar, or a share of the published figure where that is more.
    pub const fn dollar_or(share: Share) -> Self {
        Self { share, ..Self::DOLLAR }
    }
}

/// How many rows agree on one figure, and which do not.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The figure.
    pub figure: &'static str,
    /// Rows that agree.
    pub agree: usize,
    /// Rows with a published figure.
    pub compared: usize,
    /// Rows without one.
    pub unpublished: usize,
    /// Places of those that do not.
    pub differ: Vec<usize>,
}

impl SettledRow {
    fn segment_name(&self) -> SegmentName<'_> {
        let [identifier, name] = [0, 1].map(|index| self.labels.get(index).map_or("", String::as_str));
        SegmentName { identifier, name }
    }
}

impl Published {
    fn agrees(&self, within: Tolerance) -> Option<bool> {
        // A millionth of a dollar for the last bits of a sum.
        let published = self.published?;
        let Some(ours) = self.ours else { return Some(false) };
        let allowed = within.dollars.0.max(within.share.value() * published.0.abs());
        Some((ours - published).0.abs() <= allowed + 1e-6)
    }
}

impl SettledRows {
    /// The row that is wanted: by what stands in its first column, or counted from one.
    ///
    /// # Errors
    /// What is said where there is none, with those that are like it in their first two columns.
    pub fn find(&self, wanted: &str) -> Result<&SettledRow, String> {
        let rows: Vec<SegmentName<'_>> = self.rows.iter().map(SettledRow::segment_name).collect();
        let column = self.labels.first().map_or("its first column", String::as_str);
        find(wanted, &rows, &shortened(column, 60)).map(|row| &self.rows[row])
    }

    /// Compares each published figure.
    pub fn compared(&self, within: Tolerance) -> Vec<Comparison> {
        let of_figure = |(index, &figure): (usize, &&'static str)| {
            let mut comparison = Comparison { figure, agree: 0, compared: 0, unpublished: 0, differ: Vec::new() };
            for (row, settled) in self.rows.iter().enumerate() {
                match settled.published[index].agrees(within) {
                    None => comparison.unpublished += 1,
                    Some(agrees) => {
                        comparison.compared += 1;
                        if agrees {
                            comparison.agree += 1;
                        } else {
                            comparison.differ.push(row);
                        }
                    }
                }
            }
            comparison
        };
        self.published.iter().enumerate().map(of_figure).collect()
    }

    /// Names of all steps with figures, each in the place where it first comes.
    fn step_names(&self) -> Vec<Cow<'static, str>> {
        let mut names: Vec<Cow<'static, str>> = Vec::new();
        for row in &self.rows {
            let mut after = 0;
            let steps = row.settlement.steps().iter().filter(|step| step.unit != StepUnit::Remark);
            for step in steps {
                match names[after..].iter().position(|known| *known == step.name) {
                    Some(index) => after += index + 1,
                    None if names[..after].contains(&step.name) => {}
                    None => {
                        names.insert(after, step.name.clone());
                        after += 1;
                    }
                }
            }
        }
        names
    }

    /// Writes one line a row: its labels, every step, what is paid, what covers and administration come to, and each published figure with the difference.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, out: impl io::Write) -> Result<(), csv::Error> {
        let names = self.step_names();
        let indices: BTreeMap<&str, usize> =
            names.iter().enumerate().map(|(index, name)| (name.as_ref(), index)).collect();
        let payments = [
            "reconciliation",
            "capitation",
            "care_management_fees",
            "fee_adjustment",
            "paid",
            "stop_loss_recoveries",
            "stop_loss_premiums",
            "administration",
            "paid_after_covers_and_administration",
        ];
        let mut out = Cells::new(out);
        let published = self
            .published
            .iter()
            .flat_map(|figure| [format!("published_{figure}"), format!("ours_less_published_{figure}")]);
        let payments: Vec<String> = payments.into_iter().map(str::to_owned).chain(published).collect();
        let mut taken: BTreeSet<String> = payments.iter().cloned().collect();
        // A label or a step that has the name of something else says which of them it is, and its number where there are more.
        let mut numbers: BTreeMap<String, u64> = BTreeMap::new();
        let mut unique = |kind: &str, name: &str| {
            let name = if taken.contains(name) { format!("{kind}{name}") } else { name.to_owned() };
            let mut numbered = name.clone();
            while !taken.insert(numbered.clone()) {
                let number = numbers.entry(name.clone()).or_insert(1);
                *number += 1;
                numbered = format!("{name}_{number}");
            }
            numbered
        };
        let labels: Vec<String> = self.labels.iter().map(|label| unique("label_", label)).collect();
        let steps: Vec<String> = names.iter().map(|name| unique("step_", &column_of(name))).collect();
        out.row(labels.iter().chain(&steps).chain(&payments))?;
        let mut figures = vec![None; names.len()];
        for row in &self.rows {
            figures.fill(None);
            for step in row.settlement.steps().iter().filter(|step| step.unit != StepUnit::Remark) {
                figures[indices[step.name.as_ref()]] = Some(step.value);
            }
            let settlement = &row.settlement;
            let payments = [
                settlement.reconciliation,
                settlement.capitation,
                settlement.care_management,
                settlement.fee_adjustment,
                settlement.total(),
                row.covers.recoveries,
                row.covers.premiums,
                row.administration,
                settlement.total() + row.covers.recoveries - row.covers.premiums - row.administration,
            ];
            let published = row.published.iter().flat_map(|published| {
                let difference = published.published.zip(published.ours).map(|(figure, ours)| ours - figure);
                [published.published, difference].map(|amount| amount.map(|amount| amount.0))
            });
            let figures = figures.iter().copied().chain(payments.map(|amount| Some(amount.0))).chain(published);
            let figures = figures.map(|figure| figure.map_or_else(String::new, figure_text));
            out.row(row.labels.iter().cloned().chain(figures))?;
        }
        out.finish()?;
        Ok(())
    }
}

/// The name of a step as a column: words joined by underscores.
fn column_of(step: &str) -> String {
    let words = step.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_")
}

/// A figure with at most six decimals, without zeros at its end.
fn figure_text(figure: f64) -> String {
    if figure == figure.trunc() && figure.abs() < 1e15 {
        return (figure as i64).to_string();
    }
    let mut text = format!("{figure:.6}");
    text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    if text == "-0" { "0".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_without_noise() {
        assert_eq!(figure_text(0.1 + 0.2), "0.3");
        assert_eq!(figure_text(-1e-12), "0");
        assert_eq!(figure_text(45_867_446.0), "45867446");
        assert_eq!(figure_text(100.0), "100");
    }

    #[test]
    fn agreement_is_by_dollars_or_by_share() {
        let figure = Published { published: Some(Dollars(1e6)), ours: Some(Dollars(1e6 + 50.0)) };
        let near = Tolerance::dollar_or(Share::new(1e-4).expect("a share"));
        assert_eq!(figure.agrees(Tolerance::DOLLAR), Some(false));
        assert_eq!(figure.agrees(near), Some(true));
        let any = Tolerance { dollars: Dollars(1e9), ..near };
        assert_eq!(Published { ours: None, ..figure }.agrees(any), Some(false));
        assert_eq!(Published { published: None, ours: Some(Dollars::ZERO) }.agrees(any), None);
    }
}
