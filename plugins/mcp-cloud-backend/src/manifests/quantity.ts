const FACTORS: Record<string, number> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A Kubernetes quantity as a number (bytes, or whole cores); `NaN` for what is none. */
export function parseQuantity(quantity: string): number {
  const match = /^([0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?)([A-Za-z]*)$/.exec(
    quantity.trim(),
  );
  const factor = match ? FACTORS[match[2]] : undefined;
  return match && factor !== undefined ? Number(match[1]) * factor : NaN;
}

/** CPU in thousandths of a core, rounded up as Kubernetes does; so sums of it are exact. */
export function toMillicores(quantity: string): number {
  return roundedUp(parseQuantity(quantity) * 1_000);
}

/** Memory in bytes, rounded up. */
export function toBytes(quantity: string): number {
  return roundedUp(parseQuantity(quantity));
}

/** Past what a floating-point number makes of a decimal fraction. */
function roundedUp(value: number): number {
  return Math.ceil(Number(value.toPrecision(15)));
}
