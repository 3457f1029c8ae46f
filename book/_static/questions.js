// Questions that the page answers: offline, by mouse, touch or keyboard; what was answered is kept in the browser.
// The HTML comes from tools/sphinx_questions.py; the judges do what coursepkg/exercises/answers/questions.py does.
(() => {
  const T = JSON.parse(document.currentScript.dataset.texts);
  const STORE = "course-questions";

  const stored = () => {
    try {
      return JSON.parse(localStorage.getItem(STORE)) ?? {};
    } catch {
      return {}; // storage is closed, or holds what is not ours
    }
  };

  const store = (label, answer) => {
    const all = stored();
    if (answer === null) delete all[label];
    else all[label] = answer;
    try {
      localStorage.setItem(STORE, JSON.stringify(all));
    } catch {
      // The page works all the same; it only forgets.
    }
  };

  const decoded = (text) => JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text), (c) => c.charCodeAt(0))));
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  const element = (tag, text = "", name = "") => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    // Text between backticks is code.
    text.split("`").forEach((part, i) => made.append(i % 2 ? element("code", part) : part));
    return made;
  };

  // Judges: a list of what was right and what was not, each with its sentence.
  const near = (answer, right, tolerance) =>
    answer.length === right.length &&
    answer.every((value, i) => Math.abs(value - right[i]) <= tolerance + 1e-9 * Math.max(1, Math.abs(right[i])));
  const inside = (point, region) =>
    ["x", "y"].every((axis, i) => region[axis][0] <= point[i] && point[i] <= region[axis][1]);

  const explain = (question, answer, matches) => {
    if (matches(question.right)) return [true, question.why];
    const wrong = question.wrong.find(({value}) => matches(value));
    return [false, wrong?.why ?? (question.otherwise || general(question, answer))];
  };

  const general = ({kind, right, tolerance}, answer) => {
    if (kind === "number") return say(answer[0] > right ? T.large : T.small, {value: answer[0]});
    if (answer.length !== right.length) return say(T.count, {count: answer.length});
    const place = answer.findIndex((value, i) => !near([value], [right[i]], tolerance));
    return say(T.place, {place: place + 1});
  };

  const numbers = (question, answer) => [
    explain(question, answer, (value) => near(answer, [value].flat(), question.tolerance)),
  ];

  const judges = {
    choice: ({right, why}, [letter]) => [[letter === right, `${letter}: ${why[letter]}`]],
    several: ({letters, right, why}, answer) =>
      letters.map((letter) => {
        const chosen = answer.includes(letter), good = right.includes(letter);
        const what = good ? (chosen ? T.isRight : T.leftOut) : chosen ? T.chosen : T.notChosen;
        return [chosen === good, `${letter}, ${what}: ${why[letter]}`];
      }),
    order: ({right, why}, answer) =>
      answer.map((letter, i) => {
        const good = letter === right[i];
        return [good, `${good ? letter : say(T.notHere, {letter})}: ${why[letter]}`];
      }),
    number: numbers,
    shape: numbers,
    list: numbers,
    region: (question, point) => [explain(question, point, (region) => inside(point, region))],
  };

  // Fields: how an answer is read from the form, and put into it. Without an answer, what to ask for.
  const number = (text) => (text.trim() === "" ? NaN : Number(text.replace("\u2212", "-")));
  const parsed = (text) => text.replace(/[()[\]]/g, " ").split(/[,;\s]+/).filter(Boolean).map(number);
  const inputs = (form) => [...form.querySelectorAll("input")];
  const items = (form) => [...form.querySelectorAll(".question-choices > li")];
  const known = (answer, letters) => answer.every((letter) => letters.includes(letter));
  const filled = (values) => values.length > 0 && values.every(Number.isFinite);

  const ticked = {
    read: (form) => inputs(form).filter((input) => input.checked).map((input) => input.value),
    write: (form, answer) => inputs(form).forEach((input) => (input.checked = answer.includes(input.value))),
    ready: (answer, {letters, kind}) =>
      known(answer, letters) && answer.length > 0 && (kind === "choice" || answer.length < letters.length),
    first: (question) => (question.kind === "choice" ? T.choose : T.some),
  };
  const typed = {
    read: (form) => parsed(inputs(form)[0].value),
    write: (form, answer) => (inputs(form)[0].value = answer.join(", ")),
    ready: (answer, {kind}) => filled(answer) && (kind !== "shape" || answer.every(Number.isInteger)),
    first: () => T.type,
  };
  const fields = {
    choice: ticked,
    several: ticked,
    number: {...typed, first: () => T.typeOne, ready: (answer) => filled(answer) && answer.length === 1},
    shape: typed,
    list: typed,
    order: {
      read: (form) => items(form).map((item) => item.dataset.letter),
      write: (form, answer, {letters}) => {
        const order = answer.length ? answer : letters;
        const sorted = items(form).sort((a, b) => order.indexOf(a.dataset.letter) - order.indexOf(b.dataset.letter));
        form.querySelector(".question-choices").append(...sorted);
        limitMoves(form);
      },
      ready: (answer, {letters}) => known(answer, letters) && answer.length === letters.length,
    },
    region: {
      read: (form) => inputs(form).map((input) => number(input.value)),
      write: (form, answer, question) => {
        inputs(form).forEach((input, i) => (input.value = answer[i] ?? ""));
        mark(form, question);
      },
      ready: filled,
      first: () => T.point,
    },
  };

  const limitMoves = (form) =>
    items(form).forEach((item, i, all) => {
      const [up, down] = item.querySelectorAll("button");
      // Not disabled, which would take the focus away from whoever moves an item to the end.
      up.setAttribute("aria-disabled", i === 0);
      down.setAttribute("aria-disabled", i === all.length - 1);
    });

  const move = (form, button) => {
    const item = button.closest("li"), other = button.dataset.move < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (button.dataset.move < 0) other.before(item);
    else other.after(item);
    button.focus();
    limitMoves(form);
    const place = items(form).indexOf(item) + 1;
    tell(form, say(T.moved, {letter: item.dataset.letter, place, count: items(form).length}));
  };

  // A picture that is clicked: the place in percent becomes a point of the plot, and back.
  const scales = ({axes, log}) => [
    [axes.left, axes.right, log.includes("x")],
    [axes.top, axes.bottom, log.includes("y")],
  ];
  const toValue = (percent, [[p0, v0], [p1, v1], log]) => {
    const t = (percent - p0) / (p1 - p0);
    return Number((log ? v0 * (v1 / v0) ** t : v0 + t * (v1 - v0)).toPrecision(3));
  };
  const toPercent = (value, [[p0, v0], [p1, v1], log]) =>
    p0 + (p1 - p0) * (log ? Math.log(value / v0) / Math.log(v1 / v0) : (value - v0) / (v1 - v0));

  const mark = (form, question) => {
    const marker = form.querySelector(".question-marker"), point = inputs(form).map((input) => number(input.value));
    if (!marker) return;
    marker.hidden = !filled(point);
    const [left, top] = scales(question).map((scale, i) => Math.min(100, Math.max(0, toPercent(point[i], scale))));
    Object.assign(marker.style, {left: `${left}%`, top: `${top}%`});
  };

  const addPicture = (form, question) => {
    const own = form.querySelector(".question-text img");
    const shown = own ?? document.querySelector(`[id="${question.figure}"] img`);
    if (!shown) return;
    const picture = element("div", "", "question-picture"), marker = element("span", "", "question-marker");
    const image = own ?? shown.cloneNode();
    if (own) own.replaceWith(picture);
    else form.querySelector(".question-field").before(picture);
    picture.append(image, marker);
    picture.addEventListener("click", (event) => {
      const box = image.getBoundingClientRect();
      const percent = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      inputs(form).forEach((input, i) => (input.value = toValue(100 * percent[i], scales(question)[i])));
      mark(form, question);
      tell(form, "");
    });
    mark(form, question);
  };

  // What is said is announced by screen readers, since it appears in a live region.
  const tell = (form, ...content) => form.querySelector(".question-result").replaceChildren(...content);

  const show = (form, question, answer) => {
    const judged = judges[question.kind](question, answer), good = judged.filter(([right]) => right).length;
    const right = good === judged.length;
    const head = right ? T.right : good ? say(T.partly, {good, count: judged.length}) : T.wrong;
    const list = element("ul");
    judged.forEach(([fine, text]) => {
      const line = element("li", text, fine ? "right" : "wrong");
      if (judged.length > 1) line.prepend(element("span", `${fine ? "✓" : "✗"} `));
      list.append(line);
    });
    tell(form, element("p", `${right ? "✓" : "✗"} ${head}`, right ? "right" : "wrong"), list);
    form.querySelector("[type=reset]").hidden = false;
    unfold(form, true);
  };

  const unfold = (form, open) => {
    const output = document.querySelector(`details[data-after="${form.id}"]`);
    if (output) output.open = open;
  };

  const start = (form) => {
    const question = decoded(form.dataset.question), field = fields[question.kind], label = question.label;
    form.querySelectorAll("[data-live]").forEach((part) => (part.hidden = false));
    if (question.kind === "region") addPicture(form, question);

    const before = stored()[label];
    field.write(form, Array.isArray(before) ? before : [], question);
    if (Array.isArray(before) && field.ready(before, question)) show(form, question, before);

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const answer = field.read(form);
      if (!field.ready(answer, question)) {
        tell(form, element("p", field.first(question)));
        return;
      }
      store(label, answer);
      show(form, question, answer);
    });
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      store(label, null);
      field.write(form, [], question);
      tell(form, element("p", T.cleared));
      unfold(form, false);
      form.querySelector("[type=reset]").hidden = true;
      form.querySelector("input, .question-choices button").focus();
    });
    form.addEventListener("input", () => {
      tell(form, "");
      if (question.kind === "region") mark(form, question);
    });
    form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-move]");
      if (button) move(form, button);
    });
    const answer = form.querySelector("details");
    answer.addEventListener("toggle", () => {
      answer.querySelector("ul").replaceChildren(...question.solution.map((line) => element("li", line)));
    });
  };

  // On the map of a part: how many questions of each chapter were answered.
  const count = (place) => {
    const labels = place.dataset.questions.split(" "), answers = stored();
    const done = labels.filter((label) => label in answers).length;
    place.textContent = say(T.progress, {done, count: labels.length});
    place.hidden = false;
  };
  const countAll = () => document.querySelectorAll("[data-questions]").forEach(count);

  document.querySelectorAll("form.question").forEach(start);
  countAll();
  addEventListener("pageshow", countAll); // also when the reader comes back to a page that the browser kept
})();
