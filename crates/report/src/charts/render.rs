//! Drawing a scene on a plotters backend: as SVG, and as PNG of twice its density.

use std::fmt::Display;

use ab_glyph::{Font as _, Glyph, PxScale, ScaleFont, point};
use plotters::{
    backend::{BitMapBackend, DrawingBackend, RGBPixel, SVGBackend},
    style::{
        Color, FontTransform, RGBAColor, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use twosided_form::markup;

use super::{
    ChartError,
    palette::WHITE,
    scene::{Anchor, Label, Mark, Pen, Point, Scene},
};
use crate::text::{FAMILY, HEIGHT_PER_EM};

/// How a backend counts, which differs between the two that plotters has.
#[derive(Clone, Copy)]
struct Units {
    /// Backend pixels per pixel of the scene.
    pixels: f64,
    /// Plotters' font size per em.
    font_size: f64,
    /// From the top anchor of a text down to its baseline, in ems; none where glyphs are drawn here.
    ascent: Option<f64>,
}

/// Half a pixel is the finest that whole numbers say; the size of the picture is set when it is wrapped.
const SVG: Units = Units { pixels: 2.0, font_size: 1.24, ascent: Some(0.76) };

/// Twice the PNG's density: lines and edges are smoothed by taking the mean of four.
const BITMAP: Units = Units { pixels: 4.0, font_size: HEIGHT_PER_EM, ascent: None };

/// Fonts of a browser that come close to the one the text was measured with.
const FONT_STACK: &str = "Noto Sans, Segoe UI, Helvetica, Arial, sans-serif";

pub(super) fn svg(scene: &Scene, alt: &str) -> Result<String, ChartError> {
    let (width, height) = size(scene, SVG);
    Ok(element(scene, &content(scene)?, alt, (0, height, width)))
}

/// The same in slices that fit on a page, cut where the scene says; none for a picture that need not be cut.
pub(super) fn svg_slices(scene: &Scene, alt: &str) -> Result<Vec<String>, ChartError> {
    /// Height that a page of print has room for at full width.
    const PAGE_HEIGHT: f64 = 1_200.0;
    let mut ends = Vec::new();
    let mut start = 0.0;
    for (index, &cut) in scene.cuts.iter().enumerate() {
        let next = scene.cuts.get(index + 1).copied().unwrap_or(scene.height);
        if next - start > PAGE_HEIGHT {
            ends.push(cut);
            start = cut;
        }
    }
    if ends.is_empty() {
        return Ok(Vec::new());
    }
    let content = content(scene)?;
    let (width, height) = size(scene, SVG);
    let pixels = |at: f64| (at * SVG.pixels).round() as u32;
    let ends = ends.into_iter().map(pixels).chain([height]);
    let mut from = 0;
    Ok(ends
        .map(|end| {
            let slice = element(scene, &content, alt, (from, end - from, width));
            from = end;
            slice
        })
        .collect())
}

/// The marks of a picture, without the element around them.
fn content(scene: &Scene) -> Result<String, ChartError> {
    let mut body = String::new();
    draw(scene, &mut SVGBackend::with_string(&mut body, size(scene, SVG)), SVG)?;
    let content = body.split_once('>').map_or("", |(_root, content)| content);
    Ok(content.replace(&format!(" font-family=\"{FAMILY}\""), "").replace(" opacity=\"1\"", ""))
}

/// An `<svg>` element of part of the height, from a height on, in half pixels.
fn element(scene: &Scene, content: &str, alt: &str, (from, height, width): (u32, u32, u32)) -> String {
    markup(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 {from} {width} {height}\" \
         font-family=\"{FONT_STACK}\" role=\"img\" aria-label=\"{}\">{content}",
        scene.width,
        f64::from(height) / SVG.pixels,
        escaped(alt),
    ))
}

pub(super) fn png(scene: &Scene) -> Result<Vec<u8>, ChartError> {
    let (width, height) = size(scene, BITMAP);
    let mut pixels = vec![0; 3 * width as usize * height as usize];
    let backend = BitMapBackend::<RGBPixel>::with_buffer_and_format(&mut pixels, (width, height));
    let mut backend = backend.map_err(failed)?;
    draw(scene, &mut backend, BITMAP)?;
    drop(backend);
    encode(&halved(&pixels, width as usize), width / 2, height / 2)
}

/// Even sizes, so that they can be halved.
fn size(scene: &Scene, units: Units) -> (u32, u32) {
    let even = |length: f64| 2 * (length * units.pixels / 2.0).round() as u32;
    (even(scene.width), even(scene.height))
}

/// The picture at half the width and height, each pixel the mean of four.
fn halved(pixels: &[u8], width: usize) -> Vec<u8> {
    let mut small = Vec::with_capacity(pixels.len() / 4);
    for two_rows in pixels.chunks_exact(6 * width) {
        let (upper, lower) = two_rows.split_at(3 * width);
        for (above, below) in upper.chunks_exact(6).zip(lower.chunks_exact(6)) {
            for channel in 0..3 {
                let sum = [above[channel], above[channel + 3], below[channel], below[channel + 3]].map(u16::from);
                small.push((sum.iter().sum::<u16>() / 4) as u8);
            }
        }
    }
    small
}

fn encode(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, ChartError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_adaptive_filter(png::AdaptiveFilterType::Adaptive);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

/// An attribute's value.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn draw<B: DrawingBackend>(scene: &Scene, backend: &mut B, units: Units) -> Result<(), ChartError> {
    let corner = pixel((scene.width, scene.height), units);
    let background = ShapeStyle::from(WHITE).filled();
    backend.draw_rect((0, 0), corner, &background, true).map_err(failed)?;
    for mark in &scene.marks {
        match mark {
            Mark::Line { points, pen } => line(backend, units, points, *pen)?,
            Mark::Area { points, color, opacity } => area(backend, units, points, color.mix(*opacity))?,
            Mark::Label(label) => text(backend, units, label)?,
        }
    }
    backend.present().map_err(failed)
}

fn failed(error: impl Display) -> ChartError {
    ChartError::Draw(error.to_string())
}

fn pixel((x, y): Point, units: Units) -> (i32, i32) {
    ((x * units.pixels).round() as i32, (y * units.pixels).round() as i32)
}

fn line<B: DrawingBackend>(backend: &mut B, units: Units, points: &[Point], pen: Pen) -> Result<(), ChartError> {
    let width = (pen.width * units.pixels).round().max(1.0) as u32;
    let style = ShapeStyle::from(pen.color).stroke_width(width);
    for stroke in pen.dash.map_or_else(|| vec![points.to_vec()], |dash| dashes(points, dash)) {
        let mut pixels: Vec<_> = stroke.into_iter().map(|point| pixel(point, units)).collect();
        pixels.dedup();
        if pixels.len() > 1 {
            backend.draw_path(pixels, &style).map_err(failed)?;
        }
    }
    Ok(())
}

/// A polyline cut into dashes, with gaps as long as they are.
fn dashes(points: &[Point], dash: f64) -> Vec<Vec<Point>> {
    let mut strokes = Vec::new();
    let mut stroke: Vec<Point> = points.first().copied().into_iter().collect();
    let (mut left, mut drawing) = (dash, true);
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        let mut rest = (to.0 - from.0).hypot(to.1 - from.1);
        while rest > left {
            let share = left / rest;
            from = (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1));
            rest -= left;
            left = dash;
            stroke.push(from);
            if drawing {
                strokes.push(std::mem::take(&mut stroke));
            }
            stroke = vec![from];
            drawing = !drawing;
        }
        left -= rest;
        stroke.push(to);
    }
    if drawing {
        strokes.push(stroke);
    }
    strokes
}

