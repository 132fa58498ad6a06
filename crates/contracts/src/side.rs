//! One direction of sharing: a minimum, a corridor and a limit.

use twosided_form::Section;
use twosided_units::Share;

use crate::{AGREED, Corridor, Settlement, read, rounding};

/// One direction of sharing.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// Share of benchmark that the difference must reach before anything is shared; then the corridor counts from the
    /// first dollar.
    pub minimum_rate: Share,
    /// Who bears which part of the difference.
    pub corridor: Corridor,
    /// The most that is shared, as a share of benchmark.
    pub limit: Option<Share>,
}

impl Side {
    pub(crate) fn read(section: Section<'_>) -> Option<Self> {
        let minimum_rate = read::share_or(&section, "minimum_rate", Share::ZERO);
        let limit = section.or("limit", None, |section| section.share("limit").map(Some));
        let corridor = section.one_of(&["sharing_rate", "corridor"], |key| match key {
            "sharing_rate" => section.share("sharing_rate").map(Corridor::flat),
            _ => Corridor::read_bands(&section, "corridor"),
        });
        section.finish();
        Some(Self { minimum_rate: minimum_rate?, corridor: corridor?, limit: limit? })
    }

    /// The provider's part of a rate, under the names of its steps before and after the limit; none where the rate does not
    /// reach the minimum.
    pub(crate) fn settle(
        &self,
        settlement: &mut Settlement,
        rate: (&'static str, f64),
        name: &'static str,
        name_after_limit: &'static str,
    ) -> Option<f64> {
        let (_, size) = rate;
        let minimum = settlement.share("minimum rate", AGREED, self.minimum_rate.value());
        // A rate is of a benchmark less an expenditure, which are 1 and at most 1 more than the rate.
        if !rounding::reaches(size.abs(), minimum, 1.0 + size.abs()) {
            settlement.remark("the difference is below the minimum rate: nothing is shared");
            return None;
        }
        let part = self.corridor.settle(settlement, name, rate);
        let Some(limit) = self.limit.map(Share::value) else {
            let how = settlement.if_explained(|| format!("{{{name}}}"));
            return Some(settlement.share(name_after_limit, how, part));
        };
        settlement.share("limit", AGREED, limit);
        let how = settlement.if_explained(|| format!("clamp({{{name}}}, -{{limit}}, {{limit}})"));
        Some(settlement.share(name_after_limit, how, part.clamp(-limit, limit)))
    }
}
