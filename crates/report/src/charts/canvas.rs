//! A picture in pixels, on which polygons and lines are painted with smooth edges.
//!
//! An edge of a shape changes how much of a pixel the shape covers, from one pixel of a row to the next. These changes are
//! collected for all the edges of a shape; their running sum along a row is the coverage of each pixel, exact to the area.

use plotters::style::RGBColor;

use super::scene::Point;

/// Red, green and blue of each pixel, row by row. Its memory serves picture after picture.
#[derive(Debug, Default)]
pub struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
    /// How the coverage changes at each pixel, with room for an edge at the right end of a row; zero between shapes.
    changes: Vec<f32>,
    /// The columns of each row at which the coverage changes; empty between shapes.
    changed: Vec<Extent>,
    /// The rows that the shape touches.
    rows: Extent,
}

/// Columns or rows from `first` to before `end`; none where `end` is not above `first`.
#[derive(Clone, Copy, Debug)]
struct Extent {
    first: usize,
    end: usize,
}

impl Extent {
    const EMPTY: Self = Self { first: usize::MAX, end: 0 };

    fn add(&mut self, first: usize, end: usize) {
        *self = Self { first: self.first.min(first), end: self.end.max(end) };
    }
}

impl Default for Extent {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl Canvas {
    /// Begins a white picture.
    pub(super) fn clear(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        self.pixels.clear();
        self.pixels.resize(3 * width * height, 0xff);
        self.changes.resize((width + 1) * height, 0.0);
        self.changed.resize(height, Extent::EMPTY);
        self.rows = Extent::EMPTY;
    }

    pub(super) fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Paints the inside of a polygon that does not cross itself.
    pub(super) fn polygon(&mut self, points: &[Point], color: RGBColor, opacity: f64) {
        self.outline(points);
        self.paint(color, opacity as f32);
    }

    /// Paints a line of a width through points, with mitered corners.
    pub(super) fn line(&mut self, points: &[Point], color: RGBColor, width: f64) {
        let mut last: Option<Point> = None;
        for pair in points.windows(2) {
            let [(x0, y0), (x1, y1)] = [pair[0], pair[1]];
            let length = (x1 - x0).hypot(y1 - y0);
            if length == 0.0 {
                continue;
            }
            let normal = ((y0 - y1) / length * width / 2.0, (x1 - x0) / length * width / 2.0);
            if let Some(last) = last {
                self.corner((x0, y0), last, normal, width);
            }
            let (dx, dy) = normal;
            self.outline(&[(x0 + dx, y0 + dy), (x1 + dx, y1 + dy), (x1 - dx, y1 - dy), (x0 - dx, y0 - dy)]);
            last = Some(normal);
        }
        self.paint(color, 1.0);
    }

    /// Fills the gap on the outer side of a line's corner, given the normals of both legs, half the width long. The outline
    /// turns the same way as those of the legs, so that the coverages add up.
    fn corner(&mut self, (x, y): Point, before: Point, after: Point, width: f64) {
        /// Cosine of the turn at which a miter would be too long; such a corner is beveled.
        const SHARPEST: f64 = -0.8;
        let turn = before.0 * after.1 - before.1 * after.0;
        let (from, to) = if turn > 0.0 { ((-after.0, -after.1), (-before.0, -before.1)) } else { (before, after) };
        let cosine = (from.0 * to.0 + from.1 * to.1) / (width * width / 4.0);
        let of_tip = if cosine > SHARPEST { 1.0 / (1.0 + cosine) } else { 0.5 };
        let tip = (of_tip * (from.0 + to.0), of_tip * (from.1 + to.1));
        self.outline(&[(x, y), (x + from.0, y + from.1), (x + tip.0, y + tip.1), (x + to.0, y + to.1)]);
    }

    /// Mixes a color into a pixel; pixels outside of the picture are left out.
    pub(super) fn pixel(&mut self, column: i32, row: i32, color: RGBColor, opacity: f32) {
        let (Ok(column), Ok(row)) = (usize::try_from(column), usize::try_from(row)) else { return };
        if column < self.width && row < self.height {
            let at = 3 * (row * self.width + column);
            mix(&mut self.pixels[at..at + 3], color, opacity);
        }
    }

