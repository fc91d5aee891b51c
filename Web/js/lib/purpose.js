// Why somebody is looking: the standing purpose of the account, kept by the server and written with every look.

import { api } from './api.js';
import { session } from './account.js';
import { language, t } from './i18n.js';
import { prefs } from './prefs.js';
import { now, parse } from './zone.js';

/** Announces `change`. */
export const purposeEvents = new EventTarget();

let list = [];
let own = { standing: null, byRole: true };
let glass = null;

const announce = () => purposeEvents.dispatchEvent(new Event('change'));

/** Reads the list and the own purpose. Without an answer there is none: the server asks for one when it must. */
export async function loadPurposes() {
  const [purposes, mine, glasses] = await Promise.all([api.get('/purposes').catch(() => null),
    api.get('/session/purpose').catch(() => null), api.get('/break-glass').catch(() => null)]);
  list = purposes?.items ?? [];
  own = { standing: mine?.standing ?? null, byRole: mine?.byRole ?? true };
  // An emergency goes on after the page was loaded again, unless it was given back.
  glass = (glasses?.items ?? []).find((one) => one.person === session.user?.name && !one.verdict
    && parse(one.until) > now() && one.id !== prefs.get('glassReturned', '')) ?? null;
  announce();
}

/** The purposes that can be chosen. */
export const purposes = () => list.filter((one) => one.enabled && !one.reserved);

export const purposeOf = (code) => list.find((one) => one.code === code);

/** The standing purpose, and whether it is the role's. */
export const purpose = () => own;

/** States another purpose; null goes back to that of the role. Throws what the server says against it. */
export async function setPurpose(standing) {
  const answer = standing ? await api.put('/session/purpose', standing) : await api.delete('/session/purpose');
  own = { standing: answer.standing ?? null, byRole: answer.byRole };
  announce();
}

/** The emergency that is open: looks state it as their purpose until its access ends. */
export const brokenGlass = () => (glass && parse(glass.until) > now() ? glass : null);

export function setBrokenGlass(value) {
  glass = value;
  announce();
}

/** Looks are for an ordinary purpose again; the emergency still waits for its review. */
export function returnGlass() {
  if (!glass) return;
  prefs.set('glassReturned', glass.id);
  setBrokenGlass(null);
}

/** Milliseconds that the purpose still lasts; null without an end. */
export function purposeLeft() {
  const until = brokenGlass()?.until ?? own.standing?.until;
  return until ? Math.max(0, parse(until) - now()) : null;
}

/** What the API is told; the server adds case and approver of the standing purpose. */
export const purposeText = () => (brokenGlass() ? 'break-glass' : own.standing?.purpose);

/** The name of a purpose in the language of the console. */
export function purposeName(code) {
  const known = purposeOf(code);
  if (!known) return code;
  return language === 'en' ? known.english : known.chinese;
}

/** What people read. */
export function purposeLabel() {
  if (brokenGlass()) return purposeName('break-glass');
  const { standing } = own;
  if (!standing) return t('purpose.none');
  return [purposeName(standing.purpose), standing.caseNumber,
    standing.approver ? t('purpose.approvedBy', { name: standing.approver }) : null, standing.words].filter(Boolean).join(' · ');
}
