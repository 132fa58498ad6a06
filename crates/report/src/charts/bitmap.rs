//! Drawing a scene as PNG, with two pixels for each of the scene.

use ab_glyph::{Font as _, Glyph, PxScale, ScaleFont, point};

use super::{
    ChartError,
    canvas::Canvas,
    palette::WHITE,
    scene::{Anchor, Label, Mark, Point, Scene},
};
use crate::text::HEIGHT_PER_EM;

/// Pixels of the picture per pixel of the scene.
const DENSITY: f64 = 2.0;

pub(super) fn png(scene: &Scene, canvas: &mut Canvas) -> Result<Vec<u8>, ChartError> {
    let [width, height] = [scene.width, scene.height].map(|length| (length * DENSITY).round());
    canvas.clear(width as usize, height as usize);
    for mark in &scene.marks {
        match mark {
            Mark::Line { points, pen } => {
                for stroke in pen.strokes(points) {
                    canvas.line(&pixels(&stroke), pen.color, pen.width * DENSITY);
                }
            }
            Mark::Area { points, color, opacity } => canvas.polygon(&pixels(points), *color, *opacity),
            Mark::Label(label) => text(canvas, label),
        }
    }
    encode(canvas.pixels(), width as u32, height as u32)
}

/// Points of a scene in half pixels of the picture, so that lines along its rows and columns are sharp.
fn pixels(points: &[Point]) -> Vec<Point> {
    let half = |at: f64| (at * DENSITY * 2.0).round() / 2.0;
    points.iter().map(|&(x, y)| (half(x), half(y))).collect()
}

fn text(canvas: &mut Canvas, label: &Label) {
    if label.backed {
        canvas.polygon(&pixels(&label.rectangle().corners()), WHITE, 1.0);
    }
    // Plotters leaves out the room at a glyph's left, so that a `J` runs into its neighbor; here glyphs stand where the font
    // places them.
    let scale = PxScale::from((label.font.size * DENSITY * HEIGHT_PER_EM) as f32);
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
    let (x, y) = ((label.at.0 * DENSITY).round() as i32, (label.at.1 * DENSITY).round() as i32);
    for mut glyph in row {
        glyph.position.x -= before;
        let Some(glyph) = font.outline_glyph(glyph) else { continue };
        let corner = glyph.px_bounds().min;
        let (left, top) = (corner.x as i32, corner.y as i32);
        glyph.draw(|across, down, coverage| {
            let (along, below) = (left + across.cast_signed(), top + down.cast_signed());
            let (column, row) = if label.turned { (x + below, y - 1 - along) } else { (x + along, y + below) };
            canvas.pixel(column, row, label.color, coverage.min(1.0));
        });
    }
}

fn encode(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, ChartError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    // One filter for all rows: it makes files as small, in drawings, as the best filter of each row does.
    encoder.set_filter(png::FilterType::Paeth);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use plotters::style::RGBColor;

    use super::*;
    use crate::{charts::scene::Pen, text::Font};

    /// Width, height and pixels of a scene's picture.
    fn drawn(scene: &Scene) -> (u32, u32, Vec<u8>) {
        let bytes = png(scene, &mut Canvas::default()).expect("drawn");
        let mut reader = png::Decoder::new(bytes.as_slice()).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size()];
        let frame = reader.next_frame(&mut pixels).expect("an image");
        (frame.width, frame.height, pixels)
    }

    #[test]
    fn a_png_has_two_pixels_for_one() {
        let mut scene = Scene::new(33.0, 20.0);
        scene.line(vec![(0.0, 10.0), (33.0, 10.0)], Pen::solid(RGBColor(255, 0, 0), 2.0));
        let (width, height, pixels) = drawn(&scene);
        assert_eq!((width, height), (66, 40));
        let red = |row: usize| pixels[3 * (66 * row + 30)..][..3] == [255, 0, 0];
        assert!((18..22).all(red) && !red(17) && !red(22));
    }

    #[test]
    fn letters_keep_their_distance() {
        // A `J` reaches to the left of where it starts; drawn from there it would touch the `R`.
        let mut scene = Scene::new(200.0, 60.0);
        scene.label(Label::new("JR", (10.0, 42.0), Anchor::Start, Font::bold(40.0)));
        let (_, _, pixels) = drawn(&scene);
        let is_inked = |column: usize| pixels.chunks_exact(3 * 400).any(|row| row[3 * column] < 128);
        let starts = (1..400).filter(|&column| is_inked(column) && !is_inked(column - 1)).count();
        assert_eq!(starts, 2, "two letters, with paper between them");
    }

    #[test]
    fn a_turned_text_is_the_same_text_turned() {
        let mut scene = Scene::new(60.0, 60.0);
        scene.label(Label::new("Pg", (20.0, 30.0), Anchor::Middle, Font::regular(20.0)));
        let (width, _, upright) = drawn(&scene);
        let mut scene = Scene::new(60.0, 60.0);
        scene.label(Label::new("Pg", (30.0, 40.0), Anchor::Middle, Font::regular(20.0)).turned());
        let (_, _, turned) = drawn(&scene);
        let width = width as usize;
        for (index, pixel) in upright.chunks_exact(3).enumerate() {
            let (column, row) = (index % width, index / width);
            let at = 3 * ((width - 1 - column) * width + row);
            assert_eq!(pixel, &turned[at..at + 3], "{column}, {row}");
        }
        assert!(upright.iter().any(|channel| *channel < 100));
    }
}
