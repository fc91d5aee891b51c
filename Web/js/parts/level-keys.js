// Levels of our kind: which neighbour's key is known, and the codes that make it known.

import { may } from '../lib/account.js';
import { api, seg } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { languageEvents, t } from '../lib/i18n.js';
import { parse, since } from '../lib/zone.js';
import { confirmAction, openDialog, toast, toastProblem } from './dialog.js';
import { formDialog, labelled, primary, text } from './form-dialog.js';

const EVERY = 5000;
const TONE = { enrolled: 'ok', revoked: 'warn', stranger: 'off' };

export class LevelKeys extends HTMLElement {
  #levels = null;
  #problem = null;
  #timer = 0;
  #draw = () => this.#render();

  connectedCallback() {
    this.classList.add('level-keys');
    languageEvents.addEventListener('language', this.#draw);
    this.#timer = setInterval(() => this.read(), EVERY);
    this.read();
  }

  disconnectedCallback() {
    languageEvents.removeEventListener('language', this.#draw);
    clearInterval(this.#timer);
  }

  async read() {
    const before = JSON.stringify([this.#levels, this.#problem?.sentence]);
    try {
      [this.#levels, this.#problem] = [await api.get('/levels'), null];
    } catch (problem) {
      this.#problem = problem;
    }
    if (JSON.stringify([this.#levels, this.#problem?.sentence]) !== before) this.#render();
  }

  #render() {
    if (this.#problem) return fill(this, h('p', { class: 'fail-text pad' }, this.#problem.sentence));
    if (!this.#levels) return fill(this, h('span', { class: 'spinner' }));
    const manages = may('manageGrants');
    fill(this, h('p', { class: 'muted pad', t: 'levelKeys.explain' }),
      h('p', { class: 'pad' }, t('levelKeys.own'), ' ', h('code', {}, this.#levels.key)),
      manages ? h('div', { class: 'buttons pad' },
        h('button', { t: 'levelKeys.enter', data: { action: 'enter-code' }, onclick: () => this.#enter() }),
        h('button', { t: 'levelKeys.rotate', data: { action: 'rotate' }, onclick: () => this.#rotate() })) : null,
      h('ul', { class: 'quarantine-list' }, this.#levels.items.map((level) => this.#card(level, manages))));
  }

  #card(level, manages) {
    const button = (key, action, run) => h('button', { t: key, data: { action }, onclick: run });
    return h('li', { data: { level: level.id, role: level.role, state: level.state } },
      h('div', { class: 'quarantine-main' }, h('b', {}, level.name), h('code', {}, level.id),
        h('span', { class: 'muted small-text', t: `levelKeys.${level.role}` }),
        h('span', { class: `badge ${TONE[level.state]}` }, t(`levelKeys.state.${level.state}`))),
      level.key ? h('p', { class: 'muted' }, t('levelKeys.theirs', { key: level.key, when: since(parse(level.enrolled)) })) : null,
      manages ? h('div', { class: 'buttons' },
        level.connected ? button('levelKeys.code', 'code', () => this.#code(level)) : null,
        level.state === 'enrolled' ? button('levelKeys.revoke', 'revoke', () => this.#revoke(level)) : null) : null);
  }

  async #code(level) {
    try {
      const { code } = await api.post('/levels/codes', { id: level.id, role: level.role });
      openDialog('levelKeys.codeTitle', h('div', { class: 'stack' },
        h('p', {}, t('levelKeys.codeExplain', { name: level.name })), h('code', { class: 'wide' }, code)), { name: 'level-code' });
    } catch (problem) {
      toastProblem(problem);
    }
  }

  async #enter() {
    const done = await formDialog('levelKeys.enter', 'level-enter',
      [h('p', { class: 'muted', t: 'levelKeys.enterExplain' }), labelled('levelKeys.codeTitle', text('code', { required: true }))],
      primary('levelKeys.enter'), (data) => api.post('/levels/enrol', { code: data.get('code') }));
    if (done) toast(t('levelKeys.done', { name: done.name ?? '' }));
    await this.read();
  }

  async #rotate() {
    if (!(await confirmAction('levelKeys.rotate', t('levelKeys.rotateExplain'), 'levelKeys.rotate'))) return;
    await this.#do(() => api.post('/levels/rotate', {}));
  }

  async #revoke(level) {
    const sentence = t('levelKeys.revokeExplain', { name: level.name });
    if (!(await confirmAction('levelKeys.revoke', sentence, 'levelKeys.revoke'))) return;
    await this.#do(() => api.post(`/levels/${seg(level.id)}/revoke?role=${level.role}`, {}));
  }

  async #do(act) {
    try {
      await act();
    } catch (problem) {
      toastProblem(problem);
    }
    await this.read();
  }
}

customElements.define('level-keys', LevelKeys);
