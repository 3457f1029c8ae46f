import {mountAll} from "./registry.ts";
import {inWorker} from "./worker.ts";
import "./playground.ts";
import "./activation.ts";
import "./attention-map.ts";
import "./convolution.ts";
import "./descent.ts";
import "./optimizer-race.ts";
import "./perceptron-step.ts";
import "./schedule.ts";

export {widget} from "./widget.ts";

if (!inWorker && document.querySelector("div.interactive")) mountAll();
