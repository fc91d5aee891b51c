// Replay of one camera over its timeline.

import { directory } from '../lib/directory.js';
import { fill, h, perFrame, put } from '../lib/dom.js';
import { holdBook } from '../lib/holds.js';
import { languageEvents, t, tCode } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { KEY_MAP } from '../lib/key-map.js';
import { bind, setArea } from '../lib/keys.js';
import { prefs } from '../lib/prefs.js';
import { go } from '../lib/router.js';
import { clock, iso, now, parse, rate, stamp, startOfDay, zoneLabel } from '../lib/zone.js';
import { seg } from '../lib/api.js';
import { StreamPlayer } from '../media/player.js';
import { ReplayFeed } from '../media/replay-feed.js';
import { pickDay } from '../parts/calendar.js';
import { deniedActions } from '../parts/denied-actions.js';
import { toast } from '../parts/dialog.js';
import { listHolds, showHold } from '../parts/hold-dialogs.js';
import { saveSnapshot } from '../parts/snapshot.js';
import { causeText, stepText } from '../parts/state-words.js';
import { PictureZoom } from '../parts/picture-zoom.js';
import { edges, snap } from '../parts/timeline-data.js';
import { LADDER } from '../parts/time-line.js';
import '../parts/camera-panel.js';
import '../parts/download-list.js';
import '../parts/picture-mark.js';
import '../parts/selection-chip.js';

const MISSED = 15000; // ms after a jump over a gap in which `v` means the moment that was asked for

/** Forward and reverse rates; more than 4× and all reverse show key frames only. */
export const RATES = [-16, -8, -4, -2, -1, 0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32];
const HOLDS_FRESH = 15000; // ms between two looks at what others hold

const rateText = (r) => {
  const size = Math.abs(r);
  return `${r < 0 ? '−' : ''}${size < 1 ? `1/${1 / size}` : size}×`;
};

export class PlaybackPage extends HTMLElement {
  withTree = true;
  withSide = true;
  #undo = [];
  #feed = null;
  #player = null;
  #channel = null;
  #draw = perFrame(() => this.#show());

