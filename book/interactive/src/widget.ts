// A picture in JupyterLab: anywidget (anywidget.dev) calls `render` with the state that Python holds.
import {Value, defaultsOf, onColors, start} from "./registry.ts";

interface Model {
  get(name: string): Value;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, callback: () => void): void;
  off(event: string, callback: () => void): void;
}

export const widget = {
  render({model, el}: {model: Model; el: HTMLElement}): () => void {
    const name = String(model.get("_picture")), keys = Object.keys(defaultsOf(name));
    const read = () => Object.fromEntries(keys.map((key) => [key, model.get(key)]));
    let own = false, timer: ReturnType<typeof setTimeout> | undefined;

    const shown = start(name, el, read(), (state) => {
      own = true;
      for (const key of keys) model.set(key, state[key]);
      model.save_changes();
      own = false;
    });
    // Python may set several in one go; one new start is enough.
    let asked: ReturnType<typeof setTimeout> | undefined;
    const follow = () => {
      if (own) return;
      clearTimeout(asked);
      asked = setTimeout(() => shown.set(read()));
    };
    for (const key of keys) model.on(`change:${key}`, follow);
    const colors = onColors(() => shown.redraw());

    // What was trained goes to Python at most twice a second.
    let last: {report: object; history: number[][]};
    const send = () => {
      timer = undefined;
      const {pictures, took, ...report} = last.report as Record<string, unknown>;
      model.set("_trained", {...report, history: last.history});
      model.save_changes();
    };
    el.addEventListener("ia-report", (event) => {
      last = (event as CustomEvent).detail;
      timer ??= setTimeout(send, 500);
    });
    return () => {
      clearTimeout(timer);
      clearTimeout(asked);
      for (const key of keys) model.off(`change:${key}`, follow);
      colors();
      shown.stop?.();
    };
  },
};
