// The network of the chapter on attention: one head and a dense layer that reads what the question has found.
import weights from "../../data/attention.json";

export type Pair = [letter: number, number: number]; // the question has the number −1

const matrix = (hundredths: number[][]): number[][] => hundredths.map((row) => row.map((w) => w / 100));
const vector = (hundredths: number[]): number[] => hundredths.map((w) => w / 100);

const [W_Q, W_K, W_V, W_O, W] = [weights.W_Q, weights.W_K, weights.W_V, weights.W_O, weights.W].map(matrix);
const [b_Q, b_K, b_V, b_O, b] = [weights.b_Q, weights.b_K, weights.b_V, weights.b_O, weights.b].map(vector);

/** x W + b for a row that holds 1 for a letter and 1 for a number: two rows of W. */
const project = ([letter, number]: Pair, W: number[][], b: number[]): number[] =>
  b.map((bias, k) => bias + W[letter][k] + (number < 0 ? 0 : W[16 + number][k]));

const times = (x: number[], W: number[][], b: number[]): number[] =>
  b.map((bias, k) => x.reduce((sum, value, j) => sum + value * W[j][k], bias));

const softmax = (scores: number[]): number[] => {
  const largest = Math.max(...scores), powers = scores.map((s) => Math.exp(s - largest));
  const total = powers.reduce((a, b) => a + b);
  return powers.map((p) => p / total);
};

/** Return the shares, a row for each place, and the probability of each of the 16 numbers. */
export const attend = (places: Pair[]): {shares: number[][]; answer: number[]} => {
  const [Q, K, V] = ([[W_Q, b_Q], [W_K, b_K], [W_V, b_V]] as const).map(([W, b]) => places.map((x) => project(x, W, b)));
  const dot = (q: number[], k: number[]) => q.reduce((sum, value, i) => sum + value * k[i], 0) / Math.sqrt(k.length);
  const shares = Q.map((q) => softmax(K.map((k) => dot(q, k))));
  const last = shares[shares.length - 1];
  const found = V[0].map((_, i) => last.reduce((sum, share, j) => sum + share * V[j][i], 0));
  return {shares, answer: softmax(times(times(found, W_O, b_O), W, b))};
};
