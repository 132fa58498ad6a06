//! Drawing a scene as SVG.

use std::fmt::Display;

use plotters::{
    backend::{DrawingBackend, SVGBackend},
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
use crate::text::FAMILY;

/// Plotters counts in whole numbers; half a pixel of the scene is fine enough.
const DENSITY: f64 = 2.0;

/// Plotters' font size per em.
const FONT_SIZE: f64 = 1.24;

/// From the top anchor of a text down to its baseline, in ems.
const ASCENT: f64 = 0.76;

/// Fonts of a browser that come close to the one the text was measured with.
const FONT_STACK: &str = "Noto Sans, Segoe UI, Helvetica, Arial, sans-serif";

pub(super) fn svg(scene: &Scene, alt: &str) -> Result<String, ChartError> {
    let (width, height) = size(scene);
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
    let (width, height) = size(scene);
    let pixels = |at: f64| (at * DENSITY).round() as u32;
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
    draw(scene, &mut SVGBackend::with_string(&mut body, size(scene)))?;
    let content = body.split_once('>').map_or("", |(_root, content)| content);
    Ok(content.replace(&format!(" font-family=\"{FAMILY}\""), "").replace(" opacity=\"1\"", ""))
}

/// An `<svg>` element of part of the height, from a height on, in half pixels.
fn element(scene: &Scene, content: &str, alt: &str, (from, height, width): (u32, u32, u32)) -> String {
    markup(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 {from} {width} {height}\" \
         font-family=\"{FONT_STACK}\" role=\"img\" aria-label=\"{}\">{content}",
        scene.width,
        f64::from(height) / DENSITY,
        escaped(alt),
    ))
}

/// Width and height, in half pixels.
fn size(scene: &Scene) -> (u32, u32) {
    let even = |length: f64| 2 * length.round() as u32;
    (even(scene.width), even(scene.height))
}

/// An attribute's value.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn draw(scene: &Scene, backend: &mut SVGBackend<'_>) -> Result<(), ChartError> {
    let corner = pixel((scene.width, scene.height));
    let background = ShapeStyle::from(WHITE).filled();
    backend.draw_rect((0, 0), corner, &background, true).map_err(failed)?;
    for mark in &scene.marks {
        match mark {
            Mark::Line { points, pen } => line(backend, points, *pen)?,
            Mark::Area { points, color, opacity } => area(backend, points, color.mix(*opacity))?,
            Mark::Label(label) => text(backend, label)?,
        }
    }
    backend.present().map_err(failed)
}

fn failed(error: impl Display) -> ChartError {
    ChartError::Draw(error.to_string())
}

fn pixel((x, y): Point) -> (i32, i32) {
    ((x * DENSITY).round() as i32, (y * DENSITY).round() as i32)
}

fn line(backend: &mut SVGBackend<'_>, points: &[Point], pen: Pen) -> Result<(), ChartError> {
    let width = (pen.width * DENSITY).round().max(1.0) as u32;
    let style = ShapeStyle::from(pen.color).stroke_width(width);
    for stroke in pen.strokes(points) {
        let mut pixels: Vec<_> = stroke.into_iter().map(pixel).collect();
        pixels.dedup();
        if pixels.len() > 1 {
            backend.draw_path(pixels, &style).map_err(failed)?;
        }
    }
    Ok(())
}

fn area(backend: &mut SVGBackend<'_>, points: &[Point], color: RGBAColor) -> Result<(), ChartError> {
    let mut pixels: Vec<_> = points.iter().map(|&point| pixel(point)).collect();
    pixels.dedup();
    backend.fill_polygon(pixels, &ShapeStyle::from(color).filled()).map_err(failed)
}

fn text(backend: &mut SVGBackend<'_>, label: &Label) -> Result<(), ChartError> {
    if label.backed {
        let ground = label.rectangle();
        let style = ShapeStyle::from(WHITE).filled();
        let corners = (pixel((ground.left, ground.top)), pixel((ground.right, ground.bottom)));
        backend.draw_rect(corners.0, corners.1, &style, true).map_err(failed)?;
    }
    let rise = label.font.size * ASCENT;
    let transform = if label.turned { FontTransform::Rotate270 } else { FontTransform::None };
    let h_pos = match label.anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    let style = TextStyle {
        font: label.font.plotters(label.font.size * DENSITY * FONT_SIZE).transform(transform),
        color: label.color.to_backend_color(),
        pos: Pos::new(h_pos, VPos::Top),
    };
    let (x, y) = label.at;
    let top = if label.turned { (x - rise, y) } else { (x, y - rise) };
    backend.draw_text(&label.text, &style, pixel(top)).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Font;

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
}
