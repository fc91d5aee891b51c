// What a device is asked to report, and whether it does: a section of its panel.

import { mayManage } from '../lib/account.js';
import { api, seg } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { languageEvents, t } from '../lib/i18n.js';
import { statusIcon } from '../lib/icons.js';
import { parse, since } from '../lib/zone.js';
import { toastProblem } from './dialog.js';

const SHAPE = { active: 'online', refreshing: 'online', asking: 'suspect', pausing: 'offline' };
const FRESH = 5000; // ms between two looks

export class DeviceReports extends HTMLElement {
  #device = null;
  #found = null;
  #redraw = () => this.#render();

  connectedCallback() {
    languageEvents.addEventListener('language', this.#redraw);
    this.timer = setInterval(() => this.#read(), FRESH);
    if (this.device) this.show(this.device);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    languageEvents.removeEventListener('language', this.#redraw);
  }

  show(device) {
    if (device !== this.#device) this.#found = null;
    this.#device = device;
    this.#read();
  }

  async #read() {
    const device = this.#device;
    if (!device || document.hidden) return;
    try {
      const found = await api.get(`/devices/${seg(device)}/subscriptions`);
      if (device === this.#device) this.#take(found);
    } catch {
      // The panel stands without the section.
    }
  }

  #take(found) {
    const text = JSON.stringify(found);
    if (text === this.text) return;
    this.text = text;
    this.#found = found;
    this.#render();
  }

  async #change(change) {
    const device = this.#device;
    try {
      const found = await api.put(`/devices/${seg(device)}/subscriptions`, change);
      if (device === this.#device) this.#take(found);
    } catch (problem) {
      toastProblem(problem);
      this.#render();
    }
  }

  #render() {
    const f = this.#found;
    if (!f || !this.isConnected) return;
    const focus = this.contains(document.activeElement) ? document.activeElement.name : null;
    const flag = (key, name) => h('label', { class: 'switch' }, h('input', { type: 'checkbox', name,
      checked: f[name], disabled: !mayManage(), onchange: (e) => this.#change({ [name]: e.target.checked }) }),
    h('span', { t: key }));
    fill(this, h('h3', { t: 'reports.title' }),
      h('ul', { class: 'report-list' }, f.items.map((item) => this.#row(item))),
      flag('reports.reset', 'resetsAlarms'), flag('reports.arm', 'armsGuard'));
    if (focus) this.querySelector(`[name="${focus}"]`)?.focus();
  }

  #row(item) {
    const last = parse(item.lastReport);
    const choice = mayManage() ? h('select', { name: item.kind, tLabel: `reports.kind.${item.kind}`,
      onchange: (e) => this.#change({ choices: { [item.kind]: e.target.value } }) },
    ['usual', 'on', 'off'].map((name) => h('option', { value: name, selected: name === item.choice,
      t: `reports.choice.${name}` }))) : null;
    const more = item.cause ?? (last === null ? '' : t('reports.last', { t: since(last), n: item.reports }));
    return h('li', { data: { kind: item.kind, state: item.state }, title: more },
      statusIcon(SHAPE[item.state] ?? 'unknown', 10), h('span', { t: `reports.kind.${item.kind}` }),
      h('span', { class: 'muted', t: `reports.state.${item.state}` }), choice);
  }
}

customElements.define('device-reports', DeviceReports);
