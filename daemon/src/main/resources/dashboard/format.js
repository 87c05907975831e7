// How numbers are said. A missing number is a dash, never 0.

export const MISSING = '–';
const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

// int64 and NaN come as text in protobuf's JSON.
export const number = (value) => (value === undefined || value === null ? NaN : Number(value));

const fixed = (value, digits) =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

export function percent(value, digits = 0) {
  const n = number(value);
  return Number.isFinite(n) ? `${fixed(n, digits)} %` : MISSING;
}

export function bytes(value) {
  let n = number(value);
  if (!Number.isFinite(n)) return MISSING;
  let unit = 0;
  while (Math.abs(n) >= 1024 && unit < BYTES.length - 1) { n /= 1024; unit++; }
  return `${fixed(n, unit === 0 || Number.isInteger(n) || Math.abs(n) >= 100 ? 0 : 1)} ${BYTES[unit]}`;
}

export function rate(value) {
  const text = bytes(value);
  return text === MISSING ? MISSING : `${text}/s`;
}

export function withUnit(value, unit) {
  if (unit === 'percent') return percent(value, 1);
  if (unit === 'bytes') return bytes(value);
  if (unit === 'bytes_per_second') return rate(value);
  const n = number(value);
  return Number.isFinite(n) ? `${n.toPrecision(3)} ${unit.replaceAll('_', ' ')}` : MISSING;
}

export function count(value) {
  const n = number(value);
  if (!Number.isFinite(n)) return MISSING;
  if (n >= 1e9) return `${fixed(n / 1e9, 2)} G`;
  if (n >= 1e6) return `${fixed(n / 1e6, 2)} M`;
  return fixed(n, 0);
}

export function duration(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return join(s / 60, 'min', s % 60, 's');
  if (s < 86400) return join(s / 3600, 'h', (s % 3600) / 60, 'min');
  return join(s / 86400, 'd', (s % 86400) / 3600, 'h');
}

function join(large, largeUnit, small, smallUnit) {
  const rest = Math.floor(small);
  return rest ? `${Math.floor(large)} ${largeUnit} ${rest} ${smallUnit}` : `${Math.floor(large)} ${largeUnit}`;
}

export function time(ms) {
  const n = number(ms);
  return n ? new Date(n).toLocaleTimeString('en-GB') : MISSING;
}

export function dateTime(ms) {
  const n = number(ms);
  return n ? new Date(n).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' }) : MISSING;
}

export const words = (state) => String(state).toLowerCase().replaceAll('_', ' ');

// What a decision changes, in a few characters.
export function change(decision) {
  switch (decision.type) {
    case 'SET_VCPUS': return `${decision.fromVcpus} → ${decision.toVcpus} vcpus`;
    case 'SET_MEMORY': return `${bytes(decision.fromMemoryBytes)} → ${bytes(decision.toMemoryBytes)}`;
    case 'LIVE_MIGRATE': return `move to ${decision.targetHostName}`;
    default: return words(decision.type);
  }
}
