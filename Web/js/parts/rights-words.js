// Grants, requests and conditions in words.

import { t, tCode } from '../lib/i18n.js';
import { purposeName } from '../lib/purpose.js';
import { clock, date, parse } from '../lib/zone.js';

/** A time of the interface as people read it. */
export const moment = (text) => (text ? `${date(parse(text))} ${clock(parse(text))}` : '');

/** Whom a grant is for. */
export const granteeWords = ({ kind, name }) =>
  `${tCode('grantee', kind, kind)} ${kind === 'role' ? tCode('role', name, name) : name}`;

/** Which channels are meant. */
export const scopeWords = ({ kind, name, channels }) => (kind === 'all' ? t('scope.all')
  : kind === 'list' ? (channels?.length === 1 ? channels[0] : t('scope.listOf', { count: channels?.length ?? 0 }))
    : `${tCode('scope', kind, kind)} ${name ?? ''}`);

export const operationWords = (list) => (list.length ? list.map((one) => tCode('operation', one, one)).join(' · ')
  : t('operation.none'));

/** `level/person/name` as people read it: a name if we have heard one. */
const visitorNames = new Map();
export function knowVisitors(visitors) {
  for (const one of visitors) visitorNames.set(one.person, one.name);
}
export function visitorWords(text) {
  const [, kind, ...name] = text.split('/');
  return visitorNames.get(text) ?? `${tCode('grantee', kind, kind)} ${name.join('/')}`;
}

/** Under what conditions; empty for none. */
export function conditionWords(c) {
  return [
    c.purposes ? c.purposes.map(purposeName).join(' / ') : null,
    c.hours ? `${c.hours.from}–${c.hours.to}` : null,
    c.footageSince ? t('grants.footageSince', { time: moment(c.footageSince) }) : null,
    c.footageSeconds ? t('grants.footageDays', { days: (c.footageSeconds / 86400).toFixed(1) }) : null,
    c.visitors ? t('grants.visitorsAre', { names: c.visitors.map(visitorWords).join(', ') }) : null,
    c.viewers ? t('grants.viewers', { count: c.viewers }) : null,
    c.unmarked ? t('grants.unmarkedShort') : null,
    c.starts ? t('grants.starts', { time: moment(c.starts) }) : null,
    c.expires ? t('grants.until', { time: moment(c.expires) }) : null,
  ].filter(Boolean).join(' · ');
}
