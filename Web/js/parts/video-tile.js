// One picture of the wall. It says in words and shape what it shows, and never shows an old picture as a new one.

import { fill, h, put } from '../lib/dom.js';
import { directory } from '../lib/directory.js';
import { has, language, languageEvents, setText, t, tCode } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { now, rate } from '../lib/zone.js';
import { LiveFeed } from '../media/live-feed.js';
import { StreamPlayer } from '../media/player.js';
import { deniedActions } from './denied-actions.js';
import { saveSnapshot } from './snapshot.js';
import { describe } from './state-words.js';
import { PictureZoom } from './picture-zoom.js';
import './picture-mark.js';

/** Announces `change` (state, channel or facts). `data-state` and `data-channel` follow. */
export class VideoTile extends HTMLElement {
  #feed = null;
  #player = null;
  #shape = '';
  #strip = 0;
  #relabel = () => this.refresh();
  #directory = () => this.refresh();

  connectedCallback() {
    this.classList.add('tile');
    this.setAttribute('role', 'gridcell');
    this.tabIndex = -1;
    if (!this.picture) this.#build();
    languageEvents.addEventListener('language', this.#relabel);
    directory.addEventListener('tree', this.#directory);
    this.refresh();
  }

  disconnectedCallback() {
    languageEvents.removeEventListener('language', this.#relabel);
    directory.removeEventListener('tree', this.#directory);
    if (!this.isConnected) this.clear();
  }

  #build() {
    this.video = h('video', { muted: true, playsInline: true, tabIndex: -1, disablePictureInPicture: true });
    this.still = h('canvas', { class: 'tile-still', hidden: true });
    this.picture = h('div', { class: 'tile-picture' }, this.video, this.still);
    this.mark = h('picture-mark');
    this.strip = h('div', { class: 'tile-strip', draggable: true },
      this.shape = h('span', { class: 'tile-shape' }), this.name = h('span', { class: 'tile-name' }),
      this.path = h('span', { class: 'tile-path' }), this.badges = h('span', { class: 'tile-badges' }));
    this.card = h('div', { class: 'tile-card', 'aria-live': 'polite' },
      this.cardShape = h('div', { class: 'tile-card-shape' }), this.head = h('div', { class: 'tile-head' }),
      this.text = h('div', { class: 'tile-text' }), this.again = h('div', { class: 'tile-again' }),
      this.actions = h('div', { class: 'tile-actions' },
        h('button', { t: 'action.retry', onclick: () => this.retry() }),
        h('button', { t: 'action.why',
          onclick: () => this.dispatchEvent(new Event('why', { bubbles: true })) })),
      this.ask = h('div', { class: 'tile-ask' }));
    this.info = h('dl', { class: 'tile-info', hidden: true });
    this.append(this.picture, this.mark, h('div', { class: 'tile-hatch', 'aria-hidden': 'true' }), this.card,
      this.strip, this.info,
      h('div', { class: 'tile-frame', 'aria-hidden': 'true' }));
    this.zoom = new PictureZoom(this, this.picture, this.video);
    this.addEventListener('pointermove', () => this.#showStrip());
    this.strip.addEventListener('dragstart', (event) => {
      event.dataTransfer.effectAllowed = 'move';
      event.dataTransfer.setData('application/x-tributary-tile', String(this.index));
    });
  }

  get channel() {
    return this.#feed?.channel ?? null;
  }

  get feed() {
    return this.#feed;
  }

  get player() {
    return this.#player;
  }

  open(channel) {
    if (channel === this.channel) {
      this.#feed.retry();
      return;
    }
    this.clear();
    this.#player = new StreamPlayer(this.video, this.still, { live: true });
    this.#feed = new LiveFeed(this.#player, channel);
    this.#feed.addEventListener('state', () => this.refresh());
    this.#feed.addEventListener('facts', () => this.refresh());
    this.#player.addEventListener('tracks', () => this.refresh());
    this.#feed.start();
    // The record of the channel says which device it sits on and since when it is offline.
    directory.detail(channel).then(() => this.refresh(), () => {});
    this.#showStrip();
    this.refresh();
  }

  clear() {
    this.#feed?.stop();
    this.#feed = this.#player = null;
    if (!this.picture) return;
    this.still.hidden = true;
    this.info.hidden = true;
    this.video.muted = true;
    this.zoom.reset();
    this.refresh();
  }

  retry() {
    this.#feed?.retry();
  }

  toggleInfo() {
    if (!this.#feed) return;
    this.info.hidden = !this.info.hidden;
    this.tick();
  }

  setMuted(muted) {
    this.video.muted = muted;
    this.refresh();
  }

  snapshot() {
    if (!this.#feed || !this.video.videoWidth) return false;
    const place = directory.brief(this.channel);
    return saveSnapshot(this.video, this.still, {
      channel: this.channel, name: place.name, wall: now(), kind: 'live', state: this.#feed.state.name,
      media: this.video.currentTime,
    });
  }

  #showStrip() {
    this.#strip = performance.now();
    this.classList.add('strip-on');
  }

  /** Draws everything that depends on state, channel or language. */
  refresh() {
    if (!this.picture) return;
    const feed = this.#feed;
    const name = feed?.state.name ?? 'empty';
    const changed = this.dataset.state !== name;
    this.dataset.state = name;
    this.dataset.channel = feed?.channel ?? '';
    const place = feed && directory.brief(feed.channel);
    put(this.name, place?.name ?? '');
    put(this.path, place?.path.join(' / ') ?? '');
    const label = feed ? `${place.name}, ${describe(feed).word}`
      : t('tile.emptyLabel', { n: (this.index ?? 0) + 1 });
    this.setAttribute('aria-label', label);
    this.#badges();
    this.tick();
    if (changed) this.#showStrip();
    this.dispatchEvent(new Event('change', { bubbles: true }));
  }

  #badges() {
    const feed = this.#feed;
    const live = feed?.state.name === 'live';
    const list = [];
    if (feed?.transcoded) {
      const { reason } = feed.transcoded;
      const badge = h('span', { class: 'badge warn', data: { badge: 'transcoded' } });
      setText(badge, 'badge.transcoded');
      badge.title = reason && has(`transcode.${reason}`) ? t(`transcode.${reason}`) : reason ?? '';
      list.push(badge);
    }
    if (feed && this.#player?.tracks?.audio) {
      list.push(h('span', { class: 'badge icon-badge',
        tTitle: this.video.muted ? 'badge.muted' : 'badge.audible' },
        icon(this.video.muted ? 'muted' : 'speaker', 12)));
    }
    if (live) list.push(h('span', { class: 'badge live', t: 'badge.live' }),
      this.lag = h('span', { class: 'badge lag num' }));
    const key = list.map((b) => b.outerHTML).join('') + language;
    if (this.badges.dataset.key !== key) {
      this.badges.dataset.key = key;
      fill(this.badges, list);
    } else if (live) this.lag = this.badges.querySelector('.lag');
  }

  /** Called a few times a second by the wall: ages, counters, the strip. */
  tick() {
    const feed = this.#feed;
    const name = this.dataset.state;
    const words = feed ? describe(feed) : { shape: 'camera', head: t('tile.empty'), text: t('tile.emptyHint'),
      again: '' };
    if (this.#shape !== words.shape) {
      this.#shape = words.shape;
      const draw = (size) => (words.shape === 'spinner' ? h('span', { class: 'spinner' })
        : icon(words.shape, size));
      fill(this.shape, draw(13));
      fill(this.cardShape, draw(30));
    }
    put(this.head, name === 'live' ? '' : words.head);
    put(this.text, name === 'live' ? '' : words.text);
    put(this.again, words.again);
    if (name === 'live' && this.lag && this.#player) put(this.lag, `${this.#player.lag.toFixed(1)} s`);
    const warns = name !== 'live' && name !== 'empty';
    this.classList.toggle('strip-on', Boolean(feed) && (warns || performance.now() - this.#strip < 3000
      || this.getAttribute('aria-selected') === 'true'));
    if (!this.info.hidden && feed) this.#facts();
    if (feed) this.mark.keep(this, this.picture, feed.marked);
    const reason = name === 'denied' ? feed.state.cause?.reason ?? '' : '';
    if (this.ask.dataset.reason !== reason) {
      this.ask.dataset.reason = reason;
      fill(this.ask, deniedActions(reason, feed?.channel, 'live'));
    }
  }

  #facts() {
    const rows = factRows(this.#feed, this.#player, this.video);
    fill(this.info, rows.map(([key, value]) => [h('dt', {}, t(key)), h('dd', { class: 'num' }, value)]));
  }
}

const CODECS = { h264: 'H.264', h265: 'H.265' };

/** The facts of a stream as [key, text] pairs; shared by the tile overlay and the side panel. */
export function factRows(feed, player, video) {
  const facts = feed.facts ?? {};
  const tracks = player?.tracks;
  const first = feed.firstPicture ?? facts.firstPictureMs;
  return [
    ['fact.codec', [CODECS[facts.codec] ?? facts.codec ?? tracks?.codecs?.split(',')[0],
      video.videoWidth ? `${video.videoWidth}×${video.videoHeight}` : null].filter(Boolean).join(' · ') || '–'],
    ['fact.fps', Number.isFinite(facts.fps) ? facts.fps.toFixed(1) : '–'],
    ['fact.bitrate', rate(facts.bitrate)],
    ['fact.loss', Number.isFinite(facts.loss) ? `${(facts.loss * 100).toFixed(2)} %` : '–'],
    ['fact.transport', facts.transport ? tCode('transport', facts.transport, facts.transport) : '–'],
    ['fact.audio', tracks ? t(tracks.audio ? 'fact.audioYes' : 'fact.audioNo') : '–'],
    ['fact.first', Number.isFinite(first) ? `${first} ms` : '–'],
    ['fact.behind', player ? `${player.lag.toFixed(2)} s` : '–'],
    ['fact.viewers', Number.isFinite(facts.viewers) ? String(facts.viewers) : '–'],
    ['fact.dropped', String(player?.droppedGroups ?? 0)],
  ];
}

customElements.define('video-tile', VideoTile);
