// One script for the page and its worker: the worker is started with the text of the function that the script is.

declare const courseInteractive: () => unknown;

export const inWorker = typeof document === "undefined";

/** Start a worker that does what `main.ts` does outside a page; null where the browser allows none. */
export function startWorker(): Worker | null {
  try {
    const text = new Blob([`(${courseInteractive})()`], {type: "text/javascript"});
    const url = URL.createObjectURL(text), worker = new Worker(url);
    worker.addEventListener("message", () => URL.revokeObjectURL(url), {once: true});
    return worker;
  } catch {
    return null;
  }
}
