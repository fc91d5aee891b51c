// A form in a dialog, and the fields that forms are made of.

import { h } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { openDialog, toast } from './dialog.js';

/** `act` gets the form's data and the pressed button's value, and may throw a Problem, which is shown. Resolves with its answer. */
export function formDialog(title, name, parts, submit, act) {
  return openDialog(title, (close) => {
    const wrong = h('p', { class: 'fail-text', role: 'alert', hidden: true });
    const element = h('form', {
      class: 'stack', onsubmit: async (event) => {
        event.preventDefault();
        try {
          const answer = await act(new FormData(element), event.submitter?.value);
          if (answer?.state === 'proposed') toast(t('proposals.waits'), 'warn', 8000);
          close(answer ?? true);
        } catch (problem) {
          wrong.textContent = [problem.sentence ?? problem.message, problem.detail, problem.fix].filter(Boolean).join(' ');
          wrong.hidden = false;
        }
      },
    }, parts, wrong, h('div', { class: 'buttons' },
      h('button', { type: 'button', t: 'action.cancel', onclick: () => close() }), submit));
    return element;
  }, { name });
}

export const labelled = (key, input) => h('label', {}, h('span', { t: key }), input);

/** Choices by value; `word` names each, `chosen` is the one that stands. */
export const select = (name, values, word, chosen) => h('select', { name }, values.map((one) =>
  h('option', { value: one, selected: one === chosen }, word(one))));

export const text = (name, more = {}) => h('input', { type: 'text', name, autocomplete: 'off', maxLength: 200, ...more });

export const primary = (key) => h('button', { type: 'submit', class: 'primary', t: key });
