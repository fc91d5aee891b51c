// What can be done with a marked interval of a recording: export it, keep it.

import { may } from '../lib/account.js';
import { query, seg } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { purposeText } from '../lib/purpose.js';
import { bytes, clock, iso, span } from '../lib/zone.js';
import { toast } from './dialog.js';
import { askHold } from './hold-dialogs.js';
import { visible } from './timeline-data.js';

const EXPORT_LIMIT = 24 * 3600 * 1000;

/**
 * Announces `unmark` and `fetch` {from,to}. Properties: `source` (`own` or `device`), `line` (the timeline), `bitrate` (a function: bits per second, or nothing).
 */
export class SelectionChip extends HTMLElement {
  connectedCallback() {
    this.classList.add('chip');
    this.dataset.chip = '';
    this.draw();
  }

  /** Both ends, or nothing while one is missing. */
  get #chosen() {
    const { from, to } = this.line.selection;
    return from === null || to === null ? null : { from, to };
  }

  get #exportAddress() {
    const { from, to } = this.#chosen;
    const asked = query({ from: iso(from), to: iso(to), purpose: purposeText() });
    return `/api/v1/channels/${seg(this.line.channel)}/export.mp4${asked}`;
  }

  draw() {
    const { from, to } = this.line.selection;
    this.hidden = from === null && to === null;
    if (this.hidden) return;
    if (!this.#chosen) {
      fill(this, icon(from === null ? 'bracketRight' : 'bracketLeft', 13),
        h('span', { class: 'num' }, clock(from ?? to)), this.#unmark());
      return;
    }
    const bits = this.bitrate?.();
    fill(this, h('span', { class: 'num', data: { length: String(Math.round((to - from) / 1000)) } },
      `${clock(from)} – ${clock(to)}`),
      h('b', { class: 'num' }, span(to - from)), bits ? h('span', { class: 'muted num' },
        `≈ ${bytes((bits / 8) * ((to - from) / 1000))}`) : null,
      to - from > EXPORT_LIMIT ? h('span', { class: 'fail-text', t: 'playback.tooLong' })
        : this.source === 'device' ? h('button', { type: 'button', class: 'button primary', id: 'fetch',
          tTitle: 'download.explain', onclick: () => this.#fetch() }, icon('download', 14),
        h('span', { t: 'download.begin' }))
          : h('a', { class: 'button primary', href: this.#exportAddress, download: '', id: 'export' },
            icon('download', 14), h('span', { t: 'playback.export' })),
      may('holdRecordings') ? h('button', { type: 'button', class: 'button', id: 'keep', tTitle: 'hold.explain',
        onclick: () => this.keep() }, icon('lock', 14), h('span', { t: 'hold.place' })) : null,
      this.#unmark());
  }

  #unmark() {
    return h('button', { class: 'quiet tiny', tLabel: 'action.close',
      onclick: () => this.dispatchEvent(new Event('unmark')) }, icon('close', 12));
  }

  #fetch() {
    this.dispatchEvent(new CustomEvent('fetch', { detail: this.#chosen }));
  }

  export() {
    if (this.source === 'device' && this.#chosen && !this.hidden) {
      this.#fetch();
      return;
    }
    const link = this.querySelector('a');
    if (link && !this.hidden) {
      link.click();
      toast(t('playback.exporting'));
    } else toast(t('playback.selectFirst'), 'warn');
  }

  /** Asks for a reason and keeps the marked interval; says what is missing when that cannot be. */
  keep() {
    const chosen = this.#chosen;
    if (!may('holdRecordings')) toast(t('hold.mayNot'), 'warn', 8000);
    else if (!chosen) toast(t('hold.selectFirst'), 'warn');
    else {
      const known = this.line.data.of(this.line.channel);
      const inside = known && known.from <= chosen.from && known.to >= chosen.to;
      askHold(this.line.channel, chosen.from, chosen.to,
        inside ? visible(known, chosen.from, chosen.to).recorded : null);
    }
  }
}

customElements.define('selection-chip', SelectionChip);
