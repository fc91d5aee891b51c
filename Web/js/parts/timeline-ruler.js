// The ruler of the timeline: ticks, hours, and the day of the left edge.

import { civil, clock, date, moment, offsetAt, startOfDay } from '../lib/zone.js';

const MIN = 60000;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;
const TICKS = [1000, 2000, 5000, 10000, 30000, MIN, 2 * MIN, 5 * MIN, 10 * MIN, 15 * MIN, 30 * MIN, HOUR,
  2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY];
export const RULER = 20;

/** Draws from the moment `from` to `to` over `width` pixels; midnights cross all lanes down to `height`. */
export function drawRuler(pen, { from, to, width, height, palette: p }) {
  const least = (64 / width) * (to - from);
  const step = TICKS.find((s) => s >= least) ?? TICKS.at(-1);
  pen.font = p.font;
  pen.textBaseline = 'alphabetic';
  const first = step >= DAY ? startOfDay(from)
    : Math.floor((from + offsetAt(from) * MIN) / step) * step - offsetAt(from) * MIN;
  // The day of the left edge stands in the corner, so that hours are never without a date.
  const day = step < DAY ? date(Math.max(from, 0)) : '';
  const corner = day ? pen.measureText(day).width + 14 : 0;
  let lastLabel = corner - 60;
  for (let at = first; at <= to + step; at = step >= DAY ? nextDay(at, step / DAY) : at + step) {
    const x = Math.round(((at - from) / (to - from)) * width) + 0.5;
    const c = civil(at);
    const midnight = c.hour === 0 && c.minute === 0 && c.second === 0;
    pen.fillStyle = midnight ? p.tickStrong : p.tick;
    pen.fillRect(x - 0.5, midnight ? 0 : RULER - 5, 1, midnight ? height : 5);
    if (x - lastLabel < 60) continue;
    const label = step >= DAY || midnight ? date(at).slice(5) : clock(at).slice(0, step < MIN ? 8 : 5);
    pen.fillStyle = midnight ? p.text : p.muted;
    pen.fillText(label, x + 4, 13);
    lastLabel = x;
  }
  if (day) {
    pen.fillStyle = p.corner;
    pen.fillRect(0, 0, corner, RULER - 2);
    pen.fillStyle = p.text;
    pen.fillText(day, 6, 13);
  }
}

function nextDay(at, days) {
  const c = civil(at + 12 * HOUR);
  return moment(c.year, c.month, c.day + days);
}
