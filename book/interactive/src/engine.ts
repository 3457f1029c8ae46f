// Who trains: a worker, so that the page stays quick; the page itself where the browser allows no worker.
import {Report, Settings, Trainer} from "./network.ts";
import {inWorker, startWorker} from "./worker.ts";

export type Order =
  | {do: "begin"; settings: Settings}
  | {do: "advance"; steps: number; milliseconds?: number; pictures: boolean}
  | {do: "finish"};

function trains(): (order: Order) => Report {
  let trainer: Trainer;
  return (order) => {
    if (order.do === "begin") trainer = new Trainer(order.settings);
    const report =
      order.do === "advance"
        ? trainer.advance(order.steps, order.milliseconds)
        : order.do === "finish"
          ? trainer.finish()
          : trainer.report();
    if (order.do !== "advance" || order.pictures) report.pictures = trainer.pictures();
    return report;
  };
}

if (inWorker) {
  const train = trains();
  addEventListener("message", ({data}) => postMessage(train(data)));
}

export interface Engine {
  /** Answers come in the order of what was asked. */
  ask(order: Order): Promise<Report>;
  stop(): void;
}

export function engine(): Engine {
  let worker = startWorker();
  let train: ((order: Order) => Report) | null = null;
  const waiting: [Order, (report: Report) => void][] = [];
  const alone = () => {
    worker?.terminate();
    worker = null;
    train = trains();
    for (const [order, answer] of waiting.splice(0)) answer(train(order));
  };
  if (worker) {
    worker.addEventListener("message", ({data}) => waiting.shift()?.[1](data));
    worker.addEventListener("error", alone);
  } else alone();
  return {
    ask: (order) =>
      new Promise((answer) => {
        if (train) {
          answer(train(order));
          return;
        }
        waiting.push([order, answer]);
        worker!.postMessage(order);
      }),
    stop: () => worker?.terminate(),
  };
}
