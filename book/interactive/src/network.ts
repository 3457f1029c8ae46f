// The network of coursepkg.scratch.playground.explore, number by number: same points, weights, orders, losses, steps.
import {Generator, Stream} from "./random.ts";
import type {State} from "./registry.ts";

export interface Settings extends State {
  data: string;
  features: string[];
  layers: number[];
  activation: string;
  penalty: string;
  strength: number;
  rate: number;
  batch: number;
  noise: number;
  points: number;
  draw: number;
  seed: number;
}

export const FEATURES: Record<string, (x1: number, x2: number) => number> = {
  x1: (x1) => x1,
  x2: (_, x2) => x2,
  "x1^2": (x1) => x1 * x1,
  "x2^2": (_, x2) => x2 * x2,
  "x1*x2": (x1, x2) => x1 * x2,
  "sin(x1)": (x1) => Math.sin(x1),
  "sin(x2)": (_, x2) => Math.sin(x2),
};
export const DATA = ["circle", "xor", "gauss", "spiral", "plane"];
export const ACTIVATIONS = ["tanh", "relu", "sigmoid", "identity"];
export const EDGE = 6; // pictures show the square from −6 to 6
export const GRID = 40; // places a side of a picture

export interface Points {
  /** x1 and x2 of each point, one after the other. */
  X: Float64Array;
  y: Float64Array;
}

/** Return the points of `load_playground`, or of the plane. */
export function loadPoints({data, points: n, noise, draw}: Settings): Points {
  const stream = new Stream(`playground/${data}`, draw), X = new Float64Array(2 * n), y = new Float64Array(n);
  const column = (name: string) => stream.uniform(name, n);
  const put = (place: (i: number) => [number, number]) => {
    for (let i = 0; i < n; i++) {
      y[i] = i % 2;
      X.set(place(i), 2 * i);
    }
  };
  const turn = 2 * Math.PI;
  if (data === "plane") {
    const [a, b, push] = [column("x1"), column("x2"), column("push")];
    put((i) => [10 * a[i] - 5, 10 * b[i] - 5]);
    for (let i = 0; i < n; i++) y[i] = (X[2 * i] + X[2 * i + 1]) / 10 + noise * (2 * push[i] - 1);
    return {X, y};
  }
  if (data === "circle") {
    const [radius, angle] = [column("radius"), column("angle")];
    put((i) => {
      const r = i % 2 ? 2.5 * radius[i] : 3.5 + 1.5 * radius[i];
      return [r * Math.cos(turn * angle[i]), r * Math.sin(turn * angle[i])];
    });
  } else if (data === "xor") {
    const [width, height, side] = [column("width"), column("height"), column("side")];
    put((i) => {
      const left = side[i] < 0.5, x = 0.3 + 4.7 * width[i], y = 0.3 + 4.7 * height[i];
      return [left ? -x : x, left === (i % 2 === 1) ? -y : y];
    });
  } else if (data === "gauss") {
    const [a, b] = [stream.normal("x1", n), stream.normal("x2", n)], spread = 0.5 + 2 * noise;
    put((i) => [(i % 2 ? 2 : -2) + spread * a[i], (i % 2 ? 2 : -2) + spread * b[i]]);
    return {X, y};
  } else {
    const along = column("along");
    put((i) => {
      const angle = turn * (1.75 * along[i] + 0.5 * (i % 2));
      return [5 * along[i] * Math.sin(angle), 5 * along[i] * Math.cos(angle)];
    });
  }
  const push = [column("push/1"), column("push/2")];
  for (let i = 0; i < 2 * n; i++) X[i] += 2.5 * noise * (2 * push[i % 2][i >> 1] - 1);
  return {X, y};
}

/** Return the chosen features of points, row by row. */
export function featuresOf(X: Float64Array, names: readonly string[]): Float64Array {
  const n = X.length / 2, found = new Float64Array(n * names.length);
  for (let i = 0, at = 0; i < n; i++) for (const name of names) found[at++] = FEATURES[name](X[2 * i], X[2 * i + 1]);
  return found;
}

/** The places of a picture: GRID × GRID, the lowest row first. */
export function places(): Float64Array {
  const X = new Float64Array(2 * GRID * GRID);
  for (let i = 0; i < GRID * GRID; i++) {
    X[2 * i] = -EDGE + (2 * EDGE * (i % GRID)) / (GRID - 1);
    X[2 * i + 1] = -EDGE + (2 * EDGE * Math.floor(i / GRID)) / (GRID - 1);
  }
  return X;
}

interface Layer {
  inputs: number;
  units: number;
  activation: string;
  W: Float64Array;
  b: Float64Array;
  gradW: Float64Array;
  gradB: Float64Array;
  Z: Float64Array;
  H: Float64Array;
  delta: Float64Array;
}

