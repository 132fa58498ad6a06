//! The signature picture: every contract's distribution of gain side by side, in the order of the risk it passes on.

use super::axis::{Scale, vertical_dollars, vertical_title};
use super::column::{Column, bad_year_sign, labels, marks, mass_bar, masses, mean_sign, outline};
use super::distribution::{Distribution, level};
use super::palette::{BAND, CAPTION, GAIN_AREA, GRID, INK, LOSS_AREA, NOTE, PAGE, QUIET, TICK, TITLE};
use super::scene::{Anchor, Label, Pen, Point, Rectangle, Scene};
use super::{Chart, Gains, error_note, joined, period};
use crate::RiskMeasure;
use crate::text::Font;

const LEFT: f64 = 112.0;
const RIGHT: f64 = 14.0;
/// Most contracts side by side, with text that can be read; more stand in bands below each other.
const ACROSS: usize = 7;
/// Amounts within this share of the scale look like one.
const HAIR: f64 = 1.0 / 80.0;
/// Most lines of a name.
const NAME_LINES: usize = 7;
/// Sizes of text, the largest first: the first with which no word need be broken is taken.
const SIZES: [f64; 3] = [12.0, 11.5, 11.0];

/// Contracts left to right and in bands below each other, in the order given: for each the density of the provider's annual
/// gain, the mean, the band from 5% to 95%, the 1-in-20 bad year and the chance of a loss.
pub fn continuum(contracts: &[Gains]) -> Chart {
    let title = period(contracts).say("What each contract brings the provider {in a year}");
    Chart { stem: "continuum", scene: scene(contracts, &title), alt: alt(contracts), title }
}

fn alt(contracts: &[Gains]) -> String {
    let words = contracts.iter().map(|contract| {
        let [mean, bad_year, loss] = figures(contract).map(joined);
        format!(
            " {} (LAN {}): mean {mean}, {} {bad_year}, chance of a loss {loss}.",
            contract.name,
            contract.lan,
            contract.period.say("1-in-20 bad {year}"),
        )
    });
    let subject = period(contracts).say("Distribution of the provider's {annual} gain under each contract.");
    std::iter::once(subject).chain(words).collect()
}

/// The figures under a column, each with its error: mean, 1-in-20 bad year, chance of a loss. The reference has none, by
/// definition.
fn figures(contract: &Gains) -> [(String, String); 3] {
    if contract.is_reference {
        return ["$0", "$0", "0%"].map(|figure| (figure.to_owned(), String::new()));
    }
    [
        contract.money(contract.measure(RiskMeasure::MeanGain)),
        contract.money(contract.measure(RiskMeasure::ValueAtRisk95).negated()),
        contract.chance_of_loss(),
    ]
}

/// Sizes that depend on how many contracts share the page.
struct Sizes {
    /// Most columns of a band.
    across: usize,
    column: f64,
    plot_height: f64,
    text: Font,
    figure: Font,
}

impl Sizes {
    fn of(contracts: &[Gains]) -> Self {
        let bands = contracts.len().div_ceil(ACROSS).max(1);
        let across = contracts.len().div_ceil(bands).max(1);
        let column = (PAGE - LEFT - RIGHT) / across as f64;
        let plot_height = [420.0, 300.0, 250.0][bands.min(3) - 1];
        let fits = |size: &f64| {
            let (regular, bold) = (Font::regular(*size), Font::bold(*size));
            let room = column - 5.0;
            contracts.iter().all(|contract| {
                let whole = contract.name.split([' ', '-', '/']).all(|word| regular.width(word) <= room);
                whole && figures(contract).iter().all(|(figure, _)| bold.width(figure) <= room)
            })
        };
        let size = SIZES.into_iter().find(fits).unwrap_or(SIZES[SIZES.len() - 1]);
        Self { across, column, plot_height, text: Font::regular(size), figure: Font::bold(size) }
    }
}

