// What a person can do about a picture that may not be shown: state a purpose, or ask for access.

import { h } from '../lib/dom.js';
import { askForAccess } from './grant-dialogs.js';
import { editPurpose } from './purpose-bar.js';

const ABOUT_PURPOSE = new Set(['purpose-needed', 'purpose-expired', 'unknown-purpose', 'case-needed',
  'approver-needed', 'wrong-purpose']);
const TO_ASK_FOR = new Set(['no-grant', 'operation-not-granted', 'revoked', 'expired', 'wrong-purpose', 'outside-footage',
  'not-yet', 'outside-hours', 'other-visitor']);

/** Buttons for a denial's reason; none when there is nothing to do. `operation` is what was denied. */
export function deniedActions(reason, channel, operation) {
  return [
    ABOUT_PURPOSE.has(reason) ? h('button', { class: 'state-purpose', t: 'denied.purpose', onclick: editPurpose }) : null,
    TO_ASK_FOR.has(reason) ? h('button', { class: 'ask-here', t: 'requests.ask',
      onclick: () => askForAccess(channel, operation) }) : null,
  ].filter(Boolean);
}
