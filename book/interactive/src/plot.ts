// Pictures on a canvas: sharp on every screen, in the colors of the page, with a text for those who do not see them.
import {el, svg} from "./dom.ts";

export interface Colors {
  ink: string;
  muted: string;
  paper: string;
  grid: string;
  /** Okabe and Ito's palette, as in coursepkg.plots.style, lightened in the dark where contrast needs it. */
  series: string[];
  dark: boolean;
}

export function colors(root: Element): Colors {
  const style = getComputedStyle(root), read = (name: string) => style.getPropertyValue(`--ia-${name}`).trim();
  const series = ["blue", "orange", "green", "pink", "red", "sky"].map(read);
  return {ink: read("ink"), muted: read("muted"), paper: read("paper"), grid: read("grid"), series, dark: read("dark") === "1"};
}

export interface Picture {
  root: HTMLElement;
  canvas: HTMLCanvasElement;
  /** In units of `width` and `height`, whatever the screen makes of them. */
  context: CanvasRenderingContext2D;
  width: number;
  height: number;
  /** Say what the picture shows now. */
  describe(text: string): void;
  /** The place of a pointer, in the units of the picture. */
  place(event: MouseEvent): [number, number];
}

const SHARP = 2;

export function picture(width: number, height: number): Picture {
  const canvas = el("canvas", {role: "img", width: width * SHARP, height: height * SHARP});
  canvas.style.aspectRatio = `${width} / ${height}`;
  const context = canvas.getContext("2d")!;
  context.scale(SHARP, SHARP);
  return {
    root: el("div", {class: "ia-picture", style: `max-width:${width}px`}, canvas),
    canvas,
    context,
    width,
    height,
    describe: (text) => canvas.setAttribute("aria-label", text),
    place: (event) => {
      const box = canvas.getBoundingClientRect();
      return [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height];
    },
  };
}

export type Pair = readonly [number, number];

export interface Scale {
  x: (value: number) => number;
  y: (value: number) => number;
  /** Back from the picture to values. */
  back: (px: number, py: number) => [number, number];
}

/** Clear a picture, draw axes with ticks, and return where values lie in it. */
export function axes(
  {context, width, height}: Picture,
  colors: Colors,
  {x, y, xLabel = "", yLabel = "", logY = false}: {x: Pair; y: Pair; xLabel?: string; yLabel?: string; logY?: boolean},
): Scale {
  const left = yLabel ? 52 : 38, right = width - 8, top = 8, bottom = height - (xLabel ? 38 : 24);
  const f = logY ? Math.log10 : (value: number) => value;
  const [y0, y1] = [f(y[0]), f(y[1])];
  const scale: Scale = {
    x: (value) => left + ((value - x[0]) / (x[1] - x[0])) * (right - left),
    y: (value) => bottom - ((f(value) - y0) / (y1 - y0)) * (bottom - top),
    back: (px, py) => {
      const t = y0 + ((bottom - py) / (bottom - top)) * (y1 - y0);
      return [x[0] + ((px - left) / (right - left)) * (x[1] - x[0]), logY ? 10 ** t : t];
    },
  };
  context.clearRect(0, 0, width, height);
  context.font = "12px sans-serif";
  context.lineWidth = 1;
  context.strokeStyle = colors.grid;
  context.fillStyle = colors.ink;
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const tick of ticks(x, 6)) {
    line(context, [[scale.x(tick), top], [scale.x(tick), bottom]]);
    context.fillText(shown(tick), scale.x(tick), bottom + 5);
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const tick of logY ? powers(y) : ticks(y, 5)) {
    line(context, [[left, scale.y(tick)], [right, scale.y(tick)]]);
    context.fillText(shown(tick), left - 5, scale.y(tick));
  }
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  if (xLabel) context.fillText(xLabel, (left + right) / 2, height - 4);
  if (yLabel) {
    context.save();
    context.translate(11, (top + bottom) / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(yLabel, 0, 0);
    context.restore();
  }
  return scale;
}

export function line(context: CanvasRenderingContext2D, points: readonly Pair[]): void {
  context.beginPath();
  points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
}

/** Round numbers between two bounds, about `count` of them. */
export function ticks([low, high]: Pair, count: number): number[] {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough)!;
  const first = Math.ceil(low / step - 1e-9), found = [];
  for (let i = first; i * step <= high + 1e-9 * step; i++) found.push(i * step);
  return found;
}

const powers = ([low, high]: Pair): number[] => {
  const found = [];
  for (let i = Math.ceil(Math.log10(low) - 1e-9); i <= Math.log10(high) + 1e-9; i++) found.push(10 ** i);
  return found;
};

/** A number for a reader: at most `digits` significant digits, a true minus. */
export const shown = (value: number, digits = 3): string => {
  const rounded = Number(value.toPrecision(digits)), size = Math.abs(rounded);
  const text = rounded && (size < 1e-3 || size >= 1e6) ? rounded.toExponential() : String(rounded);
  return text.replace("-", "\u2212");
};

export interface Series {
  name: string;
  points: readonly Pair[];
  dash?: number[];
}

