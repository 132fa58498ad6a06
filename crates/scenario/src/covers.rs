//! Whether contracts bear what their stop-loss covers pay.

use twosided_contracts::{
    Agreement, Arrangement, CapitationReconciliation, Covers, DisasterRelief, Episode, Mssp, Phase, Pool, Side, Terms,
};
use twosided_form::Warnings;
use twosided_population::Segment;
use twosided_units::{Dollars, MemberMonths, Share};

use crate::Scenario;

/// Notes covers that pay for what their contract does not bear: a stop-loss pays on cost as it is, and a settlement may truncate
/// it, share it with another stop-loss, or not look at it at all.
pub(crate) fn note(warnings: &mut Warnings, scenario: &Scenario) {
    for NotBorne { contract, path, cover, reason } in not_borne(scenario) {
        let message = format!("the {cover} cover of \"{contract}\" pays what its contract does not bear");
        warnings.note(&path, message, reason);
    }
}

/// A cover that pays for what its contract does not bear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotBorne {
    /// The contract.
    pub contract: String,
    /// Path of the cover in the scenario, as `contracts[1].covers.specific`.
    pub path: String,
    /// `specific` or `aggregate`.
    pub cover: &'static str,
    /// Why it is not borne.
    pub reason: String,
}

/// The covers of a scenario that pay for what their contracts do not bear.
pub fn not_borne(scenario: &Scenario) -> Vec<NotBorne> {
    let mut found = Vec::new();
    for (index, contract) in (1..).zip(&scenario.contracts) {
        for (which, phase) in contract.phases().iter().enumerate() {
            let path = match which {
                0 => format!("contracts[{index}].covers"),
                later => format!("contracts[{index}].later[{later}].covers"),
            };
            let whose = Whose { contract, scenario };
            let bearing = Bearing::of(&phase.terms, &contract.agreement);
            let mut note = |kind: &'static str, cover: &Cover<'_>| {
                if let Some(reason) = bearing.reason(cover, phase, &whose) {
                    let (contract, path) = (contract.name.clone(), format!("{path}.{kind}"));
                    found.push(NotBorne { contract, path, cover: kind, reason });
                }
            };
            let Covers { specific, aggregate, .. } = &phase.covers;
            if let Some(specific) = specific {
                let width = specific.limit.map(|limit| limit * (1.0 / specific.coinsurance.value()));
                let cover = Cover {
                    counts: "counts each person's whole cost",
                    reaches_above: &|segment, borne_to| {
                        let from = specific.attachment.of(segment.segment_name());
                        width.is_none_or(|width| from + width > borne_to)
                    },
                    coinsurance: specific.coinsurance,
                    limit: None,
                };
                note("specific", &cover);
            }
            if let Some(aggregate) = aggregate {
                let cover = Cover {
                    counts: "counts the year's whole cost",
                    reaches_above: &|_, _| true,
                    coinsurance: aggregate.coinsurance,
                    limit: aggregate.limit,
                };
                note("aggregate", &cover);
            }
        }
    }
    found
}

/// Whose care a contract is about.
struct Whose<'a> {
    contract: &'a Arrangement,
    scenario: &'a Scenario,
}

impl<'a> Whose<'a> {
    fn segments(&self) -> impl Iterator<Item = &'a Segment> + use<'a> {
        let covered = &self.contract.covered;
        self.scenario.population.segments().iter().filter(move |segment| covered.includes(segment))
    }

    fn members(&self) -> u64 {
        self.segments().map(|segment| segment.members).sum()
    }
}

/// What matters of a stop-loss.
struct Cover<'a> {
    /// What it counts, in words.
    counts: &'static str,
    /// Whether it pays for what a person of a segment costs above an amount.
    reaches_above: &'a dyn Fn(&Segment, Dollars) -> bool,
    /// The share that it pays.
    coinsurance: Share,
    /// The most that it pays in a year.
    limit: Option<Dollars>,
}

