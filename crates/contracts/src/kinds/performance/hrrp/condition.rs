//! The conditions of the program: what a hospital's readmissions for each came to, given or sampled.

use twosided_form::{At, Key, Literal::Number, Nested, Range, Section, keys, shortened};
use twosided_units::Share;

use crate::{AGREED, Known, OBSERVED, Settlement, read};

use super::{
    peer_median::PeerMedian,
    sampled::{SampledKeys, SampledReadmissions},
};

keys! {
    /// The conditions and procedures of the program.
    pub(crate) struct ConditionKeys "terms.hrrp.conditions" {
        AMI: Nested = HrrpCondition::Ami.key().meaning("acute myocardial infarction");
        COPD: Nested = HrrpCondition::Copd.key().meaning("chronic obstructive pulmonary disease");
        HEART_FAILURE: Nested = HrrpCondition::HeartFailure.key().meaning("heart failure");
        PNEUMONIA: Nested = HrrpCondition::Pneumonia.key().meaning("pneumonia");
        CABG: Nested = HrrpCondition::Cabg.key().meaning("coronary artery bypass graft");
        THA_TKA: Nested = HrrpCondition::ThaTka.key().meaning("hip or knee replacement");
    }
}

keys! {
    /// What a hospital's readmissions for a condition came to.
    pub(crate) struct ReadmissionKeys "terms.hrrp.conditions.condition" {
        DISCHARGES: u64 = Key::whole("discharges", 0, 10_000_000).absent("required without `sampled`", "112").meaning("the eligible discharges");
        EXCESS_READMISSION_RATIO: f64 = Key::number("excess_readmission_ratio", Range::of(0.0, 100.0)).absent("required without `sampled`", "1.02")
            .meaning("the predicted over the expected readmission rate");
        SAMPLED: Nested = Key::table("sampled", SampledKeys::TABLE)
            .absent("the two are given", "{ stays = \"heart failure stays\", readmissions = \"heart failure readmissions\", expected_rate = 0.21 }")
            .meaning("readmissions of the sampled years, from which the two follow");
        PEER_MEDIAN: f64 = Key::number("peer_median", Range::of(0.0, 100.0)).required("0.99")
            .meaning("the median of the ratio in the hospital's peer group");
        PEER_MEDIAN_SD: f64 = Key::number("peer_median_sd", Range::of(0.0, 1.0)).default(Number(0.0))
            .meaning("the standard deviation of what is not known of the median, with `sampled`").more("Each year draws from a normal law");
        PAYMENT_RATIO: Share = Key::share("payment_ratio").absent("required without `sampled`; with it, the expenditure on the stays over that on `services`", "0.05")
            .meaning("the condition's part of all base operating payments");
    }
}

/// A condition or procedure of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HrrpCondition {
    /// Acute myocardial infarction.
    Ami,
    /// Chronic obstructive pulmonary disease.
    Copd,
    /// Heart failure.
    HeartFailure,
    /// Pneumonia.
    Pneumonia,
    /// Coronary artery bypass graft.
    Cabg,
    /// Hip or knee replacement.
    ThaTka,
}

impl HrrpCondition {
    /// All conditions with the names that scenario files use.
    pub const NAMES: [(&'static str, Self); 6] = [
        ("ami", Self::Ami),
        ("copd", Self::Copd),
        ("hf", Self::HeartFailure),
        ("pneumonia", Self::Pneumonia),
        ("cabg", Self::Cabg),
        ("tha_tka", Self::ThaTka),
    ];

    /// The name that scenario files use.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }

    /// Standard deviation between hospitals of the effect on the logit of the readmission rate.
    ///
    /// # Source
    /// Least squares of the ratios of CMS's hospital file of fiscal year 2024, given its readmissions; see `docs/readmissions.md`.
    pub const fn hospital_sd(self) -> f64 {
        match self {
            Self::Ami => 0.154,
            Self::Copd => 0.138,
            Self::HeartFailure => 0.137,
            Self::Pneumonia => 0.1325,
            Self::Cabg => 0.2,
            Self::ThaTka => 0.261,
        }
    }

    const fn key(self) -> Key<Nested> {
        Key::table(self.name(), ReadmissionKeys::TABLE).absent(
            "none",
            "{ discharges = 120, excess_readmission_ratio = 1.04, peer_median = 0.9955, payment_ratio = 0.06 }",
        )
    }
}

/// A condition, as the terms have it.
#[derive(Clone, Debug, PartialEq)]
pub enum ConditionTerms {
    /// What its readmissions came to is given.
    Given(Readmissions),
    /// It follows from the sampled years.
    Sampled {
        /// Where it follows from.
        readmissions: SampledReadmissions,
        /// Median of the ratio among the hospital's peers.
        peer_median: PeerMedian,
        /// The condition's part of all base operating payments; that of expenditure where it is not given.
        payment_ratio: Option<Share>,
    },
}

/// What a hospital's readmissions for a condition came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Readmissions {
    /// Eligible discharges.
    pub discharges: f64,
    /// Predicted over expected readmission rate.
    pub excess_readmission_ratio: f64,
    /// Median of the ratio among the hospital's peers.
    pub peer_median: f64,
    /// The condition's part of all base operating payments.
    pub payment_ratio: f64,
}

