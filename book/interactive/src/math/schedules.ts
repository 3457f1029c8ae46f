// Learning rates that change with the step t, as in coursepkg/scratch/schedules.py.

export type Numbers = Record<string, number>;
type Schedule = (t: number, p: Numbers) => number;

const clip = (x: number) => Math.min(1, Math.max(0, x));

/** Straight lines through points, level beyond both ends, as numpy.interp. */
const lines = (t: number, places: number[], values: number[]): number => {
  const i = places.findIndex((place) => t < place);
  if (i < 0) return values[values.length - 1];
  if (i === 0) return values[0];
  return values[i - 1] + ((values[i] - values[i - 1]) / (places[i] - places[i - 1])) * (t - places[i - 1]);
};

const turn = (steps: number) => Math.max(1, Math.floor(0.45 * (steps - 1)));

/** The rate of step t; `p` holds the largest rate, the number of all steps, and what else a schedule asks for. */
export const SCHEDULES: Record<string, {needs: string[]; rate: Schedule}> = {
  constant: {needs: [], rate: (_, p) => p.rate},
  power: {needs: ["scale", "exponent"], rate: (t, p) => p.rate / (1 + t / p.scale) ** p.exponent},
  exponential: {needs: ["scale", "factor"], rate: (t, p) => p.rate * p.factor ** (t / p.scale)},
  piecewise: {
    needs: ["first", "second", "factor"],
    rate: (t, p) => p.rate * p.factor ** (Number(t > p.first) + Number(t > p.second)),
  },
  cosine: {
    needs: ["warmup", "final"],
    rate: (t, p) => {
      if (t < p.warmup) return (p.rate * t) / Math.max(p.warmup, 1);
      const progress = clip((t - p.warmup) / (p.steps - p.warmup)), final = p.final * p.rate;
      return final + ((p.rate - final) * (1 + Math.cos(Math.PI * progress))) / 2;
    },
  },
  onecycle: {
    needs: [],
    rate: (t, p) => {
      const low = p.rate / 10, a = turn(p.steps);
      return lines(t, [0, a, 2 * a, p.steps - 1], [low, p.rate, low, low / 1000]);
    },
  },
};

/** The momentum of 1cycle: falls while the rate rises, comes back, then stays. */
export const momentum = (t: number, steps: number): number =>
  lines(t, [0, turn(steps), 2 * turn(steps)], [0.95, 0.85, 0.95]);
