//! The `[surplus]` block: how what a contract settles is divided within the provider. No gain depends on it.

use twosided_contracts::Arrangement;
use twosided_form::{
    At, Key, List,
    Literal::{Number, Truth},
    Nested, Range, Section, Unit, keys, shortened, unique,
};
use twosided_provider::{Part, Participant, Quality, Sharing};
use twosided_units::{Dollars, Pmpm, Share};

use crate::limits::is_contract;

/// The sharing of a surplus.
#[derive(Clone, Debug, PartialEq)]
pub struct Surplus {
    /// The contract whose settlements are divided; each contract's where absent.
    pub of: Option<String>,
    /// The rules.
    pub sharing: Sharing,
}

keys! {
    /// The block.
    pub(crate) struct SurplusKeys "surplus" {
        OF: String = Key::text("of").absent("each contract by itself", "\"Track\"")
            .meaning("the contract or portfolio whose settlements are divided");
        COSTS_FIRST: bool = Key::truth("costs_first").default(Truth(true))
            .meaning("whether administration and programs come off before anything is divided");
        RESERVE: Nested = Key::table("reserve", ReserveKeys::TABLE).absent("nothing is set aside", "{ floor = 1_000_000, share = 0.2 }")
            .meaning("what is set aside for later losses")
            .more("It begins with `capital.reserve`");
        PARTICIPANTS: List = Key::tables("participants", ParticipantKeys::TABLE, 50)
            .absent("the provider keeps all", "[{ name = \"primary care\", share = 0.5 }]")
            .meaning("who takes part, payments per member in this order")
            .more("Shares are of what is left after the floor and payments per member, and with that of the reserve at most 1 in all. The provider keeps the rest");
        LOSSES: Nested = Key::table("losses", LossesKeys::TABLE).absent("the provider bears all", "{ passed_on = 0.3 }")
            .meaning("who bears a loss")
            .more("What is not passed on is taken from the reserve as far as it goes");
    }
}

keys! {
    /// What is set aside.
    pub(crate) struct ReserveKeys "surplus.reserve" {
        FLOOR: Dollars = Key::quantity("floor", Unit::DOLLARS, Range::of(0.0, 1e12)).default(Number(0.0))
            .meaning("what the reserve holds before anything is distributed");
        SHARE: Share = Key::share("share").default(Number(0.0))
            .meaning("the share of what is left after the floor and payments per member that goes to the reserve");
    }
}

keys! {
    /// One who takes part.
    pub(crate) struct ParticipantKeys "surplus.participants" {
        NAME: String = Key::name().more("Unique among participants");
        SHARE: Share = Key::share("share").one_of(PART, "0.5").meaning("a share of what is left after the floor and payments per member");
        PMPM: Pmpm = Key::quantity("pmpm", Unit::PMPM, Range::of(0.0, 100_000.0)).one_of(PART, "1.5")
            .meaning("a payment per member, as far as there is surplus");
        QUALITY: Nested = Key::table("quality", QualityKeys::TABLE).absent("all is paid", "{ score = 0.8, minimum = 0.6 }")
            .meaning("a score that scales what is paid").more("The provider keeps what it takes off");
    }
}

keys! {
    /// The score of a participant.
    pub(crate) struct QualityKeys "surplus.participants.quality" {
        SCORE: Share = Key::share("score").required("0.8").meaning("the score");
        MINIMUM: Share = Key::share("minimum").default(Number(0.0)).meaning("the score below which nothing is paid");
    }
}

keys! {
    /// Who bears a loss.
    pub(crate) struct LossesKeys "surplus.losses" {
        PASSED_ON: Share = Key::share("passed_on").required("0.3").meaning("the part that participants bear, by their shares");
    }
}

/// The group of keys of which a participant has one.
const PART: &str = "part";

/// Reads the block; `None` when anything in it is wrong. Of contracts that could not be read, nothing is said.
#[expect(clippy::option_option, reason = "none where it is wrong; some of none where it is absent")]
pub(crate) fn read(
    root: &Section<'_>,
    key: &Key<Nested>,
    contracts: Option<&[Arrangement]>,
) -> Option<Option<Surplus>> {
    root.optional_table(key, |section| {
        type Keys = SurplusKeys;
        let of = if section.has(Keys::OF.name) {
            let of = section.read_at(&Keys::OF).filter(|name| is_contract(&section, name, contracts));
            of.filter(|name| settles_anything(&section, name, contracts)).map(|name| Some(name.value))
        } else {
            Some(None)
        };
        let costs_first = section.read(&Keys::COSTS_FIRST);
        let reserve = section.optional_table(&Keys::RESERVE, |section| {
            type Keys = ReserveKeys;
            let (floor, share) = (section.read(&Keys::FLOOR), section.read(&Keys::SHARE));
            section.finish();
            Some((floor?, share?))
        });
        let mut names: Vec<At<String>> = Vec::new();
        let participants =
            section.optional_tables(&Keys::PARTICIPANTS, |section| read_participant(section, &mut names));
        let passed_on = section.optional_table(&Keys::LOSSES, |section| {
            let passed_on = section.read(&LossesKeys::PASSED_ON);
            section.finish();
            passed_on
        });
        let (floor, reserve_share) = reserve.map(Option::unwrap_or_default).unzip();
        let sharing = (|| {
            let sharing = Sharing {
                costs_first: costs_first?,
                floor: floor?,
                reserve_share: reserve_share?,
                participants: participants?,
                passed_on: passed_on?.unwrap_or_default(),
            };
            is_possible(&section, &sharing).then_some(sharing)
        })();
        section.finish();
        Some(Surplus { of: of?, sharing: sharing? })
    })
}

