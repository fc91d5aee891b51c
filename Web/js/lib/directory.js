// The organisation as the console knows it: trees, names and states of cameras, kept current by events.

import { api, query } from './api.js';
import { serverEvents } from './events.js';
import { initials } from './initials.js';

export const VIEWS = ['device', 'civil', 'business'];
const RECORDING_PAGES = 5;

/** Whether a node of a tree has pictures. */
export const isCamera = (node) => Boolean(node.channel) && (node.kind ?? 'camera') === 'camera';

/** One view of the organisation with counts per folder. Nodes are kept in parallel arrays: 100 000 are normal. */
export class TreeModel {
  constructor(view, nodes) {
    this.view = view;
    this.nodes = nodes;
    const index = new Map(nodes.map((node, i) => [node.id, i]));
    this.index = index;
    this.parent = new Int32Array(nodes.length).fill(-1);
    this.children = new Map([[-1, []]]);
    this.place = new Int32Array(nodes.length); // among its siblings, from 1
    nodes.forEach((node, i) => {
      const above = node.parent === null || node.parent === undefined ? -1 : index.get(node.parent) ?? -1;
      this.parent[i] = this.#loops(i, above) ? -1 : above;
      const list = this.children.get(this.parent[i]);
      if (list) list.push(i);
      else this.children.set(this.parent[i], [i]);
      this.place[i] = list?.length ?? 1;
    });
    this.online = new Int32Array(nodes.length);
    this.total = new Int32Array(nodes.length);
    this.byChannel = new Map();
    nodes.forEach((node, i) => {
      if (!isCamera(node)) return;
      const places = this.byChannel.get(node.channel);
      if (places) places.push(i);
      else this.byChannel.set(node.channel, [i]);
      this.#count(i, 1, node.status === 'online' ? 1 : 0);
    });
    this.search = null;
  }

  #loops(node, above) {
    for (let steps = 0; above >= 0; above = this.parent[above]) {
      if (above === node || (steps += 1) > 64) return true;
    }
    return false;
  }

  #count(i, total, online) {
    for (let at = this.parent[i]; at >= 0; at = this.parent[at]) {
      this.total[at] += total;
      this.online[at] += online;
    }
  }

  setStatus(channel, status, recording) {
    const places = this.byChannel.get(channel) ?? [];
    for (const i of places) {
      const node = this.nodes[i];
      if (recording) node.recording = recording;
      if (!status || node.status === status) continue;
      this.#count(i, 0, (status === 'online') - (node.status === 'online'));
      node.status = status;
    }
    return places.length > 0;
  }

  setFolderStatus(id, status) {
    const i = this.index.get(id);
    if (i === undefined || isCamera(this.nodes[i])) return false;
    this.nodes[i].status = status;
    return true;
  }

  /** Indexes of the nodes a text matches: name, code, number, pinyin initials. */
  find(text) {
    this.search ??= this.nodes.map((n) =>
      `${n.name}\n${n.channel ?? n.id}\n${initials(n.name)}\n#${shortNumber(n.channel ?? '')}\n`.toLowerCase());
    const wanted = text.trim().toLowerCase();
    const out = [];
    for (let i = 0; i < this.search.length; i += 1) if (this.search[i].includes(wanted)) out.push(i);
    return out;
  }

  /** All channels below a node, in order. */
  channelsUnder(i) {
    const out = [];
    const walk = [i];
    while (walk.length) {
      const at = walk.pop();
      if (isCamera(this.nodes[at])) out.push(this.nodes[at].channel);
      walk.push(...(this.children.get(at) ?? []).toReversed());
    }
    return out;
  }
}

/** The short number of a camera: the serial at the end of its 20-digit code without leading zeros. */
export function shortNumber(channel) {
  const digits = /(\d{6})$/.exec(channel)?.[1];
  return digits ? String(Number(digits)) : '';
}

