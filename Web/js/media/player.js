// One WebSocket of fragmented MP4 into one video element.
//
// The last picture never turns black: before the decoder is torn down (a new initialisation segment, a seek,
// a reconnect) the frame on screen is copied to the still canvas, which goes away with the next new frame.

import { Source, canPlay } from './codecs.js';
import { isInit, pictureTimes, pictureTrackOf, trackOf, withoutTrack } from './fmp4.js';

const KEEP_BEHIND = 12; // seconds of played media kept for stepping back
const MAX_QUEUE = 24 * 1024 * 1024; // bytes waiting for the decoder before the oldest are given up
const TARGET = { least: 0.45, most: 1.5 }; // seconds behind the live edge
const AUDIO_TRACK = 2;
const START_PATIENCE = 3000; // ms to wait for the place where playing should begin
const AUDIO_PATIENCE = 2500; // ms that pictures may wait for announced sound
const STANDS_AFTER = 700; // ms without a new picture after which a hole in the buffer is looked for
const CRAWLS_AFTER = 2000; // ms over which a picture is watched that gets on by next to nothing with enough to show

/**
 * Events: `tracks` {codecs,width,height,audio}, `picture` (first new frame after open or reset), `position` {wall,media,rate},
 * `gap` {from,to,cause}, `ended`, `dropped` {groups}, `unsupported` {codecs}, `broken` {reason}, `closed` {code}.
 */
export class StreamPlayer extends EventTarget {
  #video;
  #still;
  #live;
  #socket = null;
  #source = null;
  #buffer = null;
  #queue = [];
  #queued = 0;
  #timer = 0;
  #started = false;
  #target = TARGET.least;
  #waiting = 0;
  #fedAt = 0; // first media after the decoder was set up
  #generation = 0;
  #pace = { at: 0, time: -1 }; // where the picture was when its pace was last looked at
  #shown = { at: 0, time: -1 }; // when the time of the picture last changed
  #mute = false; // audio is left out because it does not arrive
  #track = null; // of the pictures, of a replay
  #pictures = []; // media seconds of the pictures received, ascending; of a replay
  tracks = null;
  lastData = 0; // performance.now() of the last media bytes
  received = 0; // bytes
  droppedGroups = 0;
  holding = false; // paused by the user (replay)
  startAt = null; // media seconds where playing begins after the next reset; what comes before is passed over
  ignoring = false; // media until the next reset belongs to an old position

