// The card with the rules of deleting: edited, tried, and only then saved; what was saved can be undone.

import { may } from '../lib/account.js';
import { api } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { holdBook } from '../lib/holds.js';
import { languageEvents, t } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { bytes, clock, count, now } from '../lib/zone.js';
import { toast } from './dialog.js';
import { troubleText } from './hold-words.js';
import { classLines, draftOf, rulesOf, sameRules } from './retention-model.js';
import { agesPicture, learnNames } from './retention-pictures.js';
import { previewReport } from './retention-preview.js';

const EXHAUSTION = ['shed', 'stop'];

/** The rules before the last change: `{rules, at}`. Outlives the page, not the browser's tab. */
let undoable = null;

export class RetentionRules extends HTMLElement {
  #retention = null; // in force, with what is recorded
  #draft = null;
  #answer = null; // of the last dry run: {preview, rules, at}; gone as soon as a field changes
  #trouble = '';
  #busy = false;
  #redraw = () => this.#render();

  connectedCallback() {
    this.classList.add('card', 'retention');
    this.dataset.card = 'retention';
    languageEvents.addEventListener('language', this.#redraw);
    this.#render();
    this.#read();
  }

  disconnectedCallback() {
    languageEvents.removeEventListener('language', this.#redraw);
  }

  async #read() {
    try {
      const [retention] = await Promise.all([api.get('/retention'), holdBook.refresh()]);
      this.#take(retention);
    } catch (problem) {
      this.#trouble = troubleText(problem);
    }
    this.#render();
  }

  #take(retention) {
    this.#retention = retention;
    this.#draft = draftOf(retention.rules);
    this.#answer = null;
    this.#trouble = '';
  }

  #render() {
    if (!this.isConnected) return;
    fill(this, h('h2', { t: 'retention.title' }), h('p', { class: 'muted', t: 'retention.explain' }),
      this.#retention ? (may('manageRecording') ? this.#editor() : this.#readOnly())
        : this.#trouble ? this.#alarm() : h('span', { class: 'spinner' }));
  }

  #alarm() {
    return h('p', { class: 'fail-text', role: 'alert', hidden: !this.#trouble }, this.#trouble);
  }

  #readOnly() {
    const { rules } = this.#retention;
    return [h('p', { class: 'read-only' }, icon('lock', 14), h('span', { t: 'retention.readOnly' })),
      h('dl', { class: 'facts retention-facts' }, classLines(rules).map((line) => [h('dt', {}, line.title),
        h('dd', { class: 'num', data: { rule: line.name } }, line.text)]),
      h('dt', { t: 'retention.reserve' }), h('dd', { class: 'num' }, bytes(rules.reserveBytes)),
      h('dt', { t: 'retention.exhaustion' }), h('dd', {}, t(`retention.exhaustion.${rules.exhaustion}`))),
      agesPicture(rules, rules)];
  }

  #editor() {
    this.result = h('div', { class: 'retention-result', tabIndex: -1, 'aria-live': 'polite' });
    this.ages = h('div');
    this.submit = h('button', { type: 'submit', class: 'primary', id: 'try-rules' }, icon('search', 14),
      h('span', { t: 'retention.try' }));
    this.reset = h('button', { type: 'button', t: 'retention.reset', onclick: () => {
      this.#take(this.#retention);
      this.#render();
    } });
    const form = h('form', { class: 'stack', noValidate: true, oninput: () => this.#changed(),
      onsubmit: (event) => {
        event.preventDefault();
        this.#try();
      } },
    this.#table(), this.#space(), this.ages,
    h('div', { class: 'buttons start' }, this.submit, this.reset));
    this.#show();
    return [this.#undoBar(), h('div', { class: 'retention-columns' }, form, this.result)];
  }

