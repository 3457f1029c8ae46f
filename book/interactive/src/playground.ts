import {button, el, status} from "./dom.ts";
import {say} from "./messages.ts";
import {register} from "./registry.ts";

// A stand-in: the playground itself follows.
register("playground", {data: "circle"}, (root) => {
  const line = status();
  root.append(el("p", {}, say("data")), button(say("circle"), () => line.say("…")), line.root);
  return {set: () => {}, redraw: () => {}};
});
