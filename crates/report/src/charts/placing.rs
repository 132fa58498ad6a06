//! Room for a label: beside what it names or, where that is taken, farther off with a line to it. There always is a place.

use super::palette::QUIET;
use super::scene::{Anchor, Label, Pen, Point, Rectangle, Scene};

/// How long a line to a label may be, for the sake of what is better free.
const LONG: f64 = 90.0;

/// Where labels may stand.
pub(super) struct Room {
    pub frame: Rectangle,
    /// What no label may cover.
    pub taken: Vec<Rectangle>,
    /// What a label covers only where it must.
    pub better_free: Vec<Rectangle>,
}

/// A label and the line from it to what it names.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub label: Label,
    pub leader: Option<[Point; 2]>,
}

impl Placed {
    pub fn draw(self, scene: &mut Scene) {
        if let Some(leader) = self.leader {
            scene.line(leader.to_vec(), Pen::solid(QUIET, 1.0));
        }
        scene.label(self.label);
    }
}

impl Room {
    /// Places a label and takes its room: at the first free of the places beside what it names, else as near to `named` as can be.
    /// It stands on a white ground where it covers what is better free.
    pub fn place(&mut self, label: &Label, beside: &[(Point, Anchor)], named: Point) -> Placed {
        let near = |room: &Self, free: bool| {
            let labels = beside.iter().map(|&(at, anchor)| Label { at, anchor, ..label.clone() });
            labels
                .into_iter()
                .find(|label| room.allows(&label.rectangle(), free))
                .map(|label| Placed { label, leader: None })
        };
        let mut placed = near(self, true)
            .or_else(|| {
                self.farther(label, named, true)
                    .filter(|placed| placed.leader.is_none_or(|leader| length(leader) < LONG))
            })
            .or_else(|| near(self, false))
            .or_else(|| self.farther(label, named, false))
            .unwrap_or_else(|| Placed { label: label.clone(), leader: None });
        let rectangle = placed.label.rectangle();
        placed.label.backed |= self.better_free.iter().any(|other| rectangle.overlaps(other));
        self.taken.push(rectangle);
        placed
    }

    fn allows(&self, rectangle: &Rectangle, free: bool) -> bool {
        let clear = |others: &[Rectangle]| others.iter().all(|other| !rectangle.overlaps(other));
        self.frame.contains(rectangle) && clear(&self.taken) && (!free || clear(&self.better_free))
    }

    /// The nearest place in the frame, with a line to what is named.
    fn farther(&self, label: &Label, named: Point, free: bool) -> Option<Placed> {
        const STEP: f64 = 4.0;
        let start = Label { at: (0.0, 0.0), anchor: Anchor::Start, ..label.clone() };
        // Measured once for all the places.
        let ground = start.rectangle();
        let across = ((self.frame.right - self.frame.left) / STEP) as usize;
        let down = ((self.frame.bottom - self.frame.top) / STEP) as usize;
        let indices = (0..=across).flat_map(|column| (0..=down).map(move |row| (column as f64, row as f64)));
        let places = indices.map(|(column, row)| {
            (self.frame.left + column * STEP - ground.left, self.frame.top + row * STEP - ground.top)
        });
        let allowed = places.map(|at| (at, ground.moved(at))).filter(|(_, moved)| self.allows(moved, free));
        let leaders = allowed.map(|(at, Rectangle { left, top, right, bottom })| {
            (at, [(named.0.clamp(left, right), named.1.clamp(top, bottom)), named])
        });
        let nearest = leaders.min_by(|(_, one), (_, other)| length(*one).total_cmp(&length(*other)));
        nearest.map(|(at, leader)| Placed { label: Label { at, ..start }, leader: Some(leader) })
    }
}

fn length([from, to]: [Point; 2]) -> f64 {
    (from.0 - to.0).hypot(from.1 - to.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Font;

    #[test]
    fn a_label_always_finds_a_place() {
        let frame = Rectangle { left: 0.0, top: 0.0, right: 200.0, bottom: 100.0 };
        let mut room = Room { frame, taken: Vec::new(), better_free: vec![frame] };
        let label = Label::new("88.2% at -$739k", (10.0, 20.0), Anchor::Start, Font::regular(11.0));
        let beside = [((10.0, 20.0), Anchor::Start)];
        let placed: Vec<Placed> = (0..5).map(|_| room.place(&label, &beside, (5.0, 20.0))).collect();
        assert!(placed[0].leader.is_none(), "what is better free is covered before the label is left out");
        assert!(placed[1..].iter().all(|placed| placed.leader.is_some()));
        for (index, one) in placed.iter().enumerate() {
            let rectangle = one.label.rectangle();
            assert!(frame.contains(&rectangle));
            assert!(placed[..index].iter().all(|other| !rectangle.overlaps(&other.label.rectangle())), "{index}");
        }
        let mut full = Room { frame, taken: vec![frame], better_free: Vec::new() };
        assert_eq!(full.place(&label, &beside, (5.0, 20.0)).label.at, label.at);
    }
}