fn area<B: DrawingBackend>(
    backend: &mut B,
    units: Units,
    points: &[Point],
    color: RGBAColor,
) -> Result<(), ChartError> {
    let mut pixels: Vec<_> = points.iter().map(|&point| pixel(point, units)).collect();
    pixels.dedup();
    backend.fill_polygon(pixels, &ShapeStyle::from(color).filled()).map_err(failed)
}

fn text<B: DrawingBackend>(backend: &mut B, units: Units, label: &Label) -> Result<(), ChartError> {
    if label.backed {
        let ground = label.rectangle();
        let style = ShapeStyle::from(WHITE).filled();
        let corners = (pixel((ground.left, ground.top), units), pixel((ground.right, ground.bottom), units));
        backend.draw_rect(corners.0, corners.1, &style, true).map_err(failed)?;
    }
    let em = label.font.size * units.pixels;
    let Some(ascent) = units.ascent else { return glyphs(backend, units, label) };
    let rise = label.font.size * ascent;
    let transform = if label.turned { FontTransform::Rotate270 } else { FontTransform::None };
    let h_pos = match label.anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    let style = TextStyle {
        font: label.font.plotters(em * units.font_size).transform(transform),
        color: label.color.to_backend_color(),
        pos: Pos::new(h_pos, VPos::Top),
    };
    let (x, y) = label.at;
    let top = if label.turned { (x - rise, y) } else { (x, y - rise) };
    backend.draw_text(&label.text, &style, pixel(top, units)).map_err(failed)
}

