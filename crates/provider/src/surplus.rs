//! How what a contract settles is divided within the provider.
//!
//! ```text
//! surplus: the reserve up to its floor, then payments per member in their order, then shares of the rest, of the reserve and of
//!          participants; the provider keeps what is left
//! loss:    a part is passed on to participants by their shares; the reserve bears the rest as far as it goes, then the provider
//! ```

use twosided_units::{Dollars, MemberMonths, Pmpm, Share};

/// Who gets what of a surplus, and who bears a loss.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sharing {
    /// Whether administration and programs come off before anything is divided.
    pub costs_first: bool,
    /// What the reserve is filled to before anything is distributed.
    pub floor: Dollars,
    /// The reserve's share of what is left after the floor and payments per member.
    pub reserve_share: Share,
    /// Who takes part, in the order in which payments per member are made.
    pub participants: Vec<Participant>,
    /// The part of a loss that participants bear, by their shares.
    pub passed_on: Share,
}

/// One of those who take part in a surplus.
#[derive(Clone, Debug, PartialEq)]
pub struct Participant {
    /// A name.
    pub name: String,
    /// What it is paid.
    pub part: Part,
    /// What its quality makes of that: all of it where none is stated.
    pub quality: Option<Quality>,
}

/// What a participant is paid of a surplus.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// A share of what is left after the floor and payments per member.
    Share(Share),
    /// A payment per member, as far as there is surplus.
    Pmpm(Pmpm),
}

/// A score that scales what is paid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// The score.
    pub score: Share,
    /// The score below which nothing is paid.
    pub minimum: Share,
}

impl Participant {
    /// Its share, before quality; none of a payment per member.
    pub fn share(&self) -> Share {
        match self.part {
            Part::Share(share) => share,
            Part::Pmpm(_) => Share::default(),
        }
    }

    /// The part of its pay that its quality earns.
    fn earned(&self) -> Share {
        match self.quality {
            None => Share::ONE,
            Some(Quality { score, minimum }) if score < minimum => Share::default(),
            Some(Quality { score, .. }) => score,
        }
    }
}

/// How one settlement is divided. The parts add up to what there is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Division {
    /// Paid to each participant, or borne by it if negative.
    pub participants: Vec<Dollars>,
    /// Put into the reserve, or taken from it if negative.
    pub reserve: Dollars,
    /// What the provider keeps, or bears if negative.
    pub kept: Dollars,
}

impl Division {
    /// The sum of all parts.
    pub fn total(&self) -> Dollars {
        self.participants.iter().copied().sum::<Dollars>() + self.reserve + self.kept
    }
}

impl Sharing {
    /// Divides a surplus, or a loss if negative, where the reserve holds this much.
    pub fn divide(&self, amount: Dollars, held: Dollars, months: MemberMonths) -> Division {
        if amount.0 < 0.0 { self.divide_loss(amount, held) } else { self.divide_surplus(amount, held, months) }
    }

    fn divide_surplus(&self, surplus: Dollars, held: Dollars, months: MemberMonths) -> Division {
        let missing = (self.floor - held).max(Dollars::ZERO);
        let to_floor = missing.min(surplus);
        let mut left = surplus - to_floor;
        let mut participants = vec![Dollars::ZERO; self.participants.len()];
        for (paid, participant) in participants.iter_mut().zip(&self.participants) {
            if let Part::Pmpm(pmpm) = participant.part {
                *paid = (pmpm * months * participant.earned()).min(left);
                left = left - *paid;
            }
        }
        let to_reserve = left * self.reserve_share;
        let mut kept = left - to_reserve;
        for (paid, participant) in participants.iter_mut().zip(&self.participants) {
            if let Part::Share(share) = participant.part {
                *paid = (left * share * participant.earned()).min(kept);
                kept = kept - *paid;
            }
        }
        Division { participants, reserve: to_floor + to_reserve, kept }
    }

