// Who looks at whom: the shares of a small trained network for a list that the reader writes.
import {choice, el, newId, status} from "./dom.ts";
import {say} from "./explorable-messages.ts";
import {expose} from "./explorable.ts";
import {attend, type Pair} from "./math/attention.ts";
import {shown} from "./plot.ts";
import {register} from "./registry.ts";

interface AttentionMap {
  [key: string]: string;
  list: string; // pairs of a letter and a number
  asked: string;
}

const LETTERS = [..."ABCDEFGHIJKLMNOP"], MOST = 16;

register<AttentionMap>("attention-map", {list: "G14 J10 E5 K2 C9 F13 M12 B1", asked: "J"}, (root, state, keep) => {
  let pairs: Pair[] = [], result = attend([[0, -1]]);
  const said = status(), table = el("table", {class: "ia-table ia-shares"}), id = newId(), help = newId();
  const problem = el("p", {id: help, class: "ia-problem"});
  const text = el("input", {id, type: "text", "aria-describedby": help, spellcheck: "false", autocomplete: "off", oninput: () => {
    if (read(text.value)) act({list: text.value});
  }});
  const question = choice(say("asked"), LETTERS.map((letter) => [letter, letter] as const), state.asked, (asked) => act({asked}));
  const act = (change: Partial<AttentionMap>) => {
    Object.assign(state, change);
    draw();
    keep(state);
  };
  /** Read the pairs of a text; say what is wrong with it, and return whether nothing is. */
  const read = (list: string): boolean => {
    const words = list.toUpperCase().split(/[\s,;]+/).filter(Boolean);
    const bad = words.find((word) => !/^[A-P](1[0-5]|\d)$/.test(word));
    problem.textContent = bad ? say("badPair", {word: bad}) : words.length > 0 && words.length <= MOST ? "" : say("badCount", {most: MOST});
    text.setAttribute("aria-invalid", String(problem.textContent !== ""));
    if (problem.textContent) return false;
    pairs = words.map((word): Pair => [LETTERS.indexOf(word[0]), Number(word.slice(1))]);
    return true;
  };
  const draw = () => {
    const places: Pair[] = [...pairs, [LETTERS.indexOf(state.asked), -1]];
    const names = places.map(([letter, number]) => `${LETTERS[letter]}${number < 0 ? "?" : number}`);
    result = attend(places);
    const head = el("tr", {}, el("td", {}), ...names.map((name) => el("th", {scope: "col"}, name)));
    table.replaceChildren(
      el("caption", {}, say("sharesOf")), el("thead", {}, head),
      el("tbody", {}, ...result.shares.map((row, i) => el("tr", {}, el("th", {scope: "row"}, names[i]), ...row.map((share) =>
        el("td", {style: `--share:${share.toFixed(3)}`}, share < 0.005 ? "" : share.toFixed(2)))))),
    );
    const best = result.answer.indexOf(Math.max(...result.answer)), last = result.shares[names.length - 1];
    const looked = last.map((share, i) => [share, names[i]] as const).filter(([share]) => share >= 0.05).sort((a, b) => b[0] - a[0]);
    said.say(say("answers", {
      asked: state.asked, number: best, probability: shown(result.answer[best]),
      looked: looked.map(([share, name]) => `${name} (${share.toFixed(2)})`).join(", "),
    }));
  };
  const take = (next: AttentionMap) => {
    Object.assign(state, next);
    if (!LETTERS.includes(state.asked)) state.asked = "A";
    text.value = state.list;
    question.value = state.asked;
    read(state.list);
    draw();
  };
  root.append(
    el("div", {class: "ia-row"}, el("div", {class: "ia-field ia-list"}, el("label", {for: id}, say("pairs")), text), question.root),
    problem, said.root,
    el("div", {class: "ia-scroll", tabindex: 0, role: "region", "aria-label": say("sharesOf")}, table),
  );
  take(state);
  expose(root, () => ({pairs, ...result}));
  return {set: take, redraw: draw};
});