  connectedCallback() {
    this.classList.add('playback-page');
    const { frame } = this;
    this.panel = h('camera-panel');
    this.panel.actions = [['snapshot', 'snapshot', 'S'], ['live', 'live', '']];
    frame.side.append(this.panel);
    this.#build();
    const on = (target, type, run) => {
      target.addEventListener(type, run);
      this.#undo.push(() => target.removeEventListener(type, run));
    };
    on(frame.tree, 'open', ({ detail }) => this.open(detail.channel));
    on(this.line, 'seek', ({ detail }) => this.seek(detail.at));
    on(this.line, 'choose', () => this.chip.draw());
    on(this.line, 'hold', ({ detail }) => showHold(detail.hold));
    on(this.line, 'alarm', ({ detail }) => go(`/alarms/${detail.alarm.id}`));
    on(this.chip, 'unmark', () => this.back());
    on(this.chip, 'fetch', ({ detail }) => this.downloads.begin(this.#channel, detail.from, detail.to));
    on(this.line.device, 'change', this.#draw);
    on(directory, 'tree', () => this.#draw());
    on(languageEvents, 'language', () => {
      this.#sayGap();
      this.chip.draw();
      this.downloads.draw();
      this.#draw();
    });
    on(this.panel, 'action', ({ detail }) => (detail.action === 'live'
      ? go(`/wall?channel=${seg(this.#channel)}`) : this.#snapshot()));
    this.#bind();
    frame.setHints([['Space', 'key.play'], ['ArrowLeft ArrowRight', 'key.jump10'], [', .', 'key.frame'],
      ['[ ]', 'key.select'], ['e', 'key.export'], ['h', 'key.keep'], ['+ -', 'key.zoom']]);
    const { channel, at } = this.address ?? {};
    const wanted = channel ?? prefs.get('playbackChannel') ?? prefs.get('wall', {}).channels?.find(Boolean);
    if (wanted) this.open(wanted, parse(at) ?? undefined);
    this.timer = setInterval(this.#draw, 250);
    const holds = () => holdBook.refresh().catch(() => {}); // the next look tries again
    this.holdTimer = setInterval(holds, HOLDS_FRESH);
    holds();
    this.#draw();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    clearInterval(this.holdTimer);
    this.#feed?.stop();
    this.#undo.splice(0).forEach((undo) => undo());
    this.replaceChildren();
  }

  #build() {
    this.video = h('video', { muted: true, playsInline: true, tabIndex: -1, disablePictureInPicture: true });
    this.still = h('canvas', { class: 'tile-still', hidden: true });
    this.picture = h('div', { class: 'tile-picture' }, this.video, this.still);
    this.stage = h('div', { class: 'stage tile' }, this.picture, this.mark = h('picture-mark'),
      h('div', { class: 'tile-hatch', 'aria-hidden': 'true' }),
      this.card = h('div', { class: 'tile-card', 'aria-live': 'polite' },
        this.cardShape = h('div', { class: 'tile-card-shape' }), this.head = h('div', { class: 'tile-head' }),
        this.text = h('div', { class: 'tile-text' }), this.ask = h('div', { class: 'tile-ask' })),
      h('div', { class: 'tile-strip strip-fixed' }, this.strip = h('span', { class: 'tile-name' }),
        this.badges = h('span', { class: 'tile-badges' })),
      this.downloads = h('download-list'),
      this.chip = h('selection-chip', { hidden: true }),
      this.notice = h('div', { class: 'gap-notice', role: 'status', 'aria-live': 'polite', hidden: true }));
    this.zoom = new PictureZoom(this.stage, this.picture, this.video);
    const button = (name, title, run, id) => h('button',
      { class: 'quiet', tTitle: title, tLabel: title, id, onclick: run }, icon(name));
    this.bar = h('div', { class: 'transport' },
      this.time = h('div', { class: 'transport-time num', data: { position: '' } }),
      h('div', { class: 'transport-buttons' },
        button('stepBack', 'key.frameBack', () => this.#feed?.step(-1)),
        this.playButton = button('play', 'key.play', () => this.toggle(), 'play'),
        button('stepForward', 'key.frameOn', () => this.#feed?.step(1)),
        button('live', 'key.edge', () => this.#edge(), 'edge')),
      this.sources = h('div', { class: 'segments sources', role: 'radiogroup', tLabel: 'playback.source', hidden: true },
        ['own', 'device'].map((source) => h('button', { class: 'segment', role: 'radio', data: { source },
          tTitle: 'key.source', onclick: () => this.setSource(source) }, h('span', { t: `playback.source.${source}` })))),
      this.rates = h('div', { class: 'segments rates', role: 'radiogroup', tLabel: 'playback.rate' },
        RATES.map((r) =>
        h('button', { class: 'segment num', role: 'radio', data: { rate: r }, onclick: () => this.setRate(r) },
          h('span', {}, rateText(r).slice(0, -1)), h('span', { class: 'times' }, '×')))),
      h('span', { class: 'spacer' }),
      h('button', { class: 'quiet', tTitle: 'key.selectFrom', onclick: () => this.#mark('from') },
        icon('bracketLeft')),
      h('button', { class: 'quiet', tTitle: 'key.selectTo', onclick: () => this.#mark('to') },
        icon('bracketRight')),
      button('snapshot', 'key.snapshot', () => this.#snapshot()),
      button('calendar', 'calendar.title', () => this.#calendar(), 'calendar'),
      this.compare = h('button', { class: 'quiet', tTitle: 'playback.lanes', 'aria-pressed': 'false',
        id: 'lanes', onclick: () => this.#lanes() }, icon('queue')));
    this.line = h('time-line', { asksDevice: true });
    Object.assign(this.chip, { line: this.line, bitrate: () => this.#feed?.facts?.bitrate });
    this.append(this.stage, this.bar, this.line);
    this.line.others = (prefs.get('wall', {}).channels ?? []).filter(Boolean);
  }

  #bind() {
    const run = {
      play: () => this.toggle(), back10: () => this.#jump(-10000), on10: () => this.#jump(10000),
      back1: () => this.#jump(-1000), on1: () => this.#jump(1000),
      frameBack: () => this.#feed?.step(-1), frameOn: () => this.#feed?.step(1),
      reverse: () => this.#faster(-1), pause: () => this.#hold(true),
      forward: () => this.#faster(1), dayStart: () => this.seek(startOfDay(this.line.head ?? now())),
        edge: () => this.#edge(), nextEvent: () => this.#event(1),
      previousEvent: () => this.#event(-1), selectFrom: () => this.#mark('from'),
      selectTo: () => this.#mark('to'), source: () => this.setSource(this.source === 'own' ? 'device' : 'own'),
      export: () => this.chip.export(), keep: () => this.chip.keep(),
      holds: () => this.#channel && listHolds(this.#channel),
      zoomIn: () => this.line.zoom(-1), zoomOut: () => this.line.zoom(1), snapshot: () => this.#snapshot(),
      mute: () => (this.video.muted = !this.video.muted),
    };
    setArea('playback');
    this.#undo.push(bind('playback', KEY_MAP.playback.map((c) => ({ ...c, run: run[c.id] }))));
  }

  openChannel(channel) {
    this.open(channel);
  }

  back() {
    this.line.select(null, null);
  }

  /** Opens a camera at a moment; without one, a minute before now. */
  async open(channel, at = now() - 60000) {
    if (channel !== this.#channel) {
      this.#feed?.stop();
      this.still.hidden = true;
      this.#channel = channel;
      prefs.set('playbackChannel', channel);
      this.#player = new StreamPlayer(this.video, this.still, { live: false });
      this.#feed = new ReplayFeed(this.#player, this.video, channel);
      this.#feed.addEventListener('refused', ({ detail }) => toast(detail.sentence, 'warn', 8000));
      this.source = this.chip.source = 'own';
      this.#feed.addEventListener('state', this.#draw);
      this.#feed.addEventListener('position', this.#draw);
      this.#feed.addEventListener('gap', ({ detail }) =>
        this.#gap(parse(detail.from), parse(detail.to), detail.cause));
      this.line.channel = channel;
      this.line.select(null, null);
      this.panel.show(channel, { feed: this.#feed, player: this.#player, video: this.video });
    }
    this.line.centreOn(at);
    this.line.setHead(at);
    await this.#known();
    if (this.isConnected && channel === this.#channel) this.seek(at, { open: true });
    this.#draw();
  }

  /** Waits for the spans around the playhead, not longer than a second: a seek can do without. */
  #known() {
    this.line.refresh();
    if (this.line.data.of(this.#channel)) return Promise.resolve();
    return new Promise((done) => {
      this.line.data.addEventListener('change', done, { once: true });
      setTimeout(done, 1000);
    });
  }

  /** Whose recordings are replayed: ours, or those on board of the device. */
  setSource(source) {
    if (!this.#feed || source === this.source || (source === 'device' && !this.line.onBoard)) return;
    const at = this.#elsewhere() ?? this.#feed.position ?? this.line.head ?? now() - 120000;
    this.source = this.#feed.source = this.chip.source = source;
    this.#feed.rate = 1;
    this.chip.draw();
    this.seek(at, { open: true });
    this.#draw();
  }

  /** The moment just asked for that only the device has, while the notice about it is fresh. */
  #elsewhere() {
    return this.missed && performance.now() - this.missed.told < MISSED ? this.missed.at : null;
  }

  /** What can be replayed of the chosen source. */
  get #spans() {
    return this.source === 'device' ? this.line.onBoard : this.line.data.of(this.#channel);
  }

  /** Moves to a moment; lands on the next recorded second and says what was skipped. */
  seek(at, { open = false } = {}) {
    if (!this.#feed) return;
    const bound = Math.min(at, now() - 1500);
    const data = this.#spans;
    const inside = data && bound >= data.from && bound <= data.to;
    const found = inside ? snap(data, bound) : { at: bound, gap: null };
    const there = this.source === 'own' && this.line.onBoard?.recorded.some((s) => bound >= s.from && bound < s.to);
    this.missed = found.gap && there ? { at: bound, told: performance.now() } : null;
    if (found.at === null) {
      this.#gap(found.gap.from, found.gap.to, found.gap.cause);
      if (!open) return;
    }
    if (found.gap && found.at !== null) this.#gap(bound, found.at, found.gap.cause);
    const target = found.at ?? bound;
    this.line.setHead(target);
    if (open) this.#feed.open(target, now());
    else this.#feed.seek(target);
  }

  #gap(from, to, cause) {
    this.gap = { from, to, cause };
    this.#sayGap();
    this.notice.hidden = false;
    this.notice.dataset.cause = cause;
    clearTimeout(this.noticeTimer);
    this.noticeTimer = setTimeout(() => (this.notice.hidden = true), 4000);
  }

  #sayGap() {
    if (!this.gap) return;
    const words = t('playback.gap', { from: clock(this.gap.from), to: clock(this.gap.to),
      cause: tCode('gap', this.gap.cause, this.gap.cause) });
    put(this.notice, this.#elsewhere() === null ? words : `${words} · ${t('playback.gapOnDevice')}`);
  }

  toggle() {
    if (!this.#feed) return;
    if (this.#feed.state.name === 'error') this.#feed.open(this.line.head ?? now() - 60000, now());
    else this.#hold(!this.#feed.paused);
  }

  #hold(paused) {
    this.#feed?.setPaused(paused);
    this.#draw();
  }

  setRate(r) {
    if (!this.#feed) return;
    this.#feed.setRate(r);
    if (this.#feed.paused) this.#hold(false);
    this.#draw();
  }

  /** `j` and `l`: play that way; again is faster. */
  #faster(way) {
    if (!this.#feed) return;
    const same = this.#feed.rate * way > 0 && !this.#feed.paused;
    const row = RATES.filter((r) => r * way >= 1).sort((a, b) => Math.abs(a) - Math.abs(b));
    const at = same ? row.indexOf(this.#feed.rate) : -1;
    this.setRate(row[Math.min(row.length - 1, at + 1)]);
  }

  #jump(ms) {
    const at = this.#feed?.position ?? this.line.head;
    if (at !== null && at !== undefined) this.seek(at + ms);
  }

  #edge() {
    this.setRate(1);
    // A device closes its files in its own time.
    const edge = this.source === 'device' ? (this.line.onBoard?.recorded.at(-1)?.to ?? now()) - 10000 : now() - 4000;
    this.seek(edge);
    this.line.centreOn(edge);
  }

  #event(way) {
    const at = this.#feed?.position ?? this.line.head;
    const list = this.source === 'device' ? (this.#spans?.recorded ?? []).flatMap((s) => [s.from, s.to])
      : edges(this.#spans);
    const found = way > 0 ? list.find((e) => e > at + 1500) : list.findLast((e) => e < at - 1500);
    if (found === undefined) toast(t('playback.noEvent'), 'warn');
    else {
      this.line.centreOn(found);
      this.seek(way > 0 ? found : found - 1000);
    }
  }

  #mark(end) {
    const at = this.#feed?.position ?? this.line.head;
    if (at === null || at === undefined) return;
    const { from, to } = this.line.selection;
    const next = { from, to, [end]: at };
    if (next.from !== null && next.to !== null && next.from > next.to) next[end === 'from' ? 'to'
      : 'from'] = null;
    this.line.select(next.from, next.to);
  }

  async #snapshot() {
    const wall = this.#feed?.position;
    if (!this.video.videoWidth || wall === null || wall === undefined) {
      toast(t('snapshot.none'), 'warn');
      return;
    }
    const name = await saveSnapshot(this.video, this.still, {
      channel: this.#channel, name: directory.brief(this.#channel).name, wall, kind: 'playback',
      state: this.#feed.state.name, media: this.video.currentTime,
    });
    toast(t('snapshot.saved', { name }));
  }

  async #calendar() {
    if (!this.#channel) return;
    const day = await pickDay(this.#channel, this.line.head ?? now());
    if (!day) return;
    this.line.setLevel(LADDER.indexOf(86400000));
    this.line.centreOn(day + 43200000);
    await this.#known();
    this.seek(day);
  }

  #lanes() {
    const on = !this.line.lanes.length;
    this.line.lanes = on ? this.line.others.filter((c) => c !== this.#channel).slice(0, 5) : [];
    this.compare.setAttribute('aria-pressed', String(on && this.line.lanes.length > 0));
    if (on && !this.line.lanes.length) toast(t('playback.noLanes'), 'warn');
    this.line.refresh();
  }

  /** Draws what depends on the state of the replay. */
  #show() {
    if (!this.isConnected) return;
    const feed = this.#feed;
    const name = feed?.state.name ?? 'empty';
    this.stage.dataset.state = { playing: 'live', paused: 'live', ended: 'live' }[name] ?? name;
    this.dataset.state = name;
    this.dataset.channel = this.#channel ?? '';
    const at = feed?.position ?? null;
    if (at !== null) this.line.setHead(at);
    this.line.playing = name === 'playing';
    put(this.time, at === null ? '––––-––-–– ––:––:––' : `${stamp(at, true)}`);
    this.time.title = at === null ? '' : `${zoneLabel(at)} · ${iso(at)}`;
    const play = name === 'playing' || (name === 'connecting' && !feed.paused) ? 'pause' : 'play';
    if (this.playButton.dataset.icon !== play) {
      this.playButton.dataset.icon = play;
      fill(this.playButton, icon(play));
    }
    this.#showRates(feed);
    this.sources.hidden = !this.line.onBoard?.recorded.length && this.source !== 'device';
    for (const b of this.sources.children) b.setAttribute('aria-checked', String(b.dataset.source === this.source));
    this.dataset.source = this.source ?? 'own';
    put(this.strip, this.#channel ? directory.brief(this.#channel).name : '');
    this.#cardFor(name, feed);
    if (feed) this.mark.keep(this.stage, this.picture, feed.marked);
    const word = t(`replay.${name}`);
    const badge = [this.source === 'device' ? h('span', { class: 'badge', data: { badge: 'device' } },
      t('playback.onDevice')) : null, h('span', { class: `badge ${name === 'playing' ? 'replay' : ''}`,
      data: { badge: 'replay' } }, feed && feed.rate !== 1 ? `${word} ${rateText(feed.rate)}` : word)].filter(Boolean);
    if (feed?.transcoded) badge.push(h('span', { class: 'badge warn', t: 'badge.transcoded' }));
    const key = badge.map((b) => b.textContent).join();
    if (this.badges.dataset.key !== key) {
      this.badges.dataset.key = key;
      fill(this.badges, badge);
    }
    const bits = this.#player && performance.now() - (this.counted ?? 0) > 1000 ? this.#bits() : null;
    this.#goOn(name, at);
    if (bits !== null) fill(this.frame.figures, h('span', {}, rate(bits)),
      h('span', {}, feed?.firstPicture ? t('playback.first', { n: feed.firstPicture }) : ''));
  }

  /** Rates that a device does not know cannot be chosen, and say why. */
  #showRates(feed) {
    const known = this.source === 'device' ? feed?.facts?.rates : null;
    for (const b of this.rates.children) {
      const r = Number(b.dataset.rate);
      b.setAttribute('aria-checked', String(r === (feed?.rate ?? 1)));
      const off = Boolean(known) && !known.includes(r);
      if (b.disabled !== off) {
        b.disabled = off;
        b.title = off ? t('playback.rateUnknown', { rates: known.map(rateText).join(' ') }) : '';
      }
    }
  }

  /** A replay ends where the recording ended when it was opened; what was recorded since is added. */
  #goOn(name, at) {
    if (name !== 'ended' || this.source === 'device' || at === null || this.#feed.rate < 0
      || performance.now() - (this.wentOn ?? 0) < 5000) return;
    const next = snap(this.#spans, at + 1000).at;
    if (next === null || next > now() - 6000) return;
    this.wentOn = performance.now();
    this.seek(next, { open: true });
  }

  #bits() {
    const elapsed = performance.now() - (this.counted ?? performance.now());
    const amount = this.#player.received - (this.bytesBefore ?? 0);
    this.counted = performance.now();
    this.bytesBefore = this.#player.received;
    return elapsed > 0 ? Math.max(0, (amount * 8000) / elapsed) : 0;
  }

  #cardFor(name, feed) {
    const shape = { connecting: 'spinner', stale: 'frozen', error: 'error', empty: 'playback',
      ended: 'check' }[name] ?? '';
    if (this.cardShape.dataset.shape !== shape) {
      this.cardShape.dataset.shape = shape;
      fill(this.cardShape, shape === 'spinner' ? h('span', { class: 'spinner' }) : shape
        ? icon(shape, 30) : null);
    }
    const quick = name === 'connecting' && performance.now() - feed.state.since < 400;
    let head = '';
    let text = '';
    if (name === 'connecting' && !quick) head = stepText(feed.state.step) || t('state.connecting');
    const queue = name === 'connecting' && this.source === 'device' ? feed.facts?.queue : null;
    if (queue) {
      head = t('replay.inQueue');
      text = t('replay.queued', { holder: queue.holder, since: clock(parse(queue.since)), n: queue.ahead + 1 });
    }
    if (name === 'stale') [head, text] = [t('replay.stale'),
      feed.state.cause ? causeText(feed.state.cause) : ''];
    if (name === 'error') [head, text] = [causeText(feed.state.cause),
      [feed.state.cause?.detail, feed.state.cause?.fix].filter(Boolean).join(' ')];
    if (name === 'empty') [head, text] = [t('playback.empty'), t('playback.emptyHint')];
    const reason = name === 'error' ? feed.state.cause?.reason ?? '' : '';
    if (this.ask.dataset.reason !== reason) {
      this.ask.dataset.reason = reason;
      fill(this.ask, deniedActions(reason, this.#channel, 'replay'));
    }
    this.stage.classList.toggle('denied', Boolean(reason));
    put(this.head, head);
    put(this.text, text);
    this.card.hidden = !head;
  }
}

customElements.define('playback-page', PlaybackPage);
