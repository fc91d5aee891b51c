// Devices that tried to register and were not let in. A person decides.

import { mayManage } from '../lib/account.js';
import { api, seg } from '../lib/api.js';
import { directory } from '../lib/directory.js';
import { fill, h } from '../lib/dom.js';
import { serverEvents } from '../lib/events.js';
import { languageEvents, t, tCode } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { count, parse, since } from '../lib/zone.js';
import { confirmAction, openDialog, toast, toastProblem } from './dialog.js';

/** Announces `changed` after a decision. */
export class QuarantineList extends HTMLElement {
  #items = [];
  #read = () => this.read();
  #draw = () => this.#render();

  connectedCallback() {
    this.classList.add('quarantine');
    serverEvents.addEventListener('quarantine', this.#read);
    languageEvents.addEventListener('language', this.#draw);
    this.read();
  }

  disconnectedCallback() {
    serverEvents.removeEventListener('quarantine', this.#read);
    languageEvents.removeEventListener('language', this.#draw);
  }

  async read() {
    try {
      this.#items = (await api.get('/quarantine')).items;
      this.problem = null;
    } catch (problem) {
      this.problem = problem;
    }
    this.#render();
  }

  #render() {
    if (this.problem) return fill(this, h('p', { class: 'fail-text pad' }, this.problem.sentence));
    if (!this.#items.length) return fill(this, h('div', { class: 'empty-page' }, icon('check', 32),
      h('h2', { t: 'quarantine.none' }), h('p', { class: 'muted', t: 'quarantine.noneHint' })));
    fill(this, h('p', { class: 'muted pad', t: 'quarantine.explain' }),
      h('ul', { class: 'quarantine-list' }, this.#items.map((d) => h('li', { data: { id: d.id } },
      h('div', { class: 'quarantine-main' }, h('code', {}, d.id),
        h('span', { class: 'badge warn', title: d.reason ?? '' },
        tCode('quarantine.reason', d.reason, t('quarantine.stranger')))),
      h('dl', { class: 'facts inline' },
        h('dt', { t: 'quarantine.from' }), h('dd', {}, h('code', {}, d.address),
          ` ${(d.transport ?? '').toUpperCase()}`),
        h('dt', { t: 'quarantine.agent' }), h('dd', {}, d.userAgent || '–'),
        h('dt', { t: 'quarantine.attempts' }), h('dd', { class: 'num' }, count(d.attempts)),
        h('dt', { t: 'quarantine.first' }), h('dd', { class: 'num' }, since(parse(d.firstSeen))),
        h('dt', { t: 'quarantine.last' }), h('dd', { class: 'num' }, since(parse(d.lastSeen)))),
      mayManage() ? h('div', { class: 'buttons' },
        h('button', { t: 'quarantine.dismiss', data: { action: 'dismiss' }, onclick: () => this.#dismiss(d) }),
        h('button', { class: 'primary', t: 'quarantine.approve', data: { action: 'approve' },
          onclick: () => this.#approve(d) })) : null))));
  }

  async #approve(d) {
    const answer = await openDialog('quarantine.approveTitle', (close) => {
      const name = h('input', { name: 'name', maxLength: 64, autofocus: true, required: true });
      const password = h('input', { name: 'password', type: 'password', autocomplete: 'new-password',
        required: true });
      return h('form', {
        class: 'stack', onsubmit: (event) => {
          event.preventDefault();
          close({ name: name.value.trim(), password: password.value });
        },
      }, h('p', { class: 'muted' }, h('code', {}, d.id), ` · ${d.address}`),
      h('label', {}, h('span', { t: 'devices.name' }), name),
      h('label', {}, h('span', { t: 'add.password' }), password,
        h('span', { class: 'muted small-text', t: 'quarantine.passwordHint' })),
      h('div', { class: 'buttons' },
        h('button', { type: 'button', t: 'action.cancel', onclick: () => close() }),
        h('button', { type: 'submit', class: 'primary', t: 'quarantine.approve' })));
    }, { name: 'approve' });
    if (answer) await this.#decide(() => api.post(`/quarantine/${seg(d.id)}/approve`, answer),
      t('quarantine.approved', { name: answer.name }));
  }

  async #dismiss(d) {
    if (await confirmAction('quarantine.dismiss', t('quarantine.dismissSure', { id: d.id }),
      'quarantine.dismiss')) {
      await this.#decide(() => api.delete(`/quarantine/${seg(d.id)}`), t('quarantine.dismissed'));
    }
  }

  async #decide(act, said) {
    try {
      await act();
      toast(said);
      directory.reload();
    } catch (problem) {
      toastProblem(problem);
    }
    await this.read();
    this.dispatchEvent(new Event('changed'));
  }
}

customElements.define('quarantine-list', QuarantineList);
