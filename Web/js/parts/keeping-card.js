// What must not be deleted, and what was: the holds in force and the accounts of deleting.

import { api, seg } from '../lib/api.js';
import { may } from '../lib/account.js';
import { h } from '../lib/dom.js';
import { t, tCode } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { bytes, count, parse, stamp } from '../lib/zone.js';
import { confirmAction, toastProblem } from './dialog.js';

const moment = (text) => (text ? stamp(parse(text)) : '');

/** What the card shows; parts that may not be read are left out. */
export async function readKeeping() {
  const [retention, holds] = await Promise.all(
    ['/retention', '/holds'].map((path) => api.get(path).catch(() => null)));
  return { retention, holds: holds?.items ?? null };
}

function holdRow(hold, changed) {
  const release = async () => {
    const sentence = t('keeping.releaseAsk', { reason: hold.reason });
    if (!await confirmAction('keeping.release', sentence, 'keeping.release')) return;
    try {
      await api.delete(`/holds/${seg(hold.id)}`);
    } catch (problem) {
      toastProblem(problem);
    }
    changed();
  };
  return h('li', { data: { hold: hold.id } }, icon('lock', 14), h('div', {},
    h('b', {}, hold.reason),
    h('p', { class: 'muted small-text num' }, h('code', {}, hold.channel), ' ',
      `${moment(hold.from)} – ${moment(hold.to)}`),
    h('p', { class: 'muted small-text' }, t('keeping.by', { user: hold.by, time: moment(hold.placed) }),
      hold.until ? ` · ${t('keeping.until', { time: moment(hold.until) })}` : '',
      ` · ${t('keeping.extent', { n: count(hold.files), size: bytes(hold.bytes) })}`)),
  may('holdRecordings')
    ? h('button', { type: 'button', class: 'quiet small', data: { action: 'release' }, onclick: release,
      t: 'keeping.release' }) : null);
}

/** The card of the health page. */
export function keepingCard({ retention, holds }, changed) {
  if (!retention && !holds) return null;
  return h('section', { class: 'card', data: { card: 'keeping' } }, h('h2', { t: 'keeping.title' }),
    holds && (holds.length ? h('ul', { class: 'key holds' }, holds.map((one) => holdRow(one, changed)))
      : h('p', { class: 'muted', t: 'keeping.none' })),
    retention && h('ul', { class: 'key' }, (retention.deleted ?? []).map((d) => h('li', {},
      tCode('keeping.rule', d.rule, d.rule), h('b', { class: 'num' },
        t('keeping.extent', { n: count(d.files), size: bytes(d.bytes) }))))));
}