/** Curves with a legend above; the points of each in the order of x. */
export function curves(
  picture: Picture,
  colors: Colors,
  series: readonly Series[],
  options: Parameters<typeof axes>[2],
): Scale {
  const scale = axes(picture, colors, options), {context} = picture;
  context.save();
  context.lineWidth = 2;
  series.forEach(({points, dash = []}, i) => {
    context.strokeStyle = colors.series[i % colors.series.length];
    context.setLineDash(dash);
    line(context, points.map(([x, y]) => [scale.x(x), scale.y(y)]));
    if (points.length !== 1) return;
    context.setLineDash([]);
    context.strokeRect(scale.x(points[0][0]) - 1, scale.y(points[0][1]) - 1, 2, 2);
  });
  context.restore();
  return scale;
}

/** The names of curves beside their colors, as text under or over a picture. */
export function legend(series: readonly {name: string; dash?: number[]}[]): HTMLElement {
  const names = ["blue", "orange", "green", "pink", "red", "sky"];
  const items = series.map(({name, dash}, i) => {
    const stroke = svg("line", {x1: 0, x2: 24, y1: 5, y2: 5, "stroke-width": 2.5, "stroke-dasharray": (dash ?? []).join(" ")});
    stroke.style.stroke = `var(--ia-${names[i % names.length]})`;
    const mark = svg("svg", {width: 24, height: 10, "aria-hidden": "true"}, stroke);
    return el("span", {}, mark, ` ${name}`);
  });
  return el("p", {class: "ia-legend"}, ...items);
}

// From blue (low) over the paper to orange (high), as in coursepkg.figures.playground: told apart with every common kind
// of color vision.
const LOW = [0, 114, 178], HIGH = [230, 159, 0], LIGHT = [247, 247, 247], DARK = [38, 41, 46];

/** Write values, −1 to 1, into the pixels of an image, [rows, columns]; the first row is the lowest. */
export function shade(image: ImageData, values: ArrayLike<number>, dark: boolean, offset = 0): void {
  const {width, height, data} = image, middle = dark ? DARK : LIGHT;
  for (let row = 0, at = 0; row < height; row++) {
    const from = offset + (height - 1 - row) * width;
    for (let column = 0; column < width; column++, at += 4) {
      const value = Math.max(-1, Math.min(1, values[from + column] || 0)), end = value < 0 ? LOW : HIGH;
      const share = Math.abs(value);
      data[at] = middle[0] + share * (end[0] - middle[0]);
      data[at + 1] = middle[1] + share * (end[1] - middle[1]);
      data[at + 2] = middle[2] + share * (end[2] - middle[2]);
      data[at + 3] = 255;
    }
  }
}

/**
 * A point of a picture that can be moved: by pointer, touch, or the arrow keys (with Shift ten steps at once).
 * `at` says where it is in units of the picture, `move` is told where it shall be, `nudge` in how many steps of a key.
 */
export function grip(
  picture: Picture,
  label: string,
  at: () => Pair,
  move: (x: number, y: number) => void,
  nudge: (dx: number, dy: number) => void,
): {update: (text: string) => void; root: HTMLElement} {
  const root = el("button", {type: "button", class: "ia-grip", "aria-label": label, "aria-roledescription": "point"});
  picture.root.append(root);
  const steps: Record<string, Pair> = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
  root.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const size = event.shiftKey ? 10 : 1;
    nudge(step[0] * size, step[1] * size);
  });
  root.addEventListener("pointerdown", (event) => root.setPointerCapture(event.pointerId));
  root.addEventListener("pointermove", (event) => {
    if (root.hasPointerCapture(event.pointerId)) move(...picture.place(event));
  });
  const update = (text: string) => {
    const [x, y] = at();
    root.style.left = `${(100 * x) / picture.width}%`;
    root.style.top = `${(100 * y) / picture.height}%`;
    root.setAttribute("aria-label", `${label}: ${text}`);
  };
  return {update, root};
}

/**
 * Draw where a field of n × n values, the lowest row first, crosses 0 (marching squares); `x` and `y` are the places
 * of its edges in the picture.
 */
export function contour(context: CanvasRenderingContext2D, values: ArrayLike<number>, n: number, x: Pair, y: Pair): void {
  const px = (column: number) => x[0] + (column / (n - 1)) * (x[1] - x[0]);
  const py = (row: number) => y[0] + (row / (n - 1)) * (y[1] - y[0]);
  context.beginPath();
  for (let row = 0; row < n - 1; row++)
    for (let column = 0; column < n - 1; column++) {
      const corners = [[0, 0], [1, 0], [1, 1], [0, 1]].map(([i, j]) => [column + i, row + j, values[(row + j) * n + column + i]]);
      const crossed: Pair[] = [];
      corners.forEach(([c0, r0, v0], i) => {
        const [c1, r1, v1] = corners[(i + 1) % 4];
        if (v0 > 0 === v1 > 0) return;
        const t = v0 / (v0 - v1);
        crossed.push([px(c0 + t * (c1 - c0)), py(r0 + t * (r1 - r0))]);
      });
      for (let i = 0; i + 1 < crossed.length; i += 2) {
        context.moveTo(...crossed[i]);
        context.lineTo(...crossed[i + 1]);
      }
    }
  context.stroke();
}
