// The learning rule of the perceptron, one instance at a time: coursepkg/scratch/threshold.py.

export interface Instance {
  x: [number, number];
  t: number; // 1 if the unit should fire, else -1
}
export interface Unit {
  w: [number, number];
  b: number;
}

/** t(x·w + b), positive exactly if the unit is right; 0 counts as a mistake. */
export const product = ({x, t}: Instance, {w, b}: Unit): number => t * (x[0] * w[0] + x[1] * w[1] + b);

/** The unit after one instance was presented; the same object if it made no mistake. */
export const presented = (instance: Instance, unit: Unit, eta = 1, bias = true): Unit => {
  if (product(instance, unit) > 0) return unit;
  const {x, t} = instance, {w, b} = unit;
  return {w: [w[0] + eta * t * x[0], w[1] + eta * t * x[1]], b: bias ? b + eta * t : b};
};
