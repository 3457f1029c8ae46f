// Losses of two parameters: those of the chapters, with their gradients, and what a map of them shows.
import {descend, sgd, type Point} from "./optimizers.ts";

export interface Surface {
  value: (p: Point) => number;
  gradient: (p: Point) => Point;
  x: Point; // what the map shows
  y: Point;
  levels: number[];
  minimum?: Point;
  start: Point;
  names: [string, string];
}

// The training flowers of the chapter on logistic regression: lengths of sepals in millimeters, versicolor first.
const LENGTHS = [
  [51, 52, 54, 55, 55, 55, 55, 56, 56, 56, 57, 57, 57, 57, 58, 58, 59, 60, 60, 61, 61, 61, 62, 63, 63, 64, 64, 65, 66, 66, 67, 67, 67, 68, 70],
  [56, 58, 58, 59, 60, 62, 62, 63, 63, 63, 63, 63, 64, 64, 64, 64, 64, 65, 65, 67, 67, 67, 67, 68, 69, 69, 69, 71, 72, 72, 74, 77, 77, 77, 79],
];

const flowers = (): Surface => {
  const surface = ofFlowers();
  // There is no formula for the minimum; a descent at a good rate finds it to all digits.
  surface.minimum = descend(sgd(0), 0, surface.gradient, [0, 0], 5, 500).pop();
  return surface;
};

const ofFlowers = (): Surface => {
  const lengths = LENGTHS.flat(), n = lengths.length;
  const mean = lengths.reduce((a, b) => a + b) / n;
  const deviation = Math.sqrt(lengths.reduce((a, b) => a + (b - mean) ** 2, 0) / n);
  const data = LENGTHS.flatMap((some, label) => some.map((mm): Point => [(mm - mean) / deviation, label]));
  // ln(1 + e^z) without overflow
  const softplus = (z: number) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
  return {
    value: ([w, b]) => data.reduce((sum, [x, y]) => sum + softplus(y ? -(w * x + b) : w * x + b), 0) / n,
    gradient: ([w, b]) => {
      let gw = 0, gb = 0;
      for (const [x, y] of data) {
        const error = 1 / (1 + Math.exp(-(w * x + b))) - y;
        gw += error * x;
        gb += error;
      }
      return [gw / n, gb / n];
    },
    x: [-0.5, 4.5], y: [-2.5, 2.5], levels: [0.55, 0.6, 0.7, 0.85, 1.05, 1.3], start: [0, 0], names: ["w", "b"],
  };
};

export const SURFACES: Record<string, () => Surface> = {
  flowers,
  valley: () => ({
    value: ([x, y]) => (x * x + 50 * y * y) / 2,
    gradient: ([x, y]) => [x, 50 * y],
    x: [-10, 4], y: [-2, 2], levels: [0.5, 3, 10, 25, 50, 100], minimum: [0, 0], start: [-9, 1], names: ["x", "y"],
  }),
  rosenbrock: () => ({
    value: ([x, y]) => (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    gradient: ([x, y]) => [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)],
    x: [-2, 2], y: [-1, 3], levels: [1, 5, 20, 100, 300, 1000], minimum: [1, 1], start: [-1.2, 2], names: ["x", "y"],
  }),
  saddle: () => ({
    value: ([x, y]) => (x * x - y * y) / 2,
    gradient: ([x, y]) => [x, -y],
    x: [-0.6, 1.2], y: [-0.4, 1.2], levels: [-0.5, -0.25, -0.05, 0, 0.05, 0.25, 0.5], start: [1, 1e-4], names: ["x", "y"],
  }),
};

/** Return the pieces of the contour line of each level: marching squares on n × n fields. */
export const contours = ({value, x, y, levels}: Surface, n = 90): [Point, Point][][] => {
  const at = (i: number, j: number): Point => [x[0] + (i / n) * (x[1] - x[0]), y[0] + (j / n) * (y[1] - y[0])];
  const indices = Array.from({length: n + 1}, (_, i) => i);
  const heights = indices.map((i) => indices.map((j) => value(at(i, j))));
  const pieces: [Point, Point][][] = levels.map(() => []);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const corners: Point[] = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const around = corners.map(([a, b]) => heights[a][b]), low = Math.min(...around), high = Math.max(...around);
      levels.forEach((level, line) => {
        if (low >= level || high < level) return;
        const crossings: Point[] = [];
        corners.forEach(([a, b], k) => {
          const [c, d] = corners[(k + 1) % 4], here = heights[a][b] - level, there = heights[c][d] - level;
          if (here < 0 === there < 0) return;
          const share = here / (here - there);
          crossings.push(at(a + share * (c - a), b + share * (d - b)));
        });
        for (let k = 0; k + 1 < crossings.length; k += 2) pieces[line].push([crossings[k], crossings[k + 1]]);
      });
    }
  }
  return pieces;
};