    fn divide_loss(&self, loss: Dollars, held: Dollars) -> Division {
        let shares: f64 = self.participants.iter().map(|participant| participant.share().value()).sum();
        let passed_on = if shares > 0.0 { loss * self.passed_on } else { Dollars::ZERO };
        let bears = |participant: &Participant| match participant.share().value() {
            0.0 => Dollars::ZERO,
            share => passed_on * (share / shares),
        };
        let own = loss - passed_on;
        let reserve = Dollars::ZERO - held.max(Dollars::ZERO).min(-own);
        Division { participants: self.participants.iter().map(bears).collect(), reserve, kept: own - reserve }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    fn participant(name: &str, part: Part) -> Participant {
        Participant { name: name.to_owned(), part, quality: None }
    }

    /// A floor of 100, then $2 a month for coordinators, then 20% to the reserve, 50% and 20% to physicians.
    fn sharing() -> Sharing {
        let quality = |score| Some(Quality { score: share(score), minimum: share(0.6) });
        let of = |part, score| Participant { quality: quality(score), ..participant("one", part) };
        Sharing {
            costs_first: true,
            floor: Dollars(100.0),
            reserve_share: share(0.2),
            participants: vec![
                participant("primary care", Part::Share(share(0.5))),
                of(Part::Share(share(0.2)), 0.8),
                participant("coordinators", Part::Pmpm(Pmpm(2.0))),
            ],
            passed_on: share(0.3),
        }
    }

    fn amounts(division: &Division) -> Vec<f64> {
        let of_all = division.participants.iter().copied().chain([division.reserve, division.kept]);
        of_all.map(|amount| amount.0).collect()
    }

    fn assert_near(division: &Division, expected: &[f64]) {
        let divided = amounts(division);
        assert!(divided.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-9), "{divided:?}");
    }

    #[test]
    fn a_surplus_fills_the_floor_first_and_pays_members_before_shares() {
        let months = MemberMonths(50.0);
        // 60 to the floor, 100 per member, and of 840 left: 168 to the reserve, 420, 0.8 × 168, and the rest is kept.
        let division = sharing().divide(Dollars(1000.0), Dollars(40.0), months);
        assert_near(&division, &[420.0, 134.4, 100.0, 228.0, 117.6]);
        // Too little for anything but the floor, and for all payments per member.
        assert_near(&sharing().divide(Dollars(30.0), Dollars(40.0), months), &[0.0, 0.0, 0.0, 30.0, 0.0]);
        assert_near(&sharing().divide(Dollars(80.0), Dollars(100.0), months), &[0.0, 0.0, 80.0, 0.0, 0.0]);
    }

    #[test]
    fn nothing_is_paid_below_the_minimum_of_quality() {
        let mut sharing = sharing();
        sharing.participants[1].quality = Some(Quality { score: share(0.59), minimum: share(0.6) });
        let division = sharing.divide(Dollars(1000.0), Dollars(100.0), MemberMonths(0.0));
        assert_near(&division, &[500.0, 0.0, 0.0, 200.0, 300.0]);
    }

    #[test]
    fn a_loss_is_borne_by_shares_then_the_reserve_then_the_provider() {
        // 30% of 700 by 5 to 2; 490 are left, of which the reserve has 400.
        let division = sharing().divide(Dollars(-700.0), Dollars(400.0), MemberMonths(50.0));
        assert_near(&division, &[-150.0, -60.0, 0.0, -400.0, -90.0]);
        let covered = sharing().divide(Dollars(-100.0), Dollars(400.0), MemberMonths(50.0));
        assert_near(&covered, &[-150.0 / 7.0, -60.0 / 7.0, 0.0, -70.0, 0.0]);
    }

    #[test]
    fn the_parts_of_any_settlement_add_up_to_it() {
        // A linear congruential sequence in place of a law: what matters is that the rules are of every kind.
        let mut state = 12_345_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let (mut losses, mut floors) = (0, 0);
        for _ in 0..2_000 {
            let count = (next() * 5.0) as usize;
            let mut left = 1.0;
            let mut a_share = |uniform: f64| {
                let of = uniform * left;
                left -= of;
                share(of)
            };
            let reserve_share = a_share(next());
            let participants = (0..count).map(|_| {
                let part = if next() < 0.3 { Part::Pmpm(Pmpm(next() * 5.0)) } else { Part::Share(a_share(next())) };
                let quality = (next() < 0.5).then(|| Quality { score: share(next()), minimum: share(next()) });
                Participant { quality, ..participant("one", part) }
            });
            let sharing = Sharing {
                costs_first: false,
                participants: participants.collect(),
                reserve_share,
                floor: Dollars(next() * 1e6),
                passed_on: share(next()),
            };
            let (amount, held) = (Dollars((next() - 0.4) * 1e7), Dollars(next() * 1e6));
            let division = sharing.divide(amount, held, MemberMonths(next() * 1e5));
            assert!((division.total() - amount).0.abs() <= 1e-9 * amount.0.abs(), "{sharing:?} {division:?}");
            let all = amounts(&division);
            let sign = if amount.0 < 0.0 { -1.0 } else { 1.0 };
            assert!(all.iter().all(|part| part * sign >= 0.0), "{amount} {division:?}");
            assert!(division.reserve.0 >= -held.0, "the reserve pays more than it holds: {division:?}");
            losses += usize::from(amount.0 < 0.0);
            floors += usize::from(amount.0 > 0.0 && held.0 < sharing.floor.0);
        }
        assert!(losses > 500 && floors > 200, "{losses} {floors}");
    }
}
