// One kernel, laid on a picture place by place: what lies under it, and the number that comes out.
import {button, choice, el, number, range, status} from "./dom.ts";
import {expose, fitted} from "./explorable.ts";
import {correlate, pixel, type Correlation, type Table} from "./math/correlation.ts";
import {say, type Message} from "./explorable-messages.ts";
import {colors, shown, type Colors, type Picture} from "./plot.ts";
import {register} from "./registry.ts";

interface Convolution {
  [key: string]: string | number | number[];
  picture: string;
  kernel: number[];
  stride: number;
  padding: string;
  place: number;
}

// Rows of pixels from 0 to 9. The bag is the one of the chapter, averaged over 2 × 2 pixels.
const PICTURES: Record<string, string[]> = {
  corner: ["0009", "0009", "0009", "0099"],
  ring: ["00000000", "00999900", "09000090", "09000090", "09000090", "09000090", "00999900", "00000000"],
  bag: [
    "00000000000000", "00011211000000", "02443222343100", "35653221113520", "87888887887664",
    "88888888888888", "88898888888898", "88898888889986", "88888898988895", "89988998988893",
    "89999998998992", "25567899999981", "00000001123320", "00000000000000",
  ],
};
const KERNELS: Record<string, number[]> = {
  across: [-1, 0, 1, -2, 0, 2, -1, 0, 1],
  down: [-1, -2, -1, 0, 0, 0, 1, 2, 1],
  outline: [-1, -1, -1, -1, 8, -1, -1, -1, -1],
  sum: [1, 1, 1, 1, 1, 1, 1, 1, 1],
  copy: [0, 0, 0, 0, 1, 0, 0, 0, 0],
};
const OWN = "own", K = 3;

const options = (keys: string[]) => keys.map((key) => [key, say(key as Message)] as const);

const defaults: Convolution = {picture: "ring", kernel: KERNELS.across, stride: 1, padding: "valid", place: 1};

