// A loss of two parameters seen from above: contour lines, the ways of descents, and where they begin.
import type {Point} from "./math/optimizers.ts";
import {contours, type Surface} from "./math/surfaces.ts";
import {axes, line, shown, type Colors, type Picture, type Scale} from "./plot.ts";

const lines = new WeakMap<Surface, [Point, Point][][]>();

/** Draw the map alone, and return where values lie in it. */
export function drawMap(picture: Picture, colors: Colors, surface: Surface): Scale {
  const {context} = picture;
  const scale = axes(picture, colors, {x: surface.x, y: surface.y, xLabel: surface.names[0], yLabel: surface.names[1]});
  if (!lines.has(surface)) lines.set(surface, contours(surface));
  context.strokeStyle = colors.muted;
  context.font = "11px sans-serif";
  lines.get(surface)!.forEach((pieces, level) => {
    context.beginPath();
    let low: Point = [0, 0]; // where the line is lowest in the picture, but not at its edge
    for (const [from, to] of pieces) {
      const [a, b] = [from, to].map(([p, q]): Point => [scale.x(p), scale.y(q)]);
      context.moveTo(...a);
      context.lineTo(...b);
      if (a[1] > low[1] && a[1] < scale.y(surface.y[0]) - 8 && a[0] < picture.width - 30) low = a;
    }
    context.stroke();
    if (!low[1]) return;
    const text = shown(surface.levels[level]);
    context.fillStyle = colors.paper;
    context.fillRect(low[0] - 2 - 3.3 * text.length, low[1] - 7, 4 + 6.6 * text.length, 14);
    context.fillStyle = colors.muted;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(text, ...low);
  });
  if (surface.minimum) drawStar(context, colors, scale.x(surface.minimum[0]), scale.y(surface.minimum[1]));
  return scale;
}

/** Draw a way with a dot for each step; what lies outside the map is left out. */
export function drawWay(
  picture: Picture, surface: Surface, scale: Scale, path: readonly Point[], color: string, dash: number[] = [],
): void {
  const {context} = picture, {x, y} = surface;
  context.save();
  context.beginPath();
  context.rect(scale.x(x[0]), scale.y(y[1]), scale.x(x[1]) - scale.x(x[0]), scale.y(y[0]) - scale.y(y[1]));
  context.clip();
  context.strokeStyle = context.fillStyle = color;
  context.lineWidth = 2;
  // Far outside a number may have no place in a picture any more.
  const points = path.map(([a, b]): Point => [far(scale.x(a)), far(scale.y(b))]);
  context.setLineDash(dash);
  line(context, points);
  for (const [px, py] of points) {
    context.beginPath();
    context.arc(px, py, path.length > 60 ? 1.8 : 2.8, 0, 7);
    context.fill();
  }
  context.restore();
}

const far = (px: number): number => Math.max(-1e5, Math.min(1e5, px || (px === 0 ? 0 : 1e5)));

function drawStar(context: CanvasRenderingContext2D, colors: Colors, x: number, y: number): void {
  context.fillStyle = colors.ink;
  context.beginPath();
  for (let i = 0; i < 10; i++) {
    const radius = i % 2 ? 3.5 : 9, angle = (i * Math.PI) / 5;
    context.lineTo(x + radius * Math.sin(angle), y - radius * Math.cos(angle));
  }
  context.fill();
}