/// How much of what people cost can cost the provider anything under a contract.
enum Bearing {
    /// All of it, or a share of all of it.
    All,
    /// Up to the truncation points of segments.
    ToTruncationPoints,
    /// Up to this much a person.
    To(Dollars),
    /// Up to this much an episode of some service, the lowest of the contract's limits.
    ToEpisodeLimit { service: String, limit: Dollars },
    /// All but what CMS's own stop-loss pays of what a person costs from an amount on.
    BesidesStopLoss { from: Dollars, paid: f64 },
    /// A part of the fees for the provider's own care.
    OwnFees(Share),
    /// A pool of money, which cost can only forfeit.
    Pool(Pool),
    /// None of it, and why.
    Nothing(&'static str),
}

const FEES: &str = "fees pay for each service, and so cost is the payer's";
const NEVER_OWES: &str = "the contract owes nothing in any year: once its savings are gone, the cover pays for losses that the \
                          provider does not have";
const HAS_HAPPENED: &str = "of the first year, of which a part has already happened (year_to_date), it counts a whole simulated \
                            year, and the settlement only what is still to come of it";
const TRUED_UP: &str = "the capitation is settled to the fees that it replaces, and so cost is the payer's";

impl Bearing {
    fn of(terms: &Terms, agreement: &Agreement) -> Self {
        // Losses that are carried are paid out of later savings.
        let carries_losses = agreement.carried_losses.is_some_and(|share| share > Share::ZERO);
        let if_owes = |owes: bool, bearing: Self| {
            if owes || carries_losses { bearing } else { Self::Nothing(NEVER_OWES) }
        };
        let side_owes = |losses: &Option<Side>| losses.as_ref().is_some_and(owes);
        match terms {
            Terms::FeeForService(_) | Terms::Mips(_) | Terms::Hrrp(_) | Terms::HospitalVbp(_) => Self::Nothing(FEES),
            Terms::CareManagement(terms) if terms.fee_reduction == Share::ZERO => Self::Nothing(FEES),
            Terms::CareManagement(terms) => Self::OwnFees(terms.fee_reduction),
            Terms::PayForPerformance(terms) => match terms.target {
                Some(_) => Self::Pool(terms.pool),
                None => Self::Nothing(FEES),
            },
            Terms::Mssp(terms) if terms.year_to_date.is_some() => Self::Nothing(HAS_HAPPENED),
            Terms::Mssp(terms) => if_owes(mssp_owes(terms), Self::ToTruncationPoints),
            Terms::SharedSavings(terms) => {
                if_owes(side_owes(&terms.losses), terms.truncation_point.map_or(Self::All, Self::To))
            }
            Terms::Bundle(terms) => if_owes(side_owes(&terms.losses), Self::to_episode_limits(&terms.episodes)),
            Terms::BpciAdvanced(terms) => {
                if_owes(terms.rules.stop_loss > Share::ZERO, Self::to_episode_limits(&terms.episodes))
            }
            Terms::Cjr(terms) => if_owes(terms.stop_loss() > Share::ZERO, Self::to_episode_limits(&terms.episodes)),
            Terms::Team(terms) => {
                let episodes = terms.episodes.iter().map(|entry| &entry.episode);
                if_owes(terms.rules.stop_loss > Share::ZERO, Self::to_episode_limits(episodes))
            }
            Terms::ProspectiveBundle(terms) => Self::to_episode_limits(&terms.episodes),
            Terms::Reach(terms) => {
                let bearing = terms.stop_loss.map_or(Self::All, |cover| Self::BesidesStopLoss {
                    from: cover.attachment_point,
                    paid: cover.payout_rate.value() * cover.neutrality_factor,
                });
                if_owes(terms.rules.corridor.kept(-MOST_RATE) < 0.0, bearing)
            }
            Terms::Lead(terms) => if_owes(terms.rules.losses.kept(-MOST_RATE) < 0.0, Self::All),
            Terms::PrimaryCareFirst(_) | Terms::HospitalGlobalBudget(_) => Self::OwnFees(Share::ONE),
            Terms::PrimaryCareCapitation(terms) => match terms.reconciliation {
                CapitationReconciliation::TrueUp => Self::Nothing(TRUED_UP),
                CapitationReconciliation::None | CapitationReconciliation::Leakage(_) => {
                    Self::OwnFees(terms.share_of_fees)
                }
            },
            Terms::SharedRiskPool(_)
            | Terms::Capitation(_)
            | Terms::MedicareAdvantage(_)
            | Terms::MedicaidCorridor(_) => Self::All,
        }
    }

    fn to_episode_limits<'a>(episodes: impl IntoIterator<Item = &'a Episode>) -> Self {
        let limits = episodes.into_iter().filter_map(|episode| Some((&episode.service, episode.episode_limit?)));
        let lowest = limits.min_by(|(_, one), (_, other)| one.0.total_cmp(&other.0));
        lowest.map_or(Self::All, |(service, limit)| Self::ToEpisodeLimit { service: service.clone(), limit })
    }