/// Draws a text glyph by glyph. The library leaves out the room at a glyph's left, so that a `J` runs into its neighbor.
fn glyphs<B: DrawingBackend>(backend: &mut B, units: Units, label: &Label) -> Result<(), ChartError> {
    let scale = PxScale::from((label.font.size * units.pixels * units.font_size) as f32);
    let font = label.font.glyphs().as_scaled(scale);
    let mut width = 0.0;
    let mut row: Vec<Glyph> = Vec::new();
    for character in label.text.chars() {
        let id = font.glyph_id(character);
        width += row.last().map_or(0.0, |last| font.kern(last.id, id));
        row.push(id.with_scale_and_position(scale, point(width, 0.0)));
        width += font.h_advance(id);
    }
    let before = match label.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => width / 2.0,
        Anchor::End => width,
    };
    let (x, y) = pixel(label.at, units);
    let mut failure = None;
    for glyph in row.into_iter().filter_map(|glyph| font.outline_glyph(glyph)) {
        let corner = glyph.px_bounds().min;
        let (left, top) = ((corner.x - before).round() as i32, corner.y.round() as i32);
        glyph.draw(|across, down, coverage| {
            let (along, below) = (left + across.cast_signed(), top + down.cast_signed());
            let at = if label.turned { (x + below, y - along) } else { (x + along, y + below) };
            let color = label.color.mix(f64::from(coverage.clamp(0.0, 1.0))).to_backend_color();
            if let Err(error) = backend.draw_pixel(at, color) {
                failure.get_or_insert(failed(error));
            }
        });
    }
    failure.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use plotters::style::RGBColor;

    use super::*;
    use crate::text::Font;

    #[test]
    fn dashes_and_gaps_are_equally_long_around_corners() {
        let strokes = dashes(&[(0.0, 0.0), (15.0, 0.0), (15.0, 10.0)], 10.0);
        assert_eq!(strokes, [vec![(0.0, 0.0), (10.0, 0.0)], vec![(15.0, 5.0), (15.0, 10.0)]]);
        assert_eq!(dashes(&[], 5.0).concat(), []);
    }

    #[test]
    fn text_is_escaped_and_the_root_scales() {
        let mut scene = Scene::new(200.0, 100.0);
        let name = "<script>alert('1')</script> & \"Ærø\"";
        scene.label(Label::new(name, (100.0, 50.0), Anchor::Middle, Font::bold(12.0)));
        let svg = svg(&scene, name).expect("drawn");
        assert!(!svg.contains("<script") && !svg.contains("& ") && svg.contains("&lt;script&gt;"));
        assert!(svg.contains("width=\"200\" height=\"100\" viewBox=\"0 0 400 200\""));
        assert!(!svg.contains(FAMILY) && !svg.contains(" id="));
        assert!(svg.trim_end().ends_with("</svg>"));
    }

    #[test]
    fn a_png_has_two_pixels_for_one() {
        let mut scene = Scene::new(33.0, 20.0);
        scene.line(vec![(0.0, 10.0), (33.0, 10.0)], Pen::solid(RGBColor(255, 0, 0), 2.0));
        let bytes = png(&scene).expect("drawn");
        let mut reader = png::Decoder::new(bytes.as_slice()).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size()];
        let frame = reader.next_frame(&mut pixels).expect("an image");
        assert_eq!((frame.width, frame.height), (66, 40));
        let red = |row: usize| pixels[3 * (66 * row + 30)..][..3] == [255, 0, 0];
        assert!(red(20) && !red(5));
    }

    #[test]
    fn letters_keep_their_distance() {
        // A `J` reaches to the left of where it starts; drawn from there it would touch the `R`.
        let mut scene = Scene::new(200.0, 60.0);
        scene.label(Label::new("JR", (10.0, 42.0), Anchor::Start, Font::bold(40.0)));
        let bytes = png(&scene).expect("drawn");
        let mut reader = png::Decoder::new(bytes.as_slice()).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size()];
        reader.next_frame(&mut pixels).expect("an image");
        let is_inked = |column: usize| pixels.chunks_exact(3 * 400).any(|row| row[3 * column] < 128);
        let starts = (1..400).filter(|&column| is_inked(column) && !is_inked(column - 1)).count();
        assert_eq!(starts, 2, "two letters, with paper between them");
    }
}
