// Alarms as the whole console knows them: how many wait for a person, and what is new.

import { may } from './account.js';
import { api } from './api.js';
import { serverEvents } from './events.js';
import { prefs } from './prefs.js';

const GATHER = 300; // ms in which alarms make one look at the count

/** Announces `count` when another number waits, and `alarm` {alarm, isNew} for everything the server says. */
class AlarmBook extends EventTarget {
  waiting = 0;
  #timer = 0;
  #highest = 0;

  constructor() {
    super();
    serverEvents.addEventListener('alarm', ({ detail }) => this.#take(detail));
    serverEvents.addEventListener('link', ({ detail }) => detail.up && this.refresh());
  }

  /** Whether new alarms are shown over every page, and whether they are heard. */
  get tells() {
    return prefs.get('alarmTells', true);
  }

  get rings() {
    return prefs.get('alarmRings', false);
  }

  setTells(on) {
    prefs.set('alarmTells', on);
  }

  setRings(on) {
    prefs.set('alarmRings', on);
    if (on) ring();
  }

  #take(alarm) {
    const number = Number(alarm.id);
    const isNew = number > this.#highest && !alarm.acknowledged;
    this.#highest = Math.max(this.#highest, number);
    this.dispatchEvent(new CustomEvent('alarm', { detail: { alarm, isNew } }));
    if (isNew && this.rings) ring();
    this.refresh();
  }

  /** Asks again how many wait; bursts make one question. */
  refresh() {
    if (!may('viewAlarms')) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      try {
        const { total, items } = await api.get('/alarms?acknowledged=false&limit=1');
        if (items[0]) this.#highest = Math.max(this.#highest, Number(items[0].id));
        if (total === this.waiting) return;
        this.waiting = total ?? 0;
        this.dispatchEvent(new Event('count'));
      } catch {
        // The next alarm asks again.
      }
    }, GATHER);
  }

  clear() {
    clearTimeout(this.#timer);
    this.waiting = this.#highest = 0;
  }
}

let sound;

/** Two short tones, made here: no file has to be loaded for an alarm. */
function ring() {
  try {
    sound ??= new AudioContext();
    for (const [at, pitch] of [[0, 880], [0.16, 660]]) {
      const tone = sound.createOscillator();
      const volume = sound.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.12, sound.currentTime + at);
      volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + at + 0.14);
      tone.connect(volume).connect(sound.destination);
      tone.start(sound.currentTime + at);
      tone.stop(sound.currentTime + at + 0.15);
    }
  } catch {
    // A browser that lets no page sound before it is touched shows the alarm all the same.
  }
}

export const alarmBook = new AlarmBook();
