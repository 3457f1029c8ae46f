// A slider over round learning rates, evenly spaced by their logarithm; one from an address need not be round.
import {range, type Control} from "./dom.ts";
import {shown} from "./plot.ts";

const ROUND = [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3, 3.3, 3.5, 3.8, 4, 4.1, 4.5, 5, 5.5, 6, 7, 8, 9];

export function rate(
  label: string, [low, high]: readonly [number, number], value: number, change: (rate: number) => void,
): Control<number> {
  const rates: number[] = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power++) {
    rates.push(...ROUND.map((factor) => Number(`${factor}e${power}`)).filter((eta) => eta >= low && eta <= high));
  }
  const distance = (i: number) => Math.abs(Math.log(rates[i] / exact));
  const nearest = () => rates.reduce((best, _, i) => (distance(i) < distance(best) ? i : best), 0);
  const within = (eta: number) => (eta > 0 ? Math.min(high, Math.max(low, eta)) : low);
  let exact = within(value);
  const show = (i: number) => {
    if (i !== nearest()) exact = rates[i];
    return shown(exact);
  };
  const slider = range(label, {min: 0, max: rates.length - 1, step: 1, show}, nearest(), () => change(exact));
  return {
    root: slider.root,
    get value() {
      return exact;
    },
    set value(next) {
      exact = within(next);
      slider.value = nearest();
    },
  };
}