  constructor(video, still, { live }) {
    super();
    this.#video = video;
    this.#still = still;
    this.#live = live;
    video.addEventListener('waiting', () => {
      if (!this.#started) return;
      this.#waiting = performance.now();
      if (this.#live) this.#target = Math.min(TARGET.most, this.#target + 0.15);
    });
    video.addEventListener('playing', () => (this.#waiting = 0));
    video.addEventListener('error', () => {
      if (this.#source && video.error) this.#broken(video.error.message || `media error ${video.error.code}`);
    });
  }

  /** Seconds between the newest picture received and the one shown. */
  get lag() {
    const { buffered } = this.#video;
    return buffered.length ? Math.max(0, buffered.end(buffered.length - 1) - this.#video.currentTime) : 0;
  }

  /** Milliseconds since the picture on screen last moved on. */
  get stillFor() {
    return performance.now() - this.#shown.at;
  }

  get connected() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  open(url) {
    this.close();
    const address = new URL(url, location.href);
    address.protocol = address.protocol.replace(/^http/, 'ws');
    const socket = new WebSocket(address);
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      if (typeof data === 'string') this.#control(data);
      else this.#media(new Uint8Array(data));
    };
    socket.onclose = ({ code }) => {
      if (socket !== this.#socket) return;
      this.#socket = null;
      this.#emit('closed', { code });
    };
    this.#socket = socket;
    this.#timer = setInterval(() => this.#tick(), 200);
  }

  /** Lets go of the network and the decoder; the last picture stays on the still canvas. */
  close() {
    clearInterval(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#teardown();
    this.tracks = null;
    this.startAt = null;
    this.ignoring = false;
  }

  hold(paused) {
    this.holding = paused;
    if (paused) this.#video.pause();
    else this.#play();
  }

  /** Copies the picture on screen to the still canvas. */
  keepPicture() {
    const { videoWidth, videoHeight } = this.#video;
    if (!videoWidth || this.#video.readyState < 2) return;
    this.#still.width = videoWidth;
    this.#still.height = videoHeight;
    this.#still.getContext('2d').drawImage(this.#video, 0, 0);
    this.#still.hidden = false;
  }

  clearPicture() {
    this.#still.hidden = true;
  }

  /** Moves to a media time when it is in the buffer. */
  moveTo(seconds) {
    const { buffered } = this.#video;
    for (let i = 0; i < buffered.length; i += 1) {
      if (seconds >= buffered.start(i) - 0.02 && seconds <= buffered.end(i)) {
        this.#video.currentTime = Math.max(seconds, buffered.start(i));
        return true;
      }
    }
    return false;
  }

  /**
   * The media time of the picture after (1) or before (-1) the one that is shown at a media time; null when it is
   * not here. Cameras do not keep an even beat, so only the pictures themselves can tell.
   */
  neighbour(seconds, direction) {
    const after = this.#pictures.findIndex((at) => at > seconds + 0.0005);
    const index = direction > 0 ? after : (after < 0 ? this.#pictures.length : after) - 2;
    // A hair into the picture, so that rounding cannot show the one before.
    return index >= 0 && index < this.#pictures.length ? this.#pictures[index] + 0.001 : null;
  }

  #note(bytes) {
    if (isInit(bytes)) this.#track = pictureTrackOf(bytes);
    if (!this.#track) return;
    for (const at of pictureTimes(bytes, this.#track)) {
      let place = this.#pictures.length;
      while (place > 0 && this.#pictures[place - 1] > at) place -= 1;
      if (this.#pictures[place - 1] !== at) this.#pictures.splice(place, 0, at);
    }
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #control(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (message.type === 'tracks' || message.type === 'reset') {
      this.tracks = { ...this.tracks, ...message };
      this.ignoring = false;
      this.#teardown();
      if (!this.tracks.codecs || !canPlay(this.tracks.codecs)) this.#emit('unsupported', this.tracks);
      else this.#setUp();
      this.#emit('tracks', this.tracks);
    } else if (message.type === 'dropped') {
      this.droppedGroups += message.groups ?? 1;
      this.#emit('dropped', message);
    } else if (['position', 'gap', 'ended'].includes(message.type)) this.#emit(message.type, message);
  }

  #setUp() {
    const generation = (this.#generation += 1);
    const source = new Source();
    this.#source = source;
    this.#started = false;
    this.#fedAt = 0;
    this.#shown = { at: performance.now(), time: -1 };
    this.#target = TARGET.least;
    if (self.ManagedMediaSource
      && source instanceof self.ManagedMediaSource) this.#video.disableRemotePlayback = true;
    source.addEventListener('sourceopen', () => {
      if (generation !== this.#generation) return;
      URL.revokeObjectURL(this.#video.src);
      const codecs = this.#mute ? this.tracks.codecs.split(',').filter((c) =>
        !c.trim().startsWith('mp4a')).join(',') : this.tracks.codecs;
      try {
        this.#buffer = source.addSourceBuffer(`video/mp4; codecs="${codecs}"`);
      } catch (error) {
        this.#emit('unsupported', { ...this.tracks, reason: error.message });
        return;
      }
      this.#buffer.addEventListener('updateend', () => generation === this.#generation && this.#appended());
      this.#pump();
    }, { once: true });
    this.#video.src = URL.createObjectURL(source);
  }

  #teardown() {
    this.#generation += 1;
    if (this.#source) {
      this.keepPicture();
      this.#video.removeAttribute('src');
      this.#video.load();
    }
    this.#source = this.#buffer = null;
    this.#queue = [];
    this.#queued = 0;
    this.#pictures = [];
    this.#started = false;
    this.#waiting = 0;
  }

  #media(bytes) {
    this.received += bytes.length;
    if (this.ignoring || !this.#source) return;
    this.lastData = performance.now();
    this.#fedAt ||= this.lastData;
    if (this.#mute) {
      if (isInit(bytes)) bytes = withoutTrack(bytes, AUDIO_TRACK);
      else if (trackOf(bytes) === AUDIO_TRACK) return;
    }
    if (!this.#live) this.#note(bytes);
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    if (this.#queued > MAX_QUEUE) this.#broken('decoder too slow');
    else this.#pump();
  }

  #pump() {
    const buffer = this.#buffer;
    if (!buffer || buffer.updating || !this.#queue.length || this.#source?.readyState !== 'open') return;
    const size = this.#queued;
    const all = this.#queue.length === 1 ? this.#queue[0] : new Uint8Array(size);
    if (this.#queue.length > 1) {
      let at = 0;
      for (const piece of this.#queue) {
        all.set(piece, at);
        at += piece.length;
      }
    }
    try {
      buffer.appendBuffer(all);
      this.#queue = [];
      this.#queued = 0;
    } catch (error) {
      if (error.name === 'QuotaExceededError') this.#trim(2);
      else this.#broken(error.message);
    }
  }

  #appended() {
    const { buffered } = this.#video;
    const last = buffered.length ? buffered.end(buffered.length - 1) : 0;
    const waits = this.startAt !== null && last <= this.startAt + 0.01
      && performance.now() - this.#fedAt < START_PATIENCE;
    if (!this.#started && buffered.length && !waits) {
      const first = Math.max(buffered.start(0), Math.min(this.startAt ?? 0, last - 0.04));
      this.startAt = null;
      this.#video.currentTime = this.#live ? Math.max(first, last - this.#target) : first;
      this.#started = true;
      this.#announcePicture();
      this.#play();
    }
    this.#pump();
  }

  #announcePicture() {
    const generation = this.#generation;
    let done = false;
    const show = () => {
      if (done || generation !== this.#generation) return;
      done = true;
      this.clearPicture();
      this.#emit('picture', {});
    };
    this.#video.requestVideoFrameCallback?.(show);
    // A tab in the background presents no frames, but its pictures are decoded all the same.
    this.#video.addEventListener('timeupdate', () => this.#video.readyState >= 2 && show(), { once: true });
  }

  #play() {
    // A paused replay still shows the picture it was moved to.
    if (!this.holding) this.#video.play().catch(() => {});
  }

  #trim(behind) {
    const end = this.#video.currentTime - behind;
    const { buffered } = this.#video;
    if (this.#buffer && !this.#buffer.updating && buffered.length && buffered.start(0) < end - 1) {
      this.#buffer.remove(0, end);
      this.#pictures = this.#pictures.filter((at) => at >= end);
    }
  }

  #tick() {
    const video = this.#video;
    const { buffered } = video;
    const hungry = !buffered.length || (this.#waiting && performance.now() - this.#waiting > AUDIO_PATIENCE);
    if (this.tracks?.audio && !this.#mute && hungry && this.#fedAt
      && this.lastData - this.#fedAt > AUDIO_PATIENCE
      && performance.now() - this.lastData < 1000) {
      // Sound was announced but does not come: the picture must not wait for it.
      this.#mute = true;
      this.#broken('no sound');
      return;
    }
    if (!this.#started || !buffered.length) return;
    if (video.currentTime !== this.#shown.time) this.#shown = { at: performance.now(),
      time: video.currentTime };
    const end = buffered.end(buffered.length - 1);
    const ahead = end - video.currentTime;
    // A picture that plays from a hole's edge on never says that it waits.
    const stands = !this.holding && video.readyState < 3 && performance.now() - this.#shown.at > STANDS_AFTER;
    if (this.#waiting || stands || video.currentTime < buffered.start(0)) this.#overGap();
    if (performance.now() - this.#pace.at > CRAWLS_AFTER) {
      const step = Math.abs(video.currentTime - this.#pace.time);
      if (!this.holding && video.readyState < 3 && step < 0.3 && this.#standsInPlenty()) this.#nudge();
      this.#pace = { at: performance.now(), time: video.currentTime };
    }
    if (this.#live) {
      const late = ahead - this.#target;
      // Catching up is not heard in a silent tile, so it may be quicker there.
      if (late > 2.5) video.currentTime = end - this.#target;
      else if (late > 0.3) video.playbackRate = 1 + Math.min(video.muted ? 0.35 : 0.1, 0.05 + late * 0.15);
      else if (late < 0.1) video.playbackRate = 1;
      this.#target = Math.max(TARGET.least, this.#target - 0.002);
    }
    if (video.paused && !this.holding && !document.hidden) this.#play();
    if (video.currentTime - buffered.start(0) > KEEP_BEHIND + 4) this.#trim(KEEP_BEHIND);
  }

  /** Jumps a hole in the buffer that the decoder would wait at for ever. */
  #overGap() {
    const video = this.#video;
    for (let i = 0; i < video.buffered.length; i += 1) {
      const start = video.buffered.start(i);
      if (start > video.currentTime && start - video.currentTime < 5) {
        video.currentTime = start + 0.01;
        return;
      }
    }
  }

  /** Whether there is enough to show where it stands. */
  #standsInPlenty() {
    const { buffered, currentTime } = this.#video;
    for (let i = 0; i < buffered.length; i += 1) {
      if (currentTime >= buffered.start(i) - 0.02 && currentTime < buffered.end(i) - 1) return true;
    }
    return false;
  }

  /** Chromium, brought over a hole with one picture behind it, may crawl for ever: a jump has it begin anew. */
  #nudge() {
    this.#video.currentTime += 0.5;
  }

  #broken(reason) {
    this.#emit('broken', { reason });
  }
}
