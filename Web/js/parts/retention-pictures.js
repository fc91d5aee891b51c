// Pictures of the rules of deleting. Time runs from left to right; the right end is now.

import { directory } from '../lib/directory.js';
import { h } from '../lib/dom.js';
import { holdBook } from '../lib/holds.js';
import { t } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { bytes, count, date, now, parse } from '../lib/zone.js';
import { extentText } from './hold-words.js';
import { daysText } from './retention-model.js';

const SHOWN = 8; // cameras in the picture; the rest is a sum

const percent = (share) => `${Math.max(0, Math.min(100, share * 100)).toFixed(2)}%`;

const part = (name, from, to, ...children) => h('i', { class: name,
  style: { left: percent(from), width: percent(to - from) } }, children);

const legend = (...entries) => h('p', { class: 'picture-legend small-text muted' },
  entries.map(([name, key]) => h('span', {}, h('i', { class: `sample ${name}` }), t(key))));

const axis = (start) => h('div', { class: 'picture-axis num' }, h('span', {}, start),
  h('span', { t: 'retention.now' }));

/** What becomes of a recording as it grows old, a bar for each class. */
export function agesPicture(rules, present) {
  const days = [...rules.classes, ...present.classes].flatMap((c) => [c.minimumDays, c.maximumDays ?? 0]);
  const longest = Math.max(1, ...days) * 1.2;
  const place = (age) => 1 - Math.min(age, longest) / longest;
  const bars = rules.classes.map((entry, i) => {
    const oldest = entry.maximumDays === undefined ? 0 : place(entry.maximumDays);
    const was = present.classes[i].maximumDays;
    const before = was !== entry.maximumDays && was !== undefined && h('i', { class: 'was',
      style: { left: percent(place(was)) }, title: t('retention.was', { days: daysText(was) }) });
    return h('div', { class: 'picture-row', data: { ages: entry.name } },
      h('span', { class: 'picture-name' }, t(`retention.class.${entry.name}`)),
      h('div', { class: 'picture-track' }, part('gone', 0, oldest),
        part('spare', oldest, place(entry.minimumDays)), part('promised', place(entry.minimumDays), 1),
        before));
  });
  return h('figure', { class: 'picture', role: 'img', tLabel: 'retention.agesPicture' }, bars,
    axis(t('retention.ago', { days: daysText(Math.round(longest)) })),
    legend(['gone', 'retention.legend.gone'], ['spare', 'retention.legend.spare'],
      ['promised', 'retention.legend.promised']));
}

/** How much of everything recorded goes, stays, and is held. */
export function sharePicture(preview, retention) {
  const held = holdBook.items.reduce((n, hold) => n + hold.bytes, 0);
  const all = Math.max(retention.bytes, preview.bytes + held, 1);
  const pieces = [['gone', 'retention.goes', preview.bytes],
    ['stays', 'retention.stays', all - preview.bytes - held], ['held', 'retention.held', held]];
  const label = pieces.map(([, key, size]) => `${t(key)} ${bytes(size)}`).join(', ');
  return h('div', { class: 'picture-share', role: 'img', 'aria-label': label },
    h('div', { class: 'share-bar' }, pieces.filter(([, , size]) => size > 0).map(([name, , size]) =>
      h('i', { class: name, style: { 'flex-grow': String(size / all) } }))),
    h('p', { class: 'picture-legend small-text muted num' }, pieces.map(([name, key, size]) =>
      h('span', {}, h('i', { class: `sample ${name}` }), `${t(key)} ${bytes(size)}`))));
}

/** One camera on the axis: what goes, and what is held of it. `place` turns a moment into a share. */
function lossRow(loss, place) {
  const held = holdBook.of(loss.channel).filter((hold) => place(hold.to) > 0 && place(hold.from) < 1);
  return h('div', { class: 'picture-row', data: { loss: loss.channel } },
    h('span', { class: 'picture-name', title: loss.channel }, directory.brief(loss.channel).name),
    h('div', { class: 'picture-track' }, part('kept', 0, 1),
      part('gone', place(loss.oldest), place(loss.newest)), held.map((hold) =>
        h('i', { class: 'held', title: t('hold.tip', { reason: hold.reason }),
          style: { left: percent(place(hold.from)),
            width: percent(Math.min(1, place(hold.to)) - Math.max(0, place(hold.from))) } },
        icon('lock', 10)))),
    h('span', { class: 'picture-size num' }, extentText(loss)));
}

/** When the recordings that go were made, a row for each camera that loses most. */
export function lossPicture(preview, retention) {
  if (!preview.channels.length) return null;
  const losses = preview.channels.map((loss) => ({ ...loss, oldest: parse(loss.oldest),
    newest: parse(loss.newest) }));
  const end = now();
  const start = Math.min(parse(retention.oldest) ?? end, ...losses.map((loss) => loss.oldest));
  const place = (at) => (at - start) / Math.max(1, end - start);
  return h('figure', { class: 'picture with-size', role: 'img', tLabel: 'retention.lossPicture' },
    losses.slice(0, SHOWN).map((loss) => lossRow(loss, place)), axis(date(start)), rest(losses.slice(SHOWN)),
    legend(['gone', 'retention.goes'], ['kept', 'retention.stays'], ['held', 'retention.held']));
}

function rest(losses) {
  if (!losses.length) return null;
  const sum = (name) => losses.reduce((n, loss) => n + loss[name], 0);
  return h('p', { class: 'muted small-text num' }, t('retention.moreCameras', { n: count(losses.length),
    extent: extentText({ files: sum('files'), bytes: sum('bytes') }) }));
}

/** Names of the cameras in the picture that the console does not know yet; true when there were some. */
export async function learnNames(preview) {
  const unknown = preview.channels.slice(0, SHOWN).map((loss) => loss.channel)
    .filter((channel) => directory.brief(channel).name === channel);
  await Promise.all(unknown.map((channel) => directory.detail(channel).catch(() => {})));
  return unknown.length > 0;
}
