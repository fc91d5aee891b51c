// The purpose of looking: always in sight, sent with every picture.

import { fill, h } from '../lib/dom.js';
import { languageEvents } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { PURPOSES, purpose, purposeEvents, purposeLabel, setPurpose } from '../lib/purpose.js';
import { openDialog } from './dialog.js';

export class PurposeBar extends HTMLElement {
  #draw = () => fill(this, h('button', { class: 'purpose', tTitle: 'purpose.change', onclick: editPurpose },
    icon('purpose', 14), h('span', { class: 'purpose-lead', t: 'purpose.lead' }), h('b', {}, purposeLabel()),
    h('kbd', {}, 'P')));

  connectedCallback() {
    purposeEvents.addEventListener('change', this.#draw);
    languageEvents.addEventListener('language', this.#draw);
    this.#draw();
  }

  disconnectedCallback() {
    purposeEvents.removeEventListener('change', this.#draw);
    languageEvents.removeEventListener('language', this.#draw);
  }
}

export function editPurpose() {
  return openDialog('purpose.title', (close) => {
    const now = purpose();
    let code = now.code;
    const note = h('input', { type: 'text', value: now.note, maxLength: 120, tPlaceholder: 'purpose.note',
      tLabel: 'purpose.note' });
    const form = h('form', {
      class: 'stack', onsubmit: (event) => {
        event.preventDefault();
        setPurpose(code, note.value);
        close(true);
      },
    },
    h('p', { class: 'muted', t: 'purpose.explain' }),
    h('fieldset', { class: 'choices' }, PURPOSES.map((name) => h('label', {},
      h('input', { type: 'radio', name: 'purpose', value: name, checked: name === code,
        onchange: () => (code = name) }), h('span', { t: `purpose.${name}` })))),
    note,
    h('div', { class: 'buttons' }, h('button', { type: 'submit', class: 'primary', t: 'action.apply' })));
    return form;
  }, { name: 'purpose' });
}

customElements.define('purpose-bar', PurposeBar);
