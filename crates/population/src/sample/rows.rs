//! The rows of one segment in a trial's table.

/// A view of the table `[variant, year, segment, observation]` for one segment.
pub(super) struct Rows<'a> {
    pub(super) table: &'a mut [f64],
    pub(super) years: usize,
    /// Length of one year of one variant.
    pub(super) row: usize,
    pub(super) columns: usize,
    /// Index of the segment.
    pub(super) segment: usize,
}

impl Rows<'_> {
    fn start(&self, variant: usize, year: u32) -> usize {
        (variant * self.years + year as usize) * self.row + self.segment * self.columns
    }

    /// The row of a variant's year.
    pub(super) fn of(&mut self, variant: usize, year: u32) -> &mut [f64] {
        let start = self.start(variant, year);
        &mut self.table[start..start + self.columns]
    }

    /// Adds the reference's year to a variant's, which holds what the variant changes.
    pub(super) fn add_reference(&mut self, variant: usize, year: u32) {
        let (from, to) = (self.start(0, year), self.start(variant, year));
        for column in 0..self.columns {
            self.table[to + column] += self.table[from + column];
        }
    }
}
