// A small network that trains in the page: settings, the network with what each unit answers, losses.
import {Control, button, check, choice, el, loop, number, prefersStill, range, status, svg} from "./dom.ts";
import {Order, engine} from "./engine.ts";
import {Message, say} from "./messages.ts";
import {ACTIVATIONS, DATA, EDGE, FEATURES, GRID, Points, Report, Settings, featuresOf, loadPoints, places} from "./network.ts";
import {Pair, colors, contour, curves, legend, picture, shade, shown} from "./plot.ts";
import {register} from "./registry.ts";

interface Look extends Settings {
  speed: number;
  test: boolean;
}

const RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 1, 3, 10];
const STRENGTHS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1];
const BATCHES = [1, 2, 5, 10, 20, 50, 100];
const POINTS = [100, 200, 400, 600, 1000];
const SPEEDS = [1, 5, 20, 50, 200];
const PENALTIES = ["none", "l1", "l2"];
const MOST = {layers: 6, units: 16, seed: 2 ** 32 - 1};
const ROWS = 8, ROW = 40; // as many units fit, of so many pixels; more make the picture higher
const NAMES: Record<string, string> = {
  x1: "x₁",
  x2: "x₂",
  "x1^2": "x₁²",
  "x2^2": "x₂²",
  "x1*x2": "x₁x₂",
  "sin(x1)": "sin x₁",
  "sin(x2)": "sin x₂",
};
const DEFAULTS: Look = {
  data: "circle",
  features: ["x1", "x2"],
  layers: [4, 2],
  activation: "tanh",
  rate: 0.03,
  batch: 10,
  penalty: "none",
  strength: 0.01,
  noise: 0,
  points: 400,
  draw: 42,
  seed: 0,
  speed: 5,
  test: false,
};

/** Replace what is impossible by the default, or by the nearest possible number. */
function tidy(state: Look): Look {
  const clean = {...state};
  const among = <K extends keyof Look>(key: K, possible: readonly unknown[]) => {
    if (!possible.includes(clean[key])) clean[key] = DEFAULTS[key];
  };
  const whole = (value: number, low: number, high: number) => Math.min(high, Math.max(low, Math.round(value)));
  among("data", DATA);
  among("activation", ACTIVATIONS);
  among("rate", RATES);
  among("batch", BATCHES);
  among("penalty", PENALTIES);
  among("strength", STRENGTHS);
  among("points", POINTS);
  among("speed", SPEEDS);
  clean.noise = Math.round(10 * Math.min(1, Math.max(0, clean.noise))) / 10;
  clean.draw = whole(clean.draw, 0, MOST.seed);
  clean.seed = whole(clean.seed, 0, MOST.seed);
  clean.layers = clean.layers.slice(0, MOST.layers).map((units) => whole(units, 1, MOST.units));
  clean.features = Object.keys(FEATURES).filter((name) => clean.features.includes(name));
  if (!clean.features.length) clean.features = DEFAULTS.features;
  return clean;
}

type Place = {layer: number; unit: number}; // of a unit; the last layer is the output