fn read_participant(section: Section<'_>, names: &mut Vec<At<String>>) -> Option<Participant> {
    type Keys = ParticipantKeys;
    let name = section.read_at(&Keys::NAME).filter(|name| unique(&section, names, name, "participant"));
    let part = section.choose(
        PART,
        &[
            (&Keys::SHARE, &|| section.read(&Keys::SHARE).map(Part::Share)),
            (&Keys::PMPM, &|| section.read(&Keys::PMPM).map(Part::Pmpm)),
        ],
    );
    let quality = section.optional_table(&Keys::QUALITY, |section| {
        type Keys = QualityKeys;
        let (score, minimum) = (section.read(&Keys::SCORE), section.read(&Keys::MINIMUM));
        section.finish();
        Some(Quality { score: score?, minimum: minimum? })
    });
    section.finish();
    Some(Participant { name: name?.value, part: part?, quality: quality? })
}

/// Whether a contract that is there settles anything; notes fee-for-service, which does not.
fn settles_anything(section: &Section<'_>, name: &At<String>, contracts: Option<&[Arrangement]>) -> bool {
    let is_reference = contracts
        .into_iter()
        .flatten()
        .any(|contract| contract.name == name.value && contract.is_fee_for_service_alone());
    if is_reference {
        let message = format!("\"{}\" is fee-for-service alone, which settles nothing", shortened(&name.value, 80));
        section.wrong(&name.span, message, "name another contract, or leave `of` out");
    }
    !is_reference
}

/// Whether the rules can be kept; notes those that cannot.
fn is_possible(section: &Section<'_>, sharing: &Sharing) -> bool {
    type Keys = SurplusKeys;
    let of_participants: f64 = sharing.participants.iter().map(|participant| participant.share().value()).sum();
    let shares = of_participants + sharing.reserve_share.value();
    let mut is_fine = true;
    if shares > 1.0 + 1e-9 {
        let message = format!("the shares of participants and the reserve are {} in all", rounded(shares));
        section.wrong(&section.span_of(Keys::PARTICIPANTS.name), message, "write shares that are at most 1 in all");
        is_fine = false;
    }
    if sharing.passed_on > Share::ZERO && of_participants == 0.0 {
        let path = section.path_of(Keys::LOSSES.name);
        let message = format!("{path}.passed_on is {}, and no participant has a share", sharing.passed_on.value());
        section.wrong(&section.span_of(Keys::LOSSES.name), message, "give a participant a share, or leave losses out");
        is_fine = false;
    }
    is_fine
}

fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use twosided_provider::Part;
    use twosided_units::Pmpm;

    use crate::tests::of_blocks;

    #[test]
    fn a_block_is_read_as_it_is_written() {
        let read = of_blocks(
            "[surplus]\nof = \"Rate\"\ncosts_first = false\nreserve = { floor = 1e6, share = 0.2 }\nlosses = { passed_on = 0.3 }\n\
             participants = [{ name = \"primary care\", share = 0.5, quality = { score = 0.8 } }, { name = \"coordinators\", pmpm = 1.5 }]\n",
        );
        let surplus = read.expect("it is fine").surplus.expect("it is there");
        assert_eq!(surplus.of.as_deref(), Some("Rate"));
        let sharing = surplus.sharing;
        assert!(!sharing.costs_first && sharing.floor.0 == 1e6 && sharing.passed_on.value() == 0.3);
        assert_eq!(sharing.participants[1].part, Part::Pmpm(Pmpm(1.5)));
        assert_eq!(sharing.participants[0].quality.expect("it has one").score.value(), 0.8);
        // All that is not stated: every settlement is kept.
        let kept = of_blocks("[surplus]\n").expect("it is fine").surplus.expect("it is there");
        assert!(kept.of.is_none() && kept.sharing.participants.is_empty() && kept.sharing.costs_first);
    }

    #[test]
    fn every_fault_is_noted() {
        let found = of_blocks(
            "[surplus]\nof = \"Rte\"\nreserve = { share = 0.4 }\n\
             participants = [{ name = \"a\", share = 0.5 }, { name = \"b\", share = 0.2 }]\n",
        )
        .expect_err("it is wrong");
        for said in ["no contract is named \"Rte\"", "the shares of participants and the reserve are 1.1 in all"] {
            assert!(found.iter().any(|message| message.contains(said)), "{said}: {found:?}");
        }
        let found = of_blocks(
            "[surplus]\nof = \"Fees\"\nlosses = { passed_on = 0.3 }\nparticipants = [{ name = \"a\", pmpm = 5 }]\n",
        )
        .expect_err("it is wrong");
        for said in ["fee-for-service alone, which settles nothing", "passed_on is 0.3, and no participant has a share"]
        {
            assert!(found.iter().any(|message| message.contains(said)), "{said}: {found:?}");
        }
        let found = of_blocks("[surplus]\nparticipants = [{ name = \"a\", share = 0.5 }, { name = \"a\" }]\n");
        assert!(found.expect_err("it is wrong").len() >= 2);
    }
}
