import {mountAll} from "./registry.ts";
import {inWorker} from "./worker.ts";
import "./playground.ts";

if (!inWorker && document.querySelector("div.interactive")) mountAll();
