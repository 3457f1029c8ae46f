// What the page knows of its pictures: who draws which, where each stands, and what the address says of its state.
import css from "./style.css";

export type Value = string | number | boolean | (string | number)[];
export type State = Record<string, Value>;

export interface Widget<S extends State> {
  /** Take another state: of a link, of a button, or of Python. Values may be out of range. */
  set(state: S): void;
  /** Draw again: the colors have changed. */
  redraw(): void;
  /** End what runs; the picture is taken away. */
  stop?(): void;
}

/** Fill `root`; call `keep` with the whole state whenever the reader has changed it. */
export type Mount<S extends State> = (root: HTMLElement, state: S, keep: (state: S) => void) => Widget<S>;

interface Entry {
  defaults: State;
  mount: Mount<any>;
}

const entries = new Map<string, Entry>();

/** Make a picture known. `defaults` is its whole state; a value in the address is read as of the same type. */
export function register<S extends State>(name: string, defaults: S, mount: Mount<S>): void {
  entries.set(name, {defaults, mount});
}

export const defaultsOf = (name: string): State => entries.get(name)!.defaults;

/** Put a picture into an element; `given` replaces some of the defaults. */
export function start(name: string, element: HTMLElement, given: State, keep: (state: State) => void): Widget<State> {
  const {defaults, mount} = entries.get(name)!;
  addStyle(element);
  const root = document.createElement("div");
  root.className = `ia ia-${name}`;
  element.append(root);
  const widget = mount(root, merged(defaults, given), keep);
  const {set} = widget;
  widget.set = (state) => set.call(widget, merged(defaults, state));
  return widget;
}

function addStyle(element: HTMLElement): void {
  const place = element.getRootNode() instanceof ShadowRoot ? (element.getRootNode() as ShadowRoot) : document.head;
  if (place.querySelector("style.ia-style")) return;
  const style = document.createElement("style");
  style.className = "ia-style";
  style.textContent = css;
  place.append(style);
}

function merged(defaults: State, given: State): State {
  const state = {...defaults};
  for (const key of Object.keys(defaults)) {
    const value = given[key];
    if (value !== undefined) state[key] = like(defaults[key], value);
  }
  return state;
}

/** Return `value`, perhaps the text of an address, as of the type of `model`; `model` itself where that fails. */
function like(model: Value, value: Value): Value {
  if (Array.isArray(model)) {
    const items = Array.isArray(value) ? value : String(value).split(",").filter((item) => item !== "");
    const numbers = model.length > 0 && model.every((item) => typeof item === "number");
    const read = numbers ? items.map(Number) : items.map(String);
    return read.some((item) => Number.isNaN(item)) ? model : read;
  }
  if (typeof model === "number") {
    const number = Array.isArray(value) || value === "" ? NaN : Number(value);
    return Number.isFinite(number) ? number : model;
  }
  if (typeof model === "boolean") return value === true || value === "true" || value === "1" || value === 1;
  return String(value);
}

// The address: #playground?data=xor&hidden=4,2 names what differs from the page's own picture of that name.

export function readAddress(): [string, State] | null {
  const [name, query] = decodeURI(location.hash.slice(1)).split("?", 2);
  if (query === undefined) return null;
  return [name, Object.fromEntries(new URLSearchParams(query))];
}

export function address(name: string, state: State, own: State): string {
  const parts = Object.keys(state)
    .filter((key) => String(state[key]) !== String(own[key]))
    .map((key) => `${key}=${String(state[key]).replace(/[%&#+\s]/g, encodeURIComponent)}`);
  return `#${name}?${parts.join("&")}`;
}

/** Put every picture of the page in its place when it comes near, and follow the address, the buttons and the colors. */
export function mountAll(): void {
  interface Place {
    given: State;
    own: State;
    mount: () => Widget<State>;
    widget?: Widget<State>;
    element: HTMLElement;
  }
  const places = new Map<string, Place>();
  for (const element of document.querySelectorAll<HTMLElement>("div.interactive[data-name]")) {
    const name = element.dataset.name!, entry = entries.get(name);
    if (!entry || places.has(name)) continue;
    const given: State = JSON.parse(element.dataset.options || "{}"), own = merged(entry.defaults, given);
    const drawn = element.dataset.still && document.getElementById(element.dataset.still)?.querySelector("img, svg");
    // Drawings of a cell stand on paper of their own, which goes with them.
    const image = drawn && (drawn.closest(".text_html") ?? drawn);
    if (image) image.before(element);
    element.hidden = false;
    const keep = (state: State) => {
      try {
        history.replaceState(history.state, "", address(name, state, own));
      } catch {
        // Some browsers change no address of a page from a disk; it works all the same.
      }
    };
    const place: Place = {
      given,
      own,
      element,
      mount: () => {
        if (place.widget) return place.widget;
        if (image) {
          image.classList.add("ia-still");
          // For print it must be there, which a picture out of sight that loads when it is seen never is.
          const load = () => image instanceof HTMLImageElement && (image.loading = "eager");
          if (document.readyState === "complete") load();
          else addEventListener("load", load);
        }
        const asked = readAddress();
        return (place.widget = start(name, element, asked?.[0] === name ? {...given, ...asked[1]} : given, keep));
      },
    };
    places.set(name, place);
  }

  const show = (name: string, state: State) => {
    const place = places.get(name);
    if (!place) return;
    place.mount().set({...place.given, ...state});
    place.element.scrollIntoView({block: "start"});
    place.element.querySelector<HTMLElement>("button, input, select")?.focus({preventScroll: true});
  };
  const asked = readAddress(), linked = asked && places.get(asked[0]);
  addEventListener("hashchange", () => {
    const asked = readAddress();
    if (asked) show(...asked);
  });
  // What stands above may still grow while the page loads.
  if (linked) {
    linked.mount();
    linked.element.scrollIntoView({block: "start"});
    addEventListener("load", () => linked.element.scrollIntoView({block: "start"}));
  }

  // To compute all at once would hold up the page; who goes from control to control by keyboard must find them.
  const near = new IntersectionObserver(
    (seen) => seen.forEach(({isIntersecting, target}) => isIntersecting && mount(target as HTMLElement)),
    {rootMargin: "600px"},
  );
  const mount = (element: HTMLElement) => {
    near.unobserve(element);
    places.get(element.dataset.name!)!.mount();
  };
  places.forEach(({element}) => near.observe(element));
  addEventListener("keydown", () => places.forEach(({element}) => mount(element)), {once: true});

  for (const button of document.querySelectorAll<HTMLButtonElement>("button.interactive-setup")) {
    const name = button.dataset.name!, place = places.get(name);
    if (!place) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      const state: State = JSON.parse(button.dataset.options || "{}");
      history.pushState(history.state, "", address(name, merged(place.own, state), place.own));
      show(name, state);
    });
  }
  onColors(() => places.forEach(({widget}) => widget?.redraw()));
}

/** Call `changed` whenever the page turns from light to dark or back. */
export function onColors(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  const watched = {attributes: true, attributeFilter: ["data-theme", "data-jp-theme-light", "class"]};
  observer.observe(document.documentElement, watched);
  observer.observe(document.body, watched);
  return () => observer.disconnect();
}
