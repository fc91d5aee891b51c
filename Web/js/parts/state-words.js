// What a tile says about its picture: a shape, a headline and a sentence for every state.

import { has, t, tCode } from '../lib/i18n.js';
import { parse, since, span } from '../lib/zone.js';
import { directory } from '../lib/directory.js';

const CALM = { connecting: 'spinner', queued: 'queue', live: 'live', stale: 'frozen', offline: 'offline',
  denied: 'lock', error: 'error', idle: 'camera' };

/** {shape, word, head, text, again} for the state of a live feed. */
export function describe(feed, at = performance.now()) {
  const { name, since: began, step, cause, place, retryAt } = feed.state;
  const out = { shape: CALM[name] ?? 'info', word: t(`state.${name}`), head: t(`state.${name}`), text: '',
    again: '' };
  const again = () => (retryAt ? t('state.again', { t: span(Math.max(0, retryAt - at)) }) : '');
  if (name === 'connecting') {
    out.text = t('state.step', { step: stepText(step), s: ((at - began) / 1000).toFixed(1) });
  } else if (name === 'queued') out.text = t('state.place', { n: place });
  else if (name === 'stale') {
    out.head = t('state.frozen', { t: span(at - began) });
    out.word = out.head;
    if (cause) out.text = causeText(cause);
    out.again = again();
  } else if (name === 'offline') {
    const when = parse(directory.cached(feed.channel)?.since);
    out.head = when === null ? t('state.offline') : t('state.offlineSince', { t: since(when) });
    out.text = cause?.fix ?? '';
  } else if (name === 'denied' || name === 'error') {
    out.head = name === 'denied' ? t('state.denied') : causeText(cause);
    out.text = [name === 'denied' ? causeText(cause) : '', ...(cause?.reason ? [] : [cause?.detail, cause?.fix])]
      .filter(Boolean).join(' ');
    out.code = cause?.code;
    out.again = again();
  }
  return out;
}

/** A step such as `inviting:udp`: what is being done, and by which transport. */
export function stepText(step) {
  const [name, path] = String(step ?? '').split(':');
  return tCode('step', name, name) + (path ? ` · ${tCode('transport', path, path)}` : '');
}

/** A cause in the language of the console when the code is known, else what the server said. */
export function causeText(cause) {
  if (!cause) return t('cause.unknown');
  const denial = `denial.${cause.reason}`;
  return cause.reason && has(denial) ? t(denial) : tCode('cause', cause.code, cause.text);
}
