// Elements, controls and the line that tells what happens. Controls are those of the browser: the keyboard works.

type Child = Node | string | null | undefined | false;

/** Make an element: attributes by name, `onclick` and the like as functions, true for an attribute without value. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, unknown> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined) made.setAttribute(name, String(value));
  }
  made.append(...children.filter((child): child is Node | string => Boolean(child)));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | number> = {},
  ...children: (SVGElement | string)[]
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

let count = 0;
export const newId = (): string => `ia-${++count}`;

export interface Control<T> {
  root: HTMLElement;
  /** What is chosen. A value that is set is put within its bounds; one that is impossible changes nothing. */
  value: T;
}

/** One of some choices, [value, text]. */
export function choice(
  label: string,
  choices: readonly (readonly [string, string])[],
  value: string,
  change: (value: string) => void,
): Control<string> {
  const id = newId();
  const input = el("select", {id, onchange: () => change(input.value)});
  for (const [key, text] of choices) input.append(el("option", {value: key}, text));
  input.value = value;
  return {
    root: field(label, id, input),
    get value() {
      return input.value;
    },
    set value(next) {
      if (choices.some(([key]) => key === next)) input.value = next;
    },
  };
}

interface Bounds {
  min: number;
  max: number;
  step: number;
  /** What to show beside the slider; by default the number. */
  show?: (value: number) => string;
}

/** A number by a slider, or, without one, by a field. */
export function range(
  label: string,
  {min, max, step, show = String}: Bounds,
  value: number,
  change: (value: number) => void,
  kind: "range" | "number" = "range",
): Control<number> {
  const id = newId();
  // The slider itself tells its value; told twice, it would be a nuisance.
  const shown = el("output", {for: id, "aria-live": "off"});
  const input = el("input", {id, type: kind, min, max, step});
  let now = value;
  const put = (next: number, write: boolean) => {
    if (!Number.isFinite(next)) return;
    now = Math.min(max, Math.max(min, Number((min + step * Math.round((next - min) / step)).toPrecision(12))));
    if (write) input.value = String(now);
    shown.textContent = show(now);
    if (kind === "range") input.setAttribute("aria-valuetext", show(now));
  };
  put(value, true);
  input.addEventListener(kind === "range" ? "input" : "change", () => {
    put(input.value === "" ? NaN : Number(input.value), kind === "number");
    if (kind === "number") input.value = String(now);
    change(now);
  });
  return {
    root: field(label, id, input, kind === "range" && shown),
    get value() {
      return now;
    },
    set value(next) {
      put(next, true);
    },
  };
}

export const number = (label: string, bounds: Bounds, value: number, change: (value: number) => void): Control<number> =>
  range(label, bounds, value, change, "number");

export function check(label: string, value: boolean, change: (value: boolean) => void): Control<boolean> {
  const id = newId();
  const input = el("input", {id, type: "checkbox", onchange: () => change(input.checked)});
  input.checked = value;
  return {
    root: el("div", {class: "ia-check"}, input, el("label", {for: id}, label)),
    get value() {
      return input.checked;
    },
    set value(next) {
      input.checked = next;
    },
  };
}

export const button = (text: string, click: () => void): HTMLButtonElement =>
  el("button", {type: "button", onclick: click}, text);

function field(label: string, id: string, ...children: Child[]): HTMLElement {
  return el("div", {class: "ia-field"}, el("label", {for: id}, label), ...children);
}

/** A line that is read aloud when it changes: at most once a second, the last text always. */
export function status(): {root: HTMLElement; say: (text: string) => void} {
  const root = el("p", {class: "ia-status", role: "status"});
  let next = "", last = -Infinity, timer: ReturnType<typeof setTimeout> | undefined;
  const write = () => {
    timer = undefined;
    last = performance.now();
    if (root.textContent !== next) root.textContent = next;
  };
  const say = (text: string) => {
    next = text;
    if (timer === undefined) timer = setTimeout(write, Math.max(0, last + 1000 - performance.now()));
  };
  return {root, say};
}

export const prefersStill = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Call `frame` for each picture of the screen while it runs. */
export function loop(frame: () => void): {running: boolean; start: () => void; stop: () => void} {
  let handle = 0;
  const again = () => {
    handle = requestAnimationFrame(again);
    frame();
  };
  return {
    get running() {
      return handle !== 0;
    },
    start() {
      if (!handle) handle = requestAnimationFrame(again);
    },
    stop() {
      cancelAnimationFrame(handle);
      handle = 0;
    },
  };
}
