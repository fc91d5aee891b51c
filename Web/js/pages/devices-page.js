// Devices: the list, adding and importing, and the queue of those that wait for approval.

import { mayManage } from '../lib/account.js';
import { api, query, seg } from '../lib/api.js';
import { directory } from '../lib/directory.js';
import { fill, h, put } from '../lib/dom.js';
import { serverEvents } from '../lib/events.js';
import { languageEvents, t } from '../lib/i18n.js';
import { icon, statusIcon } from '../lib/icons.js';
import { KEY_MAP } from '../lib/key-map.js';
import { bind, setArea } from '../lib/keys.js';
import { go } from '../lib/router.js';
import { parse, since } from '../lib/zone.js';
import { toast, toastProblem } from '../parts/dialog.js';
import { addDevice, importDevices } from '../parts/device-forms.js';
import '../parts/device-panel.js';
import '../parts/quarantine-list.js';
import '../parts/virtual-table.js';

const PAGE = 200;
const STATUSES = ['', 'online', 'suspect', 'offline', 'unknown'];

export class DevicesPage extends HTMLElement {
  withSide = true;
  #undo = [];
  #items = [];
  #next = null;
  #busy = false;
  #status = '';
  #generation = 0;

  connectedCallback() {
    this.classList.add('devices-page', 'page');
    const { frame } = this;
    this.panel = h('device-panel');
    frame.side.append(this.panel);
    const tab = (name, key) => h('a', { class: 'tab', role: 'tab', href: `#/devices${name ? `/${name}` : ''}`,
      data: { tab: name } }, h('span', { t: key }), name === 'quarantine'
      ? (this.waiting = h('b', { class: 'count' })) : null);
    this.append(
      h('div', { class: 'page-bar' },
        h('div', { class: 'tabs', role: 'tablist' }, tab('', 'devices.list'),
          tab('quarantine', 'devices.quarantine')),
        this.filters = h('div', { class: 'filters' },
          h('div', { class: 'segments', role: 'radiogroup', tLabel: 'devices.byStatus' }, STATUSES.map((s) =>
            h('button', { class: 'segment', role: 'radio', data: { status: s },
              'aria-checked': String(s === ''), onclick: () => this.#filter(s) }, s ? statusIcon(s, 10) : null,
              h('span', { t: s ? `status.${s}` : 'devices.all' })))),
          h('div', { class: 'search small-search' }, icon('search', 14),
            this.input = h('input', { type: 'search', tPlaceholder: 'devices.search', tLabel: 'devices.search',
            oninput: () => this.#typed() }))),
        h('span', { class: 'spacer' }),
        mayManage() ? [
          h('button', { t: 'devices.import', id: 'import', onclick: () => this.#import() }),
          h('button', { class: 'primary', id: 'add', onclick: () => this.#add() }, icon('plus', 14),
            h('span', { t: 'devices.add' })),
        ] : null),
      this.body = h('div', { class: 'page-body flush' }));
    const on = (target, type, run) => {
      target.addEventListener(type, run);
      this.#undo.push(() => target.removeEventListener(type, run));
    };
    on(serverEvents, 'device', ({ detail }) => this.#changed(detail));
    on(serverEvents, 'quarantine', () => this.#count());
    on(languageEvents, 'language', () => this.table?.redraw());
    on(this.panel, 'changed', () => this.#load());
    this.#bind();
    this.route(this.address, this.rest ?? []);
    this.#count();
  }

  disconnectedCallback() {
    this.#undo.splice(0).forEach((undo) => undo());
    clearTimeout(this.timer);
    this.replaceChildren();
  }

  /** Switches between the list and the queue. */
  route(address, rest) {
    const name = rest[0] === 'quarantine' ? rest[0] : '';
    for (const tab of this.querySelectorAll('.tab')) tab.setAttribute('aria-selected',
      String(tab.dataset.tab === name));
    this.filters.hidden = name !== '';
    if (name) {
      this.table = null;
      fill(this.body, h('quarantine-list', { onchanged: () => this.#count() }));
      this.panel.show(null);
    } else this.#list();
    if (!name && address?.q !== undefined && this.input.value !== address.q) {
      this.input.value = address.q;
      this.#load();
    }
    this.frame.setHints(name ? [] : [['ArrowUp ArrowDown', 'key.moveSelection'], ['a', 'key.addDevice'],
      ['i', 'key.importDevices'], ['r', 'key.refreshDevice'], ['m', 'key.ladder']]);
  }

  #bind() {
    const run = { add: () => mayManage() && this.#add(), import: () => mayManage() && this.#import(),
      refresh: () => this.panel.refresh(), ladder: () => this.panel.ladder() };
    setArea('devices');
    this.#undo.push(bind('devices', KEY_MAP.devices.map((c) => ({ ...c, run: run[c.id] }))));
  }

  back() {
    this.table?.choose(null);
  }

  #list() {
    this.table = h('virtual-table', { tLabel: 'devices.list' });
    this.table.columns = [
      { key: 'status', width: '84px', title: 'devices.status',
        cell: (d) => [statusIcon(d.status), h('span', {}, t(`status.${d.status}`))] },
      { key: 'name', width: 'minmax(140px, 2fr)', title: 'devices.name',
        cell: (d) => h('b', { title: d.name }, d.name || d.id) },
      { key: 'id', width: '156px', title: 'devices.id', cell: (d) => h('code', {}, d.id) },
      { key: 'channels', width: '64px', title: 'devices.channels',
        cell: (d) => h('span', { class: 'num' }, `${d.channelsOnline ?? 0}/${d.channels ?? 0}`) },
      { key: 'maker', width: 'minmax(100px, 1.2fr)', title: 'devices.maker',
        cell: (d) => h('span', { title: d.model ?? '' },
        [d.manufacturer, d.model].filter(Boolean).join(' ') || '–') },
      { key: 'edition', width: '56px', title: 'devices.edition', cell: (d) => edition(d.gbVersion) },
      { key: 'address', width: 'minmax(165px, 200px)', title: 'devices.address',
        cell: (d) => (d.address ? [h('span', { class: 'muted' }, (d.transport || '').toUpperCase()),
        h('span', { class: 'num' }, d.address)] : '–') },
      { key: 'since', width: '118px', title: 'devices.since',
        cell: (d) => h('span', { class: 'num' }, since(parse(d.since)) || '–') },
    ];
    this.table.addEventListener('choose', ({ detail }) => this.panel.show(detail.item));
    this.table.addEventListener('activate', ({ detail }) => this.panel.show(detail.item, true));
    this.table.addEventListener('more', () => this.#more());
    fill(this.body, this.table);
    this.#load();
  }

  #filter(status) {
    this.#status = status;
    for (const b of this.filters.querySelectorAll('.segment')) b.setAttribute('aria-checked',
      String(b.dataset.status === status));
    this.#load();
  }

  #typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#load(), 200);
  }

  #load() {
    this.#generation += 1;
    this.#items = [];
    this.#next = '';
    this.#busy = false;
    return this.#more();
  }

  async #more() {
    if (this.#busy || this.#next === null || !this.table) return;
    this.#busy = true;
    const generation = this.#generation;
    try {
      const answer = await api.get(`/devices${query({ status: this.#status, q: this.input.value.trim(), cursor: this.#next, limit: PAGE })}`);
      if (generation !== this.#generation || !this.table) return;
      this.#items = this.#items.concat(answer.items);
      this.#next = answer.next ?? null;
      const filtered = this.#status || this.input.value.trim();
      this.table.show(this.#items, t(filtered ? 'devices.noneFound' : 'devices.none'));
      put(this.frame.figures, t('devices.count', { n: `${this.#items.length}${this.#next ? '+' : ''}` }));
      const chosen = this.#items.find((d) => d.id === this.table.selected);
      if (chosen) this.panel.show(chosen);
    } catch (problem) {
      if (generation === this.#generation) toastProblem(problem);
    } finally {
      if (generation === this.#generation) this.#busy = false;
    }
  }

  #changed({ id, status, since: when }) {
    const at = this.#items.findIndex((d) => d.id === id);
    if (at < 0) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#load(), 500);
      return;
    }
    this.#items[at] = { ...this.#items[at], status, since: when ?? this.#items[at].since };
    this.table?.show(this.#items);
    if (this.table?.selected === id) this.panel.show(this.#items[at]);
  }

  async #count() {
    try {
      const { items } = await api.get('/quarantine');
      put(this.waiting, items.length ? String(items.length) : '');
      this.waiting.hidden = !items.length;
    } catch {
      this.waiting.hidden = true;
    }
  }

  async #add() {
    const made = await addDevice();
    if (!made) return;
    toast(t('devices.added', { name: made.name || made.id }));
    directory.reload();
    if (location.hash !== '#/devices') go('/devices');
    else await this.#load();
    this.table?.choose(made.id);
  }

  async #import() {
    const done = await importDevices();
    if (!done) return;
    toast(t('devices.imported', { n: done }));
    directory.reload();
    if (this.table) this.#load();
  }
}

/** The edition of the standard behind an X-GB-Ver value (GB/T 28181-2022 annex I): 2.0 is 2016, 3.0 is 2022. */
export function edition(version) {
  return { '1.0': '2011', 1.1: '2014', '2.0': '2016', '3.0': '2022' }[version] ?? (version || '–');
}

customElements.define('devices-page', DevicesPage);
