// A month with one bar per day: how much of the plan was recorded. Picks a day.

import { api, query, seg } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { holdBook } from '../lib/holds.js';
import { t } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { civil, iso, moment, now, parse, startOfDay } from '../lib/zone.js';
import { openDialog } from './dialog.js';

/** Resolves with the start of the day that was chosen, or nothing. */
export function pickDay(channel, at) {
  return openDialog('calendar.title', (close) => {
    let { year, month } = civil(at);
    const body = h('div', { class: 'calendar' });
    const draw = async () => {
      const first = moment(year, month, 1);
      const next = moment(year, month + 1, 1);
      const cells = new Map();
      const blank = (civil(first).weekday + 6) % 7;
      const days = [];
      for (let d = first; d < next; d = moment(civil(d).year, civil(d).month, civil(d).day + 1)) days.push(d);
      fill(body,
        h('header', {},
          h('button', { class: 'quiet', tLabel: 'calendar.previous', onclick: () => turn(-1) }, '‹'),
          h('b', { class: 'num' }, `${year}-${String(month).padStart(2, '0')}`),
          h('button', { class: 'quiet', tLabel: 'calendar.next', disabled: next > now(),
            onclick: () => turn(1) }, '›')),
        h('div', { class: 'calendar-grid' },
          [1, 2, 3, 4, 5, 6, 7].map((n) => h('span', { class: 'weekday', t: `weekday.${n}` })),
          Array.from({ length: blank }, () => h('span')),
          days.map((d) => {
            const bar = h('i');
            const cell = h('button', {
              class: `day${startOfDay(at) === d ? ' now' : ''}`, disabled: d > now(), onclick: () => close(d),
            }, h('span', { class: 'num' }, String(civil(d).day)), h('span', { class: 'day-bar' }, bar));
            cells.set(d, { bar, cell });
            const end = moment(civil(d).year, civil(d).month, civil(d).day + 1);
            if (holdBook.of(channel).some((hold) => hold.from < end && hold.to > d)) {
              cell.classList.add('held');
              cell.append(h('span', { class: 'day-lock', tLabel: 'timeline.hold', role: 'img' },
                icon('lock', 10)));
            }
            return cell;
          })));
      try {
        const found = await api.get(`/channels/${seg(channel)}/timeline${query({ from: iso(first), to: iso(Math.min(next, now())) })}`);
        const part = (list, from, to) => (list ?? []).reduce((n, s) => n
          + Math.max(0, Math.min(parse(s.to), to) - Math.max(parse(s.from), from)), 0);
        for (const [d, { bar, cell }] of cells) {
          const end = moment(civil(d).year, civil(d).month, civil(d).day + 1);
          const planned = part(found.planned, d, end);
          const share = planned ? part(found.recorded, d, end) / planned : 0;
          bar.style.setProperty('width', `${Math.floor(share * 100)}%`);
          if (planned) cell.title = t('calendar.share', { n: (Math.floor(share * 1000) / 10).toFixed(1) });
        }
      } catch {
        // Without the answer the month can still be used to pick a day.
      }
    };
    const turn = (by) => {
      month += by;
      if (month < 1) [year, month] = [year - 1, 12];
      if (month > 12) [year, month] = [year + 1, 1];
      draw();
    };
    draw();
    return body;
  }, { name: 'calendar' });
}
