//! Stop-loss: what another carrier pays when claims run high, for a premium.

use twosided_form::Section;
use twosided_population::{Attachment, Limit, Observation, ServiceScope};
use twosided_units::{Dollars, MemberMonths, Pmpm, Share};

use crate::{Known, read};

/// Specific stop-loss: pays a share of each member's annual claims above an attachment point.
#[derive(Clone, Debug, PartialEq)]
pub struct SpecificStopLoss {
    /// Annual claims of a member at which the cover starts, and segments with a higher one (lasers).
    pub attachment: Attachment,
    /// The share it pays, above zero.
    pub coinsurance: Share,
    /// The most it pays for one member.
    pub limit: Option<Dollars>,
    /// What the provider keeps of the year's recoveries before the cover pays (aggregating specific deductible).
    pub aggregating_deductible: Dollars,
    /// What it costs.
    pub premium: Pmpm,
}

/// Aggregate stop-loss: pays a share of the year's claims above a ratio of those expected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AggregateStopLoss {
    /// Claims expected, net of specific recoveries.
    pub expected: Pmpm,
    /// Ratio to expected claims at which the cover starts, as 1.1.
    pub attachment_ratio: f64,
    /// The share it pays.
    pub coinsurance: Share,
    /// The most it pays in a year.
    pub limit: Option<Dollars>,
    /// What it costs.
    pub premium: Pmpm,
}

impl SpecificStopLoss {
    /// The layer of each member's claims that the cover shares.
    pub fn layer(&self, services: ServiceScope) -> Observation {
        let limit = self.limit.map_or(Limit::Unlimited, |limit| Limit::Width(limit * (1.0 / self.coinsurance.value())));
        Observation::Layer { services, attachment: self.attachment.clone(), limit }
    }

    /// What the cover pays, given the layer's claims.
    ///
    /// ```text
    /// gross = sum over members of min(limit, coinsurance × max(0, claims - attachment point))
    /// net   = max(0, gross - aggregating deductible)
    /// ```
    pub fn recovery(&self, claims_in_layer: Dollars) -> Dollars {
        (claims_in_layer * self.coinsurance - self.aggregating_deductible).max(Dollars::ZERO)
    }
}

impl AggregateStopLoss {
    /// Claims of a year at which the cover starts.
    pub fn attachment_point(&self, exposure: MemberMonths) -> Dollars {
        self.expected * exposure * self.attachment_ratio
    }

    /// What the cover pays, given claims net of specific recoveries.
    ///
    /// ```text
    /// recovery = min(limit, coinsurance × max(0, net claims - ratio × expected))
    /// ```
    pub fn recovery(&self, net_claims: Dollars, exposure: MemberMonths) -> Dollars {
        let recovery = (net_claims - self.attachment_point(exposure)).max(Dollars::ZERO) * self.coinsurance;
        self.limit.map_or(recovery, |limit| recovery.min(limit))
    }
}

/// The share that a cover pays: all of it unless given, and never nothing.
fn read_coinsurance(section: &Section<'_>) -> Option<Share> {
    let coinsurance = read::share_or(section, "coinsurance", Share::ONE)?;
    if coinsurance == Share::ZERO {
        let message = format!("{}.coinsurance is 0", section.path);
        section.wrong(&section.span_of("coinsurance"), message, "it is the share that the cover pays, as 0.9");
        return None;
    }
    Some(coinsurance)
}

fn read_limit(section: &Section<'_>) -> Option<Dollars> {
    let help = "limit is the most dollars that the cover pays, from 1 to 1e12";
    section.number_within("limit", 1.0, 1e12, help).map(|at| Dollars(at.value))
}

impl SpecificStopLoss {
    pub(crate) fn read(section: Section<'_>, known: &Known) -> Option<Self> {
        let help = "attachment_point is dollars a member and year, from 1 to 1e12";
        section.require("attachment_point", "give the dollars a member at which the cover starts, as 250_000");
        let attachment_point = section.number_within("attachment_point", 1.0, 1e12, help);
        let lasers = section.or("lasers", None, |section| {
            let lasers = section.section("lasers")?;
            let help = "a laser is a segment's own attachment point, in dollars a member and year, from 1 to 1e12";
            let read = lasers.numbers_by_name(&known.segments, 1.0, 1e12, help);
            lasers.finish_named();
            read.map(Some)
        });
        let coinsurance = read_coinsurance(&section);
        let limit = section.or("limit", None, |section| read_limit(section).map(Some));
        let aggregating_deductible = read::dollars_or(&section, "aggregating_deductible", 0.0, 0.0, 1e12);
        let premium = read::dollars_or(&section, "premium_pmpm", 0.0, 0.0, 100_000.0);
        section.finish();
        let lasers = lasers?.unwrap_or_default().into_iter();
        Some(Self {
            attachment: Attachment {
                point: Dollars(attachment_point?.value),
                lasers: lasers.map(|(segment, point)| (segment, Dollars(point))).collect(),
            },
            coinsurance: coinsurance?,
            limit: limit?,
            aggregating_deductible: Dollars(aggregating_deductible?),
            premium: Pmpm(premium?),
        })
    }
}

impl AggregateStopLoss {
    pub(crate) fn read(section: Section<'_>) -> Option<Self> {
        section.require("attachment_ratio", "give the ratio to expected claims at which the cover starts, as 1.1");
        let help = "attachment_ratio is a ratio to expected claims, from 0.1 to 10: 110% is written 1.1";
        let attachment_ratio = section.number_within("attachment_ratio", 0.1, 10.0, help);
        let expected = read::pmpm(&section, "expected_pmpm", "expected_pmpm = 850");
        let coinsurance = read_coinsurance(&section);
        let limit = section.or("limit", None, |section| read_limit(section).map(Some));
        let premium = read::dollars_or(&section, "premium_pmpm", 0.0, 0.0, 100_000.0);
        section.finish();
        Some(Self {
            expected: expected?,
            attachment_ratio: attachment_ratio?.value,
            coinsurance: coinsurance?,
            limit: limit?,
            premium: Pmpm(premium?),
        })
    }
}
