// The perceptron learning rule, one instance at a time; points can be moved, and all that was learned changes with them.
import {button, check, choice, el, status} from "./dom.ts";
import {expose, fitted} from "./explorable.ts";
import {presented, product, type Instance, type Unit} from "./math/threshold.ts";
import {say, type Message} from "./explorable-messages.ts";
import {axes, colors, grip, line, shown, type Colors, type Pair, type Scale} from "./plot.ts";
import {register} from "./registry.ts";

interface PerceptronStep {
  [key: string]: string | number | boolean | (string | number)[];
  data: string;
  points: (string | number)[]; // x₁, x₂ and the target of each instance, one after the other; none: those of the data
  bias: boolean;
  presented: number; // so many instances were presented, in their order, again and again
}

const DATA: Record<string, {points: number[]; start: Unit; bias: boolean}> = {
  one: {points: [1.2, -1.8, -1], start: {w: [2, 0.5], b: 0}, bias: false},
  eight: {
    points: [2, 1, 1, -1, 0.5, -1, 1, 2, 1, -2, -1, -1, 0.5, 0.6, 1, 0.5, -1.5, -1, 2.2, -0.4, 1, -0.8, 1.8, -1],
    start: {w: [0, 0], b: 0}, bias: true,
  },
  xor: {points: [-1, -1, -1, 1, -1, 1, -1, 1, 1, 1, 1, -1], start: {w: [0, 0], b: 0}, bias: true},
};
const END = 3, MOST = 400;

const defaults: PerceptronStep = {data: "eight", points: [], bias: true, presented: 0};

