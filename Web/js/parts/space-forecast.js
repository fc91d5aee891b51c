// When the disk is down to its reserve at the present rate: a sentence and a picture.

import { h, svg } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { bytes, date, now, since, span } from '../lib/zone.js';

const DAY = 86400000;
const FAR = 3650; // days beyond which a date means nothing
const URGENT = 7; // days
const WIDE = 600;
const TALL = 84;

/** The sentences: `{head, more}`; `head` is what matters. */
function words({ disk, rate, days, rules }) {
  const then = rules ? t(`forecast.then.${rules.exhaustion}`) : '';
  if (disk.free <= disk.reserve) return { head: t('forecast.reached', { free: bytes(disk.free),
    reserve: bytes(disk.reserve) }), more: [then] };
  if (days === null) return { head: t('forecast.idle', { free: bytes(disk.free) }), more: [] };
  const values = { rate: bytes(rate * 86400), t: span(days * DAY), time: since(now() + days * DAY) };
  const reach = ((disk.free - disk.reserve + disk.used) / rate) * 1000;
  const aged = rules?.classes.some((entry) => entry.maximumDays !== undefined);
  return {
    head: days > FAR ? t('forecast.far', { rate: values.rate }) : t('forecast.full', values),
    more: [then, days > FAR ? '' : t('forecast.reach', { t: span(reach) }), aged ? t('forecast.aged') : ''],
  };
}

/** Free space from now on: down to the reserve, then held there. */
function picture({ disk, days }) {
  const top = Math.max(disk.free, disk.reserve * 1.4, 1);
  const y = (size) => TALL * (1 - size / top);
  const reserve = y(disk.reserve);
  const full = WIDE * 0.74;
  const free = y(disk.free);
  const at = days === 0 ? 0 : full;
  const end = days === null ? free : reserve;
  const line = `0,${free} ${at},${end} ${WIDE},${end}`;
  return h('figure', { class: 'forecast-picture', role: 'img', tLabel: 'forecast.picture' },
    h('span', { class: 'forecast-free num' }, t('forecast.free', { size: bytes(disk.free) })),
    svg('svg', { viewBox: `0 0 ${WIDE} ${TALL}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      svg('polygon', { class: 'area', points: `${line} ${WIDE},${TALL} 0,${TALL}` }),
      svg('rect', { class: 'reserve', x: 0, y: reserve, width: WIDE, height: TALL - reserve }),
      svg('polyline', { class: 'line', points: line }),
      days > 0 ? svg('line', { class: 'mark', x1: full, x2: full, y1: 0, y2: TALL }) : null),
    h('span', { class: 'forecast-reserve num' }, t('forecast.reserve', { size: bytes(disk.reserve) })),
    h('div', { class: 'picture-axis num' }, h('span', { t: 'retention.now' }),
      days > 0 ? h('b', { style: { left: `${(full / WIDE) * 100}%` } }, date(now() + days * DAY)) : null));
}

/** The card of the health page; `retention` may be unknown. */
export function forecastCard({ recorder, storage }, retention) {
  const disks = (storage ?? []).filter((s) => !s.lost);
  if (!disks.length || !recorder) return null;
  const sum = (name) => disks.reduce((total, s) => total + s[name], 0);
  const disk = { free: sum('free'), reserve: sum('reserve'), used: sum('used') };
  const days = Number.isFinite(recorder.daysToFull) ? Math.max(0, recorder.daysToFull) : null;
  const rules = retention?.rules;
  const { head, more } = words({ disk, rate: recorder.bytesPerSecond ?? 0, days, rules });
  const tone = disk.free <= disk.reserve || days !== null && days < URGENT ? 'warn' : 'ok';
  return h('section', { class: `card forecast ${tone}`, data: { card: 'forecast' } },
    h('h2', { t: 'forecast.title' }),
    h('div', { class: 'forecast-columns' },
      h('div', { class: 'stack' }, h('p', { class: 'forecast-head num' }, head),
        more.filter(Boolean).map((text) => h('p', { class: 'muted small-text' }, text))),
      days !== null && days > FAR ? null : picture({ disk, days })));
}
