// What is being fetched from devices: progress, cancelling, and the finished files.

import { api, seg } from '../lib/api.js';
import { directory } from '../lib/directory.js';
import { fill, h } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { purposeText } from '../lib/purpose.js';
import { bytes, clock, iso, parse } from '../lib/zone.js';
import { toast } from './dialog.js';
import { causeText } from './state-words.js';

const LOOK = 1000; // ms between two looks while something runs
const SHOWN = 4;

/** A small list over the picture; empty and hidden while nothing was fetched. */
export class DownloadList extends HTMLElement {
  #items = [];
  #timer = 0;

  connectedCallback() {
    this.classList.add('downloads');
    this.hidden = true;
    this.setAttribute('aria-live', 'polite');
    this.#look();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  /** Begins to fetch an interval of a channel from its device. */
  async begin(channel, from, to) {
    try {
      await api.post(`/channels/${seg(channel)}/downloads`, { from: iso(from), to: iso(to), purpose: purposeText() });
      toast(t('download.begun'));
    } catch (problem) {
      toast([problem.sentence, problem.detail].filter(Boolean).join(' '), 'bad', 8000);
    }
    this.#look();
  }

  async #look() {
    clearTimeout(this.#timer);
    try {
      this.#items = (await api.get('/downloads')).items.slice(0, SHOWN);
    } catch {
      this.#items = []; // without the permission there is nothing to show
    }
    if (!this.isConnected) return;
    this.draw();
    if (this.#items.some((d) => ['queued', 'running'].includes(d.state))) {
      this.#timer = setTimeout(() => this.#look(), LOOK);
    }
  }

  draw() {
    this.hidden = !this.#items.length;
    fill(this, this.#items.map((d) => this.#row(d)));
  }

  #row(d) {
    const percent = Math.floor(d.progress * 100);
    const name = directory.brief(d.channel).name;
    const words = {
      queued: d.queue ? t('replay.queued', { holder: d.queue.holder, since: clock(parse(d.queue.since)),
        n: d.queue.ahead + 1 }) : t('download.queued'),
      running: t('download.running', { n: percent, size: bytes(d.bytes) }),
      complete: t('download.complete', { size: bytes(d.size ?? 0) }),
      failed: causeText(d.cause), cancelled: t('download.cancelled'),
    };
    return h('div', { class: 'download', data: { download: d.id, state: d.state } },
      h('span', { class: 'download-name num' }, `${name} ${clock(parse(d.from))} – ${clock(parse(d.to))}`),
      h('progress', { max: 100, value: d.state === 'complete' ? 100 : percent, 'aria-label': words[d.state] }),
      h('span', { class: 'download-words' }, words[d.state]),
      d.state === 'complete' && d.cause ? h('span', { class: 'download-words warn' }, causeText(d.cause)) : null,
      d.state === 'complete' ? h('a', { class: 'button primary', href: d.file, download: '' },
        icon('download', 14), h('span', { t: 'download.save' })) : null,
      h('button', { type: 'button', class: 'quiet tiny', tLabel: d.state === 'complete' ? 'download.remove'
        : 'download.cancel', onclick: () => this.#remove(d.id) }, icon('close', 12)));
  }

  async #remove(id) {
    await api.delete(`/downloads/${seg(id)}`).catch(() => {}); // gone is gone
    this.#look();
  }
}

customElements.define('download-list', DownloadList);
