const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `88080384` → `84 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${formatNumber(value, value < 10 && unit > 1 ? 1 : 0)} ${
    UNITS[unit]
  }`;
}

/** Thousandths of a core: `12` → `12 mCPU`, `1500` → `1.5 CPU`. */
export function formatCpu(millicores: number): string {
  return millicores >= 1000
    ? `${formatNumber(millicores / 1000, 1)} CPU`
    : `${formatNumber(millicores, 0)} mCPU`;
}

function formatNumber(value: number, digits: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}

/** `5230` → `5.2 s`, `750000` → `12 min`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) {
    return `${seconds.toFixed(1)} s`;
  }
  if (seconds < 90) {
    return `${Math.round(seconds)} s`;
  }
  if (seconds < 5400) {
    return `${Math.round(seconds / 60)} min`;
  }
  return seconds < 129_600
    ? `${Math.round(seconds / 3600)} h`
    : `${Math.round(seconds / 86_400)} d`;
}

const STEPS: Array<[Intl.RelativeTimeFormatUnit, number]> = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** How long before `now` a time was, in words of the reader's language: `2 hr. ago`. */
export function formatAgo(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  const [unit, size] = STEPS.find(
    ([, length]) => Math.abs(seconds) >= length,
  ) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(undefined, {
    style: 'short',
    numeric: 'auto',
  }).format(Math.trunc(seconds / size), unit);
}

/** The part of an image reference that tells images apart at a glance: last path element, and tag or short digest. */
export function shortImage(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1);
  return last.replace(/@sha256:([a-f0-9]{8})[a-f0-9]+$/, '@$1');
}
