// Activations and their derivatives as in coursepkg/scratch/activations.py: forms that never overflow.

type F = (z: number) => number;

const sigmoid: F = (z) => {
  const e = Math.exp(-Math.abs(z));
  return (z >= 0 ? 1 : e) / (1 + e);
};
const sigmoidSlope: F = (z) => sigmoid(z) * sigmoid(-z);
const softplus: F = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const density: F = (z) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/** The distribution function of the standard normal, by its series (Marsaglia, 2004): right to 1e-15 for |z| up to 7. */
const normal: F = (z) => {
  let sum = z, term = z;
  for (let k = 3; sum + term !== sum || k < 5; k += 2) sum += term *= (z * z) / k;
  return 0.5 + sum * density(z);
};

const leaky = (slope: number): [F, F] => [(z) => (z > 0 ? z : slope * z), (z) => (z > 0 ? 1 : slope)];
const elu = (alpha: number, scale: number): [F, F] => [
  (z) => scale * (z > 0 ? z : alpha * Math.expm1(z)),
  (z) => scale * (z > 0 ? 1 : alpha * Math.exp(z)),
];
const swish = (beta: number): [F, F] => [
  (z) => z * sigmoid(beta * z),
  (z) => sigmoid(beta * z) + beta * z * sigmoidSlope(beta * z),
];
const inner: F = (z) => 2 * Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3);

/** Value and slope by name. */
export const ACTIVATIONS: Record<string, [F, F]> = {
  identity: [(z) => z, () => 1],
  heaviside: [(z) => (z >= 0 ? 1 : 0), () => 0],
  sign: [Math.sign, () => 0],
  sigmoid: [sigmoid, sigmoidSlope],
  tanh: [Math.tanh, (z) => 1 - Math.tanh(z) ** 2],
  relu: [(z) => Math.max(z, 0), (z) => (z > 0 ? 1 : 0)],
  softplus: [softplus, sigmoid],
  leaky_relu: leaky(0.2),
  elu: elu(1, 1),
  selu: elu(1.6732632423543772, 1.0507009873554805),
  gelu: [(z) => z * normal(z), (z) => normal(z) + z * density(z)],
  gelu_tanh: [
    (z) => z * sigmoid(inner(z)),
    (z) => sigmoid(inner(z)) + 2 * z * sigmoidSlope(inner(z)) * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * z * z),
  ],
  gelu_sigmoid: swish(1.702),
  swish: swish(1),
  mish: [
    (z) => z * Math.tanh(softplus(z)),
    (z) => {
      const t = Math.tanh(softplus(z));
      return t + z * (1 - t * t) * sigmoid(z);
    },
  ],
};
