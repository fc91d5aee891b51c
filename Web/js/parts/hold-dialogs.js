// Placing, looking at and releasing holds.

import { may } from '../lib/account.js';
import { seg } from '../lib/api.js';
import { directory } from '../lib/directory.js';
import { fill, h } from '../lib/dom.js';
import { holdBook } from '../lib/holds.js';
import { t } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { civil, iso, moment, now, span, stamp, zoneLabel } from '../lib/zone.js';
import { confirmAction, openDialog, toast, toastProblem } from './dialog.js';
import { extentText, intervalText, troubleText, untilText } from './hold-words.js';

const DAY = 86400000;
const LONGEST_REASON = 500;
/** For how many days a hold may be placed with one choice; anything else is a date. */
const TERMS = [7, 30, 90, 365];

const pad = (n) => String(n).padStart(2, '0');

/** A moment as a field for dates and times wants it, in the zone of the platform. */
function fieldText(ms) {
  const c = civil(ms);
  return `${c.year}-${pad(c.month)}-${pad(c.day)}T${pad(c.hour)}:${pad(c.minute)}`;
}

function fieldTime(text) {
  const found = /^(\d+)-(\d+)-(\d+)T(\d+):(\d+)/.exec(text);
  return found ? moment(...found.slice(1).map(Number)) : null;
}

/** The choice of an end: `{element, value()}`; the value is null for "until released", NaN for no date. */
function untilChoice() {
  const date = h('input', { type: 'datetime-local', name: 'until-date', hidden: true,
    tLabel: 'hold.untilDate', value: fieldText(now() + 30 * DAY), min: fieldText(now()) });
  const zone = h('small', { class: 'muted', hidden: true }, t('hold.zone', { zone: zoneLabel() }));
  const choose = () => {
    date.hidden = zone.hidden = select.value !== 'date';
    if (!date.hidden) date.focus();
  };
  const select = h('select', { name: 'until', onchange: choose },
    h('option', { value: '', t: 'hold.untilReleased' }),
    TERMS.map((n) => h('option', { value: String(n) }, t('hold.days', { n }))),
    h('option', { value: 'date', t: 'hold.untilDate' }));
  const value = () => {
    if (select.value === 'date') return fieldTime(date.value) ?? NaN;
    return select.value ? now() + Number(select.value) * DAY : null;
  };
  return { element: [h('label', {}, h('span', { t: 'hold.until' }), select), date, zone], value };
}

/** Why a hold cannot be placed as it stands, or nothing. */
function objection(reason, until) {
  if (!reason) return 'hold.needReason';
  if (Number.isNaN(until)) return 'hold.needDate';
  return until !== null && until <= now() ? 'hold.endsInPast' : null;
}

/** Asks why and for how long, and places the hold. `recorded` are milliseconds of it that are recorded. */
export function askHold(channel, from, to, recorded = null) {
  return openDialog('hold.title', (close) => {
    const reason = h('input', { type: 'text', name: 'reason', maxLength: LONGEST_REASON,
      autocomplete: 'off', tPlaceholder: 'hold.reasonExample' });
    const until = untilChoice();
    const wrong = h('p', { class: 'fail-text', role: 'alert', hidden: true });
    const say = (text) => {
      wrong.textContent = text;
      wrong.hidden = false;
    };
    const button = h('button', { type: 'submit', class: 'primary' }, icon('lock', 14),
      h('span', { t: 'hold.place' }));
    const submit = async (event) => {
      event.preventDefault();
      const [text, end] = [reason.value.trim(), until.value()];
      const against = objection(text, end);
      if (against) {
        say(t(against));
        if (!text) reason.focus();
        return;
      }
      button.disabled = true;
      try {
        close(await holdBook.place({ channel, from, to, reason: text, until: end }));
      } catch (problem) {
        say(troubleText(problem));
      }
      button.disabled = false;
    };
    return h('form', { class: 'stack', noValidate: true, onsubmit: submit,
      oninput: () => (wrong.hidden = true) },
      h('p', { class: 'muted', t: 'hold.explain' }),
      h('dl', { class: 'facts' },
        h('dt', { t: 'hold.camera' }), h('dd', {}, directory.brief(channel).name),
        h('dt', { t: 'hold.interval' }), h('dd', { class: 'num' }, intervalText({ from, to })),
        recorded === null ? null : [h('dt', { t: 'timeline.recorded' }),
          h('dd', { class: 'num', data: { recorded: '' } }, span(recorded))]),
      h('label', {}, h('span', { t: 'hold.reason' }), reason), until.element, wrong,
      h('div', { class: 'buttons' },
        h('button', { type: 'button', t: 'action.cancel', onclick: () => close() }), button));
  }, { name: 'hold' }).then((placed) => {
    if (placed) tellPlaced(placed);
    return placed;
  });
}

