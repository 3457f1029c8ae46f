// Small repairs of the theme; every page works without them.
document.addEventListener("DOMContentLoaded", () => {
  // Whatever scrolls sideways must be reachable with the keyboard.
  const scrollers = "pre, .pst-scrollable-table-container, div.cell_output .output.text_html, figure, .math";
  const mark = () => {
    for (const element of document.querySelectorAll(scrollers)) {
      if (element.scrollWidth > element.clientWidth + 1) element.tabIndex = 0;
    }
  };
  mark();
  addEventListener("resize", mark);

  // MathJax keeps a slow processor busy for a second. It starts when a formula comes near, or the reader does anything.
  const mathjax = document.getElementById("mathjax");
  if (!mathjax) return;
  const events = ["scroll", "pointerdown", "keydown", "beforeprint"];
  const start = () => {
    near.disconnect();
    events.forEach((name) => removeEventListener(name, start));
    document.head.append(Object.assign(document.createElement("script"), {src: mathjax.href}));
  };
  const near = new IntersectionObserver((seen) => seen.some((entry) => entry.isIntersecting) && start(), {rootMargin: "300px"});
  document.querySelectorAll(".math").forEach((math) => near.observe(math));
  events.forEach((name) => addEventListener(name, start, {passive: true}));
});
