// A table that draws only the rows in sight and asks for more when its end comes near.

import { h, perFrame } from '../lib/dom.js';

const ROW = 34;
const HEAD = 32; // the heading stays at the top of the scrolled area
const SPARE = 6;

/**
 * `columns` are [{key, width, title, cell(item) → node or text}]. Announces `choose` {item}, `activate` {item}
 * and `more`. Rows are an ARIA grid with one selected row.
 */
export class VirtualTable extends HTMLElement {
  columns = [];
  items = [];
  selected = null; // id
  #pool = [];
  #draw = perFrame(() => this.#paint());

  connectedCallback() {
    this.classList.add('table');
    this.setAttribute('role', 'grid');
    this.style.setProperty('--columns', this.columns.map((c) => c.width).join(' '));
    this.append(
      this.scroller = h('div', {
        class: 'table-rows', tabIndex: 0, role: 'rowgroup', onscroll: this.#draw,
        onkeydown: (e) => this.#key(e), onclick: (e) => this.#click(e),
        ondblclick: (e) => e.target.closest('.table-row') && this.#activate(),
      }, h('div', { class: 'table-head', role: 'row' },
        this.columns.map((c) => h('span', { role: 'columnheader', t: c.title }))),
      this.space = h('div', { class: 'table-space' })),
      this.none = h('div', { class: 'table-none muted', hidden: true }));
    this.watcher = new ResizeObserver(this.#draw);
    this.watcher.observe(this.scroller);
  }

  disconnectedCallback() {
    this.watcher.disconnect();
    this.#pool = [];
    this.replaceChildren();
  }

  /** Shows a list; `emptyText` stands when it is empty. */
  show(items, emptyText = '') {
    this.items = items;
    this.none.textContent = emptyText;
    this.none.hidden = items.length > 0;
    this.setAttribute('aria-rowcount', items.length);
    this.space.style.setProperty('height', `${items.length * ROW}px`);
    this.#paint(true);
  }

  redraw() {
    this.#paint(true);
  }

  choose(id) {
    this.selected = id;
    this.#paint();
    const item = this.items.find((x) => x.id === id) ?? null;
    this.dispatchEvent(new CustomEvent('choose', { detail: { item } }));
  }

  #paint(fresh) {
    if (!this.isConnected) return;
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / ROW) - SPARE);
    const last = Math.min(this.items.length,
      Math.ceil((this.scroller.scrollTop + this.scroller.clientHeight) / ROW) + SPARE);
    while (this.#pool.length < last - first) {
      const row = h('div', { class: 'table-row', role: 'row' });
      this.space.append(row);
      this.#pool.push(row);
    }
    this.#pool.forEach((row, n) => {
      const at = first + n;
      row.hidden = at >= last;
      if (row.hidden) {
        row.item = null;
        return;
      }
      const item = this.items[at];
      row.style.setProperty('transform', `translateY(${at * ROW}px)`);
      row.setAttribute('aria-rowindex', at + 1);
      row.setAttribute('aria-selected', String(item.id === this.selected));
      row.dataset.id = item.id;
      row.dataset.status = item.status ?? '';
      if (row.item === item && !fresh) return;
      row.item = item;
      row.replaceChildren(...this.columns.map((c) => h('span', { role: 'gridcell', data: { cell: c.key } },
        c.cell(item))));
    });
    if (last >= this.items.length - 20) this.dispatchEvent(new Event('more'));
  }

  #click(event) {
    const row = event.target.closest('.table-row');
    if (row) this.choose(row.dataset.id);
  }

  #activate() {
    const item = this.items.find((x) => x.id === this.selected);
    if (item) this.dispatchEvent(new CustomEvent('activate', { detail: { item } }));
  }

  #key(event) {
    const view = this.scroller.clientHeight - HEAD;
    const page = Math.max(1, Math.floor(view / ROW) - 1);
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -1e9, End: 1e9 }[event.key];
    if (event.key === 'Enter') this.#activate();
    else if (move && this.items.length) {
      const now = this.items.findIndex((x) => x.id === this.selected);
      const at = Math.max(0, Math.min(this.items.length - 1, now + move));
      const top = at * ROW;
      if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
      else if (top + ROW > this.scroller.scrollTop + view) this.scroller.scrollTop = top + ROW - view;
      this.choose(this.items[at].id);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define('virtual-table', VirtualTable);
