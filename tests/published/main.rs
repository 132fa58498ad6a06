//! CMS's published settlements and examples computed by hand, row by row, every expected column.
//!
//! Each file beside this one names the origin of its rows. Figures of CMS files are rounded to whole dollars and to two decimals
//! of a percent, and inputs are so too: the tolerance of each column follows from that.

mod bundles;
mod capitation;
mod fees;
mod mssp;
mod pay_for_performance;
mod primary_care;
mod reach;
mod row;
mod stop_loss;
mod terms;