    /// Why a cover pays what is not borne, if it does.
    fn reason(&self, cover: &Cover<'_>, phase: &Phase, whose: &Whose<'_>) -> Option<String> {
        let Whose { scenario, .. } = *whose;
        let reaches = |borne_to: Dollars| whose.segments().any(|segment| (cover.reaches_above)(segment, borne_to));
        let counts = cover.counts;
        match self {
            Self::All => None,
            Self::ToTruncationPoints => whose.segments().find_map(|segment| {
                let point = segment.truncation_point?;
                (cover.reaches_above)(segment, point).then(|| {
                    format!(
                        "the cover {counts}, and the settlement truncates that of segment \"{}\" at {point}: what lies above \
                         is paid by the cover and costs the provider nothing",
                        segment.name
                    )
                })
            }),
            Self::To(limit) => reaches(*limit).then(|| {
                format!(
                    "the cover {counts}, and the settlement truncates it at {limit}: what lies above is paid by the cover and \
                     costs the provider nothing"
                )
            }),
            Self::ToEpisodeLimit { service, limit } => reaches(*limit).then(|| {
                format!(
                    "the cover {counts}, and an episode of {service} counts up to {limit}: what lies above is paid by the cover \
                     and costs the provider nothing"
                )
            }),
            Self::BesidesStopLoss { from, paid } => {
                let twice = paid + cover.coinsurance.value() > 1.0 + 1e-9;
                (twice && reaches(*from)).then(|| {
                    format!(
                        "the cover {counts}, and of what a person costs above {from} the contract's own stop_loss pays {} \
                         already: the cover pays {} of it once more",
                        percent(*paid),
                        percent(cover.coinsurance.value())
                    )
                })
            }
            Self::OwnFees(part) => {
                let scope = phase.services();
                let services = whose.segments().flat_map(|segment| &segment.services);
                let borne = |name: &str| scenario.provider.shares(name).0.value() * part.value();
                let not_borne = services
                    .filter(|service| scope.includes(&service.name))
                    .find(|service| borne(&service.name) < 1.0 - 1e-9)?;
                let replaced = if *part == Share::ONE { String::new() } else { format!("{} of ", percent(part.value())) };
                Some(format!(
                    "the cover {counts}, and the contract replaces {replaced}the provider's own fees alone, which are {} of \
                     what {} costs (provider.own_share): the rest is the payer's",
                    percent(scenario.provider.shares(&not_borne.name).0.value()),
                    not_borne.name,
                ))
            }
            Self::Pool(pool) => {
                let most = match *pool {
                    Pool::Pmpm(rate) => Some(rate * MemberMonths(12.0 * whose.members() as f64)),
                    Pool::OfFees(_) => None,
                };
                let within = most.zip(cover.limit).is_some_and(|(most, limit)| limit <= most);
                (!within).then(|| {
                    let of = most.map(|most| format!(" of {most} a year")).unwrap_or_default();
                    format!(
                        "the cover {counts}, and cost above the target can cost the provider no more than its pool{of}: a cover \
                         of it is an aggregate one with a limit"
                    )
                })
            }
            Self::Nothing(why) => Some(format!("the cover {counts}; {why}")),
        }
    }
}

/// A loss, as a share of the benchmark, that goes through every band of a corridor.
const MOST_RATE: f64 = 1e6;

/// Whether a side that shares losses ever does.
fn owes(side: &Side) -> bool {
    side.corridor.kept(-MOST_RATE) < 0.0 && side.limit != Some(Share::ZERO)
}

/// Whether an ACO ever owes anything.
fn mssp_owes(terms: &Mssp) -> bool {
    let rate = terms.rules.highest_loss_rate.unwrap_or_default();
    let is_relieved = terms.disaster_relief == DisasterRelief::Share(Share::ONE);
    let limit = terms.rules.loss_limit_of_benchmark;
    rate > Share::ZERO && terms.prorated_losses > Share::ZERO && !is_relieved && limit != Some(Share::ZERO)
}

/// A share in words.
fn percent(share: f64) -> String {
    format!("{}%", twosided_form::figure((share * 1e4).round() / 100.0))
}
