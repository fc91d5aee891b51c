// Times. Inside everything is milliseconds since 1970 in UTC; people see the zone of the platform.

import { t } from './i18n.js';

let zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
let fixed; // minutes, when the platform gives a plain offset
let formatter;
let serverAhead = 0;
const offsets = new Map();
const pad = (n, width = 2) => String(n).padStart(width, '0');

/** Takes the platform's zone ("Asia/Shanghai", "+08:00", "UTC") and its clock. */
export function setZone(name, serverTime) {
  const plain = /^(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?$/.exec(name ?? '');
  offsets.clear();
  fixed = plain ? (plain[1] === '-' ? -1 : 1) * (Number(plain[2]) * 60 + Number(plain[3] ?? 0)) : undefined;
  formatter = undefined;
  try {
    if (!plain && name) {
      Intl.DateTimeFormat('en', { timeZone: name });
      zone = name;
    }
  } catch {
    // A name this browser does not know: its own zone is used, and shown.
  }
  if (serverTime) serverAhead = Date.parse(serverTime) - Date.now();
}

/** The server's clock now. */
export const now = () => Date.now() + serverAhead;

/** How far the server's clock is ahead of this computer's, in milliseconds. */
export const clockOffset = () => serverAhead;

/** Minutes east of UTC at a moment. */
export function offsetAt(ms) {
  if (fixed !== undefined) return fixed;
  const slot = Math.floor(ms / 900000); // no zone changes within a quarter of an hour
  let minutes = offsets.get(slot);
  if (minutes === undefined) {
    formatter ??= new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric',
      hour: 'numeric', minute: 'numeric', second: 'numeric',
    });
    const p = Object.fromEntries(formatter.formatToParts(slot * 900000).map((x) => [x.type, Number(x.value)]));
    const local = Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second);
    minutes = Math.round((local - slot * 900000) / 60000);
    if (offsets.size > 5000) offsets.clear();
    offsets.set(slot, minutes);
  }
  return minutes;
}

/** The civil parts of a moment in the platform's zone. */
export function civil(ms) {
  const d = new Date(ms + offsetAt(ms) * 60000);
  return {
    year: d.getUTCFullYear(), month: d.getUTCMonth() + 1, day: d.getUTCDate(), hour: d.getUTCHours(),
    minute: d.getUTCMinutes(), second: d.getUTCSeconds(), ms: d.getUTCMilliseconds(), weekday: d.getUTCDay(),
  };
}

/** The moment of civil parts; of an hour that happens twice, the first. */
export function moment(year, month, day, hour = 0, minute = 0, second = 0) {
  const local = Date.UTC(year, month - 1, day, hour, minute, second);
  const first = local - offsetAt(local - 86400000) * 60000;
  return offsetAt(first) === offsetAt(local - 86400000) ? first : local - offsetAt(first) * 60000;
}

export const startOfDay = (ms) => {
  const c = civil(ms);
  return moment(c.year, c.month, c.day);
};

export const date = (ms) => {
  const c = civil(ms);
  return `${c.year}-${pad(c.month)}-${pad(c.day)}`;
};

export const clock = (ms, withMs) => {
  const c = civil(ms);
  return `${pad(c.hour)}:${pad(c.minute)}:${pad(c.second)}${withMs ? `.${pad(c.ms, 3)}` : ''}`;
};

export const stamp = (ms, withMs) => `${date(ms)} ${clock(ms, withMs)}`;

export function zoneLabel(ms = now()) {
  const minutes = offsetAt(ms);
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? '−' : '+'}${Math.floor(size / 60)}${size % 60 ? `:${pad(size % 60)}` : ''}`;
}

/** The name of the zone for tooltips. */
export const zoneName = () => (fixed === undefined ? zone : zoneLabel());

/** What the API takes. */
export const iso = (ms) => new Date(Math.round(ms)).toISOString();

/** `null` for what is missing or no time. */
export function parse(text) {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? null : ms;
}

/** "09:12" today, "2026-03-04 09:12" before. */
export function since(ms) {
  if (ms === null) return '';
  const text = clock(ms).slice(0, 5);
  return startOfDay(ms) === startOfDay(now()) ? text : `${date(ms)} ${text}`;
}

/** A length of time in words: "14 s", "3 min 5 s", "2 h 10 min", "4 d 3 h". */
export function span(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  const two = (a, unitA, b, unitB) =>
    t(unitA, { n: a }) + (b ? ` ${t(unitB, { n: b })}` : '');
  if (s < 60) return t('unit.s', { n: s });
  if (s < 3600) return two(Math.floor(s / 60), 'unit.min', s % 60, 'unit.s');
  if (s < 86400) return two(Math.floor(s / 3600), 'unit.h', Math.floor(s / 60) % 60, 'unit.min');
  return two(Math.floor(s / 86400), 'unit.d', Math.floor(s / 3600) % 24, 'unit.h');
}

/** Bytes with a binary prefix, as disks and transfers are read by operators. */
export function bytes(n) {
  if (!Number.isFinite(n)) return '–';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let i = 0;
  while (n >= 1024 && i < units.length - 1) {
    n /= 1024;
    i += 1;
  }
  return `${i === 0 || n >= 100 ? Math.round(n) : n.toFixed(n >= 10 ? 1 : 2)} ${units[i]}`;
}

/** Bits per second, decimal. */
export function rate(bits) {
  if (!Number.isFinite(bits)) return '–';
  if (bits >= 1e9) return `${(bits / 1e9).toFixed(2)} Gbit/s`;
  return bits >= 1e6 ? `${(bits / 1e6).toFixed(bits >= 1e7 ? 1 : 2)} Mbit/s`
    : `${Math.round(bits / 1e3)} kbit/s`;
}

export const count = (n) => (Number.isFinite(n) ? n.toLocaleString('en-US') : '–');
