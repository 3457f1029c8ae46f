// The random numbers of the package: those of numpy.random.default_rng, and those of coursepkg.data.exact.Stream.

const MASK = (1n << 64n) - 1n, MASK_128 = (1n << 128n) - 1n;

/** PCG64 of a whole number (O'Neill, 2014), seeded as NumPy does (numpy/random/bit_generator.pyx, SeedSequence). */
export class Generator {
  private state: bigint;
  private readonly step: bigint;
  private upper = -1; // the half of 64 bits that the next 32 bits are

  constructor(seed: number) {
    const [a, b, c, d] = seedWords(seed);
    this.step = (((c << 64n) | d) << 1n) & MASK_128 | 1n;
    this.state = 0n;
    this.next();
    this.state = (this.state + ((a << 64n) | b)) & MASK_128;
    this.next();
  }

  private next(): bigint {
    this.state = (this.state * 0x2360ed051fc65da44385df649fccf645n + this.step) & MASK_128;
    const turn = this.state >> 122n, mixed = (this.state >> 64n) ^ (this.state & MASK);
    return ((mixed >> turn) | (mixed << (64n - turn))) & MASK;
  }

  /** A number in [0, 1). */
  random(): number {
    return Number(this.next() >> 11n) * 2 ** -53;
  }

  private next32(): number {
    if (this.upper >= 0) {
      const kept = this.upper;
      this.upper = -1;
      return kept;
    }
    const bits = this.next();
    this.upper = Number(bits >> 32n);
    return Number(bits & 0xffffffffn);
  }

  /** A whole number from 0 to `most`: bits are drawn until they are no larger, as NumPy shuffles. */
  private below(most: number): number {
    const mask = 2 ** (32 - Math.clz32(most)) - 1;
    for (;;) {
      const found = (this.next32() & mask) >>> 0;
      if (found <= most) return found;
    }
  }

  /** Fill `order` with a permutation of 0, 1, … */
  permute(order: Uint32Array): void {
    for (let i = 0; i < order.length; i++) order[i] = i;
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.below(i), kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
  }
}

function seedWords(seed: number): bigint[] {
  let constant = 0x43b0d7e5;
  const hashed = (value: number) => {
    value ^= constant;
    constant = Math.imul(constant, 0x931e8875);
    value = Math.imul(value, constant);
    return value ^ (value >>> 16);
  };
  const entropy = [seed % 2 ** 32, Math.floor(seed / 2 ** 32), 0, 0], pool = entropy.map(hashed);
  for (let from = 0; from < 4; from++)
    for (let to = 0; to < 4; to++)
      if (from !== to) {
        const mixed = Math.imul(0xca01f9dd, pool[to]) - Math.imul(0x4973f715, hashed(pool[from]));
        pool[to] = mixed ^ (mixed >>> 16);
      }
  constant = 0x8b51f9dd;
  const words = Array.from({length: 8}, (_, i) => {
    let value = pool[i % 4] ^ constant;
    constant = Math.imul(constant, 0x58f38ded);
    value = Math.imul(value, constant);
    return BigInt((value ^ (value >>> 16)) >>> 0);
  });
  return [0, 2, 4, 6].map((i) => words[i] | (words[i + 1] << 32n));
}

/** Columns of random numbers by name: number i depends on seed, name and i alone (SplitMix64, keyed by BLAKE2b). */
export class Stream {
  constructor(private readonly name: string, private readonly seed: number) {}

  uniform(column: string, n: number): Float64Array {
    let z = blake2b(`${this.name}/${this.seed}/${column}`);
    return Float64Array.from({length: n}, () => {
      z = (z + 0x9e3779b97f4a7c15n) & MASK;
      let h = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
      h = ((h ^ (h >> 27n)) * 0x94d049bb133111ebn) & MASK;
      return (Number((h ^ (h >> 31n)) >> 12n) + 0.5) * 2 ** -52;
    });
  }

  normal(column: string, n: number): Float64Array {
    const radius = this.uniform(`${column}/radius`, n), angle = this.uniform(`${column}/angle`, n);
    return radius.map((r, i) => Math.sqrt(-2 * Math.log(r)) * Math.cos(2 * Math.PI * angle[i]));
  }
}

const IV = [
  0x6a09e667f3bcc908n, 0xbb67ae8584caa73bn, 0x3c6ef372fe94f82bn, 0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n, 0x9b05688c2b3e6c1fn, 0x1f83d9abfb41bd6bn, 0x5be0cd19137e2179n,
];
// The orders of the words in the ten rounds, a hexadecimal digit each.
const ORDERS = [
  "0123456789abcdef", "ea489fd61c02b753", "b8c052fdae367194", "7931dcbe265a40f8",
  "905724afe1bc683d", "2c6a0b834d75fe19", "c51fed4a0763928b", "db7ec13950f4862a",
  "6fe9b308c2d714a5", "a2847615fb9e3cd0",
];

/** The first 64 bits of the hash of a short text, digests of 8 bytes (RFC 7693). */
function blake2b(text: string): bigint {
  const bytes = new TextEncoder().encode(text), block = new Uint8Array(128);
  block.set(bytes);
  const words = new BigUint64Array(16), view = new DataView(block.buffer);
  for (let i = 0; i < 16; i++) words[i] = view.getBigUint64(8 * i, true);
  const first = IV[0] ^ 0x01010008n, v = [first, ...IV.slice(1), ...IV];
  v[12] ^= BigInt(bytes.length);
  v[14] ^= MASK;
  const turned = (value: bigint, by: bigint) => ((value >> by) | (value << (64n - by))) & MASK;
  const mix = (a: number, b: number, c: number, d: number, x: bigint, y: bigint) => {
    v[a] = (v[a] + v[b] + x) & MASK;
    v[d] = turned(v[d] ^ v[a], 32n);
    v[c] = (v[c] + v[d]) & MASK;
    v[b] = turned(v[b] ^ v[c], 24n);
    v[a] = (v[a] + v[b] + y) & MASK;
    v[d] = turned(v[d] ^ v[a], 16n);
    v[c] = (v[c] + v[d]) & MASK;
    v[b] = turned(v[b] ^ v[c], 63n);
  };
  for (let round = 0; round < 12; round++) {
    const order = [...ORDERS[round % 10]].map((digit) => words[parseInt(digit, 16)]);
    for (let i = 0; i < 8; i++) {
      const j = i % 4, shift = i < 4 ? 0 : 1;
      mix(j, 4 + ((j + shift) % 4), 8 + ((j + 2 * shift) % 4), 12 + ((j + 3 * shift) % 4), order[2 * i], order[2 * i + 1]);
    }
  }
  return first ^ v[0] ^ v[8];
}
