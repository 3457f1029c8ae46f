// Several optimizers on one map, each with a rate of its own: step by step, or running.
import {button, check, choice, el, loop, prefersStill, range, status, svg, type Control} from "./dom.ts";
import {expose, fitted} from "./explorable.ts";
import {drawMap, drawWay} from "./map.ts";
import {OPTIMIZERS, descend, type Point} from "./math/optimizers.ts";
import {SURFACES, type Surface} from "./math/surfaces.ts";
import {say, type Message} from "./explorable-messages.ts";
import {colors, shown} from "./plot.ts";
import {rate} from "./rate.ts";
import {register} from "./registry.ts";

interface Race {
  [key: string]: string | number | (string | number)[];
  surface: string;
  runners: string[];
  rates: number[]; // of all optimizers, in their order
  steps: number;
}

const NAMES = Object.keys(OPTIMIZERS), MOST = 200;
const LANDS = ["valley", "rosenbrock", "saddle"];
/** Colors come again after six optimizers, then with dashes. */
const dash = (i: number): number[] => (i < COLORS.length ? [] : [6, 4]);
const COLORS = ["blue", "orange", "green", "pink", "red", "ink"];

const defaults: Race = {
  surface: "rosenbrock", runners: ["plain", "momentum", "Adam"], rates: NAMES.map((name) => OPTIMIZERS[name].rate), steps: 100,
};

register<Race>("optimizer-race", defaults, (root, state, keep) => {
  let surface: Surface, paths: Record<string, Point[]> = {};
  const view = fitted(root, 560, 400), said = status(), body = el("tbody", {});
  const act = (change: Partial<Race>) => {
    take({...state, ...change} as Race);
    keep(state);
  };
  const land = choice(say("surface"), LANDS.map((key) => [key, say(key as Message)] as const), state.surface, (surface) => act({surface}));
  const steps = range(say("steps"), {min: 0, max: MOST, step: 1}, state.steps, (steps) => {
    run.stop();
    act({steps});
  });
  const boxes: Record<string, Control<boolean>> = {}, rates: Record<string, Control<number>> = {};
  const cells: Record<string, HTMLTableCellElement> = {}, rows: Record<string, HTMLTableRowElement> = {};
  for (const [i, name] of NAMES.entries()) {
    boxes[name] = check(name, false, () => act({runners: NAMES.filter((one) => boxes[one].value)}));
    rates[name] = rate(say("rateOf", {name}), [0.0001, 10], state.rates[i], () => act({rates: NAMES.map((one) => rates[one].value)}));
    const stroke = svg("line", {x1: 0, x2: 26, y1: 5, y2: 5, "stroke-width": 3, "stroke-dasharray": dash(i).join(" ")});
    stroke.style.stroke = `var(--ia-${COLORS[i % COLORS.length]})`;
    const mark = svg("svg", {class: "ia-mark", width: 26, height: 10, "aria-hidden": "true"}, stroke);
    cells[name] = el("td", {});
    rows[name] = el("tr", {}, el("th", {scope: "row"}, mark, boxes[name].root), el("td", {}, rates[name].root), cells[name]);
    body.append(rows[name]);
  }
  const run = loop(() => {
    if (state.steps >= MOST) stop();
    else take({...state, steps: state.steps + 1});
  });
  const stop = () => {
    run.stop();
    go.textContent = say("run");
    draw();
    keep(state);
  };
  const go = button(say("run"), () => {
    if (run.running) stop();
    else if (prefersStill()) act({steps: MOST});
    else {
      if (state.steps >= MOST) take({...state, steps: 0});
      go.textContent = say("pause");
      run.start();
    }
  });

  const draw = () => {
    const palette = colors(root), scale = drawMap(view, palette, surface);
    const results = state.runners.map((name) => {
      const path = paths[name].slice(0, state.steps + 1), last = path[path.length - 1];
      const i = NAMES.indexOf(name);
      drawWay(view, surface, scale, path, [...palette.series.slice(0, 5), palette.ink][i % COLORS.length], dash(i));
      return [name, surface.value(last)] as const;
    });
    for (const name of NAMES) cells[name].textContent = "–";
    for (const [name, loss] of results) cells[name].textContent = loss < -1e6 ? say("falls") : loss < 1e6 ? shown(loss, 4) : say("grows");
    const best = results.filter(([, loss]) => Number.isFinite(loss)).sort((a, b) => a[1] - b[1])[0];
    if (!run.running) said.say(best ? say("leader", {steps: state.steps, name: best[0], loss: shown(best[1], 4)}) : say("nobody"));
    view.describe(say("mapOfRace", {surface: say(state.surface as Message), steps: state.steps, names: state.runners.join(", ")}));
  };
  const take = (next: Race) => {
    const before = state.surface;
    Object.assign(state, next);
    if (!LANDS.includes(state.surface)) state.surface = defaults.surface;
    if (!surface || before !== state.surface) surface = SURFACES[state.surface]();
    if (state.rates.length !== NAMES.length) state.rates = defaults.rates;
    state.runners = NAMES.filter((name) => state.runners.includes(name));
    land.value = state.surface;
    steps.value = state.steps;
    state.steps = steps.value;
    NAMES.forEach((name, i) => {
      boxes[name].value = state.runners.includes(name);
      rates[name].value = state.rates[i];
    });
    state.rates = NAMES.map((name) => rates[name].value);
    paths = Object.fromEntries(state.runners.map((name) => {
      const {change, start} = OPTIMIZERS[name];
      return [name, descend(change, start, surface.gradient, surface.start, rates[name].value, MOST)];
    }));
    draw();
  };
  const head = ["optimizer", "rate", "lossNow"].map((key) => el("th", {scope: "col"}, say(key as Message)));
  root.append(
    el("div", {class: "ia-row"}, land.root, steps.root, go), view.root, said.root,
    el("div", {class: "ia-scroll"}, el("table", {class: "ia-table"}, el("thead", {}, el("tr", {}, ...head)), body)),
  );
  take(state);
  expose(root, () => ({paths, loss: Object.fromEntries(state.runners.map((name) => [name, paths[name].map(surface.value)]))}));
  return {set: take, redraw: draw, stop: () => run.stop()};
});
