// Dialogs and toasts.

import { h } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { pushLayer } from '../lib/keys.js';
import { t } from '../lib/i18n.js';

/**
 * Opens a modal dialog with a translated title. `body` is an element or a function that gets `close`.
 * Resolves when it is closed. Escape closes, the focus returns to where it was.
 */
export function openDialog(title, body, { wide = false, name = '' } = {}) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const dialog = h('dialog', { class: `dialog${wide ? ' wide' : ''}`, data: { dialog: name },
      'aria-labelledby': 'dialog-title' });
    const close = (value) => {
      if (!dialog.isConnected) return;
      pop();
      dialog.close();
      dialog.remove();
      before?.focus?.();
      resolve(value);
    };
    const pop = pushLayer((event) => {
      if (event.key === 'Escape') {
        event.preventDefault();
        close();
      }
    });
    dialog.append(
      h('header', { class: 'dialog-head' }, h('h2', { id: 'dialog-title', t: title }),
        h('button', { class: 'quiet', tLabel: 'action.close', onclick: () => close() }, icon('close'))),
      h('div', { class: 'dialog-body' }, typeof body === 'function' ? body(close) : body),
    );
    dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      close();
    });
    dialog.addEventListener('pointerdown', (event) => {
      if (event.target === dialog) close();
    });
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector('[autofocus], input, select, textarea, .dialog-body button')?.focus();
  });
}

/** Asks before something that cannot be taken back. */
export function confirmAction(title, sentence, action) {
  return openDialog(title, (close) => h('div', { class: 'stack' },
    h('p', {}, sentence),
    h('div', { class: 'buttons' },
      h('button', { t: 'action.cancel', onclick: () => close(false) }),
      h('button', { class: 'danger', t: action, onclick: () => close(true) }))), { name: 'confirm' });
}

let shelf;

/** A short notice; `tone` is ok, warn or fail. Read aloud by screen readers. */
export function toast(text, tone = 'ok', ms = 4000) {
  shelf ??= h('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' });
  if (!shelf.isConnected) document.body.append(shelf);
  const note = h('div', { class: `toast ${tone}` },
    icon({ ok: 'check', warn: 'info', fail: 'error' }[tone] ?? 'info', 15), h('span', {}, text));
  shelf.append(note);
  setTimeout(() => note.remove(), ms);
}

/** A notice that leads somewhere; only the latest few stand. */
export function toastLink(text, tone, word, run) {
  toast(text, tone, 9000);
  const note = shelf.lastElementChild;
  note.append(h('button', { class: 'tiny', type: 'button', onclick: () => {
    note.remove();
    run();
  } }, word));
  while (shelf.childElementCount > 4) shelf.firstElementChild.remove();
}

/** A failure of the API as a toast: what happened, and what to do. */
export function toastProblem(problem) {
  const parts = [problem.sentence ?? t('problem.other', { status: problem.message })];
  if (problem.detail) parts.push(problem.detail);
  if (problem.fix) parts.push(problem.fix);
  toast(parts.join(' — '), 'fail', 8000);
}
