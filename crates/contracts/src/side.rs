//! One direction of sharing: a minimum, a corridor and a limit.

use twosided_form::{Key, Literal::Number, Section, keys};
use twosided_units::Share;

use crate::{AGREED, Corridor, Settlement, rounding};

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

keys! {
    /// One direction of sharing.
    pub(crate) struct SideKeys "side" {
        MINIMUM_RATE: Share = Key::share("minimum_rate").default(Number(0.0))
            .meaning("the difference, as a share of benchmark or target, from which anything is shared")
            .more("Then from the first dollar");
        SHARING_RATE: Share = Key::share("sharing_rate").one_of("sharing", "0.5")
            .meaning("the provider's share of the whole difference");
        CORRIDOR: Corridor = Corridor::key("corridor").one_of("sharing", "[{ up_to = 0.05, share = 0.5 }, { share = 0.3 }]")
            .meaning("the provider's share band by band, of benchmark or target");
        LIMIT: Share = Key::share("limit").absent("none", "0.1")
            .meaning("the most that is shared, as a share of benchmark or target");
    }
}

impl Side {
    pub(crate) fn read(section: Section<'_>) -> Option<Self> {
        type Keys = SideKeys;
        let minimum_rate = section.read(&Keys::MINIMUM_RATE);
        let limit = section.optional(&Keys::LIMIT);
        let corridor = section.choose(
            "sharing",
            &[
                (&Keys::SHARING_RATE, &|| section.read(&Keys::SHARING_RATE).map(Corridor::flat)),
                (&Keys::CORRIDOR, &|| section.read(&Keys::CORRIDOR)),
            ],
        );
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
            let how = settlement.how(|| format!("{{{name}}}"));
            return Some(settlement.share(name_after_limit, how, part));
        };
        settlement.share("limit", AGREED, limit);
        let how = settlement.how(|| format!("clamp({{{name}}}, -{{limit}}, {{limit}})"));
        Some(settlement.share(name_after_limit, how, part.clamp(-limit, limit)))
    }
}
