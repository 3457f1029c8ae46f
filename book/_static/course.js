// Small repairs of the theme; every page works without them.
document.addEventListener("DOMContentLoaded", () => {
  // What scrolls sideways must be reachable with the keyboard; the theme sees to code and tables, MathJax to formulas.
  const scrollers = "div.cell_output .output.text_html, figure";
  const mark = () => {
    const wide = [...document.querySelectorAll(scrollers)].filter((one) => one.scrollWidth > one.clientWidth + 1);
    wide.forEach((element) => (element.tabIndex = 0));
  };
  ["load", "resize"].forEach((name) => addEventListener(name, mark));

  // MathJax keeps a slow processor busy for a second. It starts when a formula comes near, or the reader does anything.
  const mathjax = document.getElementById("mathjax");
  if (!mathjax) return;
  // It would wait for a browser that is never idle, and forget formulas that come into view while it loads an extension.
  const ready = () => {
    MathJax.startup.defaultReady();
    const page = MathJax.startup.document;
    const later = window.requestIdleCallback ?? setTimeout;
    const handle = () => {
      page.lazyHandleSet();
      page.lazyPromise.then(() => page.lazySet.size && page.lazyProcessSet());
    };
    page.lazyProcessSet = () => later(handle, {timeout: 300});
  };
  MathJax.startup = {ready};
  const events = ["scroll", "pointerdown", "keydown", "beforeprint"];
  const start = () => {
    near.disconnect();
    events.forEach((name) => removeEventListener(name, start));
    document.head.append(Object.assign(document.createElement("script"), {src: mathjax.src}));
  };
  const near = new IntersectionObserver((seen) => seen.some((entry) => entry.isIntersecting) && start(), {rootMargin: "300px"});
  document.querySelectorAll(".math").forEach((math) => near.observe(math));
  events.forEach((name) => addEventListener(name, start, {passive: true}));
  // Fetched, not run, when the page has long been there.
  const fetchOnly = Object.assign(document.createElement("link"), {rel: "prefetch", as: "script", href: mathjax.src});
  addEventListener("load", () => setTimeout(() => document.head.append(fetchOnly), 3000));
});
