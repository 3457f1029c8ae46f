// How a gradient becomes a step, one weight at a time: the formulas of coursepkg/scratch/optimizers.py, in its order
// of operations, so that the numbers agree. `memory` is what one weight remembers, two numbers at most.

export type Change = (g: number, eta: number, t: number, memory: number[]) => number;

const EPSILON = 1e-7;

export const sgd = (beta: number, nesterov = false): Change => (g, eta, _, memory) => {
  const v = (memory[0] = beta * memory[0] - eta * g);
  return nesterov ? beta * v - eta * g : v;
};

const moments = (g: number, memory: number[]): void => {
  memory[0] = 0.9 * memory[0] + (1 - 0.9) * g;
  memory[1] = 0.999 * memory[1] + (1 - 0.999) * g * g;
};

const adagrad: Change = (g, eta, _, memory) => {
  memory[0] += g * g;
  return (-eta * g) / Math.sqrt(memory[0] + EPSILON);
};

const rmsprop: Change = (g, eta, _, memory) => {
  memory[0] = 0.9 * memory[0] + (1 - 0.9) * g * g;
  return (-eta * g) / Math.sqrt(memory[0] + EPSILON);
};

const adam: Change = (g, eta, t, memory) => {
  moments(g, memory);
  const rate = (eta * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
  return (-rate * memory[0]) / (Math.sqrt(memory[1]) + EPSILON);
};

const adamax: Change = (g, eta, t, memory) => {
  memory[0] = 0.9 * memory[0] + (1 - 0.9) * g;
  memory[1] = Math.max(0.999 * memory[1], Math.abs(g));
  return ((-eta / (1 - 0.9 ** t)) * memory[0]) / (memory[1] + EPSILON);
};

const nadam: Change = (g, eta, t, memory) => {
  moments(g, memory);
  const beta = (i: number) => 0.9 * (1 - 0.5 * 0.96 ** i);
  let product = 1; // of the betas of the steps 1, …, t
  for (let i = 1; i <= t; i++) product *= beta(i);
  const m = (beta(t + 1) * memory[0]) / (1 - product * beta(t + 1)) + ((1 - beta(t)) * g) / (1 - product);
  return (-eta * m) / (Math.sqrt(memory[1] / (1 - 0.999 ** t)) + EPSILON);
};

const lion: Change = (g, eta, _, memory) => {
  const direction = Math.sign(0.9 * memory[0] + (1 - 0.9) * g);
  memory[0] = 0.99 * memory[0] + (1 - 0.99) * g;
  return -eta * direction;
};

/** Each optimizer, what its memory starts from, and the best rate of the chapter's list on Rosenbrock's function. */
export const OPTIMIZERS: Record<string, {change: Change; start: number; rate: number}> = {
  plain: {change: sgd(0), start: 0, rate: 0.00178},
  momentum: {change: sgd(0.9), start: 0, rate: 0.00178},
  Nesterov: {change: sgd(0.9, true), start: 0, rate: 0.001},
  AdaGrad: {change: adagrad, start: 0.1, rate: 0.316},
  RMSProp: {change: rmsprop, start: 0, rate: 0.316},
  Adam: {change: adam, start: 0, rate: 0.562},
  AdaMax: {change: adamax, start: 0, rate: 1},
  Nadam: {change: nadam, start: 0, rate: 1},
  Lion: {change: lion, start: 0, rate: 0.178},
};

export type Point = [number, number];

/** Return where a descent was, from the start on: n + 1 points. */
export const descend = (
  change: Change, memory: number, gradient: (p: Point) => Point, start: Point, eta: number, n: number,
): Point[] => {
  const path: Point[] = [start];
  const memories = [[memory, 0], [memory, 0]];
  for (let t = 1; t <= n; t++) {
    const [x, y] = path[t - 1], g = gradient([x, y]);
    path.push([x + change(g[0], eta, t, memories[0]), y + change(g[1], eta, t, memories[1])]);
  }
  return path;
};
