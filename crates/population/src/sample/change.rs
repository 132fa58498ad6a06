//! What a variant changes of the costs of a service's events.

use twosided_prob::{Purpose, Severity};

use crate::elasticity::Elasticity;

use super::{
    add::{Columns, add, lane_sum, sum_counts},
    memory::{BlockMemory, Changes, Events, Varied},
    rows::Rows,
    streams::YearStreams,
    year::SegmentYear,
};

/// What a variant changes of a service.
pub(super) struct Change<'a> {
    pub(super) variant: usize,
    /// What an event costs over that of the reference.
    pub(super) price: f64,
    pub(super) severity: &'a Severity,
    /// What moves the amounts, with the events that do.
    pub(super) moved: Option<(Elasticity, &'a Events)>,
    pub(super) columns: &'a Columns,
    /// Whether what single events cost is kept.
    pub(super) keeps_amounts: bool,
    /// What costs are multiplied by.
    pub(super) factor: f64,
}

impl Change<'_> {
    /// What the kept events of an entry cost over those of the reference because the event that they follow costs another amount.
    fn moved_by(&self, events: &Events, entry: usize) -> f64 {
        let Some((elasticity, parent)) = self.moved else { return 1.0 };
        let stem = events.stems[entry] as usize;
        let [before, after] = [None, Some(self.variant)].map(|variant| parent.amounts_of(variant)[stem]);
        if before == after || events.factors[entry] == 0.0 {
            1.0
        } else {
            elasticity.factor(after) / events.factors[entry]
        }
    }

    /// Takes away what a variant avoids of the costs just drawn, and what it changes of those that it keeps.
    pub(super) fn take_avoided(
        &self,
        year: &SegmentYear<'_>,
        streams: &mut YearStreams<'_>,
        memory: &mut BlockMemory,
        events: &Events,
        varied: &mut Varied,
        rows: &mut Rows<'_>,
    ) {
        let BlockMemory { costs, parts, changes, severity: scratch, added_totals, .. } = memory;
        let Changes { shares, positions, counts, costs: avoided, parts: kept_parts } = changes;
        let Varied { kept, amounts, .. } = varied;
        let variant = self.variant;
        let of_kept = streams.of_variant(variant, Purpose::Kept);
        self.severity.kept_shares(of_kept, &events.counts, kept, shares, scratch);
        positions.clear();
        counts.clear();
        avoided.clear();
        for (index, (&count, &kept)) in events.counts.iter().zip(kept.iter()).enumerate() {
            let kept_cost = self.price * self.moved_by(events, index);
            if kept < count || kept_cost != 1.0 {
                positions.push(events.positions[index]);
                counts.push(count - kept);
                avoided.push(-costs[index] * (1.0 - shares[index] * kept_cost));
            }
        }
        let factor = self.factor;
        for &scope in &self.columns.scopes {
            add(&mut added_totals[variant][scope], positions, avoided, factor, false);
        }
        let row = rows.of(variant, year.year);
        self.columns.add(row, lane_sum(avoided) * factor, -sum_counts(counts));
        if !self.columns.capped.is_empty() {
            let mut rest = parts.as_slice();
            for (index, (&count, &kept)) in events.counts.iter().zip(kept.iter()).enumerate() {
                let (own, others) = rest.split_at(count as usize);
                rest = others;
                let kept_cost = self.price * self.moved_by(events, index);
                if kept < count || kept_cost != 1.0 {
                    self.columns.take_capped(row, own, factor, year.price_index);
                    let first = &own[..kept as usize];
                    let sum: f64 = first.iter().sum();
                    let scale = if sum > 0.0 { costs[index] * shares[index] * kept_cost / sum } else { 0.0 };
                    kept_parts.clear();
                    kept_parts.extend(first.iter().map(|amount| amount * scale));
                    self.columns.add_capped(row, kept_parts, factor, year.price_index);
                }
            }
        }
        if self.keeps_amounts {
            amounts.clear();
            let mut rest = events.amounts.as_slice();
            for (index, (&count, &kept)) in events.counts.iter().zip(kept.iter()).enumerate() {
                let (own, others) = rest.split_at(count as usize);
                rest = others;
                let (first, avoided) = own.split_at(kept as usize);
                let mut scale = self.moved_by(events, index);
                if kept < count {
                    let sum: f64 = first.iter().sum();
                    scale *= if sum > 0.0 { own.iter().sum::<f64>() * shares[index] / sum } else { 0.0 };
                }
                amounts.extend(first.iter().map(|amount| amount * scale));
                amounts.extend(std::iter::repeat_n(0.0, avoided.len()));
            }
        }
    }

    /// Adds events that a variant has on top of the reference's.
    pub(super) fn add_extra(
        &self,
        year: &SegmentYear<'_>,
        streams: &mut YearStreams<'_>,
        memory: &mut BlockMemory,
        varied: &mut Varied,
        rows: &mut Rows<'_>,
    ) {
        let Varied { extra, extra_stems, amounts, .. } = varied;
        if extra.is_empty() {
            return;
        }
        let BlockMemory { people, changes, severity: scratch, added_totals, .. } = memory;
        let Changes { positions, counts, costs, parts, .. } = changes;
        positions.clear();
        positions.extend(extra.iter().map(|&(position, _)| position));
        counts.clear();
        counts.extend(extra.iter().map(|&(_, count)| count));
        costs.resize(extra.len(), 0.0);
        let (variant, severity) = (self.variant, self.severity);
        severity.fill_sums(streams.of_variant(variant, Purpose::Added), counts, costs, scratch);
        if self.keeps_amounts || self.moved.is_some() || !self.columns.capped.is_empty() {
            parts.clear();
            let split = streams.of_variant(variant, Purpose::AddedSplit);
            parts.extend_from_slice(severity.amounts_of(split, counts, costs, scratch));
            if let Some((elasticity, parent)) = self.moved {
                let of_parent = parent.amounts_of(Some(variant));
                for (part, &stem) in parts.iter_mut().zip(extra_stems.iter()) {
                    *part *= elasticity.factor(of_parent[stem as usize]);
                }
                add_up(parts, counts, costs);
            }
            if self.keeps_amounts {
                amounts.extend_from_slice(parts);
            }
            people.weigh_each(positions, counts, parts);
        }
        people.weigh(positions, costs);
        let factor = self.factor * self.price;
        for &scope in &self.columns.scopes {
            add(&mut added_totals[variant][scope], positions, costs, factor, false);
        }
        let row = rows.of(variant, year.year);
        self.columns.add(row, lane_sum(costs) * factor, sum_counts(counts));
        self.columns.add_capped(row, parts, factor, year.price_index);
    }
}

/// Adds single amounts up, `counts` of them for each sum.
fn add_up(mut amounts: &[f64], counts: &[u32], sums: &mut [f64]) {
    for (sum, &count) in sums.iter_mut().zip(counts) {
        let (own, others) = amounts.split_at(count as usize);
        *sum = own.iter().sum();
        amounts = others;
    }
}