fn scene(contracts: &[Gains], title: &str) -> Scene {
    let sizes = Sizes::of(contracts);
    let (low, high) = value_range(contracts);
    let hair = HAIR * (high - low);
    let parts: Vec<Distribution> =
        contracts.iter().map(|contract| Distribution::new(contract.sample).seen_at(hair)).collect();
    let mut scene = Scene::new(PAGE, 0.0);
    let titles = TITLE.wrap(title, PAGE - 40.0, 3);
    let after_title = scene.lines(&titles, (20.0, 30.0), Anchor::Start, TITLE);
    let mut end = key(&mut scene, contracts, &parts, after_title + 4.0);
    let bands: Vec<&[Gains]> =
        if contracts.is_empty() { vec![contracts] } else { contracts.chunks(sizes.across).collect() };
    // Grounds alternate from group to group, and a group that goes on in the next band keeps its own.
    let mut group = 0;
    for (index, band) in bands.iter().enumerate() {
        let columns: Vec<Column> = band
            .iter()
            .zip(&parts[index * sizes.across..])
            .enumerate()
            .map(|(index, (contract, parts))| {
                Column::new(contract, parts, LEFT + index as f64 * sizes.column, sizes.column)
            })
            .collect();
        let goes_on = index > 0 && band[0].lan == contracts[index * sizes.across - 1].lan;
        let first_group = if index == 0 || goes_on { group } else { group + 1 };
        let plot = Plot { low, high, sizes: &sizes, first_group };
        if index > 0 {
            scene.cuts.push(end + 2.0);
        }
        end = self::band(&mut scene, &columns, &plot, end + 18.0);
        group = first_group + band.chunk_by(|a, b| a.lan == b.lan).count().saturating_sub(1);
    }
    let lines = NOTE.wrap(&note(contracts, &parts), PAGE - 40.0, 6);
    let end = scene.lines(&lines, (20.0, end + 22.0), Anchor::Start, NOTE);
    scene.height = end + 2.0;
    scene
}

fn note(contracts: &[Gains], parts: &[Distribution]) -> String {
    let mut masses = parts.iter().flat_map(|parts| &parts.point_masses);
    let bars = if masses.clone().next().is_none() {
        ""
    } else {
        " Bar: an amount that recurs; its length is its share of trials, where the width of the widest outlines is 100%."
    };
    let hollow = if masses.any(|mass| !mass.exact) { " Hollow bar: amounts that nearly recur." } else { "" };
    format!(
        "Wider means more likely, from the 0.1% to the 99.9% quantile; do not compare widths between contracts.{bars}{hollow} \
         {}",
        error_note(contracts)
    )
}

/// What all bands share, and the number of a band's first group.
struct Plot<'a> {
    low: f64,
    high: f64,
    sizes: &'a Sizes,
    first_group: usize,
}

/// One row of columns with the names and the figures below; returns its lower end.
fn band(scene: &mut Scene, columns: &[Column], plot: &Plot, header: f64) -> f64 {
    let sizes = plot.sizes;
    let top = header + 8.0;
    let frame = Rectangle { left: LEFT, top, right: PAGE - RIGHT, bottom: top + sizes.plot_height };
    let names: Vec<Vec<String>> =
        columns.iter().map(|column| sizes.text.wrap(column.contract.name, column.width - 5.0, NAME_LINES)).collect();
    let line = sizes.text.line_height();
    let names_at = frame.bottom + 6.0 + line;
    let table_at = names_at + line * names.iter().map(Vec::len).max().unwrap_or(0).max(1) as f64 + 8.0;
    let table_end = table_at + 3.0 * (2.0 * line + 8.0) - 12.0;
    groups(scene, columns, plot.first_group, header, table_end);

    let scale = Scale::new(plot.low, plot.high, frame.bottom, frame.top).padded(0.05);
    vertical_dollars(scene, frame, scale, if sizes.plot_height > 400.0 { 9 } else { 6 }, TICK);
    let period = columns.first().map_or(period(&[]), |column| column.contract.period);
    vertical_title(scene, frame, &period.say("{Annual} gain to the provider"));
    let outlines: Vec<Vec<Rectangle>> = columns.iter().map(|column| outline(scene, column, scale)).collect();
    let zero = scale.pixel(0.0);
    scene.line(vec![(frame.left, zero), (frame.right, zero)], Pen::solid(INK, 2.0));
    for column in columns {
        masses(scene, column, scale);
    }
    for column in columns {
        marks(scene, column, scale);
    }
    for (column, outline) in columns.iter().zip(outlines) {
        labels(scene, column, scale, outline);
    }
    for (column, name) in columns.iter().zip(&names) {
        scene.lines(name, (column.middle(), names_at), Anchor::Middle, sizes.text);
    }
    table(scene, columns, sizes, table_at);
    table_end
}

/// All contracts on one scale, which always shows zero.
fn value_range(contracts: &[Gains]) -> (f64, f64) {
    let (mut low, mut high) = (0.0_f64, 0.0_f64);
    for contract in contracts {
        let sample = contract.sample;
        let mean = contract.measure(RiskMeasure::MeanGain).value;
        low = low.min(sample.quantile(level(0.001)).value).min(mean);
        high = high.max(sample.quantile(level(0.999)).value).max(mean);
    }
    (low, high)
}

