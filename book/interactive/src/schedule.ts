// Learning rate schedules: choose one and its numbers, see the curve, and what to write in Keras.
import {choice, el, range, status, type Control} from "./dom.ts";
import {expose, fitted} from "./explorable.ts";
import {SCHEDULES, momentum, type Numbers} from "./math/schedules.ts";
import {say, type Message} from "./explorable-messages.ts";
import {axes, colors, grip, line, shown, type Pair, type Scale} from "./plot.ts";
import {rate} from "./rate.ts";
import {register} from "./registry.ts";

interface Schedule {
  [key: string]: string | number;
  name: string;
  rate: number; // the largest
  steps: number; // of the whole training
  t: number;
  // What some schedules ask for.
  scale: number;
  exponent: number;
  factor: number;
  first: number;
  second: number;
  warmup: number;
  final: number;
}

const defaults: Schedule = {
  name: "cosine", rate: 0.1, steps: 252, t: 0,
  scale: 50, exponent: 1, factor: 0.25, first: 126, second: 189, warmup: 0, final: 0,
};
const MOST = 1000;
// The numbers that some schedules ask for: bounds and steps of their sliders.
const SLIDERS: Record<string, [number, number, number]> = {
  scale: [1, MOST, 1], exponent: [0.25, 3, 0.25], factor: [0.05, 0.95, 0.05], first: [1, MOST, 1], second: [1, MOST, 1],
  warmup: [0, 500, 1], final: [0, 1, 0.05],
};

register<Schedule>("schedule", defaults, (root, state, keep) => {
  let scale: Scale;
  const view = fitted(root, 560, 320), said = status(), code = el("code", {}), note = el("p", {});
  const act = (change: Partial<Schedule>) => {
    take({...state, ...change} as Schedule);
    keep(state);
  };
  const name = choice(say("schedule"), Object.keys(SCHEDULES).map((key) => [key, say(key as Message)] as const), state.name, (name) => act({name}));
  const eta = rate(say("largestRate"), [0.0001, 10], state.rate, (rate) => act({rate}));
  const steps = range(say("allSteps"), {min: 20, max: MOST, step: 1}, state.steps, (steps) => act({steps}));
  const others: Record<string, Control<number>> = {};
  for (const [key, [min, max, step]] of Object.entries(SLIDERS)) {
    others[key] = range(say(key as Message), {min, max, step, show: (v) => shown(v)}, Number(state[key]), (value) => act({[key]: value}));
  }
  const time = range(say("stepT"), {min: 0, max: MOST, step: 1}, state.t, (t) => act({t}));
  const point = grip(
    view, say("point"),
    () => [scale.x(state.t), scale.y(at(state.t))],
    (px) => act({t: Math.round(scale.back(px, 0)[0])}),
    (dx) => act({t: state.t + dx}),
  );
  const at = (t: number) => SCHEDULES[state.name].rate(t, state as Numbers);

  const draw = () => {
    const palette = colors(root), {context} = view, n = state.steps;
    scale = axes(view, palette, {x: [0, n], y: [0, state.rate * 1.05], xLabel: say("stepT"), yLabel: say("rateOfStep")});
    const points = Array.from({length: n}, (_, t): Pair => [scale.x(t), scale.y(at(t))]);
    // The others, with the same numbers, stand behind it.
    context.strokeStyle = palette.muted;
    context.setLineDash([2, 4]);
    for (const {rate} of Object.values(SCHEDULES)) {
      line(context, points.map(([x], t): Pair => [x, scale.y(rate(t, state as Numbers))]));
    }
    context.setLineDash([]);
    context.strokeStyle = palette.series[0];
    context.lineWidth = 2.2;
    line(context, points);
    const all = Array.from({length: n}, (_, t) => at(t)), end = all[n - 1];
    point.update(say("rateAt", {t: state.t, rate: shown(at(state.t), 4)}));
    said.say(`${say("rateAt", {t: state.t, rate: shown(at(state.t), 4)})} ${say("rateEnds", {
      mean: shown(all.reduce((a, b) => a + b) / n), end: shown(end),
    })}`);
    view.describe(say("curveOfRate", {
      name: say(state.name as Message), steps: n,
      rates: [0, 0.25, 0.5, 0.75, 1].map((share) => shown(at(Math.round(share * (n - 1))))).join(", "),
    }));
    code.textContent = keras(state);
    note.textContent = say(code.textContent.startsWith("coursepkg") ? "courseNote" : "kerasNote");
  };
  const take = (next: Schedule) => {
    Object.assign(state, next);
    if (!(state.name in SCHEDULES)) state.name = defaults.name;
    name.value = state.name;
    eta.value = state.rate;
    steps.value = state.steps;
    state.rate = eta.value;
    state.steps = steps.value;
    for (const [key, control] of Object.entries(others)) {
      control.value = Number(state[key]);
      state[key] = control.value;
      control.root.hidden = !SCHEDULES[state.name].needs.includes(key);
    }
    // What must lie before the end, or in an order, is put there.
    state.warmup = Math.min(state.warmup, state.steps - 1);
    state.second = Math.max(state.second, state.first + 1);
    others.warmup.value = state.warmup;
    others.second.value = state.second;
    time.value = Math.min(state.t, state.steps - 1);
    state.t = time.value;
    draw();
  };
  root.append(
    el("div", {class: "ia-row"}, name.root, eta.root, steps.root, ...Object.values(others).map((control) => control.root), time.root),
    view.root, said.root, note, el("pre", {tabindex: 0, "aria-label": say("code")}, code),
  );
  take(state);
  expose(root, () => ({
    rates: Array.from({length: state.steps}, (_, t) => at(t)),
    momentum: Array.from({length: state.steps}, (_, t) => momentum(t, state.steps)),
    code: code.textContent,
  }));
  return {set: take, redraw: draw};
});

/** The line of Python that makes this schedule. */
function keras(s: Schedule): string {
  const n = (value: number) => String(Number(value.toPrecision(12)));
  const call = (name: string, ...values: string[]) => `keras.optimizers.schedules.${name}(${values.join(", ")})`;
  switch (s.name) {
    case "constant":
      return n(s.rate);
    case "power":
      // Keras has the exponent 1 only.
      return s.exponent === 1
        ? call("InverseTimeDecay", n(s.rate), `decay_steps=${n(s.scale)}`, "decay_rate=1")
        : `coursepkg.scratch.schedules.power(${n(s.rate)}, steps=${n(s.scale)}, exponent=${n(s.exponent)})`;
    case "exponential":
      return call("ExponentialDecay", n(s.rate), `decay_steps=${n(s.scale)}`, `decay_rate=${n(s.factor)}`);
    case "piecewise":
      return call("PiecewiseConstantDecay", `[${n(s.first)}, ${n(s.second)}]`, `[${[0, 1, 2].map((k) => n(s.rate * s.factor ** k)).join(", ")}]`);
    case "cosine":
      return s.warmup
        ? call("CosineDecay", "0.0", n(s.steps - s.warmup), `alpha=${n(s.final)}`, `warmup_target=${n(s.rate)}`, `warmup_steps=${n(s.warmup)}`)
        : call("CosineDecay", n(s.rate), n(s.steps), `alpha=${n(s.final)}`);
    default:
      return `coursepkg.deep.OneCycle(${n(s.rate)}, ${n(s.steps)})`;
  }
}
