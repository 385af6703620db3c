const DURATION: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const SIZE: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** Milliseconds of a duration such as `500ms`, `30s`, `1h30m`; `undefined` when it is none. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === '0') return 0;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(trimmed)) return undefined;
  let total = 0;
  for (const [, amount, unit] of trimmed.matchAll(
    /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g,
  )) {
    total += Number(amount) * DURATION[unit];
  }
  return Math.round(total);
}

/** Bytes of a size such as `4MB` (10^6), `4MiB` (2^20) or `1024`; `undefined` when it is none. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kKMG]?i?B)?$/.exec(text.trim());
  if (!match) return undefined;
  const factor = match[2] === undefined ? 1 : SIZE[match[2]];
  return factor === undefined
    ? undefined
    : Math.round(Number(match[1]) * factor);
}
