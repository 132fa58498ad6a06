//! CMS's own stop-loss in ACO REACH.

use twosided_form::{Key, Literal::Number, Range, Section, Status, Unit, keys};
use twosided_population::{Attachment, Limit, Observation, ServiceScope};
use twosided_units::{Dollars, Pmpm, Share};

use crate::{AGREED, OBSERVED, Settlement, Year};

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

keys! {
    /// CMS's own stop-loss.
    pub(crate) struct ReachStopLossKeys "terms.reach.stop_loss" {
        CHARGE_PMPM: Pmpm = Key::quantity("charge_pmpm", Unit::PMPM, Range::of(0.0, 100_000.0)).default(Number(0.0))
            .meaning("the charge that is added to cost");
        ATTACHMENT_POINT: Dollars = Key::quantity("attachment_point", Unit::PER_PERSON_YEAR, Range::of(1.0, 1e12))
            .required("150_000").meaning("the expenditure of a beneficiary above which CMS pays")
            .more("One band is modeled. REACH's own points and its bands need checking").status(Status::Unconfirmed);
        PAYOUT_RATE: Share = Key::share("payout_rate").required("0.8").meaning("the part that CMS pays");
        NEUTRALITY_FACTOR: f64 = Key::number("neutrality_factor", Range::of(0.0, 10.0)).default(Number(1.0))
            .meaning("the factor by which payouts are scaled so that all charges pay for them");
    }
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
        type Keys = ReachStopLossKeys;
        let charge = section.read(&Keys::CHARGE_PMPM);
        let attachment_point = section.read(&Keys::ATTACHMENT_POINT);
        let payout_rate = section.read(&Keys::PAYOUT_RATE);
        let neutrality_factor = section.read(&Keys::NEUTRALITY_FACTOR);
        section.finish();
        Some(Self {
            charge: charge?,
            attachment_point: attachment_point?,
            payout_rate: payout_rate?,
            neutrality_factor: neutrality_factor?,
        })
    }
}
