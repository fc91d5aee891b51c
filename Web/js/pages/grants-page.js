// Grants: what was granted to whom, and what somebody may see and why.

import { may, mayAdminister } from '../lib/account.js';
import { api, seg } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { languageEvents, t } from '../lib/i18n.js';
import { KEY_MAP } from '../lib/key-map.js';
import { bind, setArea } from '../lib/keys.js';
import { confirmAction, toast, toastProblem } from '../parts/dialog.js';
import { newGrant } from '../parts/grant-dialogs.js';
import { conditionWords, granteeWords, knowVisitors, moment, operationWords, scopeWords } from '../parts/rights-words.js';
import '../parts/access-check.js';

export class GrantsPage extends HTMLElement {
  #redraw = () => this.#render();
  #undo = [];
  #grants = null;
  #known = {};

  connectedCallback() {
    this.classList.add('page', 'grants-page');
    setArea('grants');
    this.filter = h('input', { type: 'search', name: 'filter', tLabel: 'grants.filter', tPlaceholder: 'grants.filter',
      oninput: () => this.#list() });
    this.over = h('input', { type: 'checkbox', name: 'over', onchange: () => this.#list() });
    this.check = h('access-check');
    this.append(h('div', { class: 'page-body' }, this.body = h('div', {}, h('span', { class: 'spinner' })), this.check));
    languageEvents.addEventListener('language', this.#redraw);
    const run = { add: () => may('manageGrants') && this.#add(), find: () => this.filter.focus(),
      check: () => this.check.focusIn() };
    this.#undo.push(bind('grants', KEY_MAP.grants.map((c) => ({ ...c, run: run[c.id] }))));
    this.frame.setHints([['a', 'grants.new'], ['w', 'check.title']]);
    this.#read();
  }

  disconnectedCallback() {
    languageEvents.removeEventListener('language', this.#redraw);
    this.#undo.splice(0).forEach((undo) => undo());
    this.replaceChildren();
  }

  async #read() {
    try {
      this.#grants = (await api.get('/grants')).items;
      const items = (path) => (mayAdminister() ? api.get(path).then((page) => page.items, () => []) : []);
      const [people, keys, organisations, visitors] = await Promise.all([items('/users'), items('/tokens'),
        api.get('/organisations').then((page) => page.items, () => []),
        may('manageGrants') ? api.get('/levels/visitors').then((page) => page.items, () => []) : []]);
      knowVisitors(visitors);
      this.#known = { people, keys, organisations, visitors, levels: await this.#levels() };
      this.check.offer(this.#known);
    } catch (problem) {
      toastProblem(problem);
    }
    this.#render();
  }

  async #levels() {
    if (!may('manageDevices')) return [];
    const page = await api.get('/superiors').catch(() => ({ items: [] }));
    return page.items.map((one) => ({ id: one.id, name: one.name ?? one.id }));
  }

  async #add() {
    if (await newGrant(this.#known)) this.#read();
  }

  #render() {
    if (!this.#grants) return;
    fill(this.body, h('section', { class: 'card', id: 'grants' },
      h('div', { class: 'card-head' }, h('h2', { t: 'grants.title' }), h('span', { class: 'spacer' }), this.filter,
        h('label', { class: 'switch' }, this.over, h('span', { t: 'grants.showOver' })),
        may('manageGrants') ? h('button', { class: 'primary', id: 'new-grant', t: 'grants.new', onclick: () => this.#add() })
          : null),
      h('p', { class: 'muted', t: 'grants.explain' }), this.list = h('ul', { class: 'grant-list' }),
      this.none = h('p', { class: 'muted' })));
    this.#list();
  }

  #list() {
    const wanted = this.filter.value.trim().toLowerCase();
    const found = this.#grants.filter((one) => (this.over.checked || one.inForce || one.fresh) && [granteeWords(one.grantee),
      scopeWords(one.scope), operationWords(one.operations), one.note].join(' ').toLowerCase().includes(wanted));
    fill(this.list, found.map((one) => this.#row(one)));
    this.none.textContent = found.length ? '' : t(this.#grants.length ? 'grants.noneFound' : 'grants.none');
  }

  #row(one) {
    return h('li', { class: one.inForce ? '' : 'over', data: { grant: one.id } },
      h('b', {}, granteeWords(one.grantee)), h('span', {}, operationWords(one.operations), ' — ', scopeWords(one.scope)),
      h('span', { class: 'muted' }, [conditionWords(one.conditions),
        one.priority ? t('grants.priorityIs', { n: one.priority }) : null, one.note,
        one.revoked ? t('grants.revokedBy', { by: one.revokedBy, time: moment(one.revoked) })
          : t('grants.givenBy', { by: one.createdBy, time: moment(one.created) })].filter(Boolean).join(' · ')),
      one.inForce && may('manageGrants') ? h('span', { class: 'row-buttons' },
        h('button', { class: 'danger small revoke', t: 'grants.revoke', onclick: () => this.#revoke(one) })) : null);
  }

  async #revoke(grant) {
    const sentence = t('grants.revokeSure', { grantee: granteeWords(grant.grantee), scope: scopeWords(grant.scope) });
    if (!await confirmAction('grants.revoke', sentence, 'grants.revoke')) return;
    try {
      const over = await api.delete(`/grants/${seg(grant.id)}`);
      // What was just revoked stays in sight until the page is left.
      Object.assign(grant, over, { fresh: true });
      this.#list();
      toast(t('grants.revoked'));
    } catch (problem) {
      toastProblem(problem);
      this.#read();
    }
  }
}

customElements.define('grants-page', GrantsPage);