/** Names and states of channels. Announces `tree` after loading a view, `status` {channels} and `device` {id}. */
class Directory extends EventTarget {
  #models = new Map();
  #loading = new Map();
  #details = new Map();
  #reading = null;

  constructor() {
    super();
    serverEvents.addEventListener('channel', ({ detail }) => this.#channel(detail));
    serverEvents.addEventListener('device', ({ detail }) => this.#device(detail));
    serverEvents.addEventListener('link', ({ detail }) => {
      if (detail.up && this.#models.size) this.reload();
    });
  }

  model(view) {
    return this.#models.get(view);
  }

  async load(view) {
    if (this.#models.has(view)) return this.#models.get(view);
    if (!this.#loading.has(view)) {
      this.#loading.set(view, this.#fetch(view).finally(() => this.#loading.delete(view)));
    }
    return this.#loading.get(view);
  }

  async #fetch(view) {
    const { nodes } = await api.get(`/tree${query({ view })}`);
    const model = new TreeModel(view, nodes);
    this.#models.set(view, model);
    if (nodes.some((node) => isCamera(node) && !node.recording)) this.#readRecording();
    this.dispatchEvent(new CustomEvent('tree', { detail: { view } }));
    return model;
  }

  /** The trees do not say what is recorded: the first pages of the channel list do. */
  #readRecording() {
    this.#reading ??= (async () => {
      let cursor = '';
      for (let page = 0; page < RECORDING_PAGES && cursor !== null; page += 1) {
        const { items, next } = await api.get(`/channels${query({ limit: 1000, cursor })}`);
        for (const { id, recording } of items) for (const model of this.#models.values()) model.setStatus(id,
          undefined, recording);
        cursor = next ?? null;
      }
      this.dispatchEvent(new CustomEvent('status', { detail: {} }));
    })().catch(() => {}).finally(() => (this.#reading = null));
  }

  /** Reads every view that is shown again; bursts of changes make one request. */
  reload() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      for (const view of this.#models.keys()) this.#fetch(view).catch(() => {});
    }, 400);
  }

  clear() {
    this.#models.clear();
    this.#details.clear();
  }

  #channel({ id, status, recording, since }) {
    let known = false;
    for (const model of this.#models.values()) known = model.setStatus(id, status, recording) || known;
    const detail = this.#details.get(id);
    if (detail) Object.assign(detail, { status: status ?? detail.status,
      recording: recording ?? detail.recording, since: since ?? detail.since });
    if (!known && this.#models.size) this.reload();
    this.dispatchEvent(new CustomEvent('status', { detail: { channel: id, status, since } }));
  }

  #device({ id, status, since }) {
    let known = false;
    for (const model of this.#models.values()) known = model.setFolderStatus(id, status) || known;
    if (!known && this.#models.has('device')) this.reload();
    this.dispatchEvent(new CustomEvent('device', { detail: { id, status, since } }));
  }

  /** What a tree says of a channel: {name, path, status, device?}. */
  brief(channel) {
    for (const view of VIEWS) {
      const model = this.#models.get(view);
      const i = model?.byChannel.get(channel)?.[0];
      if (i === undefined) continue;
      const path = [];
      for (let at = model.parent[i]; at >= 0; at = model.parent[at]) path.unshift(model.nodes[at].name);
      return { name: model.nodes[i].name, path, status: model.nodes[i].status,
        recording: model.nodes[i].recording };
    }
    const detail = this.#details.get(channel);
    return detail ? { name: detail.name, path: [], status: detail.status, recording: detail.recording }
      : { name: channel, path: [], status: 'unknown' };
  }

  /** The whole record of a channel. */
  async detail(channel) {
    const fresh = await api.get(`/channels/${encodeURIComponent(channel)}`);
    this.#details.set(channel, fresh);
    return fresh;
  }

  cached(channel) {
    return this.#details.get(channel);
  }
}

export const directory = new Directory();