function tellPlaced(hold) {
  if (hold.files > 0) toast(t('hold.placed', { extent: extentText(hold), until: untilText(hold) }));
  else toast(t('hold.placedEmpty'), 'warn', 8000);
}

/** Releases a hold after asking; answers whether it was released. */
export async function releaseHold(hold) {
  const sure = await confirmAction('keeping.release', t('keeping.releaseAsk', { reason: hold.reason }),
    'keeping.release');
  if (!sure) return false;
  try {
    await holdBook.release(hold.id);
    toast(t('hold.released', { reason: hold.reason }));
    return true;
  } catch (problem) {
    toastProblem(problem);
    holdBook.refresh().catch(() => {});
    return false;
  }
}

const releaseButton = (run, small) => (may('holdRecordings') ? h('button', {
  type: 'button', class: small ? 'quiet small' : 'danger', data: { action: 'release' }, onclick: run,
  t: 'keeping.release',
}) : null);

/** One hold with everything that is known of it. */
export function showHold(hold) {
  return openDialog('hold.one', (close) => h('div', { class: 'stack' },
    h('p', { class: 'hold-reason' }, icon('lock', 16), h('b', {}, hold.reason)),
    h('dl', { class: 'facts' },
      h('dt', { t: 'hold.camera' }), h('dd', {}, directory.brief(hold.channel).name),
      h('dt', { t: 'hold.interval' }), h('dd', { class: 'num' }, intervalText(hold)),
      h('dt', { t: 'hold.by' }), h('dd', { class: 'num' }, `${hold.by}, ${stamp(hold.placed)}`),
      h('dt', { t: 'hold.until' }), h('dd', { class: 'num' }, untilText(hold)),
      h('dt', { t: 'hold.extent' }), h('dd', { class: 'num' }, extentText(hold))),
    may('holdRecordings') ? null : h('p', { class: 'muted', t: 'hold.mayNot' }),
    h('div', { class: 'buttons' },
      h('button', { type: 'button', t: 'action.close', onclick: () => close() }),
      releaseButton(async () => {
        if (await releaseHold(hold)) close();
      }))), { name: 'hold-details' });
}

/** A hold in a list. */
export function holdRow(hold, changed) {
  const at = `#/playback?channel=${seg(hold.channel)}&at=${seg(iso(hold.from))}`;
  return h('li', { data: { hold: hold.id } }, icon('lock', 14), h('div', {},
    h('b', {}, hold.reason),
    h('p', { class: 'muted small-text num' },
      h('a', { href: at, tTitle: 'hold.replay' }, directory.brief(hold.channel).name), ' · ',
      intervalText(hold)),
    h('p', { class: 'muted small-text num' }, [t('keeping.by', { user: hold.by, time: stamp(hold.placed) }),
      untilText(hold), extentText(hold)].join(' · '))),
  releaseButton(async () => {
    if (await releaseHold(hold)) changed();
  }, true));
}

/** The holds of one camera. */
export function listHolds(channel) {
  return openDialog('hold.list', () => {
    const body = h('div', { class: 'stack' });
    const draw = () => {
      const list = holdBook.of(channel);
      fill(body, h('p', { class: 'muted' }, directory.brief(channel).name), list.length
        ? h('ul', { class: 'key holds' }, list.map((hold) => holdRow(hold, draw)))
        : h('p', { t: 'hold.none' }));
    };
    draw();
    return body;
  }, { name: 'holds', wide: true });
}
