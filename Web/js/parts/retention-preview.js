// What rules would delete, in words and pictures: the answer of a dry run.

import { h } from '../lib/dom.js';
import { holdBook } from '../lib/holds.js';
import { t, tCode } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { bytes, clock, count, parse, stamp } from '../lib/zone.js';
import { extentText } from './hold-words.js';
import { changes, daysText } from './retention-model.js';
import { lossPicture, sharePicture } from './retention-pictures.js';

function headline(preview) {
  const rough = preview.complete ? '' : ` ${t('retention.incomplete')}`;
  if (!preview.files) return h('p', { class: 'preview-head none', data: { files: '0' } }, icon('check', 16),
    h('b', { t: 'retention.deletesNothing' }));
  return h('p', { class: 'preview-head some', data: { files: String(preview.files) } }, icon('trash', 16),
    h('b', {}, t('retention.deletes', { extent: extentText(preview), cameras: count(preview.channels.length),
      oldest: stamp(parse(preview.oldest)), newest: stamp(parse(preview.newest)) }) + rough));
}

const warning = (key, values) => h('p', { class: 'preview-warning' }, icon('error', 15),
  h('span', {}, t(key, values)));

/** What stays although the rules would reach it. */
function protectedLines(rules) {
  const held = holdBook.items;
  const sum = (name) => held.reduce((n, one) => n + one[name], 0);
  const promised = rules.classes.filter((entry) => entry.minimumDays > 0);
  return h('ul', { class: 'preview-protected', data: { protected: '' } },
    h('li', {}, icon('lock', 14), h('span', {}, held.length
      ? t('retention.protectedByHolds', { n: count(held.length),
        extent: extentText({ files: sum('files'), bytes: sum('bytes') }) }) : t('retention.noHolds'))),
    promised.map((entry) => h('li', {}, icon('calendar', 14), h('span', {}, t('retention.protectedByAge',
      { name: t(`retention.class.${entry.name}`), days: daysText(entry.minimumDays) })))),
    promised.length ? null : h('li', {}, icon('calendar', 14), h('span', { t: 'retention.noMinimum' })));
}

/** The rules that differ, before and after. */
export const changeList = (before, after) => h('ul', { class: 'preview-changes num' },
  changes(before, after).map((one) => h('li', {}, h('span', {}, one.what),
    h('b', {}, `${one.before} → ${one.after}`))));

/** `answer` is `{preview, rules, at}`; `retention` what is in force. */
export function previewReport({ preview, rules, at }, retention) {
  return h('div', { class: 'preview', data: { preview: '' } },
    h('h3', {}, t('retention.previewAt', { time: clock(at) })),
    changeList(retention.rules, rules), headline(preview),
    preview.breaksPromise ? warning(rules.exhaustion === 'shed' ? 'retention.breaksPromise'
      : 'retention.stops') : null,
    preview.missingBytes > 0 ? warning('retention.missing', { size: bytes(preview.missingBytes) }) : null,
    preview.rules.length ? h('ul', { class: 'key' }, preview.rules.map((one) => h('li', {},
      tCode('retention.because', one.rule, one.rule), h('b', { class: 'num' }, extentText(one))))) : null,
    preview.complete ? sharePicture(preview, retention) : null, lossPicture(preview, retention),
    h('p', { class: 'muted small-text', t: preview.files ? 'retention.when' : 'retention.later' }),
    h('h3', { t: 'retention.protected' }), protectedLines(rules));
}
