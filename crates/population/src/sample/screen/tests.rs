//! The screen against the scores of everybody, from the same words.

use twosided_prob::{Purpose, Severity, scores_at, upper_score};

use super::*;
use crate::{
    Assignment, Life, Segment, Service, SocialRisk, Utilization,
    sample::{memory::Members, panel::Panel, streams::Streams},
};

/// A segment with one service that is moved by frailty, so that its people stand in order.
fn segment() -> Segment {
    let amount = Severity::empirical(&[(0.0, 1.0), (1.0, 2.0)]).expect("valid");
    let service =
        Service { name: "care".into(), utilization: Utilization::Annual { zero: 0.5, amount }, frailty_loading: 0.5 };
    Segment {
        name: "all".into(),
        group: None,
        payer: None,
        members: 1,
        risk_score: None,
        social_risk: SocialRisk::NONE,
        life: Life::default(),
        truncation_point: None,
        services: vec![service],
    }
}

const BLOCKS: u64 = 60;

/// Of a block's people, those whom the screen finds with their scores; the upper bits of everybody's word.
struct Screened {
    people: People,
    upper: Vec<u32>,
    found: Box<Candidates>,
}

fn screened(screen: &Screen, count: usize, block: u64) -> Screened {
    let (mut streams, mut members, mut people) = (Streams::default(), Members::default(), People::default());
    streams.begin((11, block, 0), 1, 1, 1);
    let panel = Panel::new(&segment(), Assignment::Prospective, false);
    let mut streams = streams.of(0, 0, 0);
    panel.live(count, &mut streams, &mut members);
    panel.line_up(&members, &mut people);
    let stream = streams.get(Purpose::Frequency);
    let mut pairs = vec![0; count.div_ceil(CHUNK) * CHUNK / 2];
    stream.clone().fill_half_words(&mut pairs);
    let upper_of = |position: usize| {
        let pair = pairs[position / CHUNK * CHUNK / 2 + position % (CHUNK / 2)];
        if position % CHUNK < CHUNK / 2 { pair << 16 } else { pair & 0xffff_0000 }
    };
    let upper = (0..count).map(upper_of).collect();
    let mut found = Box::default();
    screen.find(&people, stream, &mut found);
    Screened { people, upper, found }
}

/// The scores that words give a block's people.
fn scores_of(screen: &Screen, words: &[u32], frailty: &[f32]) -> Vec<f32> {
    let mut scores = vec![0.0; words.len()];
    scores_at(words, frailty, screen.loading, screen.own, &mut scores);
    scores
}

#[test]
fn the_screen_loses_nobody_who_uses_the_service() {
    for loading in [-1.0, -0.99, -0.9, -0.6, -0.1, 1e-3, 0.3, 0.6, 0.9, 0.99, 0.999_9, 1.0] {
        for probability in [1e-4, 0.003, 0.05, 0.3, 0.5, 0.8, 0.999] {
            let first = upper_score(probability);
            let screen = Screen::new(loading, first);
            let (mut users, mut everybody) = (0, 0);
            for block in 0..BLOCKS {
                let count = [BLOCK, 1_000, 65, 64, 63, 1][block as usize % 6];
                let Screened { people, upper, found } = screened(&screen, count, block);
                let (positions, scores) = found.found();
                assert!(positions.is_sorted_by(|one, next| one < next), "each at most once, in order");
                // The lower bits of the others are not drawn: with all of them zero, their score is the greatest that it can be.
                let greatest = scores_of(&screen, &upper, &people.frailty);
                for (position, &score) in greatest.iter().enumerate() {
                    let is_found = positions.binary_search(&(position as u32)).is_ok();
                    assert!(
                        is_found || f64::from(score) < first,
                        "loading {loading}, use {probability}: {position} has up to {score} and is passed over"
                    );
                }
                // Those found have the scores of their own words and frailties.
                let of_found =
                    |all: &[f32]| positions.iter().map(|&position| all[position as usize]).collect::<Vec<_>>();
                let words = &found.words[..found.count];
                assert_eq!(scores, scores_of(&screen, words, &of_found(&people.frailty)));
                assert!(words.iter().zip(positions).all(|(word, &at)| word & 0xffff_0000 == upper[at as usize]));
                users += scores.iter().filter(|&&score| f64::from(score) >= first).count();
                everybody += count;
            }
            let (n, users) = (everybody as f64, users as f64);
            let off = (users - n * probability) / (n * probability * (1.0 - probability)).sqrt();
            assert!(off.abs() < 4.0, "loading {loading}, use {probability}: {users} of {n}, {off:.1} standard errors");
        }
    }
}

#[test]
fn the_screen_passes_few_who_do_not_use_a_rare_service() {
    let screen = Screen::new(0.6, upper_score(0.01));
    let found: usize = (0..BLOCKS).map(|block| screened(&screen, BLOCK, block).found.count).sum();
    let share = found as f64 / (BLOCKS as f64 * BLOCK as f64);
    assert!((0.01..0.04).contains(&share), "{share} of all are looked at, and 0.01 use it");
}