register<Look>("playground", DEFAULTS, (root, given, keep) => {
  let state = tidy(given);
  let points: Points, report: Report | null = null, generation = 0, busy = false, pictures: Float32Array = new Float32Array(0);
  let history: number[][] = [], lastPictures = 0, lastLabels = 0, chosen: Place | null = null, focus: Place = {layer: 0, unit: 0};
  const trainer = engine(), telling = status();

  // --- settings ---
  const several = (prefix: string, keys: readonly string[]) =>
    keys.map((key) => [key, say(`${prefix}.${key}` as Message)] as const);
  const amounts = (values: readonly number[]) => values.map((value) => [String(value), String(value)] as const);
  const change = (changes: Partial<Look>, again = true) => {
    state = tidy({...state, ...changes} as Look);
    keep(state);
    if (again) begin();
  };
  const controls: Record<string, Control<any>> = {
    data: choice(say("dataSet"), several("data", DATA), state.data, (data) => change({data})),
    noise: range(say("noise"), {min: 0, max: 1, step: 0.1}, state.noise, (noise) => change({noise})),
    points: choice(say("points"), amounts(POINTS), String(state.points), (n) => change({points: Number(n)})),
    draw: number(say("draw"), {min: 0, max: MOST.seed, step: 1}, state.draw, (draw) => change({draw})),
    test: check(say("showTest"), state.test, (test) => {
      change({test}, false);
      drawPlane();
    }),
    activation: choice(say("activation"), several("activation", ACTIVATIONS), state.activation, (activation) =>
      change({activation}),
    ),
    rate: choice(say("rate"), amounts(RATES), String(state.rate), (rate) => change({rate: Number(rate)})),
    batch: choice(say("batch"), amounts(BATCHES), String(state.batch), (batch) => change({batch: Number(batch)})),
    penalty: choice(say("penalty"), several("penalty", PENALTIES), state.penalty, (penalty) => change({penalty})),
    strength: choice(say("strength"), amounts(STRENGTHS), String(state.strength), (strength) =>
      change({strength: Number(strength)}),
    ),
    seed: number(say("seed"), {min: 0, max: MOST.seed, step: 1}, state.seed, (seed) => change({seed})),
    speed: choice(say("speed"), amounts(SPEEDS), String(state.speed), (speed) => change({speed: Number(speed)}, false)),
  };
  const resized = (layers: number[]) => {
    change({layers});
    fields();
  };
  const depth = number(say("layers"), {min: 0, max: MOST.layers, step: 1}, state.layers.length, (count) =>
    resized(Array.from({length: count}, (_, i) => state.layers[i] ?? 4)),
  );
  const widths = el("div", {class: "ia-row"});
  /** Show in the controls what the state is. */
  const fields = () => {
    for (const [key, control] of Object.entries(controls)) {
      const value = state[key];
      control.value = typeof control.value === "string" ? String(value) : value;
    }
    depth.value = state.layers.length;
    while (widths.children.length > state.layers.length) widths.lastChild!.remove();
    state.layers.forEach((units, i) => {
      const input = widths.children[i]?.querySelector("input");
      if (input) input.value = String(units);
      else
        widths.append(
          number(say("unitsOf", {layer: i + 1}), {min: 1, max: MOST.units, step: 1}, units, (value) =>
            resized(state.layers.map((old, j) => (j === i ? value : old))),
          ).root,
        );
    });
  };

  // --- running ---
  const running = loop(() => {
    const still = prefersStill();
    if (busy || (still && performance.now() - lastPictures < 500)) return;
    const steps = still ? 30 * state.speed : state.speed;
    void ask({do: "advance", steps, milliseconds: still ? 200 : 12, pictures: performance.now() - lastPictures > 50});
  });
  const run = button(say("run"), () => (running.running ? pause() : go()));
  const go = () => {
    if (report?.diverged) return;
    running.start();
    run.textContent = say("pause");
  };
  const pause = () => {
    if (!running.running) return;
    running.stop();
    run.textContent = say("run");
    void ask({do: "advance", steps: 0, pictures: true});
  };
  const ask = async (order: Order) => {
    const own = generation;
    busy = true;
    const answer = await trainer.ask(order);
    if (own !== generation) return; // the settings have changed since
    busy = false;
    report = answer;
    history.push(...report.history);
    if (report.pictures) {
      pictures = report.pictures;
      lastPictures = performance.now();
    }
    if (report.diverged) pause();
    draw();
    root.dispatchEvent(new CustomEvent("ia-report", {bubbles: true, detail: {report, history, state}}));
  };
  const begin = () => {
    running.stop();
    run.textContent = say("run");
    generation++;
    history = [];
    chosen = null;
    lastLabels = 0;
    points = loadPoints(state);
    report = painted = null;
    build();
    void ask({do: "begin", settings: {...state}});
  };

  // --- the network: lines below, on them a button for each unit ---
  const lines = svg("svg", {viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true"});
  const inputs = el("div", {role: "group", "aria-label": say("features")});
  const units = el("div", {role: "group", "aria-label": say("units")});
  const net = el("div", {class: "ia-net"}, lines as unknown as Node, inputs, units);
  const image = new ImageData(GRID, GRID);
  let palette = colors(root), painted: Float32Array | null = null;
  const small = () => el("canvas", {width: GRID, height: GRID, "aria-hidden": "true"});
  const paint = (canvas: HTMLCanvasElement, values: ArrayLike<number>, offset = 0) => {
    shade(image, values, palette.dark, offset);
    canvas.getContext("2d")!.putImageData(image, 0, 0);
  };
  const featureButtons = Object.keys(FEATURES).map((name, row, all) => {
    const flip = () => {
      const on = state.features.includes(name);
      if (on && state.features.length === 1) telling.say(say("lastFeature"));
      else change({features: on ? state.features.filter((other) => other !== name) : [...state.features, name]});
    };
    const made = el("button", {type: "button", class: "ia-feature", onclick: flip, title: say("feature", {name: NAMES[name]})});
    made.append(el("span", {}, NAMES[name]), small());
    made.style.top = `${(100 * (row + 0.5)) / all.length}%`;
    return made;
  });
  inputs.append(...featureButtons);
  const drawFeatures = () => {
    const values = featuresOf(places(), Object.keys(FEATURES));
    featureButtons.forEach((made, i) =>
      paint(made.querySelector("canvas")!, Float64Array.from({length: GRID * GRID}, (_, at) => values[at * 7 + i] / (i < 2 ? EDGE : i < 5 ? 18 : 1))),
    );
  };
  const recolor = () => {
    palette = colors(root);
    painted = null;
    drawFeatures();
  };
  const sizes = () => [...state.layers, 1];
  const rows = () => Math.max(ROWS, ...state.layers);
  const inputName = ({layer}: Place, k: number) =>
    layer ? say("unit", {unit: k + 1, layer}) : NAMES[state.features[k]];
  const nameOf = ({layer, unit}: Place) =>
    layer === state.layers.length ? say("outputUnit") : say("unit", {unit: unit + 1, layer: layer + 1});
  const short = (place: Place, k: number) => (place.layer ? `${k + 1}:` : NAMES[state.features[k]]);
  const detailOf = ({W, b}: Report, place: Place) =>
    say("unitDetail", {
      name: nameOf(place),
      bias: shown(b[place.layer][place.unit]),
      weights: W[place.layer].map((row, k) => `${short(place, k)} ${shown(row[place.unit])}`).join(", "),
    });
  const at = ({layer, unit}: Place): Pair => {
    const count = sizes()[layer], depth = state.layers.length;
    if (layer === depth) return [100, 50];
    return [14 + (86 * (layer + 1)) / (depth + 1), 50 + ((unit - (count - 1) / 2) * 100) / rows()];
  };
  const inputAt = ({layer}: Place, k: number): Pair => {
    if (layer) return at({layer: layer - 1, unit: k});
    return [9, (100 * (Object.keys(FEATURES).indexOf(state.features[k]) + 0.5)) / 7];
  };

  let unitButtons: {place: Place; made: HTMLButtonElement}[] = [];
  let weights: {place: Place; k: number; path: SVGPathElement}[] = [];
  const build = () => {
    featureButtons.forEach((made, i) =>
      made.setAttribute("aria-pressed", String(state.features.includes(Object.keys(FEATURES)[i]))),
    );
    const all = sizes().flatMap((count, layer) => Array.from({length: count}, (_, unit) => ({layer, unit})));
    weights = [];
    net.style.height = `${ROW * rows()}px`;
    lines.replaceChildren();
    for (const place of all) {
      const [x1, y1] = at(place), count = place.layer ? sizes()[place.layer - 1] : state.features.length;
      for (let k = 0; k < count; k++) {
        const [x0, y0] = inputAt(place, k), middle = (x0 + x1) / 2;
        const d = `M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}`;
        const path = svg("path", {d}), wide = svg("path", {d, class: "ia-wide"});
        wide.addEventListener("pointerenter", () => {
          const value = report?.W[place.layer][k][place.unit];
          if (value === undefined) return;
          detail.textContent = say("weightDetail", {from: inputName(place, k), to: nameOf(place), value: shown(value)});
        });
        wide.addEventListener("pointerleave", () => choose(null));
        weights.push({place, k, path});
        lines.append(path, wide);
      }
    }
    const had = units.contains(document.activeElement);
    if (focus.layer >= state.layers.length || focus.unit >= state.layers[focus.layer]) focus = {layer: 0, unit: 0};
    unitButtons = all.slice(0, -1).map((place) => {
      const made = el("button", {
        type: "button",
        class: "ia-unit",
        onpointerenter: () => choose(place),
        onpointerleave: () => choose(null),
        onfocus: () => choose(place),
        onblur: () => choose(null),
        onclick: () => choose(place),
        onkeydown: (event: KeyboardEvent) => move(place, event),
      });
      made.append(small());
      const [x, y] = at(place);
      made.style.left = `${x}%`;
      made.style.top = `${y}%`;
      return {place, made};
    });
    units.hidden = !unitButtons.length;
    units.replaceChildren(...unitButtons.map(({made}) => made));
    rove(focus, had);
    depth.value = state.layers.length;
  };
  const rove = (place: Place, take: boolean) => {
    focus = place;
    for (const {place: own, made} of unitButtons) {
      const here = own.layer === place.layer && own.unit === place.unit;
      made.tabIndex = here ? 0 : -1;
      if (here && take) made.focus();
    }
  };
  const move = ({layer, unit}: Place, event: KeyboardEvent) => {
    const steps: Record<string, Pair> = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const to = Math.min(state.layers.length - 1, Math.max(0, layer + step[0]));
    rove({layer: to, unit: Math.min(state.layers[to] - 1, Math.max(0, unit + step[1]))}, true);
  };

  // --- pictures ---
  const plane = picture(280, 280), chart = picture(420, 200), detail = el("p", {class: "ia-detail"});
  const title = el("p", {class: "ia-title"}), about = el("p", {class: "ia-small"});
  const losses = [{name: say("trainLoss")}, {name: say("testLoss"), dash: [6, 4]}];
  const buffer = small();
  const choose = (place: Place | null) => {
    const focused = unitButtons.find(({made}) => made === made.ownerDocument.activeElement);
    chosen = place ?? focused?.place ?? null;
    draw();
  };
  const offsetOf = ({layer, unit}: Place) =>
    (sizes().slice(0, layer).reduce((sum, count) => sum + count, 0) + unit) * GRID * GRID;

  const drawPlane = () => {
    if (!report) return;
    const {context, width} = plane, regression = state.data === "plane";
    const place = chosen ?? {layer: state.layers.length, unit: 0}, offset = offsetOf(place);
    paint(buffer, pictures, offset);
    context.imageSmoothingEnabled = true;
    context.drawImage(buffer, 0, 0, width, width);
    const px = (value: number) => ((value + EDGE) / (2 * EDGE)) * width;
    if (!chosen && !regression) {
      context.strokeStyle = palette.ink;
      context.lineWidth = 1.6;
      contour(context, pictures.subarray(offset, offset + GRID * GRID), GRID, [px(-EDGE), px(EDGE)], [width, 0]);
    }
    const half = points.y.length >> 1;
    for (let i = 0; i < (state.test ? points.y.length : half); i++) {
      const x = px(points.X[2 * i]), y = width - px(points.X[2 * i + 1]), target = points.y[i];
      context.beginPath();
      if (regression || target < 0.5) context.arc(x, y, 2.8, 0, 7);
      else context.rect(x - 2.5, y - 2.5, 5, 5);
      const color = palette.series[(regression ? target > 0 : target > 0.5) ? 1 : 0];
      context.globalAlpha = regression ? Math.min(1, 0.25 + Math.abs(target)) : 1;
      context.fillStyle = i < half ? color : palette.paper;
      context.strokeStyle = i < half ? palette.paper : color;
      context.lineWidth = i < half ? 0.8 : 1.5;
      context.fill();
      context.stroke();
    }
    context.globalAlpha = 1;
    title.textContent = chosen ? nameOf(chosen) : say("output");
    plane.describe(say(regression ? "describePlane" : "describeClasses", {name: title.textContent, status: sentence()}));
  };
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  const sentence = () => {
    if (!report) return "";
    if (report.diverged) return say("diverged", {epoch: report.diverged});
    const test = shown(report.test.loss), last = history[history.length - 1];
    if (!report.step) return say("statusBegin", {test});
    if (!last) return say("statusStep", {step: report.step, test});
    const text = say("status", {epoch: report.epoch, step: report.step, train: shown(last[0]), test});
    if (state.data === "plane") return text;
    return `${text} ${say("accuracies", {train: percent(last[1]), test: percent(report.test.accuracy)})}`;
  };
  const drawChart = () => {
    const stride = Math.ceil(history.length / 300) || 1;
    const kept = history.map((values, i) => [i + 1, ...values]).filter((_, i) => i % stride === 0 || i === history.length - 1);
    const high = Math.max(...kept.map((row) => Math.max(row[1], row[3])), 0.05);
    const series = losses.map((one, i) => ({...one, points: kept.map((row): Pair => [row[0], row[1 + 2 * i]])}));
    curves(chart, palette, series, {x: [0, Math.max(10, history.length)], y: [0, high * 1.05], xLabel: say("epochs")});
    chart.describe(history.length ? say("describeLosses", {status: sentence()}) : say("noLosses"));
  };
  const draw = () => {
    if (!report) return;
    if (!palette.ink) recolor(); // JupyterLab fills the element first, and shows it then
    const now = performance.now();
    for (const {place, k, path} of weights) {
      const value = report.W[place.layer][k][place.unit], size = Math.min(7, 0.6 + 1.8 * Math.abs(value));
      path.style.strokeWidth = size.toFixed(2);
      path.setAttribute("class", value < 0 ? "ia-minus" : "ia-plus");
      path.style.opacity = !chosen || (chosen.layer === place.layer && chosen.unit === place.unit) ? "1" : "0.2";
    }
    const label = !running.running || now - lastLabels > 1000;
    for (const {place, made} of unitButtons) {
      if (painted !== pictures) paint(made.querySelector("canvas")!, pictures, offsetOf(place));
      if (label) made.setAttribute("aria-label", detailOf(report, place));
    }
    if (label) lastLabels = now;
    painted = pictures;
    detail.textContent = chosen ? detailOf(report, chosen) : say("ask");
    about.textContent = say(state.data === "plane" ? "legendPlane" : "legendClasses");
    telling.say(sentence());
    drawPlane();
    drawChart();
  };

  const group = (name: Message, ...parts: (Control<any> | undefined | HTMLElement)[]) =>
    el(
      "fieldset",
      {},
      el("legend", {}, say(name)),
      el("div", {class: "ia-row"}, ...parts.map((part) => (part && "root" in part ? part.root : part))),
    );
  root.append(
    el(
      "div",
      {class: "ia-row"},
      run,
      button(say("step"), () => {
        pause();
        void ask({do: "advance", steps: 1, pictures: true});
      }),
      button(say("epoch"), () => {
        pause();
        void ask({do: "finish"});
      }),
      button(say("reset"), () => begin()),
      controls.speed.root,
    ),
    telling.root,
    el("div", {class: "ia-panels"}, net, el("div", {class: "ia-plane"}, title, plane.root)),
    detail,
    about,
    chart.root,
    legend(losses),
    group("groupData", controls.data, controls.noise, controls.points, controls.draw, controls.test),
    group("groupNetwork", controls.activation, depth, widths),
    group("groupTraining", controls.rate, controls.batch, controls.penalty, controls.strength, controls.seed),
  );
  fields();
  recolor();
  begin();
  Object.assign(root, {numbers: () => ({...report, history, state, running: running.running})});

  return {
    set: (next) => {
      state = tidy(next);
      fields();
      begin();
    },
    redraw: () => {
      recolor();
      draw();
    },
    stop: () => {
      running.stop();
      trainer.stop();
    },
  };
});