export interface Metrics {
  loss: number;
  accuracy: number;
}

/** What the page is told after some steps. */
export interface Report {
  step: number;
  epoch: number;
  /** In which the loss became infinite or NaN; 0 as long as it has not. */
  diverged: number;
  /** Of each epoch that ended since the last report: training loss and accuracy, those of the test points. */
  history: number[][];
  /** Of the test points now. */
  test: Metrics;
  W: number[][][];
  b: number[][];
  /** The answers of all units in the plane, layer by layer, −1 to 1; without them where nobody asked. */
  pictures?: Float32Array;
  /** Milliseconds and steps of this report, for who measures. */
  took: [number, number];
}

export class Trainer {
  private readonly layers: Layer[] = [];
  private readonly inputs: Float64Array;
  private readonly y: Float64Array;
  private readonly grid: Float64Array;
  private readonly orders: Generator;
  private readonly order: Uint32Array;
  private readonly batch: Float64Array;
  private readonly half: number;
  private readonly regression: boolean;
  private readonly metrics: Metrics = {loss: 0, accuracy: 0};
  private readonly sums: Metrics = {loss: 0, accuracy: 0};
  private history: number[][] = [];
  private at: number;
  private step = 0;
  private epoch = 0;
  private diverged = 0;

  constructor(private readonly settings: Settings) {
    const {features, layers, activation, seed} = settings, {X, y} = loadPoints(settings);
    this.inputs = featuresOf(X, features);
    this.y = y;
    this.grid = featuresOf(places(), features);
    this.half = Math.floor(y.length / 2);
    this.regression = settings.data === "plane";
    const sizes = [features.length, ...layers, 1], weights = new Generator(seed);
    const most = Math.max(GRID * GRID, y.length);
    for (let l = 1; l < sizes.length; l++) {
      const [inputs, units] = [sizes[l - 1], sizes[l]];
      // Glorot's weights, for ReLU He's; both uniform.
      const limit = Math.sqrt(3 * (activation === "relu" ? 2 / inputs : 2 / (inputs + units)));
      const room = (n: number) => new Float64Array(n);
      this.layers.push({
        inputs,
        units,
        activation: l < sizes.length - 1 ? activation : this.regression ? "identity" : "sigmoid",
        W: room(inputs * units).map(() => -limit + 2 * limit * weights.random()),
        b: room(units),
        gradW: room(inputs * units),
        gradB: room(units),
        Z: room(most * units),
        H: room(most * units),
        delta: room(settings.batch * units),
      });
    }
    this.orders = new Generator(seed);
    this.order = new Uint32Array(this.half);
    this.batch = new Float64Array(settings.batch * features.length);
    this.at = this.half;
  }

  /** Take up to `steps` steps, and no more than `milliseconds`. */
  advance(steps: number, milliseconds = Infinity): Report {
    const began = performance.now(), before = this.step;
    for (let i = 0; i < steps && !this.diverged; i++) {
      this.one();
      if (i % 8 === 7 && performance.now() - began > milliseconds) break;
    }
    return this.report([performance.now() - began, this.step - before]);
  }

  /** Train to the end of an epoch. */
  finish(): Report {
    do this.one();
    while (this.at < this.half && !this.diverged);
    return this.report([0, 0]);
  }

  report(took: [number, number] = [0, 0]): Report {
    const {history, layers} = this;
    this.history = [];
    const rows = ({W, inputs, units}: Layer) =>
      Array.from({length: inputs}, (_, k) => Array.from(W.subarray(k * units, (k + 1) * units)));
    return {
      step: this.step,
      epoch: this.epoch,
      diverged: this.diverged,
      history,
      test: {...this.test()},
      W: layers.map(rows),
      b: layers.map(({b}) => Array.from(b)),
      took,
    };
  }

  /** Return the answers of all units in the plane, shaded so that −1 and 1 are the ends of the colors. */
  pictures(): Float32Array {
    const n = GRID * GRID, found = new Float32Array(n * this.layers.reduce((sum, {units}) => sum + units, 0));
    this.forward(this.grid, n);
    let at = 0;
    for (const {H, units, activation} of this.layers) {
      for (let j = 0; j < units; j++) {
        let most = 1;
        if (activation === "relu" || (activation === "identity" && units > 1))
          for (let i = j; i < n * units; i += units) most = Math.max(most, Math.abs(H[i]));
        for (let i = j; i < n * units; i += units) found[at++] = activation === "sigmoid" ? 2 * H[i] - 1 : H[i] / most;
      }
    }
    return found;
  }

