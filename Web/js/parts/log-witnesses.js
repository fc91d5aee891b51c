// Who watches whose access log: for each neighbour how far its log was seen here, and how far it has seen ours.

import { api } from '../lib/api.js';
import { h } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { count } from '../lib/zone.js';
import { openDialog } from './dialog.js';
import { moment } from './rights-words.js';

/** The neighbours; empty when nobody is enrolled. */
export const witnesses = async () => (await api.get('/access-log/witnesses')).items;

const row = (one) => h('li', { class: one.forked ? 'witness forked' : 'witness', data: { witness: one.id } },
  h('b', {}, t(one.role === 'superior' ? 'log.witness.above' : 'log.witness.below'), ' ', h('code', {}, one.id)),
  h('p', { class: one.forked ? 'fail-text' : '', role: one.forked ? 'alert' : null }, one.forked
    ? t('log.witness.forked', { time: moment(one.forked) })
    : t('log.witness.theirs', { n: count(one.entries), time: moment(one.seen) })),
  h('p', { class: 'muted' }, one.witnessed == null ? t('log.witness.noneOfOurs')
    : t('log.witness.ours', { n: count(one.witnessed), time: moment(one.witnessedAt) })),
  h('p', { class: 'muted small-text' }, one.origin));

export function showWitnesses(items) {
  return openDialog('log.witnesses', [h('p', { class: 'muted', t: 'log.witness.explain' }), items.length
    ? h('ul', { class: 'witness-list' }, items.map(row)) : h('p', { t: 'log.witness.none' })], { name: 'witnesses' });
}
