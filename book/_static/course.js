// Small repairs of the theme; every page works without them.
document.addEventListener("DOMContentLoaded", () => {
  // What scrolls must be reachable with the keyboard (MathJax sees to its formulas). What is in sight is measured at once,
  // what is not yet laid out section by section, when there is time.
  const scrollers = "pre, figure, div.cell_output .output, .pst-scrollable-table-container";
  const scrolls = (one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1;
  const mark = (elements) =>
    elements.map((one) => [one, scrolls(one) ? 0 : -1]).forEach(([one, index]) => (one.tabIndex = index));
  const later = window.requestIdleCallback ?? setTimeout;
  const sweep = (sections) =>
    sections.length &&
    later(() => {
      mark([...sections[0].querySelectorAll(scrollers)]);
      sweep(sections.slice(1));
    });
  const sweepAll = () => sweep([...document.querySelectorAll(".bd-article > section > section")]);
  const shown = new ResizeObserver((changed) => mark(changed.map((one) => one.target)));
  document.querySelectorAll(scrollers).forEach((element) => shown.observe(element));
  let waiting;
  const after = (delay) => {
    clearTimeout(waiting);
    waiting = setTimeout(sweepAll, delay);
  };
  // Not while the page is being read for the first time, but before a reader with a keyboard gets there.
  addEventListener("load", () => after(5000));
  addEventListener("keydown", () => after(0), {once: true});
  addEventListener("resize", () => after(300));

  // MathJax keeps a slow processor busy for a second. It starts when a formula is in sight, or the reader does anything,
  // or when one is near and the page has long been there; not while a button is held down, since what moves away under
  // the pointer gets no click.
  const mathjax = document.getElementById("mathjax");
  if (!mathjax) return;
  // It would wait for a browser that is never idle, and forget formulas that come into view while it loads an extension.
  const ready = () => {
    MathJax.startup.defaultReady();
    const page = MathJax.startup.document;
    const handle = () => {
      page.lazyHandleSet();
      page.lazyPromise.then(() => page.lazySet.size && page.lazyProcessSet());
    };
    page.lazyProcessSet = () => later(handle, {timeout: 300});
  };
  MathJax.startup = {ready};
  const events = ["scroll", "click", "keydown", "beforeprint"];
  let near, started = false;
  const start = () => {
    if (started) return;
    started = true;
    near.disconnect();
    events.forEach((name) => removeEventListener(name, start));
    document.head.append(Object.assign(document.createElement("script"), {src: mathjax.src}));
  };
  const startNear = (rootMargin) => {
    near?.disconnect();
    near = new IntersectionObserver((seen) => seen.some((entry) => entry.isIntersecting) && start(), {rootMargin});
    document.querySelectorAll(".math").forEach((math) => near.observe(math));
  };
  startNear("0px");
  events.forEach((name) => addEventListener(name, start, {passive: true}));
  // Fetched, not run, when the page has long been there.
  const fetchOnly = Object.assign(document.createElement("link"), {rel: "prefetch", as: "script", href: mathjax.src});
  addEventListener("load", () => setTimeout(() => document.head.append(fetchOnly), 3000));
  addEventListener("load", () => setTimeout(() => started || startNear("300px"), 6000));
});