register<PerceptronStep>("perceptron-step", defaults, (root, state, keep) => {
  let instances: Instance[] = [], units: Unit[] = [], scale: Scale, grips: ReturnType<typeof grip>[] = [];
  const view = fitted(root, 440, 440), said = status(), history = el("p", {});
  const act = (change: Partial<PerceptronStep>) => {
    take({...state, ...change} as PerceptronStep);
    keep(state);
  };
  const data = choice(
    say("data"), Object.keys(DATA).map((key) => [key, say(key as Message)] as const), state.data,
    (key) => act({data: key, points: [], bias: DATA[key].bias, presented: 0}),
  );
  const bias = check(say("withBias"), state.bias, (value) => act({bias: value, presented: 0}));
  const now = () => units[units.length - 1];
  const due = () => instances[state.presented % instances.length];
  const wrong = () => product(due(), now()) <= 0;
  /** Go on to the next mistake, or to the end of an epoch without one. */
  const toMistake = () => {
    let unit = now(), n = state.presented;
    for (let right = 0; right < instances.length && n < MOST; right++, n++) {
      if (product(instances[n % instances.length], unit) <= 0) break;
    }
    act({presented: n});
  };
  const move = (i: number, x: number, y: number) => {
    const points = instances.flatMap(({x, t}) => [...x, t]), inside = (v: number) => Math.round(20 * Math.min(END, Math.max(-END, v))) / 20;
    points[3 * i] = inside(x);
    points[3 * i + 1] = inside(y);
    act({points});
  };
  const name = (i: number) => say("instance", {number: i + 1});

  const draw = () => {
    const palette = colors(root), {context} = view, unit = now(), instance = due(), index = state.presented % instances.length;
    scale = axes(view, palette, {x: [-END, END], y: [-END, END], xLabel: "x₁", yLabel: "x₂"});
    const after = presented(instance, unit, 1, state.bias), mistake = wrong();
    half(unit, palette);
    if (mistake) boundary(after, palette.muted, [5, 5]);
    boundary(unit, palette.ink, []);
    if (mistake) {
      arrow(unit.w, after.w, "t x", palette.series[4]);
      arrow([0, 0], after.w, "w + t x", palette.series[2], [5, 4]);
    }
    arrow([0, 0], unit.w, "w", palette.series[0]);
    instances.forEach(({x, t}, i) => {
      const [px, py] = [scale.x(x[0]), scale.y(x[1])];
      context.fillStyle = t > 0 ? palette.series[0] : palette.series[1];
      context.strokeStyle = palette.paper;
      context.lineWidth = 1.5;
      context.beginPath();
      if (t > 0) context.arc(px, py, 7, 0, 7);
      else context.rect(px - 6.5, py - 6.5, 13, 13);
      context.fill();
      context.stroke();
      const side = say(t > 0 ? "shouldFire" : "shouldNotFire"), next = i === index ? ` ${say("isNext")}` : "";
      grips[i].update(`x₁ = ${shown(x[0])}, x₂ = ${shown(x[1])}, ${side}${next}`);
      grips[i].root.classList.toggle("ia-next", i === index);
    });
    const numbers = (u: Unit) => `w = (${shown(u.w[0])}, ${shown(u.w[1])})${state.bias ? `, b = ${shown(u.b)}` : ""}`;
    const values = {number: index + 1, t: shown(instance.t), product: shown(product(instance, unit)), now: numbers(unit), after: numbers(after)};
    said.say(`${say(mistake ? "isWrong" : "isRight", values)}${settled() ? ` ${say("settled")}` : ""}`);
    history.textContent = say("mistakesOf", {presented: state.presented, list: mistakes().join(", ") || say("none")});
    view.describe(say("planeOf", {count: instances.length, now: numbers(unit)}));
  };
  /** The side on which the unit fires, and the line between both. */
  const edge = ({w, b}: Unit): [Pair, Pair] | null => {
    const size = Math.hypot(...w);
    if (!size) return null;
    const [nx, ny] = [w[0] / size, w[1] / size], d = -b / size, far = 20;
    return [[nx * d - ny * far, ny * d + nx * far], [nx * d + ny * far, ny * d - nx * far]];
  };
  const within = (paint: () => void) => {
    const {context} = view;
    context.save();
    context.beginPath();
    context.rect(scale.x(-END), scale.y(END), scale.x(END) - scale.x(-END), scale.y(-END) - scale.y(END));
    context.clip();
    paint();
    context.restore();
  };
  const at = ([x, y]: Pair): Pair => [scale.x(x), scale.y(y)];
  const half = (unit: Unit, palette: Colors) => within(() => {
    const ends = edge(unit), {context} = view;
    if (!ends) return;
    const [a, b] = ends, size = Math.hypot(...unit.w), [nx, ny] = unit.w.map((w) => (40 * w) / size);
    context.globalAlpha = 0.18;
    context.fillStyle = palette.series[5];
    context.beginPath();
    for (const p of [a, b, [b[0] + nx, b[1] + ny], [a[0] + nx, a[1] + ny]] as Pair[]) context.lineTo(...at(p));
    context.fill();
  });
  const boundary = (unit: Unit, color: string, dash: number[]) => within(() => {
    const ends = edge(unit);
    view.context.strokeStyle = color;
    view.context.lineWidth = 1.6;
    view.context.setLineDash(dash);
    if (ends) line(view.context, ends.map(at));
  });
  const arrow = (from: Pair, to: Pair, label: string, color: string, dash: number[] = []) => within(() => {
    const {context} = view, [a, b] = [at(from), at(to)], length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    if (length < 1) return;
    const [ux, uy] = [(b[0] - a[0]) / length, (b[1] - a[1]) / length];
    context.strokeStyle = context.fillStyle = color;
    context.lineWidth = 2.5;
    context.setLineDash(dash);
    line(context, [a, [b[0] - 8 * ux, b[1] - 8 * uy]]);
    context.beginPath();
    context.moveTo(...b);
    context.lineTo(b[0] - 11 * ux + 5 * uy, b[1] - 11 * uy - 5 * ux);
    context.lineTo(b[0] - 11 * ux - 5 * uy, b[1] - 11 * uy + 5 * ux);
    context.fill();
    if (length < 40) return;
    // Beside the middle of the arrow, on its left.
    context.font = "italic 13px sans-serif";
    context.textAlign = uy < 0 ? "right" : "left";
    context.textBaseline = "middle";
    context.fillText(label, (a[0] + b[0]) / 2 + 10 * uy, (a[1] + b[1]) / 2 - 10 * ux);
  });
  const mistakes = () => {
    const counts: number[] = [];
    for (let i = 0; i < state.presented; i++) {
      const epoch = Math.floor(i / instances.length);
      counts[epoch] = (counts[epoch] ?? 0) + Number(units[i + 1] !== units[i]);
    }
    return counts;
  };
  const settled = () => instances.every((instance) => product(instance, now()) > 0);

  const take = (next: PerceptronStep) => {
    Object.assign(state, next);
    if (!(state.data in DATA)) state.data = defaults.data;
    const given = state.points.map(Number), {start, points} = DATA[state.data];
    const usable = given.length && given.length % 3 === 0 && given.length <= 36 && given.every(Number.isFinite);
    data.value = state.data;
    bias.value = state.bias;
    state.presented = Math.round(Math.min(MOST, Math.max(0, state.presented)));
    const numbers = usable ? given : points;
    instances = Array.from({length: numbers.length / 3}, (_, i) => ({
      x: [numbers[3 * i], numbers[3 * i + 1]],
      t: numbers[3 * i + 2] > 0 ? 1 : -1,
    }));
    units = [start];
    for (let i = 0; i < state.presented; i++) units.push(presented(instances[i % instances.length], units[i], 1, state.bias));
    if (grips.length !== instances.length) {
      grips.forEach(({root}) => root.remove());
      grips = instances.map((_, i) => grip(
        view, name(i),
        () => at(instances[i].x),
        (px, py) => move(i, ...scale.back(px, py)),
        (dx, dy) => move(i, instances[i].x[0] + dx / 20, instances[i].x[1] + dy / 20),
      ));
    }
    draw();
  };
  root.append(
    el("div", {class: "ia-row"}, data.root, bias.root),
    view.root,
    el("div", {class: "ia-row"},
      button(say("present"), () => act({presented: state.presented + 1})),
      button(say("nextMistake"), toMistake),
      button(say("backOne"), () => act({presented: state.presented - 1})),
      button(say("again"), () => act({presented: 0}))),
    said.root, history,
  );
  take(state);
  expose(root, () => ({instances, units, mistakes: mistakes()}));
  return {set: take, redraw: draw};
});