/// What the signs that are drawn mean, in as many rows as it takes; returns the bottom of the last.
fn key(scene: &mut Scene, contracts: &[Gains], parts: &[Distribution], top: f64) -> f64 {
    type Sign = fn(&mut Scene, Point);
    let masses = || parts.iter().flat_map(|parts| &parts.point_masses);
    let entries: [(&str, bool, Sign); 8] = [
        ("likelihood of a gain", true, |scene, at| {
            scene.rectangle(Rectangle::around(at, 9.0, 5.0), GAIN_AREA, 1.0);
        }),
        ("of a loss", true, |scene, at| scene.rectangle(Rectangle::around(at, 9.0, 5.0), LOSS_AREA, 1.0)),
        ("one exact amount", masses().any(|mass| mass.exact), |scene, (x, y)| {
            mass_bar(scene, (x - 9.0, y), 18.0, INK, true);
        }),
        ("nearly one amount", masses().any(|mass| !mass.exact), |scene, (x, y)| {
            mass_bar(scene, (x - 9.0, y), 18.0, INK, false);
        }),
        ("5% to 95% of {years}", true, |scene, (x, y)| {
            scene.line(vec![(x - 9.0, y), (x + 9.0, y)], Pen::solid(QUIET, 4.0));
        }),
        ("mean", true, mean_sign),
        ("1-in-20 bad {year}: at most 5% of {years} are worse", true, |scene, (x, y)| {
            bad_year_sign(scene, (x + 13.0, y));
        }),
        ("fee-for-service = $0", true, |scene, (x, y)| {
            scene.line(vec![(x - 9.0, y), (x + 9.0, y)], Pen::solid(INK, 2.0));
        }),
    ];
    let (mut x, mut y) = (20.0, top);
    for (text, _, sign) in entries.into_iter().filter(|(_, is_drawn, _)| *is_drawn) {
        let text = period(contracts).say(text);
        let width = 26.0 + NOTE.width(&text) + 16.0;
        if x > 20.0 && x + width > scene.width - 10.0 {
            (x, y) = (20.0, y + 20.0);
        }
        sign(scene, (x + 9.0, y - 4.0));
        scene.label(Label::new(text, (x + 26.0, y), Anchor::Start, NOTE));
        x += width;
    }
    y + 6.0
}

/// Contracts of one LAN category stand on one ground, under its name.
fn groups(scene: &mut Scene, columns: &[Column], first: usize, header: f64, bottom: f64) {
    for (number, group) in (first..).zip(columns.chunk_by(|a, b| a.contract.lan == b.contract.lan)) {
        let (first, last) = (&group[0], &group[group.len() - 1]);
        if number % 2 == 0 {
            let ground = Rectangle { left: first.left, top: header - 15.0, right: last.right(), bottom };
            scene.rectangle(ground, BAND, 1.0);
        }
        let width = last.right() - first.left;
        let text = CAPTION.shorten(first.contract.lan, width - 4.0);
        scene.label(Label::new(text, (first.left + width / 2.0, header), Anchor::Middle, CAPTION));
    }
    scene.label(Label::new("LAN category", (LEFT - 8.0, header), Anchor::End, CAPTION));
}

/// Three rows of figures under the names, each with its error beneath.
fn table(scene: &mut Scene, columns: &[Column], sizes: &Sizes, top: f64) {
    let line = sizes.text.line_height();
    let bad = columns.first().map_or(String::new(), |column| column.contract.period.say("1-in-20 bad {year}"));
    for (index, caption) in ["Mean", &bad, "Chance of a loss"].into_iter().enumerate() {
        let y = top + index as f64 * (2.0 * line + 8.0);
        scene.line(vec![(20.0, y - line), (scene.width - RIGHT, y - line)], Pen::solid(GRID, 1.0));
        scene.lines(&CAPTION.wrap(caption, LEFT - 12.0, 2), (LEFT - 8.0, y), Anchor::End, CAPTION);
        for column in columns {
            let (figure, error) = &figures(column.contract)[index];
            scene.label(Label::new(figure, (column.middle(), y), Anchor::Middle, sizes.figure));
            scene.label(Label::new(error, (column.middle(), y + line), Anchor::Middle, sizes.text).quiet());
        }
    }
}
