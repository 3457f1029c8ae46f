// An activation function and its derivative, with a point that the reader moves, and perhaps another one beside it.
import {choice, el, range, status} from "./dom.ts";
import {expose, fitted} from "./explorable.ts";
import {ACTIVATIONS} from "./math/functions.ts";
import {say} from "./explorable-messages.ts";
import {axes, colors, grip, legend, line, shown, type Pair, type Scale} from "./plot.ts";
import {register} from "./registry.ts";

interface Activation {
  [key: string]: string | number | string[];
  offered: string[];
  name: string;
  other: string;
  z: number;
}

const END = 6, NONE = "none";
const DASH = [7, 5];

const defaults: Activation = {offered: Object.keys(ACTIVATIONS), name: "sigmoid", other: NONE, z: 0};

register<Activation>("activation", defaults, (root, state, keep) => {
  let scale: Scale;
  const view = fitted(root, 560, 340), said = status(), key = el("div", {});
  const known = state.offered.filter((name) => name in ACTIVATIONS), names = known.length ? known : defaults.offered;
  const act = (change: Partial<Activation>) => {
    take({...state, ...change} as Activation);
    keep(state);
  };
  const first = choice(say("activation"), names.map((name) => [name, name] as const), state.name, (name) => act({name}));
  const second = choice(
    say("beside"), [[NONE, say("nothing")] as const, ...names.map((name) => [name, name] as const)], state.other,
    (other) => act({other}),
  );
  const place = range(say("preactivation"), {min: -END, max: END, step: 0.05, show: (z) => shown(z)}, state.z, (z) => act({z}));
  const point = grip(
    view, say("point"),
    () => [scale.x(state.z), scale.y(clipped(ACTIVATIONS[state.name][0](state.z)))],
    (px) => act({z: scale.back(px, 0)[0]}),
    (dx) => act({z: state.z + dx * 0.05}),
  );

  const shownNames = () => [state.name, ...(state.other === NONE ? [] : [state.other])];
  const draw = () => {
    const palette = colors(root), {context} = view;
    scale = axes(view, palette, {x: [-END, END], y: [LOW, HIGH], xLabel: say("preactivation"), yLabel: say("valueAndSlope")});
    shownNames().forEach((name, i) => ACTIVATIONS[name].forEach((f, slope) => {
      context.strokeStyle = palette.series[2 * i + slope];
      context.lineWidth = 2.2;
      context.setLineDash(slope ? DASH : []);
      for (const piece of pieces(f)) line(context, piece.map(([z, y]) => [scale.x(z), scale.y(y)]));
    }));
    const [value, slope] = ACTIVATIONS[state.name].map((f) => f(state.z));
    // The tangent: a straight line with the slope of the curve.
    context.setLineDash([2, 3]);
    context.strokeStyle = palette.ink;
    context.lineWidth = 1.2;
    context.save();
    context.beginPath();
    context.rect(scale.x(-END), scale.y(HIGH), scale.x(END) - scale.x(-END), scale.y(LOW) - scale.y(HIGH));
    context.clip();
    line(context, [-1.5, 1.5].map((d): Pair => [scale.x(state.z + d), scale.y(value + d * slope)]));
    context.restore();
    context.setLineDash([]);
    point.update(say("atPoint", {name: state.name, z: shown(state.z), value: shown(value), slope: shown(slope)}));
    said.say(shownNames().map((name) => {
      const [value, slope] = ACTIVATIONS[name].map((f) => f(state.z));
      return say("valueHere", {name, z: shown(state.z), value: shown(value, 4), slope: shown(slope, 4)});
    }).join(" "));
    view.describe(say("curvesOf", {names: shownNames().join(", "), low: -END, high: END}));
  };
  const take = (next: Activation) => {
    Object.assign(state, next);
    if (!names.includes(state.name)) state.name = names[0];
    if (!names.includes(state.other)) state.other = NONE;
    first.value = state.name;
    second.value = state.other;
    place.value = state.z;
    state.z = place.value;
    key.replaceChildren(legend(shownNames().flatMap((name) => [{name}, {name: say("slopeOf", {name}), dash: [5, 3]}])));
    draw();
  };
  root.append(el("div", {class: "ia-row"}, first.root, second.root, place.root), key, view.root, said.root);
  take(state);
  expose(root, () => Object.fromEntries(shownNames().map((name) => [name, ACTIVATIONS[name].map((f) => f(state.z))])));
  return {set: take, redraw: draw};
});

const LOW = -1.25, HIGH = 2;
const clipped = (y: number): number => Math.min(HIGH, Math.max(LOW, y));

/** The curve of a function within the picture, in pieces: a jump parts it. */
function pieces(f: (z: number) => number): Pair[][] {
  const found: Pair[][] = [[]];
  for (let i = -600; i <= 600; i++) {
    const z = (i / 600) * END, y = f(z), piece = found[found.length - 1], last = piece[piece.length - 1];
    if (last && Math.abs(y - last[1]) > 0.25) found.push([]);
    if (y >= LOW && y <= HIGH) found[found.length - 1].push([z, y]);
  }
  return found;
}
