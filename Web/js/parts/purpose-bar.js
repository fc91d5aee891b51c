// The purpose of looking: always in sight, with what is left of it, sent with every picture.

import { may } from '../lib/account.js';
import { api } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { languageEvents, t } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { brokenGlass, purpose, purposeEvents, purposeLabel, purposeLeft, purposeName, purposeOf, purposes, returnGlass,
  setBrokenGlass, setPurpose } from '../lib/purpose.js';
import { now } from '../lib/zone.js';
import { openDialog, toast, toastLink } from './dialog.js';

/** From here on the bar warns. */
const SOON = 600000;
/** From here on it says so once. */
const NOW = 60000;

/** How long a purpose lasts, in minutes; 0 is without an end. */
const LASTS = [0, 30, 60, 240, 480];

const left = (ms) => (ms >= 3600000 ? `${Math.floor(ms / 3600000)}:${String(Math.floor(ms / 60000) % 60).padStart(2, '0')} h`
  : `${Math.floor(ms / 60000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`);

export class PurposeBar extends HTMLElement {
  #draw = () => this.#render();
  #told = { soon: '', over: '' };

  connectedCallback() {
    purposeEvents.addEventListener('change', this.#draw);
    languageEvents.addEventListener('language', this.#draw);
    this.timer = setInterval(() => this.#count(), 1000);
    this.#draw();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    purposeEvents.removeEventListener('change', this.#draw);
    languageEvents.removeEventListener('language', this.#draw);
  }

  #render() {
    fill(this, h('button', { class: 'purpose', tTitle: 'purpose.change', onclick: editPurpose },
      icon('purpose', 14), h('span', { class: 'purpose-lead', t: 'purpose.lead' }), h('b', {}, purposeLabel()),
      this.rest = h('span', { class: 'purpose-left num' }), h('kbd', {}, 'P')));
    this.#count();
  }

  #count() {
    const ms = purposeLeft();
    const over = ms === 0;
    this.rest.textContent = ms === null ? '' : over ? t('purpose.over') : left(ms);
    this.classList.toggle('soon', ms !== null && ms < SOON);
    if (ms !== null) this.#tell(over ? 'over' : ms < NOW ? 'soon' : null);
    this.classList.toggle('over', over || (!purpose().standing && !brokenGlass()));
    document.documentElement.classList.toggle('glass-broken', Boolean(brokenGlass()));
  }

  /** Says once, before and when the purpose is over, what happens to the pictures. */
  #tell(what) {
    const which = purpose().standing?.until ?? '';
    if (!what || brokenGlass() || this.#told[what] === which) return;
    this.#told[what] = which;
    toastLink(t(`purpose.told.${what}`), 'warn', t('denied.purpose'), editPurpose);
  }
}

/** Chooses the standing purpose, with what it needs. */
export function editPurpose() {
  return openDialog('purpose.title', (close) => {
    const { standing } = purpose();
    let code = standing?.purpose ?? purposes()[0]?.code;
    const field = (key, value) => h('input', { type: 'text', name: key, value: value ?? '', maxLength: 120,
      tPlaceholder: `purpose.${key}`, tLabel: `purpose.${key}` });
    const [caseNumber, approver, words] = ['caseNumber', 'approver', 'words'].map((key) => field(key, standing?.[key]));
    const lasts = h('select', { name: 'lasts', tLabel: 'purpose.lasts' }, LASTS.map((minutes) =>
      h('option', { value: String(minutes), t: minutes ? ['purpose.minutes', { minutes }] : 'purpose.noEnd' })));
    const wrong = h('p', { class: 'fail-text', role: 'alert', hidden: true });
    const needs = () => {
      caseNumber.required = Boolean(purposeOf(code)?.needsCase);
      approver.required = Boolean(purposeOf(code)?.needsApprover);
    };
    const save = async (wanted) => {
      try {
        await setPurpose(wanted);
        returnGlass();
        close(true);
      } catch (problem) {
        wrong.textContent = [problem.sentence, problem.detail, problem.fix].filter(Boolean).join(' ');
        wrong.hidden = false;
      }
    };
    needs();
    return h('form', {
      class: 'stack', onsubmit: (event) => {
        event.preventDefault();
        const minutes = Number(lasts.value);
        const text = (input) => input.value.trim() || undefined;
        save({ purpose: code, caseNumber: text(caseNumber), approver: text(approver), words: text(words),
          until: minutes ? new Date(now() + minutes * 60000).toISOString() : undefined });
      },
    },
    h('p', { class: 'muted', t: 'purpose.explain' }),
    h('fieldset', { class: 'choices' }, purposes().map((one) => h('label', {},
      h('input', { type: 'radio', name: 'purpose', value: one.code, checked: one.code === code,
        onchange: () => {
          code = one.code;
          needs();
        } }), h('span', {}, purposeName(one.code))))),
    caseNumber, approver, words, h('label', {}, h('span', { t: 'purpose.lasts' }), lasts), wrong,
    h('div', { class: 'buttons' },
      may('breakGlass') ? h('button', { type: 'button', class: 'danger', id: 'break-glass', t: 'glass.break',
        onclick: () => {
          close();
          breakGlass();
        } }) : null,
      purpose().byRole ? null : h('button', { type: 'button', id: 'purpose-role', t: 'purpose.byRole',
        onclick: () => save(null) }),
      h('button', { type: 'submit', class: 'primary', t: 'action.apply' })));
  }, { name: 'purpose' });
}

/** Takes access in an emergency. */
export function breakGlass() {
  return openDialog('glass.title', (close) => {
    const reason = h('textarea', { name: 'reason', required: true, minLength: 10, maxLength: 1000, rows: 3,
      tLabel: 'glass.reason', tPlaceholder: 'glass.reason' });
    const wrong = h('p', { class: 'fail-text', role: 'alert', hidden: true });
    return h('form', {
      class: 'stack', onsubmit: async (event) => {
        event.preventDefault();
        try {
          setBrokenGlass(await api.post('/break-glass', { reason: reason.value }));
          toast(t('glass.broken'), 'warn', 8000);
          close(true);
        } catch (problem) {
          wrong.textContent = [problem.sentence, problem.detail].filter(Boolean).join(' ');
          wrong.hidden = false;
        }
      },
    }, h('p', { t: 'glass.explain' }), reason, wrong, h('div', { class: 'buttons' },
      h('button', { type: 'button', t: 'action.cancel', onclick: () => close() }),
      h('button', { type: 'submit', class: 'danger', t: 'glass.break' })));
  }, { name: 'glass' });
}

customElements.define('purpose-bar', PurposeBar);
