// What must not be deleted, what may be, and what was: the holds in force, the rules, the accounts of deleting.

import { may } from '../lib/account.js';
import { api } from '../lib/api.js';
import { h } from '../lib/dom.js';
import { holdBook } from '../lib/holds.js';
import { t, tCode } from '../lib/i18n.js';
import { bytes } from '../lib/zone.js';
import { holdRow } from './hold-dialogs.js';
import { extentText } from './hold-words.js';
import { classLines } from './retention-model.js';

/** What the card shows; parts that may not be read are left out. */
export async function readKeeping() {
  const [retention, holds] = await Promise.all([
    api.get('/retention').catch(() => null), holdBook.refresh().then(() => may('viewTimeline'), () => false)]);
  return { retention, holds: holds ? holdBook.items : null };
}

function ruleLines({ rules }) {
  return h('ul', { class: 'key rules' }, classLines(rules).map((line) => h('li', { data: { rule: line.name } },
    line.title, h('b', { class: 'num' }, line.text))),
  h('li', {}, t('retention.reserve'), h('b', { class: 'num' }, bytes(rules.reserveBytes))));
}

function deletedLines({ deleted }) {
  return deleted.length ? h('ul', { class: 'key' }, deleted.map((one) => h('li', {},
    tCode('keeping.rule', one.rule, one.rule), h('b', { class: 'num' }, extentText(one)))))
    : h('p', { class: 'muted', t: 'keeping.nothingDeleted' });
}

/** The card of the health page. */
export function keepingCard({ retention, holds }, changed) {
  if (!retention && !holds) return null;
  return h('section', { class: 'card keeping', data: { card: 'keeping' } }, h('h2', { t: 'keeping.title' }),
    h('div', { class: 'keeping-columns' },
      holds && h('div', {}, h('h3', { t: 'keeping.holds' }), holds.length
        ? h('ul', { class: 'key holds' }, holds.map((one) => holdRow(one, changed)))
        : h('p', { class: 'muted', t: 'keeping.none' })),
      retention && h('div', {}, h('h3', { t: 'keeping.rules' }), ruleLines(retention),
        h('p', {}, h('a', { href: '#/settings?show=retention',
          t: may('manageRecording') ? 'keeping.changeRules' : 'keeping.seeRules' }))),
      retention && h('div', {}, h('h3', { t: 'keeping.deleted' }), deletedLines(retention))));
}
