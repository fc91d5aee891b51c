// Alarms: what devices reported, newest first; a row leads to the place now and to the seconds before.

import { api, query, seg } from '../lib/api.js';
import { alarmBook } from '../lib/alarms.js';
import { h, put } from '../lib/dom.js';
import { languageEvents, t } from '../lib/i18n.js';
import { KEY_MAP } from '../lib/key-map.js';
import { bind, setArea } from '../lib/keys.js';
import { prefs } from '../lib/prefs.js';
import { go } from '../lib/router.js';
import { clock, date, now, parse, startOfDay } from '../lib/zone.js';
import { METHODS, kindText, levelMark, stateMark } from '../parts/alarm-words.js';
import { toastProblem } from '../parts/dialog.js';
import '../parts/alarm-view.js';
import '../parts/virtual-table.js';

const PAGE = 200;

export class AlarmsPage extends HTMLElement {
  #undo = [];
  #items = [];
  #next = null;
  #busy = false;
  #generation = 0;
  #only = prefs.get('alarmsOnly', 'waiting');

  connectedCallback() {
    this.classList.add('alarms-page', 'page');
    const choice = (key, name, values, text) => h('select', { name, tLabel: key, onchange: () => this.#load() },
      values.map((value) => h('option', { value, t: text(value) })));
    const option = (key, on, run, id) => h('label', { class: 'switch' },
      h('input', { type: 'checkbox', id, checked: on, onchange: (event) => run(event.target.checked) }),
      h('span', { t: key }));
    this.table = h('virtual-table', { tLabel: 'page.alarms' });
    this.#columns();
    this.append(
      h('div', { class: 'page-bar' },
        h('div', { class: 'segments', role: 'radiogroup', tLabel: 'alarm.only' }, ['waiting', 'all'].map((name) =>
          h('button', { class: 'segment', role: 'radio', data: { only: name },
            'aria-checked': String(name === this.#only), onclick: () => this.#show(name) },
          h('span', { t: `alarm.only.${name}` })))),
        this.level = choice('alarm.byLevel', 'priority', ['', '1', '2', '3'],
          (value) => (value ? `alarm.upTo.${value}` : 'alarm.allLevels')),
        this.method = choice('alarm.byMethod', 'method', ['', ...METHODS],
          (value) => (value ? `alarm.method.${value}` : 'alarm.allMethods')),
        h('span', { class: 'spacer' }),
        option('alarm.tell', alarmBook.tells, (on) => alarmBook.setTells(on), 'alarm-tell'),
        option('alarm.ring', alarmBook.rings, (on) => alarmBook.setRings(on), 'alarm-ring')),
      h('div', { class: 'alarms-body' }, this.table, this.view = h('alarm-view')));
    const on = (target, type, run) => {
      target.addEventListener(type, run);
      this.#undo.push(() => target.removeEventListener(type, run));
    };
    on(alarmBook, 'alarm', ({ detail }) => this.#take(detail.alarm));
    on(this.view, 'changed', ({ detail }) => this.#take(detail.alarm));
    on(languageEvents, 'language', () => this.table.redraw());
    on(this.table, 'choose', ({ detail }) => this.#choose(detail.item));
    on(this.table, 'more', () => this.#more());
    this.#bind();
    this.frame.setHints([['j k', 'key.moveSelection'], ['a', 'key.acknowledge'], ['v', 'key.showOnWall'],
      ['w', 'key.onlyWaiting']]);
    this.route(this.address, this.rest ?? []);
  }

  disconnectedCallback() {
    this.#undo.splice(0).forEach((undo) => undo());
    this.replaceChildren();
  }

  /** `#/alarms/7` shows that alarm, whatever the list shows. */
  route(address, rest) {
    this.#wanted = rest[0] ?? null;
    this.#load();
    if (this.#wanted) this.#read(this.#wanted);
  }

  #wanted = null;

  async #read(id) {
    try {
      this.view.show(await api.get(`/alarms/${seg(id)}`));
    } catch (problem) {
      toastProblem(problem);
    }
  }

  back() {
    this.table.choose(null);
  }

  #columns() {
    this.table.columns = [
      { key: 'level', width: '96px', title: 'alarm.level', cell: (a) => levelMark(a) },
      { key: 'kind', width: 'minmax(110px, 1.2fr)', title: 'alarm.what', cell: (a) => h('b', {}, kindText(a)) },
      { key: 'place', width: 'minmax(120px, 1.6fr)', title: 'alarm.where',
        cell: (a) => h('span', { title: a.source }, a.name ?? a.source) },
      { key: 'time', width: '124px', title: 'alarm.when', cell: (a) => h('span', { class: 'num' }, when(a)) },
      { key: 'count', width: '48px', title: 'alarm.count',
        cell: (a) => h('span', { class: 'num muted' }, a.count > 1 ? `×${a.count}` : '') },
      { key: 'state', width: '96px', title: 'alarm.state', cell: (a) => stateMark(a) },
    ];
  }

  #bind() {
    const run = { next: () => this.#step(1), previous: () => this.#step(-1),
      acknowledge: () => this.view.beginNote(),
      wall: () => this.view.alarm?.camera && go(`/wall?channel=${seg(this.view.alarm.camera)}`),
      waiting: () => this.#show(this.#only === 'waiting' ? 'all' : 'waiting') };
    setArea('alarms');
    this.#undo.push(bind('alarms', KEY_MAP.alarms.map((c) => ({ ...c, run: run[c.id] }))));
  }

  #show(only) {
    this.#only = only;
    prefs.set('alarmsOnly', only);
    for (const b of this.querySelectorAll('[data-only]')) b.setAttribute('aria-checked',
      String(b.dataset.only === only));
    this.#load();
  }

  #load() {
    this.#generation += 1;
    this.#items = [];
    this.#next = '';
    this.#busy = false;
    return this.#more();
  }

  async #more() {
    if (this.#busy || this.#next === null) return;
    this.#busy = true;
    const generation = this.#generation;
    try {
      const answer = await api.get(`/alarms${query({ ...this.#filter(), cursor: this.#next, limit: PAGE })}`);
      if (generation !== this.#generation || !this.isConnected) return;
      const known = new Set(this.#items.map((a) => a.id));
      this.#items = this.#items.concat(answer.items.filter((a) => !known.has(a.id)));
      this.#next = answer.next ?? null;
      this.#draw();
    } catch (problem) {
      if (generation === this.#generation) toastProblem(problem);
    } finally {
      if (generation === this.#generation) this.#busy = false;
    }
  }

  #filter() {
    return { acknowledged: this.#only === 'waiting' ? 'false' : '', priority: this.level.value,
      method: this.method.value };
  }

  #fits(alarm) {
    if (this.level.value && alarm.priority > Number(this.level.value)) return false;
    return !this.method.value || alarm.method === this.method.value;
  }

  /** An alarm is new or has changed. One that is acknowledged stays where it is until the list is read again. */
  #take(alarm) {
    if (this.view.alarm?.id === alarm.id) this.view.show(alarm);
    const at = this.#items.findIndex((a) => a.id === alarm.id);
    if (at >= 0) this.#items = this.#items.with(at, alarm);
    else if (this.#fits(alarm) && (this.#only === 'all' || !alarm.acknowledged)) {
      this.#items = [alarm, ...this.#items].sort((one, other) => Number(other.id) - Number(one.id));
    }
    this.#draw();
  }

  #draw() {
    const filtered = this.#only === 'waiting' || this.level.value || this.method.value;
    this.table.show(this.#items, t(filtered ? 'alarm.noneWaiting' : 'alarm.none'));
    put(this.frame.figures, t('alarm.countLine', { n: `${this.#items.length}${this.#next ? '+' : ''}` }));
    if (this.#wanted && this.#items.some((a) => a.id === this.#wanted)) {
      this.table.choose(this.#wanted);
      this.#wanted = null;
    }
  }

  #choose(item) {
    if (item || !this.#wanted) this.view.show(item);
  }

  #step(way) {
    const at = this.#items.findIndex((a) => a.id === this.table.selected);
    const next = this.#items[Math.max(0, Math.min(this.#items.length - 1, at + way))];
    if (next) this.table.choose(next.id);
  }
}

/** The time of day; the day too when it is another one. */
function when(alarm) {
  const at = parse(alarm.moment);
  return at >= startOfDay(now()) ? clock(at) : `${date(at).slice(5)} ${clock(at)}`;
}

customElements.define('alarms-page', AlarmsPage);
