//! CMS's own stop-loss in ACO REACH.

use twosided_form::Section;
use twosided_population::{Attachment, Limit, Observation, ServiceScope};
use twosided_units::{Dollars, Pmpm, Share};

use crate::{AGREED, OBSERVED, Settlement, Year, read};

/// CMS's own stop-loss: a charge on cost, and payouts for beneficiaries above an attachment point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReachStopLoss {
    /// Added to cost.
    pub charge: Pmpm,
    /// Annual expenditure of a beneficiary above which CMS pays.
    pub attachment_point: Dollars,
    /// The part of it that CMS pays.
    pub payout_rate: Share,
    /// By which payouts are scaled so that all charges pay for them.
    pub neutrality_factor: f64,
}

impl ReachStopLoss {
    /// What it observes: each beneficiary's expenditure above the attachment point.
    pub(super) fn layer(&self) -> Observation {
        Observation::Layer {
            services: ServiceScope::All,
            attachment: Attachment { point: self.attachment_point, ..Attachment::ZERO },
            limit: Limit::Unlimited,
        }
    }

    /// The charge less what CMS pays: what is added to expenditure.
    pub(super) fn settle(&self, settlement: &mut Settlement, year: &Year<'_>) -> Dollars {
        settlement.pmpm("stop-loss charge", AGREED, self.charge);
        settlement.number("months charged", OBSERVED, year.exposure.0);
        let charge = self.charge * year.exposure;
        let layer = settlement.dollars("expenditure above the attachment point", OBSERVED, year.figure(1));
        settlement.share("stop-loss payout rate", AGREED, self.payout_rate.value());
        settlement.number("stop-loss neutrality factor", AGREED, self.neutrality_factor);
        let payout = layer * self.payout_rate * self.neutrality_factor;
        settlement.dollars(
            "net stop-loss",
            "{stop-loss charge} × {months charged} - {expenditure above the attachment point} × {stop-loss payout rate} × {stop-loss neutrality factor}",
            charge - payout,
        )
    }

    pub(super) fn read(section: Section<'_>) -> Option<Self> {
        let charge = read::dollars_or(&section, "charge_pmpm", 0.0, 0.0, 100_000.0);
        let attachment_point = read::number(&section, "attachment_point", 1.0, 1e12, "attachment_point = 150_000");
        let payout_rate = read::share(&section, "payout_rate", "payout_rate = 0.8");
        let neutrality_factor = read::number_or(&section, "neutrality_factor", 1.0, 0.0, 10.0);
        section.finish();
        Some(Self {
            charge: Pmpm(charge?),
            attachment_point: Dollars(attachment_point?),
            payout_rate: payout_rate?,
            neutrality_factor: neutrality_factor?,
        })
    }
}
