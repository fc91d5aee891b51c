// The presets of a camera: call, set, rename, delete.

import { api, seg } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { confirmAction, openDialog, toastProblem } from './dialog.js';

/** From this number on many domes hide functions behind presets. */
const HIDDEN_FUNCTIONS = 33;

export class PresetList {
  #items = [];

  constructor(channel, orders) {
    this.channel = channel;
    this.orders = orders;
    this.list = h('ul', { class: 'preset-list' });
    this.note = h('p', { class: 'muted small-text' });
    this.element = h('div', { class: 'presets' },
      h('div', { class: 'preset-head' }, h('h4', { t: 'preset.title' }),
        h('button', { class: 'quiet', data: { preset: 'set' }, tTitle: 'preset.set', tLabel: 'preset.set',
          onclick: () => this.#set() }, icon('plus')),
        h('button', { class: 'quiet', tTitle: 'preset.again', tLabel: 'preset.again',
          onclick: () => this.read(true) },
          icon('reload'))), this.list, this.note);
    this.read();
  }

  async read(again = false) {
    try {
      const { items, listed, complete } = await api.get(
        `/channels/${seg(this.channel)}/presets${again ? '?again=true' : ''}`);
      this.#items = items;
      this.#show();
      this.note.textContent = listed ? (complete ? '' : t('preset.incomplete')) : t('preset.unlisted');
    } catch (problem) {
      this.note.textContent = problem.sentence;
    }
  }

  call(number) {
    return this.orders.send({ action: 'preset-call', number });
  }

  #show() {
    fill(this.list, this.#items.map(({ number, name }) => h('li', { data: { preset: number } },
      h('button', { class: 'preset-call', tTitle: ['preset.call', { n: number }],
        onclick: () => this.call(number) },
        h('span', { class: 'num' }, number), h('span', { class: 'preset-name' },
          name ?? t('preset.unnamed'))),
      h('button', { class: 'quiet', tLabel: 'preset.rename', tTitle: 'preset.rename',
        onclick: () => this.#rename(number, name) }, icon('pencil')),
      h('button', { class: 'quiet', tLabel: 'preset.delete', tTitle: 'preset.delete',
        onclick: () => this.#delete(number, name) }, icon('trash')))));
  }

  async #set() {
    const used = new Set(this.#items.map((item) => item.number));
    let free = 1;
    while (used.has(free)) free += 1;
    const wanted = await this.#form('preset.set', free, '');
    if (wanted && await this.orders.send({ action: 'preset-set', ...wanted })) this.read();
  }

  async #rename(number, name) {
    const wanted = await this.#form('preset.rename', number, name ?? '', true);
    if (!wanted) return;
    try {
      await api.patch(`/channels/${seg(this.channel)}/presets/${number}`, { name: wanted.name ?? '' });
      this.read();
    } catch (problem) {
      toastProblem(problem);
    }
  }

  async #delete(number, name) {
    const sure = await confirmAction('preset.delete', t('preset.deleteSure', { n: number, name: name ?? '' }),
      'preset.delete');
    if (sure && await this.orders.send({ action: 'preset-delete', number })) this.read();
  }

  #form(title, number, name, fixed = false) {
    return openDialog(title, (close) => {
      const place = h('input', { name: 'number', type: 'number', min: '1', max: '255', value: String(number),
        disabled: fixed, required: true });
      const text = h('input', { name: 'name', value: name, maxLength: 32, autofocus: true });
      const warning = h('p', { class: 'muted small-text' });
      const warn = () => {
        warning.textContent = Number(place.value) >= HIDDEN_FUNCTIONS ? t('preset.hidden',
          { n: HIDDEN_FUNCTIONS }) : '';
      };
      place.addEventListener('input', warn);
      warn();
      return h('form', {
        class: 'stack', onsubmit: (event) => {
          event.preventDefault();
          close({ number: Number(place.value), ...(text.value.trim() ? { name: text.value.trim() } : {}) });
        },
      }, h('label', {}, h('span', { t: 'preset.number' }), place), h('label', {}, h('span',
        { t: 'preset.name' }), text),
      warning, h('div', { class: 'buttons' },
        h('button', { type: 'button', t: 'action.cancel', onclick: () => close() }),
        h('button', { type: 'submit', class: 'primary', t: 'action.save' })));
    }, { name: 'preset' });
  }
}
