// The access log: who did what, when and why; each entry with its proof in words.

import { api, query } from '../lib/api.js';
import { directory } from '../lib/directory.js';
import { h, put } from '../lib/dom.js';
import { languageEvents, language, t } from '../lib/i18n.js';
import { KEY_MAP } from '../lib/key-map.js';
import { bind, setArea } from '../lib/keys.js';
import { clock, date, parse } from '../lib/zone.js';
import { toastProblem } from '../parts/dialog.js';
import { showWitnesses, witnesses } from '../parts/log-witnesses.js';
import '../parts/log-entry.js';
import '../parts/virtual-table.js';

const PAGE = 200;
const KINDS = ['look-begin', 'look-end', 'export', 'control', 'configuration', 'denial', 'sign-in', 'sign-in-failed',
  'sign-out', 'break-glass', 'grant-made', 'grant-revoked', 'head-received', 'erase', 'retention', 'key', 'start',
  'stop'];

export class LogPage extends HTMLElement {
  #undo = [];
  #items = [];
  #next = null;
  #busy = false;
  #generation = 0;
  #channel = '';

  connectedCallback() {
    this.classList.add('log-page', 'page');
    const field = (name) => h('input', { name, type: 'search', tLabel: `log.by.${name}`, tPlaceholder: `log.by.${name}`,
      onchange: () => this.#load() });
    this.table = h('virtual-table', { tLabel: 'page.log' });
    this.#columns();
    this.append(
      h('div', { class: 'page-bar' },
        this.kind = h('select', { name: 'kind', tLabel: 'log.by.kind', onchange: () => this.#load() },
          ['', ...KINDS].map((value) => h('option', { value, t: value ? `log.kind.${value}` : 'log.allKinds' }))),
        this.user = field('user'), this.text = field('q'),
        this.from = h('input', { name: 'from', type: 'date', tLabel: 'log.from', onchange: () => this.#load() }),
        this.to = h('input', { name: 'to', type: 'date', tLabel: 'log.to', onchange: () => this.#load() }),
        this.only = h('button', { class: 'chip', hidden: true, tTitle: 'log.allChannels',
          onclick: () => this.#of('') }),
        h('span', { class: 'spacer' }),
        this.watched = h('button', { class: 'button', id: 'witnesses', t: 'log.witnesses', onclick: () => this.#witnesses(true) }),
        h('button', { class: 'button', id: 'register', tTitle: 'log.registerTitle', t: 'log.register',
          onclick: () => this.#register() })),
      h('div', { class: 'log-body' }, this.table, this.view = h('log-entry')));
    const on = (target, type, run) => {
      target.addEventListener(type, run);
      this.#undo.push(() => target.removeEventListener(type, run));
    };
    on(languageEvents, 'language', () => {
      this.table.redraw();
      this.#figures();
    });
    on(this.table, 'choose', ({ detail }) => this.view.show(detail.item));
    on(this.table, 'more', () => this.#more());
    const run = { next: () => this.#step(1), previous: () => this.#step(-1), proof: () => this.view.check(),
      register: () => this.#register(), witnesses: () => this.#witnesses(true) };
    setArea('log');
    this.#undo.push(bind('log', KEY_MAP.log.map((c) => ({ ...c, run: run[c.id] }))));
    this.frame.setHints([['j k', 'key.moveSelection'], ['c', 'key.checkProof']]);
    this.route(this.address, this.rest ?? []);
    this.#witnesses(false);
  }

  disconnectedCallback() {
    this.#undo.splice(0).forEach((undo) => undo());
    this.replaceChildren();
  }

  /** `#/log/<channel>` shows who watched that channel. */
  route(address, rest) {
    this.#of(rest[0] ?? '');
  }

  back() {
    this.table.choose(null);
  }

  #of(channel) {
    this.#channel = channel;
    this.only.hidden = !channel;
    put(this.only, channel ? `${place(channel)} ✕` : '');
    this.#load();
  }

  #columns() {
    this.table.columns = [
      { key: 'number', width: '72px', title: 'log.number', cell: (e) => h('span', { class: 'num muted' }, e.number) },
      { key: 'time', width: '136px', title: 'log.when', cell: (e) => h('span', { class: 'num' }, when(e)) },
      { key: 'kind', width: 'minmax(96px, .9fr)', title: 'log.what', cell: (e) => h('b', {}, kindText(e)) },
      { key: 'user', width: 'minmax(80px, .8fr)', title: 'log.who',
        cell: (e) => (e.erased ? h('i', { class: 'muted', t: 'log.erased' }) : e.persons.user ?? '') },
      { key: 'object', width: 'minmax(110px, 1.4fr)', title: 'log.where', cell: (e) => objectText(e) },
      { key: 'why', width: 'minmax(80px, 1fr)', title: 'log.why',
        cell: (e) => [e.facts.purpose, e.persons.case, e.persons.words].filter(Boolean).join(' · ') },
    ];
  }

  #load() {
    this.#generation += 1;
    this.#items = [];
    this.#next = '';
    this.#busy = false;
    return this.#more();
  }

  #filter() {
    const day = (value, more) => {
      if (!value) return '';
      const [year, month, dayOfMonth] = value.split('-').map(Number);
      return new Date(year, month - 1, dayOfMonth + more).toISOString();
    };
    return { kind: this.kind.value, user: this.user.value.trim(), q: this.text.value.trim(), channel: this.#channel,
      from: day(this.from.value, 0), to: day(this.to.value, 1) };
  }

  async #more() {
    if (this.#busy || this.#next === null) return;
    this.#busy = true;
    const generation = this.#generation;
    try {
      const answer = await api.get(`/access-log${query({ ...this.#filter(), cursor: this.#next, limit: PAGE })}`);
      if (generation !== this.#generation || !this.isConnected) return;
      this.#items = this.#items.concat(answer.items.map((e) => ({ ...e, id: String(e.number) })));
      this.#next = answer.next ?? null;
      this.table.show(this.#items, t('log.none'));
      this.#figures();
    } catch (problem) {
      if (generation === this.#generation) toastProblem(problem);
    } finally {
      if (generation === this.#generation) this.#busy = false;
    }
  }

  #figures() {
    put(this.frame.figures, t('log.countLine', { n: `${this.#items.length}${this.#next ? '+' : ''}` }));
  }

  /** Reads who watches; a log that was changed is told at the button, without being asked. */
  async #witnesses(isWanted) {
    try {
      const items = await witnesses();
      this.watched.classList.toggle('danger', items.some((one) => one.forked));
      if (isWanted) await showWitnesses(items);
    } catch (problem) {
      if (isWanted) toastProblem(problem);
    }
  }

  #register() {
    const link = h('a', { download: 'register.csv', href:
      `/api/v1/access-log${query({ ...this.#filter(), format: 'register', language: language === 'en' ? 'en' : 'zh' })}` });
    link.click();
  }

  #step(way) {
    const at = this.#items.findIndex((e) => e.id === this.table.selected);
    const next = this.#items[Math.max(0, Math.min(this.#items.length - 1, at + way))];
    if (next) this.table.choose(next.id);
  }
}

const kindText = (entry) => t(`log.kind.${entry.kind}`);
const when = (entry) => `${date(parse(entry.time)).slice(5)} ${clock(parse(entry.time))}`;
const place = (channel) => directory.brief(channel)?.name ?? channel;

function objectText({ facts }) {
  const what = facts.operation ? ` · ${facts.operation}` : '';
  if (facts.channel) return `${place(facts.channel)}${what}`;
  return (facts.object ?? facts.grant ?? facts.origin ?? '') + what;
}

customElements.define('log-page', LogPage);