impl ConditionTerms {
    fn read(section: Section<'_>, known: &Known, condition: HrrpCondition) -> Option<Self> {
        type Keys = ReadmissionKeys;
        let is_sampled = section.has(Keys::SAMPLED.name);
        let (median, sd) = (section.read(&Keys::PEER_MEDIAN), section.read(&Keys::PEER_MEDIAN_SD));
        let peer_median = median.zip(sd).map(|(mean, sd)| PeerMedian { mean, sd });
        if is_sampled {
            for key in [Keys::DISCHARGES.name, Keys::EXCESS_READMISSION_RATIO.name] {
                if section.has(key) {
                    let message = format!("{} has both `sampled` and `{key}`", section.path);
                    section.wrong(
                        &section.span_of(key),
                        message,
                        "what is sampled has it from the years: leave it out",
                    );
                }
            }
            let read = |section| SampledReadmissions::read(section, known, condition.hospital_sd());
            let readmissions = section.table(&Keys::SAMPLED).and_then(read);
            let payment_ratio = section.optional(&Keys::PAYMENT_RATIO);
            section.finish();
            return Some(Self::Sampled {
                readmissions: readmissions?,
                peer_median: peer_median?,
                payment_ratio: payment_ratio?,
            });
        }
        let discharges = read::needed(&section, &Keys::DISCHARGES);
        let ratio = read::needed(&section, &Keys::EXCESS_READMISSION_RATIO);
        let payment_ratio = read::needed(&section, &Keys::PAYMENT_RATIO);
        let sd = &Keys::PEER_MEDIAN_SD;
        if section.has(sd.name) {
            let message = format!("{} is given, and so is the ratio", section.path_of(sd.name));
            section.wrong(&section.span_of(sd.name), message, "leave it out, or let the readmissions be sampled");
            return None;
        }
        section.finish();
        Some(Self::Given(Readmissions {
            discharges: discharges? as f64,
            excess_readmission_ratio: ratio?,
            peer_median: peer_median?.mean,
            payment_ratio: payment_ratio?.value(),
        }))
    }
}

impl Readmissions {
    /// What the condition adds to the reduction, before the modifier.
    pub(super) fn contribution(&self) -> f64 {
        self.payment_ratio * (self.excess_readmission_ratio - self.peer_median).max(0.0)
    }

    pub(super) fn record(&self, settlement: &mut Settlement, name: &str, is_sampled: bool) {
        let (ratio, share) = if is_sampled { (OF_WINDOW, OBSERVED) } else { (AGREED, AGREED) };
        settlement.number(format!("{name}: excess readmission ratio"), ratio, self.excess_readmission_ratio);
        settlement.number(format!("{name}: peer median"), AGREED, self.peer_median);
        settlement.share(format!("{name}: payment ratio"), share, self.payment_ratio);
        let how = format!(
            "{{{name}: payment ratio}} × max(0, {{{name}: excess readmission ratio}} - {{{name}: peer median}})"
        );
        settlement.share(format!("{name}: contribution"), how, self.contribution());
    }
}

/// How a sampled ratio follows.
const OF_WINDOW: &str = "predicted over expected readmissions of the window";

/// Reads the conditions.
pub(super) fn read_conditions(section: Section<'_>, known: &Known) -> Option<Vec<(HrrpCondition, ConditionTerms)>> {
    let read = HrrpCondition::NAMES.map(|(_, condition)| {
        let read = |section| ConditionTerms::read(section, known, condition);
        let readmissions = section.optional_table(&condition.key(), read)?;
        Some(readmissions.map(|readmissions| (condition, readmissions)))
    });
    section.finish();
    let conditions: Option<Vec<_>> = read.into_iter().collect();
    Some(conditions?.into_iter().flatten().collect())
}

/// Reads the conditions that do not count.
pub(super) fn read_suppressed(section: &Section<'_>, key: &Key<Vec<At<String>>>) -> Option<Vec<HrrpCondition>> {
    let conditions = section.optional(key)?.unwrap_or_default().into_iter().map(|name| {
        let found =
            HrrpCondition::NAMES.iter().find(|(known, _)| *known == name.value).map(|&(_, condition)| condition);
        if found.is_none() {
            let message = format!("{} has \"{}\"", section.path_of(key.name), shortened(&name.value, 60));
            let known = HrrpCondition::NAMES.iter().map(|&(name, _)| name);
            section.wrong(&name.span, message, section.findings.suggestions.help(&name.value, known, "write one of"));
        }
        found
    });
    let conditions: Vec<Option<HrrpCondition>> = conditions.collect();
    conditions.into_iter().collect()
}