  private one(): void {
    const {half, order, settings, layers, sums, y} = this, columns = layers[0].inputs;
    if (this.at >= half) {
      this.orders.permute(order);
      this.at = 0;
      sums.loss = sums.accuracy = 0;
    }
    const start = this.at, n = Math.min(settings.batch, half - start);
    for (let i = 0; i < n; i++)
      for (let k = 0; k < columns; k++) this.batch[i * columns + k] = this.inputs[order[start + i] * columns + k];
    this.forward(this.batch, n);
    const {metrics} = this, last = layers[layers.length - 1];
    this.measure(n, order, start);
    const p = settings.penalty === "l2" ? (settings.strength * Math.min(settings.batch, half)) / n : 0;
    const lasso = settings.penalty === "l1" ? settings.strength : 0;
    if (p || lasso)
      for (const {W} of layers)
        for (let i = 0; i < W.length; i++) metrics.loss += (p / 2) * W[i] * W[i] + lasso * Math.abs(W[i]);
    if (!Number.isFinite(metrics.loss)) {
      this.diverged = this.epoch + 1;
      return;
    }
    sums.loss += (metrics.loss * n) / half;
    sums.accuracy += (metrics.accuracy * n) / half;
    for (let i = 0; i < n; i++) last.delta[i] = (last.H[i] - y[order[start + i]]) / n;
    this.backward(n);
    for (const {W, b, gradW, gradB} of layers) {
      for (let i = 0; i < W.length; i++) W[i] -= settings.rate * (gradW[i] + p * W[i] + lasso * Math.sign(W[i]));
      for (let j = 0; j < b.length; j++) b[j] -= settings.rate * gradB[j];
    }
    this.step++;
    this.at += n;
    if (this.at >= half) {
      this.epoch++;
      const {loss, accuracy} = this.test();
      this.history.push([sums.loss, sums.accuracy, loss, accuracy]);
    }
  }

  private test(): Metrics {
    const {half, y, inputs, layers} = this, columns = layers[0].inputs;
    this.forward(inputs.subarray(half * columns), y.length - half);
    this.measure(y.length - half, null, half);
    return this.metrics;
  }

  private forward(X: Float64Array, n: number): void {
    for (const {inputs, units, W, b, Z, H, activation} of this.layers) {
      for (let i = 0; i < n; i++) {
        const row = i * units;
        for (let j = 0; j < units; j++) {
          let z = 0;
          for (let k = 0, w = j; k < inputs; k++, w += units) z += X[i * inputs + k] * W[w];
          Z[row + j] = z + b[j];
        }
      }
      const all = n * units;
      if (activation === "tanh") for (let i = 0; i < all; i++) H[i] = Math.tanh(Z[i]);
      else if (activation === "relu") for (let i = 0; i < all; i++) H[i] = Z[i] < 0 ? 0 : Z[i];
      else if (activation === "identity") for (let i = 0; i < all; i++) H[i] = Z[i];
      else
        for (let i = 0; i < all; i++) {
          const e = Math.exp(-Math.abs(Z[i]));
          H[i] = (Z[i] >= 0 ? 1 : e) / (1 + e);
        }
      X = H;
    }
  }

  /** Loss and accuracy of the last forward pass, without the penalty; the targets are y of `order`, or y itself. */
  private measure(n: number, order: Uint32Array | null, start: number): void {
    const {Z} = this.layers[this.layers.length - 1], {y, metrics} = this;
    let loss = 0, right = 0;
    for (let i = 0; i < n; i++) {
      const z = Z[i], target = y[order ? order[start + i] : start + i];
      if (this.regression) loss += ((z - target) * (z - target)) / 2;
      else {
        loss += Math.max(z, 0) - target * z + Math.log1p(Math.exp(-Math.abs(z)));
        right += z > 0 === target > 0.5 ? 1 : 0;
      }
    }
    metrics.loss = loss / n;
    metrics.accuracy = right / n;
  }

  private backward(n: number): void {
    for (let l = this.layers.length - 1; l >= 0; l--) {
      const {inputs, units, W, gradW, gradB, delta} = this.layers[l];
      const X = l ? this.layers[l - 1].H : this.batch;
      gradW.fill(0);
      gradB.fill(0);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < units; j++) {
          const d = delta[i * units + j];
          gradB[j] += d;
          for (let k = 0, w = j; k < inputs; k++, w += units) gradW[w] += X[i * inputs + k] * d;
        }
      if (!l) return;
      const below = this.layers[l - 1];
      for (let i = 0; i < n; i++)
        for (let k = 0; k < inputs; k++) {
          let g = 0;
          for (let j = 0; j < units; j++) g += delta[i * units + j] * W[k * units + j];
          const at = i * inputs + k, h = below.H[at];
          if (below.activation === "tanh") g *= 1 - h * h;
          else if (below.activation === "relu") g *= below.Z[at] > 0 ? 1 : 0;
          else if (below.activation === "sigmoid") g *= h * (1 - h);
          below.delta[at] = g;
        }
    }
  }
}