    /// Adds a closed outline to the shape at hand.
    fn outline(&mut self, points: &[Point]) {
        let mut from = points.last();
        for to in points {
            if let Some(from) = from {
                self.edge(*from, *to);
            }
            from = Some(to);
        }
    }

    fn edge(&mut self, from: Point, to: Point) {
        if from.1 == to.1 {
            return;
        }
        let (sign, (x, top), (end_x, bottom)) = if from.1 < to.1 { (1.0, from, to) } else { (-1.0, to, from) };
        let slope = (end_x - x) / (bottom - top);
        let (first, end) = (top.max(0.0) as usize, (bottom.ceil() as usize).min(self.height));
        for row in first..end {
            let upper = top.max(row as f64);
            let lower = bottom.min((row + 1) as f64);
            // Beyond its sides a picture is covered as at them.
            let column = |y: f64| {
                let within = (x + slope * (y - top)).clamp(x.min(end_x), x.max(end_x));
                within.clamp(0.0, self.width as f64)
            };
            let (one, other) = (column(upper), column(lower));
            self.crossing(row, one.min(other), one.max(other), sign * (lower - upper));
        }
        if first < end {
            self.rows.add(first, end);
        }
    }

    /// Adds what an edge does to a row that it crosses from `left` to `right`: all to its right is covered by `height`.
    fn crossing(&mut self, row: usize, left: f64, right: f64, height: f64) {
        // What lies between the edge and a column to the right of its left end.
        let area = |column: f64| {
            if column < right {
                (column - left).powi(2) / (2.0 * (right - left))
            } else {
                column - 0.5 * (left + right)
            }
        };
        let (first, last) = (left as usize, (right.ceil() as usize).min(self.width));
        let row_start = row * (self.width + 1);
        let (mut area_before, mut coverage_before) = (0.0, 0.0);
        for column in first..=last {
            let area = area((column + 1) as f64);
            let coverage = height * (area - area_before);
            self.changes[row_start + column] += (coverage - coverage_before) as f32;
            (area_before, coverage_before) = (area, coverage);
        }
        self.changed[row].add(first, last + 1);
    }

