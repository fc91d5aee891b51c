// Platforms above this one: which way the link runs, how it stands, and what goes over it.

import { mayManage } from '../lib/account.js';
import { api, seg } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { languageEvents, t, tCode } from '../lib/i18n.js';
import { icon, statusIcon } from '../lib/icons.js';
import { count, parse, since } from '../lib/zone.js';
import { confirmAction, openDialog, toast, toastProblem } from './dialog.js';
import { ladder } from './doctor.js';
import './link-graph.js';

/** The mark of a link's state, in the words that devices have. */
const MARK = { registered: 'online', registering: 'suspect', leaving: 'suspect', waiting: 'offline',
  disabled: 'unknown' };
const EVERY = 3000;

export class SuperiorList extends HTMLElement {
  #items = null;
  #problem = null;
  #timer = 0;
  /** Graphs outlive the redrawing of their cards. */
  #graphs = new Map();
  #draw = () => this.#render();

  connectedCallback() {
    this.classList.add('superiors');
    languageEvents.addEventListener('language', this.#draw);
    this.#timer = setInterval(() => this.read(), EVERY);
    this.read();
  }

  disconnectedCallback() {
    languageEvents.removeEventListener('language', this.#draw);
    clearInterval(this.#timer);
  }

  async read() {
    const before = JSON.stringify([this.#items, this.#problem?.sentence]);
    try {
      this.#items = (await api.get('/superiors')).items;
      this.#problem = null;
    } catch (problem) {
      this.#problem = problem;
    }
    // What did not change stays, and with it the focus.
    if (JSON.stringify([this.#items, this.#problem?.sentence]) !== before) this.#render();
  }

  #render() {
    if (this.#problem) return fill(this, h('p', { class: 'fail-text pad' }, this.#problem.sentence));
    if (!this.#items) return fill(this, h('span', { class: 'spinner' }));
    const add = mayManage() ? h('button', { class: 'primary', id: 'add-superior', onclick: () => this.#edit(null) },
      icon('plus', 14), h('span', { t: 'superiors.add' })) : null;
    if (!this.#items.length) return fill(this, h('div', { class: 'empty-page' }, icon('upload', 32),
      h('h2', { t: 'superiors.none' }), h('p', { class: 'muted', t: 'superiors.noneHint' }), add));
    fill(this, h('div', { class: 'pad' }, h('p', { class: 'muted', t: 'superiors.explain' }), add),
      h('ul', { class: 'quarantine-list' }, this.#items.map((s) => this.#card(s))));
  }

  #card(s) {
    const button = (key, action, run, tone) => h('button', { class: tone, t: key, data: { action }, onclick: run });
    return h('li', { data: { id: s.id, state: s.state } },
      h('div', { class: 'quarantine-main' }, statusIcon(MARK[s.state]), h('b', {}, s.name || s.id), h('code', {}, s.id),
        h('span', { class: `badge ${s.state === 'registered' ? 'ok' : 'warn'}` }, t(`superiors.state.${s.state}`))),
      s.cause && s.state !== 'registered' ? h('p', { class: 'warn-text' },
        tCode('superiors.cause', s.cause.code, s.cause.text), ' ',
        h('span', { class: 'muted' }, tCode('superiors.fix', s.cause.code, s.cause.fix ?? ''))) : null,
      h('dl', { class: 'facts inline' },
        h('dt', { t: 'superiors.direction' }), h('dd', {}, t('superiors.up')),
        h('dt', { t: 'superiors.server' }), h('dd', {}, h('code', {}, s.server), ` ${s.transport.toUpperCase()}`),
        h('dt', { t: 'superiors.own' }), h('dd', {}, h('code', {}, s.ownId)),
        h('dt', { t: 'superiors.since' }), h('dd', { class: 'num' }, since(parse(s.since))),
        h('dt', { t: 'superiors.items' }), h('dd', { class: 'num' }, count(s.items)),
        h('dt', { t: 'superiors.streams' }), h('dd', { class: 'num' }, count(s.streams)),
        h('dt', { t: 'superiors.subscribed' }), h('dd', {}, t(s.subscribed ? 'superiors.yes' : 'superiors.no'))),
      this.#graph(s),
      h('div', { class: 'buttons' },
        button('devicePanel.ladder', 'ladder', () => this.#ladder(s)),
        mayManage() ? [
          s.state === 'waiting' ? button('superiors.now', 'register',
            () => this.#act(() => api.post(`/superiors/${seg(s.id)}/register`, {}), t('superiors.trying'))) : null,
          button('superiors.edit', 'edit', () => this.#edit(s)),
          button('superiors.remove', 'remove', () => this.#remove(s), 'danger')] : null));
  }

  #graph(s) {
    if (!this.#graphs.has(s.id)) this.#graphs.set(s.id, h('link-graph', { data: { link: `up-${s.id}` } }));
    return this.#graphs.get(s.id);
  }

  async #ladder(s) {
    const body = h('div', {}, h('span', { class: 'spinner' }));
    openDialog('ladder.title', body, { wide: true, name: 'ladder' });
    try {
      const { messages } = await api.get(`/superiors/${seg(s.id)}/ladder`);
      fill(body, h('p', { class: 'muted' }, t('ladder.explain', { name: s.name || s.id })), ladder(messages));
    } catch (problem) {
      fill(body, h('p', { class: 'fail-text' }, problem.sentence));
    }
  }

  async #remove(s) {
    if (await confirmAction('superiors.remove', t('superiors.removeSure', { name: s.name || s.id }),
      'superiors.remove')) {
      await this.#act(() => api.delete(`/superiors/${seg(s.id)}`), t('superiors.removed'));
    }
  }

  async #act(act, said) {
    try {
      await act();
      toast(said);
    } catch (problem) {
      toastProblem(problem);
    }
    await this.read();
  }

  async #edit(s) {
    const saved = await openDialog(s ? 'superiors.edit' : 'superiors.add', (close) => {
      const field = (name, value, more = {}) => h('input', { name, value: value ?? '', autocomplete: 'off', ...more });
      const row = (key, input, hint) => h('label', {}, h('span', { t: key }), input,
        hint ? h('span', { class: 'muted small-text', t: hint }) : null);
      const choice = (name, values, value) => h('select', { name }, values.map(([v, text]) =>
        h('option', { value: v, selected: v === value }, text)));
      const id = field('id', s?.id, { inputMode: 'numeric', maxLength: 20, required: true, readOnly: Boolean(s),
        autofocus: !s, placeholder: '34010000002000000001' });
      const name = field('name', s?.name, { maxLength: 64, autofocus: Boolean(s) });
      const servers = field('servers', s?.servers.join(' '), { required: true, placeholder: '192.0.2.1:5060' });
      const password = h('input', { name: 'password', type: 'password', autocomplete: 'new-password', required: !s });
      const transport = choice('transport', [['udp', 'UDP'], ['tcp', 'TCP']], s?.transport ?? 'udp');
      const edition = choice('gbVersion', [['3.0', 'GB/T 28181-2022'], ['2.0', 'GB/T 28181-2016']],
        s?.gbVersion ?? '3.0');
      const enabled = h('input', { type: 'checkbox', name: 'enabled', checked: s?.enabled ?? true });
      const wrong = h('p', { class: 'fail-text', role: 'alert', hidden: true });
      const submit = async (event) => {
        event.preventDefault();
        wrong.hidden = true;
        const kept = s ? { ownId: s.ownId, realm: s.realm, encoding: s.encoding, expires: s.expires,
          heartbeatInterval: s.heartbeatInterval, heartbeatCount: s.heartbeatCount,
          itemsPerMessage: s.itemsPerMessage, sharesGroups: s.sharesGroups,
          ...(s.controlPriority ? { controlPriority: s.controlPriority } : {}),
          ...(s.capacity ? { capacity: s.capacity, reserve: s.reserve ?? 0 } : {}) } : {};
        try {
          close(await api.put(`/superiors/${seg(id.value.trim())}`, { ...kept, name: name.value.trim() || id.value,
            servers: servers.value.split(/[\s,]+/).filter(Boolean), transport: transport.value,
            gbVersion: edition.value, enabled: enabled.checked,
            ...(password.value ? { password: password.value } : {}) }));
        } catch (problem) {
          wrong.textContent = [problem.sentence, problem.fix].filter(Boolean).join(' ');
          wrong.hidden = false;
        }
      };
      return h('form', { class: 'stack', onsubmit: submit },
        row('superiors.id', id), row('devices.name', name), row('superiors.servers', servers, 'superiors.serversHint'),
        row('add.password', password, s ? 'devicePanel.keepPassword' : null), row('add.transport', transport),
        row('superiors.edition', edition), h('label', { class: 'switch' }, enabled, h('span', { t: 'superiors.enabled' })),
        wrong, h('div', { class: 'buttons' },
          h('button', { type: 'button', t: 'action.cancel', onclick: () => close() }),
          h('button', { type: 'submit', class: 'primary', t: 'action.save' })));
    }, { name: 'superior' });
    if (!saved) return;
    toast(t('superiors.saved', { name: saved.name }));
    await this.read();
  }
}

customElements.define('superior-list', SuperiorList);