register<Convolution>("convolution", defaults, (root, state, keep) => {
  let image: Table, result: Correlation;
  const left = fitted(root, 300, 300), right = fitted(root, 300, 300), line = status();
  const act = (change: Partial<Convolution>) => {
    take({...state, ...change} as Convolution);
    keep(state);
  };
  const pictures = choice(say("picture"), options(Object.keys(PICTURES)), state.picture, (picture) => act({picture, place: 1}));
  const kernels = choice(say("kernel"), options([...Object.keys(KERNELS), OWN]), OWN, (key) => {
    if (key !== OWN) act({kernel: KERNELS[key]});
  });
  const stride = range(say("stride"), {min: 1, max: 3, step: 1}, state.stride, (stride) => act({stride, place: 1}));
  const padding = choice(say("padding"), [["valid", "valid"], ["same", "same"]], state.padding, (padding) => act({padding, place: 1}));
  const weights = Array.from({length: K * K}, (_, i) => {
    const label = say("weight", {row: 1 + Math.floor(i / K), column: 1 + (i % K)});
    return number(label, {min: -9, max: 9, step: 0.5}, 0, () => act({kernel: weights.map(({value}) => value)}));
  });
  const count = () => result.out.length * result.out[0].length;
  const places = el("input", {
    id: "ia-convolution-place", type: "range", min: 1, step: 1,
    oninput: () => act({place: Number(places.value)}),
  });
  const step = (by: number) => act({place: 1 + ((state.place - 1 + by + count()) % count())});
  right.canvas.addEventListener("click", (event) => {
    const [x, y] = right.place(event), {out} = result, cell = right.width / Math.max(out.length, out[0].length);
    const [i, j] = [Math.floor(y / cell), Math.floor(x / cell)];
    if (out[i]?.[j] !== undefined) act({place: 1 + i * out[0].length + j});
  });

  const draw = () => {
    const palette = colors(root), {out, top, left: before} = result, columns = out[0].length;
    const [i, j] = [Math.floor((state.place - 1) / columns), (state.place - 1) % columns];
    const row = i * state.stride - top, column = j * state.stride - before;
    // The picture with its border of zeros, as far as the kernel gets.
    const height = Math.max(image.length + top, (out.length - 1) * state.stride + K);
    const width = Math.max(image[0].length + before, (columns - 1) * state.stride + K);
    const whole = Array.from({length: height}, (_, a) => Array.from({length: width}, (_, b) => pixel(image, a - top, b - before)));
    const outside = (a: number, b: number) => image[a - top]?.[b - before] === undefined;
    table(left, palette, whole, 9, outside, [row + top, column + before, K]);
    table(right, palette, out, Math.max(1, ...out.flat().map(Math.abs)), () => false, [i, j, 1]);
    const terms = state.kernel.map((w, n) => {
      const value = pixel(image, row + Math.floor(n / K), column + (n % K));
      return `${shown(value)}·${w < 0 ? `(${shown(w)})` : shown(w)}`;
    });
    const where = {place: state.place, count: count(), row: i + 1, column: j + 1};
    sum.textContent = `${terms.join(" + ")} = ${shown(out[i][j], 6)}`;
    line.say(say("atPlace", {...where, value: shown(out[i][j], 6)}));
    left.describe(say("input", {rows: image.length, columns: image[0].length, row: row + 1, column: column + 1}));
    right.describe(say("output", {rows: out.length, columns, text: out.map((r) => r.map((v) => shown(v)).join(" ")).join("; ")}));
    sizes.textContent = say("sizes", {rows: image.length, columns: image[0].length, outRows: out.length, outColumns: columns});
  };
  const take = (next: Convolution) => {
    Object.assign(state, next);
    if (!(state.picture in PICTURES)) state.picture = defaults.picture;
    if (state.kernel.length !== K * K) state.kernel = defaults.kernel;
    pictures.value = state.picture;
    stride.value = state.stride;
    padding.value = state.padding;
    weights.forEach((weight, i) => (weight.value = state.kernel[i]));
    state.kernel = weights.map(({value}) => value);
    Object.assign(state, {stride: stride.value, padding: padding.value});
    kernels.value = Object.keys(KERNELS).find((key) => KERNELS[key].join() === state.kernel.join()) ?? OWN;
    image = PICTURES[state.picture].map((line) => [...line].map(Number));
    const rows = [0, 1, 2].map((u) => state.kernel.slice(K * u, K * u + K));
    result = correlate(image, rows, state.stride, state.padding === "same");
    state.place = Math.min(count(), Math.max(1, Math.round(state.place)));
    places.max = String(count());
    places.value = String(state.place);
    places.setAttribute("aria-valuetext", say("ofPlaces", {place: state.place, count: count()}));
    draw();
  };
  const sum = el("p", {class: "ia-sum"}), sizes = el("p", {});
  const table3 = el("div", {class: "ia-kernel", role: "group", "aria-label": say("kernelWeights")}, ...weights.map((w) => w.root));
  root.append(
    el("div", {class: "ia-row"}, pictures.root, kernels.root, stride.root, padding.root),
    el("div", {class: "ia-row ia-tables"}, left.root, table3, right.root),
    el("div", {class: "ia-row"},
      button(say("back"), () => step(-1)), button(say("next"), () => step(1)),
      el("div", {class: "ia-field"}, el("label", {for: places.id}, say("place")), places)),
    sum, line.root, sizes,
  );
  take(state);
  expose(root, () => ({out: result.out, kernel: state.kernel, picture: image}));
  return {set: take, redraw: draw};
});

/** Draw a table of numbers as shaded fields, dark where large, and a frame around those of a window. */
function table(
  {context, width, height}: Picture, palette: Colors, numbers: Table, largest: number,
  outside: (i: number, j: number) => boolean, [row, column, size]: number[],
): void {
  const cell = Math.min(width / numbers[0].length, height / numbers.length);
  context.clearRect(0, 0, width, height);
  context.textAlign = "center";
  context.textBaseline = "middle";
  numbers.forEach((line, i) => line.forEach((value, j) => {
    const share = Math.min(1, Math.abs(value) / largest), [x, y] = [j * cell, i * cell];
    context.globalAlpha = share;
    context.fillStyle = value < 0 ? palette.series[1] : palette.series[0];
    context.fillRect(x, y, cell, cell);
    context.globalAlpha = 1;
    context.lineWidth = 1;
    context.strokeStyle = palette.grid;
    context.setLineDash(outside(i, j) ? [3, 3] : []);
    context.strokeRect(x + 0.5, y + 0.5, cell - 1, cell - 1);
    context.font = `${Math.min(14, cell * (shown(value).length > 2 ? 0.42 : 0.55))}px sans-serif`;
    context.fillStyle = share > 0.55 ? palette.paper : outside(i, j) ? palette.muted : palette.ink;
    context.fillText(shown(value), x + cell / 2, y + cell / 2 + 1);
  }));
  context.setLineDash([]);
  context.strokeStyle = palette.series[4];
  context.lineWidth = 3.5;
  context.strokeRect(column * cell + 1.5, row * cell + 1.5, size * cell - 3, size * cell - 3);
}
