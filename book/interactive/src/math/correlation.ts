// The cross-correlation of coursepkg/scratch/conv.py for one picture and one kernel of k × k weights.

export type Table = number[][];

/** How many zeros stand before an axis, and how many places the kernel finds along it. */
export const places = (size: number, k: number, stride: number, same: boolean): [number, number] => {
  if (!same) return [0, Math.floor((size - k) / stride) + 1];
  const n = Math.ceil(size / stride), missing = Math.max((n - 1) * stride + k - size, 0);
  return [Math.floor(missing / 2), n];
};

export interface Correlation {
  out: Table;
  top: number; // rows of zeros above the picture, columns of zeros before it
  left: number;
}

/** The number under the kernel at a place; outside of the picture it is 0. */
export const pixel = (picture: Table, i: number, j: number): number => picture[i]?.[j] ?? 0;

export const correlate = (picture: Table, kernel: Table, stride: number, same: boolean): Correlation => {
  const k = kernel.length;
  const [top, rows] = places(picture.length, k, stride, same);
  const [left, columns] = places(picture[0].length, k, stride, same);
  const at = (i: number, j: number) => {
    let sum = 0;
    kernel.forEach((line, u) => line.forEach((w, v) => (sum += w * pixel(picture, i * stride - top + u, j * stride - left + v))));
    return sum;
  };
  return {top, left, out: Array.from({length: rows}, (_, i) => Array.from({length: columns}, (_, j) => at(i, j)))};
};
