// The global search and command palette: cameras by name, code, number or initials, pages, commands.

import { VIEWS, directory, isCamera, shortNumber } from '../lib/directory.js';
import { fill, h } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { icon, statusIcon } from '../lib/icons.js';
import { allCommands, readable } from '../lib/keys.js';

const SHOWN = 12;

/** Announces `open` {channel}. */
export class SearchBox extends HTMLElement {
  #items = [];
  #at = 0;

  connectedCallback() {
    this.append(
      h('div', { class: 'search' }, icon('search', 14),
        this.input = h('input', {
          type: 'search', role: 'combobox', 'aria-expanded': 'false', 'aria-controls': 'search-list',
          autocomplete: 'off', spellcheck: 'false',
          tPlaceholder: 'search.placeholder', tLabel: 'search.placeholder', oninput: () => this.#find(),
          onfocus: () => this.#find(),
          onblur: () => setTimeout(() => this.#hide(), 120), onkeydown: (e) => this.#key(e),
        }), h('kbd', {}, '/')),
      this.list = h('div', { class: 'search-list', id: 'search-list', role: 'listbox', hidden: true }));
  }

  /** `commands` begins with the list of commands. */
  focusIn(commands = false) {
    this.input.value = commands ? '>' : '';
    this.input.focus();
    this.#find();
  }

  /** Shows the cameras of a short number to choose from. */
  pick(number) {
    this.input.value = `#${number}`;
    this.input.focus();
    this.#find();
  }

  async #find() {
    const text = this.input.value.trim();
    let items = [];
    if (text.startsWith('>')) items = this.#commands(text.slice(1));
    else if (text) {
      const view = VIEWS.find((v) => directory.model(v)) ?? 'device';
      const model = directory.model(view) ?? await directory.load(view).catch(() => null);
      if (text !== this.input.value.trim()) return;
      const exact = text.startsWith('#') ? `${text}\n` : text;
      const found = model ? model.find(exact).filter((i) => isCamera(model.nodes[i])) : [];
      items = found.slice(0, SHOWN).map((i) => {
        const node = model.nodes[i];
        const above = model.nodes[model.parent[i]]?.name ?? '';
        return {
          run: () => this.dispatchEvent(new CustomEvent('open', { detail: { channel: node.channel } })),
          row: [statusIcon(node.status, 11), h('span', { class: 'search-name' }, node.name),
            h('span', { class: 'muted' }, above), h('code', {}, shortNumber(node.channel))],
        };
      });
      this.more = found.length - items.length;
      items.push(...this.#commands(text).slice(0, 4));
    } else items = this.#commands('');
    this.#items = items;
    this.#at = 0;
    this.#draw();
  }

  #commands(text) {
    const wanted = text.trim().toLowerCase();
    return allCommands().filter((c) => c.title && t(c.title).toLowerCase().includes(wanted)).slice(0,
      24).map((c) => ({
      run: () => c.run(new KeyboardEvent('keydown')),
      row: [icon('keyboard', 14), h('span', { class: 'search-name' }, t(c.title)),
        h('kbd', {}, c.keys.map(readable).join(' / '))],
    }));
  }

  #draw() {
    fill(this.list,
      this.#items.map((item, i) => h('div', {
        class: 'search-item', role: 'option', id: `found-${i}`, 'aria-selected': String(i === this.#at),
        onpointerdown: (e) => {
          e.preventDefault();
          this.#choose(i);
        },
      }, item.row)),
      this.#items.length ? null : h('div', { class: 'search-none muted', t: 'search.none' }),
      this.more > 0 ? h('div', { class: 'search-none muted' }, t('search.more', { n: this.more })) : null);
    this.more = 0;
    this.list.hidden = document.activeElement !== this.input;
    this.input.setAttribute('aria-expanded', String(!this.list.hidden));
    this.input.setAttribute('aria-activedescendant', this.#items.length ? `found-${this.#at}` : '');
    this.list.children[this.#at]?.scrollIntoView({ block: 'nearest' });
  }

  #hide() {
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
  }

  #choose(i) {
    const item = this.#items[i];
    this.input.value = '';
    this.input.blur();
    this.#hide();
    item?.run();
  }

  #key(event) {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      this.#at = (this.#at + (event.key === 'ArrowDown' ? 1 : -1) + this.#items.length) % Math.max(1,
        this.#items.length);
      this.#draw();
    } else if (event.key === 'Enter') this.#choose(this.#at);
    else if (event.key === 'Escape') {
      this.input.value = '';
      this.input.blur();
      this.#hide();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define('search-box', SearchBox);
