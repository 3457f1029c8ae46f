import {mountAll} from "./registry.ts";
import {inWorker} from "./worker.ts";
import "./playground.ts";

export {widget} from "./widget.ts";

if (!inWorker && document.querySelector("div.interactive")) mountAll();
