// What all explorables share.
import {picture, type Picture} from "./plot.ts";

/** Let tests and curious readers ask a picture for its numbers: `document.querySelector(".ia-descent").numbers()`. */
export const expose = (root: HTMLElement, numbers: () => object): void => void Object.assign(root, {numbers});

/** A picture no wider than its place, so that its letters keep their size on a phone. */
export const fitted = (root: HTMLElement, width: number, height: number): Picture => {
  const room = Math.min(width, Math.max(280, root.clientWidth || width));
  return picture(room, room < width ? Math.min(height, room) : height);
};
