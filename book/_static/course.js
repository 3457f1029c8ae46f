// Small repairs of the theme; every page works without them.
document.addEventListener("DOMContentLoaded", () => {
  // What scrolls sideways must be reachable with the keyboard; the theme sees to code and tables, MathJax to formulas.
  const scrollers = "div.cell_output .output.text_html, figure";
  const mark = (element) => {
    if (element.scrollWidth > element.clientWidth + 1) element.tabIndex = 0;
  };
  const shown = new Set();
  const watch = new IntersectionObserver((seen) => {
    for (const entry of seen.filter((one) => one.isIntersecting)) {
      shown.add(entry.target);
      mark(entry.target);
    }
  });
  document.querySelectorAll(scrollers).forEach((element) => watch.observe(element));
  addEventListener("resize", () => shown.forEach(mark));

  // MathJax keeps a slow processor busy for a second. It starts when a formula comes near, or the reader does anything.
  const mathjax = document.getElementById("mathjax");
  if (!mathjax) return;
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