    /// Paints the shape whose outlines were added, and begins the next.
    fn paint(&mut self, color: RGBColor, opacity: f32) {
        let rows = std::mem::take(&mut self.rows);
        for row in rows.first..rows.end {
            let columns = std::mem::take(&mut self.changed[row]);
            if columns.first >= columns.end {
                continue;
            }
            let changes = &mut self.changes[row * (self.width + 1)..][columns.first..columns.end];
            let pixels = &mut self.pixels[3 * row * self.width..][..3 * self.width][3 * columns.first..];
            let mut coverage = 0.0_f32;
            for (change, pixel) in changes.iter_mut().zip(pixels.chunks_exact_mut(3)) {
                coverage += std::mem::take(change);
                mix(pixel, color, opacity * coverage.abs().min(1.0));
            }
            // An edge at the right end of the row has no pixel.
            changes.fill(0.0);
        }
    }
}

fn mix(pixel: &mut [u8], RGBColor(red, green, blue): RGBColor, opacity: f32) {
    let share = (256.0 * opacity + 0.5) as u32;
    if share > 0 {
        for (channel, of_color) in pixel.iter_mut().zip([red, green, blue]) {
            *channel = ((u32::from(*channel) * (256 - share) + u32::from(of_color) * share + 128) / 256) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLACK: RGBColor = RGBColor(0, 0, 0);

    /// A white canvas of four by four.
    fn canvas() -> Canvas {
        let mut canvas = Canvas::default();
        canvas.clear(4, 4);
        canvas
    }

    /// How much of each pixel of a row is black, in 16ths.
    fn row(canvas: &Canvas, row: usize) -> Vec<u32> {
        canvas.pixels().chunks(3 * canvas.width).nth(row).map_or_else(Vec::new, |row| {
            row.chunks(3).map(|pixel| (u32::from(0xff - pixel[0]) * 16 + 127) / 255).collect()
        })
    }

    #[test]
    fn a_pixel_is_as_dark_as_the_share_of_it_that_a_shape_covers() {
        let mut canvas = canvas();
        canvas.polygon(&[(0.5, 1.0), (2.25, 1.0), (2.25, 2.5), (0.5, 2.5)], BLACK, 1.0);
        assert_eq!([0, 1, 2, 3].map(|at| row(&canvas, at)), [[0; 4], [8, 16, 4, 0], [4, 8, 2, 0], [0; 4]]);
        // A triangle below the diagonal, in either direction.
        for points in [[(0.0, 0.0), (4.0, 4.0), (0.0, 4.0)], [(0.0, 4.0), (4.0, 4.0), (0.0, 0.0)]] {
            canvas.clear(4, 4);
            canvas.polygon(&points, BLACK, 1.0);
            assert_eq!([0, 3].map(|at| row(&canvas, at)), [[8, 0, 0, 0], [16, 16, 16, 8]]);
        }
        // A flat one, whose edge crosses several pixels of a row.
        canvas.clear(4, 4);
        canvas.polygon(&[(0.0, 1.0), (4.0, 0.0), (4.0, 1.0)], BLACK, 0.5);
        assert_eq!([0, 1].map(|at| row(&canvas, at)), [[1, 3, 5, 7], [0; 4]]);
    }

    #[test]
    fn what_lies_outside_is_left_out() {
        let mut canvas = canvas();
        canvas.polygon(&[(-9.0, -9.0), (1.5, -9.0), (1.5, 9.0), (-9.0, 9.0)], BLACK, 1.0);
        canvas.polygon(&[(3.5, -9.0), (9.0, -9.0), (9.0, 9.0), (3.5, 9.0)], BLACK, 1.0);
        canvas.polygon(&[(0.0, 7.0), (4.0, 7.0), (4.0, 9.0)], BLACK, 1.0);
        canvas.polygon(&[(0.0, -7.0), (4.0, -7.0), (4.0, -9.0)], BLACK, 1.0);
        assert!((0..4).all(|at| row(&canvas, at) == [16, 8, 0, 8]));
        for (column, row) in [(-1, 0), (0, -1), (4, 0), (0, 4)] {
            canvas.pixel(column, row, BLACK, 1.0);
        }
        assert_eq!(row(&canvas, 0), [16, 8, 0, 8]);
    }

    #[test]
    fn a_line_has_its_width_and_mitered_corners() {
        for turn in [[(1.0, 4.0), (1.0, 1.0), (4.0, 1.0)], [(4.0, 1.0), (1.0, 1.0), (1.0, 4.0)]] {
            let mut canvas = canvas();
            canvas.line(&turn, BLACK, 2.0);
            assert_eq!([0, 1, 2, 3].map(|at| row(&canvas, at)), [[16; 4], [16; 4], [16, 16, 0, 0], [16, 16, 0, 0]]);
        }
        // A point that comes twice makes no corner.
        let mut canvas = canvas();
        canvas.line(&[(0.0, 1.0), (0.0, 1.0), (3.0, 1.0)], BLACK, 1.0);
        assert_eq!([0, 1, 2].map(|at| row(&canvas, at)), [[8, 8, 8, 0], [8, 8, 8, 0], [0; 4]]);
    }

    #[test]
    fn a_canvas_forgets_the_picture_before() {
        let mut canvas = canvas();
        canvas.line(&[(0.0, 0.0), (4.0, 4.0)], BLACK, 3.0);
        canvas.clear(2, 3);
        assert_eq!(canvas.pixels(), [0xff; 18]);
        canvas.polygon(&[(0.0, 1.0), (2.0, 1.0), (2.0, 2.0), (0.0, 2.0)], BLACK, 1.0);
        assert_eq!([0, 1, 2].map(|at| row(&canvas, at)), [[0; 2], [16; 2], [0; 2]]);
    }
}
