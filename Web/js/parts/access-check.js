// What may somebody see, and why: the decision for every operation, in words, with each grant that was considered.

import { api } from '../lib/api.js';
import { directory, isCamera } from '../lib/directory.js';
import { fill, h } from '../lib/dom.js';
import { t, tCode } from '../lib/i18n.js';
import { purposeName, purposes } from '../lib/purpose.js';
import { OPERATIONS } from './grant-dialogs.js';
import { labelled, primary, select, text } from './form-dialog.js';
import { conditionWords, granteeWords, moment, scopeWords } from './rights-words.js';

const OFFERED = 20;

export class AccessCheck extends HTMLElement {
  #known = {};

  connectedCallback() {
    this.names = h('datalist', { id: 'check-names' });
    this.channels = h('datalist', { id: 'check-channels' });
    this.kind = select('kind', ['person', 'key', 'level'], (one) => tCode('grantee', one, one));
    this.kind.addEventListener('change', () => this.#offer());
    this.name = text('name', { required: true });
    this.name.setAttribute('list', 'check-names');
    this.visitor = h('select', { name: 'visitor' });
    this.channel = text('channel', { required: true, oninput: () => this.#find() });
    this.channel.setAttribute('list', 'check-channels');
    this.answer = h('div', { class: 'explanation', role: 'status' });
    this.append(h('section', { class: 'card', id: 'check' }, h('h2', { t: 'check.title' }),
      h('p', { class: 'muted', t: 'explain.explain' }),
      h('form', { class: 'check-form', onsubmit: (event) => {
        event.preventDefault();
        this.#ask();
      } }, labelled('check.who', this.kind), labelled('check.name', this.name),
        this.visitorField = labelled('check.visitor', this.visitor), labelled('explain.channel', this.channel),
      labelled('purpose.lead', this.purpose = h('select', { name: 'purpose' }, h('option', { value: '', t: 'explain.standing' }),
        purposes().map((one) => h('option', { value: one.code }, purposeName(one.code))))), primary('explain.try')),
      this.names, this.channels, this.answer));
  }

  disconnectedCallback() {
    this.replaceChildren();
  }

  focusIn() {
    this.name.focus();
  }

  /** Names to choose from: {people, keys, levels, visitors}. */
  offer(known) {
    this.#known = known;
    this.#offer();
  }

  #offer() {
    const visitors = this.kind.value === 'level' ? this.#known.visitors ?? [] : [];
    this.visitorField.hidden = !visitors.length;
    fill(this.visitor, h('option', { value: '' }), visitors.map((one) => h('option', { value: one.person }, one.name)));
    const list = { person: this.#known.people, key: this.#known.keys, level: this.#known.levels }[this.kind.value] ?? [];
    fill(this.names, list.map((one) => h('option', { value: this.kind.value === 'level' ? one.id : one.name }, one.name)));
  }

  /** Cameras by a piece of their name. */
  async #find() {
    const wanted = this.channel.value.trim();
    const model = wanted ? await directory.load('device').catch(() => null) : null;
    if (!model || wanted !== this.channel.value.trim()) return;
    const found = model.find(wanted).map((i) => model.nodes[i]).filter(isCamera).slice(0, OFFERED);
    fill(this.channels, found.map((node) => h('option', { value: node.channel }, node.name)));
  }

  async #ask() {
    const question = { asker: { kind: this.kind.value, name: this.name.value.trim() },
      visitor: this.visitor.value || undefined, channel: this.channel.value.trim(),
      purpose: this.purpose.value || undefined };
    try {
      const found = await Promise.all(OPERATIONS.map((operation) => api.post('/grants/explain', { ...question, operation })));
      fill(this.answer, h('table', { class: 'check-table' }, h('tbody', {}, found.map((one, i) => this.#row(OPERATIONS[i], one)))),
        this.#considered(found));
    } catch (problem) {
      fill(this.answer, h('p', { class: 'fail-text', role: 'alert' }, [problem.sentence, problem.detail, problem.fix].filter(Boolean).join(' ')));
    }
  }

  #row(operation, found) {
    const why = found.allowed ? [t('explain.yes', { grant: found.grant }), found.until ? t('grants.until', { time: moment(found.until) }) : '']
      : [tCode('denial', found.reason, found.text ?? '')];
    return h('tr', { class: found.allowed ? 'yes' : 'no', data: { operation } },
      h('th', { scope: 'row' }, tCode('operation', operation, operation)),
      h('td', {}, h('b', {}, t(found.allowed ? 'check.yes' : 'check.no'))), h('td', {}, why.filter(Boolean).join(' · ')));
  }

  /** Each grant that could carry anything, and what it says about watching live. */
  #considered(found) {
    const grants = found[0].considered;
    if (!grants.length) return h('p', { class: 'muted', t: 'check.noGrant' });
    return h('details', {}, h('summary', {}, t('check.considered', { n: grants.length })),
      h('ul', {}, grants.map(({ grant, reason }) => h('li', {}, h('b', {}, granteeWords(grant.grantee)), ' ',
        scopeWords(grant.scope), ' ', h('span', { class: 'muted' }, conditionWords(grant.conditions)), ' — ',
        reason ? tCode('denial', reason, reason) : t('explain.carries')))));
  }
}

customElements.define('access-check', AccessCheck);
