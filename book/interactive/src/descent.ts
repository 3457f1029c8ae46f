// Gradient descent on a map of the loss: rate, momentum and start are the reader's.
import {button, el, range, status} from "./dom.ts";
import {expose, fitted} from "./explorable.ts";
import {drawMap, drawWay} from "./map.ts";
import {descend, sgd, type Point} from "./math/optimizers.ts";
import {SURFACES, type Surface} from "./math/surfaces.ts";
import {say} from "./explorable-messages.ts";
import {colors, grip, shown, type Scale} from "./plot.ts";
import {rate} from "./rate.ts";
import {register} from "./registry.ts";

interface Descent {
  [key: string]: string | number;
  surface: string; // flowers or valley
  momentum: number; // −1: it is not offered
  rate: number;
  x: number;
  y: number;
  steps: number;
}

const RATES: Record<string, readonly [number, number]> = {flowers: [0.1, 50], valley: [0.001, 0.1]};
const MOST = 100;

register<Descent>("descent", {surface: "valley", momentum: 0, rate: 0.02, x: -9, y: 1, steps: 40}, (root, state, keep) => {
  let surface: Surface, path: Point[] = [], scale: Scale;
  const view = fitted(root, 520, 360), line = status();
  const changed = () => {
    Object.assign(state, {rate: eta.value, steps: steps.value});
    if (state.momentum >= 0) state.momentum = beta.value;
    draw();
    keep(state);
  };
  let eta = rate(say("rate"), RATES.valley, state.rate, changed);
  const beta = range(say("momentum"), {min: 0, max: 0.99, step: 0.01}, Math.max(0, state.momentum), changed);
  const steps = range(say("steps"), {min: 0, max: MOST, step: 1}, state.steps, changed);
  const put = (x: number, y: number) => {
    state.x = inside(x, surface.x);
    state.y = inside(y, surface.y);
    draw();
  };
  const moved = (x: number, y: number) => {
    put(x, y);
    keep(state);
  };
  const start = grip(
    view, say("start"),
    () => [scale.x(state.x), scale.y(state.y)],
    (px, py) => moved(...scale.back(px, py)),
    (dx, dy) =>
      moved(state.x + (dx * (surface.x[1] - surface.x[0])) / 100, state.y + (dy * (surface.y[1] - surface.y[0])) / 100),
  );

  const draw = () => {
    const palette = colors(root);
    path = descend(sgd(Math.max(0, state.momentum)), 0, surface.gradient, [state.x, state.y], state.rate, state.steps);
    scale = drawMap(view, palette, surface);
    drawWay(view, surface, scale, path, palette.series[0]);
    const [a, b] = surface.names, [x, y] = path[path.length - 1];
    start.update(`${a} = ${shown(state.x)}, ${b} = ${shown(state.y)}`);
    const losses = path.map(surface.value), first = losses[0], last = losses[losses.length - 1];
    const where = say("whereItIs", {steps: state.steps, a, b, x: shown(x), y: shown(y), loss: shown(last, 4)});
    line.say(`${where} ${verdict(surface, path, first, last)}`);
    view.describe(say("mapOfDescent", {a, b, steps: state.steps}));
  };
  let before = "";
  const take = (next: Descent) => {
    Object.assign(state, next);
    if (!(state.surface in RATES)) state.surface = "valley";
    if (state.surface !== before) {
      surface = SURFACES[state.surface]();
      const other = rate(say("rate"), RATES[state.surface], state.rate, changed);
      eta.root.replaceWith(other.root);
      eta = other;
    }
    beta.root.hidden = state.momentum < 0;
    eta.value = state.rate;
    beta.value = state.momentum;
    steps.value = state.steps;
    state.rate = eta.value;
    state.steps = steps.value;
    if (state.momentum >= 0) state.momentum = beta.value;
    before = state.surface;
    put(state.x, state.y);
  };
  const begin = {...state};
  root.append(
    el("div", {class: "ia-row"}, eta.root, beta.root, steps.root, button(say("again"), () => {
      take({...begin});
      keep(state);
    })),
    view.root, line.root,
  );
  take(state);
  expose(root, () => ({path, loss: path.map(surface.value)}));
  return {set: take, redraw: draw};
});

/** How far down it came, or that it does not come down. */
function verdict(surface: Surface, path: Point[], first: number, last: number): string {
  const lowest = surface.value(surface.minimum!), out = path.findIndex(([x, y]) => !on(surface, x, y));
  if (out > 0 && !(last < 100 * first)) return say("diverged", {step: out});
  if (last > first) return say("worse");
  const share = first > lowest ? (first - last) / (first - lowest) : 1;
  if (share > 0.999) return say("arrived");
  return say(out > 0 ? "offTheMap" : "onItsWay", {percent: Math.floor(100 * share), step: out});
}

const inside = (value: number, [low, high]: Point): number => Number(Math.min(high, Math.max(low, value)).toPrecision(3));

const on = ({x, y}: Surface, a: number, b: number): boolean => a >= x[0] && a <= x[1] && b >= y[0] && b <= y[1];
