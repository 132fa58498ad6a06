//! The streams of one segment in one trial, each made when it is first read.

use twosided_prob::{Purpose, Stream, StreamKey};

/// Purposes that have a slot.
const PURPOSES: usize = Purpose::PriorFrailty as usize + 1;
const NOT_MADE: u32 = u32::MAX;

/// Streams by service, year, variant and purpose.
#[derive(Clone, Debug, Default)]
pub(super) struct Streams {
    seed: u64,
    segment: u64,
    trial: u64,
    turns: usize,
    variants: usize,
    /// Index of each stream among those made.
    slots: Vec<u32>,
    made: Vec<Stream>,
}

impl Streams {
    /// Forgets all streams and begins those of a seed, a trial and a segment's key.
    pub(super) fn begin(&mut self, of: (u64, u64, u64), turns: usize, years: usize, variants: usize) {
        (self.seed, self.trial, self.segment) = of;
        (self.turns, self.variants) = (turns, variants);
        self.slots.clear();
        self.slots.resize(turns * years * variants * PURPOSES, NOT_MADE);
        self.made.clear();
    }

    /// The streams of one service, or of the people, in a year.
    pub(super) fn of(&mut self, turn: usize, service: u64, year: u32) -> YearStreams<'_> {
        YearStreams { streams: self, turn, service, year }
    }
}

/// The streams of a service's year, or of the people's.
pub(super) struct YearStreams<'a> {
    streams: &'a mut Streams,
    /// Index of the service in the order in which services are drawn, or the number of services for the people.
    turn: usize,
    /// The key of the service's name; 0 for the people.
    service: u64,
    pub(super) year: u32,
}

impl YearStreams<'_> {
    /// The stream of a purpose, from where it was last read.
    pub(super) fn get(&mut self, purpose: Purpose) -> &mut Stream {
        self.of_variant(0, purpose)
    }

    /// A variant's own stream of a purpose. Every variant reads the same numbers from their beginning, so that no variant's figures depend
    /// on which others there are.
    pub(super) fn of_variant(&mut self, variant: usize, purpose: Purpose) -> &mut Stream {
        let Self { streams, turn, service, year } = self;
        let slot =
            ((*year as usize * streams.turns + *turn) * streams.variants + variant) * PURPOSES + purpose as usize;
        if streams.slots[slot] == NOT_MADE {
            streams.slots[slot] = streams.made.len() as u32;
            let (seed, segment, trial) = (streams.seed, streams.segment, streams.trial);
            let key = StreamKey { seed, purpose, segment, service: *service, trial, year: *year };
            streams.made.push(Stream::new(&key));
        }
        &mut streams.made[streams.slots[slot] as usize]
    }
}
