// Platforms below this one: how the link stands, and how far what is known of their catalog can be relied on.

import { may, mayManage } from '../lib/account.js';
import { api, seg } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { languageEvents, t } from '../lib/i18n.js';
import { statusIcon } from '../lib/icons.js';
import { go } from '../lib/router.js';
import { count, parse, since } from '../lib/zone.js';
import { openDialog, toast, toastProblem } from './dialog.js';
import { ladder, openDeviceDoctor } from './doctor.js';
import './link-graph.js';

const EVERY = 3000;

export class LowerList extends HTMLElement {
  #items = null;
  #problem = null;
  #timer = 0;
  /** Graphs outlive the redrawing of their cards. */
  #graphs = new Map();
  #draw = () => this.#render();

  connectedCallback() {
    this.classList.add('lower-list');
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
      this.#items = (await api.get('/lower-platforms')).items;
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
    if (!this.#items.length) return fill(this, h('p', { class: 'muted pad', t: 'levels.noneBelowHint' }));
    fill(this, h('p', { class: 'muted pad', t: 'levels.belowExplain' }),
      h('ul', { class: 'quarantine-list' }, this.#items.map((p) => this.#card(p))));
  }

  #card(p) {
    const button = (key, action, run) => h('button', { t: key, data: { action }, onclick: run });
    const fact = (key, ...value) => [h('dt', { t: key }), h('dd', { class: 'num' }, ...value)];
    return h('li', { data: { id: p.id, state: p.status, catalog: p.catalog } },
      h('div', { class: 'quarantine-main' }, statusIcon(p.status), h('b', {}, p.name || p.id), h('code', {}, p.id),
        h('span', { class: `badge ${p.status === 'online' ? 'ok' : 'warn'}` }, t(`status.${p.status}`))),
      h('p', { class: p.catalog === 'following' ? 'muted' : 'warn-text' }, this.#trust(p)),
      h('dl', { class: 'facts inline' },
        fact('superiors.direction', t('levels.down')), fact('superiors.since', since(parse(p.since))),
        fact('devices.address', p.address ? `${(p.transport ?? '').toUpperCase()} ${p.address}` : '–'),
        fact('levels.items', count(p.items)),
        fact('levels.camerasThere', `${count(p.camerasOnline)} / ${count(p.cameras)}`),
        fact('levels.streamsDown', count(p.streams)), fact('superiors.subscribed', t(p.subscribed ? 'superiors.yes' : 'superiors.no')),
        p.broken ? fact('levels.broken', count(p.broken)) : null),
      this.#graph(p),
      h('div', { class: 'buttons' },
        may('diagnose') ? [button('devicePanel.ladder', 'ladder', () => this.#ladder(p)),
          button('devicePanel.doctor', 'doctor', () => openDeviceDoctor(p.id, p.name || p.id))] : null,
        button('levels.device', 'device', () => go(`/devices?q=${p.id}`)),
        mayManage() && p.status === 'online' ? button('levels.compare', 'compare', () => this.#compare(p)) : null));
  }

  #graph(p) {
    if (!this.#graphs.has(p.id)) this.#graphs.set(p.id, h('link-graph', { data: { link: `down-${p.id}` } }));
    return this.#graphs.get(p.id);
  }

  /** How far the catalog can be relied on, as a sentence. */
  #trust(p) {
    if (p.catalog !== 'following') return t(`levels.catalog.${p.catalog}`);
    const words = p.agreed ? t(p.knowsDigests ? 'levels.agreed' : 'levels.read', { when: since(parse(p.agreed)) })
      : t('levels.catalog.following');
    return p.differences ? `${words} ${t('levels.differences', { n: count(p.differences) })}` : words;
  }

  async #ladder(p) {
    const body = h('div', {}, h('span', { class: 'spinner' }));
    openDialog('ladder.title', body, { wide: true, name: 'ladder' });
    try {
      const { messages } = await api.get(`/devices/${seg(p.id)}/ladder`);
      fill(body, h('p', { class: 'muted' }, t('ladder.explain', { name: p.name || p.id })), ladder(messages));
    } catch (problem) {
      fill(body, h('p', { class: 'fail-text' }, problem.sentence));
    }
  }

  async #compare(p) {
    try {
      await api.post(`/lower-platforms/${seg(p.id)}/compare`, {});
      toast(t('levels.comparing', { name: p.name || p.id }));
    } catch (problem) {
      toastProblem(problem);
    }
    await this.read();
  }
}

customElements.define('lower-list', LowerList);
