// Why somebody is looking. It goes with every picture that is opened and into the look log of the server.

import { prefs } from './prefs.js';
import { t } from './i18n.js';

export const PURPOSES = ['routine-duty', 'incident', 'maintenance', 'drill', 'lawful-request'];

/** Announces `change`. */
export const purposeEvents = new EventTarget();

let current = { code: 'routine-duty', note: '', ...prefs.get('purpose', {}) };

export const purpose = () => current;

export function setPurpose(code, note) {
  current = { code: PURPOSES.includes(code) ? code : 'routine-duty', note: note.trim().slice(0, 120) };
  prefs.set('purpose', current);
  purposeEvents.dispatchEvent(new Event('change'));
}

/** What the API is told. */
export const purposeText = () => (current.note ? `${current.code}: ${current.note}` : current.code);

/** What people read. */
export const purposeLabel = () => t(`purpose.${current.code}`) + (current.note ? ` · ${current.note}` : '');
