// The rules of deleting as people edit them: texts of fields, what is wrong with them, what differs.

import { t } from '../lib/i18n.js';
import { bytes } from '../lib/zone.js';

/** From what goes first to what goes last. */
export const CLASSES = ['expendable', 'normal', 'important'];

const GIB = 2 ** 30;
/** More days than this mean nothing to the server. */
const CENTURY = 36500;

const text = (n) => String(Math.round(n * 1000) / 1000);

/** The texts of the fields; an empty maximum means that there is none. */
export function draftOf(rules) {
  return {
    classes: rules.classes.map(({ name, minimumDays, maximumDays }) => ({
      name, minimum: text(minimumDays), maximum: maximumDays === undefined ? '' : text(maximumDays),
    })),
    reserve: text(rules.reserveBytes / GIB), exhaustion: rules.exhaustion,
  };
}

/** Whether a field holds a number of days, or of GiB. */
function isNumber(field, least = 0, most = Infinity) {
  const n = Number(field);
  return field.trim() !== '' && n >= least && n <= most;
}

/** Why a class cannot be as it stands, or nothing. */
function objection({ name, minimum, maximum }) {
  const values = { name: t(`retention.class.${name}`) };
  if (!isNumber(minimum, 0, CENTURY)) return t('retention.wrong.minimum', values);
  if (maximum.trim() === '') return null;
  if (!isNumber(maximum, Number.MIN_VALUE, CENTURY)) return t('retention.wrong.maximum', values);
  return Number(maximum) < Number(minimum) ? t('retention.wrong.order', values) : null;
}

/** `{rules}` that the fields mean, or `{wrong}`: a sentence. What was not touched stays exact. */
export function rulesOf(draft, present) {
  const before = draftOf(present);
  const wrong = draft.classes.map(objection).find(Boolean)
    ?? (isNumber(draft.reserve) ? null : t('retention.wrong.reserve'));
  if (wrong) return { wrong };
  const classes = draft.classes.map((entry, i) => {
    const [old, was] = [present.classes[i], before.classes[i]];
    const days = {};
    if (entry.maximum.trim() !== '') {
      days.maximumDays = entry.maximum === was.maximum ? old.maximumDays : Number(entry.maximum);
    }
    return { name: entry.name, ...days,
      minimumDays: entry.minimum === was.minimum ? old.minimumDays : Number(entry.minimum) };
  });
  const reserveBytes = draft.reserve === before.reserve ? present.reserveBytes
    : Math.round(Number(draft.reserve) * GIB);
  return { rules: { classes, reserveBytes, exhaustion: draft.exhaustion } };
}

/** Whether two sets of rules mean the same. */
export const sameRules = (one, other) => changes(one, other).length === 0;

export const daysText = (n) => (n === undefined ? t('retention.unlimited') : t('unit.d', { n: text(n) }));

/** What differs: `[{what, before, after}]`, each a text. */
export function changes(before, after) {
  const list = [];
  const differ = (what, one, other, say) => {
    if (one !== other) list.push({ what, before: say(one), after: say(other) });
  };
  after.classes.forEach((entry, i) => {
    const old = before.classes[i];
    const name = t(`retention.class.${entry.name}`);
    differ(`${name}: ${t('retention.minimum')}`, old.minimumDays, entry.minimumDays, daysText);
    differ(`${name}: ${t('retention.maximum')}`, old.maximumDays, entry.maximumDays, daysText);
  });
  differ(t('retention.reserve'), before.reserveBytes, after.reserveBytes, bytes);
  differ(t('retention.short.what'), before.exhaustion, after.exhaustion,
    (name) => t(`retention.short.${name}`));
  return list;
}

/** One line for each class: how long at least and at most. */
export const classLines = (rules) => rules.classes.map((entry) => ({
  name: entry.name, title: t(`retention.class.${entry.name}`),
  text: entry.maximumDays === undefined
    ? t('retention.lineOpen', { minimum: daysText(entry.minimumDays) })
    : t('retention.line', { minimum: daysText(entry.minimumDays), maximum: daysText(entry.maximumDays) }),
}));
