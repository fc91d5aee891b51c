// The organisation tree: three views, a filter, and only the rows that are in sight.

import { fill, h, perFrame, put } from '../lib/dom.js';
import { VIEWS, directory, isCamera, shortNumber } from '../lib/directory.js';
import { languageEvents, setText, t } from '../lib/i18n.js';
import { icon, kindIcon, statusIcon } from '../lib/icons.js';
import { prefs } from '../lib/prefs.js';

const ROW = 28;
const SPARE = 8; // rows drawn above and below the window

/** Announces `open` {channel} and `openfolder` {channels, name}, both when the user asks for pictures. */
export class DeviceTree extends HTMLElement {
  #view = prefs.get('treeView', 'device');
  #model = null;
  #expanded = new Set();
  #rows = []; // [{i, depth}] that could be seen when scrolling
  #hits = null; // indexes that match the filter
  #active = 0;
  #pool = [];
  #undo = [];
  #draw = perFrame(() => this.#paint());
  #later = perFrame(() => this.#flatten());

  connectedCallback() {
    this.append(
      h('div', { class: 'tree-tabs', role: 'tablist' }, VIEWS.map((view) =>
        h('button', {
          class: 'tab', role: 'tab', t: `tree.view.${view}`, 'aria-selected': String(view === this.#view),
          data: { view },
          onclick: () => this.show(view),
        }))),
      h('div', { class: 'tree-filter' }, icon('search', 14),
        this.input = h('input', {
          type: 'search', tPlaceholder: 'tree.filter', tLabel: 'tree.filter', autocomplete: 'off',
          spellcheck: 'false',
          oninput: () => this.#filter(), onkeydown: (e) => this.#inputKey(e),
        })),
      this.scroller = h('div', {
        class: 'tree-rows', role: 'tree', tabIndex: 0, tLabel: 'tree.label', onscroll: this.#draw,
        onkeydown: (e) => this.#key(e), onclick: (e) => this.#click(e), ondblclick: (e) => this.#double(e),
        ondragstart: (e) => this.#dragStart(e),
      }, this.space = h('div', { class: 'tree-space' })),
      this.foot = h('div', { class: 'tree-foot' }),
    );
    this.watcher = new ResizeObserver(this.#draw);
    this.watcher.observe(this.scroller);
    const on = (target, type, run) => {
      target.addEventListener(type, run);
      this.#undo.push(() => target.removeEventListener(type, run));
    };
    on(directory, 'tree', ({ detail }) => detail.view === this.#view
      && this.#take(directory.model(this.#view)));
    on(directory, 'status', this.#draw);
    on(directory, 'device', this.#draw);
    on(languageEvents, 'language', this.#draw);
    this.show(this.#view);
  }

  disconnectedCallback() {
    this.watcher.disconnect();
    this.#undo.splice(0).forEach((undo) => undo());
    this.replaceChildren();
    this.#pool = [];
  }

  focusFilter() {
    this.input.focus();
    this.input.select();
  }

  async show(view) {
    this.#view = view;
    prefs.set('treeView', view);
    for (const tab of this.querySelectorAll('.tab')) tab.setAttribute('aria-selected',
      String(tab.dataset.view === view));
    try {
      this.#take(await directory.load(view));
    } catch (problem) {
      put(this.foot, problem.sentence ?? String(problem));
    }
  }

  #take(model) {
    if (model !== this.#model) {
      const first = !this.#model || this.#model.view !== model.view;
      this.#model = model;
      if (first) {
        this.#active = 0;
        const roots = model.children.get(-1) ?? [];
        if (model.nodes.length <= 400) {
          for (const i of model.children.keys()) if (i >= 0) this.#expanded.add(model.nodes[i].id);
        } else if (roots.length <= 4) for (const i of roots) this.#expanded.add(model.nodes[i].id);
      }
    }
    this.#filter();
  }

  #filter() {
    const text = this.input.value;
    this.#hits = text.trim() && this.#model ? new Set(this.#model.find(text)) : null;
    if (this.#hits) this.#active = -1;
    this.#later();
  }

  /** Rows in order; with a filter the matches, what is above them, and everything below a matching folder. */
  #flatten() {
    const model = this.#model;
    if (!model) return;
    let shown = null;
    if (this.#hits) {
      shown = new Set();
      for (const hit of this.#hits) for (let at = hit; at >= 0
        && !shown.has(at); at = model.parent[at]) shown.add(at);
    }
    const rows = [];
    const walk = [];
    const push = (list, depth, inside) => {
      for (let k = list.length - 1; k >= 0; k -= 1) walk.push([list[k], depth, inside]);
    };
    push(model.children.get(-1) ?? [], 1, false);
    while (walk.length) {
      const [i, depth, inside] = walk.pop();
      const hit = this.#hits?.has(i);
      if (shown && !inside && !shown.has(i)) continue;
      rows.push({ i, depth });
      const below = model.children.get(i);
      if (below && (shown ? !hit || this.#expanded.has(model.nodes[i].id)
        : this.#expanded.has(model.nodes[i].id))) {
        push(below, depth + 1, inside || hit);
      }
    }
    this.#rows = rows;
    if (this.#active < 0) {
      // A camera often has the code of its device; Enter means the camera.
      const hit = (r) => this.#hits?.has(r.i);
      const camera = rows.findIndex((r) => hit(r) && isCamera(model.nodes[r.i]));
      this.#active = Math.max(0, camera >= 0 ? camera : rows.findIndex(hit));
    }
    this.#active = Math.min(this.#active, Math.max(0, rows.length - 1));
    this.space.style.setProperty('height', `${rows.length * ROW}px`);
    this.#paint();
  }

  #isOpen(row) {
    const id = this.#model.nodes[row.i].id;
    return this.#expanded.has(id) || Boolean(this.#hits && !this.#hits.has(row.i));
  }

  #paint() {
    const model = this.#model;
    if (!model || !this.isConnected) return;
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / ROW) - SPARE);
    const last = Math.min(this.#rows.length,
      Math.ceil((this.scroller.scrollTop + this.scroller.clientHeight) / ROW) + SPARE);
    while (this.#pool.length < last - first) this.#pool.push(this.#make());
    this.#pool.forEach((row, n) => {
      const at = first + n;
      row.hidden = at >= last;
      if (!row.hidden) this.#show(row, at);
    });
    const active = this.#pool.find((r) => !r.hidden && Number(r.dataset.at) === this.#active);
    if (active) this.scroller.setAttribute('aria-activedescendant', active.id);
    else this.scroller.removeAttribute('aria-activedescendant');
    this.#count();
  }

  #count() {
    const roots = this.#model.children.get(-1) ?? [];
    const sum = (list) => roots.reduce((n, i) => n + (isCamera(this.#model.nodes[i])
      ? (list === this.#model.online ? this.#model.nodes[i].status === 'online' : 1) : list[i]), 0);
    const total = sum(this.#model.total);
    if (this.#hits) setText(this.foot, 'tree.found', { n: this.#hits.size });
    else if (!total) setText(this.foot, 'tree.empty');
    else setText(this.foot, 'tree.total', { online: sum(this.#model.online), total });
  }

  #make() {
    const row = h('div', { class: 'tree-row', role: 'treeitem', id: `row-${this.#pool.length}`,
      draggable: true });
    row.parts = {
      turn: h('span', { class: 'tree-turn' }, icon('chevron', 12)), mark: h('span', { class: 'tree-mark' }),
      kind: h('span', { class: 'tree-kind' }), name: h('span', { class: 'tree-name' }),
      side: h('span', { class: 'tree-side' }),
    };
    row.append(...Object.values(row.parts));
    this.space.append(row);
    return row;
  }

  #show(row, at) {
    const model = this.#model;
    const { i, depth } = this.#rows[at];
    const node = model.nodes[i];
    const folder = model.children.has(i);
    const open = folder && this.#isOpen(this.#rows[at]);
    const channel = node.channel ?? '';
    const p = row.parts;
    row.dataset.at = at;
    row.dataset.channel = channel;
    row.dataset.status = node.status ?? '';
    row.style.setProperty('transform', `translateY(${at * ROW}px)`);
    row.style.setProperty('--depth', depth - 1);
    row.classList.toggle('active', at === this.#active);
    row.classList.toggle('folder', folder);
    row.setAttribute('aria-level', depth);
    row.setAttribute('aria-selected', String(at === this.#active));
    row.setAttribute('aria-posinset', model.place[i]);
    row.setAttribute('aria-setsize', (model.children.get(model.parent[i]) ?? []).length);
    if (folder) row.setAttribute('aria-expanded', String(open));
    else row.removeAttribute('aria-expanded');
    p.turn.classList.toggle('open', open);
    p.turn.classList.toggle('none', !folder);
    const camera = isCamera(node);
    const marked = camera || node.kind === 'device';
    const shape = marked ? node.status : '';
    if (p.mark.dataset.status !== shape) {
      p.mark.dataset.status = shape;
      fill(p.mark, shape ? statusIcon(shape, 11) : null);
    }
    const wear = kindIcon(node.kind);
    if (p.kind.dataset.kind !== wear) {
      p.kind.dataset.kind = wear;
      fill(p.kind, icon(wear, 14));
    }
    put(p.name, node.name);
    const words = marked ? `${node.name} · ${t(`status.${node.status ?? 'unknown'}`)}` : node.name;
    row.title = channel ? `${words}\n${channel}` : words;
    row.setAttribute('aria-label', folder ? `${words} ${model.online[i]}/${model.total[i]}` : words);
    const recording = camera && ['recording', 'failed'].includes(node.recording) ? node.recording : '';
    const side = folder ? `${model.online[i]}/${model.total[i]}` : recording;
    if (p.side.dataset.side !== side) {
      p.side.dataset.side = side;
      if (folder) put(p.side, side);
      else fill(p.side, recording ? h('span', { class: `rec-dot ${recording}`,
        tTitle: `recording.${recording}` }) : null);
    }
  }

  #rowOf(event) {
    const row = event.target.closest('.tree-row');
    return row ? Number(row.dataset.at) : -1;
  }

  #click(event) {
    const at = this.#rowOf(event);
    if (at < 0) return;
    this.#active = at;
    if (event.target.closest('.tree-turn') && this.#model.children.has(this.#rows[at].i)) this.#toggle(at);
    else this.#paint();
    this.dispatchEvent(new CustomEvent('choose',
      { detail: { channel: isCamera(this.#model.nodes[this.#rows[at].i])
      ? this.#model.nodes[this.#rows[at].i].channel : null } }));
  }

  #double(event) {
    const at = this.#rowOf(event);
    if (at >= 0 && !event.target.closest('.tree-turn')) this.#open(at, false);
  }

  #toggle(at, want) {
    const { id } = this.#model.nodes[this.#rows[at].i];
    if (want ?? !this.#expanded.has(id)) this.#expanded.add(id);
    else this.#expanded.delete(id);
    this.#flatten();
  }

  /** A camera opens; a folder unfolds, or with `all` opens every camera below it. */
  #open(at, all) {
    const { i } = this.#rows[at] ?? {};
    if (i === undefined) return;
    const node = this.#model.nodes[i];
    if (isCamera(node)) this.dispatchEvent(new CustomEvent('open', { detail: { channel: node.channel } }));
    else if (all) this.dispatchEvent(new CustomEvent('openfolder',
      { detail: { channels: this.#model.channelsUnder(i), name: node.name } }));
    else this.#toggle(at);
  }

  #dragStart(event) {
    const at = this.#rowOf(event);
    if (at < 0) return;
    const { i } = this.#rows[at];
    const channels = isCamera(this.#model.nodes[i]) ? [this.#model.nodes[i].channel]
      : this.#model.channelsUnder(i);
    event.dataTransfer.effectAllowed = 'copy';
    event.dataTransfer.setData('application/x-tributary-channels', JSON.stringify(channels.slice(0, 64)));
    event.dataTransfer.setData('text/plain', this.#model.nodes[i].name);
  }

  #inputKey(event) {
    if (event.key === 'ArrowDown' || event.key === 'Enter') {
      event.preventDefault();
      this.#flatten(); // the key may be quicker than the next frame
      this.scroller.focus();
      if (event.key === 'Enter') this.#open(this.#active, false);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      this.input.value = '';
      this.#filter();
      this.scroller.focus();
    }
  }

  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const row = this.#rows[this.#active];
    if (!row) return;
    const folder = this.#model.children.has(row.i);
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / ROW) - 1);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -1e9, End: 1e9 };
    if (event.key in moves) this.#move(this.#active + moves[event.key]);
    else if (event.key === 'ArrowRight' && folder && !this.#isOpen(row)) this.#toggle(this.#active, true);
    else if (event.key === 'ArrowRight' && folder) this.#move(this.#active + 1);
    else if (event.key === 'ArrowLeft' && folder && this.#isOpen(row)) this.#toggle(this.#active, false);
    else if (event.key === 'ArrowLeft') {
      const above = this.#model.parent[row.i];
      const at = this.#rows.findIndex((r) => r.i === above);
      if (at >= 0) this.#move(at);
    } else if (event.key === 'Enter') this.#open(this.#active, event.shiftKey);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #move(to) {
    this.#active = Math.max(0, Math.min(this.#rows.length - 1, to));
    const top = this.#active * ROW;
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (top + ROW > scrollTop + clientHeight) this.scroller.scrollTop = top + ROW - clientHeight;
    this.#paint();
  }

  /** For the status line and the tests: rows drawn and rows known. */
  get figures() {
    return { drawn: this.#pool.filter((r) => !r.hidden).length, rows: this.#rows.length,
      nodes: this.#model?.nodes.length ?? 0 };
  }

  /** Cameras with a short number. */
  static numbered(number) {
    const model = directory.model('device') ?? directory.model(VIEWS.find((v) => directory.model(v)));
    return model ? [...model.byChannel.keys()].filter((c) => shortNumber(c) === number) : [];
  }
}

customElements.define('device-tree', DeviceTree);