  #field(entry, name, label) {
    return h('input', { type: 'number', min: '0', step: 'any', value: entry[name], class: 'num',
      name: `${entry.name}-${name}`, 'aria-label': `${t(`retention.class.${entry.name}`)}: ${t(label)}`,
      tPlaceholder: name === 'maximum' ? 'retention.unlimited' : undefined,
      oninput: (event) => (entry[name] = event.target.value) });
  }

  #table() {
    return h('table', { class: 'retention-table' }, h('thead', {}, h('tr', {},
      ['retention.class', 'retention.minimum', 'retention.maximum'].map((key) => h('th', { t: key })))),
    h('tbody', {}, this.#draft.classes.map((entry) => h('tr', {},
      h('th', { scope: 'row' }, h('b', { t: `retention.class.${entry.name}` }),
        h('small', { class: 'muted', t: `retention.about.${entry.name}` })),
      h('td', {}, this.#field(entry, 'minimum', 'retention.minimum')),
      h('td', {}, this.#field(entry, 'maximum', 'retention.maximum'))))));
  }

  #space() {
    const draft = this.#draft;
    return [h('label', { class: 'retention-reserve' }, h('span', { t: 'retention.reserveGiB' }),
      h('input', { type: 'number', min: '0', step: 'any', class: 'num', name: 'reserve', value: draft.reserve,
        oninput: (event) => (draft.reserve = event.target.value) })),
    h('fieldset', { class: 'exhaustion' },
      h('legend', { class: 'muted small-text', t: 'retention.exhaustion' }),
      EXHAUSTION.map((name) => h('label', {}, h('input', { type: 'radio', name: 'exhaustion', value: name,
        checked: draft.exhaustion === name, oninput: () => (draft.exhaustion = name) }),
      h('span', { t: `retention.exhaustion.${name}` }))))];
  }

  /** A field is not what was tried: the answer no longer speaks of it. */
  #changed() {
    this.#answer = null;
    this.#trouble = '';
    this.#show();
  }

  /** What stands beside the fields, without touching the fields. */
  #show() {
    const { rules, wrong } = rulesOf(this.#draft, this.#retention.rules);
    const touched = wrong || !sameRules(this.#retention.rules, rules);
    this.submit.disabled = this.#busy || !touched;
    this.reset.disabled = this.#busy || !touched;
    if (rules) fill(this.ages, agesPicture(rules, this.#retention.rules));
    fill(this.result, this.#alarm(), this.#answer
      ? [previewReport(this.#answer, this.#retention), this.#saving()]
      : h('p', { class: 'muted', t: touched ? 'retention.tryFirst' : 'retention.unchanged' }));
  }

  #saving() {
    const { preview, rules } = this.#answer;
    const stops = preview.breaksPromise && rules.exhaustion === 'stop';
    const values = { n: count(preview.files) };
    const word = stops ? t('retention.saveAndStop')
      : !preview.complete ? t('retention.saveAndDeleteMore', values)
      : preview.files ? t('retention.saveAndDelete', values) : t('retention.save');
    return h('div', { class: 'buttons start' }, h('button', { type: 'button', id: 'save-rules',
      class: stops || preview.files ? 'danger' : 'primary', disabled: this.#busy,
      onclick: () => this.#save() },
    icon(preview.files ? 'trash' : stops ? 'error' : 'check', 14), h('span', {}, word)));
  }

  /** Runs something against the server with the buttons resting; tells what went wrong. */
  async #ask(act) {
    if (this.#busy) return;
    const draft = this.#draft;
    this.#busy = true;
    this.#trouble = '';
    this.#show();
    try {
      await act();
    } catch (problem) {
      this.#trouble = troubleText(problem);
    }
    this.#busy = false;
    if (!this.isConnected) return;
    if (draft === this.#draft) this.#show();
    else this.#render();
    if (this.#answer) this.result.focus();
  }

  #try() {
    const { rules, wrong } = rulesOf(this.#draft, this.#retention.rules);
    if (wrong) {
      this.#trouble = wrong;
      this.#show();
      return;
    }
    this.#ask(() => this.#dryRun(rules));
  }

  async #dryRun(rules) {
    const [preview] = await Promise.all([api.post('/retention/preview', rules), holdBook.refresh()]);
    await learnNames(preview);
    this.#answer = { preview, rules, at: now() };
  }

  #save() {
    const { rules } = this.#answer;
    this.#ask(() => this.#put(rules, { rules: this.#retention.rules, at: now() }, 'retention.saved'));
  }

  /** Puts rules in force unless somebody else has changed those the dry run was compared with. */
  async #put(rules, undo, word) {
    const present = await api.get('/retention');
    if (!sameRules(present.rules, this.#retention.rules)) {
      this.#take(present);
      this.#trouble = t('retention.changedMeanwhile');
      return;
    }
    this.#take(await api.put('/retention', rules));
    undoable = undo;
    toast(t(word));
  }

  #undoBar() {
    if (!undoable || sameRules(undoable.rules, this.#retention.rules)) return null;
    return h('div', { class: 'undo-bar', data: { undo: '' } }, icon('check', 15),
      h('span', {}, t('retention.undoOffer', { time: clock(undoable.at) })),
      h('button', { type: 'button', id: 'undo-rules', disabled: this.#busy, t: 'retention.undo',
        onclick: () => this.#undo() }));
  }

  /** Restores the rules of before: at once when that deletes nothing, else after the dry run was seen. */
  #undo() {
    const { rules } = undoable;
    this.#ask(async () => {
      this.#draft = draftOf(rules);
      await this.#dryRun(rules);
      if (this.#answer.preview.files === 0) await this.#put(rules, null, 'retention.restored');
    });
  }
}

customElements.define('retention-rules', RetentionRules);
